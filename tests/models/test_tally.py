import pytest

from tests.factories import BlocFactory, CategoryFactory, CountryFactory, InstitutionFactory, TallyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Tally

pytestmark = pytest.mark.django_db

PLACES = {"country": CountryFactory, "bloc": BlocFactory, "institution": InstitutionFactory}
NO_PLACE = dict.fromkeys(PLACES)


@pytest.mark.parametrize("pair", [("country", "bloc"), ("bloc", "institution"), ("country", "institution")])
def test_tally_of_two_places_is_refused(pair):
    places = {name: PLACES[name]() for name in pair}

    with refused_by("tally_is_of_one_place_or_none", Tally):
        TallyFactory(**{**NO_PLACE, **places})


@pytest.mark.parametrize("place", [*PLACES, None])
def test_tally_of_one_place_or_none_is_accepted(place):
    places = {**NO_PLACE, **({place: PLACES[place]()} if place else {})}

    assert made_with(TallyFactory, **places).value == 37


@pytest.mark.parametrize("place", [*PLACES, None])
def test_tally_is_refused_a_second_time(place):
    places = {**NO_PLACE, **({place: PLACES[place]()} if place else {})}
    first = TallyFactory(**places)

    with refused_by("tally_once", Tally):
        TallyFactory(window=first.window, **places, value=36)


def test_tally_with_another_scope_metric_or_category_is_accepted():
    first = TallyFactory()
    again = {"window": first.window, "country": first.country}

    made_with(TallyFactory, **again, scope="23 AUKUS-relevant technologies")
    made_with(TallyFactory, **again, metric="second")
    made_with(TallyFactory, **again, category=CategoryFactory())

    assert first.country.tallies.count() == 4


def test_tally_above_its_total_is_refused():
    with refused_by("tally_is_at_most_its_total", Tally):
        TallyFactory(value=45, out_of=44)


@pytest.mark.parametrize("out_of", [37, 44, None])
def test_tally_up_to_its_total_is_accepted(out_of):
    assert made_with(TallyFactory, out_of=out_of).out_of == out_of
