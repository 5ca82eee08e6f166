from decimal import Decimal

import pytest

from tests.factories import BlocFactory, CountryFactory, TalentFlowFactory
from tests.models.rules import made_with, refused_by
from tracker.models import TalentFlow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("both", [True, False])
def test_talent_flow_from_two_places_or_from_none_is_refused(both):
    places = {
        "trained_in_country": CountryFactory() if both else None,
        "trained_in_bloc": BlocFactory() if both else None,
    }

    with refused_by("talent_flow_comes_from_one_place", TalentFlow):
        TalentFlowFactory(**places)


def test_talent_flow_from_a_bloc_is_accepted():
    flow = made_with(TalentFlowFactory, trained_in_country=None, trained_in_bloc=BlocFactory())

    assert flow.trained_in_country is None


@pytest.mark.parametrize(("percent", "decimals"), [("-1", 0), ("100.1", 1), ("14.2", 5)])
def test_talent_flow_outside_0_to_100_is_refused(percent, decimals):
    with refused_by("talent_flow_share_lies_in_0_to_100", TalentFlow):
        TalentFlowFactory(percent=Decimal(percent), percent_decimals=decimals)


@pytest.mark.parametrize(("percent", "decimals"), [("0", 0), ("100", 0), ("14.2", 1)])
def test_talent_flow_of_0_to_100_is_accepted(percent, decimals):
    flow = made_with(TalentFlowFactory, percent=Decimal(percent), percent_decimals=decimals)

    assert flow.percent == Decimal(percent)


@pytest.mark.parametrize("of_a_technology", [True, False])
def test_talent_flow_is_refused_a_second_time(of_a_technology):
    first = TalentFlowFactory() if of_a_technology else TalentFlowFactory(technology=None, scope="all 44")

    with refused_by("talent_flow_once", TalentFlow):
        TalentFlowFactory(
            window=first.window, technology=first.technology, scope=first.scope, working_in=first.working_in,
            trained_in_country=first.trained_in_country,
        )  # fmt: skip


def test_talent_flow_at_another_stage_is_accepted():
    first = TalentFlowFactory()

    made_with(
        TalentFlowFactory, window=first.window, technology=first.technology, working_in=first.working_in,
        trained_in_country=first.trained_in_country, stage="employment",
    )  # fmt: skip

    assert TalentFlow.objects.count() == 2
