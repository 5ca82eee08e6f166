"""Who has a record open for editing. A hint to colleagues: no lock, and not kept in history."""

from __future__ import annotations

import datetime
from contextlib import suppress
from dataclasses import dataclass

from django.db import OperationalError, transaction
from django.utils import timezone

from tracker.models import Presence, User

# Seconds after which who was not heard of again counts as gone.
FADES_AFTER = 60


@dataclass(frozen=True)
class Colleague:
    name: str
    since: datetime.datetime


def others_at(*, kind: str, record: int, by: User) -> tuple[Colleague, ...]:
    """Who beside `by` has the record open now, longest first."""
    heard_of = timezone.now() - datetime.timedelta(seconds=FADES_AFTER)
    others = Presence.objects.filter(kind=kind, record=record, seen__gte=heard_of).exclude(user=by)
    found = others.select_related("user").order_by("since", "pk")
    return tuple(Colleague(one.user.get_full_name(), one.since) for one in found)


def note_presence(*, kind: str, record: int, by: User) -> tuple[Colleague, ...]:
    """Notes that `by` has the record open now; returns who else has, longest first.

    Where the database cannot take it (an import is being written), nothing is noted and nobody returned.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            own, _ = Presence.objects.get_or_create(
                kind=kind, record=record, user=by, defaults={"since": now, "seen": now}
            )  # fmt: skip
            if own.seen != now:
                since = own.since if own.seen >= now - datetime.timedelta(seconds=FADES_AFTER) else now
                # Another tab may have left and taken the row away meanwhile.
                Presence.objects.filter(pk=own.pk).update(since=since, seen=now)
    except OperationalError:
        return ()
    return others_at(kind=kind, record=record, by=by)


def end_presence(*, kind: str, record: int, by: User) -> None:
    """Notes that `by` has left the record; forgets whoever was not heard of for a day. Never fails: who left fades."""
    with suppress(OperationalError), transaction.atomic():
        Presence.objects.filter(kind=kind, record=record, user=by).delete()
        Presence.objects.filter(seen__lt=timezone.now() - datetime.timedelta(days=1)).delete()
