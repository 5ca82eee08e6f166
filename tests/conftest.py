"""What every test can rely on.

The database is in one of two states, and a test's mark says in which it finds it:

- without the mark `seed`: empty, as after the migrations;
- `@pytest.mark.seed` (or the fixture `seeded`): the files of fixtures/, loaded once a session and committed.

Every test works in a transaction that is rolled back (or, with `transactional_db` and `live_server`, in a
database that is put back from a snapshot). Tests with the mark run last, so that each state is made once; any
other order works too. `DATABASE_URL` or `TEST_DATABASE_URL` picks the database; default: SQLite in memory. `REDIS_URL`
gives the tests a Redis, as a deployment of several hosts has one (`tests.everything` sets it with PostgreSQL).
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import sqlite3
import time
from pathlib import Path

import dj_database_url
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tracker.actions.seed import load_seed
from tracker.celery import app as celery_app
from tracker.history import trial
from tracker.history.guard import unguarded
from tracker.history.past import PREFIX, forget_opened

# Property tests judge values, never time: how long an example takes depends on the machine. With CI=true every run
# takes the same examples; elsewhere each takes others.
hypothesis_settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true"
)
hypothesis_settings.load_profile("suite")

EMPTY, SEEDED = "empty", "seeded"
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

if os.environ.get("TEST_DATABASE_URL"):
    # pytest-django has read the settings by now, but has not connected.
    chosen = {"default": dj_database_url.parse(os.environ["TEST_DATABASE_URL"])}
    django_settings.DATABASES["default"].clear()
    django_settings.DATABASES["default"].update(connections.configure_settings(chosen)["default"])
    with contextlib.suppress(AttributeError):
        del connections["default"]


def _uses_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & {"db", "transactional_db", "live_server", "seeded"} or item.get_closest_marker("django_db"))


# Tests of how pages look, read and are spoken, of what they withhold, and of who may ask for which: the database below
# changes nothing of it.
LOOKS = (
    "test_pages.py", "test_compare.py", "test_valid_html.py", "test_gallery.py", "test_permissions.py",
    "test_sealed.py", "test_history_sealed.py", "test_withheld.py", "test_as_of.py", "test_dual_use.py",
    "test_cooperation.py", "test_cooperation_beside.py", "test_profiles.py", "test_crossovers.py", "test_margins.py",
    "test_figures.py", "test_cooperation_figures.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "seeded" in getattr(item, "fixturenames", ()):
            item.add_marker("seed")
        if item.get_closest_marker("seed") and "db" not in item.fixturenames:
            item.fixturenames.insert(0, "db")
        if _uses_database(item):
            # Before everything else: it commits, and the test's transaction must not have begun.
            item.fixturenames.insert(0, "_database_state")
    for item in items:
        path = Path(item.path)
        looks = path.parent.name == "charts" or path.name in LOOKS or "accessible" in item.name
        if looks or not _uses_database(item):
            item.add_marker("once")
    items.sort(key=lambda item: item.get_closest_marker("seed") is not None)


class DatabaseStates:
    """Puts the test database into a named state: made once, then copied back from a snapshot."""

    def __init__(self) -> None:
        self._snapshots: dict[str, object] = {EMPTY: self._take()}
        self.current: str | None = EMPTY
        self._left = (EMPTY, self._next_write())

    def put(self, wanted: str) -> None:
        if self.current is None and connection.vendor == "postgresql" and self._left == (wanted, self._next_write()):
            # The last test might have committed, and did not: most tests with `live_server` only read.
            self.current = wanted
        if self.current == wanted:
            return
        if wanted in self._snapshots:
            self._restore(self._snapshots[wanted])
        else:
            self.put(EMPTY)
            self._restart_keys()
            load_seed(folder=FIXTURES)
            self._count_rows()
            self._snapshots[wanted] = self._take()
        self.current = wanted
        self._left = (wanted, self._next_write())

    def _restart_keys(self) -> None:
        """The seed data has the same keys whatever ran before: addresses of tests name some."""
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(statement)

    def _next_write(self) -> int:
        """PostgreSQL's number of the next transaction that writes, in any database of the server (a vacuum counts
        too). 0 on SQLite, where putting a state back takes milliseconds."""
        if connection.vendor == "sqlite":
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            return cursor.fetchone()[0]

    def _take(self) -> object:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            snapshot = sqlite3.connect(":memory:")
            connection.connection.backup(snapshot)
            return snapshot
        with connection.cursor() as cursor:
            tables = {}
            for table in self._tables():
                with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as out:
                    tables[table] = b"".join(bytes(part) for part in out)
            return tables

    def _restore(self, snapshot) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            # The last test's server may still be reading for a page that its browser left: Python waits for a plain
            # "locked", not for that of a cache that connections share.
            for _ in range(100):
                try:
                    snapshot.backup(connection.connection)
                    return
                except sqlite3.OperationalError as locked:
                    if "locked" not in str(locked):
                        raise
                    time.sleep(0.1)
            snapshot.backup(connection.connection)
            return
        with unguarded(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(f'{chr(34)}{table}{chr(34)}' for table in snapshot)}")
            for table, content in snapshot.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                    into.write(content)
        self._count_rows()

    def _count_rows(self) -> None:
        """PostgreSQL plans by statistics that follow some minute later; no test may read by those of another state."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")

    def _tables(self) -> list[str]:
        # The table of the default cache belongs to no model: counted tries would outlive their test.
        return [
            *connection.introspection.django_table_names(only_existing=True, include_views=False),
            "tracker_counter",
        ]


class AndThePast(frozenset):
    """The databases a test may use, and every past file."""

    def __contains__(self, alias: object) -> bool:
        return super().__contains__(alias) or str(alias).startswith(PREFIX)


@pytest.fixture(scope="session")
def _database_states(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        states = DatabaseStates()
    allowed = TransactionTestCase._validate_databases

    def no_flush(_: TransactionTestCase) -> None:
        states.current = None

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", no_flush)
    patch.setattr(TransactionTestCase, "_validate_databases", lambda: AndThePast(allowed()))
    yield states
    patch.undo()


@pytest.fixture
def _database_state(request, _database_states, django_db_blocker):
    with django_db_blocker.unblock():
        _database_states.put(SEEDED if request.node.get_closest_marker("seed") else EMPTY)


@pytest.fixture
def seeded(db):
    """The seed data is in the database (the same as the mark `seed`)."""


# Tests of doors and actions write as the application does. The others make the records that they need directly.
WRITES_LEAVE_A_TRACE = ("actions", "browser", "forms", "views")


@pytest.fixture(autouse=True)
def _guard(request):
    """Outside those folders, or with the mark `unguarded`, records may be written without a trace."""
    folder = Path(request.node.path).parent.name
    if folder in WRITES_LEAVE_A_TRACE and not request.node.get_closest_marker("unguarded"):
        yield
    else:
        with unguarded():
            yield


@pytest.fixture(autouse=True)
def _past_of_its_own(request, settings, tmp_path):
    """Past files go to a folder of the test's own, and none stays open."""
    if _uses_database(request.node):
        # Taken down after this fixture: Django wants to know every connection it set up.
        request.getfixturevalue("_django_db_helper")
    settings.PAST_DIR = tmp_path / "past"
    yield
    forget_opened()


@pytest.fixture(autouse=True, scope="session")
def _figures_of_the_session(tmp_path_factory):
    """Drawn figures are kept in a folder of this session's (and process's) own, never in the checkout's; where a
    Redis is given, under names of their own."""
    patch = pytest.MonkeyPatch()
    name, own = "LOCATION", str(tmp_path_factory.mktemp("figures"))
    if django_settings.REDIS_URL:
        name, own = "KEY_PREFIX", f"figures-{os.getpid()}"
    patch.setitem(django_settings.CACHES["figures"], name, own)
    with contextlib.suppress(AttributeError):
        del caches["figures"]  # the checks of `migrate` have opened it
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def forget_answers(_figures_of_the_session):
    """No answer or drawing of an earlier test is given again; nor of an earlier call, after a call of this."""

    def forget() -> None:
        for name in ("pages", "figures"):
            caches[name].clear()

    forget()
    return forget


@pytest.fixture(autouse=True, scope="session")
def _rules_of_the_session(tmp_path_factory):
    """The rules that a trial reads on PostgreSQL are made once for all processes of the run: it takes some seconds."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    patch = pytest.MonkeyPatch()
    patch.setattr(trial, "rules_folder", lambda: folder / "rules")
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _messages_go_nowhere():
    """What is sent to workers stays in memory: no worker of the checkout or a server of this machine sees it."""
    celery_app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.fixture(autouse=True, scope="session")
def _network_off():
    """Python code connects to this machine only."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def allowed(address) -> bool:
        if not isinstance(address, tuple):
            return True  # a Unix socket
        try:
            return ipaddress.ip_address(address[0]).is_loopback
        except ValueError:
            return address[0] == "localhost"

    def guarded(original):
        def call(self, address):
            if not allowed(address):
                raise RuntimeError(f"A test wanted to connect to {address[0]}: the network is off.")
            return original(self, address)

        return call

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded(connect))
    patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    yield
    patch.undo()
