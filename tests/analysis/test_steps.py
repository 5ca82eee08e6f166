"""A technology from edition to edition: what became of the lead, never from one series to another."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.read_model import Place, Ranks
from tracker.analysis.steps import EditionStanding, step, steps

CHINA, STATES = Place("CN", "China"), Place("US", "United States")


def score(place, rank, share=None):
    known = None if share is None else Decimal(share)
    return ScoreRow("t", place, Ranks(rank, rank), known, "", None, None, basis="stated", note="")


def edition(name, years, first=None, second=None, *, leader=CHINA, series="s", main=True):
    """A technology that `leader` leads with shares `first` and `second`; first "": only the rank is known."""
    other = STATES if leader == CHINA else CHINA
    rows = [] if first is None else [score(leader, 1, first or None)] + ([score(other, 2, second)] if second else [])
    return EditionStanding(series, name, years, main, standing(rows, None))


MARCH = edition("March 2023", "2018–2022", "44.1", "24.0")


@pytest.mark.parametrize(
    ("now", "word", "said"),
    [
        (
            edition("August 2024", "2019–2023", "48.0", "24.0"), "extended",
            "Since March 2023 China extended its lead from 20.1 to 24.0 points.",
        ),
        (
            edition("August 2024", "2019–2023", "42.0", "24.0"), "narrowed",
            "Since March 2023 China stayed ahead, but its lead narrowed from 20.1 to 18.0 points.",
        ),
        (
            edition("August 2024", "2019–2023", "45", "24"), "held",
            "Since March 2023 China held its lead, as far as the published digits tell: from 20.1 to 21 points.",
        ),
        (
            edition("August 2024", "2019–2023", "48.0"), "held",
            "Since March 2023 China kept the lead; its share went from 44.1 to 48.0\u202f%, its lead over the second "
            "is not known to us in both.",
        ),
        (
            edition("August 2024", "2019–2023", ""), "held",
            "Since March 2023 China kept the lead; by how much is not known to us in both.",
        ),
        (
            edition("August 2024", "2019–2023", "48.0", "24.0", leader=STATES), "changed hands",
            "Changed hands since March 2023: the United States took the lead from China.",
        ),
        (
            edition("June 2023", "2018–2022", "45.0", "24.0"), "revised",
            "Revised since March 2023: both editions speak of 2018–2022; the leader's share from 44.1 to 45.0\u202f%.",
        ),
        (
            edition("June 2023", "2018–2022", "45.0", "24.0", leader=STATES), "revised",
            "Revised since March 2023: both editions speak of 2018–2022; the leader from China to the United States, "
            "the leader's share from 44.1 to 45.0\u202f%, the second from the United States to China.",
        ),
        (
            edition("June 2023", "2018–2022", "44", "24.0"), "as before",
            "As in March 2023: both editions speak of 2018–2022.",
        ),
    ],
)  # fmt: skip
def test_step_says_what_became_of_the_lead(now, word, said):
    found = step(MARCH, now)

    assert (found.word, found.said) == (word, said)


def test_editions_of_different_series_have_no_step():
    with pytest.raises(ValueError, match="different series"):
        step(MARCH, edition("2003–2007", "2003–2007", "10.0", series="other"))


def test_each_series_begins_anew():
    found = steps(
        [MARCH, edition("One", "2010", "20.0", "10.0", series="other"), edition("June", "2019–2023", "50.0")]
    )

    assert [one.word for one in found] == ["", "", "held"]
    assert "March 2023" in found[2].said


def test_step_is_from_the_last_edition_that_names_a_leader():
    found = steps([MARCH, edition("June 2023", "2018–2022"), edition("August 2024", "2019–2023", "48.0", "24.0")])

    assert [one.word for one in found] == ["", "not known", "extended"]
    assert found[2].said.startswith("Since March 2023 China")


def test_step_from_editions_that_name_no_leader_is_not_known():
    found = steps([edition("March 2023", "2018–2022"), edition("August 2024", "2019–2023", "48.0")])

    assert [(one.word, one.said) for one in found] == [
        ("", "The first edition of its series that covers it."),
        ("not known", "Not known: no earlier edition is known to us to name a leader."),
    ]


def test_earlier_window_of_an_edition_is_no_step_and_none_is_taken_from_it():
    early = edition("August 2024", "2003–2007", "10.0", "5.0", leader=STATES, main=False)
    found = steps(
        [MARCH, edition("August 2024", "2019–2023", "48.0", "24.0"), early, edition("2025", "2020–2024", "")]
    )

    assert [one.word for one in found] == ["", "extended", "", "held"]


EDITION = st.builds(
    lambda series, year, first, second, leader, main: edition(
        str(year), f"{year}–{year + 4}", first, second, leader=leader, series=series, main=main
    ),
    st.sampled_from("ab"), st.integers(2000, 2003), st.sampled_from([None, "", "30.0", "31.5"]),
    st.sampled_from([None, "20.0", "21.4"]), st.sampled_from([CHINA, STATES]), st.booleans(),
)  # fmt: skip


@given(st.lists(EDITION, max_size=8))
def test_steps_of_one_series_do_not_depend_on_another(standings):
    found = steps(standings)

    for series in "ab":
        own = [number for number, one in enumerate(standings) if one.series == series]
        assert steps([standings[number] for number in own]) == tuple(found[number] for number in own)
