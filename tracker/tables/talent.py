from tracker.tables.columns import Cell, Linked, Measured, Note, Placed, PublishedTable


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
