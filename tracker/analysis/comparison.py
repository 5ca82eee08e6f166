"""Two to four sides against each other: technology by technology, window by window.

The method is in docs/methods.md. Shares are per cent, gaps percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tracker.analysis.leadership import (
    AssessmentRow,
    Firmness,
    ScoreRow,
    Standing,
    gap,
    ratio,
    risk_reading,
    standing,
)
from tracker.analysis.margin import flip, margin
from tracker.analysis.read_model import Link, Ranks, Value, citing
from tracker.analysis.side import Side, SideStanding, side_standing
from tracker.analysis.technologies import shown_risk

GAP, RANK, NOTHING = "gap", "rank", "unknown"
BANDS = {
    GAP: "Gap known",
    RANK: "Only the leader or a rank known",
    NOTHING: "No share or rank of these sides known",
}
# Ready-made comparisons: what readers ask most.
READY_MADE: tuple[tuple[str, ...], ...] = (
    ("cn", "us"),
    ("quad", "cn"),
    ("eu", "cn", "us"),
    ("custom:cn,ru", "five-eyes"),
    ("us", "eu"),
    ("in", "jp", "kr"),
    ("aukus", "cn"),
    ("g7", "brics"),
)


@dataclass(frozen=True)
class Case:
    """One line to compare: a technology in an edition, or one of its windows, as the record has it.

    `remainder`: the most that members without a known share can add, in per cent; None where that is not known.
    """

    label: Link
    group: Link | None
    scores: tuple[ScoreRow, ...]
    assessment: AssessmentRow | None
    remainder: Decimal | None = None


@dataclass(frozen=True)
class Compared:
    """One case with what is known of each side, in the order of the sides.

    `order`: positions of the sides from the largest known share to the smallest, where every side has one.
    `ahead`: the position of the side ahead of all others, clearly or too close to call; None where that is not
    known, as where a member without a known share may turn it. `gap` is between the first two of `order`.
    """

    case: Case
    now: Standing
    sides: tuple[SideStanding, ...]
    order: tuple[int, ...]
    ahead: int | None
    gap: Value
    ratio: Value
    firmness: Firmness
    risk: Value

    @property
    def band(self) -> str:
        if self.order:
            return GAP
        return RANK if any(side.known for side in self.sides) else NOTHING

    @property
    def points(self) -> Decimal | None:
        """The gap in points."""
        return self.gap.content if isinstance(self.gap.content, Decimal) else None

    @property
    def signed(self) -> Decimal:
        """Of two sides: the gap, positive where the first has the larger share; for the order of a figure."""
        points = self.points or Decimal(0)
        return -points if self.order and self.order[0] != 0 else points


def compared(case: Case, sides: Sequence[Side]) -> Compared:
    """What one case tells of the sides."""
    now = standing(case.scores, case.assessment)
    by_place = {row.place: row for row in case.scores}
    each = tuple(side_standing(side, by_place, now.leader, now.second, case.remainder) for side in sides)
    risk = shown_risk(risk_reading(case.assessment, now))
    shares = [one.share.content for one in each]
    if all(isinstance(share, Decimal) for share in shares):
        # Among equal numbers a lower bound comes first: the true share may be larger. Then the finer digits, and
        # the name: whatever the order of the sides, the same two are first.
        def position(n: int) -> tuple[Any, ...]:
            share = _number(each[n])
            return (-share, each[n].share.bound != "at least", share.as_tuple().exponent, sides[n].key)

        order = tuple(sorted(range(len(each)), key=position))
        first, second = each[order[0]], each[order[1]]
        firmness = _firmness(first, [each[n] for n in order[1:]])
        undecided = firmness == Firmness.MEMBERS_UNKNOWN or _number(first) == _number(second)
        # A third side whose share is a bound may stand before the second.
        may_pass = any(
            each[n].greatest is None or (each[n].share.bound and (each[n].greatest or 0) > _number(second))
            for n in order[2:]
        )
        return Compared(
            case,
            now,
            each,
            order,
            None if undecided else order[0],
            _gap(first, second, at_most=may_pass),
            _published_ratio(now, sides[order[0]], sides[order[1]]) or _ratio(first, second, at_most=may_pass),
            firmness,
            risk,
        )
    ahead = next(
        (
            n
            for n in range(len(sides))
            if all(_before(n, m, sides, each, leader_known=now.leader.known) for m in range(len(sides)) if m != n)
        ),
        None,
    )
    firmness = Firmness.UNKNOWN
    if ahead is not None:
        firmness = Firmness.ONE_SHARE if any(one.share.known for one in each) else Firmness.RANK_ONLY
    return Compared(case, now, each, (), ahead, Value(), Value(), firmness, risk)


def _number(side: SideStanding) -> Decimal:
    return side.share.content if isinstance(side.share.content, Decimal) else Decimal(0)


def _before(one: int, other: int, sides: Sequence[Side], each: Sequence[SideStanding], *, leader_known: bool) -> bool:
    """Whether the side is known to be ahead of the other, from shares where both have one, else from ranks.

    The rank of a member tells nothing of a bloc of several: they may add up to more than the country above
    each. Where the source ranks the bloc as one place, its rank counts.
    """
    mine, theirs = each[one], each[other]
    if mine.share.known and theirs.share.known:
        return theirs.greatest is not None and mine.least is not None and mine.least > theirs.greatest
    if not sides[other].single and not theirs.as_one:
        return False
    own = mine.rank.content
    first = mine.leads or (mine.as_one and own == Ranks(1, 1))
    if first and not theirs.as_one:
        return True
    rank = theirs.rank.content
    if own == Ranks(2, 2) and not mine.as_one and not theirs.as_one and not theirs.leads and rank is None:
        return leader_known  # the leader is neither of them, so the other comes third at best
    return isinstance(own, Ranks) and isinstance(rank, Ranks) and own.last < rank.first


def _gap(first: SideStanding, second: SideStanding, *, at_most: bool) -> Value:
    """Points from the larger share to the next; a bound where one of the two is one, or a third may be the next."""
    return Value(
        gap(_number(first), _number(second)),
        unit="points",
        bound=_bound(first, second, at_most=at_most),
        basis="derived",
        cited=citing((*first.share.cited, *second.share.cited), "share"),
    )


def _bound(first: SideStanding, second: SideStanding, *, at_most: bool) -> str:
    """How a difference is bounded; `at_most`: another side may stand before the second."""
    bounds = first.share.bound, second.share.bound
    if bounds == ("", ""):
        return "at most" if at_most else ""
    if bounds[0] in ("", "at most") and bounds[1] in ("", "at least"):
        return "at most"
    if bounds[0] in ("", "at least") and bounds[1] in ("", "at most") and not at_most:
        return "at least"
    return "as far as known"


def _published_ratio(now: Standing, first: Side, second: Side) -> Value | None:
    """The lead ratio as published, where the two are the leader and the second of all countries."""
    pair = (
        first.single and now.leader.content == first.members[0],
        second.single and now.second.content == second.members[0],
    )
    return now.ratio if all(pair) and now.ratio.known else None


def _ratio(first: SideStanding, second: SideStanding, *, at_most: bool) -> Value:
    found = ratio(_number(first), _number(second))
    if found is None:
        return Value()
    return Value(
        found,
        bound=_bound(first, second, at_most=at_most),
        basis="derived",
        cited=citing((*first.share.cited, *second.share.cited), "share"),
    )


def _firmness(first: SideStanding, others: Sequence[SideStanding]) -> Firmness:
    if all(
        other.greatest is not None and first.least is not None and first.least > other.greatest for other in others
    ):
        return Firmness.CLEAR
    if first.without or any(other.without for other in others):
        return Firmness.MEMBERS_UNKNOWN
    return Firmness.TOO_CLOSE


def in_order(cases: Sequence[Compared]) -> tuple[Compared, ...]:
    """Cases by band; within the first by gap: of two sides from the first's widest lead to the second's."""

    def key(one: Compared) -> tuple[Any, ...]:
        place = list(BANDS).index(one.band)
        if one.band != GAP:
            return (place, one.ahead is None, one.ahead or 0, 0)
        lead = -one.signed if len(one.sides) == 2 else -(one.points or Decimal(0))
        return (place, False, 0, lead)

    return tuple(sorted(cases, key=key))


def column(name: str, holds: str, title: str, kind: str = "") -> tuple[str, str, Any]:
    """A field of a row type that is made for its sides: its table finds title and kind in the metadata."""
    return (name, holds, field(metadata={"title": title, "kind": kind}))


@lru_cache(maxsize=64)
def compared_row_type(
    sides: tuple[tuple[str, str], ...],
    what: str,
    risk: bool,
    singles: frozenset[str] = frozenset(),
    *,
    grouped: bool = True,
) -> type:
    """A row type with a share and a rank column a side. `sides`: (column, name); `what` names the first column;
    `singles` are the columns of single countries; `grouped` puts the rows of a band under its heading.

    Columns' titles are in the metadata of the fields.
    """

    columns = [
        column("band", "str", "What is known", "heading" if grouped else "band"),
        column("subject", "Link", what),
    ]
    columns += [column("group", "Link", "Category")]
    for key, name in sides:
        columns += [column(f"share_{key}", "Value", f"{name}, %", kind="share")]
    columns += [
        column("ahead", "Value", "Ahead", kind="place"),
        column("gap", "Value", "Gap, points", kind="number"),
        column("ratio", "Value", "Ratio", kind="number"),
        column("firmness", "str", "How firm", kind="firmness"),
    ]
    for key, name in sides:
        columns += [
            column(f"rank_{key}", "Value", f"{name}, {'rank' if key in singles else 'best rank'}", kind="rank")
        ]
    columns += [column("leader", "Value", "Leader of all", kind="place")]
    columns += [column("led_by", "str", "Led by a member of")]
    if risk:
        columns += [column("risk", "Value", "Monopoly risk", kind="risk")]
    return make_dataclass("ComparedRow", columns, frozen=True)


def columns_of(sides: Sequence[Side]) -> tuple[str, ...]:
    """A column name a side, each once: 'cn', 'quad', 'custom', 'custom_2'."""
    names: list[str] = []
    for side in sides:
        same = sum(name == side.column or name.startswith(f"{side.column}_") for name in names)
        names.append(f"{side.column}_{same + 1}" if same and side.column == "custom" else side.column)
    return tuple(names)


def compared_row(row_type: type, one: Compared, sides: Sequence[Side], *, risk: bool) -> Any:
    """A case as a line of the table."""
    cells: dict[str, Any] = {}
    for key, standing_of in zip(columns_of(sides), one.sides, strict=True):
        cells[f"share_{key}"] = standing_of.share
        cells[f"rank_{key}"] = standing_of.rank
    if risk:
        cells["risk"] = one.risk
    return row_type(
        band=BANDS[one.band],
        subject=one.case.label,
        group=one.case.group,
        ahead=ahead_value(one, sides),
        gap=one.gap,
        ratio=one.ratio,
        firmness="" if one.firmness == Firmness.UNKNOWN else str(one.firmness),
        leader=one.now.leader,
        led_by=" ".join(side.key for side, known in zip(sides, one.sides, strict=True) if known.leads),
        **cells,
    )


def ahead_value(one: Compared, sides: Sequence[Side]) -> Value:
    """The side ahead, with the sources that say so."""
    if one.ahead is None:
        return Value()
    standing_of = one.sides[one.ahead]
    cited = one.gap.cited if one.order else standing_of.rank.cited or standing_of.share.cited
    return Value(sides[one.ahead].place, basis="derived" if one.order else "", cited=cited)


@dataclass(frozen=True)
class Bands:
    gap: int
    rank: int
    unknown: int

    @property
    def total(self) -> int:
        return self.gap + self.rank + self.unknown


def bands(cases: Sequence[Compared]) -> Bands:
    """How many cases are in each band."""
    found = [one.band for one in cases]
    return Bands(found.count(GAP), found.count(RANK), found.count(NOTHING))


@dataclass(frozen=True)
class RaceRow:
    """A case with a known gap: the two sides with the largest known shares, by how much they differ, how firmly.

    `ahead` is unknown where they are level, or where members without a known share may turn it.
    """

    subject: Link
    first: Value
    share: Value
    second: Value
    second_share: Value
    gap: Value
    ratio: Value
    ahead: Value
    firmness: str


def race(one: Compared, sides: Sequence[Side]) -> RaceRow:
    """The first two sides of a case whose gap is known."""
    first, second = one.order[0], one.order[1]
    return RaceRow(
        one.case.label,
        Value(sides[first].place, basis="derived", cited=one.sides[first].share.cited),
        one.sides[first].share,
        Value(sides[second].place, basis="derived", cited=one.sides[second].share.cited),
        one.sides[second].share,
        one.gap,
        one.ratio,
        ahead_value(one, sides),
        str(one.firmness),
    )


def races(cases: Sequence[Compared], most: int = 5) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    """The closest races and the widest gaps among the cases with a gap; none is in both."""
    known = sorted((one for one in cases if one.band == GAP), key=lambda one: one.points or Decimal(0))
    half = min(most, len(known) // 2) or len(known)
    return tuple(known[:half]), tuple(reversed(known[half:][-most:]))


@dataclass(frozen=True)
class TurnRow:
    """What would turn the lead between two sides, in points; and the nearest change of the monopoly risk of the
    leader of all, by how much (institutions, or the ratio; None where nothing is known of it) and with what effect."""

    subject: Link
    ahead: Value
    by_transfer: Value
    alone: Value
    firmness: str
    risk_by: Value | None
    risk: str


def turn(one: Compared, sides: Sequence[Side], *, risk: bool) -> TurnRow | None:
    """What would change a case; None where its gap is unknown or a bound, and nothing of the risk of a leader
    among the sides is known."""
    on_a_side = any(side.leads for side in one.sides)
    found = margin(one.now, one.case.assessment, risk=risk) if on_a_side else None
    nearest = found.nearest if found and found.conditions else ()
    by_transfer = alone = Value()
    if one.order and one.ahead is not None and not one.gap.bound:
        first, second = one.order[0], one.order[1]
        too_close = one.firmness == Firmness.TOO_CLOSE
        names = sides[first].within, sides[second].within
        needed = flip(names[0], _number(one.sides[first]), names[1], _number(one.sides[second]), too_close=too_close)
        alone = Value(needed.alone, "points", needed.bound, "derived", cited=one.gap.cited)
        by_transfer = Value(needed.by_transfer, "points", needed.bound, "derived", cited=one.gap.cited)
    if not alone.known and not nearest:
        return None
    return TurnRow(
        one.case.label,
        ahead_value(one, sides),
        by_transfer,
        alone,
        "" if one.firmness == Firmness.UNKNOWN else str(one.firmness),
        nearest[0].change if nearest else None,
        "; ".join(f"{one.now.leader.text}: {c.movement}, {c.outcome}" for c in nearest),
    )
