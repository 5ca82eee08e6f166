"""Where one line passes another: crossovers between the windows of one series.

A crossover stands between two windows: the last one in which one place was ahead and the first one in which the
other was. Windows in which a share is unknown, or in which both are equal, tell nothing and are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from tracker.analysis.leadership import Firmness, firmness
from tracker.analysis.read_model import Place, Value
from tracker.analysis.technologies import joined, start, the

Shares = Sequence[Decimal | None]


@dataclass(frozen=True)
class Crossover:
    """Positions of windows: `overtaken` was last ahead in `last`, `overtaker` first ahead in `first`."""

    overtaker: Place
    overtaken: Place
    last: int
    first: int


@dataclass(frozen=True)
class CrossoverRow:
    """A crossover with its windows by label and the shares on both sides of it, in per cent.

    `firm`: "clear" where the published digits separate the two both before and after, else "too close to call".
    """

    overtaker: Place
    overtaken: Place
    last: str
    first: str
    overtaker_before: Value
    overtaken_before: Value
    overtaker_after: Value
    overtaken_after: Value
    firm: str


def crossovers(lines: Mapping[Place, Shares]) -> tuple[Crossover, ...]:
    """The crossovers of every pair of lines, oldest first, then by names; the order of the lines does not matter.

    Every line has one share a window. Equal shares are no crossing until one is strictly ahead where it was
    strictly behind before. Raises ValueError for lines of unequal length.
    """
    found = [
        crossing
        for (one, its), (other, others) in combinations(lines.items(), 2)
        for crossing in _of_pair(one, its, other, others)
    ]
    return tuple(sorted(found, key=_age))


def _of_pair(one: Place, its: Shares, other: Place, others: Shares) -> Iterator[Crossover]:
    ahead, last = None, 0
    for window, (share, against) in enumerate(zip(its, others, strict=True)):
        if share is None or against is None or share == against:
            continue
        now = one if share > against else other
        if ahead is not None and now != ahead:
            yield Crossover(now, ahead, last, window)
        ahead, last = now, window


def _age(crossing: Crossover) -> tuple[int | str, ...]:
    places = (crossing.overtaker, crossing.overtaken)
    return (crossing.first, crossing.last, *(word for place in places for word in (place.name, place.code)))


def known_share(value: Value) -> Decimal | None:
    """The share as a point of a line; None where it is not known, or only bounded ("at least 12")."""
    return value.content if isinstance(value.content, Decimal) and not value.bound else None


def crossover_rows(windows: Sequence[str], lines: Mapping[Place, Sequence[Value]]) -> tuple[CrossoverRow, ...]:
    """The crossovers with their windows and shares, oldest first.

    `windows` are labels, oldest first. A share with a bound ("at least": a bloc of which a member's share is
    unknown) counts as unknown: a lower bound passes nobody.
    """
    shares = {place: [known_share(value) for value in values] for place, values in lines.items()}
    rows = []
    for crossing in crossovers(shares):
        rising, falling = lines[crossing.overtaker], lines[crossing.overtaken]
        before = (falling[crossing.last], rising[crossing.last])
        after = (rising[crossing.first], falling[crossing.first])
        clear = all(_separated(*pair) for pair in (before, after))
        rows.append(
            CrossoverRow(
                overtaker=crossing.overtaker,
                overtaken=crossing.overtaken,
                last=windows[crossing.last],
                first=windows[crossing.first],
                overtaker_before=before[1],
                overtaken_before=before[0],
                overtaker_after=after[0],
                overtaken_after=after[1],
                firm=str(Firmness.CLEAR if clear else Firmness.TOO_CLOSE),
            )
        )
    return tuple(rows)


def _separated(ahead: Value, behind: Value) -> bool:
    return firmness(known_share(ahead), known_share(behind), leader_known=True) == Firmness.CLEAR


def crossover_sentence(rows: Sequence[CrossoverRow]) -> str:
    """'China passed the United States between 2008–2012 and 2009–2013.' Empty where there is none.

    Of several the newest (all that have the newest windows), and how many there were. `rows` in any order; labels
    of windows sort as text.
    """
    if not rows:
        return ""
    newest = max((row.first, row.last) for row in rows)
    last_ones = [row for row in rows if (row.first, row.last) == newest]
    passed: dict[Place, list[str]] = {}
    for row in sorted(last_ones, key=lambda row: (row.overtaker.name, row.overtaken.name)):
        passed.setdefault(row.overtaker, []).append(the(row.overtaken.name))
    said = [f"{the(place.name)} passed {joined(names)}" for place, names in passed.items()]
    text = f"{start(joined(said))} between {newest[1]} and {newest[0]}"
    return text + (f", the last of {len(rows)} crossovers." if len(rows) > len(last_ones) else ".")
