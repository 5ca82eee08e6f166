"""Recording: a change and its revision are saved together or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from tracker.history.past import reading_past
from tracker.history.tracked import State, StateReader
from tracker.models import Act, Interval, Record, Revision, RevisionCounter

BATCH = 2000


class RecordingError(Exception):
    """A write that would leave no trace, or a trace without a reason."""


@dataclass(frozen=True)
class _Change:
    kind: str
    record: int
    name: str
    before: State | None
    after: State | None

    @property
    def action(self) -> Revision.Action:
        if self.before is None:
            return Revision.Action.CREATE
        return Revision.Action.DELETE if self.after is None else Revision.Action.UPDATE


class Recording:
    """What one act has touched so far. Made by `recorded`, never directly."""

    def __init__(self) -> None:
        self._reader = StateReader()
        self._watched: dict[tuple[str, int], tuple[Record, State | None, str]] = {}
        self._new: list[Record] = []
        self._changes: list[_Change] = []

    def watch(self, *records: Record) -> None:
        """Reads the state before from the database: call it before the record is saved or deleted."""
        by_model: dict[type[Record], list[Record]] = {}
        for record in records:
            if record.pk is None:
                self._new.append(record)
            elif (record.record_kind(), record.pk) not in self._watched:
                by_model.setdefault(type(record), []).append(record)
        for model, found in by_model.items():
            before = self._reader.states_in_database(model, [record.pk for record in found])
            for record in found:
                name = self._reader.key_of(record)
                self._watched[record.record_kind(), record.pk] = (record, before.get(record.pk), name)

    def bulk_create(self, records: Sequence[Record]) -> None:
        """Inserts records of one model in set-based statements and records each."""
        if not records:
            return
        type(records[0])._default_manager.bulk_create(records, batch_size=BATCH)
        for record in records:
            state = self._reader.state_of(record)
            self._changes.append(_Change(record.record_kind(), record.pk, self._reader.key_of(record), None, state))

    def bulk_update(self, records: Sequence[Record], fields: Iterable[str]) -> None:
        """Updates `fields` of saved records of one model and records those that changed."""
        if not records:
            return
        model = type(records[0])
        before = self._reader.states_in_database(model, [record.pk for record in records])
        model._default_manager.bulk_update(records, list(fields), batch_size=200)
        for record in records:
            state = self._reader.state_of(record)
            if before[record.pk] != state:
                name = self._reader.key_of(record)
                self._changes.append(_Change(record.record_kind(), record.pk, name, before[record.pk], state))

    def changes(self) -> list[_Change]:
        by_model: dict[type[Record], list[int]] = {}
        for record in self._new:
            if record.pk is None:
                raise RecordingError(f"A new {record.record_kind()} was to be recorded but was never saved.")
            self._watched[record.record_kind(), record.pk] = (record, None, "")
        for (_, pk), (record, _, _) in self._watched.items():
            by_model.setdefault(type(record), []).append(pk)
        # Fresh keys: a change of a slug changes the names of what points to it.
        reader = StateReader()
        after = {
            (model.record_kind(), pk): state
            for model, pks in by_model.items()
            for pk, state in reader.states_in_database(model, pks).items()
        }
        changes = list(self._changes)
        for (kind, pk), (record, before, name) in self._watched.items():
            now = after.get((kind, pk))
            if before != now:
                changes.append(_Change(kind, pk, reader.key_of(record) if now else name, before, now))
        return changes


@contextmanager
def recorded(
    *records: Record,
    by: AbstractBaseUser | None,
    cause: Act.Cause,
    note: str,
    origin: str,
    by_name: str = "",
    input_digest: str = "",
    at: datetime | None = None,
) -> Iterator[Recording]:
    """One act: whatever happens inside is saved with its revisions, in one transaction.

    `records` (saved or new) are watched from the start; more through the Recording it yields. `by` is
    the researcher, or None with `by_name` for a command. No change, no row. Acts queue: one at a time.

    Raises RecordingError for an empty note, an unknown actor, or a write while the past is read.
    """
    if reading_past():
        raise RecordingError("The past is being read here: nothing can be written.")
    if not note.strip():
        raise RecordingError("A change needs a note that says why.")
    name = by_name or (by.get_full_name() if by is not None else "")  # type: ignore[attr-defined]
    if not name:
        raise RecordingError("A change needs somebody who made it.")
    with transaction.atomic():
        counter = _locked_counter()
        recording = Recording()
        recording.watch(*records)
        yield recording
        changes = recording.changes()
        if changes:
            act = Act.objects.create(
                at=at or timezone.now(), by_id=by.pk if by is not None else None, by_name=name, cause=cause,
                note=note.strip(), origin=origin, input_digest=input_digest,
            )  # fmt: skip
            _write(act, changes, counter)


def _locked_counter() -> RevisionCounter:
    RevisionCounter.objects.get_or_create(pk=1)
    return RevisionCounter.objects.select_for_update().get(pk=1)


def digest_of(revision: Revision, act: Act, before: str) -> str:
    """sha256 over the digest of the revision before and everything this one says."""
    content = [
        before, revision.number, revision.kind, revision.record, revision.name, str(revision.action),
        revision.state, act.pk, act.at.isoformat(), act.by_name, str(act.cause), act.note, act.origin,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(act: Act, changes: list[_Change], counter: RevisionCounter) -> None:
    first = counter.last_number + 1
    revisions = []
    for number, change in enumerate(changes, start=first):
        revision = Revision(
            number=number, act=act, kind=change.kind, record=change.record, name=change.name[:300],
            action=change.action, state=change.after,
        )  # fmt: skip
        revision.digest = counter.last_digest = digest_of(revision, act, counter.last_digest)
        revisions.append(revision)
    counter.last_number = first + len(changes) - 1
    counter.save()
    Revision.objects.bulk_create(revisions, batch_size=BATCH)
    _close_intervals([r for r in revisions if r.action != Revision.Action.CREATE], first)
    Interval.objects.bulk_create(
        (
            Interval(revision=r, kind=r.kind, record=r.record, since=r.number)
            for r in revisions
            if r.action != Revision.Action.DELETE
        ),
        batch_size=BATCH,
    )


def _close_intervals(revisions: list[Revision], first: int) -> None:
    by_kind: dict[str, list[int]] = {}
    for revision in revisions:
        by_kind.setdefault(revision.kind, []).append(revision.record)
    for kind, records in by_kind.items():
        newer = Revision.objects.filter(kind=kind, record=OuterRef("record"), number__gte=first)
        current = Interval.objects.filter(kind=kind, until__isnull=True)
        if len(records) <= 500:
            current = current.filter(record__in=records)
        else:
            current = current.filter(Exists(newer))
        current.update(until=Subquery(newer.values("number")[:1]))


def rebuild_intervals() -> int:
    """Makes the interval index anew from the revisions; returns how many intervals there are."""
    with transaction.atomic():
        _locked_counter()
        Interval.objects.all().delete()
        current: dict[tuple[str, int], Interval] = {}
        intervals: list[Interval] = []
        for revision in Revision.objects.order_by("number").only("number", "kind", "record", "action").iterator():
            known = current.pop((revision.kind, revision.record), None)
            if known is not None:
                known.until = revision.number
            if revision.action != Revision.Action.DELETE:
                interval = Interval(
                    revision=revision, kind=revision.kind, record=revision.record, since=revision.number
                )
                current[revision.kind, revision.record] = interval
                intervals.append(interval)
        Interval.objects.bulk_create(intervals, batch_size=BATCH)
    return len(intervals)
