"""A file of rows that a person sends (CSV or XLSX) -> text cells under a header; and the same written.

`look` finds out how a file is read, `rows` reads it so. What cannot be read for certain is refused in words
(`FileRefused`), never guessed: the encodings that are found are UTF-8, UTF-16 and Windows-1252.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from tracker.ingest import csv_file, xlsx_file
from tracker.ingest.csv_file import csv_parts, write_csv
from tracker.ingest.sheet_row import (
    DECIMALS,
    ENCODINGS,
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_COLUMNS,
    MAX_ROWS,
    NEAR,
    SAMPLE,
    SEPARATORS,
    WRONG,
    CellWrong,
    Look,
    Reading,
    ReadOtherwise,
    SheetRow,
    Wish,
    named,
    plain,
    refuse,
    table,
)
from tracker.ingest.table_file import FileRefused, RowError
from tracker.ingest.xlsx_file import Workbook

__all__ = [
    "DECIMALS", "ENCODINGS", "MAX_BYTES", "MAX_CHARACTERS", "MAX_COLUMNS", "MAX_ROWS", "NEAR", "SEPARATORS", "WRONG",
    "CellWrong", "FileRefused", "Look", "ReadOtherwise", "Reading", "RowError", "SheetRow", "Wish", "Workbook",
    "csv_parts", "header", "look", "plain", "rows", "with_errors", "write_csv",
]  # fmt: skip


def look(path: Path, name: str, wanted: Reading | Wish | None = None) -> Look:
    """What the file holds, `wanted` being what a person says of how it is read. `name` is for messages.

    The format follows from the content, whatever the name says. Raises FileRefused; ReadOtherwise where another wish
    may be read.
    """
    wish = Wish.of(wanted) if isinstance(wanted, Reading) else wanted or Wish()
    size = path.stat().st_size
    if size > MAX_BYTES:
        refuse(
            name,
            f"the file has {size / 1_000_000:,.0f} MB; {MAX_BYTES // 1_000_000} MB are the most. Send it in parts.",
        )
    if not size:
        refuse(name, "the file is empty.")
    sheets: tuple[str, ...] = ()
    if xlsx_file.is_workbook(path, name):
        reading, head, sheets, notes = xlsx_file.find(path, name, wish)
    else:
        reading, head, notes = csv_file.find(path, name, wish)
    found = table(name, head, reading)
    try:
        columns = next(found)
    except ReadOtherwise as refused:
        raise ReadOtherwise(refused.errors, sheets) from None
    assert isinstance(columns, tuple)
    first = next(row for row in head if row.line >= reading.header and not row.empty)
    sample: list[SheetRow] = []
    for row in found:
        assert isinstance(row, SheetRow)
        if len(sample) < SAMPLE:
            sample.append(row)
    if not sample:
        notes = [*notes, "There are no rows below the header."]
    return Look(reading, columns, tuple(sample), sheets, (*notes, *named(name, first)[1]))


def header(path: Path, reading: Reading) -> tuple[str, ...]:
    """The names of the columns. Raises FileRefused."""
    found = next(table(path.name, _raw(path, reading), reading))
    assert isinstance(found, tuple)
    return found


def rows(path: Path, reading: Reading) -> Iterator[SheetRow]:
    """Every row below the header that is not empty, one at a time.

    Cells are stripped text, as many as the header has. In a CSV file the apostrophe is taken off that keeps a
    spreadsheet from calculating. Raises FileRefused where the file cannot be read on.
    """
    found = table(path.name, _raw(path, reading), reading)
    next(found)
    for row in found:
        assert isinstance(row, SheetRow)
        yield row


def _raw(path: Path, reading: Reading) -> Iterator[csv_file.RawRow]:
    read = xlsx_file.raw_rows if reading.format == "xlsx" else csv_file.raw_rows
    return read(path, reading, path.name)


def with_errors(path: Path, reading: Reading, errors: Mapping[int, str], into: BinaryIO) -> None:
    """The same file with one more column, “What is wrong”, filled from {line: words}; a workbook: its chosen sheet."""
    write = xlsx_file.with_errors if reading.format == "xlsx" else csv_file.with_errors
    write(path, reading, dict(errors), into)
