"""The front page: who leads how many technologies of an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from tracker.analysis.leadership import PlaceCount, Standing
from tracker.analysis.read_model import EditionRef, Link, PageModel, Place, Value, known_percent
from tracker.analysis.technologies import start, the


@dataclass(frozen=True)
class LeaderRow:
    """A country's counts in one edition, from our rows; and how many it leads as the publisher states."""

    place: Place
    led: Value
    stated_led: Value
    second: Value
    stated_second: Value
    top_five: Value
    stated_top_five: Value


@dataclass(frozen=True)
class ChangeRow:
    """One act of the log."""

    day: str
    by: str
    cause: str
    note: Link
    records: int


@dataclass(frozen=True)
class ShareOfCells:
    """One line of coverage: how many of how many are known."""

    what: str
    known: int
    total: int

    @property
    def of_text(self) -> str:
        return f"of {self.total}: {known_percent(self.known, self.total)}"

    @property
    def label(self) -> str:
        return self.what[0].upper() + self.what[1:]

    @property
    def sentence(self) -> str:
        return f"{self.label}: {self.known} of {self.total} ({known_percent(self.known, self.total)})."


@dataclass(frozen=True, kw_only=True)
class HomePage(PageModel):
    """`cooperation`: what is recorded of China and Russia, in sentences."""

    leaders: tuple[LeaderRow, ...]
    unknown: int
    total: int
    coverage: tuple[ShareOfCells, ...]
    clear: int
    too_close: int
    both_shares_note: str
    stated_sentence: str
    cooperation: str
    cooperation_caveat: str
    cooperation_coverage: tuple[ShareOfCells, ...]

    @property
    def of_text(self) -> str:
        return f"of {self.total} technologies"

    @property
    def comparisons(self) -> tuple[Link, ...]:
        """The countries that lead most against each other, in the page's edition."""
        leading = [row.place for row in self.leaders if number_of(row.led)][:3]
        edition = f"&edition={self.edition.slug}" if self.edition else ""
        return tuple(
            Link(
                f"{one.name} v {other.name}", f"/compare/?side={one.code.lower()}&side={other.code.lower()}{edition}"
            )
            for one, other in combinations(leading, 2)
        )

    @property
    def unknown_address(self) -> str:
        return f"/technologies/?edition={self.edition.slug}&leader=unknown" if self.edition else ""


Stated = Mapping[tuple[str, Place], Value]


def leader_rows(
    counts: Mapping[Place, PlaceCount], edition: EditionRef, said: Stated, unknown: int
) -> tuple[LeaderRow, ...]:
    """Countries by technologies led: counted from rows, and as stated (`said`, by metric and country).

    "Second" and "in the top five" count only what rows tell, and so does "leads" while the leader of
    `unknown` technologies is not known: lower bounds, and said so.
    """
    base = f"/technologies/?edition={edition.slug}"
    nothing = PlaceCount(0, 0, 0)
    rows = []
    for place in {*counts, *(place for _, place in said)}:
        count = counts.get(place, nothing)
        led = (
            at_least(count.led, f"{base}&leader={place.code.lower()}")
            if unknown
            else counted(count.led, f"{base}&leader={place.code.lower()}" if count.led else base)
        )
        rows.append(
            LeaderRow(
                place=place,
                led=led,
                stated_led=said.get(("led", place), Value()),
                second=at_least(count.second, f"{base}&sort=second"),
                stated_second=said.get(("second", place), Value()),
                top_five=at_least(count.top_five, place.address),
                stated_top_five=said.get(("top five", place), Value()),
            )
        )
    return tuple(sorted(rows, key=_prominence))


def counted(number: int, address: str) -> Value:
    """A count from our rows; `address` leads to them."""
    return Value(number, basis="counted", address=address)


def at_least(number: int, address: str) -> Value:
    """A count that misses what is not known: a lower bound, and unknown rather than "at least 0"."""
    return Value(number, bound="at least", basis="counted", address=address) if number else Value()


def number_of(value: Value) -> int:
    """The number of a count, 0 where it is unknown: for sorting."""
    return value.content if isinstance(value.content, int) else 0


def _prominence(row: LeaderRow) -> tuple[int | str, ...]:
    order = (row.led, row.stated_led, row.second, row.stated_second, row.stated_top_five, row.top_five)
    return (*(-number_of(value) for value in order), row.place.name)


def headline(leaders: Sequence[LeaderRow], unknown: int, total: int, edition: EditionRef) -> str:
    """'China leads 37 and the United States 7 of 44 technologies in the March 2023 edition.'

    While leaders are unknown the counts are lower bounds, and the sentence says so.
    """
    leading = [(row.place.name, number_of(row.led)) for row in leaders if number_of(row.led)]
    if not leading:
        return f"Who leads in the {total} technologies of the {edition.name} edition is not known to us."
    least = "at least " if unknown else ""
    (first, count), *others = leading
    text = f"{start(first)} leads {least}{count}"
    rest = [f"{the(name)} {least}{number}" for name, number in others]
    if rest:
        text += f" and {rest[0]}" if len(rest) == 1 else f", {', '.join(rest[:-1])} and {rest[-1]}"
    text += f" of {total} technologies in the {edition.name} edition"
    return f"{text}; the leader of {unknown} is not known to us." if unknown else f"{text}."


def stated_sentence(said: Stated, total: int) -> str:
    """What the edition states of itself beside what our rows tell; empty where we have seen no count."""
    led = sorted(
        ((place, value) for (metric, place), value in said.items() if metric == "led"),
        key=lambda pair: -number_of(pair[1]),
    )
    if not led:
        return ""
    out_of = led[0][1].out_of
    counts = [f"{the(place.name)} {number_of(value)}" for place, value in led]
    of = f"{out_of} ({led[0][1].note})" if out_of else str(total)
    return f"The publisher states: {' and '.join(counts)} of {of}."


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


def merged_changes(rows: Sequence[ChangeRow], most: int) -> tuple[ChangeRow, ...]:
    """The newest changes, with acts of one person, day and cause that follow each other in one line."""
    merged = []
    for (day, by, cause), group in groupby(rows, key=lambda row: (row.day, row.by, row.cause)):
        acts = tuple(group)
        newest = acts[0].note
        said = newest.text if len(acts) == 1 else f"{len(acts)} acts, the last: {newest.text}"
        merged.append(ChangeRow(day, by, cause, Link(said, newest.address), sum(act.records for act in acts)))
    return tuple(merged[:most])
