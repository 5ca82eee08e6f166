"""Reading the record: querysets -> the rows that analysis takes. Each method is one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce
from django.utils import timezone

from tracker.analysis.leadership import RISK_WORDS, AssessmentRow, ScoreRow
from tracker.analysis.read_model import (
    Cited,
    Content,
    EditionRef,
    Link,
    Place,
    Ranks,
    RecordRef,
    SourceRef,
    Stamp,
    Value,
    citing,
    published,
    stated,
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

# Per cent by which the shares of all countries may add up to more than 100 before a page says so.
TOO_MUCH = 6

CitedBy = dict[tuple[str, int], tuple[Cited, ...]]

# Kind -> primary keys in the order in which they were read.
_noted: ContextVar[dict[str, dict[int, None]] | None] = ContextVar("noted_records", default=None)


@contextmanager
def noting_records() -> Iterator[dict[str, dict[int, None]]]:
    """Inside, the records that pages show are noted: kind -> their primary keys, in the order of reading."""
    noted: dict[str, dict[int, None]] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


_noted_kinds: ContextVar[set[str] | None] = ContextVar("noted_kinds", default=None)


@contextmanager
def noting_kinds() -> Iterator[set[str]]:
    """Inside, the kinds are noted of which a page speaks of every record (`RecordReader.show_all`)."""
    noted: set[str] = set()
    token = _noted_kinds.set(noted)
    try:
        yield noted
    finally:
        _noted_kinds.reset(token)


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
class RankRow:
    """That a country has a rank, or a range of ranks, in a technology."""

    window: int
    technology: int
    country: str
    ranks: Ranks


@dataclass(frozen=True)
class FrontRow:
    """That a country has a rank in a technology, and the record that says so (`kind`, `pk`)."""

    window: int
    technology_pk: int
    technology: Link
    place: Place
    ranks: Ranks
    kind: str
    pk: int
    basis: str


@dataclass(frozen=True)
class KeyedScore:
    """A score with what it belongs to."""

    pk: int
    window: int
    technology_pk: int
    row: ScoreRow


class Editions:
    """All editions with their windows; resolves `edition=` in this one place."""

    def __init__(self, refs: tuple[EditionRef, ...], windows: tuple[WindowRow, ...], pks: dict[str, int]) -> None:
        self.refs, self.windows, self._pks = refs, windows, pks
        self._by_slug = {ref.slug: ref for ref in refs}

    def pk(self, ref: EditionRef) -> int:
        return self._pks[ref.slug]

    def get(self, slug: str) -> EditionRef:
        return self._by_slug[slug]

    def of_series(self, series: str) -> tuple[EditionRef, ...]:
        """The editions of one series, oldest first."""
        return tuple(ref for ref in self.refs if ref.series == series)

    @property
    def of_technologies(self) -> tuple[EditionRef, ...]:
        """The published editions that rank technologies, oldest first: what edition switches offer."""
        return tuple(ref for ref in self.refs if ref.level == "technology" and ref.stage == "published")

    @property
    def of_fields(self) -> tuple[EditionRef, ...]:
        """The published editions that rank research fields, oldest first."""
        return tuple(ref for ref in self.refs if ref.level == "field" and ref.stage == "published")

    def choose(self, slug: str, *, level: str = "technology") -> EditionRef:
        """The edition that the address names, or the default one of its level ("": of any, technologies first).

        Default: the featured edition; for fields the newest window. Raises NotFound.
        """
        if not slug and not level:
            level = "technology" if self.of_technologies else "field"
        published_ones = [ref for ref in self.refs if ref.stage == "published"]
        fitting = [ref for ref in published_ones if level in ("", ref.level)]
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
    """Reads rows at one moment and remembers which records it showed.

    The version of the record is read first: whatever is written meanwhile makes the next version, so what
    is kept under this one is never older than it says.
    """

    def __init__(self, at: Moment | None) -> None:
        self._at = at
        self._shown: dict[str, set[int]] = defaultdict(set)
        self._whole: set[str] = set()
        self._version: tuple[int, str] | None = None
        self._day = ""
        self._editions: Editions | None = None

    def show(self, kind: str, pks: Iterable[int | None]) -> None:
        """Remembers records that a page shows, for its stamp."""
        found = [pk for pk in pks if pk is not None]
        self._shown[kind].update(found)
        if (noted := _noted.get()) is not None:
            noted.setdefault(kind, {}).update(dict.fromkeys(found))

    def show_all(self, *kinds: str) -> None:
        """Remembers that a page speaks of every record of these kinds."""
        self._whole.update(kinds)
        if (noted := _noted_kinds.get()) is not None:
            noted.update(kinds)

    def begin(self) -> None:
        """Reads the version: one query, none where the moment brings it."""
        if self._at is not None and self._at.digest:
            self._version = (self._at.number, self._at.digest)
        elif self._at is not None:
            newest = Revision.objects.filter(number=self._at.number)
            self._version = newest.values_list("number", "digest").first() or (0, "")
        else:
            self._version = RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")

    @property
    def day(self) -> str:
        """The day the page speaks of, as ISO date: today (UTC), or that of the past moment. Read once."""
        if self._day:
            return self._day
        if self._at is None:
            self._day = timezone.now().date().isoformat()
        else:
            self._day = self._at.day
        return self._day

    @property
    def editions(self) -> Editions:
        """All editions with their windows; read once."""
        if self._editions is None:
            self._editions = self._read_editions()
        return self._editions

    def _read_editions(self) -> Editions:
        columns: tuple[str, ...] = (
            "pk",
            "slug",
            "name",
            "released",
            "stage",
            "featured",
            "technology_count",
            "series_id",
            "series__slug",
            "series__name",
            "series__unit",
            "series__level",
            "windows__pk",
            "windows__first_year",
            "windows__last_year",
            "windows__kind",
        )
        found = Edition.objects.order_by("series_id", "released", "slug", "-windows__last_year")
        if self._version is None and self._at is None:
            # The version in the same query: nothing can be written in between.
            counter = RevisionCounter.objects.all()[:1]
            found = found.annotate(number=Subquery(counter.values("last_number")))
            found = found.annotate(digest=Subquery(counter.values("last_digest")))
            columns = (*columns, "number", "digest")
        rows = list(found.values(*columns))
        if self._version is None and rows and "number" in rows[0]:
            self._version = (rows[0]["number"] or 0, rows[0]["digest"] or "")
        elif self._version is None:
            self.begin()
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
                    level=row["series__level"],
                    featured=row["featured"],
                    technology_count=row["technology_count"],
                    address=f"/editions/{row['slug']}/",
                ),
            )
        self.show("edition", (row["pk"] for row in rows))
        self.show("series", (row["series_id"] for row in rows))
        self.show("window", (window.pk for window in windows))
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
            "category_id",
            "category__slug",
            "category__name",
            "technology__category_id",
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
                category_pk,
                category,
                category_name,
                own_pk,
                own,
                own_name,
                number,
                basis,
                note,
            ) = row
            room = "fields" if level == "field" else "technologies"
            group = (category, category_name) if category else (own, own_name)
            self.show("category", [category_pk or own_pk])
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
                citation_shown(citation, sources[citation.source_id], sources.get(citation.seen_through_id or 0))
            )
            shown.add(citation.pk)
        self.show("citation", shown)
        self.show("source", sources)
        return {key: tuple(citations) for key, citations in found.items()}

    def scores(self, *conditions: Q, **filters: object) -> tuple[KeyedScore, ...]:
        """Scores without their citations (`cited_scores` adds those), best rank first."""
        rows = Score.objects.filter(*conditions, **filters).order_by(
            "window_id",
            "technology_id",
            F("rank_to").asc(nulls_last=True),
            F("rank_from").asc(nulls_last=True),
            F("share").desc(nulls_last=True),
            "pk",
        )
        found = []
        places: dict[str, Place] = {}
        for row in rows.values_list(
            "pk",
            "window_id",
            "technology_id",
            "technology__slug",
            "country_id",
            "country__code",
            "country__name",
            "bloc_id",
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
                country_pk,
                code,
                country,
                bloc_pk,
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
                self.show("country" if code else "bloc", [country_pk or bloc_pk])
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
                        of=RecordRef("score", pk),
                    ),
                )
            )
        self.show("score", (score.pk for score in found))
        return tuple(found)

    def remainders(self, **filters: object) -> dict[tuple[int, int], Decimal]:
        """What the known shares of all countries leave of 100 per cent, by (window, technology): one query.

        The most that their published digits allow; negative where they add up to more than 100. Bounds, and what
        a source of its own does not let us republish, are left out as if they were not known.
        """
        withheld = Citation.objects.filter(kind="score", source__reuse=Source.Reuse.NO)
        rows = (
            Score.objects.filter(country__isnull=False, share__isnull=False, share_bound="", **filters)
            .exclude(pk__in=withheld.values("record"))
            .order_by()
            .values_list("pk", "window_id", "technology_id", "share", "share_decimals")
        )
        left: dict[tuple[int, int], Decimal] = defaultdict(lambda: Decimal(100))
        shown = []
        for pk, window, technology, share, decimals in rows:
            shown.append(pk)
            assert share is not None  # by the filter
            left[window, technology] -= share - Decimal(1).scaleb(-(decimals or 0)) / 2
        self.show("score", shown)
        return left

    def assessments(self, **filters: object) -> tuple[tuple[Assessment, Place | None, Place | None], ...]:
        rows = list(
            Assessment.objects.filter(**filters)
            .select_related("lead_country", "second_country", "technology")
            .order_by("pk")
        )
        self.show("assessment", (row.pk for row in rows))
        for row in rows:
            self.show("country", [row.lead_country_id, row.second_country_id])
        return tuple(
            (
                row,
                country_place(row.lead_country.code, row.lead_country.name) if row.lead_country else None,
                country_place(row.second_country.code, row.second_country.name) if row.second_country else None,
            )
            for row in rows
        )

    def ranks(self, *, best: int | None = None, **of: object) -> tuple[RankRow, ...]:
        """Ranks of countries from scores and assessments in one query: what counts need.

        `of` filters both by their window; `best` leaves out ranks that may be worse. What may not be
        republished is left out, as if it were not known.
        """
        scores = Score.objects.filter(country__isnull=False, rank_from__isnull=False, **of)
        scores = scores.alias(reuse=rank_reuse()).exclude(reuse=Source.Reuse.NO)
        if best is not None:
            scores = scores.filter(rank_to__lte=best)
        said = Assessment.objects.filter(**of).order_by()
        parts: list[QuerySet[Any, Any]] = [
            scores.order_by().values_list(
                "pk", Constant("score"), "window_id", "technology_id", "country__code", "rank_from", "rank_to"
            )
        ]
        for rank, country in ((1, "lead_country"), (2, "second_country")):
            if best is None or rank <= best:
                told = said.filter(**{f"{country}__isnull": False}).alias(reuse=_place_reuse(country))
                parts.append(
                    told.exclude(reuse=Source.Reuse.NO).values_list(
                        "pk", Constant("assessment"), "window_id", "technology_id", f"{country}__code",
                        Constant(rank), Constant(rank),
                    )
                )  # fmt: skip
        found = []
        for pk, kind, window, technology, code, best_rank, worst_rank in parts[0].union(*parts[1:]):
            self.show(kind, [pk])
            if (ranks := Ranks.between(best_rank, worst_rank)) is not None:
                found.append(RankRow(window, technology, code, ranks))
        return tuple(found)

    def front_ranks(self, *, best: int, **of: object) -> tuple[FrontRow, ...]:
        """Ranks of countries that are surely `best` or better, with names and the record that says so.

        As `ranks`, from scores and assessments in one query, without what is withheld; `of` filters both by their
        window. By window, technology and rank; what a score says comes before what an assessment says.
        """
        columns = ("technology_id", "technology__slug", "technology__name")
        scores = Score.objects.filter(country__isnull=False, rank_to__lte=best, **of).order_by()
        scores = scores.alias(reuse=rank_reuse()).exclude(reuse=Source.Reuse.NO)
        said = Assessment.objects.filter(**of).order_by()
        of_score = ("country_id", "country__code", "country__name", "rank_from", "rank_to", "basis")
        parts: list[QuerySet[Any, Any]] = [
            scores.values_list("pk", Constant("score"), "window_id", *columns, *of_score)
        ]
        for rank, name in ((1, "lead"), (2, "second")):
            country = f"{name}_country"
            if rank <= best:
                told = said.filter(**{f"{country}__isnull": False}).alias(reuse=_place_reuse(country))
                parts.append(
                    told.exclude(reuse=Source.Reuse.NO).values_list(
                        "pk", Constant("assessment"), "window_id", *columns,
                        f"{country}_id", f"{country}__code", f"{country}__name",
                        Constant(rank), Constant(rank), f"{name}_basis",
                    )
                )  # fmt: skip
        found = []
        for row in parts[0].union(*parts[1:]):
            pk, kind, window, technology_pk, slug, technology, country_pk, code, country, first, last, basis = row
            self.show(kind, [pk])
            self.show("technology", [technology_pk])
            self.show("country", [country_pk])
            link = Link(technology, f"/technologies/{slug}/")
            place = country_place(code, country)
            found.append(FrontRow(window, technology_pk, link, place, Ranks(first, last), kind, pk, basis))
        found.sort(key=lambda row: (row.window, row.technology_pk, row.ranks.last, row.kind != "score", row.pk))
        return tuple(found)

    def tallies(self, **filters: object) -> tuple[Tally, ...]:
        rows = tuple(
            Tally.objects.filter(**filters)
            .select_related("country", "bloc", "institution", "category", "window__edition")
            .order_by("window__edition__slug", "metric", "-value", "pk")
        )
        for row in rows:
            self.show("tally", [row.pk])
            self.show("country", [row.country_id])
            self.show("bloc", [row.bloc_id])
            self.show("institution", [row.institution_id])
            self.show("category", [row.category_id])
        return rows

    def stamp(self) -> Stamp:
        """The state read from, and what last touched what was shown: one query."""
        shown = Q(kind__in=list(self._whole))
        for kind, pks in self._shown.items():
            if pks and kind not in self._whole:
                shown |= Q(kind=kind, record__in=list(pks))
        touched = Interval.objects.filter(shown)
        if self._at is not None:
            touched = touched.filter(since__lte=self._at.number)
        if self._version is None:
            raise RuntimeError("The version must be read before the rows: use reader.editions or reader.begin().")
        # The newest number first, and then its one revision: joined the other way about, PostgreSQL has been seen to
        # run through all revisions for every interval (40 s) while its statistics were of another state.
        newest = touched.order_by().values(none=Constant(None)).annotate(newest=Max("since")).values("newest")
        revision = Revision.objects.filter(number=Subquery(newest))
        changed, when = revision.values_list("number", "act__at").first() or (0, None)
        number, digest = self._version
        return Stamp(number, version(number, digest), changed, when.date().isoformat() if when else "")


def all_to_cite(*parts: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """Records to read the citations of, by kind, from several parts of a page: each once."""
    wanted: dict[str, dict[int, None]] = defaultdict(dict)
    for part in parts:
        for kind, pks in part.items():
            wanted[kind].update(dict.fromkeys(pks))
    return {kind: list(pks) for kind, pks in wanted.items()}


@contextmanager
def reading_record(at: Moment | None, *, editions: bool = True) -> Iterator[RecordReader]:
    """A reader of the record as it is, or as it stood at `at`.

    Starts with one query: the editions and the version of the record, or the version alone.
    """
    with reading(at):
        reader = RecordReader(at)
        if editions:
            _ = reader.editions
        else:
            reader.begin()
        yield reader


def rank_reuse() -> Coalesce:
    """The reuse of the source that decides whether a score's rank may be shown, as `cited_scores` finds it of scores
    that are read with their citations: its own, else those of its edition's entry for the technology."""
    entry = EditionTechnology.objects.filter(
        edition=OuterRef(OuterRef("window__edition")), technology=OuterRef(OuterRef("technology"))
    )
    own = Citation.objects.filter(kind="score", record=OuterRef("pk"))
    of_entry = Citation.objects.filter(kind="editiontechnology", record__in=entry.order_by().values("pk"))
    speaking = Q(field__in=("", "rank_from"))
    return Coalesce(_deciding(own, speaking), _deciding(of_entry, speaking), Constant(""))


def _place_reuse(column: str) -> Coalesce:
    """As `rank_reuse`, of an assessment's leader or second (`column`), as `assessment_row` finds it."""
    own = Citation.objects.filter(kind="assessment", record=OuterRef("pk"))
    return Coalesce(_deciding(own, Q(field=column), Q(field="")), Constant(""))


def _deciding(citations: QuerySet[Citation], *speaking: Q) -> Subquery:
    """The reuse of the best source among those that speak most closely, `speaking` from near to far, of a value:
    "no" only where all of these are withheld."""
    near = Case(*(When(said, then=Constant(place)) for place, said in enumerate(speaking)), default=len(speaking))
    withheld = Case(When(source__reuse=Source.Reuse.NO, then=Constant(1)), default=0)
    return Subquery(citations.order_by(near, withheld).values("source__reuse")[:1])


def country_place(code: str, name: str) -> Place:
    return Place(code, name, f"/countries/{code.lower()}/")


def bloc_place(slug: str, name: str) -> Place:
    return Place(slug, name, f"/blocs/{slug}/", "bloc")


def institution_place(slug: str, name: str) -> Place:
    return Place(slug, name, f"/institutions/?q={slug}", "institution")


def citation_shown(citation: Citation, source: SourceRef, seen_through: SourceRef | None) -> Cited:
    """A citation for readers; of a withheld source only that it is cited."""
    of = RecordRef(citation.kind, citation.record, citation.field, citation.record_key)
    if source.withheld:
        return Cited(source=source, field=citation.field, of=of)
    return Cited(
        source=source,
        field=citation.field,
        passage=citation.passage,
        page=citation.page,
        stated_value=citation.stated_value,
        preferred=citation.preferred,
        reliability=citation.reliability,
        credibility=citation.credibility,
        note=citation.note,
        seen_through=seen_through,
        of=of,
    )


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
    scores: Iterable[KeyedScore], cited: CitedBy, entries: Iterable[EntryRow], editions: Editions
) -> dict[tuple[int, int], list[ScoreRow]]:
    """Scores by (window, technology), each with its citations.

    A score without citations of its own has those of its edition's entry for the technology, where that is among
    `entries` (then it is computed from what is cited there). What only withheld sources say is withheld.
    """
    edition_of = {window.pk: window.edition for window in editions.windows}
    entry_of = {(entry.edition, entry.technology_pk): entry.pk for entry in entries}
    found: dict[tuple[int, int], list[ScoreRow]] = defaultdict(list)
    for score in scores:
        citations = cited.get(("score", score.pk))
        if citations is None:
            entry = entry_of.get((edition_of.get(score.window, ""), score.technology_pk))
            citations = cited.get(("editiontechnology", entry), ()) if entry else ()
        found[score.window, score.technology_pk].append(_with_citations(score.row, citations))
    return found


def all_withheld(citations: tuple[Cited, ...]) -> bool:
    """Whether only sources that may not be republished speak of a record."""
    return bool(citations) and all(citation.source.withheld for citation in citations)


# The columns of a score that may be withheld by themselves, and the name citations know them by.
COLUMNS = {"ranks": "rank_from", "share": "share", "publications": "publications", "h_index": "h_index"}


def _with_citations(row: ScoreRow, citations: tuple[Cited, ...]) -> ScoreRow:
    if all_withheld(citations):
        # The ranks stay, to find the row that is withheld; `ScoreRow.value` gives none of it away.
        return replace(row, share=None, publications=None, h_index=None, note="", cited=citations, withheld=True)
    if not any(citation.source.withheld for citation in citations):
        return replace(row, cited=citations)
    kept_back = frozenset(column for column in COLUMNS if all_withheld(citing(citations, COLUMNS[column])))
    # Nothing that adds up, counts or draws may find what a column's own source withholds.
    return replace(
        row,
        ranks=None if "ranks" in kept_back else row.ranks,
        share=None if "share" in kept_back else row.share,
        publications=None if "publications" in kept_back else row.publications,
        h_index=None if "h_index" in kept_back else row.h_index,
        cited=citations,
        kept_back=kept_back,
    )


def assessment_row(
    assessment: Assessment, lead: Place | None, second: Place | None, cited: tuple[Cited, ...]
) -> AssessmentRow:
    """An assessment; each of its values cites what speaks of it, else what speaks of the whole record."""

    def value(content: Content, basis: str, *columns: str) -> Value:
        own = tuple(citation for citation in cited if citation.field in columns)
        of = RecordRef("assessment", assessment.pk, columns[0])
        return stated(content, citing(own or cited, *columns), basis=basis, of=of)

    return AssessmentRow(
        technology=assessment.technology.slug,
        lead=value(lead, assessment.lead_basis, "lead_country"),
        second=value(second, assessment.second_basis, "second_country"),
        risk=value(RISK_WORDS.get(frozenset(assessment.risk_levels.split())), assessment.risk_basis, "risk_levels"),
        institutions=value(
            assessment.institutions_in_lead,
            assessment.institutions_basis,
            "institutions_in_lead",
            "institutions_of",
        ),
        institutions_of=assessment.institutions_of,
        ratio=value(
            published(assessment.lead_ratio, assessment.lead_ratio_decimals), assessment.ratio_basis, "lead_ratio"
        ),
        verification="" if all_withheld(cited) else assessment.verification,
        note="" if all_withheld(cited) else assessment.note,
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
