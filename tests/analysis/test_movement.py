from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.test_comparison import COUNTRIES, case, score, side
from tracker.analysis.comparison import compared
from tracker.analysis.leadership import change
from tracker.analysis.movement import Moved, Movement, hand_overs, movement_sentence
from tracker.analysis.read_model import Link, Ranks

SIDES = (side("cn"), side("us"))
SUBJECT = Link("Coatings", "/t/")


def edition(china, states, ranks=(None, None)):
    rows = [
        score(place, rank, share)
        for place, rank, share in zip(COUNTRIES[:2], ranks, (china, states), strict=True)
        if rank or share
    ]
    return compared(case(*rows), SIDES)


def moved(then, now, *, same_years=False):
    return Moved(SUBJECT, None, then, now, same_years)


@pytest.mark.parametrize(
    ("then", "now", "movement"),
    [
        (edition("20.0", "30.0"), edition("30.0", "20.0"), Movement.CHANGED_HANDS),
        (edition("30.0", "20.0"), edition("40.0", "20.0"), Movement.EXTENDED),
        (edition("40.0", "20.0"), edition("30.0", "20.0"), Movement.NARROWED),
        # 10 and 10.1 points, from shares whose digits leave 0.2 open.
        (edition("30.0", "20.0"), edition("30.1", "20.0"), Movement.HELD),
        (edition(None, None, (Ranks(1, 1), None)), edition("30.0", "20.0"), Movement.HELD),
        (edition(None, None, (Ranks(1, 1), None)), edition(None, None, (None, Ranks(1, 1))), Movement.CHANGED_HANDS),
        (edition(None, None), edition("30.0", "20.0"), Movement.UNKNOWN),
        # Too close to call both times: the digits do not tell that anything changed.
        (edition("20.0", "20.1"), edition("20.1", "20.0"), Movement.UNKNOWN),
        (edition("20.0", "20.1"), edition("25.0", "20.0"), Movement.CHANGED_HANDS),
        (None, edition("30.0", "20.0"), Movement.ONE_EDITION),
    ],
)
def test_movement_of_a_lead(then, now, movement):
    assert moved(then, now).movement == movement


@pytest.mark.parametrize(
    ("then", "now", "movement"),
    [
        (edition("30.0", "20.0"), edition("30.0", "20.0"), Movement.AS_BEFORE),
        (edition("30.0", "20.0"), edition("20.0", "30.0"), Movement.REVISED),
        (edition("30.0", None), edition("30.0", "20.0"), Movement.AS_BEFORE),
        (edition("43", "20"), edition("43.2", "20"), Movement.AS_BEFORE),
        (edition("30.0", None), edition(None, "20.0"), Movement.UNKNOWN),
        (edition("30.0", None), edition("31.0", "20.0"), Movement.REVISED),
        (edition(None, None), edition("31.0", "20.0"), Movement.UNKNOWN),
    ],
)
def test_same_years_are_revised_never_moved(then, now, movement):
    assert moved(then, now, same_years=True).movement == movement


def test_leader_of_all_says_nothing_of_the_sides():
    then, now = (compared(case(score(COUNTRIES[n], Ranks(1, 1))), (side("jp"), side("in"))) for n in (0, 1))

    assert moved(then, now, same_years=True).movement == Movement.UNKNOWN


def test_lead_is_measured_over_whoever_is_next():
    sides = (side("cn"), side("us"), side("jp"))
    then, now = (
        compared(case(*(score(p, None, s) for p, s in zip(COUNTRIES, shares, strict=False))), sides)
        for shares in (("30.0", "28.0", "5.0"), ("31.0", "9.0", "10.0"))
    )

    assert moved(then, now).movement == Movement.EXTENDED


def test_one_technology_is_spoken_of_by_name():
    one = moved(edition("20.0", "30.0"), edition("30.0", "20.0"))

    assert movement_sentence([one], SIDES, "A", "B", "technologies") == (
        "From A to B the lead between China and the United States in coatings changed hands."
    )


decimals = st.decimals(min_value=0, max_value=90, places=1, allow_nan=False, allow_infinity=False).map(str)


@given(decimals, decimals, decimals, decimals)
def test_looking_back_mirrors_the_movement(a, b, c, d):
    back = {Movement.EXTENDED: Movement.NARROWED, Movement.NARROWED: Movement.EXTENDED}
    there = moved(edition(a, b), edition(c, d)).movement

    assert moved(edition(c, d), edition(a, b)).movement == back.get(there, there)


def test_change_of_a_share_has_the_coarser_decimals():
    then, now = edition("30.25", "20"), edition("31.5", "20")

    assert change(then.sides[0].share, now.sides[0].share).content == Decimal("1.2")


def test_change_of_a_bound_is_unknown():
    sides = (side("cn", "jp"), side("us"))
    then, now = (compared(case(score(COUNTRIES[0], None, share)), sides) for share in ("20", "30"))

    assert not change(then.sides[0].share, now.sides[0].share).known


def test_sentence_counts_each_movement_once():
    each = [
        moved(edition("20.0", "30.0"), edition("30.0", "20.0")),
        moved(edition("30.0", "20.0"), edition("40.0", "20.0")),
        moved(None, edition("40.0", "20.0")),
        moved(edition(None, None), edition("40.0", "20.0")),
    ]

    assert movement_sentence(each, SIDES, "A", "B", "technologies") == (
        "From A to B the lead between China and the United States changed hands in 1 of the 3 technologies in both and was "
        "extended in 1; 1 more stand in one of them only; for 1 it is not known to us who was ahead in both."
    )
    assert hand_overs(each, SIDES) == ("The lead passed to China in coatings.",)
