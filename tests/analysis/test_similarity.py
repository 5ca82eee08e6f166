"""Overlap of profiles: what it must be for any shares, and who is compared with whom."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.read_model import Place
from tracker.analysis.similarity import (
    alike_sentence,
    comparable,
    differences,
    most_alike,
    overlap,
    partial,
    peer_rows,
    per_cent,
    sum_profile,
)

FIELDS = ("chemistry", "physics", "psychology")
shares = st.decimals(min_value=0, max_value=100, places=3)
profiles = st.fixed_dictionaries(dict.fromkeys(FIELDS, shares)).filter(lambda profile: any(profile.values()))


def profile(*numbers):
    return dict(zip(FIELDS, map(Decimal, numbers), strict=True))


CHINA, INDIA, GERMANY = Place("CN", "China"), Place("IN", "India"), Place("DE", "Germany")


@given(profiles, profiles)
def test_overlap_is_the_same_from_either_side(one, other):
    assert overlap(one, other) == overlap(other, one)


@given(profiles, profiles)
def test_overlap_lies_between_0_and_100(one, other):
    assert 0 <= overlap(one, other) <= 100


@given(profiles, st.integers(min_value=1, max_value=10**6))
def test_equal_profiles_overlap_wholly_whatever_their_size(one, times):
    assert overlap(one, {field: share * times for field, share in one.items()}) == 100


@given(profiles, profiles, st.integers(min_value=1, max_value=10**6))
def test_overlap_does_not_depend_on_size(one, other, times):
    assert overlap(one, {field: share * times for field, share in other.items()}) == overlap(one, other)


@given(profiles, profiles)
def test_overlap_is_whole_only_where_parts_are_equal(one, other):
    parts = [
        {field: share * sum(against.values()) for field, share in of.items()}
        for of, against in ((one, other), (other, one))
    ]

    assert (overlap(one, other) == 100) == (parts[0] == parts[1])


@given(profiles, profiles)
def test_overlap_and_half_the_differences_make_100(one, other):
    apart = sum(
        abs(one[field] / sum(one.values()) - other[field] / sum(other.values())) for field in FIELDS
    ) * Decimal(50)

    assert abs(float(overlap(one, other)) + float(apart) - 100) < 1e-6


def test_overlap_is_that_of_a_worked_example():
    # Parts 50, 30, 20 and 20, 30, 50: the smaller ones add up to 20 + 30 + 20.
    assert overlap(profile(5, 3, 2), profile(4, 6, 10)) == 70


def test_place_without_anything_has_no_overlap():
    assert overlap(profile(0, 0, 0), profile(1, 1, 1)) is None


def test_overlap_is_said_with_one_decimal():
    assert str(per_cent(overlap(profile(1, 1, 1), profile(1, 1, 0)))) == "66.7"


def test_weight_is_comparable_between_a_quarter_and_four_times():
    one = profile(4, 4, 4)

    assert comparable(one, profile(1, 1, 1))
    assert comparable(one, profile(16, 16, 16))
    assert not comparable(one, profile(1, 1, "0.99"))
    assert not comparable(one, profile(16, 16, "16.01"))


def test_most_alike_come_first_and_are_of_comparable_weight_with_every_field():
    others = {
        "like": profile(2, 2, 4),
        "unlike": profile(0, 1, 9),
        "alike but tiny": profile("0.1", "0.1", "0.1"),
        "without a field": {"chemistry": Decimal(5), "physics": Decimal(5)},
        "equal": profile(2, 2, 2),
    }

    assert [name for name, _ in most_alike(profile(3, 3, 3), others)] == ["equal", "like", "unlike"]


def test_no_more_than_five_are_named():
    assert len(most_alike(profile(3, 3, 3), {number: profile(3, 3, number) for number in range(9)})) == 5


def test_differences_name_the_widest_first_and_in_which_direction():
    assert differences(profile(5, 3, 2), profile(1, 3, 6)) == (("chemistry", False), ("psychology", True))


def test_equal_profiles_differ_nowhere():
    assert differences(profile(5, 3, 2), profile(10, 6, 4)) == ()


def test_peer_row_says_how_the_peer_differs_and_where_to_compare():
    (row,) = peer_rows(
        CHINA, [CHINA], {CHINA: profile(5, 3, 2), INDIA: profile(2, 3, 5)}, FIELDS, edition="e-1", cited=()
    )

    assert (row.place, row.overlap.text, row.overlap.basis) == (INDIA, "70.0", "computed")
    assert row.differs == "less chemistry, more psychology"
    assert row.compare.address == "/compare/?side=cn&side=in&edition=e-1"


def test_bloc_is_compared_by_the_sum_of_its_members_and_not_with_them():
    bloc = Place("both", "Both", kind="bloc")
    known = {CHINA: profile(5, 0, 5), INDIA: profile(1, 6, 1), GERMANY: profile(2, 2, 2)}

    assert sum_profile([CHINA, INDIA], known) == profile(6, 6, 6)
    rows = peer_rows(bloc, [CHINA, INDIA], known, FIELDS, edition="e-1", cited=())
    assert [(row.place, row.overlap.text) for row in rows] == [(GERMANY, "100.0")]


def test_place_without_a_value_in_every_field_has_no_peers_and_says_so():
    known = {CHINA: {"chemistry": Decimal(5)}, INDIA: profile(2, 3, 5)}

    assert peer_rows(CHINA, [CHINA], known, FIELDS, edition="e-1", cited=()) == ()
    assert "1 of 3 fields: too few" in alike_sentence(CHINA, [CHINA], known, FIELDS, ())


def test_sentence_says_where_nobody_is_of_comparable_weight():
    known = {CHINA: profile(30, 30, 30), INDIA: profile(1, 1, 1)}
    peers = peer_rows(CHINA, [CHINA], known, FIELDS, edition="e-1", cited=())

    assert alike_sentence(CHINA, [CHINA], known, FIELDS, peers).startswith(
        "No other country with a value in every field"
    )


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (1, "Only Country 0, with an overlap of 90.0\u202f%, has a value in every field and is of comparable weight."),
        (2, "Of the 2 countries of comparable weight with a value in every field, most alike is Country 0, with an "
            "overlap of 90.0\u202f%."),
        (7, "Most alike is Country 0, with an overlap of 90.0\u202f%."),
    ],
)  # fmt: skip
def test_sentence_names_the_most_alike_and_says_where_few_were_compared(others, says):
    known = {Place(f"Q{number}", f"Country {number}"): profile(2, 3, 5) for number in range(others)}
    known |= {CHINA: profile(5, 3, 2), Place("Q0", "Country 0"): profile(4, 3, 3)}
    peers = peer_rows(CHINA, [CHINA], known, FIELDS, edition="e-1", cited=())

    assert alike_sentence(CHINA, [CHINA], known, FIELDS, peers) == says


@pytest.mark.parametrize(
    ("outside", "says"),
    [
        (0, "No country outside with a value in every field has between a quarter and four times its weight."),
        (1, "Of the countries outside, only Country 0, with an overlap of 100.0\u202f%, has a value in every field and is "
            "of comparable weight."),
        (2, "Of the 2 countries outside of comparable weight with a value in every field, most alike is Country 0, with "
            "an overlap of 100.0\u202f%."),
        (7, "Of the countries outside, most alike is Country 0, with an overlap of 100.0\u202f%."),
    ],
)  # fmt: skip
def test_sentence_of_a_bloc_speaks_of_the_countries_outside_though_members_have_every_value_too(outside, says):
    bloc = Place("both", "Both", kind="bloc")
    known = {CHINA: profile(5, 3, 2), INDIA: profile(3, 5, 2)}
    known |= {Place(f"Q{number}", f"Country {number}"): profile(2, 2, 1) for number in range(outside)}
    peers = peer_rows(bloc, [CHINA, INDIA], known, FIELDS, edition="e-1", cited=())

    assert alike_sentence(bloc, [CHINA, INDIA], known, FIELDS, peers) == says


def test_profile_of_a_bloc_with_an_unknown_share_is_called_partial():
    bloc = Place("both", "Both", kind="bloc")
    known = {CHINA: profile(5, 3, 2), INDIA: {"physics": Decimal(1)}}

    assert partial([CHINA, INDIA], known, FIELDS)
    assert partial([CHINA, GERMANY], known, FIELDS)
    assert not partial([CHINA], known, FIELDS)
    assert alike_sentence(bloc, [CHINA, INDIA], known, FIELDS, ()).endswith(
        "The profile is partial: that of its members with known shares."
    )
