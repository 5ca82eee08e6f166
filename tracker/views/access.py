"""Who may come in at a door for researchers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from tracker.actions import jobs
from tracker.actions.accounts import note_seen

View = Callable[..., HttpResponseBase]

# Names in the session.
SEEN_AT = "seen_at"
AFTER_TWO_FACTOR = "after_two_factor"
SEEN_EVERY = 600  # seconds


def needs(right: str) -> Callable[[View], View]:
    """A view for people whose role has `right` (`User.may`); nobody keeps its answers.

    Who is not logged in is led to the login and back; who may not gets a 403; who lacks a second factor where one is
    required is led to set one up, and then back.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.may(right):
                raise PermissionDenied
            if lacks_two_factor(request):
                # What is sent by a form is not kept: there is nothing to go back to.
                if request.method in ("GET", "HEAD"):
                    request.session[AFTER_TWO_FACTOR] = request.get_full_path()
                response: HttpResponseBase = redirect("mfa_index")
            else:
                if AFTER_TWO_FACTOR in request.session:
                    del request.session[AFTER_TWO_FACTOR]
                # Asked by the frame of the page, if it is drawn.
                request.jobs_told = SimpleLazyObject(lambda: jobs.tell(user=request.user))  # type: ignore[attr-defined,arg-type]
                response = view(request, *args, **keys)
            add_never_cache_headers(response)
            return response

        guarded.needs_right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def lacks_two_factor(request: HttpRequest) -> bool:
    """Whether the person must set up a second factor before they may do anything for which a right is needed."""
    return settings.REQUIRE_TWO_FACTOR and not request.user.two_factor  # type: ignore[union-attr]


def private(view: View) -> View:
    """Nobody keeps the answers of a view that is about one person."""

    @wraps(view)
    def unkept(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponseBase:
        response = view(request, *args, **keys)
        add_never_cache_headers(response)
        return response

    return unkept


def for_oneself(view: View) -> View:
    """A view for everybody who is logged in, about themselves; nobody keeps its answers."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **keys)

    return private(guarded)


def last_seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: notes when a session was last used, not oftener than every ten minutes.

    A reader has no session: nothing is asked and nothing noted.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key, now = request.session.session_key, time.time()
        if key and request.user.is_authenticated and now - request.session.get(SEEN_AT, now) > SEEN_EVERY:
            note_seen(key=key)
            request.session[SEEN_AT] = now
        return get_response(request)

    return middleware
