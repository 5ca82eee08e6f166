"""Which rule of the database a write broke: the same answer on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models

# The triggers of migrations 0002 and 0004: the column to look at first, and what it says.
TRIGGERS = {
    "score_ranks_agree_with_shares": (
        "share",
        "Ranks and shares contradict each other: of two countries the better ranked has no smaller share.",
    ),
    "score_rank_1_agrees_with_assessment": (
        "rank_from",
        "The edition is said to name another country as the leader.",
    ),
    "assessment_lead_agrees_with_rank_1": ("lead_country", "Another country stands at rank 1."),
    "bloc_membership_does_not_overlap": ("since", "The country is a member already in these days."),
    "engagement_programme_is_no_part": ("programme", "A programme is not itself a part of another one."),
    "interval_does_not_overlap": ("since", "Two revisions of a record cannot both be the current one."),
    "revision_is_never_changed": ("number", "A revision is never changed or removed."),
}


@dataclass(frozen=True)
class BrokenRule:
    """A rule's name, the columns it speaks of (the likeliest first), and its message for people."""

    name: str
    columns: tuple[str, ...]
    message: str


def broken_rule(model: type[models.Model], error: IntegrityError) -> BrokenRule:
    """The rule of `model` that the database reported; one without a name of ours by the database's own words."""
    text = str(error).splitlines()[0]
    said = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or text
    for name, (column, message) in TRIGGERS.items():
        if name in said:
            return BrokenRule(name, (column,), message)
    # SQLite names the columns of a unique index instead of the index.
    table = model._meta.db_table
    columns = re.findall(rf"{table}\.(\w+)", text)
    for constraint in model._meta.constraints:
        if constraint.name in re.findall(r"\w+", said) or (columns and columns == _unique_columns(model, constraint)):
            message = str(constraint.violation_error_message)
            if message == str(models.BaseConstraint.default_violation_error_message):
                # Rules are named by what they say: `status_is_known_once`.
                message = f"Breaks a rule: {constraint.name.replace('_', ' ')}."
            return BrokenRule(constraint.name, _fields(model, constraint), message)
    for field in model._meta.concrete_fields:
        if [field.column] == columns or said.startswith(f"{table}_{field.column}_"):
            message = "Must be filled." if "NOT NULL" in text.upper() else "Stands already at another record."
            return BrokenRule(said, (field.name,), message)
    return BrokenRule(said, (), "Breaks a rule of the database.")


def _unique_columns(model: type[models.Model], constraint: models.BaseConstraint) -> list[str]:
    if not isinstance(constraint, models.UniqueConstraint):
        return []
    return [str(getattr(model._meta.get_field(name), "column", "")) for name in constraint.fields]


def _fields(model: type[models.Model], constraint: models.BaseConstraint) -> tuple[str, ...]:
    if isinstance(constraint, models.UniqueConstraint):
        return tuple(reversed(constraint.fields)) or _read_by(constraint.expressions)
    if isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, models.Q):
        named = constraint.condition.referenced_base_fields
        return tuple(field.name for field in model._meta.concrete_fields if {field.name, field.attname} & named)
    return ()


def _read_by(expressions: Sequence[Any]) -> tuple[str, ...]:
    """The columns that the expressions of a unique index read, in order."""
    parts = [part for one in expressions for part in (one.flatten() if hasattr(one, "flatten") else [one])]
    return tuple(part.name for part in parts if isinstance(part, models.F))
