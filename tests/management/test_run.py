"""`make run` as a whole: web, worker and beat come back when they are killed, and nothing is left at the end."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter

import pytest

from tests.own_database import ROOT, own_database, run
from tests.processes import end_all, running, until

# The database below changes nothing of it.
pytestmark = pytest.mark.once

# Seconds; where other work shares the processors, as many times as long.
BACK = 10 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
# Asks for a job each time a line comes, and says when it was done.
ASKS = """
import sys, time
import django
django.setup()
from tracker.actions.jobs import enqueue
from tracker.models import Job
from tracker.tasks.jobs import wake
for _ in sys.stdin:
    job = enqueue(kind="forget-old", title="Forget", by=None)
    wake(job)
    while job.state != "done":
        time.sleep(0.05)
        job.refresh_from_db()
    print("done", flush=True)
"""
WHOLE = Counter({"supervisor": 1, "guard": 1, "web": 2, "worker": 3, "beat": 1})


def role(line: str) -> str:
    words = {"manage.py start": "supervisor", "guard.py": "guard", "granian": "web", "supervised worker": "worker"}
    return next((name for part, name in words.items() if part in line), "beat" if "supervised beat" in line else "")


@pytest.fixture(scope="module")
def environment(tmp_path_factory, django_db_setup, django_db_blocker):
    """Of a process with a database of its own, which `make run` has filled once."""
    with own_database(tmp_path_factory.mktemp("run"), django_db_blocker) as environment:
        environment["REDIS_URL"] = ""
        run(environment, "manage.py", "start", "--prepare-only")
        yield environment


@pytest.fixture
def made(environment, tmp_path):
    """`make run`: its process, its mark, its address, what it says, and who asks for jobs."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    mark, log = f"LEAVES_NOTHING={tmp_path}", tmp_path / "said"
    with log.open("w") as into:
        whole = subprocess.Popen(
            [sys.executable, "manage.py", "start", "--port", str(port)], cwd=ROOT, stdout=into,
            env={**environment, "LEAVES_NOTHING": str(tmp_path)}, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    asks = subprocess.Popen(
        [sys.executable, "-c", ASKS], env=environment, cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/"
    try:
        until(lambda: Counter(map(role, running(mark).values())) == WHOLE and serves(address), 120, "all begins")
        yield whole, mark, address, log, asks
    finally:
        end_all(mark)
        whole.wait(10)
        with asks:
            asks.kill()


def serves(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}healthz", timeout=2) as answer:  # noqa: S310
        return answer.status == 200
    return False


def job_is_done(asks: subprocess.Popen) -> None:
    asks.stdin.write("again\n")
    asks.stdin.flush()
    assert asks.stdout.readline() == "done\n"


def test_each_process_is_back_within_ten_seconds_after_it_was_killed(made):
    whole, mark, address, log, asks = made
    job_is_done(asks)
    took = {}
    # A member of a group, and its leader, which takes all along.
    for name, place in (("web", -1), ("web", 0), ("worker", -1), ("worker", 0), ("beat", 0), ("guard", 0)):
        pid = sorted(pid for pid, line in running(mark).items() if role(line) == name)[place]
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: pid not in running(mark), 5, f"{name} {place} is dead")
        took[name, place] = until(
            lambda: Counter(map(role, running(mark).values())) == WHOLE and serves(address), BACK, f"{name} is back"
        )
        job_is_done(asks)
    print("back after seconds:", took)

    whole.send_signal(signal.SIGINT)
    assert whole.wait(15) == 0
    assert running(mark) == {}
    assert "Traceback" not in log.read_text()
    assert re.search(r"^The tracker is at http://localhost:\d+  \(Ctrl-C stops it\)$", log.read_text(), re.MULTILINE)


def test_worker_that_stands_still_is_started_anew_and_a_killed_supervisor_leaves_nothing(made):
    whole, mark, _, log, asks = made
    workers = sorted(pid for pid, line in running(mark).items() if role(line) == "worker")
    os.kill(workers[0], signal.SIGSTOP)

    until(lambda: not set(workers) & set(running(mark)), 60, "the old group is ended")
    until(lambda: Counter(map(role, running(mark).values())) == WHOLE, BACK, "the new group is there")
    job_is_done(asks)
    assert "worker: no sign of life for 15 seconds; starting it again" in log.read_text()

    # All that wait at the pipe of messages at once: who held its lock is among them.
    leader, *members = sorted(pid for pid, line in running(mark).items() if role(line) == "worker")
    for member in members:
        os.kill(member, signal.SIGKILL)
    until(lambda: "died where it waited for work" in log.read_text(), 60, "the lock is taken from the dead")
    job_is_done(asks)
    assert leader in running(mark)
    assert "take no work" not in log.read_text()

    whole.kill()
    whole.wait()
    until(lambda: running(mark) == {}, 5, "all have ended")


def test_port_that_is_taken_is_named_and_another_way_told(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "manage.py", "start", "--port", str(port)],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert said.returncode == 1
    assert said.stderr == (
        f"CommandError: Port {port} is taken, perhaps by another `make run`. Another one: make run PORT={port + 1}\n"
    )
    assert said.stdout == ""
