"""/editions/ and /editions/<slug>/."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.db.models import Count
from django.db.models import Value as Constant

from tracker.analysis.editions import CoveredRow, EditionPage, EditionRow, EditionScoreRow
from tracker.analysis.home import ShareOfCells, counted
from tracker.analysis.leadership import LEVELS, share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, Link, PageModel, TableData, citing, long_date, stated
from tracker.history.past import Moment
from tracker.models import Assessment, Edition, Score
from tracker.pages.home import tallies_table
from tracker.pages.not_found import NotFound
from tracker.pages.rows import (
    CitedBy,
    Editions,
    EntryRow,
    KeyedScore,
    all_withheld,
    cited_scores,
    reading_record,
)


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


def edition(*, slug: str, at: Moment | None = None) -> EditionPage:
    """One edition: what it covers, what it states about itself, how much of it is known. Raises NotFound."""
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
        main = editions.window(ref)
        window = main.pk if main else 0
        # Of the fields only who leads: their thousand shares stand on the pages of the fields.
        scores = reader.scores(window=window, **({"rank_to": 1} if ref.level == "field" else {}))
        firsts = [score for score in scores if score.row.leads and score.row.place.kind == "country"]
        raw = reader.assessments(window=window)
        cited = reader.citations(
            {
                "edition": [found.pk],
                "tally": [tally.pk for tally in tallies],
                "editiontechnology": [entry.pk for entry in entries],
                "score": [score.pk for score in scores],
            }
        )
        own = cited.get(("edition", found.pk), ())
        leaders = {score.technology_pk for score in firsts} | {row.technology_id for row, lead, _ in raw if lead}
        total = len(entries)
        count = found.technology_count
        coverage = [
            ShareOfCells("leader known", len(leaders), total),
            ShareOfCells("leader's share known", sum(score.row.share is not None for score in firsts), total),
        ]
        if ref.level == "technology":
            levels = sum(row.risk_levels in LEVELS for row, _, _ in raw)
            coverage.append(ShareOfCells("level of monopoly risk stated", levels, total))
        level = "technologies" if ref.level == "technology" else "research fields"
        return EditionPage(
            title=found.name,
            sentence=f"{found.series.publisher}: "
            + (f"{count or total} {level}" if count or total else "announced, nothing of it has been seen")
            + (f", publications {ref.years}" if ref.years else "")
            + (f", released {long_date(found.released)}." if found.released else "."),
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Editions", "/editions/")),
            edition=None,
            headline="" if all_withheld(own) else found.headline,
            verification="" if all_withheld(own) else found.verification,
            released=found.released or found.released_note,
            windows=tuple(
                f"{window.years}: {'its own window' if window.kind == 'main' else window.kind}" for window in windows
            ),
            previous=Link(found.previous.name, found.previous.get_absolute_url()) if found.previous else None,
            series_method=found.series.method,
            note=found.note,
            coverage=tuple(coverage) if total else (),
            missing=tuple(part.sentence for part in coverage if part.known < part.total)
            if total
            else ("None of its results have been seen by us.",),
            tables=(
                tallies_table(f"What the {found.name} edition states about itself", tallies, editions, cited),
                TableData(
                    "scores",
                    f"Everything known to us of the {found.name} edition, place by place",
                    _score_rows(scores, cited, entries, editions, ref),
                    EditionScoreRow,
                    empty="The shares of each country stand on the pages of the research fields."
                    if ref.level == "field"
                    else "Nothing has been seen by us.",
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
                            stated(
                                "covered", citing(cited.get(("editiontechnology", entry.pk), own)), basis=entry.basis
                            ),
                            "" if all_withheld(cited.get(("editiontechnology", entry.pk), ())) else entry.note,
                        )
                        for entry in entries
                    ),
                    CoveredRow,
                    empty="What it will cover is not known.",
                ),
            ),
            stamp=reader.stamp(),
        )


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
        for row in of_it
        if technology in technologies
    ]
    order = {entry.technology.address: number for number, entry in enumerate(entries)}
    return tuple(sorted(rows, key=lambda row: order[row.technology.address]))
