"""Workbooks (XLSX): what they would inflate to is bounded before anything is read; then rows as text.

An XLSX file is a ZIP of XML files, so a small one can hold gigabytes, and one cell in a far corner makes readers fill
the whole rectangle before it. So the parts that are needed are inflated here under limits, looked through once, and
laid into a workbook of our own: only that one is given to calamine.
"""

from __future__ import annotations

import datetime
import posixpath
import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from xml.parsers import expat

import python_calamine
import xlsxwriter

from tracker.ingest.cells import NUMBER
from tracker.ingest.passing_file import passing_file
from tracker.ingest.sheet_row import (
    FIRST_ROWS,
    MAX_CHARACTERS,
    MAX_COLUMNS,
    MAX_ROWS,
    WRONG,
    CellWrong,
    RawRow,
    Reading,
    ReadOtherwise,
    Wish,
    counted,
    header_line,
    letters,
    refuse,
)
from tracker.ingest.table_file import FileRefused

# What the parts that are read may inflate to. A sheet of 62,160 rows and 12 columns has about 30 MB.
MAX_INFLATED = 200_000_000
# Styles, the list of sheets: small in every workbook that people make.
MAX_SMALL = 20_000_000
MAX_ENTRIES = 5000
MOST_COLUMNS = 1 << 14  # of any sheet
# What a number format says of a value: it is shown as a percentage, as a month without a day, as a year alone.
PERCENT, MONTH, YEAR = 1, 2, 3
# Formats that every workbook has without writing them down: 0%, 0.00%, mmm-yy.
OF_EVERY_WORKBOOK = {"9": PERCENT, "10": PERCENT, "17": MONTH}
MAX_DIRECTORY = 2_000_000  # bytes
# The reader fills the rectangle from the first to the last cell: 32 bytes each. 200,000 rows of 25 columns.
MAX_CELLS = 5_000_000
# The reader copies a text for each cell that shows it, so short files can hold long texts many times.
MAX_TEXT = 150_000_000  # characters
BLOCK = 1 << 16
AS_CSV = "save the sheet as CSV and send that"
TYPES = {
    b"%PDF": "is a PDF file: send the table as CSV or XLSX.",
    b"\x89PNG": "is an image: send the table as CSV or XLSX.",
    b"\xff\xd8\xff": "is an image: send the table as CSV or XLSX.",
    b"GIF8": "is an image: send the table as CSV or XLSX.",
    b"\x1f\x8b": "is a compressed file (gzip): unpack it first.",
    b"7z\xbc\xaf": "is a compressed file (7z): unpack it first.",
    b"Rar!": "is a compressed file (RAR): unpack it first.",
    b"BZh": "is a compressed file (bzip2): unpack it first.",
    b"\xfd7zXZ": "is a compressed file (xz): unpack it first.",
    b"SQLite format 3": "is a database: send the table as CSV or XLSX.",
    b"PAR1": "is a Parquet file: send the table as CSV or XLSX.",
}
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES = "xl/sharedstrings.xml", "xl/styles.xml"
FRAME = ("[content_types].xml", "_rels/.rels", WORKBOOK, RELATIONS, STYLES)


def is_workbook(path: Path, file: str) -> bool:
    """Whether the content is an XLSX file; False for what may be text. Raises FileRefused for other known formats."""
    with path.open("rb") as stream:
        first = stream.read(4096)
        if first.startswith(OLD_EXCEL):
            if ENCRYPTED in first + stream.read(MAX_SMALL):
                refuse(file, "is protected by a password: save it without one.")
            refuse(file, "is a file of an old Excel (.xls) or Word: save it as XLSX or CSV.")
    for beginning, reason in TYPES.items():
        if first.startswith(beginning):
            refuse(file, reason)
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|\?xml|table)", first, re.IGNORECASE):
        refuse(file, "is a web page or XML, whatever its name says: save it as XLSX or CSV.")
    return first.startswith(b"PK")


@dataclass(frozen=True)
class _Sheet:
    name: str
    part: str
    hidden: bool


@dataclass
class _Scan:
    """What one looks for in a sheet before it is read. Positions count from 0."""

    rows: int = 0
    columns: int = 0
    text: int = 0
    hidden: int = 0
    formulas: int = 0
    # Cells that cannot be read: what they show, and why.
    wrong: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    # Cells whose format says more than their value: row, column and what it says (PERCENT …) in one number.
    shown: array[int] = field(default_factory=lambda: array("Q"))
    percent: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


class Opened:
    """A workbook under its limits: the names of its sheets; a sheet's rows."""

    def __init__(self, path: Path, file: str) -> None:
        self.file = file
        self.left = MAX_INFLATED
        _check_directory(path, file)
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeDecodeError):
            refuse(file, "is a damaged workbook, or was cut off on its way: send it again.")
        self.parts = {entry.filename.casefold().replace("\\", "/"): entry for entry in self.zip.infolist()}
        if any(entry.flag_bits & 1 for entry in self.parts.values()):
            refuse(file, "is protected by a password: save it without one.")
        if WORKBOOK not in self.parts:
            self._refuse_other()
        self.all = self._sheets()
        self.sheets = tuple(sheet.name for sheet in self.all if not sheet.hidden)
        self.hidden = tuple(sheet.name for sheet in self.all if sheet.hidden)
        if not self.sheets:
            refuse(file, "has no sheet with cells that can be seen.")

    def close(self) -> None:
        self.zip.close()

    def _refuse_other(self) -> None:
        kinds = {
            "xl/workbook.bin": "is a binary workbook (.xlsb): save it as XLSX or CSV.",
            "word/document.xml": "is a Word document: send the table as CSV or XLSX.",
            "ppt/presentation.xml": "is a presentation: send the table as CSV or XLSX.",
            "content.xml": "is an OpenDocument file (.ods): save it as XLSX or CSV.",
            "index/document.iwa": "is a Numbers file: export it as XLSX or CSV.",
        }
        for part, reason in kinds.items():
            if part in self.parts:
                refuse(self.file, reason)
        refuse(self.file, "is a ZIP archive, no workbook: unpack it and send the table in it.")

    def inflated(self, part: str, most: int = MAX_INFLATED) -> Generator[bytes, None, None]:
        """A part's content. Counts what really comes out, whatever the archive says of itself. Raises FileRefused."""
        entry = self.parts[part]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse(self.file, "is packed in a way that no spreadsheet program uses.")
        here = 0
        try:
            with self.zip.open(entry) as stream:
                while block := stream.read(BLOCK):
                    here += len(block)
                    self.left -= len(block)
                    if self.left < 0 or here > most:
                        refuse(self.file, f"unpacks to more than {MAX_INFLATED // 1_000_000} MB: {AS_CSV}.")
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, struct.error):
            refuse(self.file, "is a damaged workbook, or was cut off on its way: send it again.")

    def _sheets(self) -> list[_Sheet]:
        targets: dict[str, str] = {}
        found: list[_Sheet] = []

        def relation(name: str, said: dict[str, str]) -> None:
            if name == "Relationship" and said.get("Type", "").endswith("/worksheet"):
                target = said.get("Target", "").replace("\\", "/")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                targets[said.get("Id", "")] = path.casefold()

        def sheet(name: str, said: dict[str, str]) -> None:
            if name == "sheet":
                key = next((value for key, value in said.items() if key.rpartition(":")[2] == "id"), "")
                part = targets.get(key, "")
                if part in self.parts:
                    found.append(_Sheet(said.get("name", ""), part, said.get("state", "visible") != "visible"))
            elif name == "calcPr":
                self.never_calculated = said.get("fullCalcOnLoad") in {"1", "true"}

        self.never_calculated = False
        if RELATIONS in self.parts:
            self._parse(self.inflated(RELATIONS, MAX_SMALL), relation)
        self._parse(self.inflated(WORKBOOK, MAX_SMALL), sheet)
        return found

    def _parse(
        self,
        blocks: Generator[bytes, None, None],
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """XML to calls, with names without prefix. Raises FileRefused for a document type, the door of XML bombs."""
        parser = expat.ParserCreate()

        def refused(*_: Any) -> None:
            refuse(self.file, "is no workbook as spreadsheet programs write it (it declares a document type).")

        parser.StartDoctypeDeclHandler = refused
        parser.StartElementHandler = lambda name, said: start(name.rpartition(":")[2] if ":" in name else name, said)
        if end:
            ends = end
            parser.EndElementHandler = lambda name: ends(name.rpartition(":")[2] if ":" in name else name)
        if text:
            parser.CharacterDataHandler = text
            parser.buffer_text = True
        try:
            with closing(blocks):
                for block in blocks:
                    parser.Parse(block, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeDecodeError):
            refuse(self.file, "is a damaged workbook: open it in a spreadsheet program and save it again.")

    def _string_lengths(self, into: zipfile.ZipFile) -> array[int]:
        """How long each shared text is; the part is laid into the new workbook meanwhile."""
        lengths = array("I")
        inside = [0, 0]  # characters of this text; depth of its phonetic reading, which is not shown

        def start(name: str, said: dict[str, str]) -> None:
            if name == "si":
                inside[0] = 0

        def end(name: str) -> None:
            if name == "si":
                lengths.append(min(inside[0], 4_000_000_000))

        def text(said: str) -> None:
            inside[0] += len(said)

        if STRINGS in self.parts:
            self._parse(self._copied(STRINGS, into), start, end, text)
        return lengths

    def _copied(self, part: str, into: zipfile.ZipFile, most: int = MAX_INFLATED) -> Generator[bytes, None, None]:
        with (
            into.open(zipfile.ZipInfo(self.parts[part].filename.replace("\\", "/")), "w") as copy,
            closing(self.inflated(part, most)) as blocks,
        ):
            for block in blocks:
                copy.write(block)
                yield block

    def _styles_that_say_more(self) -> dict[str, int]:
        """The numbers of the styles that show a percentage, or a date without its day: PERCENT, MONTH or YEAR."""
        formats = dict(OF_EVERY_WORKBOOK)
        styles: list[str] = []
        inside = False

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal inside
            if name == "numFmt":
                formats[said.get("numFmtId", "")] = _said_by_format(said.get("formatCode", ""))
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                styles.append(said.get("numFmtId", ""))

        def end(name: str) -> None:
            nonlocal inside
            if name == "cellXfs":
                inside = False

        if STYLES in self.parts:
            self._parse(self.inflated(STYLES, MAX_SMALL), start, end)
        return {str(index): formats[style] for index, style in enumerate(styles) if formats.get(style)}

    def _scan(self, blocks: Generator[bytes, None, None], lengths: array[int], more: Mapping[str, int]) -> _Scan:
        scan = _Scan()
        style = ""
        row, column = -1, -1
        kind = ""
        formula = valued = False
        value: list[str] = []
        inside = False
        part = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
        # A sheet has few columns and many cells: letters and rows that were read once are looked up.
        known: dict[str, int] = {}
        last = ""

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal row, column, kind, style, formula, valued, inside, last
            if name == "c":
                column += 1
                place = said.get("r")
                if place:
                    letter = place.rstrip("0123456789")
                    number = place[len(letter) :]
                    if letter in known and number == last:
                        column = known[letter]
                    else:
                        found = part.fullmatch(place)
                        if not found:
                            refuse(self.file, "has a cell in a place that no sheet has.", max(row + 1, 1), place[:20])
                        row, column = int(number) - 1, _index(letter)
                        known[letter], last = column, number
                kind, style = said.get("t", ""), said.get("s", "")
                formula = valued = False
                value.clear()
            elif name in ("v", "t"):
                inside = valued = True
            elif name == "f":
                formula = True
            elif name == "row":
                place = said.get("r", "")
                row = int(place) - 1 if place.isdecimal() and len(place) < 8 else row + 1
                column, last = -1, ""
                if said.get("hidden") in ("1", "true"):
                    scan.hidden += 1
            elif name == "mergeCell":
                corners = [part.fullmatch(end) for end in said.get("ref", "").split(":")]
                if len(corners) == 2 and corners[0] and corners[1] and len(scan.merged) < 100_000:
                    (one, two) = corners[0], corners[1]
                    scan.merged.append((int(one[2]) - 1, _index(one[1]), int(two[2]) - 1, _index(two[1])))

        def end(name: str) -> None:
            nonlocal inside
            if name in ("v", "t"):
                inside = False
            elif name == "c":
                said = "".join(value)
                if formula:
                    scan.formulas += 1
                if kind == "e":
                    note(f"holds the error {said[:20] or '#?'} of a formula", said[:20])
                elif formula and not said and kind != "str":
                    note("holds a formula that was never calculated: open the file in a spreadsheet program, save it")
                if valued:
                    if style in more and kind in ("", "n", "d"):
                        scan.shown.append((row * MOST_COLUMNS + column) * 4 + more[style])
                        scan.percent += more[style] == PERCENT
                    if row >= scan.rows:
                        scan.rows = row + 1
                    if column >= scan.columns:
                        scan.columns = column + 1
                    if scan.rows * scan.columns > MAX_CELLS:
                        refuse(
                            self.file,
                            f"there is a cell as far as {letters(column)}{row + 1}: sheets of up to {MAX_CELLS:,} cells"
                            f" can be read. Delete what is empty or far away, or {AS_CSV}.",
                            row + 1,
                            letters(column),
                        )
                    if kind == "s" and said.isdecimal() and len(said) < 10 and int(said) < len(lengths):
                        scan.text += lengths[int(said)]
                    else:
                        scan.text += len(said)
                    if scan.text > MAX_TEXT:
                        refuse(self.file, f"holds more than {MAX_TEXT // 1_000_000} million characters: {AS_CSV}.")

        def note(reason: str, shown: str = "") -> None:
            if len(scan.wrong) < MAX_ROWS:
                scan.wrong[row, column] = (shown, reason)

        def text(said: str) -> None:
            if inside:
                value.append(said)

        self._parse(blocks, start, end, text)
        return scan

    @contextmanager
    def rows(self, name: str) -> Iterator[tuple[_Scan, Iterator[RawRow]]]:
        """A sheet's rows, from line 1, and what was seen of it. Raises FileRefused."""
        sheet = next((sheet for sheet in self.all if sheet.name == name), None)
        if sheet is None:
            refuse(self.file, f"has no sheet “{name[:40]}”.")
        if sheet.hidden:
            refuse(
                self.file, f"the sheet “{name[:40]}” is hidden: show it in the spreadsheet program, save the file."
            )
        self.left = MAX_INFLATED
        with passing_file(".xlsx") as (copy, path):
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as into:
                for part in FRAME:
                    if part in self.parts:
                        for _ in self._copied(part, into, MAX_SMALL):
                            pass
                lengths = self._string_lengths(into)
                scan = self._scan(self._copied(sheet.part, into), lengths, self._styles_that_say_more())
            copy.flush()
            yield scan, self._read(path, sheet, scan)

    def _read(self, copy: Path, sheet: _Sheet, scan: _Scan) -> Iterator[RawRow]:
        try:
            with python_calamine.CalamineWorkbook.from_path(copy) as workbook:
                cells = workbook.get_sheet_by_name(sheet.name)
                yield from self._lines(cells, scan)
        except python_calamine.CalamineError:
            refuse(self.file, "is a damaged workbook: open it in a spreadsheet program and save it again.")
        except BaseException as wrong:
            # What the reader's own code stumbles over is no Exception.
            if type(wrong).__name__ != "PanicException":
                raise
            refuse(self.file, "is a damaged workbook: open it in a spreadsheet program and save it again.")

    def _lines(self, cells: Any, scan: _Scan) -> Iterator[RawRow]:
        line, left = 0, cells.start[1] if cells.start else 0
        wrong = _wrong_cells(scan, left)
        shown, at = scan.shown, 0
        if any(one > two for one, two in pairwise(shown)):
            shown = array("Q", sorted(shown))
        for line, values in enumerate(cells.iter_rows(), 1):
            texts = [_text(value) for value in values]
            while at < len(shown) and shown[at] < line * MOST_COLUMNS * 4:
                column, said = shown[at] // 4 % MOST_COLUMNS - left, shown[at] % 4
                if 0 <= column < len(values):
                    texts[column] = _as_shown(values[column], said) or texts[column]
                at += 1
            yield RawRow(line, tuple(texts), left=left, wrong=tuple(wrong.pop(line - 1, ())))
        for row in sorted(row for row in wrong if row >= line):
            yield RawRow(row + 1, (), left=left, wrong=tuple(wrong[row]))


def _wrong_cells(scan: _Scan, left: int) -> dict[int, list[CellWrong]]:
    """The cells that cannot be read, by row from 0; their columns count from the table's first."""
    wrong: dict[int, list[CellWrong]] = {}
    for (row, column), (value, reason) in scan.wrong.items():
        words = f"cell {letters(column)}{row + 1} {reason}"
        wrong.setdefault(row, []).append(CellWrong(column - left, column - left, value, reason, words))
    for top, first, bottom, last in scan.merged:
        reason = (
            f"the cells {letters(first)}{top + 1}:{letters(last)}{bottom + 1} are merged: split them and fill each"
        )
        one = CellWrong(first - left, last - left, "", reason, reason)
        for row in range(top, min(bottom, scan.rows) + 1):
            if row > top or last > first:
                wrong.setdefault(row, []).append(one)
    return wrong


def _said_by_format(code: str) -> int:
    """PERCENT, MONTH or YEAR; 0 for a format that says no more than the value."""
    # A sign in quotation marks is only written behind the number; of brackets those of hours count.
    plain = re.sub(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]', "", code, flags=re.IGNORECASE)
    if "%" in plain:
        return PERCENT
    first = set(plain.partition(";")[0].casefold())
    if "y" not in first or first & set("dhs"):
        return 0
    return MONTH if "m" in first else YEAR


def _as_shown(value: Any, said: int) -> str:
    """A value as its format shows it; "" where the two have nothing to do with each other."""
    if said == PERCENT:
        return f"{written(value * 100)}%" if isinstance(value, float) else ""
    if isinstance(value, datetime.date):
        return value.isoformat()[: 7 if said == MONTH else 4]
    return ""


def _index(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _check_directory(path: Path, file: str) -> None:
    """Refuses an archive whose list of contents alone is large, before it is read."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - 65_557))
        tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        refuse(file, "is a damaged workbook, or was cut off on its way: send it again.")
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > MAX_ENTRIES or directory > MAX_DIRECTORY:
        refuse(file, f"holds more than {MAX_ENTRIES:,} files: this is no workbook that people make.")


def _text(value: Any) -> str:
    """A cell as text. Numbers have the 15 digits that spreadsheets calculate with."""
    if isinstance(value, str):
        return value.strip().replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return written(float(value))
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value.isoformat())


def written(value: float) -> str:
    """0.1 + 0.2 -> '0.3', 2019.0 -> '2019', 1e20 -> '100000000000000000000'."""
    if value == 0:
        return "0"
    return f"{Decimal(f'{value:.15g}'):f}"


def find(path: Path, file: str, wish: Wish) -> tuple[Reading, list[RawRow], tuple[str, ...], list[str]]:
    """How the workbook is read, the first rows, its sheets that can be seen, notes. Raises FileRefused."""
    opened = Opened(path, file)
    try:
        name = wish.sheet or opened.sheets[0]
        notes = []
        if opened.hidden:
            shown = ", ".join(f"“{name}”" for name in opened.hidden[:5])
            notes.append(f"Hidden sheets are not offered: {shown}.")
        with opened.rows(name) as (scan, raw):
            head = list(islice(raw, FIRST_ROWS))
            if not any(not row.empty for row in head):
                others = [other for other in opened.sheets if other != name]
                more = f" Choose another one: {', '.join(others[:5])}." if others else ""
                refuse(file, f"the sheet “{name}” is empty.{more}")
        line = wish.header or header_line(head, wish.names)
        if not wish.sheet and len(opened.sheets) > 1:
            notes.append(f"The file has {len(opened.sheets)} sheets; this is “{name}”.")
        if not wish.header and line > min(row.line for row in head if not row.empty):
            notes.append(f"The header was found in line {line}: what stands above is left out.")
        if scan.hidden:
            notes.append(f"{counted(scan.hidden, 'hidden row is', 'hidden rows are')} read too.")
        if scan.formulas:
            cells = counted(scan.formulas, "cell holds a formula", "cells hold formulas")
            said = f"{cells}: the values are taken that the file was saved with."
            if opened.never_calculated:
                said += (
                    " A program wrote this file and never calculated them: open it in a spreadsheet program, save it."
                )
            notes.append(said)
        if scan.percent:
            cells = counted(scan.percent, "cell is shown as a percentage", "cells are shown as percentages")
            notes.append(
                f"{cells}, and read so: 16.4%, not 0.164. Columns of per cent take that as 16.4, no others take it."
            )
        if months := len(scan.shown) - scan.percent:
            cells = counted(months, "cell shows a month or a year", "cells show a month or a year")
            notes.append(f"{cells} without a day, and that is read: 2019-06, not 2019-06-01.")
        if scan.merged:
            notes.append("Merged cells: only the first of them has a value.")
        return Reading("xlsx", sheet=name, header=line), head, opened.sheets, notes
    except FileRefused as refused:
        # What is wrong with one sheet need not be so with another.
        if len(opened.sheets) > 1 or wish.sheet not in ("", *opened.sheets):
            raise ReadOtherwise(refused.errors, opened.sheets) from None
        raise
    finally:
        opened.close()


def raw_rows(path: Path, reading: Reading, file: str) -> Iterator[RawRow]:
    """Every row of the chosen sheet from line 1. Raises FileRefused."""
    opened = Opened(path, file)
    try:
        with opened.rows(reading.sheet or opened.sheets[0]) as (_, raw):
            yield from raw
    finally:
        opened.close()


class Workbook:
    """Writes a workbook row by row: `with Workbook(stream) as book: book.sheet("Scores", header, rows)`.

    A text stays text, also where it looks like a formula; a number is written as one where reading gives the same
    digits back (16.4, not 16.40).
    """

    def __init__(self, into: BinaryIO, made: datetime.datetime | None = None) -> None:
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "use_zip64": False,
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(into, options)
        if made is not None:
            # It tells no time zone.
            self._book.set_properties({"created": made.astimezone(datetime.UTC).replace(tzinfo=None)})
        self._bold = self._book.add_format({"bold": True})
        self._prose = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._names: set[str] = set()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def sheet(
        self,
        name: str,
        header: Iterable[str],
        rows: Iterable[Iterable[Any]],
        notes: Iterable[str] = (),
        *,
        widths: Iterable[int] = (),
        choices: Mapping[int, Sequence[str]] | None = None,
    ) -> int:
        """Adds a sheet; `notes` become comments at the header's cells, in its order. Returns how many rows.

        `choices`: by column from 0, the words that its cells offer; any other word is taken all the same. Raises
        ValueError for a text that no cell can hold.
        """
        sheet = self._book.add_worksheet(self._name(name))
        header = [str(column) for column in header]
        asked = list(widths)
        for index, column in enumerate(header):
            width = asked[index] if index < len(asked) else min(40, max(10, len(column) + 2))
            sheet.set_column(index, index, width, self._prose if asked else None)
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for index, column in enumerate(header):
            sheet.write_string(0, index, column, self._bold)
        for index, said in enumerate(notes):
            if said:
                sheet.write_comment(0, index, said, {"x_scale": 2})
        for index, words in (choices or {}).items():
            # More does not fit into a workbook so.
            if len(",".join(words)) <= 255 and not any("," in word for word in words):
                rule = {"validate": "list", "source": list(words), "error_type": "information", "show_error": False}
                sheet.data_validation(1, index, MAX_ROWS, index, rule)
        count = 0
        for count, row in enumerate(rows, 1):
            for index, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                said = str(cell)
                if NUMBER.fullmatch(said) and len(said) < 18 and written(float(said)) == said:
                    sheet.write_number(count, index, float(said))
                elif len(said) > MAX_CHARACTERS:
                    raise ValueError(f"A cell of a workbook holds {MAX_CHARACTERS:,} characters, not {len(said):,}.")
                else:
                    sheet.write_string(count, index, said)
        return count

    def _name(self, name: str) -> str:
        """A sheet's name: at most 31 characters, without []:*?/\\, once in a workbook."""
        name = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31] or "Sheet"
        unique, number = name, 2
        while unique.casefold() in self._names or unique.casefold() == "history":
            unique = f"{name[:27]} ({number})"
            number += 1
        self._names.add(unique.casefold())
        return unique


def with_errors(path: Path, reading: Reading, errors: dict[int, str], into: BinaryIO) -> None:
    """The chosen sheet with one more column that says what is wrong with a row."""

    def lines() -> Iterator[list[str]]:
        width, old, expected = 0, None, 1
        for row in raw_rows(path, reading, path.name):
            while expected < row.line:
                yield []
                expected += 1
            expected += 1
            cells = list(row.cells)
            if row.line < reading.header or (not width and row.empty):
                yield cells
                continue
            said = errors.get(row.line, "")
            if not width:
                while cells and not cells[-1].strip():
                    cells.pop()
                old = cells.index(WRONG) if WRONG in cells else None
                width, said = len(cells) - (old is not None), WRONG
            if old is not None and old < len(cells):
                del cells[old]
            cells += [""] * (width - len(cells))
            yield [*cells[:width], said, *cells[width:]]

    rows = lines()
    with Workbook(into) as book:
        book.sheet(reading.sheet or "Sheet1", next(rows, []), rows)


__all__ = ["MAX_COLUMNS", "Opened", "Workbook", "find", "is_workbook", "raw_rows", "with_errors", "written"]
