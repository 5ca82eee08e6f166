"""Recording: a change and its revision are saved together or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from tracker.history.belonging import subject_in_sql
from tracker.history.guard import RecordingError, acting
from tracker.history.past import reading_past
from tracker.history.states import column_values
from tracker.history.tracked import State, StateReader, key_in, tracked_models
from tracker.models import Act, Interval, Record, Revision, RevisionCounter

BATCH = 2000
# Marks that no XML may hold: a feed quotes notes, and a note is never changed.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
EARLIEST = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row of a write of many, worked out before the act so that the act is short.

    `row`: the values of the table's columns as the database takes them. `state`: the record's state after, as the
    text that the log keeps; None where it is deleted. `said`: what its digest says of the record.
    """

    pk: int
    name: str
    action: str
    row: tuple[Any, ...]
    state: str | None
    said: str

    @property
    def new(self) -> bool:
        return self.action == Revision.Action.CREATE.value


def prepared(model: type[Record], *, pk: int, name: str, new: bool, state: State) -> Prepared:
    """The row of a record that is to be as `state` says, under primary key `pk`."""
    state = state | {model._meta.pk.name: pk}
    values = column_values(model, state)
    row = tuple(
        column.get_db_prep_save(values[column.attname], connection) for column in model._meta.concrete_fields
    )  # fmt: skip
    action, text, name = (
        (Revision.Action.CREATE if new else Revision.Action.UPDATE).value,
        canonical(state),
        name[:300],
    )
    return Prepared(pk, name, action, row, text, _middle(model.record_kind(), pk, name, action, text))


def prepared_deletion(model: type[Record], *, pk: int, name: str) -> Prepared:
    """The row of a record that is to go."""
    action = Revision.Action.DELETE.value
    return Prepared(pk, name[:300], action, (), None, _middle(model.record_kind(), pk, name[:300], action, "null"))


def reserve(model: type[Record], count: int) -> list[int]:
    """Primary keys that nobody else will get, ascending. Unused ones are lost, which harms nothing."""
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, model._meta.pk.column, count],
            )
            return sorted(number for (number,) in cursor.fetchall())
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        if found is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [count, table])
        last = found[0] if found else 0
    return list(range(last + 1, last + count + 1))


class Recording:
    """What one act has touched so far: one revision a record. Made by `recorded`, never directly."""

    def __init__(self) -> None:
        self._reader = StateReader()
        # In the order in which they were touched: the record, its state before this act, its name then.
        self._touched: dict[_Key, tuple[Record, State | None, str]] = {}
        # The states after bulk writes; every other state after is read from the database at the end.
        self._written: dict[_Key, State] = {}
        self._new: dict[int, Record] = {}
        self.many: list[tuple[type[Record], Sequence[Prepared]]] = []
        # What the guard asks: how many records are being saved or deleted just now, and whether a statement over
        # many rows is this recording's own.
        self.writing = 0
        # The act once it is over; None = nothing has changed.
        self.act: Act | None = None
        self.writes_many = False

    @contextmanager
    def _writing_many(self) -> Iterator[None]:
        self.writes_many = True
        try:
            yield
        finally:
            self.writes_many = False

    def watch(self, *records: Record) -> None:
        """Reads the state before from the database: call it before the record is saved or deleted."""
        by_model: dict[type[Record], list[Record]] = {}
        # Saved since: what is in the database now is not their state before.
        for record in [record for record in self._new.values() if record.pk is not None]:
            self._touched.setdefault(_key(record), (record, None, ""))
            del self._new[id(record)]
        for record in records:
            if record.pk is None:
                self._new[id(record)] = record
                continue
            self._written.pop(_key(record), None)
            if _key(record) not in self._touched:
                by_model.setdefault(type(record), []).append(record)
        for model, found in by_model.items():
            before = self._reader.states_in_database(model, [record.pk for record in found])
            for record in found:
                self._touched[_key(record)] = (record, before.get(record.pk), self._reader.key_of(record))

    def bulk_create(self, records: Sequence[Record], *, read_back: bool = False) -> None:
        """Inserts records of one model in set-based statements and records each.

        `read_back`: their states are read at the end of the act, because they may refer to records that are not
        there yet.
        """
        if not records:
            return
        with self._writing_many():
            type(records[0])._default_manager.bulk_create(records, batch_size=BATCH)
        for record in records:
            key = _key(record)
            self._touched.setdefault(key, (record, None, ""))
            if read_back:
                self._written.pop(key, None)
            else:
                self._written[key] = self._reader.state_of(record)

    def bulk_update(self, records: Sequence[Record], fields: Iterable[str], *, read_back: bool = False) -> None:
        """Updates `fields` of saved records of one model and records those that changed. `read_back`: as above."""
        if not records:
            return
        fields = list(fields)
        model = type(records[0])
        before = self._reader.states_in_database(model, [record.pk for record in records])
        missing = [record for record in records if record.pk not in before]
        if missing:
            raise RecordingError(f"There is no {model.record_kind()} {missing[0].pk} to be changed.")
        with self._writing_many():
            model._default_manager.bulk_update(records, fields, batch_size=200)
        for record in records:
            key = _key(record)
            watched = read_back or (key in self._touched and key not in self._written)
            if key not in self._touched:
                name = "" if read_back else self._reader.key_of(record)
                self._touched[key] = (record, before[record.pk], name)
            if not watched:
                # Only what was written: other columns of the instance may hold what nobody saved.
                now = self._reader.state_of(record)
                self._written[key] = before[record.pk] | {name: now[name] for name in fields}

    def bulk_delete(self, records: Sequence[Record]) -> None:
        """Deletes saved records of one model in set-based statements and records each.

        What still refers to them is the database's to refuse, when the transaction ends.
        """
        self.watch(*records)
        for start in range(0, len(records), 500):
            some = records[start : start + 500]
            with self._writing_many():
                rows = type(some[0])._default_manager.using("default")
                rows.filter(pk__in=[record.pk for record in some])._raw_delete("default")

    def replace(self, model: type[Record], rows: Sequence[Prepared]) -> None:
        """Writes rows that were worked out before the act, new ones and changed ones, in set-based statements.

        Every row is said to be a change. All changed ones are taken out first, so that no order of the rows matters:
        only what they are together has to keep the rules. What refers to them is checked when the act ends. Not for
        records that this act has touched otherwise.
        """
        if not rows:
            return
        changed = [row.pk for row in rows if not row.new]
        default = model._default_manager.using("default")
        with self._writing_many(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # What does not fit is written out and read again while everybody waits.
                cursor.execute("PRAGMA cache_size=-131072")
            for start in range(0, len(changed), 500):
                default.filter(pk__in=changed[start : start + 500])._raw_delete("default")
            _insert(
                model._meta.db_table, [column.column for column in model._meta.concrete_fields],
                (row.row for row in rows),
            )  # fmt: skip
        self.many.append((model, rows))

    def remove(self, model: type[Record], rows: Sequence[Prepared]) -> None:
        """Deletes records that were worked out before the act (`prepared_deletion`). What still refers to them is
        the database's to refuse, when the act ends."""
        default = model._default_manager.using("default")
        pks = [row.pk for row in rows]
        with self._writing_many():
            for start in range(0, len(pks), 500):
                default.filter(pk__in=pks[start : start + 500])._raw_delete("default")
        if rows:
            self.many.append((model, rows))

    def touched(self) -> Iterator[tuple[str, int, State | None]]:
        """What the act has touched so far: kind, primary key, and the state before; None = made in this act."""
        for (kind, pk), (_, before, _) in self._touched.items():
            yield kind, pk, before
        for record in self._new.values():
            if record.pk is not None:
                yield record.record_kind(), record.pk, None

    def changes(self) -> list[_Change]:
        """What differs now from the state before the act, a change a record."""
        for record in self._new.values():
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
                if now is not None:
                    # The instance that was watched need not be the one that was saved: the state is.
                    name = reader.key_of(record) if key in self._written else key_in(type(record), now)
                changes.append(_Change(*key, name, before, now))
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
    note = UNPRINTABLE.sub(" ", note)
    if not note.strip():
        raise RecordingError("A change needs a note that says why.")
    name = by_name or (by.get_full_name() if by is not None else "")  # type: ignore[attr-defined]
    if not name:
        raise RecordingError("A change needs somebody who made it.")
    with transaction.atomic():
        _locked_counter()
        recording = Recording()
        recording.watch(*records)
        with acting(recording):
            yield recording
        changes = recording.changes()
        if changes or recording.many:
            counter = _locked_counter()  # again: an act inside this one has counted on
            act = Act.objects.create(
                at=_when(at), by_id=by.pk if by is not None else None, by_name=name, cause=cause,
                note=note.strip(), origin=origin, input_digest=input_digest,
            )  # fmt: skip
            _write(act, changes, recording.many, counter)
            recording.act = act


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


def canonical(value: Any) -> str:
    """JSON without spaces, keys sorted: the text that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _end_of_text(act: Act) -> str:
    """What the digests of all revisions of an act end with."""
    content = [
        act.pk, act.at.astimezone(UTC).isoformat(), act.by_name, str(act.cause), act.note, act.origin,
        act.input_digest,
    ]  # fmt: skip
    if act.by_id is not None:
        # Readers are shown the name that this account chose. Acts of commands, the first ones, have none.
        content.append(act.by_id)
    return canonical(content)[1:]


def _middle(kind: str, record: int, name: str, action: str, state: str) -> str:
    """What a digest says of the record itself: worked out ahead where many are written."""
    return f'"{kind}",{record},{canonical(name)},"{action}",{state}'


def _digest(before: str, number: int, middle: str, end: str) -> str:
    return hashlib.sha256(f'["{before}",{number},{middle},{end}'.encode()).hexdigest()


def digest_of(revision: Revision, act: Act, before: str) -> str:
    """sha256 over the digest of the revision before and everything this one says, as one JSON list."""
    said = _middle(
        revision.kind, revision.record, revision.name, str(revision.action), canonical(revision.state)
    )  # fmt: skip
    return _digest(before, revision.number, said, _end_of_text(act))


def _write(
    act: Act, changes: list[_Change], many: list[tuple[type[Record], Sequence[Prepared]]], counter: RevisionCounter
) -> None:
    first = counter.last_number + 1
    end = _end_of_text(act)
    revisions = []
    for number, change in enumerate(changes, start=first):
        revision = Revision(
            number=number, act=act, kind=change.kind, record=change.record, name=change.name[:300],
            action=change.action, state=change.after,
        )  # fmt: skip
        said = _middle(change.kind, change.record, revision.name, str(revision.action), canonical(change.after))
        revision.digest = counter.last_digest = _digest(counter.last_digest, number, said, end)
        revisions.append(revision)
    counter.last_number = first + len(changes) - 1
    Revision.objects.bulk_create(revisions, batch_size=BATCH)
    closing: dict[str, list[int]] = {}
    for change in changes:
        if change.action != Revision.Action.CREATE:
            closing.setdefault(change.kind, []).append(change.record)
    for model, rows in many:
        _write_many(act, model.record_kind(), rows, counter, end)
        closing.setdefault(model.record_kind(), []).extend(row.pk for row in rows if not row.new)
    counter.save()
    large = counter.last_number - first >= BATCH
    if large:
        kinds = {change.kind for change in changes} | {model.record_kind() for model, _ in many}
        _count_rows(Revision, *(tracked_models()[kind] for kind in kinds))
    _close_intervals(closing, first)
    _open_intervals(first)
    if large:
        _count_rows(Interval)


def _write_many(act: Act, kind: str, rows: Sequence[Prepared], counter: RevisionCounter, end: str) -> None:
    """The revisions of rows that were worked out before, in one statement."""

    def values() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            counter.last_number += 1
            counter.last_digest = _digest(counter.last_digest, counter.last_number, row.said, end)
            yield (
                counter.last_number, act.pk, kind, row.pk, row.name, row.action, row.state, counter.last_digest
            )  # fmt: skip

    columns = ["number", "act_id", "kind", "record", "name", "action", "state", "digest"]
    _insert(Revision._meta.db_table, columns, values())


def _insert(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """A thousand rows a statement. With triggers, SQLite copies each page that a statement touches: once for each
    row takes three times as long."""
    quoted = connection.ops.quote_name
    into = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES "  # noqa: S608  (names of ours)
    plain = connection.vendor == "sqlite"
    one = f"({', '.join(['?' if plain else '%s'] * len(columns))})"
    left = iter(rows)
    with connection.cursor() as cursor:
        # Django reads a statement twice before SQLite has it: a quarter of the time, for ten thousand values.
        execute = connection.connection.execute if plain else cursor.execute
        # SQLite takes some 32,000 values in a statement.
        while some := list(islice(left, min(1000, 30_000 // len(columns)))):
            with connection.wrap_database_errors:
                execute(into + ", ".join([one] * len(some)), list(chain.from_iterable(some)))


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
            f"INSERT INTO {interval} (revision_id, kind, record, since, subject) "  # noqa: S608
            f"SELECT number, kind, record, number, {subject_in_sql(revision, connection.vendor)} FROM {revision} "
            "WHERE number >= %s AND action <> %s ORDER BY number",
            [first, Revision.Action.DELETE.value],
        )


def _close_intervals(closing: dict[str, list[int]], first: int) -> None:
    """Ends what was current of these records, by kind."""
    for kind, records in closing.items():
        if not records:
            continue
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
        subject = RawSQL(subject_in_sql(Revision._meta.db_table, connection.vendor), [], TextField())  # noqa: S611
        revisions = Revision.objects.order_by("number").only("number", "kind", "record", "action")
        for revision in revisions.annotate(subject=subject).iterator():
            known = current.pop((revision.kind, revision.record), None)
            if known is not None:
                known.until = revision.number
            if revision.action != Revision.Action.DELETE:
                interval = Interval(
                    revision=revision, kind=revision.kind, record=revision.record, since=revision.number,
                    subject=revision.subject,
                )  # fmt: skip
                current[revision.kind, revision.record] = interval
                intervals.append(interval)
        Interval.objects.bulk_create(intervals, batch_size=BATCH)
    return len(intervals)
