"""Who leads, by how much, how firmly; and the technology monopoly risk.

Shares are per cent; gaps are percentage points. The method is ASPI's as far as it is published
(docs/methodology in the app; fixtures/series.csv): the leader is the country with the highest share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from tracker.analysis.read_model import Cited, Place, Ranks, Value


class Firmness(StrEnum):
    """How firm a lead is, as far as published figures tell."""

    CLEAR = "clear"
    TOO_CLOSE = "too close to call"
    ONE_SHARE = "one share only"
    RANK_ONLY = "rank only"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ScoreRow:
    """One score as the record holds it; `share` has its published decimals."""

    technology: str
    place: Place
    ranks: Ranks | None
    share: Decimal | None
    bound: str
    publications: int | None
    h_index: int | None
    basis: str
    note: str
    cited: tuple[Cited, ...] = ()

    @property
    def leads(self) -> bool:
        return self.ranks is not None and self.ranks.last == 1


@dataclass(frozen=True)
class AssessmentRow:
    """What an edition states of one technology. Risk levels as stored: 'high', 'medium low' …"""

    technology: str
    lead: Value
    second: Value
    risk: Value
    institutions: Value
    institutions_of: int | None
    ratio: Value
    verification: str
    note: str
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class Standing:
    """Leadership in one technology, in one window of one edition."""

    leader: Value
    second: Value
    leader_share: Value
    second_share: Value
    gap: Value
    ratio: Value
    firmness: Firmness


def half_step(share: Decimal) -> Decimal:
    """Half a unit in the last published place: 37 stands for 36.5 to 37.5, 24.8 for 24.75 to 24.85."""
    return Decimal(1).scaleb(int(share.as_tuple().exponent)) / 2


def firmness(first: Decimal | None, second: Decimal | None, *, leader_known: bool) -> Firmness:
    """Whether published precision separates the two shares."""
    if not leader_known:
        return Firmness.UNKNOWN
    if first is None:
        return Firmness.RANK_ONLY
    if second is None:
        return Firmness.ONE_SHARE
    if first - half_step(first) > second + half_step(second):
        return Firmness.CLEAR
    return Firmness.TOO_CLOSE


def gap(first: Decimal, second: Decimal) -> Decimal:
    """Percentage points, with the decimals of the coarser of the two."""
    return _coarsest(first - second, first, second)


def ratio(first: Decimal, second: Decimal) -> Decimal | None:
    """The leader's share ÷ the second's, two decimals; None where the second has nothing."""
    if second == 0:
        return None
    return (first / second).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def _coarsest(number: Decimal, *of: Decimal) -> Decimal:
    exponent = max(int(share.as_tuple().exponent) for share in of)
    return number.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_EVEN)


def standing(scores: Sequence[ScoreRow], assessment: AssessmentRow | None) -> Standing:
    """The leader and the second of one technology from its scores of countries, else from the assessment.

    Blocs counted as one place by the source are left out: they belong to another ranking.
    """
    countries = [row for row in scores if row.place.kind == "country"]
    first = next((row for row in countries if row.leads), None)
    second = next((row for row in countries if row.ranks == Ranks(2, 2)), None)
    if first is not None:
        leader = Value(first.place, basis=first.basis, note=first.note, cited=first.cited)
    else:
        leader = assessment.lead if assessment else Value()
    if second is not None:
        runner_up = Value(second.place, basis=second.basis, note=second.note, cited=second.cited)
    else:
        runner_up = assessment.second if assessment else Value()
    one, two = share_value(first), share_value(second)
    difference, quotient = Value(), assessment.ratio if assessment else Value()
    if isinstance(one.content, Decimal) and isinstance(two.content, Decimal):
        both = tuple(dict.fromkeys((*one.cited, *two.cited)))
        difference = Value(gap(one.content, two.content), unit="points", basis="derived", cited=both)
        if not quotient.known:
            quotient = Value(ratio(one.content, two.content), basis="derived", cited=both)
    return Standing(
        leader=leader,
        second=runner_up,
        leader_share=one,
        second_share=two,
        gap=difference,
        ratio=quotient,
        firmness=firmness(
            one.content if isinstance(one.content, Decimal) else None,
            two.content if isinstance(two.content, Decimal) else None,
            leader_known=leader.known,
        ),
    )


def share_value(row: ScoreRow | None) -> Value:
    """A score's share as a value with its sources; unknown where there is none."""
    if row is None or row.share is None:
        return Value()
    return Value(row.share, unit="%", bound=row.bound, basis=row.basis, note=row.note, cited=row.cited)


LEVELS = ("low", "medium", "high")


def monopoly_risk(institutions: int | None, lead_ratio: Decimal | None) -> frozenset[str]:
    """The levels still possible under ASPI's rule, given k and r as far as they are known.

    With k = institutions of the world's top 10 in the lead country, r = lead ratio: high if k ≥ 8 and
    r ≥ 3; else medium if k ≥ 5 and r ≥ 2; else low.
    """
    possible = set()
    for k in (0, 5, 8) if institutions is None else (institutions,):
        for r in (Decimal(1), Decimal(2), Decimal(3)) if lead_ratio is None else (lead_ratio,):
            possible.add("high" if k >= 8 and r >= 3 else "medium" if k >= 5 and r >= 2 else "low")
    return frozenset(possible)


RISK_WORDS = {
    frozenset({"high"}): "high",
    frozenset({"medium"}): "medium",
    frozenset({"low"}): "low",
    frozenset({"medium", "low"}): "not high",
    frozenset({"high", "medium"}): "not low",
    frozenset({"high", "low"}): "not medium",
}


def risk_words(levels: Iterable[str]) -> str | None:
    """'high', 'not high' …; None where every level is possible (nothing is known)."""
    return RISK_WORDS.get(frozenset(levels))


@dataclass(frozen=True)
class RiskReading:
    """The stated risk beside the computed one; `agrees` is None where there is nothing to compare."""

    stated: Value
    computed: Value
    agrees: bool | None


def risk_reading(assessment: AssessmentRow | None, standing_ratio: Value) -> RiskReading:
    """Monopoly risk of one technology: what the source states, and what k and r allow."""
    if assessment is None:
        return RiskReading(Value(), Value(), None)
    k = assessment.institutions.content if assessment.institutions_of == 10 else None
    r = standing_ratio.content
    levels = monopoly_risk(k if isinstance(k, int) else None, r if isinstance(r, Decimal) else None)
    words = risk_words(levels)
    cited = tuple(dict.fromkeys((*assessment.institutions.cited, *standing_ratio.cited)))
    computed = Value(words, basis="computed", cited=cited) if words else Value()
    agrees = None
    stated = assessment.risk
    if stated.known and computed.known and stated.basis == "stated":
        stated_levels = next((set(l) for l, w in RISK_WORDS.items() if w == stated.content), set())  # noqa: E741
        agrees = bool(stated_levels & levels)
    return RiskReading(stated, computed, agrees)


@dataclass(frozen=True)
class PlaceCount:
    """How many technologies of an edition a country leads, is second in, and is in the top five of."""

    led: int
    second: int
    top_five: int


def count_places(ranks: Iterable[tuple[object, Place, Ranks]]) -> dict[Place, PlaceCount]:
    """Counts per country from (technology, country, ranks), as far as they tell; each technology once."""
    led: dict[Place, set[object]] = {}
    second: dict[Place, set[object]] = {}
    top_five: dict[Place, set[object]] = {}
    for technology, place, rank in ranks:
        if rank.last > 5 or place.kind != "country":
            continue
        top_five.setdefault(place, set()).add(technology)
        if rank.last == 1:
            led.setdefault(place, set()).add(technology)
        elif rank.first == rank.last == 2:
            second.setdefault(place, set()).add(technology)
    return {
        place: PlaceCount(len(led.get(place, ())), len(second.get(place, ())), len(found))
        for place, found in top_five.items()
    }


def known_ranks(
    standings: Mapping[int, Standing], scores: Mapping[int, Sequence[ScoreRow]]
) -> Iterator[tuple[int, Place, Ranks]]:
    """Every (technology, country, ranks) that scores state, and the leader and second known otherwise."""
    for technology, now in standings.items():
        for rank, value in ((1, now.leader), (2, now.second)):
            if isinstance(value.content, Place):
                yield technology, value.content, Ranks(rank, rank)
        for row in scores.get(technology, ()):
            if row.ranks is not None:
                yield technology, row.place, row.ranks
