"""What is kept for a while and not for ever."""

from __future__ import annotations

from tracker.actions import imports, jobs
from tracker.actions.jobs import Running


def forget(running: Running) -> None:
    """The nightly job: what was staged by imports that are over, old jobs, and files whose time has come."""
    staged = imports.forget_old()
    running.stop_if_asked()
    gone = jobs.forget_old()
    with running.finishing(jobs=gone, rows_of_imports=staged):
        pass
