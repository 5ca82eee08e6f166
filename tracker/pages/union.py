"""Rows of several models by one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, QuerySet, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast


def union_rows(*parts: tuple[QuerySet[Any, Any], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of several models by one query, as dictionaries.

    Each part gives the same columns by name, as an expression, a plain text or a number. A union takes columns of the
    same types only: those called `pk`, `…_pk` or `position` are numbers, all others texts.
    """
    found = []
    for rows, columns in parts:
        typed = {}
        for name, value in columns.items():
            kind: Any = BigIntegerField() if _is_number(name) else TextField()
            plain = isinstance(value, str | int) or value is None
            typed[f"its_{name}"] = Cast(Constant(value), kind) if plain else Cast(value, kind)
        found.append(rows.order_by().annotate(**typed).values(*typed))
    every = found[0].union(*found[1:], all=True)
    return [{name.removeprefix("its_"): value for name, value in row.items()} for row in every]


def _is_number(name: str) -> bool:
    return name.endswith("pk") or name == "position"
