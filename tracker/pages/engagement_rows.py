"""Reading engagements: the record -> the rows of `analysis.engagements`.

Three queries whatever the number of engagements, and one for the citations of all:

    engagements(reader, of_channel(pk))                   four queries

A page that reads other citations too asks for both in one query:

    parts = engagement_parts(reader, of_technologies([pk]))
    cited = reader.citations({**others, **parts.to_cite})
    rows = parts.rows(cited)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q

from tracker.analysis.engagements import (
    ChannelRow,
    EngagementRow,
    OrganisationRef,
    Party,
    StatusRow,
    Subject,
    countable,
    named,
)
from tracker.analysis.read_model import Cited, Link
from tracker.models import Engagement, EngagementTechnology, Participation
from tracker.pages.organisation_rows import ENGAGEMENT, ORGANISATION, PARTICIPATION, name_only, of_whole, sealed
from tracker.pages.rows import CitedBy, RecordReader, all_withheld, country_place

# The kinds of record whose citations speak of an engagement.
STATUS, SUBJECT = "status", "engagementtechnology"

OWN_COLUMNS = (
    "pk", "slug", "code", "title", "start", "start_note", "end", "end_note", "description", "value_from", "value_to",
    "currency", "value_bound", "value_note", "counts_in_totals", "totals_note", "contested", "contested_note",
    "recheck", "note",
)  # fmt: skip


def of_channel(pk: int) -> Q:
    """The engagements in one channel."""
    return Q(channel=pk)


def of_technologies(pks: Collection[int]) -> Q:
    """The engagements that touch one of these technologies."""
    return Q(pk__in=EngagementTechnology.objects.filter(technology__in=pks).order_by().values("engagement"))


def of_organisations(pks: Collection[int]) -> Q:
    """The engagements in which one of these organisations takes part."""
    return Q(pk__in=Participation.objects.filter(organisation__in=pks).order_by().values("engagement"))


def of_programme(slug: str) -> Q:
    """An engagement with the programme it is a part of, the other parts of that, and its own parts."""
    own = Engagement.objects.filter(slug=slug).order_by()
    programme = own.filter(programme__isnull=False).values("programme")
    return (
        Q(pk__in=own.values("pk"))
        | Q(programme__in=own.values("pk"))
        | Q(pk__in=programme)
        | Q(programme__in=programme)
    )


@dataclass(frozen=True)
class EngagementParts:
    """Engagements as stored, their parts beside them, before anything is known of their citations.

    `programmes`: the primary key of the programme of those that have one. Statuses, parties and subjects are pairs
    of a primary key and the row. All by engagement.
    """

    found: tuple[EngagementRow, ...]
    programmes: Mapping[int, int]
    statuses: Mapping[int, list[tuple[int, StatusRow]]]
    parties: Mapping[int, list[tuple[int, Party]]]
    subjects: Mapping[int, list[tuple[int, Subject]]]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        """The records whose citations `rows` needs, by kind."""
        found = {ENGAGEMENT: [*{*(row.pk for row in self.found), *self.programmes.values()}]}
        for kind, parts in ((STATUS, self.statuses), (PARTICIPATION, self.parties), (SUBJECT, self.subjects)):
            found[kind] = [pk for pairs in parts.values() for pk, _ in pairs]
        bodies = {
            party.organisation.pk for pairs in self.parties.values() for _, party in pairs if party.organisation
        }
        return {**found, ORGANISATION: sorted(bodies)}

    def rows(self, cited: CitedBy) -> tuple[EngagementRow, ...]:
        """The engagements that may be shown, in the order they were read.

        Left out is an engagement, status, party or subject of which only withheld sources speak, the name of such a
        programme, and what only they say of a single column (`BLANKS`). A status or party without citations of its
        own has those of its engagement. Of an organisation whose own sources are all withheld the name is left.
        """
        return countable(self._row(row, cited) for row in self.found)

    def _row(self, row: EngagementRow, cited: CitedBy) -> EngagementRow:
        whole = cited.get((ENGAGEMENT, row.pk), ())
        general = of_whole(whole)

        def said_by(kind: str, pk: int) -> tuple[Cited, ...]:
            return cited.get((kind, pk), general)

        statuses = [
            replace(status, cited=said_by(STATUS, pk))
            for pk, status in self.statuses.get(row.pk, ())
            if not all_withheld(said_by(STATUS, pk))
        ]
        parties = [
            replace(_open_party(party, cited), cited=said_by(PARTICIPATION, pk))
            for pk, party in self.parties.get(row.pk, ())
            if not all_withheld(said_by(PARTICIPATION, pk))
        ]
        subjects = [
            subject for pk, subject in self.subjects.get(row.pk, ()) if not all_withheld(cited.get((SUBJECT, pk), ()))
        ]
        return replace(
            _without_withheld_columns(row, whole),
            statuses=tuple(statuses),
            parties=tuple(parties),
            subjects=tuple(subjects),
            programme=None if self._programme_withheld(row.pk, cited) else row.programme,
            cited=whole,
            withheld=all_withheld(general or whole),
        )

    def _programme_withheld(self, pk: int, cited: CitedBy) -> bool:
        return sealed(cited, ENGAGEMENT, self.programmes.get(pk, 0))


# What falls away with a column of which only withheld sources speak, by the name citations know the column by.
_VALUE: dict[str, Any] = {
    "value_from": None, "value_to": None, "currency": "", "value_bound": "", "value_note": "", "totals_note": "",
}  # fmt: skip
BLANKS: dict[str, dict[str, Any]] = {
    "start": {"start": "", "start_note": ""},
    "end": {"end": "", "end_note": ""},
    "value": _VALUE, "value_from": _VALUE, "value_to": _VALUE, "currency": _VALUE, "value_bound": _VALUE,
    "value_note": {"value_note": ""}, "totals_note": {"totals_note": ""},
    "start_note": {"start_note": ""}, "end_note": {"end_note": ""},
    "description": {"description": ""}, "note": {"note": ""}, "recheck": {"recheck": ""},
    "contested": {"contested_note": ""}, "contested_note": {"contested_note": ""},
}  # fmt: skip


def _without_withheld_columns(row: EngagementRow, cited: tuple[Cited, ...]) -> EngagementRow:
    blank: dict[str, Any] = {}
    for column in {citation.field for citation in cited} & BLANKS.keys():
        if all_withheld(tuple(citation for citation in cited if citation.field == column)):
            blank |= BLANKS[column]
    return replace(row, **blank) if blank else row


def _open_party(party: Party, cited: CitedBy) -> Party:
    body = party.organisation
    if body is None or not sealed(cited, ORGANISATION, body.pk):
        return party
    return replace(party, organisation=name_only(body))


def engagements(reader: RecordReader, *conditions: Q) -> tuple[EngagementRow, ...]:
    """The engagements that fit and may be shown, oldest start first: four queries."""
    parts = engagement_parts(reader, *conditions)
    return parts.rows(reader.citations(parts.to_cite))


def engagement_parts(reader: RecordReader, *conditions: Q, subjects: bool = True) -> EngagementParts:
    """The engagements that fit, oldest start first (a year before its days), and what belongs to them: three queries.

    Without `subjects` two: for pages that say nothing of what engagements are about.
    """
    found, programmes, statuses = _engagements(reader, conditions)
    pks = [row.pk for row in found]
    # All of them are not named one by one.
    of = Q(engagement__in=pks) if conditions else Q()
    about = _subjects(reader, of) if subjects else {}
    return EngagementParts(found, programmes, statuses, _parties(reader, of), about)


def _engagements(
    reader: RecordReader, conditions: Iterable[Q]
) -> tuple[tuple[EngagementRow, ...], dict[int, int], dict[int, list[tuple[int, StatusRow]]]]:
    # With its states in the same query, a row each, oldest first.
    rows = Engagement.objects.filter(*conditions).order_by(
        "start", "code", "pk", "statuses__as_of", "statuses__position", "statuses__pk"
    )
    found: dict[int, EngagementRow] = {}
    programmes: dict[int, int] = {}
    statuses: dict[int, list[tuple[int, StatusRow]]] = defaultdict(list)
    channels: dict[int, ChannelRow] = {}
    for row in rows.values(
        *OWN_COLUMNS, "programme_id", "programme__slug", "programme__title", "programme__contested", "channel_id",
        "channel__slug", "channel__name", "channel__description", "channel__origin", "channel__position",
        "statuses__pk", "statuses__state", "statuses__as_of", "statuses__note", "statuses__position",
    ):  # fmt: skip
        pk = row["pk"]
        if row["statuses__pk"]:
            status = StatusRow(
                row["statuses__state"], row["statuses__as_of"], row["statuses__note"], (), row["statuses__position"]
            )
            statuses[pk].append((row["statuses__pk"], status))
        if pk in found:
            continue
        if row["channel_id"] not in channels:
            channels[row["channel_id"]] = ChannelRow(
                row["channel_id"],
                row["channel__slug"],
                row["channel__name"],
                row["channel__description"],
                row["channel__origin"],
                row["channel__position"],
            )
        programme = row["programme__slug"]
        found[pk] = EngagementRow(
            **{name: _whole(row[name]) for name in OWN_COLUMNS},
            channel=channels[row["channel_id"]],
            programme=Link(named(row["programme__title"], row["programme__contested"]), f"/engagements/{programme}/")
            if programme
            else None,
        )
        if programme:
            programmes[pk] = row["programme_id"]
    reader.show(ENGAGEMENT, [*found, *programmes.values()])
    reader.show("channel", channels)
    reader.show(STATUS, (status_pk for pairs in statuses.values() for status_pk, _ in pairs))
    return tuple(found.values()), programmes, statuses


def _whole(stored: Any) -> Any:
    """A stored amount without the cents that nobody published: the column holds two decimals of every number."""
    return stored.quantize(Decimal(1)) if isinstance(stored, Decimal) and stored == stored.to_integral() else stored


def _parties(reader: RecordReader, of: Q) -> dict[int, list[tuple[int, Party]]]:
    """Parties by engagement, in the order of their side; with the aliases of organisations in the same query."""
    rows = Participation.objects.filter(of).order_by("engagement_id", "position", "pk", "organisation__aliases__name")
    parties: dict[int, tuple[int, int | None, Party]] = {}
    bodies: dict[int, OrganisationRef] = {}
    aliases: dict[int, dict[str, None]] = defaultdict(dict)
    shown: set[int] = set()
    for row in rows.values_list(
        "pk", "engagement_id", "side", "unnamed", "role", "named_as", "note", "organisation_id",
        "organisation__slug", "organisation__name", "organisation__kind", "organisation__original_name",
        "organisation__original_language", "organisation__country_id", "organisation__country__code",
        "organisation__country__name", "organisation__aliases__pk", "organisation__aliases__name",
    ):  # fmt: skip
        (
            pk, engagement, side, unnamed, role, named_as, note, body, slug, name, kind, original, language,
            country_pk, code, country, alias_pk, alias,
        ) = row  # fmt: skip
        if body and body not in bodies:
            place = country_place(code, country) if code else None
            bodies[body] = OrganisationRef(body, slug, name, kind, place, original, language)
            reader.show("country", [country_pk])
        if body and alias_pk:
            aliases[body][alias] = None
            shown.add(alias_pk)
        if pk not in parties:
            parties[pk] = (engagement, body, Party(side, None, unnamed, role, named_as, note))
    bodies = {pk: replace(body, aliases=tuple(aliases[pk])) for pk, body in bodies.items()}
    found: dict[int, list[tuple[int, Party]]] = defaultdict(list)
    for pk, (engagement, of_body, party) in parties.items():
        found[engagement].append((pk, replace(party, organisation=bodies[of_body]) if of_body else party))
    reader.show(PARTICIPATION, parties)
    reader.show("organisation", bodies)
    reader.show("organisationalias", shown)
    return found


def _subjects(reader: RecordReader, of: Q) -> dict[int, list[tuple[int, Subject]]]:
    rows = EngagementTechnology.objects.filter(of).order_by("engagement_id", "position", "pk")
    found: dict[int, list[tuple[int, Subject]]] = defaultdict(list)
    for row in rows.values_list(
        "pk", "engagement_id", "topic", "basis", "note", "technology_id", "technology__slug", "technology__name",
        "technology__level", "technology__category_id", "technology__category__slug", "technology__category__name",
    ):  # fmt: skip
        pk, engagement, topic, basis, note, technology, slug, name, level, category_pk, category, category_name = row
        room = "fields" if level == "field" else "technologies"
        subject = Subject(
            Link(name, f"/{room}/{slug}/") if technology else None,
            slug or "",
            Link(category_name, f"/technologies/?category={category}") if category else None,
            category or "",
            topic,
            basis,
            note,
            technology,
        )
        found[engagement].append((pk, subject))
        reader.show(SUBJECT, [pk])
        reader.show("technology", [technology])
        reader.show("category", [category_pk])
    return found
