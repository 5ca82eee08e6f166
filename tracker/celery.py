"""The Celery application: what workers, beat and whoever sends a message load. docs/jobs.md says how it is run."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
# A worker that is started again is back sooner: Django's checks load every page, and `manage.py` has made them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

# What addresses of brokers (`files://`) name beside Kombu's own.
TRANSPORT_ALIASES["files"] = "tracker.broker:Transport"

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")


@setup_logging.connect
def leave_logging_alone(**_: Any) -> None:
    """Workers log as `settings.LOGGING` says; without a listener Celery would put handlers of its own there."""
