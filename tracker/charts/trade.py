"""Published figures of trade: a small panel for each basis, a bar for each figure, each panel on its own scale from 0."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from tracker.analysis.trade_figures import BAR_STEPS, Bar, Panel, TradeModel, panel_steps
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame, Key
from tracker.charts.lettering import width, wrap
from tracker.charts.theme import REGULAR, SEMIBOLD

NOTHING = "No two published figures of this good are of one basis: none is drawn."
MOST_LABEL = 210.0  # pixels of the periods beside the bars, on a desk
THICK, NARROW_THICK = 15.0, 12.0  # pixels of a bar
OPEN_END = 8.0  # pixels across of the open mark at the end of a bound
BETWEEN = 12.0  # pixels between panels, at least
MOST_APART = 24.0  # pixels more where there is room
TITLE_LEADING, SMALL_LEADING = 1.25, 1.2


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; rows are steps (`panel_steps`)."""
    return dimensions.TRADE.size(rows, narrow=narrow)


def rows(model: TradeModel) -> int:
    """How tall the drawing is, in steps."""
    return panel_steps(model)


def draw(model: TradeModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Bars with their period and their number as published. A bound ends in an open mark, a baseline is lighter."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not model.panels:
        frame.say_nothing_known(NOTHING)
        return frame.figure
    _key(frame, model)
    extent = dimensions.TRADE
    # The room is for the longest words; what shorter ones leave over parts the panels.
    step = min((frame.bottom - frame.top) / rows(model), float(extent.narrow_row if narrow else extent.row))
    drawn = [_Drawn(frame, one, step) for one in model.panels]
    left_over = frame.bottom - frame.top - sum(one.height for one in drawn)
    apart = min(max(left_over / len(drawn), 0.0), MOST_APART)
    top = frame.top
    for one in drawn:
        one.draw(top)
        top += one.height + apart
    return frame.figure


def _key(frame: Frame, model: TradeModel) -> None:
    """Only what this figure shows is explained."""
    bars = [bar for one in model.panels for bar in one.bars]
    colours = frame.palette
    entries = [Key("a published figure", fill=colours.risk_high)]
    if any(bar.bounded for bar in bars):
        entries.append(Key("published as a bound, in the words beside it", letter="○"))
    if any(bar.value_to != bar.value_from for bar in bars):
        entries.append(Key("a range", fill=colours.risk_medium))
    if any(bar.baseline for bar in bars):
        entries.append(Key("baseline: what the source compares with", fill=colours.risk_low, edge=colours.neutral))
    frame.key(entries)


@dataclass(frozen=True)
class _Drawn:
    """One panel, with bars of `step`."""

    frame: Frame
    panel: Panel
    step: float

    @property
    def height(self) -> float:
        head = len(self._title) * BODY * TITLE_LEADING + 2 + len(self._basis) * SMALL * SMALL_LEADING + 8
        return head + BAR_STEPS * self.step * len(self.panel.bars) + BETWEEN

    @property
    def _title(self) -> list[str]:
        frame = self.frame
        most = 3 if frame.narrow else 2
        return wrap(self.panel.title, frame.right - frame.left, BODY, SEMIBOLD, most=most)

    @property
    def _basis(self) -> list[str]:
        frame = self.frame
        return wrap(self.panel.basis, frame.right - frame.left, SMALL, most=3 if frame.narrow else 1)

    def draw(self, top: float) -> None:
        """Draws it from `top` on."""
        frame, bars = self.frame, self.panel.bars
        first = self._head(top)
        pitch = BAR_STEPS * self.step
        labels = max(width(bar.label, BODY) for bar in bars)
        words = max(width(_words(bar), BODY, SEMIBOLD) for bar in bars) + OPEN_END + 10
        left = frame.left if frame.narrow else frame.left + min(labels, MOST_LABEL) + 14
        right = frame.right - OPEN_END if frame.narrow else frame.right - words
        below = min(0.0, *(float(bar.value_from) for bar in bars))
        above = max(0.0, *(float(bar.value_to) for bar in bars))
        scale = (right - left) / ((above - below) or 1.0)
        zero = left - below * scale
        for number, bar in enumerate(bars):
            self._bar(bar, first + number * pitch, pitch, zero, scale, left)

    def _head(self, top: float) -> float:
        """What the panel is of, and below it whose records and which measure; the height below."""
        frame, y = self.frame, top
        for line in self._title:
            y += BODY * TITLE_LEADING
            frame.text(frame.left, y, line, size=BODY, weight=SEMIBOLD)
        y += 2
        for line in self._basis:
            y += SMALL * SMALL_LEADING
            frame.text(frame.left, y, line, size=SMALL, colour=frame.palette.muted)
        return y + 8

    def _bar(self, bar: Bar, top: float, pitch: float, zero: float, scale: float, left: float) -> None:
        frame, colours = self.frame, self.frame.palette
        thick = NARROW_THICK if frame.narrow else THICK
        middle = top + pitch - thick / 2 - 8 if frame.narrow else top + pitch / 2 - 2
        words = _words(bar)
        start, end = zero + float(bar.value_from) * scale, zero + float(bar.value_to) * scale
        fill = colours.risk_low if bar.baseline else colours.risk_high
        edge = {"edgecolor": colours.neutral, "linewidth": 1} if bar.baseline else {"linewidth": 0}
        from_left, wide = min(zero, start), max(abs(start - zero), 1.5)
        high = thick + 6 if frame.narrow else pitch - 2
        frame.rule(zero - 0.5, middle - high / 2, zero + 0.5, thick=high, colour=colours.neutral)
        label = f"{'baseline' if bar.baseline else 'figure'} {bar.code}"
        frame.box(from_left, middle - thick / 2, wide, thick, facecolor=fill, label=label, **edge)
        if end > start:
            range_of = {"facecolor": colours.risk_medium, "linewidth": 0}
            frame.box(start, middle - thick / 2, end - start, thick, label=f"range {bar.code}", **range_of)
        if bar.bounded:
            frame.path(
                [max(end, zero)], [middle], marker="o", markersize=OPEN_END, markerfacecolor=colours.ground,
                markeredgecolor=colours.text, markeredgewidth=1.4, linestyle="none", label=f"bound {bar.code}",
            )  # fmt: skip
        weight = REGULAR if bar.baseline else SEMIBOLD
        colour = colours.muted if bar.baseline else colours.text
        if frame.narrow:
            line = middle - thick / 2 - 6
            frame.text(frame.left, line, bar.label, size=SMALL, colour=colours.muted)
            frame.text(frame.right, line, words, size=SMALL, colour=colour, ha="right", weight=weight)
            return
        for number, line_words in enumerate(wrap(bar.label, MOST_LABEL, BODY, most=2)):
            lines = len(wrap(bar.label, MOST_LABEL, BODY, most=2))
            frame.text(
                left - 14, middle + MIDDLE * BODY + (number - (lines - 1) / 2) * BODY * 1.1, line_words,
                colour=colours.muted, ha="right",
            )  # fmt: skip
        frame.text(max(start, end, zero) + OPEN_END + 4, middle + MIDDLE * BODY, words, colour=colour, weight=weight)


def _words(bar: Bar) -> str:
    return f"{bar.words} (baseline)" if bar.baseline else bar.words
