from decimal import Decimal

import pytest

from tests.factories import (
    AssessmentFactory,
    BlocFactory,
    CountryFactory,
    MissingYearsFactory,
    ScoreFactory,
    TechnologyFactory,
)
from tests.models.rules import made_with, refused_by
from tracker.models import MissingYears, Score

pytestmark = pytest.mark.django_db


def beside(score, **values):
    """A score of another country in the same window and technology."""
    return ScoreFactory(**{"window": score.window, "technology": score.technology, **values})


def share(value, **values):
    return {"share": Decimal(value), "share_decimals": -Decimal(value).as_tuple().exponent, **values}


UNRANKED = {"rank_from": None, "rank_to": None}


@pytest.mark.parametrize("both", [True, False])
def test_score_of_two_places_or_of_none_is_refused(both):
    place = {"country": CountryFactory(), "bloc": BlocFactory()} if both else {"country": None}

    with refused_by("score_is_of_one_place", Score):
        ScoreFactory(**place)


def test_score_of_a_bloc_is_accepted():
    bloc = BlocFactory()

    score = made_with(ScoreFactory, country=None, bloc=bloc)

    assert (score.country, score.bloc) == (None, bloc)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 5), (5, 1), (1, None), (None, 1)])
def test_score_with_a_rank_that_does_not_run_up_from_1_is_refused(first, last):
    with refused_by("score_rank_runs_up_from_1", Score):
        ScoreFactory(rank_from=first, rank_to=last, **share("1.5"))


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 5), (None, None)])
def test_score_with_a_rank_or_a_range_or_none_is_accepted(first, last):
    score = made_with(ScoreFactory, rank_from=first, rank_to=last, **share("1.5"))

    assert (score.rank_from, score.rank_to) == (first, last)


@pytest.mark.parametrize("value", ["-0.1", "100.000001", "120"])
def test_score_with_a_share_outside_0_to_100_is_refused(value):
    with refused_by("score_share_lies_in_0_to_100", Score):
        ScoreFactory(**share(value))


@pytest.mark.parametrize("value", ["0", "100", "48.49", "0.000001"])
def test_score_with_a_share_of_0_to_100_is_accepted(value):
    score = made_with(ScoreFactory, **share(value))

    assert score.share == Decimal(value)


@pytest.mark.parametrize(
    "values",
    [
        {"share": Decimal("1.5"), "share_decimals": None},
        {"share": None, "share_decimals": 1},
        {"share": None, "share_bound": "about"},
        {"share": Decimal("1.5"), "share_decimals": 7},
    ],
)
def test_score_with_a_share_without_its_precision_is_refused(values):
    with refused_by("score_share_has_its_precision", Score):
        ScoreFactory(**values)


@pytest.mark.parametrize("values", [share("1.5", share_bound="about"), share("1"), {"share": None}])
def test_score_with_a_share_and_its_precision_or_neither_is_accepted(values):
    assert made_with(ScoreFactory, **values).pk


def test_score_that_states_nothing_is_refused():
    with refused_by("score_states_something", Score):
        ScoreFactory(**UNRANKED, h_index=12)


@pytest.mark.parametrize("values", [{"publications": 0}, share("3")])
def test_score_without_a_rank_that_states_something_is_accepted(values):
    assert made_with(ScoreFactory, **UNRANKED, **values).rank_from is None


def test_score_of_a_country_is_refused_a_second_time():
    first = ScoreFactory()

    with refused_by("score_once_for_a_country", Score):
        beside(first, country=first.country, rank_from=2, rank_to=2)


def test_score_of_a_bloc_is_refused_a_second_time():
    first = ScoreFactory(country=None, bloc=BlocFactory())

    with refused_by("score_once_for_a_bloc", Score):
        beside(first, country=None, bloc=first.bloc, rank_from=2, rank_to=2)


def test_score_in_another_technology_or_window_is_accepted():
    first = ScoreFactory()

    made_with(ScoreFactory, window=first.window, country=first.country)
    made_with(ScoreFactory, technology=first.technology, country=first.country)

    assert first.country.scores.count() == 3


def test_score_of_a_second_country_at_a_published_rank_is_refused():
    first = ScoreFactory()

    with refused_by("score_one_country_at_a_published_rank", Score):
        beside(first)


def test_scores_at_one_rank_are_accepted_where_it_is_no_published_rank_of_a_country():
    first = ScoreFactory()

    beside(first, country=None, bloc=BlocFactory())
    beside(first, rank_to=5)
    beside(first, rank_to=5)
    beside(first, basis="computed")
    beside(first, rank_from=2, rank_to=2)

    assert Score.objects.count() == 6


@pytest.mark.parametrize(
    ("there", "here"),
    [
        # what stands there: rank, share; what comes: rank, share
        ((1, 1, "40"), (2, 2, "41")),
        ((2, 2, "40"), (1, 1, "39")),
        ((1, 5, "40"), (6, 6, "41")),
        ((6, 9, "40"), (1, 5, "39")),
        ((1, 1, "40"), (None, None, "41")),
        ((None, None, "40"), (1, 1, "39")),
        ((1, 1, "40"), (2, 5, "40.000001")),
    ],
)
def test_score_whose_share_contradicts_the_ranks_is_refused(there, here):
    first = ScoreFactory(rank_from=there[0], rank_to=there[1], **share(there[2]))

    with refused_by("score_ranks_agree_with_shares", Score):
        beside(first, rank_from=here[0], rank_to=here[1], **share(here[2]))


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ((1, 1, "40"), (2, 2, "40")),
        ((1, 1, "40"), (2, 2, "39")),
        ((1, 5, "40"), (2, 2, "41")),
        ((2, 2, "40"), (None, None, "41")),
        ((1, 1, "40"), (None, None, "0")),
        ((3, 5, "10"), (5, 5, "11")),
    ],
)
def test_score_whose_share_agrees_with_the_ranks_is_accepted(there, here):
    first = ScoreFactory(rank_from=there[0], rank_to=there[1], **share(there[2]))

    second = beside(first, rank_from=here[0], rank_to=here[1], **share(here[2]))

    assert second.pk


def test_score_of_a_bloc_is_not_compared_with_countries():
    first = ScoreFactory(**share("40"))

    second = beside(first, country=None, bloc=BlocFactory(), **share("41"))

    assert second.pk


def test_score_without_a_share_is_not_compared():
    first = ScoreFactory(**share("40"))

    second = beside(first, rank_from=2, rank_to=2)

    assert second.share is None


def test_score_that_is_changed_into_a_contradiction_is_refused():
    first = ScoreFactory(**share("40"))
    second = beside(first, rank_from=2, rank_to=2, **share("30"))

    with refused_by("score_ranks_agree_with_shares", Score):
        Score.objects.filter(pk=second.pk).update(share=Decimal(50))


def test_score_at_rank_1_of_another_country_than_the_stated_lead_is_refused():
    assessment = AssessmentFactory(lead_country=CountryFactory())

    with refused_by("score_rank_1_agrees_with_assessment", Score):
        beside(assessment)


def test_score_at_rank_1_of_the_stated_lead_is_accepted():
    assessment = AssessmentFactory(lead_country=CountryFactory())

    beside(assessment, country=assessment.lead_country)
    beside(assessment, rank_from=1, rank_to=5)
    beside(assessment, country=None, bloc=BlocFactory())
    beside(assessment, technology=TechnologyFactory())

    assert Score.objects.count() == 4


def test_missing_years_are_stated_once():
    first = MissingYearsFactory()

    with refused_by("missing_years_once", MissingYears):
        MissingYearsFactory(series=first.series, technology=first.technology, country=first.country)


def test_missing_years_of_another_country_are_accepted():
    first = MissingYearsFactory()

    made_with(MissingYearsFactory, series=first.series, technology=first.technology)

    assert MissingYears.objects.count() == 2
