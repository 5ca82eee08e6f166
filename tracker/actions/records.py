"""Writing records of every kind: one act, recorded, or nothing at all.

The kinds differ in their models; nothing here knows one of them by name, but citations and claims, which name
the record that they speak of by kind and number instead of a foreign key.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tracker.history.belonging import counted_within, speaking
from tracker.history.recording import Recording, recorded
from tracker.history.states import state_now
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.models import (
    Act,
    Basis,
    Citation,
    EditionTechnology,
    FormerAddress,
    Interval,
    Record,
    RetirableRecord,
    Revision,
    RevisionCounter,
    Score,
    User,
)
from tracker.models.broken_rule import broken_rule

WHOLE = ""  # the key of what is wrong with no single field


@dataclass(frozen=True)
class New:
    """Stands for a record that another draft of the same act creates, by that draft's `ref`."""

    ref: str


@dataclass(frozen=True)
class Draft:
    """What one record is to become.

    `ref` is the caller's name for it, under which errors and conflicts are reported. `values` are column values
    (a reference is the record, or `New`); columns left out stay. `pk` None = a new record. `based_on` is the
    number of the revision that the values were read from. `of`: for a citation or a claim, the record that it
    speaks of, or that one's ref.
    """

    ref: str
    model: type[Record]
    values: Mapping[str, Any]
    pk: int | None = None
    based_on: int | None = None
    delete: bool = False
    of: Record | str | None = None


@dataclass(frozen=True)
class Saved:
    """The records by their draft's ref, as they are now, and the act; None = nothing differed."""

    records: dict[str, Record]
    act: Act | None


@dataclass(frozen=True)
class Meanwhile:
    """An act of somebody else since a form was opened."""

    number: int
    by_name: str
    at: datetime.datetime
    note: str


@dataclass(frozen=True)
class Collision:
    """A record that changed while somebody edited it: three states, and what they make together.

    `base` is what the form was filled from, `theirs` what is recorded now (None = deleted), `mine` what was to be
    saved. In `merged` each field has the value of the side that changed it; `open` names the fields that both
    changed, differently: there `merged` has theirs. `current` is the number to base the next try on.
    """

    ref: str
    kind: str
    pk: int
    base: State | None
    theirs: State | None
    mine: State | None
    merged: State
    open: tuple[str, ...]
    current: int | None
    meanwhile: tuple[Meanwhile, ...]


class Conflict(Exception):
    """Somebody else changed a record since the form was opened. Nothing was saved."""

    def __init__(self, collisions: Sequence[Collision]) -> None:
        self.collisions = tuple(collisions)
        super().__init__(", ".join(f"{one.kind} {one.pk}" for one in collisions))


class Refused(Exception):
    """A rule refuses what was to be saved; nothing was. `errors`: by draft, by field ("" = the whole), messages."""

    def __init__(self, errors: Mapping[str, Mapping[str, list[str]]]) -> None:
        self.errors = {ref: dict(fields) for ref, fields in errors.items()}
        super().__init__(
            "; ".join(
                f"{ref} {name}: {' '.join(messages)}"
                for ref, fields in self.errors.items()
                for name, messages in fields.items()
            )
        )


def newest_number() -> int:
    """The number of the newest revision. Whoever shows records for editing asks for it before reading any of them."""
    return RevisionCounter.objects.values_list("last_number", flat=True).first() or 0


def numbers_of(kind: str, pks: Iterable[int], *, at: int | None = None) -> dict[int, int]:
    """The numbers of the current revisions of records of one kind, by primary key: one query.

    `at`: those that were current at that number. What was read after it is at least as new: a change that came in
    between is then found as a conflict, and never overwritten.
    """
    current = Interval.objects.filter(kind=kind, record__in=list(pks))
    if at is None:
        current = current.filter(until__isnull=True)
    else:
        current = current.filter(models.Q(until__isnull=True) | models.Q(until__gt=at), since__lte=at)
    return dict(current.values_list("record", "since"))


def save(*, drafts: Sequence[Draft], by: User, cause: Act.Cause, note: str, origin: str = "web") -> Saved:
    """Creates, changes and deletes what the drafts say, as one act.

    Raises Conflict where a record has changed since its `based_on`, and Refused where a rule is broken. In both
    cases nothing is saved.
    """
    _refuse_unless(note.strip(), "Say why: every change has a note.")
    with _blamed(drafts), recorded(by=by, cause=cause, note=note, origin=origin) as recording:
        saved = _Saving(recording, drafts).run()
    return Saved(saved, recording.act)


@dataclass
class _Saving:
    """The drafts of one act, inside its transaction."""

    recording: Recording
    drafts: Sequence[Draft]
    saved: dict[str, Record] = field(default_factory=dict)
    errors: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def run(self) -> dict[str, Record]:
        before = self._records()
        by_kind: dict[str, list[int]] = defaultdict(list)
        for draft in self.drafts:
            if draft.pk is not None:
                by_kind[draft.model.record_kind()].append(draft.pk)
        now = {kind: numbers_of(kind, pks) for kind, pks in by_kind.items()}
        collisions = [one for draft in self.drafts if (one := self._collision(draft, before.get(draft.ref), now))]
        if collisions:
            raise Conflict(collisions)
        # What goes first makes room (a rank, a place) for what comes; what speaks of a record goes after it.
        for draft in self._in_order():
            if draft.delete:
                self._delete(draft, before.get(draft.ref))
            else:
                self._write(draft, before.get(draft.ref))
        self._need_sources()
        if self.errors:
            raise Refused(self.errors)
        return self.saved

    def _records(self) -> dict[str, Record]:
        wanted: dict[type[Record], list[int]] = defaultdict(list)
        for draft in self.drafts:
            if draft.pk is not None:
                wanted[draft.model].append(draft.pk)
        found = {
            (model, record.pk): record for model, pks in wanted.items() for record in _rows(model).filter(pk__in=pks)
        }
        return {draft.ref: record for draft in self.drafts if (record := found.get((draft.model, draft.pk or 0)))}

    def _in_order(self) -> Iterator[Draft]:
        places = {kind: place for place, kind in enumerate(tracked_models())}
        removed = [draft for draft in self.drafts if draft.delete]
        yield from sorted(removed, key=lambda draft: (not draft.model.speaks_of, -places[draft.model.record_kind()]))
        kept = [draft for draft in self.drafts if not draft.delete]
        yield from sorted(kept, key=lambda draft: (draft.model.speaks_of, places[draft.model.record_kind()]))

    def _collision(
        self, draft: Draft, record: Record | None, now: Mapping[str, Mapping[int, int]]
    ) -> Collision | None:
        if draft.pk is None or (record is None and draft.delete):
            return None
        kind = draft.model.record_kind()
        current = now[kind].get(draft.pk)
        # Whoever does not say what they read has read nothing that history knows.
        if record is not None and current == draft.based_on:
            return None
        base = _state_after(draft.based_on, kind, draft.pk)
        theirs = state_now(record) if record is not None else None
        mine = None if draft.delete else {**(base or theirs or {}), **self._as_state(draft, record)}
        merged, undecided = merge(base or {}, theirs or {}, mine or {})
        if theirs is not None and mine is not None and theirs == merged == mine:
            return None  # both made the same change
        return Collision(
            draft.ref, kind, draft.pk, base, theirs, mine, merged, undecided, current,
            meanwhile=_since(kind, draft.pk, draft.based_on),
        )  # fmt: skip

    def _as_state(self, draft: Draft, record: Record | None) -> State:
        """What the draft says, as a state says it."""
        wanted = draft.model()
        values = {name: value for name, value in draft.values.items() if not isinstance(value, New)}
        for name, value in values.items():
            setattr(wanted, name, value)
        state = StateReader().state_of(wanted)
        return {name: state[name] for name in values}

    def _delete(self, draft: Draft, record: Record | None) -> None:
        if record is not None:
            self._attempt(draft, record, lambda: _delete_all(self.recording, record))

    def _write(self, draft: Draft, record: Record | None) -> None:
        new = record is None
        record = record or draft.model()
        former = getattr(record, "slug", "") if not new else ""
        for name, value in draft.values.items():
            if isinstance(value, New):
                if value.ref not in self.saved:
                    return  # what it belongs to was refused
                value = self.saved[value.ref]
            setattr(record, name, value)
        if draft.of is not None:
            subject = self.saved.get(draft.of) if isinstance(draft.of, str) else draft.of
            if subject is None:
                return
            name_subject(record, subject)
        if new and "position" in {column.name for column in draft.model._meta.concrete_fields}:
            self._put_last(record, draft)
        if not self._valid(draft, record):
            return
        back = _former_address(record) if getattr(record, "slug", "") != former else None
        if back is not None and back.record != record.pk:
            self.errors.setdefault(draft.ref, {}).setdefault("slug", []).append(
                f"This address leads to another {record._meta.verbose_name} that had it before, for ever."
            )
            return

        def write() -> None:
            record.save()
            if former and former != getattr(record, "slug", ""):
                leave_address(record, former)
            if back is not None:
                back.delete()  # it is the record's address again

        if self._attempt(draft, record, write):
            self.saved[draft.ref] = record

    def _put_last(self, record: Record, draft: Draft) -> None:
        """A new record without a place comes after those that belong to the same."""
        if draft.values.get("position") is not None:
            return
        beside = {name: getattr(record, name) for name in counted_within(type(record))}
        last = _rows(type(record)).filter(**beside).aggregate(last=models.Max("position"))["last"]
        record.position = (last or 0) + 1  # type: ignore[attr-defined]

    def _valid(self, draft: Draft, record: Record) -> bool:
        found = rules_broken(record)
        for name, messages in found.items():
            self.errors.setdefault(draft.ref, {}).setdefault(name, []).extend(messages)
        return not found

    def _attempt(self, draft: Draft, record: Record, write: Any) -> bool:
        try:
            with transaction.atomic():
                write()
        except IntegrityError as broken:
            rule = broken_rule(type(record), broken)
            name = rule.columns[0] if rule.columns else WHOLE
            self.errors.setdefault(draft.ref, {}).setdefault(name, []).append(rule.message)
            return False
        except StillNeeded as needed:
            self.errors.setdefault(draft.ref, {}).setdefault(WHOLE, []).append(str(needed))
            return False
        return True

    def _need_sources(self) -> None:
        """What was written here, or lost a source here, has one."""
        refs: dict[tuple[str, int], str] = {}
        for draft in self.drafts:
            record = self.saved.get(draft.ref)
            if record is not None:
                refs.setdefault((record.record_kind(), record.pk), draft.ref)
            elif draft.model is Citation and isinstance(draft.of, Record):
                refs.setdefault((draft.of.record_kind(), draft.of.pk), draft.ref)
        first = self.drafts[0].ref if self.drafts else WHOLE
        for kind, pk in left_without_source(self.recording, created=True):
            said = self.errors.setdefault(refs.get((kind, pk), first), {}).setdefault(WHOLE, [])
            said.append("Name a source: nothing is stated here without one.")


def left_without_source(recording: Recording, *, created: bool) -> tuple[tuple[str, int], ...]:
    """Records that state something of the world and lost a citation in this act, or (`created`) were made in it, and
    now have no source: kind and primary key."""
    candidates: dict[str, set[int]] = defaultdict(set)
    for kind, pk, before in recording.touched():
        model = tracked_models()[kind]
        if kind == "citation" and before is not None:
            candidates[before["kind"]].add(before["record"])
        elif created and before is None and model.needs_source:
            candidates[kind].add(pk)
    return tuple(
        (kind, pk) for kind, pks in candidates.items() for pk in left_without_source_by(kind, sorted(pks))
    )  # fmt: skip


def left_without_source_by(kind: str, pks: Sequence[int]) -> list[int]:
    """Which of these records of a kind state something of the world and have no source now."""
    stating = tracked_models().get(kind)
    return _unsourced(stating, pks) if stating is not None and stating.needs_source else []


def _unsourced(model: type[Record], pks: Sequence[int]) -> list[int]:
    """Which of the records exist and have no source: of their own, or for a computed score that of its edition's
    entry (docs/adr/0009)."""
    without: list[int] = []
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        cited = Citation.objects.filter(kind=model.record_kind(), record__in=some).values("record")
        rows = _rows(model).filter(pk__in=some).exclude(pk__in=cited)
        if model is Score:
            entries = EditionTechnology.objects.filter(
                edition=models.OuterRef(models.OuterRef("window__edition")),
                technology=models.OuterRef(models.OuterRef("technology")),
            )
            of_entry = Citation.objects.filter(kind="editiontechnology", record__in=entries.values("pk"))
            rows = rows.exclude(models.Q(basis=Basis.COMPUTED) & models.Exists(of_entry))
        without += rows.order_by("pk").values_list("pk", flat=True)
    return without


def refuse_without_source(recording: Recording, *, created: bool = True) -> None:
    """Raises Refused where an act leaves something stated without a source."""
    found = left_without_source(recording, created=created)
    if found:
        named = [_rows(tracked_models()[kind]).get(pk=pk) for kind, pk in found[:5]]
        listed = ", ".join(f"{one._meta.verbose_name} {one.key()}" for one in named)
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise Refused({WHOLE: {WHOLE: [f"Without a source would stand: {listed}{more}. Name another one first."]}})


def name_subject(record: Record, subject: Record) -> None:
    """Makes a record that speaks of another (a citation, a claim) speak of `subject`."""
    record.kind = subject.record_kind()  # type: ignore[attr-defined]
    record.record = subject.pk  # type: ignore[attr-defined]
    record.record_key = subject.key()  # type: ignore[attr-defined]


def _former_address(record: Record) -> FormerAddress | None:
    """The former address that the record's slug is."""
    slug = getattr(record, "slug", "")
    return FormerAddress.objects.filter(kind=record.record_kind(), slug=slug).first() if slug else None


def leave_address(record: Record, slug: str) -> None:
    """The address of `slug` leads to `record` from now on. Inside an act."""
    former = FormerAddress.objects.filter(kind=record.record_kind(), slug=slug).first()
    former = former or FormerAddress(kind=record.record_kind(), slug=slug)
    former.record = record.pk
    former.save()


def lead_on(record: Record, former: str) -> None:
    """The address that a record had leads to it for ever; the one that it has needs to lead nowhere. Inside an act,
    after the record is written. An address that another record has now is that one's."""
    if not _rows(type(record)).filter(slug=former).exists():
        leave_address(record, former)
    back = FormerAddress.objects.filter(kind=record.record_kind(), slug=record.slug, record=record.pk)  # type: ignore[attr-defined]
    for again in back:
        again.delete()


@cache
def _together() -> tuple[tuple[str, ...], ...]:
    """The groups of columns that say one thing, of every kind: what two people make of them is never mixed."""
    return tuple(dict.fromkeys(group for model in tracked_models().values() for group in model.together))


def merge(base: State, theirs: State, mine: State) -> tuple[State, tuple[str, ...]]:
    """Three states → each field from the side that changed it, and the fields that both changed differently.

    Fields that say one thing (a number, its decimals and its bound; both ends of a range) are decided together: where
    both sides changed any of them, all that differ are open.
    """
    merged: State = {}
    undecided: set[str] = set()
    for name in dict.fromkeys([*theirs, *mine]):
        ours, others, before = mine.get(name), theirs.get(name), base.get(name)
        merged[name] = others if ours in (before, others) else ours
        if ours != before and others != before and ours != others:
            undecided.add(name)
    for group in _together():
        members = [name for name in group if name in merged]
        changed_by_both = all(
            any(side.get(name) != base.get(name) for name in members) for side in (mine, theirs)
        )  # fmt: skip
        if len(members) > 1 and changed_by_both:
            undecided.update(name for name in members if mine.get(name) != theirs.get(name))
    for name in undecided:
        merged[name] = theirs.get(name)
    return merged, tuple(name for name in merged if name in undecided)


def rules_broken(record: Record) -> dict[str, list[str]]:
    """What the model's own rules say against a record about to be saved: messages by field, "" for the whole."""
    found: dict[str, list[str]] = defaultdict(list)
    try:
        record.clean_fields()
        record.clean()
    except ValidationError as invalid:
        for name, messages in invalid.message_dict.items():
            found[WHOLE if name == NON_FIELD_ERRORS else name].extend(messages)
    if found:
        return dict(found)
    try:
        record.validate_unique()
    except ValidationError as invalid:
        for name, messages in invalid.message_dict.items():
            found[WHOLE if name == NON_FIELD_ERRORS else name].extend(messages)
    return dict(found)


def _rows(model: type[Record]) -> models.QuerySet[Any]:
    return model._default_manager.using("default")


def _state_after(number: int | None, kind: str, pk: int) -> State | None:
    if number is None:
        return None
    return Revision.objects.filter(number=number, kind=kind, record=pk).values_list("state", flat=True).first()


def _since(kind: str, pk: int, number: int | None) -> tuple[Meanwhile, ...]:
    rows = (
        Revision.objects.filter(kind=kind, record=pk, number__gt=number or 0).select_related("act").order_by("number")
    )
    return tuple(Meanwhile(row.number, row.act.by_name, row.act.at, row.act.note) for row in rows)


def _refuse_unless(given: object, message: str) -> None:
    if not given:
        raise Refused({WHOLE: {"note": [message]}})


@contextmanager
def _blamed(drafts: Sequence[Draft]) -> Iterator[None]:
    """A rule that the database checks only at the end of the transaction is laid at the first draft's door."""
    try:
        yield
    except IntegrityError as broken:
        first = drafts[0]
        rule = broken_rule(first.model, broken)
        raise Refused({first.ref: {WHOLE: [rule.message]}}) from broken


# What hangs on a record: deleting, retiring


@dataclass(frozen=True)
class Dependent:
    """A record that points to one that is to be deleted: it is deleted with it, or its reference is emptied."""

    record: Record
    how: str  # "deleted" or "emptied"
    field: str = ""

    @property
    def kind(self) -> str:
        return self.record.record_kind()


class StillNeeded(Exception):
    """A record cannot go alone: others hang on it."""


class ChangedSince(Exception):
    """What hangs on the record is not what was listed. `dependents` is the list of now."""

    def __init__(self, found: tuple[Dependent, ...]) -> None:
        self.dependents = found
        super().__init__("What depends on it has changed since it was listed.")


def dependents(record: Record) -> tuple[Dependent, ...]:
    """Everything that goes, or loses its reference, with a record; what must go first comes first.

    A reference that may be empty and says nothing by itself (a part's programme, the copy that a source was seen
    through, for whom a speaker speaks) is emptied; everything else that points to the record is deleted with it. A
    query for each sort of reference at each step away, however many records there are.
    """
    gone: dict[tuple[str, int], Record] = {(record.record_kind(), record.pk): record}
    emptied: dict[tuple[str, int, str], Dependent] = {}
    step: dict[type[Record], list[int]] = {type(record): [record.pk]}
    while step:
        further: dict[type[Record], list[int]] = defaultdict(list)
        for model, pks in step.items():
            for start in range(0, len(pks), 500):
                for row, name in _pointing(model, pks[start : start + 500]):
                    key = (row.record_kind(), row.pk)
                    if name:
                        emptied.setdefault((*key, name), Dependent(row, "emptied", name))
                    elif key not in gone:
                        gone[key] = row
                        further[type(row)].append(row.pk)
        step = further
    del gone[record.record_kind(), record.pk]
    # A kind points to kinds before it; what speaks of others goes first of all.
    places = {kind: place for place, kind in enumerate(tracked_models())}
    ordered = sorted(gone.values(), key=lambda row: (not row.speaks_of, -places[row.record_kind()], row.pk))
    kept = [one for (kind, pk, _), one in emptied.items() if (kind, pk) not in gone]
    return (*kept, *(Dependent(row, "deleted") for row in ordered))


def _pointing(model: type[Record], pks: Sequence[int]) -> Iterator[tuple[Record, str]]:
    """Records that point to some of `model`, and the field to empty; "" where they go with them."""
    for relation in model._meta.related_objects:
        other = relation.related_model
        if isinstance(other, type) and issubclass(other, Record):
            name = relation.field.name if _may_be_emptied(other, relation.field, model) else ""
            for row in _rows(other).filter(**{f"{relation.field.attname}__in": pks}).order_by("pk"):
                yield row, name
    for kind in speaking().values():
        for row in _rows(kind).filter(kind=model.record_kind(), record__in=pks).order_by("pk"):
            yield row, ""


def _may_be_emptied(model: type[Record], column: Any, target: type[Record]) -> bool:
    """Whether a reference may be empty and no rule speaks of it, or leads to another record of the same kind."""
    if not column.null or column.name in model.key_fields:
        return False
    ruled = {
        name.split("__")[0]
        for rule in model._meta.constraints
        if isinstance(rule, models.CheckConstraint) and isinstance(rule.condition, models.Q)
        for name in rule.condition.referenced_base_fields
    }
    return model is target or not {column.name, column.attname} & ruled


def shown_for_deletion(record: Record, found: Sequence[Dependent]) -> frozenset[tuple[str, int, int]]:
    """What a person is shown before a deletion: kind, primary key and revision of the record and all that goes."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for one in (record, *(one.record for one in found)):
        by_kind[one.record_kind()].append(one.pk)
    return frozenset(
        (kind, pk, numbers.get(pk, 0))
        for kind, pks in by_kind.items()
        for numbers in [numbers_of(kind, pks)]
        for pk in pks
    )


def delete(
    *,
    record: Record,
    expected: Collection[tuple[str, int] | tuple[str, int, int]],
    by: User,
    cause: Act.Cause,
    note: str,
    origin: str = "web",
) -> Act:
    """Deletes a record with everything that hangs on it, as one act.

    `expected` is what the person was shown: the dependents as (kind, primary key), or `shown_for_deletion`. Raises
    ChangedSince where there are others now, or one has changed; Refused for an empty note, where a rule of the
    database forbids it, or where something else would be left without a source.
    """
    _refuse_unless(note.strip(), "Say why: every change has a note.")
    try:
        with recorded(record, by=by, cause=cause, note=note, origin=origin) as recording:
            found = dependents(record)
            if any(len(one) == 3 for one in expected):
                changed = shown_for_deletion(record, found) != set(expected)
            else:
                changed = {(one.kind, one.record.pk) for one in found} != set(expected)
            if changed:
                raise ChangedSince(found)
            with transaction.atomic():
                remove(recording, record, found)
            refuse_without_source(recording)
    except IntegrityError as broken:
        raise Refused({WHOLE: {WHOLE: [broken_rule(type(record), broken).message]}}) from broken
    _refuse_unless(recording.act, "It is deleted already.")
    assert recording.act is not None
    return recording.act


def _delete_all(recording: Recording, record: Record) -> None:
    """Deletes a part of a form with its own citations; refuses where more hangs on it."""
    found = dependents(record)
    if any(not one.record.speaks_of for one in found):
        named = sorted({one.kind for one in found if not one.record.speaks_of})
        raise StillNeeded(f"Other records hang on it ({', '.join(named)}): delete it on its own page.")
    remove(recording, record, found)


def remove(recording: Recording, record: Record, found: Sequence[Dependent]) -> None:
    """Deletes a record and empties or deletes what hangs on it (`dependents`). Inside an act."""
    emptied: dict[tuple[type[Record], str], list[Record]] = defaultdict(list)
    deleted: dict[type[Record], list[Record]] = defaultdict(list)
    for one in found:
        if one.how == "emptied":
            emptied[type(one.record), one.field].append(one.record)
        else:
            deleted[type(one.record)].append(one.record)
    for (_, name), rows in emptied.items():
        for row in rows:
            setattr(row, name, None)
        recording.bulk_update(rows, [name])
    for rows in deleted.values():
        recording.bulk_delete(rows)
    recording.bulk_delete([record])


def retire(*, record: RetirableRecord, by: User, cause: Act.Cause, note: str, origin: str = "web") -> Act | None:
    """Marks a record as out of use from today (UTC). None where it is already."""
    return _set_retired(record, timezone.now().date(), by, cause, note, origin)


def restore(*, record: RetirableRecord, by: User, cause: Act.Cause, note: str, origin: str = "web") -> Act | None:
    """Takes a retired record into use again. None where it is in use."""
    return _set_retired(record, None, by, cause, note, origin)


def _set_retired(
    record: RetirableRecord, day: datetime.date | None, by: User, cause: Act.Cause, note: str, origin: str
) -> Act | None:
    _refuse_unless(note.strip(), "Say why: every change has a note.")
    with recorded(record, by=by, cause=cause, note=note, origin=origin) as recording:
        record.refresh_from_db()
        if (record.retired is None) != (day is None):
            record.retired = day
            record.save(update_fields=["retired"])
    return recording.act
