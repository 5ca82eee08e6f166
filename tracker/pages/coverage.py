"""/coverage/: what share of the record is known, sourced, cited by two."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.db.models import Count

from tracker.analysis.cooperation_beside import CooperationCoverageRow, cooperation_coverage, coverage_sentence
from tracker.analysis.coverage import CoverageRow, percent
from tracker.analysis.engagements import HOW_SELECTED, NOT_A_MEASURE
from tracker.analysis.home import counted
from tracker.analysis.leadership import LEVELS
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, TableData
from tracker.history.past import Moment
from tracker.models import Assessment, Citation, EditionTechnology, Score
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.rows import reading_record


def coverage(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Per edition, in its own window: leaders, shares, risks, cells, citations; per channel of cooperation:
    sources, parties, dates, what is old. Raises UnknownSortKey.
    """
    with reading_record(at) as reader:
        editions = reader.editions
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
            risks[slug] += levels in LEVELS
            if lead is not None:
                leader[slug].setdefault(technology, False)
        reader.show_all("score", "assessment", "editiontechnology", "citation")
        rows = []
        for ref in (*editions.of_technologies, *editions.of_fields):
            address = f"/{'technologies' if ref.level == 'technology' else 'fields'}/?edition={ref.slug}"
            slug, known = ref.slug, leader[ref.slug]
            all_cells = technologies[slug] * len(places[ref.series])
            both = sum(has and second[slug].get(technology, False) for technology, has in known.items())
            rows.append(
                CoverageRow(
                    edition=Link(ref.name, ref.address),
                    technologies=counted(technologies[slug], ref.address),
                    leaders=counted(len(known), address),
                    leader_shares=counted(sum(known.values()), address),
                    both_shares=counted(both, address),
                    risks=counted(risks[slug], address),
                    cells=counted(all_cells, "/methodology/"),
                    cells_known=counted(cells[slug], address),
                    cells_known_percent=percent(cells[slug], all_cells, address),
                    cells_with_share=counted(with_share[slug], address),
                    scores_sourced=counted(sourced[slug], "/sources/"),
                    scores_sourced_percent=percent(sourced[slug], cells[slug], "/sources/"),
                    scores_cited_by_two=counted(by_two[slug], "/sources/"),
                    scores_cited_by_two_percent=percent(by_two[slug], cells[slug], "/sources/"),
                )
            )
        total = sum(cells[ref.slug] for ref in editions.refs)
        two = sum(by_two.values())
        parts = engagement_parts(reader, subjects=False)
        found = parts.rows(reader.citations(parts.to_cite))
        of_scores = (
            f"{total} scores of countries are known; {sum(sourced.values())} of them lead to a source, {two} to two or "
            "more."
        )
        return PageModel(
            title="Coverage",
            sentence=" ".join(filter(None, (of_scores, coverage_sentence(found, reader.day)))),
            address="/coverage/",
            trail=(Link("Home", "/"),),
            missing=(
                "Cells are technologies times the countries that occur anywhere in the series: an unknown cell is one "
                "of which neither rank nor share has been seen by us. The full reports could not be read.",
                f"{NOT_A_MEASURE} {HOW_SELECTED}",
            ),
            tables=(
                TableData(
                    "coverage",
                    "How much of each edition is known, in its own window",
                    ordered(rows, sort, CoverageRow),
                    CoverageRow,
                ),
                TableData(
                    "cooperation",
                    "How well the engagements between China and Russia in our collection are known, by channel",
                    cooperation_coverage(found, reader.day),
                    CooperationCoverageRow,
                    empty="No engagement is in our collection yet.",
                ),
            ),
            stamp=reader.stamp(),
        )
