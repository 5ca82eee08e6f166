from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.factories import EngagementFactory, EngagementTechnologyFactory, TechnologyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Engagement, EngagementTechnology

pytestmark = pytest.mark.django_db


def worth(low, high=None, **values):
    """The columns of a value in US dollars."""
    return {"value_from": low, "value_to": high or low, "currency": "USD", **values}


@pytest.mark.parametrize("column", ["slug", "code"])
def test_engagement_keys_are_unique(column):
    engagement = EngagementFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_engagement[._]{column}"), transaction.atomic():
        EngagementFactory(**{column: getattr(engagement, column)})


@pytest.mark.parametrize("code", ["", "CR1", "cr001", "C001", "CR001\n", "CR-001"])
def test_engagement_with_another_code_is_refused(code):
    with refused_by("engagement_code_is_letters_and_digits", Engagement):
        EngagementFactory(code=code)


# Dates


@pytest.mark.parametrize("column", ["start", "end"])
@pytest.mark.parametrize("date", ["2019-13", "19", "2019-6", "2019-06-32", "June 2019", "2019\n"])
def test_engagement_with_a_date_that_is_none_is_refused(column, date):
    with refused_by(f"engagement_{column}_is_a_date", Engagement):
        EngagementFactory(**{"start": "", column: date})


@pytest.mark.parametrize(
    ("start", "end"), [("2019-06-02", "2019-06-01"), ("2019-06", "2019-05"), ("2020", "2019"), ("2019-06", "2018")]
)
def test_engagement_that_ends_before_it_begins_is_refused(start, end):
    with refused_by("engagement_ends_after_it_begins", Engagement):
        EngagementFactory(start=start, end=end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-06-02", "2019-06-02"),
        ("", "2019-05"),
        ("2019", ""),
        ("2019", "2019-05-01"),
        ("2019-06", "2019"),
        ("2019-06-05", "2019-06"),
    ],
)
def test_engagement_with_dates_that_may_be_true_is_accepted(start, end):
    engagement = made_with(EngagementFactory, start=start, end=end)

    assert (engagement.start, engagement.end) == (start, end)


# Value


@pytest.mark.parametrize(("low", "high"), [(2, 1), (0, 0), (-1, 5), (None, 5), (5, None), (0, 5)])
def test_engagement_with_a_value_that_does_not_run_upwards_is_refused(low, high):
    with refused_by("engagement_value_runs_upwards", Engagement):
        EngagementFactory(value_from=low, value_to=high, currency="" if low is None else "USD")


@pytest.mark.parametrize(
    ("low", "currency"), [(1000, ""), (None, "USD"), (1000, "usd"), (1000, "US"), (1000, "$"), (None, "US")]
)
def test_engagement_with_a_value_without_a_currency_or_the_reverse_is_refused(low, currency):
    with refused_by("engagement_value_has_its_currency", Engagement):
        EngagementFactory(value_from=low, value_to=low, currency=currency)


@pytest.mark.parametrize(
    ("low", "high"),
    [("40000000", "50000000"), ("68000000000", "68000000000"), ("9999999999999.99",) * 2, (None,) * 2],
)
def test_engagement_with_a_value_and_its_currency_is_accepted(low, high):
    value = worth(Decimal(low), Decimal(high)) if low else {}

    engagement = made_with(EngagementFactory, **value)

    assert (engagement.value_from, engagement.value_to) == ((Decimal(low), Decimal(high)) if low else (None, None))


def test_engagement_with_a_bound_of_no_value_is_refused():
    with refused_by("engagement_bound_is_of_a_value", Engagement):
        EngagementFactory(value_bound="about")


def test_engagement_with_words_instead_of_a_value_is_accepted():
    assert made_with(EngagementFactory, value_note="60 million doses").value_note == "60 million doses"


# Totals, contests


@pytest.mark.parametrize(
    ("value", "counts", "note"),
    [
        (worth(1), False, ""),
        (worth(1), True, "The same fund as an earlier one."),
        ({}, False, "The same fund as an earlier one."),
        ({}, True, "The same fund as an earlier one."),
    ],
)
def test_engagement_left_out_of_totals_says_why_and_only_that(value, counts, note):
    with refused_by("engagement_left_out_of_totals_says_why", Engagement):
        EngagementFactory(**value, counts_in_totals=counts, totals_note=note)


@pytest.mark.parametrize(
    ("value", "counts", "note"),
    [(worth(1), False, "The same fund as an earlier one."), (worth(1), True, ""), ({}, False, ""), ({}, True, "")],
)
def test_engagement_that_counts_or_says_why_not_is_accepted(value, counts, note):
    engagement = made_with(EngagementFactory, **value, counts_in_totals=counts, totals_note=note)

    assert (engagement.counts_in_totals, engagement.totals_note) == (counts, note)


def test_engagement_that_is_not_contested_has_no_note_on_a_contest():
    with refused_by("engagement_contested_note_is_of_a_contested_one", Engagement):
        EngagementFactory(contested_note="One side denies it.")


@pytest.mark.parametrize("note", ["", "One side denies it."])
def test_engagement_that_is_contested_may_say_how(note):
    assert made_with(EngagementFactory, contested=True, contested_note=note).contested_note == note


# Programmes


def test_engagement_that_is_its_own_programme_is_refused():
    engagement = EngagementFactory()

    with refused_by("engagement_is_not_its_own_programme", Engagement):
        Engagement.objects.filter(pk=engagement.pk).update(programme=engagement)


def test_part_of_a_part_is_refused():
    part = EngagementFactory(programme=EngagementFactory())

    with refused_by("engagement_programme_is_no_part", Engagement):
        EngagementFactory(programme=part)


def test_programme_that_becomes_a_part_is_refused():
    programme = EngagementFactory()
    part = EngagementFactory(programme=programme)
    other = EngagementFactory()

    for whole in (other, part):
        with refused_by("engagement_programme_is_no_part", Engagement):
            Engagement.objects.filter(pk=programme.pk).update(programme=whole)


def test_programme_may_have_parts_and_lose_them():
    first, second = EngagementFactory(), EngagementFactory()
    part = EngagementFactory(programme=first)

    Engagement.objects.filter(pk=part.pk).update(programme=second)
    Engagement.objects.filter(pk=first.pk).update(programme=second)

    assert set(second.parts.all()) == {first, part}


# Technologies


@pytest.mark.parametrize("both", [True, False])
def test_engagement_technology_of_two_subjects_or_of_none_is_refused(both):
    subject = {"topic": "Mathematics"} if both else {"technology": None}

    with refused_by("engagement_technology_is_one_subject", EngagementTechnology):
        EngagementTechnologyFactory(**subject)


@pytest.mark.parametrize("topic", ["", "Mathematics"])
def test_engagement_technology_is_refused_a_second_time(topic):
    engagement = EngagementFactory()
    subject = {"engagement": engagement, "topic": topic, "technology": None if topic else TechnologyFactory()}
    EngagementTechnologyFactory(**subject)

    with refused_by("engagement_technology_once", EngagementTechnology):
        EngagementTechnologyFactory(**subject, position=2)


def test_engagement_may_have_several_technologies_and_topics():
    engagement = EngagementFactory()

    for topic in ("", "", "Mathematics", "Biotechnology"):
        technology = None if topic else TechnologyFactory()
        EngagementTechnologyFactory(engagement=engagement, technology=technology, topic=topic)

    assert engagement.subjects.count() == 4
