"""Recorded re-exports through third places: an arrow a leg, its figures below it, and no two arrows joined."""

from __future__ import annotations

import itertools

from matplotlib.figure import Figure

from tracker.analysis.technologies import joined
from tracker.analysis.trade_figures import FIGURE_STEPS, LEG_STEPS, Leg, ReexportsModel, leg_said, leg_steps
from tracker.charts import dimensions
from tracker.charts.frame import BODY, SMALL, Frame
from tracker.charts.lettering import width, wrap
from tracker.charts.theme import SEMIBOLD

NOTHING = "No re-export is in our collection."
HEADS = ("From", "Third place", "To")
NOT_STATED = "not stated"
HEAD = 26.0  # pixels of the names of the columns
PLACE, NARROW_PLACE = 190.0, 92.0  # pixels of a place's name
LEADING = 1.08


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; rows are steps (`leg_steps`)."""
    return dimensions.REEXPORTS.size(rows, narrow=narrow)


def rows(model: ReexportsModel) -> int:
    """How tall the drawing is, in steps."""
    return leg_steps(model)


def draw(model: ReexportsModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Places in three columns; an arrow only between places that a figure names, all arrows equally thick."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not model.legs:
        frame.say_nothing_known(NOTHING)
        return frame.figure
    drawing = _Drawing(frame)
    drawing.heads()
    step = (frame.bottom - frame.top) / rows(model)
    top = frame.top
    for leg in model.legs:
        drawing.leg(leg, top, step)
        top += (LEG_STEPS + FIGURE_STEPS * len(leg.rows)) * step
    return frame.figure


class _Drawing:
    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.wide = NARROW_PLACE if frame.narrow else PLACE
        middle = (frame.left + frame.right) / 2
        # The left edges of the columns of places.
        self.columns = (frame.left, middle - self.wide / 2, frame.right - self.wide)

    def heads(self) -> None:
        frame = self.frame
        for x, words in zip(self.columns, HEADS, strict=True):
            frame.text(x, frame.top + SMALL, words, size=SMALL, colour=frame.palette.muted)
        frame.top += HEAD

    def leg(self, leg: Leg, top: float, step: float) -> None:
        frame = self.frame
        size_of = SMALL if frame.narrow else BODY
        high = LEG_STEPS * step
        frame.rule(frame.left, top, frame.right)
        middle = top + high / 2
        ends: list[tuple[float, float] | None] = []
        for x, names in zip(self.columns, (leg.before, leg.between, leg.after), strict=True):
            lines = wrap(joined(names) or NOT_STATED, self.wide, size_of, SEMIBOLD, most=4)
            how = {"weight": SEMIBOLD} if names else {"colour": frame.palette.muted}
            frame.lines(x, middle, lines, size=size_of, leading=LEADING, **how)
            ends.append((x, x + max(width(line, size_of, SEMIBOLD) for line in lines)) if names else None)
        for start, end in itertools.pairwise(ends):
            if start is not None and end is not None:
                self._arrow(leg, start[1] + 8, end[0] - 8, middle)
        y = top + high
        lines_of = 3 if frame.narrow else 2
        for row in leg.rows:
            lines = wrap(leg_said(row), frame.right - frame.left, SMALL, most=lines_of)
            pitch = SMALL * LEADING
            for number, line in enumerate(lines):
                frame.text(frame.left, y + number * pitch + SMALL, line, size=SMALL, colour=frame.palette.text)
            y += FIGURE_STEPS * step

    def _arrow(self, leg: Leg, start: float, end: float, y: float) -> None:
        """From place to place, with the sort of trade above where there is room."""
        frame = self.frame
        ink = frame.palette.risk_high
        frame.path([start, end - 7], [y, y], color=ink, linewidth=2.2, solid_capstyle="butt", label="leg")
        frame.path([end - 5], [y], marker=">", markersize=10, color=ink, linestyle="none")
        said = "re-exports" if leg.kind == "re-exports" else "suspected transit"
        if width(said, SMALL) < end - start - 12:
            frame.text((start + end - 10) / 2, y - 7, said, size=SMALL, colour=frame.palette.muted, ha="center")
