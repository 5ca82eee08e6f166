"""Files of the records: of one state, whole, exact, and for readers without what is withheld."""

import csv
import datetime
import io
import re
import zipfile

import pytest

from tests.factories import CategoryFactory, SourceFactory, UserFactory
from tests.history.acting import act, change, create, delete
from tests.history.test_sealing import sealed_file
from tests.pages.test_sealed import (
    CODE,
    NAME,
    SLUG,
    seal_columns,
    seal_engagement,
    seal_own_facts,
    seal_party_and_its_engagement,
)
from tracker.actions import exports, imports, stored_files
from tracker.actions.job_kinds import KINDS as JOBS
from tracker.actions.jobs import cancel, run
from tracker.actions.redactions import redact_notes
from tracker.history import past
from tracker.history.kinds import KINDS
from tracker.history.past import NoRecordYet
from tracker.history.public_files import given
from tracker.history.sheets import columns, exported, importable
from tracker.ingest.sheet_file import Reading, look, rows
from tracker.models import Act, BulkImport, Category, Job, Revision, Source, StoredFile

SECRET = "Perpetual motion"


def done(job: Job) -> Job:
    """The job after its work."""
    assert run(pk=job.pk, kinds=JOBS)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


def content(job: Job) -> bytes:
    return stored_files.content(job.file)


def team(format: str, kinds=()) -> Job:
    return done(exports.ask_for_export(format=format, kinds=kinds, by=UserFactory()))


def everything(format: str = "csv") -> Job:
    return done(exports.ask_for_everything(format=format))


def unpacked(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(tmp_path, content: bytes, sheet: str = "") -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header and the rows of a file as an import reads it."""
    path = tmp_path / "read"
    path.write_bytes(content)
    seen = look(path, "read", Reading("xlsx", sheet=sheet) if sheet else None)
    found = list(rows(path, seen.reading))
    assert not any(row.error for row in found)
    return seen.header, [row.cells for row in found]


def of_one_kind(kind: str, format: str) -> bytes:
    stream = io.BytesIO()
    exports.one_kind(kind=kind, format=format, into=stream)
    return stream.getvalue()


# Everything, for the team


@pytest.mark.seed
def test_zip_holds_every_record_of_every_kind():
    job = team("csv")

    files = unpacked(content(job))
    assert list(files) == ["README.txt", *(f"{kind.name}.csv" for kind in importable())]
    for kind in importable():
        found = table(files[f"{kind.name}.csv"])
        assert list(found[0]) == [column.name for column in columns(kind.name)]
        pks = list(kind.model._default_manager.order_by("pk").values_list("pk", flat=True))
        assert [int(row["id"]) for row in found] == pks
    number = Revision.objects.order_by("-number").values_list("number", flat=True)[0]
    assert job.file.name == f"technology-leadership-team-r{number}.zip"
    assert job.result["records"] == sum(kind.model._default_manager.count() for kind in importable())
    assert job.done == job.total


@pytest.mark.seed
def test_readme_says_of_what_state_it_is_what_is_withheld_and_what_columns_take():
    text = unpacked(content(team("csv", ["score"])))["README.txt"]

    last = Revision.objects.select_related("act").order_by("-number")[0]
    assert f"State: r{last.number}" in text
    assert last.digest in text
    assert f"{last.act.at:%Y-%m-%d %H:%M:%S} UTC" in text
    assert "also holds what only sources say that may not be republished" in text
    assert re.search(r"^score\.csv: scores, \d+ records\r$", text, re.MULTILINE)
    for column in columns("score"):
        assert f"- {column.name} ({column.label}): {column.takes}" in text


@pytest.mark.seed
def test_workbook_has_a_sheet_of_every_kind(tmp_path):
    job = team("xlsx")

    path = tmp_path / "all.xlsx"
    path.write_bytes(content(job))
    seen = look(path, "all.xlsx")
    assert seen.sheets == ("About", *(kind.many.capitalize() for kind in importable()))
    said = {row.cells[0]: row.cells[1] for row in rows(path, seen.reading)}
    assert said["State"] == job.result["revision"]
    assert "Do not publish it" in said["Withheld"]
    for name in ("score", "citation", "engagement", "technology"):
        kind = KINDS[name]
        with past.reading(exports.newest()):
            expected = list(exported(name))
        header, found = read(tmp_path, path.read_bytes(), kind.many.capitalize())
        assert header == tuple(column.name for column in columns(name))
        assert found == [tuple(cell.strip() for cell in row) for row in expected]


@pytest.mark.seed
def test_some_kinds_alone_and_equal_states_give_equal_bytes():
    one, two = team("csv", ["window", "category"]), team("csv", ["category", "window", "no such kind"])

    assert list(unpacked(content(one))) == ["README.txt", "category.csv", "window.csv"]
    assert one.title == "Export of categories, windows (CSV)"
    assert content(one) == content(two)
    assert content(team("xlsx", ["window"])) == content(team("xlsx", ["window"]))


@pytest.mark.django_db
def test_all_kinds_are_of_one_state_whatever_is_written_meanwhile():
    energy = create(CategoryFactory.build(slug="energy", name="Energy"))
    for number in range(3):
        create(CategoryFactory.build(slug=f"other-{number}"))
    at = exports.newest()
    stream = io.BytesIO()
    written = []

    def meanwhile(done: int, total: int, doing: str) -> None:
        if not written:
            written.append(doing)
            # A colleague saves while the file is written.
            token = past._alias.set(None)
            change(Category.objects.get(pk=energy.pk), name="Power")
            delete(Category.objects.get(slug="other-2"))
            past._alias.reset(token)

    with past.reading(at):
        counts = exports.write(stream, "csv", [KINDS["category"]], exports.about(at, public=False), meanwhile)

    assert written == ["Categories"]
    found = table(unpacked(stream.getvalue())["category.csv"])
    assert found[0]["name"] == "Energy"
    assert len(found) == counts["category"] == 4
    assert Category.objects.get(pk=energy.pk).name == "Power"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["export", "everything-csv", "everything-xlsx"])
def test_an_empty_record_cannot_be_exported(kind):
    job = (
        exports.ask_for_export(format="csv", kinds=[], by=UserFactory())
        if kind == "export"
        else exports.ask_for_everything(format=kind.removeprefix("everything-"))
    )

    run(pk=job.pk, kinds=JOBS)

    job.refresh_from_db()
    assert (job.kind, job.state, job.error) == (kind, "failed", "Nothing is recorded yet.")
    assert not exports.everything_is_wanted("csv")
    with pytest.raises(NoRecordYet):
        exports.one_kind(kind="score", format="csv", into=io.BytesIO())


@pytest.mark.seed
def test_who_asked_can_stop_it(monkeypatch):
    user = UserFactory()
    job = exports.ask_for_export(format="csv", kinds=[], by=user)
    before = StoredFile.objects.count()

    def stopping(kind, pks=None):
        cancel(job=Job.objects.get(pk=job.pk), by=user)
        yield from exported(kind, pks)

    monkeypatch.setattr(exports, "exported", stopping)
    run(pk=job.pk, kinds=JOBS)

    job.refresh_from_db()
    assert (job.state, job.file) == ("cancelled", None)
    assert StoredFile.objects.filter(expires__isnull=True).count() <= before


@pytest.mark.django_db
def test_a_text_too_long_for_a_workbook_is_said_and_csv_holds_it():
    create(SourceFactory.build(slug="long", note="x" * 40_000))
    job = exports.ask_for_export(format="xlsx", kinds=["source"], by=UserFactory())

    run(pk=job.pk, kinds=JOBS)

    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed",
        "Sources do not fit into a workbook: A cell of a workbook holds 32,767 characters, not 40,000. Take CSV files.",
    )
    assert "x" * 40_000 in unpacked(content(team("csv", ["source"])))["source.csv"]


# One kind, there and back


@pytest.mark.seed
@pytest.mark.parametrize("kind", list(KINDS))
def test_one_kind_is_the_same_in_both_formats(tmp_path, kind):
    as_csv, as_xlsx = (read(tmp_path, of_one_kind(kind, format)) for format in ("csv", "xlsx"))

    assert as_csv == as_xlsx
    assert as_csv[0] == tuple(column.name for column in columns(kind))
    assert len(as_csv[1]) == KINDS[kind].model._default_manager.count()


def imported(content: bytes, kind: str, name: str) -> BulkImport:
    """The import of a file as it is, after its check."""
    person = UserFactory()
    file = stored_files.keep(content=io.BytesIO(content), name=name, content_type="text/csv", by=person)
    one = imports.begin(file=file, by=person, kind=kind)
    done(imports.ask_check(one=one, by=person))
    one.refresh_from_db()
    assert one.problems == []
    return one


@pytest.mark.seed
@pytest.mark.parametrize(
    ("kind", "format"), [*((kind, "csv") for kind in KINDS), *((kind, "xlsx") for kind in ("assessment", "citation"))]
)
def test_what_is_exported_and_imported_again_changes_nothing(kind, format):
    one = imported(of_one_kind(kind, format), kind, f"{kind}.{format}")

    wrong = [(row.line, row.errors) for row in one.staged.filter(what="with errors")[:3]]
    assert (one.created, one.changed, one.wrong, wrong) == (0, 0, 0, [])
    assert one.unchanged == KINDS[kind].model._default_manager.count() > 0


@pytest.mark.django_db
def test_texts_that_a_spreadsheet_would_calculate_come_back_as_they_are():
    names = ["=1+1", "+49", "-x", "@SUM(1)", "'quoted", "'=x", "5"]
    for number, name in enumerate(names):
        create(CategoryFactory.build(slug=f"c{number}", name=name))
    files = [of_one_kind("category", format) for format in ("csv", "xlsx")]

    assert not re.search(rb"^\d+,[=+@]", files[0], re.MULTILINE)
    for file in files:
        one = imported(file, "category", "category")
        assert (one.changed, one.wrong, one.unchanged) == (0, 0, len(names))


@pytest.mark.parametrize("kind", list(KINDS))
def test_templates_have_the_columns_and_explain_them(tmp_path, kind):
    names = tuple(column.name for column in columns(kind))
    assert read(tmp_path, exports.template(kind=kind, format="csv")) == (names, [])
    workbook = exports.template(kind=kind, format="xlsx")
    assert read(tmp_path, workbook) == (names, [])

    header, explained = read(tmp_path, workbook, "Explanation")

    assert header == ("Column", "Name", "What it takes", "Must be filled", "Example")
    assert [(row[0], row[2], bool(row[3])) for row in explained] == [
        (column.name, column.takes.strip(), column.required) for column in columns(kind)
    ]


# Everything, for everybody


@pytest.mark.seed
@pytest.mark.unguarded
@pytest.mark.parametrize(
    ("hide", "format"),
    [
        (seal_engagement, "csv"),
        (seal_own_facts, "csv"),
        (seal_columns, "csv"),
        (seal_party_and_its_engagement, "xlsx"),
    ],
)
def test_nothing_that_is_sealed_stands_in_a_public_file(tmp_path, hide, format):
    hide(SourceFactory(slug="sealed", title="A closed report", reuse=Source.Reuse.NO))
    said = exports.About(1, "0" * 64, Act.objects.latest("pk").at, True)
    stream = io.BytesIO()

    with past.reading_file(sealed_file(tmp_path)):
        exports.write(stream, format, list(importable()), said, lambda *_: None)

    with zipfile.ZipFile(stream) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert "A closed report" in text
    for secret in (NAME, SLUG, CODE):
        assert secret not in text


@pytest.mark.seed
def test_figures_of_withheld_sources_stand_in_the_teams_file_but_not_in_the_public_one():
    figures = re.compile(r"\b(65\.4|14\.1|58\.5|48\.49|36\.4)\b")
    assert figures.search(unpacked(content(everything()))["score.csv"])
    sources = list(Source.objects.all())
    with act(*sources):
        for source in sources:
            source.reuse = Source.Reuse.NO
            source.save()

    files = unpacked(content(everything()))
    assert not figures.search(
        "".join(text for name, text in files.items() if name not in ("README.txt", "source.csv"))
    )
    assert len(table(files["source.csv"])) == len(sources)
    assert not any(row["passage"] or row["stated_value"] or row["note"] for row in table(files["citation.csv"]))
    assert figures.search(unpacked(content(team("csv")))["score.csv"])


@pytest.mark.seed
def test_public_files_name_nobody_of_the_team_and_say_that_something_is_withheld(tmp_path):
    person = UserFactory(first_name="Zebulon", last_name="Quill")
    create(CategoryFactory.build(slug="by-a-person"), by=person, by_name="")
    job = everything()

    text = "".join(unpacked(content(job)).values())

    assert "Zebulon" not in text
    assert "is left out; of such sources the title stands here" in text
    assert "Do not publish" not in text
    assert read(tmp_path, content(everything("xlsx")), "About")[1][0][0] == "What"


@pytest.mark.django_db
def test_public_file_is_made_anew_after_a_change_and_takes_the_place_of_the_old_one():
    energy = create(CategoryFactory.build(slug="energy", name="Energy"))
    assert exports.everything_is_wanted("csv")
    assert given() == {}
    first = everything()

    assert given() == {"csv": (first.file, first.result["revision"])}
    assert not exports.everything_is_wanted("csv")
    assert exports.everything_is_wanted("xlsx")

    change(energy, name="Power")
    # Until the next one is there, the one of before is given.
    assert given()["csv"][0] == first.file
    assert exports.everything_is_wanted("csv")
    waiting = exports.ask_for_everything(format="csv")
    assert not exports.everything_is_wanted("csv")
    second = done(waiting)

    assert given() == {"csv": (second.file, first.result["revision"] + 1)}
    assert "Power" in unpacked(content(second))["category.csv"]
    first.file.refresh_from_db()
    assert first.file.expires < second.file.expires
    assert exports.TAKEN_AWAY.total_seconds() <= 3600


@pytest.mark.django_db
def test_a_job_that_failed_is_not_asked_for_again_at_once():
    create(CategoryFactory.build(slug="energy"))
    job = exports.ask_for_everything(format="csv")
    assert exports.ask_for_everything(format="csv") == job
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, ended_at=job.made_at)

    assert not exports.everything_is_wanted("csv")
    Job.objects.filter(pk=job.pk).update(ended_at=job.made_at - exports.TRIED_AGAIN)
    assert exports.everything_is_wanted("csv")


@pytest.mark.django_db
def test_nobody_gets_a_file_that_holds_what_was_withheld_since():
    source = create(SourceFactory.build(slug="open", reuse=Source.Reuse.OPEN, note=SECRET))
    job = everything()
    assert SECRET in unpacked(content(job))["source.csv"]

    change(source, reuse=Source.Reuse.NO)

    assert given() == {}
    assert exports.everything_is_wanted("csv")
    again = everything()
    assert SECRET not in "".join(unpacked(content(again)).values())
    # Its own way out of the database.
    assert not StoredFile.objects.filter(pk=job.file_id).exists()
    assert exports.forget_stale_files() == 0


@pytest.mark.django_db(transaction=True)
def test_after_a_takedown_no_exported_file_is_left():
    record = create(CategoryFactory.build(slug="energy", name="Energy"), note=f"About {SECRET}")
    files = [team("csv").file_id, everything().file_id]
    noted = Revision.objects.get(kind="category", record=record.pk).act_id

    redact_notes(acts=[noted], what="A name", grounds="Court order 7 of 2026", by=UserFactory())

    assert not StoredFile.objects.filter(pk__in=files).exists()
    assert given() == {}


def test_about_says_for_whom_it_is(settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    at = datetime.datetime(2026, 11, 22, 8, 0, tzinfo=datetime.UTC)
    team_lines, public = (dict(exports.About(7, "ab", at, who).lines) for who in (False, True))

    assert team_lines["The same on pages"] == "https://tracker.example.org/?as_of=r7"
    assert "https://tracker.example.org/data/" in team_lines["Withheld"]
    assert "Licence" in public
    assert "Import" in team_lines
    assert "Licence" not in team_lines
