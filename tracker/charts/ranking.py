"""One technology: the share of each country where it is known, its rank where only that is."""

from __future__ import annotations

from matplotlib.figure import Figure

from tracker.analysis.figure_model import RankingBar, RankingModel
from tracker.analysis.read_model import Ranks, written
from tracker.charts import dimensions
from tracker.charts.frame import BODY, MIDDLE, SMALL, Frame
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.theme import SEMIBOLD, country_colour

PER_CENT = "\u202f%"  # a narrow no-break space, so that number and sign stay together


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels."""
    return dimensions.RANKING.size(rows, narrow=narrow)


def rows(model: RankingModel) -> int:
    """The rows drawn: one a country."""
    return len(model.bars)


def draw(model: RankingModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """Rank, country, bar and share in the order given; a hollow mark and words where no share is known."""
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow)
    if not model.bars:
        frame.say_nothing_known()
        return frame.figure
    colours = frame.palette
    ranks = [str(bar.ranks) if bar.ranks is not None else "" for bar in model.bars]
    rank_right = frame.left + max(width(rank, BODY) for rank in ranks)
    name_left = rank_right + (10 if any(ranks) else 0)
    names = [wrap(bar.place.name, 104 if narrow else 240, BODY, most=2) for bar in model.bars]
    left = name_left + max(width(line, BODY) for lines in names for line in lines) + 14
    across = frame.right - left

    # A remark stands behind the number where there is room, below it on a phone.
    shares = [bar.share for bar in model.bars if bar.share is not None]
    ends = [_end_width(bar, narrow=narrow, across=across) for bar in model.bars if bar.share is not None]
    scale = min(
        [(across - end) / float(share) for share, end in zip(shares, ends, strict=True) if share > 0] or [across]
    )
    axes = frame.plot(left, frame.right, across / scale)
    usual = dimensions.RANKING.narrow_row if narrow else dimensions.RANKING.row
    pitch = frame.pitch(len(model.bars), usual)
    middles = [pitch * (number + 0.5) for number in range(len(model.bars))]
    known = [(y, bar) for y, bar in zip(middles, model.bars, strict=True) if bar.share is not None]
    if known:
        axes.barh(
            [y for y, _ in known],
            [float(bar.share) for _, bar in known if bar.share is not None],
            height=min(pitch * 0.62, 24),
            color=[country_colour(bar.place.code, dark) for _, bar in known],
            linewidth=0,
            label="share",
        )
    for y, bar in zip(middles, model.bars, strict=True):
        if bar.share is None:
            axes.plot(
                [8 / scale],
                [y],
                marker="D",
                markersize=8,
                markerfacecolor="none",
                markeredgecolor=country_colour(bar.place.code, dark) if bar.ranks else colours.neutral,
                markeredgewidth=1.8,
                linestyle="none",
                label=f"rank only: {bar.place.name}",
            )

    for bar, rank, lines, y in zip(model.bars, ranks, names, middles, strict=True):
        middle = frame.top + y
        baseline = middle + MIDDLE * BODY
        if rank:
            frame.text(rank_right, baseline, rank, colour=colours.muted, ha="right")
        frame.lines(name_left, middle, lines, weight=SEMIBOLD if rank == "1" else 400)
        x = left + (float(bar.share) * scale + 7 if bar.share is not None else 20)
        _say(frame, bar, x, middle)
    frame.rule(left - 1, frame.top, left, thick=pitch * len(model.bars), colour=colours.text)
    return frame.figure


def share_text(bar: RankingBar) -> str:
    """'48.49 %' with the digits as published; '' where no share is known."""
    return written(bar.share) + PER_CENT if bar.share is not None else ""


def rank_text(bar: RankingBar) -> str:
    """What is said where no share is known."""
    return (
        f"{_rank_words(bar.ranks)}, share not known to us"
        if bar.ranks is not None
        else "neither share nor rank known to us"
    )


def _end_width(bar: RankingBar, *, narrow: bool, across: float) -> float:
    """Pixels behind a bar's end for number and remark; a remark takes at most half the plot's width."""
    number = width(share_text(bar), BODY, SEMIBOLD)
    remark = min(width(bar.remark, SMALL), across / 2) if bar.remark else 0
    return 9 + (max(number, remark) if narrow else number + (remark + 8 if remark else 0))


def _say(frame: Frame, bar: RankingBar, x: float, middle: float) -> None:
    """The words at the end of a row, from `x` on."""
    room = frame.right - x
    muted = frame.palette.muted
    if bar.share is None:
        words, size, weight, colour = rank_text(bar), SMALL, 400, muted
    else:
        words, size, weight, colour = share_text(bar), BODY, SEMIBOLD, frame.palette.text
    if frame.narrow:
        first = wrap(words, room, size, weight, most=2)
        remark = [shorten(bar.remark, room, SMALL)] if bar.remark else []
        pitch = 14.5
        at = middle - pitch * (len(first) + len(remark) - 1) / 2 + MIDDLE * size
        for line in first:
            frame.text(x, at, line, size=size, weight=weight, colour=colour)
            at += pitch
        for line in remark:
            frame.text(x, at, line, size=SMALL, colour=muted)
        return
    frame.text(x, middle + MIDDLE * size, words, size=size, weight=weight, colour=colour)
    if bar.remark:
        x += width(words, size, weight) + 8
        beside = shorten(bar.remark, frame.right - x, SMALL)
        frame.text(x, middle + MIDDLE * SMALL, beside, size=SMALL, colour=muted)


def _rank_words(ranks: Ranks) -> str:
    return f"rank {ranks}" if ranks.first == ranks.last else str(ranks)
