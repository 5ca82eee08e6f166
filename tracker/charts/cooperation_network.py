"""Organisations in two columns, the Chinese left and the Russian right, others below, joined by the engagements
that name both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path

from tracker.analysis.cooperation_network import (
    NAME,
    NODE_STEPS,
    Columns,
    NetworkModel,
    NetworkNode,
    NetworkTie,
    drawn_said,
    network_steps,
    unnamed_said,
)
from tracker.charts import dimensions
from tracker.charts.frame import MIDDLE, SMALL, Frame
from tracker.charts.lettering import width, wrap
from tracker.charts.palette import ink as ink_of
from tracker.charts.theme import SEMIBOLD, country_colour
from tracker.charts.trajectory import spread

NOTHING = "No organisation is named in the engagements recorded here."
LETTERS = 13.0
LABELS, NARROW_LABELS = 290.0, 112.0  # pixels of the names beside a column of nodes
MOST_LINES, NARROW_MOST_LINES = 2, 3
LEADING = 1.08
LARGEST = 17.0  # pixels across of the node with most engagements; areas are in proportion
MOST_PER_ENGAGEMENT = 7.5  # pixels across of a node with one
NAME_GAP = 13.0  # from the middle of a node to its number
HEAD = 34.0  # the names of the columns
LEAST_TIE, MOST_TIE = 0.9, 7.0  # pixels across
MOST_APART = 1.25  # of a row, in usual ones
SHAPES = {"chinese": "o", "russian": "s", "other": "D"}
SHRUNK = {"o": 1.0, "s": 0.88, "D": 0.8}  # so that equal numbers look equally large
CODES = {"chinese": "CN", "russian": "RU"}
HEADS = {
    "chinese": "Chinese side",
    "russian": "Russian side",
    "other": "Other parties",
    "apart": "Named with none of the organisations drawn here",
}
LINKING = ("and", "for", "in", "of", "on", "the")  # a name cut short does not end in one of these
TRIES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8)  # where along a tie its number may stand

DASHES = (0, (3.5, 2.5))  # of a tie that rests on contested engagements only

Point = tuple[float, float]
Area = tuple[float, float, float, float]  # left, top, right, bottom


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; rows are steps (`network_steps`)."""
    return dimensions.size(NAME, rows, narrow=narrow)


def rows(model: NetworkModel) -> int:
    """How tall the drawing is, in steps."""
    return network_steps(model)


def draw(model: NetworkModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Nodes with name and number of engagements, ties as wide as they have engagements, and that number where it is
    more than one and has room. A tie that rests on contested engagements only is dashed; a node none of whose ties
    are drawn is hollow."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow, remark=_remark(model))
    if not model.nodes:
        frame.say_nothing_known(NOTHING)
        return frame.figure
    axes = frame.figure.add_axes((0, 0, 1, 1), label="network")
    axes.set_axis_off()
    axes.set_xlim(0, frame.width)
    axes.set_ylim(frame.height, 0)
    drawing = _Drawing(frame, model, axes)
    drawing.key()
    drawing.place()
    drawing.ties()
    drawing.nodes(model.nodes)
    return frame.figure


@dataclass(frozen=True)
class _Spot:
    """Where a node stands, and whether its name is left of it."""

    node: NetworkNode
    x: float
    y: float
    left: bool


class _Drawing:
    """The figure while it is drawn; in its axes x and y are pixels of the sheet."""

    def __init__(self, frame: Frame, model: NetworkModel, axes: Axes) -> None:
        self.frame, self.model, self.axes = frame, model, axes
        self.spots: dict[str, _Spot] = {}
        self.most = max(node.engagements for node in model.nodes)
        self.most_tie = max((tie.engagements for tie in model.ties), default=1)
        counts = max(width(str(node.engagements), LETTERS, SEMIBOLD) for node in model.nodes)
        labels = NARROW_LABELS if frame.narrow else LABELS
        self.labels = labels
        self.count = counts + 6
        aside = labels + self.count + NAME_GAP
        self.columns = (frame.left + aside, frame.right - aside)

    def colour(self, side: str) -> str:
        code = CODES.get(side)
        return country_colour(code, self.frame.dark) if code else self.frame.palette.muted

    def across(self, node: NetworkNode) -> float:
        """Pixels of a node's mark: its area is in proportion to its engagements."""
        each = min(LARGEST / math.sqrt(self.most), MOST_PER_ENGAGEMENT)
        return max(each * math.sqrt(node.engagements), 4.0)

    def thick(self, engagements: int) -> float:
        each = min((MOST_TIE - LEAST_TIE) / max(self.most_tie - 1, 1), 1.2)
        return LEAST_TIE + each * (engagements - 1)

    def key(self) -> None:
        """What widths and hollow marks mean; moves `top` below."""
        frame, muted = self.frame, self.frame.palette.muted
        x, y = frame.left, frame.top + 7.0
        samples = sorted({1, (self.most_tie + 1) // 2, self.most_tie}) if self.model.ties else []
        for number in samples:
            frame.path(
                [x, x + 22], [y, y], color=self.line(number), linewidth=self.thick(number), solid_capstyle="butt"
            )
            frame.text(x + 27, y + MIDDLE * SMALL, str(number), size=SMALL, colour=muted)
            x += 27 + width(str(number), SMALL) + 12
        words = "engagement names both" if samples == [1] else "engagements name both"
        if samples:
            frame.text(x - 7, y + MIDDLE * SMALL, words, size=SMALL, colour=muted)
            x += width(words, SMALL) + 14
        if any(tie.contested for tie in self.model.ties):
            note = "contested engagements only"
            if x + 27 + width(note, SMALL) > frame.right:
                x, y = frame.left, y + 20
            frame.path(
                [x, x + 22], [y, y], color=self.line(1), linewidth=1.4, linestyle=DASHES, solid_capstyle="butt"
            )
            frame.text(x + 27, y + MIDDLE * SMALL, note, size=SMALL, colour=muted)
            x += 27 + width(note, SMALL) + 14
        shown = (node for columns in (self.model.columns, self.model.below) for column in columns for node in column)
        if any(node.slug not in self.model.tied for node in shown):
            note = "hollow: named with none drawn here"
            if x > frame.left and x + 16 + width(note, SMALL) > frame.right:
                x, y = frame.left, y + 20
            frame.path([x + 5], [y], linestyle="none", marker="o", markersize=8, markerfacecolor=frame.palette.ground,
                       markeredgecolor=muted, markeredgewidth=1.4)  # fmt: skip
            frame.text(x + 16, y + MIDDLE * SMALL, note, size=SMALL, colour=muted)
        frame.top = y + 22

    def line(self, engagements: int) -> str:
        """The colour of a tie: the ties of several engagements are stronger."""
        return self.frame.palette.risk_high if engagements > 1 else self.frame.palette.muted

    def place(self) -> None:
        """Where every node stands; the headings of the columns."""
        frame = self.frame
        bands = [(columns, heads) for columns, heads in self.bands() if any(columns)]
        lines = sum(max(map(len, columns)) for columns, _ in bands)
        extent = dimensions.EXTENTS[NAME]
        usual = NODE_STEPS * (extent.narrow_row if frame.narrow else extent.row)
        pitch = min((frame.bottom - frame.top - HEAD * len(bands)) / lines, usual * MOST_APART)
        top = frame.top
        for columns, heads in bands:
            for at, words in enumerate(heads):
                self.head(words, at, top)
            top += HEAD
            bottom = top + pitch * max(map(len, columns))
            # The longer column first: the shorter one then stands as near to its partners as can be.
            for at in (0, 1) if len(columns[0]) >= len(columns[1]) else (1, 0):
                self.column(columns[at], at, top, bottom, pitch)
            top = bottom

    def bands(self) -> tuple[tuple[Columns, tuple[str, ...]], ...]:
        """What stands above each other, with the headings."""
        model = self.model
        return (
            (model.columns, ("chinese", "russian")),
            (model.below, ("other",)),
            (model.apart, ("apart",)),
        )

    def column(self, nodes: Sequence[NetworkNode], at: int, top: float, bottom: float, pitch: float) -> None:
        """Nodes of one column in their order, evenly where they fill it, else each near the middle of its partners."""
        heights = [top + pitch * (number + 0.5) for number in range(len(nodes))]
        if top + pitch * len(nodes) < bottom - 1:
            wanted: list[float] = []
            for node, even in zip(nodes, heights, strict=True):
                middle = self.middle(node, even)
                # Never above the one before: the order is what keeps ties from crossing.
                wanted.append(max(middle, wanted[-1] + 0.01) if wanted else middle)
            heights = spread(wanted, pitch, top + pitch / 2, bottom - pitch / 2)
        for node, y in zip(nodes, heights, strict=True):
            self.spots[node.slug] = _Spot(node, self.columns[at], y, at == 0)

    def middle(self, node: NetworkNode, otherwise: float) -> float:
        """The mean height of a node's partners that are placed, each as often as they share engagements."""
        ends = [
            (self.spots[tie.end(node.slug)].y, tie.engagements)
            for tie in self.model.ties
            if node.slug in (tie.one, tie.other) and tie.end(node.slug) in self.spots
        ]
        return sum(y * number for y, number in ends) / sum(number for _, number in ends) if ends else otherwise

    def head(self, side: str, at: int, top: float) -> None:
        """A heading, of a side with how many of its organisations are drawn, over a rule in its colour."""
        frame = self.frame
        words, number = HEADS[side], ""
        if side != "apart":
            drawn, total = len(self.model.of_side(side)), self.model.by_side.get(side, 0)
            number = f"{drawn} of {total}" if drawn < total else str(total)
        code = CODES.get(side)
        colour = ink_of(code, frame.dark) if code else frame.palette.text
        y = top + 16
        wide = width(words, LETTERS, SEMIBOLD) + 6 + width(number, SMALL)
        x = frame.left if at == 0 else frame.right - wide
        frame.text(x, y, words, size=LETTERS, weight=SEMIBOLD, colour=colour)
        if number:
            frame.text(x + wide - width(number, SMALL), y, number, size=SMALL, colour=frame.palette.muted)
        if side in CODES:
            ends = ((frame.left, self.columns[0]), (self.columns[1], frame.right))[at]
            frame.rule(ends[0], y + 6, ends[1], thick=2, colour=self.colour(side))
        else:
            frame.rule(frame.left, y + 6, frame.right, colour=frame.palette.neutral)

    def nodes(self, nodes: Iterable[NetworkNode]) -> None:
        """Marks, numbers and names."""
        frame, tied = self.frame, self.model.tied
        most = NARROW_MOST_LINES if frame.narrow else MOST_LINES
        letters = SMALL if frame.narrow else LETTERS
        looks: dict[tuple[str, float, bool], tuple[list[float], list[float]]] = {}
        for node in nodes:
            spot = self.spots[node.slug]
            xs, ys = looks.setdefault((node.side, round(self.across(node), 2), node.slug in tied), ([], []))
            xs.append(spot.x)
            ys.append(spot.y)
            away = -1 if spot.left else 1
            ha = "right" if spot.left else "left"
            x = spot.x + away * NAME_GAP
            code = CODES.get(node.side)
            colour = ink_of(code, frame.dark) if code else frame.palette.text
            frame.text(
                x,
                spot.y + MIDDLE * LETTERS,
                str(node.engagements),
                size=LETTERS,
                weight=SEMIBOLD,
                colour=colour,
                ha=ha,
            )
            lines = name_lines(node.name, self.labels - 4, letters, most)
            frame.lines(x + away * self.count, spot.y, lines, size=letters, leading=LEADING, ha=ha)
        for (side, across, full), (xs, ys) in looks.items():
            shape, colour = SHAPES[side], self.colour(side)
            across *= SHRUNK[shape]
            self.axes.plot(
                xs,
                ys,
                linestyle="none",
                marker=shape,
                markersize=across if full else max(across - 1.4, 3),
                markerfacecolor=colour if full else frame.palette.ground,
                markeredgecolor=frame.palette.ground if full else colour,
                markeredgewidth=0 if full else 1.4,
                zorder=3,
                label=f"{side}: organisations",
            )

    def ties(self) -> None:
        """The ties, the weakest first, and the numbers of the others where there is room."""
        ties = sorted(self.model.ties, key=lambda tie: (tie.engagements, tie.one, tie.other))
        curves = [self.curve(tie) for tie in ties]
        if curves:
            drawn = PathCollection(
                [Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]) for points in curves],
                facecolors="none",
                edgecolors=[self.line(tie.engagements) for tie in ties],
                linewidths=[self.thick(tie.engagements) for tie in ties],
                linestyles=[DASHES if tie.contested else "solid" for tie in ties],
                label="ties",
                capstyle="butt",
                zorder=1,
            )
            self.axes.add_collection(drawn, autolim=False)
        traces = [[_at(points, step / 40) for step in range(41)] for points in curves]
        taken: list[Area] = []
        for number in sorted(range(len(ties)), key=lambda n: (-ties[n].engagements, ties[n].one, ties[n].other)):
            if ties[number].engagements > 1:
                self.number(ties[number], curves[number], [t for n, t in enumerate(traces) if n != number], taken)

    def number(
        self, tie: NetworkTie, points: Sequence[Point], others: Sequence[Sequence[Point]], taken: list[Area]
    ) -> None:
        """A tie's number on it, where it covers no other number and as few other ties as can be, at most one."""
        words = str(tie.engagements)
        wide, high = width(words, SMALL, SEMIBOLD) + 5, 13.0
        best: tuple[int, float, Area] | None = None
        for away, along in enumerate(TRIES):
            x, y = _at(points, along)
            area = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            if any(_overlap(area, other) for other in taken):
                continue
            covered = sum(any(_within(point, area) for point in trace) for trace in others)
            if covered < 2 and (best is None or (covered, away) < best[:2]):
                best = (covered, away, area)
        if best is None:
            return
        left, top, right, bottom = best[2]
        taken.append(best[2])
        frame = self.frame
        frame.box(left, top, right - left, high, facecolor=frame.palette.ground, linewidth=0, zorder=2)
        middle = (top + bottom) / 2
        frame.text((left + right) / 2, middle + MIDDLE * SMALL, words, size=SMALL, weight=SEMIBOLD, ha="center")

    def curve(self, tie: NetworkTie) -> list[Point]:
        """A tie as a cubic curve: level at both ends; between two of one column it bends inwards."""
        one, other = sorted((self.spots[tie.one], self.spots[tie.other]), key=lambda spot: (spot.x, spot.y))
        inner = self.columns[1] - self.columns[0]
        if one.left == other.left:
            bend = min(inner * 0.6, 16 + abs(other.y - one.y) * 0.22) * (1 if one.left else -1)
            return [(one.x, one.y), (one.x + bend, one.y), (other.x + bend, other.y), (other.x, other.y)]
        return [(one.x, one.y), (one.x + inner * 0.5, one.y), (other.x - inner * 0.5, other.y), (other.x, other.y)]


def name_lines(name: str, limit: float, size: float, most: int) -> list[str]:
    """A name in at most so many lines of `limit` pixels; a longer one loses whole words at its end, for an '…'."""
    words = name.split(" ")
    for kept in range(len(words), 0, -1):
        if kept < len(words) and words[kept - 1] in LINKING:
            continue
        said = " ".join(words[:kept]).rstrip(" ,;:–(") + ("" if kept == len(words) else " …")
        lines = wrap(said, limit, size)
        if len(lines) <= most:
            # About equally long, unless a word would be cut for that.
            even = wrap(said, limit, size, even=True)
            return even if " ".join(even) == said else lines
    return wrap(name, limit, size, most=most)


def _remark(model: NetworkModel) -> str:
    """What is not drawn."""
    said = []
    if model.left_out:
        said.append(
            f"Drawn: {len(model.nodes)} of {model.total} organisations, {drawn_said(model.least, model.cut)}; "
            f"{model.left_out} are not"
        )
    if model.unnamed:
        said.append(f"{unnamed_said(model.unnamed)} left out")
    return ". ".join(said)


def _at(points: Sequence[Point], along: float) -> Point:
    """A point of a cubic curve, `along` from 0 to 1."""
    back = 1 - along
    weights = (back**3, 3 * back**2 * along, 3 * back * along**2, along**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, points, strict=True)) for axis in (0, 1))
    return x, y


def _overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] + 2 and other[0] < one[2] + 2 and one[1] < other[3] + 1 and other[1] < one[3] + 1


def _within(point: Point, area: Area) -> bool:
    return area[0] - 2 < point[0] < area[2] + 2 and area[1] - 1 < point[1] < area[3] + 1
