"""Text files of rows: what encoding and separator they have, their rows one at a time, and how they are written."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from tracker.ingest.cells import NUMBER
from tracker.ingest.sheet_row import (
    DECIMALS,
    ENCODINGS,
    FIRST_ROWS,
    MAX_CHARACTERS,
    MAX_COLUMNS,
    SEPARATORS,
    WRONG,
    RawRow,
    Reading,
    Wish,
    decimal_mark,
    header_line,
    refuse,
    refuse_so,
)
from tracker.ingest.table_file import FileRefused

BLOCK = 1 << 20  # bytes
FIRST = 1 << 18  # characters that tell the separator
# A line of 500 cells of 32,767 characters; what is longer has no line breaks at all.
LINE = 20_000_000
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# No Western language has so many accented letters in a row; Cyrillic and Chinese texts have them everywhere.
NOT_WESTERN = re.compile(rb"[\xc0-\xff]{5}|[\x80-\xff]{9}")
BREAK = re.compile(r"\r\n|\r|\n")
SEP_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
MANY = f"holds more than {MAX_CHARACTERS:,} characters, or a quotation mark opened here is never closed"


def find_encoding(path: Path, file: str, wanted: str = "") -> tuple[str, str]:
    """(encoding, a note on it). The whole file is decoded once; raises FileRefused where that fails, with the line."""
    with path.open("rb") as stream:
        first = stream.read(1 << 16)
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        refuse(file, "is UTF-32 text: save it as UTF-8.")
    marked = next((name for bom, name in BOMS.items() if first.startswith(bom)), "")
    if wanted or marked:
        # The mark at the beginning is certain; a person's word counts where there is none.
        encoding = marked or wanted
        _decode_all(path, file, encoding)
        return encoding, ""
    if b"\0" in first:
        encoding = _utf_16(first)
        if not encoding:
            line = first[: first.index(b"\0")].count(b"\n") + 1
            refuse_so(file, "holds a null byte: this is not text, or it was damaged on its way.", line)
        _decode_all(path, file, encoding)
        return encoding, f"Read as {ENCODINGS[encoding]}, found without a mark at the beginning."
    try:
        _decode_all(path, file, "utf-8")
    except FileRefused as no_utf_8:
        valid, invalid, western = _high_bytes(path)
        if valid >= invalid:
            raise no_utf_8
    else:
        return "utf-8", ""
    if not western:
        refuse_so(
            file, "is text in an encoding that cannot be told for certain: save it as UTF-8, or say which one it is."
        )
    _decode_all(path, file, "windows-1252")
    return "windows-1252", (
        "Read as Windows-1252, for it is not UTF-8. Look at accented letters below: if they are wrong,"
        " save the file as UTF-8."
    )


def _utf_16(first: bytes) -> str:
    """In which order the two bytes of a character stand: read so, text of any language has separators and breaks."""
    for encoding, zeros in (("utf-16-le", first[::2]), ("utf-16-be", first[1::2])):
        text = first[: len(first) // 2 * 2].decode(encoding, "replace")
        if b"\0" not in zeros and sum(map(text.count, ",;\t|\n\r ")) > len(text) / 50:
            return encoding
    return ""


def _high_bytes(path: Path) -> tuple[int, int, bool]:
    """(characters beyond ASCII that are good UTF-8, bytes that are not, whether they look Western)."""
    valid = invalid = 0
    western = True
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as stream:
        while True:
            block = stream.read(BLOCK)
            text = decoder.decode(block, not block)
            if not text.isascii():
                bad = sum("\udc80" <= mark <= "\udcff" for mark in text)
                invalid += bad
                valid += sum(mark > "\x7f" for mark in text) - bad
            western = western and not NOT_WESTERN.search(block)
            if not block:
                return valid, invalid, western


def _decode_all(path: Path, file: str, encoding: str) -> None:
    """Raises FileRefused with the line of the first byte that is no text, or a null character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with path.open("rb") as stream:
        while True:
            block = stream.read(BLOCK)
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError as broken:
                before = broken.object[: broken.start].decode(encoding, "replace")
                line += len(BREAK.findall(before))
                refuse_so(file, f"is not {ENCODINGS[encoding]} text here.", line)
            if "\0" in text:
                line += len(BREAK.findall(text[: text.index("\0")]))
                refuse_so(file, "holds a null byte: this is not text, or it was damaged on its way.", line)
            line += text.count("\n")
            if not block:
                return


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[io.TextIOBase]:
    with path.open("r", encoding=encoding, newline="") as stream:
        if stream.read(1) != "\ufeff":
            stream.seek(0)
        yield stream


def find(path: Path, file: str, wish: Wish) -> tuple[Reading, list[RawRow], list[str]]:
    """How the file is read, its first rows from line 1, notes. Raises FileRefused."""
    notes = []
    encoding, note = find_encoding(path, file, wish.encoding)
    if note:
        notes.append(note)
    with _text(path, encoding) as stream:
        first = stream.read(FIRST)
    if not first.strip():
        refuse(file, "the file is empty.")
    hint = SEP_LINE.fullmatch(BREAK.split(first, maxsplit=1)[0])
    separator = wish.separator or (hint[1] if hint and hint[1] in SEPARATORS else "")
    if not separator:
        separator = find_separator(first)
        if not separator:
            separator = ","
            notes.append("No separator was found: the file is read as one column.")
    reading = Reading("csv", encoding=encoding, separator=separator)
    begin = 2 if hint else 1
    head = list(islice(raw_rows(path, Reading("csv", encoding, separator, header=begin), file), FIRST_ROWS))
    line = wish.header or header_line(head, wish.names)
    if line > begin and not wish.header:
        notes.append(f"The header was found in line {line}: what stands above is left out.")
    if wish.header:
        head = list(islice(raw_rows(path, Reading("csv", encoding, separator, header=line), file), FIRST_ROWS))
    decimal = wish.decimal or decimal_mark(row for row in head if row.line > line)
    if decimal == "," and not wish.decimal:
        notes.append(f"Numbers are read with a decimal {DECIMALS[','].partition(' ')[0]}, such as 16,4.")
    return Reading("csv", reading.encoding, separator, decimal, "", line), head, notes


def find_separator(text: str) -> str:
    """The separator that cuts the first rows most evenly into cells; "" where none cuts them."""
    best: tuple[float, int, str] = (0, 0, "")
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        counts = []
        try:
            for cells in islice(reader, FIRST_ROWS + 1):
                if cells:
                    counts.append(len(cells))
        except csv.Error:
            pass
        # The last one may be cut off.
        counts = counts[:-1] if len(counts) > 1 and not text.endswith(("\n", "\r")) else counts
        if not counts:
            continue
        usual = max(set(counts), key=lambda count: (counts.count(count), count))
        if usual < 2:
            # A header over one row, or rows that are all too short.
            usual = max(counts)
        even = counts.count(usual) / len(counts) + (counts[0] == usual)
        if usual > 1 and (round(even, 2), usual) > (best[0], best[1]):
            best = (round(even, 2), usual, separator)
    return best[2]


def raw_rows(path: Path, reading: Reading, file: str, *, as_written: bool = False) -> Iterator[RawRow]:
    """Every row from the header line on, also empty ones; in memory is one at a time. Raises FileRefused.

    `as_written` leaves the cells as the file has them; else they are stripped, and the apostrophe is taken off that
    keeps a spreadsheet from calculating.
    """
    with _text(path, reading.encoding or "utf-8") as stream:
        lines = _Lines(stream, file, reading.header)
        reader = csv.reader(lines, delimiter=reading.separator or ",", strict=True)
        while True:
            lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error as broken:
                said = str(broken)
                if "field larger" in said or "unexpected end" in said:
                    refuse_so(file, f"{MANY}.", lines.began)
                error = "a quotation mark stands amid a cell: write it twice, or leave it out"
                yield RawRow(lines.began, (lines.text(),), error, raw=True)
                continue
            except UnicodeDecodeError:
                _decode_all(path, file, reading.encoding or "utf-8")
                raise
            if cells is None:
                return
            if len(cells) > 2 * MAX_COLUMNS:
                refuse_so(
                    file, f"has {len(cells):,} cells; {MAX_COLUMNS:,} are the most that can be read.", lines.began
                )
            yield RawRow(lines.began, tuple(cells) if as_written else tuple(without_guard(cell) for cell in cells))


class _Lines:
    """Lines for the reader, with the number of the one where a row began, and its text."""

    def __init__(self, stream: io.TextIOBase, file: str, header: int) -> None:
        self.stream, self.file, self.number = stream, file, 0
        self.began, self._row = 1, []  # type: tuple[int, list[str]]
        for _ in range(header - 1):
            if not self._next():
                refuse_so(file, "there is no header line here.", header)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._next()
        if not line:
            raise StopIteration
        if "\0" in line:
            refuse(self.file, "holds a null byte: this is not text, or it was damaged on its way.", self.number)
        self._row.append(line)
        return line

    def _next(self) -> str:
        line = self.stream.readline(LINE)
        if len(line) >= LINE:
            refuse(self.file, "is longer than any row can be.", self.number + 1)
        self.number += bool(line)
        return line

    def begin(self) -> None:
        self.began, self._row = self.number + 1, []

    def text(self) -> str:
        return "".join(self._row).rstrip("\r\n")


def would_calculate(text: str) -> bool:
    """Whether a spreadsheet would take the text of a cell for a formula, or for a guarded one."""
    while text.strip():
        if text[0] in "\t\r":
            return True
        text = text.strip()
        if text[0] != "'":
            return text[0] in "=+-@" and not NUMBER.fullmatch(text)
        text = text[1:]
    return False


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would calculate. `without_guard` takes it off again."""
    return f"'{text}" if would_calculate(text) else text


def without_guard(text: str) -> str:
    """The stripped text of a cell without its guard; breaks inside are as they are stored."""
    text = text.strip()
    if text[:1] == "'" and would_calculate(text[1:]):
        text = text[1:].strip()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def write_csv(into: BinaryIO, header: Iterable[str], rows: Iterable[Iterable[Any]], *, separator: str = ",") -> None:
    """UTF-8 with a byte order mark, without which spreadsheets take it for another encoding. None is an empty cell."""
    for part in csv_parts(header, rows, separator=separator):
        into.write(part)


def csv_parts(header: Iterable[str], rows: Iterable[Iterable[Any]], *, separator: str = ",") -> Iterator[bytes]:
    """The same in parts of about 64 KB, for answers that are streamed."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow([guarded(str(name)) for name in header])
    for row in rows:
        writer.writerow(["" if cell is None else guarded(str(cell)) for cell in row])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _guarded_again(text: str) -> str:
    """A cell as a file had it, guarded unless it was: to who reads it back it is the same."""
    return text if text.lstrip().startswith("'") else guarded(text)


def _as_it_was(text: str, separator: str) -> list[str] | None:
    """The cells that a spreadsheet makes of a row that cannot be read for certain; None where one would calculate."""
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return None
    return None if any(_guarded_again(cell) != cell for cell in cells) else cells


def _above(lines: Iterable[str], separator: str) -> Iterator[tuple[str, list[str]]]:
    """(as it was, its cells) of what stands above the header."""
    seen: list[str] = []

    def kept() -> Iterator[str]:
        for line in lines:
            seen.append(line)
            yield line

    rows = csv.reader(kept(), delimiter=separator)
    try:
        for cells in rows:
            yield "".join(seen), cells
            seen.clear()
    except csv.Error:
        # A quotation mark that never closes: no cell begins within.
        yield "".join((*seen, *lines)), []


def with_errors(path: Path, reading: Reading, errors: Mapping[int, str], into: BinaryIO) -> None:
    """The same rows in UTF-8, with one more column that says what is wrong with a row.

    Cells are as they were, but for those that a spreadsheet would calculate: they are guarded.
    """
    text = io.TextIOWrapper(into, encoding="utf-8", newline="", write_through=True)
    separator = reading.separator or ","
    try:
        text.write("\ufeff")
        writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
        with _text(path, reading.encoding or "utf-8") as stream:
            for line, cells in _above(islice(stream, reading.header - 1), separator):
                guarded_ones = [_guarded_again(cell) for cell in cells]
                if guarded_ones == cells:
                    text.write(line)
                else:
                    writer.writerow(guarded_ones)
        width, old = 0, None
        for row in raw_rows(path, reading, path.name, as_written=True):
            said = guarded(errors.get(row.line, ""))
            if row.raw and width and (found := _as_it_was(row.cells[0], separator)) is not None:
                # A row that was sent before may have the column already.
                missing = [""] * (width - len(found)) + [said] if said not in found[width:] else []
                text.write(row.cells[0])
                if missing:
                    text.write(separator)
                    writer.writerow(missing)
                else:
                    text.write("\r\n")
                continue
            cells = [_guarded_again(cell) for cell in row.cells]
            if not width and not row.empty:
                while cells and not cells[-1].strip():
                    cells.pop()
                old = cells.index(WRONG) if WRONG in cells else None
                width = len(cells) - (old is not None)
                said = WRONG
            if old is not None and old < len(cells):
                del cells[old]
            cells += [""] * (width - len(cells))
            # What stands beyond the header stays behind the new column, so that this one is straight.
            writer.writerow([*cells[:width], said, *cells[width:]] if width else cells)
    finally:
        text.detach()
