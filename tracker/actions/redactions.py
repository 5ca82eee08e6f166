"""Taking something out of the log: what the law orders gone, or a name that its bearer withdraws.

The row keeps its place and its digest, and a redaction, itself recorded, says what was taken out and why. A value is
taken out of every revision of the record that holds it; a natural key also out of the names and references that
repeat it. What still stands in a record of today is never touched: it is changed first, as any record is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from tracker.actions.exports import forget_exports
from tracker.actions.records import name_subject
from tracker.actions.releases import forget_stale_files
from tracker.history.belonging import speaking
from tracker.history.past import forget_files
from tracker.history.recording import recorded
from tracker.history.tracked import State, tracked_models
from tracker.history.verification import digest_of_redacted
from tracker.models import Act, FormerAddress, Interval, Record, Redacted, Redaction, Revision, User
from tracker.models.redaction import NAME_WITHDRAWN, REMOVED

BATCH = 900


class CannotRedact(Exception):
    """It cannot be taken out so; the message says what to do instead."""


def redact_revisions(
    *, numbers: Collection[int], fields: Collection[str], what: str, grounds: str, by: User, origin: str = "command"
) -> Redaction:
    """Takes the values that `fields` have in these revisions out of the log: texts read “[removed]”, others are empty.

    Every revision of the record that holds the same value loses it, too. Of a natural key, also the names of
    revisions (of a deletion, which has nothing else) and the references to the record that repeat it; former
    addresses of that name end, and citations and claims that repeat it are saved anew first. All rows that changed
    are named in the redaction.

    Raises CannotRedact for an unknown revision or field, for one that holds nothing, and where the value still
    stands in a record: that is changed first.
    """
    _refuse_without_words(what, grounds)
    with transaction.atomic():
        _renew(_planned(numbers, fields), grounds, by, origin)
        with _redacting(Redaction.Reason.LAW, what, grounds, by, origin) as redaction:
            plan = _planned(numbers, fields)
            _refuse(
                sorted(_current([*plan.columns, *plan.repeated])),
                "r{} is what stands today: change or delete the record first, then redact.",
            )
            redaction.rows = _rows("r", plan.changed)
            redaction.save()
            _mark(redaction, "revision_id", list(plan.changed))
            for number, revision in plan.changed.items():
                Revision.objects.filter(pk=number).update(state=revision.state, name=revision.name)
    return redaction


def redact_notes(*, acts: Collection[int], what: str, grounds: str, by: User, origin: str = "command") -> Redaction:
    """Takes the notes of acts out of the log: they read “[removed]”. Raises CannotRedact where there is none."""
    _refuse_without_words(what, grounds)
    with _redacting(Redaction.Reason.LAW, what, grounds, by, origin) as redaction:
        notes = dict(Act.objects.filter(pk__in=acts).values_list("pk", "note"))
        _refuse(sorted(set(acts) - set(notes)), "There is no act {}.")
        _refuse(
            sorted(pk for pk, note in notes.items() if note == REMOVED), "The note of act {} is taken out already."
        )
        redaction.rows = _rows("act ", notes)
        redaction.save()
        _mark(redaction, "act_id", list(notes))
        Act.objects.filter(pk__in=notes).update(note=REMOVED)
    return redaction


def withdraw_name(*, user: User, grounds: str, by: User, origin: str = "command") -> Redaction:
    """Takes a person's name out of every act so far; the acts stay, by nobody in particular.

    Raises CannotRedact where the person has made no act.
    """
    what = "The name of the person who made these changes"
    _refuse_without_words(what, grounds)
    with _redacting(Redaction.Reason.NAME, what, grounds, by, origin) as redaction:
        acts = list(Act.objects.filter(by=user).order_by("pk").values_list("pk", flat=True))
        if not acts:
            raise CannotRedact("No act bears this name.")
        redaction.rows = _rows("act ", acts)
        redaction.save()
        _mark(redaction, "act_id", acts)
        for some in _batches(acts):
            Act.objects.filter(pk__in=some).update(by=None, by_name=NAME_WITHDRAWN)
    return redaction


@contextmanager
def _redacting(reason: Redaction.Reason, what: str, grounds: str, by: User, origin: str) -> Iterator[Redaction]:
    """One act with one redaction, to be given its rows, saved, and carried out inside."""
    with recorded(by=by, cause=Act.Cause.VISIBILITY, note=_note(grounds), origin=origin):
        earlier = Redaction.objects.order_by("pk").last()
        if earlier is not None and earlier.digest != digest_of_redacted():
            raise CannotRedact("A redacted row was changed since: see what verify_history says before anything else.")
        redaction = Redaction(
            code=f"X{Redaction.objects.count() + 1}", reason=reason, what=what.strip(), grounds=grounds.strip()
        )
        yield redaction
        redaction.digest = digest_of_redacted()
        redaction.save()
        transaction.on_commit(forget_files)
        transaction.on_commit(forget_stale_files)
        transaction.on_commit(forget_exports)


def _note(grounds: str) -> str:
    return f"Redaction: {grounds.strip()}"


def _mark(redaction: Redaction, column: str, pks: Sequence[int]) -> None:
    """Names the rows for the triggers of the log. New rows, also for what was redacted before: kept files of the past
    are known by the newest."""
    for some in _batches(pks):
        earlier = Redacted.objects.filter(**{f"{column}__in": some}).select_related("redaction")
        known = {getattr(one, column): one for one in earlier}
        earlier.delete()
        made = []
        for pk in some:
            first, others = redaction, ""
            if before := known.get(pk):
                if before.redaction.reason == Redaction.Reason.NAME:
                    first, then = before.redaction, redaction
                else:
                    then = before.redaction
                others = "; ".join(filter(None, (_words(then), before.also)))
            made.append(Redacted(redaction=first, also=others or None, **{column: pk}))
        Redacted.objects.bulk_create(made)


def _words(redaction: Redaction) -> str:
    return f"{redaction.what} ({redaction.code}: {redaction.grounds})"


# What is to be taken out


@dataclass
class _Plan:
    """The revisions that are to change, by number, as they will read; those whose own `columns` lose a value, and
    those of records that have `repeated` the key of another."""

    changed: dict[int, Revision] = field(default_factory=dict)
    columns: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)

    def empty_name(self, revision: Revision) -> None:
        self.changed.setdefault(revision.number, revision).name = REMOVED

    def put(self, revision: Revision, name: str, value: Any) -> None:
        kept = self.changed.setdefault(revision.number, revision)
        kept.state = {**(kept.state or {}), name: value}


def _planned(numbers: Collection[int], fields: Collection[str]) -> _Plan:
    plan = _Plan()
    for (kind, record), values in _values(numbers, fields).items():
        for revision in Revision.objects.filter(kind=kind, record=record).order_by("number"):
            state: State = revision.state or {}
            for name in [name for name, olds in values.items() if state.get(name) in olds]:
                plan.put(revision, name, _emptied(revision, name))
                plan.columns.add(revision.number)
        model = tracked_models().get(kind)
        keys = [str(value) for name in model.key_fields for value in values.get(name, ())] if model else []
        if model is not None and keys:
            _take_key(plan, model, record, keys)
    plan.changed = dict(sorted(plan.changed.items()))
    return plan


def _values(numbers: Collection[int], fields: Collection[str]) -> dict[tuple[str, int], dict[str, list[Any]]]:
    """What `fields` hold in these revisions, by record and field. A deletion stands for the state that it ended."""
    revisions = list(Revision.objects.filter(number__in=numbers).order_by("number"))
    _refuse(sorted(set(numbers) - {revision.number for revision in revisions}), "There is no r{}.")
    found: dict[tuple[str, int], dict[str, list[Any]]] = {}
    nothing = []
    for revision in revisions:
        model = tracked_models().get(revision.kind)
        known = {column.name: column for column in model._meta.concrete_fields} if model else {}
        state = revision.state
        if state is None:
            ended = Revision.objects.filter(kind=revision.kind, record=revision.record, number__lt=revision.number)
            state = ended.order_by("-number").values_list("state", flat=True).first() or {}
        held = False
        for name in fields:
            column = known.get(name)
            if column is None or column.primary_key or column.is_relation:
                raise CannotRedact(f"“{name}” is no value of a {revision.kind} that can be taken out.")
            value = state.get(name)
            if value not in (None, "", _emptied(revision, name)):
                held = True
                found.setdefault((revision.kind, revision.record), {}).setdefault(name, []).append(value)
        if not held:
            nothing.append(revision.number)
    _refuse(nothing, "r{} holds nothing in these columns.")
    return found


def _take_key(plan: _Plan, model: type[Record], record: int, keys: Collection[str]) -> None:
    """Finds where the natural key of a record is repeated: in the names of its revisions, in what refers to it, and
    in the names of what has it in its own key, however far."""

    def holds(text: str) -> bool:
        return any(f"/{key}/" in f"/{text}/" for key in keys)

    _former_addresses(plan, model, keys)
    queue, seen = [(model, record)], {(model, record)}

    def follow(other: type[Record], pk: int) -> None:
        if (other, pk) not in seen:
            seen.add((other, pk))
            queue.append((other, pk))

    while queue:
        target, pk = queue.pop()
        for revision in Revision.objects.filter(kind=target.record_kind(), record=pk):
            if holds(revision.name):
                plan.empty_name(revision)
        for relation in target._meta.related_objects:
            other = relation.related_model
            if isinstance(other, type) and issubclass(other, Record):
                _references(plan, other, relation.field.name, pk, holds, follow)
        for model in speaking().values():
            spoken = Revision.objects.filter(
                kind=model.record_kind(), state__kind=target.record_kind(), state__record=pk
            )
            for revision in spoken:
                if holds((revision.state or {}).get("record_key", "")):
                    plan.put(revision, "record_key", REMOVED)
                    plan.repeated.add(revision.number)
                    follow(model, revision.record)


def _references(
    plan: _Plan, other: type[Record], name: str, pk: int, holds: Callable[[str], bool],
    follow: Callable[[type[Record], int], None],
) -> None:  # fmt: skip
    rows = Revision.objects.filter(kind=other.record_kind(), **{f"state__{name}__id": pk})
    for revision in rows:
        reference = (revision.state or {})[name]
        if holds(reference["key"]):
            plan.put(revision, name, {**reference, "key": REMOVED})
            if name in other.key_fields:
                follow(other, revision.record)


def _former_addresses(plan: _Plan, model: type[Record], keys: Collection[str]) -> None:
    kind = FormerAddress.record_kind()
    rows = Revision.objects.filter(kind=kind, state__kind=model.record_kind(), state__slug__in=list(keys))
    for revision in rows:
        plan.put(revision, "slug", _emptied(revision, "slug"))
        plan.repeated.add(revision.number)
    records = {revision.record for revision in rows}
    for revision in Revision.objects.filter(kind=kind, record__in=records):
        if any(revision.name == f"{model.record_kind()}/{key}" for key in keys):
            plan.empty_name(revision)


def _renew(plan: _Plan, grounds: str, by: User, origin: str) -> None:
    """What repeats the key today: addresses end, citations and claims are saved with the key of today. One act."""
    if _current(plan.columns):
        return  # refused in a moment
    stale = [plan.changed[number] for number in sorted(_current(plan.repeated))]
    if not stale:
        return
    with recorded(by=by, cause=Act.Cause.VISIBILITY, note=_note(grounds), origin=origin):
        for revision in stale:
            model: Any = tracked_models().get(revision.kind)
            row = model._default_manager.using("default").get(pk=revision.record)
            if isinstance(row, FormerAddress):
                row.delete()
                continue
            subjects: Any = tracked_models().get(row.kind)
            subject = subjects._default_manager.using("default").filter(pk=row.record).first()
            if subject is not None:
                name_subject(row, subject)
                row.save()


def _current(numbers: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in _batches(sorted(numbers)):
        standing = Interval.objects.filter(revision__in=some, until__isnull=True)
        found.update(standing.values_list("revision_id", flat=True))
    return found


def _emptied(revision: Revision, name: str) -> Any:
    model = tracked_models().get(revision.kind)
    column: Any = model._meta.get_field(name) if model else None
    if isinstance(column, models.SlugField):
        return f"removed-{revision.record}"  # still an address, and of one record
    if isinstance(column, models.CharField | models.TextField) and not column.choices:
        return REMOVED[: column.max_length] if column.max_length else REMOVED
    return None


def _refuse_without_words(what: str, grounds: str) -> None:
    if not what.strip() or not grounds.strip():
        raise CannotRedact("Say what is taken out, without repeating it, and on what grounds.")


def _refuse(numbers: Sequence[int], message: str) -> None:
    if numbers:
        raise CannotRedact(" ".join(message.format(number) for number in numbers[:5]))


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), BATCH):
        yield pks[start : start + BATCH]


def _rows(what: str, numbers: Iterable[int] | Mapping[int, Any]) -> str:
    """“r12 r15-30”."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return " ".join(f"{what}{first}" if first == last else f"{what}{first}-{last}" for first, last in found)
