"""Blocs: members with dates, the sum of their shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.leadership import ScoreRow
from tracker.analysis.read_model import Cited, Link, PageModel, Place, Value


@dataclass(frozen=True)
class BlocListRow:
    bloc: Place
    short_name: str
    members: Value
    led: Value
    description: str


@dataclass(frozen=True)
class MemberRow:
    place: Place
    since: str
    until: str
    note: str
    sources: Value


@dataclass(frozen=True)
class BlocFieldRow:
    """A bloc in one field: the sum of its members' known shares; `without` are members without a value."""

    field: Link
    share: Value
    members_known: Value
    without: str


@dataclass(frozen=True)
class BlocScoreRow:
    technology: Link
    edition: Link
    years: str
    rank: Value
    share: Value
    note: str


@dataclass(frozen=True, kw_only=True)
class BlocPage(PageModel):
    place: Place
    led: Value
    description: str
    note: str


def bloc_share(members: Iterable[Place], scores: dict[Place, ScoreRow]) -> tuple[Value, int, tuple[Place, ...]]:
    """The sum of the members' known shares, how many are known, and the members without a value.

    Says "at least" where a member's share is unknown; unknown where none is known. The sum has the
    precision of its coarsest part, and at most three significant figures.
    """
    shares: list[Decimal] = []
    without: list[Place] = []
    cited: dict[Cited, None] = {}
    for member in members:
        score = scores.get(member)
        if score is None or score.share is None:
            without.append(member)
        else:
            shares.append(score.share)
            cited.update(dict.fromkeys(score.cited))
    if not shares:
        return Value(), 0, tuple(without)
    exponent = max(int(share.as_tuple().exponent) for share in shares)
    total = sum(shares, Decimal(0))
    if len(shares) > 1 and total:
        # A sum is no more exact than its parts, and not to more than three significant figures.
        exponent = max(exponent, total.adjusted() - 2)
    total = total.quantize(Decimal(1).scaleb(min(exponent, 0)))
    return (
        Value(total, unit="%", bound="at least" if without else "", basis="derived", cited=tuple(cited)),
        len(shares),
        tuple(without),
    )
