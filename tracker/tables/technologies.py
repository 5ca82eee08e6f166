from tracker.analysis.listings import NO_REMOVAL
from tracker.tables.columns import (
    Badge,
    Cell,
    Day,
    InGroup,
    Linked,
    Measured,
    Note,
    Placed,
    PublishedTable,
    Stated,
)
from tracker.tables.controls import Marked, StatedDay
from tracker.tables.cooperation import FieldJoinTable
from tracker.tables.engagements import EngagementTable, Several


class TechnologyTable(PublishedTable):
    number = Measured("No.", minor=True, css="quiet")
    technology = InGroup("Technology", group="category", header=True, css="subject")
    leader = Stated("Leader")
    share = Measured("Leader's share, %", bar_of="leader")
    second = Stated("Second", minor=True)
    second_share = Measured("Second's share, %", minor=True)
    gap = Measured("Gap, points", minor=True, css="quiet")
    ratio = Measured("Ratio", minor=True)
    firmness = Badge("How firm", group="firmness")
    risk = Stated("Monopoly risk", badge="risk", css="levels")


class RankingTable(PublishedTable):
    place = Placed("Country or bloc", header=True)
    counted_as = Cell("Counted as", minor=True)
    rank = Measured("Rank")
    share = Measured("Share, %", bar_of="place")
    publications = Measured("Publications", minor=True)
    h_index = Measured("H-index", minor=True)
    note = Note("Note", minor=True)


class EditionStandingTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    years = Cell("Publications of")
    name_there = Cell("Its name there", minor=True)
    category_there = Cell("Its category there", minor=True)
    leader = Stated("Leader")
    share = Measured("Leader's share, %", bar_of="leader")
    second = Stated("Second", minor=True)
    second_share = Measured("Second's share, %", minor=True)
    firmness = Badge("How firm", group="firmness")
    step = Badge("Since the edition before", group="movement")
    risk = Stated("Monopoly risk", badge="risk")
    institutions = Measured("Top institutions in lead country (k)", minor=True)
    ratio = Measured("Ratio (r)", minor=True)


class MarginTable(PublishedTable):
    change = Cell("Change, alone", header=True, css="note")
    by = Measured("By", css="quiet with-unit")
    effect = Cell("What it would change")
    nearness = Cell("How near", minor=True)
    smallest = Cell("Remark")


class TechnologyInstitutionTable(PublishedTable):
    institution = Placed("Institution", header=True)
    country = Placed("Country")
    rank = Measured("Rank")
    share = Measured("Share, %", minor=True)
    edition = Linked("Edition", minor=True)
    years = Cell("Publications of", minor=True)
    note = Note("Note", minor=True)


class WiderFieldTable(PublishedTable):
    field = Linked("Field", header=True)
    reason = Cell("Why (our mapping)", minor=True)
    leader_first = Stated("Led first", css="quiet")
    share_first = Measured("Share then, %", bar_of="leader_first", css="quiet")
    leader_now = Stated("Leads now", css="quiet")
    share_now = Measured("Share now, %", bar_of="leader_now", css="quiet")


class TechnologyEngagementTable(EngagementTable):
    """Of one technology."""

    technologies = None  # type: ignore[assignment]


class JointFieldTable(FieldJoinTable):
    """The wider fields of one technology."""

    technologies = None  # type: ignore[assignment]


class ConcerningControlTable(PublishedTable):
    """Controls and their items that concern a technology."""

    subject = Marked("Control", header=True)
    what = Cell("What it is", minor=True)
    controls = Several("Of", minor=True)
    since = StatedDay("In force or issued")
    until = Day("Until")
    reason = Note("Why it concerns it")
    mapping = Stated("How we know", minor=True)


class ConcerningListingTable(PublishedTable):
    """Listings of organisations that concern a technology."""

    organisation = Marked("Organisation", header=True)
    control = Linked("On the list")
    since = StatedDay("Listed since")
    until = StatedDay("Removed", unknown=NO_REMOVAL)
    reason = Note("Why it concerns it")
    mapping = Stated("How we know", minor=True)
