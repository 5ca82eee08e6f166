"""Tags of the public pages; a builtin, so no template needs to load it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django_tables2.templatetags.django_tables2 import RenderTableNode

from tracker.analysis.read_model import FigureRef, Place, Value, long_date
from tracker.charts.dimensions import size
from tracker.tables.cells import place_cell, value_cell

register = template.Library()


@register.simple_tag(name="value")
def value_tag(value: Value, badge: str = "") -> SafeString:
    """A Value with its sources on demand."""
    return value_cell(value, badge=badge)


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
    return RenderTableNode(parser.compile_filter(expression))


register.filter("day", long_date)
