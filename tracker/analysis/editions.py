"""Editions: what was published when, and how much of each is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.analysis.home import ShareOfCells
from tracker.analysis.read_model import Link, PageModel, Place, Value, written


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


@dataclass(frozen=True)
class YearsRow:
    """A place in a technology, in one of several windows. A column is None where no row of the table knows it."""

    technology: Link
    place: Place
    years: str
    rank: Value | None
    share: Value | None
    publications: Value | None
    h_index: Value | None
    note: str


@dataclass(frozen=True, kw_only=True)
class EditionPage(PageModel):
    """`beside`: how many values it has of other years than its own window's. `wanted`: where who may edit enters what
    its values lack to stand on other pages."""

    headline: str
    verification: str
    released: str
    windows: tuple[str, ...]
    previous: Link | None
    series_method: str
    note: str
    coverage: tuple[ShareOfCells, ...]
    beside: int
    wanted: tuple[Link, ...] = field(default=(), metadata={"twin": False})


LEVELS_NAMED = {"technology": ("technology", "technologies"), "field": ("research field", "research fields")}


def many(number: int, one: str, more: str) -> str:
    """'1 technology', '3 980 values'."""
    return f"{written(number)} {one if number == 1 else more}"


def extent(*, covered: int, level: str, values: int, windows: Sequence[tuple[int, int]], published: bool) -> str:
    """What an edition holds, within a sentence.

    `covered`: how many technologies it covers, as stated, else as entered; `values`: our scores of it in `windows`,
    each of first and last year.
    """
    if covered:
        return many(covered, *LEVELS_NAMED[level])
    if values:
        first, last = min(years[0] for years in windows), max(years[1] for years in windows)
        span = str(first) if first == last else f"{first} to {last}"
        return f"{many(values, 'value', 'values')} in {many(len(windows), 'window', 'windows')} of years ({span})"
    return f"{'published' if published else 'announced'}, nothing of it has been seen"
