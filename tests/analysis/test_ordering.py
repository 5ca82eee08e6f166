from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.ordering import UnknownSortKey, ordered
from tracker.analysis.read_model import Link, Place, Ranks, Value


@dataclass(frozen=True)
class Row:
    name: str
    value: Value


def sorted_names(values, key="value"):
    return [row.name for row in ordered([Row(name, value) for name, value in values], key, Row)]


@pytest.mark.parametrize("key", ["value", "-value"])
def test_unknown_comes_last_either_way(key):
    rows = [("none", Value()), ("nine", Value(Decimal("9.5"))), ("ten", Value(Decimal("10")))]

    names = sorted_names(rows, key)

    assert names == (["nine", "ten", "none"] if key == "value" else ["ten", "nine", "none"])


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (Value("low"), Value("not high")),
        (Value("medium"), Value("high")),
        (Value(Ranks(1, 1)), Value(Ranks(1, 5))),
        (Value(Ranks(2, 2)), Value(Ranks(10, 10))),
        (Value(Place("CN", "China")), Value(Place("AU", "United States"))),
    ],
)
def test_words_and_ranks_sort_by_what_they_mean(low, high):
    assert sorted_names([("high", high), ("low", low)]) == ["low", "high"]


def test_unknown_key_names_the_columns_there_are():
    with pytest.raises(UnknownSortKey) as caught:
        ordered([Row("a", Value())], "-size", Row)

    assert caught.value.choices == ("name", "value")


def test_links_sort_by_their_text_whatever_the_case():
    @dataclass(frozen=True)
    class Linked:
        link: Link

    rows = [Linked(Link("beta", "/1")), Linked(Link("Alpha", "/2"))]

    assert [row.link.text for row in ordered(rows, "link", Linked)] == ["Alpha", "beta"]


def test_several_links_sort_by_the_first_and_none_comes_last():
    @dataclass(frozen=True)
    class Several:
        links: tuple[Link, ...]

    rows = [Several(()), Several((Link("Roscosmos", "/r"), Link("Alpha", "/a"))), Several((Link("CNSA", "/c"),))]

    assert [len(row.links) for row in ordered(rows, "links", Several)] == [1, 2, 0]


@given(st.lists(st.one_of(st.none(), st.decimals(0, 100, places=2)), max_size=20))
def test_sorting_loses_and_invents_no_row(contents):
    rows = [Row(str(number), Value(content)) for number, content in enumerate(contents)]

    assert sorted(row.name for row in ordered(rows, "-value", Row)) == sorted(row.name for row in rows)
