"""Every sort of job: one line each."""

from __future__ import annotations

from tracker.actions.jobs import JobKind

_ALL: tuple[JobKind, ...] = ()

KINDS: dict[str, JobKind] = {kind.name: kind for kind in _ALL}
