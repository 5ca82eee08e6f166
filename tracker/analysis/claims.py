"""Claims: who says what about a record on which day, who denies it, and what evidence was shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.analysis.home import counted
from tracker.analysis.read_model import Cited, Link, Place, Value
from tracker.analysis.technologies import joined


class Stance(StrEnum):
    """How a speaker stands to what is claimed. Only the first puts it forward."""

    ASSERTS = "asserts"
    DISPUTES = "disputes"
    DENIES = "denies"
    DECLINES = "declines"


STANCE_WORDS = {
    Stance.ASSERTS: "asserts",
    Stance.DISPUTES: "disputes",
    Stance.DENIES: "denies",
    Stance.DECLINES: "declines to show evidence",
}
EVIDENCE_WORDS = {
    "shown": "Evidence was shown",
    "partly": "Evidence was shown in part",
    "none": "No evidence was shown",
    "declined": "Showing evidence was declined",
    "unknown": "Whether evidence was shown is not known to us",
}


@dataclass(frozen=True)
class ClaimRow:
    """One claim. `date` is partial (`date_note` where the source is vaguer); `quote` is word for word.

    `about`: the record it speaks of. `sources` counts its citations and carries them.
    """

    about: Link | None
    speaker: str
    speaks_for: Link | None
    country: Place | None
    date: str
    date_note: str
    stance: str
    statement: str
    quote: str
    evidence_shown: str
    evidence: str
    note: str
    sources: Value

    @property
    def asserted(self) -> bool:
        return self.stance == STANCE_WORDS[Stance.ASSERTS]

    @property
    def declined(self) -> bool:
        """Whether the side that asserts it was asked for evidence and showed none: no answer to it."""
        return self.stance == STANCE_WORDS[Stance.DECLINES]

    @property
    def evidence_known(self) -> bool:
        """Whether it is known if evidence was shown."""
        return self.evidence_shown != EVIDENCE_WORDS["unknown"]


@dataclass(frozen=True)
class ClaimSides:
    """The claims on a record in two columns, each by day: what is asserted, and what answers it.

    `declined`: that evidence for it was asked and not shown; it stands with what is asserted.
    """

    asserted: tuple[ClaimRow, ...] = ()
    declined: tuple[ClaimRow, ...] = ()
    answered: tuple[ClaimRow, ...] = ()
    sentence: str = ""

    @property
    def any(self) -> bool:
        return bool(self.asserted or self.declined or self.answered)


def stance_words(stance: str) -> str:
    """'declines to show evidence'; raises ValueError for a stance that there is not."""
    return STANCE_WORDS[Stance(stance)]


def evidence_words(shown: str) -> str:
    """'No evidence was shown'; raises KeyError for a word that there is not."""
    return EVIDENCE_WORDS[shown]


def sources_of_claim(cited: tuple[Cited, ...], address: str) -> Value:
    """How many sources that may be shown say that it was said, with them; `address`: where the claim stands."""
    cited = tuple(citation for citation in cited if not citation.source.withheld)
    return Value(len(cited), cited=cited) if cited else counted(0, address)


def claim_sides(rows: Iterable[ClaimRow]) -> ClaimSides:
    """Rows in two columns; each keeps the order of `rows`."""
    found = tuple(rows)
    asserted = tuple(row for row in found if row.asserted)
    declined = tuple(row for row in found if row.declined)
    answered = tuple(row for row in found if not row.asserted and not row.declined)
    return ClaimSides(asserted, declined, answered, sides_sentence(asserted, declined, answered))


def sides_sentence(asserted: Sequence[ClaimRow], declined: Sequence[ClaimRow], answered: Sequence[ClaimRow]) -> str:
    """'2 statements assert it, 1 declines to show evidence; 1 denies it.'; empty where nobody says anything."""
    if not asserted and not declined and not answered:
        return ""
    number = len(asserted)
    said = []
    if number:
        said.append(f"{number} {'statement asserts' if number == 1 else 'statements assert'} it")
    if declined:
        said.append(f"{len(declined)} {'declines' if len(declined) == 1 else 'decline'} to show evidence")
    answers = []
    for stance, one, several in (
        (Stance.DISPUTES, "disputes it", "dispute it"),
        (Stance.DENIES, "denies it", "deny it"),
    ):
        count = sum(row.stance == STANCE_WORDS[stance] for row in answered)
        if count:
            answers.append(f"{count} {one if count == 1 else several}")
    ends = joined(answers) if answers else "we know of no answer to it"
    return f"{'; '.join(filter(None, (', '.join(said), ends)))}."
