import pytest

from tracker.charts import risk
from tracker.charts.frame import NOTHING_KNOWN
from tracker.charts.theme import COUNTRIES, palette


def segments(figure):
    [axes] = figure.axes
    return {bars.get_label(): list(bars) for bars in axes.containers}


def test_risk_stacks_the_counts_from_high_to_unknown(risk_of):
    figure = risk.draw(risk_of(bars=[("Quantum", 4, 1, 2, 3, 5)]))

    drawn = segments(figure)
    assert list(drawn) == ["high", "medium", "low", "not high (medium or low)", "unknown"]
    assert [bar.get_x() for [bar] in drawn.values()] == [0, 4, 5, 7, 10]
    assert [round(bar.get_width()) for [bar] in drawn.values()] == [4, 1, 2, 3, 5]


def test_risk_draws_no_segment_for_nought(risk_of, words_in):
    figure = risk.draw(risk_of(bars=[("Quantum", 0, 1, 0, 3, 0)]))

    assert list(segments(figure)) == ["medium", "not high (medium or low)"]
    assert "0" not in words_in(figure)
    assert "unknown" not in words_in(figure)


def test_risk_tells_levels_apart_without_colour(risk_of):
    figure = risk.draw(risk_of(bars=[("Quantum", 4, 1, 2, 3, 5)]))

    [partly] = segments(figure)["not high (medium or low)"]
    [unknown] = segments(figure)["unknown"]
    assert partly.get_hatch()
    assert unknown.get_linewidth() > 0


@pytest.mark.parametrize("dark", [False, True])
def test_risk_uses_no_country_colour(dark):
    fills = {level.fill for level in risk.levels(palette(dark))}

    assert fills.isdisjoint(colour for pair in COUNTRIES.values() for colour in pair)


def test_risk_says_thin_segments_at_the_end_of_the_bar(risk_of, words_in):
    words = words_in(risk.draw(risk_of(), narrow=True))

    assert "74, of which 1 medium, 1 low, 1 unknown" in words


@pytest.mark.parametrize("bars", [[], [("Quantum", 0, 0, 0, 0, 0)]])
def test_risk_without_technologies_says_so(risk_of, words_in, narrow, bars):
    figure = risk.draw(risk_of(bars=bars), narrow=narrow)

    assert NOTHING_KNOWN in words_in(figure)


def test_risk_is_legible(risk_of, words, narrow, illegible):
    figure = risk.draw(risk_of(words), narrow=narrow)

    assert illegible(figure) == []


def test_risk_is_as_large_as_it_says(risk_of, narrow):
    figure = risk.draw(risk_of(), narrow=narrow)

    assert tuple(figure.get_size_inches() * 72) == pytest.approx(risk.size(3, narrow=narrow))
