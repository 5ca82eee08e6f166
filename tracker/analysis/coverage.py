"""How much of the record is known, sourced, cited by two."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.home import ShareOfCells
from tracker.analysis.read_model import Link


@dataclass(frozen=True)
class CoverageRow:
    """How much of one edition is known. `cells` = technologies x countries that occur in its series."""

    edition: Link
    technologies: int
    leaders: int
    leader_shares: int
    both_shares: int
    risks: int
    cells: int
    cells_known: int
    cells_with_share: int
    scores_sourced: int
    scores_cited_by_two: int

    @property
    def parts(self) -> tuple[ShareOfCells, ...]:
        return (
            ShareOfCells("leaders", self.leaders, self.technologies),
            ShareOfCells("leader's shares", self.leader_shares, self.technologies),
            ShareOfCells("both shares", self.both_shares, self.technologies),
            ShareOfCells("monopoly risks", self.risks, self.technologies),
            ShareOfCells("cells", self.cells_known, self.cells),
        )
