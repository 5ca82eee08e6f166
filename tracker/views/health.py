"""For machines: is the process there, what may a crawler read."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# Doors of the research team, and forms: nothing of them belongs in an index.
NOT_FOR_CRAWLERS = (
    "/login/", "/accounts/", "/workbench/", "/report/", "/gallery/",
    "/records/*/new/", "/records/*/edit/", "/records/*/delete/", "/records/*/retire/", "/records/*/merge/",
)  # fmt: skip


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = "".join(f"Disallow: {path}\n" for path in NOT_FOR_CRAWLERS)
    return HttpResponse(f"User-agent: *\n{lines}", content_type="text/plain")
