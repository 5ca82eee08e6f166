"""Technology monopoly risk per category, as stacked bars of counts."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from tracker.analysis.figure_model import RiskBar, RiskModel
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame, Key
from tracker.charts.lettering import width, wrap
from tracker.charts.theme import SEMIBOLD, Palette, text_on


@dataclass(frozen=True)
class Level:
    """One kind of segment: which count it draws, and how."""

    field: str
    name: str
    fill: str
    edge: str
    hatch: str
    ink: str


def levels(colours: Palette) -> tuple[Level, ...]:
    """From high to unknown. Greys from dark to pale, hatched or empty where less is known: never colour alone."""
    return (
        Level("high", "high", colours.risk_high, "none", "", text_on(colours.risk_high)),
        Level("medium", "medium", colours.risk_medium, "none", "", text_on(colours.risk_medium)),
        Level("low", "low", colours.risk_low, "none", "", text_on(colours.risk_low)),
        Level("not_high", "not high (medium or low)", colours.risk_low, colours.risk_medium, "////", colours.text),
        Level("unknown", "unknown", colours.ground, colours.neutral, "", colours.muted),
    )


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels."""
    return dimensions.RISK.size(rows, narrow=narrow)


def rows(model: RiskModel) -> int:
    """The rows drawn: one a category."""
    return len(model.bars)


def total(bar: RiskBar) -> int:
    """The category's technologies."""
    return bar.high + bar.medium + bar.low + bar.not_high + bar.unknown


def draw(model: RiskModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """One stacked bar a category with its counts inside; the category's name beside, on a phone above."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not any(total(bar) for bar in model.bars):
        frame.say_nothing_known()
        return frame.figure
    kinds = levels(frame.palette)
    shown = [kind for kind in kinds if any(getattr(bar, kind.field) for bar in model.bars)]
    frame.key([Key(kind.name, fill=kind.fill, edge=kind.edge, hatch=kind.hatch) for kind in shown])

    across = frame.right - frame.left
    if narrow:
        left = frame.left
        names = [wrap(bar.category, across, BODY, most=1) for bar in model.bars]
    else:
        names = [wrap(bar.category, 290, BODY, most=2) for bar in model.bars]
        left = frame.left + max(width(line, BODY) for lines in names for line in lines) + 16
    most = max(total(bar) for bar in model.bars)
    scale = (frame.right - left) / most
    for _ in range(2):  # the words at a bar's end depend on the scale, and the scale on their width
        ends = [_end_text(bar, kinds, scale) for bar in model.bars]
        scale = min(
            (frame.right - left - width(end, SMALL) - 9) / max(total(bar), 1)
            for bar, end in zip(model.bars, ends, strict=True)
        )
    ends = [_end_text(bar, kinds, scale) for bar in model.bars]
    axes = frame.plot(left, frame.right, (frame.right - left) / scale)
    pitch = frame.pitch(len(model.bars), dimensions.RISK.narrow_row if narrow else dimensions.RISK.row)
    thick = min(pitch * (0.46 if narrow else 0.68), 27)
    tops = [pitch * number for number in range(len(model.bars))]
    middles = [top + (20 + thick / 2 if narrow else pitch / 2) for top in tops]

    starts = [0] * len(model.bars)
    for kind in kinds:
        counts = [getattr(bar, kind.field) for bar in model.bars]
        if not any(counts):
            continue
        drawn = [(y, start, count) for y, start, count in zip(middles, starts, counts, strict=True) if count]
        # A hair of ground between segments keeps two neighbours apart without their colours.
        gap = 1.5 / scale
        axes.barh(
            [y for y, _, _ in drawn],
            [count - gap for _, _, count in drawn],
            left=[start for _, start, _ in drawn],
            height=thick,
            facecolor=kind.fill,
            edgecolor=kind.edge,
            hatch=kind.hatch,
            linewidth=1 if kind.edge != "none" else 0,
            label=kind.name,
        )
        for y, start, count in drawn:
            if _fits(count, scale):
                x = left + (start + count / 2) * scale
                if kind.hatch:
                    # The number would drown in the hatching: clear a little ground for it.
                    wide = width(str(count), BODY, SEMIBOLD) + 6
                    frame.box(x - wide / 2, frame.top + y - 8, wide, 16, facecolor=kind.fill, linewidth=0, zorder=3)
                frame.text(
                    x, frame.top + y + MIDDLE * BODY, str(count), weight=SEMIBOLD, colour=kind.ink, ha="center"
                )
        starts = [start + count for start, count in zip(starts, counts, strict=True)]

    for bar, lines, end, top, y in zip(model.bars, names, ends, tops, middles, strict=True):
        if narrow:
            frame.text(frame.left, frame.top + top + 14, lines[0])
        else:
            frame.lines(frame.left, frame.top + y, lines)
        frame.text(
            left + total(bar) * scale + 6,
            frame.top + y + MIDDLE * SMALL,
            end,
            size=SMALL,
            colour=frame.palette.muted,
        )
    return frame.figure


def _fits(count: int, scale: float) -> bool:
    """Whether the number can stand inside its segment."""
    return count > 0 and width(str(count), BODY, SEMIBOLD) + 4 <= count * scale


def _end_text(bar: RiskBar, kinds: tuple[Level, ...], scale: float) -> str:
    """The total, and the counts of segments too thin for a number."""
    thin = [f"{getattr(bar, k.field)} {k.name.split(' (')[0]}" for k in kinds if getattr(bar, k.field)]
    hidden = [
        words
        for words, kind in zip(thin, [k for k in kinds if getattr(bar, k.field)], strict=True)
        if not _fits(getattr(bar, kind.field), scale)
    ]
    return f"{total(bar)}, of which {', '.join(hidden)}" if hidden else str(total(bar))
