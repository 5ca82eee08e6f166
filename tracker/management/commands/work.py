"""`manage.py work`: does jobs on this machine until it is told to stop; what dies or hangs is started again."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from tracker.management.supervisor import Service, Supervisor


def services(*, processes: int, beat: bool) -> list[Service]:
    """A group of workers, and the clock beside it."""
    if not settings.REDIS_URL:
        settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    module = (sys.executable, "-m", "tracker.management.supervised")
    worker = Service("worker", (*module, "worker", "--processes", str(processes)), silence=15)
    # It waits longer for a broker that is away.
    return [worker, Service("beat", (*module, "beat"), silence=60)] if beat else [worker]


class Command(BaseCommand):
    help = "Does jobs until it is told to stop. What dies or hangs is started again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--processes", type=int, default=settings.CELERY_WORKER_CONCURRENCY, help="how many jobs at a time"
        )
        parser.add_argument("--beat", action="store_true", help="the clock, too: at least one host needs it")
        parser.add_argument(
            "--patience", type=float, default=60, help="seconds that running jobs may take to end when it stops"
        )

    def handle(self, *, processes, beat, patience, **options):
        connections.close_all()
        Supervisor(services(processes=processes, beat=beat), patience=patience).run()
