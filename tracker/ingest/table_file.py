"""A table in a CSV file -> typed rows, or every error with file, line, column, value and reason."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RowError:
    """What is wrong, and where. `line` counts from 1, the header; `column` is empty for a whole line."""

    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" + (f", column {self.column}" if self.column else "")
        shown = f" “{self.value[:80]}”" if self.value else ""
        return f"{where}:{shown} {self.reason}"


class FileRefused(Exception):
    """The file holds errors: nothing of it may be used."""

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass(frozen=True)
class Row:
    """One line: its number and its values by column; an empty cell is None, or "" for text."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column's name, how its text becomes a value (ValueError says why not), and whether it must be filled."""

    name: str
    parse: Callable[[str], Any]
    required: bool = False


@dataclass(frozen=True)
class TableFormat:
    """The columns of one kind of file; `key` names the columns that identify a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def text(value: str) -> str:
    return value


def whole(value: str) -> int | None:
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("is not a whole number of 0 or more")
    return int(value)


def decimal(value: str) -> Decimal | None:
    """Keeps the digits as written: Decimal('4.0') has one decimal."""
    if not value:
        return None
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise ValueError("is not a number such as 48.49 (a point before the decimals, no unit)")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError("is not a number such as 48.49") from None


def signed(value: str) -> Decimal | None:
    """As `decimal`, and below zero too: a change of -28 per cent."""
    if value.startswith("-") and (found := decimal(value[1:])) is not None:
        return -found
    return decimal(value)


def partial_date(value: str) -> str:
    if value and not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value):
        raise ValueError("is not a date such as 2019, 2019-06 or 2019-06-05")
    if len(value) > 4:
        try:
            datetime.date.fromisoformat(value if len(value) == 10 else f"{value}-01")
        except ValueError:
            raise ValueError("is not in the calendar") from None
    return value


def yes(value: str) -> bool:
    if value not in {"", "yes"}:
        raise ValueError("is neither “yes” nor empty")
    return value == "yes"


def keys(value: str) -> tuple[str, ...]:
    found = tuple(value.split())
    if len(set(found)) != len(found):
        raise ValueError("names something twice")
    return found


def read_table(path: Path, layout: TableFormat) -> tuple[Row, ...]:
    """The rows of a UTF-8 CSV file with a header line. Raises FileRefused with every error found."""
    try:
        content = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise FileRefused([RowError(path.name, 1, "", "", "the file is missing.")]) from None
    except UnicodeDecodeError as broken:
        line = broken.object[: broken.start].count(b"\n") + 1
        raise FileRefused([RowError(path.name, line, "", "", "is not UTF-8 text here.")]) from None
    if content.startswith("\ufeff"):
        reason = "starts with a byte order mark: save it as UTF-8 without one."
        raise FileRefused([RowError(path.name, 1, "", "", reason)])
    if not content.strip():
        raise FileRefused([RowError(path.name, 1, "", "", "the file is empty.")])
    # StringIO breaks lines at line breaks only; str.splitlines also inside a cell, at U+2028 and the like.
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    errors: list[RowError] = []
    rows: list[Row] = []
    seen: dict[tuple[Any, ...], int] = {}
    names = [column.name for column in layout.columns]
    line = 1
    try:
        header = next(reader, [])
        if header != names:
            missing = [name for name in names if name not in header]
            strange = [name for name in header if name not in names]
            reason = (
                f"the header lacks {', '.join(missing)}." if missing
                else f"the header has unknown columns: {', '.join(strange)}." if strange
                else f"the columns must stand in this order: {', '.join(names)}."
            )  # fmt: skip
            raise FileRefused([RowError(path.name, 1, "", "", reason)])
        line = reader.line_num + 1
        for cells in reader:
            row = _read_row(path.name, line, cells, layout, errors)
            if row is not None:
                key = tuple(row.values[name] for name in layout.key)
                if key in seen:
                    shown = "/".join("" if part is None else str(part) for part in key)
                    errors.append(RowError(path.name, line, "", shown, f"stands already in line {seen[key]}."))
                else:
                    seen[key] = line
                    rows.append(row)
            line = reader.line_num + 1
    except csv.Error as broken:
        errors.append(RowError(path.name, line, "", "", f"cannot be read as CSV: {broken}."))
    if errors:
        raise FileRefused(errors)
    return tuple(rows)


def _read_row(file: str, line: int, cells: list[str], layout: TableFormat, errors: list[RowError]) -> Row | None:
    if len(cells) != len(layout.columns):
        reason = f"has {len(cells)} cells instead of {len(layout.columns)}."
        errors.append(RowError(file, line, "", "", reason))
        return None
    values: dict[str, Any] = {}
    found: list[RowError] = []
    for column, cell in zip(layout.columns, cells, strict=True):
        cell = cell.strip()
        if "\x00" in cell:
            found.append(RowError(file, line, column.name, "", "holds a null byte."))
        elif column.required and not cell:
            found.append(RowError(file, line, column.name, "", "must be filled."))
        else:
            try:
                values[column.name] = column.parse(cell)
            except ValueError as wrong:
                found.append(RowError(file, line, column.name, cell, f"{wrong}."))
    errors.extend(found)
    return None if found else Row(line, values)
