from decimal import Decimal

import pytest

from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.matrix import Known, cell, column_name, columns_of, heat, known_cells, measured
from tracker.analysis.read_model import Place, Ranks, Value

CHINA, STATES, INDIA = Place("CN", "China"), Place("US", "United States"), Place("IN", "India")
UNION = Place("eu", "European Union", kind="bloc")


def score(place, share=None, ranks=None, *, bound="", withheld=False):
    return ScoreRow(
        "a",
        place,
        ranks,
        None if share is None else Decimal(share),
        bound,
        None,
        None,
        "stated",
        "",
        withheld=withheld,
    )


def known(*scores):
    return known_cells(scores, standing(scores, None))


def test_ratio_of_the_leader_is_one_and_of_others_as_precise_as_the_coarser_share():
    cells = known(
        score(CHINA, "65.4", Ranks(1, 1)), score(STATES, "12", Ranks(2, 2)), score(INDIA, None, Ranks(3, 3))
    )

    leader = cells[CHINA]
    assert [str(measured("ratio", cells[place], leader).content) for place in (CHINA, STATES, INDIA)] == [
        "1", "0.18", "None",
    ]  # fmt: skip


def test_ratio_of_a_share_that_rounds_to_nothing_is_a_plain_zero():
    cells = known(score(CHINA, "36.4", Ranks(1, 1)), score(STATES, "0.000", Ranks(2, 2)))

    assert str(measured("ratio", cells[STATES], cells[CHINA]).content) == "0"


def test_ratio_is_unknown_where_the_leaders_share_is():
    cells = known(score(CHINA, None, Ranks(1, 1)), score(STATES, "12", Ranks(2, 2)))

    shown = cell("ratio", cells[STATES], cells[CHINA])

    assert not shown.known
    assert (shown.instead, shown.note) == ("2nd", "Its share is 12\u202f%; the leader's is not known to us.")


def test_ratio_of_a_bounded_share_is_about():
    cells = known(score(CHINA, "60", Ranks(1, 1), bound="about"), score(STATES, "12", Ranks(2, 2)))

    assert measured("ratio", cells[STATES], cells[CHINA]).bound == "about"
    assert measured("ratio", cells[CHINA], cells[CHINA]).bound == ""


def test_ratio_with_a_withheld_share_is_withheld():
    cells = known(score(CHINA, None, Ranks(1, 1), withheld=True), score(STATES, "12", Ranks(2, 2)))

    assert measured("ratio", cells[STATES], cells[CHINA]).withheld
    assert cells[CHINA].withheld
    assert not cells[CHINA].leads


def test_place_of_which_neither_share_nor_rank_is_known_has_no_cell():
    assert known(score(CHINA)) == {}


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (Value(Decimal("40.0"), unit="%"), 5), (Value(Decimal("39.9"), unit="%"), 4),
        (Value(Decimal("0.9"), unit="%"), 0), (Value(Decimal(1)), 5), (Value(Decimal("0.49")), 3),
        (Value(Ranks(1, 1)), 5), (Value(Ranks(2, 2)), 4), (Value(Ranks(1, 5)), 2), (Value(Ranks(11, 11)), 0),
        (Value(), 0),
    ],
)  # fmt: skip
def test_tint_grows_with_the_value(value, step):
    assert heat(value) == step


def test_columns_come_by_what_is_known_then_leads_then_share_and_blocs_last():
    rows = [
        known(score(CHINA, "30", Ranks(1, 1)), score(STATES, "20", Ranks(2, 2)), score(UNION, "25", Ranks(1, 1))),
        known(score(CHINA, "10", Ranks(2, 2)), score(STATES, "40", Ranks(1, 1)), score(UNION, "25", Ranks(1, 1))),
        known(score(INDIA, "10", Ranks(1, 1)), score(UNION, "25", Ranks(1, 1))),
    ]

    assert [column.name for column in columns_of(rows)] == ["US", "CN", "IN", "EU"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (INDIA, "IN"), (UNION, "EU"), (Place("five-eyes", "Five Eyes", kind="bloc"), "FIVE_EYES"),
        (Place("au", "African Union", kind="bloc"), "BLOC_AU"), (Place("5-eyes", "Five Eyes", kind="bloc"), "BLOC_5_EYES"),
    ],
)  # fmt: skip
def test_column_is_named_by_code_and_no_bloc_takes_a_countrys(place, name):
    assert column_name(place) == name


@pytest.mark.parametrize(
    ("ranks", "words"),
    [
        (Ranks(1, 1), "1st"),
        (Ranks(2, 2), "2nd"),
        (Ranks(11, 11), "11th"),
        (Ranks(23, 23), "23rd"),
        (Ranks(1, 5), "top 5"),
    ],
)
def test_rank_is_written_as_an_ordinal(ranks, words):
    assert ranks.ordinal == words


def test_cell_without_a_share_names_the_rank_that_is_known():
    shown = cell("share", Known(rank=Value(Ranks(1, 5))), Known())

    assert (shown.content, shown.instead, shown.note) == (None, "top 5", "Only its rank is known to us: top 5.")
