"""Editions: what was published when, and how much of each is known."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.home import ShareOfCells
from tracker.analysis.read_model import Link, PageModel, Place, Value


@dataclass(frozen=True)
class EditionRow:
    edition: Link
    series: str
    released: str
    years: str
    stage: str
    technologies: Value
    covered: Value
    leaders_known: Value
    shares_known: Value
    risks_known: Value


@dataclass(frozen=True)
class CoveredRow:
    """A technology as the edition names, groups and numbers it."""

    number: Value
    technology: Link
    name_there: str
    category_there: str
    covered: Value
    note: str


@dataclass(frozen=True)
class EditionScoreRow:
    """Everything known of one place in one technology, in the edition's own window."""

    technology: Link
    place: Place
    counted_as: str
    rank: Value
    share: Value
    publications: Value
    note: str


@dataclass(frozen=True, kw_only=True)
class EditionPage(PageModel):
    headline: str
    verification: str
    released: str
    windows: tuple[str, ...]
    previous: Link | None
    series_method: str
    note: str
    coverage: tuple[ShareOfCells, ...]
