from tracker.tables.columns import Cell, Day, Linked, Note, Number, PublishedTable


class ReleaseTable(PublishedTable):
    release = Linked("Release", header=True)
    released = Day("Named on")
    state = Cell("State")
    notes = Note("What is new")
    checksum = Cell("Checksum (sha256)", minor=True, css="digest")


class KindTotalTable(PublishedTable):
    kind = Cell("Kind of record", header=True)
    records = Number("Records")
