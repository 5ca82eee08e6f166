"""Rows of a comparison as its figures draw them: the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from tracker.analysis.compare_page import SideRow
from tracker.analysis.comparison import BANDS, GAP, RANK
from tracker.analysis.figure_model import ComparedLine, ComparedMark, SlopeLine, SlopePanel
from tracker.analysis.leadership import Firmness
from tracker.analysis.read_model import Place, Ranks


def share_columns(row: Any) -> tuple[str, ...]:
    """The names of the share columns of a row of the comparison, one a side in their order."""
    return tuple(column.name for column in fields(row) if column.metadata["kind"] == "share")


def compared_line(row: Any, sides: Sequence[SideRow]) -> ComparedLine:
    """A row of the comparison's table as a figure draws it: the same values."""
    marks = []
    keys = {side.side.code: side.side.code.lower() for side in sides}
    for key, side in zip(share_columns(row), sides, strict=True):
        share, rank = getattr(row, key), getattr(row, key.replace("share_", "rank_"))
        best = rank.content if isinstance(rank.content, Ranks) else None
        marks.append(
            ComparedMark(
                share.content if isinstance(share.content, Decimal) else None,
                share.bound,
                best,
                keys[side.side.code] in row.led_by.split(),
            )
        )
    codes = [side.side.code for side in sides]
    ahead = row.ahead.content
    return ComparedLine(
        row.subject.text,
        row.group.text if row.group else "",
        GAP if row.band == BANDS[GAP] else RANK,
        tuple(marks),
        codes.index(ahead.code) if isinstance(ahead, Place) else None,
        row.gap.content if isinstance(row.gap.content, Decimal) else None,
        row.gap.bound,
        row.firmness == str(Firmness.TOO_CLOSE),
    )


def slope_panel(row: Any, sides: Sequence[SideRow]) -> SlopePanel | None:
    """A row of what moved as a figure draws it; None where no side's share is known in both editions."""
    lines = []
    for key, side in zip(share_columns(row)[::2], sides, strict=True):
        then, now = getattr(row, key), getattr(row, key.removesuffix("_then") + "_now")
        lines.append(
            SlopeLine(
                side.side,
                then.content if isinstance(then.content, Decimal) else None,
                now.content if isinstance(now.content, Decimal) else None,
                then.bound,
                now.bound,
            )
        )
    if not any(line.then is not None and line.now is not None for line in lines):
        return None
    return SlopePanel(row.subject.text, row.movement, tuple(lines))
