"""Cooperation beside other matters: what the pages of a technology, of a country, of coverage and the front page say.

As everywhere, what only withheld sources speak of is in no list and no count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.cooperation import (
    TakingPartRow,
    coverage_sentences,
    listing,
    organisations_in,
    publications,
    several,
    states_said,
    tally,
)
from tracker.analysis.cooperation_join import CHINA, RUSSIA, TechnologyStanding, combined_share
from tracker.analysis.countries import CountryCooperation
from tracker.analysis.coverage import percent
from tracker.analysis.engagement_page import organisations_of, state_of
from tracker.analysis.engagements import (
    HOW_SELECTED,
    MAPPING_IS_OURS,
    NOT_A_MEASURE,
    SIDE_WORDS,
    EngagementRow,
    count_by_channel,
    countable,
    longest_unconfirmed,
    newest,
    standing_of,
)
from tracker.analysis.home import ShareOfCells, counted, number_of
from tracker.analysis.leadership import share_value
from tracker.analysis.money import value_of
from tracker.analysis.read_model import Link, Place, Value
from tracker.analysis.technologies import TechnologyCooperation, lower_first, start, the

# The countries whose organisations make up the sides.
SIDE_OF = {CHINA: "chinese", RUSSIA: "russian"}
NOTHING_HERE = "No engagement is recorded by us here; that is not evidence that there is none."
# How many engagements a country's page and the front page show.
LATEST_OF_COUNTRY, LATEST = 3, 5


# ---- A technology ----


def touching(rows: Iterable[EngagementRow], technology: str) -> tuple[EngagementRow, ...]:
    """The countable engagements that touch a technology (its slug), the newest first, without a date last.

    A link between the two that only withheld sources speak of is none.
    """
    found = tuple(row for row in countable(rows) if any(subject.slug == technology for subject in row.subjects))
    return (*newest(found), *(row for row in found if not row.start))


def technology_cooperation(
    name: str, slug: str, rows: Sequence[EngagementRow], now: TechnologyStanding, today: str
) -> TechnologyCooperation:
    """The engagements of one technology beside who leads it."""
    china, russia = now.of(CHINA), now.of(RUSSIA)
    return TechnologyCooperation(
        sentence=touching_sentence(name, rows, today),
        caveat=NOT_A_MEASURE,
        engagements=tally(len(rows), listing(technology=slug)),
        listing=Link("Filter and sort them in the list of engagements", listing(technology=slug)) if rows else None,
        caveats=(HOW_SELECTED, MAPPING_IS_OURS, *coverage_sentences(rows, lambda row: "")),
        china_share=share_value(china),
        russia_share=share_value(russia),
        combined=combined_share(china, russia),
    )


def touching_sentence(name: str, rows: Sequence[EngagementRow], today: str) -> str:
    """'7 engagements recorded by us touch nuclear energy, dated 2016 to 2021: 3 active … as last seen; …'."""
    if not rows:
        return NOTHING_HERE
    verb = "touches" if len(rows) == 1 else "touch"
    text = f"{several(len(rows), 'engagement')} recorded by us {verb} {lower_first(name)}{begun(rows)}"
    if states := states_said(rows):
        text += f": {states} as last seen"
    old = len(longest_unconfirmed(rows, today))
    return f"{text}{f'; {old} not confirmed for more than 24 months' if old else ''}."


def begun(rows: Iterable[EngagementRow]) -> str:
    """', dated 2016 to 2021'; '' where no year is known."""
    years = sorted({row.year for row in rows if row.year})
    if not years:
        return ""
    return f", dated {years[0]}" + (f" to {years[-1]}" if len(years) > 1 else "")


# ---- A country ----


@dataclass(frozen=True)
class SideChannelRow:
    """A channel: in how many engagements an organisation of the country's side is named, and how far they came."""

    channel: Link
    origin: str
    engagements: Value
    latest: str
    states: str


@dataclass(frozen=True)
class RecentRow:
    """An engagement in short. `start` is a partial date; `clock` goes with the state: 'as of …'."""

    engagement: Link
    channel: Link
    start: str
    state: Value
    clock: str


def of_side(rows: Iterable[EngagementRow], side: str) -> tuple[EngagementRow, ...]:
    """The countable engagements in which an organisation of that side is named."""
    return tuple(row for row in countable(rows) if organisations_of(row, side))


def side_channels(rows: Iterable[EngagementRow], side: str) -> tuple[SideChannelRow, ...]:
    """One row a channel that has such an engagement, in the channels' order. `rows` as `of_side` gives them."""
    found = countable(rows)
    lines = []
    for slug, number in count_by_channel(found).items():
        own = [row for row in found if row.channel.slug == slug]
        channel = own[0].channel
        lines.append(
            SideChannelRow(
                channel=channel.link,
                origin=channel.origin_said,
                engagements=counted(number, listing(channel=slug, side=side)),
                latest=max(row.start for row in own),
                states=states_said(own),
            )
        )
    return tuple(lines)


def recent_rows(rows: Iterable[EngagementRow], today: str, most: int = LATEST_OF_COUNTRY) -> tuple[RecentRow, ...]:
    """The newest engagements in short, the newest first."""
    return tuple(
        RecentRow(row.link, row.channel.link, row.start, state_of(row), standing_of(row, today).clock)
        for row in newest(rows)[:most]
    )


def side_cooperation(
    place: Place, side: str, rows: Sequence[EngagementRow], of_all: Sequence[EngagementRow]
) -> CountryCooperation:
    """What China's or Russia's page says: `rows` name an organisation of its side, among `of_all`."""
    whole = len(countable(of_all))
    adjective = SIDE_WORDS[side]
    if not whole:
        return CountryCooperation("No engagement stands in our collection yet.", NOT_A_MEASURE, ())
    verb = "names" if len(rows) == 1 else "name"
    text = (
        f"{len(rows)} of the {several(whole, 'engagement')} of China and Russia recorded by us {verb} an organisation "
        f"on the {adjective} side"
    )
    if len(rows) < whole:
        text += "; of the others the sources seen name none"
    links = (
        Link(f"Its {several(len(rows), 'engagement')}", listing(side=side)),
        Link(f"Organisations of {the(place.name)}", f"/organisations/?country={place.code.lower()}"),
        Link("Cooperation between China and Russia", "/cooperation/"),
    )
    return CountryCooperation(f"{text}.", NOT_A_MEASURE, links if rows else links[-1:])


def taking_part(place: Place, rows: Iterable[EngagementRow]) -> tuple[TakingPartRow, ...]:
    """The organisations of a country that countable engagements name, and on whose side."""
    return tuple(row for row in organisations_in(rows) if row.country == place)


def guest_cooperation(place: Place, bodies: Sequence[TakingPartRow]) -> CountryCooperation | None:
    """What the page of any other country says; None where none of its organisations is named."""
    if not bodies:
        return None
    number = len({row.organisation for row in bodies})
    verb = "is" if number == 1 else "are"
    return CountryCooperation(
        f"{several(number, 'organisation')} of {the(place.name)} {verb} named in engagements of China and Russia "
        "recorded by us. To be named is all that is said: their page says as what, and who says so.",
        NOT_A_MEASURE,
        (Link("Cooperation between China and Russia", "/cooperation/"),),
    )


# ---- The front page ----


def confirmed(rows: Iterable[EngagementRow], today: str) -> ShareOfCells:
    """How many engagements are completed or cancelled, or were confirmed within 24 months."""
    found = countable(rows)
    old = len(longest_unconfirmed(found, today))
    return ShareOfCells(
        "engagements completed, cancelled, or confirmed within 24 months", len(found) - old, len(found)
    )


# ---- Coverage ----


@dataclass(frozen=True)
class CooperationCoverageRow:
    """How well the engagements of a channel are known. Percentages are of its engagements.

    `named`: an organisation is named on the Chinese and on the Russian side. `dated`: the start is known to the day.
    Plain numbers are those that no list is narrowed by.
    """

    channel: Link
    engagements: Value
    sourced: int
    sourced_percent: Decimal | None
    by_two: int
    by_two_percent: Decimal | None
    named: int
    dated: int
    with_value: int
    unconfirmed: Value
    unconfirmed_percent: Value
    contested: Value
    recheck: Value


def cooperation_coverage(rows: Iterable[EngagementRow], today: str) -> tuple[CooperationCoverageRow, ...]:
    """One row a channel that has an engagement, in the channels' order, and all of them together last."""
    found = countable(rows)
    lines = []
    for slug in count_by_channel(found):
        own = [row for row in found if row.channel.slug == slug]
        lines.append(_coverage(own[0].channel.link, own, today, channel=slug))
    if lines:
        lines.append(_coverage(Link("All channels", "/cooperation/"), found, today))
    return tuple(lines)


def _coverage(name: Link, rows: Sequence[EngagementRow], today: str, **within: str) -> CooperationCoverageRow:
    """One row: all of `rows`, which are those that the list shows `within` a channel."""

    def number(condition: Callable[[EngagementRow], bool]) -> int:
        return sum(map(condition, rows))

    def listed(condition: Callable[[EngagementRow], bool], **narrowed: str) -> Value:
        return tally(number(condition), listing(**narrowed, **within))

    def part(count: int) -> Decimal | None:
        share = percent(count, len(rows), "").content
        return share if isinstance(share, Decimal) else None

    sourced = number(lambda row: bool(publications(row)))
    by_two = number(lambda row: len(publications(row)) > 1)
    unconfirmed = listed(lambda row: bool(standing_of(row, today).unconfirmed_since), unconfirmed="yes")
    return CooperationCoverageRow(
        channel=name,
        engagements=tally(len(rows), listing(**within)),
        sourced=sourced,
        sourced_percent=part(sourced),
        by_two=by_two,
        by_two_percent=part(by_two),
        named=number(lambda row: bool(organisations_of(row, "chinese") and organisations_of(row, "russian"))),
        dated=number(lambda row: len(row.start) == len("2019-06-05")),
        with_value=number(lambda row: value_of(row).known),
        unconfirmed=unconfirmed,
        unconfirmed_percent=percent(number_of(unconfirmed), len(rows), unconfirmed.address),
        contested=listed(lambda row: row.contested, contested="yes"),
        recheck=listed(lambda row: bool(row.recheck), recheck="yes"),
    )


def coverage_sentence(rows: Iterable[EngagementRow], today: str) -> str:
    """Sources and clock of the whole collection in a sentence; '' where it is empty."""
    found = countable(rows)
    if not found:
        return ""
    sourced = sum(bool(publications(row)) for row in found)
    two = sum(len(publications(row)) > 1 for row in found)
    old = len(longest_unconfirmed(found, today))
    are = "is" if len(found) == 1 else "are"
    if sourced == len(found):
        every = "it leads" if sourced == 1 else "all of them lead"
    else:
        every = f"{sourced} of them {'leads' if sourced == 1 else 'lead'}"
    return (
        f"{start(several(len(found), 'engagement'))} of China and Russia {are} recorded; {every} to a source, {two} to "
        f"two or more; the state of {old} was not confirmed for more than 24 months."
    )
