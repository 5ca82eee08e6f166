import pytest
from django.db import IntegrityError, transaction

from tests.factories import BlocFactory, BlocMembershipFactory, CountryFactory
from tests.models.rules import made_with, refused_by
from tracker.models import BlocMembership

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("column", ["slug", "name"])
def test_bloc_names_are_unique(column):
    bloc = BlocFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_bloc[._]{column}"), transaction.atomic():
        BlocFactory(**{column: getattr(bloc, column)})


@pytest.mark.parametrize(
    ("since", "until"), [("2019-06-02", "2019-06-01"), ("2019-06", "2019-05"), ("2020", "2019"), ("2019-06", "2018")]
)
def test_membership_that_ends_before_it_begins_is_refused(since, until):
    with refused_by("bloc_membership_ends_after_it_begins", BlocMembership):
        BlocMembershipFactory(since=since, until=until)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2019-06-02", "2019-06-02"),
        ("", "2019-05"),
        ("2019", ""),
        ("2019", "2019-05-01"),
        ("2019-06", "2019"),
        ("2019-06-05", "2019-06"),
    ],
)
def test_membership_with_dates_that_may_be_true_is_accepted(since, until):
    membership = made_with(BlocMembershipFactory, since=since, until=until)

    assert (membership.since, membership.until) == (since, until)


def test_membership_is_refused_a_second_time():
    first = BlocMembershipFactory(since="2010", until="2010")

    with pytest.raises(IntegrityError), transaction.atomic():
        # The rule against overlaps or the unique key: whichever the database checks first.
        BlocMembershipFactory(bloc=first.bloc, country=first.country, since="2010", until="2010")


def test_membership_with_an_equal_first_day_is_refused_by_the_key():
    first = BlocMembershipFactory(since="2010-06", until="2010")

    with refused_by("bloc_membership_once", BlocMembership):
        BlocMembershipFactory(bloc=first.bloc, country=first.country, since="2010-06", until="2010")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2012", ""),
        ("2015-12-31", "2017"),
        ("", "2010-01-01"),
        ("", ""),
        ("2011", "2012"),
        ("2009", "2020"),
    ],
)
def test_membership_that_overlaps_another_stay_is_refused(since, until):
    first = BlocMembershipFactory(since="2010-01-01", until="2015-12-31")

    with refused_by("bloc_membership_does_not_overlap", BlocMembership):
        BlocMembershipFactory(bloc=first.bloc, country=first.country, since=since, until=until)


@pytest.mark.parametrize(("since", "until"), [("2016-01-01", ""), ("2005", "2009-12-31"), ("", "2009")])
def test_membership_before_or_after_another_stay_is_accepted(since, until):
    first = BlocMembershipFactory(since="2010-01-01", until="2015-12-31")

    made_with(BlocMembershipFactory, bloc=first.bloc, country=first.country, since=since, until=until)

    assert first.bloc.memberships.count() == 2


def test_membership_of_another_country_or_bloc_may_overlap():
    first = BlocMembershipFactory()

    BlocMembershipFactory(bloc=first.bloc, country=CountryFactory())
    BlocMembershipFactory(bloc=BlocFactory(), country=first.country)

    assert BlocMembership.objects.count() == 3


def test_membership_that_is_moved_into_another_stay_is_refused():
    first = BlocMembershipFactory(since="2010", until="2012")
    second = BlocMembershipFactory(bloc=first.bloc, country=first.country, since="2013")

    with refused_by("bloc_membership_does_not_overlap", BlocMembership):
        BlocMembership.objects.filter(pk=second.pk).update(since="2011")
