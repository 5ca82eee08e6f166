"""A process that dies while it writes leaves record and log in agreement, on a database of its own."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 20

WRITER = """
import itertools, os, random, sys
import django
django.setup()
from tracker.history.recording import recorded
from tracker.models import Act, Category, Country, Source

print("ready", flush=True)
for n in itertools.count():
    with recorded(by=None, by_name="A loop", cause=Act.Cause.CORRECTION, note=f"Turn {n}", origin="test") as recording:
        word = random.random()
        one = Category(slug=f"c-{word}", name=f"C {word}", position=1)
        one.save()
        for known in Category.objects.order_by("?")[:3]:
            known.name = f"Renamed {random.random()}"
            known.save()
        for gone in Category.objects.exclude(pk=one.pk).order_by("?")[:1]:
            gone.delete()
        recording.bulk_create([Source(slug=f"s-{word}-{m}", title="S", kind="primary", reuse="fact") for m in range(40)])
        many = list(Source.objects.order_by("?")[:60])
        for source in many:
            source.note = str(random.random())
        recording.bulk_update(many, ["note"])
"""
READER = """
import django
django.setup()
from tracker.history.verification import verify
from tracker.models import Act, Source
result = verify()
print(result.findings, result.revisions, Act.objects.count(), Source.objects.count())
"""


def python(code, environment, **options):
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, text=True, **options)


@pytest.fixture
def own_database(tmp_path, django_db_blocker):
    """The environment of a process with a migrated database of its own, on the server that the tests use."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "TRACKER_VAR_DIR": str(tmp_path / "var"),
    }
    if connection.vendor == "sqlite":
        yield {**environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}"}
        return
    name = f"killed_{os.getpid()}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    url = urlsplit(os.environ.get("TEST_DATABASE_URL") or os.environ["DATABASE_URL"])
    yield {**environment, "DATABASE_URL": url._replace(path=f"/{name}").geturl()}
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_writer_killed_at_random_leaves_record_and_log_in_agreement(own_database):
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, env=own_database, cwd=ROOT, check=True, timeout=120)
    chance = random.Random(20261122)
    acts = 0
    for _ in range(KILLS):
        writer = python(WRITER, own_database, stdout=subprocess.PIPE)
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.8))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)
        assert writer.returncode == -signal.SIGKILL, "it died of something else"
    reader = python(READER, own_database, stdout=subprocess.PIPE)
    said, _ = reader.communicate(timeout=120)

    findings, revisions, acts, sources = said.rsplit(" ", 3)
    assert findings == "[]"
    # It had written between the deaths: a loop that never came to an act would prove nothing.
    assert int(acts) >= KILLS
    assert int(sources) == 40 * int(acts)
    assert int(revisions) > 40 * int(acts)
