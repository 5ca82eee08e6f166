import pytest

from tests.factories import DisagreementFactory, FlowPlaceFactory, TradeFlowFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Disagreement, FlowPlace, TradeFlow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("trade_flow_code_is_letters_and_digits", {"code": "1"}),
        ("trade_flow_has_its_period", {"period_start": ""}),
        ("trade_flow_period_runs_forward", {"period_start": "2022-05", "period_end": "2022-01"}),
        ("trade_flow_baseline_has_both_ends", {"baseline_start": "2021"}),
        ("trade_flow_value_runs_upwards", {"value_from": 90, "value_to": 80}),
        ("trade_flow_baseline_bound_is_of_a_value", {"baseline_bound": "less than"}),
        ("trade_flow_says_whose_records", {"data_basis": ""}),
    ],
)
def test_figure_that_breaks_a_rule_is_refused(rule, values):
    with refused_by(rule, TradeFlow):
        TradeFlowFactory(**values)


def test_range_and_change_below_nothing_are_figures():
    assert made_with(TradeFlowFactory, value_from=80, value_to=90).value_to == 90
    assert made_with(TradeFlowFactory, measure="change", value_from=-28, value_to=-28).value_from == -28


def test_place_is_a_country_or_words_and_stands_once():
    place = FlowPlaceFactory()
    with refused_by("flow_place_is_one_place", FlowPlace):
        FlowPlaceFactory(country=None, unnamed="", position=7)
    with refused_by("flow_place_once_in_a_place", FlowPlace):
        FlowPlaceFactory(flow=place.flow, role=place.role, position=place.position)
    with refused_by("flow_place_once", FlowPlace):
        FlowPlaceFactory(flow=place.flow, role=place.role, country=place.country, position=9)


def test_two_figures_disagree_once_and_none_with_itself():
    one = DisagreementFactory()
    with refused_by("disagreement_once", Disagreement):
        DisagreementFactory(first=one.first, second=one.second)
    with refused_by("disagreement_is_of_two", Disagreement):
        DisagreementFactory(first=one.first, second=one.first)
