"""Sizes of figures in CSS pixels. Knows no matplotlib: pages ask for width and height before a figure exists."""

from __future__ import annotations

import math
from dataclasses import dataclass

WIDE = 960
NARROW = 390


@dataclass(frozen=True)
class Extent:
    """How tall a figure is: a fixed part (title, legend, source) and a part per row, in CSS pixels.

    What is counted as rows may stand in columns beside each other.
    """

    fixed: int
    row: int
    narrow_fixed: int
    narrow_row: int
    least_rows: int = 0
    columns: int = 1
    narrow_columns: int = 1

    def size(self, rows: int, *, narrow: bool) -> tuple[int, int]:
        """(width, height) of the figure with that many rows."""
        rows = max(rows, self.least_rows)
        if narrow:
            return NARROW, self.narrow_fixed + math.ceil(rows / self.narrow_columns) * self.narrow_row
        return WIDE, self.fixed + math.ceil(rows / self.columns) * self.row


LEADERBOARD = Extent(fixed=244, row=32, narrow_fixed=306, narrow_row=34, least_rows=2)
MATRIX = Extent(fixed=372, row=23, narrow_fixed=450, narrow_row=30, least_rows=2)
RANKING = Extent(fixed=220, row=34, narrow_fixed=260, narrow_row=42, least_rows=2)
TRAJECTORY = Extent(fixed=590, row=0, narrow_fixed=590, narrow_row=0)
RISK = Extent(fixed=256, row=38, narrow_fixed=328, narrow_row=52, least_rows=2)
# A line of a comparison whose gap is drawn takes two rows, one of the compact block below these takes one, and the
# heading of the block five.
COMPARISON = Extent(fixed=340, row=13, narrow_fixed=345, narrow_row=26, least_rows=4)
# The rows of the two figures of cooperation are steps: see `timeline_steps` and `network_steps` in analysis.
COOPERATION_TIMELINE = Extent(fixed=313, row=3, narrow_fixed=413, narrow_row=4, least_rows=16)
COOPERATION_NETWORK = Extent(fixed=300, row=2, narrow_fixed=396, narrow_row=3, least_rows=45)
# The rows of a slope figure are its panels.
SLOPE = Extent(fixed=250, row=216, narrow_fixed=312, narrow_row=210, least_rows=1, columns=4, narrow_columns=2)
# The rows of the two figures of trade are steps: see `panel_steps` and `leg_steps` in analysis.
TRADE = Extent(fixed=285, row=10, narrow_fixed=385, narrow_row=13, least_rows=8)
REEXPORTS = Extent(fixed=270, row=8, narrow_fixed=340, narrow_row=13, least_rows=10)
LISTINGS = Extent(fixed=280, row=31, narrow_fixed=380, narrow_row=42, least_rows=2)

EXTENTS = {
    "leaderboard": LEADERBOARD,
    "matrix": MATRIX,
    "ranking": RANKING,
    "trajectory": TRAJECTORY,
    "sides": TRAJECTORY,
    "risk": RISK,
    "comparison": COMPARISON,
    "slope": SLOPE,
    "cooperation-timeline": COOPERATION_TIMELINE,
    "cooperation-network": COOPERATION_NETWORK,
    "listings": LISTINGS,
    "trade": TRADE,
    "reexports": REEXPORTS,
}


def size(figure: str, rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels of the named figure; KeyError for an unknown one."""
    return EXTENTS[figure].size(rows, narrow=narrow)
