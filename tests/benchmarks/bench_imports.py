"""Measures an import of 62,160 scores (74 technologies × 40 countries × 21 years), each with a source, while a
colleague saves and readers read: python -m tests.benchmarks.bench_imports

Uses a temporary SQLite database, or an empty one that BENCH_DATABASE_URL names. The import runs in a process of its
own, as in a worker; its peak memory is that process's.
"""

from __future__ import annotations

import csv
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TECHNOLOGIES, COUNTRIES, YEARS = 74, 40, 21
FOLDER = Path(os.environ.get("BENCH_ROOM") or tempfile.mkdtemp(prefix="bench-imports-"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="tracker.settings",
    TRACKER_VAR_DIR=str(FOLDER),
    DATABASE_URL=os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{FOLDER}/tracker.sqlite3",
    BENCH_ROOM=str(FOLDER),
    LOG_LEVEL="WARNING",
)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from tracker.actions import imports, stored_files  # noqa: E402
from tracker.actions.records import Draft, numbers_of, save  # noqa: E402
from tracker.history.recording import recorded  # noqa: E402
from tracker.models import (  # noqa: E402
    Act,
    BulkImport,
    Category,
    Country,
    Edition,
    Job,
    Score,
    Series,
    Source,
    Technology,
    User,
    Window,
)

WORKER = """
import resource, sys, time
import django
django.setup()
from tracker.actions import jobs
from tracker.actions.job_kinds import KINDS
began = time.perf_counter()
jobs.run(pk=int(sys.argv[1]), kinds=KINDS)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def build() -> tuple[User, str]:
    """The world that the scores speak of; the file as text."""
    call_command("migrate", verbosity=0)
    letters = [chr(65 + a) + chr(65 + b) for a in range(26) for b in range(26)]
    category = Category(slug="all", name="All", position=1)
    series = Series(slug="s", name="S", publisher="P", level="technology", indicator="share", unit="%")
    countries = [Country(code=code, name=f"Country {code}") for code in letters[:COUNTRIES]]
    technologies = [Technology(slug=f"t-{n}", name=f"Technology {n}", category=category) for n in range(TECHNOLOGIES)]
    editions = [Edition(series=series, slug=f"y{n}", name=f"Year {n}") for n in range(2003, 2003 + YEARS)]
    with recorded(by=None, by_name="Benchmark", cause=Act.Cause.EDITION, note="World", origin="bench") as recording:
        for records in ([category], [series], countries, technologies, editions):
            recording.bulk_create(records)
        recording.bulk_create([Source(slug="report", title="T", kind="primary", reuse="open")])
        year = {edition: int(edition.slug[1:]) for edition in editions}
        windows = [Window(edition=edition, first_year=year[edition], last_year=year[edition]) for edition in editions]
        recording.bulk_create(windows)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["window", "technology", "country", "rank_from", "rank_to", "share", "basis", "sources", "note"])
    for window in windows:
        for technology in technologies:
            for rank, country in enumerate(countries, start=1):
                rows.writerow(
                    [window.key(), technology.slug, country.code, rank, rank, f"{2 * (41 - rank)}.00", "stated",
                     "report", "From the publisher's table."]
                )  # fmt: skip
    user = User.objects.create_superuser("edith", display_name="Edith")
    return user, text.getvalue()


def beside(job: Job, user: User, country: Country) -> None:
    """Runs the job in a process of its own; saves and reads meanwhile; prints what each took."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.pk)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    saves, reads = [], []
    reader, n = Client(), 0
    reader.get("/sources/", headers={"host": "localhost"})  # what a process loads with its first page
    while worker.poll() is None:
        n += 1
        began = time.perf_counter()
        number = numbers_of("country", [country.pk])[country.pk]
        save(
            drafts=[Draft("main", Country, {"note": f"Turn {n} of {job.kind}"}, pk=country.pk, based_on=number)],
            by=user, cause=Act.Cause.CORRECTION, note="A colleague",
        )  # fmt: skip
        saves.append(time.perf_counter() - began)
        began = time.perf_counter()
        assert reader.get("/sources/", headers={"host": "localhost"}).status_code == 200
        reads.append(time.perf_counter() - began)
        time.sleep(0.1)
    seconds, megabytes = map(float, worker.stdout.read().split())  # type: ignore[union-attr]
    job.refresh_from_db()
    assert job.state == "done", job.error
    print(f"  {job.kind:<13} {seconds:6.1f} s, peak memory {megabytes:.0f} MB")
    for name, took in (("saves", saves), ("reads", reads)):
        print(
            f"    {name} meanwhile: {len(took)}, median {statistics.median(took) * 1000:.0f} ms,"
            f" longest {max(took) * 1000:.0f} ms"
        )


def main() -> None:
    user, text = build()
    country = Country.objects.order_by("pk").first()
    assert country is not None
    print(f"{TECHNOLOGIES * COUNTRIES * YEARS:,} scores, {len(text) / 1e6:.1f} MB of CSV, each with a citation")
    file = stored_files.keep(content=io.BytesIO(text.encode()), name="s.csv", content_type="text/csv", by=user)
    one = imports.begin(file=file, by=user, kind="score")
    beside(imports.ask_check(one=one, by=user), user, country)
    one = BulkImport.objects.get(pk=one.pk)
    assert (one.created, one.wrong) == (TECHNOLOGIES * COUNTRIES * YEARS, 0), one.problems
    imports.submit(one=one, by=user, cause="edition", note="All of it")
    beside(imports.approve(one=one, by=user), user, country)
    assert Score.objects.count() == one.created
    began = time.perf_counter()
    call_command("verify_history")
    print(f"  verify_history {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
