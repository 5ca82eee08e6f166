"""No write of a record without a trace: what is asked before each statement.

Inside `recording.recorded` a record that is saved or deleted is watched, whoever forgot to; statements over many
rows go through the Recording's own methods. Every other statement that writes a record's table is refused, also
one in plain SQL: the guard stands at the database connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import signals

from tracker.history.tracked import tracked_models
from tracker.models import Record

# What only reads, or makes and drops tables, as migrations do.
_HARMLESS = (
    "SELECT",
    "SAVEPO",
    "RELEAS",
    "ROLLBA",
    "BEGIN",
    "COMMIT",
    "PRAGMA",
    "CREATE",
    "ALTER ",
    "DROP T",
    "DROP I",
)
# What a statement writes, wherever it stands in it: after a comment, in a WITH, with a schema, in any sort of quotes.
_WRITE = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)"
    r"\s+(?:ONLY\s+)?(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?(\w+)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)


class RecordingError(Exception):
    """A write that would leave no trace, or a trace without a reason."""


class Watcher(Protocol):
    """The Recording of the act that is going on."""

    # How many records are being saved or deleted just now, and whether a statement over many rows is its own.
    writing: int
    writes_many: bool

    def watch(self, *records: Record) -> None: ...


_acting: ContextVar[Watcher | None] = ContextVar("acting", default=None)
_guarded: ContextVar[bool] = ContextVar("guarded", default=True)


@contextmanager
def acting(recording: Watcher) -> Iterator[None]:
    """Inside, records may be written: `recording` keeps what they were."""
    token = _acting.set(recording)
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def unguarded() -> Iterator[None]:
    """Inside, records may be written without a trace. For tests of what the database itself refuses, and for the one
    action that copies all records together with their history (`actions.database_moves`)."""
    token = _guarded.set(False)
    try:
        yield
    finally:
        _guarded.reset(token)


def install() -> None:
    """Puts the guard on every connection to the database of today and watches what is saved or deleted."""
    connection_created.connect(_guard_connection, dispatch_uid="history guard")
    for signal, hear in (
        (signals.pre_save, _begins), (signals.pre_delete, _begins),
        (signals.post_save, _ended), (signals.post_delete, _ended),
    ):  # fmt: skip
        signal.connect(hear, dispatch_uid="history guard")


def _begins(instance: Any, **_: Any) -> None:
    recording = _acting.get()
    if recording is not None and isinstance(instance, Record):
        recording.watch(instance)
        recording.writing += 1


def _ended(instance: Any, **_: Any) -> None:
    recording = _acting.get()
    if recording is not None and isinstance(instance, Record):
        recording.writing -= 1


def _guard_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias == "default" and _before_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_before_statement)


@cache
def _tables() -> dict[str, str]:
    return {model._meta.db_table: str(model._meta.verbose_name) for model in tracked_models().values()}


def _written(sql: str) -> str:
    """The kind of record whose table a statement writes, in words; "" for none."""
    if sql[:6].upper().startswith(_HARMLESS):
        return ""
    text = _COMMENT.sub(" ", sql) if "/*" in sql or "--" in sql else sql
    return next((name for found in _WRITE.finditer(text) if (name := _tables().get(found[1].lower()))), "")


def _before_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    name = _written(sql)
    if not name:
        return execute(sql, params, many, context)
    recording = _acting.get()
    if _guarded.get():
        if recording is None:
            raise RecordingError(
                f"A {name} is written through an action, so that history keeps it; this write is none: {sql[:60]}"
            )
        if not (recording.writing or recording.writes_many):
            raise RecordingError(
                f"Many rows of {name} in one statement: use the Recording's bulk_create and bulk_update. {sql[:60]}"
            )
    try:
        return execute(sql, params, many, context)
    except Exception:
        # The save or delete that it belonged to has failed and will not say that it ended.
        if recording is not None:
            recording.writing = 0
        raise
