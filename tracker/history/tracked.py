"""Which models are tracked, and a record's full state as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from tracker.models import Record

State = dict[str, Any]


@cache
def tracked_models() -> dict[str, type[Record]]:
    """Every concrete Record model by its kind, in an order in which references point backwards."""
    found = [model for model in apps.get_models() if issubclass(model, Record)]
    ordered: dict[str, type[Record]] = {}

    def place(model: type[Record]) -> None:
        if model.record_kind() in ordered:
            return
        for field in model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and issubclass(target, Record) and target is not model:
                place(target)
        ordered[model.record_kind()] = model

    for model in found:
        place(model)
    return ordered


@cache
def _columns(model: type[Record]) -> tuple[tuple[str, Any, str], ...]:
    """Name, field, and for decimals the format in which the column holds them."""
    return tuple(
        (field.name, field, f".{field.decimal_places}f" if isinstance(field, models.DecimalField) else "")
        for field in model._meta.concrete_fields
    )


def key_in(model: type[Record], state: State) -> str:
    """The natural key that a state of `model` holds, as `Record.key` writes it."""
    values = (state.get(name) for name in model.key_fields)
    return "/".join(
        "" if value is None else value["key"] if isinstance(value, dict) else str(value) for value in values
    )


class StateReader:
    """Reads records' states; remembers the keys of related records while one act is written."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, int], str] = {}

    def key_of(self, record: Record) -> str:
        """The natural key of `record`, each looked up once."""
        parts = []
        for name in record.key_fields:
            field = record._meta.get_field(name)
            if field.is_relation:
                parts.append(self._related_key(record, field))
            else:
                value = getattr(record, name)
                parts.append("" if value is None else str(value))
        return "/".join(parts)

    def _related_key(self, record: Record, field: Any) -> str:
        pk = getattr(record, field.attname)
        if pk is None:
            return ""
        known = (field.related_model._meta.label, pk)
        if known not in self._keys:
            related = getattr(record, field.name)
            self._keys[known] = self.key_of(related) if isinstance(related, Record) else str(related)
        return self._keys[known]

    def state_of(self, record: Record) -> State:
        """The state after the last save: {column: JSON value}; a reference is {"id", "key"}."""
        state: State = {}
        for name, field, digits in _columns(type(record)):
            value = getattr(record, field.attname)
            if value is not None:
                if field.is_relation:
                    value = {"id": value, "key": self._related_key(record, field)}
                elif digits:
                    # As the column holds it, so that a value read back equals the value written.
                    value = format(Decimal(value), digits)
                else:
                    value = field.to_python(value)
                    if isinstance(value, date):
                        value = value.isoformat()
            state[name] = value
        return state

    def states_in_database(self, model: type[Record], pks: Iterable[int]) -> dict[int, State]:
        """Today's states of the records that exist, by primary key; two queries a thousand records."""
        related = [field.name for field in model._meta.concrete_fields if field.is_relation]
        wanted = list(pks)
        states: dict[int, State] = {}
        for start in range(0, len(wanted), 1000):
            rows = model._default_manager.using("default").select_related(*related)
            for record in rows.filter(pk__in=wanted[start : start + 1000]):
                states[record.pk] = self.state_of(record)
        return states
