"""Five hundred jobs, and workers that are killed at random: each is finished, and has its effect once."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.own_database import ROOT, own_database, run
from tests.processes import end_all, running, until

JOBS, KILLS = 500, 8
PATIENCE = 180  # seconds

# One asks for the jobs, one says how many are in which state, one in the end how often each had its effect.
ASKS = f"""
import django
django.setup()
from tracker.actions.jobs import enqueue
from tracker.tasks.jobs import wake
for number in range({JOBS}):
    wake(enqueue(kind="count", title=f"Job {{number}}", by=None, number=number))
"""
STATES = """
import time
import django
django.setup()
from django.db.models import Count
from tracker.models import Job
while True:
    print(*(f"{state}={many}" for state, many in Job.objects.order_by().values_list("state").annotate(Count("pk"))), flush=True)
    time.sleep(0.5)
"""
EFFECTS = """
import django
django.setup()
from collections import Counter
from tracker.models import Job, JobLine
effects = Counter(JobLine.objects.values_list("text", flat=True))
print(Job.objects.filter(state="done").count(), len(effects), max(effects.values()), sum(effects.values()))
print(sum(Job.objects.values_list("attempt", flat=True)))
print(Job.objects.exclude(state="done").values_list("state", "error"))
"""


@contextmanager
def a_redis(folder):
    """The address of a Redis of the test's own."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true and no redis-server: install Debian's package redis-server.")
        pytest.skip("no redis-server on this machine (Debian's package redis-server)")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen(
        [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )

    def answers() -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers, 10, "Redis answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


# Messages in files are what one host has, Redis what a deployment on PostgreSQL has.
@pytest.fixture(params=[pytest.param("files", marks=pytest.mark.once), "redis"])
def environment(request, tmp_path, db, django_db_blocker):
    if request.param == "redis" and connection.vendor == "sqlite" and os.environ.get("CI") == "true":
        pytest.skip("CI runs it on PostgreSQL")
    with own_database(tmp_path, django_db_blocker) as environment:
        environment["DJANGO_SETTINGS_MODULE"] = "tests.tasks.counting_settings"
        environment["CHAOS"] = str(tmp_path)
        environment["LOG_LEVEL"] = "WARNING"
        if request.param == "files":
            yield {**environment, "REDIS_URL": ""}
        else:
            with a_redis(tmp_path) as address:
                yield {**environment, "REDIS_URL": address}


def test_every_job_is_finished_and_has_its_effect_once_whoever_is_killed(environment, tmp_path):
    mark, chance = f"CHAOS={tmp_path}", random.Random(20261122)
    calm = {**environment, "CHAOS": "none"}

    def workers() -> dict[int, bool]:
        """Each process of the workers, and whether it is their leader."""
        found = sorted(pid for pid, line in running(mark).items() if "supervised worker" in line)
        return {pid: pid == min(found) for pid in found}

    with (tmp_path / "said").open("w") as into:
        work = subprocess.Popen(
            [sys.executable, "manage.py", "work", "--beat"], env=environment, cwd=ROOT, stdout=into,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    watch = subprocess.Popen([sys.executable, "-c", STATES], env=calm, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        until(lambda: len(workers()) == 3, 60, "the workers begin")
        # One is killed before there is anything to do: it waits, and may hold the lock of what the others wait for.
        killed = [chance.choice([pid for pid, leads in workers().items() if not leads])]
        os.kill(killed[0], signal.SIGKILL)
        begun = time.monotonic()
        asks = subprocess.Popen([sys.executable, "-c", ASKS], env=calm, cwd=ROOT)
        until(lambda: "done=" in watch.stdout.readline(), 60, "the first jobs are done")
        while len(killed) < KILLS:
            until(lambda: len(workers()) == 3, 60, "the workers are back")
            time.sleep(chance.uniform(0.2, 2))
            # A pool that took no work any more may just be replaced.
            if there := list(workers()):
                killed.append(chance.choice(there))
                os.kill(killed[-1], signal.SIGKILL)
        assert asks.wait(120) == 0
        for line in watch.stdout:
            if line.split() == [f"done={JOBS}"]:
                break
            assert time.monotonic() - begun < PATIENCE, line
        took = time.monotonic() - begun
        work.send_signal(signal.SIGTERM)
        assert work.wait(30) == 0
        assert running(mark) == {}
    finally:
        end_all(mark)
        work.wait(10)
        watch.kill()
        watch.communicate()

    done, attempts, others = run(calm, "-c", EFFECTS).strip().split("\n")
    print(f"{JOBS} jobs in {took:.0f} s, {len(killed)} processes killed, {attempts} attempts")
    assert done == f"{JOBS} {JOBS} 1 {JOBS}", others
    assert int(attempts) >= JOBS


# One job that lasts; says which process has it, and in the end how it went.
LASTS = """
import time
import django
django.setup()
from tracker.actions.jobs import enqueue
from tracker.tasks.jobs import wake
job = enqueue(kind="last", title="Lasts", by=None, seconds=15)
wake(job)
while job.state != "running":
    time.sleep(0.1)
    job.refresh_from_db()
print(job.worker.rpartition(":")[2], flush=True)
while job.state == "running":
    time.sleep(0.1)
    job.refresh_from_db()
print(job.state, job.attempt, job.worker.rpartition(":")[2], flush=True)
"""


@contextmanager
def at_work(environment, tmp_path):
    """The processes of a group of workers, the leader first; and a job that one of them has: its id, what it says."""
    mark = f"CHAOS={tmp_path}"

    def workers() -> list[int]:
        return sorted(pid for pid, line in running(mark).items() if "supervised worker" in line)

    with (tmp_path / "said").open("w") as into:
        work = subprocess.Popen(
            [sys.executable, "manage.py", "work", "--beat"], env=environment, cwd=ROOT, stdout=into,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    lasts = None
    try:
        until(lambda: len(workers()) == 3, 60, "the workers begin")
        lasts = subprocess.Popen(
            [sys.executable, "-c", LASTS], env={**environment, "CHAOS": "none"}, cwd=ROOT, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        yield workers, lasts.stdout.readline().strip(), lasts.stdout
    finally:
        end_all(mark)
        work.wait(10)
        if lasts is not None:
            lasts.kill()
            lasts.communicate()


def test_job_goes_on_when_an_idle_process_beside_it_is_killed(environment, tmp_path):
    with at_work(environment, tmp_path) as (workers, busy, says):
        leader, *members = workers()
        (idle,) = set(members) - {int(busy)}
        os.kill(idle, signal.SIGKILL)

        assert says.readline().split() == ["done", "1", busy]
        assert workers()[0] == leader

    assert "take no work" not in (tmp_path / "said").read_text()


def test_job_of_a_group_that_ended_is_given_back_before_anybody_misses_its_signs_of_life(environment, tmp_path):
    with at_work(environment, tmp_path) as (workers, busy, says):
        killed_at = time.monotonic()
        os.kill(workers()[0], signal.SIGKILL)

        assert says.readline().split() == ["waiting", "1", busy]
        # Its last sign of life was at most five seconds before: the reaper takes it for dead after 25.
        assert time.monotonic() - killed_at < 24
