"""Properties that hold for any comparison, and the words that go with it."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.analysis.comparison import BANDS, Case, bands, compared, in_order, race, races, turn
from tracker.analysis.finding import by_how_much, findings, now_sentence, opening, stated_leads
from tracker.analysis.leadership import AssessmentRow, Firmness, ScoreRow
from tracker.analysis.read_model import EditionRef, Link, Place, Ranks, Value
from tracker.analysis.scoreboard import scores
from tracker.analysis.side import NamedPlace, Places, Side

COUNTRIES = [Place(code, name) for code, name in (
    ("CN", "China"), ("US", "United States"), ("JP", "Japan"), ("IN", "India"), ("AU", "Australia"),
    ("DE", "Germany"), ("FR", "France"), ("RU", "Russia"),
)]  # fmt: skip
PLACES = Places([NamedPlace(place, "", (), (place.code,)) for place in COUNTRIES], [])
EDITION = EditionRef("e", "E", "s", "S", "%", "2023", "2016–2020", "published", "field", True, 14, "/e/")
CODES = [place.code.lower() for place in COUNTRIES]


def score(place, ranks=None, share=None, bound=""):
    known = None if share is None else Decimal(share)
    return ScoreRow("t", place, ranks, known, bound, None, None, "stated", "")


def case(*rows, name="Coatings"):
    return Case(Link(name, "/t/"), None, rows, None)


@st.composite
def shares(draw):
    """Published shares of some countries: none to three decimals, ranked by share where known."""
    found = {}
    for place in COUNTRIES:
        decimals = draw(st.integers(0, 3))
        found[place] = draw(
            st.none() | st.decimals(min_value=0, max_value=90, places=decimals, allow_nan=False, allow_infinity=False)
        )
    bound = {place: draw(st.sampled_from(["", "", "", "at least", "at most", "about"])) for place in COUNTRIES}
    order = sorted((place for place in COUNTRIES if found[place] is not None), key=lambda p: -found[p])
    rank = {place: Ranks(number, number) for number, place in enumerate(order, 1)}
    return case(*(score(place, rank.get(place), found[place], bound[place]) for place in COUNTRIES if place in rank))


def side(*codes):
    return PLACES.side(codes[0] if len(codes) == 1 else f"custom:{','.join(codes)}")


disjoint = st.permutations(CODES).flatmap(
    lambda codes: st.integers(1, 4).map(lambda cut: (side(*codes[:cut]), side(*codes[cut : cut + 2])))
)


@given(shares(), disjoint)
def test_swapping_sides_mirrors_the_result(found, sides):
    one, other = compared(found, sides), compared(found, sides[::-1])

    assert one.sides == other.sides[::-1]
    assert (one.gap, one.ratio, one.firmness, one.band) == (other.gap, other.ratio, other.firmness, other.band)
    assert (one.ahead, other.ahead) in ((None, None), (0, 1), (1, 0))
    # Sorting is stable, so equal shares keep the order they were asked in.
    assert one.signed == -other.signed


@given(shares(), st.permutations(CODES))
def test_order_of_sides_changes_no_value(found, codes):
    sides = [side(code) for code in codes[:4]]
    one = compared(found, sides)
    again = compared(found, sorted(sides, key=lambda s: s.key))

    assert {s.key: known for s, known in zip(sides, one.sides, strict=True)} == {
        s.key: known for s, known in zip(sorted(sides, key=lambda s: s.key), again.sides, strict=True)
    }
    assert (one.gap.content, one.firmness, one.band) == (again.gap.content, again.firmness, again.band)


@given(shares(), st.permutations(CODES))
def test_bloc_of_one_country_equals_that_country(found, codes):
    other = side(*codes[1:4])

    country = compared(found, (side(codes[0]), other))
    bloc = compared(found, (PLACES.side(f"custom:{codes[0]}"), other))

    assert country.sides == bloc.sides
    assert (country.ahead, country.gap, country.ratio, country.firmness) == (
        bloc.ahead, bloc.gap, bloc.ratio, bloc.firmness
    )  # fmt: skip


@given(shares(), st.permutations(CODES), st.integers(1, 6))
def test_another_member_never_lowers_a_bloc(found, codes, size):
    other = side(codes[-1])
    before = compared(found, (side(*codes[:size]), other)).sides[0]
    after = compared(found, (side(*codes[: size + 1]), other)).sides[0]

    assert not before.share.known or after.share.content >= before.share.content
    assert before.least is None or after.least is None or after.least >= before.least
    assert not before.leads or after.leads


@given(shares(), disjoint)
def test_gap_is_that_of_the_published_numbers(found, sides):
    one = compared(found, sides)
    assume(one.order)
    first, second = (one.sides[n].share.content for n in one.order[:2])

    assert one.points == (first - second).quantize(one.points)
    exponents = [share.as_tuple().exponent for share in (first, second)]
    assert one.points.as_tuple().exponent == max(exponents)
    if one.ahead is not None:
        assert first > second
        assert one.ahead == one.order[0]


@given(shares(), disjoint)
def test_clear_lead_holds_for_every_number_the_digits_allow(found, sides):
    one = compared(found, sides)
    assume(one.order)
    exact = {row.place: row for row in found.scores}
    if one.firmness == Firmness.CLEAR:
        first, *others = (sides[n] for n in one.order)
        least = sum(lowest(exact[place]) for place in first.members if place in exact)
        for other in others:
            assert all(place in exact and exact[place].bound in ("", "at most") for place in other.members)
            assert least > sum(exact[place].share + half(exact[place].share) for place in other.members)


def half(share):
    return Decimal(5).scaleb(share.as_tuple().exponent - 1)


def lowest(row):
    """What a published share says at the least: nothing of one that is "at most"."""
    return Decimal(0) if row.bound == "at most" else max(Decimal(0), row.share - half(row.share))


@given(shares(), disjoint)
def test_sum_of_a_bloc_says_at_least_where_a_member_is_unknown(found, sides):
    known = {row.place for row in found.scores}
    for one, standing in zip(sides, compared(found, sides).sides, strict=True):
        mine = known.intersection(one.members)
        bounds = {row.bound for row in found.scores if row.place in mine} - {""}
        partial = 0 < len(mine) < len(one.members)
        if not bounds:
            assert standing.share.bound == ("at least" if partial else "")
        elif bounds == {"at most"} and not partial:
            assert standing.share.bound == "at most"
        else:
            assert standing.share.bound == ("at least" if bounds == {"at least"} else "about")
        assert standing.share.known == bool(mine)


@given(st.lists(shares(), min_size=1, max_size=6), disjoint)
def test_every_case_is_in_one_band_and_counted_once(found, sides):
    each = [compared(one, sides) for one in found]

    assert bands(each).total == len(found)
    assert sorted(map(id, in_order(each))) == sorted(map(id, each))
    assert [list(BANDS).index(one.band) for one in in_order(each)] == sorted(
        list(BANDS).index(one.band) for one in each
    )
    for number, own in enumerate(scores(each, sides)):
        assert own.leads == sum(one.sides[number].leads for one in each)


def test_sum_with_unknown_members_does_not_decide_against_the_country_above():
    one = compared(case(score(COUNTRIES[0], Ranks(1, 1), "50"), score(COUNTRIES[1], Ranks(2, 2), "24.0")),
                   (side("us", "jp"), side("cn")))  # fmt: skip

    assert (one.sides[0].share.bound, one.gap.bound, one.gap.text) == ("at least", "at most", "at most 26")
    assert (one.ahead, one.firmness) == (None, Firmness.MEMBERS_UNKNOWN)
    assert "open" in findings([one], (side("us", "jp"), side("cn")))[0]


@pytest.mark.parametrize(("left", "ahead"), [("26", None), ("25.4", 0), (None, None)])
def test_what_all_known_shares_leave_bounds_the_unknown_members(left, ahead):
    rows = (score(COUNTRIES[0], Ranks(1, 1), "50"), score(COUNTRIES[1], Ranks(2, 2), "24.0"))
    found = Case(Link("Coatings", "/t/"), None, rows, None, left and Decimal(left))

    # 50 stands for 49.5 at least, 24.0 for 24.05 at most.
    assert compared(found, (side("cn"), side("us", "jp"))).ahead == ahead


def test_gap_to_the_next_of_three_is_a_bound_where_the_third_may_be_the_next():
    found = case(
        *(score(place, None, share) for place, share in zip(COUNTRIES, ("40.0", "20.0", "18.0"), strict=False))
    )

    assert compared(found, (side("cn"), side("us"), side("jp"))).gap.text == "20.0"
    assert compared(found, (side("cn"), side("us"), side("jp", "in"))).gap.text == "at most 20.0"


def test_bound_of_a_member_bounds_the_sum_and_the_gap():
    found = case(
        score(COUNTRIES[0], None, "30.0"),
        score(COUNTRIES[1], None, "20", "at least"),
        score(COUNTRIES[3], None, "3.0"),
    )

    one = compared(found, (side("cn"), side("us", "in")))

    assert (one.sides[1].share.text, one.gap.text) == ("at least 23", "at most 7")
    assert turn(one, (side("cn"), side("us", "in")), risk=False) is None


def test_lower_bound_before_a_third_that_may_pass_says_only_what_is_known():
    rows = (("US", "17.4"), ("CN", "44.6"), ("DE", "13.9"))
    found = case(*(score(next(p for p in COUNTRIES if p.code == code), None, share) for code, share in rows))

    one = compared(found, (side("cn", "ru"), side("us"), side("de", "fr")))

    assert one.gap.text == "as far as known 27.2"


def test_sides_that_are_level_are_named_without_the_others():
    found = case(
        *(score(place, None, share) for place, share in zip(COUNTRIES, ("20.0", "20.0", "3.0"), strict=False))
    )
    sides = (side("cn"), side("us"), side("jp"))
    one = compared(found, sides)

    assert now_sentence(one, sides, "Physics", EDITION).startswith("In physics China and the United States are level")
    assert not race(one, sides).ahead.known


def test_published_ratio_of_leader_and_second_goes_before_a_computed_one():
    rows = (score(COUNTRIES[0], Ranks(1, 1), "31"), score(COUNTRIES[1], Ranks(2, 2), "16.4"))
    said = AssessmentRow(
        "t", Value(), Value(), Value(), Value(), None, Value(Decimal("1.89"), basis="stated"), "", ""
    )
    found = Case(Link("Coatings", "/t/"), None, rows, said)

    assert compared(found, (side("cn"), side("us"))).ratio.text == "1.89"
    assert compared(found, (side("us"), side("cn"))).ratio.text == "1.89"
    assert compared(found, (side("cn"), side("us", "jp"))).ratio.text == "at most 1.9"


def test_second_is_ahead_of_whoever_is_not_the_leader():
    found = case(score(COUNTRIES[0], Ranks(1, 1)), score(COUNTRIES[3], Ranks(2, 2)))

    assert compared(found, (side("ru"), side("in"))).ahead == 1
    assert compared(found, (side("cn"), side("in"))).ahead == 0
    assert compared(case(score(COUNTRIES[3], Ranks(2, 2))), (side("ru"), side("in"))).ahead is None
    assert compared(case(score(COUNTRIES[0], Ranks(1, 1)), score(COUNTRIES[3], Ranks(1, 5))),
                    (side("ru"), side("in"))).ahead is None  # fmt: skip


def test_members_that_lead_are_named():
    sides = (side("cn", "ru"), side("us", "jp"))
    each = [compared(case(score(COUNTRIES[n], Ranks(1, 1))), sides) for n in (0, 0, 1, 2)]

    assert opening(each, sides, "here", "technologies").startswith(
        "China leads 2 (of China and Russia), the United States 1 and Japan 1 (of Japan and the United States) of 4 "
    )
    assert opening(each[:2], sides, "here", "technologies").startswith(
        "China leads 2 (of China and Russia) of 2 technologies here; no member of Japan and the United States leads any."
    )


def test_stated_counts_stand_beside_what_rows_tell():
    sides = (side("cn"), side("us"))
    each = [compared(case(score(COUNTRIES[0], Ranks(1, 1))), sides), compared(case(), sides)]

    assert stated_leads(each, sides, {COUNTRIES[0]: Value(2)}) == (
        "The publisher states how many of its 2 each leads: China 2. Which ones is known for 1.",
    )
    assert stated_leads(each, sides, {COUNTRIES[0]: Value(1)}) == ()


def test_sum_that_is_already_larger_decides():
    one = compared(case(score(COUNTRIES[0], Ranks(2, 2), "20.0"), score(COUNTRIES[1], Ranks(1, 1), "24.0")),
                   (side("us", "jp"), side("cn")))  # fmt: skip

    assert (one.ahead, one.firmness, one.gap.text) == (0, Firmness.CLEAR, "at least 4.0")


def test_leader_is_ahead_of_a_country_but_not_of_a_bloc_of_several():
    found = case(score(COUNTRIES[0], Ranks(1, 1)), score(COUNTRIES[2], Ranks(1, 5)))

    assert compared(found, (side("cn"), side("jp"))).ahead == 0
    assert compared(found, (side("cn"), side("jp"))).firmness == Firmness.RANK_ONLY
    assert compared(found, (side("cn"), side("jp", "in"))).ahead is None


def test_range_of_ranks_decides_only_where_it_does_not_overlap():
    found = case(
        score(COUNTRIES[2], Ranks(2, 2)), score(COUNTRIES[3], Ranks(1, 5)), score(COUNTRIES[4], Ranks(6, 10))
    )

    assert compared(found, (side("jp"), side("in"))).ahead is None
    assert compared(found, (side("jp"), side("au"))).ahead == 0
    assert compared(found, (side("in"), side("au"))).ahead == 0


def test_bloc_ranked_as_one_place_is_ahead_by_that_rank():
    eu = Place("eu", "European Union", "/blocs/eu/", "bloc")
    places = Places(
        [NamedPlace(place, "", (), (place.code,)) for place in COUNTRIES], [NamedPlace(eu, "EU", (), ("DE", "FR"))]
    )
    sides = (places.side("eu"), places.side("us"))
    found = case(score(eu, Ranks(1, 1)), score(COUNTRIES[1], Ranks(1, 1)))

    one = compared(found, sides)

    assert one.sides[0].as_one
    assert one.ahead == 0
    assert "Counted as one place by a source, the EU comes first in 1." in opening(
        [one], sides, "here", "technologies"
    )


def test_equal_shares_are_nobodys_lead():
    one = compared(
        case(score(COUNTRIES[0], None, "12.0"), score(COUNTRIES[1], None, "12.0")), (side("cn"), side("us"))
    )

    assert (one.ahead, one.points, one.firmness) == (None, Decimal("0.0"), Firmness.TOO_CLOSE)
    assert by_how_much(one, (side("cn"), side("us"))).endswith("no difference")


@pytest.mark.parametrize(("count", "closest", "widest"), [(0, 0, 0), (1, 1, 0), (2, 1, 1), (5, 2, 3), (14, 5, 5)])
def test_no_race_is_both_among_the_closest_and_the_widest(count, closest, widest):
    sides = (side("cn"), side("us"))
    each = [
        compared(case(score(COUNTRIES[0], None, str(20 + n)), score(COUNTRIES[1], None, "10")), sides)
        for n in range(count)
    ]

    near, far = races(each)

    assert (len(near), len(far)) == (closest, widest)
    assert not {id(one) for one in near} & {id(one) for one in far}
    assert [one.points for one in near] == sorted(one.points for one in near)


def test_opening_counts_what_is_known():
    sides: tuple[Side, ...] = (side("cn"), side("us"))
    each = [
        compared(case(score(COUNTRIES[0], Ranks(1, 1), "40"), score(COUNTRIES[1], Ranks(2, 2), "20")), sides),
        compared(case(score(COUNTRIES[1], Ranks(1, 1))), sides),
        compared(case(score(COUNTRIES[5], Ranks(1, 1))), sides),
        compared(case(), sides),
    ]

    assert opening(each, sides, "in the test", "technologies") == (
        "China leads at least 1 and the United States at least 1 of 4 technologies in the test; others lead at least 1; "
        "the leader of 1 is not known to us. The gap between them is known to us for 1; for 1 only a leader or a rank "
        "is; for 2 neither a share nor a rank."
    )


def test_unknown_stays_unknown():
    one = compared(case(), (side("cn"), side("us")))

    assert one.band == "unknown"
    assert (one.gap, one.ratio, one.firmness) == (Value(), Value(), Firmness.UNKNOWN)
