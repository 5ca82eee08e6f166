from collections import Counter

import pytest

from tests.history.acting import act, change, create, noon
from tracker.history.past import Moment
from tracker.history.timeline import latest_acts, newest_version
from tracker.models import Category, Country, Revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_acts():
    category = create(Category(slug="energy", name="Energy", position=1), at=noon(3, 1), note="The first")
    with act(at=noon(3, 2), note="A new edition", cause="edition") as recording:
        recording.bulk_create([Country(code=code, name=code) for code in ("AA", "BB")])
        recording.bulk_create([Category(slug="space", name="Space", position=2)])
    change(category, name="Energy and environment", at=noon(3, 3))


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


def test_latest_acts_of_every_moment_are_those_that_its_revisions_tell(three_acts):
    with act(at=noon(3, 4), note="Around") as around:
        around.bulk_create([Country(code="CC", name="CC")])
        create(Country(code="DD", name="DD"), at=noon(3, 4), note="Within")
    told = [(found.act.note, found.kind) for found in Revision.objects.select_related("act").order_by("number")]

    for number in range(1, len(told) + 1):
        notes = list(dict.fromkeys(note for note, _ in reversed(told[:number])))
        for limit in (1, 2, 9):
            found = latest_acts(limit, Moment(number, f"r{number}"))
            assert [one.note for one in found] == notes[:limit]
            assert [sorted(one.touched) for one in found] == [
                sorted(Counter(kind for note, kind in told[:number] if note == one.note).items()) for one in found
            ]
    assert latest_acts(9) == latest_acts(9, Moment(len(told), "now"))
    assert [found.note for found in latest_acts(2)] == ["Around", "Within"]


@pytest.mark.parametrize("at", [None, Moment(4, "r4")])
def test_latest_acts_read_revisions_of_these_acts_only(three_acts, django_assert_num_queries, at):
    with django_assert_num_queries(2) as asked:
        latest_acts(2, at)

    acts, counts = (query["sql"] for query in asked.captured_queries)
    assert 'JOIN "tracker_revision"' not in acts
    assert "JOIN" not in counts
    assert '"act_id" IN (' in counts


def test_newest_version_changes_with_every_act(three_acts):
    before = newest_version()

    create(Country(code="CC", name="CC"))

    assert before.startswith("r5-")
    assert newest_version().startswith("r6-")


def test_newest_version_of_an_empty_record_is_that_of_no_revision():
    assert newest_version() == "r0-"
