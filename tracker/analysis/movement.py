"""What moved between two editions of one series: in the lead between the sides, and in each side's share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, make_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from tracker.analysis.comparison import Compared, ahead_value, column, columns_of
from tracker.analysis.leadership import Firmness, change, half_step
from tracker.analysis.read_model import Link, Place, Value
from tracker.analysis.side import Side, capital
from tracker.analysis.technologies import joined, lower_first


class Movement(StrEnum):
    """What became of the lead between the sides."""

    CHANGED_HANDS = "changed hands"
    EXTENDED = "extended"
    NARROWED = "narrowed"
    HELD = "held"
    REVISED = "revised"
    AS_BEFORE = "as before"
    ONE_EDITION = "in one edition only"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Moved:
    """One technology in two editions; None where an edition does not cover it. `same_years`: both editions
    speak of the same window of years, so that a difference is a revision and no movement of the world."""

    subject: Link
    group: Link | None
    then: Compared | None
    now: Compared | None
    same_years: bool

    @property
    def movement(self) -> Movement:
        if self.then is None or self.now is None:
            return Movement.ONE_EDITION
        if self.same_years:
            pairs = _said_by_both(self.then, self.now)
            if not pairs:
                return Movement.UNKNOWN
            return Movement.AS_BEFORE if all(same(*pair) for pair in pairs) else Movement.REVISED
        if self.then.ahead is None or self.now.ahead is None:
            return Movement.UNKNOWN
        if self.then.ahead != self.now.ahead:
            # Two leads that are both too close to call tell of no change.
            close = self.then.firmness == self.now.firmness == Firmness.TOO_CLOSE
            return Movement.UNKNOWN if close else Movement.CHANGED_HANDS
        difference = self.difference
        if difference is None or abs(difference) <= _unsure(self.then) + _unsure(self.now):
            return Movement.HELD
        return Movement.EXTENDED if difference > 0 else Movement.NARROWED

    @property
    def difference(self) -> Decimal | None:
        """By how many points the lead of the side ahead over the next grew; None where another is ahead, or one of
        the gaps is unknown or a bound."""
        if self.then is None or self.now is None or self.then.order[:1] != self.now.order[:1]:
            return None
        if self.then.gap.bound or self.now.gap.bound or self.then.points is None or self.now.points is None:
            return None
        return self.now.points - self.then.points


def _said_by_both(then: Compared, now: Compared) -> list[tuple[Value, Value]]:
    """What both editions say of the sides; a bound, such as the sum of some members, is nothing they say."""
    pairs = []
    for before, after in zip(then.sides, now.sides, strict=True):
        pairs += [(before.share, after.share), (before.rank, after.rank)]
    return [(one, other) for one, other in pairs if one.known and other.known and not (one.bound or other.bound)]


def same(one: Value, other: Value) -> bool:
    """Whether two editions say the same; of numbers at the coarser precision: 43 and 43.2 do, 43 and 43.7 do not."""
    if isinstance(one.content, Decimal) and isinstance(other.content, Decimal):
        return abs(one.content - other.content) <= max(half_step(one.content), half_step(other.content))
    return one.content == other.content


def left_open(*shares: Value) -> Decimal:
    """How far the published digits of shares leave their difference open, in points."""
    return sum((half_step(share.content) for share in shares if isinstance(share.content, Decimal)), Decimal(0))


def _unsure(one: Compared) -> Decimal:
    return left_open(*(one.sides[position].share for position in one.order[:2]))


@lru_cache(maxsize=64)
def moved_row_type(sides: tuple[tuple[str, str], ...], what: str, then: str, now: str) -> type:
    """A row type with shares and ranks then and now a side: (column, name); titles in the fields' metadata."""

    columns = [
        column("subject", "Link", what),
        column("group", "Link", "Category"),
        column("movement", "str", "The lead between them", "movement"),
        column("ahead_then", "Value", f"Ahead, {then}", "place"),
        column("ahead_now", "Value", f"Ahead, {now}", "place"),
    ]
    for key, name in sides:
        columns += [
            column(f"share_{key}_then", "Value", f"{name} {then}, %", "share"),
            column(f"share_{key}_now", "Value", f"{name} {now}, %", "share"),
            column(f"change_{key}", "Value", f"{name}, change in points", "number"),
        ]
    columns += [
        column("gap_then", "Value", f"Gap {then}, points", "number"),
        column("gap_now", "Value", f"Gap {now}, points", "number"),
    ]
    for key, name in sides:
        columns += [
            column(f"rank_{key}_then", "Value", f"{name} rank {then}", "rank"),
            column(f"rank_{key}_now", "Value", f"{name} rank {now}", "rank"),
        ]
    columns += [
        column("leader_then", "Value", f"Leader of all, {then}", "place"),
        column("leader_now", "Value", f"Leader of all, {now}", "place"),
    ]
    return make_dataclass("MovedRow", columns, frozen=True)


def moved_row(row_type: type, one: Moved, sides: Sequence[Side]) -> Any:
    """A technology in two editions as a line of the table."""
    cells: dict[str, Any] = {}
    for number, key in enumerate(columns_of(sides)):
        for when, compared in (("then", one.then), ("now", one.now)):
            side = compared.sides[number] if compared else None
            cells[f"share_{key}_{when}"] = side.share if side else Value()
            cells[f"rank_{key}_{when}"] = side.rank if side else Value()
        cells[f"change_{key}"] = (
            change(one.then.sides[number].share, one.now.sides[number].share) if one.then and one.now else Value()
        )
    for when, compared in (("then", one.then), ("now", one.now)):
        cells[f"ahead_{when}"] = ahead_value(compared, sides) if compared else Value()
        cells[f"gap_{when}"] = compared.gap if compared else Value()
        cells[f"leader_{when}"] = compared.now.leader if compared else Value()
    return row_type(subject=one.subject, group=one.group, movement=str(one.movement), **cells)


ORDER = tuple(Movement)


def in_order(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    """What changed hands first, then by how far the gap moved; within a kind as they came."""
    return tuple(sorted(moved, key=lambda one: (ORDER.index(one.movement), -abs(one.difference or Decimal(0)))))


def counts(moved: Sequence[Moved]) -> Counter[Movement]:
    return Counter(one.movement for one in moved)


def movement_sentence(moved: Sequence[Moved], sides: Sequence[Side], then: str, now: str, what: str) -> str:
    """'From 2003–2007 to 2016–2020 the lead between China and the United States changed hands in 7 of 14 …'."""
    found = counts(moved)
    if len(moved) == 1:
        return _of_one(moved[0], sides, then, now)
    between = joined([side.within for side in sides])
    rest = []
    both = len(moved) - found[Movement.ONE_EDITION]
    if any(one.same_years for one in moved):
        text = f"{then} and {now} speak of the same years. Of the {both} {what} in both the later one revises "
        text += f"{found[Movement.REVISED] or 'none'} and says the same of {found[Movement.AS_BEFORE] or 'none'}"
    else:
        words = (
            (Movement.CHANGED_HANDS, "changed hands in"),
            (Movement.EXTENDED, "was extended in"),
            (Movement.NARROWED, "narrowed in"),
            (Movement.HELD, "stayed on the same side in"),
        )
        said = [f"{verb} {found[kind]}" for kind, verb in words if found[kind]]
        text = f"From {then} to {now} the lead between {between} "
        if said:
            text += joined([f"{said[0]} of the {both} {what} in both", *said[1:]])
        else:
            text += f"is not known to have moved in any of the {both} {what} in both"
    if found[Movement.ONE_EDITION]:
        rest.append(f"{found[Movement.ONE_EDITION]} more stand in one of them only")
    if found[Movement.UNKNOWN]:
        rest.append(f"for {found[Movement.UNKNOWN]} it is not known to us who was ahead in both")
    return capital("; ".join((text, *rest))) + "."


def _of_one(one: Moved, sides: Sequence[Side], then: str, now: str) -> str:
    """The sentence on a single technology or field."""
    between = joined([side.within for side in sides])
    lead = f"the lead between {between} in {lower_first(one.subject.text)}"
    return {
        Movement.CHANGED_HANDS: f"From {then} to {now} {lead} changed hands.",
        Movement.EXTENDED: f"From {then} to {now} {lead} was extended.",
        Movement.NARROWED: f"From {then} to {now} {lead} narrowed.",
        Movement.HELD: f"From {then} to {now} {lead} stayed on the same side.",
        Movement.REVISED: f"{then} and {now} speak of the same years; what they say of {between} was revised.",
        Movement.AS_BEFORE: f"{then} and {now} speak of the same years, and say the same of {between}.",
        Movement.ONE_EDITION: f"{capital(lower_first(one.subject.text))} stands in one of {then} and {now} only.",
        Movement.UNKNOWN: f"Whether {lead} changed from {then} to {now} is not known to us.",
    }[one.movement]


def hand_overs(moved: Sequence[Moved], sides: Sequence[Side]) -> tuple[str, ...]:
    """A sentence for each new side ahead: in what the lead passed to it."""
    passed: dict[Place, list[str]] = {}
    for one in moved:
        if one.movement == Movement.CHANGED_HANDS and one.now is not None and one.now.ahead is not None:
            passed.setdefault(sides[one.now.ahead].place, []).append(lower_first(one.subject.text))
    named = {side.place: side.within for side in sides}
    return tuple(f"The lead passed to {named[place]} in {joined(names)}." for place, names in passed.items())
