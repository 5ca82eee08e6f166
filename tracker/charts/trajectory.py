"""Shares of countries over the windows of one series, as lines labelled where they end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracker.analysis.figure_model import TrajectoryCrossing, TrajectoryLine, TrajectoryModel
from tracker.analysis.read_model import written
from tracker.analysis.technologies import start, the
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width
from tracker.charts.palette import colours_apart, readable
from tracker.charts.sides import DASHES, Note, key, ring, signed
from tracker.charts.theme import REGULAR, SEMIBOLD, country_colour

MOST_LINES = 14
LEAST_NAME = 60.0  # pixels of a name kept however little room there is
LABEL_PITCH = 17.0  # pixels between the baselines of two labels at line ends
MOST_NAMED = 4  # crossings named on the figure; of more, only the rings are drawn
PARTIAL_NOTE = "dashed, ≥: at least, for the share of a member is not known to us"
RING_NOTE = "one line passes another"

Point = tuple[float, float]
Area = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the sheet


def size(rows: int = 0, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; the same for any number of lines."""
    return dimensions.TRAJECTORY.size(rows, narrow=narrow)


def rows(model: TrajectoryModel) -> int:
    """Nothing of the size depends on the model."""
    return 0


def known_lines(model: TrajectoryModel) -> tuple[TrajectoryLine, ...]:
    """The lines drawn: those with at least one known share, at most `MOST_LINES`."""
    return tuple(line for line in model.lines if any(share is not None for share in line.shares))[:MOST_LINES]


def draw(model: TrajectoryModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Lines with first and last value printed; a window without a value is a gap.

    A share that is a lower bound is hollow and its line dashed. Where one line passes another stands a ring,
    with its words beside it, or above the plot where there is no room.
    """
    lines = known_lines(model)
    given = sum(any(share is not None for share in line.shares) for line in model.lines)
    remark = f"The first {len(lines)} of {given} places are drawn." if given > len(lines) else ""
    frame = Frame(model, size(narrow=narrow), dark=dark, narrow=narrow, remark=remark)
    if not lines:
        frame.say_nothing_known()
        return frame.figure
    colours = frame.palette
    windows = len(model.windows)
    tones = _tones(lines, dark)
    inks = [readable(tone, dark) for tone in tones]
    crossings = _drawn_crossings(model, lines)
    if any(any(line.partial) for line in lines):
        key(frame, (), [Note(PARTIAL_NOTE, dashed=True)])
    if len(crossings) > MOST_NAMED:
        key(frame, (), [Note(RING_NOTE, ring=True)])
    frame.top += 8
    frame.bottom -= 24  # the windows' names stand below the plot

    ends = [_End.of(line, model.windows) for line in lines]
    most = 140 if narrow else 310
    for end in ends:
        end.fit(most)
    firsts = [_first(line) for line in lines]
    start_texts = [_words(line, 0) for line in lines if line.shares[0] is not None]
    left = frame.left + 26 + max([width(text, SMALL, SEMIBOLD) for text in start_texts] or [0]) + 10
    right = frame.right - max(end.width for end in ends) - 18
    most_share = max(float(share) for line in lines for share in line.shares if share is not None)
    step = grid_step(most_share)
    ceiling = step * max(math.ceil(most_share / step), 1)

    def down(share: float) -> float:
        return frame.bottom - share / ceiling * (frame.bottom - frame.top)

    def across(at: float) -> float:
        return left + (right - left) * at / max(windows - 1, 1)

    met = [(across(at), share) for at, share in (meeting(lines, crossing) for crossing in crossings)]
    told = [_telling(crossing, model.windows) for crossing in crossings] if len(crossings) <= MOST_NAMED else []
    # One ring needs no number to be found again.
    numbers = [str(at) for at in range(1, len(told) + 1)] if len(told) > 1 else [""] * len(told)
    beside: list[_Spot] | None = None
    if told and not narrow:
        plot = (left, frame.top - 4, right, frame.bottom - 4)
        traced = [[(across(at), down(float(share))) for at, share in run] for line in lines for run in _runs(line)]
        inner = [
            (across(at), down(float(line.shares[at] or 0))) for line, at in zip(lines, firsts, strict=True) if at
        ]
        beside = _spots([(x, down(share)) for x, share in met], told, plot, traced, inner)
    if told and beside is None:
        frame.top -= 8
        key(
            frame,
            (),
            [Note(": ".join(words), ring=True, number=number) for words, number in zip(told, numbers, strict=True)],
        )
        frame.top += 8
    axes = frame.plot(left, right, max(windows - 1, 1))
    axes.set_ylim(0, ceiling)

    for number in range(round(ceiling / step) + 1):
        y = down(number * step)
        last = number == round(ceiling / step)
        label = tick(number * step)
        frame.rule(left - 4, y - 0.5, right + 4, colour=colours.muted if number == 0 else colours.grid)
        frame.text(
            frame.left, y + MIDDLE * SMALL, label + ("\u202f%" if last else ""), size=SMALL, colour=colours.muted
        )
    for at in _windows_named(model.windows, across):
        frame.rule(across(at) - 0.5, frame.bottom, across(at) + 0.5, thick=5, colour=colours.muted)
        frame.text(across(at), frame.bottom + 19, model.windows[at], size=SMALL, colour=colours.muted, ha="center")

    # The first named are the most important: drawn last, so that they lie on top.
    for line, tone in zip(reversed(lines), reversed(tones), strict=True):
        shares = [
            math.nan if share is None or _partial(line, at) else float(share) for at, share in enumerate(line.shares)
        ]
        axes.plot(
            range(windows),
            shares,
            color=tone,
            linewidth=2.4,
            marker="o",
            markersize=4 if narrow else 4.5,
            markeredgewidth=0,
            clip_on=False,
            label=line.place.name,
        )
        if any(line.partial):
            _draw_partial(frame, axes, line, tone)

    _label_starts(frame, lines, inks, firsts, left, down)
    _label_inner_starts(frame, lines, inks, firsts, across, down)
    if told and beside is None:
        for (x, y), said in zip(_apart([(x, down(share)) for x, share in met]), numbers, strict=True):
            ring(frame, x, y, said)
    else:
        for x, share in met:
            ring(frame, x, down(share))
    for spot, words in zip(beside or [], told, strict=False):
        _name_crossing(frame, spot, words)
    wanted = [down(float(end.share)) for end in ends]
    for colour, end, natural, y in zip(
        inks, ends, wanted, spread(wanted, LABEL_PITCH, frame.top - 4, frame.bottom), strict=True
    ):
        x = right + 14
        if abs(natural - y) > 2 or end.at < windows - 1:
            _lead(frame, across(end.at) + 5, natural, x - 2, y, early=end.at < windows - 1)
        frame.text(x, y + MIDDLE * BODY, end.name, weight=SEMIBOLD, colour=colour)
        x += width(end.name, BODY, SEMIBOLD) + 5
        frame.text(x, y + MIDDLE * BODY, end.value, colour=colours.text)
        if end.when:
            x += width(end.value, BODY) + 5
            frame.text(x, y + MIDDLE * BODY, end.when, size=SMALL, colour=colours.muted)
    return frame.figure


def spread(wanted: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """Heights at least `apart` pixels from each other within top..bottom, as near to the wanted as can be.

    Labels that collide are joined into a block centred on the mean of what its members want; blocks that
    then collide are joined in turn. Where there is no room for all, they stand as far apart as there is.
    """
    apart = min(apart, (bottom - top) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda number: (wanted[number], number))
    blocks: list[tuple[float, list[int]]] = []  # (first height, members)
    for number in order:
        members = [number]
        start = wanted[number]
        while True:
            start = min(max(start, top), bottom - apart * (len(members) - 1))
            if not blocks or blocks[-1][0] + apart * len(blocks[-1][1]) <= start + 1e-9:
                break
            _, before = blocks.pop()
            members = before + members
            start = sum(wanted[m] - apart * at for at, m in enumerate(members)) / len(members)
        blocks.append((start, members))
    placed = [0.0] * len(wanted)
    for start, members in blocks:
        for at, member in enumerate(members):
            placed[member] = start + apart * at
    return placed


@dataclass
class _End:
    """What is said at the end of a line: name, last known value, and its window where that is not the last."""

    name: str
    share: Decimal
    value: str
    when: str
    at: int

    @classmethod
    def of(cls, line: TrajectoryLine, windows: Sequence[str]) -> _End:
        at = max(number for number, share in enumerate(line.shares) if share is not None)
        share = line.shares[at]
        assert share is not None
        when = f"({windows[at]})" if at < len(line.shares) - 1 else ""
        return cls(line.place.name, share, _words(line, at), when, at)

    @property
    def width(self) -> float:
        when = width(self.when, SMALL) + 5 if self.when else 0
        return width(self.name, BODY, SEMIBOLD) + 5 + width(self.value, BODY, REGULAR) + when

    def fit(self, most: float) -> None:
        """Shorten the name until all fits into `most` pixels."""
        # Never the window: without it an old value would pass for the newest.
        if self.width > most:
            beside = self.width - width(self.name, BODY, SEMIBOLD)
            self.name = shorten(self.name, max(most - beside, LEAST_NAME), BODY, SEMIBOLD)


def meeting(lines: Sequence[TrajectoryLine], crossing: TrajectoryCrossing) -> tuple[float, float]:
    """(window, share) at which the two straight lines meet; a window between two is a fraction.

    Where a share between is unknown there is no line to meet: the overtaker's first point ahead.
    """
    by_place = {line.place: line.shares for line in lines}
    up, down = by_place[crossing.overtaker], by_place[crossing.overtaken]
    for at in range(crossing.last, crossing.first):
        ends = (up[at], up[at + 1], down[at], down[at + 1])
        if None in ends:
            continue
        first, last, other_first, other_last = (float(end) for end in ends if end is not None)
        behind, ahead = other_first - first, last - other_last
        if behind >= 0 and ahead >= 0 and behind + ahead > 0:
            along = behind / (behind + ahead)
            return at + along, first + along * (last - first)
    return crossing.first, float(up[crossing.first] or 0)


def _drawn_crossings(model: TrajectoryModel, lines: Sequence[TrajectoryLine]) -> list[TrajectoryCrossing]:
    """The crossings of lines that are drawn."""
    drawn = {line.place for line in lines}
    return [found for found in model.crossings if found.overtaker in drawn and found.overtaken in drawn]


def _apart(rings: Sequence[Point]) -> list[Point]:
    """Rings with numbers in them, moved on to the right or downwards until none covers another."""
    placed: list[Point] = []
    for x, y in rings:
        while near := next((other for other in placed if math.dist((x, y), other) < 17.5), None):
            if x > near[0]:
                x = near[0] + math.sqrt(max(18**2 - min(abs(y - near[1]), 17.9) ** 2, 1))
            else:
                y = near[1] + 18
        placed.append((x, y))
    return placed


def _telling(crossing: TrajectoryCrossing, windows: Sequence[str]) -> tuple[str, str]:
    """'China passes the United States', '2013–2017 → 2014–2018'."""
    passes = f"{start(crossing.overtaker.name)} passes {the(crossing.overtaken.name)}"
    return passes, f"{windows[crossing.last]} → {windows[crossing.first]}"


def _tones(lines: Sequence[TrajectoryLine], dark: bool) -> list[str]:
    """A colour a line; blocs have none of their own, and must not be mistaken for each other."""
    codes = [line.place.code for line in lines]
    if any(line.place.kind == "bloc" for line in lines):
        return list(colours_apart(codes, dark))
    return [country_colour(code, dark) for code in codes]


def _partial(line: TrajectoryLine, at: int) -> bool:
    """Whether the share of that window is a lower bound."""
    return at < len(line.partial) and line.partial[at]


def _words(line: TrajectoryLine, at: int) -> str:
    """The share of a window as published, '≥ 36.4' where it is a lower bound."""
    return signed(written(line.shares[at] or Decimal(0)), "at least" if _partial(line, at) else "")


def _runs(line: TrajectoryLine) -> list[list[tuple[int, Decimal]]]:
    """The known shares with their windows, cut where one is unknown."""
    runs: list[list[tuple[int, Decimal]]] = [[]]
    for at, share in enumerate(line.shares):
        if share is not None:
            runs[-1].append((at, share))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _draw_partial(frame: Frame, axes: Axes, line: TrajectoryLine, tone: str) -> None:
    """The parts of a line that touch a lower bound, dashed, and the bounds themselves, hollow."""
    xs: list[float] = []
    ys: list[float] = []
    for run in _runs(line):
        for (at, share), (after, later) in pairwise(run):
            if _partial(line, at) or _partial(line, after):
                xs += [at, after, math.nan]
                ys += [float(share), float(later), math.nan]
    name = f"{line.place.name}, at least"
    axes.plot(xs, ys, color=tone, linewidth=2, linestyle=DASHES, dash_capstyle="butt", clip_on=False, label=name)
    points = [(at, share) for run in _runs(line) for at, share in run if _partial(line, at)]
    axes.plot(
        [at for at, _ in points],
        [float(share) for _, share in points],
        linestyle="none",
        marker="o",
        markersize=4.5 if frame.narrow else 5,
        markerfacecolor=frame.palette.ground,
        markeredgecolor=tone,
        markeredgewidth=1.4,
        clip_on=False,
        label=f"{name}: points",
    )


@dataclass(frozen=True)
class _Spot:
    """Where the words of a crossing stand, and the ring they belong to."""

    ring: Point
    area: Area


def _spots(
    rings: Sequence[Point],
    told: Sequence[tuple[str, str]],
    plot: Area,
    traced: Sequence[Sequence[Point]],
    inner: Sequence[Point],
) -> list[_Spot] | None:
    """A free area for the words of each crossing, as near to its ring as can be; None where one has no room.

    Free of lines, of other words, of rings and of the first values within the plot (`inner`).
    """
    segments = [pair for trace in traced for pair in pairwise(trace)]
    taken: list[Area] = [(x - 10, y - 10, x + 10, y + 10) for x, y in rings]
    taken += [(x - 24, y - 26, x + 24, y + 24) for x, y in inner]
    found: list[_Spot] = []
    for (x, y), words in zip(rings, told, strict=True):
        wide, high = max(width(words[0], SMALL, SEMIBOLD), width(words[1], SMALL)), 30.0
        best: tuple[float, Area] | None = None
        for away in (18.0, 30.0, 44.0, 60.0, 80.0, 105.0, 135.0, 170.0):
            for turn in range(16):
                angle = 2 * math.pi * turn / 16
                middle = (
                    x + math.cos(angle) * (away + wide / 2),
                    y - math.sin(angle) * (away + high / 2),
                )
                area = (middle[0] - wide / 2, middle[1] - high / 2, middle[0] + wide / 2, middle[1] + high / 2)
                if area[0] < plot[0] or area[1] < plot[1] or area[2] > plot[2] or area[3] > plot[3]:
                    continue
                if any(_overlap(area, other, 4) for other in taken):
                    continue
                if any(_touches(one, other, area, 7) for one, other in segments):
                    continue
                lead = _tie((x, y), area)
                crossed = sum(_cross(*lead, one, other) for one, other in segments)
                cost = math.dist(*lead) + 90 * crossed
                if best is None or cost < best[0] - 1e-6:
                    best = (cost, area)
        if best is None:
            return None
        taken.append(best[1])
        found.append(_Spot((x, y), best[1]))
    return found


def _name_crossing(frame: Frame, spot: _Spot, words: tuple[str, str]) -> None:
    """Two lines of words in their area, tied to the ring by a thin line."""
    left, top, right, bottom = spot.area
    start_at, end_at = _tie(spot.ring, spot.area)
    far = math.dist(start_at, end_at)
    if far > 16:
        along = 8 / far
        begin = [one + (other - one) * along for one, other in zip(start_at, end_at, strict=True)]
        frame.path([begin[0], end_at[0]], [begin[1], end_at[1]], color=frame.palette.muted, linewidth=0.9)
    ground = frame.palette.ground
    frame.box(left - 2, top, right - left + 4, bottom - top, facecolor=ground, linewidth=0, zorder=-0.5)
    side = "left" if (left + right) / 2 > spot.ring[0] + 20 else "right"
    side = "center" if left <= spot.ring[0] <= right else side
    x = {"left": left, "right": right, "center": (left + right) / 2}[side]
    frame.text(x, top + 11, words[0], size=SMALL, weight=SEMIBOLD, ha=side)
    frame.text(x, top + 26, words[1], size=SMALL, colour=frame.palette.muted, ha=side)


def _tie(ring_at: Point, area: Area) -> tuple[Point, Point]:
    """From the ring to the nearest point of the area, a little outside of it."""
    x, y = (min(max(ring_at[0], area[0] + 6), area[2] - 6), min(max(ring_at[1], area[1] - 1), area[3] + 1))
    if area[1] < y < area[3]:
        x = area[0] - 3 if ring_at[0] < area[0] else area[2] + 3
    return ring_at, (x, y)


def _overlap(one: Area, other: Area, air: float) -> bool:
    return one[0] < other[2] + air and other[0] < one[2] + air and one[1] < other[3] + air and other[1] < one[3] + air


def _touches(one: Point, other: Point, area: Area, air: float) -> bool:
    """Whether the straight line between two points enters the area with `air` around it."""
    left, top, right, bottom = area[0] - air, area[1] - air, area[2] + air, area[3] + air
    enter, leave = 0.0, 1.0
    for begin, end, low, high in ((one[0], other[0], left, right), (one[1], other[1], top, bottom)):
        run = end - begin
        if run == 0:
            if not low <= begin <= high:
                return False
            continue
        first, last = sorted(((low - begin) / run, (high - begin) / run))
        enter, leave = max(enter, first), min(leave, last)
    return enter <= leave


def _cross(one: Point, other: Point, third: Point, fourth: Point) -> bool:
    """Whether two stretches cross each other, their first ends left out."""

    def turn(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    along = math.dist(one, other)
    if along < 12:
        return False
    # From beyond the ring on: the two lines that meet there do not count.
    share = 12 / along
    one = (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
    return (
        turn(one, other, third) * turn(one, other, fourth) < 0
        and turn(third, fourth, one) * turn(third, fourth, other) < 0
    )


def _first(line: TrajectoryLine) -> int:
    return next(number for number, share in enumerate(line.shares) if share is not None)


def grid_step(most: float) -> float:
    """Per cent between two grid lines: four to six of them."""
    raw = max(most, 0.001) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)


def tick(share: float) -> str:
    return f"{share:g}"


def _windows_named(windows: Sequence[str], across: Callable[[float], float]) -> list[int]:
    """Indices of the windows whose names stand below the plot: the first, the last, and as many as fit between."""
    last = len(windows) - 1
    if last < 1:
        return [0] if windows else []
    wide = max(width(window, SMALL) for window in windows) + 12
    apart = across(1) - across(0)
    for step in range(1, last + 1):
        if step * apart < wide:
            continue
        # Counted from the newest; the first is kept too where it does not touch its neighbour.
        named = list(range(last, -1, -step))[::-1]
        if named[0] and last % step:
            named = [0, *(at for at in named if at * apart >= wide)]
        return named
    return [0, last] if last * apart >= wide else [last]


def _lead(frame: Frame, x: float, y: float, to_x: float, to_y: float, *, early: bool) -> None:
    """A thin line from a line's end to its label; dotted where the line ends early, so as not to prolong it."""
    bend = max(x, to_x - 8)
    style = (0, (1, 3)) if early else "-"
    frame.path([x, bend, to_x], [y, y, to_y], color=frame.palette.neutral, linewidth=0.9, linestyle=style)


def _label_starts(
    frame: Frame,
    lines: Sequence[TrajectoryLine],
    inks: Sequence[str],
    firsts: Sequence[int],
    left: float,
    down: Callable[[float], float],
) -> None:
    """The first values, left of the plot, for lines that begin with the first window."""
    begun = [(line, colour) for line, colour, at in zip(lines, inks, firsts, strict=True) if at == 0]
    wanted = [down(float(line.shares[0] or 0)) for line, _ in begun]
    for (line, colour), y in zip(begun, spread(wanted, 14.0, frame.top, frame.bottom), strict=True):
        frame.text(
            left - 9,
            y + MIDDLE * SMALL,
            _words(line, 0),
            size=SMALL,
            weight=SEMIBOLD,
            colour=colour,
            ha="right",
        )


def _label_inner_starts(
    frame: Frame,
    lines: Sequence[TrajectoryLine],
    inks: Sequence[str],
    firsts: Sequence[int],
    across: Callable[[float], float],
    down: Callable[[float], float],
) -> None:
    """The first values of lines that begin later, above or below the point, wherever no other stands."""
    taken: list[tuple[float, float, float]] = []  # left, right, baseline
    for line, colour, at in zip(lines, inks, firsts, strict=True):
        share = line.shares[at]
        if at == 0 or share is None or all(later is None for later in line.shares[at + 1 :]):
            continue
        words = _words(line, at)
        half = width(words, SMALL, SEMIBOLD) / 2
        for shift in (-9, 18, -23, 32, -37, 46):
            spot = (across(at) - half, across(at) + half, down(float(share)) + shift)
            clear = all(spot[1] < l or r < spot[0] or abs(spot[2] - b) >= 14 for l, r, b in taken)  # noqa: E741
            if clear and frame.top - 6 <= spot[2] <= frame.bottom - 2:
                taken.append(spot)
                # A little ground behind the number: other lines may pass there.
                frame.box(
                    spot[0] - 2,
                    spot[2] - 10,
                    2 * half + 4,
                    13,
                    facecolor=frame.palette.ground,
                    linewidth=0,
                    alpha=0.8,
                )
                frame.text(across(at), spot[2], words, size=SMALL, weight=SEMIBOLD, colour=colour, ha="center")
                break
