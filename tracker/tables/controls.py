from dataclasses import replace
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.controls import ControlRow, ItemRow
from tracker.analysis.listings import CANNOT_BE_SAID, LISTED, NO_REMOVAL, ListingRow
from tracker.analysis.read_model import Link, TableData, Value, long_date
from tracker.tables.cells import badge_cell, link_cell, value_cell
from tracker.tables.columns import Badge, Cell, Day, InGroup, Linked, Measured, Note, Placed, PublishedTable, Stated
from tracker.tables.cooperation import Tallied
from tracker.tables.engagements import Several

NOTHING = mark_safe("")


def marked(record: Any, column: Cell) -> SafeString:
    """The badge of a row that only copies of a publication state; nothing where the page says it of all rows."""
    if not record.mark or getattr(column, "said_once", False):
        return NOTHING
    return format_html(" {}", badge_cell("flag", record.mark))


class StatedDay(Stated):
    """A partial date with its sources, as readers write it. `unknown`: what stands where there is none."""

    def __init__(self, verbose_name: str, *, unknown: str = "", **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.unknown = unknown

    def draw(self, value: Value, record: Any, longest: int) -> SafeString:
        if not value.known and not value.withheld and self.unknown:
            return format_html('<span class="remark">{}</span>', self.unknown)
        return value_cell(replace(value, content=long_date(str(value.content))) if value.known else value)


class Marked(Linked):
    """A link; below it what else is said of the row, and whether it is known second-hand."""

    def draw(self, value: Link, record: Any, longest: int) -> SafeString:
        more = self.more(record)
        mark = marked(record, self)
        under = format_html('<small class="under">{}{}</small>', more, mark) if more or mark else NOTHING
        return format_html("{}{}", link_cell(value), under)

    def more(self, record: Any) -> str:
        return ""


class ControlCell(Marked):
    """A control with our code of it below."""

    def more(self, record: ControlRow) -> str:
        return record.code


class Dated(StatedDay):
    """A date, and what it is the date of."""

    def draw(self, value: Value, record: ControlRow, longest: int) -> SafeString:
        drawn = super().draw(value, record, longest)
        return format_html('{}<small class="under">{}</small>', drawn, record.dated_as) if record.dated_as else drawn


class MarkingTable(PublishedTable):
    """A table that marks rows which are known second-hand; where each of them is, the page says it once."""

    def __init__(self, data: TableData, **options: Any) -> None:
        super().__init__(data, **options)
        everywhere = bool(data.rows) and all(row.mark for row in data.rows)
        for bound in self.columns.iterall():
            bound.column.said_once = everywhere


class ControlTable(MarkingTable):
    group_by = "kind"
    control = ControlCell("Control", header=True)
    country = Placed("Country", minor=True)
    issuer = Stated("Issued by", minor=True, css="note")
    dated = Dated("Dated")
    until = Day("Until", minor=True)
    updates = Linked("Updates", minor=True)
    states = Tallied("States", minor=True)
    items = Tallied("Parts", minor=True)
    goods = Tallied("Goods", minor=True)
    organisations = Tallied("Organisations")


class ControlKindTable(PublishedTable):
    kind = Linked("Kind", header=True)
    what = Note("What it is")
    controls = Tallied("Controls")


class ListedBody(Marked):
    """An organisation, with how the list writes it below."""

    def more(self, record: ListingRow) -> str:
        return f"as {record.listed_as}" if record.listed_as else ""


class Days(Cell):
    """Partial dates one below the other."""

    css = "several"

    def draw(self, value: tuple[str, ...], record: Any, longest: int) -> SafeString:
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((long_date(day),) for day in value)))


class Answer(Cell):
    """Listed, not listed, or that it cannot be said; the reason below."""

    def draw(self, value: str, record: ListingRow, longest: int) -> SafeString:
        shape = {LISTED: "firmness-clear", CANNOT_BE_SAID: "firmness-unknown"}.get(value, "firmness-rank-only")
        return format_html(
            '<span class="badge {}">{}</span><small class="under">{}</small>', shape, value, record.why
        )


class ListingTable(MarkingTable):
    organisation = ListedBody("Organisation", header=True)
    on_day = Answer("On that day")
    since = StatedDay("Listed since")
    until = StatedDay("Removed", unknown=NO_REMOVAL)
    editions = Days("Named in editions of", minor=True)
    date_note = Note("How the dates are known", minor=True)
    note = Note("Note", minor=True)

    def __init__(self, data: TableData, **options: Any) -> None:
        super().__init__(data, **options)
        if any(row.on_day for row in data.rows):
            # The answer says these too: on a phone it stands alone.
            for name in ("since", "until"):
                column = self.columns[name].column
                column.classes = f"{column.classes} minor".strip()
                column.attrs = {"th": {"class": column.classes}}


class OwnListingTable(ListingTable):
    """Of one organisation."""

    organisation = None  # type: ignore[assignment]
    control = Marked("List", header=True)
    listed_as = Cell("Written there as", minor=True)

    class Meta:
        sequence = ("control", "on_day", "since", "until", "listed_as", "...")


class MarkedPlace(Placed):
    def draw(self, value: Any, record: Any, longest: int) -> SafeString:
        drawn, mark = super().draw(value, record, longest), marked(record, self)
        return format_html('{}<small class="under">{}</small>', drawn, mark) if mark else drawn


class StateTable(MarkingTable):
    country = MarkedPlace("State", header=True)
    since = StatedDay("Since")
    until = Day("Until")
    note = Note("How it came to take part", minor=True)


class ItemCell(Cell):
    """The number of an item, where links to it lead."""

    def draw(self, value: str, record: ItemRow, longest: int) -> SafeString:
        # "Category 5.1" -> item-5.1
        code = value.rpartition(" ")[2]
        mark = marked(record, self)
        under = format_html('<small class="under">{}</small>', mark) if mark else NOTHING
        return format_html('<span id="item-{}">{}</span>{}', code, value, under)


class ItemTable(MarkingTable):
    item = ItemCell("Part", header=True)
    name = Stated("Name")
    description = Note("What it covers", minor=True)
    goods = Tallied("Goods")
    technologies = Several("Technologies (our mapping)", minor=True)
    note = Note("Note", minor=True)


class ListedGoodTable(MarkingTable):
    """Under the headings of tiers; where it is sorted otherwise, the tier stands in each row."""

    group_by = "item"

    def __init__(self, data: TableData, **options: Any) -> None:
        super().__init__(data, **options)
        if self.grouped:
            self.columns.hide("item")
            self.exclude = [*getattr(self, "exclude", ()), "item"]
            self.shown_columns -= 1

    good = Marked("HS code", header=True)
    name = Note("What it is")
    item = Cell("Tier", minor=True)
    since = StatedDay("Listed since")
    until = Day("Until")
    note = Note("Note", minor=True)


class EditionDay(Day):
    def draw(self, value: str, record: Any, longest: int) -> SafeString:
        mark = marked(record, self)
        under = (
            format_html('<small class="under">{}{}</small>', record.name, mark) if record.name or mark else NOTHING
        )
        return format_html("{}{}", long_date(value), under)


class ControlEditionTable(MarkingTable):
    date = EditionDay("Edition of", header=True)
    extent = Stated("What it holds")
    stated = Measured("Entries, as stated", css="quiet")
    named = Tallied("In our collection")
    note = Note("Note", minor=True)


class ControlTechnologyTable(PublishedTable):
    technology = InGroup("Technology", group="category", header=True)
    through = Several("Mapped by us to it")
    leader = Stated("Leader")
    firmness = Badge("How firm", group="firmness", minor=True)
    china_share = Measured("China's share, %", minor=True)
    edition = Linked("Edition", minor=True)
    reason = Note("Why it concerns it", minor=True)
    basis = Cell("Mapping", minor=True)
