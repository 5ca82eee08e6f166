"""Listings as they are drawn: bars at their days, unknown days hatched, words that do not collide."""

import datetime
from dataclasses import replace

import pytest
from matplotlib.collections import PolyCollection

from tests.analysis.cooperation import organisation
from tracker.analysis.listings import ControlRef, Entry, Stay, Tick, listings_figure
from tracker.charts import dimensions
from tracker.charts import listings as drawing

TODAY = "2026-11-22"
LIST = ControlRef(1, "a-list", "A list of names", "Section 1260H list")
NAMES = (
    "DJI",
    "China International Engineering Consulting Corporation of a very long name indeed, of Beijing",
    "Hikvision",
)
DATES = (
    ("2022-10-05", ""),
    ("2022-10-05", "2024-01-31"),
    ("2019-05", ""),
    ("2020", "2023"),
    ("", ""),
    ("2026-06-08", ""),
)
TICKS = (Tick("2021-06-03", True), Tick("2022-10-05"), Tick("2026-06-08", True))


def many(number, words=None, **how):
    stays = [
        Stay(
            at, organisation(f"{NAMES[at % 3]} {at}"), LIST, *DATES[at % len(DATES)],
            entries=(Entry("2022-10-05"), Entry("2026-06-08")) if at % 2 else (),
        )
        for at in range(number)
    ]  # fmt: skip
    model = listings_figure(stays, TICKS, TODAY, about="Section 1260H list", date="Record of 22 November 2026", **how)
    return replace(model, **{k: words[k] for k in ("title", "subtitle", "source", "date")}) if words else model


def of(figure, label):
    [axes] = [axes for axes in figure.axes if axes.get_label() != "key"]
    return [
        path.vertices[:, 0]
        for c in axes.collections
        if isinstance(c, PolyCollection) and c.get_label() == label
        for path in c.get_paths()
    ]


@pytest.mark.parametrize("number", [1, 3, 40])
def test_listings_are_legible(words, narrow, illegible, number):
    assert illegible(drawing.draw(many(number, words), narrow=narrow)) == []


def test_listings_on_a_day_are_legible(narrow, illegible, words_in):
    figure = drawing.draw(many(24, on=datetime.date(2020, 5, 5)), narrow=narrow)

    assert illegible(figure) == []
    assert "5 May 2020" in words_in(figure)


def test_bar_stands_on_its_days_and_what_is_not_known_is_hatched():
    stays = [Stay(1, organisation("DJI"), LIST, "2019-05", "2024-01-31")]
    model = listings_figure(stays, (), TODAY, about="A list")
    figure = drawing.draw(model)
    first = model.axis[0]

    (full,) = of(figure, "listed")
    (unsure,) = of(figure, "day not known")

    assert full.min() + first == datetime.date(2019, 5, 31).toordinal()
    assert full.max() + first == datetime.date(2024, 1, 31).toordinal()
    assert (unsure.min() + first, unsure.max() + first) == (
        datetime.date(2019, 5, 1).toordinal(), datetime.date(2019, 5, 31).toordinal(),
    )  # fmt: skip


def test_figure_takes_the_room_that_the_page_keeps_for_it(narrow):
    model = many(22)
    wide, high = drawing.draw(model, narrow=narrow).get_size_inches() * 72

    assert (round(wide), round(high)) == dimensions.size("listings", len(model.rows), narrow=narrow)


def test_listings_of_nothing_say_so(words_in):
    assert drawing.NOTHING in " ".join(words_in(drawing.draw(many(0))))
