"""A country's share of the world's 1 % most cited articles of a field, over a window of years.

The formula, for field f, country c and window w (series `ncses-top1`):

    100 · Σ articles(c, f, y) · top1(c, f, y) / 100   ÷   Σ articles(World, f, y) · 0.01     (y in w)

`articles` are fractional counts, `top1` is the percentage of the country's own articles that are among the
world's 1 % most cited of their subfield and year. Source of both: NCSES, NSB-2023-33, supplementary tables
SPBS, whose notes define Sx = HCAx / Ax with the world at 1 %. The formula is ours: it turns the shares of own
output back into numbers of highly cited articles and adds up the years, so a large year weighs more than a
small one.

An approximation: `top1` leaves conference proceedings out (except in computer science), while `articles`
include them in every field. How far it is off shows in the sum over all countries, which should be just under
100: it is 97-105 in twelve fields, but in engineering and in materials science it falls from 118 in 2003-2007
to 100 and 99 in 2016-2020. Early shares in these two fields are, taken together, too high by as much.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import groupby

WINDOW_LENGTH = 5

# The marks of the tables in words.
_REASONS = {
    "na": "not available",
    "ne": "not estimated, too few articles",
    "": "not given in the table",
}

# Sums and products of the published figures have far fewer digits than this and so are exact; only the last
# division rounds, where no published digit can notice. Set here so that a caller's context changes nothing.
_DIGITS = 50


class UnknownWorldTotalError(ValueError):
    """The world's articles of a field are not known, or are none: there is nothing to take a share of."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A run of calendar years, both ends included."""

    first_year: int
    last_year: int

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


@dataclass(frozen=True, slots=True)
class CountryYear:
    """What is known of one country in one field and year."""

    field: str
    country: str
    year: int
    articles: Decimal
    """Fractional count."""
    top1_share: Decimal | None
    """Percent of the country's own articles; None where the table gives none."""
    note: str = ""
    """The table's mark where there is no share: `na`, `ne`."""


@dataclass(frozen=True, slots=True)
class FieldShare:
    """A country's share in one field and window, and its place among the countries whose share is known."""

    field: str
    country: str
    window: Window
    share: Decimal
    """Percent of the world's 1 % most cited articles, unrounded."""
    rank: int
    """1 = highest. Countries with equal unrounded shares have equal ranks, and the next ranks are skipped."""

    @property
    def rounded_share(self) -> Decimal:
        return rounded(self.share)


@dataclass(frozen=True, slots=True)
class MissingYears:
    """The years of a span in which a country has no value in a field, so that no share can be computed."""

    field: str
    country: str
    reasons: tuple[tuple[int, str], ...]
    """(year, reason in words), by year; never empty."""

    @property
    def years(self) -> str:
        """Compact: `2003-2006 2011`."""
        return _compact([year for year, _ in self.reasons])

    @property
    def reason(self) -> str:
        """One reason in words (`not available`), or where years differ, the years of each:
        `2003: not available; 2004-2006: not estimated, too few articles`."""
        by_reason: dict[str, list[int]] = defaultdict(list)
        for year, reason in self.reasons:
            by_reason[reason].append(year)
        if len(by_reason) == 1:
            return self.reasons[0][1]
        return "; ".join(f"{_compact(years)}: {reason}" for reason, years in by_reason.items())


def rolling_windows(first_year: int, last_year: int, length: int = WINDOW_LENGTH) -> tuple[Window, ...]:
    """Every window of `length` years from first_year to last_year, each a year after the one before."""
    return tuple(Window(year, year + length - 1) for year in range(first_year, last_year - length + 2))


def field_shares(
    rows: Iterable[CountryYear], *, world: Mapping[tuple[str, int], Decimal], windows: Sequence[Window]
) -> tuple[list[FieldShare], list[MissingYears]]:
    """The shares of all countries in all fields and windows, and the years for want of which some have none.

    `world` holds the world's articles (fractional count) by (field, year). A share is computed only where all
    years of its window are known; nothing is filled in. The years that are missing are given once a field and
    country, over the whole span of the windows.

    Shares are ordered by window, field, rank and country; missing years by field and country.
    Raises UnknownWorldTotalError if `world` lacks a year of a window for a field that occurs in `rows`.
    """
    by_country: dict[str, dict[str, dict[int, CountryYear]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        by_country[row.field][row.country][row.year] = row

    shares = [
        share
        for window in sorted(windows)
        for field in sorted(by_country)
        for share in _ranked_shares(field, by_country[field], world, window)
    ]
    span = sorted({year for window in windows for year in window.years})
    missing = [
        MissingYears(field, country, reasons)
        for field in sorted(by_country)
        for country in sorted(by_country[field])
        if (reasons := _unknown_years(by_country[field][country], span))
    ]
    return shares, missing


def rounded(share: Decimal) -> Decimal:
    """A share with as many digits as the tables it comes from can carry.

    The tables print a country's share of own output with two decimals (0.78), so three significant figures is
    the most a result can hold: 12.3, 1.23, 0.123. Below 0.1 the third decimal is the last that is kept.
    Rounding is half to even, so that rounded shares lean neither way.
    """
    thousandths = share.quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    if thousandths < 1:
        return thousandths
    hundredths = share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if hundredths < 10:
        return hundredths
    return share.quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def _ranked_shares(
    field: str,
    countries: Mapping[str, Mapping[int, CountryYear]],
    world: Mapping[tuple[str, int], Decimal],
    window: Window,
) -> list[FieldShare]:
    with localcontext() as context:
        context.prec = _DIGITS
        total = _world_highly_cited(field, world, window)
        shares = {
            country: 100 * highly_cited / total
            for country, years in countries.items()
            if (highly_cited := _highly_cited(years, window)) is not None
        }
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    ranked = []
    position = 1
    for _, tied in groupby(ordered, key=lambda item: item[1]):
        group = list(tied)
        ranked += [FieldShare(field, country, window, share, rank=position) for country, share in group]
        position += len(group)
    return ranked


def _highly_cited(years: Mapping[int, CountryYear], window: Window) -> Decimal | None:
    """A country's articles among the world's 1 % most cited; None unless all years are known."""
    total = Decimal(0)
    for year in window.years:
        row = years.get(year)
        if row is None or row.top1_share is None:
            return None
        total += row.articles * row.top1_share / 100
    return total


def _world_highly_cited(field: str, world: Mapping[tuple[str, int], Decimal], window: Window) -> Decimal:
    """One in a hundred of the world's articles over the window: by definition the most cited 1 %."""
    missing = [year for year in window.years if (field, year) not in world]
    if missing:
        raise UnknownWorldTotalError(f"{field}: the world's articles are not known for {_compact(missing)}")
    total = sum((world[field, year] for year in window.years), Decimal(0)) * Decimal("0.01")
    if total <= 0:
        raise UnknownWorldTotalError(f"{field}: the world has no articles in {_compact(window.years)}")
    return total


def _unknown_years(years: Mapping[int, CountryYear], span: Sequence[int]) -> tuple[tuple[int, str], ...]:
    unknown = []
    for year in span:
        row = years.get(year)
        if row is None:
            unknown.append((year, _REASONS[""]))
        elif row.top1_share is None:
            unknown.append((year, _REASONS[row.note]))
    return tuple(unknown)


def _compact(years: Sequence[int]) -> str:
    """Ascending years as runs: [2003, 2004, 2005, 2011] → `2003-2005 2011`."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
