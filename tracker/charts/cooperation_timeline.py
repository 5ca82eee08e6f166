"""Engagements on an axis of time, in lanes by channel; where there are few, each with its title."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from tracker.analysis.cooperation_timeline import (
    LEAST_LANE_STEPS,
    NAME,
    OWN_CHANNEL,
    ROW_STEPS,
    TITLED_STEPS,
    TimelineLane,
    TimelineMark,
    TimelineModel,
    timeline_steps,
)
from tracker.charts import dimensions
from tracker.charts.frame import MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.theme import REGULAR, SEMIBOLD, Palette

NOTHING = "No engagement with a known date is recorded here."
LABELS = 178.0  # pixels of the lanes' names
LABEL = 13.0  # their lettering, and that of titles
HIGH, NARROW_HIGH = 9.5, 8.5  # pixels of a mark
LEAST_WIDE = 4.6  # pixels of a bar: a month on a phone would be one or two
NOTCH = 4.0  # how far an open end is cut in
LANE_HEAD = 20.0  # a lane's name above it, on a phone
AXIS_ROOM = 24.0
TODAY_ROOM = 13.0  # over the years
TITLE_PITCH = 14.0
BELOW = 6.0  # under a mark that has its title above it

# How full a mark is, from below: the further an engagement has come, the fuller.
LEVELS = {"announced": 0.0, "signed": 0.25, "active": 0.5, "completed": 1.0}
SIGNS = {
    "stalled": Path([(-0.72, -0.72), (0.72, 0.72)], [Path.MOVETO, Path.LINETO]),
    "cancelled": Path(
        [(-0.72, -0.72), (0.72, 0.72), (-0.72, 0.72), (0.72, -0.72)],
        [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO],
    ),
}
HATCHES = {"stalled": "//////", "cancelled": "xxxxx"}
SAID = {"active": "active when last seen", "": "state not known to us"}

Corners = list[tuple[float, float]]


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; rows are steps (`timeline_steps`)."""
    return dimensions.size(NAME, rows, narrow=narrow)


def rows(model: TimelineModel) -> int:
    """How tall the drawing is, in steps."""
    return timeline_steps(model)


def draw(model: TimelineModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """A lane a channel, its name beside it (on a phone above it), the years above and below.

    A date of a day is a dot, of a month a short upright bar, of a year a bar of that year. What sources named
    ahead is dashed. A vertical line stands at today.
    """
    remark = ""
    if model.undated:
        remark = f"{model.undated} without a known start {'is' if model.undated == 1 else 'are'} not drawn."
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow, remark=remark)
    if not model.lanes:
        frame.say_nothing_known(NOTHING)
        return frame.figure
    high = NARROW_HIGH if narrow else HIGH
    _key(frame, model, high)
    frame.top += AXIS_ROOM + TODAY_ROOM
    frame.bottom -= AXIS_ROOM
    # One lane needs no name: the figure's title says what it is.
    named = len(model.lanes) > 1
    left = frame.left + (LABELS if named and not narrow else 0.0)
    first, after = model.axis
    axis = _Axis(frame, model, left, (frame.right - left) / (after - first))
    axes = frame.plot(left, frame.right, after - first)
    painter = _Painter(axes, frame.palette, high, axis.day)
    axis.draw()

    pitches = _pitches(frame, model, LANE_HEAD if named and narrow else 0.0)
    top = frame.top
    for at, lane in enumerate(model.lanes):
        if at:
            frame.rule(frame.left, top - 0.5, frame.right, colour=frame.palette.neutral)
        if named and narrow:
            _name_above(frame, lane, top + 4)
        elif named:
            _name_beside(frame, lane, top + min(pitches.air / 2, 9))
        spare = pitches.lane(lane) - pitches.head - pitches.row * lane.rows
        upper = top + pitches.head + spare / 2
        for mark in lane.marks:
            lower = upper + pitches.row * (mark.row + 1)
            middle = lower - pitches.row / 2
            if model.titled:
                middle = lower - high / 2 - BELOW
                axis.title(mark, middle - high / 2, pitches.row)
            painter.add(mark, float(mark.begins - first), middle - frame.top)
        top += pitches.lane(lane)
    painter.draw()
    return frame.figure


@dataclass(frozen=True)
class _Pitches:
    """Pixels of a row, of a lane's air, of its name above it, and of the least it takes for its name beside it."""

    row: float
    air: float
    head: float
    least: float

    def lane(self, lane: TimelineLane) -> float:
        return max(lane.rows * self.row, self.least) + self.air + self.head


def _pitches(frame: Frame, model: TimelineModel, head: float) -> _Pitches:
    """What the plot's height gives to a row, the more the shorter title and key are; what is left goes between."""
    extent = dimensions.EXTENTS[NAME]
    step = extent.narrow_row if frame.narrow else extent.row
    usual = step * (TITLED_STEPS if model.titled else ROW_STEPS)
    least = 0.0 if frame.narrow or len(model.lanes) == 1 else float(step * LEAST_LANE_STEPS)
    air = 10.0 if frame.narrow else 13.0
    room = frame.bottom - frame.top - (air + head) * len(model.lanes)
    low, high = 8.0, usual * 1.12
    for _ in range(30):
        row = (low + high) / 2
        taken = sum(max(lane.rows * row, least) for lane in model.lanes)
        low, high = (row, high) if taken <= room else (low, row)
    left_over = room - sum(max(lane.rows * low, least) for lane in model.lanes)
    return _Pitches(low, air + max(left_over, 0.0) / len(model.lanes), head, least)


@dataclass(frozen=True)
class _Axis:
    """Where days stand: `day` is pixels of one."""

    frame: Frame
    model: TimelineModel
    left: float
    day: float

    def across(self, day: float) -> float:
        """Where a day begins, in pixels of the sheet."""
        return self.left + (day - self.model.axis[0]) * self.day

    def draw(self) -> None:
        """A line at the beginning of each year, the years' names above and below, and the line of today."""
        frame, model = self.frame, self.model
        ink = frame.palette
        years = range(model.first_year, model.last_year + 1)
        starts = [datetime.date(year, 1, 1).toordinal() for year in (*years, model.last_year + 1)]
        for x in map(self.across, starts):
            frame.rule(x - 0.5, frame.top - 4, x + 0.5, thick=frame.bottom - frame.top + 8)
        for y in (frame.top - 4, frame.bottom + 4):
            frame.rule(self.left, y - 0.5, frame.right, colour=ink.neutral)
        today = self.across(model.today + 0.5)
        half, around = width("2000", SMALL) / 2, width("today", SMALL, SEMIBOLD) / 2
        step = math.ceil((2 * half + 8) / (365 * self.day))
        said = min(max(today, self.left + around), frame.right - around)
        for year in years[::step]:
            x = self.across((starts[year - years[0]] + starts[year - years[0] + 1]) / 2)
            for baseline in (frame.top - 10, frame.bottom + 19):
                frame.text(x, baseline, str(year), size=SMALL, colour=ink.muted, ha="center")
        frame.rule(today - 0.6, frame.top - 7, today + 0.6, thick=frame.bottom - frame.top + 11, colour=ink.text)
        frame.text(said, frame.top - 10 - TODAY_ROOM, "today", size=SMALL, weight=SEMIBOLD, ha="center")

    def title(self, mark: TimelineMark, upper: float, pitch: float) -> None:
        """Title and words of a mark above `upper`, its upper edge; on a phone in up to three lines.

        They begin where the mark begins; where they would not fit so, they end where it ends.
        """
        frame, ink = self.frame, self.frame.palette
        room = frame.right - self.left
        gap = 11.0 if mark.contested else 5.0
        last = upper - gap
        if frame.narrow:
            titles = wrap(mark.title, room, SMALL, SEMIBOLD, most=2)
            fits = (len(titles) + 1) * TITLE_PITCH + gap + NARROW_HIGH + BELOW <= pitch
            lines = [[(line, SMALL, SEMIBOLD, ink.text)] for line in titles]
            if fits:
                lines.append([(shorten(mark.words, room, SMALL), SMALL, REGULAR, ink.muted)])
        else:
            words = shorten(mark.words, room / 2, SMALL)
            title = shorten(mark.title, room - width(words, SMALL) - 8, LABEL, SEMIBOLD)
            lines = [[(title, LABEL, SEMIBOLD, ink.text), (words, SMALL, REGULAR, ink.muted)]]
        wides = [sum(width(words, size, weight) + 8 for words, size, weight, _ in line) - 8 for line in lines]
        begin, end = self._stand(mark, max(wides))
        for at, (line, wide) in enumerate(zip(reversed(lines), reversed(wides), strict=True)):
            baseline = last - at * TITLE_PITCH
            x = begin if begin is not None else end - wide
            # A little ground behind the words: the lines of the years pass there.
            frame.box(x - 2, baseline - 11, wide + 4, 14.5, facecolor=ink.ground, linewidth=0, zorder=-0.5)
            for words, size, weight, colour in line:
                frame.text(x, baseline, words, size=size, weight=weight, colour=colour)
                x += width(words, size, weight) + 8

    def _stand(self, mark: TimelineMark, wide: float) -> tuple[float | None, float]:
        """Where words of so many pixels begin, or None and where they end."""
        begins, reach = self.across(mark.begins), self.across(mark.reach)
        today = self.across(self.model.today)
        right = today - 6 if begins < today else self.frame.right
        if begins + wide <= right:
            return begins, 0.0
        end = min(max(reach, begins + 6), right)
        return (None, end) if end - wide >= self.left else (max(right - wide, self.left), 0.0)


@dataclass
class _Painter:
    """Marks gathered, one artist for all of one look. In `axes` x is days, y pixels; `day` is pixels of a day."""

    axes: Axes
    ink: Palette
    high: float
    day: float
    bars: dict[str, list[Corners]] = field(default_factory=dict)
    fills: list[Corners] = field(default_factory=list)
    planned: list[Corners] = field(default_factory=list)
    dots: dict[str, Corners] = field(default_factory=dict)
    contested: Corners = field(default_factory=list)

    def add(self, mark: TimelineMark, begins: float, middle: float) -> None:
        """One engagement, from `begins` on, with its middle at the height `middle`."""
        after = begins + mark.after - mark.begins
        upper, lower = middle - self.high / 2, middle + self.high / 2
        if mark.planned is not None:
            self.planned.append(_bar(after, after + mark.planned - mark.after, upper, lower))
        wide = (after - begins) * self.day
        if mark.precision == "day" and wide < self.high + 2:
            x = (begins + after) / 2
            self.dots.setdefault(mark.state, []).append((x, middle))
        else:
            more = max(LEAST_WIDE - wide, 0.0) / 2 / self.day
            left, right = begins - more, after + more
            x = left + min(self.high / 2 / self.day, (right - left) / 2)
            notch = NOTCH / self.day if mark.open and wide >= 2 * NOTCH else 0.0
            self.bars.setdefault(mark.state, []).append(_bar(left, right, upper, lower, notch))
            level = LEVELS.get(mark.state, 0.0)
            if level:
                from_ = lower - (lower - upper) * level
                self.fills.append(_bar(left, right, from_, lower, notch, half=level < 1))
        if mark.contested:
            self.contested.append((x, upper - 2.7))

    def draw(self) -> None:
        """Put the marks into the axes."""
        ink = self.ink
        if self.planned:
            dashes = (0, (2.5, 2.0))
            self._put(self.planned, "planned", facecolors="none", edgecolors=ink.muted, linestyles=[dashes])
        for state, bars in sorted(self.bars.items()):
            self._put(
                bars,
                state or "unknown",
                facecolors=ink.ground,
                edgecolors=ink.risk_high,
                linewidths=1.2,
                hatch=HATCHES.get(state),
                linestyles=["-" if state else (0, (1.5, 1.2))],
            )
        if self.fills:
            self._put(self.fills, "filled", facecolors=ink.risk_high, linewidths=0)
        for state, spots in sorted(self.dots.items()):
            self._dots(state, spots)
        if self.contested:
            self._spots(self.contested, MarkerStyle("v"), 5.0, "contested", fill=ink.text)

    def _put(self, bars: Sequence[Corners], label: str, **how: Any) -> None:
        self.axes.add_collection(PolyCollection(bars, label=label, clip_on=False, **how), autolim=False)

    def _dots(self, state: str, spots: Corners) -> None:
        """The dots of one state."""
        ink, ground, level = self.ink.risk_high, self.ink.ground, LEVELS.get(state, 0.0)
        name = f"{state or 'unknown'}: days"
        if level == 1:
            self._spots(spots, MarkerStyle("o"), self.high, name, fill=ink)
            return
        hollow = self.high - (1.2 if state else 3.0)
        self._spots(spots, MarkerStyle("o" if state else "D"), hollow, name, fill=ground, edge=ink)
        if level:
            # A marker is as large as its farthest corner says.
            self._spots(spots, MarkerStyle(_segment(level)), hollow, f"{name}, filled", fill=ink)
        elif state in SIGNS:
            self._spots(spots, MarkerStyle(SIGNS[state]), self.high - 1, f"{name}, sign", fill="none", edge=ink)

    def _spots(
        self, spots: Corners, marker: MarkerStyle, size: float, label: str, *, fill: str, edge: str = "none"
    ) -> None:
        self.axes.plot(
            [x for x, _ in spots],
            [y for _, y in spots],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=fill,
            markeredgecolor=edge,
            markeredgewidth=0 if edge == "none" else 1.2,
            clip_on=False,
            label=label,
        )


def _bar(left: float, right: float, upper: float, lower: float, notch: float = 0.0, *, half: bool = False) -> Corners:
    """A rectangle; with a notch its right end is cut in. `half`: it is the lower half of such a bar."""
    if notch and half:
        return [(left, upper), (right - notch, upper), (right, lower), (left, lower)]
    cut = [(right - notch, (upper + lower) / 2)] if notch else []
    return [(left, upper), (right, upper), *cut, (right, lower), (left, lower)]


def _segment(level: float) -> Path:
    """The part of the unit circle below a level of 0 to 1."""
    turn = math.asin(2 * level - 1)
    first, last = math.pi - turn, 2 * math.pi + turn
    points = [(math.cos(at), math.sin(at)) for at in (first + (last - first) * n / 16 for n in range(17))]
    return Path([*points, points[0]])


def _name_beside(frame: Frame, lane: TimelineLane, top: float) -> None:
    """A lane's name, its number and whose channel it is, left of the plot."""
    y = top + 11
    for line in wrap(lane.name, LABELS - 16, LABEL, SEMIBOLD, most=2):
        frame.text(frame.left, y, line, size=LABEL, weight=SEMIBOLD)
        y += 15
    said = shorten(_said_of(lane), LABELS - 12, SMALL)
    frame.text(frame.left, y, said, size=SMALL, colour=frame.palette.muted)


def _name_above(frame: Frame, lane: TimelineLane, top: float) -> None:
    """The same in one line above it."""
    said = _said_of(lane)
    name = shorten(lane.name, frame.right - frame.left - width(said, SMALL) - 8, LABEL, SEMIBOLD)
    wide = width(name, LABEL, SEMIBOLD) + 8 + width(said, SMALL)
    frame.box(frame.left, top + 1, wide + 3, 17, facecolor=frame.palette.ground, linewidth=0, zorder=-0.5)
    frame.text(frame.left, top + 13, name, size=LABEL, weight=SEMIBOLD)
    x = frame.left + width(name, LABEL, SEMIBOLD) + 8
    frame.text(x, top + 13, said, size=SMALL, colour=frame.palette.muted)


def _said_of(lane: TimelineLane) -> str:
    number = f"{len(lane.marks)} recorded"
    return f"{number}; {OWN_CHANNEL}" if lane.ours else number


@dataclass(frozen=True)
class _Entry:
    """One entry of the key: marks of `days` pixels, and what they mean; no days, words alone."""

    text: str
    state: str = ""
    days: tuple[int, ...] = ()
    planned: int = 0
    open: bool = False
    contested: bool = False

    @property
    def slot(self) -> float:
        """Pixels before the words."""
        return sum(max(days, 10) + 4 for days in self.days) + self.planned + (4 if self.days else 0)


def _entries(model: TimelineModel, high: float) -> list[_Entry]:
    """Only what this figure shows is explained."""
    marks = model.marks
    states = {mark.state for mark in marks}
    found = [_Entry(SAID.get(state, state), state, (1, 22)) for state in (*LEVELS, *SIGNS, "") if state in states]
    if any(mark.open for mark in marks):
        found.append(_Entry("cut end: seen until then, no end known", "active", (30,), open=True))
    if any(mark.planned for mark in marks):
        found.append(_Entry("planned, not confirmed", "active", (12,), planned=18))
    if any(mark.contested for mark in marks):
        found.append(_Entry("contested", "announced", (1,), contested=True))
    kinds = {mark.precision for mark in marks}
    shapes = (
        ("day", "dot: a day"),
        ("month", "short bar: a month"),
        ("year", "bar of a year: only the year is known"),
    )
    found.append(_Entry("; ".join(words for kind, words in shapes if kind in kinds)))
    return found


def _key(frame: Frame, model: TimelineModel, high: float) -> None:
    """What the marks mean, in as many lines as that needs; moves `top` below them."""
    axes = frame.figure.add_axes((0, 0, 1, 1), label="key")
    axes.set_axis_off()
    axes.set_xlim(0, frame.width)
    axes.set_ylim(frame.height, 0)
    painter = _Painter(axes, frame.palette, high, 1.0)
    x, line = frame.left, frame.top + 7.0
    for entry in _entries(model, high):
        needs = entry.slot + width(entry.text, SMALL)
        if x > frame.left and x + needs > frame.right:
            x, line = frame.left, line + 20
        at = x
        for days in entry.days:
            begins = at if days > 1 else at + 4.5
            planned = round(begins) + days + entry.planned if entry.planned else None
            precision = "day" if days == 1 else "month"
            sample = TimelineMark(
                engagement=model.marks[0].engagement,
                state=entry.state,
                words="",
                precision=precision,
                begins=round(begins),
                after=round(begins) + days,
                planned=planned,
                open=entry.open,
                contested=entry.contested,
            )
            painter.add(sample, begins, line)
            at += max(days, 10) + 4
        lines = wrap(entry.text, frame.right - x - entry.slot, SMALL)
        for number, words in enumerate(lines):
            frame.text(
                x + entry.slot, line + number * 15 + MIDDLE * SMALL, words, size=SMALL, colour=frame.palette.muted
            )
        line += (len(lines) - 1) * 15
        x += needs + 18
    frame.top = line + 20
    painter.draw()
