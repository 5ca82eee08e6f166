from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.analysis.read_model import Link, Value
from tracker.analysis.trade import DisagreementRow, ListedRow, TradeFigureRow, figure_anchor
from tracker.analysis.trade_figures import SPAN_WORDS
from tracker.tables.cells import badge_cell, link_cell, value_cell
from tracker.tables.columns import Badge, Cell, Day, Linked, Note, PublishedTable, Stated
from tracker.tables.cooperation import Tallied
from tracker.tables.engagements import Several, SubjectTable


def under(words: str, css: str = "under") -> SafeString:
    """A line below what a cell says first; nothing where there is none."""
    return format_html('<small class="{}">{}</small>', css, words) if words else SafeString("")


# Spans that the dates themselves do not say.
SPANS_TO_SAY = frozenset({*SPAN_WORDS.values(), "year-on-year"})


class OfGood(Linked):
    """A good, and below it what the source says the figure is of."""

    def draw(self, value: Link, record: TradeFigureRow, longest: int) -> SafeString:
        return format_html("{}{}{}", link_cell(value), under(record.product), under(record.good_basis))


class Figure(Stated):
    """A figure with its bound, and below it what it is compared with and the change as the source states it."""

    def __init__(self, verbose_name: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        # Tonnes, dollars and per cent have no order.
        self.orderable = False

    def draw(self, value: Value, record: TradeFigureRow, longest: int) -> SafeString:
        return format_html("{}{}{}", value_cell(value), under(record.compared), under(record.change))


class Period(Cell):
    def draw(self, value: str, record: TradeFigureRow, longest: int) -> SafeString:
        return format_html("{}{}", value, under(record.span if record.span in SPANS_TO_SAY else ""))


class Route(Cell):
    """From where to where, and below it the sort of trade."""

    def draw(self, value: str, record: TradeFigureRow, longest: int) -> SafeString:
        return format_html("{}{}", value, under(record.kind))


class CountedFrom(Cell):
    """Whose records, and below it who says so; with a mark where that is known second-hand only."""

    def draw(self, value: str, record: TradeFigureRow, longest: int) -> SafeString:
        by = under(f"counted by {record.counted_by}" if record.counted_by else "")
        via = under(f"via {record.published_by}" if record.published_by else "")
        mark = badge_cell("flag", record.second_hand) if record.second_hand else ""
        return format_html("{}{}{}{}", value, by, via, mark)


class TradeFigureTable(PublishedTable):
    """The table of figures of every page: rows of `analysis.trade.figures_table`."""

    good = OfGood("Good", header=True, css="subject")
    figure = Figure("Figure", css="figure-said")
    period = Period("Of")
    route = Route("From, to")
    counted_from = CountedFrom("Counted from", css="counted")
    reason = Note("Why it concerns it", minor=True)
    marks = Stated("How sure", minor=True, css="sure")


class Product(Cell):
    """What the source calls it, and below it our number of the figure; an address leads to it."""

    def draw(self, value: str, record: TradeFigureRow, longest: int) -> SafeString:
        number = format_html('<a href="#{}">{}</a>', figure_anchor(record.code), record.code)
        return format_html('{}<small class="under">{}</small>', value, number)

    def attributes_of(self, value: str, record: TradeFigureRow) -> str:
        return format_html(' id="{}"', figure_anchor(record.code))


class OwnFigureTable(TradeFigureTable):
    """Of one good: what it is of is what the source calls it."""

    good = None  # type: ignore[assignment]
    product = Product("As the source calls it", header=True, css="subject")

    class Meta:
        sequence = ("product", "...")


class GoodTable(PublishedTable):
    good = Linked("Good", header=True, css="subject")
    hs_code = Cell("HS code", minor=True)
    lists = Several("On lists")
    figures = Tallied("Published figures")


class ConcerningGoodTable(PublishedTable):
    """The goods that concern a technology: rows of `analysis.trade.ConcerningGood`."""

    good = Linked("Good", header=True, css="subject")
    lists = Several("On lists")
    figures = Tallied("Published figures")
    reason = Note("Why it concerns it")
    mapping = Cell("How we know", minor=True)


class TierTable(PublishedTable):
    """The goods that lists name, tier by tier."""

    group_by = "group"
    good = Linked("Good", header=True, css="subject")
    since = Stated("Listed since")
    until = Day("Until", minor=True)
    note = Note("Note", minor=True)
    figures = Tallied("Published figures", minor=True)


class Tier(Stated):
    """A tier, and below it what it is called there."""

    def draw(self, value: Value, record: ListedRow, longest: int) -> SafeString:
        return format_html("{}{}", value_cell(value), under(record.item_name))


class OnListTable(PublishedTable):
    """The lists that name one good."""

    control = Linked("List", header=True)
    item = Tier("Tier or category")
    since = Stated("Listed since")
    until = Day("Until", minor=True)
    second_hand = Badge("Known", group="flag")
    note = Note("Note", minor=True)


class SaidBy(Stated):
    """The whole phrase of a figure, with its good above."""

    def __init__(self, verbose_name: str, *, of: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.of = of

    def draw(self, value: Value, record: DisagreementRow, longest: int) -> SafeString:
        return format_html(
            '{}<small class="under">{}</small>', value_cell(value), link_cell(getattr(record, self.of))
        )


class DisagreementTable(PublishedTable):
    first = SaidBy("One says", of="first_good", header=True)
    second = SaidBy("Another says", of="second_good")
    between = Note("What lies between them")


class ConcernedTable(SubjectTable):
    """Technologies that a good concerns."""

    category = None  # type: ignore[assignment]
    note = Note("Why it concerns it")
