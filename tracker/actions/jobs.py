"""Jobs: asked for, claimed, run, found again when they stand still.

The Job row is the truth. A message to a worker says no more than "look at job 7"; lost, doubled and late messages
change nothing. An attempt holds the job by its token: who lost it, because it stood still for too long and another
took over, cannot finish. What a job does to the database it does inside `Running.finishing`, in one transaction with
the end of the job: exactly once, whoever is killed when. That transaction holds the row; nobody waits for it.
"""

from __future__ import annotations

import datetime
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from billiard.exceptions import SoftTimeLimitExceeded
from django.db import Error, IntegrityError, close_old_connections, connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from tracker.actions import stored_files
from tracker.models import Job, JobLine, User

log = logging.getLogger(__name__)

BEAT = 5  # seconds between signs of life
STANDS_STILL = datetime.timedelta(seconds=30)  # without one, the attempt has died
WAKE_AGAIN = datetime.timedelta(seconds=5)  # a waiting job whose message may be lost
RESULT_DAYS = 14  # what a job made is kept so long
KEPT = datetime.timedelta(days=90)  # ended jobs
# Seconds between looks at a row that somebody holds: a sign of life is written in less, an import is not.
PATIENCE = (0.02, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class JobKind:
    """A sort of job. `work` does it; `attempts`: how often it may die or fail by chance before it has failed;
    `again`: whether people may ask for it anew from its page, with what it was given."""

    name: str
    work: Callable[..., None]
    attempts: int = 5
    again: bool = True


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class LostJob(Exception):
    """Another attempt has the job now: nothing more may be done for it here."""


class StillEnding(Exception):
    """A job of the same `once` was asked to stop and has not yet. The text is for people."""

    def __init__(self) -> None:
        super().__init__("It is being stopped: try again in a moment.")


class JobFailed(Exception):
    """The job cannot be done, and trying again would not help. The text is for people."""


def moment() -> Any:
    """Now, to be written into a job and compared with what stands there. The database's clock where hosts share one:
    theirs may differ. A SQLite file has one host, and its own clock knows milliseconds only."""
    return Now() if connection.vendor == "postgresql" else timezone.now()


def enqueue(
    *,
    kind: str,
    title: str,
    by: User | None,
    once: str = "",
    again: bool = True,
    by_name: str = "",
    **parameters: Any,
) -> Job:
    """A new job that waits, or the one that waits or runs under the same `once`; with `again=False` also the one that
    has ended. Whoever calls wakes a worker for it after the transaction (`tasks.jobs.wake`).

    Raises StillEnding where that one was asked to stop: it will not do what is asked for now.
    """
    if once and (same := _same(once, again)):
        return same
    job = Job(
        kind=kind, title=title[:200], parameters=parameters, by=by,
        by_name=by.get_full_name() if by is not None else by_name or "Schedule",
        once=once, made_at=timezone.now(), woken_at=moment(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        # Somebody else made it at the same moment; it may have ended since.
        if once and (same := _same(once, again=False)):
            return same
        raise
    if connection.vendor == "postgresql":
        job.refresh_from_db(fields=["woken_at"])
    return job


def _same(once: str, again: bool) -> Job | None:
    known = Job.objects.filter(once=once) if not again else Job.objects.filter(once=once, state__in=Job.OPEN)
    same = known.order_by("-pk").first()
    if same is not None and same.open and same.cancel_asked_at is not None:
        raise StillEnding
    return same


def run(*, pk: int, kinds: Mapping[str, JobKind]) -> bool:
    """Does one job, if it waits. Returns False where there was nothing to do: it is done, or another has it."""
    job = _claim(pk)
    if job is None:
        return False
    # Every line logged meanwhile says which job it belongs to.
    with bound_contextvars(job=job.pk, job_kind=job.kind, attempt=job.attempt):
        began = time.monotonic()
        log.info("job begins")
        _attempt(job, kinds)
        log.info("job over", extra={"ms": round(1000 * (time.monotonic() - began))})
    return True


def _attempt(job: Job, kinds: Mapping[str, JobKind]) -> None:
    kind = kinds.get(job.kind)
    if kind is None:
        _end(job, Job.State.FAILED, error=f"Nothing here knows how to do “{job.kind}”.")
        return
    if job.attempt > kind.attempts:
        _end(
            job, Job.State.FAILED, error=f"It was broken off {job.attempt - 1} times: {job.error or 'a worker died'}."
        )
        return
    running = Running(job)
    try:
        with _beating(job):
            kind.work(running, **job.parameters)
        if running.ended is None:
            with running.finishing():
                pass
    except Cancelled:
        _end(job, Job.State.CANCELLED)
    except LostJob:
        log.warning("job %s was taken over by another attempt", job.pk)
    except JobFailed as why:
        _end(job, Job.State.FAILED, error=str(why))
    except SoftTimeLimitExceeded:
        # A second time it would take as long.
        _end(job, Job.State.FAILED, error="It took longer than a job may take.")
    except Exception as wrong:
        log.exception("job %s (%s) failed in attempt %s", job.pk, job.kind, job.attempt)
        _try_again_or_fail(job, kind, wrong)


def _claim(pk: int) -> Job | None:
    """The job with a token of this attempt's own; None where it is not to be had."""
    now, token = moment(), secrets.token_hex(16)
    free = Job.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), pk=pk, state=Job.State.WAITING)
    taken = free.update(
        state=Job.State.RUNNING, token=token, heartbeat=now, begun_at=now, attempt=F("attempt") + 1,
        worker=worker_name(os.getpid()), done=0, total=None, doing="",
    )  # fmt: skip
    return Job.objects.get(pk=pk) if taken else None


def worker_name(pid: int) -> str:
    """What a job calls a process of this host that does it."""
    return f"{socket.gethostname()}:{pid}"[:120]


def _mine(job: Job) -> models.QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def _end(job: Job, state: Job.State, *, error: str = "") -> None:
    _mine(job).update(state=state, ended_at=moment(), error=error, doing="")


def _try_again_or_fail(job: Job, kind: JobKind, wrong: Exception) -> None:
    # What an exception says may quote the data: administrators find it in the log.
    words = f"{type(wrong).__name__} in attempt {job.attempt}."
    if job.attempt >= kind.attempts:
        _end(job, Job.State.FAILED, error=f"It failed {job.attempt} times, last with {words}")
        return
    later = moment() + datetime.timedelta(seconds=min(300, 2**job.attempt))
    goes_on = _mine(job).filter(cancel_asked_at__isnull=True)
    if not goes_on.update(state=Job.State.WAITING, token="", not_before=later, error=words):
        _end(job, Job.State.CANCELLED)


@contextmanager
def _beating(job: Job) -> Iterator[None]:
    """Signs of life from a thread of its own, also while one statement takes long."""
    # No second connection sees a database in memory.
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        yield
        return
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(BEAT):
                try:
                    with transaction.atomic():
                        # Not to be had while the job is being finished: then nobody takes it for dead either.
                        if _held(_mine(job)):
                            _mine(job).update(heartbeat=moment())
                except Error:
                    log.warning("job %s: no sign of life could be written", job.pk, exc_info=True)
                    close_old_connections()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(BEAT)


class Running:
    """What a job's work is given: how to say how far it is, and how to end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.ended: Job.State | None = None
        self._said_at = float("-inf")

    def progress(self, done: int, total: int | None = None, doing: str = "", *, at_once: bool = False) -> None:
        """Says how far it is; written at most once a second, or `at_once`.

        Raises Cancelled where somebody asked to stop, LostJob where another attempt has the job. Outside a
        transaction that could be rolled back.
        """
        now = time.monotonic()
        if not at_once and now - self._said_at < 1:
            return
        self._said_at = now
        said: dict[str, Any] = {"done": done, "total": total, "heartbeat": moment()}
        if doing:
            said["doing"] = doing[:200]
        if not _mine(self.job).update(**said):
            raise LostJob
        self.stop_if_asked()

    def stop_if_asked(self) -> None:
        """Raises Cancelled where somebody asked to stop."""
        if _mine(self.job).filter(cancel_asked_at__isnull=False).exists():
            raise Cancelled

    def log(self, text: str) -> None:
        """A line of the job's log, for people."""
        JobLine.objects.create(job=self.job, at=timezone.now(), text=text)

    def keep(self, content: IO[bytes], *, name: str, content_type: str, days: int = RESULT_DAYS) -> None:
        """Stores the file that the job made. It becomes the job's when the job ends."""
        self.job.file = stored_files.keep(
            content=content, name=name, content_type=content_type, by=self.job.by, days=days
        )

    @contextmanager
    def finishing(self, **result: Any) -> Iterator[dict[str, Any]]:
        """The end of the job, in one transaction with what is done inside. More can be put into the dict it yields.

        Raises LostJob where another attempt has the job, Cancelled where somebody asked to stop: then nothing of
        what is inside has happened.
        """
        try:
            with transaction.atomic():
                held = _mine(self.job).select_for_update(no_key=True).first()
                if held is None:
                    raise LostJob
                if held.cancel_asked_at is not None:
                    raise Cancelled
                yield result
                now = moment()
                ended = _mine(self.job).update(
                    state=Job.State.DONE, ended_at=now, heartbeat=now, doing="", error="", result=result,
                    file=self.job.file, done=F("total") if held.total else held.done,
                )  # fmt: skip
                if not ended:
                    raise LostJob
        except Exception:
            # No sign of life was written as long as it took, and now the row is free.
            with suppress(Error):
                _mine(self.job).update(heartbeat=moment())
            raise
        self.ended = Job.State.DONE


def try_again(*, job: Job, by: User) -> Job:
    """A new job of the same sort with the same parameters, for the same person; `by` asks for it. Where one of the
    same `once` waits or runs, that one. Raises StillEnding as `enqueue` does."""
    new = enqueue(kind=job.kind, title=job.title, by=job.by, once=job.once, by_name=job.by_name, **job.parameters)
    JobLine.objects.create(
        job=new, at=timezone.now(), text=f"Asked for anew after job {job.pk} by {by.get_full_name()}."
    )
    return new


def cancel(*, job: Job, by: User) -> bool:
    """Asks a job to stop: at once where it waits, at its next step where it runs. False where it has ended, and where
    it is just being finished, which may take long: too late, and nobody waits for it."""
    for pause in (*PATIENCE, None):
        with transaction.atomic():
            if held := _held(Job.objects.filter(pk=job.pk)):
                return _stop(held, by)
        if pause is not None:
            time.sleep(pause)
    return False


def _held(jobs: models.QuerySet[Job]) -> Job | None:
    """The first of these that nobody holds, held until the transaction ends."""
    return jobs.select_for_update(skip_locked=True, no_key=True).first()


def _stop(held: Job, by: User) -> bool:
    now = moment()
    asked: dict[str, Any] = {"cancel_asked_at": now, "cancel_by_name": by.get_full_name()}
    if held.state == Job.State.WAITING:
        asked |= {"state": Job.State.CANCELLED, "ended_at": now}
    return held.open and bool(Job.objects.filter(pk=held.pk).update(**asked))


def revive(*, queued: int) -> list[int]:
    """Finds jobs that stand still and returns those to wake a worker for.

    An attempt without a sign of life for `STANDS_STILL` has died: its job waits again, under no token. A waiting job
    that nobody came for in `WAKE_AGAIN` lost its message, or stands in a long line: `queued` is how many messages
    wait, and there need be no more of them than jobs wait. A job whose row is held is just being finished: whoever
    does it lives, though its signs of life wait for the row too.
    """
    now = moment()
    dead = Job.objects.filter(state=Job.State.RUNNING, heartbeat__lt=now - STANDS_STILL)
    for pk in list(dead.values_list("pk", flat=True)):
        asked = time.monotonic()
        with transaction.atomic():
            # Where a writer held the whole file (SQLite), signs of life waited as this did: they come first.
            if time.monotonic() - asked > 1:
                break
            if held := _held(dead.filter(pk=pk)):
                _take_from_the_dead(held)
    waiting = Job.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), state=Job.State.WAITING)
    missing = min(1000, waiting.count() - queued)
    if missing <= 0:
        return []
    forgotten = waiting.filter(Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN))
    oldest = forgotten.order_by(F("woken_at").asc(nulls_first=True), "pk")
    with transaction.atomic():
        nobody_holds = oldest.select_for_update(skip_locked=True, no_key=True)
        pks = list(nobody_holds.values_list("pk", flat=True)[:missing])
        Job.objects.filter(pk__in=pks).update(woken_at=now)
    return pks


def give_back(*, workers: Sequence[str], counts: bool) -> list[int]:
    """Lets the jobs of workers that are known to have ended wait again at once, and returns them. `counts`: whether
    that was an attempt of theirs; where only their neighbour was at fault it was not."""
    found = []
    of_them = Job.objects.filter(state=Job.State.RUNNING, worker__in=workers)
    for pk in list(of_them.values_list("pk", flat=True)):
        with transaction.atomic():
            if held := _held(of_them.filter(pk=pk)):
                _take_from_the_dead(held, counts=counts)
                found.append(pk)
    return found


def _take_from_the_dead(held: Job, *, counts: bool = True) -> None:
    values: dict[str, Any] = {"token": "", "error": f"{held.worker} died"}
    if not counts:
        values["attempt"] = held.attempt - 1
    if held.cancel_asked_at is not None:
        values |= {"state": Job.State.CANCELLED, "ended_at": moment(), "doing": ""}
    else:
        values |= {"state": Job.State.WAITING, "woken_at": None}
    Job.objects.filter(pk=held.pk).update(**values)
    log.warning("job %s stands still, for %s died: it is %s", held.pk, held.worker, values["state"])


def forget_old() -> int:
    """Removes jobs that ended long ago, and files whose time has come; returns how many jobs."""
    stored_files.forget_expired()
    old = Job.objects.filter(ended_at__lt=timezone.now() - KEPT).exclude(state__in=Job.OPEN)
    return old.delete()[1].get("tracker.Job", 0)


def tell(*, user: User) -> list[Job]:
    """The person's jobs that ended and were not told of yet, at most five; all count as told from now on. One query
    where there is none."""
    ended = Job.objects.filter(by=user, told_at__isnull=True, ended_at__isnull=False)
    jobs = list(ended.order_by("-pk")[:5])
    if jobs:
        ended.filter(pk__lte=jobs[0].pk).update(told_at=timezone.now())
    return jobs


def seen(*, job: Job, by: User) -> None:
    """The owner has seen on the job's own page that it ended: nobody needs to tell."""
    if job.told_at is None and job.ended_at is not None and job.by_id == by.pk:
        Job.objects.filter(pk=job.pk).update(told_at=timezone.now())
