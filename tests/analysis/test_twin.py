from dataclasses import dataclass
from decimal import Decimal

import pytest

from tracker.analysis.read_model import (
    Cited,
    Link,
    PageModel,
    Place,
    Ranks,
    SourceRef,
    TableData,
    Value,
    long_date,
    published,
    written,
)
from tracker.analysis.twin import as_csv, as_json, guarded, plain

SOURCE = SourceRef("guard", "A title", "The Guardian", "2023-03-02", "secondary", "/sources/guard/")
CHINA = Place("CN", "China", "/countries/cn/")


@dataclass(frozen=True)
class Row:
    technology: Link
    leader: Value
    share: Value
    firmness: str


def page(*rows):
    return PageModel(title="T", sentence="S.", address="/t/", tables=(TableData("t", "Caption", rows, Row),))


FULL = Row(
    Link("Coatings", "/technologies/coatings/"),
    Value(CHINA, basis="stated", cited=(Cited(SOURCE),)),
    Value(Decimal("4.0"), unit="%", bound="about", basis="derived", cited=(Cited(SOURCE, stated_value="4.1"),)),
    "clear",
)
EMPTY = Row(Link("Radar", "/technologies/radar/"), Value(), Value(), "unknown")


def test_csv_gives_values_with_basis_and_sources():
    header, full, empty = as_csv(page(FULL, EMPTY).tables[0]).splitlines()

    assert header == (
        "technology,technology_address,leader,leader_name,leader_basis,leader_sources,"
        "share,share_bound,share_basis,share_sources,firmness"
    )
    assert full == "Coatings,/technologies/coatings/,CN,China,stated,guard,4.0,about,derived,guard,clear"
    assert empty == "Radar,/technologies/radar/,,,,,,,,,unknown"


def test_json_keeps_digits_and_lists_each_source_once():
    body = as_json(page(FULL, EMPTY))

    row = body["tables"]["t"]["rows"][0]
    assert str(row["share"]["value"]) == "4.0"
    assert row["share"]["sources"] == [{"source": "guard", "stated_value": "4.1"}]
    assert row["leader"]["value"] == {"code": "CN", "name": "China", "kind": "country"}
    assert body["tables"]["t"]["rows"][1]["share"] == {"value": None}
    assert [source["key"] for source in body["sources"]] == ["guard"]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd", "@sum", "\tx", "\rx"])
def test_formula_is_guarded(cell):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.5", "37", "China", ""])
def test_number_or_plain_text_is_left_alone(cell):
    assert guarded(cell) == cell


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (Decimal("4.0"), "4.0"), (None, ""), (True, "yes"), (Ranks(1, 5), "1-5"), (Ranks(2, 2), "2"), (CHINA, "CN"),
        (Value(Decimal("12.80")), "12.80"), (("a", "b"), "a; b"),
    ],
)  # fmt: skip
def test_plain_text_of_a_cell(content, text):
    assert plain(content) == text


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2019", "2019"), ("2019-06", "June 2019"), ("2019-06-05", "5 June 2019"), ("after 2024", "after 2024"),
        ("", ""), ("2024/2025", "2024/2025"),
    ],
)  # fmt: skip
def test_long_date_never_says_more_than_is_known(date, words):
    assert long_date(date) == words


def test_numbers_keep_published_digits():
    assert written(published(Decimal("4.000000"), 1)) == "4.0"
    assert written(published(Decimal("48.490000"), 2)) == "48.49"
    assert written(1234567) == "1\u202f234\u202f567"
    assert published(None, None) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Value(), "unknown"), (Value(withheld=True), "withheld"), (Value(Decimal("60"), bound="about"), "about 60"),
        (Value(CHINA), "China"), (Value(Ranks(1, 5)), "top 5"), (Value(Ranks(3, 5)), "3–5"), (Value(19, out_of=23), "19 of 23"),
    ],
)  # fmt: skip
def test_value_in_words(value, text):
    assert value.text == text


def test_several_links_stand_in_one_cell_and_their_addresses_in_another():
    @dataclass(frozen=True)
    class Several:
        parties: tuple[Link, ...]

    rows = (Several((Link("Roscosmos", "/organisations/roscosmos/"), Link("not named", ""))), Several(()))

    assert as_csv(TableData("t", "Caption", rows, Several)).splitlines() == [
        "parties,parties_address", "Roscosmos; not named,/organisations/roscosmos/; ", ",",
    ]  # fmt: skip
