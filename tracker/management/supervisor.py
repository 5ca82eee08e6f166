"""Keeps processes running: starts again what dies or hangs, and leaves nothing behind (docs/adr/0015).

Each service has a process group of its own. It is ended and started as a whole, for what a dead leader leaves
holds its port, its messages and its jobs. Whoever says that a service lives, says so by its number (its process id
and a line break) in a pipe: the leader, whose silence ends the group, and other members, whose silence ends
themselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

log = logging.getLogger(__name__)

LOOK = 0.25  # seconds between two looks at everything
FIRST_SIGN = 60.0  # seconds that a service may take to begin
MEMBER_SILENT = 30.0  # seconds: as long as a job may stand still before another attempt takes it
SETTLED = 10.0  # seconds after which a death is a first one again
PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0)  # seconds before the first, second … start in a row
STUCK = b"stuck"
GUARD = Path(__file__).with_name("guard.py")
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Service:
    """What to run. With `silence` (seconds) it is given `--heartbeat` and the number of a pipe; after a group that
    ended `--ended` and the ids of its processes, and `--stuck` where it said that it was."""

    name: str
    command: tuple[str, ...]
    silence: float | None = None


class Group:
    """A service, and its processes of the moment."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.leader: subprocess.Popen[bytes] | None = None
        self.ears: int | None = None
        self.heard: dict[int, float] = {}
        self.stuck = False
        self.starts_in_a_row = 0
        self.started_at = 0.0
        self.start_at = 0.0

    def start(self) -> int:
        command = list(self.service.command)
        pipe: tuple[int, ...] = ()
        if self.service.silence is not None:
            self.ears, mouth = os.pipe()
            os.set_blocking(self.ears, False)
            os.set_blocking(mouth, False)
            pipe, command = (mouth,), [*command, "--heartbeat", str(mouth)]
            if self.heard:
                command += ["--ended", ",".join(map(str, self.heard)), *(["--stuck"] if self.stuck else [])]
        self.leader = subprocess.Popen(  # noqa: S603  (our own commands)
            command, stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=pipe
        )
        for end in pipe:
            os.close(end)
        self.heard, self.stuck, self.started_at = {}, False, time.monotonic()
        self.starts_in_a_row += 1
        return self.leader.pid

    def listen(self) -> None:
        if self.ears is None:
            return
        with contextlib.suppress(BlockingIOError):
            while said := os.read(self.ears, 65536):
                now = time.monotonic()
                for word in said.split():
                    if word == STUCK:
                        self.stuck = True
                    elif word.isdigit():
                        self.heard[int(word)] = now

    def trouble(self) -> str:
        """Why the group must end; empty where all is well. Ends single members that are silent."""
        if self.leader is None or self.service.silence is None:
            return ""
        now, leader = time.monotonic(), self.leader.pid
        if self.stuck:
            return "its processes take no work"
        if leader not in self.heard:
            return "it does not begin" if now - self.started_at > FIRST_SIGN else ""
        if now - self.heard[leader] > self.service.silence:
            return f"no sign of life for {self.service.silence:.0f} seconds"
        for member, at in list(self.heard.items()):
            if now - at > MEMBER_SILENT:
                del self.heard[member]
                with contextlib.suppress(ProcessLookupError):
                    if os.getpgid(member) == leader:
                        log.warning("%s: process %s gave no sign of life: ended", self.service.name, member)
                        os.kill(member, signal.SIGKILL)
        return ""

    def signal(self, number: signal.Signals) -> None:
        """To all of the group, or (SIGTERM) to its leader, who ends the others."""
        if self.leader is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if number == signal.SIGTERM:
                    os.kill(self.leader.pid, number)
                else:
                    os.killpg(self.leader.pid, number)

    def lives(self) -> bool:
        """Whether any process of the group is left."""
        if self.leader is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.leader.pid, 0)
            return True
        return False

    def gone(self) -> None:
        self.leader = None
        if self.ears is not None:
            os.close(self.ears)
            self.ears = None
        lived = time.monotonic() - self.started_at
        if lived > SETTLED:
            self.starts_in_a_row = 0
        pause = PAUSES[min(self.starts_in_a_row, len(PAUSES) - 1)]
        self.start_at = time.monotonic() + pause


class Supervisor:
    """Runs services until it is asked to stop (SIGINT, SIGTERM, SIGHUP); asked twice, it kills them.

    `patience`: seconds that what runs may take to end.
    """

    def __init__(self, services: list[Service], *, patience: float) -> None:
        self.groups = [Group(service) for service in services]
        self.patience = patience
        self.asked = 0
        self.guard: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        before = {
            number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        _adopt_orphans()
        try:
            while not self.asked:
                self._look()
                ears = [group.ears for group in self.groups if group.ears is not None]
                select.select(ears, [], [], LOOK)
                time.sleep(LOOK / 5)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def _look(self) -> None:
        dead = self._reap()
        if self.guard is None:
            self._start_guard()
        for group in self.groups:
            if group.leader is None:
                if time.monotonic() >= group.start_at:
                    self._tell_guard(f"+{group.start()}")
                continue
            group.listen()
            if group.leader.pid in dead:
                log.warning("%s: %s; starting it again", group.service.name, _how(dead[group.leader.pid]))
            elif why := group.trouble():
                log.warning("%s: %s; starting it again", group.service.name, why)
            else:
                continue
            self._end(group)

    def _end(self, group: Group) -> None:
        """Kills what is left of the group, and waits until nothing is: the port must be free."""
        assert group.leader is not None
        pid, limit = group.leader.pid, time.monotonic() + 5
        group.signal(signal.SIGKILL)
        while group.lives() and time.monotonic() < limit:
            self._reap()
            time.sleep(0.02)
        group.gone()
        self._tell_guard(f"-{pid}")

    def _stop(self) -> None:
        for group in self.groups:
            group.signal(signal.SIGTERM)
        limit = time.monotonic() + self.patience
        left = [group for group in self.groups if group.leader is not None]
        while left and self.asked < 2 and time.monotonic() < limit:
            dead = self._reap()
            left = [group for group in left if group.leader is not None and group.leader.pid not in dead]
            time.sleep(0.05)
        for group in self.groups:
            if group.leader is not None:
                self._end(group)
        if self.guard is not None and self.guard.stdin is not None:
            self.guard.stdin.close()
            self.guard.wait()

    def _reap(self) -> dict[int, int]:
        """Takes leave of every process that ended: its id and how (`os.waitstatus_to_exitcode`)."""
        dead: dict[int, int] = {}
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                dead[found[0]] = os.waitstatus_to_exitcode(found[1])
        ours = [group.leader for group in self.groups if group.leader is not None]
        for process in [*ours, self.guard]:
            if process is not None and process.pid in dead:
                process.returncode = dead[process.pid]
        if self.guard is not None and self.guard.pid in dead:
            assert self.guard.stdin is not None
            self.guard.stdin.close()
            self.guard = None
        return dead

    def _start_guard(self) -> None:
        self.guard = subprocess.Popen(  # noqa: S603  (our own script)
            [sys.executable, "-I", "-S", str(GUARD)], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
        )
        for group in self.groups:
            if group.leader is not None:
                self._tell_guard(f"+{group.leader.pid}")

    def _tell_guard(self, word: str) -> None:
        if self.guard is not None and self.guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.write(f"{word}\n".encode())


def _how(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"ended with status {status}"


def _adopt_orphans() -> None:
    """What a dead leader leaves becomes the supervisor's, so that nothing stays in the table of processes (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
