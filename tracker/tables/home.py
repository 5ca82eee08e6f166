from tracker.tables.columns import Cell, Day, Linked, Measured, Number, Placed, PublishedTable
from tracker.tables.engagements import EngagementTable


class LeaderTable(PublishedTable):
    place = Placed("Country", header=True)
    led = Measured("Leads", bar_of="place", longest=0, css="quiet")
    stated_led = Measured("Leads, as stated")
    second = Measured("Second", minor=True, css="quiet")
    stated_second = Measured("Second, as stated", minor=True)
    top_five = Measured("In the top five", minor=True, css="quiet")
    stated_top_five = Measured("In the top five, as stated", minor=True)


class ChangeTable(PublishedTable):
    day = Day("Day")
    by = Cell("By", minor=True)
    cause = Cell("Cause", minor=True)
    note = Linked("What", header=True)
    records = Number("Records")


class LatestEngagementTable(EngagementTable):
    """The newest, in short."""

    other = None
    marks = None  # type: ignore[assignment]
