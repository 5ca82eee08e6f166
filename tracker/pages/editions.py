"""/editions/ and /editions/<slug>/."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models import Value as Constant

from tracker.analysis.editions import CoveredRow, EditionPage, EditionRow, EditionScoreRow, YearsRow, extent, many
from tracker.analysis.home import ShareOfCells, counted
from tracker.analysis.leadership import LEVELS, ScoreRow, share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, Link, PageModel, TableData, citing, long_date, stated
from tracker.analysis.technologies import joined, lower_first
from tracker.history.past import Moment
from tracker.models import Assessment, Edition, Score, Technology
from tracker.pages.home import tallies_table
from tracker.pages.not_found import NotFound
from tracker.pages.rows import (
    CitedBy,
    Editions,
    EntryRow,
    KeyedScore,
    RecordReader,
    WindowRow,
    all_withheld,
    cited_scores,
    reading_record,
)

# Values that the page of one edition reads; of a larger one it shows those of its own window.
MOST_VALUES = 20_000
# Rows of a table that a page shows whole: a longer one comes first, for the first table of a page is divided.
LONG = 100
# Technologies that one sentence names.
NAMED = 5


def edition_list(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Every edition of every series. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        covered = Counter(dict(Edition.objects.annotate(n=Count("entries")).values_list("slug", "n")))
        slug_of = {w.pk: w.edition for w in editions.windows if w.kind == "main"}
        leaders: dict[str, set[int]] = defaultdict(set)
        for row in reader.ranks(best=1, window__kind="main"):
            leaders[slug_of[row.window]].add(row.technology)
        # Two counts in one query.
        slug = "window__edition__slug"
        scores = Score.objects.filter(window__kind="main", share__isnull=False, country__isnull=False).order_by()
        rated = Assessment.objects.filter(window__kind="main", risk_levels__in=LEVELS).order_by()
        known = Counter(
            scores.values_list(slug, Constant("share")).union(rated.values_list(slug, Constant("risk")), all=True)
        )
        reader.show_all("score", "assessment", "editiontechnology")
        cited = reader.citations({"edition": [editions.pk(ref) for ref in editions.refs]})
        rows = tuple(
            EditionRow(
                edition=Link(ref.name, ref.address),
                series=ref.series_name,
                released=ref.released,
                years=ref.years,
                stage=ref.stage,
                technologies=stated(
                    ref.technology_count, citing(cited.get(("edition", editions.pk(ref)), ())), basis="stated"
                ),
                covered=counted(covered[ref.slug], ref.address),
                leaders_known=counted(len(leaders[ref.slug]), _rows_of(ref)),
                shares_known=counted(known[ref.slug, "share"], _rows_of(ref)),
                risks_known=counted(known[ref.slug, "risk"], _rows_of(ref)),
            )
            for ref in editions.refs
        )
        return PageModel(
            title="Editions",
            sentence=f"{len(rows)} editions in {len({row.series for row in rows})} series. Editions are compared only "
            "within their series: one publisher, one indicator, one method.",
            address="/editions/",
            trail=(Link("Home", "/"),),
            tables=(
                TableData(
                    "editions", "Editions, and how much of each is known", ordered(rows, sort, EditionRow), EditionRow
                ),
            ),
            stamp=reader.stamp(),
        )


def _rows_of(ref: EditionRef) -> str:
    """Where the rows of an edition stand."""
    return f"/{'technologies' if ref.level == 'technology' else 'fields'}/?edition={ref.slug}"


def edition(*, slug: str, sort: str = "", at: Moment | None = None) -> EditionPage:
    """One edition: what it covers, what it states about itself, how much of it is known. `sort` is of its first
    table. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        found = Edition.objects.filter(slug=slug).select_related("series", "previous").first()
        if found is None:
            raise NotFound(
                f"There is no edition “{slug[:80]}”.", tuple(Link(ref.name, ref.address) for ref in editions.refs)
            )
        ref = editions.get(found.slug)
        reader.show("edition", [found.pk])
        windows = editions.windows_of(ref)
        entries = reader.entries(edition=found.pk)
        tallies = reader.tallies(window__edition=found.pk)
        values = _values(reader, ref, windows, editions.window(ref))
        scores, main = values.of_main, values.main
        firsts = [score for score in scores if score.row.leads and score.row.place.kind == "country"]
        raw = reader.assessments(window=main.pk if main else 0)
        cited = reader.citations(
            {
                "edition": [found.pk],
                "tally": [tally.pk for tally in tallies],
                "editiontechnology": [entry.pk for entry in entries],
                "score": [score.pk for score in values.read],
            }
        )
        own = cited.get(("edition", found.pk), ())
        covered = {entry.technology_pk: entry.technology for entry in entries}
        strange = _technologies(reader, {score.technology_pk for score in values.read} - set(covered))
        for score in values.read:
            # Where no entry speaks for it, the edition does.
            if score.technology_pk in strange:
                cited.setdefault(("score", score.pk), own)
        leaders = {score.technology_pk for score in firsts} | {row.technology_id for row, lead, _ in raw if lead}
        total = len(entries)
        coverage = [
            ShareOfCells("leader known", len(leaders), total),
            ShareOfCells("leader's share known", sum(score.row.share is not None for score in firsts), total),
        ]
        if ref.level == "technology":
            levels = sum(row.risk_levels in LEVELS for row, _, _ in raw)
            coverage.append(ShareOfCells("level of monopoly risk stated", levels, total))
        tables = [
            tallies_table(f"What the {found.name} edition states about itself", tallies, editions, cited),
            TableData(
                "scores",
                f"Everything known to us of the {found.name} edition, place by place",
                _score_rows(scores, cited, entries, editions, ref),
                EditionScoreRow,
                empty="The shares of each country stand on the pages of the research fields."
                if ref.level == "field"
                else ("Of its own window nothing is known" if main else "It has no window of its own")
                + ": its values stand year by year, below."
                if values.beside
                else "Nothing has been seen by us.",
            ),
            TableData(
                "years",
                f"The {found.name} edition by years: every value of whom it says something of several windows"
                if main
                else f"The {found.name} edition by years: every value known to us",
                _years_rows(values, windows, cited_scores(values.read, cited, entries, editions), covered | strange),
                YearsRow,
                empty="Its values of other years are too many for a page."
                if values.beside
                else "Of no other years is anything known to us.",
            ),
            TableData(
                "technologies",
                f"What the {found.name} edition covers, as it names and groups it",
                tuple(
                    CoveredRow(
                        stated(
                            entry.number,
                            citing(cited.get(("editiontechnology", entry.pk), own), "number"),
                            basis=entry.basis,
                        ),
                        entry.technology,
                        entry.name_there,
                        entry.category.text if entry.category and ref.level == "technology" else "",
                        stated("covered", citing(cited.get(("editiontechnology", entry.pk), own)), basis=entry.basis),
                        "" if all_withheld(cited.get(("editiontechnology", entry.pk), ())) else entry.note,
                    )
                    for entry in entries
                ),
                CoveredRow,
                empty="What it covers has not been entered." if values.total else "What it will cover is not known.",
            ),
        ]
        # Where no table is long the order stays: it is also what the CSV twin gives first.
        tables.sort(key=lambda table: table.name != "years" or len(table.rows) <= LONG)
        tables[0] = replace(tables[0], rows=ordered(tables[0].rows, sort, tables[0].row_type))
        return EditionPage(
            title=found.name,
            sentence=f"{found.series.publisher}: "
            + extent(
                covered=found.technology_count or total,
                level=ref.level,
                values=values.total,
                windows=[(one.first_year, one.last_year) for one in windows if values.counts.get(one.pk)],
                published=ref.stage == "published",
            )
            + (f", publications {ref.years}" if ref.years else "")
            + (f", released {long_date(found.released)}." if found.released else ".")
            + (f" {many(values.beside, 'value is', 'values are')} of other years." if values.beside and main else ""),
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Editions", "/editions/")),
            edition=None,
            headline="" if all_withheld(own) else found.headline,
            verification="" if all_withheld(own) else found.verification,
            released=found.released or found.released_note,
            windows=tuple(
                f"{one.years}: {'its own window' if one.kind == 'main' else one.kind}"
                + (f", {many(values.counts[one.pk], 'value', 'values')}" if one.pk in values.counts else "")
                for one in windows
            ),
            previous=Link(found.previous.name, found.previous.get_absolute_url()) if found.previous else None,
            series_method=found.series.method,
            note=found.note,
            coverage=tuple(coverage) if total else (),
            missing=(
                *_lacking(ref, values, tuple(strange.values())),
                *(part.sentence for part in coverage if part.known < part.total),
            ),
            beside=values.beside,
            wanted=_wanted(ref, editions.pk(ref), values, tuple(strange.values()), windows),
            tables=tuple(tables),
            stamp=reader.stamp(),
        )


def _by_count(row: ScoreRow) -> tuple[int, int]:
    """Ranks and shares as they come; places of which only publications are known after them, the most first."""
    if row.ranks is not None or row.share is not None or row.withheld or row.kept_back:
        return (0, 0)
    return (1, -(row.publications or 0))


def _score_rows(
    scores: tuple[KeyedScore, ...], cited: CitedBy, entries: tuple[EntryRow, ...], editions: Editions, ref: EditionRef
) -> tuple[EditionScoreRow, ...]:
    if ref.level == "field":
        return ()
    found = cited_scores(scores, cited, entries, editions)
    technologies = {entry.technology_pk: entry for entry in entries}
    rows = [
        EditionScoreRow(
            technologies[technology].technology,
            row.place,
            row.place.kind,
            row.rank,
            share_value(row),
            row.value(row.publications, "publications"),
            row.note,
        )
        for (_, technology), of_it in found.items()
        for row in sorted(of_it, key=_by_count)
        if technology in technologies
    ]
    order = {entry.technology.address: number for number, entry in enumerate(entries)}
    return tuple(sorted(rows, key=lambda row: order[row.technology.address]))


@dataclass(frozen=True)
class _Values:
    """The scores of an edition that its page reads. `counts`: how many there are, by window; `beside`: how many in
    others than `main`, its own. Of fields only who leads is read, unless there are other windows to compare with."""

    read: tuple[KeyedScore, ...]
    main: WindowRow | None
    counts: Mapping[int, int]
    beside: int

    @property
    def of_main(self) -> tuple[KeyedScore, ...]:
        return tuple(score for score in self.read if self.main and score.window == self.main.pk)

    @property
    def total(self) -> int:
        return self.beside + len(self.of_main)


def _values(reader: RecordReader, ref: EditionRef, windows: tuple[WindowRow, ...], main: WindowRow | None) -> _Values:
    others = [window.pk for window in windows if window != main]
    counts: dict[int, int] = dict.fromkeys(others, 0)
    if others:
        of_others = Score.objects.filter(window__in=others).order_by()
        counts |= dict(of_others.values_list("window").annotate(Count("pk")))
    beside = sum(counts.values())
    wanted = Q(window=main.pk if main else 0)
    if beside > MOST_VALUES:
        reader.show_all("score")
    elif beside:
        wanted |= Q(window__in=others)
    # The thousand shares of the fields stand on their own pages.
    only_leaders = ref.level == "field" and not 0 < beside <= MOST_VALUES
    if only_leaders:
        wanted &= Q(rank_to=1)
    read = reader.scores(wanted)
    if main and not only_leaders:
        counts[main.pk] = sum(score.window == main.pk for score in read)
    return _Values(read, main, counts, beside)


def _technologies(reader: RecordReader, wanted: Collection[int]) -> dict[int, Link]:
    """Technologies by primary key; one query where any is wanted."""
    if not wanted:
        return {}
    reader.show("technology", wanted)
    rows = Technology.objects.filter(pk__in=wanted).order_by("name")
    return {row.pk: Link(row.name, row.get_absolute_url()) for row in rows}


def _years_rows(
    values: _Values,
    windows: tuple[WindowRow, ...],
    scores: Mapping[tuple[int, int], Iterable[ScoreRow]],
    technologies: Mapping[int, Link],
) -> tuple[YearsRow, ...]:
    """The values of each place in each technology of which another window than the edition's own says something:
    technologies in their order, places by their newest value, years from the newest back."""
    if not 0 < values.beside <= MOST_VALUES:
        return ()
    groups: dict[tuple[int, str, str], list[tuple[WindowRow, ScoreRow]]] = defaultdict(list)
    for window in windows:
        for technology in technologies:
            for row in scores.get((window.pk, technology), ()):
                groups[technology, row.place.kind, row.place.code].append((window, row))
    order = {technology: number for number, technology in enumerate(technologies)}

    def place(key: tuple[int, str, str]) -> tuple[object, ...]:
        window, row = groups[key][0]
        # What is withheld gives nothing away by where it stands.
        ranks = row.ranks if not row.withheld else None
        best = (ranks is None, ranks.last if ranks else 0, -(row.share or 0), -(row.publications or 0))
        return (order[key[0]], -window.last_year, *best, row.place.name)

    found = [
        (technologies[key[0]], window, row)
        for key in sorted(groups, key=place)
        if any(window != values.main for window, _ in groups[key])
        for window, row in groups[key]
    ]
    columns = [
        (row.rank, share_value(row), row.value(row.publications, "publications"), row.value(row.h_index, "h_index"))
        for _, _, row in found
    ]
    rank, share, publications, h_index = (
        any(value.known or value.withheld for value in column) for column in zip(*columns, strict=True)
    )
    return tuple(
        YearsRow(
            technology,
            row.place,
            window.years,
            of_it[0] if rank else None,
            of_it[1] if share else None,
            of_it[2] if publications else None,
            of_it[3] if h_index else None,
            row.note,
        )
        for (technology, window, row), of_it in zip(found, columns, strict=True)
    )


def _lacking(ref: EditionRef, values: _Values, strange: tuple[Link, ...]) -> tuple[str, ...]:
    """What keeps the values of an edition from the pages of technologies and countries, in sentences."""
    if not values.total:
        return () if values.main or ref.technology_count else ("None of its results have been seen by us.",)
    found = []
    if ref.stage != "published":
        found.append("It is said to be announced only: what is known of it stands on no page but this one.")
    if strange:
        names = [lower_first(link.text) for link in strange[:NAMED]]
        if len(strange) > NAMED:
            names.append(f"{len(strange) - NAMED} more")
        found.append(
            f"It is not entered that the edition covers {joined(names)}: until then its values stand on no page but "
            "this one."
        )
    if values.main is None:
        found.append(
            "None of its windows of years is entered as its own. Pages of technologies and countries show the values "
            "of an edition's own window; these stand on no page but this one."
        )
    return tuple(found)


def _wanted(
    ref: EditionRef, pk: int, values: _Values, strange: tuple[Link, ...], windows: tuple[WindowRow, ...]
) -> tuple[Link, ...]:
    """The forms in which that is entered."""
    if not values.total:
        return ()
    found = []
    if ref.stage != "published":
        asked = urlencode({"field": "stage", "back": ref.address})
        found.append(Link("Enter that it is published", f"/records/edition/{pk}/edit/?{asked}"))
    for link in strange[:NAMED]:
        slug = link.address.rstrip("/").rpartition("/")[2]
        asked = urlencode({"edition": ref.slug, "technology": slug, "back": ref.address})
        found.append(
            Link(f"Enter that it covers {lower_first(link.text)}", f"/records/editiontechnology/new/?{asked}")
        )
    newest = next((window for window in windows if values.counts.get(window.pk)), None)
    if values.main is None and newest is not None:
        asked = urlencode({"field": "kind", "back": ref.address})
        found.append(Link(f"Make {newest.years} its own window", f"/records/window/{newest.pk}/edit/?{asked}"))
    return tuple(found)
