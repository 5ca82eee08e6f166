"""Reports of errors: what is taken, how many, and how they are answered."""

import datetime
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import UserFactory
from tracker.actions.reports import ALPHABET, AnsweredMeanwhile, TooMany, answer, forget_email, receive
from tracker.models import Report, ReportSender

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
ROOT = Path(__file__).resolve().parent.parent.parent


def sent(sender="192.0.2.7", at=NOW, **said):
    return receive(address="/matrix/", message="The rank is wrong.", number=7, sender=sender, at=at, **said)


def minutes(count):
    return NOW + datetime.timedelta(minutes=count)


def test_report_keeps_what_was_said_under_a_code_that_nobody_guesses():
    report = sent(subject="China: 65.4", kind="score", record=12, source="Table 3", email="a@example.org")

    assert Report.objects.values(
        "address", "subject", "kind", "record", "number", "message", "source", "email", "state"
    ).get(code=report.code) == {
        "address": "/matrix/", "subject": "China: 65.4", "kind": "score", "record": 12, "number": 7,
        "message": "The rank is wrong.", "source": "Table 3", "email": "a@example.org", "state": "open",
    }  # fmt: skip
    assert len(report.code.replace("-", "")) == 12
    assert set(report.code) <= {*ALPHABET, "-"}
    assert len({sent(sender=f"192.0.2.{n}").code for n in range(20)}) == 20


def test_five_an_hour_are_taken_from_one_place():
    for n in range(5):
        sent(at=minutes(10 * n))

    with pytest.raises(TooMany) as refused:
        sent(at=minutes(50))

    assert refused.value.until == minutes(60)
    assert Report.objects.count() == 5
    sent(at=minutes(50), sender="192.0.2.8")
    sent(at=minutes(60))
    with pytest.raises(TooMany) as refused:
        sent(at=minutes(61))
    assert refused.value.until == minutes(70)


def test_twenty_a_day_are_taken_from_one_place():
    for n in range(20):
        sent(at=minutes(30 * n))

    with pytest.raises(TooMany) as refused:
        sent(at=minutes(11 * 60))

    assert refused.value.until == NOW + datetime.timedelta(days=1)
    sent(at=minutes(24 * 60))
    assert Report.objects.count() == 21


def test_sender_is_kept_for_a_day_and_never_as_an_address():
    sent()
    assert "192.0.2.7" not in str(list(ReportSender.objects.values()))
    assert ReportSender.objects.count() == 1

    sent(sender="192.0.2.8", at=NOW + datetime.timedelta(hours=24))

    assert ReportSender.objects.count() == 1
    assert ReportSender.objects.get().seen == NOW + datetime.timedelta(hours=24)
    columns = {field.name for field in Report._meta.get_fields()}
    assert not {name for name in columns if "sender" in name or "digest" in name}


# Without a transaction of its own, which would lock what is copied.
@pytest.mark.django_db(transaction=True)
def test_limit_is_one_for_all_processes(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("needs a database of its own in a file")
    file = sqlite3.connect(tmp_path / "own.sqlite3")
    connection.connection.backup(file)
    file.close()
    send = (
        "import django; django.setup()\n"
        "from tracker.actions.reports import receive, TooMany\n"
        "for n in range(4):\n"
        "    try: receive(address='/', message='m', number=0, sender='192.0.2.7'); print('taken')\n"
        "    except TooMany: pass\n"
    )
    environment = {
        **os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/own.sqlite3", "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "TRACKER_PAST_DIR": str(tmp_path / "past"),
    }  # fmt: skip

    running = [
        subprocess.Popen([sys.executable, "-c", send], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]

    assert [process.returncode for process in running] == [0] * 4
    assert "".join(said).count("taken") == 5


def test_answer_says_what_came_of_it_and_who_said_so():
    report, ada = sent(), UserFactory()

    answer(code=report.code, state="kept", outcome=" It is right. ", expected=None, by=ada, at=minutes(5))

    report.refresh_from_db()
    assert (report.state, report.outcome, report.answered_by, report.answered_at) == (
        "kept", "It is right.", ada, minutes(5),
    )  # fmt: skip


def test_second_answer_from_an_old_form_is_refused_and_changes_nothing():
    report, ada, ben = sent(), UserFactory(), UserFactory()
    first = answer(code=report.code, state="kept", outcome="It is right.", expected=None, by=ada)

    with pytest.raises(AnsweredMeanwhile) as refused:
        answer(code=report.code, state="removed", outcome="Spam.", expected=None, by=ben)

    assert refused.value.report.answered_by == ada
    report.refresh_from_db()
    assert (report.state, report.answered_by) == ("kept", ada)
    answer(code=report.code, state="corrected", outcome="It was wrong.", expected=first.answered_at, by=ben)
    report.refresh_from_db()
    assert (report.state, report.answered_by) == ("corrected", ben)


@pytest.mark.parametrize(("state", "outcome"), [("open", "Words."), ("kept", "  "), ("nonsense", "Words.")])
def test_answer_needs_an_outcome_and_words(state, outcome):
    report = sent()

    with pytest.raises(ValueError, match="An answer has a state"):
        answer(code=report.code, state=state, outcome=outcome, expected=None, by=UserFactory())

    report.refresh_from_db()
    assert report.state == "open"


def test_address_of_the_reader_is_forgotten():
    report, other = sent(email="a@example.org"), sent(email="b@example.org")

    forget_email(code=report.code, by=UserFactory())

    report.refresh_from_db()
    other.refresh_from_db()
    assert (report.email, other.email) == ("", "b@example.org")


def test_report_without_a_given_moment_is_of_now():
    report = receive(address="/", message="m", number=0, sender="192.0.2.9")

    assert abs(report.made_at - timezone.now()) < datetime.timedelta(minutes=1)
