"""One technology from edition to edition of a series: what became of the lead.

The words are those of docs/methods.md: changed hands, extended, narrowed, held, revised. A step never leads from
one series to another, nor from one window to another of the same edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.leadership import Standing
from tracker.analysis.movement import Movement, left_open, same
from tracker.analysis.read_model import THIN_SPACE, Place, Value
from tracker.analysis.technologies import the


@dataclass(frozen=True)
class EditionStanding:
    """A technology in one edition. `main`: in the edition's own window, not in an earlier one that it also gives."""

    series: str
    edition: str
    years: str
    main: bool
    now: Standing


@dataclass(frozen=True)
class Step:
    """What changed, in a word (`Movement`; empty where there is nothing to step from) and in a sentence."""

    word: str
    said: str


def steps(standings: Sequence[EditionStanding]) -> tuple[Step, ...]:
    """For each standing, oldest edition first, what changed since the last one of its series that names a leader."""
    found = []
    known: dict[str, EditionStanding] = {}
    begun: set[str] = set()
    for one in standings:
        if not one.main:
            found.append(Step("", "No step: an earlier window of the same edition."))
            continue
        if one.series not in begun:
            found.append(Step("", "The first edition of its series that covers it."))
        elif not one.now.leader.known:
            found.append(Step(Movement.UNKNOWN, "Not known: the leader here is not known to us."))
        elif one.series not in known:
            found.append(Step(Movement.UNKNOWN, "Not known: no earlier edition is known to us to name a leader."))
        else:
            found.append(step(known[one.series], one))
        begun.add(one.series)
        if one.now.leader.known:
            known[one.series] = one
    return tuple(found)


def step(then: EditionStanding, now: EditionStanding) -> Step:
    """What changed between two editions of one series that both name a leader. Raises ValueError for two series."""
    if then.series != now.series:
        raise ValueError(f"{then.edition} and {now.edition} are editions of different series.")
    if then.years == now.years:
        changes = _revisions(then.now, now.now)
        both = f"both editions speak of {now.years}"
        if changes:
            return Step(Movement.REVISED, f"Revised since {then.edition}: {both}; {', '.join(changes)}.")
        return Step(Movement.AS_BEFORE, f"As in {then.edition}: {both}.")
    old, new = then.now.leader.content, now.now.leader.content
    if old != new:
        said = f"Changed hands since {then.edition}: {_named(new)} took the lead from {_named(old)}."
        return Step(Movement.CHANGED_HANDS, said)
    word, said = _lead_moved(then.now, now.now)
    return Step(word, f"Since {then.edition} {_named(new)} {said}.")


def _lead_moved(then: Standing, now: Standing) -> tuple[Movement, str]:
    before, after = _exact(then.gap), _exact(now.gap)
    if before is not None and after is not None:
        points = f"{then.gap.text} to {now.gap.text} points"
        if abs(after - before) <= left_open(then.leader_share, then.second_share) + left_open(
            now.leader_share, now.second_share
        ):
            return Movement.HELD, f"held its lead, as far as the published digits tell: from {points}"
        if after > before:
            return Movement.EXTENDED, f"extended its lead from {points}"
        return Movement.NARROWED, f"stayed ahead, but its lead narrowed from {points}"
    if _exact(then.leader_share) is not None and _exact(now.leader_share) is not None:
        shares = f"its share went from {then.leader_share.text} to {now.leader_share.text}{THIN_SPACE}%"
        return Movement.HELD, f"kept the lead; {shares}, its lead over the second is not known to us in both"
    return Movement.HELD, "kept the lead; by how much is not known to us in both"


def _revisions(then: Standing, now: Standing) -> tuple[str, ...]:
    """What two editions say differently of the same years, where both say it."""
    pairs = (
        ("the leader", then.leader, now.leader, ""),
        ("the leader's share", then.leader_share, now.leader_share, f"{THIN_SPACE}%"),
        ("the second", then.second, now.second, ""),
        ("the second's share", then.second_share, now.second_share, f"{THIN_SPACE}%"),
    )
    return tuple(
        f"{what} from {_said(before)} to {_said(after)}{unit}"
        for what, before, after, unit in pairs
        if before.known and after.known and not same(before, after)
    )


def _exact(value: Value) -> Decimal | None:
    return value.content if isinstance(value.content, Decimal) and not value.bound else None


def _said(value: Value) -> str:
    return the(value.text) if isinstance(value.content, Place) else value.text


def _named(content: object) -> str:
    return the(content.name) if isinstance(content, Place) else "a country"
