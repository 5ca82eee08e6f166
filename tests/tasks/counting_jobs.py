"""Sorts of jobs for tests, known to the workers whose DJANGO_SETTINGS_MODULE is tests.tasks.counting_settings.

The effect of the first is a line of its log: a second time, a second line.
"""

from __future__ import annotations

import time

from django.utils import timezone

from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import JobKind, Running
from tracker.models import JobLine


def count(running: Running, number: int) -> None:
    """Takes a moment, in steps, and leaves a line of its log as its effect."""
    for step in range(3):
        running.progress(step, 3, "Counting", at_once=True)
        time.sleep(0.03)
    with running.finishing(number=number):
        JobLine.objects.create(job=running.job, at=timezone.now(), text=f"Effect {number}")
        time.sleep(0.005)


# Killed so often that chance must not make it fail.
KINDS["count"] = JobKind("count", count, attempts=50)


def last(running: Running, seconds: float) -> None:
    """Takes so long."""
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        running.progress(0, 1, "Lasting")
        time.sleep(0.1)


KINDS["last"] = JobKind("last", last)
