"""Who leads what: technologies led per country, as bars."""

from __future__ import annotations

from matplotlib.figure import Figure

from tracker.analysis.figure_model import LeaderboardModel
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame, Key
from tracker.charts.lettering import width, wrap
from tracker.charts.theme import REGULAR, SEMIBOLD, country_colour

UNKNOWN_LABEL = "Leader unknown"


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels."""
    return dimensions.LEADERBOARD.size(rows, narrow=narrow)


def rows(model: LeaderboardModel) -> int:
    """The rows drawn: one a country, and one for technologies without a known leader."""
    return len(model.bars) + (model.unknown > 0)


def draw(model: LeaderboardModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Horizontal bars with their number at the end; what the publisher states is a thin outline."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not rows(model):
        frame.say_nothing_known()
        return frame.figure
    colours = frame.palette
    keys = []
    if any(bar.stated is not None for bar in model.bars):
        keys.append(Key("number the publisher states", edge=colours.text))
    if model.unknown:
        keys.append(Key("leader not known to us", **_unknown_look(frame)))
    if keys:
        frame.key(keys)

    limit = 116 if narrow else 220
    names = [wrap(bar.place.name, limit, BODY, most=2) for bar in model.bars]
    if model.unknown:
        names.append(wrap(UNKNOWN_LABEL, limit, BODY, most=2))
    left = frame.left + max(width(line, BODY) for lines in names for line in lines) + 14

    counts = [(bar.led, bar.stated) for bar in model.bars]
    if model.unknown:
        counts.append((model.unknown, None))
    remarks = [f"stated: {stated}" if stated not in (None, count) else "" for count, stated in counts]
    if model.unknown:
        remarks[-1] = f"of {model.total}"
    # One scale for all bars, the largest at which every number still fits behind its bar.
    scale = min(
        (frame.right - left - _label_width(count, remark)) / max(count, stated or 0, 1)
        for (count, stated), remark in zip(counts, remarks, strict=True)
    )
    axes = frame.plot(left, frame.right, (frame.right - left) / scale)
    usual = dimensions.LEADERBOARD.narrow_row if narrow else dimensions.LEADERBOARD.row
    pitch = frame.pitch(rows(model), usual)
    thick = min(pitch * 0.66, 24)
    middles = [pitch * (number + 0.5) for number in range(rows(model))]

    axes.barh(
        middles[: len(model.bars)],
        [bar.led for bar in model.bars],
        height=thick,
        color=[country_colour(bar.place.code, dark) for bar in model.bars],
        linewidth=0,
        label="led",
    )
    stated_bars = [(y, bar.stated) for y, bar in zip(middles, model.bars, strict=False) if bar.stated is not None]
    if stated_bars:
        axes.barh(
            [y for y, _ in stated_bars],
            [stated for _, stated in stated_bars],
            height=thick + 5,
            facecolor="none",
            edgecolor=colours.text,
            linewidth=1,
            label="stated",
        )
    if model.unknown:
        look = _unknown_look(frame)
        axes.barh(
            middles[-1:],
            [model.unknown],
            height=thick,
            facecolor=look["fill"],
            edgecolor=look["edge"],
            hatch=look["hatch"],
            linewidth=1,
            label="unknown",
        )

    for lines, y, (count, stated), remark in zip(names, middles, counts, remarks, strict=True):
        frame.lines(frame.left, frame.top + y, lines)
        baseline = frame.top + y + MIDDLE * BODY
        number = width(str(count), BODY, SEMIBOLD)
        x = left + max(count, stated or 0) * scale + 7
        # The number stands at the end of its own bar where the outline leaves it room.
        inside = stated is not None and (stated - count) * scale >= number + 12
        frame.text(left + count * scale + 6 if inside else x, baseline, str(count), weight=SEMIBOLD)
        if remark:
            frame.text(x + (0 if inside else number + 7), baseline, remark, size=SMALL, colour=colours.muted)
    frame.rule(left - 1, frame.top, left, thick=pitch * rows(model), colour=colours.text)
    return frame.figure


def _unknown_look(frame: Frame) -> dict[str, str]:
    return {"fill": frame.palette.ground, "edge": frame.palette.neutral, "hatch": "////"}


def _label_width(count: int, remark: str) -> float:
    """Pixels behind a bar's end for its number, its remark and the air around them."""
    beside = width(remark, SMALL, REGULAR) + 7 if remark else 0
    return 7 + width(str(count), BODY, SEMIBOLD) + beside + 2
