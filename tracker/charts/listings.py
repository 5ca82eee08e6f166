"""Stays on lists over time: a bar an organisation, or a list; upright lines at the editions of the list."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from tracker.analysis.listings import CANNOT_BE_SAID, LISTED, NAME, Bar, BarRow, ListingsModel
from tracker.charts import dimensions
from tracker.charts.frame import MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.theme import REGULAR, SEMIBOLD, Palette

NOTHING = "No listing with a known date is recorded here."
LABELS = 300.0  # pixels of the rows' names
LABEL = 13.0
HIGH, NARROW_HIGH = 11.0, 10.0  # pixels of a bar
POINT = 7.0  # how far the end of one that goes on is drawn out
LEAST_WIDE = 4.0
AXIS_ROOM = 24.0
DAYS_ROOM = 14.0  # over the years: today, and the day asked for
DOT = 3.2  # pixels across of an edition that names it

Corners = list[tuple[float, float]]


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels of the figure with so many rows."""
    return dimensions.size(NAME, rows, narrow=narrow)


def rows(model: ListingsModel) -> int:
    """How tall the drawing is."""
    return len(model.rows)


def draw(model: ListingsModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """A row each, its name beside the bars (on a phone above them), the years above and below.

    A full bar: listed. Hatched: it begins or ends on a day within, which is not known. A pointed end: no removal is
    known to us. A dot: an edition names it on that day. A heavy line: the day asked for.
    """
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not any(row.bars for row in model.rows):
        frame.say_nothing_known(NOTHING)
        return frame.figure
    _key(frame, model)
    frame.top += AXIS_ROOM + DAYS_ROOM
    frame.bottom -= AXIS_ROOM
    left = frame.left if narrow else frame.left + LABELS
    first, after = model.axis
    axis = _Axis(frame, model, left, (frame.right - 4 - left) / (after - first))
    axes = frame.plot(left, frame.right - 4, after - first)
    high = NARROW_HIGH if narrow else HIGH
    painter = _Painter(axes, frame.palette, high, axis.day)
    pitch = frame.pitch(len(model.rows), 42 if narrow else 31)
    axis.draw(frame.top + pitch * len(model.rows))
    for number, row in enumerate(model.rows):
        top = frame.top + pitch * number
        middle = top + pitch / 2
        label, weight, colour = _label(row, frame)
        if narrow:
            middle = top + pitch - high / 2 - 5
            name = shorten(label, frame.right - frame.left, LABEL, SEMIBOLD)
            _ground(frame, frame.left, middle - high / 2 - 6, width(name, LABEL, SEMIBOLD))
            frame.text(frame.left, middle - high / 2 - 6, name, size=LABEL, weight=weight, colour=colour)
        else:
            lines = wrap(label, LABELS - 14, LABEL, weight, most=2 if pitch >= 2.4 * LABEL else 1)
            frame.lines(left - 12, middle, lines, size=LABEL, ha="right", weight=weight, colour=colour)
            if number:
                frame.rule(frame.left, top - 0.5, frame.right)
        for one in row.bars:
            painter.add(one, first, middle - frame.top)
        painter.dots += [(day + 0.5 - first, middle - frame.top) for day in row.named if first <= day < after]
        axis.ending(row, middle)
    painter.draw()
    return frame.figure


def _label(row: BarRow, frame: Frame) -> tuple[str, int, str]:
    """A row's name, its weight and colour: by the answer for the day asked for, where one was."""
    ink = frame.palette
    if not row.answer:
        return row.label, SEMIBOLD if frame.narrow else REGULAR, ink.text
    if row.answer == LISTED:
        return row.label, SEMIBOLD, ink.text
    return (f"{row.label} ?" if row.answer == CANNOT_BE_SAID else row.label), REGULAR, ink.muted


def _ground(frame: Frame, x: float, baseline: float, wide: float) -> None:
    """A little ground behind words: the lines of the years pass there."""
    frame.box(x - 2, baseline - 11, wide + 4, 14.5, facecolor=frame.palette.ground, linewidth=0, zorder=-0.5)


@dataclass(frozen=True)
class _Axis:
    """Where days stand: `day` is pixels of one."""

    frame: Frame
    model: ListingsModel
    left: float
    day: float

    def across(self, day: float) -> float:
        """Where a day begins, in pixels of the sheet."""
        return self.left + (day - self.model.axis[0]) * self.day

    def draw(self, bottom: float) -> None:
        """Years above and below, upright lines at editions, at today and at the day asked for."""
        frame, model, ink = self.frame, self.model, self.frame.palette
        years = range(model.first_year, model.last_year + 1)
        starts = [datetime.date(year, 1, 1).toordinal() for year in (*years, model.last_year + 1)]
        for x in map(self.across, starts):
            frame.rule(x - 0.5, frame.top - 4, x + 0.5, thick=bottom - frame.top + 8)
        for y in (frame.top - 4, bottom + 4):
            frame.rule(self.left, y - 0.5, frame.right - 4, colour=ink.neutral)
        step = math.ceil((width("2000", SMALL) + 8) / (365 * self.day))
        for year in years[::step]:
            x = self.across((starts[year - years[0]] + starts[year - years[0] + 1]) / 2)
            for baseline in (frame.top - 10, bottom + 19):
                frame.text(x, baseline, str(year), size=SMALL, colour=ink.muted, ha="center")
        for day, whole in model.ticks:
            if day == model.on:
                continue
            x = self.across(day + 0.5)
            style: Any = "-" if whole else (0, (2, 2.5))
            frame.path(
                (x, x), (frame.top - 4, bottom + 4), color=ink.neutral, linewidth=1.1, linestyle=style, zorder=-0.8
            )
        self._upright(model.today, "today", bottom, 1.2)
        if model.on is not None:
            self._upright(model.on, model.on_said, bottom, 2.4, instead=abs(model.on - model.today) * self.day < 60)

    def _upright(self, day: int, words: str, bottom: float, thick: float, *, instead: bool = False) -> None:
        """A heavy line at a day, with its words above the years; `instead`: there is no room for them."""
        frame = self.frame
        x = self.across(day + 0.5)
        frame.rule(
            x - thick / 2, frame.top - 7, x + thick / 2, thick=bottom - frame.top + 11, colour=frame.palette.text
        )
        if not instead:
            around = width(words, SMALL, SEMIBOLD) / 2
            at = min(max(x, self.left + around), frame.right - around)
            frame.text(at, frame.top - 10 - DAYS_ROOM, words, size=SMALL, weight=SEMIBOLD, ha="center")

    def ending(self, row: BarRow, middle: float) -> None:
        """“removed” after a bar that ends, where there is room: a short bar alone would be read as a short stay."""
        last = max(row.bars, key=lambda one: one.after, default=None)
        if last is None or last.open:
            return
        x = self.across(last.after) + 7
        if x + width("removed", SMALL) <= self.frame.right:
            _ground(self.frame, x, middle + MIDDLE * SMALL, width("removed", SMALL))
            self.frame.text(x, middle + MIDDLE * SMALL, "removed", size=SMALL, colour=self.frame.palette.muted)


@dataclass
class _Painter:
    """Bars gathered, one artist for all of one look. In `axes` x is days, y pixels; `day` is pixels of a day."""

    axes: Axes
    ink: Palette
    high: float
    day: float
    full: list[Corners] = field(default_factory=list)
    unsure: list[Corners] = field(default_factory=list)
    before: list[Corners] = field(default_factory=list)
    dots: Corners = field(default_factory=list)

    def add(self, one: Bar, first: int, middle: float) -> None:
        """A stay with its middle at the height `middle`, in days from `first`."""
        upper, lower = middle - self.high / 2, middle + self.high / 2
        begin, sure, sure_after, after = (
            float(day - first) for day in (one.first, one.sure, one.sure_after, one.after)
        )
        if (sure_after - sure) * self.day < LEAST_WIDE and sure_after > sure:
            sure = sure_after - LEAST_WIDE / self.day
        if sure - begin > 1:
            self.unsure.append(_bar(begin, sure, upper, lower))
        if sure_after > sure:
            self.full.append(_bar(sure, sure_after, upper, lower, POINT / self.day if one.open else 0.0))
        if after - sure_after > 1:
            self.unsure.append(_bar(sure_after, after, upper, lower))
        if one.unknown_start:
            wide = 14 / self.day
            self.before.append([(max(sure - wide, 0), middle), (sure, middle)])

    def draw(self) -> None:
        """Put the bars into the axes."""
        ink = self.ink
        if self.full:
            self._put(self.full, "listed", facecolors=ink.risk_medium, edgecolors=ink.risk_high, linewidths=1.0)
        if self.unsure:
            self._put(
                self.unsure,
                "day not known",
                facecolors=ink.ground,
                edgecolors=ink.risk_high,
                hatch="//////",
                linewidths=1.0,
            )
        if self.before:
            lines = LineCollection(
                self.before, colors=ink.risk_high, linestyles=[(0, (1.5, 1.5))], linewidths=2, label="start not known"
            )
            self.axes.add_collection(lines, autolim=False)
        if self.dots:
            self.axes.plot(
                [x for x, _ in self.dots],
                [y for _, y in self.dots],
                linestyle="none",
                marker="o",
                markersize=DOT * 1.6,
                markerfacecolor=ink.ground,
                markeredgecolor=ink.risk_high,
                markeredgewidth=1,
                clip_on=False,
                label="named",
            )

    def _put(self, bars: Sequence[Corners], label: str, **how: Any) -> None:
        self.axes.add_collection(PolyCollection(bars, label=label, clip_on=False, **how), autolim=False)


def _bar(left: float, right: float, upper: float, lower: float, point: float = 0.0) -> Corners:
    """A rectangle; with a point its right end is drawn out to it."""
    point = min(point, (right - left) * 0.8)
    end = [(right - point, upper), (right, (upper + lower) / 2), (right - point, lower)]
    return [(left, upper), *(end if point else [(right, upper), (right, lower)]), (left, lower)]


def _key(frame: Frame, model: ListingsModel) -> None:
    """What the bars and lines mean, only those that this figure shows; moves `top` below it."""
    bars = [one for row in model.rows for one in row.bars]
    entries: list[tuple[str, str]] = [("full", "listed")]
    if any(one.open for one in bars):
        entries.append(("open", "no removal known to us"))
    if any(one.sure - one.first > 1 or one.after - one.sure_after > 1 for one in bars):
        entries.append(("unsure", "on a day within, which is not known to us"))
    if any(one.unknown_start for one in bars):
        entries.append(("before", "since when is not known to us"))
    if any(row.named for row in model.rows):
        entries.append(("dot", "an edition names it"))
    if any(whole for _, whole in model.ticks):
        entries.append(("whole", "edition of the whole list"))
    if any(not whole for _, whole in model.ticks):
        entries.append(("added", "edition with changes only, or not known"))
    axes = frame.figure.add_axes((0, 0, 1, 1), label="key")
    axes.set_axis_off()
    axes.set_xlim(0, frame.width)
    axes.set_ylim(frame.height, 0)
    high = NARROW_HIGH if frame.narrow else HIGH
    painter = _Painter(axes, frame.palette, high, 1.0)
    x, line = frame.left, frame.top + 7.0
    for kind, words in entries:
        slot = 8.0 if kind in ("dot", "whole", "added") else 24.0
        needs = slot + 6 + width(words, SMALL)
        if x > frame.left and x + needs > frame.right:
            x, line = frame.left, line + 20
        upper, lower = line - high / 2, line + high / 2
        if kind in ("full", "open"):
            painter.full.append(_bar(x, x + slot, upper, lower, POINT if kind == "open" else 0.0))
        elif kind == "unsure":
            painter.unsure.append(_bar(x, x + slot, upper, lower))
        elif kind == "before":
            painter.before.append([(x, line), (x + slot, line)])
        elif kind == "dot":
            painter.dots.append((x + 4, line))
        else:
            style: Any = "-" if kind == "whole" else (0, (2, 2.5))
            frame.path(
                (x + 4, x + 4), (line - 8, line + 8), color=frame.palette.neutral, linewidth=1.1, linestyle=style
            )
        frame.text(x + slot + 6, line + MIDDLE * SMALL, words, size=SMALL, weight=REGULAR, colour=frame.palette.muted)
        x += needs + 18
    frame.top = line + 20
    painter.draw()
