from tracker.tables.columns import Cell, Day, Linked, Measured, Note, Number, Placed, PublishedTable, Stated


class EditionTable(PublishedTable):
    edition = Linked("Edition", header=True)
    series = Cell("Series", minor=True)
    released = Day("Released")
    years = Cell("Publications of")
    stage = Cell("Stage", minor=True)
    technologies = Measured("Technologies, as stated")
    covered = Measured("Covered here", css="quiet")
    leaders_known = Measured("Leaders known", css="quiet")
    shares_known = Measured("Shares known", minor=True, css="quiet")
    risks_known = Measured("Risk levels stated", minor=True, css="quiet")


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
    number = Measured("No.", css="quiet")
    technology = Linked("Technology", header=True)
    name_there = Cell("Its name there")
    category_there = Cell("Its category there", minor=True)
    covered = Stated("How we know", minor=True)
    note = Note("Note", minor=True)


class EditionScoreTable(PublishedTable):
    technology = Linked("Technology", header=True)
    place = Placed("Country or bloc")
    counted_as = Cell("Counted as", minor=True)
    rank = Measured("Rank")
    share = Measured("Share, %", bar_of="place")
    publications = Measured("Publications", minor=True)
    note = Note("Note", minor=True)


class YearsTable(PublishedTable):
    place = Placed("Country or bloc", header=True)
    technology = Linked("Technology", minor=True)
    years = Cell("Years", css="num")
    rank = Measured("Rank")
    share = Measured("Share, %")
    publications = Measured("Publications")
    h_index = Measured("H-index", minor=True)
    note = Note("Note", minor=True)
