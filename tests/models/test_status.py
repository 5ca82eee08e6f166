import pytest

from tests.factories import EngagementFactory, StatusFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Status

pytestmark = pytest.mark.django_db


def test_status_is_refused_a_second_time():
    first = StatusFactory()

    with refused_by("status_once", Status):
        StatusFactory(engagement=first.engagement, position=2)


def test_status_of_no_date_is_refused():
    with refused_by("status_has_a_date", Status):
        StatusFactory(as_of="")


def test_status_of_a_date_that_is_none_is_refused():
    with refused_by("status_as_of_is_a_date", Status):
        StatusFactory(as_of="2019-00")


@pytest.mark.parametrize("as_of", ["2019", "2019-06", "2019-06-05"])
def test_status_of_a_partial_date_is_accepted(as_of):
    assert made_with(StatusFactory, as_of=as_of).as_of == as_of


def test_statuses_stand_in_the_order_of_their_dates():
    engagement = EngagementFactory()
    for as_of, position, state in [("2021", 1, "stalled"), ("2019-06-05", 2, "active"), ("2019-06-05", 1, "signed")]:
        StatusFactory(engagement=engagement, as_of=as_of, position=position, state=state)

    assert list(engagement.statuses.values_list("state", flat=True)) == ["signed", "active", "stalled"]
