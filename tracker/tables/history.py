from tracker.tables.columns import Cell, Linked, Number, PublishedTable


class ActTable(PublishedTable):
    at = Cell("When", css="when")
    act = Linked("What and why", header=True)
    touched = Cell("Records touched")
    by = Cell("By")
    cause = Cell("Cause", minor=True)
    origin = Cell("Through", minor=True)


class ChangedTable(PublishedTable):
    """The rows of the twins; pages draw them in their revisions (templates/components/diff.html)."""

    field = Cell("Field", header=True)
    before = Cell("Before")
    after = Cell("After")


class KindCountTable(PublishedTable):
    kind = Linked("Kind of record", header=True)
    created = Number("Created")
    changed = Number("Changed")
    deleted = Number("Deleted")
