"""Figures drawn ahead: those that pages show, before a reader asks; once, and anew after a change."""

import datetime
import re

import pytest
from django.core.cache import caches
from django.utils import timezone

from tests.history.acting import change
from tracker.actions import drawing
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import enqueue, run
from tracker.charts import render
from tracker.models import Job, Technology

pytestmark = pytest.mark.seed


@pytest.fixture
def few_pages(monkeypatch):
    monkeypatch.setattr(drawing, "pages", lambda: iter(("/", "/technologies/electric-batteries/")))


@pytest.fixture
def no_pages(monkeypatch):
    """Where it is only asked whether drawing is wanted."""
    monkeypatch.setattr(drawing, "pages", lambda: iter(()))


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """The kinds (svg, png) that were really drawn."""
    told: list[str] = []
    original = render.render

    def noting(figure, kind):
        told.append(kind)
        return original(figure, kind)

    monkeypatch.setattr(render, "render", noting)
    return told


@pytest.fixture
def at_rest(monkeypatch):
    """Call it: the last change was long ago. With False: it was just now."""

    def rest(since: bool = True) -> None:
        monkeypatch.setattr(drawing, "QUIET", datetime.timedelta(seconds=-1) if since else datetime.timedelta(days=1))

    return rest


def draw() -> Job:
    job = enqueue(kind="drawing", title="Figures", by=None)
    assert run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def test_no_reader_of_the_front_page_waits_for_a_figure(client, few_pages, drawn):
    draw()
    made = len(drawn)
    assert made
    assert "png" in drawn
    drawn.clear()
    caches["pages"].clear()

    for page in ("/", "/technologies/electric-batteries/"):
        text = client.get(page).content.decode()
        shown = re.findall(r'(?:src|srcset)="(/charts/[^"]+)"', text)
        assert len(shown) >= 4
        assert any("theme=dark" in address for address in shown)
        for address in shown:
            assert client.get(address.replace("&amp;", "&")).status_code == 200
    for address in re.findall(r'href="(/charts/[^"]+\.png[^"]*)"', client.get("/").content.decode()):
        client.get(address.replace("&amp;", "&"))

    assert drawn == []


def test_what_is_there_is_not_drawn_again(few_pages, drawn):
    first = draw()
    made = len(drawn)
    assert first.result["figures"] == made
    caches["pages"].clear()

    draw()

    assert len(drawn) == made


def test_after_a_change_it_is_wanted_once_the_record_is_at_rest_and_once_only(no_pages, at_rest):
    at_rest()
    assert drawing.is_wanted()
    draw()
    assert not drawing.is_wanted()

    change(Technology.objects.get(slug="coatings"), name="Coatings, renamed")
    at_rest(False)
    assert not drawing.is_wanted()
    at_rest()
    assert drawing.is_wanted()

    enqueue(kind="drawing", title="Figures", by=None)
    assert not drawing.is_wanted()


def test_another_build_or_day_wants_other_drawings(no_pages, at_rest, settings):
    at_rest()
    draw()

    settings.BUILD = "another"

    assert drawing.is_wanted()


def test_failed_drawing_is_not_asked_for_each_minute(no_pages, at_rest):
    at_rest()
    job = enqueue(kind="drawing", title="Figures", by=None)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(state="failed", ended_at=now)
    assert not drawing.is_wanted()

    Job.objects.filter(pk=job.pk).update(ended_at=now - drawing.TRIED_AGAIN - datetime.timedelta(seconds=1))

    assert drawing.is_wanted()


def test_change_meanwhile_ends_it_early_and_it_is_wanted_again(few_pages, at_rest, monkeypatch):
    ask, told = drawing.ask, []

    def change_after_first(address):
        if not told:
            told.append(address)
            change(Technology.objects.get(slug="coatings"), name="Coatings, renamed")
        # What is drawn makes no difference here.
        return None if address.startswith("/charts/") else ask(address)

    monkeypatch.setattr(drawing, "ask", change_after_first)

    job = draw()

    assert job.result["early"] is True
    at_rest()
    assert drawing.is_wanted()


def test_drawing_stops_when_it_is_asked_to(few_pages, monkeypatch):
    job = enqueue(kind="drawing", title="Figures", by=None)
    ask, asked = drawing.ask, []

    def ask_and_stop(address):
        asked.append(address)
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
        return ask(address)

    monkeypatch.setattr(drawing, "ask", ask_and_stop)
    run(pk=job.pk, kinds=KINDS)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert asked == ["/"]


def test_every_page_that_is_drawn_ahead_answers_and_the_front_page_is_first():
    every = list(drawing.pages())

    assert every[0] == "/"
    assert len(every) == len(set(every))
    assert "/technologies/electric-batteries/" in every
    assert "/fields/materials-science/" in every
    assert {drawing.ask(page).status_code for page in every[:20]} == {200}
