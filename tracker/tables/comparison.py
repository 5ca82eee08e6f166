from dataclasses import fields
from functools import lru_cache
from typing import Any

from tracker.tables.columns import Badge, Cell, InGroup, Linked, Measured, Note, Placed, PublishedTable, Stated

MOST_ON_A_DESK = 14


def _column(name: str, title: str, kind: str) -> Cell:
    if name == "subject":
        return InGroup(title, group="group", header=True, css="subject")
    if kind == "share":
        return Measured(title, css="quiet")
    if kind == "rank":
        return Measured(title, minor=True, css="quiet")
    if kind == "number":
        return Measured(title, css="quiet with-bound")
    if kind == "place":
        return Stated(title, minor=name.startswith("leader"), css="quiet")
    if kind == "firmness":
        return Badge(title, group="firmness")
    if kind == "movement":
        return Badge(title, group="movement")
    if kind == "risk":
        return Stated(title, badge="risk", css="levels", minor=True)
    return Cell(title)


@lru_cache(maxsize=64)
def table_of(row_type: type) -> type[PublishedTable]:
    """The table of a comparison's row type: titles and kinds of its columns are in the fields' metadata."""
    # Two sides fit a desk screen, more scroll.
    columns: dict[str, Any] = {"wide": len(fields(row_type)) > MOST_ON_A_DESK}
    for column in fields(row_type):
        if column.metadata.get("kind") == "heading":
            columns["group_by"] = column.name
        elif column.name not in ("group", "band", "led_by"):
            columns[column.name] = _column(column.name, column.metadata["title"], column.metadata.get("kind", ""))
    return type("ComparisonTable", (PublishedTable,), columns)


@lru_cache(maxsize=64)
def scoreboard_table(row_type: type) -> type[PublishedTable]:
    """Counts a side per category."""
    columns: dict[str, Any] = {}
    for column in fields(row_type):
        title = column.metadata["title"]
        if column.name == "category":
            columns[column.name] = Cell(title, header=True)
        else:
            columns[column.name] = Measured(
                title, css="quiet", minor=column.name in ("others", "unknown", "gaps") or "ahead" in column.name
            )
    return type("ScoreboardTable", (PublishedTable,), columns)


class RaceTable(PublishedTable):
    subject = Linked("In", header=True)
    first = Stated("Largest known share", css="quiet")
    share = Measured("Share, %", bar_of="first", css="quiet")
    second = Stated("Next", minor=True, css="quiet")
    second_share = Measured("Share, %", bar_of="second", minor=True, css="quiet")
    gap = Measured("Gap, points", css="quiet")
    ratio = Measured("Ratio", minor=True, css="quiet")
    ahead = Stated("Ahead", minor=True, css="quiet")
    firmness = Badge("How firm", group="firmness", minor=True)


class TurnTable(PublishedTable):
    subject = Linked("In", header=True)
    ahead = Stated("Ahead", minor=True, css="quiet")
    by_transfer = Measured("Points that pass over, smallest change", css="quiet")
    alone = Measured("Points one side alone gains or loses", minor=True, css="quiet")
    firmness = Badge("How firm", group="firmness", minor=True)
    risk_by = Measured("Monopoly risk changes by", minor=True, css="quiet")
    risk = Note("Monopoly risk of the leader: nearest change known")


class WithoutGapTable(PublishedTable):
    subject = Linked("In", header=True)
    reason = Note("Why")
    leader = Stated("Leader of all")


class SideCrossoverTable(PublishedTable):
    overtaker = Placed("Passed", header=True)
    overtaken = Placed("Was passed")
    last = Cell("Last behind in")
    first = Cell("First ahead in")
    overtaker_before = Measured("Its share before, %", css="quiet")
    overtaken_before = Measured("The other's before, %", css="quiet")
    overtaker_after = Measured("Its share after, %", css="quiet")
    overtaken_after = Measured("The other's after, %", css="quiet")
    firm = Badge("How firm", group="firmness")


class ReadyTable(PublishedTable):
    comparison = Linked("Comparison", header=True)
    answer = Note("Answer")
    gaps = Measured("Gap known", css="quiet")
    cases = Measured("Technologies or fields", css="quiet")
