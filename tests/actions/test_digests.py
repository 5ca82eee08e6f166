"""Digests: what is told to whom, that nothing is told twice, and that they can be stopped."""

import datetime
import io
import smtplib

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from tests.factories import CategoryFactory, UserFactory
from tracker.actions import digests
from tracker.actions.accounts import create_groups, deactivate
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import enqueue, run
from tracker.actions.stored_files import keep
from tracker.history.recording import recorded
from tracker.models import Act, BulkImport, Digest, Job, Report, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _groups(settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    create_groups()


def person(role: str, name: str, rhythm: str = "") -> User:
    made = UserFactory(email=f"{name.lower()}@example.org", display_name=name)
    if role:
        made.groups.add(Group.objects.get(name=role))
    if rhythm:
        digests.set_rhythm(by=made, rhythm=rhythm)
        long_ago(made)
    return made


def long_ago(user: User, days: float = 8) -> None:
    Digest.objects.filter(user=user).update(until=timezone.now() - datetime.timedelta(days=days))


def act(by: User | None, note: str, slug: str) -> None:
    category = CategoryFactory.build(slug=slug, name=slug.title())
    with recorded(
        by=by, by_name="" if by else "load_seed", cause=Act.Cause.CORRECTION, note=note, origin="web"
    ) as one:
        one.watch(category)
        category.save()


def send() -> Job:
    job = enqueue(kind="digest", title="Digests", by=None)
    assert run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def waiting_import(by: User) -> BulkImport:
    file = keep(content=io.BytesIO(b"x"), name="scores.csv", content_type="text/csv", by=by)
    return BulkImport.objects.create(
        kind="score", file=file, by=by, made_at=timezone.now(), state="waiting", created=1200, changed=3
    )


def report(code: str, **more) -> Report:
    values = {"address": "/matrix/", "subject": "14.1 %", "number": 1, "message": "Secret words of a reader."}
    return Report.objects.create(code=code, made_at=timezone.now(), **{**values, **more})


def test_nobody_is_written_to_who_has_not_asked():
    ada = person("editor", "Ada")
    act(person("researcher", "Bo"), "A change.", "one")
    waiting_import(ada)

    send()

    assert mail.outbox == []
    assert digests.rhythm_of(ada) == "never"


def test_mail_tells_what_colleagues_did_and_what_waits_and_what_failed():
    ada, bo = person("editor", "Ada", "daily"), person("researcher", "Bo")
    act(bo, "The share of China is 66 %, not 60 %: a misprint in the first edition of the report.", "one")
    act(ada, "My own change.", "two")
    one = waiting_import(bo)
    report("AAAA-BBBB-CCCC")
    failed = Job.objects.create(
        kind="export", title="Everything as XLSX", by=ada, state="failed", error="The disk is full.",
        made_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    Job.objects.create(
        kind="export", title="Of Bo", by=bo, state="failed", made_at=timezone.now(), ended_at=timezone.now()
    )

    job = send()

    (sent,) = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert sent.subject.endswith("1 change, 1 import waits, 1 new report, 1 job failed")
    changed = Act.objects.get(by=bo)
    for said in (
        "Hello Ada,", "CHANGED BY COLLEAGUES (1)", "\nBo\n", "66 %, not 60 %", "correction: 1 category",
        f"https://tracker.example.org/history/acts/{changed.pk}/", "1,200 new, 3 changed scores; sent by Bo",
        f"https://tracker.example.org/workbench/imports/{one.pk}/", "14.1 %",
        "https://tracker.example.org/workbench/reports/AAAA-BBBB-CCCC/", "The disk is full.",
        f"https://tracker.example.org/workbench/jobs/{failed.pk}/",
    ):  # fmt: skip
        assert said in sent.body, said
    for unsaid in ("My own change.", "Of Bo", "Secret words", "&#", "&amp;"):
        assert unsaid not in sent.body
    assert max(len(line) for line in sent.body.splitlines() if "http" not in line) <= 90
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert stop in sent.body
    assert digests.whose(stop.rstrip("/").rpartition("/")[2]) == ada
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert job.result == {"sent": 1, "nothing_to_say": 0, "not_taken": 0}


def test_nothing_to_say_is_no_mail():
    person("editor", "Ada", "daily")
    report("AAAA-BBBB-CCCC")
    Report.objects.update(made_at=timezone.now() - datetime.timedelta(days=30))

    job = send()

    assert mail.outbox == []
    assert job.result["nothing_to_say"] == 1


def test_researcher_is_told_of_no_import_that_waits_for_editors():
    bo = person("researcher", "Bo", "daily")
    waiting_import(bo)

    send()

    assert mail.outbox == []


def test_what_was_told_is_not_told_again():
    ada, bo = person("editor", "Ada", "daily"), person("researcher", "Bo")
    act(bo, "The first.", "one")
    send()
    send()
    assert len(mail.outbox) == 1

    act(bo, "The second.", "two")
    long_ago(ada, 1)
    send()

    assert len(mail.outbox) == 2
    assert "The second." in mail.outbox[1].body
    assert "The first." not in mail.outbox[1].body


@pytest.mark.parametrize(
    ("rhythm", "days", "mails"), [("daily", 0.5, 0), ("daily", 0.9, 1), ("weekly", 6, 0), ("weekly", 7, 1)]
)
def test_rhythm(rhythm, days, mails):
    ada = person("editor", "Ada", rhythm)
    act(person("researcher", "Bo"), "A change.", "one")
    long_ago(ada, days)

    send()

    assert len(mail.outbox) == mails


def test_killed_between_its_place_and_its_mail_a_repeated_job_tells_nothing_twice(monkeypatch):
    person("editor", "Ada", "daily")
    act(person("researcher", "Bo"), "A change.", "one")

    def killed(self, messages):
        EmailBackend.send_messages(self, messages)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", lambda self: killed(mail.get_connection(), [self]))
        with pytest.raises(KeyboardInterrupt):
            send()
    assert len(mail.outbox) == 1

    send()

    assert len(mail.outbox) == 1


def test_mail_that_the_server_refuses_is_sent_with_the_next_job(monkeypatch):
    ada = person("editor", "Ada", "daily")
    person("editor", "Cy", "daily")
    act(person("researcher", "Bo"), "A change.", "one")
    original = mail.EmailMessage.send

    def refuse(self):
        if self.to == [ada.email]:
            raise smtplib.SMTPRecipientsRefused({ada.email: (450, b"try later")})
        return original(self)

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    assert send().result == {"sent": 1, "nothing_to_say": 0, "not_taken": 1}
    monkeypatch.setattr(mail.EmailMessage, "send", original)

    send()

    assert [sent.to for sent in mail.outbox] == [["cy@example.org"], [ada.email]]
    assert "A change." in mail.outbox[1].body


def test_mail_that_may_have_gone_out_is_not_sent_again(monkeypatch):
    person("editor", "Ada", "daily")
    act(person("researcher", "Bo"), "A change.", "one")

    def lost(self):
        raise smtplib.SMTPServerDisconnected("connection lost")

    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", lost)
        send()

    send()

    assert mail.outbox == []


@pytest.mark.parametrize("why", ["no role", "closed", "no address"])
def test_who_may_not_edit_any_more_is_not_written_to(why):
    ada, boss = person("editor", "Ada", "daily"), person("admin", "Boss")
    act(boss, "A change.", "one")
    if why == "no role":
        ada.groups.clear()
    elif why == "closed":
        deactivate(user=ada, by=boss)
    else:
        User.objects.filter(pk=ada.pk).update(email="")

    send()

    assert mail.outbox == []


def test_who_asks_for_it_is_told_of_what_comes_from_then_on():
    ada, bo = person("editor", "Ada"), person("researcher", "Bo")
    act(bo, "Before.", "one")
    digests.set_rhythm(by=ada, rhythm="daily")
    digests.set_rhythm(by=ada, rhythm="never")
    act(bo, "Meanwhile.", "two")
    digests.set_rhythm(by=ada, rhythm="weekly")
    act(bo, "After.", "three")
    long_ago(ada)

    send()

    body = mail.outbox[0].body
    assert "After." in body
    assert "Before." not in body
    assert "Meanwhile." not in body


def test_rhythm_that_there_is_not_is_refused_and_so_is_a_person_without_address():
    with pytest.raises(ValidationError):
        digests.set_rhythm(by=person("editor", "Ada"), rhythm="hourly")
    with pytest.raises(ValidationError, match="no e-mail address"):
        digests.set_rhythm(by=UserFactory(email=""), rhythm="daily")


def test_forged_link_is_nobodys():
    ada = person("editor", "Ada")

    assert digests.whose(digests.token_of(ada)) == ada
    assert digests.whose(digests.token_of(ada)[:-2] + "AA") is None


def test_of_many_changes_the_first_are_named_and_all_are_counted(django_assert_max_num_queries):
    person("editor", "Ada", "daily")
    bo = person("researcher", "Bo")
    for number in range(digests.MOST + 5):
        act(bo, f"Change {number}.", f"c{number}")

    with django_assert_max_num_queries(45):
        send()

    body = mail.outbox[0].body
    assert f"({digests.MOST + 5})" in body
    assert body.count("/history/acts/") == digests.MOST
    assert "/history/?after=" in body
