import math
from itertools import pairwise

import pytest
from matplotlib.lines import Line2D

from tracker.charts import trajectory
from tracker.charts.frame import NOTHING_KNOWN
from tracker.charts.palette import country_colour
from tracker.charts.render import render


def line_of(figure, name):
    [axes] = figure.axes
    [line] = [line for line in axes.lines if line.get_label() == name]
    return line


def test_trajectory_draws_a_line_a_country(trajectory_of):
    figure = trajectory.draw(trajectory_of())

    [axes] = figure.axes
    assert len(axes.lines) == 9
    assert list(line_of(figure, "China").get_ydata())[:2] == [8.37, 10.1]


def test_trajectory_leaves_unknown_windows_as_gaps(trajectory_of):
    figure = trajectory.draw(trajectory_of(shares={"CN": ["1.0", None, "3.0"]}, windows=3))

    shares = list(line_of(figure, "China").get_ydata())
    assert (shares[0], shares[2]) == (1.0, 3.0)
    assert math.isnan(shares[1])


def test_trajectory_shows_a_single_known_window_as_a_point(trajectory_of):
    figure = trajectory.draw(trajectory_of(shares={"CN": [None, "2.5", None]}, windows=3))

    assert line_of(figure, "China").get_marker() == "o"


def test_trajectory_prints_first_and_last_value(trajectory_of, words_in):
    words = words_in(trajectory.draw(trajectory_of(shares={"CN": ["8.37", "9.1", "36.40"]}, windows=3)))

    assert "8.37" in words
    assert "36.40" in words
    assert "9.1" not in words


def test_trajectory_names_the_window_of_a_line_that_ends_early(trajectory_of, words_in):
    words = words_in(trajectory.draw(trajectory_of(shares={"CN": ["8", "9", None], "US": ["7"] * 3}, windows=3)))

    assert "(2004–2008)" in words


def test_narrow_trajectory_names_fewer_windows(trajectory_of, words_in):
    model = trajectory_of()

    wide, narrow = (set(words_in(trajectory.draw(model, narrow=is_narrow))) for is_narrow in (False, True))

    windows = set(model.windows)
    assert len(windows & narrow) < len(windows & wide)
    assert {model.windows[0], model.windows[-1]} <= narrow


def test_trajectory_with_too_many_lines_says_how_many_it_draws(trajectory_of, words_in, monkeypatch):
    monkeypatch.setattr(trajectory, "MOST_LINES", 4)

    figure = trajectory.draw(trajectory_of())

    [axes] = figure.axes
    assert len(axes.lines) == 4
    assert "The first 4 of 9 places are drawn." in " ".join(words_in(figure))


def test_spread_labels_keep_their_order_and_distance():
    wanted = [100.0, 101.0, 99.0, 300.0, 12.0, 101.0]

    placed = trajectory.spread(wanted, 17, 0, 320)

    ranked = sorted(placed)
    assert all(below - above >= 17 - 1e-6 for above, below in pairwise(ranked))
    assert placed[3] == 300.0
    assert placed[2] < placed[0] < placed[1] < placed[5]


def test_spread_labels_without_room_share_what_there_is():
    placed = trajectory.spread([50.0] * 11, 17, 0, 100)

    assert (min(placed), max(placed)) == (0.0, 100.0)


def test_trajectory_of_noughts_is_drawn(trajectory_of, narrow, illegible):
    figure = trajectory.draw(trajectory_of(shares={"CN": ["0.0", "0.0"]}, windows=2), narrow=narrow)

    assert illegible(figure) == []


@pytest.mark.parametrize("shares", [{}, {"CN": [None] * 14}])
def test_trajectory_without_a_known_share_says_so(trajectory_of, words_in, narrow, shares):
    figure = trajectory.draw(trajectory_of(shares=shares), narrow=narrow)

    assert NOTHING_KNOWN in words_in(figure)


def test_trajectory_of_one_window_is_drawn(trajectory_of, narrow, illegible):
    figure = trajectory.draw(trajectory_of(shares={"CN": ["5.0"], "US": ["0.0"]}, windows=1), narrow=narrow)

    assert illegible(figure) == []


def test_trajectory_is_legible(trajectory_of, words, narrow, illegible):
    figure = trajectory.draw(trajectory_of(words), narrow=narrow)

    assert illegible(figure) == []


def test_trajectory_is_as_large_as_it_says(trajectory_of, narrow):
    figure = trajectory.draw(trajectory_of(), narrow=narrow)

    assert tuple(figure.get_size_inches() * 72) == pytest.approx(trajectory.size(0, narrow=narrow))


# The shares of materials science as NCSES gives them: China passes the United States from 2013–2017 to 2014–2018.
MATERIALS = {
    "CN": [
        "8.37",
        "10.0",
        "11.7",
        "12.8",
        "14.9",
        "16.0",
        "17.4",
        "19.2",
        "21.7",
        "23.2",
        "25.7",
        "28.9",
        "32.4",
        "36.4",
    ],
    "US": [
        "49.2",
        "45.5",
        "43.1",
        "39.7",
        "37.0",
        "34.9",
        "33.8",
        "32.6",
        "30.1",
        "28.6",
        "26.8",
        "23.8",
        "20.3",
        "17.4",
    ],
}
TANGLE = {
    "DE": ["7.22", "6.7", "6.8", "7.2", "7.5", "7.7", "7.9", "8.0", "7.5", "7.6", "7.3", "6.9", "6.1", "5.17"],
    "IN": ["2.24", "2.6", "3.2", "3.4", "3.7", "4.0", "3.8", "3.3", "3.1", "3.0", "3.2", "3.5", "4.0", "4.78"],
    "GB": ["5.96", "5.6", "5.3", "5.1", "4.6", "4.7", "5.2", "5.4", "6.0", "6.5", "6.1", "5.4", "4.6", "3.75"],
    "KR": ["4.17", "4.3", "4.4", "3.9", "3.1", "3.4", "3.9", "4.0", "4.5", "4.4", "4.0", "3.7", "3.2", "2.71"],
}
TANGLED = [("IN", "KR", 3, 4), ("KR", "IN", 5, 6), ("IN", "KR", 11, 12), ("IN", "GB", 12, 13)]


def rings_of(figure):
    """The middles of the rings in pixels, without those of the key."""
    found = [line for line in figure.findobj(Line2D) if line.get_marker() == "o" and line.get_zorder() == 4]
    [axes] = figure.axes
    top = axes.get_window_extent().y1
    high = figure.get_size_inches()[1] * figure.dpi
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in found if high - line.get_ydata()[0] <= top + 1]


def point_on_sheet(figure, at, share):
    """A window and share as pixels from the top left."""
    [axes] = figure.axes
    x, y = axes.transData.transform((at, share))
    return x, figure.get_size_inches()[1] * figure.dpi - y


def test_crossing_stands_where_the_two_lines_meet(trajectory_of, narrow):
    figure = trajectory.draw(trajectory_of(shares=MATERIALS, crossings=[("CN", "US", 10, 11)]), narrow=narrow)

    [ring] = rings_of(figure)
    # 25.7 to 28.9 and 26.8 to 23.8: 1.1 points apart at first, 5.1 the other way after.
    along = 1.1 / 6.2
    assert ring == pytest.approx(point_on_sheet(figure, 10 + along, 25.7 + along * 3.2), abs=0.01)


def test_crossing_is_named_with_its_two_windows(trajectory_of, words_in, narrow):
    figure = trajectory.draw(trajectory_of(shares=MATERIALS, crossings=[("CN", "US", 10, 11)]), narrow=narrow)

    words = " ".join(words_in(figure))
    assert "China passes the United States" in words
    assert "2013–2017 → 2014–2018" in words


def test_crossing_after_equal_shares_stands_at_them(trajectory_of):
    shares = {"CN": ["1", "2", "2", "3"], "US": ["2", "2", "2", "2"]}

    figure = trajectory.draw(trajectory_of(shares=shares, windows=4, crossings=[("CN", "US", 0, 3)]))

    assert rings_of(figure) == [pytest.approx(point_on_sheet(figure, 1, 2.0), abs=0.01)]


def test_crossing_over_a_gap_stands_at_the_first_share_ahead(trajectory_of):
    shares = {"CN": ["1", None, "3"], "US": ["2", "2", "2"]}

    figure = trajectory.draw(trajectory_of(shares=shares, windows=3, crossings=[("CN", "US", 0, 2)]))

    assert rings_of(figure) == [pytest.approx(point_on_sheet(figure, 2, 3.0), abs=0.01)]


def test_four_crossings_are_all_named_and_legible(trajectory_of, words, words_in, narrow, illegible):
    figure = trajectory.draw(trajectory_of(words, shares=TANGLE, crossings=TANGLED), narrow=narrow)

    assert illegible(figure) == []
    said = " ".join(words_in(figure))
    assert said.count("India passes South Korea") == 2
    assert "South Korea passes India" in said
    assert "India passes the United Kingdom" in said
    assert len(rings_of(figure)) == 4


def test_words_of_crossings_lie_on_no_line(trajectory_of):
    figure = trajectory.draw(trajectory_of(shares=TANGLE, crossings=TANGLED))

    [axes] = figure.axes
    named = [text for text in figure.texts if "passes" in text.get_text() or "→" in text.get_text()]
    high = figure.get_size_inches()[1] * figure.dpi
    assert len(named) == 8
    for text in named:
        box = text.get_window_extent()
        for line in axes.lines:
            xs, ys = line.get_xdata(), line.get_ydata()
            for step in range(130):
                at = step / 10
                share = ys[int(at)] + (ys[min(int(at) + 1, 13)] - ys[int(at)]) * (at - int(at))
                x, y = point_on_sheet(figure, at, share)
                assert not (box.x0 <= x <= box.x1 and box.y0 <= high - y <= box.y1), (text.get_text(), at)
            assert len(xs) == 14


def test_crossings_without_room_beside_them_are_numbered_and_told_above(trajectory_of, words_in, illegible):
    # Lines so dense that no words fit between them.
    codes = ("CN", "US", "IN", "GB", "KR", "DE", "JP", "TR", "AE", "RU", "BA", "VC")
    shares = {code: [str(4 * n + (1 if at % 2 else 3)) for at in range(14)] for n, code in enumerate(codes)}
    shares["CN"] = [str(48 - 3 * at) for at in range(14)]
    crossings = [("US", "CN", 12, 13), ("VC", "CN", 0, 1)]

    figure = trajectory.draw(trajectory_of(shares=shares, crossings=crossings))

    assert illegible(figure) == []
    assert {"1", "2"} <= set(words_in(figure))
    assert any("The United States passes China: 2015–2019 → 2016–2020" in said for said in words_in(figure))


def test_more_than_four_crossings_are_rings_alone(trajectory_of, words_in, narrow):
    crossings = [*TANGLED, ("GB", "IN", 0, 1)]

    figure = trajectory.draw(trajectory_of(shares=TANGLE, crossings=crossings), narrow=narrow)

    assert len(rings_of(figure)) == 5
    words = " ".join(words_in(figure))
    assert trajectory.RING_NOTE in words
    assert "India passes" not in words


def test_crossing_of_a_line_that_is_not_drawn_is_left_out(trajectory_of):
    shares = {**MATERIALS, "JP": [None] * 14}

    figure = trajectory.draw(trajectory_of(shares=shares, crossings=[("JP", "US", 3, 4)]))

    assert rings_of(figure) == []


def test_lower_bounds_are_dashed_and_hollow_and_said(trajectory_of, words_in, narrow, illegible):
    shares = {"quad": MATERIALS["US"], "CN": MATERIALS["CN"]}
    partial = {"quad": set(range(4)) | {13}}

    figure = trajectory.draw(trajectory_of(shares=shares, partial=partial), narrow=narrow)

    dashed = line_of(figure, "Quad, at least")
    assert dashed.get_linestyle() == "--"
    known = [at for at in dashed.get_xdata() if not math.isnan(at)]
    assert known == [0, 1, 1, 2, 2, 3, 3, 4, 12, 13]
    solid = line_of(figure, "Quad").get_ydata()
    assert [at for at, share in enumerate(solid) if math.isnan(share)] == [0, 1, 2, 3, 13]
    points = line_of(figure, "Quad, at least: points")
    assert list(points.get_ydata()) == [49.2, 45.5, 43.1, 39.7, 17.4]
    words = words_in(figure)
    assert {"≥\u202f49.2", "≥\u202f17.4", "8.37"} <= set(words)
    assert trajectory.PARTIAL_NOTE in " ".join(words)
    assert illegible(figure) == []


def test_two_blocs_are_told_apart(trajectory_of):
    shares = {"quad": MATERIALS["US"], "five-eyes": MATERIALS["CN"], "CN": ["5"] * 14}

    figure = trajectory.draw(trajectory_of(shares=shares))

    colours = [line_of(figure, name).get_color() for name in ("Quad", "Five Eyes", "China")]
    assert len(set(colours)) == 3
    assert colours[2] == country_colour("CN")


def test_dark_crossings_have_the_same_words(trajectory_of, words_in, narrow):
    model = trajectory_of(shares=TANGLE, crossings=TANGLED)

    light, dark = (words_in(trajectory.draw(model, dark=is_dark, narrow=narrow)) for is_dark in (False, True))

    assert light == dark


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_same_crossings_give_the_same_bytes(trajectory_of, kind):
    model = trajectory_of(shares=TANGLE, crossings=TANGLED, partial={"GB": {2, 3}})

    assert render(trajectory.draw(model), kind) == render(trajectory.draw(model), kind)
