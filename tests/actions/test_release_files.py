"""The file of a release: what it holds, that it is made once, and that nobody gets one that has grown old."""

import sqlite3

import pytest

from tests.factories import CategoryFactory, CitationFactory, SourceFactory, UserFactory
from tests.history.acting import change, create
from tracker.actions import releases
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import run
from tracker.actions.redactions import redact_notes
from tracker.actions.stored_files import content
from tracker.models import Act, Category, FileChunk, Job, Release, ReleaseFile, Source, StoredFile

pytestmark = pytest.mark.django_db
SECRET = "Perpetual motion"


def made_release(name: str = "2026.11") -> Release:
    return releases.release(name=name, notes="The first.", by=UserFactory())


def build(release: Release | None) -> Job:
    job = releases.ask_for_file(release=release, by=None)
    assert run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()
    return job


def in_file(release: Release, folder, sql: str) -> list[tuple]:
    held = releases.file_of(release)
    path = folder / "read.sqlite3"
    path.write_bytes(content(held.file))
    database = sqlite3.connect(path)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()
        path.unlink()


def test_file_holds_the_records_as_they_stood_and_says_what_it_is(tmp_path):
    energy = create(CategoryFactory.build(slug="energy", name="Energy"))
    release = made_release()
    change(energy, name="Power")

    job = build(release)

    assert (job.state, job.error) == ("done", "")
    assert in_file(release, tmp_path, "SELECT name FROM tracker_category") == [("Energy",)]
    about = dict(in_file(release, tmp_path, "SELECT name, value FROM about"))
    assert (about["state"], about["checksum"]) == (f"r{release.number}", release.checksum)
    held = releases.file_of(release)
    assert held.file.expires is None
    assert held.file.name == "technology-leadership-2026.11.sqlite3"
    # Records only: no account, no act.
    tables = {name for (name,) in in_file(release, tmp_path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert not {name for name in tables if "user" in name or name.rpartition("_")[2] == "act"}


def test_what_a_withheld_source_alone_says_is_not_in_the_file_and_a_file_from_before_is_given_to_nobody(tmp_path):
    source = create(SourceFactory.build(slug="a-report", reuse=Source.Reuse.FACT, note=SECRET))
    category = create(CategoryFactory.build(slug="energy", name="Energy"))
    create(CitationFactory.build(cited=category, source=source, passage=SECRET))
    release = made_release()
    build(release)
    assert SECRET.encode() in content(releases.file_of(release).file)

    change(source, reuse=Source.Reuse.NO)

    assert releases.file_of(release) is None
    assert releases.files_are_wanted()
    old = ReleaseFile.objects.get().file_id
    build(release)
    now = releases.file_of(release)
    assert SECRET.encode() not in content(now.file)
    # Of the old one nothing is left.
    assert not StoredFile.objects.filter(pk=old).exists()
    assert not FileChunk.objects.filter(file=old).exists()


def test_redaction_removes_the_file_at_once(django_capture_on_commit_callbacks):
    create(CategoryFactory.build())
    release = made_release()
    build(release)

    with django_capture_on_commit_callbacks(execute=True):
        redact_notes(acts=[Act.objects.first().pk], what="A name", grounds="Order 7", by=UserFactory())

    assert not ReleaseFile.objects.exists()
    assert not FileChunk.objects.exists()


def test_all_missing_files_are_made_by_one_job_and_none_twice():
    create(CategoryFactory.build(slug="one"))
    first = made_release("2026.10")
    build(first)
    kept = releases.file_of(first).file.digest
    create(CategoryFactory.build(slug="two"))
    second = made_release("2026.11")
    assert releases.files_are_wanted()

    job = Job.objects.create(kind="release", title="Files", parameters={}, made_at=first_moment())
    run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()

    assert job.result["made"] == ["2026.11"]
    assert releases.file_of(first).file.digest == kept
    assert releases.file_of(second) is not None
    assert not releases.files_are_wanted()
    # Nothing is left of what was made on the way.
    assert StoredFile.objects.count() == 2


def first_moment():
    return Act.objects.earliest("at").at


def test_file_is_not_kept_where_something_is_withheld_while_it_is_made(monkeypatch):
    source = create(SourceFactory.build(reuse=Source.Reuse.FACT))
    release = made_release()
    seal = releases.seal

    def withhold_meanwhile(*paths):
        change(source, reuse=Source.Reuse.NO)
        return seal(*paths)

    monkeypatch.setattr(releases, "seal", withhold_meanwhile)
    job = build(release)

    assert (job.state, job.attempt) == ("waiting", 1)
    assert not ReleaseFile.objects.exists()
    monkeypatch.setattr(releases, "seal", seal)
    Job.objects.update(not_before=None)
    run(pk=job.pk, kinds=KINDS)
    assert releases.file_of(release) is not None


def test_file_that_cannot_be_made_is_not_asked_for_each_minute(monkeypatch):
    create(CategoryFactory.build())
    release = made_release()
    assert releases.files_are_wanted()
    job = releases.ask_for_file(release=release, by=None)
    assert not releases.files_are_wanted()

    Job.objects.filter(pk=job.pk).update(state="failed", ended_at=first_moment())

    assert not releases.files_are_wanted()
    Job.objects.filter(pk=job.pk).update(ended_at=first_moment() - releases.TRIED_AGAIN)
    assert releases.files_are_wanted()


def test_no_release_wants_no_file():
    assert not Category.objects.exists()
    assert not releases.files_are_wanted()
