"""Reading many rows while others are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

PART = 2000  # rows that are read together


def in_parts(rows: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    """Values of `columns`, row by row in the order of the first, which is a number above 0, once each.

    Some at a time, so that nothing is being read in between: on SQLite nothing can be written between two rows of one
    query once another process has written.
    """
    number, last = columns[0], 0
    while True:
        some = rows.filter(**{f"{number}__gt": last}).order_by(number)[:PART]
        part = list(some.values_list(*columns))
        yield from part
        if len(part) < PART:
            return
        last = part[-1][0]
