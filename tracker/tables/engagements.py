from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.analysis.engagement_page import CONTESTED, EngagementShown, PartyRow
from tracker.analysis.read_model import Link, Value
from tracker.tables.cells import badge_cell, link_cell, value_cell
from tracker.tables.columns import Badge, Cell, Day, Linked, Measured, Note, Placed, PublishedTable, Stated


class Titled(Linked):
    """An engagement with its code, and what to know before quoting it, below."""

    def draw(self, value: Link, record: EngagementShown, longest: int) -> SafeString:
        flags = format_html_join("", " {}", ((badge_cell("flag", flag),) for flag in record.flags))
        return format_html('{}<small class="under">{}{}</small>', link_cell(value), record.code, flags)


class InChannel(Linked):
    """A channel, and whether ASPI drew it or we did."""

    def draw(self, value: Link, record: EngagementShown, longest: int) -> SafeString:
        return format_html('{}<small class="under">{}</small>', link_cell(value), record.channel_origin)


class State(Stated):
    """A state with its clock below."""

    def draw(self, value: Value, record: Any, longest: int) -> SafeString:
        css = "under unconfirmed" if record.clock.startswith("not confirmed") else "under"
        return format_html('{}<small class="{}">{}</small>', value_cell(value, badge="state"), css, record.clock)


class HowSure(Stated):
    """Marks in words; of what is contested that is said beside them."""

    def draw(self, value: Value, record: EngagementShown, longest: int) -> SafeString:
        if not record.contested:
            return value_cell(value)
        return format_html("{} {}", value_cell(value), badge_cell("flag", CONTESTED))


class Several(Cell):
    """Links one below the other; what has no address stands in plain words."""

    css = "several"

    def draw(self, value: tuple[Link, ...], record: Any, longest: int) -> SafeString:
        return items(value)


class WithOthers(Several):
    """The parties of one side, and below them those of neither."""

    def draw(self, value: tuple[Link, ...], record: EngagementShown, longest: int) -> SafeString:
        if not record.other:
            return items(value)
        return format_html('{}<small class="under">others</small>{}', items(value), items(record.other))


def items(links: tuple[Link, ...]) -> SafeString:
    """A list of links; nothing where there are none."""
    drawn = format_html_join("", "<li>{}</li>", ((maybe_linked(link),) for link in links))
    return format_html("<ul>{}</ul>", drawn) if links else drawn


def maybe_linked(link: Link) -> SafeString:
    """A link, or its words where it leads nowhere."""
    return link_cell(link) if link.address else format_html('<span class="unlinked">{}</span>', link.text)


class EngagementTable(PublishedTable):
    """The table of engagements of every page: rows of `engagement_page.engagement_table`."""

    engagement = Titled("Engagement", header=True, css="subject")
    channel = InChannel("Channel", minor=True)
    start = Day("Dated")
    state = State("State")
    chinese = Several("Chinese side")
    russian = WithOthers("Russian side, and others")
    technologies = Several("Technologies and topics", minor=True)
    marks = HowSure("How sure", minor=True, css="sure")


class ChannelEngagementTable(EngagementTable):
    """Of one channel."""

    channel = None  # type: ignore[assignment]


class MaybeLinked(Cell):
    def draw(self, value: Link, record: Any, longest: int) -> SafeString:
        return maybe_linked(value)


class Original(Cell):
    """A name in its own script, marked with its language."""

    def draw(self, value: str, record: PartyRow, longest: int) -> SafeString:
        return format_html('<span lang="{}">{}</span>', record.original_language, value)


class PartyTable(PublishedTable):
    party = MaybeLinked("Party", header=True)
    side = Cell("Side")
    original_name = Original("In its own script")
    kind = Cell("Kind", minor=True)
    country = Placed("Country", minor=True)
    role = Note("Role")
    named_as = Cell("As collected", minor=True)
    note = Note("Note", minor=True)


class StatusTable(PublishedTable):
    as_of = Day("As of", header=True)
    state = Stated("State", badge="state")
    note = Note("What was seen")


class SubjectTable(PublishedTable):
    subject = MaybeLinked("Technology or topic", header=True)
    category = Linked("Category", minor=True)
    basis = Cell("How we know", minor=True)
    note = Note("Note", minor=True)
    leader = Stated("Leader")
    leader_share = Measured("Leader's share, %", bar_of="leader")
    firmness = Badge("How firm", group="firmness")
    china_share = Measured("China, %", minor=True)
    russia_share = Measured("Russia, %", minor=True)
    combined = Measured("China and Russia, %")
    edition = Linked("Edition", minor=True)


class RelatedTable(EngagementTable):
    """The programme an engagement is a part of, and other parts."""

    technologies = None  # type: ignore[assignment]


class SourceMarkTable(PublishedTable):
    source = Linked("Source", header=True)
    publisher = Cell("Publisher", minor=True)
    date = Day("Date", minor=True)
    marks = Cell("How sure", css="sure")
    speaks_of = Cell("Speaks of")
    seen_through = Linked("Seen through", minor=True)
    says = Note("What it says", minor=True)
    note = Note("Note", minor=True)
