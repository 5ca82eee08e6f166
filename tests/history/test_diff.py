import pytest

from tracker.history.diff import FieldChange, diff, in_words

BEFORE = {
    "id": 1,
    "name": "Lasers",
    "category": {"id": 3, "key": "energy"},
    "note": "",
    "share": None,
    "featured": False,
}


def test_diff_of_equal_states_is_empty():
    assert diff(BEFORE, dict(BEFORE)) == ()


@pytest.mark.parametrize(
    ("column", "value", "change"),
    [
        ("name", "Laser", FieldChange("name", "Lasers", "Laser")),
        ("note", "x", FieldChange("note", None, "x")),
        ("name", "", FieldChange("name", "Lasers", None)),
        ("share", "48.490000", FieldChange("share", None, "48.490000")),
        ("featured", True, FieldChange("featured", "no", "yes")),
        ("category", {"id": 4, "key": "space"}, FieldChange("category", "energy", "space")),
        ("category", None, FieldChange("category", "energy", None)),
    ],
)
def test_diff_of_a_changed_column_is_in_words(column, value, change):
    assert diff(BEFORE, {**BEFORE, column: value}) == (change,)


def test_diff_of_a_new_record_names_every_filled_column():
    changes = diff(None, BEFORE)

    assert [change.field for change in changes] == ["name", "category", "note", "featured"]
    assert all(change.before is None for change in changes)


def test_diff_of_a_deleted_record_names_what_was_lost():
    changes = diff(BEFORE, None)

    assert {change.field: change.before for change in changes if change.before} == {
        "name": "Lasers",
        "category": "energy",
        "featured": "no",
    }


def test_diff_keeps_the_order_of_the_columns():
    after = {"id": 1, "name": "a", "young": "b", "category": None}

    assert [change.field for change in diff(BEFORE, after)] == ["name", "young", "category", "note", "featured"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, None), ("", None), (0, "0"), (False, "no"), (True, "yes"), ({"id": 1, "key": "a/b"}, "a/b"), ("x", "x")],
)
def test_value_in_words(value, words):
    assert in_words(value) == words
