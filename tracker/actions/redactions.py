"""Taking something out of the log: what the law orders gone, or a name that its bearer withdraws.

The row keeps its place and its digest, and a redaction, itself recorded, says what was taken out and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models, transaction

from tracker.history.past import forget_files
from tracker.history.recording import recorded
from tracker.history.states import model_of
from tracker.models import Act, Interval, Redacted, Redaction, Revision, User

REMOVED = "[removed]"
NAME_WITHDRAWN = "name withdrawn"


class CannotRedact(Exception):
    """It cannot be taken out so; the message says what to do instead."""


def redact_revisions(
    *, numbers: Collection[int], fields: Collection[str], what: str, grounds: str, by: User, origin: str = "command"
) -> Redaction:
    """Takes the values of `fields` out of revisions: texts read “[removed]”, everything else is empty.

    Raises CannotRedact for an unknown revision or field, and where the value still stands in a record: that is
    changed first, as any record is.
    """
    revisions = list(Revision.objects.filter(number__in=numbers).select_related("redacted").order_by("number"))
    _refuse(sorted(set(numbers) - {revision.number for revision in revisions}), "There is no r{}.")
    _refuse([one.number for one in revisions if hasattr(one, "redacted")], "r{} is redacted already.")
    _refuse([one.number for one in revisions if one.state is None], "r{} is a deletion and holds no values.")
    for revision in revisions:
        model = model_of(revision.kind)
        known = {column.name: column for column in model._meta.concrete_fields} if model else {}
        for name in fields:
            column = known.get(name)
            if column is None or column.primary_key or column.is_relation:
                raise CannotRedact(f"“{name}” is no value of a {revision.kind} that can be taken out.")
    current = set(
        Interval.objects.filter(revision__in=revisions, until__isnull=True).values_list("revision_id", flat=True)
    )
    _refuse(sorted(current), "r{} is what stands today: change or delete the record first, then redact.")
    return _record(
        Redaction.Reason.LAW, what, grounds, f"r{' r'.join(map(_range, _ranges(numbers)))}", by=by, origin=origin,
        revisions=revisions, fields=fields,
    )  # fmt: skip


def withdraw_name(*, user: User, grounds: str, by: User, origin: str = "command") -> Redaction:
    """Takes a person's name out of every act so far; the acts stay, by nobody in particular.

    Raises CannotRedact where the person has made no act.
    """
    acts = list(Act.objects.filter(by=user, redacted__isnull=True).order_by("pk"))
    if not acts:
        raise CannotRedact("No act bears this name.")
    rows = " ".join(f"act {_range(one)}" for one in _ranges([act.pk for act in acts]))
    return _record(
        Redaction.Reason.NAME, "The name of the person who made these changes", grounds, rows, by=by, origin=origin,
        acts=acts,
    )  # fmt: skip


def _record(
    reason: Redaction.Reason,
    what: str,
    grounds: str,
    rows: str,
    *,
    by: User,
    origin: str,
    revisions: Sequence[Revision] = (),
    fields: Collection[str] = (),
    acts: Sequence[Act] = (),
) -> Redaction:
    if not what.strip() or not grounds.strip():
        raise CannotRedact("Say what is taken out, without repeating it, and on what grounds.")
    with recorded(by=by, cause=Act.Cause.VISIBILITY, note=f"Redaction: {grounds.strip()}", origin=origin):
        redaction = Redaction(
            code=f"X{Redaction.objects.count() + 1}", reason=reason, what=what.strip(), grounds=grounds.strip(),
            rows=rows,
        )  # fmt: skip
        redaction.save()
        for revision in revisions:
            Redacted.objects.create(redaction=redaction, revision=revision)
            values: dict[str, Any] = revision.state or {}
            state = {name: _emptied(revision, name) if name in fields else value for name, value in values.items()}
            key_fields = getattr(model_of(revision.kind), "key_fields", ())
            name = REMOVED if set(fields) & set(key_fields) else revision.name
            Revision.objects.filter(pk=revision.pk).update(state=state, name=name)
        for act in acts:
            Redacted.objects.create(redaction=redaction, act=act)
            Act.objects.filter(pk=act.pk).update(by=None, by_name=NAME_WITHDRAWN)
        transaction.on_commit(forget_files)
    return redaction


def _emptied(revision: Revision, name: str) -> Any:
    model = model_of(revision.kind)
    column: Any = model._meta.get_field(name) if model else None
    if isinstance(column, models.CharField | models.TextField) and not column.choices:
        return REMOVED[: column.max_length] if column.max_length else REMOVED
    return None


def _refuse(numbers: Sequence[int], message: str) -> None:
    if numbers:
        raise CannotRedact(" ".join(message.format(number) for number in numbers[:5]))


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _range(bounds: tuple[int, int]) -> str:
    first, last = bounds
    return str(first) if first == last else f"{first}-{last}"
