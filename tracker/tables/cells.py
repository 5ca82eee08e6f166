"""The HTML of one cell: a value with its sources on demand, a place, a link, a badge, a bar.

The one place for this markup: tables call it, and templates do through the tags value and place. Not
templates, because a table has hundreds of cells and an include each would be slow.

  unknown, withheld  <span class="unknown">unknown</span>
  nothing to open    37<span class="unit"> %</span> <small class="remark">derived</small>
  with sources       <details class="value"><summary>(as above)</summary><div class="value-sources">…</div></details>
  a place            <div class="place-value"><div class="named"><span class="place">…</span> (marks)</div> (remark)</div>
                     where marks, the number of its sources, opens the same panel

A Value is flow content: never inside <p> or <span>. In a td.num the unit is hidden (it stands in the header;
td.num.with-unit shows it), the remark stands below the figure (td.quiet hides it, where the header says it for
the whole column), and "sources differ" is a small triangle.

For who may edit (`edits.offering_edits`) a panel ends with links to the record's form and history, and every value
that stands in a record has a panel.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from tracker.analysis.engagements import admiralty
from tracker.analysis.read_model import Cited, Link, Place, Value, long_date, written
from tracker.tables.edits import edits, id_of, offered, records_of
from tracker.tables.reports import report_link

UNKNOWN = mark_safe('<span class="unknown">unknown</span>')
WITHHELD = mark_safe('<span class="unknown">withheld</span>')
NOTHING = mark_safe("")
HOW_KNOWN = {
    "implied": "Implied by the text of a source",
    "derived": "Derived by us from stated values",
    "elimination": "Known by elimination: the leader of what remains when the named ones are taken away",
    "computed": "Computed by this project from public data",
    "counted": "Counted from our rows",
}
DIFFER = mark_safe(' <small class="differ">sources differ</small>')
SOURCES_DIFFER = mark_safe("<small>Sources differ</small>")
# A row's sources back the row; not each of them prints every value of it.
SOURCES_OF_ROW = mark_safe("<small>Sources of this row</small>")


def place_cell(place: Place) -> SafeString:
    """The place's colour and its name, linked."""
    swatch = (
        NOTHING
        if place.kind == "institution"
        else format_html('<span class="swatch swatch-{}"></span>', place.code.lower())
    )
    if not place.address:
        return format_html('<span class="place">{}{}</span>', swatch, place.name)
    return format_html('<span class="place">{}<a href="{}">{}</a></span>', swatch, place.address, place.name)


def link_cell(link: Link) -> SafeString:
    return format_html('<a href="{}">{}</a>', link.address, link.text)


def badge_cell(group: str, word: str) -> SafeString:
    """A word with a shape: never colour alone."""
    return format_html('<span class="badge {}-{}">{}</span>', group, slugify(word), word)


def bar(percent: Decimal | int, code: str) -> SafeString:
    """A bar of `percent` of the cell's width in the place's colour."""
    return format_html(
        '<svg class="bar" aria-hidden="true" focusable="false"><rect class="fill-{}" width="{}%" height="100%"/></svg>',
        code.lower() or "none",
        percent,
    )


def value_cell(value: Value, *, badge: str = "") -> SafeString:
    """A value; where somebody says so, a panel that opens with how it is known, notes and sources."""
    editable = bool(offered() and records_of(value))
    if not value.known:
        shown = WITHHELD if value.withheld else UNKNOWN
        return shown if not (value.cited or value.note or editable) else _panel(shown, value)
    remark = format_html(' <small class="remark">{}</small>', value.remark) if value.remark else NOTHING
    differ = DIFFER if value.disputed else NOTHING
    speaks = bool(value.cited or value.note or value.address or editable)
    if isinstance(value.content, Place):
        marks = NOTHING
        if speaks:
            head = format_html('<span class="vh">Sources for {}: </span>{}', value.content.name, len(value.cited))
            marks = format_html(" {}", _panel(head, value, "value marks"))
        named = format_html('<div class="named">{}{}</div>', place_cell(value.content), marks)
        return format_html('<div class="place-value">{}{}{}</div>', named, remark, differ)
    text: SafeString | str = badge_cell(badge, value.text) if badge else value.text
    unit = format_html('<span class="unit"> {}</span>', value.unit) if value.unit else NOTHING
    shown = format_html("{}{}{}{}", text, unit, remark, differ)
    return _panel(shown, value) if speaks else shown


def _panel(head: SafeString, value: Value, css: str = "value") -> SafeString:
    return format_html(
        '<details class="{}"{}><summary>{}</summary>{}</details>', css, id_of(value), head, sources_panel(value)
    )


def sources_panel(value: Value) -> SafeString:
    """How the value is known, the note, where it was counted from, and who says so."""
    how = format_html('<p class="value-how">{}.</p>', HOW_KNOWN[value.basis]) if value.remark else NOTHING
    note = format_html("<p>{}</p>", value.note) if value.note else NOTHING
    rows = format_html('<p><a href="{}">The rows behind it</a></p>', value.address) if value.address else NOTHING
    cited = NOTHING
    if value.cited:
        items = format_html_join("", "<li>{}</li>", ((_citation(citation),) for citation in value.cited))
        several = SOURCES_OF_ROW if len(value.cited) > 1 else NOTHING
        cited = format_html("{}<ul>{}</ul>", SOURCES_DIFFER if value.disputed else several, items)
    return format_html(
        '<div class="value-sources">{}{}{}{}{}{}</div>', how, note, rows, cited, edits(value), report_link(value)
    )


def _citation(citation: Cited) -> SafeString:
    """One source in a few words: who and when. Title and address stand on the source's page, one click away,
    and in the page's own list of sources."""
    source = citation.source
    by = f"{source.publisher}, {long_date(source.date)}" if source.date else source.publisher or source.title
    parts = [format_html('<a href="{}">{}</a>', source.address, by)]
    if citation.stated_value:
        parts.append(format_html(' <span class="prints">prints {}</span>', citation.stated_value))
    if citation.passage:
        parts.append(format_html(' <span class="passage">{}</span>', citation.passage))
    if citation.seen_through:
        through = citation.seen_through
        parts.append(
            format_html(', seen through <a href="{}">{}</a>', through.address, through.publisher or through.title)
        )
    if marks := admiralty(citation.reliability, citation.credibility):
        parts.append(format_html(' <span class="by">{}</span>', marks))
    if citation.note:
        parts.append(format_html(' <span class="by">{}</span>', citation.note))
    return mark_safe("".join(parts))  # noqa: S308  (every part is escaped above)


def number_text(number: int | Decimal) -> str:
    return written(number)
