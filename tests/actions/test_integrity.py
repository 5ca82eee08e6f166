"""The nightly check finds what was changed past the application, says so in words, and tells the administrators."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from tests.factories import CategoryFactory, CitationFactory, SourceFactory, UserFactory
from tests.history.acting import create
from tracker.actions import integrity
from tracker.actions.accounts import create_groups
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import enqueue, run
from tracker.actions.stored_files import keep
from tracker.history.guard import unguarded
from tracker.history.past import moment, reading
from tracker.models import Category, Citation, FileChunk, Interval, Job, JobLine, StoredFile, Technology

pytestmark = pytest.mark.django_db


def checked() -> Job:
    job = enqueue(kind="integrity", title="Nightly check", by=None)
    assert run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()
    return job


def lines(job: Job) -> str:
    return "\n".join(JobLine.objects.filter(job=job).values_list("text", flat=True))


@pytest.fixture
def some_records():
    source = create(SourceFactory.build(slug="a-source"))
    category = create(CategoryFactory.build(slug="energy", name="Energy"))
    create(CitationFactory.build(cited=category, source=source))
    keep(content=io.BytesIO(b"x" * 3_000_000), name="scores.csv", content_type="text/csv", by=None)
    return category


@pytest.fixture
def boss():
    create_groups()
    person = UserFactory(email="boss@example.org", display_name="The boss")
    person.groups.add(Group.objects.get(name="admin"))
    editor = UserFactory(email="editor@example.org")
    editor.groups.add(Group.objects.get(name="editor"))
    return person


def test_sound_database_passes_and_says_what_was_looked_at(some_records, boss):
    with reading(moment("r2")):
        assert Category.objects.count() == 1

    job = checked()

    assert (job.state, job.error, job.result) == ("done", "", {"said": "Nothing is wrong."})
    told = lines(job)
    for said in ("3 revisions and 3 records are sound", "1 citations", "1 kept files of 3.0 MB", "1 past states"):
        assert said in told
    assert mail.outbox == []


def test_record_that_was_changed_past_history_fails_the_job_and_is_mailed(some_records, boss, settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    with unguarded():
        Category.objects.update(name="Forged")

    job = checked()

    assert job.state == "failed"
    assert "The category" in job.error
    assert "is not what its last revision says: name" in job.error
    (sent,) = mail.outbox
    assert sent.to == ["boss@example.org"]
    assert "1 finding" in sent.subject
    assert "is not what its last revision says: name" in sent.body
    assert f"https://tracker.example.org/workbench/jobs/{job.pk}/" in sent.body
    assert "The boss was told by mail." in lines(job)


def test_interval_that_is_not_the_rebuilt_one_is_found(some_records):
    with unguarded():
        Interval.objects.filter(kind="category").delete()

    assert "index of intervals is wrong" in checked().error


def test_citation_of_nothing_is_found(some_records):
    with unguarded():
        Citation.objects.update(record=987654)

    error = checked().error

    assert "speaks of category 987654, which is not there" in error


def test_citation_of_an_unknown_kind_is_found(some_records):
    with unguarded():
        Citation.objects.update(kind="weather")

    assert "speaks of weather" in checked().error


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_broken_file_is_found(some_records, harm):
    second = FileChunk.objects.filter(number=1)
    if harm == "missing":
        second.delete()
    else:
        second.update(data=b"y" * (1 << 20))

    error = checked().error

    assert "(scores.csv) is not" in error
    assert StoredFile.objects.count() == 1


def test_past_state_that_cannot_be_read_is_found(some_records, settings):
    with reading(moment("r2")):
        Category.objects.count()
    (path,) = settings.PAST_DIR.glob("*.sqlite3")
    path.write_bytes(path.read_bytes()[:5000] + b"\0" * 20_000)

    assert f"{path.name} is broken" in checked().error


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_reference_to_nothing_is_found_on_sqlite(some_records):
    # The database itself would refuse it at the end of the transaction.
    with transaction.atomic(), unguarded():
        technology = Technology(slug="t", name="T", category_id=424242)
        Technology.objects.bulk_create([technology])

        found, _ = integrity.of_database(lambda: None)

        assert any("tracker_technology" in one and "tracker_category" in one for one in found)
        Technology.objects.all()._raw_delete("default")


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_reference_to_nothing_is_found_on_postgresql(some_records):
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Technology.objects.bulk_create([Technology(slug="t", name="T", category_id=424242)])
        cursor.execute("SET LOCAL session_replication_role = origin")

        found, _ = integrity.of_database(lambda: None)

        assert any("tracker_technology.category_id leads nowhere in row" in one for one in found)
        Technology.objects.all()._raw_delete("default")


def test_what_is_written_while_the_log_is_read_is_no_finding(some_records, monkeypatch):
    """Two readings of a moving log disagree with each other; the record is sound all the same."""
    verify, writes = integrity.verify, iter(["one"])

    def torn():
        result = verify()
        for slug in writes:
            create(CategoryFactory.build(slug=slug))
            result.found("The log ends with r3; the counter says r4: its end was cut off or added to.")
        return result

    monkeypatch.setattr(integrity, "verify", torn)

    assert checked().state == "done"


def test_finding_among_writes_is_a_finding(some_records, monkeypatch):
    with unguarded():
        Category.objects.update(name="Forged")
    verify, numbers = integrity.verify, iter(range(100))

    def busy():
        create(CategoryFactory.build(slug=f"new-{next(numbers)}"))
        return verify()

    monkeypatch.setattr(integrity, "verify", busy)

    assert "is not what its last revision says" in checked().error


def test_check_can_be_stopped(some_records, monkeypatch):
    job = enqueue(kind="integrity", title="Nightly check", by=None)

    def ask(stop):
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
        stop()
        raise AssertionError("It went on.")

    monkeypatch.setattr(integrity, "LOOKS", (("Asks", ask),))
    run(pk=job.pk, kinds=KINDS)

    job.refresh_from_db()
    assert job.state == "cancelled"
