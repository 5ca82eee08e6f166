"""Reports of errors: what came of one, for readers; the queue, for researchers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db.models import Count, Q

from tracker.history.kinds import KINDS
from tracker.history.past import NoRecordYet, UnknownMoment, moment
from tracker.history.tracked import tracked_models
from tracker.models import (
    Country,
    Interval,
    Report,
    RevisionCounter,
    Technology,
)
from tracker.models.record import Record
from tracker.pages.not_found import NotFound

A_PAGE = 25
# Which record a page is about, by the name of the page; the column that its address names.
RECORD_OF_PAGE: dict[str, tuple[type[Record], str]] = {
    kind.name: (
        kind.model,
        f"{kind.model.key_fields[0]}__iexact" if kind.model is Country else kind.model.key_fields[0],
    )
    for kind in KINDS.values()
    if kind.rooms
} | {"field": (Technology, "slug")}


class Removed(LookupError):
    """It was no report of an error, and nothing of it is shown."""


@dataclass(frozen=True)
class Outcome:
    """What everybody may know of a report: what it was about, when it came, what came of it."""

    code: str
    address: str
    subject: str
    made_at: datetime
    open: bool
    state: str
    outcome: str
    answered_at: datetime | None
    act: int | None


@dataclass(frozen=True)
class ReportRow:
    """A report as researchers see it. `kind` and `history_address` are empty where no record is known;
    `record_name` and `edit_address` also where it exists no more."""

    code: str
    address: str
    subject: str
    kind: str
    record_name: str
    edit_address: str
    history_address: str
    number: int
    message: str
    source: str
    email: str
    made_at: datetime
    open: bool
    state: str
    outcome: str
    answered_by: str
    answered_at: datetime | None
    act: int | None

    @property
    def source_is_address(self) -> bool:
        return bool(re.match(r"https?://\S+$", self.source))

    @property
    def page_then(self) -> str:
        """The page as the reader saw it."""
        if "as_of=" in self.address or not self.number:
            return self.address
        return f"{self.address}{'&' if '?' in self.address else '?'}as_of=r{self.number}"


@dataclass(frozen=True)
class Queue:
    """One page of the reports in a state, and how many there are in each."""

    rows: tuple[ReportRow, ...]
    open: int
    answered: int
    page: int
    pages: int


def state_seen(as_of: str) -> int:
    """The number of the state that a reader sees: of a past moment, or the newest; 0 where nothing is recorded."""
    if as_of:
        try:
            return moment(as_of).number
        except (UnknownMoment, NoRecordYet):
            pass
    return RevisionCounter.objects.values_list("last_number", flat=True).first() or 0


def record_of_page(name: str, key: str) -> tuple[str, int | None]:
    """Kind and primary key of the record that a page is about; ('', None) for a page of many."""
    model, column = RECORD_OF_PAGE.get(name, (None, ""))
    if model is None:
        return "", None
    pk = model._default_manager.filter(**{column: key}).values_list("pk", flat=True).first()
    return (model.record_kind(), pk) if pk else ("", None)


def is_record(kind: str) -> bool:
    return kind in tracked_models()


def outcome(code: str) -> Outcome:
    """Raises NotFound, or Removed. One query."""
    report = Report.objects.filter(code=code).first()
    if report is None:
        raise NotFound(
            f"There is no report with the code “{code[:30]}”. A code has twelve letters and digits, such as "
            "B7KM-2QXD-9TFH."
        )
    if report.state == Report.State.REMOVED:
        raise Removed
    return Outcome(
        code=report.code, address=report.address, subject=report.subject, made_at=report.made_at,
        open=report.state == Report.State.OPEN, state=report.get_state_display(), outcome=report.outcome,
        answered_at=report.answered_at, act=report.act_id,
    )  # fmt: skip


def queue(*, answered: bool = False, page: int = 1) -> Queue:
    """Open reports, the oldest first; answered ones, the newest answer first. Raises NotFound for a page beyond."""
    counts = Report.objects.aggregate(open=Count("pk", filter=Q(state=Report.State.OPEN)), all=Count("pk"))
    many = counts["all"] - counts["open"] if answered else counts["open"]
    pages = ceil(many / A_PAGE) or 1
    if page > pages:
        raise NotFound(f"There is no page {page} of these reports: there are {pages}.")
    found = Report.objects.select_related("answered_by")
    if answered:
        found = found.exclude(state=Report.State.OPEN).order_by("-answered_at", "-pk")
    else:
        found = found.filter(state=Report.State.OPEN).order_by("made_at", "pk")
    rows = found[(page - 1) * A_PAGE : page * A_PAGE]
    return Queue(_rows(list(rows)), counts["open"], counts["all"] - counts["open"], page, pages)


def report(code: str) -> ReportRow:
    """Raises NotFound."""
    found = Report.objects.select_related("answered_by").filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no report with the code “{code[:30]}”.")
    return _rows([found])[0]


def _rows(reports: list[Report]) -> tuple[ReportRow, ...]:
    names = names_of({(report.kind, report.record) for report in reports if report.record is not None})
    return tuple(_row(report, names) for report in reports)


def _row(report: Report, names: dict[tuple[str, int], str]) -> ReportRow:
    known = report.record is not None and report.kind in tracked_models()
    name = names.get((report.kind, report.record or 0), "")
    address = f"/records/{report.kind}/{report.record}/"
    return ReportRow(
        code=report.code, address=report.address, subject=report.subject,
        kind=kind_name(report.kind) if known else "", record_name=name,
        edit_address=f"{address}edit/" if name else "", history_address=f"{address}history/" if known else "",
        number=report.number, message=report.message, source=report.source, email=report.email,
        made_at=report.made_at, open=report.state == Report.State.OPEN, state=report.get_state_display(),
        outcome=report.outcome, answered_by=report.answered_by.get_full_name() if report.answered_by else "",
        answered_at=report.answered_at, act=report.act_id,
    )  # fmt: skip


def names_of(records: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The natural keys of the records that exist, by kind and primary key; one query, none for no records."""
    wanted: dict[str, set[int]] = {}
    for kind, pk in records:
        wanted.setdefault(kind, set()).add(pk)
    if not wanted:
        return {}
    condition = Q()
    for kind, pks in wanted.items():
        condition |= Q(kind=kind, record__in=pks)
    current = Interval.objects.filter(condition, until__isnull=True).values_list("kind", "record", "revision__name")
    return {(kind, pk): spaced(name) for kind, pk, name in current}


def spaced(key: str) -> str:
    """A natural key for people: its parts set apart."""
    return key.replace("/", " · ").strip(" ·")


def kind_name(kind: str) -> str:
    """A kind of record in words: 'edition technology'."""
    model = tracked_models().get(kind)
    return str(model._meta.verbose_name) if model else kind
