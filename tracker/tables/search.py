from tracker.tables.columns import Cell, Linked, Note, PublishedTable


class SearchTable(PublishedTable):
    kind = Cell("Kind")
    result = Linked("Result", header=True)
    excerpt = Note("What it is")
