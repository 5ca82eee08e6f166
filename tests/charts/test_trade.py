"""The two figures of trade, drawn from the record."""

import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from tests.analysis.trade import GOOD, flow
from tracker.analysis.trade_figures import legs_of, reexports, trade_figure
from tracker.charts import reexports as reexports_chart
from tracker.charts import trade
from tracker.charts.render import render
from tracker.models import Good
from tracker.pages import figures

APRIL = {"period_start": "2022-04", "period_end": "2022-04"}
BASE = {"baseline_start": "2021-03", "baseline_end": "2021-03", "baseline_value": "4000"}


def bars(figure, sort):
    return {
        patch.get_label().removeprefix(f"{sort} "): patch.get_width()
        for patch in figure.findobj(Rectangle)
        if str(patch.get_label()).startswith(f"{sort} ")
    }


def test_bars_are_in_proportion_from_nought_and_a_bound_ends_open(narrow, words_in):
    model = trade_figure(
        GOOD, [flow(value="10000", **BASE), flow("TF002", value="20000", bound="more than", **APRIL)]
    )

    figure = trade.draw(model, narrow=narrow)

    assert bars(figure, "figure")["TF002"] == pytest.approx(2 * bars(figure, "figure")["TF001"])
    assert bars(figure, "baseline")["TF001"] == pytest.approx(0.4 * bars(figure, "figure")["TF001"])
    assert [line.get_label() for line in figure.findobj(Line2D) if str(line.get_label()).startswith("bound")] == [
        "bound TF002"
    ]
    assert {"more than 20\u202f000 tonnes", "4\u202f000 tonnes (baseline)"} <= set(words_in(figure))


def test_falls_are_drawn_to_the_left_of_nought():
    falls = {"measure": "change", "unit": "percent", "baseline_start": "2021-03", "baseline_end": "2021-03"}
    model = trade_figure(GOOD, [flow(value="-20", **falls), flow("TF002", value="10", **falls, **APRIL)])

    figure = trade.draw(model)

    assert bars(figure, "figure")["TF001"] == pytest.approx(2 * bars(figure, "figure")["TF002"])


def test_good_without_two_figures_of_a_basis_says_so(words_in, narrow):
    figure = trade.draw(trade_figure(GOOD, [flow()]), narrow=narrow)

    assert trade.NOTHING in " ".join(words_in(figure))


@pytest.mark.seed
def test_every_good_is_drawn_legibly(narrow, illegible):
    seen = 0
    for slug in Good.objects.filter(flows__isnull=False).distinct().values_list("slug", flat=True):
        model = figures.trade(good=slug)
        seen += len(model.panels)
        assert illegible(trade.draw(model, narrow=narrow)) == [], slug
    assert seen >= 15


@pytest.mark.seed
def test_reexports_are_drawn_leg_by_leg(narrow, illegible, words_in):
    model = figures.reexports()

    figure = reexports_chart.draw(model, dark=True, narrow=narrow)

    assert illegible(figure) == []
    arrows = [line for line in figure.findobj(Line2D) if line.get_label() == "leg"]
    assert len(arrows) == len(model.legs)
    # No two arrows lie in one line: nothing joins them.
    assert len({line.get_ydata()[0] for line in arrows}) == len(arrows)
    assert "No source joins two of them" in " ".join(words_in(figure))
    assert render(figure, "svg").startswith(b"<?xml")


def test_leg_that_one_figure_states_whole_has_two_arrows(narrow):
    model = reexports([flow(via="Kyrgyzstan")])

    figure = reexports_chart.draw(model, narrow=narrow)

    assert len(legs_of([flow(via="Kyrgyzstan")])) == 1
    assert len([line for line in figure.findobj(Line2D) if line.get_label() == "leg"]) == 2
