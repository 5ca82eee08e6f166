"""Proof that the log is whole: no row changed, removed or put in, and the records are what the log says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from tracker.history.belonging import subject_in_sql
from tracker.history.recording import digest_of
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.models import Interval, Redaction, Release, Revision, RevisionCounter

CHUNK = 2000
# More findings than these are counted, not said.
MOST = 50


@dataclass
class Verification:
    """What was looked at and what was found. Sound = nothing was found."""

    revisions: int = 0
    records: int = 0
    redacted: int = 0
    last_number: int = 0
    last_digest: str = ""
    findings: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.findings

    def found(self, finding: str) -> None:
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.more += 1


def verify(expected: Iterable[tuple[int, str]] = ()) -> Verification:
    """Reads the whole log once and every record once.

    `expected` are (revision number, digest) known from elsewhere, such as a release that somebody cited: they find
    out a log whose end was cut off or that was made anew.
    """
    result = Verification()
    anchors = dict(Release.objects.values_list("number", "digest")) | dict(expected)
    _verify_chain(result, anchors)
    _verify_intervals(result)
    for kind in tracked_models():
        _verify_records(result, kind)
    return result


def named_rows(text: str) -> tuple[set[int], set[int]]:
    """The revisions and the acts that a redaction's `rows` name: “r12 r15-30 act 7 act 9-12”."""
    revisions: set[int] = set()
    acts: set[int] = set()
    for what, first, last in re.findall(r"(r|act )(\d+)(?:-(\d+))?", text):
        (revisions if what == "r" else acts).update(range(int(first), int(last or first) + 1))
    return revisions, acts


def digest_of_redacted() -> str:
    """sha256 over every revision that a redaction has changed, itself or by its act, as they read now.

    In the order of numbers: of each the digest of all that it says, after the digest that it was written with.
    """
    revisions, acts = _redacted()
    for some in _batches(sorted(acts)):
        revisions.update(Revision.objects.filter(act__in=some).values_list("number", flat=True))
    whole = hashlib.sha256()
    for some in _batches(sorted(revisions)):
        for revision in Revision.objects.filter(number__in=some).select_related("act").order_by("number"):
            whole.update(_as_it_reads(revision))
    return whole.hexdigest()


def _redacted() -> tuple[set[int], set[int]]:
    """The revisions and the acts that redactions name."""
    revisions: set[int] = set()
    acts: set[int] = set()
    for rows in Redaction.objects.values_list("rows", flat=True):
        some, others = named_rows(rows)
        revisions |= some
        acts |= others
    return revisions, acts


def _as_it_reads(revision: Revision) -> bytes:
    return digest_of(revision, revision.act, revision.digest).encode()


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), 900):
        yield numbers[start : start + 900]


def _verify_chain(result: Verification, anchors: dict[int, str]) -> None:
    allowed_revisions, allowed_acts = _redacted()
    left = hashlib.sha256()
    digest, number = "", 0
    for revision in Revision.objects.select_related("act").order_by("number").iterator(chunk_size=CHUNK):
        number += 1
        if revision.number != number:
            gap = f"r{number}" if revision.number == number + 1 else f"r{number} to r{revision.number - 1}"
            result.found(f"{gap} is missing from the log.")
            number = revision.number
        redacted = revision.number in allowed_revisions or revision.act_id in allowed_acts
        if redacted:
            left.update(_as_it_reads(revision))
        if revision.digest != digest_of(revision, revision.act, digest):
            if redacted:
                result.redacted += 1
            else:
                result.found(
                    f"r{revision.number} ({revision.kind} {revision.name}) is not what was written: its digest differs."
                )
        if anchors.get(revision.number, revision.digest) != revision.digest:
            result.found(f"r{revision.number} is another row than the one that was cited: its digest differs.")
        anchors.pop(revision.number, None)
        digest = revision.digest
        result.revisions += 1
    last = Redaction.objects.order_by("pk").last()
    if last is not None and last.digest != left.hexdigest():
        result.found(
            f"A row that was redacted is not what was left of it: of those named up to {last.code}, one has changed "
            "since."
        )
    for missing in sorted(anchors):
        result.found(f"r{missing}, which was cited, is missing from the log.")
    counter = RevisionCounter.objects.first()
    counted = (counter.last_number, counter.last_digest) if counter else (0, "")
    if counted != (number, digest):
        result.found(f"The log ends with r{number}; the counter says r{counted[0]}: its end was cut off or added to.")
    result.last_number, result.last_digest = number, digest


def _verify_intervals(result: Verification) -> None:
    """The index of intervals says what the log says. Both are read in the order of kind, record, number."""
    order = ("kind", "record", "number")
    subject = RawSQL(subject_in_sql(Revision._meta.db_table, connection.vendor), [], TextField())  # noqa: S611
    log = Revision.objects.order_by(*order).values_list("kind", "record", "number", "action", subject)
    wanted = _intervals(log.iterator(chunk_size=CHUNK))
    rows = Interval.objects.order_by("kind", "record", "since")
    held = rows.values_list("kind", "record", "revision_id", "since", "until", "subject").iterator(chunk_size=CHUNK)
    for one, other in _side_by_side(wanted, held):
        if one != other:
            kind, record, number, *_ = one or other
            result.found(f"The index of intervals is wrong at r{number} ({kind} {record}): rebuild it.")
            return


def _side_by_side(first: Iterator[Any], second: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    end = object()
    while True:
        one, other = next(first, end), next(second, end)
        if one is end and other is end:
            return
        yield (None if one is end else one), (None if other is end else other)


def _intervals(log: Iterator[Any]) -> Iterator[tuple[str, int, int, int, int | None, str | None]]:
    before: tuple[str, int, int, str, str | None] | None = None
    for row in log:
        if before is not None and before[3] != Revision.Action.DELETE:
            same = row[:2] == before[:2]
            yield before[0], before[1], before[2], before[2], row[2] if same else None, before[4]
        before = row
    if before is not None and before[3] != Revision.Action.DELETE:
        yield before[0], before[1], before[2], before[2], None, before[4]


def _verify_records(result: Verification, kind: str) -> None:
    model = tracked_models()[kind]
    reader = StateReader()
    pks = list(model._default_manager.using("default").order_by("pk").values_list("pk", flat=True))
    known: set[int] = set()
    for start in range(0, len(pks), CHUNK):
        some = pks[start : start + CHUNK]
        now = reader.states_in_database(model, some)
        current = Interval.objects.filter(kind=kind, record__in=some, until__isnull=True)
        logged = dict(current.values_list("record", "revision__state"))
        known.update(logged)
        for pk, state in now.items():
            result.records += 1
            if pk not in logged:
                result.found(
                    f"The {model._meta.verbose_name} {pk} stands in no revision: it was written past history."
                )
            elif names := _different(state, logged[pk] or {}):
                result.found(
                    f"The {model._meta.verbose_name} {pk} is not what its last revision says: {', '.join(names)}."
                )
    gone = Interval.objects.filter(kind=kind, until__isnull=True)
    for pk in gone.values_list("record", flat=True).iterator(chunk_size=CHUNK):
        if pk not in known:
            result.found(f"The {model._meta.verbose_name} {pk} is gone, and no revision says so.")


def _different(now: State, logged: State) -> list[str]:
    """Columns that differ. A reference counts by its number; a column younger than the revision is empty there."""
    return [name for name, value in now.items() if name in logged and _plain(value) != _plain(logged[name])]


def _plain(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value
