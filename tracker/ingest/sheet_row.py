"""What a file of rows is, whatever its format: how it is read, its rows, its limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NoReturn

from tracker.ingest.table_file import FileRefused, RowError

# The whole record has some ten thousand rows; what is larger comes in parts.
MAX_BYTES = 100 * 1000 * 1000
MAX_ROWS = 200_000
MAX_COLUMNS = 500
# What a cell of a spreadsheet can hold: a longer one could not be edited there again.
MAX_CHARACTERS = 32_767
# The first rows, which tell separator, header line and decimal mark.
FIRST_ROWS = 100
SAMPLE = 20
# Under headings of groups the names of the columns stand no further down than so many lines.
NEAR = 5
WRONG = "What is wrong"
# What a workbook can hold (_x0000_) and no database takes: the null character, and halves of characters.
UNSTORABLE = re.compile("[\\x00\ud800-\udfff]")

# Only the first three are ever found by looking; the others are taken when a person says so.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "windows-1252": "Windows-1252 (Western European)",
    "windows-1250": "Windows-1250 (Central European)",
    "windows-1251": "Windows-1251 (Cyrillic)",
    "gb18030": "GB 18030 (Chinese)",
}
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
DECIMALS = {".": "point (16.4)", ",": "comma (16,4)"}


@dataclass(frozen=True)
class Reading:
    """How a file is read. `sheet` belongs to XLSX, `encoding` and `separator` to CSV; `header` is a line from 1."""

    format: Literal["csv", "xlsx"]
    encoding: str = ""
    separator: str = ""
    decimal: Literal[".", ","] = "."
    sheet: str = ""
    header: int = 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Reading:
        """Raises ValueError for what no reading can be."""
        known = {name: said[name] for name in cls.__dataclass_fields__ if name in said}
        try:
            reading = cls(**known)
        except TypeError:
            raise ValueError("It is not said which format the file has.") from None
        if not all(
            isinstance(said, str) for said in (reading.format, reading.encoding, reading.separator, reading.decimal)
        ):
            raise ValueError("How a file is read is said in words.")
        allowed: tuple[tuple[str, str, Iterable[str]], ...] = (
            ("format", reading.format, ("csv", "xlsx")),
            ("encoding", reading.encoding, ("", *ENCODINGS)),
            ("separator", reading.separator, ("", *SEPARATORS)),
            ("decimal", reading.decimal, DECIMALS),
        )
        for name, value, values in allowed:
            if value not in values:
                raise ValueError(f"The {name} of a file cannot be “{value}”.")
        if not isinstance(reading.header, int) or isinstance(reading.header, bool) or not 1 <= reading.header <= 1000:
            raise ValueError("The header stands in one of the first 1,000 lines.")
        if not isinstance(reading.sheet, str):
            raise ValueError("A sheet has a name.")
        return reading


@dataclass(frozen=True)
class Wish:
    """What a person says of how a file is read; what is empty (the line of the header: 0) is found by looking.

    `names`: what columns may be called, as `plain` makes it: of two lines the one with more of them is the header.
    """

    encoding: str = ""
    separator: str = ""
    decimal: Literal["", ".", ","] = ""
    sheet: str = ""
    header: int = 0
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reading: Reading) -> Wish:
        return cls(reading.encoding, reading.separator, reading.decimal, reading.sheet, reading.header)


class ReadOtherwise(FileRefused):
    """The file cannot be read so, but perhaps as a person says. `sheets`: those of a workbook."""

    def __init__(self, errors: Iterable[RowError], sheets: tuple[str, ...] = ()) -> None:
        super().__init__(errors)
        self.sheets = sheets


@dataclass(frozen=True)
class CellWrong:
    """A cell that cannot be read: its column (`first` to `last` where several are one), from 0; what it shows; why.

    `words` is the reason with the cell's place in the file, for where no column is named.
    """

    first: int
    last: int
    value: str
    reason: str
    words: str


@dataclass(frozen=True)
class SheetRow:
    """A row: the line where it begins, from 1; as many cells as the header has; what is wrong with it as a whole, and
    with single cells of it."""

    line: int
    cells: tuple[str, ...]
    error: str = ""
    wrong: tuple[CellWrong, ...] = ()

    @property
    def said(self) -> str:
        """Everything that is wrong with it, in words."""
        return "; ".join(filter(None, (self.error, *(one.words for one in self.wrong[:5]))))


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows: how it is read, its columns, its first rows, what one should know of it."""

    reading: Reading
    header: tuple[str, ...]
    sample: tuple[SheetRow, ...]
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawRow:
    """A row as the file has it, before the header says how many cells it has. `raw`: `cells` is its text, not cells;
    `left`: how many empty columns stand before the table; `wrong` counts columns from there."""

    line: int
    cells: tuple[str, ...]
    error: str = ""
    raw: bool = False
    left: int = 0
    wrong: tuple[CellWrong, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.error and not self.wrong and not any(cell.strip() for cell in self.cells)


def refuse(file: str, reason: str, line: int = 1, column: str = "", value: str = "") -> NoReturn:
    raise FileRefused([RowError(file, line, column, UNSTORABLE.sub("\ufffd", value), reason)])


def refuse_so(file: str, reason: str, line: int = 1, column: str = "", value: str = "") -> NoReturn:
    """Refuses what another encoding, separator, sheet or line of the header may mend."""
    raise ReadOtherwise([RowError(file, line, column, UNSTORABLE.sub("\ufffd", value), reason)])


def letters(index: int) -> str:
    """A column as spreadsheets name it: 0 -> A, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def named(file: str, row: RawRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the columns' names, notes on them). Raises ReadOtherwise for names that stand twice."""
    if row.raw:
        refuse_so(file, f"the header line cannot be read: {row.error}.", row.line)

    def place(index: int) -> str:
        return letters(index + row.left)

    names = [" ".join(cell.split()) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        refuse_so(file, "there is no header line: the first row must name the columns.", row.line)
    if len(names) > MAX_COLUMNS:
        refuse_so(file, f"there are {len(names):,} columns; {MAX_COLUMNS:,} are the most that can be read.", row.line)
    notes = []
    for index, name in enumerate(names):
        if not name:
            names[index] = f"Column {place(index)}"
            notes.append(f"Column {place(index)} has no name: here it is called “{names[index]}”.")
        elif len(name) > 200:
            refuse_so(file, "has more than 200 characters: is this the header line?", row.line, place(index), name)
        elif UNSTORABLE.search(name):
            reason = "holds a character that is none (a null byte): write the name anew."
            refuse_so(file, reason, row.line, place(index), name)
    errors = []
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            reason = f"names columns {place(first[name])} and {place(index)} alike: give each its own name."
            errors.append(RowError(file, row.line, place(index), name, reason))
        first.setdefault(name, index)
    if errors:
        raise ReadOtherwise(errors)
    return tuple(names), tuple(notes)


def table(file: str, raw: Iterable[RawRow], reading: Reading) -> Iterator[tuple[str, ...] | SheetRow]:
    """First the names of the columns, then every row that is not empty. Raises FileRefused."""
    header: tuple[str, ...] = ()
    counted = 0
    for row in raw:
        if row.line < reading.header or (not header and row.empty):
            continue
        if not header:
            header, _ = named(file, row)
            yield header
            continue
        if row.empty:
            continue
        counted += 1
        if counted > MAX_ROWS:
            refuse(file, f"there are more than {MAX_ROWS:,} rows: send the file in parts.", row.line)
        yield _row(file, row, header, reading)
    if not header:
        if reading.header == 1:
            refuse(file, "the file is empty.")
        refuse_so(file, "there is no header line here.", reading.header)


def _row(file: str, row: RawRow, header: tuple[str, ...], reading: Reading) -> SheetRow:
    width = len(header)
    if row.raw:
        return SheetRow(row.line, ("",) * width, row.error)
    for index, cell in enumerate(row.cells):
        if len(cell) > MAX_CHARACTERS:
            name = header[index] if index < width else letters(index + row.left)
            refuse(file, f"has more than {MAX_CHARACTERS:,} characters.", row.line, name, cell)
    cells, more = row.cells[:width], row.cells[width:]
    error = row.error
    found = next((index for index, cell in enumerate(more) if cell.strip()), None)
    if found is not None and not error:
        beyond = (
            f"“{more[found].strip()[:40]}” stands in column {letters(width + found + row.left)}, which has no name"
        )
        error = f"has {len(row.cells)} cells instead of {width}: {beyond}" if reading.format == "csv" else beyond
    elif len(cells) < width and reading.format == "csv" and not error:
        error = f"has {len(cells)} {'cell' if len(cells) == 1 else 'cells'} instead of {width}"
    wrong: tuple[CellWrong, ...] = ()
    if row.wrong:
        wrong = tuple(one for one in row.wrong if 0 <= one.first < width)
        # What stands beside the table belongs to none of its columns.
        beside = [one.words for one in row.wrong if not 0 <= one.first < width]
        error = "; ".join(filter(None, (error, *beside[:5])))
    if UNSTORABLE.search("".join(cells)):
        shown = tuple(UNSTORABLE.sub("\ufffd", cell) for cell in cells)
        unseen = "holds a character that is none (a null byte): write it anew"
        wrong += tuple(
            CellWrong(index, index, shown[index], unseen, f"cell {letters(index + row.left)}{row.line} {unseen}")
            for index, cell in enumerate(cells) if shown[index] != cell
        )  # fmt: skip
        cells = shown
    return SheetRow(row.line, (*cells, *("",) * (width - len(cells))), error, wrong)


def plain(name: str) -> str:
    """A column's name as names are compared: letters and digits alone."""
    return re.sub(r"[^0-9a-z]+", "", name.casefold())


def counted(many: int, one: str, several: str) -> str:
    """'1 cell is', '1,200 cells are'."""
    return f"{many:,} {one if many == 1 else several}"


def header_line(rows: list[RawRow], names: frozenset[str] = frozenset()) -> int:
    """The first line that reaches about as far to the right as the rows below: titles above a table do not. Where a
    line a little below holds more of the `names` that columns may have, it is that: headings of groups stand above."""
    line = _reaching(rows)
    known = {
        row.line: sum(plain(cell) in names for cell in row.cells)
        for row in [row for row in rows if row.line >= line and not row.raw and not row.empty][:NEAR]
    }
    best = max(known, key=lambda number: (known[number], -number), default=line)
    return best if known.get(best, 0) > max(1, known.get(line, 0)) else line


def _reaching(rows: list[RawRow]) -> int:
    reach = [
        (row.line, max(index for index, cell in enumerate(row.cells, 1) if cell.strip()))
        for row in rows
        if not row.raw and any(cell.strip() for cell in row.cells)
    ]
    if not reach:
        return 1
    usual = sorted(far for _, far in reach)[len(reach) // 2]
    return next((line for line, far in reach if far >= 0.6 * usual), reach[0][0])


def decimal_mark(rows: Iterable[RawRow]) -> Literal[".", ","]:
    """The mark that stands in numbers. Three digits behind it prove nothing, unless a lone zero stands before."""

    seen = {".": 0, ",": 0}
    for row in rows:
        for cell in row.cells:
            found = re.fullmatch(r"-?([0-9]+)([.,])([0-9]+)\s?%?", cell.strip())
            if found and (len(found[3]) != 3 or found[1] == "0" or len(found[1]) > 3):
                seen[found[2]] += 1
    return "," if seen[","] > seen["."] else "."
