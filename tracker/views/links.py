"""The door to what the check of links found. It only reads: no request of anybody asks another host."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.analysis.read_model import Link, PageModel
from tracker.pages.links import links as read
from tracker.views.access import needs


@needs("edit")
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """/workbench/links/"""
    found = read()
    sentence = "Nothing has been asked yet."
    if found.asked:
        fail = "1 fails" if found.failing_in_all == 1 else f"{found.failing_in_all} fail"
        sentence = f"Of {found.asked} addresses of sources that were asked, {fail}."
    page = PageModel(
        title="Links of sources",
        sentence=sentence,
        address="/workbench/links/",
        trail=(Link("Home", "/"), Link("Workbench", "/workbench/")),
    )
    return render(request, "workbench/links.html", {"page": page, "links": found, "on": settings.CHECK_LINKS})
