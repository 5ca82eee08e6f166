"""Trade in goods of dual use as pages show it: published figures, goods, the lists that name them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tracker.analysis.cooperation import in_words, several
from tracker.analysis.engagement_page import BASIS_WORDS
from tracker.analysis.home import counted
from tracker.analysis.ordering import ordered_by
from tracker.analysis.read_model import Cited, Facet, Link, PageModel, TableData, Value, citing, stated
from tracker.analysis.second_hand import WARNING, second_hand_mark
from tracker.analysis.side import capital
from tracker.analysis.technologies import joined
from tracker.analysis.trade_figures import (
    EXPORTER,
    IMPORTER,
    SHARE,
    SPAN_WORDS,
    VIA,
    FlowRow,
    GoodRef,
    amount,
    change,
    compared,
    counted_by,
    dates_said,
    published,
    publisher,
    records,
    route,
    said,
    who,
)

NOT_A_MEASURE = (
    "These are the figures in our collection, not all there are: no statistics are complete here, and what is not "
    "recorded at a border is in none of them."
)
NEVER_ADDED = (
    "Figures rest on different records, definitions and spans of time. None is added to another or converted, and "
    "no ratio is worked out by us."
)
SMALL_BASES = (
    "A large ratio can come from a small base: the base is said beside each figure where the source names it."
)
MAPPING_IS_OURS = "Which technologies a good or a figure concerns is our mapping, with its reason."
CODE_OURS = "HS code assigned by us"


@dataclass(frozen=True)
class TradeFigureRow:
    """One published figure as a line of a table. Dates are partial; values in whole units.

    `figure` has its bound and its citations; `compared` the base or what else it is set against, `change` the
    change as the source states it. `reason`: why it concerns the technology of the page, '' on others.
    """

    good: Link
    product: str
    figure: Value
    compared: str
    change: str
    period: str
    span: str
    route: str
    kind: str
    exporters: tuple[Link, ...]
    importers: tuple[Link, ...]
    via: tuple[Link, ...]
    counted_from: str
    counted_by: str
    published_by: str
    second_hand: str
    marks: Value
    good_basis: str
    code: str
    measure: str
    value_from: Decimal
    value_to: Decimal
    unit: str
    bound: str
    period_start: str
    period_end: str
    baseline_value: Decimal | None
    baseline_bound: str
    baseline_start: str
    baseline_end: str
    reason: str = ""


def figure_anchor(code: str) -> str:
    """Where on the page of its good a figure stands, by our number of it: 'figure-tf001'."""
    return f"figure-{code.casefold()}"


def figure_row(row: FlowRow, *, reason: str = "") -> TradeFigureRow:
    return TradeFigureRow(
        good=row.good.link,
        product=row.product,
        figure=stated(
            amount(row),
            citing(row.cited, "value_from", "value_to", "bound", "baseline_value", "change_stated"),
            bound=row.bound,
            basis="stated",
            note=row.note,
        ),
        compared=compared(row),
        change=change(row),
        period=dates_said(row.period_start, row.period_end),
        span=SPAN_WORDS.get(row.span, row.span),
        route=route(row),
        kind=row.kind_said,
        exporters=tuple(place.link for place in row.of_role(EXPORTER)),
        importers=tuple(place.link for place in row.of_role(IMPORTER)),
        via=tuple(place.link for place in row.of_role(VIA)),
        counted_from=records(row),
        counted_by=counted_by(row),
        published_by=publisher(row),
        second_hand=second_hand_mark(row.cited),
        marks=row.marks,
        good_basis=CODE_OURS if row.basis == "derived" and row.good.hs_code else "",
        code=row.code,
        measure=row.measure,
        value_from=published(row.value_from),
        value_to=published(row.value_to),
        unit=row.unit,
        bound=row.bound,
        period_start=row.period_start,
        period_end=row.period_end,
        baseline_value=None if row.baseline_value is None else published(row.baseline_value),
        baseline_bound=row.baseline_bound,
        baseline_start=row.baseline_start,
        baseline_end=row.baseline_end,
        reason=reason,
    )


# What the table can be sorted by. Numbers are not among them: they are of different measures.
SORTS: dict[str, Callable[[TradeFigureRow], Any]] = {
    "good": lambda line: line.good.text.casefold(),
    "period": lambda line: (line.period_start, line.period_end),
    "route": lambda line: line.route.casefold(),
    "kind": lambda line: line.kind,
    "counted_from": lambda line: line.counted_from.casefold(),
    "marks": lambda line: str(line.marks.content) if line.marks.known else None,
    "code": lambda line: line.code,
}


def figures_table(
    rows: Iterable[FlowRow],
    caption: str,
    *,
    name: str = "figures",
    sort: str = "",
    empty: str = "No published figure is in our collection.",
    reasons: Mapping[int, str] | None = None,
) -> TableData:
    """The table of figures that every page shares (`tables.trade.TradeFigureTable`), in the order of `rows`.

    `reasons`: why a figure concerns the page's technology, by its primary key. Raises UnknownSortKey.
    """
    lines = tuple(figure_row(row, reason=(reasons or {}).get(row.pk, "")) for row in rows)
    return TableData(name, caption, ordered_by(lines, sort, SORTS), TradeFigureRow, empty=empty)


def by_good(rows: Iterable[FlowRow]) -> tuple[FlowRow, ...]:
    """Good by good in order of name, each with its oldest figure first."""
    return tuple(
        sorted(
            rows, key=lambda row: (row.good.said.casefold(), row.good.pk, row.period_start, row.period_end, row.code)
        )
    )


# ---- Goods and the lists that name them ----


@dataclass(frozen=True)
class ListedRow:
    """That a tier or category of a control names a good. `group` heads its rows in a table; `stated` is how many goods
    the control is said to name. Dates are partial."""

    group: str
    control: Link
    item: Value
    item_name: str
    item_description: str
    good: Link
    hs_code: str
    since: Value
    until: str
    figures: Value
    second_hand: str
    note: str
    stated: int | None = None

    @property
    def said(self) -> Link:
        """'Common High Priority List, tier 1', leading to the control."""
        return Link(f"{self.control.text}, {self.item.text}", self.control.address)


@dataclass(frozen=True)
class ListSummary:
    """A list of goods in its parts: how many codes each has, as we hold them. `warning`: that we know it second-hand;
    `note`: what is noted of each of its goods alike."""

    control: Link
    parts: tuple[ListPart, ...]
    codes: int
    stated: int | None
    warning: str
    note: str = ""

    @property
    def sentence(self) -> str:
        """'50 codes in six parts: 4 + 5 + 16 + 9 + 11 + 5; the list is said to name 50.'"""
        numbers = " + ".join(str(part.codes) for part in self.parts)
        parts = f" in {several(len(self.parts), 'part')}: {numbers}" if len(self.parts) > 1 else ""
        stated = f"; it is said to name {self.stated}" if self.stated else ""
        return f"{several(self.codes, 'code')}{parts}{stated}."


@dataclass(frozen=True)
class ListPart:
    """A tier or category: what it is called there, what it covers, how many codes it has."""

    item: str
    name: str
    description: str
    codes: int


def noted_once(listed: Iterable[ListedRow]) -> tuple[tuple[ListedRow, ...], dict[Link, str]]:
    """The rows, and by list the note that all of its goods have: it stands in no row then."""
    rows = tuple(listed)
    notes: dict[Link, Counter[str]] = defaultdict(Counter)
    for row in rows:
        notes[row.control][row.note] += 1
    alike = {
        control: next(iter(own))
        for control, own in notes.items()
        if len(own) == 1 and own.total() > 1 and next(iter(own))
    }
    return tuple(replace(row, note="") if row.control in alike else row for row in rows), alike


def list_summaries(listed: Iterable[ListedRow], notes: Mapping[Link, str]) -> tuple[ListSummary, ...]:
    """The lists that name goods, each in its parts, in the order of the rows; `notes` by list, of `noted_once`."""
    parts: dict[Link, dict[tuple[str, str, str], int]] = {}
    stated: dict[Link, int | None] = {}
    at_first_hand: set[Link] = set()
    for row in listed:
        own = parts.setdefault(row.control, {})
        key = (row.item.text, row.item_name, row.item_description)
        own[key] = own.get(key, 0) + 1
        stated[row.control] = row.stated
        if not row.second_hand:
            at_first_hand.add(row.control)
    return tuple(
        ListSummary(
            control,
            tuple(ListPart(*key, codes) for key, codes in own.items()),
            sum(own.values()),
            stated[control],
            "" if control in at_first_hand else WARNING,
            notes.get(control, ""),
        )
        for control, own in parts.items()
    )


@dataclass(frozen=True)
class GoodRow:
    """A good with what is published of it in our collection, and the lists that name it."""

    good: Link
    hs_code: str
    hs_revision: str
    name: str
    lists: tuple[Link, ...]
    figures: Value


@dataclass(frozen=True)
class ConcerningGood:
    """A good that concerns a technology: its lists, its figures, and why it does (`mapping`: how we know it)."""

    good: Link
    hs_code: str
    lists: tuple[Link, ...]
    figures: Value
    reason: str
    mapping: str


MAPPING_WORDS = {**BASIS_WORDS, "derived": "our mapping"}


def figures_of(good: GoodRef, counts: Mapping[int, int]) -> Value:
    """How many figures of our collection are of this good, leading to them."""
    number = counts.get(good.pk, 0)
    return counted(number, f"{good.address}#table-figures" if number else "")


def count_by_good(rows: Iterable[FlowRow]) -> Counter[int]:
    return Counter(row.good.pk for row in rows)


def lists_by_good(listed: Iterable[ListedRow]) -> dict[Link, tuple[Link, ...]]:
    """The lists that name each good, by the good's link."""
    found: dict[Link, dict[Link, None]] = {}
    for row in listed:
        found.setdefault(row.good, {})[row.said] = None
    return {good: tuple(lists) for good, lists in found.items()}


def good_rows(goods: Iterable[GoodRef], listed: Iterable[ListedRow], rows: Iterable[FlowRow]) -> tuple[GoodRow, ...]:
    """Those with the most figures first, then by name."""
    counts, lists = count_by_good(rows), lists_by_good(listed)
    ordered = sorted(goods, key=lambda good: (-counts[good.pk], good.said.casefold(), good.pk))
    return tuple(
        GoodRow(
            good.link, good.hs_code, good.hs_revision, good.name, lists.get(good.link, ()), figures_of(good, counts)
        )
        for good in ordered
    )


def concerning_goods(
    goods: Mapping[int, GoodRef],
    listed: Iterable[ListedRow],
    rows: Iterable[FlowRow],
    mapped: Mapping[int, tuple[str, str]],
) -> tuple[ConcerningGood, ...]:
    """`mapped`: reason and basis of the mapping by the good's primary key. By name."""
    counts, lists = count_by_good(rows), lists_by_good(listed)
    return tuple(
        ConcerningGood(
            good.link,
            good.hs_code,
            lists.get(good.link, ()),
            figures_of(good, counts),
            mapped[pk][0],
            MAPPING_WORDS[mapped[pk][1]],
        )
        for pk, good in sorted(goods.items(), key=lambda pair: (pair[1].said.casefold(), pair[0]))
    )


# ---- Figures that do not say the same ----


@dataclass(frozen=True)
class FigureCard:
    """One of two figures that are set side by side. `figure` is the whole phrase, with who says so."""

    who: str
    figure: Value
    good: Link
    product: str
    route: str
    compared: str
    change: str
    counted_from: str
    second_hand: str
    code: str


@dataclass(frozen=True)
class DisagreementCard:
    """Two figures that do not say the same of one thing, and what lies between them as far as we see."""

    first: FigureCard
    second: FigureCard
    between: str
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class DisagreementRow:
    """The same as a line of a table."""

    first_good: Link
    first_who: str
    first: Value
    second_good: Link
    second_who: str
    second: Value
    between: str


def disagreement_card(first: FlowRow, second: FlowRow, between: str, cited: tuple[Cited, ...]) -> DisagreementCard:
    return DisagreementCard(_card(first), _card(second), between, cited)


def _card(row: FlowRow) -> FigureCard:
    line = figure_row(row)
    return FigureCard(
        who=capital(who(row)),
        # The whole phrase has the sources: its bound is in it.
        figure=replace(line.figure, content=said(row), bound="", note="") if line.figure.known else line.figure,
        good=line.good,
        product=row.product,
        route=line.route,
        compared=line.compared,
        change=line.change,
        counted_from=line.counted_from,
        second_hand=line.second_hand,
        code=row.code,
    )


def disagreements_table(cards: Iterable[DisagreementCard]) -> TableData:
    return TableData(
        "disagreements",
        "Figures that do not say the same, and what lies between them",
        tuple(
            DisagreementRow(
                card.first.good,
                card.first.who,
                card.first.figure,
                card.second.good,
                card.second.who,
                card.second.figure,
                card.between,
            )
            for card in cards
        ),
        DisagreementRow,
        empty="No disagreement is recorded by us.",
    )


# ---- The overview ----


@dataclass(frozen=True)
class Chosen:
    """What a reader narrows the figures to; '' = all. `q` are words, each of which must be found."""

    q: str = ""
    kind: str = ""
    exporter: str = ""
    importer: str = ""
    technology: str = ""

    @property
    def anything(self) -> bool:
        return self != Chosen()


def kind_key(row: FlowRow) -> str:
    """As an address names the sort of trade: 'direct-export'."""
    return row.kind.replace(" ", "-")


Concerned = Mapping[int, Mapping[str, str]]  # names of technologies by slug, by the figure's primary key


def fitting(rows: Iterable[FlowRow], chosen: Chosen, technologies: Concerned) -> tuple[FlowRow, ...]:
    """The figures that fit every filter, in their order."""
    words = chosen.q.casefold().split()

    def fits(row: FlowRow) -> bool:
        return (
            chosen.kind in ("", kind_key(row))
            and (not chosen.exporter or chosen.exporter in row.keys_of(EXPORTER))
            and (not chosen.importer or chosen.importer in row.keys_of(IMPORTER))
            and (not chosen.technology or chosen.technology in technologies.get(row.pk, ()))
            and all(word in searched(row) for word in words)
        )

    return tuple(row for row in rows if fits(row))


def searched(row: FlowRow) -> str:
    """The text that `q` looks through, lower case."""
    good = row.good
    parts = (
        row.code, row.product, good.name, good.short_name, good.hs_code, route(row), said(row), row.data_basis, row.data_by,
        publisher(row), row.note,
    )  # fmt: skip
    return "\n".join(parts).casefold()


def facets(rows: Sequence[FlowRow], technologies: Concerned) -> dict[str, tuple[Facet, ...]]:
    """The choices of each filter with the number of figures of the whole collection that they leave."""
    found: dict[str, Counter[tuple[str, str]]] = {
        "kind": Counter((kind_key(row), row.kind_said) for row in rows),
        "exporter": Counter((place.key, place.name) for row in rows for place in row.of_role(EXPORTER)),
        "importer": Counter((place.key, place.name) for row in rows for place in row.of_role(IMPORTER)),
        "technology": Counter(pair for row in rows for pair in technologies.get(row.pk, {}).items()),
    }
    return {
        name: tuple(
            Facet(value, label, count)
            for (value, label), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][1].casefold()))
        )
        for name, counts in found.items()
    }


@dataclass(frozen=True, kw_only=True)
class TradePage(PageModel):
    """`fitting`: how many figures fit the filters, of `total`; `chosen` whether there are any."""

    fitting: int
    total: int
    chosen: bool
    disagreements: tuple[DisagreementCard, ...]
    lists: tuple[ListSummary, ...]
    caveats: tuple[str, ...]


def overview_sentence(rows: Sequence[FlowRow], total: int | None = None) -> str:
    """'69 published figures of trade, on 31 goods and groups, of 2021 to 2025: 33 direct exports, 14 re-exports …'"""
    if not rows:
        if total:
            return f"None of the {total} published figures in our collection fits these choices."
        return "No published figure of trade is in our collection yet."
    by_kind = _by_kind(rows)
    if total is not None and len({row.kind for row in rows}) == 1:
        fit = "fits: it is" if len(rows) == 1 else "fit, all"
        return f"{len(rows)} of the {several(total, 'published figure')} in our collection {fit} of {by_kind.partition(' of ')[2]}."
    if total is not None:
        return f"{len(rows)} of the {several(total, 'published figure')} in our collection fit: {by_kind}."
    goods = several(len({row.good.pk for row in rows}), "good or group")
    goods = goods.replace("good or groups", "goods and groups")
    return f"{several(len(rows), 'published figure')} of trade, on {goods}, {of_years(rows)}: {by_kind}."


# Sorts of trade that the sentence names; of the others it says how many.
MOST_KINDS = 3


def _by_kind(rows: Sequence[FlowRow]) -> str:
    """'26 of direct exports, 17 of re-exports, 9 of shares and 17 of other sorts'."""
    kinds = Counter("shares" if row.kind == SHARE else row.kind_said for row in rows).most_common()
    said = [f"{number} of {words}" for words, number in kinds[: MOST_KINDS + (len(kinds) == MOST_KINDS + 1)]]
    left = len(rows) - sum(number for _, number in kinds[: len(said)])
    return joined([*said, f"{left} of other sorts"] if left else said)


def of_years(rows: Iterable[FlowRow]) -> str:
    """'of 2021', 'of 2021 to 2025': the years that the figures are of."""
    years = sorted({year for row in rows for year in (row.period_start[:4], row.period_end[:4])})
    return f"of {years[0]}" if years[0] == years[-1] else f"of {years[0]} to {years[-1]}"


# ---- One good ----


@dataclass(frozen=True, kw_only=True)
class GoodPage(PageModel):
    """`good`: its name and code; `parents` contain it, the nearest first; figures of these stand apart."""

    good: GoodRef
    name: str
    hs_code: str
    hs_revision: str
    description: str
    note: str
    parents: tuple[Link, ...]
    narrower: tuple[Link, ...]
    lists: tuple[Link, ...]
    figure_count: Value
    disagreements: tuple[DisagreementCard, ...]
    caveats: tuple[str, ...]
    cited: tuple[Cited, ...]


# Routes that the sentence of a good names.
MOST_ROUTES = 3


def good_sentence(good: GoodRef, rows: Sequence[FlowRow], lists: Sequence[Link]) -> str:
    """'HS 854231, on the Common High Priority List, tier 1. Three published figures of 2021 to 2022: China to Russia.'"""
    what = f"HS {good.hs_code}" if good.hs_code else "A group of goods that figures are published of without a code"
    on = f", on the {joined([link.text for link in lists])}" if lists else ""
    if not rows:
        return f"{what}{on}. No published figure of it is in our collection."
    number = capital(f"{in_words(len(rows))} published figure{'' if len(rows) == 1 else 's'}")
    routes = [said for said, _ in Counter(route(row) for row in rows).most_common()]
    left = len(routes) - MOST_ROUTES
    named = routes if left <= 0 else [*routes[:MOST_ROUTES], f"{left} more"]
    return f"{what}{on}. {number} {of_years(rows)}: {'; '.join(named)}."
