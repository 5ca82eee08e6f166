"""Pages of text: their tables are rows like any other."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, PageModel, Place, Value


@dataclass(frozen=True)
class MeasureRow:
    measure: str
    meaning: str
    formula: str


@dataclass(frozen=True)
class MarkRow:
    """One mark of the Admiralty code: its words, and what we give it for. `of`: the source, or what it says."""

    mark: str
    of: str
    words: str
    given_for: str


@dataclass(frozen=True)
class PartRow:
    """A part of the whole: of the licence, of the record, of the downloads."""

    part: str
    terms: str
    where: Link | None


@dataclass(frozen=True)
class PlaceNameRow:
    place: Place
    alpha3: str
    region: str
    note: str


@dataclass(frozen=True, kw_only=True)
class TextPage(PageModel):
    pass


@dataclass(frozen=True)
class SeriesRow:
    series: str
    publisher: str
    indicator: str
    unit: str
    method: str
    note: str


@dataclass(frozen=True)
class KindRow:
    """How many records of a kind the tracker holds."""

    kind: str
    records: Value
