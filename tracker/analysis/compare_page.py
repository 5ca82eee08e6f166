"""The read model of /compare/, and of the sentence that chooses what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.analysis.comparison import Bands
from tracker.analysis.read_model import Link, PageModel, Place, Value
from tracker.analysis.scoreboard import Total
from tracker.analysis.side import Side


@dataclass(frozen=True)
class Option:
    """One choice of a list: its value in the form, its name."""

    value: str
    label: str


@dataclass(frozen=True)
class OptionGroup:
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class PlaceOption:
    """A country or bloc by the name that is shown, and by all others it is found by."""

    name: str
    also: tuple[str, ...]


@dataclass(frozen=True)
class Chooser:
    """The sentence "Compare … with … in …, …" as it stands, and what can be chosen.

    `sides` are four texts as typed or named; `places` the names to pick from.
    """

    sides: tuple[str, ...]
    places: tuple[PlaceOption, ...]
    scope: str
    scopes: tuple[OptionGroup, ...]
    editions: tuple[OptionGroup, ...]
    edition: str
    earlier: str
    later: str
    open_time: bool


@dataclass(frozen=True)
class SideRow:
    """One side of the comparison: how many countries it has on the day of the page, and which."""

    side: Place
    members: Value
    countries: str


@dataclass(frozen=True)
class ReadyRow:
    """A ready-made comparison with its answer for one edition."""

    comparison: Link
    answer: str
    gaps: Value
    cases: Value


@dataclass(frozen=True)
class WithoutRow:
    """A case that cannot be compared, and why."""

    subject: Link
    reason: str
    leader: Value


@dataclass(frozen=True, kw_only=True)
class ComparePage(PageModel):
    """A comparison; without sides the ready-made ones; `refused` where the question cannot be answered."""

    chooser: Chooser = field(metadata={"twin": False})
    sides: tuple[SideRow, ...] = ()
    totals: tuple[Total, ...] = ()
    bands: Bands | None = None
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ready: tuple[Link, ...] = ()
    labels: tuple[str, str] | None = None

    @property
    def between(self) -> tuple[str, str]:
        """The names of the two editions of a comparison across time; ValueError for any other."""
        if self.labels is None:
            raise ValueError("This comparison is in one edition.")
        return self.labels


def place_list(side: Side) -> str:
    return ", ".join(place.name for place in side.members)
