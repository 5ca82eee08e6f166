"""Research fields over time: one series, rolling windows, a value only where all its years are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from functools import cache

from tracker.analysis.leadership import ScoreRow, Standing
from tracker.analysis.read_model import Link, PageModel, Place, Value
from tracker.analysis.technologies import joined, start, the
from tracker.analysis.trajectory import CrossoverRow, crossover_sentence

# How many countries a sentence names with their shares.
NAMED = 4


@dataclass(frozen=True)
class FieldRow:
    """A field in one window, and who led it in the series' first window."""

    field: Link
    leader: Value
    share: Value
    second: Value
    second_share: Value
    gap: Value
    ratio: Value
    firmness: str
    leader_first: Value
    share_first: Value


@dataclass(frozen=True)
class WindowStandingRow:
    """A field in one window."""

    window: Link
    leader: Value
    share: Value
    second: Value
    second_share: Value
    gap: Value
    ratio: Value
    countries: Value


@dataclass(frozen=True)
class FieldCountryRow:
    """A country in a field: its share and rank in the first and the last window, and the change in points."""

    place: Place
    rank: Value
    share: Value
    rank_first: Value
    share_first: Value
    change: Value


@dataclass(frozen=True)
class WithoutValueRow:
    """A country without a value in some windows: which years its source does not give, and why."""

    place: Place
    years: str
    reason: str
    windows_with_value: Value


@dataclass(frozen=True)
class NarrowerRow:
    technology: Link
    reason: str


@dataclass(frozen=True, kw_only=True)
class FieldPage(PageModel):
    """`lines` are the countries drawn; `sides` those the reader chose, by code as in the address; empty = the
    leading ones. `notes` say what of the choice cannot be drawn."""

    definition: str
    method: str
    caveat: str
    sums: str
    lines: tuple[Place, ...]
    sides: tuple[str, ...]
    notes: tuple[str, ...]
    compare: Link | None
    would_change: str


@cache
def shares_row_type(windows: tuple[str, ...]) -> type:
    """A row type with one column a window: place, then w2003_2007 …"""
    columns = [("place", "Place", field()), *((window_column(years), "Value", field()) for years in windows)]
    return make_dataclass("SharesRow", columns, frozen=True)


def window_column(years: str) -> str:
    return "w" + years.replace("–", "_")


def leader_changes(windows: Sequence[str], leaders: Sequence[Place | None]) -> tuple[tuple[str, Place, Place], ...]:
    """Where the lead changes hands: (first window of the new leader, old, new); unknown windows are skipped."""
    changes = []
    last: Place | None = None
    for window, leader in zip(windows, leaders, strict=True):
        if leader is None:
            continue
        if last is not None and leader != last:
            changes.append((window, last, leader))
        last = leader
    return tuple(changes)


def field_sentence(
    name: str, windows: Sequence[str], standings: Sequence[Standing], crossed: Sequence[CrossoverRow] = ()
) -> str:
    """Who led in the first window, who leads in the last, and between which two the lead changed hands.

    `crossed` are the crossovers of the leaders' lines, oldest first.
    """
    leaders = [s.leader.content if isinstance(s.leader.content, Place) else None for s in standings]
    if not leaders or leaders[0] is None or leaders[-1] is None:
        return f"Who leads in {name} is not known to us."
    first, last = standings[0], standings[-1]
    text = f"{start(leaders[0].name)} held {first.leader_share.text}\u202f% of the world's most cited articles in {name} "
    text += f"in {windows[0]}"
    changes = leader_changes(windows, leaders)
    if leaders[0] == leaders[-1]:
        text += f" and {last.leader_share.text}\u202f% in {windows[-1]}"
        text += "; it led throughout." if not changes else "; the lead changed hands in between."
        return text
    window, old, new = changes[-1]
    passing = next((row for row in reversed(crossed) if (row.overtaker, row.overtaken) == (new, old)), None)
    if passing is None:
        text += f"; {the(new.name)} took the lead in {window}"
    else:
        text += f"; {the(new.name)} passed {'it' if old == leaders[0] else the(old.name)} between {passing.last} "
        text += f"and {passing.first}"
    text += f" and holds {last.leader_share.text}\u202f%"
    if last.second.known:
        text += f", {the(last.second.text)} {last.second_share.text}\u202f%,"
    return f"{text} in {windows[-1]}."


def chosen_sentence(
    name: str, windows: Sequence[str], lines: Mapping[Place, Sequence[Value]], crossed: Sequence[CrossoverRow]
) -> str:
    """The answer for countries that a reader chose: the largest share among them, and who passed whom last.

    `lines` have a share a window; `crossed` are the crossovers among them.
    """
    known = {place: values for place, values in lines.items() if any(value.known for value in values)}
    if not known and any(value.withheld for values in lines.values() for value in values):
        return (
            f"The share of {joined([the(place.name) for place in lines])} in {name} is withheld or not known to us."
        )
    if not known:
        return f"No share of {joined([the(place.name) for place in lines])} in {name} is known to us."
    world = f"of the world's most cited articles in {name}"
    if len(known) == 1:
        ((place, values),) = known.items()
        held = [
            f"{value.text}\u202f% in {years}"
            for value, years in ((values[0], windows[0]), (values[-1], windows[-1]))
            if value.known
        ]
        if not held:
            return f"{start(place.name)} has a share {world} only in windows between {windows[0]} and {windows[-1]}."
        return f"{start(place.name)} held {' and '.join(held)} {world}."
    now = sorted(
        ((values[-1], place) for place, values in known.items() if values[-1].known),
        key=lambda pair: (-_number(pair[0]), pair[1].name),
    )
    if not now:
        return f"Whose share {world} was the largest in {windows[-1]} is not known to us."
    said = [f"{the(place.name)} {value.text}\u202f%" for value, place in now[:NAMED]]
    more = [f"{len(now) - NAMED} more"] if len(now) > NAMED else []
    passing = crossover_sentence(crossed) or (
        "Neither passed the other." if len(known) == 2 else "None of them passed another."
    )
    return f"Share {world} in {windows[-1]}: {joined([*said, *more])}. {passing}"


def _number(value: Value) -> Decimal:
    return value.content if isinstance(value.content, Decimal) else Decimal(0)


def sums_sentence(windows: Sequence[str], rows: Sequence[Sequence[ScoreRow]]) -> str:
    """Where the shares of all countries add up to clearly more than 100 %: by how much; else empty.

    Articles count conference proceedings, citations mostly do not: in fields that publish much in
    proceedings early shares come out too high (analysis.field_share).
    """
    sums = [sum((row.share for row in window if row.share is not None), Decimal(0)) for window in rows]
    if not sums or max(sums) < 106:
        return ""
    return (
        f"The shares of all countries add up to {sums[0]:.0f}\u202f% in {windows[0]} and to {sums[-1]:.0f}\u202f% in "
        f"{windows[-1]}: early shares in this field are too high by about as much."
    )
