"""Files that people send: read right, or refused in words with the place."""

import codecs
import csv
import datetime
import io
import random
import re
import struct
import tracemalloc
import zipfile
from itertools import islice

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.ingest import sheet_row, xlsx_file
from tracker.ingest.csv_file import guarded, without_guard, would_calculate
from tracker.ingest.passing_file import passing_file
from tracker.ingest.sheet_file import (
    FileRefused,
    Reading,
    ReadOtherwise,
    Wish,
    Workbook,
    header,
    look,
    rows,
    with_errors,
    write_csv,
)
from tracker.ingest.sheet_row import RawRow

LINES = "Country,Share,Released\nCN,48.49,2019\nUS,16.40,2019-06\n"


@pytest.fixture
def file(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path, wanted=None):
    """(header, the rows' cells) as found by looking."""
    seen = look(path, path.name, wanted)
    assert header(path, seen.reading) == seen.header
    found = list(rows(path, seen.reading))
    assert tuple(found[:20]) == seen.sample
    return seen.header, [row.cells for row in found]


def refused(path, wanted=None):
    with pytest.raises(FileRefused) as caught:
        list(rows(path, look(path, path.name, wanted).reading))
    return str(caught.value)


@pytest.fixture
def workbook(tmp_path):
    """Writes a workbook with a function that is given (XlsxWriter's workbook, its first sheet)."""

    def write(fill, name="table.xlsx", **options):
        path = tmp_path / name
        with xlsxwriter.Workbook(path, options) as book:
            fill(book, book.add_worksheet("Scores"))
        return path

    return write


def plain(book, sheet):
    for number, cells in enumerate([["Country", "Share"], ["CN", 48.49], ["US", 16.4]]):
        sheet.write_row(number, 0, cells)


def with_part(path, change, part="xl/worksheets/sheet1.xml", **entries):
    """The workbook with one part changed, and more entries."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    if change:
        assert part in parts
        parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in (parts | entries).items():
            new.writestr(name, content)
    return path


# Text: encodings


@pytest.mark.parametrize(
    ("encoding", "bom", "found"),
    [("utf-8", b"", "utf-8"), ("utf-8", codecs.BOM_UTF8, "utf-8"), ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
     ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"), ("utf-16-le", b"", "utf-16-le"), ("utf-16-be", b"", "utf-16-be"),
     ("windows-1252", b"", "windows-1252")],
)  # fmt: skip
def test_encodings_are_found(file, encoding, bom, found):
    path = file(bom + "Land,Name\nCI,Côte d’Ivoire\nTR,Türkiye\n".encode(encoding))

    assert look(path, "a.csv").reading.encoding == found
    assert read(path) == (("Land", "Name"), [("CI", "Côte d’Ivoire"), ("TR", "Türkiye")])


@pytest.mark.parametrize("text", ["国家,份额\n中国,48\n美国,16\n", "Страна,Доля\nКитай,48\nСША,16\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_other_scripts_are_read(file, text, encoding):
    found = read(file(text.encode(encoding)))

    assert [list(found[0]), *map(list, found[1])] == [line.split(",") for line in text.split()]


def test_an_encoding_that_was_not_certain_is_said(file):
    assert look(file("a,b\n1,2\n"), "a.csv").notes == ()
    assert "Read as Windows-1252" in look(file("a,b\né,2\n".encode("cp1252")), "a.csv").notes[0]
    assert "found without a mark" in look(file("a,b\né,2\n".encode("utf-16-le")), "a.csv").notes[0]


@pytest.mark.parametrize(
    ("text", "encoding"), [("Страна,Доля\nКитай,48\n", "windows-1251"), ("国家名称是,份额\n中国,48\n", "gb18030")]
)
def test_other_encodings_are_never_guessed_but_taken_at_a_persons_word(file, text, encoding):
    path = file(text.encode(encoding))

    assert "encoding that cannot be told for certain" in refused(path)
    found = read(path, Reading("csv", encoding=encoding))
    assert list(found[0]) == text.split()[0].split(",")


def test_a_mark_at_the_beginning_wins_over_what_was_said(file):
    path = file(codecs.BOM_UTF16_LE + LINES.encode("utf-16-le"))

    assert look(path, "a.csv", Reading("csv", encoding="utf-8")).reading.encoding == "utf-16-le"


def test_what_is_no_text_is_refused_with_its_line(file):
    good = "ä,é\n" * 3
    assert "line 4: is not UTF-8 text here" in refused(file(good.encode() + b"a,\xff\n"))
    assert "line 2: is not UTF-8" in refused(file(b"a,b\n\xe9,1\n"), Reading("csv", encoding="utf-8"))
    assert "line 3: is not Windows-1252 (Western European) text here" in refused(file(b"a,b\n\xe9,1\n\x81,2\n"))
    assert "line 2: holds a null byte" in refused(file(b"a,b\n1\0,2\n"))
    assert "line 3: holds a null byte" in refused(file("a,b\n1,2\n\0,2\n".encode("utf-16")))
    assert "UTF-32" in refused(file(LINES.encode("utf-32")))
    assert "is not UTF-16" in refused(file(codecs.BOM_UTF16_LE + b"a\0,\0b\0\n\0\x00\xd8a\0"))
    far = ("x" * 99 + "\n") * 30_000
    assert "line 30001: is not UTF-8 text here" in refused(file("ä,b\n".encode()[:0] + b"\xc3\xa4" + far.encode() + b"\xff"),
        Reading("csv", encoding="utf-8"))  # fmt: skip
    assert "line 30001: holds a null byte" in refused(file(far.encode() + b"\0"))


# Text: separators, header, decimal mark


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_by_even_rows(file, separator):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    writer.writerows([["Name", "Note"], ["a, b; c", "1|2"], ["x,y", "say \"hi\";\t'so'"], ["one\ntwo", ""]])
    path = file(stream.getvalue())

    assert look(path, "a.csv").reading.separator == separator
    assert read(path) == (
        ("Name", "Note"), [("a, b; c", "1|2"), ("x,y", "say \"hi\";\t'so'"), ("one\ntwo", "")]
    )  # fmt: skip


def test_commas_of_numbers_are_no_separators(file):
    path = file("Land;Anteil;Jahr\nDE;1,5;2019\nFR;2,25;2020\nIT;3;2021\n")

    reading = look(path, "a.csv").reading

    assert (reading.separator, reading.decimal) == (";", ",")
    assert "decimal comma" in look(path, "a.csv").notes[0]


@pytest.mark.parametrize(
    ("cells", "mark"),
    [(["1.5", "2.25"], "."), (["1,5", "2,25"], ","), (["1,200", "3,400"], "."), (["0,123"], ","), (["1200,125"], ","),
     (["text, with"], "."), (["16,4 %"], ","), (["1.5", "2,5", "3.5"], "."), ([""], ".")],
)  # fmt: skip
def test_the_decimal_mark_is_found_where_it_is_certain(file, cells, mark):
    path = file("Name;Share\n" + "".join(f"a;{cell}\n" for cell in cells))

    assert look(path, "a.csv").reading.decimal == mark


def test_a_person_may_say_how_a_file_is_read(file):
    path = file("Title;x,y\nLand;a,b\nDE;1,5\n")

    seen = look(path, "a.csv", Reading("csv", separator=",", decimal=".", header=2))

    assert seen.header == ("Land;a", "b")
    assert [row.cells for row in seen.sample] == [("DE;1", "5")]
    assert seen.reading == Reading("csv", "utf-8", ",", ".", "", 2)


def test_titles_above_the_header_are_left_out(file):
    path = file("Table 1: Shares\nSource: NCSES\n\nCountry,Year,Share\nCN,2019,5.1\n\nUS,2019,6.2\n")

    seen = look(path, "a.csv")

    assert seen.header == ("Country", "Year", "Share")
    assert [row.line for row in seen.sample] == [5, 7]
    assert seen.notes == ("The header was found in line 4: what stands above is left out.",)


def test_excels_own_line_of_the_separator_is_understood(file):
    path = file("sep=;\r\nCountry;Share\r\nCN;5\r\n")

    assert look(path, "a.csv").reading.header == 2
    assert read(path) == (("Country", "Share"), [("CN", "5")])


def test_one_column_is_a_table_too(file):
    path = file("Country\nCN\nUS\n")

    assert read(path) == (("Country",), [("CN",), ("US",)])
    assert "one column" in look(path, "a.csv").notes[0]


def test_columns_without_a_name_get_one(file):
    path = file(",Country,,Share\n0,CN,x,5\n")

    seen = look(path, "a.csv")

    assert seen.header == ("Column A", "Country", "Column C", "Share")
    assert seen.notes[-1] == "Column C has no name: here it is called “Column C”."


def test_names_that_stand_twice_are_refused_naming_both(file):
    assert refused(file("Share,Country,Share,Country\n1,2,3,4\n")) == (
        "table.csv, line 1, column C: “Share” names columns A and C alike: give each its own name.\n"
        "table.csv, line 1, column D: “Country” names columns B and D alike: give each its own name."
    )


def test_empty_columns_at_the_end_are_no_columns(file):
    path = file("a,b,,\n1,2,,\n3,4,,x\n")

    found = list(rows(path, look(path, "a.csv").reading))

    assert [row.cells for row in found] == [("1", "2"), ("3", "4")]
    assert [row.error for row in found] == ["", "has 4 cells instead of 2: “x” stands in column D, which has no name"]


# Text: rows


def test_ragged_rows_say_so_and_the_others_are_read(file):
    path = file("a,b,c\n1,2,3\n1,2\n1,2,3,4\n\n1,2,3,\n")

    found = list(rows(path, look(path, "a.csv").reading))

    assert [(row.line, row.cells) for row in found] == [
        (2, ("1", "2", "3")), (3, ("1", "2", "")), (4, ("1", "2", "3")), (6, ("1", "2", "3")),
    ]  # fmt: skip
    assert [row.error for row in found] == [
        "", "has 2 cells instead of 3", "has 4 cells instead of 3: “4” stands in column D, which has no name", "",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_file_also_with_breaks_in_cells(file, end):
    path = file(end.join(["a,b", '1,"one', 'two"', "", " , ", '2,"x\u2028y\x85z"', "3,c", ""]))

    found = list(rows(path, look(path, "a.csv").reading))

    assert [(row.line, row.cells) for row in found] == [
        (2, ("1", "one\ntwo")), (6, ("2", "x\u2028y\x85z")), (7, ("3", "c")),
    ]  # fmt: skip


def test_a_quotation_mark_that_never_closes_is_refused_with_the_line_of_its_row(file):
    path = file('a,b\n1,2\n3,"four\n' + "5,6\n" * 20)
    assert "line 3: holds more than 32,767 characters, or a quotation mark opened here is never closed." in refused(
        path
    )
    assert "line 3:" in refused(file('a,b\n1,2\n3,"four\n' + "5,6\n" * 200_000))


def test_a_quotation_mark_amid_a_cell_is_an_error_of_its_row(file):
    path = file('a,b\n"5" inch,2\n1,2\n3,5" inch\n')

    found = list(rows(path, look(path, "a.csv").reading))

    assert [row.error for row in found] == [
        "a quotation mark stands amid a cell: write it twice, or leave it out", "", ""
    ]  # fmt: skip
    # A mark that does not begin a cell is only a letter.
    assert found[2].cells == ("3", '5" inch')


def test_files_without_rows(file):
    assert refused(file(b"")) == "table.csv, line 1: the file is empty."
    assert refused(file(codecs.BOM_UTF8)) == "table.csv, line 1: the file is empty."
    assert refused(file("\n \n\n")) == "table.csv, line 1: the file is empty."
    assert refused(file("a,b\n"), Reading("csv", header=5)) == "table.csv, line 5: there is no header line here."
    seen = look(file("a,b\n"), "a.csv")
    assert (seen.header, seen.sample, seen.notes) == (("a", "b"), (), ("There are no rows below the header.",))
    assert refused(file(",,\n,,\n")) == "table.csv, line 1: the file is empty."


def test_limits_are_said_in_words(file, monkeypatch):
    assert "501 columns; 500 are the most" in refused(file(",".join(f"c{i}" for i in range(501)) + "\n"))
    assert "line 2, column b: “" in refused(file("a,b\n1," + "x" * 32_768 + "\n"))
    assert read(file("a,b\n1," + "x" * 32_767 + "\n"))[1] == [("1", "x" * 32_767)]
    assert "more than 32,767 characters, or a quotation mark" in refused(file("a,b\n1," + "x" * 200_000 + "\n"))
    monkeypatch.setattr(sheet_row, "MAX_ROWS", 3)
    assert "line 5: there are more than 3 rows: send the file in parts." in refused(file("a,b\n" + "1,2\n" * 4))
    path = file("a,b\n")
    with path.open("r+b") as stream:
        stream.truncate(100_000_001)
    assert "the file has 100 MB; 100 MB are the most" in refused(path)


def test_a_large_file_is_read_in_constant_memory(file):
    path = file("a,b,c\n" + "x" * 150 + ",2019,some text\n")
    with path.open("ab") as stream:
        for _ in range(50):
            stream.write(("y" * 150 + ",2019,some text\n").encode() * 1000)
    assert path.stat().st_size > 8_000_000
    reading = look(path, "a.csv").reading

    tracemalloc.start()
    try:
        look(path, "a.csv")
        assert sum(1 for _ in rows(path, reading)) == 50_001
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 6_000_000


def test_nothing_is_read_before_it_is_needed(file):
    path = file("a,b\n" + "1,2\n" * 50_000 + '3,"never closed\n')

    found = rows(path, Reading("csv", "utf-8", ","))

    assert [row.line for row in islice(found, 3)] == [2, 3, 4]
    with pytest.raises(FileRefused, match="line 50002"):
        list(found)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / "any.csv"
    path.write_bytes(content)

    try:
        seen = look(path, "any.csv")
        for row in rows(path, seen.reading):
            assert len(row.cells) == len(seen.header)
    except FileRefused:
        pass


# Formulas in text


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-a", "@SUM(A1)", "\t=1", "\rx", " =1", "'=1", "''-x", "-1e5"])
def test_a_text_that_a_spreadsheet_would_calculate_is_guarded(text):
    assert would_calculate(text)
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-16.40", "5", "a=b", "'quoted'", "", " ", "\t", "’=1", "it's"])
def test_numbers_and_other_texts_are_not(text):
    assert guarded(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r 1a."), max_size=8))
def test_the_guard_comes_off_again(text):
    assert without_guard(guarded(text)) == without_guard(guarded(text.strip()))
    assert without_guard(guarded(text)) == text.strip().replace("\r", "\n")
    assert not guarded(text).strip().startswith(("=", "+", "@"))


# Both formats: what is written is read back

CELL = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
) | st.text(st.sampled_from("'=+-@\t\n\r \",;|0123456789."), max_size=8)  # fmt: skip
NAMES = st.lists(
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
    unique=True,
)


def stored(cell):
    return cell.strip().replace("\r\n", "\n").replace("\r", "\n")


@st.composite
def tables(draw):
    names = draw(NAMES)
    return names, draw(st.lists(st.lists(CELL, min_size=len(names), max_size=len(names)), max_size=6))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tables(), st.sampled_from(",;\t|"))
def test_csv_round_trip(tmp_path, content, separator):
    names, lines = content
    path = tmp_path / "round.csv"
    with path.open("wb") as stream:
        write_csv(stream, names, lines, separator=separator)

    found = list(rows(path, Reading("csv", "utf-8", separator)))

    assert [row.cells for row in found] == [
        tuple(stored(cell) for cell in line) for line in lines if any(cell.strip() for cell in line)
    ]
    assert not any(row.error for row in found)
    assert header(path, Reading("csv", "utf-8", separator)) == tuple(names)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tables())
def test_workbook_round_trip(tmp_path, content):
    names, lines = content
    path = tmp_path / "round.xlsx"
    with path.open("wb") as stream, Workbook(stream) as book:
        book.sheet("Scores", names, lines)

    found = list(rows(path, Reading("xlsx", sheet="Scores")))

    assert [row.cells for row in found] == [
        tuple(stored(cell) for cell in line) for line in lines if any(cell.strip() for cell in line)
    ]
    assert header(path, Reading("xlsx", sheet="Scores")) == tuple(names)


def test_a_csv_file_that_is_written_opens_in_spreadsheets_and_is_found_again(file):
    stream = io.BytesIO()
    write_csv(stream, ["Land", "Note"], [["TR", "Türkiye"], ["x", None], ["y", -5]])

    assert stream.getvalue().startswith(codecs.BOM_UTF8)
    assert read(file(stream.getvalue())) == (("Land", "Note"), [("TR", "Türkiye"), ("x", ""), ("y", "-5")])


def test_a_workbook_that_is_written_has_numbers_texts_and_no_formula(tmp_path):
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream, Workbook(stream) as book:
        assert (
            book.sheet("A/B: [x]", ["n", "t"], [["16.4", "=1+1"], ["16.40", "007"], [2019, "{=1}"]], ["The share"])
            == 3
        )
        book.sheet("a b   x", ["n"], [])
        book.sheet("history", ["n"], [])
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>16.4</v>" in sheet
    assert "<t>16.40</t>" in sheet
    seen = look(path, "a.xlsx")
    assert len(set(map(str.casefold, seen.sheets))) == 3
    assert read(path) == (("n", "t"), [("16.4", "=1+1"), ("16.40", "007"), ("2019", "{=1}")])
    with pytest.raises(ValueError, match="32,767 characters, not 40,000"), Workbook(io.BytesIO()) as book:
        book.sheet("A", ["n"], [["x" * 40_000]])


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_the_file_with_its_errors_is_the_same_with_one_more_column(tmp_path, name):
    lines = [["CN", "=1+1"], ["", ""], ["US", "16.40"], ["x,y", "two\nlines"], ["FR", "5"]]
    path = tmp_path / name
    with path.open("wb") as stream:
        if name.endswith("csv"):
            stream.write("Title\n\n".encode("utf-8-sig"))
            body = io.BytesIO()
            write_csv(body, ["Country", "Share", ""], lines)
            stream.write(body.getvalue().removeprefix(codecs.BOM_UTF8))
        else:
            with Workbook(stream) as book:
                book.sheet("Other", ["x"], [])
                book.sheet("Scores", ["Title"], [[""], ["Country", "Share"], *lines])
    wanted = Reading("xlsx", sheet="Scores", header=3) if name.endswith("xlsx") else None
    reading = look(path, name, wanted).reading
    assert reading.header == 3
    bad = [row.line for row in rows(path, reading)][1]
    out = tmp_path / f"wrong-{name}"
    with out.open("wb") as stream:
        with_errors(path, reading, {bad: "column Share: “16.40” =is wrong"}, stream)

    seen = look(out, out.name)
    assert seen.reading.header == 3
    assert seen.header == ("Country", "Share", "What is wrong")
    assert [(row.line, row.cells[:2]) for row in rows(out, seen.reading)] == [
        (row.line, row.cells) for row in rows(path, reading)
    ]
    assert {row.line: row.cells[2] for row in rows(out, seen.reading) if row.cells[2]} == {
        bad: "column Share: “16.40” =is wrong"
    }
    # Sent again and wrong again, it has the column once.
    again = tmp_path / f"again-{name}"
    with again.open("wb") as stream:
        with_errors(out, seen.reading, {bad + 1: "=other"}, stream)
    last = look(again, again.name)
    assert last.header == seen.header
    assert {row.line: row.cells[2] for row in rows(again, last.reading) if row.cells[2]} == {bad + 1: "=other"}


def test_rows_that_are_broken_come_back_with_their_errors(file, tmp_path):
    path = file('a,b\n1\n1,2,3\n"5" inch,2\n4,5\n')
    reading = look(path, "a.csv").reading
    stream = io.BytesIO()

    with_errors(path, reading, {row.line: row.error for row in rows(path, reading)}, stream)

    assert stream.getvalue().decode("utf-8-sig").splitlines() == [
        "a,b,What is wrong",
        "1,,has 2 cells instead of 2".replace("has 2 cells", "has 1 cell"),
        "1,2,has 3 cells instead of 2: “3” stands in column C, which has no name,3".replace(
            "has 3 cells instead of 2: “3” stands in column C, which has no name",
            "has 3 cells instead of 2: “3” stands in column C, which has no name".join(['"', '"']),
        ),
        '"5" inch,2,"a quotation mark stands amid a cell: write it twice, or leave it out"',
        "4,5,",
    ]
    # Sent again as it is, nothing is added to it once more.
    again = file(stream.getvalue(), "again.csv")
    reading, second = look(again, "a.csv").reading, io.BytesIO()
    with_errors(again, reading, {row.line: row.said for row in rows(again, reading)}, second)
    assert second.getvalue().splitlines()[3:] == stream.getvalue().splitlines()[3:]


def test_the_file_with_its_errors_calculates_nothing_and_is_read_back_the_same(file):
    path = file(
        '=HYPERLINK(A1)\nA title\nCountry,Note,=Share\nCN,=1+1,-5\nUS,\'=2,@x\nFR,"\t=3\nmore",+4\n'
        'DE,"5" inch,=5\nIT,"6" inch,6\n'
    )
    reading = look(path, "a.csv", Wish(header=3)).reading
    stream = io.BytesIO()

    with_errors(path, reading, {4: "=wrong"}, stream)

    back = file(stream.getvalue(), "back.csv")
    cells = [cell for line in csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"))) for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+@\t" and cell]
    assert "-5" in cells
    seen = look(back, "a.csv", reading)
    assert seen.header == ("Country", "Note", "=Share", "What is wrong")
    good = [row.cells[:3] for row in rows(back, seen.reading) if not row.error]
    assert good[:3] == [row.cells for row in rows(path, reading) if not row.error]
    assert stream.getvalue().decode().splitlines()[-1] == 'IT,"6" inch,6,""'


def test_a_file_at_hand_has_no_name_and_is_read_by_its_path(workbook, tmp_path, monkeypatch):
    """Whoever is killed meanwhile leaves nothing behind."""
    content, folder = workbook(plain).read_bytes(), tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    for data in (content, LINES.encode()):
        with passing_file() as (here, path):
            here.write(data)
            here.flush()
            seen = look(path, "a")
            found = rows(path, seen.reading)
            assert next(found).cells[:2] == ("CN", "48.49")
            assert not list(folder.iterdir())
            assert [row.cells[1] for row in found] == ["16.4" if data is content else "16.40"]


# Workbooks


def test_cells_of_a_workbook_become_text(workbook):
    def fill(book, sheet):
        day, moment, clock, span = (
            book.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm", "[h]:mm")
        )
        sheet.write_row(0, 0, ["a", "b", "c", "d"])
        sheet.write_datetime(1, 0, datetime.date(2019, 6, 5), day)
        sheet.write_datetime(1, 1, datetime.datetime(2019, 6, 5, 13, 30), moment)
        sheet.write_datetime(1, 2, datetime.time(13, 30), clock)
        sheet.write_number(1, 3, 1.5, span)
        sheet.write_row(2, 0, [2019, 48.49, True, False])
        sheet.write_row(3, 0, [0.1 + 0.2, 1e-7, -1.5, 123456789012])
        sheet.write_row(4, 0, ["  text ", "one\ntwo", 0, 1e20])
        sheet.write_row(6, 0, [1 / 3])
        sheet.write_formula(7, 0, "=1+1", None, 2)
        sheet.write_formula(7, 1, '="x"&"y"', None, "xy")
        sheet.write_rich_string(7, 2, "rich ", book.add_format({"bold": True}), "text")
        sheet.write_url(7, 3, "https://example.org/", string="a link")

    path = workbook(fill)

    assert read(path)[1] == [
        ("2019-06-05", "2019-06-05T13:30:00", "13:30:00", "36:00:00"),
        ("2019", "48.49", "yes", "no"),
        ("0.3", "0.0000001", "-1.5", "123456789012"),
        ("text", "one\ntwo", "0", "100000000000000000000"),
        ("0.333333333333333", "", "", ""),
        ("2", "xy", "rich text", "a link"),
    ]
    assert [row.line for row in rows(path, Reading("xlsx"))] == [2, 3, 4, 5, 7, 8]
    assert "2 cells hold formulas" in look(path, "a.xlsx").notes[0]


def test_days_of_the_calendar_that_counts_from_1904(workbook):
    def fill(book, sheet):
        sheet.write_row(0, 0, ["a"])
        sheet.write_datetime(1, 0, datetime.date(2019, 6, 5), book.add_format({"num_format": "d.m.yyyy"}))

    assert read(workbook(fill, date_1904=True))[1] == [("2019-06-05",)]


def test_percentages_are_read_as_they_are_shown(workbook):
    def fill(book, sheet):
        sheet.write_row(1, 1, ["Country", "Share", "Other"])
        for row, value in enumerate([0.164, 0.07, 1, 0.4849], 2):
            sheet.write_string(row, 1, "CN")
            sheet.write_number(
                row,
                2,
                value,
                book.add_format({"num_format": "0%" if row == 3 else '0.0 "%"' if row == 4 else "0.0%"}),
            )
            sheet.write_number(row, 3, value)

    path = workbook(fill)

    assert [row[1:] for row in read(path)[1]] == [
        ("16.4%", "0.164"), ("7%", "0.07"), ("1", "1"), ("48.49%", "0.4849")
    ]  # fmt: skip
    assert "3 cells are shown as percentages, and read so" in look(path, "a.xlsx").notes[-1]


@pytest.mark.parametrize(
    ("code", "shown"),
    [("mmm-yy", "2019-06"), ("yyyy-mm", "2019-06"), ("mm/yyyy", "2019-06"), ("[$-409]mmmm yyyy;@", "2019-06"),
     ('yyyy "d"', "2019"), ("yyyy", "2019"), ("yy", "2019"), ("[Red]yyyy", "2019"), ("d.m.yyyy", "2019-06-01"),
     ("mmm d", "2019-06-01"), ("dd-mmm-yy", "2019-06-01"), (14, "2019-06-01"), (17, "2019-06")],
)  # fmt: skip
def test_a_date_is_as_precise_as_its_format_shows_it(workbook, code, shown):
    def fill(book, sheet):
        sheet.write_row(1, 1, ["Name", "Began"])
        sheet.write_string(2, 1, "x")
        sheet.write_datetime(2, 2, datetime.date(2019, 6, 1), book.add_format({"num_format": code}))

    path = workbook(fill)

    assert read(path)[1] == [("x", shown)]
    said = "1 cell shows a month or a year without a day, and that is read: 2019-06, not 2019-06-01."
    assert look(path, "a.xlsx").notes == ((said,) if len(shown) < 10 else ())


def test_names_below_headings_of_groups_are_the_header(workbook, file):
    lines = [["What", "", "Where"], ["Technology", "Share, %", "Country"], ["quantum", 5, "CN"], ["x", 6, "US"]]

    def fill(book, sheet):
        for number, cells in enumerate(lines):
            sheet.write_row(number, 0, cells)
        sheet.merge_range("A1:B1", "What")

    names = frozenset({"technology", "share", "country"})
    text = "\n".join(",".join(f'"{cell}"' for cell in cells) for cells in lines)
    for path in (workbook(fill), file(text)):
        assert look(path, "a", Wish()).reading.header == 1
        seen = look(path, "a", Wish(names=names))
        assert (seen.reading.header, [row.line for row in seen.sample]) == (2, [3, 4])
        assert not any(row.said for row in seen.sample)
    # Words of single cells are no names, and those in the header count as many.
    assert look(file("a,b\ntechnology,1\nx,2\n"), "a", Wish(names=names)).reading.header == 1
    assert look(file("Technology,Country\ncountry,technology\n"), "a", Wish(names=names)).reading.header == 1


def test_digits_that_other_programs_write_are_those_people_see(workbook):
    path = with_part(workbook(plain), lambda sheet: sheet.replace(b"<v>48.49</v>", b"<v>0.30000000000000004</v>"))

    assert read(path)[1][0] == ("CN", "0.3")


def test_a_table_that_begins_anywhere_keeps_its_lines_and_columns(workbook):
    def fill(book, sheet):
        sheet.write_row(4, 2, ["Country", "Share"])
        sheet.write_row(5, 2, ["CN", 5])
        sheet.write_row(8, 2, ["US", 6])

    path = workbook(fill)

    seen = look(path, "a.xlsx")
    assert (seen.reading.header, seen.header) == (5, ("Country", "Share"))
    assert [(row.line, row.cells) for row in seen.sample] == [(6, ("CN", "5")), (9, ("US", "6"))]


def test_errors_and_formulas_without_a_value_name_their_cell(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 1, "=B1+1", None, 12345)
        sheet.write_row(3, 0, ["FR", "#REF!"])

    path = with_part(workbook(fill), lambda sheet: sheet.replace(b"<v>12345</v>", b""))

    found = list(rows(path, Reading("xlsx")))
    assert [row.said for row in found] == [
        "cell B2 holds the error #DIV/0! of a formula",
        "cell B3 holds a formula that was never calculated: open the file in a spreadsheet program, save it",
        "",
    ]
    assert [(one.first, one.last, one.value, one.reason) for one in found[0].wrong] == [
        (1, 1, "#DIV/0!", "holds the error #DIV/0! of a formula")
    ]
    # Typed as text, it is text.
    assert found[2].cells == ("FR", "#REF!")


def test_characters_that_no_database_takes_are_errors_that_name_their_cell(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_row(3, 0, ["F\0R", "\0"])

    found = list(rows(workbook(fill), Reading("xlsx")))

    assert [row.said for row in found] == [
        "", "", "cell A4 holds a character that is none (a null byte): write it anew;"
        " cell B4 holds a character that is none (a null byte): write it anew",
    ]  # fmt: skip
    assert [(one.first, one.value) for one in found[2].wrong] == [(0, "F\ufffdR"), (1, "\ufffd")]
    assert found[2].cells == ("F\ufffdR", "\ufffd")


def test_halves_of_characters_are_errors_too():
    raw = [RawRow(1, ("Country", "Share")), RawRow(2, ("C\ud800", "1"))]

    _, row = sheet_row.table("a.xlsx", raw, Reading("xlsx"))

    assert row.cells == ("C\ufffd", "1")
    assert row.said.startswith("cell A2 holds a character that is none")


@pytest.mark.parametrize("name", ["Na\0me", "Na\ud800me"])
def test_no_column_has_such_a_name(name):
    with pytest.raises(ReadOtherwise) as caught:
        list(sheet_row.table("a.xlsx", [RawRow(1, ("Country", name))], Reading("xlsx")))

    assert str(caught.value) == (
        "a.xlsx, line 1, column B: “Na\ufffdme” holds a character that is none (a null byte): write the name anew."
    )


def test_a_wish_says_only_what_it_says(file):
    text = "Titel;über;alles\n\nLand;Anteil;Jahr\nCN;48,49;2019\nUS;1,5;2019\n"

    seen = look(file(text.encode("windows-1250")), "a.csv", Wish(encoding="windows-1250"))

    assert seen.reading == Reading("csv", "windows-1250", ";", ",", header=1)
    assert look(file(text), "a.csv", Wish(header=3)).header == ("Land", "Anteil", "Jahr")


def test_what_another_sheet_may_mend_names_the_sheets(workbook):
    def fill(book, sheet):
        sheet.write(9_000, 9_000, "far away")
        book.add_worksheet("Data").write_row(0, 0, ["Country", "Country"])

    path = workbook(fill)

    for wish in (Wish(), Wish(sheet="Data"), Wish(sheet="None")):
        with pytest.raises(ReadOtherwise) as caught:
            look(path, "a.xlsx", wish)
        assert caught.value.sheets == ("Scores", "Data")


def test_an_error_in_a_row_that_is_else_empty_is_not_lost(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_formula(9, 1, "=1/0", None, "#N/A")

    found = list(rows(workbook(fill), Reading("xlsx")))

    assert [(row.line, row.said) for row in found][2:] == [(10, "cell B10 holds the error #N/A of a formula")]


def test_merged_cells_are_errors_of_their_rows_not_silent_gaps(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.merge_range("A4:A6", "FR")
        sheet.write_column(3, 1, [1, 2, 3])

    path = workbook(fill)

    found = list(rows(path, Reading("xlsx")))
    assert [row.cells for row in found[2:]] == [("FR", "1"), ("", "2"), ("", "3")]
    assert [row.said for row in found] == [
        "", "", "", *["the cells A4:A6 are merged: split them and fill each"] * 2
    ]  # fmt: skip
    assert "Merged cells" in look(path, "a.xlsx").notes[0]


def test_sheets_are_offered_unless_hidden(workbook):
    def fill(book, sheet):
        sheet.hide()
        plain(book, sheet)
        for name in ("Zweites", "Empty"):
            book.add_worksheet(name)
        book.worksheets()[1].activate()
        book.worksheets()[1].write_row(0, 0, ["x"])
        book.worksheets()[1].write_row(1, 0, ["1"])
        book.worksheets()[1].set_row(1, None, None, {"hidden": True})

    path = workbook(fill)

    seen = look(path, "a.xlsx")
    assert (seen.sheets, seen.reading.sheet, seen.header) == (("Zweites", "Empty"), "Zweites", ("x",))
    assert "“Scores”" in seen.notes[0]
    assert "2 sheets; this is “Zweites”" in seen.notes[1]
    assert "1 hidden row is read too" in seen.notes[2]
    assert "the sheet “Empty” is empty. Choose another one: Zweites." in refused(path, Reading("xlsx", sheet="Empty"))
    assert "is hidden: show it" in refused(path, Reading("xlsx", sheet="Scores"))
    assert "has no sheet “Fourth”" in refused(path, Reading("xlsx", sheet="Fourth"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 and so on", "is a PDF file"),
        (b"\x89PNG\r\n\x1a\n", "is an image"),
        (b"\x1f\x8b\x08\0", "compressed file (gzip)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "old Excel (.xls)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 9000 + "EncryptedPackage".encode("utf-16-le"),
            "by a password",
        ),
        (b"<html><table><tr><td>1</td></tr></table></html>", "is a web page or XML"),
        (b"<?xml version='1.0'?><Workbook/>", "is a web page or XML"),
        (b"PK\3\4", "is a damaged workbook, or was cut off"),
        (b"PK\5\6" + b"\0" * 18, "is a ZIP archive, no workbook"),
        (b"SQLite format 3\0", "is a database"),
    ],
)
@pytest.mark.parametrize("name", ["table.xlsx", "table.csv"])
def test_other_formats_are_named_whatever_their_name(file, content, words, name):
    assert words in refused(file(content, name))


@pytest.mark.parametrize(
    ("part", "words"),
    [("content.xml", "OpenDocument file (.ods)"), ("word/document.xml", "Word document"),
     ("xl/workbook.bin", "binary workbook (.xlsb)"), ("data.csv", "ZIP archive, no workbook"),
     ("ppt/presentation.xml", "presentation")],
)  # fmt: skip
def test_other_archives_are_named(tmp_path, part, words):
    path = tmp_path / "table.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, b"x")

    assert words in refused(path)


def test_a_workbook_under_another_name_is_read(workbook):
    assert read(workbook(plain, "table.csv"))[1] == [("CN", "48.49"), ("US", "16.4")]


def test_an_encrypted_part_is_told(workbook):
    path = workbook(plain)
    content = bytearray(path.read_bytes())
    at = -1
    while (at := content.find(b"PK\1\2", at + 1)) >= 0:
        content[at + 8] |= 1
    path.write_bytes(content)

    assert "protected by a password" in refused(path)


def test_a_workbook_that_was_cut_off_is_told_at_every_length(workbook):
    path = workbook(plain)
    content = path.read_bytes()
    for length in range(4, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(FileRefused):
            list(rows(path, look(path, "a.xlsx").reading))


def test_damaged_workbooks_are_read_or_refused(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_formula(3, 0, "=1+1", None, 2)
        sheet.merge_range("A6:B6", "x")

    path = workbook(fill)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        sheet, strings = archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/sharedStrings.xml")
    chance = random.Random(4)

    def bent(part):
        part = bytearray(part)
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(part))
            part[at : at + chance.randint(0, 3)] = bytes(chance.choices(b'<>/"09ZA= \xff&', k=chance.randint(0, 3)))
        return bytes(part)

    outcomes = {True: 0, False: 0}
    for number in range(300):
        path.write_bytes(content)
        if number % 3 == 0:
            path.write_bytes(bent(content))
        elif number % 3 == 1:
            with_part(path, lambda _: bent(sheet))
        else:
            with_part(path, lambda _: bent(strings), "xl/sharedStrings.xml")
        try:
            read(path)
            outcomes[True] += 1
        except FileRefused:
            outcomes[False] += 1
    assert min(outcomes.values()) > 10


# Workbooks that would fill the memory


def bomb(path, part, size, head=b"", tail=b""):
    """The part becomes `size` bytes of spaces, which compress to almost nothing."""
    return with_part(path, lambda _: head + b" " * size + tail, part)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_part_that_unpacks_to_too_much_is_refused(workbook, monkeypatch, part):
    monkeypatch.setattr(xlsx_file, "MAX_INFLATED", 1_000_000)
    monkeypatch.setattr(xlsx_file, "MAX_SMALL", 1_000_000)
    path = bomb(workbook(plain), part, 1_100_000, b"<a>", b"</a>")
    assert path.stat().st_size < 20_000

    assert "unpacks to more than 1 MB: save the sheet as CSV" in refused(path)


def test_what_the_archive_says_of_its_sizes_is_not_believed(workbook, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_INFLATED", 1_000_000)
    path = bomb(workbook(plain), "xl/worksheets/sheet1.xml", 50_000_000, b"<a>", b"</a>")
    content = bytearray(path.read_bytes())
    small = struct.pack("<I", 1000)
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = content.find(b"xl/worksheets/sheet1.xml", 0 if mark == b"PK\3\4" else content.find(b"PK\1\2"))
        at = content.rfind(mark, 0, at)
        content[at + offset : at + offset + 4] = small
    path.write_bytes(content)

    tracemalloc.start()
    try:
        assert re.search(r"damaged workbook|unpacks to more", refused(path))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_an_archive_of_too_many_files_is_refused_before_its_list_is_read(workbook):
    path = with_part(workbook(plain), None, **{f"junk/{number}": b"" for number in range(5001)})

    assert "holds more than 5,000 files" in refused(path)


def test_a_cell_in_a_far_corner_is_refused(workbook):
    path = with_part(workbook(plain), lambda sheet: sheet.replace(b'r="B3"', b'r="XFD1048576"'))
    assert "line 1048576, column XFD: there is a cell as far as XFD1048576" in refused(path)
    path = with_part(path, lambda sheet: sheet.replace(b'r="XFD1048576"', b'r="ZZZZZ3"'))
    assert "has a cell in a place that no sheet has" in refused(path)


def test_cells_that_do_not_say_where_they_are_stand_beside_each_other(workbook):
    path = with_part(workbook(plain), lambda sheet: re.sub(rb' r="[A-Z]*[0-9]+"', b"", sheet))

    assert read(path) == (("Country", "Share"), [("CN", "48.49"), ("US", "16.4")])


def with_prefix(sheet):
    """As some programs write it: every name with its namespace."""
    sheet = sheet.replace(b'xmlns="', b'xmlns:x="')
    return re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", sheet)


def test_names_with_a_prefix_are_the_same(workbook):
    assert read(with_part(workbook(plain), with_prefix))[1] == [("CN", "48.49"), ("US", "16.4")]
    path = with_part(workbook(plain), lambda sheet: with_prefix(sheet).replace(b'r="B3"', b'r="XFD1048576"'))
    assert "as far as XFD1048576" in refused(path)
    path = with_part(workbook(plain), lambda sheet: sheet.replace(b'<c r="B3">', b'<x:c xmlns:x="urn:x" r="XFD1048576">')
        .replace(b"</c></row></sheetData>", b"</x:c></row></sheetData>"))  # fmt: skip
    assert "as far as XFD1048576" in refused(path)


def test_formats_far_away_are_no_cells(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert len(read(workbook(fill))[1]) == 2


def test_a_long_text_shown_by_many_cells_is_counted_each_time(workbook, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_TEXT", 1_000_000)

    def fill(book, sheet):
        for row in range(100):
            sheet.write_string(row, 0, "x" * 20_000)

    assert "holds more than 1 million characters" in refused(workbook(fill))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_xml_that_multiplies_itself_is_refused(workbook, part):
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = with_part(workbook(plain), lambda old: re.sub(rb"\?>", b"?>" + laughs, old, count=1), part)

    assert "declares a document type" in refused(path)


def test_a_workbook_in_a_workbook_is_not_opened(workbook):
    inner = workbook(plain, "inner.xlsx").read_bytes()
    path = with_part(workbook(plain), None, **{"xl/embeddings/oleObject1.bin": inner, "../../etc/passwd": b"x"})

    assert read(path)[1] == [("CN", "48.49"), ("US", "16.4")]


# What is kept of a reading


def test_a_reading_is_kept_as_json():
    reading = Reading("csv", "utf-8", ";", ",", "", 3)

    assert Reading.from_json(reading.to_json()) == reading
    assert Reading.from_json({"format": "xlsx", "sheet": "A", "gone": 1}) == Reading("xlsx", sheet="A")


@pytest.mark.parametrize(
    "said",
    [{}, {"format": "ods"}, {"format": "csv", "encoding": "rot13"}, {"format": "csv", "separator": "ab"},
     {"format": "csv", "decimal": "x"}, {"format": "csv", "header": 0}, {"format": "csv", "header": True},
     {"format": "csv", "header": "2"}, {"format": "xlsx", "sheet": None}],
)  # fmt: skip
def test_what_no_reading_can_be_is_refused(said):
    with pytest.raises(ValueError, match=r"."):
        Reading.from_json(said)
