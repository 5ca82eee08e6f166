"""/editions/ and /editions/<slug>/."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q

from tracker.analysis.editions import CoveredRow, EditionPage, EditionRow
from tracker.analysis.home import ShareOfCells, TallyShown
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, TableData, Value, long_date
from tracker.history.past import Moment
from tracker.models import Assessment, Edition, Score
from tracker.pages.home import tally_shown
from tracker.pages.not_found import NotFound
from tracker.pages.rows import reading_record


def edition_list(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Every edition of every series. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions()
        covered = Counter(dict(Edition.objects.annotate(n=Count("entries")).values_list("slug", "n")))
        main = Q(window__kind="main")
        leaders: Counter[str] = Counter()
        shares: Counter[str] = Counter()
        for slug, rank, share in Score.objects.filter(
            main, Q(rank_to=1) | Q(share__isnull=False), country__isnull=False
        ).values_list("window__edition__slug", "rank_to", "share"):
            leaders[slug] += rank == 1
            shares[slug] += share is not None
        risks = Counter(
            Assessment.objects.filter(main).exclude(risk_levels="").values_list("window__edition__slug", flat=True)
        )
        reader.show("edition", [editions.pk(ref) for ref in editions.refs])
        cited = reader.citations({"edition": [editions.pk(ref) for ref in editions.refs]})
        rows = tuple(
            EditionRow(
                edition=Link(ref.name, ref.address),
                series=ref.series_name,
                released=ref.released,
                years=ref.years,
                stage=ref.stage,
                technologies=Value(
                    ref.technology_count, basis="stated", cited=cited.get(("edition", editions.pk(ref)), ())
                )
                if ref.technology_count
                else Value(),
                covered=covered[ref.slug],
                leaders_known=leaders[ref.slug],
                shares_known=shares[ref.slug],
                risks_known=risks[ref.slug],
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


def edition(*, slug: str, at: Moment | None = None) -> EditionPage:
    """One edition: what it covers, what it states about itself, how much of it is known. Raises NotFound."""
    with reading_record(at) as reader:
        editions = reader.editions()
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
        keyed = reader.scores(window=main.pk if main else 0, rank_to=1) if ref.level == "technology" else ()
        fields = reader.scores(window=main.pk if main else 0, rank_to=1) if ref.level == "field" else ()
        raw = reader.assessments(window=main.pk if main else 0)
        cited = reader.citations(
            {
                "edition": [found.pk],
                "tally": [tally.pk for tally in tallies],
                "editiontechnology": [entry.pk for entry in entries],
            }
        )
        own = cited.get(("edition", found.pk), ())
        leaders = {score.technology_pk for score in (*keyed, *fields) if score.row.place.kind == "country"}
        total = len(entries)
        count = found.technology_count
        coverage = (
            ShareOfCells("leader known", len(leaders), total),
            ShareOfCells(
                "leader's share known",
                sum(s.row.share is not None for s in (*keyed, *fields) if s.row.place.kind == "country"),
                total,
            ),
            ShareOfCells("monopoly risk known", sum(bool(row.risk_levels) for row, _, _ in raw), total),
        )
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
            headline=found.headline,
            verification=found.verification,
            released=found.released or found.released_note,
            windows=tuple(
                f"{window.years}: {'its own window' if window.kind == 'main' else window.kind}" for window in windows
            ),
            previous=Link(found.previous.name, found.previous.get_absolute_url()) if found.previous else None,
            series_method=found.series.method,
            note=found.note,
            coverage=coverage if total else (),
            missing=tuple(
                f"The {part.what.replace(' known', '')} is known for {part.known} of {part.total}."
                for part in coverage
                if part.known < part.total and (ref.level == "technology" or "risk" not in part.what)
            )
            if total
            else ("None of its results have been seen.",),
            tables=(
                TableData(
                    "tallies",
                    f"What the {found.name} edition states about itself",
                    tuple(tally_shown(tally, editions, cited.get(("tally", tally.pk), ())) for tally in tallies),
                    TallyShown,
                    empty="We have seen no count that it states about itself.",
                ),
                TableData(
                    "technologies",
                    f"What the {found.name} edition covers, as it names and groups it",
                    tuple(
                        CoveredRow(
                            entry.number,
                            entry.technology,
                            entry.name_there,
                            entry.category.text if entry.category and ref.level == "technology" else "",
                            Value(
                                "covered",
                                basis=entry.basis,
                                cited=cited.get(("editiontechnology", entry.pk), own),
                            ),
                            entry.note,
                        )
                        for entry in entries
                    ),
                    CoveredRow,
                    empty="What it will cover is not known.",
                ),
            ),
            stamp=reader.stamp(),
        )
