import pytest

from tracker.analysis.read_model import Ranks
from tracker.charts import ranking
from tracker.charts.frame import NOTHING_KNOWN


def test_ranking_draws_bars_for_known_shares_only(ranking_of):
    figure = ranking.draw(ranking_of())

    [axes] = figure.axes
    [bars] = axes.containers
    assert [bar.get_width() for bar in bars] == [48.49, 11.69, 4.0]
    assert len([line for line in axes.lines if line.get_label().startswith("rank only")]) == 3


def test_ranking_says_the_rank_where_no_share_is_published(ranking_of, words_in):
    words = words_in(ranking.draw(ranking_of()))

    assert "rank 3, share not known to us" in words
    assert "top 5, share not known to us" in words
    assert "neither share nor rank known to us" in words


def test_ranking_keeps_the_digits_as_published(ranking_of, words_in):
    words = words_in(ranking.draw(ranking_of()))

    assert "4.0\u202f%" in words
    assert "48.49\u202f%" in words


def test_ranking_keeps_the_order_given(ranking_of, words_in):
    bars = [("IN", "5.4", Ranks(3, 3), ""), ("CN", "33.2", Ranks(1, 1), "")]

    words = words_in(ranking.draw(ranking_of(bars=bars)))

    assert words.index("India") < words.index("China")


def test_ranking_with_ranks_only_draws_no_bar(ranking_of):
    figure = ranking.draw(ranking_of(bars=[("IN", None, Ranks(2, 2), "")]))

    [axes] = figure.axes
    assert not axes.containers
    assert len(axes.lines) == 1


def test_ranking_with_a_share_of_nought_is_drawn(ranking_of, words_in):
    words = words_in(ranking.draw(ranking_of(bars=[("IN", "0.0", Ranks(9, 9), "")])))

    assert "0.0\u202f%" in words


def test_ranking_without_countries_says_so(ranking_of, words_in, narrow):
    figure = ranking.draw(ranking_of(bars=[]), narrow=narrow)

    assert NOTHING_KNOWN in words_in(figure)


def test_ranking_is_legible(ranking_of, words, narrow, illegible):
    figure = ranking.draw(ranking_of(words), narrow=narrow)

    assert illegible(figure) == []


def test_ranking_is_as_large_as_it_says(ranking_of, narrow):
    model = ranking_of()

    figure = ranking.draw(model, narrow=narrow)

    assert tuple(figure.get_size_inches() * 72) == pytest.approx(ranking.size(6, narrow=narrow))
