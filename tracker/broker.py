"""Messages as files: Kombu's own transport, but for how a file appears.

Kombu writes into a file that a worker may read at that moment; the worker then finds half a message and stops. Here a
message is written under a name that nobody looks for, and renamed when it is whole.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **options: Any) -> None:  # type: ignore[override]  # the stubs differ
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f".{name}"
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.rename(folder / name)
        except OSError as wrong:
            raise ChannelError(f"No message can be written to {folder}.") from wrong


class Transport(filesystem.Transport):
    Channel = Channel
