"""/organisations/ and /organisations/<slug>/."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from tracker.analysis.claims import ClaimRow
from tracker.analysis.controls import OUR_MAPPING, warning
from tracker.analysis.cooperation import count_or, listing
from tracker.analysis.cooperation_timeline import timeline, timeline_ref
from tracker.analysis.engagements import HOW_SELECTED, NOT_A_MEASURE, SIDES, EngagementRow, OrganisationRef
from tracker.analysis.listings import (
    ControlRef,
    ListingRow,
    Stay,
    by_date,
    listed_sentence,
    listing_rows,
    listings_figure,
    listings_ref,
    organisation_day_sentence,
)
from tracker.analysis.ordering import ordered
from tracker.analysis.organisations import (
    NAME_ONLY,
    NO_COUNTRY,
    Body,
    CaseLink,
    Name,
    OrganisationEngagementRow,
    OrganisationPage,
    OrganisationRow,
    OwnRelevanceRow,
    PartnerRow,
    SubjectRow,
    by_engagements,
    engagement_rows,
    language_of,
    organisation_facets,
    organisation_row,
    organisation_sentence,
    organisations_sentence,
    partner_rows,
    subject_rows,
    topics_of,
)
from tracker.analysis.read_model import Facet, FigureRef, Link, PageModel, TableData, long_date
from tracker.history.past import Moment
from tracker.models import Case, CaseParty, Claim, Control, Country, Organisation, Relevance
from tracker.models.record import Basis
from tracker.pages.claim_rows import claim_rows, claims_by_or_about, claims_table, claims_to_cite, read_claims
from tracker.pages.control_rows import CONTROL, RELEVANCE, hidden, named_stays, read_stays
from tracker.pages.engagement_rows import (
    engagement_parts,
    of_organisations,
)
from tracker.pages.not_found import NotFound, alike
from tracker.pages.organisation_rows import (
    ENGAGEMENT,
    LISTING,
    ORGANISATION,
    Mentions,
    Naming,
    name_only,
    named_organisations,
    naming_of,
    read_mentions,
    sealed,
)
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, country_place, reading_record

CASE = "case"
TRAIL = (Link("Home", "/"), Link("Cooperation", "/cooperation/"))
LIST = Link("Organisations", "/organisations/")


def organisation_list(
    *,
    q: str = "",
    kind: str = "",
    country: str = "",
    side: str = "",
    listed: str = "",
    sort: str = "",
    at: Moment | None = None,
) -> PageModel:
    """Every organisation with the engagements that name it. Raises NotFound, UnknownSortKey."""
    with reading_record(at, editions=False) as reader:
        every = _bodies(reader)
        mentions = read_mentions()
        for one, pks in mentions.to_cite.items():
            reader.show(one, pks)
        cited = reader.citations(mentions.to_cite)
        naming = mentions.naming(cited)
        bodies, parts = list(_shown(every, naming).values()), naming.parts
        controls, lists = _lists(reader, mentions, cited)
        offered = organisation_facets(bodies, parts, lists)
        country = country.lower()
        known = {
            "kind": set(Organisation.Kind.values),
            "country": {NO_COUNTRY, *(code.lower() for code in _codes(country, offered["country"]))},
            "side": set(SIDES),
        }
        for name, value in (("kind", kind), ("country", country), ("side", side)):
            _check_choice(name, value, known[name], offered[name])
        if listed and listed not in controls:
            raise NotFound(
                f"There is no control “{listed[:80]}”.",
                tuple(Link(facet.label, f"/organisations/?listed={facet.value}") for facet in offered["listed"]),
            )
        words = q.casefold().split()
        rows = [
            organisation_row(body, parts.get(body.ref.pk, ()), lists.get(body.ref.pk, ()))
            for body in bodies
            if (not kind or body.ref.kind == kind)
            and (not country or body.country_code == country)
            and (not side or side in {its for _, its in parts.get(body.ref.pk, ())})
            and (not listed or listed in {one.slug for one in lists.get(body.ref.pk, ())})
            and all(word in body.names for word in words)
        ]
        return PageModel(
            title="Organisations",
            sentence=organisations_sentence(bodies, parts, lists),
            address="/organisations/",
            trail=TRAIL,
            missing=(
                NOT_A_MEASURE,
                "An organisation stands here because a source names it, as a party of an engagement or on a list; "
                "parties that the sources leave without a name are said on the page of their engagement.",
            ),
            tables=(
                TableData(
                    "organisations",
                    "Organisations, and the engagements of our collection that name them",
                    ordered(by_engagements(rows), sort, OrganisationRow),
                    OrganisationRow,
                    empty="No organisation fits these filters.",
                ),
            ),
            facets=offered,
            stamp=reader.stamp(),
        )


def _lists(
    reader: RecordReader, mentions: Mentions, cited: CitedBy
) -> tuple[dict[str, ControlRef], dict[int, list[ControlRef]]]:
    """Every control that may be shown, by slug, and those that each organisation is or was on, by name: one query."""
    rows = Control.objects.order_by("name", "pk").values_list("pk", "slug", "name", "short_name")
    refs = {pk: ControlRef(pk, slug, name, short) for pk, slug, name, short in rows}
    # Of a list without listings the citations are not read: nothing is said of it here but that it has none.
    refs = {pk: ref for pk, ref in refs.items() if not sealed(cited, CONTROL, pk)}
    own: dict[int, set[int]] = defaultdict(set)
    for row in mentions.rows:
        if row.kind == LISTING and row.organisation and row.about in refs and not sealed(cited, LISTING, row.pk):
            own[row.organisation].add(row.about)
    reader.show(CONTROL, {pk for pks in own.values() for pk in pks})
    lists = {body: [ref for pk, ref in refs.items() if pk in pks] for body, pks in own.items()}
    listed = {pk for pks in own.values() for pk in pks}
    return {ref.slug: ref for pk, ref in refs.items() if pk in listed}, lists


def _codes(country: str, offered: tuple[Facet, ...]) -> tuple[str, ...]:
    """The country's code if there is one; asked for only where no organisation that is shown stands there."""
    if not country or country in {facet.value for facet in offered}:
        return (country,)
    return tuple(Country.objects.filter(code=country.upper()).values_list("code", flat=True))


def _check_choice(name: str, value: str, known: Collection[str], offered: tuple[Facet, ...]) -> None:
    if value and value not in known:
        raise NotFound(
            f"No organisation has the {name} “{value[:60]}”.",
            tuple(Link(facet.label, f"/organisations/?{name}={facet.value}") for facet in offered),
        )


def _bodies(reader: RecordReader, *wanted: Q) -> dict[int, Body]:
    """Organisations by primary key, in order of name, with aliases, country and parent: one query."""
    kinds = dict(Organisation.Kind.choices)
    found: dict[int, Body] = {}
    for row in (
        Organisation.objects.filter(*wanted)
        .order_by("name", "pk", "aliases__name")
        .values(
            "pk", "slug", "name", "kind", "original_name", "original_language", "description", "note",
            "country_id", "country__code", "country__name", "parent_id", "parent__slug", "parent__name",
            "aliases__pk", "aliases__name",
        )
    ):  # fmt: skip
        pk = row["pk"]
        if pk not in found:
            place = country_place(row["country__code"], row["country__name"]) if row["country_id"] else None
            found[pk] = Body(
                OrganisationRef(
                    pk, row["slug"], row["name"], row["kind"], place, row["original_name"], row["original_language"]
                ),
                str(kinds.get(row["kind"], row["kind"])),
                Link(row["parent__name"], f"/organisations/{row['parent__slug']}/") if row["parent_id"] else None,
                row["note"],
                row["description"],
            )
            reader.show("country", [row["country_id"]])
            reader.show(ORGANISATION, [pk, row["parent_id"]])
        if row["aliases__pk"]:
            ref = found[pk].ref
            found[pk] = replace(found[pk], ref=replace(ref, aliases=(*ref.aliases, row["aliases__name"])))
            reader.show("organisationalias", [row["aliases__pk"]])
    return found


def _shown(bodies: Mapping[int, Body], naming: Naming) -> dict[int, Body]:
    """The organisations that may be named, each as far as it may be, without a parent that may not."""
    addresses = {body.ref.address for pk, body in bodies.items() if pk in naming.whole}
    found = {}
    for pk, body in bodies.items():
        if pk in naming.name_only:
            found[pk] = Body(name_only(body.ref), "", None)
        elif pk in naming.whole:
            known = body.parent is None or body.parent.address in addresses
            found[pk] = body if known else replace(body, parent=None)
    return found


def organisation(*, slug: str, on: datetime.date | None = None, at: Moment | None = None) -> OrganisationPage:
    """One organisation with all its engagements and listings; with `on` where it was listed on that day.

    Raises NotFound.
    """
    with reading_record(at, editions=False) as reader:
        claims = read_claims(reader, *claims_by_or_about(slug))
        spoken_of: dict[str, list[int]] = defaultdict(list)
        for claim in claims:
            spoken_of[claim.kind].append(claim.record)
        # With what it is a part of, what it contains, and those that its speakers speak of.
        above = Organisation.objects.filter(slug=slug, parent__isnull=False).order_by().values("parent")
        relatives = Q(pk__in=above) | Q(parent__slug=slug) | Q(pk__in=spoken_of[ORGANISATION])
        family = _bodies(reader, Q(slug=slug) | relatives)
        body = next((one for one in family.values() if one.ref.slug == slug), None)
        if body is None:
            raise _no_organisation(slug)
        pk, ref = body.ref.pk, body.ref
        parts = engagement_parts(reader, of_organisations([pk]) | Q(pk__in=spoken_of[ENGAGEMENT]))
        cases = _cases(reader, pk, spoken_of[CASE])
        listed = read_stays(reader, Q(organisation=pk))
        relevance = _relevance(reader, pk)
        cited = reader.citations(
            all_to_cite(
                parts.to_cite,
                claims_to_cite(claims),
                {ORGANISATION: list(family), CASE: list(cases)},
                {"caseparty": [party for case in cases.values() for party in case.own]},
                listed.to_cite,
                {RELEVANCE: [row["pk"] for row in relevance]},
            )
        )
        every = parts.rows(cited)
        rows = tuple(
            row for row in every if any(party.organisation and party.organisation.pk == pk for party in row.parties)
        )
        stays = listed.open(cited)
        naming = naming_of(cited, list(family), mentioned=[pk] if rows or stays else [])
        shown_bodies = _shown(family, naming)
        if pk not in shown_bodies:
            raise _no_organisation(slug)
        body, whole = shown_bodies[pk], pk in naming.whole
        ref = body.ref
        shown_cases = {one: case for one, case in cases.items() if not sealed(cited, CASE, one)}
        stays, today = by_date(named_stays(stays, naming)), datetime.date.fromisoformat(reader.day)
        listing_table = listing_rows(stays, on, today)
        when = f", and where it was listed on {long_date(on.isoformat())}" if on else ""
        partners = partner_rows(ref, rows, f"{ref.address}#table-engagements")
        said = _claims(shown_bodies, claims, cited, every, shown_cases) if whole else ()
        return OrganisationPage(
            title=ref.name,
            sentence=" ".join(
                filter(None, (organisation_sentence(body, rows, partners), listed_sentence(stays, today)))
            ),
            address=ref.address,
            trail=(*TRAIL, LIST),
            missing=() if whole else (NAME_ONLY,),
            tables=(
                TableData(
                    "engagements",
                    f"{ref.name}: the engagements that name it, the latest first",
                    engagement_rows(ref, rows, reader.day),
                    OrganisationEngagementRow,
                    empty="No engagement of our collection names it.",
                ),
                TableData(
                    "listings",
                    f"{ref.name}: the lists it is or was on, as far as known to us{when}",
                    listing_table,
                    ListingRow,
                    empty="We know of no list that it is or was on.",
                ),
                TableData(
                    "partners",
                    f"{ref.name}: organisations named in the same engagements; no direct relation is implied",
                    partners,
                    PartnerRow,
                    empty="No other organisation is named beside it.",
                ),
                TableData(
                    "technologies",
                    f"{ref.name}: the tracked technologies its engagements touch, by our reading",
                    subject_rows(ref, rows),
                    SubjectRow,
                    empty="None of its engagements touches a tracked technology.",
                ),
                TableData(
                    "concerned",
                    f"{ref.name}: technologies it concerns, by our mapping",
                    _relevance_rows(relevance, cited) if whole else (),
                    OwnRelevanceRow,
                    empty="We have mapped it to no tracked technology.",
                ),
                claims_table(
                    said,
                    f"{ref.name}: statements by it, about it, and about its contested engagements and its cases",
                    empty="We know of no statement by it or about it.",
                ),
            ),
            figures=(*_figures(ref, rows, reader.day), *_listings_figure(ref, stays, reader.day, on)),
            organisation=ref,
            kind=body.kind_said,
            description=body.description,
            note=body.note,
            other_names=tuple(Name(one, language_of(one, ref.original_language)) for one in ref.aliases),
            parent=body.parent,
            children=tuple(
                one.ref.link
                for one in shown_bodies.values()
                if whole and one.parent is not None and one.parent.address == ref.address
            ),
            engagements=count_or(len(rows), listing(organisation=ref.slug), ref.address),
            cases=tuple(
                CaseLink(case.link, case.role)
                for case in shown_cases.values()
                if whole and case.own and not all(sealed(cited, "caseparty", party) for party in case.own)
            ),
            topics=topics_of(rows),
            caveats=(NOT_A_MEASURE, HOW_SELECTED),
            cited=cited.get((ORGANISATION, pk), ()),
            on=on.isoformat() if on else "",
            day_said=_day_said(stays, on, today),
            warning=warning(listing_table, "listings"),
            day=reader.day,
            stays=stays,
            stamp=reader.stamp(),
        )


def _day_said(stays: Sequence[Stay], on: datetime.date | None, today: datetime.date) -> str:
    if on is None:
        return ""
    if not stays:
        return f"On {long_date(on.isoformat())}: we know of no list that it is or was on."
    return organisation_day_sentence(stays, on, today)


def _relevance(reader: RecordReader, pk: int) -> list[dict[str, Any]]:
    """The technologies that an organisation concerns by our mapping: one query."""
    rows: list[Any] = list(
        Relevance.objects.filter(kind=ORGANISATION, record=pk)
        .order_by("position", "technology__name", "pk")
        .values(
            "pk", "basis", "reason", "technology_id", "technology__slug", "technology__name", "technology__level",
            "technology__category_id", "technology__category__slug", "technology__category__name",
        )
    )  # fmt: skip
    reader.show(RELEVANCE, (row["pk"] for row in rows))
    reader.show("technology", (row["technology_id"] for row in rows))
    reader.show("category", (row["technology__category_id"] for row in rows))
    return rows


def _relevance_rows(rows: Iterable[Mapping[str, Any]], cited: CitedBy) -> tuple[OwnRelevanceRow, ...]:
    found = []
    for row in rows:
        if hidden(cited, RELEVANCE, row["pk"]):
            continue
        room = "fields" if row["technology__level"] == "field" else "technologies"
        slug, name = row["technology__category__slug"], row["technology__category__name"]
        found.append(
            OwnRelevanceRow(
                Link(row["technology__name"], f"/{room}/{row['technology__slug']}/"),
                Link(name, f"/technologies/?category={slug}") if slug else None,
                row["reason"],
                OUR_MAPPING if row["basis"] == Basis.DERIVED else str(Basis(row["basis"]).label),
            )
        )
    return tuple(found)


def _listings_figure(
    ref: OrganisationRef, stays: Sequence[Stay], day: str, on: datetime.date | None
) -> tuple[FigureRef, ...]:
    """Its stays on lists over time; none where it is on none."""
    if not stays:
        return ()
    drawn = listings_figure(stays, (), day, about=ref.name, of_organisation=True, on=on)
    query = f"organisation={ref.slug}" + (f"&on={on.isoformat()}" if on else "")
    return (listings_ref(drawn, query, "listings"),)


def _no_organisation(slug: str) -> NotFound:
    links = alike(slug, (ref.link for ref in named_organisations()))
    return NotFound(f"There is no organisation “{slug[:80]}”.", (*links, Link("All organisations", LIST.address)))


@dataclass(frozen=True)
class _FoundCase:
    """A case; `own`: primary keys of the rows that make the organisation a party of it."""

    link: Link
    role: str
    own: tuple[int, ...]


def _cases(reader: RecordReader, organisation: int, others: Collection[int]) -> dict[int, _FoundCase]:
    """The cases that speak of an organisation, and `others`, by primary key, the newest first: one query."""
    found: dict[int, _FoundCase] = {}
    own = CaseParty.objects.filter(organisation=organisation).order_by()
    rows = Case.objects.filter(Q(pk__in=own.values("case")) | Q(pk__in=others)).order_by("-date", "title", "pk")
    for pk, slug, title, party, body, role in rows.values_list(
        "pk", "slug", "title", "parties__pk", "parties__organisation_id", "parties__role"
    ):
        known = found.get(pk) or _FoundCase(Link(title, f"/cases/{slug}/"), "", ())
        if body == organisation:
            known = replace(known, role=role, own=(*known.own, party))
            reader.show("caseparty", [party])
        found[pk] = known
    reader.show(CASE, found)
    return found


def _claims(
    bodies: Mapping[int, Body],
    claims: Iterable[Claim],
    cited: CitedBy,
    engagements: Iterable[EngagementRow],
    cases: Mapping[int, _FoundCase],
) -> tuple[ClaimRow, ...]:
    """The statements by it or about it, on what may be shown."""
    about = {(ORGANISATION, pk): body.ref.link for pk, body in bodies.items()}
    about |= {(ENGAGEMENT, row.pk): row.link for row in engagements}
    about |= {(CASE, pk): case.link for pk, case in cases.items()}
    return claim_rows(claims, cited, about)


def _figures(ref: OrganisationRef, rows: tuple[EngagementRow, ...], today: str) -> tuple[FigureRef, ...]:
    """The timeline of its engagements, where there are two or more."""
    if sum(bool(row.start) for row in rows) < 2:
        return ()
    drawn = timeline(rows, today, about=ref.name)
    return (timeline_ref(drawn, f"organisation={ref.slug}", "engagements"),)
