"""Organisations named in the same engagements: who with whom, and in which order they are drawn.

A tie joins two organisations that are named on different sides of one engagement; no direct relation is implied.
Parties that are not named as organisations are in none.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from tracker.analysis.cooperation_timeline import OUR_COLLECTION, engagements_said
from tracker.analysis.engagements import SIDE_NAMES, SIDES, EngagementRow, OrganisationRef, by_date, countable
from tracker.analysis.figure_model import FigureModel
from tracker.analysis.home import counted
from tracker.analysis.read_model import FigureRef, Link, Value
from tracker.analysis.technologies import joined

NAME = "cooperation-network"
CONTESTED = "contested"
MOST_NODES = 40
# How tall the drawing is, in steps: a line of organisations, and the heading of the others below.
NODE_STEPS, HEADING_STEPS = 15, 18
SWEEPS = 12
MOST_NAMED_IN_ALT = 3

Ranks = Mapping[str, float]


@dataclass(frozen=True)
class TieRow:
    """Two organisations and the engagements in which they stand on different sides, oldest first."""

    organisation: Link
    side: str
    partner: Link
    partner_side: str
    engagements: Value
    contested: str  # 'contested' where they are named together in contested engagements only
    which: tuple[Link, ...]


@dataclass(frozen=True)
class NetworkNode:
    """An organisation on the side on which it takes part most often, with the number of its engagements."""

    slug: str
    name: str
    side: str
    engagements: int


@dataclass(frozen=True)
class NetworkTie:
    """Two nodes by their slugs, and in how many engagements they are named together; whether all are contested."""

    one: str
    other: str
    engagements: int
    contested: bool = False

    def end(self, slug: str) -> str:
        """The end that is not `slug`."""
        return self.other if slug == self.one else self.one


Columns = tuple[tuple[NetworkNode, ...], tuple[NetworkNode, ...]]


@dataclass(frozen=True, kw_only=True)
class NetworkModel(FigureModel):
    """`nodes` in the order they are drawn in, from the top of their side's column; `ties` of drawn nodes only.

    `total` organisations are named, on each side as `by_side` says; `unnamed` parties are not named as organisations.
    Drawn are those with `least` engagements or more; `cut` says that among those with just as many not all are.
    """

    nodes: tuple[NetworkNode, ...]
    ties: tuple[NetworkTie, ...]
    total: int
    by_side: dict[str, int]
    unnamed: int
    least: int
    cut: bool

    def of_side(self, side: str) -> tuple[NetworkNode, ...]:
        return tuple(node for node in self.nodes if node.side == side)

    @property
    def columns(self) -> Columns:
        """The Chinese and the Russian nodes; those that no tie reaches only where there are no ties at all."""
        left, right = (
            tuple(node for node in self.of_side(side) if not self.ties or node.slug in self.tied)
            for side in SIDES[:2]
        )
        return left, right

    @property
    def below(self) -> Columns:
        """The others in two columns, equally many in each, opposite to most of their partners as far as can be."""
        others, chinese = self.of_side("other"), {node.slug for node in self.of_side("chinese")}
        columns: tuple[list[NetworkNode], list[NetworkNode]] = ([], [])
        room = math.ceil(len(others) / 2)
        for node in others:
            ends = [tie.end(node.slug) for tie in self.ties if node.slug in (tie.one, tie.other)]
            wanted = int(sum(end in chinese for end in ends) * 2 > len(ends))
            columns[wanted if len(columns[wanted]) < room else 1 - wanted].append(node)
        return tuple(columns[0]), tuple(columns[1])

    @property
    def apart(self) -> Columns:
        """The Chinese and the Russian nodes that no tie reaches while others have ties."""
        left, right = (
            tuple(node for node in self.of_side(side) if self.ties and node.slug not in self.tied)
            for side in SIDES[:2]
        )
        return left, right

    @property
    def left_out(self) -> int:
        """How many organisations are not drawn."""
        return self.total - len(self.nodes)

    @property
    def tied(self) -> frozenset[str]:
        """The slugs of nodes with a tie that is drawn."""
        return frozenset(slug for tie in self.ties for slug in (tie.one, tie.other))


class _Gathered:
    """The organisations of some engagements and where they meet."""

    def __init__(self, rows: Iterable[EngagementRow]) -> None:
        self.rows = by_date(countable(rows))
        self.organisations: dict[str, OrganisationRef] = {}
        self.unnamed = 0
        self._sides: dict[str, Counter[str]] = defaultdict(Counter)
        self._engagements: Counter[str] = Counter()
        self.met: dict[tuple[str, str], list[EngagementRow]] = defaultdict(list)
        found = []
        for row in self.rows:
            here: dict[str, set[str]] = defaultdict(set)
            for party in row.parties:
                if party.organisation is None:
                    self.unnamed += 1
                    continue
                slug = party.organisation.slug
                self.organisations[slug] = party.organisation
                here[slug].add(party.side)
            for slug, sides in here.items():
                self._engagements[slug] += 1
                self._sides[slug].update(sides)
            found.append((row, here))
        for row, here in found:
            for one, other in combinations(sorted(here, key=self.rank), 2):
                if any(side != against for side in here[one] for against in here[other]):
                    self.met[one, other].append(row)

    def side(self, slug: str) -> str:
        """The side on which it takes part most often, of several the first of SIDES."""
        return max(SIDES, key=lambda side: (self._sides[slug][side], -SIDES.index(side)))

    def number(self, slug: str) -> int:
        """In how many engagements it takes part."""
        return self._engagements[slug]

    def rank(self, slug: str) -> tuple[int, str, str]:
        """Chinese organisations before Russian ones before others, then by name."""
        return SIDES.index(self.side(slug)), self.organisations[slug].name.casefold(), slug

    def contested(self, one: str, other: str) -> bool:
        """Whether two organisations are named together in contested engagements only."""
        return all(row.contested for row in self.met[one, other])

    def most_engaged(self) -> list[str]:
        """All organisations, those with most engagements first; of equals those with most partners, then by name."""
        partners = Counter(slug for pair in self.met for slug in pair)
        return sorted(
            self.organisations,
            key=lambda slug: (
                -self.number(slug), -partners[slug], self.organisations[slug].name.casefold(), slug,
            ),
        )  # fmt: skip

    def drawn(self) -> list[str]:
        """At most MOST_NODES of them. Of those with equally many engagements all are drawn or none, unless that would
        leave half of the room empty."""
        ranked = self.most_engaged()
        if len(ranked) <= MOST_NODES:
            return ranked
        edge = self.number(ranked[MOST_NODES])
        above = [slug for slug in ranked if self.number(slug) > edge]
        return above if len(above) * 2 > MOST_NODES else ranked[:MOST_NODES]


def tie_rows(rows: Iterable[EngagementRow], address: Callable[[str, str], str] | None = None) -> tuple[TieRow, ...]:
    """Every tie, those of most engagements first, then by names: the table behind the figure.

    `address` leads to the engagements of two organisations, named by their slugs; without it, to the first's page.
    """
    gathered = _Gathered(rows)
    found = []
    for (one, other), met in gathered.met.items():
        first, second = gathered.organisations[one], gathered.organisations[other]
        found.append(
            TieRow(
                first.link,
                SIDE_NAMES[gathered.side(one)],
                second.link,
                SIDE_NAMES[gathered.side(other)],
                counted(len(met), address(one, other) if address else first.address),
                CONTESTED if gathered.contested(one, other) else "",
                tuple(row.link for row in met),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda row: (-len(row.which), row.organisation.text.casefold(), row.partner.text.casefold()),
        )
    )


def network(rows: Iterable[EngagementRow], *, about: str = "", source: str = "", date: str = "") -> NetworkModel:
    """The figure of these engagements. `about` names what they were chosen by, '' for all."""
    gathered = _Gathered(rows)
    drawn = gathered.drawn()
    kept = set(drawn)
    least = min(map(gathered.number, drawn), default=0)
    cut = any(gathered.number(slug) == least for slug in gathered.organisations if slug not in kept)
    ties = tuple(
        NetworkTie(one, other, len(met), gathered.contested(one, other))
        for (one, other), met in sorted(gathered.met.items())
        if one in kept and other in kept
    )
    by_number = sorted(drawn, key=lambda slug: (-gathered.number(slug), gathered.rank(slug)))
    columns = ordered_columns([[slug for slug in by_number if gathered.side(slug) == side] for side in SIDES], ties)
    return NetworkModel(
        title=_title(gathered, about),
        subtitle="A line: named in the same engagement, no direct relation is implied. A number: engagements recorded, "
        "no measure of cooperation",
        source=source or OUR_COLLECTION,
        date=date,
        alt=_alt(gathered, len(drawn), drawn_said(least, cut), ties, about),
        nodes=tuple(
            NetworkNode(slug, gathered.organisations[slug].name, gathered.side(slug), gathered.number(slug))
            for column in columns
            for slug in column
        ),
        ties=ties,
        total=len(gathered.organisations),
        by_side={side: sum(gathered.side(slug) == side for slug in gathered.organisations) for side in SIDES},
        unnamed=gathered.unnamed,
        least=least,
        cut=cut,
    )


def network_ref(model: NetworkModel, query: str, table: str) -> FigureRef:
    """The figure as a page names it; `query` holds what the engagements were chosen by, as /charts/ takes it."""
    return FigureRef(NAME, query, model.title, model.alt, table, network_steps(model))


def network_steps(model: NetworkModel) -> int:
    """How tall the drawing is, in steps (see charts/dimensions.py)."""
    return sum(
        max(map(len, columns)) * NODE_STEPS + (HEADING_STEPS if headed else 0)
        for columns, headed in (
            (model.columns, False),
            (model.below, True),
            (model.apart, True),
        )
        if any(columns)
    )


def ordered_columns(columns: Sequence[Sequence[str]], ties: Sequence[NetworkTie]) -> list[list[str]]:
    """The Chinese, Russian and other nodes, each column ordered so that few ties cross; untied ones come last.

    By turns each column is sorted by the weighted mean height of its partners (the barycentre), then neighbours are
    exchanged while that takes crossings away; the best order met is kept. The same input gives the same order.
    """
    partners: dict[str, dict[str, int]] = defaultdict(dict)
    for tie in ties:
        partners[tie.one][tie.other] = partners[tie.other][tie.one] = tie.engagements
    now = [[slug for slug in column if partners[slug]] for column in columns]
    alone = [[slug for slug in column if not partners[slug]] for column in columns]
    best, least = now, crossings(now, ties)
    for sweep in range(SWEEPS):
        now = [list(column) for column in now]
        for at in (0, 1, 2) if sweep % 2 else (1, 0, 2):
            heights = _heights(now)
            now[at].sort(key=lambda slug: _barycentre(partners[slug], heights, heights[slug]))
        _exchange(now, partners)
        found = crossings(now, ties)
        if found < least:
            best, least = [list(column) for column in now], found
    return [[*column, *untied] for column, untied in zip(best, alone, strict=True)]


def crossings(columns: Sequence[Sequence[str]], ties: Sequence[NetworkTie]) -> int:
    """How many pairs of ties between the first two columns cross, and of ties between one of these and the third.

    Ties to the third column, which stands below, count as crossing where their order is turned round.
    """
    heights = _heights(columns)
    column_of = {slug: at for at, column in enumerate(columns) for slug in column}
    between: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for tie in ties:
        if tie.one in heights and tie.other in heights:
            (one, here), (other, there) = sorted((column_of[slug], heights[slug]) for slug in (tie.one, tie.other))
            between[one, other].append((here, there))
    return sum(map(_turned_round, between.values()))


def _turned_round(ends: Sequence[tuple[float, float]]) -> int:
    """How many pairs of ties have their one ends in the other order than their other ends."""
    found = 0
    above: list[float] = []
    for _, group in groupby(sorted(ends), key=lambda pair: pair[0]):
        others = [there for _, there in group]
        found += sum(len(above) - bisect_right(above, there) for there in others)
        for there in others:
            insort(above, there)
    return found


def _heights(columns: Sequence[Sequence[str]]) -> dict[str, float]:
    """How far down each node stands: 0 to 1 in the two columns, beyond 1 below them."""
    heights = {}
    for at, column in enumerate(columns):
        for number, slug in enumerate(column):
            share = (number + 0.5) / len(column)
            heights[slug] = share if at < 2 else 1.0 + 0.3 * share
    return heights


def _barycentre(partners: Mapping[str, int], heights: Ranks, own: float) -> tuple[float, float]:
    """The weighted mean height of a node's partners; its own height decides between equals."""
    weight = sum(partners.values())
    return sum(heights[slug] * number for slug, number in partners.items()) / weight if weight else own, own


def _exchange(columns: list[list[str]], partners: Mapping[str, Mapping[str, int]]) -> None:
    """Neighbours within the two columns change places while fewer of their ties cross then."""
    for _ in range(SWEEPS):
        moved = False
        for at in (0, 1):
            heights = _heights(columns)
            column = columns[at]
            for upper in range(len(column) - 1):
                one, other = column[upper], column[upper + 1]
                crossed = turned = 0
                for mine in partners[one]:
                    for theirs in partners[other]:
                        crossed += heights[mine] > heights[theirs]
                        turned += heights[mine] < heights[theirs]
                if turned < crossed:
                    column[upper], column[upper + 1] = other, one
                    moved = True
        if not moved:
            return


def _strongest(gathered: _Gathered) -> tuple[int, list[tuple[str, str]]]:
    """The greatest number of engagements that two organisations share, and the pairs that do."""
    most = max(map(len, gathered.met.values()), default=0)
    pairs = [
        (gathered.organisations[one].name, gathered.organisations[other].name)
        for (one, other), met in gathered.met.items()
        if len(met) == most
    ]
    return most, sorted(pairs)


def _title(gathered: _Gathered, about: str) -> str:
    head = f"{about}: " if about else ""
    most, pairs = _strongest(gathered)
    if not gathered.organisations:
        return f"{head}no organisation is named in our collection" if about else "No organisation in our collection"
    if not pairs:
        return (
            f"{head}{_organisations_said(len(gathered.organisations))} in our collection, no two on different sides"
        )
    if len(pairs) == 1 and most > 1:
        return f"{head}{joined(pairs[0])} are named together most often in our collection, in {most} engagements"
    number = _organisations_said(len(gathered.organisations))
    are = "is" if len(gathered.organisations) == 1 else "are"
    return f"{head}{number} {are} named in {engagements_said(len(gathered.rows))} of our collection"


def unnamed_said(number: int) -> str:
    """'1 party not named as an organisation is', '8 parties not named as organisations are'."""
    if number == 1:
        return "1 party not named as an organisation is"
    return f"{number} parties not named as organisations are"


def drawn_said(least: int, cut: bool) -> str:
    """Which are drawn, of whom the one with fewest has `least` engagements; `cut`: not all that have as many."""
    if cut:
        return "those with most engagements, then most partners"
    return f"those with {least} engagements or more"


def _organisations_said(number: int) -> str:
    return f"{number} organisation" + ("" if number == 1 else "s")


def _alt(gathered: _Gathered, drawn: int, which: str, ties: tuple[NetworkTie, ...], about: str) -> str:
    """What the figure shows, in sentences."""
    total = len(gathered.organisations)
    if not total:
        return "No organisation is named in the engagements, so nothing is drawn."
    sides = Counter(gathered.side(slug) for slug in gathered.organisations)
    said_of = {"chinese": "on the Chinese side", "russian": "on the Russian side", "other": "on neither"}
    named = [f"{sides[side]} {said_of[side]}" for side in SIDES if sides[side]]
    parts = [
        f"{about + ': ' if about else ''}{_organisations_said(total)} named in {engagements_said(len(gathered.rows))} "
        f"recorded in our collection: {joined(named)}."
    ]
    first = gathered.most_engaged()[:MOST_NAMED_IN_ALT]
    most = [f"{gathered.organisations[slug].name} ({gathered.number(slug)})" for slug in first]
    parts.append(f"Most engagements: {joined(most)}.")
    number, pairs = _strongest(gathered)
    if number > 1:
        said = "; ".join(joined(pair) for pair in pairs[:MOST_NAMED_IN_ALT])
        parts.append(f"Named together most often: {said} ({number}{' each' if len(pairs) > 1 else ''}).")
    if total > drawn:
        parts.append(f"Drawn are {drawn}, {which}, and {len(ties)} lines between them; {total - drawn} are not.")
    contested = sum(tie.contested for tie in ties)
    if contested:
        rest = "rests" if contested == 1 else "rest"
        parts.append(f"{contested} of the {len(ties)} lines, dashed, {rest} on contested engagements only.")
    if gathered.unnamed:
        parts.append(f"{unnamed_said(gathered.unnamed)} left out.")
    return " ".join(parts)
