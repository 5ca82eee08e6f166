"""Reading the record: querysets -> the rows that analysis takes. Each method is one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db.models import F, Max, Q, Subquery
from django.db.models import Value as Constant

from tracker.analysis.leadership import RISK_WORDS, AssessmentRow, ScoreRow
from tracker.analysis.read_model import (
    Cited,
    EditionRef,
    Link,
    Place,
    Ranks,
    SourceRef,
    Stamp,
    Value,
    published,
)
from tracker.history.past import Moment, reading
from tracker.history.timeline import version
from tracker.models import (
    Assessment,
    Citation,
    Edition,
    EditionTechnology,
    Interval,
    Revision,
    RevisionCounter,
    Score,
    Source,
    Tally,
)
from tracker.pages.not_found import NotFound

CitedBy = dict[tuple[str, int], tuple[Cited, ...]]


@dataclass(frozen=True)
class WindowRow:
    pk: int
    edition: str
    first_year: int
    last_year: int
    kind: str

    @property
    def years(self) -> str:
        return str(self.first_year) if self.first_year == self.last_year else f"{self.first_year}–{self.last_year}"


@dataclass(frozen=True)
class EntryRow:
    """A technology as one edition covers it."""

    pk: int
    edition: str
    technology_pk: int
    technology: Link
    slug: str
    level: str
    name_there: str
    category: Link | None
    number: int | None
    basis: str
    note: str


@dataclass(frozen=True)
class KeyedScore:
    """A score with what it belongs to."""

    pk: int
    window: int
    technology_pk: int
    row: ScoreRow


@dataclass(frozen=True)
class KeyedAssessment:
    pk: int
    window: int
    technology_pk: int
    row: AssessmentRow


@dataclass(frozen=True)
class TallyRow:
    pk: int
    window: int
    metric: str
    place: Place | None
    category: str
    scope: str
    value: Value
    out_of: int | None


class Editions:
    """All editions with their windows; resolves `edition=` in this one place."""

    def __init__(self, refs: tuple[EditionRef, ...], windows: tuple[WindowRow, ...], pks: dict[str, int]) -> None:
        self.refs, self.windows, self._pks = refs, windows, pks
        self._by_slug = {ref.slug: ref for ref in refs}
        self._series_level: dict[str, str] = {}

    def pk(self, ref: EditionRef) -> int:
        return self._pks[ref.slug]

    def get(self, slug: str) -> EditionRef:
        return self._by_slug[slug]

    def of_series(self, series: str) -> tuple[EditionRef, ...]:
        """The editions of one series, oldest first."""
        return tuple(ref for ref in self.refs if ref.series == series)

    def choose(self, slug: str, *, level: str = "technology") -> EditionRef:
        """The edition that the address names, or the default one of its level.

        Default: the featured edition; for fields the newest window. Raises NotFound.
        """
        published_ones = [ref for ref in self.refs if ref.stage == "published"]
        fitting = [ref for ref in published_ones if ref.level == level]
        if slug:
            for ref in fitting:
                if ref.slug == slug:
                    return ref
            other = self._by_slug.get(slug)
            if other is None:
                reason = f"There is no edition “{slug[:80]}”."
            elif other.stage != "published":
                reason = f"The edition {other.name} is announced; none of its results have been seen."
            else:
                reason = f"The edition {other.name} does not cover this kind of page: it ranks {other.level}s."
            raise NotFound(reason, tuple(Link(ref.name, ref.address) for ref in reversed(fitting)))
        if not fitting:
            raise NotFound("The record holds no edition yet.", (Link("All editions", "/editions/"),))
        return next((ref for ref in fitting if ref.featured), fitting[-1])

    def window(self, ref: EditionRef) -> WindowRow | None:
        """The edition's own window."""
        return next((w for w in self.windows if w.edition == ref.slug and w.kind == "main"), None)

    def windows_of(self, ref: EditionRef) -> tuple[WindowRow, ...]:
        return tuple(window for window in self.windows if window.edition == ref.slug)


class RecordReader:
    """Reads rows at one moment and remembers which records it showed."""

    def __init__(self, at: Moment | None) -> None:
        self._at = at
        self._shown: dict[str, set[int]] = defaultdict(set)

    def show(self, kind: str, pks: Iterable[int]) -> None:
        """Remembers records that a page shows, for its stamp."""
        self._shown[kind].update(pks)

    def editions(self) -> Editions:
        columns = (
            "pk",
            "slug",
            "name",
            "released",
            "stage",
            "featured",
            "technology_count",
            "series__slug",
            "series__name",
            "series__unit",
            "series__level",
            "windows__pk",
            "windows__first_year",
            "windows__last_year",
            "windows__kind",
        )
        rows = list(Edition.objects.order_by("series_id", "released", "slug", "-windows__last_year").values(*columns))
        windows = tuple(
            WindowRow(
                row["windows__pk"],
                row["slug"],
                row["windows__first_year"],
                row["windows__last_year"],
                row["windows__kind"],
            )
            for row in rows
            if row["windows__pk"]
        )
        main = {window.edition: window.years for window in windows if window.kind == "main"}
        refs: dict[str, EditionRef] = {}
        for row in rows:
            refs.setdefault(
                row["slug"],
                EditionRef(
                    slug=row["slug"],
                    name=row["name"],
                    series=row["series__slug"],
                    series_name=row["series__name"],
                    unit=row["series__unit"],
                    released=row["released"],
                    years=main.get(row["slug"], ""),
                    stage=row["stage"],
                    featured=row["featured"],
                    technology_count=row["technology_count"],
                    address=f"/editions/{row['slug']}/",
                    level=row["series__level"],
                ),
            )
        # An edition without a release date (announced) comes last in its series.
        ordered = sorted(refs.values(), key=lambda ref: (ref.level != "technology", ref.stage != "published"))
        return Editions(tuple(ordered), windows, {row["slug"]: row["pk"] for row in rows})

    def entries(self, *conditions: Q, **filters: object) -> tuple[EntryRow, ...]:
        """What editions cover, by number, else by name."""
        rows = EditionTechnology.objects.filter(*conditions, **filters).order_by(
            F("number").asc(nulls_last=True), "technology__name", "pk"
        )
        found = []
        for row in rows.values_list(
            "pk",
            "edition__slug",
            "technology_id",
            "technology__slug",
            "technology__name",
            "technology__level",
            "name",
            "category__slug",
            "category__name",
            "technology__category__slug",
            "technology__category__name",
            "number",
            "basis",
            "note",
        ):
            (
                pk,
                edition,
                technology_pk,
                slug,
                name,
                level,
                there,
                category,
                category_name,
                own,
                own_name,
                number,
                basis,
                note,
            ) = row
            room = "fields" if level == "field" else "technologies"
            group = (category, category_name) if category else (own, own_name)
            found.append(
                EntryRow(
                    pk,
                    edition,
                    technology_pk,
                    Link(name, f"/{room}/{slug}/"),
                    slug,
                    level,
                    there,
                    Link(group[1], f"/technologies/?category={group[0]}") if group[0] else None,
                    number,
                    basis,
                    note,
                )
            )
        self.show("editiontechnology", (entry.pk for entry in found))
        self.show("technology", (entry.technology_pk for entry in found))
        return tuple(found)

    def citations(self, of: Mapping[str, Collection[int]]) -> CitedBy:
        """The citations of records, by (kind, primary key), in order."""
        wanted = Q(pk__in=[])
        for kind, pks in of.items():
            wanted |= Q(kind=kind, record__in=list(pks))
        found: dict[tuple[str, int], list[Cited]] = defaultdict(list)
        shown = set()
        rows = (
            Citation.objects.filter(wanted)
            .select_related("source", "seen_through")
            .order_by("kind", "record", "position", "pk")
        )
        sources: dict[int, SourceRef] = {}
        for citation in rows:
            for source in filter(None, (citation.source, citation.seen_through)):
                if source.pk not in sources:
                    sources[source.pk] = source_ref(source)
            found[citation.kind, citation.record].append(
                Cited(
                    source=sources[citation.source_id],
                    field=citation.field,
                    passage=citation.passage,
                    stated_value=citation.stated_value,
                    preferred=citation.preferred,
                    note=citation.note,
                    seen_through=sources.get(citation.seen_through_id or 0),
                )
            )
            shown.add(citation.pk)
        self.show("citation", shown)
        return {key: tuple(citations) for key, citations in found.items()}

    def scores(self, *conditions: Q, **filters: object) -> tuple[KeyedScore, ...]:
        """Scores without their citations (`cited` adds those), best rank first."""
        rows = Score.objects.filter(*conditions, **filters).order_by(
            "window_id", "technology_id", F("rank_from").asc(nulls_last=True), F("share").desc(nulls_last=True), "pk"
        )
        found = []
        places: dict[str, Place] = {}
        for row in rows.values_list(
            "pk",
            "window_id",
            "technology_id",
            "technology__slug",
            "country__code",
            "country__name",
            "bloc__slug",
            "bloc__name",
            "rank_from",
            "rank_to",
            "share",
            "share_decimals",
            "share_bound",
            "publications",
            "h_index",
            "basis",
            "note",
        ):
            (
                pk,
                window,
                technology_pk,
                technology,
                code,
                country,
                bloc,
                bloc_name,
                first,
                last,
                share,
                decimals,
                bound,
                publications,
                h_index,
                basis,
                note,
            ) = row
            key = code or f"bloc/{bloc}"
            if key not in places:
                places[key] = country_place(code, country) if code else bloc_place(bloc, bloc_name)
            found.append(
                KeyedScore(
                    pk,
                    window,
                    technology_pk,
                    ScoreRow(
                        technology,
                        places[key],
                        Ranks.between(first, last),
                        published(share, decimals),
                        bound,
                        publications,
                        h_index,
                        basis,
                        note,
                    ),
                )
            )
        self.show("score", (score.pk for score in found))
        return tuple(found)

    def assessments(self, **filters: object) -> tuple[tuple[Assessment, Place | None, Place | None], ...]:
        rows = list(
            Assessment.objects.filter(**filters)
            .select_related("lead_country", "second_country", "technology")
            .order_by("pk")
        )
        self.show("assessment", (row.pk for row in rows))
        return tuple(
            (
                row,
                country_place(row.lead_country.code, row.lead_country.name) if row.lead_country else None,
                country_place(row.second_country.code, row.second_country.name) if row.second_country else None,
            )
            for row in rows
        )

    def ranks(self, window: int) -> tuple[tuple[int, str, Ranks], ...]:
        """(technology, country code, ranks) of one window, from scores and assessments: what counts need."""
        scores = Score.objects.filter(window=window, country__isnull=False, rank_from__isnull=False).order_by()
        stated = Assessment.objects.filter(window=window).order_by()
        first, second = Constant(1), Constant(2)
        rows = scores.values_list("technology_id", "country__code", "rank_from", "rank_to").union(
            stated.filter(lead_country__isnull=False).values_list(
                "technology_id", "lead_country__code", first, first
            ),
            stated.filter(second_country__isnull=False).values_list(
                "technology_id", "second_country__code", second, second
            ),
        )
        return tuple(
            (technology, code, ranks)
            for technology, code, best, worst in rows
            if (ranks := Ranks.between(best, worst)) is not None
        )

    def tallies(self, **filters: object) -> tuple[Tally, ...]:
        rows = tuple(
            Tally.objects.filter(**filters)
            .select_related("country", "bloc", "institution", "category", "window__edition")
            .order_by("window__edition__slug", "metric", "-value", "pk")
        )
        self.show("tally", (row.pk for row in rows))
        return rows

    def stamp(self) -> Stamp:
        """The state read from: one query for now, three for a past moment."""
        shown = Q(pk__in=[])
        for kind, pks in self._shown.items():
            if pks:
                shown |= Q(kind=kind, record__in=list(pks))
        touched = Interval.objects.filter(shown)
        if self._at is not None:
            touched = touched.filter(since__lte=self._at.number)
            changed = touched.aggregate(last=Max("since"))["last"]
            newest = Revision.objects.filter(number=self._at.number).values_list("number", "digest")
            number, digest = newest.first() or (0, "")
            when = Revision.objects.filter(number=changed).values_list("act__at", flat=True).first()
        else:
            last = touched.order_by("-since").values("since", "revision__act__at")[:1]
            number, digest, changed, when = (
                RevisionCounter.objects.annotate(
                    changed=Subquery(last.values("since")), on=Subquery(last.values("revision__act__at"))
                )
                .values_list("last_number", "last_digest", "changed", "on")
                .first()
            ) or (0, "", 0, None)
        return Stamp(number, version(number, digest), changed or 0, when.date().isoformat() if when else "")


@contextmanager
def reading_record(at: Moment | None) -> Iterator[RecordReader]:
    """A reader of the record as it is, or as it stood at `at`."""
    with reading(at):
        yield RecordReader(at)


def country_place(code: str, name: str) -> Place:
    return Place(code, name, f"/countries/{code.lower()}/")


def bloc_place(slug: str, name: str) -> Place:
    return Place(slug, name, f"/blocs/{slug}/", "bloc")


def institution_place(slug: str, name: str) -> Place:
    return Place(slug, name, f"/institutions/?q={slug}", "institution")


def source_ref(source: Source) -> SourceRef:
    return SourceRef(
        key=source.slug,
        title=source.title,
        publisher=source.publisher,
        date=source.date or source.date_note,
        kind=source.get_kind_display(),
        address=source.get_absolute_url(),
        url=source.url,
        withheld=source.reuse == Source.Reuse.NO,
    )


def cited_scores(
    scores: Iterable[KeyedScore], cited: CitedBy, entries: dict[tuple[int, int], int], windows: dict[int, int]
) -> dict[tuple[int, int], list[ScoreRow]]:
    """Scores by (window, technology), each with its citations.

    A score without citations of its own has those of its edition's entry for the technology (then it is
    computed from what is cited there). `windows` maps a window to its edition, `entries` an (edition,
    technology) to the entry. What only withheld sources say is withheld.
    """
    found: dict[tuple[int, int], list[ScoreRow]] = defaultdict(list)
    for score in scores:
        citations = cited.get(("score", score.pk))
        if citations is None:
            entry = entries.get((windows.get(score.window, 0), score.technology_pk))
            citations = cited.get(("editiontechnology", entry), ()) if entry else ()
        found[score.window, score.technology_pk].append(_with_citations(score.row, citations))
    return found


def _with_citations(row: ScoreRow, citations: tuple[Cited, ...]) -> ScoreRow:
    if citations and all(citation.source.withheld for citation in citations):
        return replace(
            row,
            share=None,
            publications=None,
            h_index=None,
            cited=citations,
            note="Withheld: its source does not allow republication.",
        )
    return replace(row, cited=citations)


def assessment_row(
    assessment: Assessment, lead: Place | None, second: Place | None, cited: tuple[Cited, ...]
) -> AssessmentRow:
    """An assessment with each of its values citing what speaks of it: a citation of one field is of that only."""

    def of(*fields: str) -> tuple[Cited, ...]:
        own = tuple(citation for citation in cited if citation.field in fields)
        return own or tuple(citation for citation in cited if not citation.field)

    levels = frozenset(assessment.risk_levels.split())
    return AssessmentRow(
        technology=assessment.technology.slug,
        lead=Value(lead, basis=assessment.lead_basis, cited=of("lead_country")) if lead else Value(),
        second=Value(second, basis=assessment.second_basis, cited=of("second_country")) if second else Value(),
        risk=Value(RISK_WORDS.get(levels), basis=assessment.risk_basis, cited=of("risk_levels"))
        if levels
        else Value(),
        institutions=Value(
            assessment.institutions_in_lead,
            basis=assessment.institutions_basis,
            cited=of("institutions_in_lead", "institutions_of"),
        )
        if assessment.institutions_in_lead is not None
        else Value(),
        institutions_of=assessment.institutions_of,
        ratio=Value(
            published(assessment.lead_ratio, assessment.lead_ratio_decimals),
            basis=assessment.ratio_basis,
            cited=of("lead_ratio"),
        )
        if assessment.lead_ratio is not None
        else Value(),
        verification=assessment.verification,
        note=assessment.note,
        cited=cited,
    )


def tally_place(tally: Tally) -> Place | None:
    if tally.country:
        return country_place(tally.country.code, tally.country.name)
    if tally.bloc:
        return bloc_place(tally.bloc.slug, tally.bloc.name)
    if tally.institution:
        return institution_place(tally.institution.slug, tally.institution.name)
    return None
