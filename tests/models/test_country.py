import pytest
from django.db import IntegrityError, transaction

from tests.factories import CountryFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Country

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["cn", "C", "C1", "", "Cn", "C\n", "ÄB"])
def test_country_with_another_code_than_two_capitals_is_refused(code):
    with refused_by("country_code_is_two_capitals", Country):
        CountryFactory(code=code)


@pytest.mark.parametrize("code", ["CN", "XK"])
def test_country_with_two_capitals_is_accepted(code):
    country = made_with(CountryFactory, code=code)

    assert country.get_absolute_url() == f"/countries/{code.lower()}/"


@pytest.mark.parametrize("column", ["code", "name"])
def test_country_names_are_unique(column):
    country = CountryFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_country[._]{column}"), transaction.atomic():
        CountryFactory(**{column: getattr(country, column)})
