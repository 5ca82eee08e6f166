from tracker.tables.columns import Linked, Measured, PublishedTable
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
    sourced = Tallied("Sourced", minor=True)
    sourced_percent = Measured("Sourced, %", css="quiet", minor=True)
    by_two = Tallied("Cite a second publication")
    by_two_percent = Measured("Second publication, %", css="quiet", minor=True)
    named = Tallied("Organisation named on both sides", minor=True)
    dated = Tallied("Begun on a known day", minor=True)
    with_value = Tallied("With an amount", minor=True)
    unconfirmed = Tallied("Not confirmed for 24 months")
    unconfirmed_percent = Measured("Not confirmed, %", css="quiet", minor=True)
    contested = Tallied("Contested", minor=True)
    recheck = Tallied("Check before quoting")
