from tracker.tables.columns import Cell, Day, Linked, Measured, Number, PublishedTable, Stated
from tracker.tables.cooperation import Tallied


class CoverageTable(PublishedTable):
    edition = Linked("Edition", header=True)
    technologies = Measured("Technologies or fields", css="quiet")
    leaders = Measured("Leaders known", css="quiet")
    leader_shares = Measured("Leaders' shares", css="quiet")
    both_shares = Measured("Both shares", css="quiet")
    risks = Measured("Risk levels stated", css="quiet")
    cells = Measured("Cells", css="quiet")
    cells_known = Measured("Cells known", css="quiet")
    cells_known_percent = Measured("Cells known, %", css="quiet")
    cells_with_share = Measured("With a share", css="quiet")
    scores_sourced = Measured("Known cells sourced", css="quiet")
    scores_sourced_percent = Measured("Sourced, %", css="quiet")
    scores_cited_by_two = Measured("Cited by two or more", css="quiet")
    scores_cited_by_two_percent = Measured("Cited by two or more, %", css="quiet")


class CooperationCoverageTable(PublishedTable):
    channel = Linked("Channel", header=True)
    engagements = Tallied("Engagements")
    sourced = Number("Sourced", minor=True)
    sourced_percent = Number("Sourced, %", minor=True)
    by_two = Number("Cite a second publication")
    by_two_percent = Number("Second publication, %", minor=True)
    named = Number("Organisation named on both sides", minor=True)
    dated = Number("Dated to the day", minor=True)
    with_value = Number("With an amount", minor=True)
    unconfirmed = Tallied("Not confirmed for more than 24 months")
    unconfirmed_percent = Measured("Not confirmed, %", css="quiet", minor=True)
    contested = Tallied("Contested", minor=True)
    recheck = Tallied("Check before quoting")


class ControlCoverageTable(PublishedTable):
    control = Linked("Control", header=True)
    act = Cell("Kind", minor=True)
    date = Day("In force or issued")
    items = Number("Categories and tiers", minor=True)
    states = Number("States")
    states_stated = Stated("States, as stated", minor=True, css="num")
    goods = Number("Goods")
    goods_stated = Stated("Goods, as stated", minor=True, css="num")
    editions = Number("Editions", minor=True)
    listings = Number("Listings")
    to_the_day = Number("Dated to the day")
    undated = Number("Without a date")
    second_hand = Number("Records known second-hand only")


class TradeCoverageTable(PublishedTable):
    data_basis = Cell("Counted from", header=True)
    figures = Number("Figures")
    with_code = Number("With an HS code")
    code_by_us = Number("Code given by us")
    compared = Number("With the figure compared with", minor=True)
    compared_in_words = Number("Compared in words only", minor=True)
    second_hand = Number("Known second-hand only")
