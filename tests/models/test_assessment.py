from decimal import Decimal

import pytest

from tests.factories import AssessmentFactory, BlocFactory, CountryFactory, ScoreFactory, TechnologyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Assessment

pytestmark = pytest.mark.django_db


def test_assessment_is_refused_a_second_time():
    first = AssessmentFactory()

    with refused_by("assessment_once", Assessment):
        AssessmentFactory(window=first.window, technology=first.technology)


def test_assessment_of_another_technology_is_accepted():
    first = AssessmentFactory()

    made_with(AssessmentFactory, window=first.window)

    assert first.window.assessments.count() == 2


def test_assessment_whose_second_country_is_the_lead_is_refused():
    country = CountryFactory()

    with refused_by("assessment_second_is_not_the_lead", Assessment):
        AssessmentFactory(lead_country=country, second_country=country)


@pytest.mark.parametrize(("lead", "second"), [(True, True), (True, False), (False, True), (False, False)])
def test_assessment_with_two_countries_or_fewer_is_accepted(lead, second):
    lead_country = CountryFactory() if lead else None
    second_country = CountryFactory() if second else None

    assessment = made_with(AssessmentFactory, lead_country=lead_country, second_country=second_country)

    assert (assessment.lead_country, assessment.second_country) == (lead_country, second_country)


@pytest.mark.parametrize("levels", ["High", "low medium", "none", "high low"])
def test_assessment_with_a_risk_that_is_no_set_of_levels_is_refused(levels):
    with refused_by("assessment_risk_is_a_set_of_levels", Assessment):
        AssessmentFactory(risk_levels=levels)


@pytest.mark.parametrize("levels", Assessment.Risk.values)
def test_assessment_with_a_set_of_levels_is_accepted(levels):
    assert made_with(AssessmentFactory, risk_levels=levels).risk_levels == levels


@pytest.mark.parametrize(("k", "of"), [(11, 10), (8, None), (None, 10)])
def test_assessment_with_institutions_of_no_number_is_refused(k, of):
    with refused_by("assessment_institutions_are_of_a_number", Assessment):
        AssessmentFactory(institutions_in_lead=k, institutions_of=of)


@pytest.mark.parametrize(("k", "of"), [(10, 10), (0, 10), (None, None)])
def test_assessment_with_institutions_of_a_number_is_accepted(k, of):
    assert made_with(AssessmentFactory, institutions_in_lead=k, institutions_of=of).institutions_in_lead == k


@pytest.mark.parametrize(("ratio", "decimals"), [("0.999", 3), ("2", None), (None, 1), ("2", 4)])
def test_assessment_with_a_ratio_below_1_or_without_decimals_is_refused(ratio, decimals):
    ratio = ratio and Decimal(ratio)

    with refused_by("assessment_ratio_is_1_or_more", Assessment):
        AssessmentFactory(lead_ratio=ratio, lead_ratio_decimals=decimals)


@pytest.mark.parametrize(("ratio", "decimals"), [("1", 0), ("8.41", 2), (None, None)])
def test_assessment_with_a_ratio_of_1_or_more_is_accepted(ratio, decimals):
    ratio = ratio and Decimal(ratio)

    assert made_with(AssessmentFactory, lead_ratio=ratio, lead_ratio_decimals=decimals).lead_ratio == ratio


def test_assessment_whose_lead_is_not_at_rank_1_is_refused():
    score = ScoreFactory()
    other = CountryFactory()

    with refused_by("assessment_lead_agrees_with_rank_1", Assessment):
        AssessmentFactory(window=score.window, technology=score.technology, lead_country=other)


def test_assessment_that_is_changed_to_another_lead_than_rank_1_is_refused():
    score = ScoreFactory()
    assessment = AssessmentFactory(window=score.window, technology=score.technology, lead_country=score.country)

    with refused_by("assessment_lead_agrees_with_rank_1", Assessment):
        Assessment.objects.filter(pk=assessment.pk).update(lead_country=CountryFactory())


@pytest.mark.parametrize("at_rank_1", ["the lead", "nobody known", "a bloc", "one in a range", "another technology"])
def test_assessment_whose_lead_does_not_contradict_rank_1_is_accepted(at_rank_1):
    window = ScoreFactory().window
    technology, lead = TechnologyFactory(), CountryFactory()
    here = {"window": window, "technology": technology}
    match at_rank_1:
        case "the lead":
            ScoreFactory(**here, country=lead)
        case "a bloc":
            ScoreFactory(**here, country=None, bloc=BlocFactory())
        case "one in a range":
            ScoreFactory(**here, rank_to=5)
        case "another technology":
            ScoreFactory(window=window)

    assessment = made_with(AssessmentFactory, **here, lead_country=lead)

    assert assessment.lead_country == lead
