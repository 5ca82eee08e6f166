"""Asserting that the database itself refuses a row, and by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, models, transaction


@contextmanager
def refused_by(rule: str, model: type[models.Model]) -> Iterator[None]:
    """Inside, a write is refused, and the error names `rule`.

    SQLite names the columns of a plain unique index instead of the index; then exactly these are expected.
    """
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        yield
    text = str(refused.value)
    if rule in text or rule == getattr(getattr(refused.value.__cause__, "diag", None), "constraint_name", None):
        return
    constraint = next(c for c in model._meta.constraints if c.name == rule)
    assert connection.vendor == "sqlite", text
    assert isinstance(constraint, models.UniqueConstraint), text
    columns = [model._meta.get_field(name).column for name in constraint.fields]
    assert re.findall(rf"{model._meta.db_table}\.(\w+)", text) == columns


def made_with(factory, **values):
    """The saved record, read back: what a neighbouring row looks like that no rule refuses."""
    made = factory(**values)
    return type(made)._default_manager.get(pk=made.pk)
