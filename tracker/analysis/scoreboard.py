"""How many technologies each side leads, and in how many it is ahead of the others: per category, and of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass
from functools import lru_cache
from typing import Any

from tracker.analysis.comparison import GAP, Compared, columns_of
from tracker.analysis.home import at_least, counted
from tracker.analysis.read_model import EditionRef, Place, Value
from tracker.analysis.side import Side


@dataclass(frozen=True)
class Score:
    """One side's count over all cases: of how many the leader of all countries is on it (`leads`), in how many
    it is ahead of the other sides (`ahead`), clearly or not."""

    side: Place
    leads: int
    ahead: int


def scores(cases: Sequence[Compared], sides: Sequence[Side]) -> tuple[Score, ...]:
    """The score of each side, in their order."""
    return tuple(
        Score(
            side.place,
            sum(one.sides[number].leads for one in cases),
            sum(one.ahead == number for one in cases),
        )
        for number, side in enumerate(sides)
    )


@lru_cache(maxsize=64)
def scoreboard_row_type(sides: tuple[tuple[str, str], ...]) -> type:
    """A row type of counts per category: (column, name) of each side; titles are in the fields' metadata."""
    columns: list[tuple[str, str, Any]] = [("category", "str", field(metadata={"title": "Category"}))]
    columns += [(f"leads_{key}", "Value", field(metadata={"title": f"Led by {name}"})) for key, name in sides]
    columns += [("others", "Value", field(metadata={"title": "Led by others"}))]
    columns += [("unknown", "Value", field(metadata={"title": "Leader unknown"}))]
    columns += [(f"ahead_{key}", "Value", field(metadata={"title": f"{name} ahead"})) for key, name in sides]
    columns += [("gaps", "Value", field(metadata={"title": "Gap known"}))]
    columns += [("cases", "Value", field(metadata={"title": "Of"}))]
    return make_dataclass("ScoreboardRow", columns, frozen=True)


def scoreboard(
    cases: Sequence[Compared], sides: Sequence[Side], edition: EditionRef, address: str
) -> tuple[Any, ...]:
    """Counts per category of the edition, and of all together; `address` leads to the rows."""
    names = columns_of(sides)
    row_type = scoreboard_row_type(tuple(zip(names, (side.name for side in sides), strict=True)))
    groups: dict[str, list[Compared]] = {}
    for one in cases:
        groups.setdefault(one.case.group.text if one.case.group else "", []).append(one)
    lines = [(name, found) for name, found in sorted(groups.items())] if len(groups) > 1 else []
    everything = "All fields" if edition.level == "field" else "All technologies"
    if len(groups) == 1 and (only := next(iter(groups))):
        everything = only
    lines.append((everything, list(cases)))
    rows = []
    for name, found in lines:
        own = scores(found, sides)
        unknown = sum(not one.now.leader.known for one in found)
        others = sum(one.now.leader.known and not any(side.leads for side in one.sides) for one in found)
        open_ones = sum(one.ahead is None for one in found)
        cells = {}
        for key, score in zip(names, own, strict=True):
            cells[f"leads_{key}"] = (at_least if unknown else counted)(score.leads, address)
            cells[f"ahead_{key}"] = (at_least if open_ones else counted)(score.ahead, address)
        rows.append(
            row_type(
                category=name,
                others=(at_least if unknown else counted)(others, address),
                unknown=counted(unknown, address),
                gaps=counted(sum(one.band == GAP for one in found), address),
                cases=counted(len(found), address),
                **cells,
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class Total:
    """A side's score over all that is compared: of how many the leader is on it, counted from rows and as the
    publisher states it; in how many it is ahead."""

    side: Place
    leads: Value
    stated: Value
    ahead: Value


def totals(sides: Sequence[Side], last_line: Any, stated: Mapping[Place, Value]) -> tuple[Total, ...]:
    """The last line of the scoreboard, a side at a time."""
    return tuple(
        Total(
            side.place,
            getattr(last_line, f"leads_{key}"),
            stated.get(side.place, Value()),
            getattr(last_line, f"ahead_{key}"),
        )
        for key, side in zip(columns_of(sides), sides, strict=True)
    )
