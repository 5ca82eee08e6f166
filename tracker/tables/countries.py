from tracker.analysis.listings import NO_REMOVAL
from tracker.tables.columns import Cell, Day, Linked, Measured, Note, Placed, PublishedTable, Stated
from tracker.tables.controls import Marked, StatedDay
from tracker.tables.cooperation import Tallied
from tracker.tables.engagements import State


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
    margin = Measured("Ahead or behind (−), points", css="quiet")
    note = Note("Note", minor=True)


class CategoryTable(PublishedTable):
    category = Cell("Category", header=True)
    led = Measured("Leads", css="quiet")
    second = Measured("Second", css="quiet")
    top_five = Measured("In the top five", css="quiet")
    known = Measured("Something known", css="quiet", minor=True)
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
    leader = Stated("Leader", minor=True, css="quiet")
    margin = Measured("Ahead or behind (−), points", css="quiet")
    ratio = Measured("Share ÷ leader's", minor=True, css="quiet")
    rank_first = Measured("First rank", minor=True, css="quiet")
    ranks_gained = Measured("Ranks gained", minor=True, css="quiet")
    share_first = Measured("First share, %", minor=True, css="quiet")
    change = Measured("Change, points", css="quiet")


class LeadStepTable(PublishedTable):
    edition = Linked("Edition", header=True)
    years = Cell("Publications of", minor=True)
    compared = Measured("Comparable", minor=True, css="quiet")
    gained = Measured("Gained", css="quiet")
    lost = Measured("Lost", css="quiet")
    revised = Measured("Revised, same years", css="quiet")


class LeadChangeTable(PublishedTable):
    technology = Linked("Technology", header=True)
    change = Cell("Lead")
    leader_before = Stated("Leader before", minor=True)
    edition_before = Linked("in the edition", minor=True)
    leader_after = Stated("Leader after")
    edition_after = Linked("in the edition")
    silent = Cell("Not told in between", minor=True)


class PeerTable(PublishedTable):
    place = Placed("Country", header=True)
    overlap = Measured("Overlap, %", css="quiet", bar_of="place")
    differs = Cell("Its profile, against this one")
    compare = Linked("Field by field")


class SideChannelTable(PublishedTable):
    channel = Linked("Channel", header=True)
    origin = Cell("Drawn by", minor=True)
    engagements = Tallied("Engagements")
    latest = Day("Last dated")
    states = Cell("As last seen", minor=True)


class RecentTable(PublishedTable):
    engagement = Linked("Engagement", header=True)
    channel = Linked("Channel", minor=True)
    start = Day("Dated")
    state = State("State")


class GuestTable(PublishedTable):
    organisation = Linked("Organisation", header=True)
    side = Cell("Named on the side")
    engagements = Tallied("Engagements")


class RegimeTable(PublishedTable):
    control = Marked("Regime", header=True)
    part = Cell("Its part")
    since = StatedDay("Since")
    note = Note("Note", minor=True)


class CountryListingTable(PublishedTable):
    organisation = Marked("Organisation", header=True)
    control = Linked("On the list")
    since = StatedDay("Listed since")
    until = StatedDay("Removed", unknown=NO_REMOVAL)


class IssuedTable(PublishedTable):
    control = Marked("Control", header=True)
    what = Cell("What it is", minor=True)
    since = StatedDay("In force or issued")
    until = Day("Until")
