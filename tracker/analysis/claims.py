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


@dataclass(frozen=True)
class ClaimSides:
    """The claims on a record in two columns, each by day: what is asserted, and what answers it."""

    asserted: tuple[ClaimRow, ...] = ()
    answered: tuple[ClaimRow, ...] = ()
    sentence: str = ""

    @property
    def any(self) -> bool:
        return bool(self.asserted or self.answered)


def stance_words(stance: str) -> str:
    """'declines to show evidence'; raises ValueError for a stance that there is not."""
    return STANCE_WORDS[Stance(stance)]


def evidence_words(shown: str) -> str:
    """'No evidence was shown'; raises KeyError for a word that there is not."""
    return EVIDENCE_WORDS[shown]


def sources_of_claim(cited: tuple[Cited, ...], address: str) -> Value:
    """How many sources say that it was said, with them; `address`: where the claim stands."""
    return Value(len(cited), basis="counted", address=address, cited=cited) if cited else counted(0, address)


def claim_sides(rows: Iterable[ClaimRow]) -> ClaimSides:
    """Rows in two columns; each keeps the order of `rows`."""
    found = tuple(rows)
    asserted = tuple(row for row in found if row.asserted)
    answered = tuple(row for row in found if not row.asserted)
    return ClaimSides(asserted, answered, sides_sentence(asserted, answered))


def sides_sentence(asserted: Sequence[ClaimRow], answered: Sequence[ClaimRow]) -> str:
    """'2 statements assert it; 1 denies it and 1 declines to show evidence.'; empty where nobody says anything."""
    if not asserted and not answered:
        return ""
    number = len(asserted)
    text = f"{number} {'statement asserts' if number == 1 else 'statements assert'} it" if number else ""
    answers = []
    for stance, one, several in (
        (Stance.DISPUTES, "disputes it", "dispute it"),
        (Stance.DENIES, "denies it", "deny it"),
        (Stance.DECLINES, "declines to show evidence", "decline to show evidence"),
    ):
        count = sum(row.stance == STANCE_WORDS[stance] for row in answered)
        if count:
            answers.append(f"{count} {one if count == 1 else several}")
    if not answers:
        return f"{text}; we know of no answer to it."
    return f"{'; '.join(filter(None, (text, joined(answers))))}."
