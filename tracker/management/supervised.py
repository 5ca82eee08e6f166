"""What a supervisor runs: `python -m tracker.management.supervised worker|beat`, with signs of life in a pipe."""

from __future__ import annotations

import argparse
import contextlib
import os
import threading
import time
import warnings
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init
from celery.worker import state

from tracker.celery import app
from tracker.management.supervisor import STUCK

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
    So a pool that lost a process is asked to do nothing, and must begin with it soon.
    """

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.looping = False
        self.timer: Any = None
        self.waiting: dict[str, float] = {}
        self.processes: set[int] = set()
        self.asked_at: float | None = None
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
            self.ask(consumer, now)
        if len(active) < consumer.pool.num_processes and (
            any(now - since > UNTAKEN for since in self.waiting.values())
            or (self.asked_at is not None and now - self.asked_at > ASKED)
        ):
            say(STUCK)

    def ask(self, consumer: Any, now: float) -> None:
        processes = {process.pid for process in consumer.pool._pool._pool}
        if self.processes - processes:
            self.asked_at = now
            consumer.pool.on_apply(nothing, waitforslot=False, accept_callback=self.answered)
        self.processes = processes

    def answered(self, *_: Any) -> None:
        self.asked_at = None


def nothing() -> None:
    """What a pool is asked to do to see that it does."""


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
    given = parser.parse_args()
    _pipe = given.heartbeat
    # It warns of messages that are pickled Python; ours are JSON, and nothing else is accepted.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    if given.role == "beat":
        app.start(["--quiet", "beat", "--scheduler", f"{LivingScheduler.__module__}:LivingScheduler"])
        return
    app.steps["consumer"].add(ConsumerLives)
    pool = ["--pool", "prefork", *(["--concurrency", str(given.processes)] if given.processes else [])]
    app.start(["--quiet", "worker", "--without-gossip", "--without-mingle", "--without-heartbeat", *pool])


if __name__ == "__main__":
    main()
