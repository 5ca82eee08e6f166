import math
from itertools import pairwise

import pytest

from tracker.charts import trajectory
from tracker.charts.frame import NOTHING_KNOWN


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
