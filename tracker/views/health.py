"""For machines: is the process there, what may a crawler read."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from tracker.pages.operations import readiness

# Doors of the research team, and forms: nothing of them belongs in an index.
NOT_FOR_CRAWLERS = (
    "/login/", "/accounts/", "/workbench/", "/report/", "/gallery/",
    "/records/*/new/", "/records/*/edit/", "/records/*/delete/", "/records/*/retire/", "/records/*/merge/",
)  # fmt: skip


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether requests should be sent here: 200, or 503 with the reasons, a line each."""
    found = readiness()
    words = [*found.problems, *found.notes] if found.problems else ["ready", *found.notes]
    response = HttpResponse(
        "".join(f"{word}\n" for word in words), content_type="text/plain", status=503 if found.problems else 200
    )
    add_never_cache_headers(response)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = "".join(f"Disallow: {path}\n" for path in NOT_FOR_CRAWLERS)
    return HttpResponse(f"User-agent: *\n{lines}", content_type="text/plain")
