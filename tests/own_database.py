"""Processes of their own, as a deployment has them: a database beside that of the tests, a server, a script."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import urlsplit

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@cache
def _template() -> Path:
    """A migrated, empty SQLite file, made once a process: to copy it takes milliseconds."""
    folder = Path(mkdtemp(prefix="tracker-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = _environment(folder) | {"DATABASE_URL": f"sqlite:///{folder / 'template.sqlite3'}"}
    run(environment, "manage.py", "migrate", "-v0")
    with closing(sqlite3.connect(folder / "template.sqlite3")) as written:
        written.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "template.sqlite3"


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tracker.settings", "TRACKER_VAR_DIR": str(folder / "var")}


def on_sqlite(file: Path, folder: Path) -> dict[str, str]:
    """The environment of a process with a migrated, empty SQLite file; `folder` is for what is not code."""
    shutil.copyfile(_template(), file)
    return _environment(folder) | {"DATABASE_URL": f"sqlite:///{file}"}


@cache
def _template_on_server(url: str) -> str:
    """The same on PostgreSQL: the name of a database that others are made from."""
    name = f"own_{os.getpid()}_{time.monotonic_ns()}_template"

    def on_server(statement: str) -> None:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(statement)  # type: ignore[arg-type]

    on_server(f'CREATE DATABASE "{name}"')
    atexit.register(on_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    with TemporaryDirectory() as folder:
        own = urlsplit(url)._replace(path=f"/{name}").geturl()
        run(_environment(Path(folder)) | {"DATABASE_URL": own}, "manage.py", "migrate", "-v0")
    return name


@contextmanager
def own_database(folder: Path, unblocked) -> Iterator[dict[str, str]]:
    """The environment of a process with a migrated, empty database on the kind of server that the tests use.

    `unblocked`: pytest-django's `django_db_blocker`.
    """
    if connection.vendor == "sqlite":
        yield on_sqlite(folder / "own.sqlite3", folder)
        return
    environment = _environment(folder)
    name = f"own_{os.getpid()}_{time.monotonic_ns()}"
    url = urlsplit(os.environ.get("TEST_DATABASE_URL") or os.environ["DATABASE_URL"])
    with unblocked.unblock():
        template = _template_on_server(url.geturl())
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    environment["DATABASE_URL"] = url._replace(path=f"/{name}").geturl()
    try:
        yield environment
    finally:
        with unblocked.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment: dict[str, str], *arguments: str, timeout: float = 180) -> str:
    """Runs Python to its end and returns what it said; raises where it failed."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=ROOT, text=True, capture_output=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def started(environment: dict[str, str], code: str) -> subprocess.Popen[str]:
    """A process that runs `code`; what it prints can be read."""
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE
    )  # fmt: skip


@contextmanager
def served(environment: dict[str, str], log: Path, *, threads: int) -> Iterator[str]:
    """The tracker behind the server that `make run` uses; yields its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with log.open("w") as into:
        server = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", str(port), "--workers", "1", "--blocking-threads", str(threads), "--no-ws",
                "tracker.wsgi:application",
            ],
            env=environment, cwd=ROOT, stdout=into, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            for _ in range(300):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
