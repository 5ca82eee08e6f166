"""/technologies/ and /technologies/<slug>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from tracker.analysis.controls import ConcernRow
from tracker.analysis.cooperation_beside import NOTHING_HERE, technology_cooperation, touching
from tracker.analysis.cooperation_join import CHINA, RUSSIA, FieldJoinRow, TechnologyStanding, field_join
from tracker.analysis.cooperation_timeline import timeline, timeline_ref
from tracker.analysis.dual_use import NO_CONTROL, NO_FIGURE, NO_GOOD, NO_LISTED, ListedRow, dual_use
from tracker.analysis.engagement_page import engagement_table
from tracker.analysis.engagements import EngagementRow
from tracker.analysis.leadership import (
    AssessmentRow,
    ScoreRow,
    Standing,
    risk_reading,
    share_value,
    standing,
)
from tracker.analysis.margin import MarginRow, margin, margin_rows
from tracker.analysis.movement import Movement
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import (
    EditionRef,
    FigureRef,
    Link,
    Ranks,
    TableData,
    Value,
    citing,
    published,
    stated,
)
from tracker.analysis.steps import EditionStanding, Step, steps
from tracker.analysis.technologies import (
    EditionStandingRow,
    RankingRow,
    TechnologyInstitutionRow,
    TechnologyListPage,
    TechnologyPage,
    TechnologyRow,
    WiderFieldRow,
    facets,
    filtered,
    lower_first,
    shown_risk,
    standing_sentence,
    technology_row,
)
from tracker.analysis.trade import ConcerningGood
from tracker.history.past import Moment
from tracker.models import InstitutionScore, Technology
from tracker.pages.control_rows import ConcernParts, concerning
from tracker.pages.engagement_rows import engagement_parts, of_technologies
from tracker.pages.not_found import NotFound
from tracker.pages.rows import (
    CitedBy,
    Editions,
    EntryRow,
    KeyedScore,
    RecordReader,
    WindowRow,
    all_to_cite,
    all_withheld,
    assessment_row,
    cited_scores,
    country_place,
    institution_place,
    reading_record,
)
from tracker.pages.trade_rows import TechnologyTrade, technology_trade

# How a row of what concerns a technology says that it is an organisation.
BODY = "organisation"
# A figure of more is taller than a screen.
MOST_BARS = 30


@dataclass(frozen=True)
class EditionStandings:
    """Everything one edition says in its own window: five queries."""

    editions: Editions
    edition: EditionRef
    entries: tuple[EntryRow, ...]
    scores: dict[int, list[ScoreRow]]
    keyed: tuple[KeyedScore, ...]
    assessments: dict[int, AssessmentRow]
    standings: dict[int, Standing]
    cited: CitedBy

    def number(self, entry: EntryRow) -> Value:
        """The number the edition gives a technology, with who says that it is covered there."""
        citations = citing(self.cited.get(("editiontechnology", entry.pk), ()), "number")
        return stated(entry.number, citations, basis=entry.basis)

    def rows(self) -> tuple[TechnologyRow, ...]:
        """The technologies of the edition in its own order."""
        return tuple(
            technology_row(
                self.number(entry),
                entry.technology,
                entry.category,
                self.standings[entry.technology_pk],
                risk_reading(self.assessments.get(entry.technology_pk), self.standings[entry.technology_pk]),
            )
            for entry in self.entries
        )


def edition_standings(
    reader: RecordReader,
    edition: str,
    *,
    level: str = "technology",
    cited_too: Mapping[str, Sequence[int]] | None = None,
    read: tuple[Sequence[EntryRow], Sequence[KeyedScore]] | None = None,
) -> EditionStandings:
    """Reads one edition whole; `cited_too` are more records to read the citations of. Raises NotFound.

    `level`: of technologies, of fields ("field"), or of either (""). `read`: entries and scores that a page has read
    together with others, those of the edition whole among them.
    """
    editions = reader.editions
    chosen = editions.choose(edition, level=level)
    window = editions.window(chosen)
    pk = window.pk if window else 0
    if read is None:
        entries, keyed = reader.entries(edition=editions.pk(chosen)), reader.scores(window=pk)
    else:
        entries = tuple(entry for entry in read[0] if entry.edition == chosen.slug)
        keyed = tuple(score for score in read[1] if score.window == pk)
    raw = reader.assessments(window=pk)
    of: dict[str, list[int]] = {
        "score": [score.pk for score in keyed],
        "assessment": [row.pk for row, _, _ in raw],
        "editiontechnology": [entry.pk for entry in entries],
    }
    for kind, pks in (cited_too or {}).items():
        of.setdefault(kind, []).extend(pks)
    cited = reader.citations(of)
    scores = {technology: rows for (_, technology), rows in cited_scores(keyed, cited, entries, editions).items()}
    assessments = {
        row.technology_id: assessment_row(row, lead, second, cited.get(("assessment", row.pk), ()))
        for row, lead, second in raw
    }
    return EditionStandings(
        editions,
        chosen,
        entries,
        scores,
        keyed,
        assessments,
        {
            entry.technology_pk: standing(scores.get(entry.technology_pk, []), assessments.get(entry.technology_pk))
            for entry in entries
        },
        cited,
    )


def technology_list(
    *,
    edition: str = "",
    category: str = "",
    leader: str = "",
    risk: str = "",
    q: str = "",
    sort: str = "",
    at: Moment | None = None,
) -> TechnologyListPage:
    """All technologies of an edition with their leaders. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        rows = read.rows()
        choices = facets(rows)
        _check_choice("category", category, choices, read.edition)
        _check_choice("leader", leader.lower(), choices, read.edition)
        _check_choice("risk", risk, choices, read.edition)
        names = {
            entry.technology.address: f"{entry.technology.text} {entry.name_there}".casefold()
            for entry in read.entries
        }
        shown = filtered(rows, category=category, leader=leader, risk=risk, q=q, names=names)
        leaders: dict[str, int] = defaultdict(int)
        for row in rows:
            leaders[row.leader.text if row.leader.known else ""] += 1
        unknown = leaders.pop("", 0)
        said = [f"{name} {count}" for name, count in sorted(leaders.items(), key=lambda pair: -pair[1])]
        number = f"{len(rows)} {'technology' if len(rows) == 1 else 'technologies'}"
        sentence = f"{read.edition.name}: {number}. Leaders: {', '.join(said) or 'none known'}"
        sentence += f", {unknown} unknown." if unknown else "."
        no_share = sum(not row.share.known for row in rows)
        missing = []
        if unknown:
            missing.append(f"The leader of {unknown} of {len(rows)} technologies has not been seen by us.")
        missing.append(
            f"The leader's share is known to us for {len(rows) - no_share} of {len(rows)} technologies, both the "
            f"leader's and the second's for {sum(row.gap.known for row in rows)}. We could not read the full reports."
        )
        return TechnologyListPage(
            title="Technologies",
            sentence=sentence,
            address="/technologies/",
            trail=(Link("Home", "/"),),
            edition=read.edition,
            editions=read.editions.of_technologies,
            missing=tuple(missing),
            tables=(
                TableData(
                    "technologies",
                    f"Technologies in the {read.edition.name} edition: who leads, by how much, how firmly",
                    ordered(shown, sort, TechnologyRow),
                    TechnologyRow,
                    empty="No technology fits these filters.",
                ),
            ),
            figures=(),
            facets=choices,
            known_leaders=len(rows) - unknown,
            total=len(rows),
            stamp=reader.stamp(),
        )


def _check_choice(name: str, value: str, choices: dict, edition: EditionRef) -> None:
    if value and value not in {facet.value for facet in choices[name]}:
        base = f"/technologies/?edition={edition.slug}"
        raise NotFound(
            f"No technology of the {edition.name} edition has the {name} “{value[:80]}”.",
            tuple(Link(facet.label, f"{base}&{name}={facet.value}") for facet in choices[name]),
        )


def technology(*, slug: str, edition: str = "", at: Moment | None = None) -> TechnologyPage:
    """One technology whole. Raises NotFound."""
    with reading_record(at) as reader:
        found = _find(reader, slug)
        read = _read(reader, found, edition)
        chosen, window = read.chosen, read.editions.window(read.chosen)
        ranking = _by_what_is_known(read.own.get(window.pk, [])) if window else []
        assessment = read.assessments.get(window.pk) if window else None
        now = standing(ranking, assessment)
        risk = risk_reading(assessment, now)
        would = margin(now, assessment)
        edition_rows = _edition_rows(read)
        entry = read.entries.get(chosen.slug)
        here = TechnologyStanding(chosen, now, tuple(ranking))
        joint_fields = _joint_fields(found, read) if read.engagements else ()
        around = _around(found, read)
        controls, listed, goods, figures = around
        notes = (
            entry.note if entry and not all_withheld(read.cited.get(("editiontechnology", entry.pk), ())) else "",
            assessment.verification if assessment else "",
            assessment.note if assessment else "",
        )
        return TechnologyPage(
            title=found.name,
            sentence=standing_sentence(found.name, now, chosen, [row for row in ranking if row.place.kind == "bloc"]),
            address=found.link.address,
            trail=(Link("Home", "/"), Link("Technologies", "/technologies/")),
            edition=chosen,
            editions=tuple(ref for ref in read.editions.refs if ref.slug in read.entries),
            missing=_missing(chosen, now, shown_risk(risk), edition_rows),
            tables=(
                TableData(
                    "ranking",
                    f"{found.name}: what is known of each country, {chosen.name} edition"
                    + (f", publications {chosen.years}" if chosen.years else ""),
                    tuple(ranking_row(row) for row in ranking),
                    RankingRow,
                    empty="No country's rank or share has been seen by us for this edition.",
                ),
                TableData(
                    "margin",
                    f"{found.name}: what would change the lead or the monopoly risk, {chosen.name} edition",
                    margin_rows(would),
                    MarginRow,
                    empty="Neither both shares nor k or r are known to us for this edition.",
                ),
                TableData("editions", f"{found.name} in every edition", edition_rows, EditionStandingRow),
                TableData(
                    "institutions",
                    f"Institutions named in {lower_first(found.name)}",
                    _institution_rows(read),
                    TechnologyInstitutionRow,
                    empty="No institution has been named in what we have seen.",
                ),
                TableData(
                    "fields",
                    "The wider research fields, first and last window of the NCSES series",
                    tuple(_wider_field(wider, read) for wider in found.wider_fields),
                    WiderFieldRow,
                ),
                engagement_table(
                    read.engagements,
                    reader.day,
                    caption=f"{found.name}: engagements between China and Russia in our collection, the newest first",
                    empty=NOTHING_HERE,
                ),
                TableData(
                    "joint_fields",
                    f"China and Russia in the wider research fields of {lower_first(found.name)}",
                    joint_fields,
                    FieldJoinRow,
                    empty="No wider field has a value.",
                ),
                *around,
            ),
            figures=(*_figures(found, chosen, ranking), *_timeline(found, read.engagements, reader.day)),
            definition=found.definition,
            civil_uses=found.civil_uses,
            military_uses=found.military_uses,
            other_names=other_names(found.name, found.aliases, read.entries.values()),
            category=found.category,
            standing=now,
            risk=risk,
            risk_reason=risk_reason(assessment, now),
            institutions=assessment.institutions if assessment else Value(),
            institutions_of=assessment.institutions_of if assessment else None,
            notes=tuple(dict.fromkeys(note for note in notes if note)),
            shown_instead=_shown_instead(read, edition),
            fields=tuple(wider.field for wider in found.wider_fields),
            would_change=would.sentence if would else "",
            steps=tuple(
                f"{row.edition.text}: {row.step_said}"
                for row in edition_rows
                if row.step not in ("", Movement.UNKNOWN)
            ),
            cooperation=technology_cooperation(found.name, found.slug, read.engagements, here, reader.day),
            dual_use=dual_use(found.name, controls.rows, listed.rows, len(goods.rows), len(figures.rows)),
            stamp=reader.stamp(),
        )


def _around(found: _Found, read: _TechnologyRows) -> tuple[TableData, TableData, TableData, TableData]:
    """What concerns it besides who leads: controls and their items, listed organisations, goods, figures of trade."""
    rows = read.concerns.rows(read.cited)
    concerned = {row.subject.address: row for row in rows if row.what == BODY}
    figures = replace(
        read.trade.figures(read.cited),
        caption=f"{found.name}: published figures of trade that concern it, by our mapping",
        empty=NO_FIGURE,
    )
    return (
        TableData(
            "controls",
            f"{found.name}: controls, and parts of controls, that concern it by our mapping",
            tuple(row for row in rows if row.what != BODY),
            ConcernRow,
            empty=NO_CONTROL,
        ),
        TableData(
            "listed",
            f"{found.name}: listed organisations that concern it by our mapping",
            tuple(
                ListedRow(
                    organisation=concerned[stay.organisation.address].subject,
                    control=stay.control,
                    since=stay.since,
                    until=stay.until,
                    reason=concerned[stay.organisation.address].reason,
                    mapping=concerned[stay.organisation.address].mapping,
                    mark=stay.mark,
                )
                for stay in read.concerns.listings(read.cited)
                if stay.organisation.address in concerned
            ),
            ListedRow,
            empty=NO_LISTED,
        ),
        TableData(
            "goods",
            f"{found.name}: goods that concern it by our mapping",
            read.trade.goods(read.cited),
            ConcerningGood,
            empty=NO_GOOD,
        ),
        figures,
    )


@dataclass(frozen=True)
class _Wider:
    """A research field that the technology is narrower than."""

    pk: int
    field: Link
    slug: str
    reason: str


@dataclass(frozen=True)
class _Found:
    """The technology, its other names, and its wider fields in the order they were mapped."""

    pk: int
    slug: str
    name: str
    definition: str
    civil_uses: str
    military_uses: str
    category: Link | None
    aliases: tuple[str, ...]
    wider_fields: tuple[_Wider, ...]

    @property
    def link(self) -> Link:
        return Link(self.name, f"/technologies/{self.slug}/")


def _find(reader: RecordReader, slug: str) -> _Found:
    """The technology with its other names and wider fields: one query. Raises NotFound."""
    rows = tuple(
        Technology.objects.filter(slug=slug, level=Technology.Level.TECHNOLOGY)
        .order_by("wider_fields__pk", "aliases__name", "aliases__pk")
        .values(
            "pk", "slug", "name", "definition", "civil_uses", "military_uses",
            "category_id", "category__slug", "category__name", "aliases__pk", "aliases__name",
            "wider_fields__pk", "wider_fields__reason", "wider_fields__field_id",
            "wider_fields__field__slug", "wider_fields__field__name",
        )
    )  # fmt: skip
    if not rows:
        raise _no_technology(slug)
    own = rows[0]
    reader.show("technology", [own["pk"], *(row["wider_fields__field_id"] for row in rows)])
    reader.show("category", [own["category_id"]])
    reader.show("alias", (row["aliases__pk"] for row in rows))
    reader.show("widerfield", (row["wider_fields__pk"] for row in rows))
    wider = {
        row["wider_fields__pk"]: _Wider(
            row["wider_fields__field_id"],
            Link(row["wider_fields__field__name"], f"/fields/{row['wider_fields__field__slug']}/"),
            row["wider_fields__field__slug"],
            row["wider_fields__reason"],
        )
        for row in rows
        if row["wider_fields__pk"]
    }
    group = own["category__slug"]
    return _Found(
        pk=own["pk"],
        slug=own["slug"],
        name=own["name"],
        definition=own["definition"],
        civil_uses=own["civil_uses"],
        military_uses=own["military_uses"],
        category=Link(own["category__name"], f"/technologies/?category={group}") if group else None,
        aliases=tuple(dict.fromkeys(row["aliases__name"] for row in rows if row["aliases__pk"])),
        wider_fields=tuple(wider.values()),
    )


def _no_technology(slug: str) -> NotFound:
    near = Technology.objects.filter(
        Q(aliases__name__icontains=slug.replace("-", " ")) | Q(slug__icontains=slug[:12]),
        level=Technology.Level.TECHNOLOGY,
    )
    links = [Link(one.name, one.get_absolute_url()) for one in near.distinct().order_by("name")[:5]]
    return NotFound(f"There is no technology “{slug[:80]}”.", (*links, Link("All technologies", "/technologies/")))


@dataclass(frozen=True)
class _TechnologyRows:
    """Everything the record holds of one technology, and of its fields in the series' first and last window.

    `engagements` are those that touch it, the newest first.
    """

    editions: Editions
    chosen: EditionRef
    entries: dict[str, EntryRow]
    scores: dict[tuple[int, int], list[ScoreRow]]
    own: dict[int, list[ScoreRow]]
    assessments: dict[int, AssessmentRow]
    institution_scores: tuple[InstitutionScore, ...]
    ends: tuple[WindowRow, ...]
    engagements: tuple[EngagementRow, ...]
    concerns: ConcernParts
    trade: TechnologyTrade
    cited: CitedBy


def _read(reader: RecordReader, found: _Found, edition: str) -> _TechnologyRows:
    editions = reader.editions
    fields = [wider.pk for wider in found.wider_fields]
    of_fields = [ref for ref in editions.refs if ref.level == "field"]
    ends = tuple(w for ref in (*of_fields[:1], *of_fields[-1:]) if (w := editions.window(ref)))
    all_entries = reader.entries(
        Q(technology=found.pk) | Q(technology__in=fields, edition__slug__in=[window.edition for window in ends])
    )
    entries = {entry.edition: entry for entry in all_entries if entry.technology_pk == found.pk}
    of_fields_now = Q(technology__in=fields, window__in=[window.pk for window in ends[-1:]])
    keyed = reader.scores(
        Q(technology=found.pk)
        | Q(technology__in=fields, window__in=[window.pk for window in ends], rank_to=1)
        | of_fields_now & Q(country__code__in=(CHINA, RUSSIA))
    )
    raw = reader.assessments(technology=found.pk)
    institution_scores = tuple(
        InstitutionScore.objects.filter(technology=found.pk)
        .select_related("institution__country")
        .order_by("window_id", "rank_from", "pk")
    )
    reader.show("institutionscore", [score.pk for score in institution_scores])
    engagements = engagement_parts(reader, of_technologies([found.pk]))
    concerns, trade = concerning(reader, found.pk), technology_trade(reader, found.pk)
    cited = reader.citations(
        all_to_cite(
            {
                "score": [score.pk for score in keyed],
                "assessment": [row.pk for row, _, _ in raw],
                "institutionscore": [score.pk for score in institution_scores],
                "editiontechnology": [entry.pk for entry in all_entries],
            },
            engagements.to_cite,
            concerns.to_cite,
            trade.to_cite,
        )
    )
    scores = cited_scores(
        keyed,
        cited,
        all_entries,
        editions,
    )
    return _TechnologyRows(
        editions=editions,
        chosen=_edition_of(found, editions, entries, edition),
        entries=entries,
        scores=scores,
        own={window: rows for (window, technology), rows in scores.items() if technology == found.pk},
        assessments={
            row.window_id: assessment_row(row, lead, second, cited.get(("assessment", row.pk), ()))
            for row, lead, second in raw
        },
        institution_scores=institution_scores,
        ends=ends,
        engagements=touching(engagements.rows(cited), found.slug),
        concerns=concerns,
        trade=trade,
        cited=cited,
    )


def _edition_of(found: _Found, editions: Editions, entries: dict[str, EntryRow], edition: str) -> EditionRef:
    """The edition asked for; else the featured one, or the newest that covers the technology."""
    chosen = editions.choose(edition)
    if chosen.slug in entries or not entries:
        return chosen
    covering = [ref for ref in editions.refs if ref.slug in entries]
    if edition:
        raise NotFound(
            f"The {chosen.name} edition does not cover {lower_first(found.name)}.",
            tuple(Link(ref.name, f"{found.link.address}?edition={ref.slug}") for ref in covering),
        )
    return covering[-1]


def _shown_instead(read: _TechnologyRows, asked: str) -> str:
    """Why another edition than the featured one is shown; empty where it is not."""
    featured = next((ref for ref in read.editions.of_technologies if ref.featured), None)
    if asked or featured is None or read.chosen == featured:
        return ""
    return f"The {featured.name} edition does not cover this technology; the {read.chosen.name} edition is shown."


def _edition_rows(read: _TechnologyRows) -> tuple[EditionStandingRow, ...]:
    """Each edition's own window, and those of other years of which it is known who leads."""
    windows, found = [], []
    for window in read.editions.windows:
        if window.edition not in read.entries:
            continue
        edition, assessed = read.editions.get(window.edition), read.assessments.get(window.pk)
        now = standing(read.own.get(window.pk, []), assessed)
        if window.kind == "main" or assessed is not None or now.leader.known or now.leader.withheld:
            windows.append(window)
            found.append(EditionStanding(edition.series, edition.name, window.years, window.kind == "main", now))
    return tuple(
        _edition_standing(
            read.editions.get(window.edition),
            read.entries[window.edition],
            one,
            said,
            read.assessments.get(window.pk),
        )
        for window, one, said in zip(windows, found, steps(found), strict=True)
    )


def _institution_rows(read: _TechnologyRows) -> tuple[TechnologyInstitutionRow, ...]:
    windows = {window.pk: window for window in read.editions.windows}
    rows = []
    for score in read.institution_scores:
        window, institution = windows[score.window_id], score.institution
        edition = read.editions.get(window.edition)
        rank, share = institution_values(score, read.cited)
        rows.append(
            TechnologyInstitutionRow(
                edition=Link(edition.name, edition.address),
                years=window.years,
                institution=institution_place(institution.slug, institution.name),
                country=country_place(institution.country.code, institution.country.name),
                rank=rank,
                share=share,
                note=score.note,
            )
        )
    return tuple(rows)


def institution_values(score: InstitutionScore, cited: CitedBy) -> tuple[Value, Value]:
    """The rank and the share of an institution, each with the score's citations."""
    citations = cited.get(("institutionscore", score.pk), ())
    ranks = Ranks.between(score.rank_from, score.rank_to)
    share = published(score.share, score.share_decimals)
    return (
        stated(ranks, citing(citations, "rank_from"), basis=score.basis),
        stated(share, citing(citations, "share"), unit="%", basis=score.basis),
    )


def _figures(found: _Found, chosen: EditionRef, ranking: list[ScoreRow]) -> tuple[FigureRef, ...]:
    figures = []
    drawn = drawn_in_ranking(ranking)
    if drawn:
        query = f"technology={found.slug}&edition={chosen.slug}"
        left = sum(row.place.kind == "country" for row in ranking) - len(drawn)
        alt = ranking_alt(found.name, drawn, chosen, left)
        figures.append(FigureRef("ranking", query, f"{found.name}: ranking", alt, "ranking", len(drawn)))
    for wider in found.wider_fields[:1]:
        alt = (
            f"Lines: shares of the world's top-1 % cited articles in {wider.field.text}, by country, over the windows "
            "of the series. The values are in the tables of the field's page."
        )
        title = f"{wider.field.text}: shares over two decades"
        table = f"{wider.field.address}#table-shares"
        figures.append(
            FigureRef(
                "trajectory",
                f"field={wider.slug}",
                title,
                alt,
                table,
            )
        )
    return tuple(figures)


def _timeline(found: _Found, rows: Sequence[EngagementRow], today: str) -> tuple[FigureRef, ...]:
    """The figure of its engagements, where two or more have a date."""
    if sum(bool(row.start) for row in rows) < 2:
        return ()
    drawn = timeline(rows, today, about=found.name)
    return (timeline_ref(drawn, f"technology={found.slug}", "engagements"),)


def _joint_fields(found: _Found, read: _TechnologyRows) -> tuple[FieldJoinRow, ...]:
    """China and Russia in each wider field, in the newest window."""
    window = read.ends[-1].pk if read.ends else 0
    return tuple(
        field_join(wider.field, [found.name], read.scores.get((window, wider.pk), ())) for wider in found.wider_fields
    )


def _missing(
    chosen: EditionRef, now: Standing, risk: Value, edition_rows: tuple[EditionStandingRow, ...]
) -> tuple[str, ...]:
    """What the page cannot say, in sentences."""
    missing = [
        f"{what} in the {chosen.name} edition."
        for what, value in (
            ("The leader's share", now.leader_share),
            ("The second country's share", now.second_share),
            ("The monopoly risk", risk),
        )
        if not value.known
    ]
    unknown = [f"{row.edition.text} ({row.years})" for row in edition_rows if not row.leader.known]
    if unknown:
        missing.append(f"The leader in {', '.join(unknown)}.")
    return tuple(missing)


def ranking_row(row: ScoreRow) -> RankingRow:
    """A score as a line of a ranking: every value cites what speaks of it."""
    return RankingRow(
        place=row.place,
        counted_as=row.place.kind,
        rank=row.rank,
        share=share_value(row),
        publications=row.value(row.publications, "publications"),
        h_index=row.value(row.h_index, "h_index"),
        note=row.note,
    )


def _by_what_is_known(ranking: list[ScoreRow]) -> list[ScoreRow]:
    """Ranks and shares as they come; countries of which only publications are known after them, the most first."""
    return sorted(
        ranking,
        key=lambda row: (
            (0, 0) if _says_where(row) else (1, -(row.publications or 0))
        ),
    )  # fmt: skip


def drawn_in_ranking(ranking: list[ScoreRow]) -> list[ScoreRow]:
    """The countries of which a rank or a share is known, as many as a figure can show; the table has all."""
    return [row for row in ranking if row.place.kind == "country" and _says_where(row)][:MOST_BARS]


def _says_where(row: ScoreRow) -> bool:
    """Whether a rank or a share is known, or kept back."""
    return row.ranks is not None or row.share is not None or row.withheld or bool(row.kept_back)


def ranking_alt(name: str, ranking: list[ScoreRow], edition: EditionRef, left: int = 0) -> str:
    """The figure's words: every country with what is known of it (blocs are not drawn). `left`: how many are not."""
    said = []
    for row in ranking:
        if row.place.kind == "country" and not row.withheld:
            words = f"{row.place.name} " + (f"rank {row.ranks}" if row.ranks else "rank unknown")
            said.append(f"{words}, {row.share} %" if row.share is not None else words)
    more = f" {left} more countries are in the table." if left else ""
    return f"Bars: {name}, {edition.name} edition. {'; '.join(said)}.{more}"


def risk_reason(assessment: AssessmentRow | None, now: Standing) -> str:
    """How k and r bear on the risk, as far as they are known to us."""
    k, r = assessment.institutions if assessment else Value(), now.ratio
    of = assessment.institutions_of if assessment else None
    if k.known and r.known:
        return (
            f"{k.text} of the world's top {of} institutions are in the lead country (k), and the leader's share is "
            f"{r.text} times the second's (r)."
        )
    if k.known:
        return (
            f"{k.text} of the world's top {of} institutions are in the lead country (k). The ratio r is not known to "
            "us, so the rule can only narrow the level."
        )
    if r.known:
        return (
            f"The leader's share is {r.text} times the second's (r). How many of the top institutions are in the lead "
            "country (k) is not known to us, so the rule can only narrow the level."
        )
    return "Neither k nor r is known to us, so the rule cannot be checked."


def other_names(name: str, aliases: Iterable[str], entries: Iterable[EntryRow]) -> tuple[str, ...]:
    """Its names in use and in editions, but for its own."""
    return tuple(sorted({*aliases, *(entry.name_there for entry in entries)} - {name, ""}))


def _edition_standing(
    edition: EditionRef, entry: EntryRow, one: EditionStanding, step: Step, assessment: AssessmentRow | None
) -> EditionStandingRow:
    now = one.now
    return EditionStandingRow(
        edition=Link(edition.name, edition.address),
        years=one.years,
        name_there=entry.name_there,
        category_there=entry.category.text if entry.category else "",
        leader=now.leader,
        share=now.leader_share,
        second=now.second,
        second_share=now.second_share,
        firmness=str(now.firmness),
        step=str(step.word),
        step_said=step.said,
        risk=shown_risk(risk_reading(assessment, now)),
        institutions=assessment.institutions if assessment else Value(),
        ratio=now.ratio,
    )


def _wider_field(wider: _Wider, read: _TechnologyRows) -> WiderFieldRow:
    def first_of(window: WindowRow) -> ScoreRow | None:
        return next((row for row in read.scores.get((window.pk, wider.pk), ()) if row.leads), None)

    def leader(row: ScoreRow | None) -> Value:
        return Value(row.place, basis=row.basis, cited=row.cited) if row else Value()

    then, now = (first_of(read.ends[0]), first_of(read.ends[-1])) if read.ends else (None, None)
    return WiderFieldRow(
        field=wider.field,
        reason=wider.reason,
        leader_first=leader(then),
        share_first=share_value(then),
        leader_now=leader(now),
        share_now=share_value(now),
    )
