"""Imports: the list of them; one of them on its way; what each of its rows would do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from django.core import signing
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from tracker.analysis.history import FieldDifference
from tracker.analysis.read_model import Link, long_date, written
from tracker.history.kinds import KINDS, Kind, label_of, records_named
from tracker.history.sheets import columns, names_of_columns
from tracker.history.tracked import State, tracked_models
from tracker.ingest.sheet_file import ENCODINGS, NEAR, Look, Reading, SheetRow, plain
from tracker.models import Act, BulkImport, Job, Record, Revision, Source, StagedRow, StoredFile, User
from tracker.models.partial_date import PartialDateField
from tracker.pages.not_found import NotFound
from tracker.pages.reports import spaced

A_PAGE = 25
ROWS_A_PAGE = 50
# Longer texts of new records stand in short in their table.
LONG = 120
S, W = BulkImport.State, StagedRow.What
# Where the file and its columns may be set otherwise; where one may begin anew; where it may be taken back.
OPEN, OVER = (S.DRAFT, S.CHECKED), (S.REJECTED, S.WITHDRAWN)
# Columns that say nothing to people: the row's own number, a key that stands in words, the decimals of a number.
SILENT = frozenset({"id", "record"})

# The words of a state in the list and at the head of the page.
STATE_WORDS = {
    S.DRAFT: "being set up",
    S.CHECKING: "being checked",
    S.CHECKED: "checked, not submitted",
    S.WAITING: "waits for an editor",
    S.APPLYING: "being written",
    S.APPLIED: "written",
    S.REJECTED: "rejected",
    S.WITHDRAWN: "withdrawn",
}
TABS = (
    (W.WRONG, "With errors"),
    (W.CREATE, "New"),
    (W.UPDATE, "Changed"),
    (W.SAME, "Unchanged"),
    (W.LEFT_OUT, "Left out"),
)


@dataclass(frozen=True)
class ImportLine:
    """An import in a list. `counts` in words; empty before it was checked."""

    pk: int
    address: str
    file: str
    kind: str
    state: str
    state_words: str
    counts: str
    by: str
    mine: bool
    made_at: datetime
    decided: str
    reason: str
    reverted_by: str = ""


@dataclass(frozen=True)
class TakenBack:
    """The act that took another one back as a whole."""

    act: int
    by: str
    at: datetime


@dataclass(frozen=True)
class ImportList:
    """A page of imports, those that wait first; `waiting`, `mine`, `all`: how many there are."""

    rows: tuple[ImportLine, ...]
    whose: str
    waiting: int
    mine: int
    all: int
    page: int
    pages: int


@dataclass(frozen=True)
class Step:
    """One step of the way. `here`: this is where it stands; `done`: it lies behind."""

    name: str
    here: bool
    done: bool


@dataclass(frozen=True)
class Finding:
    """What is wrong in one cell, or (`column` empty) with one row."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class SourceShown:
    """A citation that comes with a row. `marks`: 'reliability A, credibility 2', '' without any."""

    title: str
    page: str = ""
    passage: str = ""
    marks: str = ""


@dataclass(frozen=True)
class RowShown:
    """What one row of the file would do. `cells`: a new record's values under the columns of the table."""

    line: int
    name: str
    history: str
    differences: tuple[FieldDifference, ...]
    cells: tuple[str, ...]
    findings: tuple[Finding, ...]
    sources: tuple[SourceShown, ...]

    @property
    def height(self) -> int:
        """How many lines of the table it takes: one for each field or finding."""
        return max(1, len(self.differences) + bool(self.sources), len(self.findings))


@dataclass(frozen=True)
class Tab:
    what: str
    label: str
    count: int
    here: bool


@dataclass(frozen=True)
class Rows:
    """A page of what the rows would do. `columns`: those of the table of new records."""

    what: str
    tabs: tuple[Tab, ...]
    rows: tuple[RowShown, ...]
    columns: tuple[str, ...]
    page: int
    pages: int
    first: int
    last: int
    count: int


@dataclass(frozen=True)
class ImportPage:
    """One import, whatever its state. What may be done with it: `may_…`."""

    pk: int
    address: str
    file: str
    file_size: str
    read_as: str
    mapping: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]
    kind: str
    kind_noun: str
    kind_many: str
    state: str
    state_words: str
    steps: tuple[Step, ...]
    by: str
    mine: bool
    made_at: datetime
    checked_at: datetime | None
    cause: str
    note: str
    good_only: bool
    rows: int
    good: int
    created: int
    changed: int
    unchanged: int
    left_out: int
    wrong: int
    findings: int
    problems: tuple[str, ...]
    decided_by: str
    decided_at: datetime | None
    reason: str
    act: int | None
    reverted: TakenBack | None
    is_checked: bool
    touched: tuple[Link, ...]
    touched_more: bool
    job: Job | None
    job_address: str
    may_set_up: bool
    may_submit: bool
    may_approve: bool
    may_decide: bool
    may_reopen: bool
    may_withdraw: bool

    @property
    def seen(self) -> str:
        """Names what the page shows of the rows: what is approved is what was seen."""
        return self.checked_at.isoformat() if self.checked_at else ""

    @property
    def writes(self) -> str:
        """'62 new and 3 changed', only the good rows."""
        parts = [
            f"{written(many)} {word}" for many, word in ((self.created, "new"), (self.changed, "changed")) if many
        ]
        return " and ".join(parts) or "nothing"

    @property
    def would_write(self) -> int:
        """How many records would be made or changed, the good rows only."""
        return self.created + self.changed


# How long the workbench names what was decided of one's own imports, and how many imports it names.
NEWS, NAMED = timedelta(days=14), 6


def waiting_and_mine(user: User, now: datetime | None = None) -> tuple[ImportLine, ...]:
    """For the workbench: what waits for this editor, and what of one's own is open or was decided lately. One query,
    and those of `taken_back` where something was reverted since."""
    lately = (now or timezone.now()) - NEWS
    about = Q(by=user) & (~Q(state__in=(S.APPLIED, S.REJECTED, S.WITHDRAWN)) | Q(decided_at__gte=lately))
    if user.may("approve"):
        about |= Q(state=S.WAITING)
    return _lines(_in_order(BulkImport.objects.filter(about))[:NAMED], user)


def import_list(*, user: User, whose: str, page: int) -> ImportList:
    """Two queries, and those of `taken_back` where something was reverted since. Raises NotFound for a page beyond the
    last, and for a word that says nobody's."""
    if whose not in ("mine", "all"):
        raise NotFound(f"Imports are “mine” or “all”, not “{whose[:40]}”.")
    counts = BulkImport.objects.aggregate(
        waiting=Count("pk", filter=Q(state=S.WAITING)), mine=Count("pk", filter=Q(by=user)), all=Count("pk")
    )
    pages = ceil(counts[whose] / A_PAGE) or 1
    if not 1 <= page <= pages:
        raise NotFound(f"There is no page {page} of these imports: there {_is(pages)} {pages}.")
    found = BulkImport.objects.filter(by=user) if whose == "mine" else BulkImport.objects.all()
    rows = _in_order(found)[(page - 1) * A_PAGE : page * A_PAGE]
    return ImportList(_lines(rows, user), whose, page=page, pages=pages, **counts)


def _in_order(found: QuerySet[BulkImport]) -> QuerySet[BulkImport]:
    """Those that wait first, then the newest."""
    first = Case(When(state=S.WAITING, then=Value(0)), default=Value(1))
    related = found.select_related("file", "by", "decided_by", "check_job", "write_job")
    return _with_reverts(related).order_by(first, "-pk")


def _lines(rows: Iterable[BulkImport], user: User) -> tuple[ImportLine, ...]:
    found = list(rows)
    reverted = taken_back(_acts(found))
    return tuple(_line(one, user, reverted.get(one.act_id or 0)) for one in found)


def _line(one: BulkImport, user: User, reverted: TakenBack | None) -> ImportLine:
    return ImportLine(
        pk=one.pk, address=one.get_absolute_url(), file=one.file.name, kind=kind_words(one.kind, several=True),
        state="reverted" if reverted else one.state,
        state_words="written, then reverted" if reverted else STATE_WORDS[S(one.state)],
        counts=counts_in_words(one), by=one.by.get_full_name(), mine=one.by_id == user.pk, made_at=one.made_at,
        decided=one.decided_by.get_full_name() if one.decided_by else "", reason=one.came_back,
        reverted_by=reverted.by if reverted else "",
    )  # fmt: skip


# What an act says of itself that takes others back (`actions.reverts`): which revisions. No two acts share any.
REVERTS = re.compile(r"Reverts r([0-9]{1,18})(?: to r([0-9]{1,18}))?: ")


def taken_back(acts: Sequence[int]) -> dict[int, TakenBack]:
    """Those of the acts that another act took back as a whole, the last one that did; not where that one was itself
    taken back. Two queries; none without acts."""
    if not acts:
        return {}
    found = [
        (one, int(said[1]), int(said[2] or said[1]))
        for one in Act.objects.filter(note__startswith="Reverts r", pk__gt=min(acts)).order_by("pk")
        if (said := REVERTS.match(one.note))
    ]
    if not found:
        return {}
    at = {number for _, first, last in found for number in (first - 1, first, last, last + 1)}
    of = dict(Revision.objects.filter(number__in=at).values_list("number", "act"))
    by: dict[int, Act] = {}
    for one, first, last in found:
        act = of.get(first)
        if act is not None and act == of.get(last) and act not in (of.get(first - 1), of.get(last + 1)):
            by[act] = one

    def standing(act: int) -> Act | None:
        latest = by.get(act)
        return latest if latest is not None and act < latest.pk and standing(latest.pk) is None else None

    reverts = ((act, standing(act)) for act in acts)
    return {act: TakenBack(revert.pk, revert.by_name, revert.at) for act, revert in reverts if revert is not None}


def _with_reverts(found: QuerySet[BulkImport]) -> QuerySet[BulkImport]:
    """Says of each whether anything was reverted since it was written: mostly nothing was, and nothing is asked."""
    since = Act.objects.filter(note__startswith="Reverts r", pk__gt=OuterRef("act"))
    return found.annotate(reverts_since=Exists(since))


def _acts(found: Iterable[BulkImport]) -> list[int]:
    return [one.act_id for one in found if one.act_id is not None and getattr(one, "reverts_since", True)]


def counts_in_words(one: BulkImport) -> str:
    """'62 new, 3 changed, 1 with errors'; '' before a check."""
    if one.checked_at is None:
        return ""
    counts = (
        (one.created, "new"), (one.changed, "changed"), (one.unchanged, "unchanged"),
        (one.left_out, "left out"), (one.wrong, "with errors"),
    )  # fmt: skip
    return ", ".join(f"{written(many)} {words}" for many, words in counts if many) or "no rows"


def kind_words(kind: str, *, several: bool = False) -> str:
    """'score', 'scores'; '' where none is chosen yet."""
    if kind not in KINDS:
        return kind
    return KINDS[kind].many if several else KINDS[kind].noun


def the_import(pk: int) -> BulkImport:
    """One import with what its page shows of others; raises NotFound. One query."""
    found = (
        _with_reverts(BulkImport.objects.all())
        .select_related("file", "by", "decided_by", "act", "check_job", "write_job")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(f"There is no import {pk}.")
    return found


def import_page(one: BulkImport, *, user: User) -> ImportPage:
    """One import for its page; where it is written one query and those of `taken_back` where something was reverted
    since, else none."""
    state, mine, approves = S(one.standing), one.by_id == user.pk, user.may("approve")
    kind = KINDS.get(one.kind)
    checked, job = _is_checked(one), _job(one)
    reverted = taken_back(_acts([one])).get(one.act_id or 0)
    touched, more = _touched(one) if state == S.APPLIED and reverted is None else ((), False)
    return ImportPage(
        pk=one.pk, address=one.get_absolute_url(), file=one.file.name, file_size=size_in_words(one.file.size),
        read_as=reading_in_words(one.reading), mapping=_mapping(one), conditions=_conditions(one.without),
        kind=one.kind, kind_noun=kind.noun if kind else "record", kind_many=kind.many if kind else "records",
        state=state, state_words=STATE_WORDS[state], steps=_steps(one), by=one.by.get_full_name(), mine=mine,
        made_at=one.made_at, checked_at=one.checked_at,
        cause=one.get_cause_display() if one.cause else "", note=one.note, good_only=one.good_only,
        rows=one.rows, good=one.created + one.changed + one.unchanged, created=one.created, changed=one.changed,
        unchanged=one.unchanged, left_out=one.left_out, wrong=one.wrong, findings=one.findings,
        problems=tuple(_problem(problem) for problem in one.problems),
        decided_by=one.decided_by.get_full_name() if one.decided_by else "", decided_at=one.decided_at,
        reason=one.came_back, act=one.act_id, reverted=reverted, is_checked=checked, touched=touched, touched_more=more,
        job=job,
        job_address=job.get_absolute_url() if job and (job.by_id == user.pk or user.may("manage")) else "",
        may_set_up=mine and state in OPEN, may_submit=mine and state == S.CHECKED and checked,
        may_approve=approves, may_decide=approves and state == S.WAITING, may_reopen=mine and state in OVER,
        may_withdraw=mine and state in (*OPEN, S.CHECKING, S.WAITING),
    )  # fmt: skip


def _is_checked(one: BulkImport) -> bool:
    """Whether its last check came to its end; a job is forgotten after a while, what it found is not."""
    return one.checked_at is not None and (one.check_job is None or one.check_job.state == Job.State.DONE)


def _job(one: BulkImport) -> Job | None:
    """The job that has the import, or that ended without doing what it should."""
    return {S.CHECKING: one.check_job, S.APPLYING: one.write_job}.get(S(one.state))


def _problem(error: Mapping[str, Any]) -> str:
    """'Line 7, column “Share”: “x” is no number.'"""
    where = ", ".join(
        filter(None, (f"line {error['line']}" if error.get("line", 0) > 1 else "",
                      f"column “{error['column']}”" if error.get("column") else ""))
    )  # fmt: skip
    value = f"“{error['value']}” " if error.get("value") else ""
    words = f"{where}: {value}{error['reason']}" if where else f"{value}{error['reason']}"
    return _sentence(words)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?', '…')) else '.'}"


SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def look_of(one: BulkImport) -> Look:
    """What was found in the file when it was read last."""
    found = one.look
    sample = tuple(SheetRow(row["line"], tuple(row["cells"]), row["error"]) for row in found.get("sample", ()))
    return Look(
        Reading.from_json(one.reading), tuple(found.get("header", ())), sample, tuple(found.get("sheets", ())),
        tuple(found.get("notes", ())),
    )  # fmt: skip


def reading_in_words(reading: Mapping[str, Any]) -> str:
    """'CSV in Unicode (UTF-8), cells separated by commas, decimals after a point, names in line 1'."""
    if not reading:
        return ""
    if reading.get("format") == "xlsx":
        first = f"XLSX, sheet “{reading.get('sheet', '')}”"
    else:
        encoding, separator = str(reading.get("encoding", "")), str(reading.get("separator", ""))
        first = (
            f"CSV in {ENCODINGS.get(encoding, encoding)}, cells separated by {SEPARATORS.get(separator, separator)}"
        )
    mark = "a comma" if reading.get("decimal") == "," else "a point"
    return f"{first}, decimals after {mark}, names of columns in line {reading.get('header', 1)}"


def names_below(look: Look, kind: str) -> int:
    """A line of the first rows in which more of the columns' names stand than in the header; 0 without any."""
    names = names_of_columns(kind)

    def known(cells: Iterable[str]) -> int:
        return sum(plain(cell) in names for cell in cells)

    lines = [(known(row.cells), -row.line) for row in look.sample[:NEAR]]
    many, line = max(lines, default=(0, 0))
    return -line if many > max(1, known(look.header)) else 0


def _mapping(one: BulkImport) -> tuple[tuple[str, str], ...]:
    """What fills each column, by the column's label."""
    if one.kind not in KINDS:
        return ()
    return tuple(
        (column.label, one.columns[column.name]) for column in columns(one.kind) if one.columns.get(column.name)
    )


def _conditions(without: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """'kind is “aggregate”' of each condition by which rows are left out."""
    found = []
    for one in without:
        how = "is not" if "is not" in one else "is"
        found.append(f"{one.get('column', '')} {how} {f'“{one[how]}”' if one.get(how) else 'empty'}")
    return tuple(found)


def steps_at(at: int) -> tuple[Step, ...]:
    """The steps, of which those before `at` (from 0) are done."""
    names = ("File", "Columns", "Check", "Submit", "An editor decides", "Written")
    return tuple(Step(name, here=number == min(at, 5), done=number < at) for number, name in enumerate(names))


def _steps(one: BulkImport) -> tuple[Step, ...]:
    state = S(one.standing)
    at = {
        S.DRAFT: 1 if one.kind else 0, S.CHECKING: 2, S.CHECKED: 3, S.WAITING: 4, S.REJECTED: 4,
        S.WITHDRAWN: 3 if _is_checked(one) and one.checked_settings else 2 if one.check_job else 1 if one.kind else 0,
        S.APPLYING: 5, S.APPLIED: 6,
    }[state]  # fmt: skip
    return steps_at(at)


def size_in_words(size: int) -> str:
    """'812 bytes', '14 kB', '3.2 MB'."""
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{round(size / 1000)} kB"
    return f"{size / 1_000_000:.1f} MB"


# What was sent and could not be read as it was found is kept while one says how it is read.

KEPT_FOR = timedelta(hours=1)
_SALT = "an upload to be read otherwise"


def upload_token(file: StoredFile) -> str:
    """Names a kept upload in a form."""
    return signing.dumps(file.pk, salt=_SALT)


def kept_upload(token: str, *, user: User) -> StoredFile | None:
    """The upload that a form names, where it is this person's and still kept; at most one query."""
    if not token:
        return None
    try:
        pk = signing.loads(token, salt=_SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return StoredFile.objects.filter(pk=pk, by=user, expires__gt=timezone.now()).exclude(digest="").first()


# What the rows do

# Where readers find what an import wrote: the pages of its first records, or of what they belong to.
TOUCHED, LOOKED_AT = 12, 200


def _touched(one: BulkImport) -> tuple[tuple[Link, ...], bool]:
    """Pages where the written records stand, and whether there may be more. One query."""
    if one.kind not in KINDS or one.act_id is None:
        return (), False
    kind = KINDS[one.kind]
    written_ones = one.act.revisions.filter(kind=one.kind).order_by("number")  # type: ignore[union-attr]
    records = list(kind.rows().filter(pk__in=written_ones.values("record")[:LOOKED_AT]))
    found: dict[str, Link] = {}
    for record in records:
        for link in _pages_of(record):
            found.setdefault(link.address, link)
    return tuple(list(found.values())[:TOUCHED]), len(found) > TOUCHED or len(records) == LOOKED_AT


def _pages_of(record: Record) -> Iterable[Link]:
    """The page of a record; where it has none, those of what it belongs to that are loaded with it."""
    if hasattr(record, "get_absolute_url"):
        yield Link(str(record), record.get_absolute_url())
        return
    edition = record if hasattr(record, "released") else None
    window = record._state.fields_cache.get("window")
    if window is not None:
        edition = window._state.fields_cache.get("edition")
    for name in dict.fromkeys(("edition", "technology", record.belongs_to, "organisation", "bloc")):
        owner = edition if name == "edition" and edition else record._state.fields_cache.get(name)
        if isinstance(owner, Record) and hasattr(owner, "get_absolute_url"):
            yield Link(str(owner), owner.get_absolute_url())


def rows_of(one: BulkImport, *, what: str, page: int) -> Rows:
    """A page of what the rows do; `what` "" = the first sort that matters. Raises NotFound for what is none.

    One query for the rows and one for each kind of record that they name.
    """
    counts = {W.WRONG: one.wrong, W.CREATE: one.created, W.UPDATE: one.changed, W.SAME: one.unchanged,
              W.LEFT_OUT: one.left_out}  # fmt: skip
    if what and what not in W.values:
        raise NotFound(f"Rows are {', '.join(f'“{word}”' for word in W.values)}, not “{what[:40]}”.")
    # Who sets it up wants to see errors first; who decides, what would be written.
    first_sorts = [sort for sort, _ in TABS] if one.state == S.CHECKED else [W.UPDATE, W.CREATE, W.WRONG, *counts]
    sort = W(what) if what else next((sort for sort in first_sorts if counts[sort]), W.CREATE)
    tabs = tuple(Tab(tab.value, label, counts[tab], tab == sort) for tab, label in TABS if counts[tab] or tab == sort)
    count = counts[sort]
    pages = ceil(count / ROWS_A_PAGE) or 1
    if not 1 <= page <= pages:
        raise NotFound(f"There is no page {page} of these rows: there {_is(pages)} {pages}.")
    first = (page - 1) * ROWS_A_PAGE
    staged = list(StagedRow.objects.filter(bulk_import=one, what=sort).order_by("line")[first : first + ROWS_A_PAGE])
    heads, rows = _shown(one.kind, sort, staged)
    return Rows(sort.value, tabs, rows, heads, page, pages, first + 1 if staged else 0, first + len(staged), count)


def _shown(
    kind: str, what: StagedRow.What, staged: Sequence[StagedRow]
) -> tuple[tuple[str, ...], tuple[RowShown, ...]]:
    if kind not in KINDS:
        return (), ()
    names = Names(KINDS[kind], [state for row in staged for state in (row.before, row.after) if state], staged)
    filled = [
        column for column in names.columns
        if what == W.CREATE and any(names.words(column, row.after or {}) for row in staged)
    ]  # fmt: skip
    known = records_named(kind, [row.record for row in staged if row.record]) if what != W.CREATE else {}
    rows = tuple(
        RowShown(
            line=row.line, name=label_of(known[row.record]) if row.record in known else spaced(row.name),
            history=f"/records/{kind}/{row.record}/history/" if row.record else "",
            differences=names.differences(row.before, row.after) if what == W.UPDATE else (),
            cells=tuple(_short(names.words(column, row.after or {})) for column in filled),
            findings=tuple(Finding(e.get("column", ""), e.get("value", ""), _sentence(e.get("reason", ""))) for e in row.errors),
            sources=names.sources(row),
        )
        for row in staged
    )  # fmt: skip
    return tuple(names.label(column) for column in filled), rows


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


class Names:
    """Says in words what states of one kind hold; what they refer to is read once a kind."""

    def __init__(self, kind: Kind, states: Iterable[State], staged: Iterable[StagedRow] = ()) -> None:
        self._kind = kind
        self._fields: dict[str, Any] = {field.name: field for field in kind.model._meta.concrete_fields}
        self._decimals = {number.value: number.decimals for number in kind.numbers}
        wanted: dict[str, set[int]] = defaultdict(set)
        held: dict[str, None] = {}
        for state in states:
            for name, value in state.items():
                held[name] = None
                if isinstance(value, dict) and value.get("id") and (target := self._target(name)):
                    wanted[target].add(value["id"])
        silent = SILENT | set(self._decimals.values())
        self.columns = tuple(name for name in dict.fromkeys([*kind.columns, *held]) if name not in silent)
        wanted["source"] |= {one["source"] for row in staged for one in row.sources if one.get("source")}
        self._labels: dict[tuple[str, int], str] = {
            (target, pk): KINDS[target].label(record)
            for target, pks in wanted.items() if pks
            for pk, record in KINDS[target].rows().in_bulk(pks).items()
        }  # fmt: skip

    def _target(self, column: str) -> str:
        related = getattr(self._fields.get(column), "related_model", None)
        found = related.record_kind() if isinstance(related, type) and issubclass(related, Record) else ""
        return found if found in KINDS else ""

    def label(self, column: str) -> str:
        if column == "record_key":
            return "Speaks of"
        return self._kind.column_label(column) if column in self._fields else column

    def words(self, column: str, state: Mapping[str, Any]) -> str:
        """A value as people see it; '' = empty."""
        value, field = state.get(column), self._fields.get(column)
        if value is None or value == "":
            return ""
        if isinstance(value, dict):
            return self._labels.get((self._target(column), value.get("id") or 0)) or str(value.get("key", ""))
        if isinstance(value, bool):
            return "yes" if value else "no"
        if column == "kind" and value in tracked_models() and not getattr(field, "flatchoices", None):
            return kind_words(str(value))
        if getattr(field, "flatchoices", None):
            return str(dict(field.flatchoices).get(value, value))  # type: ignore[union-attr]
        if column in self._decimals:
            digits = state.get(self._decimals[column])
            number = Decimal(str(value))
            return written(number if digits is None else number.quantize(Decimal(1).scaleb(-digits)))
        if isinstance(field, PartialDateField):
            return long_date(str(value))
        # Years and places in a list are no quantities.
        return written(value) if isinstance(value, int) and abs(value) > 9999 else str(value)

    def differences(self, before: State | None, after: State | None) -> tuple[FieldDifference, ...]:
        """The columns that differ, a number with its decimals as one."""
        old, new = before or {}, after or {}
        found = []
        for column in self.columns:
            pair = (column, self._decimals.get(column, column))
            if any(old.get(name) != new.get(name) for name in pair):
                found.append(FieldDifference(self.label(column), self.words(column, old), self.words(column, new)))
        return tuple(found)

    def sources(self, row: StagedRow) -> tuple[SourceShown, ...]:
        """The citations that come with a row, with all that would be written of them."""
        found = []
        for one in row.sources:
            pk = one.get("source") or 0
            title = self._labels.get((Source.record_kind(), pk)) or f"source #{pk}"
            marks = ", ".join(f"{name} {one[name]}" for name in ("reliability", "credibility") if one.get(name))
            found.append(SourceShown(title, one.get("page") or "", one.get("passage") or "", marks))
        return tuple(found)


def _is(many: int) -> str:
    return "is" if many == 1 else "are"
