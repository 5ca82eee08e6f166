"""Each request gets a name that stands in every line logged meanwhile, one line of its own, and is counted."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tracker.views.metrics import count

log = logging.getLogger("tracker.access")

Handler = Callable[[HttpRequest], HttpResponse]

# What a proxy may call a request: nothing that could break a line or carry a message into it.
SANE = re.compile(r"[0-9A-Za-z_-]{8,64}")
# Asked every few seconds by machines.
PROBES = {"alive", "ready", "metrics"}
# Views whose addresses give a right to whoever knows them.
SECRET_ADDRESSES = {"invitation", "account_reset_password_from_key", "report-outcome", "report-answer", "digest-off"}


def traced(get_response: Handler) -> Handler:
    """Middleware, the outermost: X-Request-ID as the proxy gave it or a new one, a line, a count."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if SANE.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=name)
        began = time.perf_counter()
        response = get_response(request)
        took = time.perf_counter() - began
        response["X-Request-ID"] = name
        match = request.resolver_match
        view = (match.url_name or "") if match else ""
        count(view=view or "none", status=response.status_code, seconds=took)
        said = {
            "method": request.method,
            "path": f"/{match.route}" if match and view in SECRET_ADDRESSES else request.path,
            "view": view,
            "status": response.status_code,
            "bytes": None if response.streaming else len(response.content),
            "ms": round(1000 * took, 1),
        }
        quiet = view in PROBES or request.path.startswith(settings.STATIC_URL)
        log.log(logging.DEBUG if quiet else logging.INFO, "request", extra=said)
        return response

    return middleware


def named(get_response: Handler) -> Handler:
    """Middleware, after `last_seen`: who is logged in stands in every line, by number."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # A reader has no session: nothing is asked of the database for her.
        if request.session.session_key and request.user.is_authenticated:
            structlog.contextvars.bind_contextvars(user=request.user.pk)
        return get_response(request)

    return middleware
