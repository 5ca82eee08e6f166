"""Rows tried against the rules of the database, without touching it.

A table of today, with its constraints and triggers and whatever these look at, copied to a SQLite database in
memory: there each row is put in, and what it breaks is said. On PostgreSQL, too: the rules are the same.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError, connections
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]
from django.db.migrations.loader import MigrationLoader

from tracker.history.past import file_of_the_log
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.models import Record
from tracker.models.broken_rule import BrokenRule, broken_rule

# The table that a rule belongs to, and its SQL.
_Rules = tuple[tuple[str, str], ...]


class Trial:
    """Today's rows of one model, and what becomes of them. Made by `trial`."""

    def __init__(self, database: sqlite3.Connection, model: type[Record]) -> None:
        self._database = database
        self._model = model
        columns = [column.column for column in model._meta.concrete_fields]
        named = ", ".join(f'"{name}"' for name in columns)
        table = model._meta.db_table
        self._insert = f'INSERT INTO "{table}" ({named}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608
        self._delete = f'DELETE FROM "{table}" WHERE "{model._meta.pk.column}" = ?'  # noqa: S608

    def take_out(self, pk: int) -> None:
        self._database.execute(self._delete, [pk])

    def put(self, state: State) -> BrokenRule | None:
        """Puts a record in as `state` says; where that breaks a rule it stays out, and the rule is returned."""
        try:
            self._database.execute(self._insert, _row(self._model, state))
        except sqlite3.IntegrityError as broken:
            return broken_rule(self._model, IntegrityError(str(broken)))
        return None


@contextmanager
def trial(model: type[Record]) -> Iterator[Trial]:
    """A copy of today's rows of `model` under the database's own rules, thrown away afterwards."""
    rules = _rules()
    # Its triggers look into other tables; those are filled, too, but nothing is tried there.
    names = {other._meta.db_table: other for other in tracked_models().values()}
    table = model._meta.db_table
    read = {table} | {
        word for owner, sql in rules if owner == table for word in re.findall(r"\w+", sql) if word in names
    }
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        register(database)
        log = file_of_the_log()
        if log:
            database.execute("ATTACH ? AS today", [f"file:{quote(log)}?mode=ro"])
            database.execute("PRAGMA today.busy_timeout=20000")
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("BEGIN")
        triggers = []
        for owner, sql in rules:
            if owner not in read:
                continue
            if sql.startswith("CREATE TRIGGER"):
                triggers.append((owner, sql))
            else:
                database.execute(sql)
        for name in sorted(read):
            _fill(database, names[name], attached=bool(log))
        if log:
            # A reader of the file for as long as the rows are tried would keep its log from being taken up.
            database.execute("COMMIT")
            database.execute("DETACH today")
            database.execute("BEGIN")
        for owner, sql in triggers:
            if owner == table:
                database.execute(sql)
        yield Trial(database, model)
    finally:
        database.close()


def _fill(database: sqlite3.Connection, model: type[Record], *, attached: bool) -> None:
    columns = ", ".join(f'"{column.column}"' for column in model._meta.concrete_fields)
    into = f'INSERT INTO main."{model._meta.db_table}" ({columns})'
    if attached:
        database.execute(f'{into} SELECT {columns} FROM today."{model._meta.db_table}"')  # noqa: S608
        return
    reader = StateReader()
    related = [column.name for column in model._meta.concrete_fields if column.is_relation]
    rows = model._default_manager.using("default").select_related(*related).order_by("pk")
    places = ", ".join("?" * len(model._meta.concrete_fields))
    database.executemany(
        f"{into} VALUES ({places})",
        (_row(model, reader.state_of(record)) for record in rows.iterator(chunk_size=2000)),
    )


def _row(model: type[Record], state: State) -> Sequence[object]:
    """A state as SQLite takes it."""
    values = (state[column.name] for column in model._meta.concrete_fields)
    return [value["id"] if isinstance(value, dict) else value for value in values]


def _rules() -> _Rules:
    """The tables, unique indexes and triggers of the tracked models, each with the table that it belongs to."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(_SCHEMA)
            return _of_tracked(cursor.fetchall())
    path = _migrated_file()
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        return _of_tracked(database.execute(_SCHEMA).fetchall())
    finally:
        database.close()


_SCHEMA = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type <> 'table', type, name"


def _of_tracked(found: Sequence[tuple[str, str]]) -> _Rules:
    tables = {model._meta.db_table for model in tracked_models().values()}
    return tuple(
        (table, sql)
        for table, sql in found
        # Other indexes only make looking up faster: those of a trigger's own conditions are worth it.
        if table in tables
    )


def rules_folder() -> Path:
    """Where the rules lie that are read on another database than SQLite: beside the past states, the one folder that
    every process of a deployment can write to, and that may be emptied at any time."""
    return Path(settings.PAST_DIR) / "trial"


def _migrated_file() -> Path:
    """An empty SQLite database of this build's migrations: where the rules are read on another database. Made once
    a host, in some seconds."""
    names = sorted("/".join(key) for key in MigrationLoader(None).disk_migrations)
    digest = hashlib.sha256("\n".join([settings.BUILD, *names]).encode()).hexdigest()[:16]
    folder = rules_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest}.sqlite3"
    with (folder / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            # A process that was killed here leaves its folder, and its child still writes there: never the same twice.
            for old in folder.iterdir():
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
                elif old.name != "making.lock":
                    old.unlink()
            unfinished = Path(mkdtemp(prefix="making-", dir=folder)) / path.name
            manage = Path(settings.BASE_DIR) / "manage.py"
            # A process of its own: Django migrates only what its settings name.
            command = ["/usr/bin/env", f"DATABASE_URL=sqlite:///{unfinished}", sys.executable, str(manage)]
            subprocess.run([*command, "migrate", "-v0"], check=True, capture_output=True)  # noqa: S603  (our own)
            database = sqlite3.connect(unfinished)
            database.execute("PRAGMA journal_mode=DELETE")
            database.close()
            unfinished.replace(path)
            unfinished.parent.rmdir()
    return path
