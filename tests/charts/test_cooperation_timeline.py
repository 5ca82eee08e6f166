"""The timeline as it is drawn: days at their place, marks that differ without colour, words that do not collide."""

import datetime
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection

from tests.analysis.cooperation import FUNDS, RESEARCH, engagement, status
from tracker.analysis.cooperation_timeline import MOST_TITLED, timeline, timeline_steps
from tracker.charts import cooperation_timeline as drawing
from tracker.charts import dimensions
from tracker.charts.render import render

TODAY = "2026-11-22"
CHANNELS = [
    replace(FUNDS, slug=f"channel-{at}", name=name, position=at, origin="ours" if at > 4 else "aspi-2019")
    for at, name in enumerate(
        (
            "Dialogues and exchanges", "Industrial science and technology parks", "Academic cooperation",
            "Joint investment funds", "Joint competitions", "Commercial agreements", "Joint R&D projects",
            "Military-technical cooperation of a kind with an unusually long name",
        )
    )
]  # fmt: skip
TITLES = (
    "First China-Russia Youth Innovation, Entrepreneurship and Creativity Competition",
    "Contracts for mutual navigation ground stations",
    "RCIF",
    "Satellite-navigation road map 2026-2030, with the protocol on the time interoperability of both systems",
)
STATES = ("announced", "signed", "active", "stalled", "completed", "cancelled")
STARTS = ("2012", "2014-10-13", "2018-04", "2019-06-05", "2020", "2021-07", "2025-11-03")


def day(text):
    return datetime.date.fromisoformat(text).toordinal()


def many(number, words=None, channels=8):
    """So many engagements over all channels, states and precisions, some of them planned and contested."""
    rows = [
        engagement(
            TITLES[at % len(TITLES)],
            start=STARTS[at % len(STARTS)],
            end={0: "2030", 1: "2025-12"}.get(at % 9, ""),
            statuses=(status(STATES[at % 6], f"{2020 + at % 6}-11"),) if at % 13 else (),
            channel=CHANNELS[at % channels],
            contested=at % 5 == 0,
        )
        for at in range(number)
    ]
    model = timeline(rows, TODAY, date="Record of 22 November 2026")
    return replace(model, **{k: words[k] for k in ("title", "subtitle", "source", "date")}) if words else model


def one(start, *states, end="", **said):
    row = engagement(start=start, end=end, statuses=tuple(status(*state) for state in states), **said)
    return timeline([row], TODAY)


def plot(figure):
    [axes] = [axes for axes in figure.axes if axes.get_label() != "key"]
    return axes


def bars(figure, model, label):
    """(first day, day after the last) of the bars of one state."""
    first = model.axis[0]
    found = [c for c in plot(figure).collections if isinstance(c, PolyCollection) and c.get_label() == label]
    return [
        (path.vertices[:, 0].min() + first, path.vertices[:, 0].max() + first)
        for c in found
        for path in c.get_paths()
    ]


def dots(figure, model, label):
    """The days at whose middle the dots of a state stand."""
    lines = [line for line in plot(figure).lines if line.get_label() == label]
    return [x + model.axis[0] for line in lines for x in line.get_xdata()]


@pytest.mark.parametrize(("start", "days"), [("2019", 365), ("2020", 366)])
def test_year_is_a_bar_of_the_whole_year(narrow, start, days):
    model = one(start, ("announced", start))

    figure = drawing.draw(model, narrow=narrow)

    [(first, after)] = bars(figure, model, "announced")
    assert (first, after - first) == pytest.approx((day(f"{start}-01-01"), days))
    assert dots(figure, model, "announced: days") == []


def test_month_is_a_short_bar_in_the_middle_of_its_month(narrow):
    rows = [engagement(start="2011"), engagement(start="2019-06", statuses=(status("completed", "2019-06"),))]
    model = timeline(rows, TODAY)

    [(first, after)] = bars(drawing.draw(model, narrow=narrow), model, "completed")

    assert (first + after) / 2 == pytest.approx(day("2019-06-16"))
    assert 30 <= after - first < 150


def test_day_is_a_dot_on_it(narrow):
    model = one("2019-06-05", ("announced", "2019-06-05"))

    figure = drawing.draw(model, narrow=narrow)

    assert dots(figure, model, "announced: days") == [day("2019-06-05") + 0.5]
    assert bars(figure, model, "announced") == []


def test_active_one_is_a_bar_to_the_day_it_was_last_seen_with_a_cut_end(narrow):
    model = one("2017-06-05", ("active", "2020-12-10"))
    figure = drawing.draw(model, narrow=narrow)

    [(first, after)] = bars(figure, model, "active")

    assert (first, after) == pytest.approx((day("2017-06-05"), day("2020-12-11")))
    [shape] = [c for c in plot(figure).collections if c.get_label() == "active"]
    corners = shape.get_paths()[0].vertices[:-1]
    assert sum(x < corners[:, 0].max() - 1e-6 for x in corners[:, 0]) == 3  # two on the left, and the notch
    assert "cut end: seen until then, no end known" in words_of(figure)


def test_period_with_an_end_has_no_cut_end():
    model = one("2017-06-05", ("completed", "2022"), end="2021-03")
    figure = drawing.draw(model)

    [(_, after)] = bars(figure, model, "completed")

    assert after == pytest.approx(day("2021-04-01"))
    assert not any("cut end" in words for words in words_of(figure))


@pytest.mark.parametrize(("end", "after"), [("2030", "2031-01-01"), ("2024", "2025-01-01")])
def test_planned_end_is_dashed_from_the_day_last_seen_on_whether_it_has_passed_or_not(narrow, end, after):
    model = one("2022-11-25", ("active", "2023-10"), end=end)
    figure = drawing.draw(model, narrow=narrow)

    assert bars(figure, model, "planned") == [pytest.approx((day("2023-11-01"), day(after)))]
    assert bars(figure, model, "active") == [pytest.approx((day("2022-11-25"), day("2023-11-01")))]
    assert "planned, not confirmed" in words_of(figure)


def test_line_of_today_stands_at_today(narrow):
    model = one("2019", ("announced", "2019"), end="2030")
    figure = drawing.draw(model, narrow=narrow)

    [words] = [text for text in figure.texts if text.get_text() == "today"]
    place = plot(figure).transData.transform((model.today + 0.5 - model.axis[0], 0))[0]
    assert words.get_position()[0] == pytest.approx(place)


def test_states_differ_by_fill_and_sign():
    rows = [engagement(start="2019-06-05", statuses=(status(state, "2019-06-05"),)) for state in STATES]
    figure = drawing.draw(timeline(rows, TODAY))

    looks = {}
    for line in plot(figure).lines:
        state = line.get_label().partition(":")[0]
        full = line.get_markerfacecolor() == line.get_markeredgecolor() or line.get_markeredgewidth() == 0
        path = line._marker.get_path().vertices
        looks.setdefault(state, []).append((full, len(path), round(float(path[:, 1].max()), 2)))
    assert set(looks) == set(STATES)
    assert len({str(look) for look in looks.values()}) == len(STATES)


def test_contested_one_is_marked_and_said(words_in):
    plain, disputed = (
        drawing.draw(one("2019-06-05", ("announced", "2019-06-05"), contested=is_so)) for is_so in (False, True)
    )

    assert "contested" not in [line.get_label() for line in plot(plain).lines]
    assert "contested" in [line.get_label() for line in plot(disputed).lines]
    assert "5 June 2019, announced, contested" in words_in(disputed)


def words_of(figure):
    return [text.get_text() for text in figure.texts]


def areas(figure):
    """(left, bottom, right, top) of each mark in pixels: dots by their size, bars by their corners."""
    axes = plot(figure)
    found = []
    for collection in axes.collections:
        if collection.get_label() not in ("filled", "planned"):
            for path in collection.get_paths():
                corners = axes.transData.transform(path.vertices)
                found.append((*corners.min(axis=0), *corners.max(axis=0)))
    for line in axes.lines:
        if line.get_label().endswith(": days") or line.get_label() == "contested":
            half = line.get_markersize() / 2 + line.get_markeredgewidth() / 2
            for x, y in axes.transData.transform(list(zip(line.get_xdata(), line.get_ydata(), strict=True))):
                found.append((x - half, y - half, x + half, y + half))
    return found


def letters(figure):
    """(left, bottom, right, top) of the letters of each text, in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = []
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        base = text.get_transform().transform(text.get_position())[1]
        found.append((box.x0, base - 0.2 * text.get_fontsize(), box.x1, base + 0.7 * text.get_fontsize()))
    return found


def overlap(one, other):
    return all(one[at] < other[at + 2] - 0.01 and other[at] < one[at + 2] - 0.01 for at in (0, 1))


def overlapping(found):
    return [pair for pair in combinations(found, 2) if overlap(*pair)]


@pytest.mark.parametrize("number", [1, 7, 25, 26, 94, 200])
def test_no_mark_lies_on_another(narrow, number):
    found = areas(drawing.draw(many(number), narrow=narrow))

    assert len(found) == number + sum(at % 5 == 0 for at in range(number))
    assert overlapping(found) == []


@pytest.mark.parametrize("number", [1, 7, 25, 26, 94])
def test_no_words_lie_on_a_mark(words, narrow, number):
    figure = drawing.draw(many(number, words), narrow=narrow)

    said, drawn = letters(figure), areas(figure)

    assert [(one, other) for one in said for other in drawn if overlap(one, other)] == []


DATES = st.one_of(
    st.integers(2012, 2026).map(str),
    st.tuples(st.integers(2012, 2026), st.integers(1, 12)).map(lambda d: f"{d[0]}-{d[1]:02}"),
    st.dates(datetime.date(2012, 1, 1), datetime.date(2026, 11, 1)).map(str),
)


@given(
    st.lists(st.tuples(DATES, DATES, st.sampled_from(STATES), st.booleans()), min_size=26, max_size=70), st.booleans()
)
def test_no_mark_lies_on_another_whatever_the_dates(found, narrow):
    rows = [
        engagement(start=start, statuses=(status(state, max(start, seen)),), channel=FUNDS if ours else RESEARCH)
        for start, seen, state, ours in found
    ]
    model = timeline(rows, TODAY)

    drawn = areas(drawing.draw(model, narrow=narrow))

    assert len(drawn) == len(rows)
    assert overlapping(drawn) == []


@pytest.mark.parametrize("number", [1, 2, 8, 25, 26, 94])
def test_timeline_is_legible(words, narrow, illegible, number):
    assert illegible(drawing.draw(many(number, words), narrow=narrow)) == []


@pytest.mark.parametrize("number", [1, 25, 94])
def test_timeline_of_one_channel_is_legible(narrow, illegible, number):
    assert illegible(drawing.draw(many(number, channels=1), narrow=narrow)) == []


def test_few_have_their_titles_and_many_have_none(narrow, words_in):
    few, crowd = (words_in(drawing.draw(many(number), narrow=narrow)) for number in (4, MOST_TITLED + 1))

    assert "RCIF" in few
    assert "RCIF" not in crowd


def test_title_stands_over_its_own_mark(narrow):
    model = one("2019-06-05", ("announced", "2019-06-05"), title="RCIF")
    figure = drawing.draw(model, narrow=narrow)

    [title] = [text for text in figure.texts if text.get_text() == "RCIF"]
    [dot] = dots(figure, model, "announced: days")
    x = plot(figure).transData.transform((dot - model.axis[0], 0))[0]
    assert title.get_position()[0] == pytest.approx(x, abs=2)


def test_lane_says_how_many_it_has_and_whose_channel_it_is(narrow, words_in):
    words = words_in(drawing.draw(many(94), narrow=narrow))

    assert words.count("12 recorded") + words.count("11 recorded") == 5
    assert sum(said.endswith("recorded; added by us") for said in words) == 3


def test_lanes_fill_the_height_between_the_axes(narrow):
    figure = drawing.draw(many(94), narrow=narrow)

    axes = plot(figure)
    lowest = max(y for line in axes.lines if line.get_label().endswith(": days") for y in line.get_ydata())
    assert axes.get_ylim()[0] * 0.85 < lowest < axes.get_ylim()[0]


def test_timeline_of_nothing_says_so(narrow, words_in, illegible):
    figure = drawing.draw(timeline([], TODAY), narrow=narrow)

    assert drawing.NOTHING in " ".join(words_in(figure))
    assert illegible(figure) == []


def test_undated_ones_are_said(words_in):
    model = timeline([engagement(), engagement(start=""), engagement(start="")], TODAY)

    assert "2 without a known start are not drawn." in " ".join(words_in(drawing.draw(model)))


def test_dark_timeline_differs_in_colours_not_in_words(narrow, words_in):
    light, dark = (drawing.draw(many(94), dark=is_dark, narrow=narrow) for is_dark in (False, True))

    assert light.get_facecolor() != dark.get_facecolor()
    assert words_in(light) == words_in(dark)


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("number", [0, 9, 94])
def test_same_timeline_gives_the_same_bytes(kind, number):
    model = many(number)

    assert render(drawing.draw(model), kind) == render(drawing.draw(model), kind)


@pytest.mark.parametrize("number", [0, 1, 25, 94])
def test_timeline_is_as_large_as_the_page_is_told(narrow, number):
    model = many(number)

    figure = drawing.draw(model, narrow=narrow)

    assert tuple(figure.get_size_inches() * 72) == pytest.approx(
        dimensions.size("cooperation-timeline", timeline_steps(model), narrow=narrow)
    )
    assert drawing.rows(model) == timeline_steps(model)
    assert drawing.size(7, narrow=narrow) == dimensions.size("cooperation-timeline", 7, narrow=narrow)


def test_key_explains_only_what_is_drawn(words_in):
    words = words_in(drawing.draw(one("2019", ("announced", "2019"))))

    assert "announced" in words
    assert "bar of a year: only the year is known" in words
    assert not {"completed", "stalled", "contested", "planned, not confirmed"} & set(words)
