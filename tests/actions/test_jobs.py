"""Jobs: asked for, claimed, finished exactly once, found again when they stand still."""

import datetime
import io
import os
import socket

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from tests.factories import UserFactory
from tracker.actions import jobs, stored_files
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import (
    STANDS_STILL,
    WAKE_AGAIN,
    Cancelled,
    JobFailed,
    JobKind,
    LostJob,
    cancel,
    enqueue,
    forget_old,
    revive,
    run,
    seen,
    tell,
    try_again,
)
from tracker.models import Job, JobLine, Report, StoredFile
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

    nightly = enqueue(kind="forget-old", title="Forget old jobs and files", by=None)
    run(pk=nightly.pk, kinds=KINDS)

    nightly.refresh_from_db()
    assert (nightly.state, nightly.result) == ("done", {"jobs": 1})
    assert set(Job.objects.all()) == {fresh, waiting, nightly}
    assert not StoredFile.objects.exists()
    assert forget_old() == 0


def test_every_kind_has_a_name_of_its_own_and_a_work():
    assert all(name == kind.name and callable(kind.work) for name, kind in KINDS.items())
    call_command("check")
