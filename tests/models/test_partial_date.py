import pytest
from django.core.exceptions import ValidationError

from tests.factories import BlocFactory, BlocMembershipFactory, CountryFactory, EditionFactory, SourceFactory
from tests.models.rules import made_with, refused_by
from tracker.models import BlocMembership, Edition, Source
from tracker.models.partial_date import validate_partial_date

GOOD = ["2019", "2019-06", "2019-06-05", "2024-02-29"]
BAD = ["19", "2019-6", "2019-13", "2019-00", "2019-06-32", "2019-06-00", "2019/06", "2024/2025", "2019-", "2019\n"]


@pytest.mark.parametrize("value", GOOD)
def test_partial_date_accepts_what_is_known(value):
    validate_partial_date(value)


@pytest.mark.parametrize("value", [*BAD, "2019-02-31", "2023-02-29", "", "２０１９", "2019-06-05T00:00"])
def test_partial_date_refuses_what_is_no_date(value):
    with pytest.raises(ValidationError, match="is not a"):
        validate_partial_date(value)


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", *GOOD])
def test_source_date_keeps_its_precision(value):
    source = made_with(SourceFactory, date=value)

    assert source.date == value


@pytest.mark.django_db
@pytest.mark.parametrize("value", BAD)
def test_source_date_is_refused_by_the_database(value):
    with refused_by("source_date_is_a_date", Source):
        SourceFactory(date=value)


@pytest.mark.django_db
@pytest.mark.parametrize("value", BAD)
def test_edition_released_is_refused_by_the_database(value):
    edition = EditionFactory()

    with refused_by("edition_released_is_a_date", Edition):
        Edition.objects.filter(pk=edition.pk).update(released=value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "rule"),
    [("since", "bloc_membership_since_is_a_date"), ("until", "bloc_membership_until_is_a_date")],
)
def test_membership_dates_are_refused_by_the_database(column, rule):
    values = {"since": "", "until": "", column: "2019-13"}

    with refused_by(rule, BlocMembership):
        BlocMembershipFactory(bloc=BlocFactory(), country=CountryFactory(), **values)


@pytest.mark.django_db
def test_partial_dates_sort_from_the_vaguer_to_the_later():
    for date in ["2019-06-05", "2019", "2018-12", "2019-06"]:
        SourceFactory(date=date)

    dates = list(Source.objects.order_by("date").values_list("date", flat=True))

    assert dates == ["2018-12", "2019", "2019-06", "2019-06-05"]
