from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.analysis.read_model import Link
from tracker.tables.cells import link_cell
from tracker.tables.columns import Badge, Cell, Day, InGroup, Linked, Note, Placed, PublishedTable, Stated
from tracker.tables.cooperation import Tallied
from tracker.tables.engagements import Original, Several, State


class InChannel(Linked):
    """An engagement with its channel below."""

    def draw(self, value: Link, record: Any, longest: int) -> SafeString:
        return format_html('{}<small class="under">{}</small>', link_cell(value), record.channel.text)


class OrganisationTable(PublishedTable):
    organisation = Linked("Organisation", header=True)
    original_name = Original("Original name", minor=True)
    kind = Cell("Kind", minor=True)
    country = Placed("Country")
    parent = Linked("Part of", minor=True)
    sides = Cell("Side", minor=True)
    lists = Several("On lists", minor=True)
    engagements = Tallied("Engagements")


class OrganisationEngagementTable(PublishedTable):
    engagement = InChannel("Engagement", header=True)
    start = Day("Dated")
    role = Note("Its role", minor=True)
    side = Cell("Side", minor=True)
    state = State("State")
    marks = Stated("How sure", minor=True, css="note")
    named_as = Cell("Written there as", minor=True)
    contested = Badge("Contested", group="flag")


class PartnerTable(PublishedTable):
    partner = Linked("Organisation", header=True)
    country = Placed("Country", minor=True)
    side = Cell("Side")
    together = Tallied("Engagements that name both")
    engagements = Note("Which", minor=True)


class OwnTechnologyTable(PublishedTable):
    technology = InGroup("Technology", group="category", header=True)
    engagements = Tallied("Engagements")


class OwnRelevanceTable(PublishedTable):
    technology = InGroup("Technology", group="category", header=True)
    reason = Note("Why it concerns it")
    mapping = Cell("Mapping", minor=True)
