"""Two editions side by side: a small panel a technology, with a line a side from its share then to its share now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from matplotlib.figure import Figure

from tracker.analysis.figure_model import SlopeModel, SlopePanel
from tracker.analysis.read_model import written
from tracker.charts import dimensions
from tracker.charts.frame import MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.sides import Marks, Note, Side, key, sides_of, signed
from tracker.charts.theme import REGULAR, SEMIBOLD
from tracker.charts.trajectory import grid_step, spread, tick

NO_PANELS = "No share is known to us in both editions."
NO_SHARE = "No share is known to us."
TURNED = "changed hands"
NAME = 13.0  # names of the panels, in pixels
LABEL_PITCH = 13.0
HEAD, FOOT = 32.0, 20.0  # pixels of a panel above its plot, beside its title, and below
MOST_WIDE = 520.0  # pixels of a panel where there are few
MOST_APART = 6.0  # the tallest panel's greatest share ÷ the lowest's, beyond which each has a scale of its own


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels."""
    return dimensions.SLOPE.size(rows, narrow=narrow)


def rows(model: SlopeModel) -> int:
    """The panels."""
    return len(model.panels)


def draw(model: SlopeModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Panels in the model's order, all on one scale unless their shares lie too far apart; the figure says which."""
    ceilings, remark = _scales(model)
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow, remark=remark)
    if not model.panels:
        frame.say_nothing_known(NO_PANELS)
        return frame.figure
    sides = sides_of(model.sides, dark)
    bound = any(line.then_bound or line.now_bound for panel in model.panels for line in panel.lines)
    key(frame, sides, [Note("only a bound is known to us: no line is drawn", mark=True)] if bound else [])

    frame.top += 8
    extent = dimensions.SLOPE
    columns = min(extent.narrow_columns if narrow else extent.columns, len(model.panels))
    air, below = (18.0, 20.0) if narrow else (32.0, 26.0)
    wide = min((frame.right - frame.left - air * (columns - 1)) / columns, MOST_WIDE)
    panels = _Panels(frame, model, sides, wide)
    starts = range(0, len(model.panels), columns)
    # Titles take one or two lines; the plots are equally high all the same, or one scale would look like several.
    heads = [max(map(len, panels.names[first : first + columns])) * 15 + HEAD for first in starts]
    rest = frame.bottom - frame.top - sum(heads) - len(starts) * (FOOT + below)
    high = min(rest / len(starts), wide * 1.1)
    top = frame.top
    for first, head in zip(starts, heads, strict=True):
        for number in range(first, min(first + columns, len(model.panels))):
            left = frame.left + (number - first) * (wide + air)
            panels.add(number, left, top, top + head, top + head + high, ceilings[number])
        top += head + high + FOOT + below
    panels.draw()
    return frame.figure


class _Panels:
    """All panels of the figure; lines and marks are gathered, one artist a side and look."""

    def __init__(self, frame: Frame, model: SlopeModel, sides: Sequence[Side], wide: float) -> None:
        self.frame, self.model, self.sides, self.wide = frame, model, sides, wide
        self.names = [wrap(panel.name, wide, NAME, SEMIBOLD, most=2) for panel in model.panels]
        lines = [line for panel in model.panels for line in panel.lines]
        said = (
            [_words(line.then, line.then_bound) for line in lines],
            [_words(line.now, line.now_bound) for line in lines],
        )
        self.room = [max([width(words, SMALL, SEMIBOLD) for words in found] or [0.0]) + 10 for found in said]
        self.paths: dict[str, tuple[list[float], list[float]]] = {side.place.code: ([], []) for side in sides}
        self.dots: list[tuple[Side, float, float, bool]] = []

    def add(self, number: int, left: float, top: float, upper: float, lower: float, ceiling: float) -> None:
        """One panel: its title from `top` on, its plot from `upper` to `lower`, the editions' names below."""
        frame, panel = self.frame, self.model.panels[number]
        muted = frame.palette.muted
        right = left + self.wide
        y = top + 12
        for words in self.names[number]:
            frame.text(left, y, words, size=NAME, weight=SEMIBOLD)
            y += 15
        if panel.movement:
            turned = panel.movement == TURNED
            words = shorten(panel.movement, self.wide, SMALL, SEMIBOLD if turned else REGULAR)
            frame.text(
                left,
                y + 1,
                words,
                size=SMALL,
                weight=SEMIBOLD if turned else REGULAR,
                colour=frame.palette.text if turned else muted,
            )
        then, now = left + self.room[0], right - self.room[1]
        frame.rule(then, lower, now, colour=muted)
        for x in (then, now):
            frame.rule(x - 0.5, upper - 4, x + 0.5, thick=lower - upper + 4)
        each = self.wide / 2 - 4
        frame.text(left, lower + FOOT - 3, shorten(self.model.then, each, SMALL), size=SMALL, colour=muted)
        frame.text(
            right, lower + FOOT - 3, shorten(self.model.now, each, SMALL), size=SMALL, colour=muted, ha="right"
        )

        found = [(side, line) for side in self.sides for line in panel.lines if line.place.code == side.place.code]
        if all(line.then is None and line.now is None for _, line in found):
            nothing = wrap(NO_SHARE, now - then - 8, SMALL)
            frame.lines((then + now) / 2, (upper + lower) / 2, nothing, size=SMALL, colour=muted, ha="center")
            return

        def down(share: Decimal) -> float:
            return lower - float(share) / ceiling * (lower - upper)

        for side, line in found:
            if line.then is not None and line.now is not None and not (line.then_bound or line.now_bound):
                xs, ys = self.paths[side.place.code]
                xs += [then, now, math.nan]
                ys += [down(line.then), down(line.now), math.nan]
            for x, share, bound in ((then, line.then, line.then_bound), (now, line.now, line.now_bound)):
                if share is not None:
                    self.dots.append((side, x, down(share), bool(bound)))
        ends = (
            (then - 8, "right", [(side, line.then, line.then_bound) for side, line in found]),
            (now + 8, "left", [(side, line.now, line.now_bound) for side, line in found]),
        )
        for x, ha, said in ends:
            known = [(side, share, bound) for side, share, bound in said if share is not None]
            places = spread([down(share) for _, share, _ in known], LABEL_PITCH, upper - 4, lower)
            for (side, share, bound), place in zip(known, places, strict=True):
                frame.text(
                    x,
                    place + MIDDLE * SMALL,
                    _words(share, bound),
                    size=SMALL,
                    weight=SEMIBOLD,
                    colour=side.ink,
                    ha=ha,
                )

    def draw(self) -> None:
        """Put lines and marks on the sheet, the first named on top."""
        marks = Marks(self.frame)
        for side in reversed(self.sides):
            xs, ys = self.paths[side.place.code]
            if xs:
                self.frame.path(xs, ys, color=side.colour, linewidth=2.2, label=side.name)
            for of, x, y, hollow in self.dots:
                if of is side:
                    marks.add(side, x, y, hollow=hollow, scale=0.82)
        marks.draw()


def _words(share: Decimal | None, bound: str) -> str:
    return signed(written(share), bound) if share is not None else ""


def _scales(model: SlopeModel) -> tuple[list[float], str]:
    """The upper end of each panel's scale, and the sentence that says whether it is the same for all."""
    tops = [_greatest(panel) for panel in model.panels]
    known = [top for top in tops if top > 0]
    if not known:
        return [1.0] * len(tops), ""
    if len(known) > 1 and max(known) / min(known) > MOST_APART:
        return [_ceiling(top) for top in tops], "Each panel has its own scale, from 0."
    ceiling = _ceiling(max(known))
    said = f"All panels have the same scale, from 0 to {tick(ceiling)}\u202f%." if len(tops) > 1 else ""
    return [ceiling] * len(tops), said


def _ceiling(share: float) -> float:
    step = grid_step(share) / 2 if share > 0 else 1.0
    return step * max(math.ceil(share / step - 1e-9), 1)


def _greatest(panel: SlopePanel) -> float:
    return max(
        (float(share) for line in panel.lines for share in (line.then, line.now) if share is not None), default=0.0
    )
