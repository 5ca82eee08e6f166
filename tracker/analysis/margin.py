"""What would change it: the smallest change that turns a lead, and the nearest change of the monopoly risk.

The method is in docs/methods.md. Shares are per cent, changes of shares percentage points. Every change is one
alone, all else staying as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from tracker.analysis.leadership import (
    LEVELS,
    RISK_WORDS,
    AssessmentRow,
    Firmness,
    Standing,
    firmness,
    gap,
    monopoly_risk,
    ratio_known,
)
from tracker.analysis.read_model import THIN_SPACE, Place, Value
from tracker.analysis.technologies import start, the

# The thresholds of the rule: medium, then high.
OF_INSTITUTIONS, OF_RATIO = (5, 8), (2, 3)
# How many institutions can be in the lead country, and where the bands of r begin.
COUNTS, BANDS = range(11), (1, 2, 3)

Levels = frozenset[str]


@dataclass(frozen=True)
class Flip:
    """What turns a lead, in percentage points: more than this, for equal shares are no lead.

    `alone`: the second alone gains so much, or the leader alone loses it. `by_transfer`: so much passes from the
    leader to the second; always the smallest change. `about`: the shares have different decimals, so the gap is
    known to those of the coarser. Names as they stand within a sentence.
    """

    leader: str
    runner_up: str
    alone: Decimal
    by_transfer: Decimal
    about: bool
    too_close: bool

    @property
    def bound(self) -> str:
        return "more than about" if self.about else "more than"

    @property
    def sentence(self) -> str:
        if self.too_close:
            text = f"The lead of {self.leader} over {self.runner_up} is already too close to call: the published "
            return text + "digits do not separate the two shares."
        return (
            f"{start(self.runner_up)} would lead if {self.bound} {self.by_transfer} points passed to it from "
            f"{self.leader}: the smallest change that turns the lead. If {self.runner_up} alone gained, or "
            f"{self.leader} alone lost, it would take {self.bound} {self.alone}."
        )


def flip(leader: str, first: Decimal, runner_up: str, second: Decimal, *, too_close: bool | None = None) -> Flip:
    """What turns the lead of one over another, from two shares that are no bounds.

    `too_close` where the caller knows better than the published digits tell. Raises ValueError where the leader's
    share is the smaller one.
    """
    if first < second:
        raise ValueError(f"{leader} does not lead: {first} is less than {second}.")
    alone = gap(first, second)
    if too_close is None:
        too_close = firmness(first, second, leader_known=True) == Firmness.TOO_CLOSE
    about = first.as_tuple().exponent != second.as_tuple().exponent
    # Half a number has at most one decimal more, and Decimal keeps it exactly.
    return Flip(leader, runner_up, alone, alone / 2, about, too_close)


@dataclass(frozen=True)
class Condition:
    """A change of k or r that alone changes the level, or the levels that are possible as far as known.

    `threshold` is that of the rule it crosses; `rises`: reaches it, else falls below it. `change` in whole
    institutions, or of the ratio; `part` is the change as a part of the threshold.
    """

    what: str
    now: Value
    threshold: int
    rises: bool
    change: Value
    part: Fraction
    before: Levels
    after: Levels

    @property
    def movement(self) -> str:
        """'k falls from 10 to 7', 'r rises from 2.95 to 3', 'r falls from 3.41 to below 3'."""
        return f"{self.what} {self.path}"

    @property
    def path(self) -> str:
        if self.what == "k":
            target = f"{self.threshold if self.rises else self.threshold - 1}"
        else:
            target = f"{self.threshold}" if self.rises else f"below {self.threshold}"
        return f"{'rises' if self.rises else 'falls'} from {self.now.text} to {target}"

    @property
    def nearness(self) -> str:
        """'25.0 % of the threshold of 8'."""
        part = (Decimal(100 * self.part.numerator) / self.part.denominator).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
        return f"{part}{THIN_SPACE}% of the threshold of {self.threshold}"

    @property
    def effect(self) -> str:
        """'from high to medium'; of levels that are only possible 'from medium or low to low'."""
        return f"from {levels_said(self.before)} to {levels_said(self.after)}"

    @property
    def outcome(self) -> str:
        """'the level goes from high to medium'; where it is not known, which levels are possible."""
        certain = len(self.before) == len(self.after) == 1
        return f"{'the level goes' if certain else 'the levels possible go'} {self.effect}"


@dataclass(frozen=True)
class Margin:
    """What would change the lead and the monopoly risk of one technology.

    `flip` and `by_transfer` in points, unknown where not both shares are known. `conditions`: nearest first;
    where none alone changes the level and both k and r are known, `together` says that both are needed.
    """

    leader: str
    runner_up: str
    flip: Value
    by_transfer: Value
    too_close: bool
    conditions: tuple[Condition, ...]
    together: bool
    lead_sentence: str
    risk_sentence: str

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, (self.lead_sentence, self.risk_sentence)))

    @property
    def nearest(self) -> tuple[Condition, ...]:
        """The condition nearest to changing; several where they are equally near."""
        return tuple(one for one in self.conditions if one.part == self.conditions[0].part)


@dataclass(frozen=True)
class MarginRow:
    """One change, by how much, and what it would change. `nearness`: as a part of the threshold it crosses."""

    change: str
    by: Value
    effect: str
    nearness: str
    smallest: str


def margin(now: Standing, assessment: AssessmentRow | None, *, risk: bool = True) -> Margin | None:
    """What would change the lead and the risk level; None where neither can be told.

    `risk`: whether the monopoly risk applies (not to research fields).
    """
    found = _lead(now)
    said = _Risk.of(now, assessment) if risk else None
    if found is None and said is None:
        return None
    cited = now.gap.cited
    return Margin(
        leader=found.leader if found else "",
        runner_up=found.runner_up if found else "",
        flip=Value(found.alone, "points", found.bound, "derived", cited=cited) if found else Value(),
        by_transfer=Value(found.by_transfer, "points", found.bound, "derived", cited=cited) if found else Value(),
        too_close=found.too_close if found else False,
        conditions=said.conditions if said else (),
        together=said.together if said else False,
        lead_sentence=found.sentence if found else "",
        risk_sentence=said.sentence if said else "",
    )


def _lead(now: Standing) -> Flip | None:
    one, two = now.leader_share.content, now.second_share.content
    names = now.leader.content, now.second.content
    if not (isinstance(one, Decimal) and isinstance(two, Decimal)) or one < two:
        return None
    if not (isinstance(names[0], Place) and isinstance(names[1], Place)):
        return None
    if now.leader_share.bound or now.second_share.bound:
        return None
    return flip(the(names[0].name), one, the(names[1].name), two, too_close=now.firmness == Firmness.TOO_CLOSE)


@dataclass(frozen=True)
class _Risk:
    """The monopoly risk as far as k, r and the stated level tell.

    `worlds` are the pairs of k and a band of r (by its lower end) that are still possible.
    """

    k: Value
    r: Value
    worlds: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, now: Standing, assessment: AssessmentRow | None) -> _Risk | None:
        """None where neither k nor r is known."""
        k = assessment.institutions if assessment and assessment.institutions_of == 10 else Value()
        least, greatest = ratio_known(now)
        r = now.ratio if least is not None and isinstance(now.ratio.content, Decimal) else Value()
        if not (isinstance(k.content, int) or r.known):
            return None
        counts = (k.content,) if isinstance(k.content, int) else COUNTS
        bands = _bands(least, greatest) | ({_band(r.content)} if isinstance(r.content, Decimal) else set())
        possible = frozenset((count, band) for count in counts for band in bands)
        stated = _levels(assessment.risk) if assessment else None
        # A stated level that k and r exclude tells nothing here; the page shows the disagreement.
        fitting = frozenset(world for world in possible if stated is None or _level(*world) in stated)
        return cls(k, r, fitting or possible)

    @property
    def levels(self) -> Levels:
        return frozenset(_level(*world) for world in self.worlds)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The nearest change of each of k and r upwards and downwards that alone changes the levels."""
        found: dict[tuple[str, bool], Condition] = {}
        for one in sorted(self._crossings(), key=lambda one: one.part * one.threshold):
            if one.after != one.before:
                found.setdefault((one.what, one.rises), one)
        return tuple(sorted(found.values(), key=lambda one: (one.part, one.what, one.rises)))

    def _crossings(self) -> Iterator[Condition]:
        before = self.levels
        if isinstance(self.k.content, int):
            for threshold in OF_INSTITUTIONS:
                rises = self.k.content < threshold
                to = threshold if rises else threshold - 1
                steps = abs(to - self.k.content)
                after = frozenset(_level(to, band) for _, band in self.worlds)
                change = Value(
                    steps, "institution" if steps == 1 else "institutions", basis="derived", cited=self.k.cited
                )
                part = Fraction(steps, threshold)
                yield Condition("k", self.k, threshold, rises, change, part, before, after)
        if isinstance(self.r.content, Decimal):
            for threshold in OF_RATIO:
                if threshold in self.unsettled:
                    continue
                rises = self.r.content < threshold
                distance = abs(threshold - self.r.content)
                after = frozenset(_level(count, threshold if rises else threshold - 1) for count, _ in self.worlds)
                change = Value(distance, bound="" if rises else "more than", basis="derived", cited=self.r.cited)
                part = Fraction(distance) / threshold
                yield Condition("r", self.r, threshold, rises, change, part, before, after)

    @property
    def unsettled(self) -> tuple[int, ...]:
        """The thresholds on either side of which r may lie at its published precision."""
        if not self.r.known:
            return ()
        # With the stated level one side may be left, and the digits may stand on the other.
        bands = {_band(self.r.content)} if isinstance(self.r.content, Decimal) else set()
        bands |= {band for _, band in self.worlds}
        return tuple(threshold for threshold in OF_RATIO if min(bands) < threshold <= max(bands))

    @property
    def together(self) -> bool:
        """Whether the level changes only if both k and r do."""
        return not self.conditions and not self.unsettled and self.k.known and self.r.known

    @property
    def sentence(self) -> str:
        said = [
            f"At its published precision r, {self.r.text}, may lie on either side of {t}." for t in self.unsettled
        ]
        found = self.conditions
        if self.together:
            said.append(
                f"No change of k or r alone would change the level of the monopoly risk, {levels_said(self.levels)}: "
                f"k would have to rise from {self.k.text} to {OF_INSTITUTIONS[0]} and r from {self.r.text} to "
                f"{OF_RATIO[0]}."
            )
        elif found:
            near = [one for one in found if one.part == found[0].part]
            if len(near) == 1:
                both = self.k.known and self.r.known
                which = "is the nearest to changing" if both else "alone is known to us"
                said.append(
                    f"Of the conditions of the monopoly risk {near[0].what} {which}: if it "
                    f"{near[0].path} ({near[0].nearness}), {near[0].outcome}."
                )
            else:
                changes = "; ".join(f"if {one.movement} ({one.nearness}), {one.outcome}" for one in near)
                said.append(f"Equally near to changing of the conditions of the monopoly risk: {changes}.")
        elif not self.unsettled:
            what = "k" if self.k.known else "r"
            said.append(
                f"No change of {what} alone would change the level of the monopoly risk: {levels_said(self.levels)}, "
                "as far as known."
            )
        unknown = [name for name, value in (("k", self.k), ("r", self.r)) if not value.known]
        said += [f"How far {name} is from its thresholds is not known to us." for name in unknown]
        return " ".join(said)


def _bands(least: Decimal | None, greatest: Decimal | None) -> set[int]:
    """The bands in which r may lie, by their lower ends: below 2, 2 to 3, 3 and more."""
    if least is None or greatest is None:
        return set(BANDS)
    return {band for band in BANDS if greatest >= band and (band == BANDS[-1] or least < band + 1)}


def _band(r: Decimal) -> int:
    return max((band for band in BANDS if r >= band), default=BANDS[0])


def _level(institutions: int, band: int) -> str:
    (level,) = monopoly_risk(institutions, Decimal(band), Decimal(band))
    return level


def _levels(risk: Value) -> Levels | None:
    """The levels that a risk in words leaves; None where it is not known."""
    return next((levels for levels, words in RISK_WORDS.items() if words == risk.content), None)


def levels_said(levels: Iterable[str]) -> str:
    """'high', 'medium or low', 'high, medium or low'."""
    named = [level for level in reversed(LEVELS) if level in set(levels)]
    return " or ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def margin_rows(found: Margin | None) -> tuple[MarginRow, ...]:
    """The changes of the lead, smallest first, then those of the monopoly risk, nearest first."""
    if found is None:
        return ()
    rows = []
    if found.flip.known:
        effect = "Too close to call already" if found.too_close else f"{start(found.runner_up)} leads"
        passing = f"Share passes from {found.leader} to {found.runner_up}"
        alone = f"{start(found.runner_up)} alone gains, or {found.leader} alone loses"
        rows.append(MarginRow(passing, found.by_transfer, effect, "", "smallest"))
        rows.append(MarginRow(alone, found.flip, effect, "", ""))
    for one in found.conditions:
        words = "nearest" if one in found.nearest else ""
        rows.append(MarginRow(one.movement, one.change, f"Monopoly risk {one.effect}", one.nearness, words))
    return tuple(rows)
