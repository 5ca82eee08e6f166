from dataclasses import fields
from functools import cache

from tracker.tables.columns import Badge, Cell, Linked, Measured, Number, Placed, PublishedTable, Stated


class FieldTable(PublishedTable):
    wide = True
    field = Linked("Field", header=True)
    leader = Stated("Leader")
    share = Measured("Leader's share, %", bar_of="leader")
    second = Stated("Second")
    second_share = Measured("Second's share, %", bar_of="second")
    gap = Measured("Gap, points", minor=True)
    ratio = Measured("Ratio", minor=True)
    firmness = Badge("How firm", group="firmness", minor=True)
    leader_first = Stated("Led in 2003–2007", minor=True)
    share_first = Measured("Share then, %", minor=True)


class WindowTable(PublishedTable):
    window = Linked("Window", header=True)
    leader = Stated("Leader")
    share = Measured("Leader's share, %", bar_of="leader")
    second = Stated("Second")
    second_share = Measured("Second's share, %", bar_of="second")
    gap = Measured("Gap, points", minor=True)
    ratio = Measured("Ratio", minor=True)
    countries = Number("Countries with a value", minor=True)


class FieldCountryTable(PublishedTable):
    place = Placed("Country", header=True)
    rank = Measured("Rank")
    share = Measured("Share, %", bar_of="place")
    rank_first = Measured("First rank", minor=True)
    share_first = Measured("First share, %", minor=True)
    change = Measured("Change, points")


class NarrowerTable(PublishedTable):
    technology = Linked("Technology", header=True)
    reason = Cell("Why (our mapping)")


class WithoutValueTable(PublishedTable):
    place = Placed("Country", header=True)
    years = Cell("Years lacking")
    reason = Cell("Why", css="note")
    windows_with_value = Number("Windows with a value")


@cache
def shares_table(row_type: type) -> type[PublishedTable]:
    """The table of a row type with one column a window."""
    columns: dict[str, object] = {"wide": True, "place": Placed("Country", header=True)}
    for column in fields(row_type):
        if column.name != "place":
            columns[column.name] = Measured(column.name[1:].replace("_", "–"))
    return type("SharesTable", (PublishedTable,), columns)
