from tracker.tables.columns import Cell, Linked, Measured, Note, Placed, PublishedTable


class InstitutionTable(PublishedTable):
    institution = Placed("Institution", header=True)
    country = Placed("Country")
    technology = Linked("Technology")
    rank = Measured("Rank")
    share = Measured("Share, %", minor=True)
    edition = Linked("Edition", minor=True)
    years = Cell("Publications of", minor=True)
    note = Note("Note", minor=True)
