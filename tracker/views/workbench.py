"""The workbench: where a researcher begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.analysis.read_model import Link, PageModel
from tracker.pages.imports import waiting_and_mine
from tracker.pages.jobs import latest
from tracker.pages.workbench import workbench as read
from tracker.views.access import needs


@needs("edit")
@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    user = request.user
    page = PageModel(title="Workbench", sentence="", address="/workbench/", trail=(Link("Home", "/"),))
    context = {
        "page": page,
        "bench": read(user=user),  # type: ignore[arg-type]
        "imports": waiting_and_mine(user),  # type: ignore[arg-type]
        "jobs": latest(user=user),  # type: ignore[arg-type]
        "may_invite": user.may("invite"),  # type: ignore[union-attr]
        "may_release": user.may("release"),  # type: ignore[union-attr]
    }
    return render(request, "workbench/workbench.html", context)
