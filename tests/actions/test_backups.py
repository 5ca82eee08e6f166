"""Backups made while others write, put back into another database; what is refused; what is kept."""

import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from tests.own_database import ROOT, own_database, run, started
from tracker.actions.backups import kept
from tracker.tasks.schedule import SCHEDULE

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 22, 2, 20, tzinfo=datetime.UTC)
BACKUPS = 3

# Says how long its longest act took, in seconds, when it is asked to stop.
WRITER = """
import itertools, signal, sys, time
import django
django.setup()
from tracker.history.recording import recorded
from tracker.models import Act, Source, Technology

stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
longest = 0
print("ready", flush=True)
for n in itertools.count():
    began = time.monotonic()
    with recorded(by=None, by_name="A loop", cause=Act.Cause.CORRECTION, note=f"Turn {n}", origin="test") as recording:
        recording.bulk_create([Source(slug=f"s-{n}-{m}", title="S", kind="primary", reuse="fact") for m in range(20)])
        for technology in Technology.objects.order_by("?")[:3]:
            technology.note = f"Turn {n}"
            technology.save()
    longest = max(longest, time.monotonic() - began)
    if stop:
        break
print(n, longest)
"""
# The newest revision; whether the history is sound; pages as they stood at one revision.
READER = """
import json
import django
django.setup()
from tests.pages.test_any_moment import read
from tracker.history.past import moment
from tracker.history.verification import verify
result = verify()
at = moment("r%d")
addresses = ["/", "/technologies/", "/technologies/electric-batteries/", "/matrix/", "/countries/", "/countries/cn/",
             "/fields/", "/institutions/", "/cooperation/", "/engagements/", "/sources/", "/coverage/"]
print(json.dumps([result.last_number, result.findings, {address: read(address, at) for address in addresses}]))
"""


def manage(environment, *arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment, cwd=ROOT, text=True, capture_output=True, timeout=300
    )  # fmt: skip


def backups_of(environment) -> list[Path]:
    return sorted((Path(environment["TRACKER_VAR_DIR"]) / "backups").glob("*.json"))


@pytest.fixture
def two(tmp_path, db, django_db_blocker):
    """The environments of two empty databases of the kind that the tests use."""
    with ExitStack() as stack:
        found = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            found.append(stack.enter_context(own_database(tmp_path / name, django_db_blocker)))
        yield found


def test_backup_during_writes_is_put_back_sound_and_reads_the_same(two):
    source, target = two
    run(source, "manage.py", "load_seed")
    writer = started(source, WRITER)
    try:
        assert writer.stdout.readline() == "ready\n"
        for _ in range(BACKUPS):
            said = run(source, "manage.py", "backup")
            assert " bytes, up to r" in said
        writer.send_signal(signal.SIGTERM)
        said, _ = writer.communicate(timeout=60)
    finally:
        writer.kill()
    turns, longest = said.split()
    files = backups_of(source)
    made = [json.loads(file.read_text()) for file in files]

    # The writer wrote between them and was never kept waiting.
    assert len(made) == BACKUPS
    assert made[0]["revision"] < made[1]["revision"] < made[2]["revision"]
    assert int(turns) > BACKUPS
    assert float(longest) < 5
    assert {file.stat().st_mode & 0o077 for folder in files for file in folder.parent.iterdir()} == {0}
    assert not list(files[0].parent.glob("*.part"))

    revision, file = made[1]["revision"], files[1].with_suffix("")
    said = run(target, "manage.py", "restore", str(file))
    assert f"The log ends with r{revision}, as the manifest says." in said

    here, there = (json.loads(run(one, "-c", READER % revision)) for one in two)
    assert here[0] > there[0] == revision
    assert there[1] == []
    assert there[2] == here[2]
    assert not [address for address, page in here[2].items() if isinstance(page, str)], "a page that was not found"

    # What the target holds now is not given up by mistake.
    refused = manage(target, "restore", str(files[2].with_suffix("")))
    assert refused.returncode == 1
    assert "Nothing was restored. The database is not empty." in refused.stderr
    said = run(target, "manage.py", "restore", "--replace", str(files[2].with_suffix("")))
    assert f"The log ends with r{made[2]['revision']}, as the manifest says." in said
    (before,) = backups_of(target)
    assert json.loads(before.read_text())["revision"] == revision


# Tries to put back the backup after each of several changes; says why it was refused each time.
TRIES = """
import json, sys
from pathlib import Path
import django
django.setup()
from tracker.actions.backups import CannotRestore, manifest_of, restore
file = Path(sys.argv[1])
beside = manifest_of(file)
manifest = json.loads(beside.read_text())

def tried():
    try:
        restore(file=file)
    except CannotRestore as refused:
        print(refused)

def damage():
    with file.open("r+b") as content:
        content.seek(200)
        content.write(b"damaged")

for changes in json.loads(sys.argv[2]):
    beside.write_text(json.dumps(manifest | changes))
    tried()
beside.write_text(json.dumps(manifest))
damage()
tried()
beside.write_text("[]")
tried()
beside.unlink()
tried()
"""


def test_backup_that_is_not_what_was_written_is_refused_and_nothing_is_changed(two, tmp_path):
    source, target = two
    run(source, "manage.py", "backup", "--to", str(tmp_path / "elsewhere"))
    assert backups_of(source) == []
    (beside,) = (tmp_path / "elsewhere").glob("*.json")
    kind = json.loads(beside.read_text())["database"]
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[kind]
    changes = [{"database": other}, {"migration": "9999_not_written_yet"}, {"format": 2}, {"sha256": "0" * 64}]
    reasons = (
        f"is a backup of {other}, DATABASE_URL names {kind}.", "was made by newer code", "is of format 2",
        "its sha256 differs", "its sha256 differs", "is no manifest", "without its manifest a backup cannot be checked",
    )  # fmt: skip

    said = run(target, "-c", TRIES, str(beside.with_suffix("")), json.dumps(changes)).splitlines()

    assert [reason in words for reason, words in zip(reasons, said, strict=True)] == [True] * len(reasons), said


# Fills a database, then the job runs as a worker runs it; says what became of it.
JOB = """
import django
django.setup()
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import enqueue, run
from tracker.models import Job
job = enqueue(kind="backup", title="Backup", by=None)
run(pk=job.pk, kinds=KINDS)
job.refresh_from_db()
print(job.state, job.result.get("file"), job.error)
"""


def test_job_makes_a_backup_and_says_which(two):
    state, file, *_ = run(two[0], "-c", JOB).split()

    assert state == "done"
    assert [path.name for path in backups_of(two[0])] == [f"{file}.json"]


def test_job_without_pg_dump_says_what_is_missing_and_is_not_tried_again(two, tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("needs no program")
    said = run({**two[0], "PATH": str(tmp_path)}, "-c", JOB)

    assert said.startswith("failed None pg_dump is not on the PATH: install the client programs of PostgreSQL")


def test_password_of_the_server_stands_on_no_command_line(two, tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("has no password")
    # Stands before the real one on the PATH and notes how it was called.
    noting = tmp_path / "bin" / "pg_dump"
    noting.parent.mkdir()
    noting.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/line\necho "$PGPASSWORD" > {tmp_path}/password\n'
                      f'env > {tmp_path}/environment\nexec {shutil.which("pg_dump")} "$@"\n')  # fmt: skip
    noting.chmod(0o755)
    url = two[0]["DATABASE_URL"].replace("tracker@", "tracker:s3cret@")
    environment = {**two[0], "DATABASE_URL": url, "PATH": f"{noting.parent}{os.pathsep}{os.environ['PATH']}",
                   "SECRET_KEY": "kept from others"}  # fmt: skip
    run(environment, "manage.py", "backup")

    assert (tmp_path / "password").read_text() == "s3cret\n"
    assert "s3cret" not in (tmp_path / "line").read_text()
    assert "kept from others" not in (tmp_path / "environment").read_text()


def test_beat_asks_for_one_each_night():
    (one,) = [one for one in SCHEDULE if one.kind == "backup"]

    assert (one.at.hour, len(one.at.minute), one.at.day_of_month) == ({2}, 1, set(range(1, 32)))


def daily(many: int) -> list[datetime.datetime]:
    return [NOW - datetime.timedelta(days=n) for n in range(many)]


def test_rotation_keeps_the_newest_of_days_weeks_and_months():
    left: set[datetime.datetime] = set()
    # As it happens: one more each night, for two years.
    for night in reversed(daily(730)):
        left = kept([*left, night], now=night, days=7, weeks=4, months=12)

    ages = sorted((NOW - at).days for at in left)
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert len(left) <= 7 + 4 + 12
    assert len({f"{at:%Y-%m}" for at in left}) == 12
    assert len({f"{at:%G-W%V}" for at in left if (NOW - at).days < 28}) >= 4


def test_rotation_keeps_every_backup_of_the_last_day_and_the_last_one_of_all():
    today = [NOW - datetime.timedelta(hours=n) for n in range(30)]

    assert kept(today, now=NOW, days=1, weeks=0, months=0) == set(today[:24])
    assert kept(daily(3), now=NOW + datetime.timedelta(days=9), days=0, weeks=0, months=0) == {NOW}
