import pytest

from tests.factories import CountryFactory, OrganisationAliasFactory, OrganisationFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Organisation, OrganisationAlias

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("country", ["of a country", "of none"])
def test_organisation_is_refused_a_second_time(country):
    place = CountryFactory() if country == "of a country" else None
    first = OrganisationFactory(country=place)

    with refused_by("organisation_name_once_in_a_country", Organisation):
        OrganisationFactory(country=place, name=first.name)


def test_organisations_of_two_countries_may_have_one_name():
    china, russia, nowhere = CountryFactory(), CountryFactory(), None

    for country in (china, russia, nowhere):
        OrganisationFactory(name="Ministry of Industry", country=country)

    assert Organisation.objects.filter(name="Ministry of Industry").count() == 3


def test_organisation_that_is_its_own_parent_is_refused():
    organisation = OrganisationFactory()

    with refused_by("organisation_is_not_its_own_parent", Organisation):
        Organisation.objects.filter(pk=organisation.pk).update(parent=organisation)


def test_organisation_with_a_parent_is_accepted():
    parent = OrganisationFactory()

    child = made_with(OrganisationFactory, parent=parent)

    assert list(parent.children.all()) == [child]


@pytest.mark.parametrize(
    ("name", "language"),
    [("Роскосмос", ""), ("", "ru"), ("Роскосмос", "Russian"), ("Роскосмос", "RU"), ("华为", "zh\n")],
)
def test_organisation_with_an_original_name_in_no_language_is_refused(name, language):
    with refused_by("organisation_original_name_has_its_language", Organisation):
        OrganisationFactory(original_name=name, original_language=language)


@pytest.mark.parametrize(("name", "language"), [("Роскосмос", "ru"), ("华为技术有限公司", "zh-Hans"), ("", "")])
def test_organisation_with_an_original_name_and_its_language_is_accepted(name, language):
    organisation = made_with(OrganisationFactory, original_name=name, original_language=language)

    assert (organisation.original_name, organisation.original_language) == (name, language)


def test_alias_of_an_organisation_is_refused_a_second_time():
    alias = OrganisationAliasFactory()

    with refused_by("organisation_alias_once", OrganisationAlias):
        OrganisationAliasFactory(organisation=alias.organisation, name=alias.name)


def test_alias_is_kept_as_it_is_written():
    alias = made_with(OrganisationAliasFactory, name="Huawei (华为)")

    assert alias.key() == f"{alias.organisation.slug}/Huawei (华为)"
