"""The whole database into another one of any kind, proved equal.

This is the one write beside the migrations that history does not record, because history comes along: every row of
every table keeps its key, and the log is copied with the records that it speaks of. So the guard is opened here, for
an empty target only. The triggers of the target stay on and judge every row. Everything happens in one transaction,
which ends only if both databases read the same.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import dj_database_url
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.db.models.functions import Collate

from tracker.actions.backups import is_empty
from tracker.history.guard import unguarded
from tracker.history.verification import Verification, verify

SOURCE, TARGET = "moved-from", "default"
ROWS = 1000
# Rows of files hold up to a megabyte each.
LARGE_ROWS = 8


class CannotMove(Exception):
    """The database is not moved, and the target holds what it held. The text is for people."""


@dataclass(frozen=True)
class Moved:
    """One table: how many rows, and the sha256 over all of them, which is the same on both sides."""

    table: str
    rows: int
    checksum: str


def move(*, url: str, say: Callable[[Moved], None] = lambda moved: None) -> Verification:
    """Copies the database at `url` into that of DATABASE_URL, which the command migrates and which must be empty.

    `say` hears of every table when it is proved equal. Not copied: which migrations were applied when (both have the
    same), and the counted tries to log in, which begin anew. Raises CannotMove.
    """
    with _source(url) as source:
        if source.settings_dict["NAME"] == connections[TARGET].settings_dict["NAME"] and _same_server(source):
            raise CannotMove("Source and target are the same database.")
        if not is_empty():
            raise CannotMove("The target is not empty: name an empty database in DATABASE_URL.")
        call_command("migrate", verbosity=0)
        _same_migrations(source)
        tables = list(apps.get_models(include_auto_created=True))
        try:
            with _one_moment(source), transaction.atomic(using=TARGET, durable=True):
                return _move(source, tables, say)
        except DatabaseError as wrong:
            raise CannotMove(f"The target did not take it: {wrong}") from wrong


def _move(
    source: BaseDatabaseWrapper, tables: list[type[models.Model]], say: Callable[[Moved], None]
) -> Verification:
    with unguarded():
        # What the migrations have put in: the source has the same rows, perhaps under other keys.
        for model in reversed(tables):
            model._base_manager.using(TARGET)._raw_delete(TARGET)
        for model in tables:
            _copy(model)
    _carry_on_counting(source, tables)
    # Now, and not only at the end: references to rows that are missing.
    connections[TARGET].check_constraints()
    for model in tables:
        ours, theirs = checksum(model, SOURCE), checksum(model, TARGET)
        if ours != theirs:
            raise CannotMove(f"{ours.table} differs: {ours.rows} rows ({ours.checksum}), then {theirs.rows} "
                             f"({theirs.checksum}). Nothing was moved.")  # fmt: skip
        say(ours)
    result = verify()
    if not result.is_sound:
        raise CannotMove(f"The history of the source is not sound. Nothing was moved. {' '.join(result.findings)}")
    return result


@contextmanager
def _source(url: str) -> Iterator[BaseDatabaseWrapper]:
    """The database to be read, under an alias of its own for as long as it takes."""
    try:
        said = dj_database_url.parse(url)
    except (ValueError, dj_database_url.ParseError) as wrong:
        raise CannotMove(f"--from is no address of a database: {wrong}") from wrong
    if said["ENGINE"] == "django.db.backends.sqlite3":
        # Never make the file that is missing, never write into the one that is there.
        said |= {"NAME": f"file:{said['NAME']}?mode=rw", "OPTIONS": {"init_command": "PRAGMA query_only=ON"}}
    try:
        connections.databases[SOURCE] = connections.configure_settings({"default": said})["default"]
        try:
            connections[SOURCE].ensure_connection()
        except (DatabaseError, ImproperlyConfigured) as wrong:
            raise CannotMove(f"The source cannot be opened: {wrong}") from wrong
        yield connections[SOURCE]
    finally:
        with ExitStack() as left:
            left.callback(connections.databases.pop, SOURCE, None)
            connections[SOURCE].close()
            del connections[SOURCE]


def _same_server(source: BaseDatabaseWrapper) -> bool:
    target = connections[TARGET].settings_dict
    return all(source.settings_dict[name] == target[name] for name in ("ENGINE", "HOST", "PORT"))


def _same_migrations(source: BaseDatabaseWrapper) -> None:
    theirs = MigrationRecorder(source).applied_migrations().keys()
    ours = MigrationRecorder(connections[TARGET]).applied_migrations().keys()
    if behind := sorted(ours - theirs):
        raise CannotMove(
            f"The source lacks the migration {'.'.join(behind[0])}: migrate it with this code first "
            "(DATABASE_URL=… manage.py migrate)."
        )
    if ahead := sorted(theirs - ours):
        raise CannotMove(f"The source was made by newer code: it has the migration {'.'.join(ahead[0])}.")


@contextmanager
def _one_moment(source: BaseDatabaseWrapper) -> Iterator[None]:
    """What is read inside is the source at one moment, whoever writes there meanwhile."""
    with transaction.atomic(using=source.alias):
        if source.vendor == "postgresql":
            with source.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# Rows


def _columns(model: type[models.Model]) -> list[Any]:
    return list(model._meta.local_concrete_fields)


def _in_order(model: type[models.Model], alias: str) -> models.QuerySet[Any]:
    """Every row by its primary key; keys of letters in the order of their codes on every database."""
    key = model._meta.pk
    order: Any = F(key.attname)
    if not isinstance(key, models.IntegerField | models.ForeignKey):
        order = Collate(order, "C" if connections[alias].vendor == "postgresql" else "BINARY")
    return model._base_manager.using(alias).order_by(order)


def _at_once(model: type[models.Model]) -> int:
    return LARGE_ROWS if any(isinstance(field, models.BinaryField) for field in _columns(model)) else ROWS


def _copy(model: type[models.Model]) -> None:
    """Row by row as they are: nothing is computed on the way, and no signal is sent."""
    columns = _columns(model)
    rows = _in_order(model, SOURCE).iterator(chunk_size=_at_once(model))
    into: Any = model._base_manager.using(TARGET)
    while some := list(islice(rows, _at_once(model))):
        most = connections[TARGET].ops.bulk_batch_size(columns, some)
        for start in range(0, len(some), most):
            into._insert(some[start : start + most], fields=columns, using=TARGET, raw=True)


def _carry_on_counting(source: BaseDatabaseWrapper, tables: list[type[models.Model]]) -> None:
    """New rows get keys that no row ever had, also none that was deleted: the log knows records by their keys."""
    target = connections[TARGET]
    counted = {
        model: last
        for model in tables
        if isinstance(model._meta.pk, models.AutoField | models.BigAutoField) and (last := _last_key(source, model))
    }
    with target.cursor() as cursor:
        for statement in target.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
        for model, last in counted.items():
            table, key = model._meta.db_table, model._meta.pk.column
            if target.vendor == "postgresql":
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', key, last])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _last_key(source: BaseDatabaseWrapper, model: type[models.Model]) -> int:
    """The last key that the source has given out in a table; 0 = none."""
    table, key = model._meta.db_table, model._meta.pk.column
    with source.cursor() as cursor:
        if source.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', key])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence} WHERE is_called")  # noqa: S608
        found = cursor.fetchone()
    return found[0] if found else 0


# Checksums


def checksum(model: type[models.Model], alias: str) -> Moved:
    """sha256 over the canonical text of every row in the order of primary keys: equal on both databases where the
    values are."""
    columns = _columns(model)
    whole, many = hashlib.sha256(), 0
    rows = _in_order(model, alias).values_list(*(field.attname for field in columns))
    for row in rows.iterator(chunk_size=_at_once(model)):
        said = [_canonical(field, value) for field, value in zip(columns, row, strict=True)]
        whole.update(json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass") + b"\n")
        many += 1
    return Moved(model._meta.db_table, many, whole.hexdigest())


def _canonical(field: Any, value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, f".{field.decimal_places}f")
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(field, models.JSONField):
        return _json(value)
    return value


def _json(value: Any) -> Any:
    # PostgreSQL writes the number 1e2 as 100.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    return [_json(inner) for inner in value] if isinstance(value, list) else value
