"""Figures drawn ahead: after the record has changed, those that pages show by default, so that no reader waits.

A figure is drawn by whoever asks for it first, and kept under the version of the record (views.figures). Here the site
asks itself: each page is read as a reader gets it, and the drawings that it shows are asked for at their addresses. So
what is drawn ahead is what pages show, under the very names under which they ask for it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from html import unescape
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import resolve
from django.utils import timezone

from tracker.actions.jobs import Running
from tracker.history.timeline import newest_version
from tracker.models import Act, Channel, Edition, Job, Technology

KIND = "drawing"
# Drawing begins when nobody has changed anything for so long: a series of corrections is drawn once.
QUIET = datetime.timedelta(seconds=60)
TRIED_AGAIN = datetime.timedelta(hours=1)
# Pages of which every drawing is made, also those to take away.
FIRST = ("/", "/cooperation/", "/matrix/", "/compare/", "/technologies/", "/countries/", "/fields/", "/blocs/")
SHOWN = re.compile(r'(?:src|srcset)="(/charts/[^"]+)"')
TAKEN = re.compile(r'href="(/charts/[^"]+\.png[^"]*)"')

Ask = Callable[[str], HttpResponse]


def state() -> str:
    """What drawings are kept under: another state, other drawings."""
    return f"{newest_version()} {settings.BUILD} {timezone.now().date().isoformat()}"


def is_wanted() -> bool:
    """Whether the drawings of the present state are still to be made, nobody is at it, and the record is at rest.

    Three queries.
    """
    last_change = Act.objects.order_by("-pk").values_list("at", flat=True).first()
    now = timezone.now()
    if last_change is None or last_change > now - QUIET:
        return False
    last = Job.objects.filter(kind=KIND).order_by("-pk").first()
    if last is None:
        return True
    if last.state == Job.State.DONE:
        return last.result.get("state") != state()
    return not last.open and last.ended_at is not None and last.ended_at < now - TRIED_AGAIN


def pages() -> Iterator[str]:
    """The addresses whose figures are drawn ahead, the front page first."""
    yield from FIRST
    for channel in Channel.objects.order_by("position"):
        yield channel.get_absolute_url()
    featured = Edition.objects.filter(featured=True).values_list("pk", flat=True)
    every = Technology.objects.filter(retired__isnull=True)
    shown = every.filter(level=Technology.Level.TECHNOLOGY, entries__edition__in=featured)
    fields = every.filter(level=Technology.Level.FIELD)
    told = set()
    for one in (*shown.order_by("name"), *fields.order_by("name"), *every.order_by("name")):
        if one.pk not in told:
            told.add(one.pk)
            yield one.get_absolute_url()


def draw(running: Running) -> None:
    """Draws what is missing. It ends early where the record changes: then all is drawn anew, once it is at rest."""
    begun = state()
    wanted = list(pages())
    asked: dict[str, None] = {}
    early = False
    for number, page in enumerate(wanted):
        running.progress(number, len(wanted), page)
        if state() != begun:
            running.log("The record has changed: the rest is drawn once it is at rest again.")
            early = True
            break
        for address in _figures_of(page):
            if address not in asked:
                running.stop_if_asked()
                asked[address] = None
                ask(address)
    with running.finishing(state=begun, figures=len(asked), early=early):
        pass


def _figures_of(page: str) -> list[str]:
    answer = ask(page)
    if answer.status_code != HTTPStatus.OK:
        return []
    text = answer.content.decode()
    found = SHOWN.findall(text) + (TAKEN.findall(text) if page in FIRST else [])
    return [unescape(address) for address in found]


def ask(address: str) -> HttpResponse:
    """What the site answers a reader at one of its own addresses."""
    where = urlsplit(address)
    public = urlsplit(settings.PUBLIC_URL)
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = where.path
    request.GET = QueryDict(where.query)
    request.META = {
        "REQUEST_METHOD": "GET", "SERVER_NAME": public.hostname or "localhost", "SERVER_PORT": "80",
        "QUERY_STRING": where.query, "HTTP_HOST": public.netloc or "localhost",
    }  # fmt: skip
    request.user = AnonymousUser()
    match = resolve(where.path)
    request.resolver_match = match
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer
