"""An import whose process dies at any moment: nothing half done, and the next attempt does it once."""

import random
import signal
import time

import pytest

from tests.own_database import own_database, run, started

KILLS = 8

WORLD = """
import csv, io
import django
django.setup()
from django.contrib.auth.models import Group
from tests import factories
from tests.history.acting import act
from tracker.actions import imports, stored_files
with act() as recording:
    windows = [factories.WindowFactory(edition__slug=f"e{n}", first_year=2018, last_year=2022) for n in range(3)]
    technologies = [factories.TechnologyFactory(slug=f"t{n}") for n in range(40)]
    countries = [factories.CountryFactory() for n in range(25)]
    factories.SourceFactory(slug="report")
text = io.StringIO()
rows = csv.writer(text)
rows.writerow(["window", "technology", "country", "rank_from", "rank_to", "share", "basis", "sources"])
for window in windows:
    for technology in technologies:
        for rank, country in enumerate(countries, start=1):
            rows.writerow([window.key(), technology.slug, country.code, rank, rank, f"{60 - rank}.5", "stated", "report"])
by = factories.UserFactory(display_name="Edith")
by.groups.add(Group.objects.get_or_create(name="editor")[0])
file = stored_files.keep(content=io.BytesIO(text.getvalue().encode()), name="s.csv", content_type="text/csv", by=by)
one = imports.begin(file=file, by=by, kind="score")
imports.ask_check(one=one, by=by)
"""
ATTEMPT = """
import django
django.setup()
from django.utils import timezone
from tracker.actions import jobs
from tracker.actions.job_kinds import KINDS
from tracker.models import Job
# What the reaper finds after half a minute.
Job.objects.filter(state="running").update(heartbeat=timezone.now() - 2 * jobs.STANDS_STILL)
jobs.revive(queued=0)
job = Job.objects.latest("pk")
Job.objects.filter(pk=job.pk).update(attempt=0)  # dying so often would fail it
print("ready", flush=True)
jobs.run(pk=job.pk, kinds=KINDS)
"""
READER = """
import django
django.setup()
from tracker.history.verification import verify
from tracker.models import Act, BulkImport, Citation, Interval, Revision, Score
one = BulkImport.objects.get()
counts = [Score.objects.count(), Citation.objects.count(), Revision.objects.filter(kind="score").count(),
          Interval.objects.filter(kind="score").count(), Act.objects.filter(origin__startswith="import").count()]
print(one.state, *counts, len(verify().findings))
"""
APPROVE = """
import django
django.setup()
from tracker.actions import imports
from tracker.models import BulkImport
one = BulkImport.objects.get()
assert (one.state, one.created, one.wrong) == ("checked", 3000, 0), (one.state, one.created, one.problems)
imports.submit(one=one, by=one.by, cause="edition", note="All of it")
imports.approve(one=one, by=one.by)
"""
NOTHING, ALL = ["0"] * 5, ["3000", "3000", "3000", "3000", "1"]


@pytest.fixture
def environment(tmp_path, db, django_db_blocker):
    with own_database(tmp_path, django_db_blocker) as environment:
        yield environment


def die(environment, chance, longest):
    attempt = started(environment, ATTEMPT)
    assert attempt.stdout.readline() == "ready\n"
    time.sleep(chance.uniform(0.05, longest))
    attempt.send_signal(signal.SIGKILL)
    attempt.communicate(timeout=60)
    return attempt.returncode


def test_a_check_or_write_killed_at_random_leaves_nothing_half_done(environment):
    chance = random.Random(20261122)
    run(environment, "-c", WORLD)
    died = [die(environment, chance, 0.6) for _ in range(KILLS // 2)]
    state, *counts, findings = run(environment, "-c", READER).split()
    assert (counts, findings) == (NOTHING, "0")
    run(environment, "-c", ATTEMPT)
    run(environment, "-c", APPROVE)

    for _ in range(KILLS // 2):
        died.append(die(environment, chance, 0.5))
        state, *counts, findings = run(environment, "-c", READER).split()
        assert (state, counts, findings) in [("applying", NOTHING, "0"), ("applied", ALL, "0")]
    run(environment, "-c", ATTEMPT)

    state, *counts, findings = run(environment, "-c", READER).split()
    assert (state, counts, findings) == ("applied", ALL, "0")
    # Deaths that all came too late would prove nothing.
    assert died.count(-signal.SIGKILL) >= 3
