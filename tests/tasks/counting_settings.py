"""The settings of the tracker, with one sort of job more."""

from tracker.settings import *  # noqa: F403
from tracker.settings import CELERY_IMPORTS as _IMPORTS

CELERY_IMPORTS = (*_IMPORTS, "tests.tasks.counting_jobs")
