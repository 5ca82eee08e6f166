"""What a supervisor runs: `python -m tracker.management.supervised worker|beat`, with signs of life in a pipe.

A worker is told which processes were those of the group before it (`--ended`): their jobs wait for nobody's sign of
life, and where it was the pool that stuck (`--stuck`), that attempt was no fault of theirs.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import threading
import time
import warnings
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init, worker_ready
from celery.worker import state
from kombu.exceptions import KombuError

from tracker.celery import app
from tracker.management.supervisor import STUCK

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between signs of life
UNTAKEN = 10.0  # seconds that a message may wait while a process of the pool is free
ASKED = 3.0  # seconds that a pool that lost a process may take to answer

_pipe: int | None = None


def say(word: bytes | None = None) -> None:
    """One word to the supervisor: one's own number, or `STUCK`."""
    if _pipe is not None:
        # Full or broken: the supervisor does not listen, or is dead.
        with contextlib.suppress(OSError):
            os.write(_pipe, (word or str(os.getpid()).encode()) + b"\n")


def say_forever() -> None:
    while True:
        say()
        time.sleep(EVERY)


@worker_process_init.connect
def member_begins(**_: Any) -> None:
    threading.Thread(target=say_forever, name="signs of life", daemon=True).start()


class ConsumerLives(bootsteps.StartStopStep):
    """Signs of life from the loop that takes messages; while there is no connection, from a thread beside it.

    It also sees when the pool has stopped to take work. Without an event loop (messages in files) its processes
    share one pipe: one that is killed while it waits there holds the lock for ever, and the others wait behind it.
    So a pool that lost a process is asked to do nothing, and must begin with it soon. If it does not, the lock is
    taken from the dead, and what runs goes on; only if that does not help either (half a message was read, too), the
    group must be replaced.
    """

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.looping = False
        self.timer: Any = None
        self.waiting: dict[str, float] = {}
        self.processes: set[int] = set()
        self.asked_at: float | None = None
        self.freed = False
        threading.Thread(target=self.beside, name="signs of life", daemon=True).start()

    def beside(self) -> None:
        while True:
            if not self.looping:
                say()
            time.sleep(EVERY)

    def start(self, consumer: Any) -> None:
        self.looping = True
        self.timer = consumer.timer.call_repeatedly(EVERY, consumer.call_soon, (self.look, consumer))

    def stop(self, consumer: Any) -> None:
        self.looping = False
        if self.timer is not None:
            self.timer.cancel()

    def look(self, consumer: Any) -> None:
        say()
        if consumer.pool._pool is None:  # it stops
            return
        now, active = time.monotonic(), set(state.active_requests)
        untaken = {request.id for request in set(state.reserved_requests) - active}
        self.waiting = {name: self.waiting.get(name, now) for name in untaken}
        if consumer.hub is None:
            self.seek(consumer, now)
        if len(active) >= consumer.pool.num_processes:
            return
        untaken_too_long = any(now - since > UNTAKEN for since in self.waiting.values())
        unanswered = now - self.asked_at if self.asked_at is not None else 0.0
        wrong = untaken_too_long or unanswered > ASKED
        if wrong and consumer.hub is None and not self.freed and free(consumer.pool._pool):
            self.freed, self.waiting = True, {}
            self.ask(consumer, now)
        # Where nobody holds the lock, whoever is to take it may just be beginning.
        elif untaken_too_long or unanswered > (ASKED if self.freed else UNTAKEN):
            say(STUCK)

    def seek(self, consumer: Any, now: float) -> None:
        """Asks the pool where it has lost a process."""
        processes = {process.pid for process in consumer.pool._pool._pool}
        if self.processes - processes:
            self.freed = False
            self.ask(consumer, now)
        self.processes = processes

    def ask(self, consumer: Any, now: float) -> None:
        self.asked_at = now
        consumer.pool.on_apply(nothing, waitforslot=False, accept_callback=self.answered)

    def answered(self, *_: Any) -> None:
        self.asked_at, self.freed = None, False


def free(pool: Any) -> bool:
    """Takes from a dead process the lock that the others wait for; False where nobody holds it."""
    lock = pool._inqueue._rlock
    if not lock._semlock._is_zero():
        return False
    log.warning("a process of the pool died where it waited for work: the others wait no longer for it")
    lock.release()
    return True


def nothing() -> None:
    """What a pool is asked to do to see that it does."""


def give_back(ended: str, *, counts: bool) -> None:
    """The jobs of processes that have ended (their ids, with commas between) wait again, and a worker is sent."""
    # Django is set up when a worker is ready, and not before.
    from django.db import Error, connections

    from tracker.actions import jobs

    try:
        if jobs.give_back(workers=[jobs.worker_name(int(pid)) for pid in ended.split(",")], counts=counts):
            app.send_task("tracker.tasks.jobs.revive", retry=False)
    except (Error, KombuError, OSError):
        log.warning("no job of the ended processes could be given back: the reaper will", exc_info=True)
    finally:
        # Processes of the pool that begin later must not have it too.
        connections.close_all()


class LivingScheduler(PersistentScheduler):
    """A sign of life with each turn."""

    def tick(self, *arguments: Any, **options: Any) -> Any:
        say()
        return super().tick(*arguments, **options)


def main() -> None:
    global _pipe
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["worker", "beat"])
    parser.add_argument("--processes", type=int)
    parser.add_argument("--heartbeat", type=int, help="the number of a pipe")
    parser.add_argument("--ended", default="", help="ids of the processes of the group before")
    parser.add_argument("--stuck", action="store_true", help="that group ended because it was stuck")
    given = parser.parse_args()
    _pipe = given.heartbeat
    # It warns of messages that are pickled Python; ours are JSON, and nothing else is accepted.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    if given.role == "beat":
        app.start(["--quiet", "beat", "--scheduler", f"{LivingScheduler.__module__}:LivingScheduler"])
        return
    app.steps["consumer"].add(ConsumerLives)
    if given.ended:
        worker_ready.connect(lambda **_: give_back(given.ended, counts=not given.stuck), weak=False)
    pool = ["--pool", "prefork", *(["--concurrency", str(given.processes)] if given.processes else [])]
    app.start(["--quiet", "worker", "--without-gossip", "--without-mingle", "--without-heartbeat", *pool])


if __name__ == "__main__":
    main()
