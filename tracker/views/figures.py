"""Figures: /charts/<name>.svg and .png, drawn on demand, once for each version of the record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone

from tracker.analysis.figure_model import FigureModel
from tracker.filters.figures import FigureQuery
from tracker.filters.query import problems, said
from tracker.history.past import Moment
from tracker.history.timeline import newest_version
from tracker.pages.not_found import Moved, NotFound
from tracker.views import past
from tracker.views.past import AS_OF, moment_of
from tracker.views.public import bad_request, kept, missing_answer, versioned

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
# A figure opened by itself: its own styles and embedded fonts, nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'"


@dataclass(frozen=True)
class Figure:
    """A figure's name, the function that reads it, and the parameters of that function that its query may name."""

    name: str
    read: Callable[..., FigureModel]
    parameters: tuple[str, ...]
    required: tuple[str, ...] = ()
    # The module of charts that draws it, where it is not called like the figure.
    drawn_by: str = ""


def urls(figure: Figure) -> list[URLPattern]:
    return [
        path(f"charts/{figure.name}.{kind}", figure_view(figure, kind), name=f"chart-{figure.name}-{kind}")
        for kind in TYPES
    ]


def figure_view(figure: Figure, kind: str) -> Callable[..., HttpResponse]:
    @kept((*map(said, figure.parameters), "size", "theme", AS_OF))
    def view(request: HttpRequest) -> HttpResponse:
        query = FigureQuery(request.GET)
        wrong = [*problems(query)]
        wrong += [f"“{said(name)}” must be named." for name in figure.required if not query.cleaned_data.get(name)]
        if wrong:
            return bad_request(request, tuple(wrong))
        asked = {name: query.cleaned_data[name] for name in figure.parameters if query.cleaned_data[name]}
        dark, narrow = query.cleaned_data["theme"] == "dark", query.cleaned_data["size"] == "narrow"
        at = moment_of(request)
        version = past.version_of(at) if at else newest_version()
        try:
            drawing = _drawn(figure, kind, version, at, asked, dark, narrow)
        except NotFound as missing:
            return missing_answer(request, missing)
        except Moved as moved:
            path = f"{request.path}?{moved.address.partition('?')[2]}"
            look = [(name, value) for name in ("size", "theme") if (value := request.GET.get(name))]
            return HttpResponseRedirect(f"{path}&{urlencode(look)}" if look else path)
        response = HttpResponse(drawing, content_type=TYPES[kind])
        response["Content-Security-Policy"] = POLICY
        response["Access-Control-Allow-Origin"] = "*"
        return versioned(request, response, version)

    return view


def _drawn(
    figure: Figure, kind: str, version: str, at: Moment | None, asked: dict[str, Any], dark: bool, narrow: bool
) -> bytes:
    # The day: who is a member of a bloc changes with it. Of the past it is that of the moment, written in the figure.
    day = at.asked if at else timezone.now().date().isoformat()
    question = repr((day, settings.BUILD, version, figure.name, kind, sorted(asked.items()), dark, narrow))
    key = hashlib.sha256(question.encode()).hexdigest()
    cache = caches["figures"]
    drawing = cache.get(key)
    if drawing is None:
        model = figure.read(**asked, at=at)
        # matplotlib takes half a second to import: only a process that draws pays for it.
        draw = import_module(f"tracker.charts.{figure.drawn_by or figure.name}").draw
        render = import_module("tracker.charts.render").render
        drawing = render(draw(model, dark=dark, narrow=narrow), kind)
        cache.set(key, drawing)
    return drawing
