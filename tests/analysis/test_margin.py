"""What would change it: applying a stated change changes the outcome, a smaller one does not."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.leadership import RISK_WORDS, AssessmentRow, ScoreRow, half_step, monopoly_risk, standing
from tracker.analysis.margin import flip, levels_said, margin, margin_rows
from tracker.analysis.read_model import Cited, Place, Ranks, SourceRef, Value

CHINA, STATES = Place("CN", "China"), Place("US", "United States")
WORDS = {words: levels for levels, words in RISK_WORDS.items()}
REPORT = (Cited(SourceRef("report", "Report", "Institute", "2023", "primary", "/sources/report/")),)
LETTER = (Cited(SourceRef("letter", "Letter", "Newspaper", "2023", "press", "/sources/letter/")),)


def score(place, rank, share=None):
    known = None if share is None else Decimal(share)
    return ScoreRow("t", place, Ranks(rank, rank), known, "", None, None, basis="stated", note="", cited=REPORT)


def assessment(*, risk=None, k=None, of=10, r=None):
    return AssessmentRow(
        technology="t",
        lead=Value(CHINA),
        second=Value(STATES),
        risk=Value(risk, basis="stated") if risk else Value(),
        institutions=Value(k, cited=LETTER) if k is not None else Value(),
        institutions_of=of,
        ratio=Value(Decimal(r), cited=LETTER) if r else Value(),
        verification="",
        note="",
    )


def of_risk(**known):
    said = assessment(**known)
    return margin(standing([], said), said)


def of_lead(first, second):
    return margin(standing([score(CHINA, 1, first), score(STATES, 2, second)], None), None)


# The lead


@pytest.mark.parametrize(
    ("first", "second", "alone", "by_transfer"),
    [
        ("65.4", "11.9", "53.5", "26.75"),
        ("24.8", "24.1", "0.7", "0.35"),
        ("63", "7", "56", "28"),
        ("38", "13", "25", "12.5"),
        ("44.0", "20.0", "24.0", "12.0"),
        ("9.32", "9.11", "0.21", "0.105"),
    ],
)
def test_lead_turns_by_the_gap_or_by_half_of_it_passing(first, second, alone, by_transfer):
    found = flip("China", Decimal(first), "the United States", Decimal(second))

    assert (str(found.alone), str(found.by_transfer), found.bound) == (alone, by_transfer, "more than")


def test_shares_of_unequal_decimals_are_told_apart_about():
    found = flip("China", Decimal(43), "the United States", Decimal("12.8"))

    assert (str(found.alone), str(found.by_transfer), found.bound) == ("30", "15", "more than about")


def test_who_does_not_lead_has_no_lead_to_lose():
    with pytest.raises(ValueError, match="China does not lead"):
        flip("China", Decimal(7), "the United States", Decimal(8))


def leads(first, second):
    return first > second


SHARES = st.integers(0, 3).flatmap(
    lambda places: st.tuples(*[st.decimals(0, 100, places=places)] * 2).map(lambda pair: sorted(pair, reverse=True))
)


@given(SHARES, st.decimals("0.0001", 5, places=4))
def test_any_change_beyond_the_stated_one_turns_the_lead_and_none_within_does(shares, more):
    first, second = shares
    found = flip("China", first, "the United States", second)

    assert leads(second + found.alone + more, first)
    assert leads(second, first - found.alone - more)
    assert leads(second + found.by_transfer + more, first - found.by_transfer - more)
    for less in (Decimal(0), min(more, found.alone)):
        assert not leads(second + found.alone - less, first)
        assert not leads(second, first - found.alone + less)
    for less in (Decimal(0), min(more, found.by_transfer)):
        assert not leads(second + found.by_transfer - less, first - found.by_transfer + less)
    assert found.by_transfer <= found.alone


@given(st.decimals(0, 100, places=1), st.integers(0, 100).map(Decimal))
def test_change_told_about_is_right_to_half_a_digit_of_the_coarser_share(one, other):
    second, first = sorted((one, other))
    found = flip("China", first, "the United States", second)
    slack = max(half_step(first), half_step(second))

    assert found.about
    assert not leads(first, second + found.alone + slack)
    assert not leads(second + max(Decimal(0), found.alone - slack), first)


@given(SHARES)
def test_half_of_a_gap_is_exact_with_at_most_one_decimal_more(shares):
    found = flip("China", shares[0], "the United States", shares[1])

    assert found.by_transfer * 2 == found.alone
    assert found.alone.as_tuple().exponent - found.by_transfer.as_tuple().exponent in (0, 1)


def test_sentence_names_both_changes_and_the_smallest():
    assert of_lead("65.4", "11.9").lead_sentence == (
        "The United States would lead if more than 26.75 points passed to it from China: the smallest change that "
        "turns the lead. If the United States alone gained, or China alone lost, it would take more than 53.5."
    )


def test_lead_too_close_to_call_needs_no_change():
    found = of_lead("25", "24")

    assert found.too_close
    assert found.lead_sentence == (
        "The lead of China over the United States is already too close to call: the published digits do not separate "
        "the two shares."
    )
    assert {row.effect for row in margin_rows(found)[:2]} == {"Too close to call already"}


def test_lead_with_one_share_known_has_no_margin():
    assert of_lead("25", None) is None


def test_share_with_a_bound_has_no_margin():
    bounded = ScoreRow("t", CHINA, Ranks(1, 1), Decimal(60), "at least", None, None, "stated", "", REPORT)

    assert margin(standing([bounded, score(STATES, 2, "10")], None), None, risk=False) is None


def test_changes_of_the_lead_cite_both_shares():
    found = of_lead("65.4", "11.9")

    assert (found.flip.content, found.flip.unit, found.flip.bound) == (Decimal("53.5"), "points", "more than")
    assert found.flip.basis == found.by_transfer.basis == "derived"
    assert found.flip.cited == found.by_transfer.cited == REPORT


def test_fields_have_no_monopoly_risk():
    now = standing([score(CHINA, 1, "24.8"), score(STATES, 2, "8.1")], None)

    assert margin(now, None).conditions
    assert margin(now, None, risk=False).conditions == ()
    assert margin(now, None, risk=False).risk_sentence == ""


# The monopoly risk


def rule(k, r):
    """The rule, written once more."""
    return "high" if k >= 8 and r >= 3 else "medium" if k >= 5 and r >= 2 else "low"


RATIOS = [
    Decimal(hundredths) / 100 for hundredths in (100, 150, 189, 198, 205, 230, 250, 289, 295, 311, 341, 599, 1200)
]


def moved(condition, k, r, *, short_of=False):
    """k and r after the condition's change; `short_of`: after one that is just smaller."""
    if condition.what == "k":
        steps = condition.change.content - short_of
        return k + (steps if condition.rises else -steps), r
    tiny = Decimal("0.0001")
    if condition.rises:
        return k, r + condition.change.content - (tiny if short_of else 0)
    return k, r - condition.change.content - (0 if short_of else tiny)


@pytest.mark.parametrize(("k", "r"), list(product(range(11), RATIOS)))
def test_stated_change_of_k_or_r_changes_the_level_and_a_smaller_one_does_not(k, r):
    found = of_risk(k=k, r=str(r))
    level = rule(k, r)

    for one in found.conditions:
        assert one.before == {level}
        assert one.after == {rule(*moved(one, k, r))} != {level}
        assert rule(*moved(one, k, r, short_of=True)) == level
    assert found.together == (k < 5 and r < 2)
    assert bool(found.conditions) != found.together


@pytest.mark.parametrize(("k", "r"), list(product(range(11), RATIOS)))
def test_no_single_change_is_left_out_and_none_is_nearer(k, r):
    """Every k, and r in steps of a hundredth: the nearest part of a threshold that changes the level."""
    found = of_risk(k=k, r=str(r))
    level = rule(k, r)
    ways = {(one.what, one.rises): one for one in found.conditions}

    ks = [abs(other - k) for other in range(11) if rule(other, r) != level]
    assert bool(ks) == any(what == "k" for what, _ in ways)
    assert not ks or min(ks) == min(one.change.content for (what, _), one in ways.items() if what == "k")
    rs = [abs(other - r) for other in (Decimal(n) / 100 for n in range(100, 1300)) if rule(k, other) != level]
    assert bool(rs) == any(what == "r" for what, _ in ways)
    # A fall has to go below the threshold: a hundredth beyond the distance to it.
    nearest = min((one.change.content for (what, _), one in ways.items() if what == "r"), default=None)
    assert not rs or min(rs) in (nearest, nearest + Decimal("0.01"))


@pytest.mark.parametrize(("k", "r"), list(product(range(11), RATIOS)))
def test_nearest_is_the_smallest_part_of_its_threshold(k, r):
    found = of_risk(k=k, r=str(r))

    parts = [one.part for one in found.conditions]
    assert parts == sorted(parts)
    assert all(one.part * one.threshold == one.change.content for one in found.conditions)
    assert {one.part for one in found.nearest} == set(parts[:1])


def worlds(k, r, stated):
    counts = range(11) if k is None else [k]
    ratios = [Decimal(n) / 10 for n in range(10, 130)] if r is None else [r]
    possible = [(count, ratio) for count, ratio in product(counts, ratios)]
    return [world for world in possible if stated is None or rule(*world) in WORDS[stated]] or possible


@pytest.mark.parametrize("stated", [None, *WORDS])
@pytest.mark.parametrize(("k", "r"), [*((k, None) for k in range(11)), *((None, r) for r in RATIOS)])
def test_where_one_is_unknown_the_levels_still_possible_change(k, r, stated):
    found = of_risk(k=k, r=None if r is None else str(r), risk=stated)
    before = {rule(*world) for world in worlds(k, r, stated)}

    for one in found.conditions:
        after = {rule(*moved(one, *world)) for world in worlds(k, r, stated)}
        short = {rule(*moved(one, *world, short_of=True)) for world in worlds(k, r, stated)}
        assert (one.before, one.after) == (before, after)
        assert after != before
        assert short == before
        assert one.what == ("r" if k is None else "k")
    assert not found.together


def test_where_one_is_unknown_levels_are_those_of_the_rule_for_a_range():
    assert of_risk(r="5.6").conditions[0].before == monopoly_risk(None, Decimal("5.6"), Decimal("5.6"))
    assert of_risk(k=7).conditions[0].before == monopoly_risk(7, None, None)


def test_stated_level_narrows_what_is_not_known():
    """High with k = 8 means that r is at least 3."""
    (one,) = of_risk(k=8, risk="high").conditions

    assert (one.movement, one.effect) == ("k falls from 8 to 7", "from high to medium")


def test_stated_level_that_k_and_r_exclude_is_left_aside():
    assert of_risk(k=6, r="2.5", risk="high").conditions == of_risk(k=6, r="2.5").conditions


@given(st.integers(0, 10), st.decimals(1, 12, places=2))
def test_conditions_cross_their_threshold_by_the_least_change(k, r):
    for one in of_risk(k=k, r=str(r)).conditions:
        count, ratio = moved(one, k, r)
        before, after = (k, count) if one.what == "k" else (r, ratio)
        assert (before < one.threshold <= after) if one.rises else (after < one.threshold <= before)


def test_ratio_on_either_side_of_a_threshold_is_said():
    found = of_risk(k=9, r="3.0")

    assert found.risk_sentence.startswith("At its published precision r, 3.0, may lie on either side of 3.")
    assert all((one.what, one.threshold) != ("r", 3) for one in found.conditions)


def test_institutions_of_another_number_than_ten_tell_nothing():
    assert of_risk(k=7, of=7) is None


def test_neither_k_nor_r_leaves_nothing_to_tell():
    assert of_risk(risk="high") is None


def test_sentence_names_the_nearest_condition():
    assert of_risk(k=10, r="5.99").risk_sentence == (
        "Of the conditions of the monopoly risk k is the nearest to changing: if it falls from 10 to 7 (37.5\u202f% of "
        "the threshold of 8), the level goes from high to medium."
    )


def test_sentence_says_where_both_are_needed():
    assert of_risk(k=3, r="1.5").risk_sentence == (
        "No change of k or r alone would change the level of the monopoly risk, low: k would have to rise from 3 to 5 "
        "and r from 1.5 to 2."
    )


def test_sentence_says_what_is_possible_and_what_is_not_known():
    assert of_risk(r="2.95", risk="medium").risk_sentence == (
        "Of the conditions of the monopoly risk r alone is known to us: if it rises from 2.95 to 3 (1.7\u202f% of "
        "the threshold of 3), the levels possible go from medium to high or medium. How far k is from its thresholds is "
        "not known to us."
    )


def test_sentence_says_where_the_known_one_cannot_change_it_alone():
    assert of_risk(k=6, risk="low").risk_sentence == (
        "No change of k alone would change the level of the monopoly risk: low, as far as known. How far r is from "
        "its thresholds is not known to us."
    )


def test_equally_near_conditions_are_both_named():
    found = of_risk(r="2.4", risk="not high")

    assert [one.movement for one in found.nearest] == ["r falls from 2.4 to below 2", "r rises from 2.4 to 3"]
    assert found.risk_sentence.startswith("Equally near to changing")


def test_change_of_the_risk_cites_what_it_starts_from():
    found = of_risk(k=9, r="5.6")

    assert {one.what: one.change.cited for one in found.conditions} == {"k": LETTER, "r": LETTER}


def test_rows_give_the_lead_first_and_then_the_conditions():
    said = assessment(k=9)
    rows = margin_rows(margin(standing([score(CHINA, 1, "73.3"), score(STATES, 2, "14.1")], said), said))

    assert [(row.change, row.by.text, row.effect, row.smallest) for row in rows] == [
        ("Share passes from China to the United States", "more than 29.6", "The United States leads", "smallest"),
        ("The United States alone gains, or China alone loses", "more than 59.2", "The United States leads", ""),
        ("k falls from 9 to 7", "2", "Monopoly risk from high to medium", "nearest"),
        ("r falls from 5.20 to below 3", "more than 2.20", "Monopoly risk from high to medium", ""),
    ]
    assert margin_rows(None) == ()


@pytest.mark.parametrize(
    ("levels", "said"),
    [(["high"], "high"), (["low", "medium"], "medium or low"), (["low", "medium", "high"], "high, medium or low")],
)
def test_levels_are_said_from_high_to_low(levels, said):
    assert levels_said(levels) == said
