"""/coverage/: what share of the record is known, sourced, cited by two."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.db.models import Count

from tracker.analysis.coverage import CoverageRow
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, TableData
from tracker.history.past import Moment
from tracker.models import Assessment, Citation, EditionTechnology, Score
from tracker.pages.rows import reading_record


def coverage(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Per edition, in its own window: leaders, shares, risks, cells, citations. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions()
        technologies: Counter[str] = Counter()
        entry_cited: Counter[tuple[str, int]] = Counter()
        entries = EditionTechnology.objects.values_list("pk", "edition__slug", "technology_id")
        of_entry = {}
        for pk, slug, technology in entries:
            technologies[slug] += 1
            of_entry[pk] = (slug, technology)
        cited: dict[str, Counter[int]] = {"score": Counter(), "editiontechnology": Counter()}
        for kind, record, count in (
            Citation.objects.filter(kind__in=cited)
            .values_list("kind", "record")
            .annotate(n=Count("source", distinct=True))
        ):
            cited[kind][record] = count
        for pk, key in of_entry.items():
            entry_cited[key] = cited["editiontechnology"][pk]
        series_of = {ref.slug: ref.series for ref in editions.refs}
        places: dict[str, set[int]] = defaultdict(set)
        cells: Counter[str] = Counter()
        with_share: Counter[str] = Counter()
        sourced: Counter[str] = Counter()
        by_two: Counter[str] = Counter()
        leader: dict[str, dict[int, bool]] = defaultdict(dict)
        second: dict[str, dict[int, bool]] = defaultdict(dict)
        for pk, slug, technology, country, first, last, share in Score.objects.filter(
            window__kind="main", country__isnull=False
        ).values_list("pk", "window__edition__slug", "technology_id", "country_id", "rank_from", "rank_to", "share"):
            places[series_of[slug]].add(country)
            cells[slug] += 1
            with_share[slug] += share is not None
            count = cited["score"][pk] or entry_cited[slug, technology]
            sourced[slug] += count > 0
            by_two[slug] += count > 1
            if last == 1:
                leader[slug][technology] = share is not None
            elif first == last == 2:
                second[slug][technology] = share is not None
        risks: Counter[str] = Counter()
        for slug, levels, technology, lead in Assessment.objects.filter(window__kind="main").values_list(
            "window__edition__slug", "risk_levels", "technology_id", "lead_country_id"
        ):
            risks[slug] += bool(levels)
            if lead is not None:
                leader[slug].setdefault(technology, False)
        rows = tuple(
            CoverageRow(
                edition=Link(ref.name, ref.address),
                technologies=technologies[ref.slug],
                leaders=len(leader[ref.slug]),
                leader_shares=sum(leader[ref.slug].values()),
                both_shares=sum(known and second[ref.slug].get(t, False) for t, known in leader[ref.slug].items()),
                risks=risks[ref.slug],
                cells=technologies[ref.slug] * len(places[ref.series]),
                cells_known=cells[ref.slug],
                cells_with_share=with_share[ref.slug],
                scores_sourced=sourced[ref.slug],
                scores_cited_by_two=by_two[ref.slug],
            )
            for ref in editions.refs
            if ref.stage == "published"
        )
        total = sum(row.cells_known for row in rows)
        two = sum(row.scores_cited_by_two for row in rows)
        return PageModel(
            title="Coverage",
            sentence=f"{total} scores of countries are known; {sum(row.scores_sourced for row in rows)} of them lead to a "
            f"source, {two} to two or more.",
            address="/coverage/",
            trail=(Link("Home", "/"),),
            missing=(
                "Cells are technologies times the countries that occur anywhere in the series: an unknown cell is one "
                "of which neither rank nor share has been seen. Of the March 2023 edition the publisher holds every "
                "cell; the public has seen few.",
            ),
            tables=(
                TableData(
                    "coverage",
                    "How much of each edition is known, in its own window",
                    ordered(rows, sort, CoverageRow),
                    CoverageRow,
                ),
            ),
            stamp=reader.stamp(),
        )
