"""A read model as JSON and as CSV: one mechanism for every page, so that all three hold equal values."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from tracker.analysis.read_model import (
    Cited,
    Link,
    PageModel,
    Place,
    Ranks,
    SourceRef,
    TableData,
    Value,
)

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain(content: Any) -> str:
    """A cell as text: digits as published, a place by its code, a rank range as 1-5, unknown as ''."""
    if isinstance(content, Value):
        return plain(content.content)
    if content is None:
        return ""
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, Decimal):
        return f"{content:f}"
    if isinstance(content, Place):
        return content.code
    if isinstance(content, Link):
        return content.text
    if isinstance(content, Ranks):
        return str(content.first) if content.first == content.last else f"{content.first}-{content.last}"
    if isinstance(content, (datetime.date, datetime.datetime)):
        return content.isoformat()
    if isinstance(content, tuple):
        return "; ".join(plain(part) for part in content)
    if isinstance(content, SourceRef):
        return content.key
    if isinstance(content, Cited):
        return content.source.key
    return str(content)


def as_json(model: PageModel) -> dict[str, Any]:
    """The whole read model as JSON-ready data; sources are listed once and named by key elsewhere."""
    sources: dict[str, SourceRef] = {}
    body = _json(model, sources)
    body["tables"] = {
        table.name: {"caption": table.caption, "rows": [_json(row, sources) for row in table.rows]}
        for table in model.tables
    }
    body["sources"] = [_source(source) for _, source in sorted(sources.items())]
    return body


def _source(source: SourceRef) -> dict[str, Any]:
    return {column.name: getattr(source, column.name) for column in fields(source)}


def _json(content: Any, sources: dict[str, SourceRef]) -> Any:
    if isinstance(content, Value):
        value: dict[str, Any] = {"value": _json(content.content, sources)}
        for name in ("unit", "bound", "out_of", "basis", "note", "withheld", "address"):
            if getattr(content, name):
                value[name] = getattr(content, name)
        if content.cited:
            value["sources"] = [_json(citation, sources) for citation in content.cited]
        return value
    if isinstance(content, Cited):
        sources[content.source.key] = content.source
        said: dict[str, Any] = {
            name: getattr(content, name)
            for name in (
                "field",
                "passage",
                "page",
                "stated_value",
                "preferred",
                "reliability",
                "credibility",
                "note",
            )
            if getattr(content, name)
        }
        if content.seen_through:
            sources[content.seen_through.key] = content.seen_through
            said["seen_through"] = content.seen_through.key
        return {"source": content.source.key, **said} if said else content.source.key
    if isinstance(content, Place):
        return {"code": content.code, "name": content.name, "kind": content.kind}
    if isinstance(content, Ranks):
        return content.first if content.first == content.last else {"first": content.first, "last": content.last}
    if isinstance(content, (datetime.date, datetime.datetime)):
        return content.isoformat()
    if is_dataclass(content) and not isinstance(content, type):
        return {
            column.name: _json(getattr(content, column.name), sources)
            for column in fields(content)
            if column.name != "tables" and column.metadata.get("twin", True)
        }
    if isinstance(content, dict):
        return {str(key): _json(part, sources) for key, part in content.items()}
    if isinstance(content, (tuple, list)):
        return [_json(part, sources) for part in content]
    return content


def columns(row_type: type) -> Iterator[tuple[str, str]]:
    """(row field, part) of each CSV column of a row type: a Value gives itself, its basis and its sources."""
    for column in fields(row_type):
        yield column.name, ""
        kind = str(column.type)
        if "Place" in kind:
            yield column.name, "name"
        if "Link" in kind:
            yield column.name, "address"
        if "Value" in kind:
            for part in ("name", "bound", "out_of", "basis", "sources"):
                yield column.name, part


def _cell(content: Any, part: str) -> str:
    if not part:
        return plain(content)
    if content is None:
        return ""
    if isinstance(content, tuple):
        return "; ".join(_cell(one, part) for one in content)
    if part == "name":
        place = content.content if isinstance(content, Value) else content
        return place.name if isinstance(place, Place) else ""
    if part == "sources":
        return " ".join(citation.source.key for citation in content.cited)
    found = getattr(content, part)
    return "" if found is None else str(found)


def guarded(cell: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if cell.startswith(FORMULA_STARTS) and not cell.lstrip("-").replace(".", "", 1).isdecimal():
        return f"'{cell}"
    return cell


def csv_lines(table: TableData) -> Iterator[list[str]]:
    """The header and the rows of a table's CSV twin; columns that are empty throughout are kept."""
    wanted = [
        (name, part)
        for name, part in columns(table.row_type)
        # Parts that no row fills (a bound, a place's name) would only be noise.
        if part in ("", "basis", "sources") or any(_cell(getattr(row, name), part) for row in table.rows)
    ]
    yield [f"{name}_{part}" if part else name for name, part in wanted]
    for row in table.rows:
        yield [guarded(_cell(getattr(row, name), part)) for name, part in wanted]


def as_csv(table: TableData) -> str:
    """The table as CSV (RFC 4180 with \\n, UTF-8)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(csv_lines(table))
    return text.getvalue()


def sources_of(rows: Iterable[Any]) -> tuple[SourceRef, ...]:
    """Every source cited in the rows, each once, by title."""
    found: dict[str, SourceRef] = {}
    _json(list(rows), found)
    return tuple(sorted(found.values(), key=lambda source: source.title.casefold()))
