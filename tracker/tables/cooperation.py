from dataclasses import fields
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.analysis.matrix import CellValue
from tracker.analysis.read_model import TableData, Value
from tracker.tables.cells import value_cell
from tracker.tables.columns import (
    Badge,
    Cell,
    Day,
    InGroup,
    Linked,
    Measured,
    Note,
    Number,
    Placed,
    PublishedTable,
    Stated,
)
from tracker.tables.engagements import Several


class Tallied(Measured):
    """A count that is itself the way to its rows; nothing to follow where it is 0."""

    def __init__(self, verbose_name: str, **options: Any) -> None:
        super().__init__(verbose_name, css=" ".join(("quiet", options.pop("css", ""))).strip(), **options)

    def draw(self, value: Value, record: Any, longest: int) -> SafeString:
        if not value.known or value.cited:
            return value_cell(value)
        if not value.content:
            return format_html('<span class="none">{}</span>', value.text)
        if not value.address:
            return value_cell(value)
        return format_html('<a href="{}">{}</a>', value.address, value.text)


class Tinted(Tallied):
    """A count on its tint."""

    def classes_of(self, value: CellValue) -> str:
        return f"{self.classes} heat-{value.heat}" if value.heat else self.classes


class ChannelTable(PublishedTable):
    channel = Linked("Channel", header=True)
    origin = Cell("Drawn by")
    engagements = Tallied("Engagements")
    first = Day("First dated", minor=True)
    latest = Day("Last dated", minor=True)
    announced = Tallied("Announced", minor=True)
    signed = Tallied("Signed", minor=True)
    active = Tallied("Active", minor=True)
    stalled = Tallied("Stalled", minor=True)
    completed = Tallied("Completed", minor=True)
    cancelled = Tallied("Cancelled", minor=True)
    unconfirmed = Tallied("Not confirmed")


class CountsTable(PublishedTable):
    """Counts by two things at once, on tints."""

    def __init__(self, data: TableData, **options: Any) -> None:
        super().__init__(data, **options)
        self.attrs["class"] = "table matrix matrix-alike counts"


@lru_cache(maxsize=64)
def counts_table(row_type: type) -> type[PublishedTable]:
    """The table of a row type of counts: what the row is, one column a group, and all of them."""
    first, *groups, every = fields(row_type)
    columns: dict[str, object] = {first.name: Linked(first.metadata["header"], header=True)}
    columns |= {group.name: Tinted(group.metadata["header"]) for group in groups}
    columns[every.name] = Tallied(every.metadata["header"])
    return type("CountsTable", (CountsTable,), columns)


class CategoryJoinTable(PublishedTable):
    category = Linked("Category", header=True)
    engagements = Tallied("Engagements")
    technologies = Number("Technologies in this edition", minor=True)
    touched = Number("of these touched", minor=True)
    china_leads = Tallied("China leads")
    others_lead = Tallied("Others lead")
    russia_best = Measured("Russia's best rank", minor=True)


class TouchedTable(PublishedTable):
    group_by = "category"
    technology = InGroup("Technology", group="category", header=True)
    engagements = Tallied("Engagements")
    states = Cell("As last seen", minor=True)
    leader = Stated("Leader")
    firmness = Badge("How firm", group="firmness", minor=True)
    china_share = Measured("China's share, %", minor=True)
    russia_share = Measured("Russia's share, %", minor=True)
    combined = Measured("Together, %", minor=True)
    edition = Linked("Edition", minor=True)


class FieldJoinTable(PublishedTable):
    field = Linked("Research field", header=True)
    leader = Stated("Leader", minor=True, css="quiet")
    china_rank = Measured("China's rank", css="quiet")
    china_share = Measured("China's share, %", minor=True, css="quiet")
    russia_rank = Measured("Russia's rank", css="quiet")
    russia_share = Measured("Russia's share, %", minor=True, css="quiet")
    combined = Measured("Together, %", css="quiet")
    technologies = Note("Technologies touched within it", minor=True)


class TieTable(PublishedTable):
    organisation = Linked("Organisation", header=True)
    side = Cell("Its side", minor=True)
    partner = Linked("Named together with")
    partner_side = Cell("Side of that one", minor=True)
    engagements = Tallied("Engagements")
    contested = Badge("Contested", group="flag", minor=True)
    which = Several("Which", minor=True)


class TakingPartTable(PublishedTable):
    group_by = ""
    organisation = Linked("Organisation", header=True)
    side = Cell("Side")
    country = Placed("Country", minor=True)
    engagements = Tallied("Engagements")


class MoneyTable(PublishedTable):
    year = Cell("Year", header=True)
    amount = Measured("Amount")
    doubt = Note("Of it contested, or at most possibly true")
    which = Several("Engagements", minor=True)


class ValuedTable(PublishedTable):
    engagement = Linked("Engagement", header=True)
    start = Day("Dated", minor=True)
    value = Measured("Amount")
    marks = Cell("How sure", minor=True)
    in_sums = Cell("In sums")
    remark = Note("Of what, or why not", minor=True)


class MarksTable(PublishedTable):
    credibility = Cell("What the main source says is", header=True)
    mark = Cell("Mark", minor=True)
    engagements = Tallied("Engagements")


class CaseTable(PublishedTable):
    case = Linked("Case", header=True)
    date = Day("When")
    parties = Note("Organisations spoken of", minor=True)
    asserted = Measured("Assert", css="quiet")
    answered = Measured("Dispute or deny", css="quiet")
    declined = Measured("Decline to show evidence", css="quiet")
