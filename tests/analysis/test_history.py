"""Differences in words, and the rows of the twins."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.history import (
    ActShown,
    FieldDifference,
    RevisionShown,
    kind_counts,
    time_of,
    touched_words,
    word_difference,
)
from tracker.analysis.read_model import Link

LONG = "Documents reviewed by a newspaper describe cooperation since 2023 to localise a drone."


def marked(parts) -> list[str]:
    return [part.text.strip() for part in parts if part.differs]


def test_short_values_differ_as_a_whole():
    before, after = word_difference("48.49", "47.9")

    assert [(part.text, part.differs) for part in before + after] == [("48.49", True), ("47.9", True)]


def test_long_texts_differ_by_words():
    before, after = word_difference(LONG, LONG.replace("2023", "2022").replace("drone", "new drone"))

    assert marked(before) == ["2023"]
    assert marked(after) == ["2022", "new"]


def test_texts_with_little_in_common_differ_as_a_whole():
    before, after = word_difference(LONG, "Nothing of this kind was ever said by anybody, so far as we know today.")

    assert (len(before), len(after)) == (1, 1)


def test_empty_side_has_no_parts():
    assert word_difference("", LONG)[0] == ()
    assert word_difference("", "")[1] == ()


TEXTS = st.text(alphabet=st.sampled_from("ab \n"), max_size=120)


@given(TEXTS, TEXTS)
def test_parts_together_are_the_text(before, after):
    parts = word_difference(before, after)

    assert tuple("".join(part.text for part in side) for side in parts) == (before, after)
    if before == after:
        assert not any(part.differs for side in parts for part in side)


def revision(**values) -> RevisionShown:
    at = datetime.datetime(2026, 3, 1, 12, 5, tzinfo=datetime.UTC)
    act = ActShown(7, at, "Ada", "correction", "A reason", "web", 1, 2, "1 score", 1)
    how = {"kind": "score", "name": "China", "history": "/records/score/1/history/", "page": "", "action": "changed"}
    return RevisionShown(**{**how, "differences": (), "number": 3, "act": act, **values})


def test_revision_has_a_row_a_field():
    fields = (FieldDifference("share", "48", "47"), FieldDifference("note", "", "New"))

    rows = revision(differences=fields).rows

    assert [(row.revision, row.by, row.field, row.before, row.after) for row in rows] == [
        ("r3", "Ada", "share", "48", "47"),
        ("r3", "Ada", "note", "", "New"),
    ]
    assert rows[0].record == Link("China", "/records/score/1/history/")


@pytest.mark.parametrize(
    ("action", "sides"),
    [("created", ("", "withheld")), ("changed", ("withheld", "withheld")), ("deleted", ("withheld", ""))],
)
def test_withheld_revision_has_one_row_that_says_so(action, sides):
    (row,) = revision(action=action, withheld=True).rows

    assert (row.before, row.after) == sides


def test_revision_without_visible_fields_has_a_row_all_the_same():
    assert [row.field for row in revision().rows] == ["no field that readers see"]


def test_counts_by_kind_come_most_first_and_citations_last():
    links = {kind: Link(f"{kind}s", f"?kind={kind}") for kind in ("case", "citation", "score", "status")}
    found = [("citation", "created")] * 9 + [("score", "changed")] * 2 + [("case", "deleted")]

    rows = kind_counts(found, links)

    assert [(row.kind.text, row.created, row.changed, row.deleted) for row in rows] == [
        ("scores", 0, 2, 0),
        ("cases", 0, 0, 1),
        ("citations", 9, 0, 0),
    ]


def test_touched_words():
    assert touched_words([("score", "scores", 2), ("edition", "editions", 1)]) == "2 scores, 1 edition"


def test_time_is_said_in_utc():
    tokyo = datetime.timezone(datetime.timedelta(hours=9))

    assert time_of(datetime.datetime(2026, 3, 2, 8, 5, tzinfo=tokyo)) == "2026-03-01 23:05 UTC"
