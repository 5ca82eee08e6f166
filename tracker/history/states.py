"""From a state back to a record, and from a record to its state."""

from __future__ import annotations

from typing import Any

from tracker.history.tracked import State, StateReader
from tracker.models import Record


def state_now(record: Record) -> State:
    """The record's state as the database has it; raises KeyError where it is not there."""
    return StateReader().states_in_database(type(record), [record.pk])[record.pk]


def column_values(model: type[Record], state: State) -> dict[str, Any]:
    """Values for the model's columns by attribute name ({"country_id": 3}); columns the state lacks are empty."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        value = state.get(field.name)
        if isinstance(value, dict):
            value = value["id"]
        elif value is None and not field.null:
            value = field.get_default()
        values[field.attname] = value if value is None else field.to_python(value)
    return values


def record_from(model: type[Record], state: State) -> Record:
    """An unsaved record as the state describes it, under its own primary key."""
    return model(**column_values(model, state))
