from tracker.tables.columns import Cell, Day, Linked, Measured, Note, Number, Placed, PublishedTable, Stated


class EditionTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    series = Cell("Series", minor=True)
    released = Day("Released")
    years = Cell("Publications of")
    stage = Cell("Stage", minor=True)
    technologies = Measured("Technologies, as stated")
    covered = Number("Covered here")
    leaders_known = Number("Leaders known")
    shares_known = Number("Shares known", minor=True)
    risks_known = Number("Risks known", minor=True)


class TallyTable(PublishedTable):
    what = Cell("What", header=True)
    place = Placed("Who")
    value = Measured("Count")
    out_of = Number("Out of")
    category = Cell("Category", minor=True)
    scope = Cell("Of which technologies", minor=True)
    edition = Linked("Edition", minor=True)
    years = Cell("Publications of")
    note = Note("Note", minor=True)


class CoveredTable(PublishedTable):
    number = Number("No.")
    technology = Linked("Technology", header=True)
    name_there = Cell("Its name there")
    category_there = Cell("Its category there", minor=True)
    covered = Stated("How we know", minor=True)
    note = Note("Note", minor=True)


class SourceTable(PublishedTable):
    source = Linked("Source", header=True)
    publisher = Cell("Publisher")
    date = Day("Date")
    kind = Cell("Kind", minor=True)
    reuse = Cell("Reuse", minor=True)
    cited = Number("Records citing it")


class CitingTable(PublishedTable):
    kind = Cell("Kind")
    record = Linked("Record", header=True)
    field = Cell("Field", minor=True)
    passage = Note("Passage", minor=True)
    stated_value = Cell("Prints instead", minor=True)
    note = Note("Note", minor=True)


class CoverageTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    technologies = Number("Technologies or fields")
    leaders = Number("Leaders known")
    leader_shares = Number("Leaders' shares")
    both_shares = Number("Both shares")
    risks = Number("Risks")
    cells = Number("Cells")
    cells_known = Number("Cells known")
    cells_with_share = Number("With a share")
    scores_sourced = Number("Sourced")
    scores_cited_by_two = Number("Cited by two or more")


class InstitutionTable(PublishedTable):
    institution = Placed("Institution", header=True)
    country = Placed("Country")
    technology = Linked("Technology")
    rank = Measured("Rank")
    share = Measured("Share, %", minor=True)
    edition = Linked("Edition", minor=True)
    years = Cell("Publications of", minor=True)
    note = Note("Note", minor=True)


class TalentTable(PublishedTable):
    wide = True
    working_in = Placed("Working in")
    trained_in = Placed("Trained in", header=True)
    percent = Measured("Share, %", bar_of="trained_in")
    stage = Cell("Stage", minor=True)
    technology = Linked("Technology")
    of = Cell("Of which technologies")
    population = Note("Of whom", minor=True)
    edition = Linked("Edition", minor=True)
    note = Note("Note", minor=True)


class SearchTable(PublishedTable):
    kind = Cell("Kind")
    result = Linked("Result", header=True)
    excerpt = Note("What it is")


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


class KindTable(PublishedTable):
    kind = Cell("Records", header=True)
    records = Number("How many")


class PartTable(PublishedTable):
    part = Cell("Part", header=True)
    terms = Note("Terms")
    where = Linked("Where")


class PlaceNameTable(PublishedTable):
    place = Placed("Name", header=True)
    alpha3 = Cell("ISO alpha-3", minor=True)
    region = Cell("Region")
    note = Note("Note")
