"""/engagements/ and /engagements/<slug>/."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from tracker.analysis.claims import claim_sides
from tracker.analysis.engagement_page import (
    NONE,
    PRECISION,
    YES_NO,
    Chosen,
    EngagementListPage,
    EngagementPage,
    PartyRow,
    SourceMarkRow,
    StatusShown,
    SubjectRow,
    collection_sentence,
    dated,
    end_label,
    end_remark,
    engagement_sentence,
    engagement_table,
    facets,
    fitting,
    has_ended,
    marks_of,
    party_row,
    seen_through,
    source_marks,
    state_of,
    status_shown,
    subject_row,
    sure_sentence,
    totals_words,
    unnamed_words,
    with_confirmed,
)
from tracker.analysis.engagements import (
    CREDIBILITY,
    HOW_SELECTED,
    MAPPING_IS_OURS,
    NOT_A_MEASURE,
    RELIABILITY,
    SIDE_NAMES,
    SIDES,
    STATES,
    EngagementRow,
    standing_of,
)
from tracker.analysis.money import value_of
from tracker.analysis.read_model import Facet, Link, TableData
from tracker.analysis.technologies import joined, lower_first
from tracker.history.past import Moment
from tracker.models import Category, Channel, Organisation, Technology
from tracker.pages.claim_rows import claim_rows, claims_on, claims_table, claims_to_cite, read_claims
from tracker.pages.engagement_rows import engagement_parts, engagements, of_programme
from tracker.pages.leader_rows import Leaders
from tracker.pages.not_found import NotFound
from tracker.pages.organisation_rows import ORGANISATION, naming_of
from tracker.pages.rows import RecordReader, all_to_cite, reading_record

COOPERATION = Link("Cooperation", "/cooperation/")
# Characters that a free text may have.
LONGEST = 200


def engagement_list(
    *, sort: str = "", organisation: tuple[str, ...] = (), at: Moment | None = None, **choices: str
) -> EngagementListPage:
    """All engagements, narrowed by `choices` (the fields of `Chosen`). Raises NotFound, UnknownSortKey."""
    chosen = Chosen(organisation=organisation, **choices)
    with reading_record(at, editions=False) as reader:
        rows = engagements(reader)
        offered = facets(rows, reader.day)
        for name, facet in offered.items():
            values = organisation if name == "organisation" else (getattr(chosen, name),)
            offered[name] = (*facet, *_without_rows(reader, name, values, facet))
        found = fitting(rows, chosen, reader.day)
        return EngagementListPage(
            title="Engagements",
            sentence=collection_sentence(found, reader.day, len(rows) if chosen.anything else None),
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
            caveat=NOT_A_MEASURE,
            caveats=(NOT_A_MEASURE, HOW_SELECTED, MAPPING_IS_OURS),
            stamp=reader.stamp(),
        )


# What a filter may name whether or not an engagement has it.
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "status": (*STATES, NONE),
    "year": (NONE,),
    "category": (NONE,),
    "side": SIDES,
    "reliability": (*RELIABILITY, NONE),
    "credibility": (*CREDIBILITY, NONE),
    **dict.fromkeys(("contested", "unconfirmed", "recheck"), YES_NO),
}
NAMED_IN_RECORD: dict[str, type[Channel] | type[Technology] | type[Category]] = {
    "channel": Channel,
    "technology": Technology,
    "category": Category,
}
# What is said of a value that a filter does not know.
UNKNOWN_WORDS = {
    "channel": "There is no channel “{}”.",
    "status": "There is no state “{}”.",
    "year": "“{}” is no year.",
    "technology": "There is no technology “{}”.",
    "category": "There is no category “{}”.",
    "organisation": "There is no organisation “{}”.",
    "side": "There is no side “{}”.",
    "reliability": "There is no mark “{}” of a source.",
    "credibility": "There is no mark “{}” of what a source says.",
    "contested": "Contested is “yes” or “no”, not “{}”.",
    "unconfirmed": "Not confirmed for 24 months is “yes” or “no”, not “{}”.",
    "recheck": "To be checked before quoting is “yes” or “no”, not “{}”.",
}


def _without_rows(
    reader: RecordReader, name: str, values: tuple[str, ...], offered: tuple[Facet, ...]
) -> tuple[Facet, ...]:
    """Of the values chosen those that are known, but that no engagement has. Raises NotFound for unknown ones."""
    new = [value for value in dict.fromkeys(values) if value and value not in {facet.value for facet in offered}]
    found = []
    for value in new:
        said = _said_in_record(reader, name, value)
        if said is None:
            raise NotFound(
                UNKNOWN_WORDS[name].format(value[:80]),
                tuple(Link(facet.label, f"/engagements/?{name}={facet.value}") for facet in offered[:12]),
            )
        found.append(Facet(value, said, 0))
    return tuple(found)


def _said_in_record(reader: RecordReader, name: str, value: str) -> str | None:
    """How a value of a filter is said that no engagement has; None where there is no such value."""
    if value in VOCABULARIES.get(name, ()):
        return "not known" if value == NONE else SIDE_NAMES.get(value, value)
    if name == "year":
        return value if len(value) == 4 and value.isascii() and value.isdecimal() else None
    if name == "organisation":
        body = Organisation.objects.filter(slug=value).first()
        if body is None:
            return None
        cited = reader.citations({ORGANISATION: [body.pk]})
        return body.name if body.pk in naming_of(cited, [body.pk]) else None
    model = NAMED_IN_RECORD.get(name)
    found = model.objects.filter(slug=value).first() if model else None
    return str(found) if found else None


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
        to_cite = all_to_cite(parts.to_cite, claims_to_cite(claims), leaders.to_cite if leaders else {})
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
            title=row.named,
            sentence=engagement_sentence(row, today),
            address=row.address,
            trail=(Link("Home", "/"), COOPERATION, Link("Engagements", "/engagements/")),
            missing=_missing(row, subjects),
            tables=(
                TableData(
                    "parties",
                    f"{row.named}: {'named as a party' if row.contested else 'who takes part'}",
                    tuple(party_row(party) for side in SIDES for party in row.of_side(side)),
                    PartyRow,
                    empty="No party is known to us.",
                ),
                TableData(
                    "statuses",
                    f"{row.named}: how far it had come, as sources show it",
                    tuple(status_shown(status) for status in row.statuses),
                    StatusShown,
                    empty="No state may be shown.",
                ),
                TableData(
                    "technologies",
                    f"{row.named}: technologies and topics, and who leads in them",
                    subjects,
                    SubjectRow,
                    empty="It touches none of the tracked technologies by our reading, and no topic is recorded.",
                ),
                claims_table(said, f"{row.named}: what is said about it", "No dispute is recorded by us."),
                engagement_table(
                    related,
                    today,
                    name="programme",
                    caption=f"The programme “{row.programme.text}” and its other parts"
                    if row.programme
                    else f"Parts of {row.named}",
                    empty="It is part of no programme, and has no parts in our collection.",
                ),
                TableData(
                    "sources",
                    with_confirmed(
                        f"{row.named}: its sources and their marks", (line.credibility for line in source_marks(row))
                    ),
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
            end_label=end_label(row, today),
            end_remark=end_remark(row, today),
            has_ended=has_ended(row),
            begun=dated(row, "start"),
            ended=dated(row, "end"),
            state=state_of(row),
            clock=now.clock,
            unconfirmed=bool(now.unconfirmed_since),
            marks=marks_of(row, codes=True),
            seen_through=seen_through(row),
            how_sure=sure_sentence(row, said),
            contested=row.contested,
            contested_note=row.contested_note,
            recheck=row.recheck,
            # Its note is `value_note`.
            value=replace(value, note="") if value.known else value,
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
        unnamed_words(row, side) or f"No party of the {SIDE_NAMES[side]} is recorded."
        for side in ("chinese", "russian")
        if not any(party.organisation for party in row.of_side(side))
    ]
    if row.value_from is None:
        missing.append("Its value in money is not known to us.")
    if not row.end:
        missing.append(
            f"It is {row.status.state}; when it ended is not known to us."
            if row.status and has_ended(row)
            else "When it ends, or ended, is not known to us."
        )
    unknown = [one.subject.text for one in subjects if one.leader is not None and not one.leader.known]
    if unknown:
        missing.append(f"Who leads in {joined([lower_first(name) for name in unknown])} is not known to us.")
    return tuple(missing)
