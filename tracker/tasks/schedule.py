"""What the clock (beat) asks for: the reaper every few seconds, and jobs at their hour."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.utils import timezone

from tracker.actions import digests, drawing, jobs, link_checks, releases
from tracker.actions.exports import everything_is_wanted
from tracker.celery import app
from tracker.history.public_files import kind_of
from tracker.tasks.jobs import revive, wake

log = logging.getLogger(__name__)

REVIVE_EVERY = 5  # seconds


@dataclass(frozen=True)
class Scheduled:
    """A job by the clock (UTC). `on` is asked each time whether the job is wanted."""

    name: str
    kind: str
    title: str
    at: crontab
    on: Callable[[], bool] = lambda: True


# A line each.
SCHEDULE: tuple[Scheduled, ...] = (
    Scheduled("backup", "backup", "Nightly backup", crontab(hour="2", minute="20")),
    *(
        Scheduled(
            kind_of(format),
            kind_of(format),
            f"Public file of everything ({format.upper()})",
            crontab(minute=minute),
            partial(everything_is_wanted, format),
        )
        for format, minute in (("csv", "25"), ("xlsx", "40"))
    ),
    Scheduled("integrity", "integrity", "Nightly check", crontab(hour="3", minute="10")),
    Scheduled("links", "links", "Check of links", crontab(hour="4", minute="15"), link_checks.is_on),
    Scheduled("digest", "digest", "Mails about changes", crontab(hour="5", minute="30"), digests.somebody_is_due),
    Scheduled("release", releases.BUILDS, "Files of releases", crontab(minute="*/10"), releases.files_are_wanted),
    Scheduled("drawing", drawing.KIND, "Figures drawn ahead", crontab(), drawing.is_wanted),
    Scheduled("forget-old", "forget-old", "Forget old jobs and files", crontab(hour="3", minute="40")),
)


@shared_task
def enqueue_scheduled(name: str) -> None:
    one = next(one for one in SCHEDULE if one.name == name)
    if not one.on():
        return
    try:
        wake(jobs.enqueue(kind=one.kind, title=one.title, by=None, once=f"{one.name} {turn(one)}", again=False))
    except jobs.StillEnding:
        log.info("no new job for %s: somebody is stopping the one of this turn", one.name)


def turn(one: Scheduled) -> str:
    """Names the turn that has come: the day, or the hour or minute where it comes oftener. Two beats say the same."""
    pattern = "%Y-%m-%dT%H:%M" if len(one.at.minute) > 1 else "%Y-%m-%dT%H" if len(one.at.hour) > 1 else "%Y-%m-%d"
    return f"{timezone.now():{pattern}}"


@app.on_after_finalize.connect
def plan(sender: Any, **_: Any) -> None:
    # A round that nobody did before the next one came is not made up for.
    sender.add_periodic_task(REVIVE_EVERY, revive.s(), name="revive", expires=2 * REVIVE_EVERY)
    for one in SCHEDULE:
        sender.add_periodic_task(one.at, enqueue_scheduled.s(one.name), name=one.name)
