"""Jobs: asked for, claimed, finished exactly once, found again when they stand still."""

import datetime
import io
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories import UserFactory
from tests.own_database import on_sqlite
from tests.own_database import run as own_process
from tracker.actions import jobs, stored_files
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import (
    STANDS_STILL,
    WAKE_AGAIN,
    Cancelled,
    JobFailed,
    JobKind,
    LostJob,
    StillEnding,
    cancel,
    enqueue,
    forget_old,
    revive,
    run,
    seen,
    tell,
    try_again,
)
from tracker.models import BulkImport, Job, JobLine, Report, StagedRow, StoredFile
from tracker.models.user import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory(display_name="Ada Lovelace")


def asked(by=None, kind="one", **given) -> Job:
    return enqueue(kind=kind, title="A job", by=by, **given)


def done(job: Job, work, **options) -> Job:
    """The job after one attempt at it."""
    assert run(pk=job.pk, kinds={job.kind: JobKind(job.kind, work, **options)})
    job.refresh_from_db()
    return job


def effect(code: str) -> None:
    """Something that a job does to the database; a second time it would fail."""
    Report.objects.create(code=code, address="/", number=1, message="m", made_at=timezone.now())


def ended_well(running, **given) -> None:
    with running.finishing(**given):
        pass


def long_ago(job: Job, **moments: datetime.timedelta) -> None:
    Job.objects.filter(pk=job.pk).update(**{name: timezone.now() - ago for name, ago in moments.items()})


def test_job_waits_with_who_asked_and_what_for(ada):
    job = asked(ada, rows=3)

    assert (job.state, job.by, job.by_name, job.parameters) == ("waiting", ada, "Ada Lovelace", {"rows": 3})
    assert asked().by_name == "Schedule"


def test_work_gets_the_parameters_and_its_end_is_in_one_transaction_with_its_effect(ada):
    def work(running, rows):
        running.progress(rows, rows, "Counting", at_once=True)
        running.log("Counted.")
        with running.finishing(rows=rows) as result:
            effect("AAAA")
            result["address"] = "/history/"

    job = done(asked(ada, rows=3), work)

    assert (job.state, job.result) == ("done", {"rows": 3, "address": "/history/"})
    assert (job.done, job.total, job.doing, job.percent, job.attempt) == (3, 3, "", 100, 1)
    assert job.worker == f"{socket.gethostname()}:{os.getpid()}"
    assert [line.text for line in job.lines.all()] == ["Counted."]
    assert Report.objects.count() == 1


def test_work_without_an_end_of_its_own_is_done_all_the_same():
    assert done(asked(), lambda running: None).state == "done"


def test_job_is_done_once_however_often_it_is_called_for():
    job = asked()
    done(job, ended_well)

    assert not run(pk=job.pk, kinds={"one": JobKind("one", ended_well)})
    assert Job.objects.get().attempt == 1


def test_job_that_another_has_is_not_claimed():
    job = asked()
    inside = []

    def work(running):
        inside.append(run(pk=job.pk, kinds={"one": JobKind("one", ended_well)}))

    done(job, work)

    assert inside == [False]


def test_attempt_that_lost_its_job_writes_nothing_and_cannot_end_it():
    job, told = asked(), []

    def work(running):
        # It stood still so long that another attempt took over.
        Job.objects.filter(pk=job.pk).update(token="another")
        for step in (lambda: running.progress(1, at_once=True), lambda: ended_with_effect(running)):
            with pytest.raises(LostJob) as lost:
                step()
            told.append(lost.type)
        raise LostJob

    def ended_with_effect(running):
        with running.finishing():
            effect("AAAA")

    done(job, work)

    assert told == [LostJob, LostJob]
    assert (job.state, job.token) == ("running", "another")
    assert not Report.objects.exists()


def test_job_lost_inside_its_own_end_takes_its_effect_back():
    job = asked()

    def work(running):
        with running.finishing():
            effect("AAAA")
            Job.objects.filter(pk=job.pk).update(token="another")

    done(job, work)

    assert job.state == "running"
    assert not Report.objects.exists()


def test_failure_that_trying_again_would_not_help_is_told_in_its_words():
    def work(running):
        raise JobFailed("The file has no rows.")

    job = done(asked(), work)

    assert (job.state, job.error, job.attempt) == ("failed", "The file has no rows.", 1)
    assert job.ended_at is not None


def test_failure_by_chance_is_tried_again_later_and_then_no_more(caplog):
    def work(running):
        effect("AAAA")
        raise ValueError("with a secret of the data")

    job = asked()
    with transaction.atomic():
        done(job, work, attempts=2)
    Report.objects.all().delete()

    assert (job.state, job.attempt, job.token) == ("waiting", 1, "")
    assert job.not_before > timezone.now()
    assert not run(pk=job.pk, kinds={"one": JobKind("one", work)}), "its time has not come"

    long_ago(job, not_before=datetime.timedelta(seconds=1))
    done(job, work, attempts=2)

    assert (job.state, job.attempt) == ("failed", 2)
    assert job.error == "It failed 2 times, last with ValueError in attempt 2."
    assert "secret" not in job.error
    assert "secret" in caplog.text


def test_failure_by_chance_of_a_job_that_is_being_stopped_is_its_end(ada):
    job = asked(ada)

    def work(running):
        cancel(job=job, by=ada)
        raise ValueError

    assert done(job, work).state == "cancelled"
    assert job.ended_at is not None


def test_job_that_takes_too_long_fails_at_once():
    def work(running):
        raise SoftTimeLimitExceeded

    job = done(asked(), work)

    assert (job.state, job.error, job.attempt) == ("failed", "It took longer than a job may take.", 1)


def test_job_of_a_kind_that_nobody_knows_fails():
    job = asked(kind="of old")

    assert run(pk=job.pk, kinds={})

    assert (Job.objects.get().state, Job.objects.get().error) == ("failed", "Nothing here knows how to do “of old”.")


def test_waiting_job_is_cancelled_at_once(ada):
    job = asked(ada)

    assert cancel(job=job, by=ada)

    job.refresh_from_db()
    assert (job.state, job.cancel_by_name) == ("cancelled", "Ada Lovelace")
    assert not run(pk=job.pk, kinds={"one": JobKind("one", ended_well)})
    assert not cancel(job=job, by=ada)


def test_running_job_stops_at_its_next_step_and_does_nothing(ada):
    job, steps = asked(ada), []

    def work(running):
        steps.append("before")
        assert cancel(job=job, by=ada)
        running.progress(1, 2, at_once=True)
        steps.append("after")

    assert done(job, work).state == "cancelled"
    assert steps == ["before"]


def test_job_cancelled_just_before_its_end_does_nothing(ada):
    job = asked(ada)

    def work(running):
        cancel(job=job, by=ada)
        with running.finishing():
            effect("AAAA")

    assert done(job, work).state == "cancelled"
    assert not Report.objects.exists()


def test_who_asks_whether_to_stop_is_told():
    job = asked()

    def work(running):
        running.stop_if_asked()
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
        with pytest.raises(Cancelled):
            running.stop_if_asked()
        raise Cancelled

    assert done(job, work).state == "cancelled"


def test_job_without_a_sign_of_life_waits_again_and_its_old_attempt_is_out():
    job = asked()
    Job.objects.filter(pk=job.pk).update(state="running", token="old", worker="host:7", attempt=1)
    long_ago(job, heartbeat=STANDS_STILL - datetime.timedelta(seconds=5))
    assert revive(queued=0) == []

    long_ago(job, heartbeat=STANDS_STILL + datetime.timedelta(seconds=1))

    assert revive(queued=0) == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.token, job.error) == ("waiting", "", "host:7 died")
    assert done(job, ended_well).attempt == 2
    assert (job.state, job.error) == ("done", "")


def test_job_that_died_while_it_was_being_stopped_is_over(ada):
    job = asked(ada, once="release 1")
    Job.objects.filter(pk=job.pk).update(state="running", token="old", worker="host:7", attempt=1)
    assert cancel(job=job, by=ada)
    long_ago(job, heartbeat=STANDS_STILL + datetime.timedelta(seconds=1))

    assert revive(queued=0) == []

    job.refresh_from_db()
    assert (job.state, job.token, job.cancel_by_name) == ("cancelled", "", "Ada Lovelace")
    assert job.ended_at is not None
    assert asked(ada, once="release 1") != job


def test_end_that_came_to_nothing_is_a_sign_of_life():
    job = asked()

    def work(running):
        long_ago(job, heartbeat=2 * STANDS_STILL)
        with suppress(ValueError), running.finishing():
            raise ValueError
        assert revive(queued=0) == []
        ended_well(running)

    assert done(job, work).state == "done"


HOLDS = """
import datetime, threading, time
import django
django.setup()
from django.db import connection, transaction
from django.utils import timezone
from tracker.actions import jobs
from tracker.models import Job

job = jobs.enqueue(kind="one", title="A job", by=None)
Job.objects.update(state="running", token="t", heartbeat=timezone.now() - 2 * jobs.STANDS_STILL)
holds = threading.Event()

def writes_long():
    with transaction.atomic():
        Job.objects.update(done=1)
        holds.set()
        time.sleep(1.5)
    connection.close()

writer = threading.Thread(target=writes_long)
writer.start()
holds.wait()
print(jobs.revive(queued=0))
writer.join()
print(jobs.revive(queued=0))
"""


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="A writer holds the rows that it writes, no more.")
def test_signs_of_life_that_wait_for_a_long_write_come_before_the_reaper(tmp_path):
    said = own_process(on_sqlite(tmp_path / "own.sqlite3", tmp_path), "-c", HOLDS).split()

    assert said == ["[]", "[1]"]


@pytest.mark.parametrize("ahead", [-1, 1])
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="A SQLite file has one host.")
def test_clocks_of_hosts_may_differ(monkeypatch, ahead):
    """Another host looks, whose clock is an hour away, while one works and after one has failed by chance."""
    true_now = timezone.now

    def elsewhere(looks):
        with monkeypatch.context() as other:
            other.setattr(timezone, "now", lambda: true_now() + ahead * datetime.timedelta(hours=1))
            return looks()

    def work(running):
        elsewhere(lambda: running.progress(1, at_once=True))
        assert [revive(queued=0), elsewhere(lambda: revive(queued=0))] == [[], []]
        raise ValueError

    job = elsewhere(asked)
    done(job, work)
    assert job.state == "waiting"
    assert not elsewhere(lambda: run(pk=job.pk, kinds={"one": JobKind("one", ended_well)})), "its time has not come"
    assert [revive(queued=0), elsewhere(lambda: revive(queued=0))] == [[], []]

    long_ago(job, not_before=datetime.timedelta(seconds=1), woken_at=2 * WAKE_AGAIN)
    assert elsewhere(lambda: revive(queued=0)) == [job.pk]
    assert elsewhere(lambda: done(job, ended_well)).state == "done"
    assert datetime.timedelta() <= job.ended_at - job.begun_at < datetime.timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="A database in memory has one connection.")
def test_nobody_waits_for_a_job_that_is_being_finished(monkeypatch, ada, caplog):
    # The first sign of life is due when the end has begun.
    monkeypatch.setattr(jobs, "BEAT", 0.3)
    job, other = asked(ada, once="release 1"), asked(ada)
    meanwhile: dict[str, Any] = {}

    def somebody_else():
        try:
            begun = time.monotonic()
            meanwhile["revived"] = revive(queued=0)
            meanwhile["stopped"] = cancel(job=job, by=ada)
            meanwhile["same"] = asked(ada, once="release 1")
            JobLine.objects.create(job=job, at=timezone.now(), text="A line of somebody else’s.")
            meanwhile["other"] = cancel(job=other, by=ada)
            meanwhile["took"] = time.monotonic() - begun
        finally:
            connection.close()

    def work(running):
        long_ago(job, heartbeat=2 * STANDS_STILL)
        with running.finishing():
            effect("AAAA")
            thread = threading.Thread(target=somebody_else)
            thread.start()
            thread.join(20)

    done(job, work)

    assert job.state == "done"
    assert (meanwhile["revived"], meanwhile["stopped"], meanwhile["same"]) == ([], False, job)
    assert meanwhile["other"] is True
    assert meanwhile["took"] < 5
    assert Report.objects.count() == 1
    assert "no sign of life" not in caplog.text
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]
    assert not cancel(job=job, by=ada)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="A database in memory has one connection.")
def test_signs_of_life_come_while_one_works(monkeypatch):
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    job = asked()

    def work(running):
        long_ago(job, heartbeat=2 * STANDS_STILL)
        for _ in range(200):
            time.sleep(0.05)
            if Job.objects.filter(pk=job.pk, heartbeat__gt=timezone.now() - STANDS_STILL).exists():
                return
        raise JobFailed("No sign of life.")

    assert done(job, work).error == ""


def test_job_that_dies_each_time_fails_in_the_end():
    job = asked()
    Job.objects.filter(pk=job.pk).update(attempt=5, error="host:7 died")

    done(job, ended_well)

    assert (job.state, job.error) == ("failed", "It was broken off 5 times: host:7 died.")


def test_message_that_was_lost_is_sent_again_after_a_while():
    job = asked()
    assert revive(queued=0) == []

    long_ago(job, woken_at=WAKE_AGAIN + datetime.timedelta(seconds=1))

    assert revive(queued=0) == [job.pk]
    assert revive(queued=0) == [], "it was just sent"


def test_no_more_messages_are_sent_than_jobs_lack():
    waiting = [asked() for _ in range(5)]
    for number, job in enumerate(waiting):
        long_ago(job, woken_at=WAKE_AGAIN + datetime.timedelta(seconds=100 - number))
    later = asked()
    Job.objects.filter(pk=later.pk).update(not_before=timezone.now() + datetime.timedelta(hours=1))

    assert revive(queued=9) == []
    assert revive(queued=3) == [waiting[0].pk, waiting[1].pk], "those whose message is the oldest"
    assert revive(queued=0) == [job.pk for job in waiting[2:]]


def test_one_of_a_name_waits_or_runs_at_a_time():
    first = asked(once="release 1")

    assert asked(once="release 1") == first
    assert asked(once="release 2") != first
    done(first, ended_well)
    assert asked(once="release 1") != first
    assert asked(once="release 2", again=False) == Job.objects.get(once="release 2")
    assert asked(once="", again=False) != asked(once="", again=False)


@pytest.mark.parametrize("again", [True, False])
def test_one_that_is_being_stopped_is_not_given_for_a_new_one(ada, again):
    first = asked(ada, once="release 1")

    def work(running):
        assert cancel(job=first, by=ada)
        with pytest.raises(StillEnding, match="try again in a moment"):
            asked(ada, once="release 1", again=again)
        running.stop_if_asked()

    assert done(first, work).state == "cancelled"
    assert (asked(ada, once="release 1", again=again) == first) is not again


def test_job_of_no_name_that_cannot_be_made_is_no_other_job(ada):
    asked(ada)
    with pytest.raises(IntegrityError):
        asked(ada, kind=None)


def test_turn_of_the_clock_makes_one_job_even_when_it_has_ended():
    first = asked(once="forget-old 2026-03-01", again=False)
    done(first, ended_well)

    assert asked(once="forget-old 2026-03-01", again=False) == first


def test_file_that_a_job_made_is_its_result(ada):
    def work(running):
        running.keep(io.BytesIO(b"a,b\n"), name="all.csv", content_type="text/csv")
        ended_well(running)

    job = done(asked(ada), work)

    assert stored_files.content(job.file) == b"a,b\n"
    assert job.file.expires > timezone.now() + datetime.timedelta(days=13)


def test_failed_job_is_asked_for_anew_with_the_same_parameters(ada):
    grace = UserFactory(display_name="Grace Hopper")
    job = done(asked(ada, rows=3), lambda running, rows: (_ for _ in ()).throw(JobFailed("No.")))

    new = try_again(job=job, by=grace)

    assert (new.kind, new.parameters, new.by, new.state) == ("one", {"rows": 3}, ada, "waiting")
    assert new != job
    assert [line.text for line in new.lines.all()] == [f"Asked for anew after job {job.pk} by Grace Hopper."]


def test_owner_is_told_once_of_each_end(ada, django_assert_num_queries):
    ended = [done(asked(ada), ended_well) for _ in range(2)]
    asked(ada)
    done(asked(UserFactory()), ended_well)

    assert tell(user=ada) == ended[::-1]
    with django_assert_num_queries(1):
        assert tell(user=ada) == []


def test_owner_who_has_seen_the_end_is_not_told(ada):
    job = done(asked(ada), ended_well)
    seen(job=job, by=UserFactory())
    assert Job.objects.get().told_at is None

    seen(job=job, by=ada)

    assert tell(user=ada) == []


def test_old_jobs_and_files_are_forgotten_by_a_job():
    old, fresh = (done(asked(), ended_well) for _ in range(2))
    waiting = asked()
    JobLine.objects.create(job=old, at=timezone.now(), text="A line.")
    long_ago(old, ended_at=jobs.KEPT + datetime.timedelta(days=1))
    file = stored_files.keep(content=io.BytesIO(b"x"), name="x", content_type="text/plain", by=None, days=1)
    StoredFile.objects.filter(pk=file.pk).update(expires=timezone.now() - datetime.timedelta(days=1))
    staged(days_ago=10)
    staged(days_ago=1000)

    nightly = enqueue(kind="forget-old", title="Forget old jobs and files", by=None)
    run(pk=nightly.pk, kinds=KINDS)

    nightly.refresh_from_db()
    assert (nightly.state, nightly.result) == ("done", {"jobs": 1, "rows_of_imports": 2})
    assert set(Job.objects.all()) == {fresh, waiting, nightly}
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    assert forget_old() == 0
    assert StagedRow.objects.count() == 2


def staged(*, days_ago: int) -> None:
    """An import that was withdrawn, with two rows."""
    one = BulkImport.objects.create(
        kind="country", by=UserFactory(), made_at=timezone.now() - datetime.timedelta(days=days_ago),
        file=stored_files.keep(content=io.BytesIO(b"x"), name="x", content_type="text/csv", by=None),
        state=BulkImport.State.WITHDRAWN,
    )  # fmt: skip
    StagedRow.objects.bulk_create(
        StagedRow(bulk_import=one, line=line, what=StagedRow.What.WRONG) for line in (2, 3)
    )  # fmt: skip


def test_every_kind_has_a_name_of_its_own_and_a_work():
    assert all(name == kind.name and callable(kind.work) for name, kind in KINDS.items())
    call_command("check")
