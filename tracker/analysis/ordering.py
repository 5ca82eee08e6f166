"""Sorting the rows of a table by any of its columns; what is unknown always comes last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

from tracker.analysis.leadership import Firmness
from tracker.analysis.read_model import Link, Place, Ranks, Value

Row = TypeVar("Row")

# Words that have an order of their own.
SCALES: dict[str, int] = {
    word: position
    for scale in (("low", "not high", "medium", "not medium", "not low", "high"), tuple(str(f) for f in Firmness))
    for position, word in enumerate(scale)
}


class UnknownSortKey(ValueError):
    """The table has no such column. `choices` are those it has."""

    def __init__(self, key: str, choices: Sequence[str]) -> None:
        self.key, self.choices = key, tuple(choices)
        super().__init__(f"There is no column “{key[:60]}” to sort by.")


def sort_value(content: Any) -> tuple[int, Any] | None:
    """A comparable form of a cell, None for unknown. Numbers come before words."""
    if isinstance(content, Value):
        return sort_value(content.content)
    if content is None or content == "":
        return None
    if isinstance(content, bool):
        return (0, Decimal(int(content)))
    if isinstance(content, int | Decimal):
        return (0, Decimal(content))
    if isinstance(content, Ranks):
        return (0, Decimal(content.first * 1000 + content.last))
    if isinstance(content, Place):
        return (1, content.name.casefold())
    if isinstance(content, Link):
        return (1, content.text.casefold())
    if isinstance(content, tuple):
        return sort_value(content[0]) if content else None
    if str(content) in SCALES:
        return (0, Decimal(SCALES[str(content)]))
    return (1, str(content).casefold())


def ordered(rows: Sequence[Row], key: str, row_type: type) -> tuple[Row, ...]:
    """The rows by column `key` ('-key' = descending), unknown last, else in their present order.

    Raises UnknownSortKey where the row type has no such column; an empty key changes nothing.
    """
    if not key:
        return tuple(rows)
    return ordered_by(rows, key, {column.name: _content_of(column.name) for column in fields(row_type)})


def _content_of(name: str) -> Callable[[Any], Any]:
    return lambda row: sort_value(getattr(row, name))


def ordered_by(rows: Sequence[Row], key: str, keys: Mapping[str, Callable[[Row], Any]]) -> tuple[Row, ...]:
    """The rows by one of `keys` ('-key' = descending), each of which gives a comparable or None for unknown.

    Unknown last, else in their present order. Raises UnknownSortKey; an empty key changes nothing.
    """
    if not key:
        return tuple(rows)
    name = key.removeprefix("-")
    if name not in keys:
        raise UnknownSortKey(key, list(keys))
    compared = [(keys[name](row), row) for row in rows]
    known = [pair for pair in compared if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=key.startswith("-"))
    return (*(row for _, row in known), *(row for value, row in compared if value is None))
