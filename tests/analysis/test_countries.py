"""Places held, margins and movement, on a few technologies made up for it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tracker.analysis.blocs import bloc_field, bloc_from_strength_to_gap, bloc_movement, bloc_strengths
from tracker.analysis.countries import (
    LeadTold,
    best_held,
    category_counts,
    change_rows,
    compare_link,
    country_field,
    field_movement,
    from_strength_to_gap,
    held_lists,
    lead_changes,
    lead_steps,
    margin,
    of_technologies,
    rival_of,
    strengths_sentence,
)
from tracker.analysis.leadership import ScoreRow, share_value, standing
from tracker.analysis.read_model import Cited, EditionRef, Link, Place, Ranks, SourceRef, Value

CHINA, STATES, INDIA = Place("CN", "China"), Place("US", "United States"), Place("IN", "India")
GERMANY, FRANCE = Place("DE", "Germany"), Place("FR", "France")
UNION = Place("eu", "European Union", kind="bloc")
FIRST, SECOND, THIRD, TOP_FIVE = Ranks(1, 1), Ranks(2, 2), Ranks(3, 3), Ranks(1, 5)
CITED = (Cited(SourceRef("key", "Title", "Publisher", "2026", "primary", "/sources/key/")),)
QUANTUM = Link("Quantum", "/technologies/?category=quantum")


def score(place, rank, share=None):
    return ScoreRow(
        "t", place, Ranks(rank, rank), share and Decimal(share), "", None, None, "computed", "", cited=CITED
    )


def edition(slug, years):
    return EditionRef(slug, slug.title(), "s", "S", "%", "", years, "published", "technology", False, 4, f"/{slug}/")


def technology(name):
    return Link(name, f"/technologies/{name}/")


@pytest.mark.parametrize(
    ("ranks", "members", "best", "settled"),
    [
        # Settled: whether a member leads, is second, is in the top five.
        ([(CHINA, FIRST)], [CHINA], FIRST, (True, True, True)),
        ([(CHINA, FIRST)], [STATES], None, (True, False, False)),
        ([(CHINA, FIRST), (STATES, SECOND)], [INDIA], None, (True, True, False)),
        ([(STATES, SECOND)], [STATES], SECOND, (True, True, True)),
        ([(INDIA, TOP_FIVE)], [INDIA], TOP_FIVE, (False, False, True)),
        ([(INDIA, Ranks(8, 8))], [INDIA], Ranks(8, 8), (True, True, True)),
        ([], [CHINA], None, (False, False, False)),
        # A member of a bloc that is second may stand behind another member whose rank is not known.
        ([(STATES, SECOND)], [STATES, INDIA], SECOND, (False, False, True)),
        ([(CHINA, FIRST), (STATES, SECOND), (INDIA, THIRD)], [STATES, INDIA], SECOND, (True, True, True)),
        # What a source counts as one place belongs to another ranking.
        ([(UNION, FIRST)], [GERMANY, FRANCE], None, (False, False, False)),
    ],
)
def test_best_rank_of_members_says_what_it_settles(ranks, members, best, settled):
    held = best_held(ranks, members)

    assert (held.ranks, held.known) == (best, best is not None)
    assert (held.led_settled, held.second_settled, held.top_settled) == settled


def test_five_others_in_the_top_five_settle_that_it_is_not_among_them():
    others = [(Place(f"Q{number}", f"Country {number}"), Ranks(number, number)) for number in range(1, 6)]

    assert best_held(others, [CHINA]).top_settled
    assert not best_held(others[:4], [CHINA]).top_settled


def test_exact_rank_is_taken_before_a_range():
    assert best_held([(CHINA, TOP_FIVE), (CHINA, SECOND)], [CHINA]).ranks == SECOND


def test_category_says_at_least_only_where_more_may_be_unknown():
    held = [
        (QUANTUM, best_held([(CHINA, FIRST), (STATES, SECOND)], [STATES])),
        (QUANTUM, best_held([(STATES, FIRST)], [STATES])),
        (QUANTUM, best_held([(CHINA, FIRST)], [STATES])),
    ]

    (row,) = category_counts(held, "e-1", table="/there/", leader="US")

    assert [getattr(row, name).text for name in ("led", "second", "top_five", "known", "technologies")] == [
        "1", "at least 1", "at least 2", "2", "3",
    ]  # fmt: skip
    assert row.led.address == "/technologies/?category=quantum&edition=e-1&leader=us"


def test_categories_of_which_nothing_is_known_are_not_listed():
    assert category_counts([(QUANTUM, best_held([(CHINA, FIRST)], [STATES]))], "e-1", table="/there/") == ()


def test_lists_keep_a_rank_apart_from_the_top_five():
    held = [
        (technology("a"), QUANTUM, best_held([(INDIA, THIRD)], [INDIA])),
        (technology("b"), QUANTUM, best_held([(INDIA, TOP_FIVE)], [INDIA])),
        (technology("c"), QUANTUM, best_held([(INDIA, Ranks(7, 7))], [INDIA])),
    ]

    near, somewhere = held_lists(held)

    assert (near.heading, [one.remark for one in near.categories[0].technologies]) == (
        "Third to fifth: at least 1 of 3", ["3rd"],
    )  # fmt: skip
    assert somewhere.heading == "In the top five, the rank not known to us: 1"
    assert [one.technology.text for one in somewhere.categories[0].technologies] == ["b"]


def test_lists_of_a_bloc_name_the_member():
    members = [STATES, INDIA]
    held = [
        (technology("a"), None, best_held([(STATES, FIRST)], members)),
        (technology("b"), None, best_held([(INDIA, FIRST)], members)),
        (technology("c"), None, best_held([(CHINA, FIRST), (INDIA, SECOND)], members)),
    ]

    leads, second = held_lists(held, name_holder=True)

    assert leads.heading == "Leads: 2 of 3"
    assert [one.remark for one in leads.categories[0].technologies] == ["United States", "India"]
    assert second.heading == "Second: 1 of 3, by India"
    assert [one.remark for one in second.categories[0].technologies] == [""]


def test_margin_is_ahead_of_the_second_or_behind_the_leader():
    rows = [score(CHINA, 1, "36.4"), score(STATES, 2, "17.4"), score(INDIA, 3, "5.25"), score(FRANCE, 4)]
    now = standing(rows, None)

    found = {row.place.code: margin(row.place, share_value(row), now) for row in rows}

    assert {code: value.text for code, value in found.items()} == {
        "CN": "19.0", "US": "−19.0", "IN": "−31.2", "FR": "unknown",
    }  # fmt: skip
    assert (found["CN"].note, found["IN"].note) == (
        "Ahead of the United States, the second.",
        "Behind China, the leader.",
    )
    assert all(value.cited for value in found.values() if value.known)


def test_field_says_how_it_stands_and_what_changed():
    now = [score(CHINA, 1, "36.4"), score(STATES, 2, "17.4")]

    row = country_field(technology("f"), CHINA, now, [score(CHINA, 3, "8.44")])

    assert [getattr(row, name).text for name in ("rank", "leader", "margin", "ratio", "ranks_gained", "change")] == [
        "1", "China", "19.0", "1", "2", "28.0",
    ]  # fmt: skip
    assert country_field(technology("f"), STATES, now, []).ratio.text == "0.478"
    assert country_field(technology("f"), INDIA, now, []) is None


def fields_of(place, *parts):
    """(name, rank now, share now, rank then, share then) of a place behind or ahead of India's 20 %."""
    rows = []
    for name, rank, share, before, then in parts:
        now = sorted(
            [score(place, rank, share), score(INDIA, 1 if rank > 1 else 2, "20.0")], key=lambda row: row.ranks.last
        )
        rows.append(country_field(technology(name), place, now, [score(place, before, then)]))
    return from_strength_to_gap(rows)


def test_fields_run_from_strength_to_gap_and_the_sentence_names_both_ends():
    rows = fields_of(
        STATES,
        ("Physics", 3, "4.0", 2, "9.0"),
        ("Chemistry", 1, "30.0", 1, "31.0"),
        ("Psychology", 1, "44.0", 2, "20.0"),
    )

    assert [row.field.text for row in rows] == ["Psychology", "Chemistry", "Physics"]
    assert strengths_sentence("United States", rows, "2016–2020") == (
        "By rank the United States is strongest in psychology (rank 1, 44.0\u202f%, 24.0 points ahead) and weakest in physics "
        "(rank 3, 4.0\u202f%, 16.0 points behind India), in 2016–2020."
    )
    assert field_movement(rows, ("2003–2007", "2016–2020")) == (
        "Between 2003–2007 and 2016–2020 it moved up in 1, moved down in 1 and kept its rank in 1 of 3 research fields; "
        "its share changed most in psychology, by +24.0 points."
    )


def test_fields_with_too_high_early_shares_are_left_out_of_the_largest_change():
    rows = fields_of(STATES, ("Physics", 3, "4.0", 2, "9.0"), ("Chemistry", 1, "30.0", 1, "31.0"))

    assert "changed most in chemistry, by −1.0 points (physics left out: early shares are too high there)." in (
        field_movement(rows, ("2003–2007", "2016–2020"), {"Physics"})
    )


def test_movement_is_not_spoken_of_where_no_field_has_two_windows():
    assert field_movement((), ("2003–2007", "2016–2020")) == ""
    assert strengths_sentence("China", (), "2016–2020") == ""


SERIES = (edition("march", "2018–2022"), edition("june", "2018–2022"), edition("august", "2019–2023"))


def told(**leaders):
    """Leaders by edition, from `march={"a": CHINA}`; technologies are keyed by their letter's number."""
    return {
        slug: {ord(name): LeadTold(technology(name), Value(place, cited=CITED)) for name, place in found.items()}
        for slug, found in leaders.items()
    }


def test_lead_is_compared_with_the_last_edition_that_names_a_leader():
    leads = told(march={"a": STATES, "b": CHINA}, june={"b": CHINA}, august={"a": CHINA, "b": CHINA})

    (found,) = lead_changes(SERIES, leads)

    assert (found.before.slug, found.after.slug, [one.slug for one in found.silent]) == ("march", "august", ["june"])
    (row,) = change_rows([found], [STATES])
    assert (row.change, row.leader_before.content, row.leader_after.content, row.silent) == (
        "lost",
        STATES,
        CHINA,
        "June",
    )
    assert [row.change for row in change_rows([found], [CHINA])] == ["gained"]
    assert change_rows([found], [INDIA]) == ()
    # What one member takes from another, their bloc neither gains nor loses.
    assert change_rows([found], [CHINA, STATES]) == ()


def test_difference_between_editions_of_the_same_years_is_a_revision():
    leads = told(march={"a": CHINA}, june={"a": STATES})

    changes = tuple(lead_changes(SERIES, leads))
    june, august = lead_steps(SERIES, leads, changes, [STATES])

    assert [row.change for row in change_rows(changes, [STATES])] == ["revised"]
    assert (june.gained.content, june.lost.content, june.revised.content, june.compared.text) == (0, 0, 1, "1 of 4")
    # August names no leader: nothing can be said of it.
    assert (august.compared.text, august.gained.known, august.lost.known) == ("0 of 4", False, False)


def test_editions_are_not_listed_for_who_never_led():
    leads = told(march={"a": CHINA})

    assert lead_steps(SERIES, leads, (), [INDIA]) == ()


def test_rival_is_the_leader_of_most_technologies_that_is_no_member():
    leaders = [Value(CHINA), Value(CHINA), Value(STATES), Value()]

    assert rival_of([STATES], leaders) == CHINA
    assert rival_of([CHINA], leaders) == STATES
    assert rival_of([CHINA, STATES], leaders) is None
    assert compare_link(STATES, None) is None
    assert compare_link(STATES, CHINA, "e-1") == Link(
        "Compare the United States with China", "/compare/?side=us&side=cn&edition=e-1"
    )


def test_bloc_field_measures_the_sum_against_the_first_country_outside():
    now = [score(STATES, 1, "30.0"), score(CHINA, 2, "25.0"), score(INDIA, 3, "4.0")]
    then = [score(STATES, 1, "40.0"), score(INDIA, 9, "1.0")]

    row = bloc_field(technology("Physics"), [STATES, INDIA], now, then, "/members/")

    assert (row.share.text, row.share_first.text, row.change.text) == ("34.0", "41.0", "−7.0")
    assert (row.leader.content, row.outside.content, row.gap.text) == (STATES, CHINA, "9.0")
    assert (row.members_known.text, row.without) == ("2 of 2", "")


def test_bloc_field_says_at_least_and_compares_only_members_known_in_both_windows():
    now = [score(CHINA, 1, "25.0"), score(INDIA, 2, "4.0"), score(FRANCE, 3, "3.0")]

    row = bloc_field(technology("Physics"), [FRANCE, INDIA, GERMANY], now, [score(INDIA, 9, "1.0")], "/members/")

    assert (row.share.text, row.gap.text, row.without) == ("at least 7.0", "at least −18.0", "Germany")
    assert (row.change.text, row.change.note) == ("3.0", "Of 1 members: those with a value in both windows.")
    assert bloc_strengths([row], "2016–2020") == (
        "Added up and set against the leading country outside, its members stand best in physics (at least 7.0\u202f%, at "
        "most 18.0 points behind China), in 2016–2020."
    )
    assert bloc_movement([row], ("2003–2007", "2016–2020")) == (
        "Between 2003–2007 and 2016–2020 the sum of the shares of today's members, of those known in both, rose in the "
        "one research field with a value in both, physics (+3.0 points)."
    )


def test_bloc_fields_without_a_value_come_last():
    unknown = bloc_field(technology("Art"), [GERMANY], [score(CHINA, 1, "25.0")], [], "/members/")
    known = bloc_field(
        technology("Physics"), [CHINA], [score(CHINA, 1, "25.0"), score(INDIA, 2, "4.0")], [], "/members/"
    )

    assert bloc_from_strength_to_gap([unknown, known]) == (known, unknown)
    assert (unknown.share.known, unknown.gap.known, unknown.change.known) == (False, False, False)


@pytest.mark.parametrize(
    ("stated", "covered", "says"),
    [(4, 3, "4 technologies"), (None, 3, "3 technologies"), (None, 0, "the technologies")],
)
def test_number_of_technologies_is_the_stated_one_else_what_is_covered_else_left_out(stated, covered, says):
    march = replace(edition("march", "2018–2022"), technology_count=stated)

    assert of_technologies(march, covered) == f"{says} in the March edition"
