import pytest

from tests.factories import EditionFactory, EditionTechnologyFactory, TechnologyFactory, WindowFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Edition, EditionTechnology, Window

pytestmark = pytest.mark.django_db


def test_edition_featured_beside_another_is_refused():
    EditionFactory(featured=True)

    with refused_by("edition_featured_is_one", Edition):
        EditionFactory(featured=True)


def test_edition_that_is_not_featured_may_stand_beside_others():
    EditionFactory(featured=True)

    made_with(EditionFactory)
    made_with(EditionFactory)

    assert Edition.objects.filter(featured=False).count() == 2


def test_edition_that_precedes_itself_is_refused():
    edition = EditionFactory()

    with refused_by("edition_does_not_precede_itself", Edition):
        Edition.objects.filter(pk=edition.pk).update(previous=edition.pk)


def test_edition_with_a_predecessor_is_accepted():
    first = EditionFactory()

    second = made_with(EditionFactory, previous=first)

    assert second.previous == first


def test_window_is_refused_a_second_time():
    first = WindowFactory()

    with refused_by("window_once_in_an_edition", Window):
        WindowFactory(edition=first.edition, kind="earlier")


def test_window_of_an_edition_is_main_once():
    first = WindowFactory()

    with refused_by("window_main_is_one_in_an_edition", Window):
        WindowFactory(edition=first.edition, first_year=2019, last_year=2023)


def test_window_of_another_kind_or_edition_is_accepted():
    first = WindowFactory()

    made_with(WindowFactory)
    made_with(WindowFactory, edition=first.edition, first_year=2003, last_year=2007, kind="earlier")
    made_with(WindowFactory, edition=first.edition, first_year=2004, last_year=2008, kind="earlier")

    assert first.edition.windows.count() == 3


@pytest.mark.parametrize(("first", "last"), [(2022, 2018), (1899, 1903), (2098, 2101)])
def test_window_that_runs_backward_or_out_of_the_years_is_refused(first, last):
    with refused_by("window_runs_forward", Window):
        WindowFactory(first_year=first, last_year=last)


@pytest.mark.parametrize(
    ("first", "last", "years"), [(1900, 2100, "1900–2100"), (2018, 2022, "2018–2022"), (2017, 2017, "2017")]
)
def test_window_is_written_by_its_years(first, last, years):
    window = made_with(WindowFactory, first_year=first, last_year=last)

    assert window.years == years


def test_window_of_a_single_year_with_two_years_is_refused():
    with refused_by("window_of_a_single_year_is_one_year", Window):
        WindowFactory(first_year=2017, last_year=2018, kind="single year")


def test_window_of_a_single_year_is_accepted():
    window = made_with(WindowFactory, first_year=2017, last_year=2017, kind="single year")

    assert window.kind == Window.Kind.SINGLE_YEAR


def test_edition_covers_a_technology_once():
    first = EditionTechnologyFactory()

    with refused_by("edition_covers_a_technology_once", EditionTechnology):
        EditionTechnologyFactory(edition=first.edition, technology=first.technology)


def test_edition_gives_a_number_once():
    first = EditionTechnologyFactory(number=7)

    with refused_by("edition_gives_a_number_once", EditionTechnology):
        EditionTechnologyFactory(edition=first.edition, number=7)


def test_edition_may_give_no_numbers_and_another_edition_the_same():
    first = EditionTechnologyFactory(number=7)

    made_with(EditionTechnologyFactory, number=7, technology=first.technology)
    made_with(EditionTechnologyFactory, edition=first.edition, technology=TechnologyFactory())
    made_with(EditionTechnologyFactory, edition=first.edition, technology=TechnologyFactory())

    assert first.edition.entries.count() == 3
