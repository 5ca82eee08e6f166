"""What our collection of cooperation between China and Russia holds, joined to who leads in the technologies.

Every count goes through `countable` (engagements.py): what only withheld sources speak of is in none. Counting
records is not measuring cooperation, and pages that count say so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from tracker.analysis.engagements import (
    ENDED,
    SIDE_WORDS,
    SIDES,
    STATES,
    ChannelRow,
    EngagementRow,
    OrganisationRef,
    admiralty,
    countable,
    longest_unconfirmed,
    newest,
    standing_of,
)
from tracker.analysis.home import counted, number_of
from tracker.analysis.matrix import CellValue
from tracker.analysis.money import money_by_year, value_of
from tracker.analysis.read_model import Cited, Link, PageModel, Place, Value, long_date
from tracker.analysis.technologies import lower_first

# The least number of engagements of each step of a tint; step 5 first.
STEPS = (16, 8, 4, 2, 1)
# How many lines a page shows of a list that has an address of its own; and of one that is folded.
SHOWN, FOLDED = 10, 20
# Rows of the table behind the network: every line that it draws is among them.
MOST_TIES = 200

AMOUNTS = (
    "Amounts as announced or reported; what was paid is not known to us. Currencies are not converted, and one fund "
    "that several engagements speak of counts once."
)


def listing(**chosen: str) -> str:
    """The address of the list of engagements that fit: '/engagements/?channel=…&technology=…'."""
    return f"/engagements/?{urlencode({name: value for name, value in chosen.items() if value})}".rstrip("?")


def count_or(number: int, address: str, otherwise: str) -> Value:
    """A count that leads to its rows; of none to `otherwise`: a list does not offer choices that nothing fits."""
    return counted(number, address if number else otherwise)


def tally(number: int, address: str) -> Value:
    """A count that leads to exactly its rows; of none to nothing."""
    return counted(number, address if number else "")


def publications(row: EngagementRow) -> set[str]:
    """The keys of the publications an engagement cites, without those that another was only seen through."""
    shown = [citation for citation in row.cited if not citation.source.withheld]
    through = {citation.seen_through.key for citation in shown if citation.seen_through}
    return {citation.source.key for citation in shown} - through


@dataclass(frozen=True)
class ChannelSummaryRow:
    """A channel with how many engagements it has, of when they are, and where they stand on the day of the page.

    `first` and `latest` are the first and the latest partial date of them. A state in which no engagement of
    the whole collection stands is None.
    """

    channel: Link
    origin: str
    engagements: Value
    first: str
    latest: str
    announced: Value | None
    signed: Value | None
    active: Value | None
    stalled: Value | None
    completed: Value | None
    cancelled: Value | None
    unconfirmed: Value


def channel_summaries(
    channels: Iterable[ChannelRow], rows: Iterable[EngagementRow], today: str
) -> tuple[ChannelSummaryRow, ...]:
    """Every channel in its order, those without an engagement too. `today`: ISO day."""
    found = countable(rows)
    everywhere = {row.status.state for row in found if row.status}
    summaries = []
    for channel in sorted(channels, key=lambda one: (one.position, one.slug)):
        own = [row for row in found if row.channel.slug == channel.slug]
        starts = sorted(row.start for row in own if row.start)
        states = Counter(row.status.state for row in own if row.status)
        slug = channel.slug
        summaries.append(
            ChannelSummaryRow(
                channel=channel.link,
                origin=channel.origin_said,
                engagements=tally(len(own), listing(channel=slug)),
                first=starts[0] if starts else "",
                latest=starts[-1] if starts else "",
                unconfirmed=tally(
                    sum(bool(standing_of(row, today).unconfirmed_since) for row in own),
                    listing(channel=slug, unconfirmed="yes"),
                ),
                **{
                    state: tally(states[state], listing(channel=slug, status=state)) if state in everywhere else None
                    for state in STATES
                },
            )
        )
    return tuple(summaries)


@dataclass(frozen=True)
class Group:
    """A column of a matrix of counts: what it counts (`key`), its name in files, its header."""

    key: str
    name: str
    header: str


@lru_cache(maxsize=64)
def counts_row_type(first: str, groups: tuple[Group, ...]) -> type:
    """A row type of counts: what the row is (`first`: 'channel', 'year'), one column a group, and all of them."""
    head: list[Any] = [(first, "Link", field(metadata={"header": first.capitalize()}))]
    columns: list[Any] = [(one.name, "Value", field(metadata={"header": one.header})) for one in groups]
    every = [("engagements", "Value", field(metadata={"header": "All engagements"}))]
    return make_dataclass("CountsRow", [*head, *columns, *every], frozen=True)


def heat(number: int) -> int:
    """The step of a count's tint, 1 to 5; 0 for none."""
    return next((5 - place for place, least in enumerate(STEPS) if number >= least), 0)


def tinted(number: int, address: str) -> CellValue:
    """A count on its tint; see `tally`."""
    return CellValue(number, basis="counted", address=address if number else "", heat=heat(number))


NO_TECHNOLOGY = "none"


def category_groups(categories: Iterable[tuple[str, str]], rows: Iterable[EngagementRow]) -> tuple[Group, ...]:
    """The (slug, name) of categories that an engagement touches as columns, and one for no tracked technology."""
    touched = {slug for row in countable(rows) for slug in touched_categories(row)}
    groups = [Group(slug, slug.replace("-", "_"), name) for slug, name in categories if slug in touched]
    none = Group(NO_TECHNOLOGY, "no_tracked_technology", "No tracked technology")
    return (*groups, none)


def touched_categories(row: EngagementRow) -> frozenset[str]:
    """The categories of the technologies an engagement touches; `NO_TECHNOLOGY` alone where it touches none."""
    return frozenset(subject.category_slug for subject in row.subjects if subject.category_slug) or frozenset(
        {NO_TECHNOLOGY}
    )


def channel_by_category(
    channels: Iterable[ChannelRow], groups: tuple[Group, ...], rows: Iterable[EngagementRow]
) -> tuple[type, tuple[Any, ...]]:
    """Engagements by channel and category: an engagement that touches two categories is counted in both."""
    row_type = counts_row_type("channel", groups)
    found = countable(rows)
    lines = []
    for channel in sorted(channels, key=lambda one: (one.position, one.slug)):
        own = [row for row in found if row.channel.slug == channel.slug]
        counts = Counter(slug for row in own for slug in touched_categories(row))
        cells = [tinted(counts[one.key], listing(channel=channel.slug, category=one.key)) for one in groups]
        every = tally(len(own), listing(channel=channel.slug))
        lines.append(row_type(channel.link, *cells, every))
    return row_type, tuple(lines)


def year_by_channel(channels: Iterable[ChannelRow], rows: Iterable[EngagementRow]) -> tuple[type, tuple[Any, ...]]:
    """Engagements by the year they are dated and channel, the newest year first; without a date in no line."""
    ordered = sorted(channels, key=lambda one: (one.position, one.slug))
    groups = tuple(Group(one.slug, one.slug.replace("-", "_"), one.name) for one in ordered)
    row_type = counts_row_type("year", groups)
    found = countable(rows)
    lines = []
    for year in sorted({row.year for row in found if row.year}, reverse=True):
        counts = Counter(row.channel.slug for row in found if row.year == year)
        cells = [tinted(counts[one.slug], listing(channel=one.slug, year=year)) for one in ordered]
        address = listing(year=year)
        lines.append(row_type(Link(year, address), *cells, counted(sum(counts.values()), address)))
    return row_type, tuple(lines)


def states_said(rows: Iterable[EngagementRow]) -> str:
    """'1 announced, 2 active, 1 reported active', in the order of states; '' of none.

    A state of a contested engagement is only reported.
    """
    counts = Counter((row.status.state, row.contested) for row in rows if row.status)
    return ", ".join(
        f"{counts[state, contested]} {'reported ' if contested else ''}{state}"
        for state in STATES
        for contested in (False, True)
        if counts[state, contested]
    )


@dataclass(frozen=True)
class TakingPartRow:
    """An organisation, on whose side it is named, and in how many engagements."""

    organisation: Link
    country: Place | None
    side: str
    engagements: Value


def organisations_in(rows: Iterable[EngagementRow], **within: str) -> tuple[TakingPartRow, ...]:
    """The organisations named, side by side, those with the most engagements first. `within` as in `touched_rows`."""
    bodies: dict[tuple[str, int], OrganisationRef] = {}
    titles: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in countable(rows):
        for party in row.parties:
            if party.organisation is not None:
                key = (party.side, party.organisation.pk)
                bodies[key] = party.organisation
                titles[key].add(row.slug)
    found = [
        TakingPartRow(
            body.link,
            body.country,
            side,
            counted(len(titles[side, pk]), listing(organisation=body.slug, side=side, **within)),
        )
        for (side, pk), body in bodies.items()
    ]
    order = {side: place for place, side in enumerate(SIDES)}
    found.sort(key=lambda row: (order[row.side], -number_of(row.engagements), row.organisation.text.casefold()))
    return tuple(replace(row, side=SIDE_WORDS[row.side]) for row in found)


@dataclass(frozen=True)
class MoneyRow:
    """What engagements dated in one year are said to be worth, in one currency: in words, and in full units.

    `doubt`: what part of it contested records say, and what part is marked possibly true or less; '' where none.
    """

    year: str
    currency: str
    amount: Value
    amount_from: Decimal
    amount_to: Decimal
    engagements: int
    which: tuple[Link, ...]
    doubt: str


# From this mark on (Admiralty digit) a sum says what part of it rests on such records.
POSSIBLE = "3"


def money_rows(rows: Iterable[EngagementRow]) -> tuple[MoneyRow, ...]:
    """The sums by year and currency, oldest year first; see `money_by_year`."""
    found = countable(rows)
    by_address = {row.address: row for row in found}
    return tuple(
        MoneyRow(
            one.year or "not known",
            one.currency,
            one.value,
            one.least,
            one.most,
            len(one.engagements),
            one.engagements,
            doubt([by_address[link.address] for link in one.engagements]),
        )
        for one in money_by_year(found)
    )


def doubt(parts: Sequence[EngagementRow]) -> str:
    """'of this 7.1 billion RUB from one contested record'; '' where none is. `parts`: those of one sum."""
    contested = [row for row in parts if row.contested]
    possible = [row for row in parts if not row.contested and row.credibility >= POSSIBLE]
    said = []
    for kind, some in (("contested", contested), ("at most possibly true", possible)):
        for one in money_by_year(some):
            number = len(one.engagements)
            record = "record" if number == 1 else "records"
            what = f"{kind} {record}" if kind == "contested" else f"{record} marked {kind}"
            said.append(f"of this {one.value.text} from {in_words(number)} {what}")
    return "; ".join(said)


@dataclass(frozen=True)
class ValuedRow:
    """An engagement with a value: whether a sum holds it, and if not why; `marks` of its main source in words."""

    engagement: Link
    contested: bool
    start: str
    value: Value
    value_from: Decimal | None
    value_to: Decimal | None
    currency: str
    marks: str
    in_sums: str
    remark: str


def valued_rows(rows: Iterable[EngagementRow]) -> tuple[ValuedRow, ...]:
    """Every countable engagement of which a value is known, the newest first, without a date last."""
    valued = [row for row in countable(rows) if row.value_from is not None]
    return tuple(
        ValuedRow(
            row.link,
            row.contested,
            row.start,
            value,
            row.value_from if value.known else None,
            row.value_to if value.known else None,
            row.currency if value.known else "",
            admiralty(row.reliability, row.credibility),
            "yes" if row.counts_in_totals and value.known else "no",
            row.value_note if row.counts_in_totals else row.totals_note,
        )
        for row in (*newest(valued), *(row for row in valued if not row.start))
        for value in (value_of(row),)
    )


@dataclass(frozen=True)
class MarksRow:
    """How the main sources of engagements are marked: how many, by what they say (Admiralty digit)."""

    credibility: str
    mark: str
    engagements: Value


def marks_rows(rows: Iterable[EngagementRow], **within: str) -> tuple[MarksRow, ...]:
    """Engagements by the credibility of what their main source says, the best first; without a mark last."""
    counts = Counter(row.credibility for row in countable(rows))
    return tuple(
        MarksRow(
            admiralty("", digit) or "not rated",
            digit,
            counted(counts[digit], listing(credibility=digit or NO_MARK, **within)),
        )
        for digit in sorted(counts, key=lambda one: (not one, one))
    )


NO_MARK = "none"


@dataclass(frozen=True)
class CaseSummaryRow:
    """A matter in question: how many statements assert it, dispute or deny it, decline evidence."""

    case: Link
    date: str
    parties: str
    asserted: Value
    answered: Value
    declined: Value


@dataclass(frozen=True, kw_only=True)
class CooperationPage(PageModel):
    """`findings`, `against`, `coverage` and `caveats` are sentences; `steps` the steps of the tint, strongest first.

    `ties`, `valued`: how many there are, of which the tables hold the first.
    """

    caveats: tuple[str, ...]
    findings: tuple[str, ...]
    against: tuple[str, ...]
    field_years: str
    coverage: tuple[str, ...]
    amounts: str
    steps: tuple[tuple[int, str], ...]
    unconfirmed: Value
    contested: Value
    recheck: Value
    ties: int
    valued: int


@dataclass(frozen=True, kw_only=True)
class ChannelPage(PageModel):
    """`caveats` and `against` are sentences; `others`: the other channels.

    The channel's description is '' and `withheld` says so where only sources speak of it that may not be republished.
    """

    channel: ChannelRow
    note: str
    withheld: str
    others: tuple[Link, ...]
    caveats: tuple[str, ...]
    against: tuple[str, ...]
    amounts: str
    cited: tuple[Cited, ...]


def steps_in_words() -> tuple[tuple[int, str], ...]:
    """The steps of the tint, strongest first: (5, '16 and more') … (1, '1')."""
    words = []
    for place, least in enumerate(STEPS):
        most = STEPS[place - 1] - 1 if place else None
        words.append(
            (
                5 - place,
                f"{least} and more" if most is None else str(least) if most == least else f"{least} to {most}",
            )
        )
    return tuple(words)


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(number: int) -> str:
    """A small number as a word: 'eight'; from 13 on in digits."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def several(number: int, noun: str) -> str:
    """'1 engagement', '94 engagements'."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def between(rows: Sequence[EngagementRow]) -> str:
    """'dated between March 2011 and 20 November 2025'; '' where no date is known."""
    dated = [row.start for row in newest(rows)]
    if not dated:
        return ""
    first, last = dated[-1], dated[0]
    return f"dated between {long_date(first)} and {long_date(last)}" if first != last else f"dated {long_date(first)}"


def opening(rows: Iterable[EngagementRow], today: str) -> str:
    """The overview in one sentence: how many, from when to when, in how many channels, mostly which, how many stale."""
    found = countable(rows)
    if not found:
        return "No engagement between China and Russia stands in our collection yet."
    counts = Counter(row.channel for row in found)
    most, number = max(counts.items(), key=lambda pair: (pair[1], -pair[0].position))
    text = " ".join(filter(None, (several(len(found), "engagement"), "between China and Russia", between(found))))
    text += f" {stand(found)} in our collection, "
    if len(counts) == 1:
        text += f"in one channel: {lower_first(most.name)}"
    else:
        text += f"in {in_words(len(counts))} channels, the largest number in {lower_first(most.name)} ({number})"
    return f"{text}. {stale(found, today)}".strip()


def stand(rows: Sequence[EngagementRow]) -> str:
    return "stands" if len(rows) == 1 else "stand"


def going_on(rows: Iterable[EngagementRow]) -> tuple[EngagementRow, ...]:
    """The countable ones that are neither completed nor cancelled, as last seen."""
    return tuple(row for row in countable(rows) if row.status and row.status.state not in ENDED)


def stale(rows: Sequence[EngagementRow], today: str) -> str:
    """'49 of the 67 that are neither completed nor cancelled were not confirmed for more than 24 months.'"""
    ongoing, old = len(going_on(rows)), len(longest_unconfirmed(rows, today))
    if not ongoing:
        return ""
    if ongoing == 1:
        was = "was not confirmed for more than" if old else "was confirmed within"
        it = (
            "It is neither completed nor cancelled, and"
            if len(rows) == 1
            else "The one that is neither completed nor cancelled"
        )
        return f"{it} {was} 24 months."
    if not old:
        return f"Each of the {ongoing} that are neither completed nor cancelled was confirmed within 24 months."
    were = "was" if old == 1 else "were"
    return f"{old} of the {ongoing} that are neither completed nor cancelled {were} not confirmed for more than 24 months."


def channel_sentence(rows: Iterable[EngagementRow], today: str) -> str:
    """One channel counted: '14 engagements dated between … : 6 announced, 3 active as last seen. 4 of the 9 …'."""
    found = countable(rows)
    if not found:
        return "No engagement of this channel stands in our collection."
    said = " ".join(filter(None, (several(len(found), "engagement"), between(found))))
    text = f"{said} {stand(found)} in our collection of this channel"
    states = states_said(found)
    return f"{text}{f': {states} as last seen' if states else ''}. {stale(found, today)}".strip()


def findings(rows: Iterable[EngagementRow], today: str) -> tuple[str, ...]:
    """What the counts show, in sentences: states, old and contested ones, how many touch a tracked technology."""
    found = countable(rows)
    if not found:
        return ()
    said = []
    states = states_said(found)
    contested = sum(row.contested for row in found)
    if states:
        said.append(f"As last seen: {states}{f'; {contested} contested' if contested else ''}.")
    old = longest_unconfirmed(found, today)
    if old:
        since = standing_of(old[0], today).unconfirmed_since
        longest = "the longest " if len(old) > 1 else ""
        said.append(f"{stale(found, today).removesuffix('.')}, {longest}since {since}.")
    return (*said, touching(found))


def touching(rows: Sequence[EngagementRow]) -> str:
    """How many engagements touch a tracked technology: '57 touch a tracked technology by our reading, 37 touch none.'"""
    without = sum(touched_categories(row) == {NO_TECHNOLOGY} for row in rows)
    touch = len(rows) - without
    text = f"{touch or 'None'} {'touches' if touch < 2 else 'touch'} a tracked technology, by our reading"
    return f"{text}; {without} {'touch' if without > 1 else 'touches'} none." if touch and without else f"{text}."


def none_this_year(rows: Iterable[EngagementRow], today: str) -> str:
    """That no engagement of this year was found, with the newest; '' where one was."""
    dated = newest(rows)
    if not dated or dated[0].year >= today[:4]:
        return ""
    return f"No engagement of {today[:4]} was found by us; the newest is of {long_date(dated[0].start)}."


def coverage_sentences(rows: Iterable[EngagementRow], kinds: Callable[[EngagementRow], str]) -> tuple[str, ...]:
    """How many engagements have how many sources, of which kinds (`kinds`: that of the main one, in a word)."""
    found = countable(rows)
    if not found:
        return ()
    counts = Counter(filter(None, (kinds(row) for row in found)))
    second = sum(len(publications(row)) > 1 for row in found)
    said = []
    if counts:
        listed = [f"{kind} {number}" for kind, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
        said.append(f"What the engagements' main sources are: {', '.join(listed)}.")
    said.append(
        f"{second} of {len(found)} {'cites' if second == 1 else 'cite'} a second publication. That is not always an "
        "independent source: many signings rest on one agency report or one press release."
    )
    recheck = sum(bool(row.recheck) for row in found)
    if recheck:
        say = (
            "says on its page what must be checked before it is"
            if recheck == 1
            else ("say on their page what must be checked before they are")
        )
        said.append(f"{recheck} {say} quoted.")
    return tuple(said)
