from decimal import Decimal

import pytest

from tracker.analysis.blocs import bloc_share
from tracker.analysis.fields import leader_changes
from tracker.analysis.home import ChangeRow, LeaderRow, headline, merged_changes
from tracker.analysis.leadership import ScoreRow, change, share_value, standing
from tracker.analysis.read_model import EditionRef, Link, Place, Ranks, Value
from tracker.analysis.technologies import standing_sentence

CHINA, STATES = Place("CN", "China"), Place("US", "United States")
EDITION = EditionRef(
    "e", "March 2023", "s", "S", "%", "2023-03-01", "2018–2022", "published", "technology", True, 44, "/e/"
)


def leader(place, count):
    return LeaderRow(place, Value(count), Value(), Value(), Value(), Value(), Value())


def score(place, rank, share=None):
    return ScoreRow("t", place, Ranks(rank, rank), share and Decimal(share), "", None, None, "stated", "")


@pytest.mark.parametrize(
    ("leaders", "unknown", "sentence"),
    [
        (
            [leader(CHINA, 37), leader(STATES, 7)], 0,
            "China leads 37 and the United States 7 of 44 technologies in the March 2023 edition.",
        ),
        (
            [leader(STATES, 3)], 41,
            "The United States leads at least 3 of 44 technologies in the March 2023 edition; the leader of 41 is not "
            "known to us.",
        ),
        ([], 44, "Who leads in the 44 technologies of the March 2023 edition is not known to us."),
    ],
)  # fmt: skip
def test_headline_says_what_rows_tell(leaders, unknown, sentence):
    assert headline(leaders, unknown, 44, EDITION) == sentence


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ([], "is not known to us"),
        ([score(CHINA, 1)], "its share is not known to us"),
        ([score(CHINA, 1), score(STATES, 2)], "the United States is second. Their shares are not known to us"),
        ([score(CHINA, 1, "25"), score(STATES, 2, "24")], "too close to call"),
        ([score(STATES, 1, "37")], "The United States leads"),
    ],
)
def test_standing_sentence_says_how_much_is_known(scores, says):
    assert says in standing_sentence("Coatings", standing(scores, None), EDITION)


def test_lead_that_changes_hands_is_found_over_an_unknown_window():
    windows = ["2003–2007", "2004–2008", "2005–2009", "2006–2010"]

    assert leader_changes(windows, [STATES, None, CHINA, CHINA]) == (("2005–2009", STATES, CHINA),)


def test_change_is_unknown_where_one_window_is():
    before, after = share_value(score(CHINA, 3, "8.44")), share_value(score(CHINA, 1, "36.4"))

    assert not change(share_value(None), after).known
    assert not change(Value(Decimal("8.4"), bound="at least"), after).known
    assert change(before, after).content == Decimal("28.0")


def test_bloc_share_says_at_least_where_a_member_is_unknown():
    share, known, without = bloc_share([CHINA, STATES], {CHINA: score(CHINA, 1, "36.4")})

    assert (share.text, known, without) == ("at least 36.4", 1, (STATES,))


def test_bloc_share_of_one_country_is_that_country():
    share, known, without = bloc_share([CHINA], {CHINA: score(CHINA, 1, "36.40")})

    assert (share.text, known, without) == ("36.40", 1, ())


def test_bloc_share_of_unknown_members_is_unknown():
    share, known, without = bloc_share([CHINA], {})

    assert (share.known, known, without) == (False, 0, (CHINA,))


def test_bloc_share_of_several_has_the_decimals_of_its_coarsest_part():
    share, _, _ = bloc_share([CHINA, STATES], {CHINA: score(CHINA, 1, "5.17"), STATES: score(STATES, 2, "19.34")})

    assert share.text == "24.51"


def test_acts_that_follow_each_other_stand_in_one_line():
    loaded = [
        ChangeRow("2026-11-21", "Seed loader", "new edition", Link(note, f"/{note}/"), 10)
        for note in ("third", "second", "first")
    ]
    edited = ChangeRow("2026-11-21", "Ada", "correction", Link("A share.", "/share/"), 1)

    changes = merged_changes([loaded[0], loaded[1], edited, loaded[2]], 2)

    assert changes == (
        ChangeRow("2026-11-21", "Seed loader", "new edition", Link("2 acts, the last: third", "/third/"), 20),
        edited,
    )
