"""Files of the records to take away: one kind at once, everything by a job; and templates to fill in.

All of a file is one state of the record, that of the newest revision when it was begun. It is read from a past file
(`history.past`), not in one long transaction: on SQLite such a one would keep everybody from writing, on PostgreSQL
it would hold back what is cleaned up; and the number of the state is known for certain.
"""

from __future__ import annotations

import datetime
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tracker.actions.jobs import JobFailed, Running, enqueue
from tracker.history import past
from tracker.history.kinds import KINDS, Kind
from tracker.history.past import Moment, NoRecordYet
from tracker.history.public_files import kind_of, made
from tracker.history.sealing import seal
from tracker.history.sheets import columns, exported, importable
from tracker.ingest.sheet_file import Workbook, csv_parts, write_csv
from tracker.models import FileChunk, Job, Revision, RevisionCounter, StoredFile, User

FORMATS = {"csv": "CSV files in one ZIP", "xlsx": "One XLSX workbook, a sheet a kind"}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
TEAM = "export"  # the kind of its job
# A job is forgotten after 90 days: its file goes soon after, unless another has taken its place.
PUBLIC_DAYS = 100
# Somebody may be at the old file when the new one is there.
TAKEN_AWAY = datetime.timedelta(hours=1)
TRIED_AGAIN = datetime.timedelta(hours=6)
SAID_EVERY = 500  # rows
WITHHELD_IN = (
    "It is the team's own file: it also holds what only sources say that may not be republished, as your forms do."
    " Do not publish it as it is. What everybody may have is at"
)
WITHHELD_OUT = (
    "What only sources say that may not be republished is left out; of such sources the title stands here, and that"
    " they are cited. No person of the team is named."
)
AGAIN = (
    "To change records, edit a file and import it again: a row with an id changes that record, a row without one makes"
    " a new record, and what is not in the file stays as it is. Columns may be left out."
)


@dataclass(frozen=True)
class About:
    """What a file says of itself: the state it is of, and for whom it is."""

    number: int
    digest: str
    at: datetime.datetime
    public: bool

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """(name, words) of what anybody must know who has the file."""
        here = settings.PUBLIC_URL
        return (
            ("What", "Technology Leadership Tracker, the records as they stood at one moment"),
            ("State", f"r{self.number}"),
            ("Recorded", f"{self.at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Digest", self.digest),
            ("The same on pages", f"{here}/?as_of=r{self.number}"),
            ("Withheld", WITHHELD_OUT if self.public else f"{WITHHELD_IN} {here}/data/."),
            ("Cells", "An empty cell means not known. Numbers have a decimal point; the column beside says how many decimals "
             "were published. Dates are as far as they are known: 2019, 2019-06 or 2019-06-05. A reference is the key of "
             "what it points to, or # and its number. A text in a CSV file that a spreadsheet would calculate has an "
             "apostrophe before it; an import takes it off."),
            *((("Licence", f"{here}/licence/"),) if self.public else (("Import", AGAIN),)),
        )  # fmt: skip


def newest() -> Moment:
    """The state after the newest revision. Raises NoRecordYet where nothing is recorded."""
    number = Revision.objects.order_by("-number").values_list("number", flat=True).first()
    if number is None:
        raise NoRecordYet(None)
    return past.moment(f"r{number}")


def about(at: Moment, *, public: bool) -> About:
    """What a file of that state says of itself."""
    when = Revision.objects.values_list("act__at", flat=True).get(number=at.number)
    return About(at.number, at.digest, when, public)


# One kind


def one_kind(*, kind: str, format: str, into: BinaryIO) -> str:
    """Writes the records of one kind to be edited and imported again; returns the file's name. Raises NoRecordYet."""
    at = newest()
    with past.reading(at):
        names = [column.name for column in columns(kind)]
        if format == "csv":
            write_csv(into, names, exported(kind))
        else:
            with Workbook(into, made=about(at, public=False).at) as book:
                _sheet(book, KINDS[kind], exported(kind))
    return f"{KINDS[kind].many.replace(' ', '-')}-r{at.number}.{format}"


def template(*, kind: str, format: str) -> bytes:
    """An empty file with a kind's columns; in a workbook a second sheet explains them."""
    stream = io.BytesIO()
    if format == "csv":
        write_csv(stream, [column.name for column in columns(kind)], [])
        return stream.getvalue()
    with Workbook(stream) as book:
        _sheet(book, KINDS[kind], [])
        book.sheet(
            "Explanation",
            ["Column", "Name", "What it takes", "Must be filled", "Example"],
            (
                [
                    column.name,
                    column.label,
                    column.takes,
                    "yes, for a new record" if column.required else "",
                    column.example,
                ]
                for column in columns(kind)
            ),
            widths=(22, 28, 80, 20, 26),
        )
    return stream.getvalue()


def _sheet(book: Workbook, kind: Kind, rows: Iterable[Iterable[str]]) -> None:
    own = columns(kind.name)
    # A list to choose from in each cell, where it is short enough for a spreadsheet.
    choices = {index: column.choices for index, column in enumerate(own) if len(column.choices) > 1}
    try:
        book.sheet(
            kind.many.capitalize(), [column.name for column in own], rows, [column.takes for column in own],
            choices=choices,
        )  # fmt: skip
    except ValueError as wrong:
        raise JobFailed(f"{kind.many.capitalize()} do not fit into a workbook: {wrong} Take CSV files.") from None


# Everything, for the team


def ask_for_export(*, format: str, kinds: Iterable[str], by: User) -> Job:
    """A job that exports these kinds, all of them if none is named."""
    wanted = [kind.name for kind in importable() if kind.name in set(kinds)]
    whole = not wanted or len(wanted) == len(importable())
    what = "everything" if whole else ", ".join(KINDS[name].many for name in wanted[:3])
    if not whole and len(wanted) > 3:
        what += f" and {len(wanted) - 3} more kinds"
    title = f"Export of {what} ({'CSV' if format == 'csv' else 'XLSX'})"
    return enqueue(kind=TEAM, title=title, by=by, format=format, kinds=[] if whole else wanted)


def export(running: Running, *, format: str, kinds: list[str]) -> None:
    """The work of a job: the records of these kinds (none named: all) as one file, at one revision."""
    try:
        at = newest()
    except NoRecordYet:
        raise JobFailed("Nothing is recorded yet.") from None
    wanted = [kind for kind in importable() if not kinds or kind.name in kinds]
    running.progress(0, None, f"Reading the record as of r{at.number}", at_once=True)
    with tempfile.TemporaryFile() as into:
        with past.reading(at):
            counts = write(into, format, wanted, about(at, public=False), running.progress)
        records = sum(counts.values())
        _keep(running, into, records, f"technology-leadership-team-r{at.number}", format)
    with running.finishing(revision=f"r{at.number}", records=records, kinds=len(counts)):
        pass


def _keep(running: Running, into: IO[bytes], records: int, name: str, format: str, **options: int) -> None:
    ending = "zip" if format == "csv" else "xlsx"
    running.progress(records, records, "Storing the file", at_once=True)
    into.seek(0)
    running.keep(into, name=f"{name}.{ending}", content_type=CONTENT_TYPES[ending], **options)


def write(
    into: IO[bytes], format: str, kinds: list[Kind], said: About, progress: Callable[[int, int, str], object]
) -> dict[str, int]:
    """These kinds as one file, of the state that is being read; returns how many records of each it holds.

    `progress` is told now and then how many records are written, of how many, and of what kind.
    """
    counts = {kind.name: kind.model._default_manager.count() for kind in kinds}
    total, done = sum(counts.values()), 0

    def rows(kind: Kind) -> Iterator[tuple[str, ...]]:
        nonlocal done
        for row in exported(kind.name):
            if done % SAID_EVERY == 0:
                progress(done, total, kind.many.capitalize())
            done += 1
            yield row

    writer = _write_zip if format == "csv" else _write_workbook
    writer(into, kinds, counts, said, rows)
    return counts


Rows = Callable[[Kind], Iterator[tuple[str, ...]]]


def _write_zip(into: IO[bytes], kinds: list[Kind], counts: dict[str, int], said: About, rows: Rows) -> None:
    # Equal states give equal bytes: the clock of a file in it is that of the state. ZIP knows no year before 1980.
    when = max(said.at.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in (
            ("README.txt", iter([readme(kinds, counts, said).encode()])),
            *((f"{kind.name}.csv", _parts(kind, rows)) for kind in kinds),
        ):
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as file:
                for part in parts:
                    file.write(part)


def _parts(kind: Kind, rows: Rows) -> Iterator[bytes]:
    yield from csv_parts([column.name for column in columns(kind.name)], rows(kind))


def _write_workbook(into: IO[bytes], kinds: list[Kind], counts: dict[str, int], said: About, rows: Rows) -> None:
    with Workbook(into, made=said.at) as book:  # type: ignore[arg-type]
        lines = [*said.lines, *((kind.many.capitalize(), f"{counts[kind.name]} records") for kind in kinds)]
        book.sheet("About", ["About", "In words"], lines, widths=(28, 110))
        for kind in kinds:
            _sheet(book, kind, rows(kind))


def readme(kinds: Iterable[Kind], counts: dict[str, int], said: About) -> str:
    """The text beside the CSV files: what they are, and each column of each."""
    text = ["TECHNOLOGY LEADERSHIP TRACKER", ""]
    for name, words in said.lines:
        text += [f"{name}: {words}", ""]
    text += [
        "CSV files are UTF-8 with a byte order mark, separated by commas, with one header line.",
        "",
        "FILES",
        "",
    ]
    for kind in kinds:
        text.append(f"{kind.name}.csv: {kind.many}, {counts[kind.name]} records")
    for kind in kinds:
        text += ["", "", f"{kind.name}.csv", ""]
        for column in columns(kind.name):
            must = " Must be filled for a new record." if column.required else ""
            text.append(f"- {column.name} ({column.label}): {column.takes}{must}")
    return "\r\n".join([*text, ""])


# Everything, for everybody


def ask_for_everything(*, format: str, by: User | None = None) -> Job:
    """A job that makes the public file of everything."""
    kind = kind_of(format)
    return enqueue(kind=kind, title=f"Public file of everything ({format.upper()})", by=by, once=kind)


def everything_csv(running: Running) -> None:
    everything(running, format="csv")


def everything_xlsx(running: Running) -> None:
    everything(running, format="xlsx")


def everything(running: Running, *, format: str) -> None:
    """The work of a job: all records without what is withheld, by the rules of a release's file (`history.sealing`)."""
    forget_stale_files()
    try:
        at = newest()
    except NoRecordYet:
        raise JobFailed("Nothing is recorded yet.") from None
    hidden = past.kept_back()
    running.progress(0, None, f"Reading the record as of r{at.number}", at_once=True)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as into:
        filled, sealed = Path(folder) / "filled.sqlite3", Path(folder) / "sealed.sqlite3"
        past.fill(filled, at.number, hidden)
        seal(filled, sealed)
        with past.reading_file(sealed):
            counts = write(into, format, list(importable()), about(at, public=True), running.progress)
        records = sum(counts.values())
        _keep(running, into, records, "technology-leadership-everything", format, days=PUBLIC_DAYS)
    with running.finishing(revision=at.number, records=records, kept_back=hidden.digest):
        # Acts queue here: nothing is withheld between this look and the end.
        list(RevisionCounter.objects.select_for_update())
        if past.kept_back().digest != hidden.digest:
            raise RuntimeError("What is withheld has changed while the file was made.")
        before = StoredFile.objects.filter(pk__in=made(format).values("file"))
        before.update(expires=timezone.now() + TAKEN_AWAY)


def everything_is_wanted(format: str) -> bool:
    """Whether the public file is not of the newest revision, and nobody is at it or has just failed at it."""
    newest_number = Revision.objects.order_by("-number").values_list("number", flat=True).first()
    job = made(format).first()
    if newest_number is None or (
        job is not None
        and job.result.get("revision") == newest_number
        and job.result.get("kept_back") == past.kept_back().digest
    ):
        return False
    failed = Q(state=Job.State.FAILED, ended_at__gt=timezone.now() - TRIED_AGAIN)
    return not Job.objects.filter(Q(state__in=Job.OPEN) | failed, kind=kind_of(format)).exists()


def forget_stale_files() -> int:
    """Removes public files that hold what is withheld or was taken out since they were made; returns how many."""
    digest = past.kept_back().digest
    kinds = [kind_of(format) for format in FORMATS]
    found = Job.objects.filter(kind__in=kinds, file__isnull=False).select_related("file")
    return _remove(job for job in found if job.result.get("kept_back") != digest)


def forget_exports() -> int:
    """Removes every exported file, the team's too: after a takedown no copy of what was taken out may stay."""
    kinds = [TEAM, *(kind_of(format) for format in FORMATS)]
    return _remove(Job.objects.filter(kind__in=kinds, file__isnull=False).select_related("file"))


def _remove(jobs: Iterable[Job]) -> int:
    files = [job.file for job in jobs if job.file is not None]
    for file in files:
        with transaction.atomic():
            FileChunk.objects.filter(file=file).delete()
            file.delete()
    return len(files)
