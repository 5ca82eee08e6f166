"""Measures the past as a database and recording (docs/adr/0004): python -m tests.benchmarks.bench_past

Builds a temporary SQLite database of 62,160 scores (74 technologies × 40 countries × 21 windows) with some
200,000 revisions in 20 years of acts, and prints what reading the past and writing with history cost.
"""

from __future__ import annotations

import datetime
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

TECHNOLOGIES, COUNTRIES, WINDOWS = 74, 40, 21
REVISIONS = 200_000
ROOM = os.environ.get("BENCH_ROOM")
FOLDER = Path(ROOM) if ROOM else Path(tempfile.mkdtemp(prefix="bench-past-"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="tracker.settings",
    TRACKER_VAR_DIR=str(FOLDER),
    DATABASE_URL=f"sqlite:///{FOLDER}/tracker.sqlite3",
)

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.urls import resolve  # noqa: E402

from tracker.history import past  # noqa: E402
from tracker.history.guard import unguarded  # noqa: E402
from tracker.history.recording import recorded  # noqa: E402
from tracker.models import (  # noqa: E402
    Act,
    Category,
    Country,
    Edition,
    EditionTechnology,
    Interval,
    Revision,
    Score,
    Series,
    Technology,
    Window,
)
from tracker.views.past import keep_moment  # noqa: E402

START = datetime.datetime(2006, 1, 1, 12, tzinfo=datetime.UTC)


def act(note: str, at: datetime.datetime | None = None):
    return recorded(by=None, by_name="Benchmark", cause=Act.Cause.EDITION, note=note, origin="bench", at=at)


def scores_of(window: Window, technologies: list[Technology], countries: list[Country]) -> list[Score]:
    return [
        Score(
            window=window, technology=technology, country=country, rank_from=rank, rank_to=rank,
            share=Decimal(2 * (COUNTRIES + 1 - rank)), share_decimals=2, basis="computed",
            note="Computed from the publisher's table of the most cited publications.",
        )
        for technology in technologies
        for rank, country in enumerate(countries, start=1)
    ]  # fmt: skip


def windows(series: Series, name: str) -> list[Window]:
    editions = [Edition(series=series, slug=f"{name}-{n}", name=f"{name} {n}") for n in range(WINDOWS)]
    with act(f"editions {name}", START) as recording:
        recording.bulk_create(editions)
        made = [Window(edition=edition, first_year=2000, last_year=2004) for edition in editions]
        recording.bulk_create(made)
    return made


def build() -> None:
    call_command("migrate", verbosity=0)
    category = Category(slug="all", name="All", position=1)
    series = Series(slug="s", name="S", publisher="P", level="technology", indicator="share", unit="%")
    letters = [chr(65 + a) + chr(65 + b) for a in range(26) for b in range(26)]
    countries = [Country(code=code, name=f"Country {code}") for code in letters[:COUNTRIES]]
    with act("world", START) as recording:
        recording.bulk_create([category])
        recording.bulk_create([series])
        recording.bulk_create(countries)
        technologies = [
            Technology(slug=f"technology-{n}", name=f"Technology {n}", category=category) for n in range(TECHNOLOGIES)
        ]
        recording.bulk_create(technologies)
    made = windows(series, "edition")
    entries = [
        EditionTechnology(
            edition=window.edition, technology=technology, name=technology.name, category=category, basis="stated"
        )
        for window in made
        for technology in technologies
    ]
    with act("what they cover", START) as recording:
        recording.bulk_create(entries)
    at = START
    for window in made:
        at += datetime.timedelta(days=80)
        with act("new edition", at) as recording:
            recording.bulk_create(scores_of(window, technologies, countries))
    number, turn = Revision.objects.count(), 0
    chance = random.Random(1)
    while number < REVISIONS:
        turn += 1
        window = chance.choice(made)
        at += datetime.timedelta(days=80)
        scores = list(Score.objects.filter(window=window))
        for score in scores:
            score.share += Decimal("0.001")
        with act("correction", at) as recording:
            recording.bulk_update(scores, ["share"])
        number += len(scores)


def measured(function, times: int = 20) -> float:
    """The median in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def matrix(window: int) -> list[Score]:
    return list(Score.objects.filter(window=window).select_related("technology", "country", "window__edition"))


def matrix_from_index(window: int, number: int) -> list[dict]:
    """The alternative without a file: rows of the interval index."""
    current = Q(since__lte=number) & (Q(until__isnull=True) | Q(until__gt=number))
    intervals = Interval.objects.filter(current, kind="score", revision__state__window__id=window)
    return list(intervals.values_list("revision__state", flat=True))


def cold(at: past.Moment, window: int) -> float:
    for file in Path(FOLDER, "past").glob("*.sqlite3"):
        file.unlink()
    past.forget_opened()
    start = time.perf_counter()
    with past.reading(at):
        matrix(window)
    return time.perf_counter() - start


def page(address: str) -> HttpResponse:
    """The public page through its view, not kept."""
    caches["pages"].clear()
    request = RequestFactory(SERVER_NAME="localhost").get(address)
    request.user = AnonymousUser()
    match = resolve(request.path)
    response = match.func(request, **match.kwargs)
    assert response.status_code == 200, response.content[:500]
    return response


def pages(newest: int) -> None:
    """The page of the matrix, with all its 74 × 40 cells: today, of the past, and of a past that must be filled."""
    today = "/matrix/?edition=edition-5&full=1"
    then = f"{today}&as_of=r{newest - 1}"

    def cold() -> None:
        past.forget_files()
        page(then)

    page(today), page(then)
    # By turns: whatever else the machine does falls on all three.
    taken: dict[str, list[float]] = {"now": [], "warm": [], "cold": []}
    for _ in range(9):
        taken["now"].append(measured(lambda: page(today), 1))
        taken["cold"].append(measured(cold, 1))
        taken["warm"].append(measured(lambda: page(then), 1))
    now, warm, filled = (statistics.median(taken[name]) for name in ("now", "warm", "cold"))
    print(
        f"page of the matrix, {len(page(today).content) / 1024:.0f} KB: now {now * 1e3:.0f} ms; past, its file there: "
        f"{warm * 1e3:.0f} ms, ratio {warm / now:.2f}; past, its file to be filled: {filled * 1e3:.0f} ms, "
        f"ratio {filled / now:.2f}"
    )
    html = page(today).content.decode()
    rewriting = measured(lambda: keep_moment(html, past.Moment(newest, f"r{newest}"), "/matrix/"), 9)
    print(f"keeping the moment in its links: {rewriting * 1e3:.1f} ms, {100 * rewriting / now:.1f} % of the page")


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory_of_a_fill() -> None:
    before = megabytes()
    newest = Revision.objects.order_by("-number").values_list("number", flat=True).first()
    past.fill(FOLDER / "memory.sqlite3", newest)
    print(f"memory of a process: {before:.0f} MB before a fill, {megabytes():.0f} MB at most in it")


def bulk_write() -> None:
    """60,000 new scores in one transaction, rolled back; without history and with.

    What is written without history is so only here, past the guard that stands before every connection.
    """
    with unguarded():
        _bulk_write()


def _bulk_write() -> None:
    series = Series.objects.get()
    technologies = list(Technology.objects.all())
    countries = list(Country.objects.order_by("pk"))
    fresh = Series.objects.create(slug="fresh", name="Fresh", publisher="P", level="technology", unit="%")
    editions = Edition.objects.bulk_create(
        Edition(series=fresh, slug=f"fresh-{n}", name=f"Fresh {n}") for n in range(WINDOWS)
    )
    made = Window.objects.bulk_create(Window(edition=e, first_year=2000, last_year=2004) for e in editions)
    assert series.pk != fresh.pk

    def new() -> list[Score]:
        return [score for window in made for score in scores_of(window, technologies, countries)][:60_000]

    def timed(write) -> float:
        scores = new()
        start = time.perf_counter()
        with transaction.atomic():
            write(scores)
            taken = time.perf_counter() - start
            transaction.set_rollback(True)
        return taken

    def with_history(scores: list[Score]) -> None:
        with act("bulk") as recording:
            recording.bulk_create(scores)

    plain, recording = [], []
    for _ in range(3):
        plain.append(timed(lambda scores: Score.objects.bulk_create(scores, batch_size=2000)))
        recording.append(timed(with_history))
    a, b = statistics.median(plain), statistics.median(recording)
    print(f"bulk create of 60,000 scores: {a:.1f} s without history, {b:.1f} s with, ratio {b / a:.2f}")

    saved = list(Score.objects.order_by("pk")[:6_000])

    def change(scores: list[Score]) -> None:
        for score in scores:
            score.note = f"{score.note}."

    def plain_update(_: list[Score]) -> None:
        change(saved)
        Score.objects.bulk_update(saved, ["note"], batch_size=200)

    def recorded_update(_: list[Score]) -> None:
        change(saved)
        with act("bulk") as recording:
            recording.bulk_update(saved, ["note"])

    a, b = timed(plain_update), timed(recorded_update)
    print(f"bulk update of 6,000 scores: {a:.1f} s without history, {b:.1f} s with, ratio {b / a:.2f}")


def main() -> None:
    if sys.argv[1:] == ["memory"]:
        memory_of_a_fill()
        return
    start = time.perf_counter()
    build()
    newest = Revision.objects.order_by("-number").values_list("number", flat=True).first()
    size = (FOLDER / "tracker.sqlite3").stat().st_size / 1e6
    print(
        f"built: {Score.objects.count():,} scores, {Revision.objects.count():,} revisions, "
        f"{size:.0f} MB, in {time.perf_counter() - start:.0f} s"
    )
    window = Window.objects.order_by("pk")[5].pk
    now = past.Moment(newest, f"r{newest}")
    path = FOLDER / "cold.sqlite3"
    filled = measured(lambda: (path.unlink(missing_ok=True), past.fill(path, newest)), 5)
    print(f"cold fill at the newest revision: {filled:.2f} s, file of {path.stat().st_size / 1e6:.1f} MB")

    today = measured(lambda: matrix(window))
    with past.reading(now):
        assert len(matrix(window)) == TECHNOLOGIES * COUNTRIES
        then = measured(lambda: matrix(window))
    print(f"matrix of 74 × 40, warm: now {today * 1e3:.0f} ms, past {then * 1e3:.0f} ms, ratio {then / today:.2f}")

    def with_opening() -> None:
        with past.reading(now):
            matrix(window)

    print(f"the same with finding the file each time: {measured(with_opening) * 1e3:.0f} ms")
    rows = measured(lambda: matrix_from_index(window, newest), 5)
    print(f"the same rows from the interval index, no file: {rows * 1e3:.0f} ms (states only, references by key)")

    pages(newest)
    acts = list(Act.objects.order_by("at").values_list("at", flat=True))
    days = (acts[-1] - acts[5]).days
    chance = random.Random(2)
    asked = [(acts[5] + datetime.timedelta(days=chance.randrange(days))).date().isoformat() for _ in range(20)]
    costs = [cold(past.moment(day), window) for day in asked]
    print(
        f"20 random days, cold, with the matrix: median {statistics.median(costs):.2f} s, "
        f"longest {max(costs):.2f} s, all {sum(costs):.1f} s"
    )
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_past", "memory"],
        env={**os.environ, "BENCH_ROOM": str(FOLDER)},
        check=True,
    )
    bulk_write()


if __name__ == "__main__":
    main()
    if not ROOM:
        import shutil

        shutil.rmtree(FOLDER)
