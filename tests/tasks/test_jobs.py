"""The doors of workers: messages, the reaper, the clock."""

import datetime
import os
import socket

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tests.own_database import run
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import enqueue, give_back, worker_name
from tracker.celery import app
from tracker.models import Job
from tracker.tasks import jobs, schedule
from tracker.tasks.schedule import SCHEDULE, Scheduled, enqueue_scheduled, turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    """The broker in memory, with nothing in it; called, it gives what waits there as (task, arguments)."""
    connection = app.connection_for_read()
    channel = connection.default_channel
    for name in settings.CELERY_TASK_QUEUES:
        app.amqp.queues[name].bind(channel).declare()
        channel.queue_purge(name)

    def taken(queue: str = "jobs") -> list[tuple[str, list]]:
        found = []
        while message := channel.basic_get(queue, no_ack=True):
            found.append((message.headers["task"], message.decode()[0]))
        return found

    yield taken
    connection.close()


def asked(**given) -> Job:
    return enqueue(kind="forget-old", title="A job", by=None, **given)


def test_worker_is_woken_after_the_transaction(broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job = asked()
        jobs.wake(job)
        assert broker() == []

    assert broker() == [("tracker.tasks.jobs.run_job", [job.pk])]


SENDS = """
import os, shutil, time
import django
django.setup()
from tracker.tasks.jobs import send
if not os.environ["REDIS_URL"]:
    shutil.rmtree(os.path.join(os.environ["TRACKER_VAR_DIR"], "broker"))
for _ in range(2):
    begun = time.monotonic()
    print(send(7), time.monotonic() - begun)
"""


@pytest.mark.parametrize("kind", ["refused", "silent", "folder"])
def test_request_neither_fails_nor_waits_long_where_the_broker_is_away(kind, tmp_path):
    """Redis is not there, or a machine that says nothing has its address; the folder has been removed."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "TRACKER_VAR_DIR": str(tmp_path / "var"),
    }
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        if kind == "silent":
            found.listen(1)
        environment["REDIS_URL"] = f"redis://127.0.0.1:{found.getsockname()[1]}/0" if kind != "folder" else ""
        if kind == "refused":
            found.close()

        said = run(environment, "-c", SENDS).split()

    assert said[::2] == ["False", "False"]
    assert max(map(float, said[1::2])) < 6


def test_task_does_the_job(broker):
    job = asked()

    jobs.run_job(job.pk)

    assert Job.objects.get().state == "done"


def test_reaper_sends_again_what_was_lost_and_no_more_than_lacks(broker):
    lost = [asked() for _ in range(3)]
    Job.objects.update(woken_at=timezone.now() - datetime.timedelta(minutes=1))
    jobs.send(lost[2].pk)

    jobs.revive()

    assert sorted(arguments[0] for _, arguments in broker()) == [job.pk for job in lost]
    assert jobs.messages_waiting() == 0


@pytest.mark.parametrize(("counts", "attempt"), [(True, 5), (False, 4)])
def test_jobs_of_processes_that_ended_are_given_back_at_once(broker, counts, attempt):
    """And where their neighbour was at fault, it was no attempt of theirs: with five of five they would have failed."""
    theirs, other, stopped = asked(), asked(), asked()
    now = timezone.now()
    for job, pid in ((theirs, 7), (other, 8), (stopped, 7)):
        Job.objects.filter(pk=job.pk).update(
            state="running", token=f"t{job.pk}", heartbeat=now, attempt=5, worker=worker_name(pid)
        )
    Job.objects.filter(pk=stopped.pk).update(cancel_asked_at=now)

    assert sorted(give_back(workers=[worker_name(7)], counts=counts)) == [theirs.pk, stopped.pk]
    jobs.revive()

    assert broker() == [("tracker.tasks.jobs.run_job", [theirs.pk])]
    assert list(Job.objects.order_by("pk").values_list("state", "attempt", "token")) == [
        ("waiting", attempt, ""), ("running", 5, f"t{other.pk}"), ("cancelled", attempt, "")
    ]  # fmt: skip
    jobs.run_job(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.state == ("failed" if counts else "done")


def test_scheduled_job_is_made_once_a_turn_and_its_worker_woken(broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        enqueue_scheduled("forget-old")
        enqueue_scheduled("forget-old")

    job = Job.objects.get()
    assert (job.kind, job.by, job.by_name) == ("forget-old", None, "Schedule")
    assert job.once == f"forget-old {timezone.now():%Y-%m-%d}"
    assert broker()[0] == ("tracker.tasks.jobs.run_job", [job.pk])
    jobs.run_job(job.pk)
    enqueue_scheduled("forget-old")
    assert Job.objects.count() == 1


def test_turn_whose_job_is_being_stopped_makes_none(broker, django_capture_on_commit_callbacks):
    enqueue_scheduled("forget-old")
    Job.objects.update(state="running", token="t", heartbeat=timezone.now(), cancel_asked_at=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        enqueue_scheduled("forget-old")

    assert Job.objects.count() == 1
    assert broker() == []


def test_job_that_is_switched_off_is_not_made(monkeypatch):
    off = Scheduled("off", "forget-old", "Never", crontab(hour="3", minute="0"), on=lambda: False)
    monkeypatch.setattr(schedule, "SCHEDULE", (off,))

    enqueue_scheduled("off")

    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("at", "pattern"),
    [
        (crontab(hour="3", minute="0"), "%Y-%m-%d"),
        (crontab(minute="0"), "%Y-%m-%dT%H"),
        (crontab(), "%Y-%m-%dT%H:%M"),
        (crontab(hour="6", minute="0", day_of_week="1"), "%Y-%m-%d"),
    ],
)
def test_turn_is_named_by_how_often_it_comes(at, pattern):
    before = timezone.now()
    found = turn(Scheduled("a", "forget-old", "A", at))
    assert found in {f"{before:{pattern}}", f"{timezone.now():{pattern}}"}


def test_schedule_names_jobs_that_there_are_and_the_clock_knows_all():
    app.loader.import_default_modules()
    app.finalize()
    names = [one.name for one in SCHEDULE]

    assert {one.kind for one in SCHEDULE} <= set(KINDS)
    assert len(names) == len(set(names))
    assert set(app.conf.beat_schedule) == {"revive", *names}
    assert app.conf.beat_schedule["revive"]["schedule"] < 10


def test_messages_are_json_acknowledged_late_and_taken_one_by_one():
    conf = app.conf
    assert conf.accept_content == ["json"]
    assert (conf.task_serializer, conf.worker_pool) == ("json", "prefork")
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.task_ignore_result) == (True, True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_soft_time_limit < conf.task_time_limit
