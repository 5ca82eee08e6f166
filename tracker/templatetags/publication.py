"""Tags of the public pages; a builtin, so no template needs to load it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django_tables2.templatetags.django_tables2 import RenderTableNode

from tracker.analysis.read_model import FigureRef, Place, Value, long_date, written
from tracker.charts.dimensions import size
from tracker.forms.tools import RecordTools, tools_of
from tracker.tables.cells import place_cell, value_cell
from tracker.tables.edits import Offer, offering_edits

register = template.Library()


def _offer(context: template.Context) -> Offer | None:
    """Whether edits are offered on this page: to who may edit, and never on a page of the past. Asked once a page."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated or context.get("as_of"):
        return None
    if not hasattr(request, "edits_offered"):
        edition = getattr(context.get("page"), "edition", None)
        offer = Offer(request.get_full_path(), edition.slug if edition else "") if user.may("edit") else None
        request.edits_offered = offer
    offered: Offer | None = request.edits_offered
    return offered


@register.simple_tag(name="value", takes_context=True)
def value_tag(context: template.Context, value: Value, badge: str = "") -> SafeString:
    """A Value with its sources on demand."""
    with offering_edits(_offer(context)):
        return value_cell(value, badge=badge)


@register.simple_tag(takes_context=True)
def record_tools(context: template.Context) -> RecordTools | None:
    """What may be done with the record of this page; None for readers."""
    offer = _offer(context)
    page = context.get("page")
    return None if offer is None or page is None else tools_of(page.address, offer.back, offer.edition)


@register.simple_tag(name="place")
def place_tag(place: Place) -> SafeString:
    """A place's colour and name."""
    return place_cell(place)


@register.inclusion_tag("components/figure.html")
def figure(ref: FigureRef, eager: bool = False) -> dict[str, Any]:
    """A figure in its four drawings, with the room it takes."""
    width, height = size(ref.name, ref.size)
    narrow_width, narrow_height = size(ref.name, ref.size, narrow=True)
    return {
        "figure": ref,
        "width": width,
        "height": height,
        "narrow_width": narrow_width,
        "narrow_height": narrow_height,
        "eager": eager,
    }


@register.tag(name="table")
def table_tag(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """{% table tables.ranking %}: the table with its frame, caption and download."""
    _, expression = token.split_contents()
    return TableNode(parser.compile_filter(expression))


class TableNode(RenderTableNode):
    """A table, with links to the forms of its records for who may edit."""

    def render(self, context: template.Context) -> SafeString:
        with offering_edits(_offer(context)):
            drawn: SafeString = super().render(context)
            return drawn


register.filter("day", long_date)
register.filter("written", written)
