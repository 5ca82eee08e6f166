"""Editions, sources, coverage, institutions, talent, search, and the pages of text: their rows."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.home import ShareOfCells
from tracker.analysis.read_model import Link, PageModel, Place, SourceRef, Value


@dataclass(frozen=True)
class EditionRow:
    edition: Link
    series: str
    released: str
    years: str
    stage: str
    technologies: Value
    covered: int
    leaders_known: int
    shares_known: int
    risks_known: int


@dataclass(frozen=True)
class CoveredRow:
    """A technology as the edition names, groups and numbers it."""

    number: int | None
    technology: Link
    name_there: str
    category_there: str
    covered: Value
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


@dataclass(frozen=True)
class SourceRow:
    source: Link
    publisher: str
    date: str
    kind: str
    reuse: str
    cited: int


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


@dataclass(frozen=True)
class CoverageRow:
    """How much of one edition is known. `cells` = technologies x countries that occur in its series."""

    edition: Link
    technologies: int
    leaders: int
    leader_shares: int
    both_shares: int
    risks: int
    cells: int
    cells_known: int
    cells_with_share: int
    scores_sourced: int
    scores_cited_by_two: int

    @property
    def parts(self) -> tuple[ShareOfCells, ...]:
        return (
            ShareOfCells("leaders", self.leaders, self.technologies),
            ShareOfCells("leader's shares", self.leader_shares, self.technologies),
            ShareOfCells("both shares", self.both_shares, self.technologies),
            ShareOfCells("monopoly risks", self.risks, self.technologies),
            ShareOfCells("cells", self.cells_known, self.cells),
        )


@dataclass(frozen=True)
class InstitutionRow:
    institution: Place
    country: Place
    technology: Link
    edition: Link
    years: str
    rank: Value
    share: Value
    note: str


@dataclass(frozen=True)
class TalentRow:
    edition: Link
    of: str
    technology: Link | None
    working_in: Place
    trained_in: Place
    stage: str
    population: str
    percent: Value
    note: str


@dataclass(frozen=True)
class SearchRow:
    kind: str
    result: Link
    excerpt: str


@dataclass(frozen=True, kw_only=True)
class SearchPage(PageModel):
    q: str


@dataclass(frozen=True)
class MeasureRow:
    measure: str
    meaning: str
    formula: str


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
