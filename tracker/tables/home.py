from tracker.tables.columns import Cell, Day, Measured, Number, Placed, PublishedTable


class LeaderTable(PublishedTable):
    place = Placed("Country", header=True)
    led = Measured("Leads", bar_of="place")
    stated_led = Measured("Leads, as the publisher states")
    second = Measured("Second", minor=True)
    top_five = Measured("In the top five", minor=True)
    stated_top_five = Measured("In the top five, as the publisher states", minor=True)


class ChangeTable(PublishedTable):
    day = Day("Day")
    by = Cell("By", minor=True)
    cause = Cell("Cause", minor=True)
    note = Cell("What", header=True)
    records = Number("Records")
