"""The front page: who leads how many technologies of an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.analysis.leadership import PlaceCount, Standing
from tracker.analysis.read_model import EditionRef, Link, PageModel, Place, Value
from tracker.analysis.technologies import the


@dataclass(frozen=True)
class LeaderRow:
    """A country's counts in one edition, from our rows; and how many it leads as the publisher states."""

    place: Place
    led: Value
    stated_led: Value
    second: Value
    top_five: Value
    stated_top_five: Value


@dataclass(frozen=True)
class ChangeRow:
    """One act of the log."""

    day: str
    by: str
    cause: str
    note: str
    records: int


@dataclass(frozen=True)
class ShareOfCells:
    """One line of coverage: how many of how many are known."""

    what: str
    known: int
    total: int

    @property
    def percent(self) -> int:
        return round(100 * self.known / self.total) if self.total else 0

    @property
    def of_text(self) -> str:
        return f"of {self.total}: {self.percent}\u202f%"


@dataclass(frozen=True, kw_only=True)
class HomePage(PageModel):
    leaders: tuple[LeaderRow, ...]
    unknown: int
    total: int
    coverage: tuple[ShareOfCells, ...]
    clear: int
    too_close: int
    stated_sentence: str

    @property
    def of_text(self) -> str:
        return f"of {self.total} technologies"

    @property
    def unknown_address(self) -> str:
        return f"/technologies/?edition={self.edition.slug}&leader=unknown" if self.edition else ""


def leader_rows(
    counts: Mapping[Place, PlaceCount], edition: EditionRef, stated: dict[tuple[str, str], Value]
) -> tuple[LeaderRow, ...]:
    """Countries by technologies led, from rows; `stated` holds tallies by (metric, country code).

    "In the top five" and "second" count only what rows tell: lower bounds, said so.
    """
    base = f"/technologies/?edition={edition.slug}"
    found = []
    for place, count in counts.items():
        led = Value(count.led, basis="counted", address=f"{base}&leader={place.code.lower()}" if count.led else "")
        found.append(
            LeaderRow(
                place,
                led,
                stated.get(("led", place.code), Value()),
                Value(count.second, bound="at least", basis="counted"),
                Value(count.top_five, bound="at least", basis="counted"),
                stated.get(("top five", place.code), Value()),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda row: (
                -counts[row.place].led,
                -counts[row.place].second,
                -counts[row.place].top_five,
                row.place.name,
            ),
        )
    )


def headline(leaders: Sequence[LeaderRow], unknown: int, total: int, edition: EditionRef) -> str:
    """'China leads 37 and the United States 7 of 44 technologies in the March 2023 edition.'"""
    leading = [(row.place.name, row.led.content) for row in leaders if row.led.content]
    if not leading:
        return f"Who leads in the {total} technologies of the {edition.name} edition is not known to us."
    first, *others = leading
    name = the(first[0])
    text = f"{name[0].upper()}{name[1:]} leads {first[1]}"
    if others:
        rest = [f"{the(name)} {count}" for name, count in others]
        text += f" and {rest[0]}" if len(rest) == 1 else f", {', '.join(rest[:-1])} and {rest[-1]}"
    text += f" of {total} technologies in the {edition.name} edition"
    return f"{text}; the leader of {unknown} is unknown." if unknown else f"{text}."


def stated_sentence(stated: dict[tuple[str, str], Value], names: dict[str, str], total: int) -> str:
    """What the publisher states beside what our rows tell; empty where it states nothing."""
    led = sorted(
        ((code, value) for (metric, code), value in stated.items() if metric == "led"),
        key=lambda pair: -pair[1].content,  # type: ignore[operator]
    )
    if not led:
        return ""
    said = [f"{the(names.get(code, code))} {value.text}" for code, value in led]
    return f"The publisher states: {' and '.join(said)} of {total}."


def firmness_counts(standings: Sequence[Standing]) -> tuple[int, int]:
    """(clear leads, leads too close to call) among those whose two shares are published."""
    clear = sum(standing.firmness == "clear" for standing in standings)
    return clear, sum(standing.firmness == "too close to call" for standing in standings)


@dataclass(frozen=True)
class TallyShown:
    """A count that an edition states about itself."""

    edition: Link
    years: str
    what: str
    place: Place | None
    category: str
    scope: str
    value: Value
    out_of: int | None
    note: str
