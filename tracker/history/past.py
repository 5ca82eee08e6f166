"""The past as a database: every queryset works for any past moment (docs/adr/0004).

A past moment is a SQLite file with the schema of the tracked models, filled from the interval index,
named by the digest of its last revision (which stands for the whole history up to it), opened
read-only, and chosen by a database router for as long as `reading(at)` lasts.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import OperationalError, connections, models
from django.db.models import Q

from tracker.history.tracked import tracked_models
from tracker.models import Interval, Record, Revision

PREFIX = "past-"
_alias: ContextVar[str | None] = ContextVar("past_alias", default=None)
_opening = threading.Lock()
_thread = threading.local()


class PastIsReadOnly(RuntimeError):
    """A tracked record was to be written while the past is read, or from a record read in the past."""


class NoRecordYet(LookupError):
    """The moment lies before the first revision. `begins` is the day the record begins, or None."""

    def __init__(self, begins: datetime.date | None) -> None:
        self.begins = begins
        super().__init__(f"The record begins on {begins}." if begins else "The record is empty.")


class UnknownMoment(ValueError):
    """The text names no moment, or a revision that does not exist."""


@dataclass(frozen=True)
class Moment:
    """A past moment: the state just after revision `number`. `asked` is what the reader asked for."""

    number: int
    asked: str


class PastRouter:
    """Sends reads of tracked models to the chosen past; refuses writes there."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        if not issubclass(model, Record):
            return None
        instance = hints.get("instance")
        if instance is not None and (instance._state.db or "").startswith(PREFIX):
            return instance._state.db
        return _alias.get()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        if not issubclass(model, Record):
            return None
        instance = hints.get("instance")
        if reading_past() or (instance is not None and (instance._state.db or "").startswith(PREFIX)):
            raise PastIsReadOnly(f"The past is read-only: a {model._meta.verbose_name} cannot be written from there.")
        return "default"

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool | None:
        return True if first._state.db == second._state.db else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db.startswith(PREFIX) else None


def reading_past() -> bool:
    """Whether the tracked models are being read as they stood at a past moment."""
    return _alias.get() is not None


def moment(asked: str) -> Moment:
    """The moment that `2026-03-01` (the end of that UTC day) or `r123` names.

    Raises UnknownMoment for anything else, NoRecordYet for a day before the record begins.
    """
    if re.fullmatch(r"r[0-9]+", asked):
        # 18 digits fit every database; Python refuses to read thousands of them.
        number = int(asked[1:]) if len(asked) <= 19 else 0
        if Revision.objects.filter(number=number).exists():
            return Moment(number, asked)
        raise UnknownMoment(f"There is no revision “{asked[:20]}”.")
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", asked):  # fromisoformat knows weeks, too
            raise ValueError
        day = datetime.date.fromisoformat(asked)
        end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), datetime.UTC)
    except (ValueError, OverflowError):
        raise UnknownMoment(
            f"“{asked[:40]}” is not a past moment: write a day (2026-03-01) or a revision (r123)."
        ) from None
    last = Revision.objects.filter(act__at__lt=end).order_by("-number").values_list("number", flat=True).first()
    if last is None:
        first = Revision.objects.order_by("number").values_list("act__at", flat=True).first()
        raise NoRecordYet(first.date() if first else None)
    return Moment(last, asked)


@contextmanager
def reading(at: Moment | None) -> Iterator[None]:
    """Inside, tracked models are read as they stood at `at`; None = as they are."""
    alias = None if at is None else _open(at.number)
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)


def _open(number: int) -> str:
    digest = Revision.objects.values_list("digest", flat=True).get(number=number)
    name = f"{digest[:16]}-{_schema_digest()}"
    alias = PREFIX + name
    path = Path(settings.PAST_DIR) / f"{name}.sqlite3"
    try:
        os.utime(path)  # most recently used
    except FileNotFoundError:
        _fill_once(path, number)
    _know(alias, path)
    _close_least_recently_used(alias)
    try:
        connections[alias].ensure_connection()
    except OperationalError:
        # Another process has just removed the file. Once it is open it may be removed: it stays readable.
        _fill_once(path, number)
        connections[alias].ensure_connection()
    return alias


def _know(alias: str, path: Path) -> None:
    """Makes the alias a database of Django, the one that will be forgotten last.

    The dict is replaced, never changed: other threads iterate over it.
    """
    with _opening:
        known = dict(connections.settings)
        database = known.pop(alias, None) or {
            **known["default"],
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"file:{quote(str(path))}?mode=ro&immutable=1",
            "OPTIONS": {},
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": False,
            "ATOMIC_REQUESTS": False,
        }
        known[alias] = database
        for old in [name for name in known if name.startswith(PREFIX)][: -_kept()]:
            del known[old]
        connections.settings = known
        # This thread has it from now on, whatever others make Django forget.
        connections[alias]


def _close_least_recently_used(alias: str) -> None:
    """Bounds the files that this thread holds open."""
    used: dict[str, None] = _thread.__dict__.setdefault("used", {})
    used.pop(alias, None)
    used[alias] = None
    for old in [name for name in used if name != _alias.get()][: -_kept()]:
        del used[old]
        _close(old)


def _close(alias: str) -> None:
    if hasattr(connections._connections, alias):  # type: ignore[attr-defined]
        connections[alias].close()
        del connections[alias]


def forget_opened() -> None:
    """Closes this thread's past files and forgets all that were opened. The files stay."""
    for alias in _thread.__dict__.pop("used", {}):
        _close(alias)
    with _opening:
        connections.settings = {
            alias: values for alias, values in connections.settings.items() if not alias.startswith(PREFIX)
        }


def _kept() -> int:
    return max(1, settings.PAST_FILES_KEPT)


@cache
def _schema() -> tuple[str, ...]:
    """The CREATE statements of the tracked tables: columns as they are, without constraints.

    What the index holds passed the constraints when it was written.
    """
    statements = []
    for model in tracked_models().values():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in _columns(model))
        statements.append(f'CREATE TABLE "{model._meta.db_table}" ({columns})')
    return tuple(statements)


def _indexes() -> Iterator[str]:
    for model in tracked_models().values():
        table = model._meta.db_table
        lists = [[field.column] for field in model._meta.concrete_fields if field.is_relation or field.unique]
        for index in model._meta.indexes:
            lists.append([str(getattr(model._meta.get_field(name), "column", "")) for name in index.fields])
        for number, columns in enumerate(lists):
            if columns != [model._meta.pk.column]:
                named = ", ".join(f'"{column}"' for column in columns)
                yield f'CREATE INDEX "{table}_{number}" ON "{table}" ({named})'


def _columns(model: type[Record]) -> list[tuple[str, str]]:
    kinds = {
        models.AutoField: "integer", models.IntegerField: "integer", models.BooleanField: "bool",
        models.DecimalField: "decimal", models.ForeignKey: "bigint",
    }  # fmt: skip
    columns = []
    for field in model._meta.concrete_fields:
        kind = next((sql for base, sql in kinds.items() if isinstance(field, base)), "text")
        if field.primary_key:
            kind = "integer NOT NULL PRIMARY KEY"
        columns.append((field.column, kind))
    return columns


@cache
def _schema_digest() -> str:
    return hashlib.sha256("\n".join(_schema()).encode()).hexdigest()[:8]


def _fill_once(path: Path, number: int) -> None:
    """Fills the file for one revision; whoever comes second waits and finds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "filling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return
        for broken_off in path.parent.glob("*.unfinished"):
            broken_off.unlink()
        unfinished = path.with_suffix(".unfinished")
        fill(unfinished, number)
        unfinished.replace(path)
        kept = sorted(path.parent.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime_ns)
        for old in kept[: -_kept()]:
            old.unlink(missing_ok=True)


def fill(path: Path, number: int) -> None:
    """Writes the state of all tracked records just after revision `number` to a new SQLite file."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN")
        for statement in _schema():
            database.execute(statement)
        current = Q(since__lte=number) & (Q(until__isnull=True) | Q(until__gt=number))
        for kind, model in tracked_models().items():
            fields = model._meta.concrete_fields
            names = ", ".join(f'"{field.column}"' for field in fields)
            places = ", ".join("?" * len(fields))
            insert = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places})'  # noqa: S608
            states = Interval.objects.filter(current, kind=kind).values_list("revision__state", flat=True)
            database.executemany(insert, (_row(fields, state) for state in states.iterator(chunk_size=5000)))
        for statement in _indexes():
            database.execute(statement)
        database.execute("COMMIT")
    finally:
        database.close()


def _row(fields: Any, state: Any) -> list[Any]:
    row = []
    for field in fields:
        value = state.get(field.name)  # a column younger than the revision is empty then
        if isinstance(value, dict):
            value = value["id"]
        elif value is None and not field.null:
            value = field.get_default()
        row.append(value)
    return row
