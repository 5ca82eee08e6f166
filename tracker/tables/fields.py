from dataclasses import fields
from functools import cache

from tracker.tables.columns import Badge, Cell, Linked, Measured, Note, Placed, PublishedTable, Stated


class FieldTable(PublishedTable):
    wide = True
    field = Linked("Field", header=True)
    leader = Stated("Leader", css="quiet")
    share = Measured("Leader's share, %", bar_of="leader", css="quiet")
    second = Stated("Second", css="quiet")
    second_share = Measured("Second's share, %", bar_of="second", css="quiet")
    gap = Measured("Gap, points", minor=True, css="quiet")
    ratio = Measured("Ratio", minor=True, css="quiet")
    firmness = Badge("How firm", group="firmness", minor=True)
    leader_first = Stated("Led in 2003–2007", minor=True, css="quiet")
    share_first = Measured("Share then, %", minor=True, css="quiet")


class WindowTable(PublishedTable):
    window = Linked("Window", header=True)
    leader = Stated("Leader", css="quiet")
    share = Measured("Leader's share, %", bar_of="leader", css="quiet")
    second = Stated("Second", css="quiet")
    second_share = Measured("Second's share, %", bar_of="second", css="quiet")
    gap = Measured("Gap, points", minor=True, css="quiet")
    ratio = Measured("Ratio", minor=True, css="quiet")
    countries = Measured("Countries with a value", minor=True, css="quiet")


class CrossoverTable(PublishedTable):
    overtaker = Placed("Passed", header=True)
    overtaken = Placed("Was passed")
    last = Cell("Last behind in")
    first = Cell("First ahead in")
    overtaker_before = Measured("Its share before, %", minor=True, css="quiet")
    overtaken_before = Measured("The other's before, %", minor=True, css="quiet")
    overtaker_after = Measured("Its share after, %", minor=True, css="quiet")
    overtaken_after = Measured("The other's after, %", minor=True, css="quiet")
    firm = Badge("How firm", group="firmness")


class FieldCountryTable(PublishedTable):
    place = Placed("Country", header=True)
    rank = Measured("Rank", css="quiet")
    share = Measured("Share, %", bar_of="place", css="quiet")
    rank_first = Measured("First rank", minor=True, css="quiet")
    share_first = Measured("First share, %", minor=True, css="quiet")
    change = Measured("Change, points", css="quiet")


class NarrowerTable(PublishedTable):
    technology = Linked("Technology", header=True)
    reason = Cell("Why (our mapping)")


class WithoutValueTable(PublishedTable):
    place = Placed("Country", header=True)
    years = Cell("Years lacking")
    reason = Note("Why")
    windows_with_value = Measured("Windows with a value", css="quiet")


@cache
def shares_table(row_type: type) -> type[PublishedTable]:
    """The table of a row type with one column a window."""
    columns: dict[str, object] = {"wide": True, "place": Placed("Country", header=True)}
    for column in fields(row_type):
        if column.name != "place":
            columns[column.name] = Measured(column.name[1:].replace("_", "–"), css="quiet")
    return type("SharesTable", (PublishedTable,), columns)
