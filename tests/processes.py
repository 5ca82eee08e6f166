"""What runs on this machine, by a word in its environment: also what its parent left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def running(mark: str) -> dict[int, str]:
    """Process ids and command lines of all that carry `mark` in their environment, without those that have ended."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        with suppress(OSError):
            ended = (folder / "stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
            if not ended and mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return found


def until(found: Callable[[], bool], seconds: float, what: str) -> float:
    """Waits until it is so, and returns for how long; fails after `seconds`."""
    begun = time.monotonic()
    while not found():
        assert time.monotonic() - begun < seconds, f"not within {seconds} seconds: {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


def end_all(mark: str) -> None:
    for pid in running(mark):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
