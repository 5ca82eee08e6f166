"""The supervisor with small services: what it does when they die, hang, refuse to end, or when it dies itself."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.own_database import ROOT
from tests.processes import end_all, running, until

SUPERVISES = """
import sys
from tracker.management import supervisor
from tracker.management.supervisor import Service, Supervisor
supervisor.MEMBER_SILENT = 2
code, silence = sys.argv[1], float(sys.argv[2]) or None
import logging; logging.basicConfig(format="%(message)s", stream=sys.stdout)
Supervisor([Service("it", (sys.executable, "-c", code), silence=silence)], patience=3).run()
print("ended")
"""
# A leader with a member, both in one group, as a server and its worker; neither says anything.
QUIET = """
import subprocess, sys, time
member = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
# A leader and a member that both say that they live.
LIVES = """
import os, time
os.fork()
while True:
    os.write(int(__import__("sys").argv[2]), b"%d\\n" % os.getpid())
    time.sleep(0.2)
"""
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{QUIET}"
# Says what it was given, then that it lives, and ends.
SAYS_WHAT_IT_WAS_GIVEN = """
import os, sys, time
print(os.getpid(), *sys.argv[3:], flush=True)
os.write(int(sys.argv[2]), b"%d\\n" % os.getpid() + (b"stuck\\n" if len(sys.argv) == 3 else b""))
time.sleep(1)
"""
SAYS_STUCK = """
import os, sys, time
os.write(int(sys.argv[2]), b"%d\\n" % os.getpid())
time.sleep(1)
os.write(int(sys.argv[2]), b"stuck\\n")
time.sleep(600)
"""


@pytest.fixture
def supervised(tmp_path):
    """Starts a supervisor of one service; gives it, its mark, and the file of what it says."""
    mark, log, started = f"SUPERVISED={tmp_path}", tmp_path / "said", []

    def start(code: str, silence: float = 0) -> subprocess.Popen:
        environment = {**os.environ, "SUPERVISED": str(tmp_path), "PYTHONUNBUFFERED": "1"}
        with log.open("w") as into:
            one = subprocess.Popen(
                [sys.executable, "-c", SUPERVISES, code, str(silence)], env=environment, cwd=ROOT, stdout=into,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        started.append(one)
        return one

    yield start, mark, log
    end_all(mark)
    for one in started:
        one.wait(10)


def service(mark: str) -> list[int]:
    """The processes of the service, the leader first."""
    return sorted(pid for pid, line in running(mark).items() if "-c" in line and "Supervisor(" not in line)


def begun(mark: str, many: int = 2) -> list[int]:
    until(lambda: len(service(mark)) == many, 20, "the service begins")
    return service(mark)


def test_group_whose_leader_dies_is_started_anew_as_a_whole(supervised):
    start, mark, log = supervised
    start(QUIET)
    before = begun(mark)

    os.kill(before[0], signal.SIGKILL)
    took = until(lambda: len(set(service(mark)) - set(before)) == 2, 10, "another leader and member")

    assert took < 3
    assert not set(before) & set(running(mark))
    assert "it: killed by signal 9; starting it again" in log.read_text()


def test_service_that_dies_at_once_is_started_more_and_more_slowly(supervised):
    start, _, log = supervised
    start("raise SystemExit(3)")

    until(lambda: log.read_text().count("ended with status 3") >= 3, 20, "three deaths")
    time.sleep(4)

    assert 3 <= log.read_text().count("it: ended with status 3; starting it again") <= 6


def test_leader_that_is_silent_ends_its_group(supervised):
    start, mark, log = supervised
    start(LIVES, 2)
    before = begun(mark)
    time.sleep(3)
    assert service(mark) == before, "who speaks is left alone"

    os.kill(before[0], signal.SIGSTOP)
    until(lambda: len(set(service(mark)) - set(before)) == 2, 10, "another leader and member")

    assert not set(before) & set(running(mark))
    assert "no sign of life for 2 seconds" in log.read_text()


def test_member_that_is_silent_is_ended_alone(supervised):
    start, mark, log = supervised
    start(LIVES, 2)
    leader, member = begun(mark)
    time.sleep(1)

    os.kill(member, signal.SIGSTOP)
    until(lambda: member not in running(mark), 10, "the member is ended")

    assert leader in running(mark)
    assert f"it: process {member} gave no sign of life: ended" in log.read_text()


def test_group_that_says_that_it_is_stuck_is_started_anew(supervised):
    start, mark, log = supervised
    start(SAYS_STUCK, 60)
    before = begun(mark, 1)

    until(lambda: service(mark) not in (before, []), 10, "another one")

    assert "its processes take no work" in log.read_text()


def test_group_is_told_of_the_processes_of_the_one_before_it_and_whether_that_was_stuck(supervised):
    start, _, log = supervised
    start(SAYS_WHAT_IT_WAS_GIVEN, 60)

    def given() -> list[list[str]]:
        return [line.split() for line in log.read_text().splitlines() if line[:1].isdigit()]

    until(lambda: len(given()) >= 3, 20, "three of them")

    first, second, third = given()[:3]
    assert first[1:] == []
    assert second[1:] == ["--ended", first[0], "--stuck"]
    assert third[1:] == ["--ended", second[0]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_when_it_is_asked_to_stop(supervised, number):
    start, mark, log = supervised
    supervisor = start(QUIET)
    begun(mark)

    supervisor.send_signal(number)

    assert supervisor.wait(5) == 0
    assert running(mark) == {}
    assert log.read_text() == "ended\n"


def test_what_does_not_end_is_killed_after_some_patience(supervised):
    start, mark, _ = supervised
    supervisor = start(STUBBORN)
    begun(mark)
    time.sleep(0.5)
    asked = time.monotonic()

    supervisor.send_signal(signal.SIGTERM)

    assert supervisor.wait(10) == 0
    assert 2.5 < time.monotonic() - asked < 6
    assert running(mark) == {}


def test_asked_twice_it_waits_no_longer(supervised):
    start, mark, _ = supervised
    supervisor = start(STUBBORN)
    begun(mark)
    time.sleep(0.5)
    asked = time.monotonic()

    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(10) == 0
    assert time.monotonic() - asked < 2.5
    assert running(mark) == {}


@pytest.mark.parametrize("stopped_before", [False, True])
def test_nothing_is_left_when_it_is_killed(supervised, stopped_before):
    """Also not of a service that cannot notice it, because it stands still."""
    start, mark, _ = supervised
    supervisor = start(QUIET)
    before = begun(mark)
    if stopped_before:
        os.kill(before[0], signal.SIGSTOP)

    supervisor.kill()
    supervisor.wait()

    assert until(lambda: running(mark) == {}, 5, "all have ended") < 3


def test_guard_that_is_killed_is_replaced_and_knows_the_groups(supervised):
    start, mark, _ = supervised
    supervisor = start(QUIET)
    begun(mark)

    def guards() -> list[int]:
        return [pid for pid, line in running(mark).items() if "guard.py" in line]

    (first,) = guards()
    os.kill(first, signal.SIGKILL)
    until(lambda: guards() not in ([first], []), 5, "another guard")
    supervisor.kill()
    supervisor.wait()

    until(lambda: running(mark) == {}, 5, "all have ended")
