"""The NCSES tables on science and engineering articles: CSV → typed rows.

Source: NCSES, "Publications Output: U.S. Trends and International Comparisons" (NSB-2023-33), supplementary
tables SPBS: articles by place, field and year (fractional count), and the share of a place's own articles
that are among the world's 1 % most cited. Both are expected side by side in one file, a line for each field,
place and year.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

Kind = Literal["country", "aggregate"]
Mark = Literal["", "na", "ne"]

WORLD = "World"

# The years for which the tables give a share of highly cited articles. Articles are counted to 2022, but
# NCSES computes no share after 2020: the citation window of later articles is not yet complete.
FIRST_YEAR, LAST_YEAR = 2003, 2020

# The fields as the tables name them → the tracker's slugs. Left out are "All S&E fields", which is their sum,
# and computer science without conference proceedings: proceedings are where that field publishes.
FIELDS = {
    "Agricultural sciences": "agricultural-sciences",
    "Astronomy and astrophysics": "astronomy-and-astrophysics",
    "Biological and biomedical sciences": "biological-and-biomedical-sciences",
    "Chemistry": "chemistry",
    "Computer and information sciences (top 1% incl. conference proceedings)": ("computer-and-information-sciences"),
    "Engineering": "engineering",
    "Geosciences, atmospheric sciences, and ocean sciences": ("geosciences-atmospheric-sciences-and-ocean-sciences"),
    "Health sciences": "health-sciences",
    "Materials science": "materials-science",
    "Mathematics and statistics": "mathematics-and-statistics",
    "Natural resources and conservation": "natural-resources-and-conservation",
    "Physics": "physics",
    "Psychology": "psychology",
    "Social sciences": "social-sciences",
}

_ARTICLE_COLUMNS = (
    "field",
    "country",
    "iso2",
    "kind",
    "year",
    "articles_fractional",
    "top1pct_share_of_own_output_pct",
    "top1pct_note",
    "ncses_table_ids",
)
_PLACE_COLUMNS = ("source_name", "code", "reason")
_CODE = re.compile(r"[A-Z]{2}")
_YEAR = re.compile(r"[12][0-9]{3}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


class DamagedLineError(ValueError):
    """A line that cannot be read. The whole file is refused: a share needs every year of its window."""

    def __init__(self, path: Path, line: int, column: str, reason: str) -> None:
        where = f"{path}, line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{where}: {reason}")
        self.path = path
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One place, one field, one year."""

    field: str
    """The field's name as the table prints it."""
    country: str
    """The place's name as the table prints it; for an aggregate `World`, `EU-27` and the like."""
    iso2: str
    """ISO 3166-1 alpha-2 code or XK; empty for aggregates and for places without a code."""
    kind: Kind
    year: int
    articles: Decimal
    """Articles, fractional count."""
    top1_share: Decimal | None
    """Percent of the place's own articles that are among the world's 1 % most cited; None where not given."""
    note: Mark
    """The table's own mark where there is no share: `na` not available, `ne` not estimated: too few."""


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """How a place named by the tables is treated: it has a code, or it is left out for a written reason.

    Where a place has a code, `reason` says what its figures cover, if that is not all the code stands for.
    """

    source_name: str
    code: str
    reason: str


def read_articles(path: Path) -> list[ArticleRow]:
    """All rows of the table, in its order.

    Raises DamagedLineError for the first line that is not as described, and for a second line on the same
    field, place and year. A file that does not exist raises OSError.
    """
    rows: list[ArticleRow] = []
    seen: dict[tuple[str, str, int], int] = {}
    for line, cells in _lines(path, _ARTICLE_COLUMNS):
        row = _article_row(path, line, cells)
        key = (row.field, row.country, row.year)
        if key in seen:
            reason = f"{row.field}, {row.country}, {row.year} stands already on line {seen[key]}"
            raise DamagedLineError(path, line, "year", reason)
        seen[key] = line
        rows.append(row)
    return rows


def read_places(path: Path) -> dict[str, PlaceRule]:
    """The rules for place names, by the name the tables use.

    Raises DamagedLineError for a name or a code that stands twice (two names under one code would be counted
    as one place), and for a line that has neither a code nor a reason.
    """
    rules: dict[str, PlaceRule] = {}
    names: dict[str, str] = {}
    for line, cells in _lines(path, _PLACE_COLUMNS):
        rule = PlaceRule(cells["source_name"], cells["code"], cells["reason"])
        if not rule.source_name or rule.source_name in rules:
            raise DamagedLineError(path, line, "source_name", "empty, or there is a rule for this name already")
        if rule.code and not _CODE.fullmatch(rule.code):
            raise DamagedLineError(path, line, "code", f"{rule.code!r} is not a two-letter code")
        if not rule.code and not rule.reason:
            raise DamagedLineError(path, line, "reason", "a place without a code needs a written reason")
        if rule.code in names:
            raise DamagedLineError(path, line, "code", f"{rule.code} is the code of {names[rule.code]} already")
        if rule.code:
            names[rule.code] = rule.source_name
        rules[rule.source_name] = rule
    return rules


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines below the header, stripped, each with its number in the file."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DamagedLineError(path, line, "", f"not UTF-8: byte 0x{content[error.start]:02x}") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(reader, []))
        if header != columns:
            raise DamagedLineError(path, 1, "", f"the header is not {','.join(columns)}")
        for cells in reader:
            if len(cells) != len(columns):
                reason = f"{len(cells)} cells, expected {len(columns)}"
                raise DamagedLineError(path, reader.line_num, "", reason)
            stripped = (cell.strip() for cell in cells)
            yield reader.line_num, dict(zip(columns, stripped, strict=True))
    except csv.Error as error:
        raise DamagedLineError(path, reader.line_num, "", str(error)) from error


def _article_row(path: Path, line: int, cells: dict[str, str]) -> ArticleRow:
    def damaged(column: str, reason: str) -> DamagedLineError:
        return DamagedLineError(path, line, column, reason)

    def number(column: str) -> Decimal:
        if not _NUMBER.fullmatch(cells[column]):
            raise damaged(column, f"{cells[column]!r} is not a number of zero or more (decimal mark: point)")
        return Decimal(cells[column])

    for column in ("field", "country"):
        if not cells[column]:
            raise damaged(column, "empty")
    kind: Kind
    match cells["kind"]:
        case "country" | "aggregate" as known_kind:
            kind = known_kind
        case other:
            raise damaged("kind", f"{other!r} is neither country nor aggregate")
    note: Mark
    match cells["top1pct_note"]:
        case "" | "na" | "ne" as known_mark:
            note = known_mark
        case other:
            raise damaged("top1pct_note", f"{other!r} is not a mark of the table (na, ne)")
    if cells["iso2"] and not _CODE.fullmatch(cells["iso2"]):
        raise damaged("iso2", f"{cells['iso2']!r} is not a two-letter code")
    if not _YEAR.fullmatch(cells["year"]):
        raise damaged("year", f"{cells['year']!r} is not a year")

    share = number("top1pct_share_of_own_output_pct") if cells["top1pct_share_of_own_output_pct"] else None
    if share is not None and share > 100:
        raise damaged("top1pct_share_of_own_output_pct", f"{share} is more than 100 percent")
    if share is not None and note:
        raise damaged("top1pct_note", f"marked {note!r} although there is a share")
    return ArticleRow(
        field=cells["field"],
        country=cells["country"],
        iso2=cells["iso2"],
        kind=kind,
        year=int(cells["year"]),
        articles=number("articles_fractional"),
        top1_share=share,
        note=note,
    )
