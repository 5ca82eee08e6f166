"""Taking back a revision or a whole act: an ordinary recorded act, or a refusal that says why.

A field goes back to what it was where nobody has changed it since; what was created is deleted, what was deleted
comes back under its own number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from tracker.actions.records import WHOLE, Refused, lead_on, refuse_without_source
from tracker.history.belonging import speaking
from tracker.history.diff import FieldChange, diff
from tracker.history.recording import Recording, recorded
from tracker.history.states import column_values, record_from
from tracker.history.timeline import states_before
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.models import Act, Record, Redaction, Release, Revision, User
from tracker.models.broken_rule import broken_rule

# More reasons than these are counted, not listed.
MOST_REASONS = 20
# What stands for good: a release is cited, a redaction cannot give back what it took out.
FOR_GOOD: tuple[type[Record], ...] = (Release, Redaction)


@dataclass(frozen=True)
class Reversal:
    """What taking back does to one record."""

    kind: str
    pk: int
    name: str
    action: str  # create, update, delete
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Preview:
    """What taking back does: the first reversals, and how many there are in all."""

    reversals: tuple[Reversal, ...]
    total: int


class CannotRevert(Exception):
    """It would break something. `reasons` says what, in sentences."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


@dataclass
class _Plan:
    delete: dict[type[Record], list[Record]] = field(default_factory=lambda: defaultdict(list))
    update: dict[type[Record], list[tuple[Record, State, State]]] = field(default_factory=lambda: defaultdict(list))
    create: dict[type[Record], list[State]] = field(default_factory=lambda: defaultdict(list))
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    now: dict[tuple[str, int], State] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (any(self.delete.values()) or any(self.update.values()) or any(self.create.values()))


def preview_revert(*, act: Act | None = None, number: int | None = None, limit: int | None = None) -> Preview:
    """What taking back an act, or one revision, would do; at most `limit` reversals. Raises CannotRevert."""
    plan = _planned(_revisions(act, number))
    steps = [
        *((model, record.pk, "delete", plan.now[model.record_kind(), record.pk], None)
          for model, records in plan.delete.items() for record in records),
        *((model, record.pk, "update", now, then)
          for model, changed in plan.update.items() for record, now, then in changed),
        *((model, state["id"], "create", None, state) for model, states in plan.create.items() for state in states),
    ]  # fmt: skip
    reversals = tuple(
        Reversal(model.record_kind(), pk, plan.names[model.record_kind(), pk], action, diff(now, then))
        for model, pk, action, now, then in steps[:limit]
    )
    return Preview(reversals, len(steps))


def revert_revision(
    *, number: int, by: User, note: str, cause: Act.Cause = Act.Cause.CORRECTION, origin: str = "web"
) -> Act:
    """Takes back one revision. Raises CannotRevert, and then nothing has changed."""
    return _revert(_revisions(None, number), f"Reverts r{number}", by=by, note=note, cause=cause, origin=origin)


def revert_act(*, act: Act, by: User, note: str, cause: Act.Cause = Act.Cause.CORRECTION, origin: str = "web") -> Act:
    """Takes back every revision of an act. Raises CannotRevert, and then nothing has changed."""
    revisions = _revisions(act, None)
    first, last = revisions[0].number, revisions[-1].number
    said = f"Reverts r{first}" if first == last else f"Reverts r{first} to r{last}"
    return _revert(revisions, said, by=by, note=note, cause=cause, origin=origin)


def _revisions(act: Act | None, number: int | None) -> list[Revision]:
    wanted = Q(act=act) if act is not None else Q(number=number)
    found = list(Revision.objects.filter(wanted).select_related("redacted").order_by("number"))
    if not found:
        raise CannotRevert(["There is no such revision."])
    return found


def _revert(revisions: Sequence[Revision], said: str, *, by: User, note: str, cause: Act.Cause, origin: str) -> Act:
    if not note.strip():
        raise CannotRevert(["Say why: every change has a note."])
    try:
        with recorded(by=by, cause=cause, note=f"{said}: {note.strip()}", origin=origin) as recording:
            plan = _planned(revisions)
            for model in reversed(list(plan.delete)):
                with _allowed(model):
                    recording.bulk_delete(plan.delete[model])
            for model, changed in plan.update.items():
                with _allowed(model):
                    _change(recording, changed)
            for model, states in plan.create.items():
                with _allowed(model):
                    recording.bulk_create([record_from(model, state) for state in states], read_back=True)
            # What comes back as it was may have stood without a source; what loses one here may not.
            refuse_without_source(recording, created=False)
    except Refused as refused:
        raise CannotRevert([str(message) for message in refused.errors[WHOLE][WHOLE]]) from refused
    except IntegrityError as broken:
        # Found when the transaction ends: a reference.
        raise CannotRevert(["Other records refer to what would go."]) from broken
    if recording.act is None:
        raise CannotRevert(["Everything is as it was before already."])
    return recording.act


@contextmanager
def _allowed(model: type[Record]) -> Iterator[None]:
    """What a rule of the database refuses is said in its words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as broken:
        rule = broken_rule(model, broken)
        raise CannotRevert([f"A {model._meta.verbose_name} cannot be as it was: {rule.message}"]) from broken


def _change(recording: Recording, changed: Sequence[tuple[Record, State, State]]) -> None:
    names: set[str] = set()
    for record, now, then in changed:
        values = column_values(type(record), then)
        for column in record._meta.concrete_fields:
            if now.get(column.name) != then.get(column.name):
                setattr(record, column.attname, values[column.attname])
                names.add(column.name)
    recording.bulk_update([record for record, _, _ in changed], sorted(names), read_back=True)
    for record, now, then in changed:
        if now.get("slug") != then.get("slug"):
            lead_on(record, now["slug"])


def _planned(revisions: Sequence[Revision]) -> _Plan:
    """What is to be done, in the order of references. Raises CannotRevert with every reason found."""
    before = states_before((one.number, one.kind, one.record) for one in revisions)
    now = _states_now(revisions)
    plan = _Plan()
    reasons: list[Callable[[], str]] = []
    rows = {key: record for key, (record, _) in now.items()}
    for revision in sorted(revisions, key=lambda one: one.number):
        key = (revision.kind, revision.record)
        model, after = tracked_models().get(revision.kind), revision.state or {}
        if model is None or issubclass(model, FOR_GOOD):
            reasons.append(partial("{} stands for good: it is not taken back.".format, _title(revision)))
            continue
        plan.names[key] = revision.name
        then, current = before.get(revision.number, {}), now[key][1] if key in now else None
        if current is not None:
            plan.now[key] = current
        if hasattr(revision, "redacted") or (not then and revision.action != Revision.Action.CREATE):
            reasons.append(partial("What {} was before is no longer in the history.".format, _title(revision)))
        elif revision.action == Revision.Action.CREATE:
            if current is not None and _differs(current, after):
                reasons.append(partial(_since, f"{_title(revision)} has been changed", revision))
            elif current is not None:
                plan.delete[model].append(rows[key])
        elif revision.action == Revision.Action.DELETE:
            if current is None:
                plan.create[model].append(then)
        elif current is None:
            reasons.append(partial(_since, f"{_title(revision)} has been deleted", revision))
        else:
            wanted, again = _back(current, after, then)
            reasons += [
                partial(_since, f"{_field(model, name)} of the {_named(revision)} has been changed again", revision)
                for name in again
            ]
            if wanted != current and not again:
                plan.update[model].append((rows[key], current, wanted))
    reasons += [partial(str, reason) for reason in (*_still_referred_to(plan), *_refer_to_nothing(plan))]
    if reasons:
        more = len(reasons) - MOST_REASONS
        # Who changed it since is asked for those that are said, no more.
        said = [reason() for reason in reasons[:MOST_REASONS]]
        raise CannotRevert([*said, *([f"And {more} more reasons of this sort."] if more > 0 else [])])
    if plan.is_empty:
        raise CannotRevert(["Everything is as it was before already."])
    return plan


def _states_now(revisions: Sequence[Revision]) -> dict[tuple[str, int], tuple[Record, State]]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for revision in revisions:
        wanted[revision.kind].append(revision.record)
    reader = StateReader()
    found: dict[tuple[str, int], tuple[Record, State]] = {}
    for kind, pks in wanted.items():
        model = tracked_models().get(kind)
        if model is None:
            continue
        related = [column.name for column in model._meta.concrete_fields if column.is_relation]
        rows = model._default_manager.using("default").select_related(*related)
        for start in range(0, len(pks), 1000):
            for record in rows.filter(pk__in=pks[start : start + 1000]):
                found[kind, record.pk] = (record, reader.state_of(record))
    return found


def _plain(value: Any) -> Any:
    """A reference by its number alone: its name may have changed since."""
    return value["id"] if isinstance(value, dict) else value


def _differs(one: State, other: State) -> bool:
    return any(_plain(one.get(name)) != _plain(other.get(name)) for name in {*one, *other})


def _back(now: State, after: State, before: State) -> tuple[State, tuple[str, ...]]:
    """Today's state with the revision's changes undone, and the fields that others have changed since."""
    wanted, again = dict(now), []
    for name in now:
        was, became, is_now = (_plain(state.get(name)) for state in (before, after, now))
        if was == became or is_now == was:
            continue
        if is_now == became:
            wanted[name] = before.get(name)
        else:
            again.append(name)
    return wanted, tuple(again)


def _still_referred_to(plan: _Plan) -> list[str]:
    """What hangs on records that would be deleted and would itself stay."""
    reasons = []
    going = {(model.record_kind(), record.pk) for model, records in plan.delete.items() for record in records}
    # A reference that is put back points elsewhere afterwards.
    moved = {
        (model.record_kind(), record.pk, name)
        for model, changed in plan.update.items()
        for record, now, then in changed
        for name in now
        if _plain(now.get(name)) != _plain(then.get(name))
    }
    for model, records in plan.delete.items():
        names = {record.pk: plan.names[model.record_kind(), record.pk] for record in records}
        for other, column, pk, target in _referring(model, list(names)):
            if (other.record_kind(), pk) not in going and (other.record_kind(), pk, column) not in moved:
                reasons.append(
                    f"The {model._meta.verbose_name} {names[target]} cannot be deleted: a {other._meta.verbose_name} "
                    f"({other.record_kind()} {pk}) refers to it."
                )
    return reasons


def _referring(model: type[Record], pks: Sequence[int]) -> Iterable[tuple[type[Record], str, int, int]]:
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        for relation in model._meta.related_objects:
            other = relation.related_model
            if isinstance(other, type) and issubclass(other, Record):
                attname = relation.field.attname
                rows = other._default_manager.using("default").filter(**{f"{attname}__in": some})
                for pk, target in rows.values_list("pk", attname):
                    yield other, relation.field.name, pk, target
        for other in speaking().values():
            spoken: Any = other._default_manager.using("default")
            rows = spoken.filter(kind=model.record_kind(), record__in=some)
            for pk, target in rows.values_list("pk", "record"):
                yield other, "record", pk, target


def _refer_to_nothing(plan: _Plan) -> list[str]:
    """References that would be put back to records that are gone and do not come back."""
    wanted: dict[type[Record], dict[int, str]] = defaultdict(dict)
    for model, states in plan.create.items():
        for state in states:
            _collect(model, state, plan.names[model.record_kind(), state["id"]], wanted)
    for model, changed in plan.update.items():
        for record, now, then in changed:
            moved = {name: value for name, value in then.items() if value != now.get(name)}
            _collect(model, moved, plan.names[model.record_kind(), record.pk], wanted)
    reasons = []
    for target, users in wanted.items():
        back = {state["id"] for state in plan.create.get(target, ())}
        going = {record.pk for record in plan.delete.get(target, ())}
        there: set[int] = set()
        pks = list(users)
        for start in range(0, len(pks), 900):
            rows = target._default_manager.using("default").filter(pk__in=pks[start : start + 900])
            there.update(rows.values_list("pk", flat=True))
        reasons += [
            f"{name} refers to a {target._meta.verbose_name} that is no longer there."
            for pk, name in users.items()
            if pk not in back and (pk not in there or pk in going)
        ]
    return reasons


def _collect(model: type[Record], state: State, name: str, wanted: dict[type[Record], dict[int, str]]) -> None:
    for column in model._meta.concrete_fields:
        value = state.get(column.name)
        target: Any = column.related_model
        if isinstance(value, dict) and isinstance(column, models.ForeignKey):
            wanted[target].setdefault(value["id"], f"The {model._meta.verbose_name} {name}")
    if model.speaks_of and state.get("kind"):
        subject = tracked_models().get(state["kind"])
        if subject is not None:
            wanted[subject].setdefault(state["record"], f"The {model._meta.verbose_name} {name}")


def _named(revision: Revision) -> str:
    model = tracked_models().get(revision.kind)
    return f"{model._meta.verbose_name if model else revision.kind} {revision.name}"


def _title(revision: Revision) -> str:
    return f"The {_named(revision)}"


def _field(model: type[Record], name: str) -> str:
    named: Any = model._meta.get_field(name)
    return f"“{named.verbose_name}”"


def _since(what: str, revision: Revision) -> str:
    later = Revision.objects.filter(kind=revision.kind, record=revision.record, number__gt=revision.number)
    last = later.order_by("-number").select_related("act").first()
    return f"{what} since (r{last.number}, {last.act.by_name})." if last is not None else f"{what} since."
