from tracker.tables.columns import Badge, Cell, Linked, PublishedTable


class JobTable(PublishedTable):
    job = Linked("Job", header=True)
    state = Badge("State", group="job")
    said = Cell("How far, or why not", css="note")
    by = Cell("For", minor=True)
    made = Cell("Asked for (UTC)", minor=True)
    took = Cell("Took", minor=True, css="num")
