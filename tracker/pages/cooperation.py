"""/cooperation/ and /cooperation/<channel>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracker.analysis.cases import case_summary
from tracker.analysis.claims import ClaimRow
from tracker.analysis.cooperation import (
    AMOUNTS,
    FOLDED,
    MOST_TIES,
    SHOWN,
    CaseSummaryRow,
    ChannelPage,
    ChannelSummaryRow,
    CooperationPage,
    MarksRow,
    MoneyRow,
    TakingPartRow,
    ValuedRow,
    category_groups,
    channel_by_category,
    channel_sentence,
    channel_summaries,
    coverage_sentences,
    findings,
    listing,
    marks_rows,
    money_rows,
    none_this_year,
    opening,
    organisations_in,
    steps_in_words,
    tally,
    touching,
    valued_rows,
    year_by_channel,
)
from tracker.analysis.cooperation_join import (
    CategoryJoinRow,
    FieldJoinRow,
    TechnologyRef,
    TechnologyStanding,
    TouchedRow,
    against_leaders,
    category_joins,
    field_sentence,
    touched_rows,
    untouched,
)
from tracker.analysis.cooperation_network import TieRow, network, network_ref, tie_rows
from tracker.analysis.cooperation_timeline import timeline, timeline_ref
from tracker.analysis.engagement_page import engagement_table, with_confirmed
from tracker.analysis.engagements import (
    ASPI_2019,
    HOW_SELECTED,
    MAPPING_IS_OURS,
    NOT_A_MEASURE,
    ChannelRow,
    EngagementRow,
    longest_unconfirmed,
    newest,
)
from tracker.analysis.read_model import WITHHELD, Cited, FigureRef, Link, TableData, citing
from tracker.history.past import Moment
from tracker.models import Case, Channel, Claim, Source
from tracker.pages.cases import party_shown
from tracker.pages.claim_rows import claim_rows, claims_on, claims_to_cite, read_claims
from tracker.pages.engagement_rows import EngagementParts, engagement_parts, of_channel
from tracker.pages.leader_rows import Leaders, own_technologies
from tracker.pages.not_found import NotFound
from tracker.pages.rows import (
    CitedBy,
    RecordReader,
    all_to_cite,
    all_withheld,
    reading_record,
)

HOME, OVERVIEW = Link("Home", "/"), Link("Cooperation", "/cooperation/")
NO_ENGAGEMENT = "No engagement is in our collection yet."
ONLY_SEEN = (
    "A state is what sources show on its day, no more. What was announced may since have run, lapsed or closed."
)
OPENING_ONLY = "Of the report of 2019 that draws five of the channels only the opening could be read by us."
LEFT_OUT = "Programmes and deals whose date or Chinese partner was not seen are left out."
COLUMNS = ("description", "note")
# What publications are in the collected list, by how their notes begin.
KINDS = (
    "state media", "news", "official", "wire", "trade press", "university", "think tank", "organiser", "company", "blog",
)  # fmt: skip


@dataclass(frozen=True)
class _StoredChannel:
    row: ChannelRow
    note: str


def _channels(reader: RecordReader) -> dict[str, _StoredChannel]:
    """Every channel in its order, by slug: one query."""
    found = {
        one.slug: _StoredChannel(
            ChannelRow(one.pk, one.slug, one.name, one.description, one.origin, one.position), one.note
        )
        for one in Channel.objects.order_by("position", "name", "pk")
    }
    reader.show("channel", (one.row.pk for one in found.values()))
    return found


def _open_channel(stored: _StoredChannel, citations: tuple[Cited, ...]) -> _StoredChannel:
    """The channel without what only sources say that may not be republished; its name stays: engagements stand in it."""
    said = {name: all_withheld(citing(citations, name)) for name in COLUMNS}
    return _StoredChannel(
        replace(stored.row, description="") if said["description"] else stored.row,
        "" if said["note"] else stored.note,
    )


def _missing(channels: Iterable[ChannelRow]) -> tuple[str, ...]:
    """What a reader who knows a source could supply of these channels."""
    return (OPENING_ONLY,) if any(one.origin == ASPI_2019 for one in channels) else ()


def _technologies_of(rows: Iterable[EngagementRow]) -> set[int]:
    """Primary keys of the technologies that engagements touch."""
    return {subject.technology_pk for row in rows for subject in row.subjects if subject.technology_pk is not None}


def cooperation(*, edition: str = "", at: Moment | None = None) -> CooperationPage:
    """The overview: channels, technologies, money, cases. Raises NotFound for an unknown edition.

    Without any edition it says nothing of leaders.
    """
    with reading_record(at) as reader:
        channels = tuple(one.row for one in _channels(reader).values())
        parts = engagement_parts(reader)
        technologies = own_technologies(reader)
        subjects = _subjects_of(parts)
        fields = {pk for one in technologies if one.ref.pk in subjects for pk, _ in one.fields}
        leaders = _leaders(reader, edition, subjects, fields, whole=True)
        cases = _cases(reader)
        claims = read_claims(reader, claims_on("case", list(cases)))
        cited = reader.citations(
            all_to_cite(
                parts.to_cite,
                leaders.to_cite if leaders else {},
                claims_to_cite(claims),
                {"case": list(cases)},
                *(one.to_cite for one in cases.values()),
            )
        )
        rows = parts.rows(cited)
        touched, chosen = _technologies_of(rows), leaders.edition if leaders else None
        refs = tuple(one.ref for one in technologies)
        standings = {
            pk: now for pk, now in _standings(leaders, cited).items() if pk in touched or now.edition == chosen
        }
        by_technology = touched_rows(refs, standings, rows)
        joins = category_joins(refs, standings, rows, chosen)
        field_rows = leaders.fields(technologies, touched) if leaders else ()
        field_years = leaders.newest.years if leaders and leaders.newest else ""
        in_edition = f"in the {chosen.name} edition" if chosen else "where no edition is known"
        matrix_type, matrix = channel_by_category(channels, category_groups(_categories(refs), rows), rows)
        years_type, years = year_by_channel(channels, rows)
        old = longest_unconfirmed(rows, reader.day)
        contested = tuple(row for row in (*newest(rows), *(row for row in rows if not row.start)) if row.contested)
        ties = tie_rows(rows, lambda one, other: f"/engagements/?organisation={one}&organisation={other}")
        money, valued = money_tables(rows)
        marks = marks_rows(rows)
        return CooperationPage(
            title="Cooperation between China and Russia",
            sentence=opening(rows, reader.day),
            address="/cooperation/",
            trail=(HOME,),
            edition=chosen,
            editions=reader.editions.of_technologies,
            missing=(
                *filter(None, (none_this_year(rows, reader.day),)),
                *_missing(channels),
                *((LEFT_OUT,) if rows else ()),
            ),
            tables=(
                TableData(
                    "channels",
                    "Channels: engagements in our collection, of when they are, and how far they are known to have come",
                    channel_summaries(channels, rows, reader.day),
                    ChannelSummaryRow,
                    empty="No channel is recorded yet.",
                ),
                TableData(
                    "years",
                    "Engagements by the year they are dated and channel",
                    years,
                    years_type,
                    empty=NO_ENGAGEMENT,
                ),
                TableData(
                    "ties",
                    _first(ties, MOST_TIES, "Organisations on different sides, named in the same engagement"),
                    ties[:MOST_TIES],
                    TieRow,
                    empty="No engagement names organisations on different sides.",
                ),
                TableData(
                    "matrix",
                    "Engagements by channel and category of technology",
                    matrix,
                    matrix_type,
                    empty=NO_ENGAGEMENT,
                ),
                TableData(
                    "categories",
                    f"Categories: engagements that touch them, and who leads their technologies {in_edition}",
                    joins,
                    CategoryJoinRow,
                    empty=NO_ENGAGEMENT,
                ),
                TableData(
                    "technologies",
                    "Technologies touched: engagements, and who leads",
                    tuple(row for row in by_technology if row.number),
                    TouchedRow,
                    empty="No engagement touches a tracked technology.",
                ),
                TableData(
                    "untouched",
                    f"Technologies {in_edition} that no engagement touches, and who leads them",
                    tuple(row for row in by_technology if not row.number),
                    TouchedRow,
                    empty="Each technology of this edition is touched.",
                ),
                TableData(
                    "fields",
                    f"The wider research fields of the technologies touched, {field_years}: China and Russia",
                    field_rows,
                    FieldJoinRow,
                    empty="No research field has a value.",
                ),
                engagement_table(
                    newest(rows)[:SHOWN], reader.day, name="newest", caption="The engagements of the latest dates"
                ),
                engagement_table(
                    old[:SHOWN],
                    reader.day,
                    name="unconfirmed",
                    caption="Neither completed nor cancelled, and not confirmed for longest",
                    empty="Each engagement is completed or cancelled, or its state was confirmed within 24 months.",
                ),
                engagement_table(
                    contested[:SHOWN],
                    reader.day,
                    name="contested",
                    caption=_first(contested, SHOWN, "Engagements that are contested"),
                    empty="No engagement in our collection is contested.",
                ),
                TableData(
                    "cases",
                    "Cases: matters in question",
                    _case_rows(cases, claims, cited),
                    CaseSummaryRow,
                    empty="No case is recorded yet.",
                ),
                money,
                replace(valued, rows=valued.rows[:FOLDED], caption=_first(valued.rows, FOLDED, valued.caption)),
                TableData(
                    "marks",
                    with_confirmed(
                        "How what the main source of an engagement says is marked (Admiralty code)",
                        (row.mark for row in marks),
                    ),
                    marks,
                    MarksRow,
                    empty=NO_ENGAGEMENT,
                ),
            ),
            figures=(
                *_timeline(rows, reader.day, "", "", listing()),
                *((network_ref(network(rows), "", "ties"),) if rows else ()),
            ),
            caveats=(NOT_A_MEASURE, HOW_SELECTED, ONLY_SEEN),
            findings=findings(rows, reader.day),
            against=(
                *against_leaders(joins, by_technology, chosen),
                *filter(None, (untouched(by_technology, chosen), field_sentence(field_rows, field_years))),
            ),
            field_years=field_years,
            coverage=(MAPPING_IS_OURS, *coverage_sentences(rows, _kinds(reader, rows))),
            steps=steps_in_words(),
            amounts=AMOUNTS,
            unconfirmed=tally(len(old), listing(unconfirmed="yes")),
            contested=tally(len(contested), listing(contested="yes")),
            recheck=tally(sum(bool(row.recheck) for row in rows), listing(recheck="yes")),
            ties=len(ties),
            valued=len(valued.rows),
            stamp=reader.stamp(),
        )


def channel(*, slug: str, edition: str = "", at: Moment | None = None) -> ChannelPage:
    """One channel with its engagements. Raises NotFound."""
    with reading_record(at) as reader:
        channels = _channels(reader)
        if slug not in channels:
            raise NotFound(
                f"There is no channel “{slug[:60]}”.", (*(one.row.link for one in channels.values()), OVERVIEW)
            )
        found = channels[slug]
        parts = engagement_parts(reader, of_channel(found.row.pk))
        technologies = own_technologies(reader)
        leaders = _leaders(reader, edition, _subjects_of(parts))
        cited = reader.citations(
            all_to_cite(parts.to_cite, leaders.to_cite if leaders else {}, {"channel": [found.row.pk]})
        )
        rows = parts.rows(cited)
        of_channel_itself = cited.get(("channel", found.row.pk), ())
        found = _open_channel(found, of_channel_itself)
        touched, standings = _technologies_of(rows), _standings(leaders, cited)
        refs = tuple(one.ref for one in technologies if one.ref.pk in touched)
        by_technology = touched_rows(refs, standings, rows, channel=slug)
        name = found.row.name
        chosen = leaders.edition if leaders else None
        return ChannelPage(
            title=name,
            sentence=channel_sentence(rows, reader.day),
            address=found.row.address,
            trail=(HOME, OVERVIEW),
            edition=chosen,
            editions=reader.editions.of_technologies,
            missing=_missing([found.row]),
            tables=(
                engagement_table(
                    (*newest(rows), *(row for row in rows if not row.start)),
                    reader.day,
                    caption=f"{name}: engagements in our collection, the newest first",
                    empty=NO_ENGAGEMENT,
                ),
                TableData(
                    "technologies",
                    f"{name}: the technologies touched, and who leads them",
                    by_technology,
                    TouchedRow,
                    empty="None of its engagements touches a tracked technology.",
                ),
                TableData(
                    "organisations",
                    f"{name}: organisations named in its engagements, and on which side",
                    organisations_in(rows, channel=slug),
                    TakingPartRow,
                    empty="No organisation is named.",
                ),
                *money_tables(rows),
            ),
            figures=_timeline(rows, reader.day, name, f"channel={slug}", f"{found.row.address}#table-engagements"),
            channel=found.row,
            note=found.note,
            withheld="" if found.row.description else WITHHELD,
            others=tuple(one.row.link for one in channels.values() if one.row.slug != slug),
            caveats=(NOT_A_MEASURE, HOW_SELECTED, ONLY_SEEN),
            against=(touching(rows), *against_leaders((), by_technology, chosen)) if rows else (),
            amounts=AMOUNTS,
            cited=of_channel_itself,
            stamp=reader.stamp(),
        )


def _leaders(
    reader: RecordReader, edition: str, touched: set[int], fields: Collection[int] = (), *, whole: bool = False
) -> Leaders | None:
    """Who leads, as `Leaders`; None where the record holds no edition to tell it and none is asked for."""
    if not edition and not reader.editions.of_technologies:
        return None
    return Leaders(reader, edition, touched, fields, whole=whole)


def _standings(leaders: Leaders | None, cited: CitedBy) -> Mapping[int, TechnologyStanding]:
    """Who leads each technology, by its primary key; leaders take their citations."""
    if leaders is None:
        return {}
    leaders.cite(cited)
    return leaders.standings()


def _first(rows: Sequence[Any], most: int, caption: str) -> str:
    """The caption of a table that holds the first `most` of `rows`: it says so where there are more."""
    return f"{caption}: the first {most} of {len(rows)}" if len(rows) > most else caption


def _subjects_of(parts: EngagementParts) -> set[int]:
    """The technologies engagements touch, before it is known what is withheld: that only leaves some out."""
    return {
        one.technology_pk for pairs in parts.subjects.values() for _, one in pairs if one.technology_pk is not None
    }


def _categories(technologies: Iterable[TechnologyRef]) -> tuple[tuple[str, str], ...]:
    """The (slug, name) of categories, in the order of their technologies."""
    return tuple(dict.fromkeys((one.category_slug, one.category.text) for one in technologies))


def _timeline(rows: Sequence[EngagementRow], today: str, about: str, query: str, table: str) -> tuple[FigureRef, ...]:
    """The figure of these engagements; none where nothing would be drawn."""
    return (timeline_ref(timeline(rows, today, about=about), query, table),) if rows else ()


def money_tables(rows: Sequence[EngagementRow]) -> tuple[TableData, TableData]:
    """Sums by year and currency, and every value with whether it is in one."""
    return (
        TableData(
            "money",
            "Amounts announced or reported, by the year they are dated and currency, each fund once",
            money_rows(rows),
            MoneyRow,
            empty="No amount that counts in sums is known to us.",
        ),
        TableData(
            "valued",
            with_confirmed(
                "Amounts we have seen, the newest first, whether the sums hold them, and if not why",
                (row.credibility for row in rows if row.value_from is not None),
            ),
            valued_rows(rows),
            ValuedRow,
            empty="No amount is known to us.",
        ),
    )


@dataclass(frozen=True)
class _StoredCase:
    title: str
    address: str
    date: str
    parties: tuple[tuple[int, int, str], ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        return {"caseparty": [pk for pk, _, _ in self.parties], "organisation": [pk for _, pk, _ in self.parties]}


def _cases(reader: RecordReader) -> dict[int, _StoredCase]:
    """Every case with its parties, by primary key, the newest first: one query."""
    found: dict[int, _StoredCase] = {}
    rows = Case.objects.order_by("-date", "title", "pk", "parties__position", "parties__pk")
    for row in rows.values_list(
        "pk", "slug", "title", "date", "parties__pk", "parties__organisation_id", "parties__organisation__name"
    ):
        pk, slug, title, date, party, body, name = row
        known = found.get(pk) or _StoredCase(title, f"/cases/{slug}/", date, ())
        found[pk] = replace(known, parties=(*known.parties, (party, body, name))) if party else known
        reader.show("caseparty", [party])
        reader.show("organisation", [body])
    reader.show("case", found)
    return found


def _case_rows(
    cases: Mapping[int, _StoredCase], claims: Iterable[Claim], cited: CitedBy
) -> tuple[CaseSummaryRow, ...]:
    """The cases that may be shown."""
    shown = {pk: case for pk, case in cases.items() if not all_withheld(cited.get(("case", pk), ()))}
    about = {("case", pk): Link(case.title, case.address) for pk, case in shown.items()}
    of_case: dict[Link, list[ClaimRow]] = defaultdict(list)
    for row in claim_rows(claims, cited, about):
        if row.about is not None:
            of_case[row.about].append(row)
    return tuple(
        case_summary(
            link, case.date, [name for pk, body, name in case.parties if party_shown(cited, pk, body)], of_case[link]
        )
        for case in shown.values()
        for link in [Link(case.title, case.address)]
    )


def _kinds(reader: RecordReader, rows: Iterable[EngagementRow]) -> Callable[[EngagementRow], str]:
    """What the main source of each engagement is, in the word of its note ("state media"), else its kind: one query."""
    main = {citation.source.key: citation.source for row in rows if (citation := row.main_citation)}
    said = {}
    for pk, slug, note in Source.objects.filter(slug__in=main).order_by("pk").values_list("pk", "slug", "kind_note"):
        # What follows the word says how it was seen, or what it cites.
        said[slug] = next((word for word in KINDS if note.startswith(word)), main[slug].kind)
        reader.show("source", [pk])

    def kind(row: EngagementRow) -> str:
        citation = row.main_citation
        return said.get(citation.source.key, "") if citation else ""

    return kind
