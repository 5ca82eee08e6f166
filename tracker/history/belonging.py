"""What a record belongs to: found with it, deleted with it, withheld with it. Said once, by its model
(`Record.belongs_to`, `Record.speaks_of`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db.models import UniqueConstraint

from tracker.history.tracked import tracked_models
from tracker.models import Record

Key = tuple[str, int]  # kind and primary key of a record


@cache
def parents() -> dict[str, tuple[str, str]]:
    """The kinds whose records belong to one of a single kind: the column that names it, and that kind."""
    found = {}
    for kind, model in tracked_models().items():
        if model.belongs_to:
            target: Any = model._meta.get_field(model.belongs_to).related_model
            found[kind] = (model.belongs_to, target.record_kind())
    return found


@cache
def speaking() -> dict[str, type[Record]]:
    """The kinds that name what they belong to by kind and number: citations, claims, former addresses …"""
    return {kind: model for kind, model in tracked_models().items() if model.speaks_of}


@cache
def naming() -> tuple[str, ...]:
    """The kinds that name an organisation as having a part in something: parties, listings."""
    return tuple(kind for kind, model in tracked_models().items() if model.names)


def belongs_to(kind: str, state: Mapping[str, Any]) -> Key | None:
    """The record that one of this kind and state belongs to; None for one that stands by itself."""
    if kind in speaking():
        return state["kind"], state["record"]
    column, parent = parents().get(kind, ("", ""))
    reference = state.get(column)
    return (parent, reference["id"]) if reference else None


def belonging_to(kind: str) -> tuple[tuple[str, str], ...]:
    """The kinds whose records belong to one of `kind`, each with the column that names it: "record" for those that
    name it by kind and number."""
    own = [(child, column) for child, (column, parent) in parents().items() if parent == kind]
    return (*own, *((child, "record") for child in speaking()))


def counted_within(model: type[Record]) -> tuple[str, ...]:
    """The columns within whose values the places (`position`) of a model's records are counted."""
    for rule in model._meta.constraints:
        if isinstance(rule, UniqueConstraint) and "position" in rule.fields:
            return tuple(name for name in rule.fields if name != "position")
    return ("kind", "record") if model.speaks_of else (model.belongs_to,) if model.belongs_to else ()


def subject_in_sql(table: str, vendor: str) -> str:
    """An expression over rows of `table` (revisions): what the record belongs to as "engagement:12", else NULL."""
    if vendor == "sqlite":
        number = "json_extract({0}.state, '$.{1}.id')"
        other = f"json_extract({table}.state, '$.kind') || ':' || json_extract({table}.state, '$.record')"
    else:
        number = "(({0}.state -> '{1}') ->> 'id')"
        other = f"({table}.state ->> 'kind') || ':' || ({table}.state ->> 'record')"
    whens = [
        f"WHEN '{kind}' THEN '{parent}:' || {number.format(table, column)}"
        for kind, (column, parent) in parents().items()
    ]
    whens += [f"WHEN '{kind}' THEN {other}" for kind in speaking()]
    return f"(CASE {table}.kind {' '.join(whens)} END)"
