"""What is said of controls in sentences: who takes part, how many goods are known, what is second-hand."""

from tracker.analysis.controls import (
    ItemRow,
    StateRow,
    control_sentence,
    goods_sentence,
    plural,
    states_sentences,
    warning,
)
from tracker.analysis.home import counted
from tracker.analysis.read_model import Place, Value

WATCHED = {"CN": "China", "RU": "Russia"}


def state(code, since="1996", until=""):
    return StateRow(Place(code, code), Value(since or None), until, "", "")


def test_it_is_said_plainly_who_takes_part_and_who_is_not_among_those_known():
    states = [*(state(f"{number:02}") for number in range(41)), state("RU")]

    assert states_sentences(states, 42, WATCHED) == (
        "42 participating states are known to us by name; a source states 42.",
        "China is not among the 42 participating states known to us.",
        "Russia takes part, since 1996.",
    )


def test_state_that_left_and_number_that_is_only_stated():
    assert states_sentences([state("CN"), state("RU", until="2022-03")], None, WATCHED) == (
        "1 participating state is known to us by name.",
        "China takes part, since 1996.",
        "Russia took part until March 2022.",
    )
    assert states_sentences([], 42, WATCHED) == (
        "A source states 42 participating states; none is known to us by name.",
    )
    assert states_sentences([], None, WATCHED) == ()


def test_goods_known_stand_beside_the_number_stated():
    items = [
        ItemRow(f"Tier {code}", Value("x"), "", counted(number, "/"), (), "", "")
        for code, number in (("1", 4), ("3.A", 1))
    ]

    assert goods_sentence(items, 50) == "5 goods are known to us: 4 in tier 1 and 1 in tier 3.A; a source states 50."
    assert "not stated" in goods_sentence(items, None)
    assert goods_sentence([], 50) == "A source states 50 goods; none is known to us."
    assert goods_sentence([], None) == ""


def test_sentence_of_a_control_says_which_date_it_has_or_that_none_is_known():
    said = ["22 organisations on it in our collection"]

    assert control_sentence("list of organisations", "US Department of Defense", ("2021-06-03", "", ""), said) == (
        "List of organisations issued by the US Department of Defense, dated 3 June 2021; 22 organisations on it in our "
        "collection."
    )
    assert control_sentence("multilateral regime", "Participating states", ("", "1996-07", ""), []) == (
        "Multilateral regime of participating states, in force since July 1996."
    )
    assert control_sentence("programme", "", ("", "", ""), []) == "Programme; its date is not known to us."


def test_plurals():
    assert [plural(kind) for kind in ("list of organisations", "policy", "national strategy", "sanctions package")] == [
        "lists of organisations", "policies", "national strategies", "sanctions packages",
    ]  # fmt: skip


def test_warning_counts_what_is_second_hand():
    rows = [StateRow(Place("X", "X"), Value(), "", "", mark) for mark in ("transcribed second-hand", "", "")]

    assert warning(rows, "states") == (
        "1 of these 3 states is transcribed second-hand: check the original before quoting."
    )
    assert warning(rows[:1], "states").startswith("Each of these rows is")
    assert warning(rows[1:], "states") == ""
