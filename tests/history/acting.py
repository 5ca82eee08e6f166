"""Short ways to act in tests of history."""

from __future__ import annotations

import datetime
from typing import Any

from tracker.history.past import Moment
from tracker.history.recording import recorded
from tracker.models import Act, Record, RevisionCounter

# Acts at given times lie far ahead: never before an act that the clock has dated.
YEAR = 2090


def act(*records: Record, **values: Any):
    """`recorded` by a test."""
    how = {"by": None, "by_name": "A test", "cause": Act.Cause.CORRECTION, "note": "A reason", "origin": "test"}
    return recorded(*records, **{**how, **values})


def create(record: Record, **values: Any) -> Record:
    with act(record, **values):
        record.save()
    return record


def change(record: Record, /, *, at: datetime.datetime | None = None, **columns: Any) -> Record:
    with act(record, at=at):
        for column, value in columns.items():
            setattr(record, column, value)
        record.save()
    return record


def delete(record: Record, **values: Any) -> None:
    with act(record, **values):
        record.delete()


def now() -> Moment:
    """The moment just after the newest revision."""
    number = RevisionCounter.objects.values_list("last_number", flat=True).first() or 0
    return Moment(number, f"r{number}")


def noon(month: int, day: int) -> datetime.datetime:
    return datetime.datetime(YEAR, month, day, 12, tzinfo=datetime.UTC)
