"""A file of this process alone, for readers that want a path."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def passing_file(suffix: str = "") -> Iterator[tuple[IO[bytes], Path]]:
    """An empty file to be filled, and a path under which this process reads it meanwhile.

    It has no name in any folder, so nothing is left of it however the process ends, killed or not. Where a system has
    no such paths it has a name, and goes with the end of the block.
    """
    if OPEN_FILES.is_dir():
        with tempfile.TemporaryFile() as nameless:
            yield nameless, OPEN_FILES / str(nameless.fileno())
        return
    with tempfile.NamedTemporaryFile(suffix=suffix) as named:
        yield named, Path(named.name)
