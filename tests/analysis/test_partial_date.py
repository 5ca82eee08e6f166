"""Partial dates: their order, and the days they may mean."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.partial_date import Span, first_day, last_day, months_later, span, year

DAY = datetime.date


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2019", DAY(2019, 1, 1), DAY(2019, 12, 31)),
        ("2019-06", DAY(2019, 6, 1), DAY(2019, 6, 30)),
        ("2024-02", DAY(2024, 2, 1), DAY(2024, 2, 29)),
        ("2019-06-05", DAY(2019, 6, 5), DAY(2019, 6, 5)),
    ],
)
def test_date_means_all_days_its_precision_allows(date, first, last):
    assert (first_day(date), last_day(date)) == (first, last)
    assert span(date) == Span(first, last)


def test_year_is_drawn_as_a_year_and_not_as_its_first_day():
    assert span("2019").days == 365


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        ("2016-06-25", "2023-08", DAY(2023, 8, 31)),
        ("2017-11", "2022", DAY(2022, 12, 31)),
        ("2019-06", "2019", DAY(2019, 12, 31)),
        ("2019", "2019-06", DAY(2019, 12, 31)),
        ("2019-06-01", "2019-06-02", DAY(2019, 6, 2)),
    ],
)
def test_span_ends_with_the_last_day_of_its_end(start, end, last):
    assert span(start, end) == Span(first_day(start), last)


def test_without_a_start_nothing_is_drawn():
    assert span("") is None
    assert span("", "2020") is None


def test_year_stands_before_the_days_within_it():
    assert sorted(["2020", "2019-02", "2019-01-05", "2019", "2019-01"]) == [
        "2019", "2019-01", "2019-01-05", "2019-02", "2020",
    ]  # fmt: skip


def test_year_of_a_date():
    assert [year(date) for date in ("2019", "2019-06", "2019-06-05", "")] == ["2019", "2019", "2019", ""]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (DAY(2024, 11, 22), 24, DAY(2026, 11, 22)),
        (DAY(2024, 2, 29), 24, DAY(2026, 2, 28)),
        (DAY(2024, 12, 31), 2, DAY(2025, 2, 28)),
        (DAY(2024, 12, 31), 12, DAY(2025, 12, 31)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day, months, later):
    assert months_later(day, months) == later


@given(st.dates(DAY(1900, 1, 1), DAY(2100, 1, 1)), st.sampled_from([4, 7, 10]))
def test_every_day_lies_within_its_own_date(day, length):
    date = day.isoformat()[:length]

    assert first_day(date) <= day <= last_day(date)
    assert first_day(date).isoformat()[:length] == last_day(date).isoformat()[:length] == date


@given(st.dates(DAY(1900, 1, 1), DAY(2100, 1, 1)), st.integers(0, 60))
def test_months_later_lands_in_the_month_so_many_later(day, months):
    later = months_later(day, months)

    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day <= day.day
