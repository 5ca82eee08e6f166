"""Who leads, by how much, how firmly; and the technology monopoly risk.

Shares are per cent; gaps are percentage points. The method is ASPI's as far as it is published
(docs/methodology in the app; fixtures/series.csv): the leader is the country with the highest share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from tracker.analysis.read_model import (
    WITHHELD,
    Cited,
    Content,
    Place,
    Ranks,
    RecordRef,
    Value,
    citing,
    stated,
)


class Firmness(StrEnum):
    """How firm a lead is, as far as published figures tell."""

    CLEAR = "clear"
    TOO_CLOSE = "too close to call"
    MEMBERS_UNKNOWN = "members unknown"
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
    withheld: bool = False
    # Attributes that are None because their own sources withhold them.
    kept_back: frozenset[str] = frozenset()
    of: RecordRef | None = field(default=None, compare=False, repr=False)

    def value(self, content: Content, column: str, *, unit: str = "", bound: str = "") -> Value:
        """One column of the score as a value: its basis, and the citations that speak of it."""
        of = replace(self.of, column=column) if self.of else None
        cited = citing(self.cited, column)
        if self.withheld or ("ranks" if column == "rank_from" else column) in self.kept_back:
            return Value(withheld=True, note=WITHHELD, cited=cited, of=of)
        return stated(content, cited, unit=unit, bound=bound, basis=self.basis, note=self.note, of=of)

    @property
    def rank(self) -> Value:
        return self.value(self.ranks, "rank_from")

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


def firmness(
    first: Decimal | None, second: Decimal | None, *, leader_known: bool, bounds: tuple[str, str] = ("", "")
) -> Firmness:
    """Whether published precision separates the two shares.

    A share that is only bounded (`bounds`: of the leader, of the second) separates nothing, unless the
    bound points away from the other share.
    """
    if not leader_known:
        return Firmness.UNKNOWN
    if first is None:
        return Firmness.RANK_ONLY
    if second is None:
        return Firmness.ONE_SHARE
    if bounds[0] not in ("", "at least") or bounds[1] not in ("", "at most"):
        return Firmness.TOO_CLOSE
    if first - half_step(first) > second + half_step(second):
        return Firmness.CLEAR
    return Firmness.TOO_CLOSE


def gap(first: Decimal, second: Decimal) -> Decimal:
    """Percentage points, with the decimals of the coarser of the two."""
    return _coarsest(first - second, first, second)


def change(before: Value, after: Value) -> Value:
    """Percentage points between two shares, with the decimals of the coarser; unknown where one is, or is a bound."""
    if not isinstance(before.content, Decimal) or not isinstance(after.content, Decimal):
        return Value()
    if before.bound or after.bound:
        return Value()
    points = gap(after.content, before.content)
    return Value(points, unit="points", basis="derived", cited=citing((*before.cited, *after.cited), "share"))


def ratio(first: Decimal, second: Decimal) -> Decimal | None:
    """The leader's share ÷ the second's, with the significant digits of the coarser one, at most three.

    63 ÷ 7 is 9, not 9.00. None where the second has nothing.
    """
    if second == 0:
        return None
    digits = max(1, min(3, significant_digits(first), significant_digits(second)))
    quotient = first / second
    return quotient.quantize(Decimal(1).scaleb(min(0, quotient.adjusted() - digits + 1)), ROUND_HALF_EVEN)


def ratio_to_leader(share: Value, leader: Value, *, leads: bool) -> Value:
    """A share ÷ the leader's, with the digits of `ratio`; 1 for the leader itself (`leads`), unknown where one is."""
    cited = citing((*share.cited, *leader.cited), "share")
    if share.withheld or (share.known and leader.withheld):
        return Value(withheld=True, note=WITHHELD, cited=cited)
    if not isinstance(share.content, Decimal) or not isinstance(leader.content, Decimal):
        return Value()
    if leads:
        return stated(Decimal(1), cited, basis="derived")
    # A share that rounds to nothing has no digits to give.
    found = ratio(share.content, leader.content) if share.content else Decimal(0)
    return stated(found, cited, bound="about" if share.bound or leader.bound else "", basis="derived")


def significant_digits(share: Decimal) -> int:
    """How many digits of a published share say something: 7 has one, 11.9 three, 4.0 two, 0.052 two."""
    return len(share.as_tuple().digits) if share else 1


def ratio_range(first: Decimal, second: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the greatest ratio that shares published so can have."""
    least = (first - half_step(first)) / (second + half_step(second))
    smallest = second - half_step(second)
    return max(Decimal(1), least), (first + half_step(first)) / smallest if smallest > 0 else Decimal("Infinity")


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
    leader = first.value(first.place, "rank_from") if first else assessment.lead if assessment else Value()
    runner_up = second.value(second.place, "rank_from") if second else assessment.second if assessment else Value()
    one, two = share_value(first), share_value(second)
    difference, quotient = Value(), assessment.ratio if assessment else Value()
    if isinstance(one.content, Decimal) and isinstance(two.content, Decimal):
        both = citing((*one.cited, *two.cited), "share")
        bound = "about" if one.bound or two.bound else ""
        difference = Value(gap(one.content, two.content), unit="points", bound=bound, basis="derived", cited=both)
        if not quotient.known:
            found = ratio(one.content, two.content)
            quotient = stated(found, both, bound=bound, basis="derived")
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
            bounds=(one.bound, two.bound),
        ),
    )


def share_value(row: ScoreRow | None) -> Value:
    """A score's share as a value with its sources; unknown where there is none."""
    return row.value(row.share, "share", unit="%", bound=row.bound) if row else Value()


LEVELS = ("low", "medium", "high")


def monopoly_risk(institutions: int | None, least: Decimal | None, greatest: Decimal | None) -> frozenset[str]:
    """The levels still possible under ASPI's rule, given k and the range in which r lies, as far as known.

    With k = institutions of the world's top 10 in the lead country, r = lead ratio: high if k ≥ 8 and
    r ≥ 3; else medium if k ≥ 5 and r ≥ 2; else low.
    """
    least, greatest = least or Decimal(1), greatest or Decimal("Infinity")
    # The rule knows three bands of r: below 2, 2 to 3, 3 and more.
    bands = ((1, Decimal(2)), (2, Decimal(3)), (3, Decimal("Infinity")))
    possible = set()
    for r in [start for start, end in bands if greatest >= start and (least < end or end.is_infinite())]:
        for k in (0, 5, 8) if institutions is None else (institutions,):
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


def risk_reading(assessment: AssessmentRow | None, now: Standing) -> RiskReading:
    """Monopoly risk of one technology: what the source states, and what k and r allow.

    r is a range: that of the two published shares, or of the published ratio's last digit.
    """
    said = assessment.risk if assessment else Value()
    institutions = assessment.institutions if assessment and assessment.institutions_of == 10 else Value()
    k = institutions.content if isinstance(institutions.content, int) else None
    least, greatest = ratio_known(now)
    words = risk_words(levels := monopoly_risk(k, least, greatest))
    computed = stated(words, citing((*institutions.cited, *now.ratio.cited)), basis="computed")
    agrees = None
    if said.known and computed.known and said.basis == "stated":
        agrees = any(said.content == word and levels & possible for possible, word in RISK_WORDS.items())
    return RiskReading(said, computed, agrees)


def ratio_known(now: Standing) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest that the lead ratio can be, as far as it is published; None where it is not."""
    one, two, r = now.leader_share, now.second_share, now.ratio
    if r.basis == "derived" and isinstance(one.content, Decimal) and isinstance(two.content, Decimal):
        return (None, None) if one.bound or two.bound else ratio_range(one.content, two.content)
    if isinstance(r.content, Decimal):
        return r.content - half_step(r.content), r.content + half_step(r.content)
    return None, None


def level_known(risk: Value) -> bool:
    """Whether exactly one level of the monopoly risk is known; "not high" only narrows it."""
    return risk.content in LEVELS


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
            if row.ranks is not None and not row.withheld:
                yield technology, row.place, row.ranks
