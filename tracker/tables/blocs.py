from tracker.tables.columns import Cell, Day, Linked, Measured, Note, Placed, PublishedTable, Stated


class BlocTable(PublishedTable):
    bloc = Placed("Bloc", header=True)
    short_name = Cell("Short name", minor=True)
    members = Measured("Members", css="quiet")
    led = Measured("Technologies led by members", css="quiet")
    description = Note("What it is")


class MemberTable(PublishedTable):
    place = Placed("Country", header=True)
    since = Day("Since")
    until = Day("Until")
    sources = Stated("Sources")
    note = Note("Note", minor=True)


class BlocScoreTable(PublishedTable):
    technology = Linked("Technology", header=True)
    edition = Linked("Edition")
    years = Cell("Publications of", minor=True)
    rank = Measured("Rank")
    share = Measured("Share, %")
    note = Note("Note", minor=True)


class BlocFieldTable(PublishedTable):
    field = Linked("Field", header=True)
    share = Measured("Sum of shares, %", css="quiet")
    members_known = Measured("Members known", minor=True, css="quiet")
    gap = Measured("Ahead or behind (−), points", css="quiet")
    outside = Stated("First outside", css="quiet")
    outside_share = Measured("Its share, %", minor=True, css="quiet")
    leader = Stated("Leading country", minor=True, css="quiet")
    share_first = Measured("First sum, %", minor=True, css="quiet")
    change = Measured("Change, points", css="quiet")
    without = Cell("Members without a value", minor=True)
