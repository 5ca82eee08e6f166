import pytest

from tests.history.acting import act, change, create, noon
from tracker.history.past import Moment
from tracker.history.timeline import latest_acts, newest_number, newest_version
from tracker.models import Category, Country

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_acts():
    category = create(Category(slug="energy", name="Energy", position=1), at=noon(3, 1), note="The first")
    with act(at=noon(3, 2), note="A new edition", cause="edition") as recording:
        recording.bulk_create([Country(code=code, name=code) for code in ("AA", "BB")])
        recording.bulk_create([Category(slug="space", name="Space", position=2)])
    change(category, name="Energy and environment", at=noon(3, 3))


def test_newest_number_of_an_empty_record_is_0():
    assert newest_number() == 0


def test_newest_number_is_that_of_the_last_revision(three_acts):
    assert newest_number() == 5


def test_newest_number_of_a_past_moment_is_its_own(three_acts):
    assert newest_number(Moment(2, "r2")) == 2


def test_latest_acts_of_an_empty_record_are_none():
    assert latest_acts(5) == ()


def test_latest_acts_come_newest_first(three_acts):
    acts = latest_acts(5)

    assert [(found.at, found.first, found.last) for found in acts] == [
        (noon(3, 3), 5, 5),
        (noon(3, 2), 2, 4),
        (noon(3, 1), 1, 1),
    ]


def test_latest_acts_say_who_why_and_what_they_touched(three_acts):
    found = latest_acts(2)[1]

    assert (found.by_name, found.cause, found.note) == ("A test", "new edition", "A new edition")
    assert found.touched == (("country", 2), ("category", 1))


def test_latest_acts_stop_at_the_limit(three_acts):
    assert [found.last for found in latest_acts(2)] == [5, 4]


def test_latest_acts_of_a_past_moment_know_nothing_later(three_acts):
    acts = latest_acts(5, Moment(3, "r3"))

    assert [(found.first, found.last, found.touched) for found in acts] == [
        (2, 3, (("country", 2),)),
        (1, 1, (("category", 1),)),
    ]


def test_latest_acts_take_two_queries(three_acts, django_assert_num_queries):
    with django_assert_num_queries(2):
        latest_acts(5)


def test_newest_version_changes_with_every_act(three_acts):
    before = newest_version()

    create(Country(code="CC", name="CC"))

    assert before.startswith("r5-")
    assert newest_version().startswith("r6-")


def test_newest_version_of_an_empty_record_is_that_of_no_revision():
    assert newest_version() == "r0-"
