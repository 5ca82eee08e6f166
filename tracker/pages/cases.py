"""/cases/<slug>/."""

from __future__ import annotations

from tracker.analysis.cases import CasePage, CasePartyRow
from tracker.analysis.claims import claim_sides
from tracker.analysis.read_model import Link, long_date
from tracker.history.past import Moment
from tracker.models import Case, CaseParty
from tracker.pages.claim_rows import claim_rows, claims_on, claims_table, claims_to_cite, read_claims
from tracker.pages.not_found import NotFound, alike
from tracker.pages.organisation_rows import ORGANISATION, sealed
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, country_place, reading_record

TRAIL = (Link("Home", "/"), Link("Cooperation", "/cooperation/"))


def case(*, slug: str, at: Moment | None = None) -> CasePage:
    """One matter in question. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        found = Case.objects.filter(slug=slug).first()
        if found is None:
            raise _no_case(slug)
        reader.show("case", [found.pk])
        parties = _parties(reader, found)
        claims = read_claims(reader, claims_on("case", [found.pk]))
        cited = reader.citations(
            all_to_cite(
                {"case": [found.pk], "caseparty": [party.pk for party in parties]},
                {ORGANISATION: [party.organisation_id for party in parties]},
                claims_to_cite(claims),
            )
        )
        citations = cited.get(("case", found.pk), ())
        if sealed(cited, "case", found.pk):
            raise _no_case(slug)
        rows = claim_rows(claims, cited)
        party_rows = tuple(
            _party_row(party) for party in parties if party_shown(cited, party.pk, party.organisation_id)
        )
        sides = claim_sides(rows)
        when = f" ({long_date(found.date)})" if found.date else ""
        speakers = sorted({row.speaker for row in rows})
        return CasePage(
            title=found.title,
            sentence=f"A matter in question{when}: {_said(len(rows), len(speakers))}",
            address=found.get_absolute_url(),
            trail=TRAIL,
            missing=_missing(rows_without_evidence=sum(not row.evidence_known for row in rows), total=len(rows)),
            tables=(claims_table(rows, f"{found.title}: who said what, and what is known of the evidence"),),
            summary=found.summary,
            date=found.date,
            date_note=found.date_note,
            note=found.note,
            parties=party_rows,
            sides=sides,
            cited=citations,
            stamp=reader.stamp(),
        )


def _no_case(slug: str) -> NotFound:
    return NotFound(f"There is no case “{slug[:60]}”.", (*alike(slug, shown_cases()), TRAIL[1]))


def shown_cases() -> tuple[Link, ...]:
    """Every case that may be shown, the newest first: two queries, for suggestions."""
    found = {one.pk: Link(one.title, one.get_absolute_url()) for one in Case.objects.order_by("-date", "title", "pk")}
    cited = RecordReader(None).citations({"case": list(found)})
    return tuple(link for pk, link in found.items() if not sealed(cited, "case", pk))


def party_shown(cited: CitedBy, party: int, organisation: int) -> bool:
    """Whether a case may name a party. `cited`: the citations of "caseparty" and "organisation", by primary key.

    An organisation without sources of its own is named by the case that is shown; of one whose own are all withheld
    only engagements are (see `organisation_rows`).
    """
    return not sealed(cited, "caseparty", party) and not sealed(cited, ORGANISATION, organisation)


def _parties(reader: RecordReader, found: Case) -> tuple[CaseParty, ...]:
    """The organisations the case speaks of, in its order: one query."""
    parties = tuple(found.parties.select_related("organisation__country").order_by("position", "pk"))
    reader.show("caseparty", [party.pk for party in parties])
    reader.show("organisation", [party.organisation_id for party in parties])
    reader.show("country", [party.organisation.country_id for party in parties])
    return parties


def _party_row(party: CaseParty) -> CasePartyRow:
    body = party.organisation
    country = country_place(body.country.code, body.country.name) if body.country else None
    return CasePartyRow(Link(body.name, body.get_absolute_url()), country, party.role)


def _said(statements: int, speakers: int) -> str:
    if not statements:
        return "we know of no statement on it yet."
    number = f"{statements} statement{'' if statements == 1 else 's'}"
    return f"{number} of {speakers} speaker{'' if speakers == 1 else 's'}, with what is known of the evidence."


def _missing(*, rows_without_evidence: int, total: int) -> tuple[str, ...]:
    if not rows_without_evidence:
        return ()
    return (f"For {rows_without_evidence} of {total} statements it is not known to us whether evidence was shown.",)
