"""Doors for workers: a message says which job to look at, no more."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError

from tracker.actions import jobs
from tracker.actions.job_kinds import KINDS
from tracker.celery import app
from tracker.models import Job

log = logging.getLogger(__name__)


@shared_task
def run_job(pk: int) -> None:
    jobs.run(pk=pk, kinds=KINDS)


@shared_task
def revive() -> None:
    for pk in jobs.revive(queued=messages_waiting()):
        send(pk)


def wake(job: Job) -> None:
    """Sends a worker to the job once the transaction is through. Never fails: where the broker is away, the reaper
    finds the job when it is back."""
    transaction.on_commit(lambda: send(job.pk), robust=True)


def send(pk: int) -> bool:
    """One message about one job, at once; False where the broker does not take it."""
    try:
        run_job.apply_async((pk,), retry=False)
    except (KombuError, OSError) as why:
        log.warning("no worker could be woken for job %s: %s: %s", pk, type(why).__name__, why)
        return False
    return True


def messages_waiting() -> int:
    """How many messages about jobs no worker has taken yet."""
    with app.connection_for_read() as connection:
        queue = app.amqp.queues[settings.CELERY_TASK_DEFAULT_QUEUE].bind(connection.default_channel)
        return queue.queue_declare().message_count
