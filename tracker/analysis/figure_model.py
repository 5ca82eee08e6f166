"""Read models of the figures. Each carries its title, source line and date: they are drawn inside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.read_model import Place, Ranks


@dataclass(frozen=True, kw_only=True)
class FigureModel:
    """`title` is the finding in a sentence, `subtitle` what is drawn and its unit, `source` who says so."""

    title: str
    subtitle: str
    source: str
    date: str
    alt: str


@dataclass(frozen=True)
class LeaderboardBar:
    place: Place
    led: int
    stated: int | None = None


@dataclass(frozen=True, kw_only=True)
class LeaderboardModel(FigureModel):
    """Technologies led per country; `unknown` technologies have no known leader; `total` of the edition."""

    bars: tuple[LeaderboardBar, ...]
    unknown: int
    total: int


@dataclass(frozen=True)
class MatrixCell:
    """What is known of a place in a technology; all None = nothing. `derived`: the share is ours."""

    share: Decimal | None = None
    ranks: Ranks | None = None
    derived: bool = False


@dataclass(frozen=True)
class MatrixLine:
    technology: str
    category: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, kw_only=True)
class MatrixModel(FigureModel):
    """Technologies by countries; lines are grouped by category, cells follow `places`."""

    places: tuple[Place, ...]
    lines: tuple[MatrixLine, ...]


@dataclass(frozen=True)
class RankingBar:
    """One country in a technology: a bar where its share is known, a mark at its rank where not."""

    place: Place
    share: Decimal | None
    ranks: Ranks | None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class RankingModel(FigureModel):
    bars: tuple[RankingBar, ...]


@dataclass(frozen=True)
class TrajectoryLine:
    """A place's share per window; None leaves a gap in the line (never interpolated).

    `partial` marks the windows in which the share of a bloc is a lower bound (a member's is unknown); empty = none.
    """

    place: Place
    shares: tuple[Decimal | None, ...]
    partial: tuple[bool, ...] = ()


@dataclass(frozen=True)
class TrajectoryCrossing:
    """Where one line passes another: `last` is the window (by position) in which `overtaken` was last ahead,
    `first` the one in which `overtaker` was first ahead."""

    overtaker: Place
    overtaken: Place
    last: int
    first: int


@dataclass(frozen=True, kw_only=True)
class TrajectoryModel(FigureModel):
    """Shares over the windows of one series; `windows` are labels such as '2003–2007'.

    `crossings` are named on the figure where there are few of them.
    """

    windows: tuple[str, ...]
    lines: tuple[TrajectoryLine, ...]
    crossings: tuple[TrajectoryCrossing, ...] = ()


@dataclass(frozen=True)
class ComparedMark:
    """One side in one line of a comparison: its share in per cent with its bound, else its rank.

    `leads`: the leader of all countries is the side, or a member of it.
    """

    share: Decimal | None = None
    bound: str = ""
    ranks: Ranks | None = None
    leads: bool = False


@dataclass(frozen=True)
class ComparedLine:
    """A technology or field: what is known of each side, in the order of the model's sides.

    `band`: "gap" (every side has a share), "rank" (only a leader or a rank is known). `ahead` is the position
    of the side that is ahead of all others; None where that is not known. `gap` is in points, from the side
    with the largest share to the next, with `gap_bound` ("at least", "at most").
    """

    name: str
    category: str
    band: str
    marks: tuple[ComparedMark, ...]
    ahead: int | None = None
    gap: Decimal | None = None
    gap_bound: str = ""
    too_close: bool = False


HEADING_ROWS = 5


def comparison_rows(gaps: int, ranks: int) -> int:
    """How tall a comparison is, in half lines: two a line with a gap, one a line with a mark only, and five for
    the heading of those."""
    return 2 * gaps + (ranks + HEADING_ROWS if ranks else 0)


@dataclass(frozen=True, kw_only=True)
class ComparisonModel(FigureModel):
    """Two to four sides, technology by technology; `lines` come in the order they are drawn in, those of the
    band "gap" first. `unknown` technologies, of which nothing is known of any side, are not drawn. `what`
    is the plural of what is compared."""

    sides: tuple[Place, ...]
    lines: tuple[ComparedLine, ...]
    unknown: int
    what: str = "technologies"


@dataclass(frozen=True)
class SlopeLine:
    """One side's share then and now; a line is drawn only where both are known and neither is a bound."""

    place: Place
    then: Decimal | None
    now: Decimal | None
    then_bound: str = ""
    now_bound: str = ""


@dataclass(frozen=True)
class SlopePanel:
    """A technology or field in two editions. `movement`: "changed hands", "extended", "narrowed" …"""

    name: str
    movement: str
    lines: tuple[SlopeLine, ...]


@dataclass(frozen=True, kw_only=True)
class SlopeModel(FigureModel):
    """Shares in two editions of one series, a small panel a technology or field; `then` and `now` are labels."""

    then: str
    now: str
    sides: tuple[Place, ...]
    panels: tuple[SlopePanel, ...]


@dataclass(frozen=True)
class RiskBar:
    category: str
    high: int
    medium: int
    low: int
    not_high: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class RiskModel(FigureModel):
    """Technologies by monopoly risk, per category."""

    bars: tuple[RiskBar, ...]
