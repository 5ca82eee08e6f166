"""Work in the background, for whoever asked for it."""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from tracker.actions import jobs as actions
from tracker.actions import stored_files
from tracker.actions.job_kinds import KINDS
from tracker.analysis.read_model import Link, PageModel
from tracker.models import Job, User
from tracker.pages import jobs as pages
from tracker.pages.not_found import NotFound
from tracker.tables.jobs import JobTable
from tracker.tasks.jobs import wake
from tracker.views.access import needs
from tracker.views.public import not_found

WORKBENCH = Link("Workbench", "/workbench/")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _page(job: Job, user: User) -> pages.JobPage:
    kind = KINDS.get(job.kind)
    return pages.job_page(job, user, again=kind is not None and kind.again)


@needs("edit")
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """One's own jobs, or everybody's (`whose=all`); all, or those in one state."""
    user, state, number = _user(request), request.GET.get("state", ""), request.GET.get("page", "1")
    everybody = request.GET.get("whose") == "all" and user.may("manage")
    try:
        if not (number.isdecimal() and len(number) <= 6):
            raise NotFound(f"“{number[:40]}” is no number of a page.", (pages.JOBS,))
        found = pages.job_list(user=user, everybody=everybody, state=state, page=int(number))
    except NotFound as missing:
        return not_found(request, missing.reason, missing.suggestions)
    page = PageModel(
        title="Jobs", sentence="Long work in the background: what you asked for, and how far it is.",
        address=pages.JOBS.address, trail=(WORKBENCH,),
    )  # fmt: skip
    context = {"page": page, "jobs": found, "table": JobTable(found.table), "may_manage": user.may("manage")}
    return render(request, "jobs/list.html", context)


@needs("edit")
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; for htmx its progress alone, and when it has ended the word to load the page anew."""
    user = _user(request)
    try:
        found = pages.find(pk=pk, user=user)
    except NotFound as missing:
        return not_found(request, missing.reason, missing.suggestions)
    if request.headers.get("HX-Request"):
        response = render(request, "jobs/progress.html", {"job": _page(found, user)})
        if not found.open:
            response["HX-Refresh"] = "true"
    else:
        actions.seen(job=found, by=user)
        page = PageModel(
            title=found.title, sentence="", address=found.get_absolute_url(), trail=(WORKBENCH, pages.JOBS)
        )
        response = render(request, "jobs/detail.html", {"page": page, "job": _page(found, user)})
    patch_vary_headers(response, ["HX-Request"])
    return response


@needs("edit")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    try:
        found = pages.find(pk=pk, user=user)
    except NotFound as missing:
        return not_found(request, missing.reason, missing.suggestions)
    if not actions.cancel(job=found, by=user):
        found.refresh_from_db(fields=["state"])
        late = "What the job does is just being written: it is too late to stop it."
        messages.info(request, late if found.open else "The job had ended already.")
    return HttpResponseRedirect(found.get_absolute_url(), status=HTTPStatus.SEE_OTHER)


@needs("edit")
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    try:
        found = pages.find(pk=pk, user=user)
    except NotFound as missing:
        return not_found(request, missing.reason, missing.suggestions)
    if not _page(found, user).may_try_again:
        messages.info(request, "This job cannot be asked for anew.")
        return HttpResponseRedirect(found.get_absolute_url(), status=HTTPStatus.SEE_OTHER)
    try:
        new = actions.try_again(job=found, by=user)
    except actions.StillEnding as ending:
        messages.info(request, str(ending))
        return HttpResponseRedirect(found.get_absolute_url(), status=HTTPStatus.SEE_OTHER)
    wake(new)
    return HttpResponseRedirect(new.get_absolute_url(), status=HTTPStatus.SEE_OTHER)


@needs("edit")
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that a job made."""
    try:
        held = pages.find(pk=pk, user=_user(request)).file
        if held is None or not held.complete:
            raise NotFound("This job has no file, or no longer: files are kept for two weeks.", (pages.JOBS,))
        parts = stored_files.parts(held)
        try:
            first = next(parts, b"")
        except FileNotFoundError as gone:
            raise NotFound(str(gone), (pages.JOBS,)) from gone
    except NotFound as missing:
        return not_found(request, missing.reason, missing.suggestions)
    response = StreamingHttpResponse(chain([first], parts), content_type=held.content_type)
    response["Content-Length"] = str(held.size)
    response["Content-Disposition"] = content_disposition_header(True, held.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
