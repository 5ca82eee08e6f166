from tracker.tables.columns import Cell, Day, Linked, Measured, Note, Placed, PublishedTable


class ClaimTable(PublishedTable):
    speaker = Cell("Speaker", header=True)
    about = Linked("About", minor=True)
    speaks_for = Linked("For", minor=True)
    country = Placed("Country", minor=True)
    date = Day("Date")
    stance = Cell("Stance")
    statement = Note("What was said")
    quote = Note("In the speaker's words", minor=True)
    evidence_shown = Note("Evidence", minor=True)
    evidence = Note("What was shown", minor=True)
    sources = Measured("Sources", css="quiet", minor=True)
