from tracker.tables.columns import Cell, Linked, Measured, Number, Placed, PublishedTable, Stated


class EditionTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    series = Cell("Series", minor=True)
    released = Cell("Released")
    years = Cell("Publications of")
    stage = Cell("Stage", minor=True)
    technologies = Measured("Technologies, as stated")
    covered = Number("Covered here")
    leaders_known = Number("Leaders known")
    shares_known = Number("Shares known", minor=True)
    risks_known = Number("Risks known", minor=True)


class TallyTable(PublishedTable):
    place = Placed("Who", header=True)
    what = Cell("What")
    value = Measured("Count")
    out_of = Number("Out of")
    category = Cell("Category", minor=True)
    scope = Cell("Of which technologies", minor=True)
    edition = Linked("Edition", minor=True)
    years = Cell("Publications of")
    note = Cell("Note", minor=True, css="note")


class CoveredTable(PublishedTable):
    number = Number("No.")
    technology = Linked("Technology", header=True)
    name_there = Cell("Its name there")
    category_there = Cell("Its category there", minor=True)
    covered = Stated("How we know", minor=True)
    note = Cell("Note", minor=True, css="note")


class SourceTable(PublishedTable):
    source = Linked("Source", header=True)
    publisher = Cell("Publisher")
    date = Cell("Date")
    kind = Cell("Kind", minor=True)
    reuse = Cell("Reuse", minor=True)
    cited = Number("Records citing it")


class CitingTable(PublishedTable):
    kind = Cell("Kind")
    record = Linked("Record", header=True)
    field = Cell("Field", minor=True)
    passage = Cell("Passage", minor=True, css="note")
    stated_value = Cell("Prints instead", minor=True)
    note = Cell("Note", minor=True, css="note")


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
    note = Cell("Note", minor=True, css="note")


class TalentTable(PublishedTable):
    wide = True
    working_in = Placed("Working in")
    trained_in = Placed("Trained in", header=True)
    percent = Measured("Share, %", bar_of="trained_in")
    stage = Cell("Stage", minor=True)
    technology = Linked("Technology")
    of = Cell("Of which technologies")
    population = Cell("Of whom", minor=True, css="note")
    edition = Linked("Edition", minor=True)
    note = Cell("Note", minor=True, css="note")


class SearchTable(PublishedTable):
    kind = Cell("Kind")
    result = Linked("Result", header=True)
    excerpt = Cell("What it is", css="note")


class MeasureTable(PublishedTable):
    measure = Cell("Measure", header=True)
    meaning = Cell("What it means", css="note")
    formula = Cell("How it is computed", css="note")


class SeriesTable(PublishedTable):
    wide = True
    series = Cell("Series", header=True, css="note")
    publisher = Cell("Publisher")
    indicator = Cell("Indicator", css="note")
    unit = Cell("Unit", css="note")
    method = Cell("Method", css="note")
    note = Cell("Caveats", css="note")


class KindTable(PublishedTable):
    kind = Cell("Records", header=True)
    records = Number("How many")


class PartTable(PublishedTable):
    part = Cell("Part", header=True)
    terms = Cell("Terms", css="note")
    where = Linked("Where")


class PlaceNameTable(PublishedTable):
    place = Placed("Name", header=True)
    alpha3 = Cell("ISO alpha-3", minor=True)
    region = Cell("Region")
    note = Cell("Note", css="note")
