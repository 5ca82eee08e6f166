"""Money of engagements: each sum once, bounds kept, nothing converted, nothing withheld."""

from decimal import Decimal

import pytest

from tests.analysis.cooperation import cited, engagement
from tracker.analysis.money import (
    bound_of_sum,
    money,
    money_by_year,
    money_range,
    value_of,
)

BILLION = Decimal(10**9)


def fund(least, most=None, **said):
    known = {"currency": "USD", "value_from": Decimal(least), "value_to": Decimal(most or least)}
    return engagement(**{**known, **said})


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1280000000.00", "1.28 billion USD"),
        ("68000000000", "68 billion USD"),
        ("1000000", "1 million USD"),
        ("2000000000000", "2 trillion USD"),
        ("100000", "100\u202f000 USD"),
        ("999999", "999\u202f999 USD"),
    ],
)
def test_money_is_said_with_every_digit_that_says_something(number, said):
    assert money(Decimal(number), "USD") == said


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        ("40000000", "50000000", "40 to 50 million USD"),
        ("900000000", "1200000000", "900 million to 1.2 billion USD"),
        ("500", "900", "500 to 900 USD"),
        ("50000000", "50000000", "50 million USD"),
    ],
)
def test_range_names_the_scale_once(least, most, said):
    assert money_range(Decimal(least), Decimal(most), "USD") == said


def test_value_keeps_its_bound_and_its_note():
    value = value_of(fund(100_000_000, value_bound="at least", value_note="under consideration"))

    assert value.text == "at least 100 million USD"
    assert value.note == "under consideration"
    assert value.cited


def test_value_that_only_its_own_withheld_source_states_is_withheld():
    row = fund(BILLION, cited=(cited("a", field="value_from", withheld=True),))

    assert value_of(row).withheld
    assert money_by_year([row]) == ()


def test_fund_that_is_announced_three_times_counts_once():
    rows = [
        fund(BILLION, start="2019-06-05", title="announced"),
        fund(BILLION, start="2019-09-17", counts_in_totals=False, totals_note="The same fund."),
        fund(BILLION, start="2020-07", counts_in_totals=False, totals_note="The same fund."),
    ]

    (only,) = money_by_year(rows)

    assert (only.year, only.value.text, len(only.engagements)) == ("2019", "1 billion USD", 1)


def test_sums_are_by_year_and_currency_and_nothing_is_converted():
    rows = [
        fund(BILLION, start="2019-06-05"),
        fund(2 * BILLION, start="2019"),
        fund(7 * BILLION, start="2019", currency="CNY"),
        fund(BILLION, start="2020"),
    ]

    assert [(row.year, row.value.text) for row in money_by_year(rows)] == [
        ("2019", "7 billion CNY"), ("2019", "3 billion USD"), ("2020", "1 billion USD"),
    ]  # fmt: skip


def test_sum_keeps_ranges_and_bounds():
    rows = [fund(40_000_000, 50_000_000, value_bound="about"), fund(100_000_000, value_bound="at least")]

    (only,) = money_by_year(rows)

    assert only.value.text == "at least about 140 to 150 million USD"
    assert only.value.basis == "derived"


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (["", ""], ""),
        (["", "about"], "about"),
        (["at least", ""], "at least"),
        (["at most", "about"], "at most about"),
        (["at least", "at most"], "as far as known"),
    ],
)
def test_bound_of_a_sum_says_what_its_parts_leave(bounds, said):
    assert bound_of_sum(bounds) == said


def test_withheld_engagements_add_nothing():
    rows = [fund(BILLION, withheld=True), fund(BILLION, withheld=True, counts_in_totals=False, totals_note="x")]

    assert money_by_year(rows) == ()


def test_sum_cites_what_it_adds_up():
    rows = [fund(BILLION, cited=(cited("one"),)), fund(BILLION, cited=(cited("two"),))]

    (only,) = money_by_year(rows)

    assert {citation.source.key for citation in only.value.cited} == {"one", "two"}
