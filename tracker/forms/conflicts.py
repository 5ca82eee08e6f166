"""Two people, one record: what each changed, field by field, and what is sent again once that is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import QueryDict

from tracker.actions.records import Collision, Conflict, Draft, Meanwhile, New, numbers_of
from tracker.forms.records import MAIN, Node, RecordForm, raw
from tracker.history.kinds import KINDS, Kind, label_of
from tracker.history.states import record_from
from tracker.history.tracked import State, StateReader, key_in
from tracker.models import Record, Revision


@dataclass(frozen=True)
class Asked:
    """One column of a record that two people edited: as it was opened, theirs, mine, for people to read.

    `question`: both changed it. Then `name` is the field to send, with one of the two raw values.
    """

    label: str
    base: str
    theirs: str
    mine: str
    question: bool
    name: str
    raw_theirs: str
    raw_mine: str
    taken: str = ""


@dataclass(frozen=True)
class Collided:
    """A record that two people edited. `deleted`: they deleted it; `removing`: I want to.

    `typed`: what I typed about a deleted one and below it, as (label, text).
    """

    heading: str
    columns: tuple[Asked, ...]
    meanwhile: tuple[Meanwhile, ...]
    deleted: bool
    removing: bool
    remove_name: str
    current: int | None
    is_main: bool
    page: str
    typed: tuple[tuple[str, str], ...] = ()


def settled(sent: QueryDict) -> QueryDict:
    """What was sent, with the answers to a conflict taken in.

    `ask` names the fields in question; `next` says, as ref=number, on which revision each record is based once all
    are answered. Until then the old numbers stand, and the conflict is shown again.
    """
    data = sent.copy()
    asked = data.getlist("ask")
    open_ones = [name for name in asked if name not in data]
    for name in open_ones:
        data[name] = data.get(f"mine:{name}", "")
    if not open_ones:
        for word in data.getlist("next"):
            ref, _, number = word.partition("=")
            data[f"{ref}-based_on"] = number
    return data


def touched(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts without those of records that somebody else changed meanwhile and this form did not."""
    by_kind: dict[str, set[int]] = {}
    for draft in drafts:
        if draft.pk is not None:
            by_kind.setdefault(draft.model.record_kind(), set()).add(draft.pk)
    now = {(kind, pk): number for kind, pks in by_kind.items() for pk, number in numbers_of(kind, pks).items()}
    moved = [
        draft for draft in drafts
        if draft.pk is not None and not draft.delete and draft.based_on is not None
        and now.get((draft.model.record_kind(), draft.pk)) != draft.based_on
    ]  # fmt: skip
    if not moved:
        return list(drafts)
    read = Revision.objects.filter(number__in=[draft.based_on for draft in moved])
    states = {(one.number, one.kind, one.record): one.state for one in read}
    left = {
        draft.ref for draft in moved
        if _says(draft, states.get((draft.based_on or 0, draft.model.record_kind(), draft.pk or 0)) or {})
    }  # fmt: skip
    gone = {
        draft.ref for draft in moved
        if draft.ref in left and (draft.model.record_kind(), draft.pk or 0) not in now
    }  # fmt: skip
    # What was typed below a row that is gone has nothing to hang on: that row is asked about.
    asked = {
        ref for ref in gone
        if any(draft.ref.startswith(f"{ref}-") and draft.ref not in left and not draft.delete for draft in drafts)
    }  # fmt: skip
    left -= asked
    return [
        draft for draft in drafts
        if draft.ref not in left and not any(draft.ref.startswith(f"{ref}-") for ref in gone - asked)
    ]  # fmt: skip


def _says(draft: Draft, state: State) -> bool:
    """Whether a draft says what a state says."""
    record = draft.model()
    for name, value in draft.values.items():
        if isinstance(value, New):
            return False
        setattr(record, name, value)
    said = StateReader().state_of(record)
    return all(_same(said[name], state.get(name)) for name in draft.values)


def _same(one: Any, other: Any) -> bool:
    """References are equal by their number: a key changes with a slug."""
    if isinstance(one, dict) and isinstance(other, dict):
        return bool(one["id"] == other["id"])
    return bool(one == other)


def collided(
    form: RecordForm, data: QueryDict, conflict: Conflict
) -> tuple[tuple[Collided, ...], list[tuple[str, str]]]:
    """What to show and to ask, and the fields to send again beside the answers."""
    nodes = {node.ref: node for node in form.main.nodes()}
    shown = []
    replaced: dict[str, str] = {}
    left_out: set[str] = set()
    prefixes: list[str] = []
    extra: list[tuple[str, str]] = []
    for collision in conflict.collisions:
        kind = KINDS[collision.kind]
        node = nodes.get(collision.ref)
        columns: list[Asked] = []
        removing = collision.mine is None
        deleted = collision.theirs is None
        if deleted:
            prefixes.append(f"{collision.ref}-")
        else:
            columns = list(_columns(kind, collision, data))
            for one in columns:
                if one.question:
                    left_out.add(one.name)
                    extra += [("ask", one.name), (f"mine:{one.name}", one.raw_mine)]
                elif removing or one.taken == "theirs":
                    replaced[one.name] = one.raw_theirs
            if removing:
                name = f"{collision.ref}-remove"
                left_out.add(name)
                extra += [("ask", name), (f"mine:{name}", "1")]
            extra.append(("next", f"{collision.ref}={collision.current or ''}"))
        shown.append(
            Collided(
                heading=_heading(kind, collision, node),
                columns=tuple(columns),
                meanwhile=collision.meanwhile,
                deleted=deleted,
                removing=removing,
                remove_name=f"{collision.ref}-remove",
                current=collision.current,
                is_main=collision.ref == MAIN,
                page=f"/records/{collision.kind}/{collision.pk}/history/",
                typed=tuple(_typed(node, collision)) if deleted and node is not None else (),
            )
        )
    hidden = [
        (name, replaced.get(name, value))
        for name, values in data.lists()
        for value in values
        if name not in left_out and not name.startswith("mine:")
        and not any(name.startswith(prefix) for prefix in prefixes)
    ]  # fmt: skip
    # A box that was not ticked was not sent: theirs may be.
    hidden += [(name, value) for name, value in replaced.items() if name not in data and value]
    return tuple(shown), [(name, value) for name, value in hidden if name not in ("ask", "next")] + extra


def _heading(kind: Kind, collision: Collision, node: Node | None) -> str:
    state = collision.theirs or collision.base
    try:
        named = label_of(record_from(kind.model, state)) if state else ""
    except ObjectDoesNotExist:  # what it referred to is gone, too
        named = key_in(kind.model, state or {})
    named = named or (node.heading if node is not None else "")
    return f"{kind.noun[:1].upper()}{kind.noun[1:]}: {named}" if named else kind.noun


def _typed(node: Node, collision: Collision) -> Iterator[tuple[str, str]]:
    """What was typed about a record that is gone, and in new rows below it."""
    base = raw(node.kind, collision.base) if collision.base else {}
    for inner in node.nodes():
        if inner is not node and inner.pk is not None:
            continue  # it has a place of its own on the page
        for form in inner.forms():
            for name in form.fields:
                value = str(form[name].value() or "")
                before = base.get(name, "") if inner is node else str(form[name].initial or "")
                if value and value != before:
                    yield str(form[name].label), _typed_in_words(form, name, value)


def _typed_in_words(form: forms.Form, name: str, value: str) -> str:
    chosen = form.cleaned_data.get(name)
    if isinstance(chosen, Record):
        return label_of(chosen)
    choices = getattr(form.fields[name], "choices", None)
    return str(dict(choices).get(value, value)) if choices is not None else value


def _columns(kind: Kind, collision: Collision, data: QueryDict) -> Iterator[Asked]:
    base, theirs = collision.base or {}, collision.theirs or {}
    mine = collision.mine or {}
    raws = [raw(kind, state) if state else {} for state in (base, theirs, mine)]
    in_question = {kind.column_of(name) for name in collision.open}
    for name in kind.columns:
        stored = [name, *(number.decimals for number in kind.numbers if number.value == name)]
        their_change = any(base.get(column) != theirs.get(column) for column in stored)
        my_change = bool(mine) and any(base.get(column) != mine.get(column) for column in stored)
        field_name = f"{collision.ref}-{name}"
        raw_mine = data.get(field_name, raws[2].get(name, ""))
        differs = raws[1].get(name, "") != raws[2].get(name, "")
        # Where it is not known how a form was opened, nobody can say who changed what.
        by_both = collision.base is None or (their_change and my_change)
        if not (differs if collision.base is None and mine else their_change or my_change):
            continue
        question = bool(mine) and differs and (by_both or name in in_question)
        yield Asked(
            label=kind.column_label(name),
            base=_in_words(kind, name, base, raws[0]),
            theirs=_in_words(kind, name, theirs, raws[1]),
            mine=_in_words(kind, name, mine, raws[2]) if mine else "",
            question=question,
            name=field_name,
            raw_theirs=raws[1].get(name, ""),
            raw_mine=raw_mine,
            taken="" if question else "mine" if my_change else "theirs",
        )


def _in_words(kind: Kind, name: str, state: State, found: dict[str, str]) -> str:
    if not state:
        return ""
    column: Any = kind.model._meta.get_field(name)
    value = state.get(name)
    if isinstance(value, dict):
        target = KINDS[column.related_model.record_kind()]
        record = target.rows().filter(pk=value["id"]).first()
        return target.label(record) if record is not None else str(value["key"])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.choices is not None:
        return str(dict(column.flatchoices).get(value, value) or "")
    return found.get(name, "")
