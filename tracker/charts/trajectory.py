"""Shares of countries over the windows of one series, as lines labelled where they end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matplotlib.figure import Figure

from tracker.analysis.figure_model import TrajectoryLine, TrajectoryModel
from tracker.analysis.read_model import written
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width
from tracker.charts.theme import REGULAR, SEMIBOLD, country_colour, ink

MOST_LINES = 14
LEAST_NAME = 60.0  # pixels of a name kept however little room there is
LABEL_PITCH = 17.0  # pixels between the baselines of two labels at line ends


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
    """Lines with first and last value printed; a window without a value is a gap."""
    lines = known_lines(model)
    given = sum(any(share is not None for share in line.shares) for line in model.lines)
    remark = f"The first {len(lines)} of {given} places are drawn." if given > len(lines) else ""
    frame = Frame(model, size(narrow=narrow), dark=dark, narrow=narrow, remark=remark)
    if not lines:
        frame.say_nothing_known()
        return frame.figure
    colours = frame.palette
    windows = len(model.windows)
    frame.top += 8
    frame.bottom -= 24  # the windows' names stand below the plot

    ends = [_End.of(line, model.windows) for line in lines]
    most = 140 if narrow else 310
    for end in ends:
        end.fit(most)
    firsts = [_first(line) for line in lines]
    start_texts = [written(line.shares[0]) for line in lines if line.shares[0] is not None]
    left = frame.left + 26 + max([width(text, SMALL, SEMIBOLD) for text in start_texts] or [0]) + 10
    right = frame.right - max(end.width for end in ends) - 18
    most_share = max(float(share) for line in lines for share in line.shares if share is not None)
    step = _step(most_share)
    ceiling = step * max(math.ceil(most_share / step), 1)
    axes = frame.plot(left, right, max(windows - 1, 1))
    axes.set_ylim(0, ceiling)
    high = frame.bottom - frame.top

    def down(share: float) -> float:
        return frame.bottom - share / ceiling * high

    def across(at: int) -> float:
        return left + (right - left) * at / max(windows - 1, 1)

    for number in range(round(ceiling / step) + 1):
        y = down(number * step)
        last = number == round(ceiling / step)
        label = _tick(number * step)
        frame.rule(left - 4, y - 0.5, right + 4, colour=colours.muted if number == 0 else colours.grid)
        frame.text(
            frame.left, y + MIDDLE * SMALL, label + ("\u202f%" if last else ""), size=SMALL, colour=colours.muted
        )
    for at in _windows_named(model.windows, across):
        frame.rule(across(at) - 0.5, frame.bottom, across(at) + 0.5, thick=5, colour=colours.muted)
        frame.text(across(at), frame.bottom + 19, model.windows[at], size=SMALL, colour=colours.muted, ha="center")

    # The first named are the most important: drawn last, so that they lie on top.
    for line in reversed(lines):
        shares = [math.nan if share is None else float(share) for share in line.shares]
        axes.plot(
            range(windows),
            shares,
            color=country_colour(line.place.code, dark),
            linewidth=2.4,
            marker="o",
            markersize=4 if narrow else 4.5,
            markeredgewidth=0,
            clip_on=False,
            label=line.place.name,
        )

    _label_starts(frame, lines, firsts, left, down)
    _label_inner_starts(frame, lines, firsts, across, down)
    wanted = [down(float(end.share)) for end in ends]
    for line, end, natural, y in zip(
        lines, ends, wanted, spread(wanted, LABEL_PITCH, frame.top - 4, frame.bottom), strict=True
    ):
        x = right + 14
        if abs(natural - y) > 2 or end.at < windows - 1:
            _lead(frame, across(end.at) + 5, natural, x - 2, y, early=end.at < windows - 1)
        frame.text(x, y + MIDDLE * BODY, end.name, weight=SEMIBOLD, colour=ink(line.place.code, dark))
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
        return cls(line.place.name, share, written(share), when, at)

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


def _first(line: TrajectoryLine) -> int:
    return next(number for number, share in enumerate(line.shares) if share is not None)


def _step(most: float) -> float:
    """Per cent between two grid lines: four to six of them."""
    raw = max(most, 0.001) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)


def _tick(share: float) -> str:
    return f"{share:g}"


def _windows_named(windows: Sequence[str], across: Callable[[int], float]) -> list[int]:
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
    frame: Frame, lines: Sequence[TrajectoryLine], firsts: Sequence[int], left: float, down: Callable[[float], float]
) -> None:
    """The first values, left of the plot, for lines that begin with the first window."""
    begun = [line for line, at in zip(lines, firsts, strict=True) if at == 0]
    wanted = [down(float(line.shares[0] or 0)) for line in begun]
    for line, y in zip(begun, spread(wanted, 14.0, frame.top, frame.bottom), strict=True):
        frame.text(
            left - 9,
            y + MIDDLE * SMALL,
            written(line.shares[0] or Decimal(0)),
            size=SMALL,
            weight=SEMIBOLD,
            colour=ink(line.place.code, frame.dark),
            ha="right",
        )


def _label_inner_starts(
    frame: Frame,
    lines: Sequence[TrajectoryLine],
    firsts: Sequence[int],
    across: Callable[[int], float],
    down: Callable[[float], float],
) -> None:
    """The first values of lines that begin later, above or below the point, wherever no other stands."""
    taken: list[tuple[float, float, float]] = []  # left, right, baseline
    for line, at in zip(lines, firsts, strict=True):
        share = line.shares[at]
        if at == 0 or share is None or all(later is None for later in line.shares[at + 1 :]):
            continue
        words = written(share)
        half = width(words, SMALL, SEMIBOLD) / 2
        for shift in (-9, 18, -23, 32, -37, 46):
            spot = (across(at) - half, across(at) + half, down(float(share)) + shift)
            clear = all(spot[1] < l or r < spot[0] or abs(spot[2] - b) >= 14 for l, r, b in taken)  # noqa: E741
            if clear and frame.top - 6 <= spot[2] <= frame.bottom - 2:
                taken.append(spot)
                colour = ink(line.place.code, frame.dark)
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
