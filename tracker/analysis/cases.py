"""Cases: matters in question, which are no engagements themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.analysis.claims import ClaimRow, ClaimSides
from tracker.analysis.cooperation import CaseSummaryRow
from tracker.analysis.home import counted
from tracker.analysis.read_model import Cited, Link, PageModel, Place


@dataclass(frozen=True)
class CasePartyRow:
    """An organisation that a case speaks of, and as what."""

    organisation: Link
    country: Place | None
    role: str


@dataclass(frozen=True, kw_only=True)
class CasePage(PageModel):
    """`summary` and `note` are in our words; `date` is partial; `sides`: who asserts it, and who answers what."""

    summary: str
    date: str
    date_note: str
    note: str
    parties: tuple[CasePartyRow, ...]
    sides: ClaimSides
    cited: tuple[Cited, ...]


def case_summary(case: Link, date: str, parties: Sequence[str], claims: Sequence[ClaimRow]) -> CaseSummaryRow:
    """A line of the list of cases; counts lead to the case's own page."""
    asserted = sum(claim.asserted for claim in claims)
    declined = sum(claim.declined for claim in claims)
    return CaseSummaryRow(
        case=case,
        date=date,
        parties="; ".join(parties),
        asserted=counted(asserted, case.address),
        answered=counted(len(claims) - asserted - declined, case.address),
        declined=counted(declined, case.address),
    )
