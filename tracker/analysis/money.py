"""What engagements are said to be worth: by the year they are dated and currency, each sum of money once.

Currencies are never added up, and nothing is converted. Only engagements that count in totals are summed: three
announcements of one fund are one fund.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.engagements import EngagementRow, by_date, countable
from tracker.analysis.read_model import THIN_SPACE, Cited, Link, Value, citing, stated

VALUE_COLUMNS = ("value_from", "value_to", "currency", "value_bound")
SCALES = ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million"))


def money(number: Decimal, currency: str) -> str:
    """'1.28 billion USD', '50 million USD', '3 200 USD': every digit that is not a zero at the end is kept."""
    return f"{_number(number)} {currency}"


def _number(number: Decimal) -> str:
    for scale, word in SCALES:
        if number >= scale:
            return f"{(number / scale).normalize():f} {word}"
    return f"{number.normalize():,f}".replace(",", THIN_SPACE)


def money_range(least: Decimal, most: Decimal, currency: str) -> str:
    """'1 billion USD', '40 to 50 million USD', '900 million to 1.2 billion USD'."""
    if least == most:
        return money(least, currency)
    one, other = _number(least), _number(most)
    scale = other.partition(" ")[2]
    if scale and one.endswith(f" {scale}"):
        one = one.removesuffix(f" {scale}")
    return f"{one} to {other} {currency}"


def value_of(row: EngagementRow) -> Value:
    """What an engagement is said to be worth, in words with the currency; unknown where nothing is known."""
    if row.value_from is None or row.value_to is None:
        return Value()
    said = money_range(row.value_from, row.value_to, row.currency)
    return stated(said, citing(row.cited, *VALUE_COLUMNS), bound=row.value_bound, basis="stated", note=row.value_note)


@dataclass(frozen=True)
class MoneySum:
    """The money of one year and currency. `least` and `most` are equal unless a part is a range."""

    year: str
    currency: str
    least: Decimal
    most: Decimal
    bound: str
    engagements: tuple[Link, ...]
    cited: tuple[Cited, ...]

    @property
    def value(self) -> Value:
        """The sum, derived from the values it adds up; stated where it is one value alone."""
        words = money_range(self.least, self.most, self.currency)
        basis = "derived" if len(self.engagements) > 1 else "stated"
        return Value(words, bound=self.bound, basis=basis, cited=self.cited)


def bound_of_sum(bounds: Iterable[str]) -> str:
    """What can be said of a sum from the bounds of its parts.

    'about' passes on; 'at least' and 'at most' do too, with 'about' beside them; against each other they leave
    only 'as far as known'.
    """
    said = set(bounds)
    if {"at least", "at most"} <= said:
        return "as far as known"
    words = [bound for bound in ("at least", "at most", "about") if bound in said]
    return " ".join(words)


def money_by_year(rows: Iterable[EngagementRow]) -> tuple[MoneySum, ...]:
    """Sums by the year they are dated, then currency, oldest year first; without a date last.

    Left out: what does not count in totals, what is withheld, and values whose own sources are withheld.
    """
    parts: dict[tuple[str, str], list[EngagementRow]] = defaultdict(list)
    for row in by_date(countable(rows)):
        if row.counts_in_totals and value_of(row).known:
            parts[row.year, row.currency].append(row)
    return tuple(
        _sum(year, currency, parts[year, currency])
        for year, currency in sorted(parts, key=lambda key: (not key[0], key))
    )


def _sum(year: str, currency: str, parts: Sequence[EngagementRow]) -> MoneySum:
    return MoneySum(
        year=year,
        currency=currency,
        least=sum((row.value_from for row in parts if row.value_from is not None), Decimal(0)),
        most=sum((row.value_to for row in parts if row.value_to is not None), Decimal(0)),
        bound=bound_of_sum(row.value_bound for row in parts),
        engagements=tuple(row.link for row in parts),
        cited=citing((citation for row in parts for citation in row.cited), *VALUE_COLUMNS),
    )
