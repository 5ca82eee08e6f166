"""Crossovers: between which two windows one line passes another."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.read_model import Place, Value
from tracker.analysis.trajectory import Crossover, crossover_rows, crossover_sentence, crossovers

CHINA, STATES, INDIA, JAPAN = (
    Place("CN", "China"), Place("US", "United States"), Place("IN", "India"), Place("JP", "Japan"),
)  # fmt: skip
WINDOWS = ("2003–2007", "2004–2008", "2005–2009", "2006–2010")


def numbers(*shares):
    return [None if share is None else Decimal(str(share)) for share in shares]


def values(*shares, bound=""):
    return [Value() if share is None else Value(Decimal(str(share)), unit="%", bound=bound) for share in shares]


# Few different shares, so that equal ones come up often.
SHARE = st.none() | st.integers(0, 6).map(lambda tenths: Decimal(tenths) / 2)


@st.composite
def trajectories(draw, least=2):
    windows = draw(st.integers(1, 8))
    places = draw(st.permutations([CHINA, STATES, INDIA, JAPAN]))[: draw(st.integers(least, 4))]
    return {place: draw(st.lists(SHARE, min_size=windows, max_size=windows)) for place in places}


def test_crossover_stands_between_the_last_window_of_one_and_the_first_of_the_other():
    found = crossovers({CHINA: numbers(10, 12, 15, 18), STATES: numbers(14, 14, 14, 14)})

    assert found == (Crossover(CHINA, STATES, last=1, first=2),)


@pytest.mark.parametrize("between", [None, 14])
def test_unknown_and_equal_windows_in_between_are_skipped(between):
    found = crossovers({CHINA: numbers(10, between, between, 18), STATES: numbers(14, 14, 14, 14)})

    assert found == (Crossover(CHINA, STATES, last=0, first=3),)


def test_touching_without_passing_is_no_crossover():
    assert crossovers({CHINA: numbers(10, 14, 12), STATES: numbers(14, 14, 14)}) == ()


def test_first_window_with_equal_shares_gives_nobody_the_lead():
    assert crossovers({CHINA: numbers(14, 15), STATES: numbers(14, 14)}) == ()


def test_crossovers_come_oldest_first_then_by_name():
    lines = {
        STATES: numbers(14, 14, 14),
        JAPAN: numbers(9, 15, 9),
        CHINA: numbers(10, 10, 18),
        INDIA: numbers(0, 0, 1),
    }

    assert [(one.overtaker, one.overtaken) for one in crossovers(lines)] == [
        (JAPAN, CHINA),
        (JAPAN, STATES),
        (CHINA, JAPAN),
        (CHINA, STATES),
        (STATES, JAPAN),
    ]


def test_lines_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        crossovers({CHINA: numbers(1, 2), STATES: numbers(2)})


@given(trajectories(), st.data())
def test_order_of_places_does_not_matter(lines, data):
    shuffled = {place: lines[place] for place in data.draw(st.permutations(list(lines)))}

    assert crossovers(shuffled) == crossovers(lines)


@given(trajectories())
def test_swapping_two_lines_swaps_the_roles(lines):
    one, other = list(lines)[:2]
    pair = {one: lines[one], other: lines[other]}
    swapped = crossovers({one: pair[other], other: pair[one]})

    assert swapped == tuple(Crossover(c.overtaken, c.overtaker, c.last, c.first) for c in crossovers(pair))


@given(trajectories())
def test_crossovers_of_a_pair_alternate_and_do_not_overlap(lines):
    one, other = list(lines)[:2]
    found = crossovers({one: lines[one], other: lines[other]})

    for earlier, later in pairwise(found):
        assert (later.overtaker, later.overtaken) == (earlier.overtaken, earlier.overtaker)
        assert earlier.first <= later.last < later.first


@given(trajectories())
def test_at_a_crossover_each_was_ahead_in_its_window(lines):
    for found in crossovers(lines):
        before = lines[found.overtaken][found.last], lines[found.overtaker][found.last]
        after = lines[found.overtaker][found.first], lines[found.overtaken][found.first]
        assert before[0] > before[1]
        assert after[0] > after[1]


@given(st.lists(st.tuples(SHARE, st.integers(0, 3)), min_size=1, max_size=8))
def test_no_crossover_where_one_is_never_behind(windows):
    above = [None if share is None else share + more for share, more in windows]

    assert crossovers({CHINA: above, STATES: [share for share, _ in windows]}) == ()


@given(trajectories(least=3))
def test_a_further_line_changes_nothing_between_two_others(lines):
    one, other = list(lines)[:2]
    of_all = [c for c in crossovers(lines) if {c.overtaker, c.overtaken} == {one, other}]

    assert of_all == list(crossovers({one: lines[one], other: lines[other]}))


def test_row_has_windows_by_label_and_the_shares_on_both_sides():
    lines = {CHINA: values("10.0", "12.0", "15.0", "18.0"), STATES: values("14.0", "13.9", "13.8", "13.7")}

    (row,) = crossover_rows(WINDOWS, lines)

    assert (row.overtaker, row.overtaken, row.last, row.first) == (CHINA, STATES, "2004–2008", "2005–2009")
    assert (row.overtaker_before, row.overtaken_before) == (lines[CHINA][1], lines[STATES][1])
    assert (row.overtaker_after, row.overtaken_after) == (lines[CHINA][2], lines[STATES][2])
    assert row.firm == "clear"


@pytest.mark.parametrize(
    ("china", "firm"),
    [
        (("13.8", "14.2"), "clear"),
        (("13.9", "14.2"), "too close to call"),
        (("13.8", "14.1"), "too close to call"),
        (("14", "15"), "too close to call"),
    ],
)
def test_crossover_is_firm_only_where_published_digits_separate_both_sides(china, firm):
    (row,) = crossover_rows(
        WINDOWS[:2], {CHINA: values(*china), STATES: values("14.0" if china[0] != "14" else "14.2", "14.0")}
    )

    assert row.firm == firm


@pytest.mark.parametrize("bound", ["at least", "at most", "about"])
def test_share_with_a_bound_passes_nobody(bound):
    lines = {CHINA: [*values(10), *values(18, bound=bound)], STATES: values(14, 14)}

    assert crossover_rows(WINDOWS[:2], lines) == ()


def test_withheld_share_counts_as_unknown():
    lines = {CHINA: [*values(10), Value(withheld=True), *values(18)], STATES: values(14, 14, 14)}

    assert [(row.last, row.first) for row in crossover_rows(WINDOWS[:3], lines)] == [("2003–2007", "2005–2009")]


def sentence(**lines):
    places = {place.code.lower(): place for place in (CHINA, STATES, INDIA, JAPAN)}
    return crossover_sentence(crossover_rows(WINDOWS, {places[code]: values(*line) for code, line in lines.items()}))


def test_sentence_names_the_two_windows():
    said = sentence(cn=(10, 12, 15, 18), us=(14, 14, 14, 14))

    assert said == "China passed the United States between 2004–2008 and 2005–2009."


def test_sentence_without_a_crossover_is_empty():
    assert sentence(cn=(1, 1, 1, 1), us=(14, 14, 14, 14)) == ""


def test_sentence_of_several_names_the_newest_and_how_many_there_were():
    said = sentence(cn=(10, 15, 12, 18), us=(14, 14, 14, 14))

    assert said == "China passed the United States between 2005–2009 and 2006–2010, the last of 3 crossovers."


def test_sentence_joins_those_of_the_same_windows():
    said = sentence(cn=(10, 10, 10, 18), us=(14, 14, 14, 14), jp=(12, 12, 12, 12), **{"in": (15, 15, 15, 17)})

    assert said == "China passed India, Japan and the United States between 2005–2009 and 2006–2010."


def test_sentence_begins_with_a_capital():
    said = sentence(cn=(14, 14, 14, 14), us=(10, 10, 10, 18))

    assert said == "The United States passed China between 2005–2009 and 2006–2010."
