from tracker.tables.columns import Cell, Day, Linked, Measured, Note, PublishedTable, Stated


class ReadingTable(PublishedTable):
    figure = Linked("Figure", header=True)
    value = Stated("As published")
    period = Cell("Of")
    compared = Note("Compared with")
    change = Cell("Growth, as stated")
    counted_from = Cell("Counted from", minor=True)


class BoundTable(PublishedTable):
    word = Cell("Before the figure", header=True)
    meaning = Note("What it says")
    figures = Measured("Figures of ours", css="quiet")


class ListEditionTable(PublishedTable):
    control = Linked("List", header=True)
    date = Day("Edition of")
    extent = Cell("What it holds")
    entries = Measured("Entries, as stated", minor=True)
    silence = Note("Of what it does not name")
