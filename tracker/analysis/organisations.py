"""Organisations that take part in cooperation: the list, and one with its engagements and partners."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.analysis.cooperation import count_or, in_words, listing, several
from tracker.analysis.engagement_page import CONTESTED, marks_of
from tracker.analysis.engagements import (
    SIDE_WORDS,
    SIDES,
    EngagementRow,
    OrganisationRef,
    Subject,
    newest,
    standing_of,
)
from tracker.analysis.home import counted, number_of
from tracker.analysis.listings import ControlRef, Stay
from tracker.analysis.read_model import Cited, Facet, Link, PageModel, Place, Value, stated
from tracker.analysis.technologies import joined, the

NO_COUNTRY = "none"
NAME_ONLY = (
    "Withheld: the sources that speak of it by itself do not allow republication. It is named here because "
    "engagements with open sources name it."
)


@dataclass(frozen=True)
class OrganisationRow:
    """One line of the list. `sides`: on whose sides it is named, in words; '' where in nothing of our collection.
    `lists`: those that it is or was on, as far as known to us."""

    organisation: Link
    original_name: str
    original_language: str
    kind: str
    country: Place | None
    parent: Link | None
    sides: str
    engagements: Value
    lists: tuple[Link, ...] = ()


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


@dataclass(frozen=True)
class Name:
    """A name, and the language its script lets guess (BCP 47); '' where it is written in Latin letters."""

    text: str
    language: str


# Where a script alone does not tell the language, the commonest in the record: a guess for hyphenation and speech.
SCRIPTS = (("CJK", "zh"), ("CYRILLIC", "ru"))
SAME_SCRIPT = {"zh": ("zh", "ja"), "ru": ("ru", "be", "uk", "kk", "bg")}


def language_of(name: str, original: str = "") -> str:
    """'zh' of Han, 'ru' of Cyrillic letters, '' of Latin ones; `original`: the language of the organisation's own
    name, which is taken where it is written in the same script."""
    words = [unicodedata.name(letter, "") for letter in name if letter.isalpha()]
    for script, language in SCRIPTS:
        if any(word.startswith(script) for word in words):
            return original if original.partition("-")[0] in SAME_SCRIPT[language] else language
    return ""


Parts = dict[int, set[tuple[int, str]]]


def organisation_row(
    body: Body, parts: Iterable[tuple[int, str]], lists: Iterable[ControlRef] = ()
) -> OrganisationRow:
    """`parts`: (engagement, side) of each part it takes in what may be counted; `lists`: those it is or was on."""
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
        lists=tuple(one.short_link for one in lists),
    )


def sides_said(sides: Iterable[str]) -> str:
    """'Chinese', 'Chinese, other', in the order of sides."""
    found = set(sides)
    return ", ".join(SIDE_WORDS[side] for side in SIDES if side in found)


def by_engagements(rows: Iterable[OrganisationRow]) -> tuple[OrganisationRow, ...]:
    """Those with the most engagements first, then by name."""
    return tuple(sorted(rows, key=lambda row: (-number_of(row.engagements), row.organisation.text.casefold())))


def organisation_facets(
    bodies: Sequence[Body], parts: Parts, lists: Mapping[int, Sequence[ControlRef]] | None = None
) -> dict[str, tuple[Facet, ...]]:
    """The choices of each filter with the number of organisations they leave. `lists`: by organisation."""
    listed = Counter(one for body in bodies for one in (lists or {}).get(body.ref.pk, ()))
    kinds = Counter((body.ref.kind, body.kind_said) for body in bodies)
    countries = Counter(
        (body.country_code, body.ref.country.name if body.ref.country else "none, or not known") for body in bodies
    )
    sides = Counter(side for body in bodies for side in {side for _, side in parts.get(body.ref.pk, ())})
    return {
        "kind": tuple(
            Facet(kind, said, count) for (kind, said), count in sorted(kinds.items(), key=_by_count) if kind
        ),
        "country": tuple(
            Facet(code, name, count) for (code, name), count in sorted(countries.items(), key=_by_count)
        ),
        "side": tuple(Facet(side, SIDE_WORDS[side], sides[side]) for side in SIDES if sides[side]),
        "listed": tuple(
            Facet(one.slug, one.called, count)
            for one, count in sorted(listed.items(), key=lambda pair: (-pair[1], pair[0].called))
        ),
    }


def _by_count(item: tuple[tuple[str, str], int]) -> tuple[int, str]:
    return -item[1], item[0][1]


def organisations_sentence(bodies: Sequence[Body], parts: Parts, listed: Collection[int] = ()) -> str:
    """'171 organisations, of which 150 are named in an engagement of our collection: 80 on the Chinese side …; 30 are
    or were on a list.' `listed`: those, by primary key."""
    taking = [body for body in bodies if parts.get(body.ref.pk)]
    sides = Counter(side for body in taking for side in {side for _, side in parts[body.ref.pk]})
    said = [f"{sides[side]} on {_on(side)}" for side in SIDES if sides[side]]
    take = f"{len(taking)} {'is' if len(taking) == 1 else 'are'} named in an engagement of our collection"
    text = f"{several(len(bodies), 'organisation')}, of which {take}"
    text = f"{text}: {joined(said)}" if said else text
    if on_lists := sum(body.ref.pk in listed for body in bodies):
        text += f"; {on_lists} {'is or was' if on_lists == 1 else 'are or were'} on a list"
    return f"{text}."


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
    contested: str


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
                        CONTESTED if row.contested else "",
                    )
                )
    return tuple(lines)


@dataclass(frozen=True)
class PartnerRow:
    """An organisation that is named in the same engagements: how many, which, on whose side."""

    partner: Link
    country: Place | None
    side: str
    together: Value
    engagements: str


def partner_rows(body: OrganisationRef, rows: Iterable[EngagementRow], address: str) -> tuple[PartnerRow, ...]:
    """Those it is named with most often first. `address`: of the table of the organisation's engagements."""
    partners: dict[int, OrganisationRef] = {}
    titles: dict[int, dict[str, str]] = defaultdict(dict)
    sides: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        for party in row.parties:
            other = party.organisation
            if other is not None and other.pk != body.pk:
                partners[other.pk] = other
                titles[other.pk][row.slug] = row.named
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
class OwnRelevanceRow:
    """A technology that an organisation concerns by our mapping, and why."""

    technology: Link
    category: Link | None
    reason: str
    mapping: str


@dataclass(frozen=True)
class CaseLink:
    """A case that speaks of an organisation, and as what."""

    case: Link
    role: str


@dataclass(frozen=True, kw_only=True)
class OrganisationPage(PageModel):
    """`other_names` are its aliases; `kind` in words; `engagements` counts those that name it.

    `on`: the day for which it is asked who was listed, ISO, or ''; `day_said` answers it. `warning`: that its listings
    are known second-hand. `stays` are what its figure of listings draws as of `day`.
    """

    organisation: OrganisationRef
    kind: str
    description: str
    note: str
    other_names: tuple[Name, ...]
    parent: Link | None
    children: tuple[Link, ...]
    engagements: Value
    cases: tuple[CaseLink, ...]
    topics: tuple[str, ...]
    caveats: tuple[str, ...]
    cited: tuple[Cited, ...]
    on: str = ""
    day_said: str = ""
    warning: str = ""
    day: str = field(default="", metadata={"twin": False})
    stays: tuple[Stay, ...] = field(default=(), metadata={"twin": False})


def organisation_sentence(body: Body, rows: Sequence[EngagementRow], partners: Sequence[PartnerRow]) -> str:
    """'A company in China that takes part in five engagements of our collection and is named in one that is contested,
    with nine other organisations.'"""
    where = f" in {the(body.ref.country.name)}" if body.ref.country else ""
    text = f"{with_article(body.kind_said or 'organisation')}{where}"
    if not rows:
        return f"{text}. No engagement of our collection names it."
    contested = sum(row.contested for row in rows)
    own = len(rows) - contested
    if own:
        text += f" that takes part in {in_words(own)} engagement{'' if own == 1 else 's'} of our collection"
    if contested and own:
        text += f" and is named in {in_words(contested)} that {'is' if contested == 1 else 'are'} contested"
    elif contested:
        plural = "" if contested == 1 else "s"
        text += f" that is named in {in_words(contested)} engagement{plural} of our collection, "
        text += f"which {'is' if contested == 1 else 'are'} contested"
    if partners:
        other = f"{in_words(len(partners))} other organisation{'' if len(partners) == 1 else 's'}"
        text += f"; named together with {other}"
    return f"{text}."


def with_article(noun: str) -> str:
    """'A company', 'A university', 'An institute'."""
    vowel = noun[:1].lower() in "aeiou" and not noun.lower().startswith(("uni", "use", "eu"))
    return f"{'An' if vowel else 'A'} {noun}"


def topics_of(rows: Iterable[EngagementRow]) -> tuple[str, ...]:
    """What its engagements are about besides tracked technologies, in alphabetical order."""
    return tuple(
        sorted({subject.topic for row in rows for subject in row.subjects if subject.topic}, key=str.casefold)
    )
