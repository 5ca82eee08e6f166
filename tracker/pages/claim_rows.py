"""Reading claims: the record -> the rows of `analysis.claims`.

One query for the claims; a page reads their citations with its others:

    claims = read_claims(reader, claims_on("engagement", [pk]))
    cited = reader.citations({**others, **claims_to_cite(claims)})
    rows = claim_rows(claims, cited)
    sides, table = claim_sides(rows), claims_table(rows, "Statements on …")
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Case as DbCase
from django.db.models import OuterRef, Q, Subquery, When

from tracker.analysis.claims import ClaimRow, evidence_words, sources_of_claim, stance_words
from tracker.analysis.read_model import Link, TableData
from tracker.models import Case, CaseParty, Claim, Engagement, Organisation, Participation
from tracker.models.claim import SUBJECTS
from tracker.pages.organisation_rows import ORGANISATION, sealed
from tracker.pages.rows import CitedBy, RecordReader, all_withheld, country_place

CLAIM = "claim"
# What claims can be about, by kind.
ABOUT: dict[str, Any] = {"engagement": Engagement.objects, "case": Case.objects, "organisation": Organisation.objects}


def claims_on(kind: str, pks: Collection[int]) -> Q:
    """The claims about records of one kind: 'engagement', 'case' or 'organisation'."""
    return Q(kind=kind, record__in=pks)


def claims_by_or_about(organisation: str) -> tuple[Q, ...]:
    """The claims of speakers for an organisation (its slug), and those about it, its cases and what is contested."""
    own = Organisation.objects.filter(slug=organisation).order_by()
    contested = Participation.objects.filter(organisation__slug=organisation, engagement__contested=True).order_by()
    cases = CaseParty.objects.filter(organisation__slug=organisation).order_by()
    return (
        Q(organisation__slug=organisation),
        Q(kind="organisation", record__in=own.values("pk")),
        Q(kind="engagement", record__in=contested.values("engagement")),
        Q(kind="case", record__in=cases.values("case")),
    )


def read_claims(reader: RecordReader, *wanted: Q) -> tuple[Claim, ...]:
    """The claims that fit any of `wanted`, oldest first (a year before its days, without a date last): one query."""
    chosen = Q(pk__in=[])
    for one in wanted:
        chosen |= one
    # By primary key: a natural key is as it was when the claim was recorded.
    slugs = [Subquery(every.filter(pk=OuterRef("record")).order_by().values("slug")) for every in ABOUT.values()]
    subject = DbCase(*(When(kind=kind, then=slug) for kind, slug in zip(ABOUT, slugs, strict=True)))
    found = Claim.objects.filter(chosen).select_related("organisation", "country").annotate(subject_slug=subject)
    claims = tuple(sorted(found, key=lambda claim: (not claim.date, claim.date, claim.position, claim.pk)))
    reader.show(CLAIM, (claim.pk for claim in claims))
    reader.show("organisation", (claim.organisation_id for claim in claims))
    reader.show("country", (claim.country_id for claim in claims))
    return claims


def claims_to_cite(claims: Iterable[Claim]) -> dict[str, list[int]]:
    """The records whose citations `claim_rows` needs: the claims, and for whom their speakers speak."""
    found = tuple(claims)
    bodies = {claim.organisation_id for claim in found if claim.organisation_id is not None}
    return {CLAIM: [claim.pk for claim in found], ORGANISATION: sorted(bodies)}


def claim_rows(
    claims: Iterable[Claim], cited: CitedBy, about: Mapping[tuple[str, int], Link] | None = None
) -> tuple[ClaimRow, ...]:
    """The claims that may be shown; one of which only withheld sources speak is left out.

    `about` names the records they are about, by (kind, pk); None where the page is about one record alone. A claim
    about a record that is not among them is left out with it: it may not be shown. A speaker for an organisation whose
    own sources are all withheld speaks for nobody.
    """
    rows = []
    for claim in claims:
        slug = getattr(claim, "subject_slug", claim.record_key)
        citations = cited.get((CLAIM, claim.pk), ())
        key = (claim.kind, claim.record)
        if all_withheld(citations) or (about is not None and key not in about):
            continue
        body, country = claim.organisation, claim.country
        if body is not None and sealed(cited, ORGANISATION, body.pk):
            body = None
        rows.append(
            ClaimRow(
                about=about[key] if about is not None else None,
                speaker=claim.speaker,
                speaks_for=Link(body.name, body.get_absolute_url()) if body else None,
                country=country_place(country.code, country.name) if country else None,
                date=claim.date,
                date_note=claim.date_note,
                stance=stance_words(claim.stance),
                statement=claim.statement,
                quote=claim.quote,
                evidence_shown=evidence_words(claim.evidence_shown),
                evidence=claim.evidence,
                note=claim.note,
                sources=sources_of_claim(citations, f"/{SUBJECTS[claim.kind]}/{slug}/"),
            )
        )
    return tuple(rows)


def claims_table(rows: tuple[ClaimRow, ...], caption: str, empty: str = "") -> TableData:
    """The statements as a table, for every page that shows them."""
    return TableData("claims", caption, rows, ClaimRow, empty=empty or "We know of no statement on it.")
