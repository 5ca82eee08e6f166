"""A whole database moved into another one, and proved equal."""

import re
import subprocess
import sys
from contextlib import ExitStack

import pytest
from django.db import connection

from tests.own_database import ROOT, on_sqlite, own_database, run

pytestmark = pytest.mark.django_db

# Accounts, a second factor, a session, files of two parts, a job, an act; a category that was made and deleted again.
FILL = """
import io
import django
django.setup()
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from tracker.actions.jobs import enqueue
from tracker.actions.stored_files import keep
from tracker.history.recording import recorded
from tracker.models import Act, Category, Source, User

user = User.objects.create_user("ada", email="ada@example.org", password="a long password of hers", display_name="Ada")
user.groups.add(Group.objects.get(name="editor"))
Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x", "ratio": 1e16, "n": [1.0, 0.5]})
for word in ("Zebra", "apple", "Émile", "été"):
    session = SessionStore(session_key="".join(c if c.isascii() else "0" for c in word).ljust(32, "0"))
    session["word"] = word
    session.save(must_create=True)
keep(content=io.BytesIO(bytes(range(256)) * 6000), name="scores.csv", content_type="text/csv", by=user)
enqueue(kind="backup", title="Backup", by=user, numbers=[1, 2.5], words={"b": "Ü", "a": None})
with recorded(by=user, cause=Act.Cause.CORRECTION, note="Made", origin="test"):
    Category(slug="kept", name="Kept “水”", position=1).save()
    Source(slug="s", title="S", kind="primary", reuse="fact").save()
    gone = Category(slug="gone", name="Gone", position=2)
    gone.save()
with recorded(gone, by=user, cause=Act.Cause.CORRECTION, note="Deleted", origin="test"):
    print(gone.pk)
    gone.delete()
"""
# After the move: she logs in, her file reads the same, a new record gets a key that none ever had.
USE = """
import django
django.setup()
from django.contrib.auth import authenticate
from tracker.actions.stored_files import content
from tracker.history.recording import recorded
from tracker.history.verification import verify
from tracker.models import Act, Category, StoredFile
user = authenticate(username="ada", password="a long password of hers")
assert user.groups.get().name == "editor" and user.may("approve")
assert content(StoredFile.objects.get()) == bytes(range(256)) * 6000
with recorded(by=user, cause=Act.Cause.CORRECTION, note="Made later", origin="test"):
    later = Category(slug="later", name="Later", position=3)
    later.save()
assert verify().is_sound
print(later.pk)
"""


def moved(target: dict[str, str], url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "move_database", "--from", url],
        env=target, cwd=ROOT, text=True, capture_output=True, timeout=600,
    )  # fmt: skip


@pytest.fixture
def target(tmp_path, db, django_db_blocker):
    """The environment of an empty database of the kind that the tests use."""
    (tmp_path / "target").mkdir()
    with own_database(tmp_path / "target", django_db_blocker) as environment:
        yield environment


@pytest.fixture
def source(tmp_path):
    """The environment of an empty SQLite file."""
    return on_sqlite(tmp_path / "source.sqlite3", tmp_path)


def test_everything_comes_along_and_is_proved_equal(source, target):
    gone = int(run(source, "-c", FILL))

    done = moved(target, source["DATABASE_URL"])

    assert done.returncode == 0, done.stderr
    rows = {
        table: int(many.replace(",", ""))
        for many, table in re.findall(r"^[0-9a-f]{64} +([\d,]+)  (\w+)$", done.stdout, re.MULTILINE)
    }
    expected = {"tracker_user": 1, "mfa_authenticator": 1, "django_session": 4, "tracker_filechunk": 2, "tracker_job": 1,
                "tracker_revision": 4, "tracker_category": 1, "tracker_user_groups": 1, "auth_group": 3}  # fmt: skip
    assert {table: rows[table] for table in expected} == expected
    assert "Equal on both sides" in done.stdout
    assert "Sound: 4 revisions up to r4" in done.stdout
    # The key of the record that was deleted is not given away again: the log knows it by that key.
    assert int(run(target, "-c", USE)) == gone + 1

    again = moved(target, source["DATABASE_URL"])
    assert again.returncode == 1
    assert "Nothing was moved. The target is not empty" in again.stderr


def test_it_goes_the_other_way_too(source, target, tmp_path):
    gone = int(run(target, "-c", FILL))

    done = moved(source, target["DATABASE_URL"])

    assert done.returncode == 0, done.stderr
    assert "Sound: 4 revisions up to r4" in done.stdout
    assert int(run(source, "-c", USE)) == gone + 1


def test_what_history_cannot_account_for_is_not_moved(source, target):
    run(source, "-c", FILL)
    run(source, "-c", """
import django
django.setup()
from tracker.history.guard import unguarded
from tracker.models import Category
with unguarded():
    Category.objects.update(name="Written past history")
""")  # fmt: skip

    done = moved(target, source["DATABASE_URL"])

    assert done.returncode == 1
    assert "The history of the source is not sound. Nothing was moved." in done.stderr
    assert run(target, "-c", "import django; django.setup(); from tracker.models import *; "
                             "print(User.objects.count(), Category.objects.count())") == "0 0\n"  # fmt: skip


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "The source cannot be opened"),
        ("tracker.sqlite3", "--from is no address of a database"),
    ],
)
def test_source_that_cannot_be_read_is_refused(target, url, reason):
    done = moved(target, url)

    assert done.returncode == 1
    assert f"CommandError: Nothing was moved. {reason}" in done.stderr
    assert "Traceback" not in done.stderr


def test_source_of_other_migrations_is_refused(source, target):
    run(source, "-c", """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('tracker', '9999_new', '2026-01-01')")
""")  # fmt: skip
    assert "newer code: it has the migration tracker.9999_new" in moved(target, source["DATABASE_URL"]).stderr


def test_the_guard_is_opened_for_this_action_only():
    opening = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tracker").rglob("*.py")
        if re.search(r"history\.guard import .*\bunguarded\b", path.read_text(encoding="utf-8"))
    }

    assert opening == {"tracker/actions/database_moves.py"}


def test_real_data_moves_from_sqlite_to_postgresql(source, tmp_path, db, django_db_blocker):
    if connection.vendor == "sqlite":
        pytest.skip("needs a PostgreSQL")
    run(source, "manage.py", "load_seed")
    with ExitStack() as stack:
        (tmp_path / "seeded").mkdir()
        target = stack.enter_context(own_database(tmp_path / "seeded", django_db_blocker))
        done = moved(target, source["DATABASE_URL"])

    assert done.returncode == 0, done.stderr
    assert int(re.search(r"tables, ([\d,]+) rows", done.stdout)[1].replace(",", "")) > 60_000
