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
    """A country's share per window; None leaves a gap in the line (never interpolated)."""

    place: Place
    shares: tuple[Decimal | None, ...]


@dataclass(frozen=True, kw_only=True)
class TrajectoryModel(FigureModel):
    """Shares over the windows of one series; `windows` are labels such as '2003–2007'."""

    windows: tuple[str, ...]
    lines: tuple[TrajectoryLine, ...]


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
