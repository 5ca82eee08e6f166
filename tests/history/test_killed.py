"""A process that dies while it writes leaves record and log in agreement, on a database of its own."""

import random
import signal
import time

import pytest

from tests.own_database import own_database, run, started

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


@pytest.fixture
def environment(tmp_path, db, django_db_blocker):
    with own_database(tmp_path, django_db_blocker) as environment:
        yield environment


def test_a_writer_killed_at_random_leaves_record_and_log_in_agreement(environment):
    chance = random.Random(20261122)
    for _ in range(KILLS):
        writer = started(environment, WRITER)
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.8))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)
        assert writer.returncode == -signal.SIGKILL, "it died of something else"
    said = run(environment, "-c", READER)

    findings, revisions, acts, sources = said.strip().rsplit(" ", 3)
    assert findings == "[]"
    # It had written between the deaths: a loop that never came to an act would prove nothing.
    assert int(acts) >= KILLS
    assert int(sources) == 40 * int(acts)
    assert int(revisions) > 40 * int(acts)
