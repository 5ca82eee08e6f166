from tracker.tables.columns import Cell, Day, Linked, Measured, Note, PublishedTable


class SourceTable(PublishedTable):
    source = Linked("Source", header=True)
    publisher = Cell("Publisher")
    date = Day("Date")
    kind = Cell("Kind", minor=True)
    reuse = Cell("Reuse", minor=True)
    cited = Measured("Records citing it", css="quiet")


class CitingTable(PublishedTable):
    kind = Cell("Kind")
    record = Linked("Record", header=True)
    field = Cell("Field", minor=True)
    passage = Note("Passage", minor=True)
    stated_value = Cell("Prints instead", minor=True)
    note = Note("Note", minor=True)
