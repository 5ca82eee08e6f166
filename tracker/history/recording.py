"""Recording: a change and its revision are saved together or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, Subquery
from django.utils import timezone

from tracker.history.past import reading_past
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.models import Act, Interval, Record, Revision, RevisionCounter

BATCH = 2000
EARLIEST = datetime.min.replace(tzinfo=UTC)


class RecordingError(Exception):
    """A write that would leave no trace, or a trace without a reason."""


_Key = tuple[str, int]


def _key(record: Record) -> _Key:
    return record.record_kind(), record.pk


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
    """What one act has touched so far: one revision a record. Made by `recorded`, never directly."""

    def __init__(self) -> None:
        self._reader = StateReader()
        # In the order in which they were touched: the record, its state before this act, its name then.
        self._touched: dict[_Key, tuple[Record, State | None, str]] = {}
        # The states after bulk writes; every other state after is read from the database at the end.
        self._written: dict[_Key, State] = {}
        self._new: list[Record] = []

    def watch(self, *records: Record) -> None:
        """Reads the state before from the database: call it before the record is saved or deleted."""
        by_model: dict[type[Record], list[Record]] = {}
        for record in records:
            if record.pk is None:
                self._new.append(record)
                continue
            self._written.pop(_key(record), None)
            if _key(record) not in self._touched:
                by_model.setdefault(type(record), []).append(record)
        for model, found in by_model.items():
            before = self._reader.states_in_database(model, [record.pk for record in found])
            for record in found:
                self._touched[_key(record)] = (record, before.get(record.pk), self._reader.key_of(record))

    def bulk_create(self, records: Sequence[Record]) -> None:
        """Inserts records of one model in set-based statements and records each."""
        if not records:
            return
        type(records[0])._default_manager.bulk_create(records, batch_size=BATCH)
        for record in records:
            key = _key(record)
            self._touched.setdefault(key, (record, None, ""))
            self._written[key] = self._reader.state_of(record)

    def bulk_update(self, records: Sequence[Record], fields: Iterable[str]) -> None:
        """Updates `fields` of saved records of one model and records those that changed."""
        if not records:
            return
        fields = list(fields)
        model = type(records[0])
        before = self._reader.states_in_database(model, [record.pk for record in records])
        missing = [record for record in records if record.pk not in before]
        if missing:
            raise RecordingError(f"There is no {model.record_kind()} {missing[0].pk} to be changed.")
        model._default_manager.bulk_update(records, fields, batch_size=200)
        for record in records:
            key = _key(record)
            watched = key in self._touched and key not in self._written
            self._touched.setdefault(key, (record, before[record.pk], self._reader.key_of(record)))
            if not watched:
                # Only what was written: other columns of the instance may hold what nobody saved.
                now = self._reader.state_of(record)
                self._written[key] = before[record.pk] | {name: now[name] for name in fields}

    def changes(self) -> list[_Change]:
        """What differs now from the state before the act, a change a record."""
        for record in self._new:
            if record.pk is None:
                raise RecordingError(f"A new {record.record_kind()} was to be recorded but was never saved.")
            self._touched.setdefault(_key(record), (record, None, ""))
        to_read: dict[type[Record], list[int]] = {}
        for key, (record, _, _) in self._touched.items():
            if key not in self._written:
                to_read.setdefault(type(record), []).append(key[1])
        # Fresh keys: a change of a slug changes the names of what points to it.
        reader = StateReader()
        after = dict(self._written)
        for model, pks in to_read.items():
            for pk, state in reader.states_in_database(model, pks).items():
                after[model.record_kind(), pk] = state
        changes = []
        for key, (record, before, name) in self._touched.items():
            now = after.get(key)
            if before != now:
                changes.append(_Change(*key, name if now is None else reader.key_of(record), before, now))
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
    the researcher, or None with `by_name` for a command. No change, no row. Acts queue: one at a time,
    and the log never runs backwards: `at` is not before the last act's.

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
        _locked_counter()
        recording = Recording()
        recording.watch(*records)
        yield recording
        changes = recording.changes()
        if changes:
            counter = _locked_counter()  # again: an act inside this one has counted on
            act = Act.objects.create(
                at=_when(at), by_id=by.pk if by is not None else None, by_name=name, cause=cause,
                note=note.strip(), origin=origin, input_digest=input_digest,
            )  # fmt: skip
            _write(act, changes, counter)


def _when(at: datetime | None) -> datetime:
    """A clock that was set back gives the last act's time again: a day's end names one revision."""
    last = Act.objects.aggregate(last=Max("at"))["last"]
    if at is None:
        return max(timezone.now(), last or EARLIEST)
    if last is not None and at < last:
        raise RecordingError(f"The last act was recorded at {last.isoformat()}: none can come before it.")
    return at


def _locked_counter() -> RevisionCounter:
    counters = RevisionCounter.objects.select_for_update()
    counter = counters.filter(pk=1).first()
    if counter is None:
        RevisionCounter.objects.get_or_create(pk=1)
        counter = counters.get(pk=1)
    return counter


def digest_of(revision: Revision, act: Act, before: str) -> str:
    """sha256 over the digest of the revision before and everything this one says."""
    content = [
        before, revision.number, revision.kind, revision.record, revision.name, str(revision.action),
        revision.state, act.pk, act.at.astimezone(UTC).isoformat(), act.by_name, str(act.cause), act.note,
        act.origin, act.input_digest,
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
    many = len(changes) >= BATCH
    if many:
        _count_rows(Revision, *(tracked_models()[kind] for kind in {change.kind for change in changes}))
    _close_intervals([r for r in revisions if r.action != Revision.Action.CREATE], first)
    _open_intervals(first)
    if many:
        _count_rows(Interval)


def _count_rows(*models: type[Model]) -> None:
    """Tells PostgreSQL how large tables have become: it plans by a count that is a minute old, and what follows in
    this transaction, its checks at the end among them, would run through whole tables for every row."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in models:
                cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def _open_intervals(first: int) -> None:
    """One statement in the database for all new revisions: a third less time than rows made here."""
    interval, revision = Interval._meta.db_table, Revision._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {interval} (revision_id, kind, record, since) "  # noqa: S608
            f"SELECT number, kind, record, number FROM {revision} WHERE number >= %s AND action <> %s ORDER BY number",
            [first, Revision.Action.DELETE.value],
        )


def _close_intervals(revisions: list[Revision], first: int) -> None:
    by_kind: dict[str, list[int]] = {}
    for revision in revisions:
        by_kind.setdefault(revision.kind, []).append(revision.record)
    for kind, records in by_kind.items():
        newer = Revision.objects.filter(kind=kind, record=OuterRef("record"), number__gte=first)
        current = Interval.objects.filter(kind=kind, until__isnull=True)
        current = current.filter(record__in=records) if len(records) <= 500 else current.filter(Exists(newer))
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
