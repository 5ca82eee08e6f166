"""Reading trade: the record -> the rows of `analysis.trade_figures`. For every page that shows goods or figures.

Figures, one query whatever their number; the page reads citations with its others:

    parts = flow_parts(reader, of_country("RU"))          or of_technology(pk), of_goods(pks), nothing for all
    cited = reader.citations(all_to_cite(others, parts.to_cite))
    rows = parts.rows(cited)                              analysis.trade_figures.FlowRow
    figures_table(rows, "Russia: …")                      analysis.trade; drawn by tables.trade.TradeFigureTable

A technology: its goods, with the lists that name them, and its figures; three queries:

    trade = technology_trade(reader, technology_pk)
    cited = reader.citations(all_to_cite(others, trade.to_cite))
    trade.goods(cited)                                    analysis.trade.ConcerningGood, for ConcerningGoodTable
    trade.figures(cited)                                  TableData of TradeFigureRow, with the reasons

A country: the figures in which it is an exporter, an importer or a place between; one query:

    parts = flow_parts(reader, of_country("RU"))

What only withheld sources say is in none of the rows: a figure falls away with its own sources, with those of its
good, and where a place or a column it cannot be told without is withheld.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from tracker.analysis.read_model import Cited, Link, TableData, Value, citing, dated, stated
from tracker.analysis.second_hand import second_hand_mark
from tracker.analysis.trade import (
    ConcerningGood,
    DisagreementCard,
    ListedRow,
    by_good,
    concerning_goods,
    disagreement_card,
    figures_table,
)
from tracker.analysis.trade_figures import FlowPlace as Place
from tracker.analysis.trade_figures import FlowRow, GoodRef
from tracker.models import ControlItem, Disagreement, FlowPlace, Good, Relevance, TradeFlow
from tracker.pages.organisation_rows import sealed
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, all_withheld, country_place

GOOD, FLOW, PLACE = "good", "tradeflow", "flowplace"
DISAGREEMENT, RELEVANCE, LISTED = "disagreement", "relevance", "listedgood"
CONTROL, ITEM = "control", "controlitem"


def of_goods(pks: Collection[int]) -> Q:
    """The figures of these goods themselves, not of what contains them."""
    return Q(good__in=pks)


def of_country(code: str) -> Q:
    """The figures in which a country (ISO 3166) is an exporter, an importer or a place between."""
    return Q(pk__in=FlowPlace.objects.filter(country__code=code.upper()).order_by().values("flow"))


def of_technology(pk: int) -> Q:
    """The figures that concern a technology by themselves, or whose good does."""
    said = Relevance.objects.filter(technology=pk).order_by()
    return Q(pk__in=said.filter(kind=FLOW).values("record")) | Q(good__in=said.filter(kind=GOOD).values("record"))


def disagreeing_with(good: str) -> Q:
    """The figures that are set side by side with one of a good, by its slug, whatever they are of."""
    found = Disagreement.objects.order_by()
    return Q(pk__in=found.filter(second__good__slug=good).values("first")) | Q(
        pk__in=found.filter(first__good__slug=good).values("second")
    )


OWN_COLUMNS = (
    "pk", "code", "product", "kind", "period_start", "period_end", "span", "measure", "value_from", "value_to", "unit",
    "bound", "baseline_start", "baseline_end", "baseline_value", "baseline_bound", "baseline_note", "change_stated",
    "data_basis", "data_by", "note",
)  # fmt: skip
# A figure cannot be told without these: where only withheld sources speak of one, there is no figure.
ESSENTIAL = (
    "good", "product", "kind", "period_start", "period_end", "span", "measure", "value", "value_from", "value_to",
    "unit", "bound", "data_basis",
)  # fmt: skip
_BASELINE: dict[str, Any] = {
    "baseline_start": "", "baseline_end": "", "baseline_value": None, "baseline_bound": "", "baseline_note": "",
}  # fmt: skip
# What falls away with a column of which only withheld sources speak.
BLANKS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("baseline", "baseline_start", "baseline_end", "baseline_value", "baseline_bound"), _BASELINE),
    "baseline_note": {"baseline_note": ""},
    "change_stated": {"change_stated": ""},
    "data_by": {"data_by": ""},
    "note": {"note": ""},
}


@dataclass(frozen=True)
class StoredDisagreement:
    """Two figures by primary key, and what lies between them."""

    pk: int
    first: int
    second: int
    reason: str


@dataclass(frozen=True)
class FlowParts:
    """Figures as stored, before anything is known of their citations; places by figure, with their primary keys."""

    found: tuple[FlowRow, ...]
    places: Mapping[int, Sequence[tuple[int, Place]]]
    disagreeing: tuple[StoredDisagreement, ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        """The records whose citations `rows` and `disagreements` need, by kind."""
        return {
            FLOW: [row.pk for row in self.found],
            GOOD: list(dict.fromkeys(row.good.pk for row in self.found)),
            PLACE: [pk for own in self.places.values() for pk, _ in own],
            DISAGREEMENT: [one.pk for one in self.disagreeing],
        }

    def rows(self, cited: CitedBy) -> tuple[FlowRow, ...]:
        """The figures that may be shown, by good and period."""
        return by_good(row for one in self.found if (row := self._row(one, cited)) is not None)

    def _row(self, row: FlowRow, cited: CitedBy) -> FlowRow | None:
        own = cited.get((FLOW, row.pk), ())
        places = self.places.get(row.pk, ())
        if (
            sealed(cited, FLOW, row.pk)
            or sealed(cited, GOOD, row.good.pk)
            # Without one of its places it would be a figure of another trade.
            or any(sealed(cited, PLACE, pk) for pk, _ in places)
            or any(_column_withheld(own, column) for column in ESSENTIAL)
        ):
            return None
        blank: dict[str, Any] = {}
        for column, emptied in BLANKS.items():
            if _column_withheld(own, column):
                blank |= emptied
        return replace(row, **blank, places=tuple(place for _, place in places), cited=own)

    def disagreements(self, cited: CitedBy, rows: Iterable[FlowRow]) -> tuple[DisagreementCard, ...]:
        """Those of which both figures are among `rows` and that may be shown themselves."""
        shown = {row.pk: row for row in rows}
        return tuple(
            disagreement_card(shown[one.first], shown[one.second], one.reason, cited.get((DISAGREEMENT, one.pk), ()))
            for one in self.disagreeing
            if one.first in shown and one.second in shown and not sealed(cited, DISAGREEMENT, one.pk)
        )


def _column_withheld(cited: tuple[Cited, ...], column: str) -> bool:
    return all_withheld(tuple(citation for citation in cited if citation.field == column))


def flow_parts(reader: RecordReader, *conditions: Q) -> FlowParts:
    """The figures that fit, with their places and what disagrees with them: one query."""
    kinds = {str(kind): str(words) for kind, words in TradeFlow.Kind.choices}
    found: dict[int, FlowRow] = {}
    places: dict[int, dict[int, Place]] = defaultdict(dict)
    disagreeing: dict[int, StoredDisagreement] = {}
    rows = TradeFlow.objects.filter(*conditions).order_by(
        "code", "pk", "places__role", "places__position", "places__pk", "disagreements__pk"
    )
    for row in rows.values(
        *OWN_COLUMNS, "good_basis", "good_id", "good__slug", "good__name", "good__short_name", "good__hs_code",
        "good__hs_revision", "good__parent_id", "places__pk", "places__role", "places__unnamed", "places__country_id",
        "places__country__code", "places__country__name", "disagreements__pk", "disagreements__second_id",
        "disagreements__reason",
    ):  # fmt: skip
        pk = row["pk"]
        if row["places__pk"]:
            code = row["places__country__code"]
            country = country_place(code, row["places__country__name"]) if code else None
            places[pk][row["places__pk"]] = Place(row["places__role"], country, row["places__unnamed"])
            reader.show(PLACE, [row["places__pk"]])
            reader.show("country", [row["places__country_id"]])
        if row["disagreements__pk"]:
            disagreeing[row["disagreements__pk"]] = StoredDisagreement(
                row["disagreements__pk"], pk, row["disagreements__second_id"], row["disagreements__reason"]
            )
        if pk in found:
            continue
        found[pk] = FlowRow(
            **{name: row[name] for name in OWN_COLUMNS},
            kind_said=kinds.get(row["kind"], row["kind"]),
            basis=row["good_basis"],
            good=GoodRef(
                row["good_id"], row["good__slug"], row["good__name"], row["good__short_name"], row["good__hs_code"],
                row["good__hs_revision"], row["good__parent_id"],
            ),
        )  # fmt: skip
        reader.show(GOOD, [row["good_id"]])
    reader.show(FLOW, found)
    reader.show(DISAGREEMENT, disagreeing)
    return FlowParts(
        tuple(found.values()),
        {pk: tuple(own.items()) for pk, own in places.items()},
        tuple(disagreeing[pk] for pk in sorted(disagreeing)),
    )


# ---- Goods, and the lists that name them ----


@dataclass(frozen=True)
class GoodBody:
    """A good as the record holds it."""

    ref: GoodRef
    description: str
    note: str
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class StoredListing:
    """That an item of a control names a good; primary keys of all that it rests on."""

    pk: int
    item: int
    control: int
    good: int
    row: ListedRow


@dataclass(frozen=True)
class GoodParts:
    """Goods by primary key, and the lists that name them, before anything is known of their citations."""

    found: Mapping[int, GoodBody]
    listings: tuple[StoredListing, ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        return {
            GOOD: list(self.found),
            LISTED: [one.pk for one in self.listings],
            ITEM: list(dict.fromkeys(one.item for one in self.listings)),
            CONTROL: list(dict.fromkeys(one.control for one in self.listings)),
        }

    def bodies(self, cited: CitedBy) -> dict[int, GoodBody]:
        """The goods that may be shown, by primary key, without columns of which only withheld sources speak."""
        return {
            pk: _open_body(body, cited.get((GOOD, pk), ()))
            for pk, body in self.found.items()
            if not sealed(cited, GOOD, pk)
        }

    def listed(self, cited: CitedBy) -> tuple[ListedRow, ...]:
        """What lists name which good, in the order of lists, their items and codes."""
        return tuple(
            self._open_listing(one, cited)
            for one in self.listings
            if not sealed(cited, LISTED, one.pk)
            and not sealed(cited, ITEM, one.item)
            and not sealed(cited, CONTROL, one.control)
            and not sealed(cited, GOOD, one.good)
        )

    @staticmethod
    def _open_listing(one: StoredListing, cited: CitedBy) -> ListedRow:
        own, item = cited.get((LISTED, one.pk), ()), cited.get((ITEM, one.item), ())
        control = cited.get((CONTROL, one.control), ())
        return replace(
            one.row,
            item=stated(one.row.item.content, citing(own), basis="stated"),
            item_description="" if _column_withheld(item, "description") else one.row.item_description,
            since=dated(str(one.row.since.content or ""), own, "since"),
            until="" if _column_withheld(own, "until") else one.row.until,
            second_hand=second_hand_mark(own),
            note="" if _column_withheld(own, "note") else one.row.note,
            stated=None if _column_withheld(control, "goods_stated") else one.row.stated,
        )


def _open_body(body: GoodBody, cited: tuple[Cited, ...]) -> GoodBody:
    return replace(
        body,
        description="" if _column_withheld(cited, "description") else body.description,
        note="" if _column_withheld(cited, "note") else body.note,
        cited=cited,
    )


def good_parts(reader: RecordReader, *conditions: Q) -> GoodParts:
    """The goods that fit, with the lists that name them: one query."""
    kinds = {str(kind): str(words) for kind, words in ControlItem.Kind.choices}
    found: dict[int, GoodBody] = {}
    listings: list[StoredListing] = []
    rows = Good.objects.filter(*conditions).order_by(
        "listed__item__control__name", "listed__item__control__pk", "listed__item__position", "hs_code", "name", "pk",
        "listed__since", "listed__pk",
    )  # fmt: skip
    for row in rows.values(
        "pk", "slug", "name", "short_name", "hs_code", "hs_revision", "parent_id", "description", "note",
        "listed__pk", "listed__since", "listed__until", "listed__note", "listed__item_id", "listed__item__code",
        "listed__item__name", "listed__item__kind", "listed__item__description", "listed__item__position",
        "listed__item__control_id", "listed__item__control__slug", "listed__item__control__name",
        "listed__item__control__short_name", "listed__item__control__goods_stated",
    ):  # fmt: skip
        pk = row["pk"]
        if pk not in found:
            ref = GoodRef(
                pk, row["slug"], row["name"], row["short_name"], row["hs_code"], row["hs_revision"], row["parent_id"]
            )
            found[pk] = GoodBody(ref, row["description"], row["note"])
        if not row["listed__pk"]:
            continue
        control = row["listed__item__control__short_name"] or row["listed__item__control__name"]
        item = f"{kinds.get(row['listed__item__kind'], '')} {row['listed__item__code']}".strip()
        listings.append(
            StoredListing(
                row["listed__pk"], row["listed__item_id"], row["listed__item__control_id"], pk,
                ListedRow(
                    group=f"{control}, {item}: {row['listed__item__name']}",
                    control=Link(control, f"/controls/{row['listed__item__control__slug']}/"),
                    item=Value(item),
                    item_name=row["listed__item__name"],
                    item_description=row["listed__item__description"],
                    good=found[pk].ref.link,
                    hs_code=found[pk].ref.hs_code,
                    since=Value(row["listed__since"] or None),
                    until=row["listed__until"],
                    second_hand="",
                    figures=Value(),
                    note=row["listed__note"],
                    stated=row["listed__item__control__goods_stated"],
                ),
            )
        )  # fmt: skip
    reader.show(GOOD, found)
    for kind, pks in (
        (LISTED, [one.pk for one in listings]),
        (ITEM, [one.item for one in listings]),
        (CONTROL, [one.control for one in listings]),
    ):
        reader.show(kind, pks)
    return GoodParts(found, tuple(listings))


def named_goods() -> tuple[Link, ...]:
    """Every good that may be named: two queries, for suggestions."""
    # Read apart: what is offered instead is not shown by a page.
    reader = RecordReader(None)
    rows = Good.objects.order_by("hs_code", "name", "pk").values_list("pk", "slug", "name", "short_name", "hs_code")
    goods = [GoodRef(*row) for row in rows]
    cited = reader.citations({GOOD: [good.pk for good in goods]})
    return tuple(good.link for good in goods if not sealed(cited, GOOD, good.pk))


# ---- What concerns technologies ----


@dataclass(frozen=True)
class RelevanceRow:
    """That a good or a figure (`kind`, `record`) concerns a technology, and why. `basis` 'derived' = mapped by us."""

    pk: int
    kind: str
    record: int
    technology_pk: int
    technology: Link
    slug: str
    basis: str
    reason: str


def relevances(reader: RecordReader, *conditions: Q) -> tuple[RelevanceRow, ...]:
    """What of trade concerns which technologies, in their order: one query."""
    rows = Relevance.objects.filter(*conditions, kind__in=(GOOD, FLOW)).order_by(
        "kind", "record", "position", "technology__name", "pk"
    )
    found = []
    for pk, kind, record, technology, slug, name, level, basis, reason in rows.values_list(
        "pk", "kind", "record", "technology_id", "technology__slug", "technology__name", "technology__level", "basis",
        "reason",
    ):  # fmt: skip
        room = "fields" if level == "field" else "technologies"
        link = Link(name, f"/{room}/{slug}/")
        found.append(RelevanceRow(pk, kind, record, technology, link, slug, basis, reason))
    reader.show(RELEVANCE, (row.pk for row in found))
    reader.show("technology", (row.technology_pk for row in found))
    return tuple(found)


def open_relevances(rows: Iterable[RelevanceRow], cited: CitedBy) -> tuple[RelevanceRow, ...]:
    """Those that may be shown, as far as their own sources go; `cited` has those of kind RELEVANCE."""
    return tuple(row for row in rows if not sealed(cited, RELEVANCE, row.pk))


@dataclass(frozen=True)
class TechnologyTrade:
    """The goods and figures that concern a technology."""

    mapped: tuple[RelevanceRow, ...]
    parts: GoodParts
    flows: FlowParts

    @property
    def to_cite(self) -> dict[str, list[int]]:
        """The records whose citations the rows need, by kind."""
        own = {RELEVANCE: [row.pk for row in self.mapped]}
        return all_to_cite(own, self.parts.to_cite, self.flows.to_cite)

    def _reasons(self, kind: str, cited: CitedBy) -> dict[int, RelevanceRow]:
        return {row.record: row for row in open_relevances(self.mapped, cited) if row.kind == kind}

    def goods(self, cited: CitedBy) -> tuple[ConcerningGood, ...]:
        """The goods that concern it, each with its lists, its figures counted and the reason of the mapping: its own,
        else those of its figures that do."""
        rows = self.flows.rows(cited)
        by_figure = self._reasons(FLOW, cited)
        of_figures: dict[int, dict[str, str]] = defaultdict(dict)
        for row in rows:
            if row.pk in by_figure:
                of_figures[row.good.pk][by_figure[row.pk].reason] = by_figure[row.pk].basis
        reasons = {pk: (" ".join(said), next(iter(said.values()))) for pk, said in of_figures.items()}
        reasons |= {pk: (row.reason, row.basis) for pk, row in self._reasons(GOOD, cited).items()}
        bodies = {pk: body.ref for pk, body in self.parts.bodies(cited).items() if pk in reasons}
        return concerning_goods(bodies, self.parts.listed(cited), rows, reasons)

    def figures(self, cited: CitedBy) -> TableData:
        """Its figures, and those of its goods, as the table "trade"."""
        own, by_their_good = self._reasons(FLOW, cited), self._reasons(GOOD, cited)
        rows = [row for row in self.flows.rows(cited) if row.pk in own or row.good.pk in by_their_good]
        reasons = {row.pk: own[row.pk].reason if row.pk in own else by_their_good[row.good.pk].reason for row in rows}
        caption = "Published figures of trade that concern it, by our mapping"
        return figures_table(rows, caption, name="trade", reasons=reasons)


def technology_trade(reader: RecordReader, technology: int) -> TechnologyTrade:
    """What of trade concerns a technology, by its primary key: three queries."""
    mapped = relevances(reader, Q(technology=technology))
    named = [row.record for row in mapped if row.kind == GOOD]
    figures = [row.record for row in mapped if row.kind == FLOW]
    of_figures = TradeFlow.objects.filter(pk__in=figures).order_by().values("good")
    return TechnologyTrade(
        mapped,
        good_parts(reader, Q(pk__in=named) | Q(pk__in=of_figures)),
        flow_parts(reader, Q(good__in=named) | Q(good__in=of_figures)),
    )
