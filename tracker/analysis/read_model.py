"""The parts every read model is made of: places, values with their sources, tables, figures, pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import field as column_of
from decimal import Decimal
from typing import Any

THIN_SPACE = "\u202f"  # narrow and unbreakable
MINUS = "\u2212"  # as wide as a digit


@dataclass(frozen=True)
class Link:
    """A name that leads somewhere on this site."""

    text: str
    address: str


@dataclass(frozen=True)
class Place:
    """A country, bloc or institution: `code` is ISO 3166 for countries, else a slug."""

    code: str
    name: str
    address: str = ""
    kind: str = "country"


@dataclass(frozen=True)
class SourceRef:
    """A source as a page names it. `date` is as known: '2023', '2023-03-02', or the collector's words."""

    key: str
    title: str
    publisher: str
    date: str
    kind: str
    address: str
    url: str = ""
    withheld: bool = False


@dataclass(frozen=True)
class RecordRef:
    """The record that a value stands in, for who may edit it: its kind and primary key, the column, and its key."""

    kind: str
    pk: int
    column: str = ""
    key: str = ""


@dataclass(frozen=True)
class Cited:
    """One citation: the source, and what it prints where that differs from the value kept.

    `of`: the record that it speaks of. It makes no two citations differ, and stands in no twin.
    """

    source: SourceRef
    field: str = ""
    passage: str = ""
    page: str = ""
    stated_value: str = ""
    preferred: bool = False
    reliability: str = ""
    credibility: str = ""
    note: str = ""
    seen_through: SourceRef | None = None
    of: RecordRef | None = column_of(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Ranks:
    """A rank, or a range of ranks such as 1 to 5."""

    first: int
    last: int

    @classmethod
    def between(cls, first: int | None, last: int | None) -> Ranks | None:
        """The range of two stored columns; None where they are empty."""
        return None if first is None or last is None else cls(first, last)

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return f"top {self.last}" if self.first == 1 else f"{self.first}–{self.last}"

    @property
    def ordinal(self) -> str:
        """'1st', '12th'; a range as 'top 5'."""
        if self.first != self.last:
            return str(self)
        teen = 10 < self.first % 100 < 20
        ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(self.first % 10, "th")
        return f"{self.first}{ending}"


Content = Decimal | int | str | Place | Ranks | None

# How a basis is said beside a value; a stated value needs no remark.
BASIS_REMARKS = {
    "implied": "implied",
    "derived": "derived",
    "elimination": "by elimination",
    "computed": "computed",
    "counted": "counted",
}


@dataclass(frozen=True)
class Value:
    """Something known, or not known (`content` None), with how we know it and who says so.

    `content` keeps the digits as published: Decimal('4.0') is shown as 4.0. `unit` is '%' or ''.
    `withheld`: it is known, but its source does not let us show it; `note` says so.
    `address` leads to the rows that a counted value was counted from. `out_of` is said where a count is of
    other technologies than the page's: "19 of 23". `of`: the record that the value stands in, where its citations
    do not say so; it makes no two values differ, and stands in no twin.
    """

    content: Content = None
    unit: str = ""
    bound: str = ""
    basis: str = ""
    note: str = ""
    cited: tuple[Cited, ...] = ()
    withheld: bool = False
    address: str = ""
    out_of: int | None = None
    of: RecordRef | None = field(default=None, compare=False, repr=False)

    @property
    def known(self) -> bool:
        return self.content is not None

    @property
    def text(self) -> str:
        """For people: 'about 60', '1–5', 'China'; 'unknown' where nothing is known."""
        if self.content is None:
            return "withheld" if self.withheld else "unknown"
        shown = self.content.name if isinstance(self.content, Place) else written(self.content)
        if self.out_of is not None:
            shown = f"{shown} of {self.out_of}"
        return f"{self.bound} {shown}" if self.bound else shown

    @property
    def rank(self) -> int | None:
        """The first rank where the value is a rank or a range of ranks."""
        return self.content.first if isinstance(self.content, Ranks) else None

    @property
    def remark(self) -> str:
        """'derived by us', 'by elimination' …; empty for a stated value."""
        return BASIS_REMARKS.get(self.basis, "") if self.known else ""

    @property
    def disputed(self) -> tuple[Cited, ...]:
        """Citations that print another value."""
        return tuple(citation for citation in self.cited if citation.stated_value)


WITHHELD = "Withheld: its source does not allow republication."


def stated(
    content: Content,
    cited: tuple[Cited, ...],
    *,
    unit: str = "",
    bound: str = "",
    basis: str = "",
    note: str = "",
    out_of: int | None = None,
    of: RecordRef | None = None,
) -> Value:
    """A value with its citations; unknown where there is no content, withheld where only withheld sources say it."""
    if content is None:
        return Value()
    if cited and all(citation.source.withheld for citation in cited):
        return Value(withheld=True, note=WITHHELD, cited=cited, of=of)
    return Value(content, unit=unit, bound=bound, basis=basis, note=note, cited=cited, out_of=out_of, of=of)


def dated(date: str, cited: tuple[Cited, ...], column: str) -> Value:
    """A partial date of a record with those who say it; where none is known, with those who speak of the record."""
    if date:
        return stated(date, citing(cited, column))
    return Value(cited=tuple(citation for citation in citing(cited) if not citation.source.withheld))


def citing(cited: Iterable[Cited], *columns: str) -> tuple[Cited, ...]:
    """The citations of a record that speak of the whole of it or of one of `columns`, each source once.

    What a source says of the column itself (another value, a passage) goes before what it says of the whole.
    """
    found: dict[str, Cited] = {}
    for citation in cited:
        if citation.field in ("", *columns):
            known = found.get(citation.source.key)
            if known is None or (citation.field and not known.field):
                found[citation.source.key] = citation
    return tuple(found.values())


def written(content: Decimal | int | str | Ranks) -> str:
    """A number with every digit published, thin spaces between thousands, and a minus; text as it is."""
    if isinstance(content, bool) or not isinstance(content, (Decimal, int)):
        return str(content)
    spaced = f"{content:,f}" if isinstance(content, Decimal) else f"{content:,}"
    return spaced.replace(",", THIN_SPACE).replace("-", MINUS)


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def known_percent(known: int, total: int) -> str:
    """known of total in per cent: never "100 %" or "0 %" unless it is."""
    if not total or known in (0, total):
        return f"{100 if total and known else 0}\u202f%"
    return f"{max(1, min(99, round(100 * known / total)))}\u202f%" if 100 * known >= total else "under 1\u202f%"


def long_date(date: str) -> str:
    """'5 June 2019', 'June 2019', '2019' for a partial date; any other words as they are."""
    parts = date.split("-")
    if not all(part.isdecimal() for part in parts) or not 1 <= len(parts) <= 3 or len(parts[0]) != 4:
        return date
    words = [MONTHS[int(parts[1]) - 1], parts[0]] if len(parts) > 1 else [parts[0]]
    return " ".join([str(int(parts[2])), *words] if len(parts) == 3 else words)


def published(number: Decimal | None, decimals: int | None) -> Decimal | None:
    """A stored number with as many decimals as were published."""
    if number is None:
        return None
    return number.quantize(Decimal(1).scaleb(-(decimals or 0)))


@dataclass(frozen=True)
class TableData:
    """One table of a page: rows are dataclasses of one type, already filtered and sorted."""

    name: str
    caption: str
    rows: tuple[Any, ...]
    row_type: type
    empty: str = "Nothing is known here yet."


@dataclass(frozen=True)
class FigureRef:
    """A figure of a page: its name in /charts/, its query, its words, and the table it draws.

    `table` names a table of the same page, or is the address of one elsewhere.

    `size` is what the figure's height depends on: its number of rows (0 = fixed height).
    """

    name: str
    query: str
    title: str
    alt: str
    table: str
    size: int = 0

    @property
    def table_address(self) -> str:
        return self.table if self.table.startswith("/") else f"#table-{self.table}"


@dataclass(frozen=True)
class EditionRef:
    """An edition as pages name it."""

    slug: str
    name: str
    series: str
    series_name: str
    unit: str
    released: str
    years: str
    stage: str
    level: str
    featured: bool
    technology_count: int | None
    address: str


@dataclass(frozen=True)
class Facet:
    """One choice of a filter: its value in the address, its name, how many rows it leaves."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Stamp:
    """The state of the record a page was read from.

    `number`: the newest revision of all; `version`: it and the digest of the whole record; `changed`: the
    revision that last touched what the page shows; `changed_on`: its day (UTC), as ISO date. 0 and '' where
    nothing is recorded.
    """

    number: int = 0
    version: str = ""
    changed: int = 0
    changed_on: str = ""


@dataclass(frozen=True, kw_only=True)
class PageModel:
    """What a public page says. `sentence` is its one-sentence answer, computed from the rows.

    `refused`: why the question cannot be answered, in sentences; the page then has no tables. `names_unknown`
    says that something named in it does not exist. `retired`: the day since which the record that the page is of
    is out of use, as an ISO date; "" = in use, or a page of no record.
    """

    title: str
    sentence: str
    address: str
    trail: tuple[Link, ...] = ()
    edition: EditionRef | None = None
    editions: tuple[EditionRef, ...] = ()
    missing: tuple[str, ...] = ()
    tables: tuple[TableData, ...] = ()
    figures: tuple[FigureRef, ...] = ()
    facets: dict[str, tuple[Facet, ...]] = field(default_factory=dict)
    stamp: Stamp = Stamp()
    retired: str = ""
    refused: tuple[str, ...] = field(default=(), metadata={"twin": False})
    names_unknown: bool = field(default=False, metadata={"twin": False})

    def table(self, name: str) -> TableData:
        """The table of that name; KeyError where the page has none."""
        for found in self.tables:
            if found.name == name:
                return found
        raise KeyError(name)
