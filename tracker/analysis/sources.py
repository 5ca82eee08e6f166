"""Sources, and the records that cite them."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, PageModel, SourceRef, Value


@dataclass(frozen=True)
class SourceRow:
    source: Link
    publisher: str
    date: str
    kind: str
    reuse: str
    cited: Value


@dataclass(frozen=True)
class CitingRow:
    """A record that cites a source."""

    kind: str
    record: Link
    field: str
    passage: str
    stated_value: str
    note: str


@dataclass(frozen=True, kw_only=True)
class SourcePage(PageModel):
    source: SourceRef
    kind_note: str
    date_note: str
    reuse: str
    note: str
