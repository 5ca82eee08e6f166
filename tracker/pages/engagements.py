"""/engagements/ and /engagements/<slug>/."""

from __future__ import annotations

from urllib.parse import urlencode

from tracker.analysis.claims import claim_sides
from tracker.analysis.engagement_page import (
    PRECISION,
    SIDE_NAMES,
    Chosen,
    EngagementListPage,
    EngagementPage,
    PartyRow,
    SourceMarkRow,
    StatusShown,
    SubjectRow,
    collection_sentence,
    dated,
    engagement_sentence,
    engagement_table,
    facets,
    fitting,
    marks_of,
    party_row,
    seen_through,
    source_marks,
    state_of,
    status_shown,
    subject_row,
    sure_sentence,
    totals_words,
)
from tracker.analysis.engagements import (
    ENDED,
    HOW_SELECTED,
    MAPPING_IS_OURS,
    NOT_A_MEASURE,
    SIDES,
    EngagementRow,
    standing_of,
)
from tracker.analysis.money import value_of
from tracker.analysis.read_model import Facet, Link, TableData
from tracker.analysis.technologies import joined, lower_first
from tracker.history.past import Moment
from tracker.pages.claim_rows import claim_rows, claims_on, claims_table, claims_to_cite, read_claims
from tracker.pages.engagement_rows import engagement_parts, engagements, of_programme
from tracker.pages.leader_rows import Leaders
from tracker.pages.not_found import NotFound
from tracker.pages.rows import reading_record

COOPERATION = Link("Cooperation", "/cooperation/")
# Characters that a free text may have.
LONGEST = 200


def engagement_list(*, sort: str = "", at: Moment | None = None, **choices: str) -> EngagementListPage:
    """All engagements, narrowed by `choices` (the fields of `Chosen`). Raises NotFound, UnknownSortKey."""
    chosen = Chosen(**choices)
    with reading_record(at, editions=False) as reader:
        rows = engagements(reader)
        offered = facets(rows, reader.day)
        for name, facet in offered.items():
            _check_choice(name, getattr(chosen, name), facet)
        found = fitting(rows, chosen, reader.day)
        return EngagementListPage(
            title="Engagements",
            sentence=collection_sentence(rows, reader.day),
            address="/engagements/",
            trail=(Link("Home", "/"), COOPERATION),
            tables=(
                engagement_table(
                    found,
                    reader.day,
                    caption="Engagements between China and Russia in our collection"
                    + (": those that fit the choices made" if chosen.anything else ""),
                    sort=sort,
                    empty="No engagement in our collection fits these choices.",
                ),
            ),
            facets=offered,
            fitting=len(found),
            total=len(rows),
            narrowed=chosen.anything,
            caveats=(NOT_A_MEASURE, HOW_SELECTED, MAPPING_IS_OURS),
            stamp=reader.stamp(),
        )


def _check_choice(name: str, value: str, offered: tuple[Facet, ...]) -> None:
    if value and value not in {facet.value for facet in offered}:
        raise NotFound(
            f"No engagement in our collection has the {name} “{value[:80]}”.",
            tuple(Link(facet.label, f"/engagements/?{name}={facet.value}") for facet in offered[:12]),
        )


def engagement(*, slug: str, at: Moment | None = None) -> EngagementPage:
    """One engagement whole. Raises NotFound, for one that may not be shown too."""
    with reading_record(at) as reader:
        parts = engagement_parts(reader, of_programme(slug))
        own = next((row.pk for row in parts.found if row.slug == slug), None)
        if own is None:
            raise _unknown(slug)
        touched = [subject.technology_pk for _, subject in parts.subjects.get(own, ()) if subject.technology_pk]
        leaders = Leaders(reader, "", touched, (), whole=False) if touched else None
        claims = read_claims(reader, claims_on("engagement", [own]))
        to_cite = {**parts.to_cite, **claims_to_cite(claims), **(leaders.to_cite if leaders else {})}
        cited = reader.citations(to_cite)
        rows = parts.rows(cited)
        row = next((one for one in rows if one.pk == own), None)
        if row is None:
            raise _unknown(slug)
        if leaders:
            leaders.cite(cited)
        standings = leaders.standings() if leaders else {}
        subjects = tuple(subject_row(one, standings.get(one.technology_pk or 0)) for one in row.subjects)
        said = claim_rows(claims, cited)
        related = [one for one in rows if one.pk != own]
        today = reader.day
        now = standing_of(row, today)
        value = value_of(row)
        return EngagementPage(
            title=row.title,
            sentence=engagement_sentence(row, today),
            address=row.address,
            trail=(Link("Home", "/"), COOPERATION, Link("Engagements", "/engagements/")),
            missing=_missing(row, subjects),
            tables=(
                TableData(
                    "parties",
                    f"{row.title}: who takes part",
                    tuple(party_row(party) for side in SIDES for party in row.of_side(side)),
                    PartyRow,
                    empty="No party is known to us.",
                ),
                TableData(
                    "statuses",
                    f"{row.title}: how far it had come, as sources show it",
                    tuple(status_shown(status) for status in row.statuses),
                    StatusShown,
                    empty="No state may be shown.",
                ),
                TableData(
                    "technologies",
                    f"{row.title}: technologies and topics, and who leads in them",
                    subjects,
                    SubjectRow,
                    empty="It touches none of the tracked technologies by our reading, and no topic is recorded.",
                ),
                claims_table(said, f"{row.title}: what is said about it", "We know of no dispute about it."),
                engagement_table(
                    related,
                    today,
                    name="programme",
                    caption=f"The programme “{row.programme.text}” and its other parts"
                    if row.programme
                    else f"Parts of {row.title}",
                    empty="It is part of no programme, and has no parts in our collection.",
                ),
                TableData(
                    "sources",
                    f"{row.title}: its sources and their marks",
                    source_marks(row),
                    SourceMarkRow,
                    empty="No source is recorded.",
                ),
            ),
            code=row.code,
            channel=row.channel.link,
            channel_origin=row.channel.origin_said,
            description=row.description,
            programme=row.programme,
            start=row.start,
            start_note=row.start_note,
            start_precision=PRECISION.get(len(row.start), ""),
            end=row.end,
            end_note=row.end_note,
            end_precision=PRECISION.get(len(row.end), ""),
            begun=dated(row, "start"),
            ended=dated(row, "end"),
            state=state_of(row),
            clock=now.clock,
            unconfirmed=bool(now.unconfirmed_since),
            marks=marks_of(row, codes=True),
            seen_through=seen_through(row),
            how_sure=sure_sentence(row),
            contested=row.contested,
            contested_note=row.contested_note,
            recheck=row.recheck,
            value=value,
            value_note=row.value_note,
            value_from=row.value_from if value.known else None,
            value_to=row.value_to if value.known else None,
            currency=row.currency if value.known else "",
            counts_in_totals=row.counts_in_totals,
            totals=totals_words(row),
            note=row.note,
            claims=claim_sides(said),
            stamp=reader.stamp(),
        )


def _unknown(slug: str) -> NotFound:
    words = urlencode({"q": slug.replace("-", " ")[:LONGEST]})
    return NotFound(
        f"There is no engagement “{slug[:80]}”.",
        (Link("Engagements with these words", f"/engagements/?{words}"), Link("All engagements", "/engagements/")),
    )


def _missing(row: EngagementRow, subjects: tuple[SubjectRow, ...]) -> tuple[str, ...]:
    """What the page cannot say, in sentences."""
    missing = [
        f"Who takes part on the {SIDE_NAMES[side]} is not named in the sources seen."
        if row.of_side(side)
        else f"No party of the {SIDE_NAMES[side]} is recorded."
        for side in ("chinese", "russian")
        if not any(party.organisation for party in row.of_side(side))
    ]
    if row.value_from is None:
        missing.append("Its value in money is not known to us.")
    if not row.end and (row.status is None or row.status.state not in ENDED):
        missing.append("When it ends, or ended, is not known to us.")
    unknown = [one.subject.text for one in subjects if one.leader is not None and not one.leader.known]
    if unknown:
        missing.append(f"Who leads in {joined([lower_first(name) for name in unknown])} is not known to us.")
    return tuple(missing)
