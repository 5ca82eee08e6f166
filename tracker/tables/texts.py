from tracker.tables.columns import Cell, Linked, Measured, Note, Placed, PublishedTable


class MeasureTable(PublishedTable):
    measure = Cell("Measure", header=True)
    meaning = Note("What it means")
    formula = Note("How it is computed")


class SeriesTable(PublishedTable):
    wide = True
    series = Note("Series", header=True)
    publisher = Cell("Publisher")
    indicator = Note("Indicator")
    unit = Note("Unit")
    method = Note("Method")
    note = Note("Caveats")


class MarkTable(PublishedTable):
    mark = Cell("Mark", header=True)
    of = Cell("Of", minor=True)
    words = Cell("In words")
    given_for = Note("What we give it for")


class KindTable(PublishedTable):
    kind = Cell("Records", header=True)
    records = Measured("How many", css="quiet")


class PartTable(PublishedTable):
    part = Cell("Part", header=True)
    terms = Note("Terms")
    where = Linked("Where")


class PlaceNameTable(PublishedTable):
    place = Placed("Name", header=True)
    alpha3 = Cell("ISO alpha-3", minor=True)
    region = Cell("Region")
    note = Note("Note")
