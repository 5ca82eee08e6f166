"""Figures of the running system, for Prometheus (docs/deploy.md)."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tracker.pages.operations import operations

# What one process counts of itself. The rest is read from the database when it is asked for.
_OWN = CollectorRegistry()
REQUESTS = Counter("tracker_requests", "Requests answered", ["view", "status"], registry=_OWN)
DURATION = Histogram(
    "tracker_request_seconds",
    "How long an answer took",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OWN,
)
# What a proxy adds. Behind one every request comes from the machine itself, so that says nothing.
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


def count(*, view: str, status: int, seconds: float) -> None:
    """Counts an answer by the name of its view and the class of its status, “2xx”."""
    REQUESTS.labels(view, f"{status // 100}xx").inc()
    DURATION.labels(view).observe(seconds)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise PermissionDenied
    registry = CollectorRegistry()
    registry.register(_FromDatabase())
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    said = generate_latest(registry)
    if settings.PROMETHEUS_MULTIPROC_DIR:
        together = CollectorRegistry()
        MultiProcessCollector(together, path=settings.PROMETHEUS_MULTIPROC_DIR)
        said += generate_latest(together)
    else:
        said += generate_latest(_OWN)
    response = HttpResponse(said, content_type=CONTENT_TYPE_LATEST)
    add_never_cache_headers(response)
    return response


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _FromDatabase(Collector):
    """The state of the whole deployment: the same at whichever process is asked."""

    def collect(self) -> Iterator[Metric]:
        now = operations()
        jobs = GaugeMetricFamily("tracker_jobs", "Jobs that the database knows", labels=["kind", "state"])
        for (kind, state), many in sorted(now.jobs.items()):
            jobs.add_metric([kind, state], many)
        yield jobs
        yield GaugeMetricFamily(
            "tracker_oldest_waiting_job_seconds",
            "How long the job has waited that waits longest and could begin; 0 = none waits",
            value=now.oldest_waiting,
        )
        yield GaugeMetricFamily("tracker_revision", "Number of the newest revision", value=now.revision)
        yield GaugeMetricFamily(
            "tracker_past_files", "Past states that this host keeps as files", value=now.past_files
        )
        yield GaugeMetricFamily("tracker_past_files_bytes", "Bytes of these", value=now.past_bytes)
