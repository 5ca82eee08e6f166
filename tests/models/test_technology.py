import pytest
from django.db import IntegrityError, transaction

from tests.factories import AliasFactory, CategoryFactory, FieldFactory, TechnologyFactory, WiderFieldFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Alias, Technology, WiderField

pytestmark = pytest.mark.django_db


def test_technology_without_a_category_is_refused():
    with refused_by("technology_has_a_category_a_field_none", Technology):
        TechnologyFactory(category=None)


def test_field_with_a_category_is_refused():
    category = CategoryFactory()

    with refused_by("technology_has_a_category_a_field_none", Technology):
        FieldFactory(category=category)


def test_technology_of_another_level_is_refused():
    with refused_by("technology_has_a_category_a_field_none", Technology):
        TechnologyFactory(level="discipline")


@pytest.mark.parametrize(
    ("factory", "address"), [(TechnologyFactory, "/technologies/lasers/"), (FieldFactory, "/fields/lasers/")]
)
def test_technology_and_field_have_their_own_addresses(factory, address):
    technology = made_with(factory, slug="lasers")

    assert technology.get_absolute_url() == address


@pytest.mark.parametrize("column", ["slug", "name"])
def test_technology_names_are_unique(column):
    technology = TechnologyFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_technology[._]{column}"), transaction.atomic():
        TechnologyFactory(**{column: getattr(technology, column)})


@pytest.mark.parametrize("name", ["Lasers", "LASERS"])
def test_alias_that_leads_elsewhere_already_is_refused(name):
    AliasFactory(name="Lasers")

    with refused_by("alias_leads_to_one_technology", Alias):
        AliasFactory(name=name)


def test_alias_besides_another_is_accepted():
    first = AliasFactory(name="Lasers")

    second = made_with(AliasFactory, name="Laser", technology=first.technology)

    assert set(first.technology.aliases.all()) == {first, second}


def test_wider_field_of_itself_is_refused():
    technology = TechnologyFactory()

    with refused_by("wider_field_is_another_technology", WiderField):
        WiderFieldFactory(technology=technology, field=technology)


def test_wider_field_is_refused_a_second_time():
    first = WiderFieldFactory()

    with refused_by("wider_field_once", WiderField):
        WiderFieldFactory(technology=first.technology, field=first.field)


def test_wider_field_beside_another_is_accepted():
    first = WiderFieldFactory()

    made_with(WiderFieldFactory, technology=first.technology)

    assert first.technology.wider_fields.count() == 2


@pytest.mark.parametrize("column", ["slug", "name"])
def test_category_names_are_unique(column):
    category = CategoryFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_category[._]{column}"), transaction.atomic():
        CategoryFactory(**{column: getattr(category, column)})
