from decimal import Decimal
from pathlib import Path

import pytest

from tracker.ingest.table_file import (
    Column,
    FileRefused,
    Row,
    TableFormat,
    decimal,
    keys,
    partial_date,
    read_table,
    text,
    whole,
    yes,
)

LAYOUT = TableFormat(
    "scores",
    (
        Column("country", text, required=True),
        Column("year", whole),
        Column("share", decimal),
        Column("date", partial_date),
        Column("featured", yes),
        Column("sources", keys),
        Column("note", text),
    ),
    ("country", "year"),
)
HEADER = "country,year,share,date,featured,sources,note"
GOOD = "CN,2019,48.49,2019-06,yes,a b,Words"


@pytest.fixture
def table(tmp_path):
    def write(*lines: str | bytes, header: str | bytes = HEADER, end: bytes = b"\n") -> Path:
        path = tmp_path / "scores.csv"
        parts = [part if isinstance(part, bytes) else part.encode() for part in (header, *lines)]
        path.write_bytes(b"".join(part + end for part in parts))
        return path

    return write


def refused(path: Path) -> list[str]:
    with pytest.raises(FileRefused) as caught:
        read_table(path, LAYOUT)
    assert str(caught.value) == "\n".join(str(error) for error in caught.value.errors)
    return [str(error) for error in caught.value.errors]


# What is read


def test_row_has_typed_values_and_its_line(table):
    (row,) = read_table(table(GOOD), LAYOUT)

    assert row == Row(
        2,
        {
            "country": "CN",
            "year": 2019,
            "share": Decimal("48.49"),
            "date": "2019-06",
            "featured": True,
            "sources": ("a", "b"),
            "note": "Words",
        },
    )


def test_empty_cells_are_none_or_empty_text(table):
    (row,) = read_table(table("CN,,,,,,"), LAYOUT)

    assert list(row.values.values()) == ["CN", None, None, "", False, (), ""]


def test_digits_are_kept_as_written(table):
    rows = read_table(table("CN,1,4.0,,,,", "US,1,73,,,,", "IN,1,0.10,,,,"), LAYOUT)

    assert [str(row.values["share"]) for row in rows] == ["4.0", "73", "0.10"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_breaks_of_either_sort_are_read(table, end):
    rows = read_table(table(GOOD, "US,2019,,,,,", end=end), LAYOUT)

    assert [(row.line, row.values["country"], row.values["note"]) for row in rows] == [
        (2, "CN", "Words"),
        (3, "US", ""),
    ]


def test_quoted_cell_may_hold_commas_quotes_and_line_breaks(table):
    rows = read_table(table('CN,1,,,,,"a, ""b""\nc"', "US,1,,,,,"), LAYOUT)

    assert [(row.line, row.values["note"]) for row in rows] == [(2, 'a, "b"\nc'), (4, "")]


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0b", "\x0c", "\x1c"])
def test_cell_may_hold_what_python_takes_for_a_line_break(table, mark):
    rows = read_table(table(f"CN,1,,,,,a{mark}b", "US,1,,,,,"), LAYOUT)

    assert [(row.line, row.values["note"]) for row in rows] == [(2, f"a{mark}b"), (3, "")]


def test_spaces_around_a_cell_are_dropped(table):
    (row,) = read_table(table(" CN , 2019 , 1.5 ,,, a  b ,"), LAYOUT)

    assert (row.values["country"], row.values["year"], row.values["sources"]) == ("CN", 2019, ("a", "b"))


def test_file_with_a_header_only_has_no_rows(table):
    assert read_table(table(), LAYOUT) == ()


def test_last_line_needs_no_line_break(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(f"{HEADER}\n{GOOD}", encoding="utf-8")

    assert len(read_table(path, LAYOUT)) == 1


# What is refused: the file as a whole


def test_missing_file_is_refused(tmp_path):
    assert refused(tmp_path / "scores.csv") == ["scores.csv, line 1: the file is missing."]


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n"])
def test_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "scores.csv"
    path.write_bytes(content)

    assert refused(path) == ["scores.csv, line 1: the file is empty."]


def test_byte_order_mark_is_refused(table):
    path = table(GOOD, header="\ufeff" + HEADER)

    assert refused(path) == ["scores.csv, line 1: starts with a byte order mark: save it as UTF-8 without one."]


@pytest.mark.parametrize("spoilt", [b"CN,1,,,,,Z\xfcrich", b"CN,1,,,,,\xff", "CN,1,,,,,ü".encode("utf-16")])
def test_text_that_is_not_utf_8_is_refused_with_its_line(table, spoilt):
    path = table(GOOD, spoilt)

    assert refused(path) == ["scores.csv, line 3: is not UTF-8 text here."]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("country,year,share,date,featured,sources", "the header lacks note."),
        ("country,year", "the header lacks share, date, featured, sources, note."),
        (f"{HEADER},extra", "the header has unknown columns: extra."),
        (f"{HEADER},", "the header has unknown columns: ."),
        ("Country,year,share,date,featured,sources,note", "the header lacks country."),
        (
            "year,country,share,date,featured,sources,note",
            "the columns must stand in this order: country, year, share, date, featured, sources, note.",
        ),
        (
            f"{HEADER},note",
            "the columns must stand in this order: country, year, share, date, featured, sources, note.",
        ),
        (
            HEADER.replace(",", ";"),
            "the header lacks country, year, share, date, featured, sources, note.",
        ),
    ],
)
def test_another_header_is_refused(table, header, reason):
    assert refused(table(GOOD, header=header)) == [f"scores.csv, line 1: {reason}"]


# What is refused: a line


@pytest.mark.parametrize(("line", "count"), [("CN,2019", 2), (f"{GOOD},more", 8), ("", 0), ("CN;2019;;;;;", 1)])
def test_line_with_another_number_of_cells_is_refused(table, line, count):
    path = table(GOOD, line, "US,2019,,,,,")

    assert refused(path) == [f"scores.csv, line 3: has {count} cells instead of 7."]


def test_quote_that_is_never_closed_is_refused_at_its_line(table):
    (error,) = refused(table(GOOD, 'US,2019,,,,,"open', "IN,2019,,,,,"))

    assert error == "scores.csv, line 3: cannot be read as CSV: unexpected end of data."


def test_quote_that_is_closed_inside_a_cell_is_refused(table):
    (error,) = refused(table(GOOD, 'US,2019,,,,,"a" b'))

    assert error == "scores.csv, line 3: cannot be read as CSV: ',' expected after '\"'."


def test_cell_of_enormous_length_is_refused(table):
    (error,) = refused(table(GOOD, f"US,2019,,,,,{'x' * 140_000}"))

    assert error.startswith("scores.csv, line 3: cannot be read as CSV: field larger than field limit")


@pytest.mark.parametrize(
    ("first", "second"),
    [("CN,2019,1,,,,", "CN,2019,2,,,,"), ("CN,2019,,,,,", " CN ,02019,,,,,"), ("CN,,,,,,", "CN,,,,,,x")],
)
def test_key_that_stands_twice_is_refused(table, first, second):
    (error,) = refused(table(first, "US,2019,,,,,", second))

    assert error.startswith("scores.csv, line 4: “CN/")
    assert error.endswith("stands already in line 2.")


def test_lines_after_a_cell_of_two_lines_are_counted_as_an_editor_counts(table):
    errors = refused(table('CN,1,,,,,"a\nb"', "US,x,,,,,"))

    assert errors == ["scores.csv, line 4, column year: “x” is not a whole number of 0 or more."]


# What is refused: a cell


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        (",2019,,,,,", "country", "", "must be filled."),
        ("  ,2019,,,,,", "country", "", "must be filled."),
        ("CN,20 19,,,,,", "year", "20 19", "is not a whole number of 0 or more."),
        ("CN,-1,,,,,", "year", "-1", "is not a whole number of 0 or more."),
        ("CN,1.0,,,,,", "year", "1.0", "is not a whole number of 0 or more."),
        ("CN,1234567890,,,,,", "year", "1234567890", "is not a whole number of 0 or more."),
        ("CN,２０１９,,,,,", "year", "２０１９", "is not a whole number of 0 or more."),
        (
            'CN,1,"48,49",,,,',
            "share",
            "48,49",
            "is not a number such as 48.49 (a point before the decimals, no unit).",
        ),
        ("CN,1,48 %,,,,", "share", "48 %", "is not a number such as 48.49 (a point before the decimals, no unit)."),
        ("CN,1,-1,,,,", "share", "-1", "is not a number such as 48.49 (a point before the decimals, no unit)."),
        ("CN,1,1e3,,,,", "share", "1e3", "is not a number such as 48.49 (a point before the decimals, no unit)."),
        ("CN,1,nan,,,,", "share", "nan", "is not a number such as 48.49 (a point before the decimals, no unit)."),
        ("CN,1,.5,,,,", "share", ".5", "is not a number such as 48.49 (a point before the decimals, no unit)."),
        ("CN,1,,2019-6,,,", "date", "2019-6", "is not a date such as 2019, 2019-06 or 2019-06-05."),
        ("CN,1,,5 June 2019,,,", "date", "5 June 2019", "is not a date such as 2019, 2019-06 or 2019-06-05."),
        ("CN,1,,2019-02-30,,,", "date", "2019-02-30", "is not in the calendar."),
        ("CN,1,,2019-13,,,", "date", "2019-13", "is not in the calendar."),
        ("CN,1,,,Yes,,", "featured", "Yes", "is neither “yes” nor empty."),
        ("CN,1,,,,a b a,", "sources", "a b a", "names something twice."),
    ],
)
def test_cell_that_cannot_be_read_is_refused(table, line, column, value, reason):
    with pytest.raises(FileRefused) as caught:
        read_table(table("US,1,,,,,", line), LAYOUT)

    (error,) = caught.value.errors
    assert (error.file, error.line, error.column, error.value, error.reason) == (
        "scores.csv",
        3,
        column,
        value,
        reason,
    )


def test_null_byte_is_refused_with_its_column(table):
    assert refused(table("CN,1,,,,,a\x00b")) == ["scores.csv, line 2, column note: holds a null byte."]


def test_every_error_of_a_file_is_reported(table):
    errors = refused(table("CN,x,y,,,,", "US,1", ",1,,,,,", "IN,1,,,,,", "IN,1,,,,,"))

    assert errors == [
        "scores.csv, line 2, column year: “x” is not a whole number of 0 or more.",
        "scores.csv, line 2, column share: “y” is not a number such as 48.49 (a point before the decimals, no unit).",
        "scores.csv, line 3: has 2 cells instead of 7.",
        "scores.csv, line 4, column country: must be filled.",
        "scores.csv, line 6: “IN/1” stands already in line 5.",
    ]


def test_long_value_is_shown_in_part(table):
    (error,) = refused(table(f"CN,{'9' * 200},,,,,"))

    assert error == f"scores.csv, line 2, column year: “{'9' * 80}” is not a whole number of 0 or more."
