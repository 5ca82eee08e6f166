import pytest
from django.db import IntegrityError, transaction

from tests.factories import CaseFactory, CasePartyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Case, CaseParty, Engagement

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("column", ["slug", "title"])
def test_case_names_are_unique(column):
    case = CaseFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_case[._]{column}"), transaction.atomic():
        CaseFactory(**{column: getattr(case, column)})


def test_case_of_a_date_that_is_none_is_refused():
    with refused_by("case_date_is_a_date", Case):
        CaseFactory(date="early 2023")


@pytest.mark.parametrize("date", ["", "2023", "2023-02-04"])
def test_case_of_a_partial_date_is_accepted(date):
    assert made_with(CaseFactory, date=date).date == date


def test_case_is_no_engagement():
    CaseFactory()

    assert Engagement.objects.count() == 0


def test_party_of_a_case_is_refused_a_second_time():
    party = CasePartyFactory()

    with refused_by("case_party_once", CaseParty):
        CasePartyFactory(case=party.case, organisation=party.organisation, position=2)
