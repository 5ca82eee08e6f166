from decimal import Decimal

import pytest

from tests.factories import InstitutionScoreFactory
from tests.models.rules import made_with, refused_by
from tracker.models import InstitutionScore

pytestmark = pytest.mark.django_db


def test_institution_score_is_refused_a_second_time():
    first = InstitutionScoreFactory()

    with refused_by("institution_score_once", InstitutionScore):
        InstitutionScoreFactory(
            window=first.window, technology=first.technology, institution=first.institution, rank_from=2, rank_to=2
        )


def test_institution_score_in_another_technology_is_accepted():
    first = InstitutionScoreFactory()

    made_with(InstitutionScoreFactory, window=first.window, institution=first.institution)

    assert first.institution.scores.count() == 2


@pytest.mark.parametrize(("first", "last"), [(0, 1), (5, 1), (1, None), (None, 1)])
def test_institution_score_with_a_rank_that_does_not_run_up_from_1_is_refused(first, last):
    with refused_by("institution_score_rank_runs_up_from_1", InstitutionScore):
        InstitutionScoreFactory(rank_from=first, rank_to=last, share=Decimal(3), share_decimals=0)


@pytest.mark.parametrize(("share", "decimals"), [("-1", 0), ("100.1", 1), ("3", None), (None, 1), ("3", 7)])
def test_institution_score_with_a_share_outside_0_to_100_or_without_decimals_is_refused(share, decimals):
    share = share and Decimal(share)

    with refused_by("institution_score_share_lies_in_0_to_100", InstitutionScore):
        InstitutionScoreFactory(share=share, share_decimals=decimals)


def test_institution_score_that_states_nothing_is_refused():
    with refused_by("institution_score_states_something", InstitutionScore):
        InstitutionScoreFactory(rank_from=None, rank_to=None)


@pytest.mark.parametrize(
    ("rank", "share", "decimals"), [(1, None, None), (None, "4.6", 1), (2, "100", 0), (3, "0", 0)]
)
def test_institution_score_with_a_rank_or_a_share_is_accepted(rank, share, decimals):
    share = share and Decimal(share)

    score = made_with(InstitutionScoreFactory, rank_from=rank, rank_to=rank, share=share, share_decimals=decimals)

    assert (score.rank_from, score.share) == (rank, share)
