import pytest

from tracker.charts import leaderboard
from tracker.charts.frame import NOTHING_KNOWN
from tracker.charts.theme import country_colour


def bars_labelled(figure, label):
    [axes] = figure.axes
    found = [bars for bars in axes.containers if bars.get_label() == label]
    return [bar for bars in found for bar in bars]


def test_leaderboard_draws_a_bar_a_country_in_its_colour(leaderboard_of):
    figure = leaderboard.draw(leaderboard_of(bars=[("CN", 37, None), ("US", 7, None)], unknown=0, total=44))

    bars = bars_labelled(figure, "led")
    assert [bar.get_width() for bar in bars] == [37, 7]
    assert [bar.get_facecolor() for bar in bars] == [
        pytest.approx([int(country_colour(code)[at : at + 2], 16) / 255 for at in (1, 3, 5)] + [1])
        for code in ("CN", "US")
    ]


def test_leaderboard_prints_the_number_of_every_bar(leaderboard_of, words_in):
    figure = leaderboard.draw(leaderboard_of(bars=[("CN", 37, None), ("US", 6, None)], unknown=1, total=44))

    words = words_in(figure)
    assert {"China", "37", "United States", "6", leaderboard.UNKNOWN_LABEL, "1", "of 44"} <= set(words)


def test_leaderboard_outlines_what_the_publisher_states(leaderboard_of, words_in):
    figure = leaderboard.draw(leaderboard_of(bars=[("CN", 46, 57), ("US", 7, 7), ("IN", 1, None)]))

    outlines = bars_labelled(figure, "stated")
    assert [bar.get_width() for bar in outlines] == [57, 7]
    assert all(bar.get_facecolor()[3] == 0 for bar in outlines)
    assert "stated: 57" in words_in(figure)
    assert "stated: 7" not in words_in(figure)


def test_leaderboard_hatches_technologies_without_a_known_leader(leaderboard_of):
    figure = leaderboard.draw(leaderboard_of(unknown=9, total=64))

    [bar] = bars_labelled(figure, "unknown")
    assert bar.get_width() == 9
    assert bar.get_hatch()


def test_leaderboard_with_only_unknown_leaders_still_draws_them(leaderboard_of, words_in):
    figure = leaderboard.draw(leaderboard_of(bars=[], unknown=64, total=64))

    assert [bar.get_width() for bar in bars_labelled(figure, "unknown")] == [64]
    assert NOTHING_KNOWN not in words_in(figure)


def test_leaderboard_without_anything_says_so(leaderboard_of, words_in, narrow):
    figure = leaderboard.draw(leaderboard_of(bars=[], unknown=0, total=0), narrow=narrow)

    assert NOTHING_KNOWN in words_in(figure)
    assert not figure.axes


def test_leaderboard_is_legible(leaderboard_of, words, narrow, illegible):
    figure = leaderboard.draw(leaderboard_of(words), narrow=narrow)

    assert illegible(figure) == []


def test_leaderboard_is_as_large_as_it_says(leaderboard_of, narrow):
    model = leaderboard_of()

    figure = leaderboard.draw(model, narrow=narrow)

    said = leaderboard.size(leaderboard.rows(model), narrow=narrow)
    assert tuple(figure.get_size_inches() * 72) == pytest.approx(said)
