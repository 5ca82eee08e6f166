"""Fields that keep what was typed."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tracker.forms.fields import ExactNumber, PartialDate, Picks, Prose, RecordChoice, field_for, written_number
from tracker.forms.records import WhyForm
from tracker.history.kinds import KINDS
from tracker.models import Technology


@pytest.mark.parametrize(
    ("typed", "value", "decimals"),
    [("16.40", "16.40", 2), ("16,40", "16.40", 2), (" 7 ", "7", 0), ("0.052", "0.052", 3), ("1.200", "1.200", 3),
     ("\u22121.5", "-1.5", 1), ("1200,5", "1200.5", 1)],
)  # fmt: skip
def test_a_number_keeps_its_digits(typed, value, decimals):
    assert ExactNumber(digits=15, decimals=6).clean(typed) == (Decimal(value), decimals)


@pytest.mark.parametrize("typed", ["1,200", "1 200", "1.200.000", "1'200", "12,345.6", "1\u202f200"])
def test_separators_of_thousands_are_refused_in_words(typed):
    with pytest.raises(ValidationError, match="separators of thousands"):
        ExactNumber(digits=15, decimals=2).clean(typed)


@pytest.mark.parametrize("typed", ["16.", ".5", "1e3", "about 3", "NaN", "--1", "1.2.3", "٣"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        ExactNumber(digits=9, decimals=6).clean(typed)


def test_a_number_fits_its_column():
    with pytest.raises(ValidationError, match="more than 3 decimals"):
        ExactNumber(digits=8, decimals=3).clean("1.2345")
    with pytest.raises(ValidationError, match="larger than"):
        ExactNumber(digits=8, decimals=3).clean("123456")
    with pytest.raises(ValidationError, match="required"):
        ExactNumber(digits=8, decimals=3).clean(" ")
    assert ExactNumber(digits=8, decimals=3, required=False).clean("") is None


@given(st.integers(0, 998_999_999), st.integers(0, 6))
def test_what_is_written_is_read_back(whole, decimals):
    value = Decimal(whole).scaleb(-6).quantize(Decimal(1).scaleb(-decimals))

    assert ExactNumber(digits=9, decimals=6).clean(written_number(value, decimals)) == (value, decimals)


def test_an_amount_without_decimals_of_its_own_is_written_plainly():
    assert written_number(Decimal("1000000.00"), None) == "1000000"
    assert written_number(Decimal("1000000.50"), None) == "1000000.5"
    assert written_number(None, None) == ""


@pytest.mark.parametrize("typed", ["2019", "2019-06", "2019-06-05", ""])
def test_dates_are_taken_as_they_are_known(typed):
    assert PartialDate(required=False).clean(typed) == typed


@pytest.mark.parametrize("typed", ["June 2019", "2019-13", "2019-02-30", "5.6.2019", "19"])
def test_other_dates_are_refused(typed):
    with pytest.raises(ValidationError, match=r"date|day of the calendar"):
        PartialDate().clean(typed)


def test_line_breaks_are_those_that_are_stored():
    assert Prose().clean("one\r\ntwo") == "one\ntwo"


@pytest.mark.parametrize("mark", ["\0", "\x01", "\x08", "\x0e", "\x1b", "\x1f", "\x7f", "\uffff"])
def test_what_no_page_can_hold_is_refused_in_words(mark):
    texts = [("technology", "definition"), ("engagement", "title"), ("source", "url"), ("citation", "passage")]
    for kind, column in texts:
        with pytest.raises(ValidationError, match=r"cannot be shown|Null characters|valid URL"):
            field_for(KINDS[kind], column, Picks()).clean(f"https://example.org/a{mark}b")
    why = WhyForm({"cause": "correction", "note": f"a{mark}b"})
    assert "note" in why.errors


def test_breaks_of_columns_and_pages_become_spaces():
    assert Prose().clean("one\x0btwo\x0cthree\tfour") == "one two three\tfour"


def test_a_number_that_no_record_can_have_is_no_choice(db):
    choice = RecordChoice(Picks(), Technology, {})
    for typed in ("9" * 19, "9" * 5000):
        assert choice.named(typed) is None
        with pytest.raises(ValidationError, match="no longer there"):
            choice.clean(typed)
