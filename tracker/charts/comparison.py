"""Two to four sides, technology by technology: by how much one is ahead where the shares are known, who leads where not.

Two sides are bars on either side of an axis, three or four are marks on a common scale. Below them, in a compact
block, the technologies in which only a leader or a rank is known: marks and words, never a bar.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracker.analysis.figure_model import ComparedLine, ComparedMark, ComparisonModel, comparison_rows
from tracker.analysis.read_model import written
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, NOTHING_KNOWN, SMALL, Frame
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.sides import Marks, Note, Side, key, sides_of, signed
from tracker.charts.theme import REGULAR, SEMIBOLD
from tracker.charts.trajectory import grid_step, tick

TOO_CLOSE = "too close to call"
NOT_KNOWN = "·"
RANK_HEADING = "Gap not known to us: only who leads, or a rank"
NAME = 13.0  # names in the compact block, in pixels
LEAST_SCALE = 10.0  # points across the plot, at least
LEAST_HALF, NARROW_LEAST_HALF = 0.3, 0.4  # of the plot: what a half of the axis keeps however short its bars
NEAR = 6.0  # pixels between two marks below which one steps aside
HATCH, SPARSE = "////", "//"


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; `rows` as counted by `rows`."""
    return dimensions.COMPARISON.size(rows, narrow=narrow)


def rows(model: ComparisonModel) -> int:
    """Two a line whose gap is drawn, one a line of the compact block, and five for the heading of that."""
    drawn, rest = _bands(model)
    return comparison_rows(len(drawn), len(rest))


def draw(model: ComparisonModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Both bands in the model's order, and how many lines are left out because nothing is known of them."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    left_out = _left_out(model)
    if not model.lines:
        frame.say_nothing_known(left_out or NOTHING_KNOWN)
        return frame.figure
    sides = sides_of(model.sides, dark)
    drawn, rest = _bands(model)
    _say_left_out(frame, left_out)
    two = len(sides) == 2
    # The names of two sides stand over their halves; where there are no halves, and for more sides, in the key.
    key(frame, () if two and drawn else sides, _notes(sides, drawn))

    plot: _Bars | _Dots | None = None
    if drawn:
        plot = _Bars(frame, sides, drawn) if two else _Dots(frame, sides, drawn)
    block = _Block(frame, sides, rest, 24 if plot else 4) if rest else None
    heads = (plot.head if plot else 0) + (block.head if block else 0)
    units = 2 * len(drawn) + (block.units if block else 0)
    usual = dimensions.COMPARISON.narrow_row if narrow else dimensions.COMPARISON.row
    unit = min((frame.bottom - frame.top - heads) / units, usual * (1.4 if units > 6 else 2))
    y = frame.top
    if plot:
        y = plot.draw(y, 2 * unit)
    if block:
        block.draw(y, unit * block.units / block.deep)
    return frame.figure


def gap_text(line: ComparedLine) -> str:
    """'+53.5', 'at most 26.0', '+0.3, too close to call'; empty where no gap is known."""
    if line.gap is None:
        return TOO_CLOSE if line.too_close else ""
    number = written(line.gap)
    if not line.gap_bound:
        words = f"+{number}" if line.gap > 0 else number
    elif line.gap_bound.startswith("as "):
        words = f"{number} {line.gap_bound}"
    else:
        words = f"{line.gap_bound} {number}"
    return f"{words}, {TOO_CLOSE}" if line.too_close else words


def cell_text(mark: ComparedMark) -> str:
    """What the compact block says of a side: its share, else its rank, else that it leads, else that nothing is known."""
    if mark.share is not None:
        return _share(mark)
    if mark.ranks is not None:
        return mark.ranks.ordinal
    return "leads" if mark.leads else NOT_KNOWN


def larger(line: ComparedLine) -> int:
    """The position of the side with the largest share, the first of equal ones; that of no side is never asked."""
    shares = [mark.share if mark.share is not None else Decimal(-1) for mark in line.marks]
    return shares.index(max(shares))


def _bands(model: ComparisonModel) -> tuple[list[ComparedLine], list[ComparedLine]]:
    return [line for line in model.lines if line.band == "gap"], [line for line in model.lines if line.band != "gap"]


def _left_out(model: ComparisonModel) -> str:
    """'Nothing is known of either side for 12 technologies.'; empty where something is known of all."""
    if not model.unknown:
        return ""
    any_side = "either side" if len(model.sides) == 2 else "any of the sides"
    what = (
        model.what if model.unknown != 1 else {"technologies": "technology"}.get(model.what, model.what.rstrip("s"))
    )
    return f"Nothing is known of {any_side} for {model.unknown} {what}."


def _say_left_out(frame: Frame, words: str) -> None:
    """Set at the foot of the plot; moves `bottom` above it."""
    lines = wrap(words, frame.right - frame.left, SMALL) if words else []
    for number, line in enumerate(reversed(lines)):
        frame.text(frame.left, frame.bottom - 2 - number * 15, line, size=SMALL, colour=frame.palette.muted)
    if lines:
        frame.bottom -= 15 * len(lines) + 12


def _notes(sides: Sequence[Side], drawn: Sequence[ComparedLine]) -> list[Note]:
    """Only what the upper band holds is explained."""
    notes = []
    two = len(sides) == 2
    if two and any(line.gap_bound for line in drawn):
        notes.append(Note("a bound: not all shares behind it are known to us", bar=True, hatch=HATCH))
    if two and any(line.too_close and not line.gap_bound for line in drawn):
        notes.append(Note(f"{TOO_CLOSE}: the published digits do not separate the two", bar=True))
    if not two and any(mark.bound for line in drawn for mark in line.marks):
        notes.append(Note("only a bound of the share is known to us", mark=True))
    return notes


class _Names:
    """The names of the lines: a column beside the plot, or on a phone a line above each row of it."""

    def __init__(self, frame: Frame, lines: Sequence[ComparedLine], most: float) -> None:
        self.frame = frame
        if frame.narrow:
            across = frame.right - frame.left
            self.lines = [(NAME, [shorten(line.name, across, NAME)]) for line in lines]
            self.right = frame.left
        else:
            self.lines = [_fitted(line.name, most, (BODY, NAME)) for line in lines]
            widest = max(width(part, size) for size, parts in self.lines for part in parts)
            self.right = frame.left + widest + 18

    def draw(self, number: int, y: float, pitch: float) -> float:
        """Set one name in the row whose upper edge is at `y`; the middle of what is drawn in that row."""
        size, words = self.lines[number]
        if self.frame.narrow:
            baseline = y + pitch * 0.34
            across = self.frame.right - self.frame.left
            # Ground behind the name: the lines of a scale go on below it.
            self.frame.box(
                self.frame.left,
                baseline - 13,
                across,
                17,
                facecolor=self.frame.palette.ground,
                linewidth=0,
                zorder=-0.5,
            )
            self.frame.text(self.frame.left, baseline, words[0], size=size)
            return y + pitch * 0.68
        middle = y + pitch / 2
        self.frame.lines(self.frame.left, middle, words, size=size, leading=0.97)
        return middle


class _Bars:
    """Two sides: bars towards the one with the larger share, as long as the gap."""

    def __init__(self, frame: Frame, sides: Sequence[Side], lines: Sequence[ComparedLine]) -> None:
        self.frame, self.sides, self.lines = frame, sides, lines
        self.names = _Names(frame, lines, 306)
        self.size = SMALL if frame.narrow else BODY
        self.shares = [[self._share(mark) for mark in line.marks] for line in lines]
        self.left = self.names.right
        wide = [max(width(shares[at], self.size) for shares in self.shares) for at in (0, 1)]
        air = 14.0 if frame.narrow else 26.0
        self.bars_left, self.bars_right = self.left + wide[0] + air, frame.right - wide[1] - air
        self.share_right = self.left + wide[0]
        self.labels = [self._wrapped(gap_text(line)) for line in lines]
        self.scale, self.axis = self._scale()
        self.head_lines = [
            wrap(side.name, room - 18, BODY, SEMIBOLD, most=3)
            for side, room in zip(sides, (self.axis - self.left - 12, frame.right - self.axis - 12), strict=True)
        ]
        self.head = 17 * max(len(lines) for lines in self.head_lines) + 34

    def draw(self, top: float, pitch: float) -> float:
        """The head and all rows from `top` on; the height below them."""
        self._head(top)
        self.frame.top = first = top + self.head
        axes = self.frame.plot(self.bars_left, self.bars_right, 1)
        axes.set_xlim(-(self.axis - self.bars_left) / self.scale, (self.bars_right - self.axis) / self.scale)
        middles = []
        for number in range(len(self.lines)):
            y = first + number * pitch
            middles.append(self.names.draw(number, y, pitch))
            self.frame.rule(self.frame.left, y + pitch - 0.5, self.frame.right)
            for words, x, side, ha in zip(
                self.shares[number], (self.share_right, self.frame.right), self.sides, ("right", "right"), strict=True
            ):
                self.frame.text(x, middles[-1] + MIDDLE * self.size, words, size=self.size, colour=side.ink, ha=ha)
        thick = min(pitch * (0.34 if self.frame.narrow else 0.58), 24)
        self._bars(axes, middles, thick)
        for line, label, middle in zip(self.lines, self.labels, middles, strict=True):
            self._label(line, label, middle)
        if self.frame.narrow:
            for middle in middles:
                self.frame.rule(
                    self.axis - 0.5,
                    middle - thick / 2 - 3,
                    self.axis + 0.5,
                    thick=thick + 6,
                    colour=self._axis_colour,
                )
        else:
            self.frame.rule(
                self.axis - 0.5, first, self.axis + 0.5, thick=pitch * len(self.lines), colour=self._axis_colour
            )
        return first + pitch * len(self.lines)

    @property
    def _axis_colour(self) -> str:
        return self.frame.palette.text

    def _share(self, mark: ComparedMark) -> str:
        words = written(mark.share) if mark.share is not None else NOT_KNOWN
        if self.frame.narrow:
            return signed(words, mark.bound)
        return f"{mark.bound} {words}" if mark.bound else words

    def _wrapped(self, words: str) -> list[str]:
        """The words at a bar's end in two lines at most, as narrow as they can be."""
        room = self.bars_right - self.bars_left
        tries = (wrap(words, room * part, self.size, SEMIBOLD) for part in (0.36, 0.42, 0.5, 0.6))
        return next((lines for lines in tries if len(lines) <= 2), None) or [words]

    def _scale(self) -> tuple[float, float]:
        """Pixels a point, the largest at which every bar has room with its label; and where the axis stands."""
        total = self.bars_right - self.bars_left
        sides = [
            (larger(line), float(line.gap or 0), max(width(words, self.size, SEMIBOLD) for words in label) + 9)
            for line, label in zip(self.lines, self.labels, strict=True)
        ]
        words = [max([label for side, _, label in sides if side == at] or [0.0]) for at in (0, 1)]
        least = total * (NARROW_LEAST_HALF if self.frame.narrow else LEAST_HALF)
        least = min(least, max(total - max(words), 0))

        def halves(scale: float) -> list[float]:
            return [max([gap * scale + label for side, gap, label in sides if side == at] + [least]) for at in (0, 1)]

        # A gap of a tenth of a point is no long bar, even where all the gaps are small.
        low, high = 0.0, total / max(*(gap for _, gap, _ in sides), LEAST_SCALE)
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if sum(halves(middle)) <= total else (low, middle)
        left, right = halves(low)
        return max(low, 1e-6), self.bars_left + left + max(total - left - right, 0) / 2

    def _head(self, top: float) -> None:
        """Names over their halves, a stroke in their colour, and what the numbers are."""
        frame = self.frame
        deep = max(len(lines) for lines in self.head_lines)
        base = top + 17 * deep - 3
        marks = Marks(frame)
        for number, (side, lines) in enumerate(zip(self.sides, self.head_lines, strict=True)):
            for at, line in enumerate(lines):
                y = base - 17 * (len(lines) - 1 - at)
                if number == 0:
                    frame.text(self.left + 16, y, line, weight=SEMIBOLD, colour=side.ink)
                else:
                    frame.text(frame.right - 16, y, line, weight=SEMIBOLD, colour=side.ink, ha="right")
            first = base - 17 * (len(lines) - 1) - MIDDLE * BODY
            marks.add(side, self.left + 5 if number == 0 else frame.right - 5, first)
            ends = (self.left, self.axis - 1) if number == 0 else (self.axis + 1, frame.right)
            frame.rule(ends[0], base + 7, ends[1], thick=4, colour=side.colour)
        marks.draw()
        small, below = frame.palette.muted, base + 26
        words = ("share, %", "gap, points")
        frame.text(self.left, below, words[0], size=SMALL, colour=small)
        frame.text(self.axis, below, words[1], size=SMALL, colour=small, ha="center")
        frame.text(frame.right, below, words[0], size=SMALL, colour=small, ha="right")

    def _bars(self, axes: Axes, middles: Sequence[float], thick: float) -> None:
        """A look a call, so that a figure's bars can be found by their label."""
        ground = self.frame.palette.ground
        for label, hatch, filled in (("gap", "", True), ("bound", HATCH, False), (TOO_CLOSE, "", False)):
            found = [
                (middle - self.frame.top, line)
                for middle, line in zip(middles, self.lines, strict=True)
                if line.gap is not None and _look(line) == label
            ]
            if not found:
                continue
            colours = [self.sides[larger(line)].colour for _, line in found]
            bars = axes.barh(
                [y for y, _ in found],
                [float(line.gap or 0) * (1 if larger(line) else -1) for _, line in found],
                height=thick,
                color=colours if filled else ground,
                edgecolor=colours,
                linewidth=0 if filled else 1.4,
                hatch=hatch,
                label=label,
            )
            for bar, (_, line) in zip(bars, found, strict=True):
                if line.too_close and line.gap_bound:
                    bar.set_hatch(SPARSE)

    def _label(self, line: ComparedLine, label: Sequence[str], middle: float) -> None:
        right = larger(line) == 1
        reach = float(line.gap or 0) * self.scale + 7
        x = self.axis + (reach if right else -reach)
        self.frame.lines(x, middle, label, size=self.size, weight=SEMIBOLD, ha="left" if right else "right")


class _Dots:
    """Three or four sides: their shares as marks on one scale, joined from the least to the greatest."""

    def __init__(self, frame: Frame, sides: Sequence[Side], lines: Sequence[ComparedLine]) -> None:
        self.frame, self.sides, self.lines = frame, sides, lines
        self.names = _Names(frame, lines, 306)
        most_gap = 66 if frame.narrow else 108
        self.gaps = [wrap(gap_text(line), most_gap, SMALL, SEMIBOLD, most=3) for line in lines]
        gap_wide = max(
            [width(part, SMALL, SEMIBOLD) for parts in self.gaps for part in parts] + [width("points", SMALL)]
        )
        ends = [[_share(mark) for mark in _ends(line)] for line in lines]
        low, high = (max(width(words[at], SMALL, SEMIBOLD) for words in ends) + 13 for at in (0, 1))
        self.left = self.names.right + low
        self.right = frame.right - gap_wide - 14 - high
        most = max((float(mark.share or 0) for line in lines for mark in line.marks), default=0.0)
        self.step = grid_step(most)
        self.ceiling = max(most, self.step)
        self.head = 38.0

    def draw(self, top: float, pitch: float) -> float:
        """The scale and all rows from `top` on; the height below them."""
        frame, muted = self.frame, self.frame.palette.muted
        frame.top = first = top + self.head
        axes = frame.plot(self.left, self.right, self.ceiling)
        bottom = first + pitch * len(self.lines)
        ticks = [number * self.step for number in range(int(self.ceiling / self.step + 1e-9) + 1)]
        for share in ticks:
            x = self._across(share)
            words = tick(share) + ("\u202f%" if share == ticks[-1] else "")
            frame.text(x, first - 8, words, size=SMALL, colour=muted, ha="center")
            frame.rule(x - 0.5, first - 3, x + 0.5, thick=bottom - first + 3, colour=muted if share == 0 else None)
        for number, words in enumerate(("lead,", "points")):
            frame.text(frame.right, first - 22 + 14 * number, words, size=SMALL, colour=muted, ha="right")
        spots: dict[tuple[int, bool], list[tuple[float, float]]] = {}
        for number, line in enumerate(self.lines):
            y = first + number * pitch
            middle = self.names.draw(number, y, pitch)
            frame.rule(frame.left, y + pitch - 0.5, frame.right)
            self._row(line, middle, spots, axes)
            self.frame.lines(frame.right, middle, self.gaps[number], size=SMALL, weight=SEMIBOLD, ha="right")
        self._marks(axes, spots)
        return bottom

    def _across(self, share: float) -> float:
        return self.left + share / self.ceiling * (self.right - self.left)

    def _row(
        self, line: ComparedLine, middle: float, spots: dict[tuple[int, bool], list[tuple[float, float]]], axes: Axes
    ) -> None:
        frame = self.frame
        least, greatest = _ends(line)
        low, high = float(least.share or 0), float(greatest.share or 0)
        axes.plot(
            [low, high],
            [middle - frame.top] * 2,
            color=frame.palette.neutral,
            linewidth=1.4,
            label="reach",
            zorder=1.5,
        )
        placed: list[tuple[float, float]] = []
        for at, mark in enumerate(line.marks):
            share = float(mark.share or 0)
            x = self._across(share)
            # A mark on another steps down, then up: both must be seen.
            aside = next(
                (
                    step
                    for step in (0.0, 7.0, -7.0, 14.0)
                    if all(abs(x - other) >= NEAR or abs(step - other_step) >= 6 for other, other_step in placed)
                ),
                0.0,
            )
            placed.append((x, aside))
            spots.setdefault((at, bool(mark.bound)), []).append((share, middle - frame.top + aside))
            if mark.bound in ("at least", "at most"):
                self._chevron(x, middle + aside, self.sides[at].colour, 1 if mark.bound == "at least" else -1)
        for mark, ha in ((least, "right"), (greatest, "left")):
            ink = self.sides[line.marks.index(mark)].ink
            air = 9 + (5 if mark.bound == ("at least" if ha == "left" else "at most") else 0)
            x = self._across(float(mark.share or 0)) + (air if ha == "left" else -air)
            words = _share(mark)
            if ha == "right":  # a number may stand across the axis or a grid line: a little ground behind it
                long = width(words, SMALL, SEMIBOLD)
                ground = frame.palette.ground
                frame.box(x - long - 1, middle - 6, long + 2, 12, facecolor=ground, linewidth=0, zorder=-0.5)
            frame.text(x, middle + MIDDLE * SMALL, words, size=SMALL, weight=SEMIBOLD, colour=ink, ha=ha)

    def _chevron(self, x: float, y: float, colour: str, way: int) -> None:
        """A small arrow head beside a mark: the share may lie further that way."""
        self.frame.path([x + 7 * way, x + 10 * way, x + 7 * way], [y - 3, y, y + 3], color=colour, linewidth=1.4)

    def _marks(self, axes: Axes, spots: dict[tuple[int, bool], list[tuple[float, float]]]) -> None:
        # The first named are the most important: drawn last, so that they lie on top.
        for (at, hollow), found in sorted(spots.items(), reverse=True):
            side = self.sides[at]
            ground = self.frame.palette.ground
            axes.plot(
                [share for share, _ in found],
                [y for _, y in found],
                linestyle="none",
                marker=side.shape,
                markersize=side.size - (0.6 if hollow else 0),
                markerfacecolor=ground if hollow else side.colour,
                markeredgecolor=side.colour if hollow else ground,
                markeredgewidth=1.8 if hollow else 0.7,
                clip_on=False,
                label=f"{side.name}, bound" if hollow else side.name,
            )


class _Block:
    """The lines without a gap, in two columns on a desk: what is known of each side, and a mark at the side ahead."""

    def __init__(self, frame: Frame, sides: Sequence[Side], lines: Sequence[ComparedLine], air: float) -> None:
        self.frame, self.sides, self.lines, self.air = frame, sides, lines, air
        self.count = 1 if frame.narrow else 2
        self.deep = math.ceil(len(lines) / self.count)
        self.units = self.deep * self.count
        self.wide = (frame.right - frame.left - 36 * (self.count - 1)) / self.count
        # From the left edge of a cell to the middle of its mark, and to its words.
        self.mark_at, self.words_at = (9.0, 17.0) if frame.narrow else (15.0, 24.0)
        self.texts = [[cell_text(mark) for mark in line.marks] for line in lines]
        self.labels, self.cells, room = self._columns()
        self.names = [_fitted(line.name, room, (NAME,)) for line in lines]
        self.heading = wrap(RANK_HEADING, frame.right - frame.left, BODY, SEMIBOLD)
        self.remark = wrap(self._remark(), frame.right - frame.left, SMALL)
        self.head = air + 18 * len(self.heading) + 15 * len(self.remark) + 30

    def draw(self, top: float, pitch: float) -> None:
        """The heading and all rows from `top` on."""
        frame = self.frame
        y = top + self.air
        for line in self.heading:
            frame.text(frame.left, y + 12, line, weight=SEMIBOLD)
            y += 18
        for line in self.remark:
            frame.text(frame.left, y + 11, line, size=SMALL, colour=frame.palette.muted)
            y += 15
        first = top + self.head
        marks = Marks(frame)
        for column in range(math.ceil(len(self.lines) / self.deep)):
            left = frame.left + column * (self.wide + 36)
            self._column_head(marks, left, first)
            for row, number in enumerate(range(column * self.deep, min((column + 1) * self.deep, len(self.lines)))):
                upper = first + row * pitch
                size, words = self.names[number]
                frame.lines(left, upper + pitch / 2, words, size=size, leading=0.97)
                self._cells(marks, left, upper + pitch / 2, number)
                frame.rule(left, upper + pitch - 0.5, left + self.wide)
        marks.draw()

    def _columns(self) -> tuple[list[str], list[float], float]:
        """What stands over the cells, the cells' widths, and the room beside them.

        The sides' names where that leaves every line its own on one line; else codes of countries and short names
        of blocs; a side without a short name has its mark alone.
        """
        whole = [side.name for side in self.sides]
        short = []
        for side in self.sides:
            name = side.place.code.upper() if side.place.kind == "country" else side.name
            short.append(name if width(name, SMALL, SEMIBOLD) <= 58 else "")
        for labels in (whole, short):
            cells = [
                max([width(texts[at], SMALL, SEMIBOLD) for texts in self.texts] + [width(label, SMALL, SEMIBOLD)])
                + self.words_at
                + 2
                for at, label in enumerate(labels)
            ]
            room = self.wide - sum(cells) - 4
            if all(width(line.name, NAME) <= room for line in self.lines):
                break
        return labels, cells, room

    def _remark(self) -> str:
        """What the marks and words of the block are; only what it holds is explained."""
        marks = [mark for line in self.lines for mark in line.marks]
        parts = []
        if any(line.ahead is not None for line in self.lines):
            parts.append("A filled mark: this side is ahead.")
        if any(mark.leads and line.ahead is None for line in self.lines for mark in line.marks):
            parts.append(
                "A hollow mark: the leading country is on this side; whether the whole side is ahead is not known."
            )
        said = []
        if any(mark.ranks is not None and mark.share is None for mark in marks):
            bloc = any(side.place.kind == "bloc" for side in self.sides)
            said.append("1st, 2nd: rank among all countries" + (" (of a bloc: its best member’s)" if bloc else ""))
        if any(mark.share is not None for mark in marks):
            said.append("a number alone: share in per cent")
        if any(cell_text(mark) == NOT_KNOWN for mark in marks):
            said.append(f"a dot ({NOT_KNOWN}): not known to us")
        return " ".join([*parts, f"{'; '.join(said)}." if said else ""]).strip()

    def _column_head(self, marks: Marks, left: float, first: float) -> None:
        frame = self.frame
        x = left + self.wide - sum(self.cells)
        for side, label, cell in zip(self.sides, self.labels, self.cells, strict=True):
            marks.add(side, x + self.mark_at, first - 12)
            frame.text(
                x + self.words_at, first - 12 + MIDDLE * SMALL, label, size=SMALL, weight=SEMIBOLD, colour=side.ink
            )
            x += cell
        frame.rule(left, first - 1, left + self.wide, colour=frame.palette.neutral)

    def _cells(self, marks: Marks, left: float, middle: float, number: int) -> None:
        line = self.lines[number]
        x = left + self.wide - sum(self.cells)
        for at, (mark, words, cell) in enumerate(zip(line.marks, self.texts[number], self.cells, strict=True)):
            side = self.sides[at]
            ahead = line.ahead == at
            leads = mark.leads and line.ahead is None
            if ahead or leads:
                marks.add(side, x + self.mark_at, middle, hollow=not ahead)
            known = words != NOT_KNOWN
            self.frame.text(
                x + self.words_at,
                middle + MIDDLE * SMALL,
                words,
                size=SMALL,
                weight=SEMIBOLD if ahead else REGULAR,
                colour=side.ink if ahead else self.frame.palette.text if known else self.frame.palette.muted,
            )
            x += cell


def _fitted(name: str, room: float, sizes: Sequence[float]) -> tuple[float, list[str]]:
    """A name on one line in the first of the sizes that lets it; else on two small ones."""
    for size in sizes:
        if width(name, size) <= room:
            return size, [name]
    return SMALL, wrap(name, room, SMALL, most=2)


def _share(mark: ComparedMark) -> str:
    return signed(written(mark.share), mark.bound) if mark.share is not None else NOT_KNOWN


def _look(line: ComparedLine) -> str:
    if line.gap_bound:
        return "bound"
    return TOO_CLOSE if line.too_close else "gap"


def _ends(line: ComparedLine) -> tuple[ComparedMark, ComparedMark]:
    """The marks with the least and the greatest share."""
    known = [mark for mark in line.marks if mark.share is not None]
    return min(known, key=lambda mark: mark.share or 0), max(known, key=lambda mark: mark.share or 0)
