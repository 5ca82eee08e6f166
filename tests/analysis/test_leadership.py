from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.leadership import (
    AssessmentRow,
    Firmness,
    ScoreRow,
    count_places,
    firmness,
    gap,
    known_ranks,
    monopoly_risk,
    ratio,
    risk_reading,
    standing,
)
from tracker.analysis.read_model import Place, Ranks, Value

CHINA, STATES, INDIA = Place("CN", "China"), Place("US", "United States"), Place("IN", "India")
UNION = Place("eu", "European Union", kind="bloc")


def score(place, rank=None, share=None, *, last=None):
    ranks = Ranks(rank, last or rank) if rank else None
    return ScoreRow(
        "t", place, ranks, None if share is None else Decimal(share), "", None, None, basis="stated", note=""
    )


def assessment(lead=None, *, risk=None, basis="stated", k=None, of=10, r=None):
    return AssessmentRow(
        technology="t",
        lead=Value(lead) if lead else Value(),
        second=Value(),
        risk=Value(risk, basis=basis) if risk else Value(),
        institutions=Value(k) if k is not None else Value(),
        institutions_of=of,
        ratio=Value(Decimal(r)) if r else Value(),
        verification="",
        note="",
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("65.4", "11.9", Firmness.CLEAR),
        ("24.8", "24.1", Firmness.CLEAR),
        ("25", "24", Firmness.TOO_CLOSE),
        ("24.8", "24.8", Firmness.TOO_CLOSE),
        ("25", "24.5", Firmness.TOO_CLOSE),
        ("25", "24.4", Firmness.CLEAR),
    ],
)
def test_firmness_is_what_the_published_digits_separate(first, second, expected):
    assert firmness(Decimal(first), Decimal(second), leader_known=True) == expected


@pytest.mark.parametrize(
    ("first", "second", "known", "expected"),
    [
        (None, None, False, Firmness.UNKNOWN),
        (None, None, True, Firmness.RANK_ONLY),
        ("37", None, True, Firmness.ONE_SHARE),
    ],
)
def test_firmness_says_what_it_lacks(first, second, known, expected):
    assert firmness(first and Decimal(first), second, leader_known=known) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("65.4", "11.9", "53.5"), ("43", "12.8", "30"), ("48.49", "7", "41")]
)
def test_gap_has_no_more_digits_than_the_coarser_share(first, second, expected):
    assert str(gap(Decimal(first), Decimal(second))) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("65.4", "11.9", "5.50"), ("63", "7", "9"), ("43", "12.8", "3.4"), ("73.3", "14.1", "5.20"), ("31", "2", "16")],
)
def test_ratio_has_no_more_digits_than_the_coarser_share(first, second, expected):
    assert f"{ratio(Decimal(first), Decimal(second)):f}" == expected


def test_risk_needs_no_assessment_where_the_shares_exclude_more():
    now = standing([score(CHINA, 1, "24.8"), score(STATES, 2, "24.1")], None)

    assert risk_reading(None, now).computed.content == "low"


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (("about", ""), Firmness.TOO_CLOSE),
        (("at least", "at most"), Firmness.CLEAR),
        (("at most", ""), Firmness.TOO_CLOSE),
    ],
)
def test_firmness_of_a_bounded_share(bounds, expected):
    assert firmness(Decimal(60), Decimal(10), leader_known=True, bounds=bounds) == expected


def test_ratio_to_nothing_is_unknown():
    assert ratio(Decimal(3), Decimal(0)) is None


@given(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_firmness_is_never_clear_for_equal_or_reversed_shares(one, other):
    low, high = sorted((one, other))

    assert firmness(low, high, leader_known=True) != Firmness.CLEAR


@pytest.mark.parametrize(
    ("k", "r", "expected"),
    [
        (9, "5.6", {"high"}),
        (8, "3", {"high"}),
        (8, "2.99", {"medium"}),
        (7, "5", {"medium"}),
        (5, "2", {"medium"}),
        (4, "9", {"low"}),
        (10, "1.99", {"low"}),
        (7, None, {"medium", "low"}),
        (8, None, {"high", "medium", "low"}),
        (4, None, {"low"}),
        (None, "1.5", {"low"}),
        (None, "2.5", {"medium", "low"}),
        (None, "5.5", {"high", "medium", "low"}),
        (None, None, {"high", "medium", "low"}),
    ],
)
def test_monopoly_risk_keeps_the_levels_that_are_still_possible(k, r, expected):
    assert monopoly_risk(k, r and Decimal(r), r and Decimal(r)) == expected


@given(st.integers(0, 10), st.decimals(1, 20, places=2))
def test_monopoly_risk_known_in_full_is_among_what_each_half_allows(k, r):
    whole = monopoly_risk(k, r, r)

    assert len(whole) == 1
    assert whole <= monopoly_risk(k, None, None)
    assert whole <= monopoly_risk(None, r, r)


def test_monopoly_risk_of_a_range_over_a_step_keeps_both_levels():
    assert monopoly_risk(9, Decimal("2.9"), Decimal("3.1")) == {"high", "medium"}
    assert monopoly_risk(9, Decimal("3.0"), Decimal("3.1")) == {"high"}


def test_standing_takes_leader_and_second_from_ranks():
    now = standing([score(CHINA, 1, "65.4"), score(STATES, 2, "11.9"), score(INDIA, 3)], None)

    assert (now.leader.content, now.second.content) == (CHINA, STATES)
    assert (now.gap.content, now.ratio.content) == (Decimal("53.5"), Decimal("5.50"))
    assert now.firmness == Firmness.CLEAR


def test_standing_prefers_a_published_ratio():
    now = standing([score(CHINA, 1, "31"), score(STATES, 2, "16.4")], assessment(CHINA, r="1.89"))

    assert now.ratio.content == Decimal("1.89")


def test_standing_takes_the_stated_lead_where_no_rank_is_known():
    now = standing([score(STATES, 1, last=5)], assessment(CHINA))

    assert now.leader.content == CHINA
    assert now.firmness == Firmness.RANK_ONLY


def test_standing_of_a_bloc_is_not_a_country_that_leads():
    now = standing([score(UNION, 1), score(STATES, 2)], None)

    assert not now.leader.known
    assert now.second.content == STATES


def test_standing_of_nothing_is_unknown():
    now = standing([], None)

    assert not now.leader.known
    assert now.firmness == Firmness.UNKNOWN


def test_risk_reading_finds_a_stated_level_that_the_figures_exclude():
    reading = risk_reading(assessment(risk="high", k=7, r="5.0"), standing([], assessment(risk="high", k=7, r="5.0")))

    assert (reading.stated.content, reading.computed.content, reading.agrees) == ("high", "medium", False)


def test_risk_reading_of_a_top_seven_computes_nothing():
    reading = risk_reading(assessment(k=7, of=7), standing([], None))

    assert not reading.computed.known


def test_counts_take_each_technology_once():
    read = {1: standing([score(CHINA, 1), score(STATES, 2)], assessment(CHINA)), 2: standing([], assessment(CHINA))}
    scores = {1: [score(CHINA, 1), score(STATES, 2), score(INDIA, 1, last=5), score(UNION, 1)]}

    counts = count_places(known_ranks(read, scores))

    assert (counts[CHINA].led, counts[CHINA].second, counts[CHINA].top_five) == (2, 0, 2)
    assert (counts[STATES].led, counts[STATES].second, counts[STATES].top_five) == (0, 1, 1)
    assert (counts[INDIA].led, counts[INDIA].top_five) == (0, 1)
    assert UNION not in counts
