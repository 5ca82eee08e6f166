"""Blocs: members with dates, the sum of their shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    Says "at least" where a member's share is unknown; unknown where none is known. The sum has as many
    decimals as its coarsest part; a share of nothing makes it no coarser, so that another member never
    lowers it.
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
    return (
        Value(
            sum_of_shares(shares), unit="%", bound="at least" if without else "", basis="derived", cited=tuple(cited)
        ),
        len(shares),
        tuple(without),
    )


def sum_of_shares(shares: Sequence[Decimal]) -> Decimal:
    """The sum with the decimals of its coarsest part that is not zero."""
    parts = [share for share in shares if share] or shares
    exponent = max(int(share.as_tuple().exponent) for share in parts)
    return sum(shares, Decimal(0)).quantize(Decimal(1).scaleb(min(exponent, 0)))
