"""Search results."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, PageModel


@dataclass(frozen=True)
class SearchRow:
    kind: str
    result: Link
    excerpt: str


@dataclass(frozen=True, kw_only=True)
class SearchPage(PageModel):
    q: str
