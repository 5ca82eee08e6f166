from decimal import Decimal
from pathlib import Path

import pytest

from tracker.ingest import ncses

HEADER = (
    "field,country,iso2,kind,year,articles_fractional,top1pct_share_of_own_output_pct,top1pct_note,ncses_table_ids"
)
GOOD = "Physics,Germany,DE,country,2003,12054.25,1.51,,9982 / 10034"


@pytest.fixture
def table(tmp_path):
    def write(*lines: str, header: str = HEADER) -> Path:
        path = tmp_path / "articles.csv"
        path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def places(tmp_path):
    def write(*lines: str) -> Path:
        path = tmp_path / "places.csv"
        path.write_text("\n".join(["source_name,code,reason", *lines, ""]), encoding="utf-8")
        return path

    return write


def test_row_with_all_values_keeps_the_published_digits(table):
    path = table("Physics,Germany,DE,country,2003,12054.20,1.50,,9982 / 10034")

    [row] = ncses.read_articles(path)

    assert row == ncses.ArticleRow(
        field="Physics",
        country="Germany",
        iso2="DE",
        kind="country",
        year=2003,
        articles=Decimal("12054.20"),
        top1_share=Decimal("1.50"),
        note="",
    )
    assert (str(row.articles), str(row.top1_share)) == ("12054.20", "1.50")


@pytest.mark.parametrize("mark", ["na", "ne"])
def test_row_with_a_mark_has_no_share(table, mark):
    path = table(f"Physics,Kosovo,XK,country,2003,0.5,,{mark},9982 / 10034")

    [row] = ncses.read_articles(path)

    assert row.top1_share is None
    assert row.note == mark


def test_row_after_the_last_cited_year_has_neither_share_nor_mark(table):
    path = table("Physics,Germany,DE,country,2021,12054.25,,,9982 / 10034")

    [row] = ncses.read_articles(path)

    assert row.top1_share is None
    assert row.note == ""


def test_row_of_an_aggregate_has_no_code(table):
    path = table("Physics,World,,aggregate,2003,146186.0,1.0,,9982 / 10034")

    [row] = ncses.read_articles(path)

    assert (row.country, row.kind, row.iso2) == (ncses.WORLD, "aggregate", "")


def test_row_with_a_comma_in_the_name_is_one_place(table):
    path = table('Physics,"Gambia, The",GM,country,2003,0.5,,ne,9982 / 10034')

    [row] = ncses.read_articles(path)

    assert row.country == "Gambia, The"


@pytest.mark.parametrize(
    ("damaged", "column", "reason"),
    [
        (",Germany,DE,country,2003,1.0,1.0,,1", "field", "empty"),
        ("Physics,,DE,country,2003,1.0,1.0,,1", "country", "empty"),
        ("Physics,Germany,Germany,country,2003,1.0,1.0,,1", "iso2", "two-letter"),
        ("Physics,Germany,DE,land,2003,1.0,1.0,,1", "kind", "neither country nor aggregate"),
        ("Physics,Germany,DE,country,03,1.0,1.0,,1", "year", "not a year"),
        ("Physics,Germany,DE,country,2003,,1.0,,1", "articles_fractional", "not a number"),
        ("Physics,Germany,DE,country,2003,-1.0,1.0,,1", "articles_fractional", "not a number"),
        ("Physics,Germany,DE,country,2003,NaN,1.0,,1", "articles_fractional", "not a number"),
        ('Physics,Germany,DE,country,2003,"1,0",1.0,,1', "articles_fractional", "decimal mark"),
        ("Physics,Germany,DE,country,2003,1.0,ne,,1", "top1pct_share_of_own_output_pct", "not a number"),
        ("Physics,Germany,DE,country,2003,1.0,100.1,,1", "top1pct_share_of_own_output_pct", "more than 100"),
        ("Physics,Germany,DE,country,2003,1.0,,nn,1", "top1pct_note", "not a mark"),
        ("Physics,Germany,DE,country,2003,1.0,1.0,ne,1", "top1pct_note", "although there is a share"),
        ("Physics,Germany,DE,country,2003", "", "5 cells, expected 9"),
        ("Physics,Germany,DE,country,2003,1.0,1.0,,1,more", "", "10 cells, expected 9"),
    ],
)
def test_damaged_line_names_file_line_column_and_reason(table, damaged, column, reason):
    path = table(GOOD, damaged)

    with pytest.raises(ncses.DamagedLineError) as caught:
        ncses.read_articles(path)

    assert (caught.value.path, caught.value.line, caught.value.column) == (path, 3, column)
    assert reason in caught.value.reason
    assert f"{path}, line 3" in str(caught.value)


def test_line_that_stands_twice_is_refused(table):
    path = table(GOOD, GOOD)

    with pytest.raises(ncses.DamagedLineError, match=r"line 3, column year: .* already on line 2"):
        ncses.read_articles(path)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(table):
    path = table(GOOD)
    path.write_bytes(path.read_bytes() + "Physics,Türkiye".encode("latin-1"))

    with pytest.raises(ncses.DamagedLineError, match="line 3: not UTF-8: byte 0xfc"):
        ncses.read_articles(path)


def test_unclosed_quote_is_refused(table):
    path = table(GOOD, 'Physics,"Gambia')

    with pytest.raises(ncses.DamagedLineError, match="line 3"):
        ncses.read_articles(path)


def test_header_of_another_table_is_refused(table):
    path = table(GOOD, header=HEADER.replace("year", "period"))

    with pytest.raises(ncses.DamagedLineError, match="line 1: the header"):
        ncses.read_articles(path)


def test_place_has_a_code_or_a_reason(places):
    path = places("Burma,MM,", "Serbia and Montenegro,,The code is withdrawn.")

    rules = ncses.read_places(path)

    assert rules["Burma"].code == "MM"
    assert rules["Serbia and Montenegro"] == ncses.PlaceRule("Serbia and Montenegro", "", "The code is withdrawn.")


@pytest.mark.parametrize(
    ("lines", "column", "reason"),
    [
        (("West Bank,PS,", "Gaza Strip,PS,"), "code", "PS is the code of West Bank already"),
        (("Burma,MM,", "Burma,,Twice."), "source_name", "a rule for this name already"),
        (("Burma,MM,", "Serbia and Montenegro,,"), "reason", "needs a written reason"),
        (("Burma,MM,", "Niger,NER,"), "code", "not a two-letter code"),
    ],
)
def test_place_with_a_doubtful_rule_is_refused(places, lines, column, reason):
    path = places(*lines)

    with pytest.raises(ncses.DamagedLineError) as caught:
        ncses.read_places(path)

    assert (caught.value.line, caught.value.column) == (3, column)
    assert reason in caught.value.reason


def test_place_rules_of_the_seed_cover_203_names_and_leave_two_out():
    path = Path(__file__).parents[2] / "fixtures" / "ncses_places.csv"

    rules = ncses.read_places(path)

    assert len(rules) == 203
    assert {name for name, rule in rules.items() if not rule.code} == {
        "Gaza Strip",
        "Serbia and Montenegro",
    }


def test_fields_are_fourteen():
    assert len(set(ncses.FIELDS.values())) == len(ncses.FIELDS) == 14
