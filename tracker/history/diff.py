"""What differs between two states of a record: a pure function, computed on reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

State = dict[str, Any]


@dataclass(frozen=True)
class FieldChange:
    """One column before and after, in words; None = empty."""

    field: str
    before: str | None
    after: str | None


def in_words(value: Any) -> str | None:
    """A value of a state for readers: a reference by its key, yes/no, None for empty."""
    if value is None or value == "":
        return None
    if isinstance(value, dict):
        return str(value["key"])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def diff(before: State | None, after: State | None) -> tuple[FieldChange, ...]:
    """The changed columns in the order of the record's columns; the primary key is left out."""
    before, after = before or {}, after or {}
    changes = []
    for field in dict.fromkeys([*after, *before]):
        old, new = before.get(field), after.get(field)
        if field != "id" and old != new:
            changes.append(FieldChange(field, in_words(old), in_words(new)))
    return tuple(changes)
