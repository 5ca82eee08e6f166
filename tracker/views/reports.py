"""Reports of errors: the public form and outcome; the queue of the researchers."""

from __future__ import annotations

import ipaddress
import logging
import smtplib
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import reports as actions
from tracker.analysis.read_model import Link, PageModel
from tracker.forms.reports import AnswerForm, ReportForm, first_number, opened_with, own_path
from tracker.models import Report
from tracker.pages import reports as pages
from tracker.pages.not_found import NotFound
from tracker.views.access import needs
from tracker.views.public import not_found, public_url

logger = logging.getLogger(__name__)

HOME = Link("Home", "/")
WORKBENCH = Link("Workbench", "/workbench/")
QUEUE = Link("Reports of errors", "/workbench/reports/")


def network_address(request: HttpRequest) -> str:
    """Where a request comes from: an IPv4 address, or the network of an IPv6 one, within which a person may choose.

    Behind proxies of ours it is the entry of X-Forwarded-For that the outermost of them has written: the last one of
    one proxy, the last but one of two. What stands before it anybody may have written.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if proxies := settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        said = request.headers.get("X-Forwarded-For", said).split(",")[-proxies:][0].strip()
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return said
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """The form, and what comes from it. `about`, `value` and `record` say what it is about; without `about` it is
    the page the reader comes from."""
    host = request.get_host()
    if request.method != "POST":
        comes_from = own_path(request.headers.get("Referer", ""), host)
        given = {name: request.GET.get(name, "").replace("\x00", "")[:1000] for name in ("about", "value", "record")}
        given["about"] = own_path(given["about"], host) or ("" if comes_from.startswith("/report/") else comes_from)
        return _form(request, ReportForm(initial=given, host=host))
    form = ReportForm(request.POST, host=host)
    if not form.is_valid():
        return _form(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    kind, record = said["record"]
    if not pages.is_record(kind):
        kind, record = _record_of(said["about"])
    try:
        made = actions.receive(
            address=said["about"], subject=said["value"], kind=kind, record=record, number=said["number"],
            message=said["message"], source=said["source"], email=said["email"], sender=network_address(request),
        )  # fmt: skip
    except actions.TooMany as refused:
        return _form(request, form, HTTPStatus.TOO_MANY_REQUESTS, until=refused.until)
    return HttpResponseRedirect(f"{made.get_absolute_url()}?sent=1", status=HTTPStatus.SEE_OTHER)


def _form(
    request: HttpRequest, form: ReportForm, status: HTTPStatus = HTTPStatus.OK, until: datetime | None = None
) -> HttpResponse:
    page = PageModel(
        title="Report an error",
        sentence="Something here is wrong, missing or out of date? Tell us. No account is needed; whoever edits the "
        "record looks at each report and says in public what came of it.",
        address="/report/",
        trail=(HOME,),
    )
    as_of = QueryDict(form.page.partition("?")[2]).get("as_of", "") or request.GET.get("as_of", "")
    opened = form.opened_before or opened_with(pages.state_seen(as_of))
    context = {"page": page, "form": form, "opened": opened, "until": until}
    response = render(request, "reports/report.html", context, status=status)
    if until:
        response["Retry-After"] = str(max(1, round((until - timezone.now()).total_seconds())))
    return response


def _record_of(path: str) -> tuple[str, int | None]:
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return "", None
    key = match.kwargs.get("slug", match.kwargs.get("code", ""))
    return pages.record_of_page(match.url_name or "", key)


@require_safe
@never_cache
def outcome(request: HttpRequest, code: str) -> HttpResponse:
    """What came of a report, for everybody."""
    try:
        found = pages.outcome(code)
    except NotFound as missing:
        return not_found(request, missing.reason, (Link("Report an error", "/report/"),))
    except pages.Removed:
        return render(request, "reports/removed.html", status=HTTPStatus.GONE)
    page = PageModel(
        title=f"Report {found.code}",
        sentence="Nobody has answered it yet." if found.open else f"Answered: {found.state}.",
        address=f"/report/{found.code}/",
        trail=(HOME, Link("Report an error", "/report/")),
    )
    context = {
        "page": page, "report": found, "address": f"{public_url(request)}/report/{found.code}/",
        "sent": "sent" in request.GET,
    }  # fmt: skip
    return render(request, "reports/outcome.html", context)


@needs("answer")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Open reports, or answered ones (`state=answered`)."""
    state, number = request.GET.get("state", "open"), request.GET.get("page", "1")
    try:
        if state not in ("open", "answered"):
            raise NotFound(f"Reports are “open” or “answered”, not “{state[:40]}”.")
        if not (number.isdecimal() and 1 <= len(number) <= 6 and int(number)):
            raise NotFound(f"“{number[:40]}” is no number of a page.")
        found = pages.queue(answered=state == "answered", page=int(number))
    except NotFound as missing:
        return not_found(request, missing.reason, (QUEUE,))
    page = PageModel(
        title="Reports of errors",
        sentence=f"{found.open} {'waits' if found.open == 1 else 'wait'} for an answer; {found.answered} "
        f"{'is' if found.answered == 1 else 'are'} answered.",
        address=QUEUE.address,
        trail=(HOME, WORKBENCH),
    )
    context = {"page": page, "queue": found, "state": state}
    return render(request, "reports/queue.html", context)


@needs("answer")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """One report whole, and its answer."""
    try:
        found = pages.report(code)
    except NotFound as missing:
        return not_found(request, missing.reason, (QUEUE,))
    if request.method != "POST":
        return _answer(request, found, _filled(found))
    form = AnswerForm(request.POST, auto_id="answer-%s")
    if not form.is_valid():
        return _answer(request, found, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        answered = actions.answer(
            code=code,
            state=said["state"],
            outcome=said["outcome"],
            act=said["act"],
            expected=said["expected"],
            by=request.user,  # type: ignore[arg-type]
        )
    except actions.AnsweredMeanwhile:
        return _answer(request, pages.report(code), form, HTTPStatus.CONFLICT)
    if answered.email and answered.state != Report.State.REMOVED and _written_to(request, answered):
        actions.forget_email(code=code, by=request.user)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"/workbench/reports/{code}/", status=HTTPStatus.SEE_OTHER)


def _filled(found: pages.ReportRow) -> AnswerForm:
    """The form, with the answer that stands."""
    stored = {label: value for value, label in Report.State.choices}
    initial = {"state": "" if found.open else stored[found.state], "outcome": found.outcome}
    return AnswerForm(initial={**initial, "number": first_number(found.act)}, auto_id="answer-%s")


def _answer(
    request: HttpRequest, found: pages.ReportRow, form: AnswerForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    page = PageModel(
        title=f"Report {found.code}",
        sentence="",
        address=f"/workbench/reports/{found.code}/",
        trail=(HOME, WORKBENCH, QUEUE),
    )
    # What the next try is based on: the answer that is shown.
    expected = found.answered_at.isoformat() if found.answered_at else ""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and not form.non_field_errors():
        expected = form.data.get("expected", "")
    context = {
        "page": page, "report": found, "form": form, "expected": expected, "collided": status == HTTPStatus.CONFLICT,
    }  # fmt: skip
    return render(request, "reports/answer.html", context, status=status)


def _written_to(request: HttpRequest, report: Report) -> bool:
    """Tells the reader what came of it. Whether the mail has gone out."""
    text = (
        f"You reported an error on {public_url(request)}{report.address}\n"
        + (f"Value: {report.subject}\n" if report.subject else "")
        + f"\nWhat came of it: {report.get_state_display()}.\n\n{report.outcome}\n\n"
        f"This answer stands at {public_url(request)}{report.get_absolute_url()}\n"
        "Your e-mail address is deleted now. Thank you.\n"
    )
    try:
        send_mail(f"Your report {report.code}", text, None, [report.email])
    except (OSError, smtplib.SMTPException):
        logger.exception("The answer to report %s could not be sent.", report.code)
        return False
    return True
