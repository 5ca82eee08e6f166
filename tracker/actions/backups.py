"""Backups: a consistent copy of the whole database beside a manifest that proves it, and the way back.

SQLite is copied by its online backup inside one read transaction, PostgreSQL by pg_dump on an exported snapshot: both
show one moment, and nobody who writes meanwhile waits. A backup counts once its manifest lies beside it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tracker.actions.jobs import JobFailed, Running
from tracker.history.verification import Verification, verify
from tracker.models import RevisionCounter

FORMAT = 1
# Pages of SQLite that are copied in one go, and the rest after each, in seconds: the disk is others', too.
PAGES, REST = 2000, 0.005
ENDINGS = {"sqlite": "sqlite3", "postgresql": "dump"}
# Made by migrations, not by people: a database that holds no more than this is an empty one.
GIVEN = {"auth.Group", "auth.Permission", "contenttypes.ContentType", "tracker.RevisionCounter"}
# Empties a PostgreSQL database of the tracker; what belongs to an extension stays.
EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DROP TABLE ' || one.name || ' CASCADE';
  END LOOP;
  FOR one IN SELECT p.oid::regprocedure::text AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE 'DROP FUNCTION ' || one.name || ' CASCADE';
  END LOOP;
END $$;
"""

Say = Callable[[int, int | None, str], None]


class CannotBackUp(Exception):
    """No backup can be made here. The text is for people."""


class CannotRestore(Exception):
    """The backup is not put back, and nothing has changed. The text is for people."""


@dataclass(frozen=True)
class Manifest:
    """What a backup is. `revision` and `digest` are those of the log's last row in it, `size` is in bytes."""

    format: int
    made_at: str
    build: str
    database: str
    migration: str
    revision: int
    digest: str
    file: str
    size: int
    sha256: str

    @property
    def at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self.made_at)


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    # The backup of what was replaced, where something was.
    before: Path | None
    verification: Verification


def backup(running: Running) -> None:
    """The job: a backup in BACKUP_DIR; those that need not be kept any longer go."""
    try:
        file, manifest = take(into=settings.BACKUP_DIR, say=running.progress)
    except CannotBackUp as why:
        raise JobFailed(str(why)) from why
    gone = rotate(settings.BACKUP_DIR)
    with running.finishing(
        file=file.name, bytes=manifest.size, revision=f"r{manifest.revision}", old_ones_removed=len(gone)
    ):
        pass


def take(*, into: Path, say: Say = lambda done, total, doing: None) -> tuple[Path, Manifest]:
    """Makes a backup in a folder; returns its file and what its manifest says.

    Until the manifest is written the folder holds no backup but a temporary file. Raises CannotBackUp.
    """
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    _forget_broken_off(into)
    now = timezone.now()
    name = f"tracker-{now:%Y%m%dT%H%M%SZ}"
    ending = ENDINGS[connection.vendor]
    many = 1
    while (into / f"{name}.{ending}").exists():
        many += 1
        name = f"tracker-{now:%Y%m%dT%H%M%SZ}-{many}"
    part = into / f"{name}.{ending}.part"
    part.touch(mode=0o600)  # it holds the digests of passwords
    try:
        revision, digest = _copy_sqlite(part, say) if connection.vendor == "sqlite" else _dump_postgresql(part, say)
        say(0, None, "Reading the backup for its digest")
        manifest = Manifest(
            format=FORMAT, made_at=now.isoformat(), build=settings.BUILD, database=connection.vendor,
            migration=newest_migration(), revision=revision, digest=digest, file=f"{name}.{ending}",
            size=part.stat().st_size, sha256=_sha256(part),
        )  # fmt: skip
        _settle(part, into / manifest.file)
    finally:
        part.unlink(missing_ok=True)
    beside = manifest_of(into / manifest.file)
    unsettled = beside.with_name(f"{beside.name}.part")
    unsettled.touch(mode=0o600)
    unsettled.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    _settle(unsettled, beside)
    return into / manifest.file, manifest


def manifest_of(file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return file.with_name(f"{file.name}.json")


def read_manifest(file: Path) -> Manifest:
    """What the manifest beside a backup says. Raises CannotRestore."""
    beside = manifest_of(file)
    try:
        said = json.loads(beside.read_text(encoding="utf-8"))
        manifest = Manifest(**said)
    except FileNotFoundError:
        raise CannotRestore(f"{beside} is missing: without its manifest a backup cannot be checked.") from None
    except (ValueError, TypeError):
        raise CannotRestore(f"{beside} is no manifest of a backup.") from None
    if manifest.format != FORMAT:
        raise CannotRestore(f"{beside} is of format {manifest.format}; this code reads format {FORMAT}.")
    return manifest


def newest_migration() -> str:
    """The tracker's newest applied migration, as “0013_background_work”; "" for none."""
    applied = [name for app, name in MigrationRecorder(connection).applied_migrations() if app == "tracker"]
    return max(applied, default="")


# Rotation


def rotate(folder: Path) -> list[Path]:
    """Removes the backups of a folder that are not to be kept; returns them."""
    found = {file: read_manifest(file).at for file in _backups(folder)}
    keep = kept(found.values(), now=timezone.now(), **settings.BACKUPS_KEPT)
    gone = [file for file, at in found.items() if at not in keep]
    for file in gone:
        # The manifest first: what is left of a removal that broke off is no backup.
        manifest_of(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
    return gone


def kept(
    times: Iterable[datetime.datetime], *, now: datetime.datetime, days: int, weeks: int, months: int
) -> set[datetime.datetime]:
    """Of the last so many days, weeks and months that have a backup the newest each; all of the last 24 hours."""
    newest_first = sorted(times, reverse=True)
    keep = {at for at in newest_first if now - at < datetime.timedelta(days=1)} | set(newest_first[:1])
    for many, pattern in ((days, "%Y-%m-%d"), (weeks, "%G-W%V"), (months, "%Y-%m")):
        of_period: dict[str, datetime.datetime] = {}
        for at in newest_first:
            of_period.setdefault(format(at, pattern), at)
        keep.update(list(of_period.values())[:many])
    return keep


def _backups(folder: Path) -> Iterator[Path]:
    for beside in sorted(folder.glob("tracker-*.json")):
        file = beside.with_suffix("")
        if file.suffix.lstrip(".") in ENDINGS.values():
            with suppress(CannotRestore):
                read_manifest(file)
                yield file


def _forget_broken_off(folder: Path) -> None:
    """Removes what a backup left that died a day ago or longer."""
    for part in folder.glob("tracker-*.part"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > 24 * 3600:
                part.unlink()


# Making


def _copy_sqlite(into: Path, say: Say) -> tuple[int, str]:
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        raise CannotBackUp("A database in memory cannot be backed up.")
    name = str(connection.settings_dict["NAME"])

    def copied(_: int, remaining: int, total: int) -> None:
        say(total - remaining, total, "Copying the database")
        time.sleep(REST)

    with (
        closing(sqlite3.connect(_uri(Path(name), "ro"), uri=True, isolation_level=None)) as source,
        closing(sqlite3.connect(into, isolation_level=None)) as copy,
    ):
        # Inside a read transaction the copy is of one moment and does not begin anew with each write of others.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(copy, pages=PAGES, progress=copied)
        source.execute("ROLLBACK")
        # The rules of tables call functions that Django brings.
        register(copy)
        # One file, without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        (sound,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise CannotBackUp(f"The database file is damaged: {sound}")
        return _last_revision(copy)


def _last_revision(database: sqlite3.Connection) -> tuple[int, str]:
    try:
        found = database.execute(f"SELECT last_number, last_digest FROM {RevisionCounter._meta.db_table}").fetchone()  # noqa: S608
    except sqlite3.OperationalError:
        raise CannotBackUp("The database has no tables: migrate it first.") from None
    return found or (0, "")


def _dump_postgresql(into: Path, say: Say) -> tuple[int, str]:
    dump = _program("pg_dump")
    say(0, None, "pg_dump copies the database")
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        last = RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")
        line, environment = _of_the_server(
            [dump, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={into}"]
        )
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  (our own words)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CannotBackUp(f"pg_dump failed: {said[-1] if said else done.returncode}")
    return last


def _settle(part: Path, final: Path) -> None:
    """Gives a finished file its name; both outlive a power cut."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _uri(file: Path, mode: str) -> str:
    return f"file:{quote(str(file))}?mode={mode}"


# The way back


def restore(*, file: Path, replace: bool = False) -> Restored:
    """Puts a backup into the database of DATABASE_URL, migrates it and verifies its history.

    The database changes in one transaction or not at all. One that holds something is refused, unless `replace`: then
    it is backed up first. Raises CannotRestore, CannotBackUp.
    """
    manifest = read_manifest(file)
    if not file.exists():
        raise CannotRestore(f"{file} is missing: only its manifest is there.")
    if manifest.database != connection.vendor:
        raise CannotRestore(
            f"{file.name} is a backup of {manifest.database}, DATABASE_URL names {connection.vendor}. Restore it into a "
            "database of its own kind, then: manage.py move_database."
        )
    known = {name for app, name in (MigrationLoader(None).disk_migrations or {}) if app == "tracker"}
    if manifest.migration and manifest.migration not in known:
        raise CannotRestore(
            f"{file.name} was made by newer code ({manifest.build}, migration {manifest.migration}): restore it with that."
        )
    if _sha256(file) != manifest.sha256:
        raise CannotRestore(f"{file.name} is not what was written: its sha256 differs from the manifest's.")
    before = None
    if not is_empty():
        if not replace:
            raise CannotRestore("The database is not empty. --replace puts the backup in place of what it holds.")
        before, _ = take(into=settings.BACKUP_DIR)
    if connection.vendor == "sqlite":
        _put_back_sqlite(file)
    else:
        _put_back_postgresql(file)
    connections.close_all()
    call_command("migrate", verbosity=0)
    return Restored(manifest, before, verify([(manifest.revision, manifest.digest)] if manifest.revision else []))


def is_empty() -> bool:
    """Whether the database holds nothing but what migrations make; a database of something else is not empty."""
    tables = set(connection.introspection.table_names())
    if "django_migrations" not in tables:
        return not tables
    models = [model for model in apps.get_models() if model._meta.label not in GIVEN]
    return not any(
        model._base_manager.using("default").exists() for model in models if model._meta.db_table in tables
    )


def _put_back_sqlite(file: Path) -> None:
    connections.close_all()
    name = Path(connection.settings_dict["NAME"])
    name.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(f"{_uri(file, 'ro')}&immutable=1", uri=True)) as source,
        closing(sqlite3.connect(name, timeout=20)) as target,
    ):
        # The whole in one transaction of SQLite itself: a crash leaves what was there, and a write-ahead log that
        # another process has open fits the file still. A file put in its place would meet the log of the old one.
        source.backup(target)


def _put_back_postgresql(file: Path) -> None:
    connections.close_all()
    script = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)]
    psql = [_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output", os.devnull]
    arguments, environment = _of_the_server(psql)
    with (
        subprocess.Popen(script, stdout=subprocess.PIPE) as reading,  # noqa: S603
        subprocess.Popen(arguments, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as writing,  # noqa: S603
    ):
        assert reading.stdout is not None
        assert writing.stdin is not None
        with suppress(BrokenPipeError):
            writing.stdin.write(f"BEGIN; SET LOCAL lock_timeout = '30s'; {EMPTY}".encode())
            shutil.copyfileobj(reading.stdout, writing.stdin, 1 << 20)
        # Whatever went wrong: without this word PostgreSQL forgets all of it.
        if reading.wait() == 0:
            with suppress(BrokenPipeError):
                writing.stdin.write(b"\nCOMMIT;\n")
        _, wrong = writing.communicate()
    if reading.returncode or writing.returncode:
        said = wrong.decode(errors="replace").strip().splitlines()
        raise CannotRestore(f"PostgreSQL did not take the backup: {said[0] if said else 'pg_restore failed'}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# Programs of PostgreSQL


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CannotBackUp(
            f"{name} is not on the PATH: install the client programs of PostgreSQL (postgresql-client)."
        )
    return found


def _of_the_server(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """A command line for the database, and all that the program's environment holds: the password stands there, and
    no secret of ours that it has no use for."""
    given, more = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    path = os.pathsep.join((str(Path(arguments[0]).parent), os.defpath))
    own = {"PATH": path, "HOME": str(Path.home()), "LANG": "C.UTF-8", "PGAPPNAME": "tracker"}
    return [*arguments, *given[1:]], {**own, **(more or {})}
