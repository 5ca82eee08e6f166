"""Organisations that take part in cooperation: the list, and one with its engagements and partners."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.cooperation import SIDE_WORDS, count_or, in_words, listing, several
from tracker.analysis.engagement_page import marks_of
from tracker.analysis.engagements import SIDES, EngagementRow, OrganisationRef, Subject, newest, standing_of
from tracker.analysis.home import counted, number_of
from tracker.analysis.read_model import Cited, Facet, Link, PageModel, Place, Value, stated
from tracker.analysis.technologies import joined, the

NO_COUNTRY = "none"


@dataclass(frozen=True)
class OrganisationRow:
    """One line of the list. `sides`: on whose sides it takes part, in words; '' where in nothing of our collection."""

    organisation: Link
    original_name: str
    original_language: str
    kind: str
    country: Place | None
    parent: Link | None
    sides: str
    engagements: Value


@dataclass(frozen=True)
class Body:
    """An organisation as the record holds it, with every name it is found by."""

    ref: OrganisationRef
    kind_said: str
    parent: Link | None
    note: str = ""
    description: str = ""

    @property
    def names(self) -> str:
        return " ".join((self.ref.name, self.ref.original_name, self.ref.slug, *self.ref.aliases)).casefold()

    @property
    def country_code(self) -> str:
        return self.ref.country.code.lower() if self.ref.country else NO_COUNTRY


Parts = dict[int, set[tuple[int, str]]]


def organisation_row(body: Body, parts: Iterable[tuple[int, str]]) -> OrganisationRow:
    """`parts`: (engagement, side) of each part it takes in what may be counted."""
    taken = set(parts)
    number = len({engagement for engagement, _ in taken})
    return OrganisationRow(
        organisation=body.ref.link,
        original_name=body.ref.original_name,
        original_language=body.ref.original_language,
        kind=body.kind_said,
        country=body.ref.country,
        parent=body.parent,
        sides=sides_said(side for _, side in taken),
        engagements=count_or(number, listing(organisation=body.ref.slug), body.ref.address),
    )


def sides_said(sides: Iterable[str]) -> str:
    """'Chinese', 'Chinese, other', in the order of sides."""
    found = set(sides)
    return ", ".join(SIDE_WORDS[side] for side in SIDES if side in found)


def by_engagements(rows: Iterable[OrganisationRow]) -> tuple[OrganisationRow, ...]:
    """Those with the most engagements first, then by name."""
    return tuple(sorted(rows, key=lambda row: (-number_of(row.engagements), row.organisation.text.casefold())))


def organisation_facets(bodies: Sequence[Body], parts: Parts) -> dict[str, tuple[Facet, ...]]:
    """The choices of each filter with the number of organisations they leave."""
    kinds = Counter((body.ref.kind, body.kind_said) for body in bodies)
    countries = Counter(
        (body.country_code, body.ref.country.name if body.ref.country else "none, or not known") for body in bodies
    )
    sides = Counter(side for body in bodies for side in {side for _, side in parts.get(body.ref.pk, ())})
    return {
        "kind": tuple(Facet(kind, said, count) for (kind, said), count in sorted(kinds.items(), key=_by_count)),
        "country": tuple(
            Facet(code, name, count) for (code, name), count in sorted(countries.items(), key=_by_count)
        ),
        "side": tuple(Facet(side, SIDE_WORDS[side], sides[side]) for side in SIDES if sides[side]),
    }


def _by_count(item: tuple[tuple[str, str], int]) -> tuple[int, str]:
    return -item[1], item[0][1]


def organisations_sentence(bodies: Sequence[Body], parts: Parts) -> str:
    """'171 organisations, 150 of which take part in an engagement of our collection: 80 on the Chinese side …'."""
    taking = [body for body in bodies if parts.get(body.ref.pk)]
    sides = Counter(side for body in taking for side in {side for _, side in parts[body.ref.pk]})
    said = [f"{sides[side]} on {_on(side)}" for side in SIDES if sides[side]]
    take = f"{len(taking)} take{'s' if len(taking) == 1 else ''} part in an engagement of our collection"
    text = f"{several(len(bodies), 'organisation')}, of which {take}"
    return f"{text}: {joined(said)}." if said else f"{text}."


def _on(side: str) -> str:
    return "another side" if side == "other" else f"the {SIDE_WORDS[side]} side"


@dataclass(frozen=True)
class OrganisationEngagementRow:
    """An engagement, and what the organisation does there. Dates are partial."""

    engagement: Link
    channel: Link
    start: str
    role: str
    side: str
    named_as: str
    state: Value
    clock: str
    marks: Value


def engagement_rows(
    body: OrganisationRef, rows: Iterable[EngagementRow], today: str
) -> tuple[OrganisationEngagementRow, ...]:
    """Every part it takes, the newest engagement first; without a date last."""
    found = tuple(rows)
    dated = newest(found)
    lines = []
    for row in (*dated, *(row for row in found if row not in dated)):
        now = standing_of(row, today)
        for party in row.parties:
            if party.organisation is not None and party.organisation.pk == body.pk:
                lines.append(
                    OrganisationEngagementRow(
                        row.link,
                        row.channel.link,
                        row.start,
                        party.role,
                        SIDE_WORDS[party.side],
                        party.named_as if party.named_as != body.name else "",
                        stated(now.state or None, now.cited, basis="stated"),
                        now.clock,
                        marks_of(row),
                    )
                )
    return tuple(lines)


@dataclass(frozen=True)
class PartnerRow:
    """An organisation that takes part in the same engagements: how many, which, on whose side."""

    partner: Link
    country: Place | None
    side: str
    together: Value
    engagements: str


def partner_rows(body: OrganisationRef, rows: Iterable[EngagementRow], address: str) -> tuple[PartnerRow, ...]:
    """Those it meets most first. `address`: of the table of the organisation's engagements."""
    partners: dict[int, OrganisationRef] = {}
    titles: dict[int, dict[str, str]] = defaultdict(dict)
    sides: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        for party in row.parties:
            other = party.organisation
            if other is not None and other.pk != body.pk:
                partners[other.pk] = other
                titles[other.pk][row.slug] = row.title
                sides[other.pk].add(party.side)
    found = [
        PartnerRow(
            other.link,
            other.country,
            sides_said(sides[pk]),
            counted(len(titles[pk]), address),
            "; ".join(titles[pk].values()),
        )
        for pk, other in partners.items()
    ]
    return tuple(sorted(found, key=lambda row: (-number_of(row.together), row.partner.text.casefold())))


@dataclass(frozen=True)
class SubjectRow:
    """A tracked technology that engagements of the organisation touch."""

    technology: Link
    category: Link | None
    engagements: Value


def subject_rows(body: OrganisationRef, rows: Iterable[EngagementRow]) -> tuple[SubjectRow, ...]:
    """The technologies of its engagements, the most frequent first."""
    subjects: dict[str, Subject] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        own = {subject.slug: subject for subject in row.subjects if subject.technology}
        subjects |= own
        counts.update(own.keys())
    found = [
        SubjectRow(
            subject.link, subject.category, counted(counts[slug], listing(organisation=body.slug, technology=slug))
        )
        for slug, subject in subjects.items()
    ]
    return tuple(sorted(found, key=lambda row: (-number_of(row.engagements), row.technology.text)))


@dataclass(frozen=True)
class CaseLink:
    """A case that speaks of an organisation, and as what."""

    case: Link
    role: str


@dataclass(frozen=True, kw_only=True)
class OrganisationPage(PageModel):
    """`other_names` are its aliases; `kind` in words; `engagements` counts what it takes part in."""

    organisation: OrganisationRef
    kind: str
    description: str
    note: str
    other_names: tuple[str, ...]
    parent: Link | None
    children: tuple[Link, ...]
    engagements: Value
    cases: tuple[CaseLink, ...]
    topics: tuple[str, ...]
    caveats: tuple[str, ...]
    cited: tuple[Cited, ...]


def organisation_sentence(body: Body, rows: Sequence[EngagementRow], partners: Sequence[PartnerRow]) -> str:
    """'A company in China that takes part in five engagements of our collection, with nine other organisations.'"""
    where = f" in {the(body.ref.country.name)}" if body.ref.country else ""
    article = "An" if body.kind_said[:1] in "aeiou" else "A"
    text = f"{article} {body.kind_said}{where}"
    if not rows:
        return f"{text}. We know of no engagement between China and Russia in which it takes part."
    text += f" that takes part in {in_words(len(rows))} engagement{'' if len(rows) == 1 else 's'} of our collection"
    if partners:
        text += f", with {in_words(len(partners))} other organisation{'' if len(partners) == 1 else 's'}"
    return f"{text}."


def topics_of(rows: Iterable[EngagementRow]) -> tuple[str, ...]:
    """What its engagements are about besides tracked technologies, in alphabetical order."""
    return tuple(
        sorted({subject.topic for row in rows for subject in row.subjects if subject.topic}, key=str.casefold)
    )
