"""The sheet every figure is drawn on: finding, subtitle and key above, source and date below, plot between.

All lengths are CSS pixels from the top left corner; one pixel is one point at 72 dpi, so that font sizes
are pixels too. The height is fixed before the words are known (`dimensions`): what a short title leaves
over goes to the plot, and a very long one is set smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from tracker.analysis.figure_model import FigureModel
from tracker.charts.lettering import width, wrap
from tracker.charts.theme import FACE, REGULAR, SEMIBOLD, Palette, palette

BODY = 14.0  # labels and numbers
SMALL = 12.0  # notes, the least size anywhere: still 11 px where a 390 px figure is shown 360 px wide
MIDDLE = 0.33  # baseline below the middle of capitals and figures, in ems of our face

# The most a title and subtitle may take, in pixels; sizes are tried from the left until both fit.
HEAD_ROOM, NARROW_HEAD_ROOM = 106.0, 128.0
TITLE_SIZES, NARROW_TITLE_SIZES = (23.0, 21.0, 19.0, 17.0), (20.0, 18.0, 16.0, 15.0)
SUBTITLE_SIZES, NARROW_SUBTITLE_SIZES = (15.0, 15.0, 14.0, 13.0), (14.0, 13.0, 13.0, 12.0)
NOTHING_KNOWN = "Nothing is known here yet."


@dataclass(frozen=True)
class Key:
    """One entry of a figure's key: a small box as the plot draws it, and what it means."""

    text: str
    fill: str = "none"
    edge: str = "none"
    hatch: str = ""
    letter: str = ""


class Frame:
    """A figure with its words set; `top` and `bottom` bound what is left for the plot."""

    def __init__(
        self, model: FigureModel, size: tuple[int, int], *, dark: bool, narrow: bool, remark: str = ""
    ) -> None:
        self.width, self.height = size
        self.dark, self.narrow = dark, narrow
        self.palette: Palette = palette(dark)
        self.margin = 16.0 if narrow else 28.0
        self.left, self.right = self.margin, self.width - self.margin
        self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72, facecolor=self.palette.ground)
        self.figure.set_label(model.title)
        self._pixels = Affine2D().scale(1 / self.width, -1 / self.height).translate(0, 1) + self.figure.transFigure
        self.top = self._head(model.title, _sentences(model.subtitle, remark))
        self.bottom = self._foot(model.source, model.date)

    def text(
        self,
        x: float,
        baseline: float,
        words: str,
        *,
        size: float = BODY,
        colour: str | None = None,
        weight: int = REGULAR,
        ha: str = "left",
        rotation: float = 0,
    ) -> Text:
        """One line of text with its baseline at `baseline`."""
        return self.figure.text(
            x,
            baseline,
            words,
            transform=self._pixels,
            fontsize=size,
            fontweight=weight,
            color=colour or self.palette.text,
            ha=ha,
            va="baseline",
            rotation=rotation,
            rotation_mode="anchor",
        )

    def lines(
        self, x: float, middle: float, lines: Sequence[str], *, size: float = BODY, leading: float = 1.15, **how: Any
    ) -> None:
        """Lines of text, centred as a block on the height `middle`."""
        pitch = size * leading
        first = middle - pitch * (len(lines) - 1) / 2 + MIDDLE * size
        for number, line in enumerate(lines):
            self.text(x, first + number * pitch, line, size=size, **how)

    def rule(self, x: float, y: float, right: float, *, thick: float = 1.0, colour: str | None = None) -> None:
        """A horizontal rule from `x` to `right` whose upper edge is at `y`."""
        # Below the axes: a grid line never crosses what is drawn.
        self.box(x, y, right - x, thick, facecolor=colour or self.palette.grid, linewidth=0, zorder=-1)

    def box(self, x: float, y: float, wide: float, high: float, **how: Any) -> Rectangle:
        """A rectangle on the sheet, outside any axes."""
        patch = Rectangle((x, y), wide, high, transform=self._pixels, **how)
        self.figure.add_artist(patch)
        return patch

    def path(self, xs: Sequence[float], ys: Sequence[float], **how: Any) -> Line2D:
        """A line on the sheet, outside any axes."""
        line = Line2D(xs, ys, transform=self._pixels, **how)
        self.figure.add_artist(line)
        return line

    def key(self, entries: Sequence[Key]) -> None:
        """The figure's key in as many lines as it needs, below the subtitle; moves `top` below it."""
        x, line = self.left, self.top + 7
        for entry in entries:
            wide = max(18.0, width(entry.letter, SMALL, SEMIBOLD) + 8) if entry.letter else 18.0
            needs = wide + 6 + width(entry.text, SMALL)
            if x > self.left and x + needs > self.right:
                x, line = self.left, line + 20
            if entry.fill != "none" or entry.edge != "none" or entry.hatch:
                self.box(
                    x,
                    line - 6.5,
                    wide,
                    13,
                    facecolor=entry.fill,
                    edgecolor=entry.edge,
                    hatch=entry.hatch,
                    linewidth=1 if entry.edge != "none" else 0,
                )
            if entry.letter:
                self.text(x + wide / 2, line + MIDDLE * SMALL, entry.letter, size=SMALL, weight=SEMIBOLD, ha="center")
            lines = wrap(entry.text, self.right - x - wide - 6, SMALL)
            for number, words in enumerate(lines):
                self.text(
                    x + wide + 6, line + number * 15 + MIDDLE * SMALL, words, size=SMALL, colour=self.palette.muted
                )
            line += (len(lines) - 1) * 15
            x += needs + 18
        self.top = line + 20

    def plot(self, left: float, right: float, x_most: float) -> Axes:
        """Axes without ticks between `top` and `bottom`: x in data from 0 to `x_most`, y in pixels downwards."""
        axes = self.figure.add_axes(
            (
                left / self.width,
                1 - self.bottom / self.height,
                (right - left) / self.width,
                (self.bottom - self.top) / self.height,
            )
        )
        axes.set_axis_off()
        axes.set_xlim(0, x_most)
        axes.set_ylim(self.bottom - self.top, 0)
        return axes

    def pitch(self, rows: float, usual: float) -> float:
        """Pixels a row: what there is, but never so wide apart that rows lose each other."""
        return min((self.bottom - self.top) / max(rows, 1), usual * 1.5)

    def say_nothing_known(self, words: str = NOTHING_KNOWN) -> None:
        """The words of an empty figure, where the plot would be."""
        high = self.bottom - self.top
        box = (self.left, self.top, self.right - self.left, high)
        self.box(*box, facecolor="none", edgecolor=self.palette.grid, linewidth=1, linestyle=(0, (4, 4)))
        lines = wrap(words, self.right - self.left - 32, BODY)
        self.lines(self.width / 2, self.top + high / 2, lines, colour=self.palette.muted, ha="center")

    def _head(self, title: str, subtitle: str) -> float:
        """Set title and subtitle; the height below them."""
        room = NARROW_HEAD_ROOM if self.narrow else HEAD_ROOM
        sizes = (
            zip(NARROW_TITLE_SIZES, NARROW_SUBTITLE_SIZES, strict=True)
            if self.narrow
            else zip(TITLE_SIZES, SUBTITLE_SIZES, strict=True)
        )
        across = self.right - self.left
        for large, small in sizes:
            heads = wrap(title, across, large, SEMIBOLD, even=True)
            decks = wrap(subtitle, across, small, even=True)
            if len(heads) * large * 1.2 + 5 + len(decks) * small * 1.32 <= room:
                break
        else:
            decks = wrap(subtitle, across, small, most=max(2, int((room * 0.4) / (small * 1.32))))
            left_over = room - 5 - len(decks) * small * 1.32
            heads = wrap(title, across, large, SEMIBOLD, most=max(1, int(left_over / (large * 1.2))))
        top = 14.0 if self.narrow else 20.0
        self.box(self.left, top, 36, 4, facecolor=self.palette.text, linewidth=0)
        baseline = top + 8
        for line in heads:
            baseline += large * 1.2
            self.text(self.left, baseline, line, size=large, weight=SEMIBOLD)
        baseline += 5
        for line in decks:
            baseline += small * 1.32
            self.text(self.left, baseline, line, size=small, colour=self.palette.muted)
        return baseline + (14 if self.narrow else 18)

    def _foot(self, source: str, date: str) -> float:
        """Set source and date at the bottom; the height above them."""
        words = source if source.lower().startswith("source") or not source else f"Source: {source}"
        across = self.right - self.left
        date_wide = width(date, SMALL)
        most = 3 if self.narrow else 2
        beside = not self.narrow and date
        lines = wrap(words, across - (date_wide + 24 if beside else 0), SMALL, most=most) if words else []
        if date and not beside:
            lines += wrap(date, across, SMALL, most=1)
        step = SMALL * 1.3
        last = self.height - (14 if self.narrow else 18)
        first = last - step * (max(len(lines), 1) - 1)
        for number, line in enumerate(lines):
            self.text(self.left, first + number * step, line, size=SMALL, colour=self.palette.muted)
        if beside:
            self.text(self.right, first, date, size=SMALL, colour=self.palette.muted, ha="right")
        above = first - SMALL - 10
        self.rule(self.left, above, self.right)
        return above - 12


def _sentences(first: str, second: str) -> str:
    """Two remarks as one text, with a full stop between."""
    if not first or not second:
        return first or second
    return f"{first} {second}" if first.endswith((".", "!", "?", ";")) else f"{first}. {second}"


__all__ = ["BODY", "FACE", "MIDDLE", "NOTHING_KNOWN", "SMALL", "Frame", "Key"]
