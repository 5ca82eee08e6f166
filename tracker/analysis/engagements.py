"""Cooperation between China and Russia: engagements with their parties, subjects, states and marks.

Counting records is not measuring cooperation: the rows are what was collected from sources seen. What only withheld
sources speak of is in no list, count or sum: `countable` leaves it out, and every count here goes through it.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tracker.analysis.partial_date import Span, last_day, months_later, span, year
from tracker.analysis.read_model import Cited, Link, Place, long_date

SIDES = ("chinese", "russian", "other")
SIDE_WORDS = {"chinese": "Chinese", "russian": "Russian", "other": "other"}
SIDE_NAMES = {"chinese": "Chinese side", "russian": "Russian side", "other": "other party"}
STATES = ("announced", "signed", "active", "stalled", "completed", "cancelled")
# States after which nothing more is to be confirmed.
ENDED = ("completed", "cancelled")
# Months after which a state that nobody confirmed reads "not confirmed since".
CLOCK = 24
ASPI_2019 = "aspi-2019"

NOT_A_MEASURE = (
    "Counting records is not measuring cooperation: these are the engagements in our collection, not all there are."
)
HOW_SELECTED = (
    "They were collected from public pages, most of them in English and read in excerpts: state media, news agencies "
    "and papers, official announcements, the trade press, universities and think tanks. What was never announced, or "
    "not found by us, is missing."
)
MAPPING_IS_OURS = "Which technologies an engagement touches is our reading of its sources."


@dataclass(frozen=True)
class ChannelRow:
    """A way of cooperating. `origin`: 'aspi-2019' (one of the five of ASPI's 2019 report) or 'ours'."""

    pk: int
    slug: str
    name: str
    description: str
    origin: str
    position: int

    @property
    def address(self) -> str:
        return f"/cooperation/{self.slug}/"

    @property
    def link(self) -> Link:
        return Link(self.name, self.address)

    @property
    def origin_said(self) -> str:
        return "ASPI 2019" if self.origin == ASPI_2019 else "ours"


@dataclass(frozen=True)
class OrganisationRef:
    """A body. `original_language` is a BCP 47 tag, '' where no original name is known."""

    pk: int
    slug: str
    name: str
    kind: str
    country: Place | None
    original_name: str
    original_language: str
    aliases: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"/organisations/{self.slug}/"

    @property
    def link(self) -> Link:
        return Link(self.name, self.address)


@dataclass(frozen=True)
class Party:
    """One party of an engagement: an organisation, or in plain words one that the sources do not name."""

    side: str
    organisation: OrganisationRef | None
    unnamed: str
    role: str
    named_as: str
    note: str = ""
    cited: tuple[Cited, ...] = ()

    @property
    def name(self) -> str:
        return self.organisation.name if self.organisation else self.unnamed

    @property
    def link(self) -> Link:
        """The organisation; without an address where the party is not named."""
        return self.organisation.link if self.organisation else Link(self.unnamed, "")


@dataclass(frozen=True)
class StatusRow:
    """What sources show of an engagement on a (partial) date, no more. `state` is one of STATES."""

    state: str
    as_of: str
    note: str = ""
    cited: tuple[Cited, ...] = ()
    position: int = 0

    @property
    def order(self) -> tuple[str, int]:
        return self.as_of, self.position


@dataclass(frozen=True)
class Subject:
    """What an engagement is about: a tracked technology, or a `topic` that is none of them."""

    technology: Link | None
    slug: str
    category: Link | None
    category_slug: str
    topic: str
    basis: str
    note: str = ""
    technology_pk: int | None = None

    @property
    def link(self) -> Link:
        """The technology; without an address for a topic."""
        return self.technology or Link(self.topic, "")


@dataclass(frozen=True, kw_only=True)
class EngagementRow:
    """One instance of cooperation as the record holds it. Dates are partial; values in full units of `currency`.

    `programme` is what it is a part of. `statuses` are oldest first. `cited` are its citations in their order, those
    of single columns included.
    """

    pk: int
    slug: str
    code: str
    title: str
    channel: ChannelRow
    programme: Link | None = None
    start: str = ""
    start_note: str = ""
    end: str = ""
    end_note: str = ""
    description: str = ""
    value_from: Decimal | None = None
    value_to: Decimal | None = None
    currency: str = ""
    value_bound: str = ""
    value_note: str = ""
    counts_in_totals: bool = True
    totals_note: str = ""
    contested: bool = False
    contested_note: str = ""
    recheck: str = ""
    note: str = ""
    parties: tuple[Party, ...] = ()
    subjects: tuple[Subject, ...] = ()
    statuses: tuple[StatusRow, ...] = ()
    cited: tuple[Cited, ...] = ()
    withheld: bool = False

    @property
    def address(self) -> str:
        return f"/engagements/{self.slug}/"

    @property
    def named(self) -> str:
        return named(self.title, self.contested)

    @property
    def link(self) -> Link:
        return Link(self.named, self.address)

    @property
    def status(self) -> StatusRow | None:
        """The current state: the one with the newest date, of several the last; None where none may be shown."""
        return max(self.statuses, key=lambda status: status.order, default=None)

    @property
    def main_citation(self) -> Cited | None:
        """The citation whose marks the engagement has."""
        return main_citation(self.cited)

    @property
    def reliability(self) -> str:
        """The Admiralty letter of its main source, '' where not rated."""
        return self.main_citation.reliability if self.main_citation else ""

    @property
    def credibility(self) -> str:
        """The Admiralty digit of what its main source says, '' where not rated."""
        return self.main_citation.credibility if self.main_citation else ""

    @property
    def year(self) -> str:
        """The year in which it starts; '' where that is not known."""
        return year(self.start)

    @property
    def span(self) -> Span | None:
        """The days it is drawn over; None where its start is not known."""
        return span(self.start, self.end)

    def of_side(self, side: str) -> tuple[Party, ...]:
        return tuple(party for party in self.parties if party.side == side)


def named(title: str, contested: bool) -> str:
    """The title of an engagement as it stands alone: with "(contested)" where it is."""
    return f"{title} (contested)" if contested else title


def main_citation(cited: Sequence[Cited]) -> Cited | None:
    """Of the citations of the whole record that may be shown: the preferred, else the first rated, else the first."""
    whole = [citation for citation in cited if not citation.field and not citation.source.withheld]
    rated = [citation for citation in whole if citation.reliability or citation.credibility]
    return next(iter([*(citation for citation in whole if citation.preferred), *rated, *whole]), None)


RELIABILITY = {
    "A": "completely reliable source",
    "B": "usually reliable source",
    "C": "fairly reliable source",
    "D": "not usually reliable source",
    "E": "unreliable source",
    "F": "reliability of the source cannot be judged",
}
CREDIBILITY = {
    "1": "confirmed by other sources",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}


def admiralty(reliability: str, credibility: str, *, codes: bool = False) -> str:
    """The marks in words: 'usually reliable source, probably true'; '' where neither is given.

    With `codes` each mark follows its words: 'usually reliable source (B), probably true (2)'.
    """
    marks = ((RELIABILITY, reliability), (CREDIBILITY, credibility))
    return ", ".join(f"{words[mark]} ({mark})" if codes else words[mark] for words, mark in marks if mark)


@dataclass(frozen=True)
class StatusNow:
    """How far an engagement has come, as far as seen. `unconfirmed_since` is written out: 'June 2019', or ''."""

    state: str
    as_of: str
    unconfirmed_since: str
    words: str
    cited: tuple[Cited, ...] = ()

    @property
    def clock(self) -> str:
        """What is said beside the state: 'as of 5 June 2019', 'not confirmed since June 2019'."""
        if self.unconfirmed_since:
            return f"not confirmed since {self.unconfirmed_since}"
        return f"as of {long_date(self.as_of)}" if self.as_of else ""


def standing_of(row: EngagementRow, today: str) -> StatusNow:
    """The current state by the clock. `today` is an ISO day: that of the page (`reader.day`).

    A state that is neither completed nor cancelled is unconfirmed when more than 24 months have passed since the LAST
    day that its date can mean: `2024` may mean 31 December 2024, so it runs out on 1 January 2027. In the seed data
    of 22 November 2026 that gives 49; the first day would give 49 too.
    """
    status = row.status
    if status is None:
        return StatusNow("", "", "", "state not known to us")
    old = unconfirmed(status, today)
    now = StatusNow(status.state, status.as_of, long_date(status.as_of) if old else "", "", status.cited)
    # What is contested is not said in our own voice.
    state = f"reported {status.state}" if row.contested else status.state
    return replace(now, words=f"{state}{'; ' if old else ' '}{now.clock}")


def unconfirmed(status: StatusRow, today: str) -> bool:
    """Whether the clock of a state has run out on `today` (ISO day): see `standing_of`."""
    if status.state in ENDED or not status.as_of:
        return False
    return months_later(last_day(status.as_of), CLOCK) < datetime.date.fromisoformat(today)


def countable(rows: Iterable[EngagementRow]) -> tuple[EngagementRow, ...]:
    """The engagements that may be listed, counted and drawn, in their order."""
    return tuple(row for row in rows if not row.withheld)


def by_date(rows: Iterable[EngagementRow]) -> tuple[EngagementRow, ...]:
    """Oldest start first; a year before the days within it; without a date last; then by code."""
    return tuple(sorted(rows, key=lambda row: (not row.start, row.start, row.code)))


def newest(rows: Iterable[EngagementRow]) -> tuple[EngagementRow, ...]:
    """The countable ones that have a date, newest start first."""
    return tuple(reversed(by_date(row for row in countable(rows) if row.start)))


def longest_unconfirmed(rows: Iterable[EngagementRow], today: str) -> tuple[EngagementRow, ...]:
    """The countable ones whose clock has run out, the longest first."""
    old = [row for row in countable(rows) if standing_of(row, today).unconfirmed_since]
    return tuple(sorted(old, key=lambda row: (row.status.order if row.status else ("", 0), row.code)))


def count_by_channel(rows: Iterable[EngagementRow]) -> dict[str, int]:
    """How many countable engagements each channel has, by its slug, in the channels' order."""
    found = countable(rows)
    counts = Counter(row.channel.slug for row in found)
    order = {row.channel.slug: row.channel.position for row in found}
    return {slug: counts[slug] for slug in sorted(counts, key=lambda slug: (order[slug], slug))}


def count_by_year(rows: Iterable[EngagementRow]) -> dict[str, int]:
    """How many countable engagements start in each year, oldest first; those without a date under ''."""
    counts = Counter(row.year for row in countable(rows))
    return {one: counts[one] for one in sorted(counts, key=lambda one: (not one, one))}


def count_by_state(rows: Iterable[EngagementRow]) -> dict[str, int]:
    """How many countable engagements stand in each state now, in the order of STATES; without a state under ''."""
    counts = Counter(row.status.state if row.status else "" for row in countable(rows))
    return {state: counts[state] for state in (*STATES, "") if counts[state]}
