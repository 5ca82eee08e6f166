"""The past as a database: every queryset works for any past moment (docs/adr/0004).

A past moment is a SQLite file with the schema of the tracked models, filled from the interval index,
named by the digest of its last revision (which stands for the whole history up to it) and by what is kept
back today, opened read-only, and chosen by a database router for as long as `reading(at)` lasts.
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
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import OperationalError, connections, models
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.db.models import Value as Constant
from django.utils import timezone

from tracker.history.tracked import tracked_models
from tracker.models import Act, Interval, Record, Redacted, Revision, Source

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


class NoSuchRevision(UnknownMoment):
    """The text names a revision, but there is none of that number."""


@dataclass(frozen=True)
class KeptBack:
    """What no past file may give away, whatever the record said at the time.

    `sources`: primary keys of the sources that are withheld today, or were when they were deleted. `redacted`:
    the newest row of the log whose text was taken out; 0 = none was.
    """

    sources: frozenset[int]
    redacted: int

    @property
    def digest(self) -> str:
        """Stands for both, in eight letters."""
        return hashlib.sha256(repr((sorted(self.sources), self.redacted)).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Moment:
    """A past moment: the state just after revision `number`. `asked` is what the reader asked for.

    The others are read with it by `moment`, and looked up again where they are missing: the digest and the day (UTC)
    of that revision, and what is kept back today.
    """

    number: int
    asked: str
    digest: str = field(default="", compare=False)
    on: datetime.date | None = field(default=None, compare=False)
    kept_back: KeptBack | None = field(default=None, compare=False)

    @property
    def names_a_day(self) -> bool:
        """Whether a day was asked for, not a revision."""
        return not self.asked.startswith("r")

    @property
    def day(self) -> str:
        """The day that the moment speaks of, as ISO date: the one asked for, or that of the revision."""
        if self.names_a_day:
            return self.asked
        on = self.on or Revision.objects.values_list("act__at", flat=True).get(number=self.number).date()
        return on.isoformat()


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
    """The moment that `2026-03-01` (the end of that UTC day; today: as far as it goes) or `r123` names; two queries.

    Raises UnknownMoment for anything else and for a day that has not come, NoSuchRevision, NoRecordYet for a day
    before the record begins.
    """
    if re.fullmatch(r"r[0-9]+", asked):
        # 18 digits fit every database; Python refuses to read thousands of them.
        found = _revision(number=int(asked[1:])) if len(asked) <= 19 else None
        if found is None:
            raise NoSuchRevision(f"There is no revision “{asked[:20]}”.")
    else:
        day = _day(asked)
        end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), datetime.UTC)
        # Acts are dated in the order in which they are numbered.
        last = Act.objects.filter(at__lt=end).order_by("-at", "-pk")
        found = _revision(act=Subquery(last.values("pk")[:1]))
        if found is None:
            first = Act.objects.order_by("at").values_list("at", flat=True).first()
            raise NoRecordYet(first.date() if first else None)
        beyond = day > timezone.now().date() and day > found[2].date()
        if beyond and not Act.objects.filter(at__gte=end).exists():
            raise UnknownMoment(f"{asked} has not come yet: the record can be read as of a day up to today.")
    number, digest, at = found
    return Moment(number, asked, digest, at.date(), kept_back())


def _revision(**which: Any) -> tuple[int, str, datetime.datetime] | None:
    """The newest of these revisions: its number, its digest, when it was recorded."""
    found = Revision.objects.filter(**which).order_by("-number")
    return found.values_list("number", "digest", "act__at").first()


def _day(asked: str) -> datetime.date:
    """Raises UnknownMoment where the text is no day, or one that no day follows."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", asked):  # fromisoformat knows weeks, too
            raise ValueError
        day = datetime.date.fromisoformat(asked)
        if day == datetime.date.max:
            raise ValueError
    except ValueError:
        raise UnknownMoment(
            f"“{asked[:40]}” is not a past moment: write a day (2026-03-01) or a revision (r123)."
        ) from None
    return day


def kept_back() -> KeptBack:
    """What no past file may give away as of today; one query."""
    sources = Source.objects.using("default").filter(reuse=Source.Reuse.NO)
    later = Interval.objects.filter(kind="source", record=OuterRef("record"), since__gt=OuterRef("since"))
    # The last state of a source that is no more.
    ended = Interval.objects.filter(kind="source", until__isnull=False, revision__state__reuse=Source.Reuse.NO)
    redacted = Redacted.objects.order_by().values(what=Constant("redacted")).annotate(newest=Max("pk"))
    found = sources.order_by().values_list(Constant("source"), "pk")
    rows = found.union(
        ended.filter(~Exists(later)).values_list(Constant("source"), "record"),
        redacted.values_list("what", "newest"),
        all=True,
    )
    pks: set[int] = set()
    newest = 0
    for what, number in rows:
        if what == "source":
            pks.add(number)
        else:
            newest = number or 0
    return KeptBack(frozenset(pks), newest)


@contextmanager
def reading(at: Moment | None) -> Iterator[None]:
    """Inside, tracked models are read as they stood at `at`; None = as they are."""
    alias = None if at is None else _open(at)
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)


@contextmanager
def reading_file(path: Path) -> Iterator[None]:
    """Inside, tracked models are read from a file that `fill` wrote, or `seal`; it may go away afterwards."""
    alias = f"{PREFIX}file-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    _know(alias, path)
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)
        _close(alias)
        with _opening:
            connections.settings = {name: said for name, said in connections.settings.items() if name != alias}


def _open(at: Moment) -> str:
    number = at.number
    digest = at.digest or Revision.objects.values_list("digest", flat=True).get(number=number)
    hidden = at.kept_back or kept_back()
    name = f"{digest[:16]}-{_schema_digest()}-{hidden.digest}"
    alias = PREFIX + name
    path = Path(settings.PAST_DIR) / f"{name}.sqlite3"
    try:
        os.utime(path)  # most recently used
    except FileNotFoundError:
        _fill_once(path, number, hidden)
    _know(alias, path)
    _close_least_recently_used(alias)
    try:
        connections[alias].ensure_connection()
    except OperationalError:
        # Another process has just removed the file. Once it is open it may be removed: it stays readable.
        _fill_once(path, number, hidden)
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


def forget_files() -> None:
    """Removes every past file, and whatever was left of one: after a takedown no copy of the log may stay.

    They are filled again when they are asked for. Releases that are kept for good lie elsewhere.
    """
    forget_opened()
    with _filling(Path(settings.PAST_DIR)) as folder:
        for file in (*folder.glob("*.sqlite3"), *folder.glob("*.unfinished")):
            file.unlink(missing_ok=True)


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
    for column in model._meta.concrete_fields:
        kind = next((sql for base, sql in kinds.items() if isinstance(column, base)), "text")
        if column.primary_key:
            kind = "integer NOT NULL PRIMARY KEY"
        columns.append((column.column, kind))
    return columns


@cache
def _schema_digest() -> str:
    return hashlib.sha256("\n".join(_schema()).encode()).hexdigest()[:8]


@contextmanager
def _filling(folder: Path) -> Iterator[Path]:
    """The folder of past files, for one process at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "filling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _fill_once(path: Path, number: int, hidden: KeptBack) -> None:
    """Fills the file for one revision; whoever comes second waits and finds it."""
    with _filling(path.parent) as folder:
        if path.exists():
            return
        for broken_off in folder.glob("*.unfinished"):
            broken_off.unlink()
        unfinished = path.with_suffix(".unfinished")
        fill(unfinished, number, hidden)
        unfinished.replace(path)
        kept = sorted(folder.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime_ns)
        for old in kept[: -_kept()]:
            old.unlink(missing_ok=True)


def fill(path: Path, number: int, hidden: KeptBack | None = None) -> None:
    """Writes the state of all tracked records just after revision `number` to a new SQLite file.

    Sources that are `hidden` (default: those withheld today) are withheld in it, whatever they were at the time.
    """
    hidden = hidden or kept_back()
    log = file_of_the_log()
    database = sqlite3.connect(f"file:{quote(str(path))}", uri=True, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        if log:
            database.execute("ATTACH ? AS log", [f"file:{quote(log)}?mode=ro"])
            database.execute("PRAGMA busy_timeout=20000")
        database.execute("BEGIN")
        for statement in _schema():
            database.execute(statement)
        for kind, model in tracked_models().items():
            if log:
                _copy_in_the_database(database, kind, model, number)
            else:
                _copy_row_by_row(database, kind, model, number)
        sealed = [(pk,) for pk in sorted(hidden.sources)]
        table = Source._meta.db_table
        database.executemany(f"UPDATE \"{table}\" SET reuse = '{Source.Reuse.NO.value}' WHERE id = ?", sealed)  # noqa: S608
        for statement in _indexes():
            database.execute(statement)
        database.execute("COMMIT")
    finally:
        database.close()


def file_of_the_log() -> str:
    """The SQLite file that holds the log, where another connection can read all of it; else ''."""
    log = connections["default"]
    if log.vendor != "sqlite" or log.in_atomic_block or log.is_in_memory_db():  # type: ignore[attr-defined]
        return ""
    return str(Path(log.settings_dict["NAME"]).resolve())


def _named(model: type[Record]) -> str:
    return ", ".join(f'"{column.column}"' for column in model._meta.concrete_fields)


def _copy_in_the_database(database: sqlite3.Connection, kind: str, model: type[Record], number: int) -> None:
    """Two statements within SQLite, the log being attached: a quarter of the time of rows made here.

    A record that has not changed since is its own row of today, which is the state of its last revision. The others
    are read from the log.
    """
    table, interval = model._meta.db_table, f'log."{Interval._meta.db_table}"'
    of_today = ", ".join(f't."{column.column}"' for column in model._meta.concrete_fields)
    into = f'INSERT INTO main."{table}" ({_named(model)})'
    database.execute(
        f'{into} SELECT {of_today} FROM log."{table}" t JOIN {interval} i '  # noqa: S608
        "ON i.kind = ? AND i.record = t.id AND i.until IS NULL AND i.since <= ?",
        [kind, number],
    )
    values, defaults = [], []
    for column in model._meta.concrete_fields:
        value = f"json_extract(r.state, '$.{column.name}{'.id' if column.is_relation else ''}')"
        if not column.null and not column.primary_key:
            # A column younger than the revision is empty then.
            value = f"ifnull({value}, ?)"
            defaults.append(_default(column))
        values.append(value)
    database.execute(
        f"{into} SELECT {', '.join(values)} FROM {interval} i "  # noqa: S608
        f'JOIN log."{Revision._meta.db_table}" r ON r.number = i.revision_id '
        "WHERE i.kind = ? AND i.since <= ? AND i.until > ?",
        [*defaults, kind, number, number],
    )


def _copy_row_by_row(database: sqlite3.Connection, kind: str, model: type[Record], number: int) -> None:
    fields = model._meta.concrete_fields
    places = ", ".join("?" * len(fields))
    insert = f'INSERT INTO "{model._meta.db_table}" ({_named(model)}) VALUES ({places})'  # noqa: S608
    current = Q(since__lte=number) & (Q(until__isnull=True) | Q(until__gt=number))
    states = Interval.objects.filter(current, kind=kind).values_list("revision__state", flat=True)
    database.executemany(insert, (_row(fields, state) for state in states.iterator(chunk_size=5000)))


def _row(fields: Any, state: Any) -> list[Any]:
    row = []
    for column in fields:
        value = state.get(column.name)  # a column younger than the revision is empty then
        if isinstance(value, dict):
            value = value["id"]
        elif value is None and not column.null:
            value = _default(column)
        row.append(value)
    return row


def _default(column: Any) -> Any:
    value = column.get_default()
    # A choice is a text of a class of its own.
    return str(value) if isinstance(value, str) else value
