"""The sentence of a field: who led, who passed whom and when; and of the countries a reader chose."""

from decimal import Decimal

import pytest

from tracker.analysis.fields import chosen_sentence, field_sentence
from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.read_model import Place, Ranks, Value
from tracker.analysis.trajectory import crossover_rows

CHINA, STATES, JAPAN = Place("CN", "China"), Place("US", "United States"), Place("JP", "Japan")
WINDOWS = ("2003–2007", "2004–2008", "2005–2009")
SPACE = "\u202f"


def values(*shares):
    return [Value() if share is None else Value(Decimal(share), unit="%") for share in shares]


def standings(lines):
    """The standing of each window, ranks by share."""
    found = []
    for number in range(len(WINDOWS)):
        known = [(values[number].content, place) for place, values in lines.items() if values[number].known]
        rows = [
            ScoreRow("f", place, Ranks(rank, rank), share, "", None, None, "computed", "")
            for rank, (share, place) in enumerate(sorted(known, key=lambda pair: -pair[0]), start=1)
        ]
        found.append(standing(rows, None))
    return found


def said(**lines):
    places = {"cn": CHINA, "us": STATES, "jp": JAPAN}
    by_place = {places[code]: values(*shares) for code, shares in lines.items()}
    return field_sentence("physics", WINDOWS, standings(by_place), crossover_rows(WINDOWS, by_place))


def chosen(**lines):
    places = {"cn": CHINA, "us": STATES, "jp": JAPAN}
    by_place = {places[code]: values(*shares) for code, shares in lines.items()}
    return chosen_sentence("physics", WINDOWS, by_place, crossover_rows(WINDOWS, by_place))


def test_lead_that_changed_hands_has_its_two_windows():
    assert said(us=("30.0", "25.0", "20.0"), cn=("10.0", "20.0", "22.0")) == (
        f"The United States held 30.0{SPACE}% of the world's most cited articles in physics in 2003–2007; China passed it "
        f"between 2004–2008 and 2005–2009 and holds 22.0{SPACE}%, the United States 20.0{SPACE}%, in 2005–2009."
    )


def test_lead_that_passed_through_a_third_country_names_whom_the_leader_passed():
    text = said(us=("30.0", "10.0", "9.0"), jp=("20.0", "21.0", "22.0"), cn=("10.0", "20.0", "25.0"))

    assert "China passed Japan between 2004–2008 and 2005–2009 and holds" in text


def test_lead_over_an_unknown_window_is_passed_between_the_known_ones():
    text = said(us=("30.0", None, "20.0"), cn=("10.0", None, "22.0"))

    assert "China passed it between 2003–2007 and 2005–2009 and holds" in text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            {"cn": ("10.0", "15.0", "22.0"), "us": ("30.0", "25.0", "20.0")},
            f"Share of the world's most cited articles in physics in 2005–2009: China 22.0{SPACE}% and the United States "
            f"20.0{SPACE}%. China passed the United States between 2004–2008 and 2005–2009.",
        ),
        (
            {"cn": ("10.0", "15.0", "18.0"), "us": ("30.0", "25.0", "20.0")},
            f"Share of the world's most cited articles in physics in 2005–2009: the United States 20.0{SPACE}% and China "
            f"18.0{SPACE}%. Neither passed the other.",
        ),
        (
            {"jp": ("10.0", None, "8.0"), "cn": (None, None, None)},
            f"Japan held 10.0{SPACE}% in 2003–2007 and 8.0{SPACE}% in 2005–2009 of the world's most cited articles in "
            "physics.",
        ),
        (
            {"us": (None, "10.0", None)},
            "The United States has a share of the world's most cited articles in physics only in windows between "
            "2003–2007 and 2005–2009.",
        ),
        (
            {"jp": (None,) * 3, "us": (None,) * 3},
            "No share of Japan and the United States in physics is known to us.",
        ),
    ],
)
def test_sentence_of_chosen_countries(lines, text):
    assert chosen(**lines) == text


def test_sentence_of_withheld_shares_does_not_call_them_unknown():
    withheld = [Value(withheld=True)] * len(WINDOWS)

    assert chosen_sentence("physics", WINDOWS, {CHINA: withheld}, ()) == (
        "The share of China in physics is withheld or not known to us."
    )
