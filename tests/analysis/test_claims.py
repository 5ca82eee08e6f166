"""Claims in two columns: what is asserted, and what answers it."""

import pytest

from tests.analysis.cooperation import cited
from tracker.analysis.claims import (
    EVIDENCE_WORDS,
    ClaimRow,
    Stance,
    claim_sides,
    evidence_words,
    sources_of_claim,
    stance_words,
)
from tracker.models import Claim


def claim(stance, speaker="A minister"):
    return ClaimRow(
        None, speaker, None, None, "2023-02", "", stance_words(stance), "Says so.", "", evidence_words("none"), "", "",
        sources_of_claim((cited(),), "/cases/one/"),
    )  # fmt: skip


def test_only_what_is_asserted_stands_in_the_first_column():
    rows = [claim(stance) for stance in ("denies", "asserts", "disputes", "declines")]

    sides = claim_sides(rows)

    assert [row.stance for row in sides.asserted] == ["asserts"]
    assert [row.stance for row in sides.answered] == ["denies", "disputes"]
    assert sides.sentence == "1 statement asserts it, 1 declines to show evidence; 1 disputes it and 1 denies it."


def test_evidence_that_is_declined_stands_with_what_is_asserted_and_is_no_answer():
    sides = claim_sides([claim("asserts"), claim("declines")])

    assert [row.stance for row in sides.declined] == ["declines to show evidence"]
    assert sides.sentence == "1 statement asserts it, 1 declines to show evidence; we know of no answer to it."


def test_claim_without_an_answer_is_said_to_have_none_known():
    assert (
        claim_sides([claim("asserts"), claim("asserts")]).sentence
        == "2 statements assert it; we know of no answer to it."
    )


def test_answer_to_what_nobody_asserts_stands_alone():
    assert claim_sides([claim("denies"), claim("denies")]).sentence == "2 deny it."


def test_nothing_said_is_no_sentence():
    sides = claim_sides([])

    assert (sides.any, sides.sentence) == (False, "")


def test_every_stance_and_evidence_of_the_record_has_words():
    assert {stance_words(stance) for stance in Claim.Stance.values} == {stance_words(stance) for stance in Stance}
    assert set(EVIDENCE_WORDS) == set(Claim.Evidence.values)


def test_stance_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="guesses"):
        stance_words("guesses")


def test_sources_of_a_claim_are_counted_and_named():
    value = sources_of_claim((cited("one"), cited("other")), "/cases/one/")

    assert (value.content, len(value.cited)) == (2, 2)
    assert sources_of_claim((), "/cases/one/").content == 0


def test_sources_of_a_claim_that_may_not_be_shown_are_not_counted():
    value = sources_of_claim((cited("one"), cited("other", withheld=True)), "/cases/one/")

    assert (value.content, [one.source.key for one in value.cited]) == (1, ["one"])
