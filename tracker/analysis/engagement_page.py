"""Engagements as pages show them: the table every page shares, its filters, and one engagement whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from tracker.analysis.claims import ClaimRow, ClaimSides
from tracker.analysis.cooperation_join import CHINA, RUSSIA, TechnologyStanding, combined_share
from tracker.analysis.engagements import (
    CREDIBILITY,
    ENDED,
    RELIABILITY,
    SIDE_NAMES,
    SIDE_WORDS,
    SIDES,
    STATES,
    EngagementRow,
    Party,
    StatusRow,
    Subject,
    admiralty,
    by_date,
    count_by_state,
    countable,
    standing_of,
)
from tracker.analysis.leadership import share_value
from tracker.analysis.money import value_of
from tracker.analysis.ordering import ordered_by
from tracker.analysis.partial_date import last_day
from tracker.analysis.read_model import (
    Cited,
    Facet,
    Link,
    PageModel,
    Place,
    TableData,
    Value,
    citing,
    long_date,
    stated,
)
from tracker.analysis.side import capital
from tracker.analysis.technologies import joined

# Said in a filter for "has none of these".
NONE = "none"
CONTESTED, RECHECK = "contested", "check before quoting"


@dataclass(frozen=True)
class EngagementShown:
    """An engagement as a line of a table. Dates are partial; `value_from`, `value_to` in full units of `currency`.

    `clock` goes with the state: 'as of …' or 'not confirmed since …'. Parties and technologies without an address
    are those that sources do not name, and topics that are none of the tracked technologies.
    """

    engagement: Link
    code: str
    channel: Link
    channel_origin: str
    start: str
    state: Value
    clock: str
    chinese: tuple[Link, ...]
    russian: tuple[Link, ...]
    other: tuple[Link, ...]
    technologies: tuple[Link, ...]
    marks: Value
    flags: tuple[str, ...]
    contested: bool
    as_of: str
    start_note: str
    end: str
    end_note: str
    programme: Link | None
    value: Value
    value_from: Decimal | None
    value_to: Decimal | None
    currency: str
    counts_in_totals: bool
    reliability: str
    credibility: str
    contested_note: str
    recheck: str
    description: str


def shown(row: EngagementRow, today: str) -> EngagementShown:
    """One line; `today`: the ISO day of the page, for the clock."""
    now = standing_of(row, today)
    return EngagementShown(
        # Its flags say what is contested.
        engagement=Link(row.title, row.address),
        code=row.code,
        channel=row.channel.link,
        channel_origin=row.channel.origin_said,
        start=row.start,
        state=state_of(row),
        clock=now.clock,
        chinese=_links(row, "chinese"),
        russian=_links(row, "russian"),
        other=_links(row, "other"),
        technologies=tuple(subject.link for subject in row.subjects),
        marks=marks_of(row),
        flags=flags_of(row),
        contested=row.contested,
        as_of=now.as_of,
        start_note=row.start_note,
        end=row.end,
        end_note=row.end_note,
        programme=row.programme,
        value=value_of(row),
        value_from=row.value_from if value_of(row).known else None,
        value_to=row.value_to if value_of(row).known else None,
        currency=row.currency if value_of(row).known else "",
        counts_in_totals=row.counts_in_totals,
        reliability=row.reliability,
        credibility=row.credibility,
        contested_note=row.contested_note,
        recheck=row.recheck,
        description=row.description,
    )


def state_of(row: EngagementRow) -> Value:
    """The current state with who shows it; withheld where only withheld sources do."""
    status = row.status
    return stated(status.state, status.cited, basis="stated", note=status.note) if status else Value()


def _links(row: EngagementRow, side: str) -> tuple[Link, ...]:
    return tuple(party.link for party in row.of_side(side))


def marks_of(row: EngagementRow, *, codes: bool = False) -> Value:
    """The marks of its main source in words, with that source alone; unknown where it is not rated."""
    words = admiralty(row.reliability, row.credibility, codes=codes)
    return stated(words or None, (row.main_citation,) if row.main_citation else (), basis="stated")


def flags_of(row: EngagementRow) -> tuple[str, ...]:
    """What to know before quoting it, in a few words each."""
    said = ((CONTESTED, row.contested), (RECHECK, bool(row.recheck)))
    return tuple(words for words, applies in said if applies)


def engagement_table(
    rows: Iterable[EngagementRow],
    today: str,
    *,
    caption: str,
    name: str = "engagements",
    sort: str = "",
    empty: str = "No engagement of this kind is in our collection.",
) -> TableData:
    """The table of engagements that every page shares; its columns: `tables.engagements.EngagementTable`.

    In the order of `rows`, or by one of SORTS. Raises UnknownSortKey.
    """
    lines = tuple(shown(row, today) for row in countable(rows))
    said = with_confirmed(caption, (line.credibility for line in lines))
    return TableData(name, said, ordered_by(lines, sort, SORTS), EngagementShown, empty=empty)


def with_confirmed(caption: str, marks: Iterable[str]) -> str:
    """The caption of a table with these marks of what is said; where "confirmed" is among them, what that means."""
    return f"{caption} (“confirmed by other sources”: a second source was seen)" if "1" in marks else caption


def _words(text: str) -> str | None:
    return text.casefold() or None


def _names_first(links: tuple[Link, ...]) -> str | None:
    return _words(links[0].text) if links else None


# What the table can be sorted by: each a comparable, None where it is not known. Amounts are not among them:
# they are in different currencies, and nothing is converted.
SORTS: dict[str, Callable[[EngagementShown], Any]] = {
    "engagement": lambda line: _words(line.engagement.text),
    "code": lambda line: _words(line.code),
    "channel": lambda line: _words(line.channel.text),
    "start": lambda line: line.start or None,
    "end": lambda line: line.end or None,
    "state": lambda line: (STATES.index(str(line.state.content)), line.as_of) if line.state.known else None,
    "as_of": lambda line: line.as_of or None,
    "chinese": lambda line: _names_first(line.chinese),
    "russian": lambda line: _names_first(line.russian),
    "technologies": lambda line: _names_first(line.technologies),
    "marks": lambda line: (line.reliability or "Z", line.credibility or "9") if line.marks.known else None,
}


# ---- The list ----


@dataclass(frozen=True)
class Chosen:
    """What a reader narrows the list to; '' = all. `q` are words, each of which must be found.

    `organisation` are slugs of which each must be named in it.
    """

    q: str = ""
    channel: str = ""
    status: str = ""
    year: str = ""
    technology: str = ""
    category: str = ""
    organisation: tuple[str, ...] = ()
    side: str = ""
    reliability: str = ""
    credibility: str = ""
    contested: str = ""
    unconfirmed: str = ""
    recheck: str = ""

    @property
    def anything(self) -> bool:
        return self != Chosen()


Keys = Callable[[EngagementRow], Iterable[str]]


YES_NO = ("yes", "no")


def _yes(applies: bool) -> tuple[str, ...]:
    return ("yes" if applies else "no",)


def keys(today: str) -> dict[str, Keys]:
    """What an engagement answers to under each filter but `q`, `organisation` and `side`."""
    return {
        "channel": lambda row: (row.channel.slug,),
        "status": lambda row: (row.status.state if row.status else NONE,),
        "year": lambda row: (row.year or NONE,),
        "technology": lambda row: {subject.slug for subject in row.subjects if subject.technology},
        "category": lambda row: (
            {subject.category_slug for subject in row.subjects if subject.category_slug} or {NONE}
        ),
        "reliability": lambda row: (row.reliability or NONE,),
        "credibility": lambda row: (row.credibility or NONE,),
        "contested": lambda row: _yes(row.contested),
        "unconfirmed": lambda row: _yes(bool(standing_of(row, today).unconfirmed_since)),
        "recheck": lambda row: _yes(bool(row.recheck)),
    }


def organisations_of(row: EngagementRow, side: str = "") -> set[str]:
    """The slugs of the organisations named in it, on one side or on any."""
    return {party.organisation.slug for party in row.parties if party.organisation and side in ("", party.side)}


def fitting(rows: Iterable[EngagementRow], chosen: Chosen, today: str) -> tuple[EngagementRow, ...]:
    """The countable engagements that fit every filter, oldest start first.

    `side` alone: an organisation of that side is named; with `organisation`: each is named on that side. With
    `unconfirmed=yes` the one that was confirmed longest ago comes first.
    """
    answers = keys(today)
    words = chosen.q.casefold().split()

    def fits(row: EngagementRow) -> bool:
        if any(value and value not in answers[name](row) for name in answers if (value := getattr(chosen, name))):
            return False
        bodies = organisations_of(row, chosen.side)
        if (chosen.side and not bodies) or not bodies.issuperset(chosen.organisation):
            return False
        text = searched(row) if words else ""
        return all(word in text for word in words)

    found = [row for row in by_date(countable(rows)) if fits(row)]
    if chosen.unconfirmed == "yes":
        found.sort(key=lambda row: row.status.order if row.status else ("", 0))
    return tuple(found)


def searched(row: EngagementRow) -> str:
    """The text that `q` looks through, lower case: title, code, description, channel, parties by every name, subjects."""
    parts = [row.title, row.code, row.description, row.channel.name]
    for party in row.parties:
        parts += [party.name, party.named_as]
        if party.organisation:
            parts += [party.organisation.original_name, *party.organisation.aliases]
    parts += [subject.link.text for subject in row.subjects]
    return "\n".join(parts).casefold()


def facets(rows: Iterable[EngagementRow], today: str) -> dict[str, tuple[Facet, ...]]:
    """The choices of each filter with the number of engagements of the whole collection that they leave."""
    found = countable(rows)
    names = _names(found)
    counts = {name: Counter(value for row in found for value in set(key(row))) for name, key in keys(today).items()}
    counts["organisation"] = Counter(slug for row in found for slug in organisations_of(row))
    counts["side"] = Counter(side for row in found for side in SIDES if organisations_of(row, side))
    positions = {row.channel.slug: (row.channel.position, row.channel.slug) for row in found}
    order: dict[str, Callable[[str], Any]] = {
        "channel": lambda value: positions[value],
        "status": lambda value: (*STATES, NONE).index(value),
        "year": lambda value: (value == NONE, -int(value) if value.isdecimal() else 0),
        "side": SIDES.index,
        **dict.fromkeys(("contested", "unconfirmed", "recheck"), YES_NO.index),
    }

    def place(name: str, value: str) -> Any:
        """In the filter's own order, else by name with "none" last."""
        return order[name](value) if name in order else (value == NONE, names[name](value).casefold())

    return {
        name: tuple(
            Facet(value, names[name](value), count[value]) for value in sorted(count, key=partial(place, name))
        )
        for name, count in counts.items()
    }


def _names(rows: Sequence[EngagementRow]) -> Mapping[str, Callable[[str], str]]:
    """How each filter says its values."""
    channels = {row.channel.slug: row.channel for row in rows}
    subjects = [subject for row in rows for subject in row.subjects]
    technologies = {subject.slug: subject.technology.text for subject in subjects if subject.technology}
    categories = {subject.category_slug: subject.category.text for subject in subjects if subject.category}
    bodies = {
        party.organisation.slug: party.organisation.name
        for row in rows
        for party in row.parties
        if party.organisation
    }

    def channel(value: str) -> str:
        found = channels[value]
        return found.name if found.origin_said != "ours" else f"{found.name} (ours)"

    return {
        "channel": channel,
        "status": lambda value: "not known" if value == NONE else value,
        "year": lambda value: "not known" if value == NONE else value,
        "technology": lambda value: technologies[value],
        "category": lambda value: categories.get(value, "no tracked technology"),
        "organisation": lambda value: bodies[value],
        "side": lambda value: SIDE_NAMES[value],
        "reliability": lambda value: _mark(value, admiralty(value, "") if value != NONE else ""),
        "credibility": lambda value: _mark(value, admiralty("", value) if value != NONE else ""),
        **dict.fromkeys(("contested", "unconfirmed", "recheck"), str),
    }


def _mark(code: str, words: str) -> str:
    return f"{code}: {words}" if words else "not rated"


def collection_sentence(rows: Sequence[EngagementRow], today: str, total: int | None = None) -> str:
    """'94 engagements …, dated 2011 to 2025: 36 active, …; 49 of them not confirmed for 24 months.'

    Of rows that choices leave of `total`: '7 of the 94 engagements in our collection fit: 3 active and 4 signed.'
    """
    if not rows:
        return (
            f"None of the {total} engagements in our collection fits these choices."
            if total
            else "No engagement is in our collection yet."
        )
    states = joined([f"{count} {state or 'of unknown state'}" for state, count in count_by_state(rows).items()])
    if total is None:
        years = sorted(row.year for row in rows if row.year)
        span = f", dated {years[0]} to {years[-1]}" if years and years[0] != years[-1] else ""
        several = "engagements" if len(rows) > 1 else "engagement"
        text = f"{len(rows)} {several} between China and Russia in our collection{span}: {states}"
    else:
        fit = "fits" if len(rows) == 1 else "fit"
        text = f"{len(rows)} of the {total} engagements in our collection {fit}: {states}"
    old = sum(bool(standing_of(row, today).unconfirmed_since) for row in rows)
    return f"{text}; {old} of them not confirmed for 24 months." if old else f"{text}."


@dataclass(frozen=True)
class Mark:
    """One mark of the Admiralty code in words; `note`: how we read it."""

    code: str
    words: str
    note: str = ""


MARK_NOTES = {"A": "a body on its own act", "1": "a second source was seen"}


def _legend(marks: Mapping[str, str]) -> tuple[Mark, ...]:
    return tuple(Mark(code, words, MARK_NOTES.get(code, "")) for code, words in marks.items())


@dataclass(frozen=True, kw_only=True)
class EngagementListPage(PageModel):
    """`fitting`: how many fit the filters, of `total`."""

    fitting: int
    total: int
    caveat: str
    caveats: tuple[str, ...]
    reliability_marks: tuple[Mark, ...] = _legend(RELIABILITY)
    credibility_marks: tuple[Mark, ...] = _legend(CREDIBILITY)


# ---- One engagement ----


@dataclass(frozen=True)
class PartyRow:
    """A party, and how it is written in the list it was collected in. `original_name` is in `original_language`."""

    side: str
    party: Link
    original_name: str
    original_language: str
    kind: str
    country: Place | None
    role: str
    named_as: str
    note: str


def party_row(party: Party) -> PartyRow:
    body = party.organisation
    return PartyRow(
        side=SIDE_NAMES[party.side],
        party=party.link,
        original_name=body.original_name if body else "",
        original_language=body.original_language if body else "",
        kind=body.kind if body else "not named in the sources seen",
        country=body.country if body else None,
        role=party.role,
        named_as=party.named_as,
        note=party.note,
    )


@dataclass(frozen=True)
class StatusShown:
    """What sources show on a date."""

    as_of: str
    state: Value
    note: str


def status_shown(status: StatusRow) -> StatusShown:
    return StatusShown(status.as_of, stated(status.state, status.cited, basis="stated"), status.note)


BASIS_WORDS = {
    "stated": "named by a source",
    "implied": "implied by a source",
    "derived": "our reading",
    "elimination": "by elimination",
    "computed": "computed",
}


@dataclass(frozen=True)
class SubjectRow:
    """A technology that an engagement touches, and who leads it in `edition`; of a topic nothing more is known.

    Shares are per cent; `combined` adds China's and Russia's as far as known.
    """

    subject: Link
    category: Link | None
    basis: str
    note: str
    leader: Value | None
    leader_share: Value | None
    firmness: str
    china_share: Value | None
    russia_share: Value | None
    combined: Value | None
    edition: Link | None


def subject_row(subject: Subject, now: TechnologyStanding | None) -> SubjectRow:
    """`now` is None for a topic, and for a technology that no edition seen by us covers."""
    china, russia = (now.of(CHINA), now.of(RUSSIA)) if now else (None, None)
    return SubjectRow(
        subject=subject.link,
        category=subject.category,
        basis=BASIS_WORDS[subject.basis] if subject.technology else "not one of the tracked technologies",
        note=subject.note,
        leader=now.now.leader if now else None,
        leader_share=now.now.leader_share if now else None,
        firmness=str(now.now.firmness) if now else "",
        china_share=share_value(china) if now else None,
        russia_share=share_value(russia) if now else None,
        combined=combined_share(china, russia) if now else None,
        edition=Link(now.edition.name, now.edition.address) if now else None,
    )


@dataclass(frozen=True)
class SourceMarkRow:
    """One citation: what it speaks of, and how reliable its source and how sure what it says is, in words."""

    source: Link
    publisher: str
    date: str
    speaks_of: str
    marks: str
    reliability: str
    credibility: str
    seen_through: Link | None
    says: str
    note: str


def source_marks(row: EngagementRow) -> tuple[SourceMarkRow, ...]:
    """Every citation of the engagement and of its states, with what it speaks of.

    A source that says nothing else of a state than that it shows it has no line of its own for that.
    """
    about: dict[Cited, list[str]] = {}
    whole: dict[str, Cited] = {}
    for citation in row.cited:
        about.setdefault(citation, []).append(citation.field.replace("_", " ") or "the engagement")
        if not citation.field:
            whole.setdefault(citation.source.key, citation)
    for status in row.statuses:
        for citation in status.cited:
            same = citation if _says_something(citation) else whole.get(citation.source.key, citation)
            said = about.setdefault(same, [])
            if citation not in row.cited:
                said.append(f"{status.state}, {long_date(status.as_of)}")
    return tuple(_source_mark(citation, "; ".join(said)) for citation, said in about.items())


def _says_something(citation: Cited) -> bool:
    """Whether there is more to it than that the source was seen, and through what."""
    said = replace(citation, seen_through=None, field="", preferred=False)
    return said != Cited(citation.source)


def _source_mark(citation: Cited, speaks_of: str) -> SourceMarkRow:
    source, through = citation.source, citation.seen_through
    printed = f"Prints {citation.stated_value}." if citation.stated_value else ""
    page = f"Page {citation.page}." if citation.page else ""
    return SourceMarkRow(
        source=Link(source.title, source.address),
        publisher=source.publisher,
        date=source.date,
        speaks_of=speaks_of,
        marks=admiralty(citation.reliability, citation.credibility, codes=True) or "not rated",
        reliability=citation.reliability,
        credibility=citation.credibility,
        seen_through=Link(through.publisher or through.title, through.address) if through else None,
        says=" ".join(filter(None, (printed, citation.passage, page))),
        note=citation.note,
    )


def seen_through(row: EngagementRow) -> tuple[Link, ...]:
    """The publications through which its sources were seen, each once."""
    through = [citation.seen_through for citation in row.cited if citation.seen_through]
    return tuple(dict.fromkeys(Link(source.publisher or source.title, source.address) for source in through))


PRECISION = {4: "known to the year", 7: "known to the month", 10: ""}


def dated(row: EngagementRow, column: str) -> Value:
    """The start or the end in words; unknown where it is not known. Its note stands in a column of its own."""
    date = row.start if column == "start" else row.end
    return stated(long_date(date) if date else None, citing(row.cited, column, f"{column}_note"), basis="stated")


def has_ended(row: EngagementRow) -> bool:
    """Whether its last state seen is one after which nothing more is to be confirmed."""
    return row.status is not None and row.status.state in ENDED


def end_label(row: EngagementRow, today: str) -> str:
    """What its end is called: 'Ended' only where its state says so too. `today`: ISO day."""
    if has_ended(row):
        return "Ended"
    if not row.end:
        return "End"
    return "To end" if last_day(row.end).isoformat() >= today else "End recorded"


def end_remark(row: EngagementRow, today: str) -> str:
    """What an end in the past means where the last state seen is none of an end; '' elsewhere."""
    if row.status is None or end_label(row, today) != "End recorded":
        return ""
    said = f"The last state seen is “{row.status.state}”, not “completed”: an end of the whole was not seen."
    return " ".join(filter(None, (said, row.status.note)))


def totals_words(row: EngagementRow) -> str:
    """Whether sums of money take its value in, and if not why; '' where it has no value that may be shown."""
    if not value_of(row).known:
        return ""
    if row.counts_in_totals:
        return "It counts in our sums of money."
    return f"It does not count in our sums of money. {row.totals_note}"


SOURCES_MAY_DEPEND = (
    "Two sources that say the same may rest on one report or one press release: cited by two is not verified twice."
)
ONE_SOURCE = "One source speaks of it that we have seen."


def sure_sentence(row: EngagementRow, claims: Iterable[ClaimRow] = ()) -> str:
    """How many sources that may be shown speak of it, of its states or in `claims` on it, and what that is worth."""
    parts = (
        row.cited,
        *(status.cited for status in row.statuses),
        *(party.cited for party in row.parties),
        *(claim.sources.cited for claim in claims),
    )
    number = len({citation.source.key for cited in parts for citation in cited if not citation.source.withheld})
    if not number:
        return "No source is recorded."
    if number == 1:
        return ONE_SOURCE
    return f"{number} sources speak of it that we have seen. {SOURCES_MAY_DEPEND}"


def engagement_sentence(row: EngagementRow, today: str) -> str:
    """Between whom, when it is dated, how far it is known to have come, and what to know before quoting it."""
    now = standing_of(row, today).words
    if row.contested:
        now += ", but contested"
    begun = f"Dated {said_start(row)}; {now}." if row.start else f"{capital(now)}."
    against = row.contested_note if row.contested else ""
    check = "Check it before you quote it." if row.recheck else ""
    return " ".join(filter(None, (_between_whom(row), begun, against, check)))


def said_start(row: EngagementRow) -> str:
    """'20 October 2019 (the day announced for the signing)': with its note where that says what the date is of."""
    note = row.start_note.removesuffix(".")
    date = long_date(row.start)
    return f"{date} ({note[0].lower()}{note[1:]})" if note.startswith(DATE_OF) else date


# How a note begins that says what a date is the date of; others say how it is known.
DATE_OF = ("The day announced ", "The day of ", "The day planned ", "The month of ", "The year in which ")


def _between_whom(row: EngagementRow) -> str:
    """'China National Space Administration and Roscosmos.'; of more than four how many there are.

    Parties that sources do not name follow, each in the words kept of it. Those of a contested engagement are said to
    be named in it, not to take part.
    """
    named = {side: [party.name for party in row.of_side(side) if party.organisation] for side in SIDES}
    names = [name for side in SIDES for name in named[side]]
    if len(names) > FEW:
        counts = [f"{len(found)} {SIDE_WORDS[side]}" for side, found in named.items() if found]
        text = f"{len(names)} parties named: {joined(counts)}."
    elif names:
        text = f"Named in it: {joined(names)}." if row.contested else f"{capital(joined(names))}."
    else:
        text = ""
    return " ".join(filter(None, (text, *(unnamed_words(row, side) for side in SIDES))))


def unnamed_words(row: EngagementRow, side: str) -> str:
    """The parties of a side that sources do not name, a sentence each: 'Chinese researchers, not named.'; else ''."""
    parties = [party for party in row.of_side(side) if not party.organisation]
    return " ".join(
        f"{capital(party.unnamed)} ({party.role})." if party.role else f"{capital(party.unnamed)}."
        for party in parties
    )


# Parties that a sentence can name.
FEW = 4


@dataclass(frozen=True, kw_only=True)
class EngagementPage(PageModel):
    """One engagement whole. Dates are partial; `…_precision` says how exactly one is known."""

    code: str
    channel: Link
    channel_origin: str
    description: str
    programme: Link | None
    start: str
    start_note: str
    start_precision: str
    end: str
    end_note: str
    end_precision: str
    end_label: str
    end_remark: str
    has_ended: bool
    begun: Value
    ended: Value
    state: Value
    clock: str
    unconfirmed: bool
    marks: Value
    seen_through: tuple[Link, ...]
    how_sure: str
    contested: bool
    contested_note: str
    recheck: str
    value: Value
    value_note: str
    value_from: Decimal | None
    value_to: Decimal | None
    currency: str
    counts_in_totals: bool
    totals: str
    note: str
    claims: ClaimSides
