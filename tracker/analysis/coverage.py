"""How much of the record is known, sourced, cited by two."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tracker.analysis.read_model import Link, Value


@dataclass(frozen=True)
class CoverageRow:
    """How much of one edition is known. `cells` = technologies x countries that occur in its series.

    Every count is from our rows; percentages are of the cells, and of the known cells.
    """

    edition: Link
    technologies: Value
    leaders: Value
    leader_shares: Value
    both_shares: Value
    risks: Value
    cells: Value
    cells_known: Value
    cells_known_percent: Value
    cells_with_share: Value
    scores_sourced: Value
    scores_sourced_percent: Value
    scores_cited_by_two: Value
    scores_cited_by_two_percent: Value


def percent(known: int, total: int, address: str) -> Value:
    """known of total in per cent, one decimal, rounded down: 100.0 only where it is all. Unknown of nothing."""
    if not total:
        return Value()
    number = (Decimal(100 * known) / total).quantize(Decimal("0.1"), ROUND_DOWN)
    return Value(number, unit="%", basis="counted", address=address)
