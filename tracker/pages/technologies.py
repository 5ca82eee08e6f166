"""/technologies/ and /technologies/<slug>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from tracker.analysis.leadership import (
    AssessmentRow,
    ScoreRow,
    Standing,
    risk_reading,
    share_value,
    standing,
)
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, FigureRef, Link, Ranks, TableData, Value, published
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
from tracker.history.past import Moment
from tracker.models import Alias, InstitutionScore, Technology, WiderField
from tracker.pages.not_found import NotFound
from tracker.pages.rows import (
    CitedBy,
    Editions,
    EntryRow,
    KeyedScore,
    RecordReader,
    assessment_row,
    cited_scores,
    country_place,
    institution_place,
    reading_record,
)


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

    def rows(self) -> tuple[TechnologyRow, ...]:
        """The technologies of the edition in its own order."""
        return tuple(
            technology_row(
                entry.number,
                entry.technology,
                entry.category,
                self.standings[entry.technology_pk],
                risk_reading(self.assessments.get(entry.technology_pk), self.standings[entry.technology_pk].ratio),
            )
            for entry in self.entries
        )


def edition_standings(
    reader: RecordReader, edition: str, *, cited_too: Mapping[str, Sequence[int]] | None = None
) -> EditionStandings:
    """Reads one edition whole; `cited_too` are more records to read the citations of. Raises NotFound."""
    editions = reader.editions()
    chosen = editions.choose(edition)
    window = editions.window(chosen)
    entries = reader.entries(edition=editions.pk(chosen))
    pk = window.pk if window else 0
    keyed = reader.scores(window=pk)
    raw = reader.assessments(window=pk)
    of: dict[str, list[int]] = {
        "score": [score.pk for score in keyed],
        "assessment": [row.pk for row, _, _ in raw],
        "editiontechnology": [entry.pk for entry in entries],
    }
    for kind, pks in (cited_too or {}).items():
        of.setdefault(kind, []).extend(pks)
    cited = reader.citations(of)
    by_technology = {(editions.pk(chosen), entry.technology_pk): entry.pk for entry in entries}
    scores = {
        technology: rows
        for (_, technology), rows in cited_scores(keyed, cited, by_technology, {pk: editions.pk(chosen)}).items()
    }
    assessments = {
        row.technology_id: assessment_row(row, lead, second, cited.get(("assessment", row.pk), ()))
        for row, lead, second in raw
    }
    return EditionStandings(
        editions, chosen, entries, scores, keyed, assessments,
        {
            entry.technology_pk: standing(
                scores.get(entry.technology_pk, []), assessments.get(entry.technology_pk)
            )
            for entry in entries
        },
        cited,
    )  # fmt: skip


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
        sentence = f"{read.edition.name}: {len(rows)} technologies. Leaders: {', '.join(said) or 'none known'}"
        sentence += f", {unknown} unknown." if unknown else "."
        no_share = sum(not row.share.known for row in rows)
        missing = []
        if unknown:
            missing.append(f"The leader of {unknown} of {len(rows)} technologies has not been seen in public.")
        missing.append(
            f"The leader's share is public for {len(rows) - no_share} of {len(rows)} technologies, both the leader's "
            f"and the second's for {sum(row.gap.known for row in rows)}."
        )
        return TechnologyListPage(
            title="Technologies",
            sentence=sentence,
            address="/technologies/",
            trail=(Link("Home", "/"),),
            edition=read.edition,
            editions=tuple(
                ref for ref in read.editions.refs if ref.stage == "published" and ref.level == "technology"
            ),
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
        found = (
            Technology.objects.filter(slug=slug, level=Technology.Level.TECHNOLOGY)
            .select_related("category")
            .prefetch_related(
                Prefetch("aliases", Alias.objects.order_by("name")),
                Prefetch("wider_fields", WiderField.objects.select_related("field").order_by("pk")),
            )
            .first()
        )
        if found is None:
            near = Technology.objects.filter(
                Q(aliases__name__icontains=slug.replace("-", " ")) | Q(slug__icontains=slug[:12]),
                level=Technology.Level.TECHNOLOGY,
            ).distinct()[:5]
            raise NotFound(
                f"There is no technology “{slug[:80]}”.",
                (
                    *(Link(one.name, one.get_absolute_url()) for one in near),
                    Link("All technologies", "/technologies/"),
                ),
            )
        reader.show("technology", [found.pk])
        editions = reader.editions()
        entries = reader.entries(technology=found.pk)
        covering = {entry.edition for entry in entries}
        chosen = editions.choose(edition)
        if chosen.slug not in covering:
            if edition:
                raise NotFound(
                    f"The {chosen.name} edition does not cover {lower_first(found.name)}.",
                    tuple(Link(editions.get(s).name, f"{found.get_absolute_url()}?edition={s}") for s in covering),
                )
            # The featured edition does not cover it: the newest one that does.
            chosen = [ref for ref in editions.refs if ref.slug in covering][-1]
        fields = [wider.field for wider in found.wider_fields.all()]
        field_editions = [ref for ref in editions.refs if ref.level == "field"]
        ends = [editions.window(ref) for ref in (field_editions[:1] + field_editions[-1:])]
        end_windows = [window for window in ends if window]
        keyed = reader.scores(
            Q(technology=found.pk)
            | Q(
                technology__in=[field.pk for field in fields],
                window__in=[window.pk for window in end_windows],
                rank_to=1,
            )
        )
        raw = reader.assessments(technology=found.pk)
        institution_scores = list(
            InstitutionScore.objects.filter(technology=found.pk)
            .select_related("institution__country")
            .order_by("window_id", "rank_from", "pk")
        )
        reader.show("institutionscore", [score.pk for score in institution_scores])
        field_entries = {
            (editions.pk(editions.get(window.edition)), field.pk): 0 for window in end_windows for field in fields
        }
        cited = reader.citations(
            {
                "score": [score.pk for score in keyed],
                "assessment": [row.pk for row, _, _ in raw],
                "institutionscore": [score.pk for score in institution_scores],
                "editiontechnology": [entry.pk for entry in entries],
            }
        )
        windows = {window.pk: editions.pk(editions.get(window.edition)) for window in editions.windows}
        by_entry = {(editions.pk(editions.get(entry.edition)), found.pk): entry.pk for entry in entries}
        scores = cited_scores(keyed, cited, {**by_entry, **field_entries}, windows)
        assessments = {
            row.window_id: assessment_row(row, lead, second, cited.get(("assessment", row.pk), ()))
            for row, lead, second in raw
        }
        own = {w: rows for (w, t), rows in scores.items() if t == found.pk}
        entry_of = {entry.edition: entry for entry in entries}
        edition_rows = tuple(
            _edition_standing(
                editions.get(window.edition),
                window.years,
                entry_of.get(window.edition),
                standing(own.get(window.pk, []), assessments.get(window.pk)),
                assessments.get(window.pk),
            )
            for window in editions.windows
            if window.edition in covering and (window.kind == "main" or window.pk in own or window.pk in assessments)
        )
        window = editions.window(chosen)
        ranking = own.get(window.pk, []) if window else []
        assessment = assessments.get(window.pk) if window else None
        now = standing(ranking, assessment)
        risk = risk_reading(assessment, now.ratio)
        window_names = {w.pk: w for w in editions.windows}
        institutions = tuple(
            TechnologyInstitutionRow(
                edition=Link(
                    editions.get(window_names[score.window_id].edition).name,
                    editions.get(window_names[score.window_id].edition).address,
                ),
                years=window_names[score.window_id].years,
                institution=institution_place(score.institution.slug, score.institution.name),
                country=country_place(score.institution.country.code, score.institution.country.name),
                rank=Value(
                    ranks_of(score), basis=score.basis, note=score.note,
                    cited=cited.get(("institutionscore", score.pk), ()),
                ),
                share=Value(published(score.share, score.share_decimals), unit="%")
                if score.share is not None
                else Value(),
                note=score.note,
            )
            for score in institution_scores
        )  # fmt: skip
        entry = entry_of[chosen.slug]
        page_address = found.get_absolute_url()
        tables = (
            TableData(
                "ranking",
                f"{found.name}: what is known of each country, {chosen.name} edition"
                + (f", publications {chosen.years}" if chosen.years else ""),
                tuple(ranking_row(row) for row in ranking),
                RankingRow,
                empty="No country's rank or share has been seen in public for this edition.",
            ),
            TableData("editions", f"{found.name} in every edition", edition_rows, EditionStandingRow),
            TableData(
                "institutions",
                f"Institutions named in {lower_first(found.name)}",
                institutions,
                TechnologyInstitutionRow,
                empty="No institution has been named in what we have seen.",
            ),
            TableData(
                "fields",
                "The wider research fields, first and last window of the NCSES series",
                tuple(
                    _wider_field(wider, scores, end_windows)
                    for wider in found.wider_fields.all()
                ),
                WiderFieldRow,
            ),
        )  # fmt: skip
        figures = []
        if ranking:
            figures.append(
                FigureRef(
                    "ranking", f"technology={found.slug}&edition={chosen.slug}", f"{found.name}: ranking",
                    ranking_alt(found.name, ranking, chosen), "ranking", len(ranking),
                )
            )  # fmt: skip
        figures.extend(
            FigureRef(
                "trajectory", f"field={field.slug}", f"{field.name}: shares over two decades",
                f"Lines: shares of the world's top-1 % cited articles in {field.name}, by country, 2003–2007 to "
                "2016–2020. The values are in the table of the field's page.", "fields",
            )
            for field in fields[:1]
        )  # fmt: skip
        unknown = [row for row in edition_rows if not row.leader.known]
        missing = []
        if not now.leader_share.known:
            missing.append(f"The leader's share in the {chosen.name} edition.")
        if not now.second_share.known:
            missing.append(f"The second country's share in the {chosen.name} edition.")
        if not shown_risk(risk).known:
            missing.append(f"The monopoly risk in the {chosen.name} edition.")
        if unknown:
            missing.append(f"The leader in {', '.join(f'{row.edition.text} ({row.years})' for row in unknown)}.")
        notes = [note for note in (entry.note, assessment.note if assessment else "") if note]
        return TechnologyPage(
            title=found.name,
            sentence=standing_sentence(found.name, now, chosen),
            address=page_address,
            trail=(Link("Home", "/"), Link("Technologies", "/technologies/")),
            edition=chosen,
            editions=tuple(ref for ref in editions.refs if ref.slug in covering),
            missing=tuple(missing),
            tables=tables,
            figures=tuple(figures),
            definition=found.definition,
            civil_uses=found.civil_uses,
            military_uses=found.military_uses,
            other_names=other_names(found, entries),
            category=Link(found.category.name, found.category.get_absolute_url()) if found.category else None,
            standing=now,
            risk=risk,
            risk_reason=risk_reason(assessment, now),
            institutions=assessment.institutions if assessment else Value(),
            institutions_of=assessment.institutions_of if assessment else None,
            notes=tuple(notes),
            fields=tuple(Link(field.name, field.get_absolute_url()) for field in fields),
            stamp=reader.stamp(),
        )


def ranks_of(score: InstitutionScore) -> Ranks | None:
    return None if score.rank_from is None else Ranks(score.rank_from, score.rank_to)


def ranking_row(row: ScoreRow) -> RankingRow:
    """A score as a line of a ranking: every value cites what the score cites."""

    def value(content, unit: str = "") -> Value:
        return Value(content, unit=unit, basis=row.basis, cited=row.cited) if content is not None else Value()

    return RankingRow(
        place=row.place, counted_as=row.place.kind, rank=value(row.ranks), share=share_value(row),
        publications=value(row.publications), h_index=value(row.h_index), note=row.note,
    )  # fmt: skip


def ranking_alt(name: str, ranking: list[ScoreRow], edition: EditionRef) -> str:
    """The figure's words: every place with what is known of it."""
    said = []
    for row in ranking:
        words = f"{row.place.name} " + (f"rank {row.ranks}" if row.ranks else "rank unknown")
        said.append(f"{words}, {row.share} %" if row.share is not None else words)
    return f"Bars: {name}, {edition.name} edition. {'; '.join(said)}."


def risk_reason(assessment: AssessmentRow | None, now: Standing) -> str:
    """Why the risk is what it is, from k and r as far as they are known."""
    if assessment is None:
        return ""
    parts = []
    if assessment.institutions.known:
        parts.append(
            f"{assessment.institutions.text} of the world's top {assessment.institutions_of} institutions are in the "
            "lead country"
        )
    if now.ratio.known:
        parts.append(f"the leader's share is {now.ratio.text} times the second's")
    return " and ".join(parts)


def other_names(found: Technology, entries: tuple[EntryRow, ...]) -> tuple[str, ...]:
    names = {alias.name for alias in found.aliases.all()} | {entry.name_there for entry in entries}
    return tuple(sorted(names - {found.name, ""}))


def _edition_standing(
    edition: EditionRef, years: str, entry: EntryRow | None, now: Standing, assessment: AssessmentRow | None
) -> EditionStandingRow:
    return EditionStandingRow(
        edition=Link(edition.name, edition.address),
        years=years,
        name_there=entry.name_there if entry else "",
        category_there=entry.category.text if entry and entry.category else "",
        leader=now.leader,
        share=now.leader_share,
        second=now.second,
        second_share=now.second_share,
        firmness=str(now.firmness),
        risk=shown_risk(risk_reading(assessment, now.ratio)),
        institutions=assessment.institutions if assessment else Value(),
        ratio=now.ratio,
    )


def _wider_field(wider: WiderField, scores: dict, ends: list) -> WiderFieldRow:
    first, last = (scores.get((window.pk, wider.field_id), [None])[0] for window in (ends[0], ends[-1]))

    def leader(row: ScoreRow | None) -> Value:
        return Value(row.place, basis=row.basis, cited=row.cited) if row else Value()

    return WiderFieldRow(
        field=Link(wider.field.name, wider.field.get_absolute_url()), reason=wider.reason,
        leader_first=leader(first), share_first=share_value(first), leader_now=leader(last),
        share_now=share_value(last),
    )  # fmt: skip
