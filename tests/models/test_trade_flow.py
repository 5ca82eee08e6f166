import pytest
from django.core.exceptions import ValidationError

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
        ("trade_flow_unit_is_of_its_measure", {"measure": "ratio", "unit": "USD"}),
        ("trade_flow_unit_is_of_its_measure", {"measure": "change", "unit": "times"}),
        ("trade_flow_unit_is_of_its_measure", {"measure": "value", "unit": "tonnes"}),
        ("trade_flow_unit_is_of_its_measure", {"measure": "quantity", "unit": "percent"}),
        ("trade_flow_only_a_change_is_below_nought", {"value_from": -5, "value_to": -5}),
        ("trade_flow_only_a_change_is_below_nought", {"baseline_value": -5, "baseline_note": "before the war"}),
        (
            "trade_flow_share_is_a_part",
            {"measure": "share of imports", "unit": "percent", "value_from": 400, "value_to": 400},
        ),
        ("trade_flow_range_has_no_bound", {"value_from": 5, "value_to": 6, "bound": "more than"}),
        ("trade_flow_baseline_is_of_a_time", {"baseline_value": 5}),
    ],
)
def test_figure_that_breaks_a_rule_is_refused(rule, values):
    with refused_by(rule, TradeFlow):
        TradeFlowFactory(**values)


def test_range_and_change_below_nothing_are_figures():
    assert made_with(TradeFlowFactory, value_from=80, value_to=90).value_to == 90
    assert (
        made_with(TradeFlowFactory, measure="change", unit="percent", value_from=-28, value_to=-28).value_from == -28
    )


@pytest.mark.parametrize(
    ("span", "start", "end", "refused"),
    [
        ("month", "2022-03", "2022-03", False),
        ("month", "2022-03-01", "2022-03-31", False),
        ("month", "2022", "2022", True),
        ("year", "2022-01", "2022-12", False),
        ("year", "2022-01", "2022-11", True),
        ("year-on-year", "2021", "2022", False),
        ("five months", "2023-08", "2023-12", False),
        ("quarter", "2024-01-02", "2024-03-31", True),
        # Of these nobody can say how long they are.
        ("custom", "2022-02-24", "2022-12-31", False),
        ("typical month", "2024", "2024-05", False),
        ("year to date", "2022-01", "2022-05", False),
    ],
)
def test_sort_of_span_fits_the_dates(span, start, end, refused):
    flow = TradeFlowFactory.build(span=span, period_start=start, period_end=end)

    if refused:
        with pytest.raises(ValidationError) as raised:
            flow.clean()
        assert list(raised.value.message_dict) == ["span"]
    else:
        flow.clean()


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
