"""Blocs: members with dates, the sum of their shares, what members lead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.countries import HeldList, in_how_many, left_out, signed
from tracker.analysis.leadership import ScoreRow, gap, share_value, standing
from tracker.analysis.read_model import Cited, Link, PageModel, Place, Value, citing
from tracker.analysis.technologies import lower_first, the


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
    """A bloc in one field: the sum of its members' known shares in the newest and the first window.

    `outside` is the leading country that is no member; `gap` in points, from the sum to its share; `change` is
    that of the members with a value in both windows; `without` are members without a value in the newest.
    """

    field: Link
    share: Value
    members_known: Value
    leader: Value
    outside: Value
    outside_share: Value
    gap: Value
    share_first: Value
    change: Value
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
    """`members`: those of the day of the page; `strengths`, `movement`, `alike`, `method` are sentences."""

    place: Place
    led: Value
    description: str
    note: str
    members: tuple[Link, ...]
    held: tuple[HeldList, ...]
    strengths: str
    movement: str
    alike: str
    method: str
    compare: Link | None


def bloc_share(members: Iterable[Place], scores: dict[Place, ScoreRow]) -> tuple[Value, int, tuple[Place, ...]]:
    """The sum of the members' known shares, how many are known, and the members without a value.

    Says "at least" where a member's share is unknown or one itself, "at most" where only such are among them, else
    "about" where a part is a bound; unknown where none is known. The sum has as many
    decimals as its coarsest part; a share of nothing makes it no coarser, so that another member never
    lowers it.
    """
    shares: list[Decimal] = []
    bounds: set[str] = set()
    without: list[Place] = []
    cited: dict[Cited, None] = {}
    for member in members:
        score = scores.get(member)
        if score is None or score.share is None:
            without.append(member)
        else:
            shares.append(score.share)
            bounds.add(score.bound)
            cited.update(dict.fromkeys(score.cited))
    if not shares:
        return Value(), 0, tuple(without)
    return (
        Value(
            sum_of_shares(shares),
            unit="%",
            bound=_bound_of_sum(bounds | ({"at least"} if without else set())),
            basis="derived",
            cited=tuple(cited),
        ),
        len(shares),
        tuple(without),
    )


def _bound_of_sum(bounds: set[str]) -> str:
    bounds = bounds - {""}
    if len(bounds) > 1 or bounds - {"at least", "at most"}:
        return "about"
    return next(iter(bounds), "")


def sum_of_shares(shares: Sequence[Decimal]) -> Decimal:
    """The sum with the decimals of its coarsest part that is not zero."""
    parts = [share for share in shares if share] or shares
    exponent = max(int(share.as_tuple().exponent) for share in parts)
    return sum(shares, Decimal(0)).quantize(Decimal(1).scaleb(min(exponent, 0)))


def bloc_field(
    field: Link, members: Sequence[Place], now: Sequence[ScoreRow], then: Sequence[ScoreRow], address: str
) -> BlocFieldRow:
    """A bloc in one field, from the scores of all in the newest window and of its members in the first.

    `address` leads to the members.
    """
    shares, before = {row.place: row for row in now}, {row.place: row for row in then}
    share, known, without = bloc_share(members, shares)
    first, _, _ = bloc_share(members, before)
    outside = next((row for row in now if row.place.kind == "country" and row.place not in members), None)
    rival = share_value(outside)
    distance = Value()
    if isinstance(share.content, Decimal) and isinstance(rival.content, Decimal):
        both = citing((*share.cited, *rival.cited), "share")
        distance = Value(
            gap(share.content, rival.content), unit="points", bound=share.bound, basis="derived", cited=both
        )
    return BlocFieldRow(
        field,
        share,
        Value(known, basis="counted", address=address, out_of=len(members)),
        standing(now, None).leader,
        outside.value(outside.place, "rank_from") if outside else Value(),
        rival,
        distance,
        first,
        members_change(members, before, shares),
        ", ".join(place.name for place in without),
    )


def members_change(members: Sequence[Place], then: dict[Place, ScoreRow], now: dict[Place, ScoreRow]) -> Value:
    """Points between two windows, summed over the members with a share in both; its note says how many they are."""
    pairs = [
        (before, after)
        for member in members
        if (before := then.get(member)) and (after := now.get(member)) and before.share is not None
        if after.share is not None
    ]
    if not pairs:
        return Value()
    sums = [sum_of_shares([row.share for row in rows if row.share is not None]) for rows in zip(*pairs, strict=True)]
    return Value(
        gap(sums[1], sums[0]),
        unit="points",
        basis="derived",
        note="" if len(pairs) == len(members) else f"Of {len(pairs)} members: those with a value in both windows.",
        cited=citing((cited for pair in pairs for row in pair for cited in row.cited), "share"),
    )


def bloc_from_strength_to_gap(rows: Iterable[BlocFieldRow]) -> tuple[BlocFieldRow, ...]:
    """By the distance to the leading country outside: the widest lead first, unknown last."""

    def order(row: BlocFieldRow) -> tuple[bool, Decimal, str]:
        ahead = row.gap.content
        known = isinstance(ahead, Decimal)
        return (not known, -ahead if isinstance(ahead, Decimal) else Decimal(0), row.field.text)

    return tuple(sorted(rows, key=order))


def bloc_strengths(rows: Sequence[BlocFieldRow], years: str) -> str:
    """The strongest and the weakest of fields that are ordered from strength to gap; empty where none is known."""
    known = [row for row in rows if row.gap.known]
    if not known:
        return ""
    text = f"Added up and set against the leading country outside, its members stand best in {_field_words(known[0])}"
    if len(known) > 1:
        text += f" and worst in {_field_words(known[-1])}"
    return f"{text}, in {years}."


def _field_words(row: BlocFieldRow) -> str:
    ahead = row.gap.content
    text = f"{lower_first(row.field.text)} ({row.share.text}\u202f%"
    if isinstance(ahead, Decimal):
        least = ("at most " if ahead < 0 else "at least ") if row.gap.bound else ""
        text += f", {least}{abs(ahead):f} points {'behind' if ahead < 0 else 'ahead of'} {the(row.outside.text)}"
    return f"{text})"


def bloc_movement(rows: Sequence[BlocFieldRow], windows: tuple[str, str], too_high: Collection[str] = ()) -> str:
    """In how many fields the sum rose and fell, and the largest change; empty where it is not known.

    `too_high` names the fields whose early shares are too high for their changes to be set beside others.
    """
    changes = [(row, row.change.content) for row in rows if isinstance(row.change.content, Decimal)]
    if not changes:
        return ""
    up, down = sum(number > 0 for _, number in changes), sum(number < 0 for _, number in changes)
    fit = [pair for pair in changes if pair[0].field.text not in too_high]
    counts = (("rose in", up), ("fell in", down), ("stayed in", len(changes) - up - down))
    text = f"Between {windows[0]} and {windows[1]} the sum of the shares of today's members, of those known in both, "
    text += in_how_many(counts)
    if fit:
        field, widest = max(fit, key=lambda pair: abs(pair[1]))
        text += (
            f"{', most in' if len(changes) > 1 else ','} {lower_first(field.field.text)} ({signed(widest)} points)"
        )
    return f"{text}{left_out(too_high)}."
