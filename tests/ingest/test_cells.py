"""The text of a cell becomes a value, or says why not."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.cells import exact_number, one_of, partial_date, whole_number, yes_no

LEVELS = (("", "–"), ("high", "high"), ("at_least", "at least"), ("US", "United States"), ("us", "lower-case us"))


@pytest.mark.parametrize(
    ("text", "decimal", "number", "decimals"),
    [
        ("16.40", ".", "16.40", 2), (" 7 ", ".", "7", 0), ("16,40", ".", "16.40", 2), ("1.200", ".", "1.200", 3),
        ("−1.5", ".", "-1.5", 1), ("0.052", ".", "0.052", 3), ("16,40", ",", "16.40", 2), ("1,200", ",", "1.200", 3),
        ("0,123", ",", "0.123", 3), ("16.4", ",", "16.4", 1), ("1200", ",", "1200", 0), ("-3,25", ",", "-3.25", 2),
    ],
)  # fmt: skip
def test_a_number_keeps_its_digits(text, decimal, number, decimals):
    found = exact_number(text, decimal)

    assert found == (Decimal(number), decimals)
    assert str(found[0]) == number


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("1,200", "."), ("1 200", "."), ("1.200.000", "."), ("12,345.6", "."), ("1'200", "."), ("1\u202f200", "."),
     ("1.200", ","), ("1.200,5", ","), ("1.200.000", ","), ("0,123", ".")],
)  # fmt: skip
def test_separators_of_thousands_are_refused(text, decimal):
    with pytest.raises(ValueError, match="separators of thousands") as caught:
        exact_number(text, decimal)
    assert f"1{decimal}200 for one with three decimals" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("16.4%", "percent sign: write the number alone"), ("16 %", "percent sign"), ("n/a", "leave it empty"),
     ("N/A", "leave it empty"), ("-", "leave it empty"), ("–", "leave it empty"), ("..", "leave it empty"),
     ("about 3", "is not a number"), ("16.", "is not a number"), (".5", "is not a number"), ("1e3", "is not a number"),
     ("٣", "is not a number"), ("1/2", "is not a number"), ("--1", "is not a number"), ("9" * 31, "more digits")],
)  # fmt: skip
def test_what_is_no_number_says_what_to_do(text, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        exact_number(text)


def test_an_empty_cell_is_no_value():
    assert exact_number(" ") is None
    assert whole_number("") is None
    assert partial_date("  ") == ""
    assert yes_no("") is None
    assert one_of(" ", LEVELS) == ""


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_written_with_either_mark_is_read_back(number):
    text = f"{number:f}"

    assert exact_number(text) == (number, 4)
    assert exact_number(text.replace(".", ","), ",") == (number, 4)


@pytest.mark.parametrize(
    ("text", "number"), [("1200", 1200), ("0", 0), ("2019.0", 2019), ("-3", -3), ("2019,0", 2019)]
)
def test_whole_numbers(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [("1,200", "separators"), ("1 200", "separators"), ("1.5", "whole number"), ("many", "whole number"),
     ("n/a", "empty"), ("1e3", "whole number"), ("1" * 31, "more digits")],
)  # fmt: skip
def test_other_numbers_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        whole_number(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [("2019", "2019"), ("2019-06", "2019-06"), ("2019-06-05", "2019-06-05"), ("2019-06-05T00:00:00", "2019-06-05"),
     ("2019-06-05 00:00:00", "2019-06-05"), ("5.6.2019", "2019-06-05"), ("05.06.2019", "2019-06-05"),
     ("5. 6. 2019", "2019-06-05")],
)  # fmt: skip
def test_dates_are_as_exact_as_they_are_known(text, date):
    assert partial_date(text) == date


@pytest.mark.parametrize(
    ("text", "reason"),
    [("03/04/2019", "two dates"), ("3/4/19", "two dates"), ("June 2019", "is not a date"), ("2019-13", "calendar"),
     ("2019-02-30", "calendar"), ("31.2.2019", "calendar"), ("0000", "calendar"), ("19", "is not a date"),
     ("2019-6-5", "is not a date"), ("2019-06-05T13:00:00", "is not a date"), ("43621", "is not a date"),
     ("n/a", "empty")],
)  # fmt: skip
def test_other_dates_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        partial_date(text)


def test_yes_and_no():
    assert [yes_no(word) for word in ("yes", "Yes", "TRUE", "1", "y")] == [True] * 5
    assert [yes_no(word) for word in ("no", "False", "0", "N")] == [False] * 4
    with pytest.raises(ValueError, match=r"neither “yes” nor “no”"):
        yes_no("maybe")


def test_a_choice_is_named_by_its_value_or_its_label():
    assert one_of("at_least", LEVELS) == one_of("At Least", LEVELS) == one_of("AT_LEAST", LEVELS) == "at_least"
    assert one_of("High", LEVELS) == "high"
    assert one_of("at  least", LEVELS) == "at_least"
    # The very value wins over one in other letters.
    assert one_of("us", LEVELS) == "us"
    assert one_of("US", LEVELS) == "US"
    with pytest.raises(ValueError, match=r"is none of “high”, “at_least”, “US”, “us”"):
        one_of("low", LEVELS)
    with pytest.raises(ValueError, match="is none of"):
        one_of("Us", LEVELS)
