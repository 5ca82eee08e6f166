"""How the running system is: whether it can serve, and its figures. For monitors, not for readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from redis import Redis, RedisError

from tracker.models import Job, RevisionCounter

# Seconds for which the broker may take to answer.
PATIENCE = 1.0


@dataclass(frozen=True)
class Operations:
    """Figures of the whole deployment; the past files are those of this host.

    `jobs`: how many by (kind, state); `oldest_waiting`: seconds, 0 = none waits; `past_bytes`: bytes.
    """

    jobs: dict[tuple[str, str], int]
    oldest_waiting: float
    revision: int
    past_files: int
    past_bytes: int


@dataclass(frozen=True)
class Readiness:
    """`problems`: why no request should be sent here, in words without secrets; `notes`: what else is good to know."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def operations() -> Operations:
    """Three queries and a look into a folder."""
    counts = Job.objects.order_by().values_list("kind", "state").annotate(many=Count("pk"))
    now = timezone.now()
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    oldest = Job.objects.filter(due, state=Job.State.WAITING).aggregate(made=Min("made_at"))["made"]
    sizes = (
        [path.stat().st_size for path in settings.PAST_DIR.glob("*.sqlite3")] if settings.PAST_DIR.is_dir() else []
    )
    return Operations(
        jobs={(kind, state): many for kind, state, many in counts},
        oldest_waiting=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        revision=RevisionCounter.objects.values_list("last_number", flat=True).first() or 0,
        past_files=len(sizes),
        past_bytes=sum(sizes),
    )


def readiness() -> Readiness:
    """Three queries, and a word with the broker where there is one."""
    found = Readiness()
    try:
        missing = _known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
        if missing:
            newest = ".".join(max(missing))
            found.problems.append(f"migrations: {len(missing)} not applied, the last is {newest}")
        else:
            found.notes.append(_sign_of_work())
    except Error as wrong:
        # What the driver says names hosts and people.
        found.problems.append(f"database: not reachable ({type(wrong).__name__})")
    if settings.REDIS_URL:
        try:
            with Redis.from_url(
                settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
            ) as redis:
                redis.ping()
        except (RedisError, ValueError) as wrong:
            found.problems.append(f"broker: not reachable ({type(wrong).__name__})")
    return found


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those that the running code brings; read from disk once."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _sign_of_work() -> str:
    """When a worker last gave a sign of life with a job. No work, no sign: so this says nothing about readiness."""
    said = Job.objects.aggregate(heard=Max("heartbeat"), waiting=Count("pk", filter=Q(state=Job.State.WAITING)))
    if said["heard"] is None:
        return f"workers: none has worked yet, {said['waiting']} jobs wait"
    ago = round((timezone.now() - said["heard"]).total_seconds())
    return f"workers: last sign of life {ago} s ago, {said['waiting']} jobs wait"
