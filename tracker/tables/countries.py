from tracker.tables.columns import Cell, Linked, Measured, Note, Placed, PublishedTable, Stated


class CountryTable(PublishedTable):
    place = Placed("Country", header=True)
    region = Cell("Region", minor=True)
    led = Measured("Leads", css="quiet")
    stated_led = Measured("Leads, as stated", minor=True)
    second = Measured("Second", minor=True, css="quiet")
    top_five = Measured("In the top five", minor=True, css="quiet")
    stated_top_five = Measured("In the top five, as stated", minor=True)
    fields_led = Measured("Fields led", css="quiet")
    best_field = Linked("Best field")
    best_field_rank = Measured("Rank there", css="quiet")


class CountryTechnologyTable(PublishedTable):
    technology = Linked("Technology", header=True)
    category = Cell("Category", minor=True)
    rank = Measured("Rank")
    share = Measured("Share, %")
    leader = Stated("Leader")
    note = Note("Note", minor=True)


class CategoryTable(PublishedTable):
    category = Cell("Category", header=True)
    led = Measured("Leads", css="quiet")
    second = Measured("Second, as known", css="quiet")
    known = Measured("Technologies with something known", css="quiet")
    technologies = Measured("Technologies", css="quiet")


class CountryEditionTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    years = Cell("Publications of", minor=True)
    led = Measured("Leads", css="quiet")
    stated_led = Measured("Leads, as stated")
    second = Measured("Second", minor=True, css="quiet")
    stated_second = Measured("Second, as stated", minor=True)
    stated_top_five = Measured("In the top five, as stated")
    technologies = Measured("Of technologies", css="quiet")


class CountryFieldTable(PublishedTable):
    field = Linked("Field", header=True)
    rank = Measured("Rank", css="quiet")
    share = Measured("Share, %", css="quiet")
    rank_first = Measured("First rank", minor=True, css="quiet")
    share_first = Measured("First share, %", minor=True, css="quiet")
    change = Measured("Change, points", css="quiet")
