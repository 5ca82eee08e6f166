"""/coverage/: what share of the record is known, sourced, cited by two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, QuerySet

from tracker.analysis.cooperation_beside import CooperationCoverageRow, cooperation_coverage, coverage_sentence
from tracker.analysis.coverage import (
    ControlCoverageRow,
    ControlPart,
    CoveragePage,
    CoverageRow,
    FlowPart,
    TradeCoverageRow,
    control_coverage,
    controls_sentence,
    percent,
    trade_coverage,
    trade_sentence,
)
from tracker.analysis.engagements import HOW_SELECTED, NOT_A_MEASURE
from tracker.analysis.home import counted
from tracker.analysis.leadership import LEVELS
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Cited, Link, TableData, Value, citing, stated
from tracker.analysis.second_hand import second_hand_mark
from tracker.analysis.trade_figures import FlowRow, change, compared
from tracker.history.past import Moment
from tracker.models import (
    Assessment,
    Basis,
    Citation,
    Control,
    ControlItem,
    EditionTechnology,
    ListedGood,
    ListEdition,
    Listing,
    ParticipatingState,
    Record,
    Score,
)
from tracker.pages.control_rows import CONTROL, ITEM, LISTED_GOOD, closed_columns, hidden
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, reading_record
from tracker.pages.trade_rows import flow_parts
from tracker.pages.union import union_rows


def coverage(*, sort: str = "", at: Moment | None = None) -> CoveragePage:
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
        recorded, figures = _recorded(reader), flow_parts(reader)
        all_cited = reader.citations(all_to_cite(parts.to_cite, _by_kind(recorded), figures.to_cite))
        found = parts.rows(all_cited)
        controls, flows = _control_parts(recorded, all_cited), _flow_parts(figures.rows(all_cited))
        of_scores = (
            f"{total} scores of countries are known; {sum(sourced.values())} of them lead to a source, {two} to two or "
            "more."
        )
        return CoveragePage(
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
                TableData(
                    "controls",
                    "How well each control in our collection is known: counts of what we hold, and what sources state",
                    control_coverage(controls),
                    ControlCoverageRow,
                    empty="No control is in our collection yet.",
                ),
                TableData(
                    "trade",
                    "Figures of trade in our collection, by whose records they were counted from",
                    trade_coverage(flows),
                    TradeCoverageRow,
                    empty="No figure of trade is in our collection yet.",
                ),
            ),
            controls=controls_sentence(controls),
            trade=trade_sentence(flows),
            stamp=reader.stamp(),
        )


# ---- Controls and trade ----


# Of each kind the column that names its control, and the record that it belongs to itself.
OF_CONTROL: dict[type[Record], tuple[str, str]] = {
    ControlItem: ("control_id", "control_id"), ParticipatingState: ("control_id", "control_id"),
    ListEdition: ("control_id", "control_id"), Listing: ("control_id", "control_id"),
    ListedGood: ("item__control_id", "item_id"),
}  # fmt: skip
Row = Mapping[str, Any]


def _recorded(reader: RecordReader) -> list[Row]:
    """Every control with what belongs to it: one query."""
    nothing = dict.fromkeys(("name", "slug", "act", "since", "issued", "states_stated", "goods_stated"), "")
    control = {
        "kind": CONTROL, "pk": F("pk"), "control_pk": F("pk"), "owner_pk": None, "name": F("name"), "slug": F("slug"),
        "act": F("kind"), "since": F("since"), "issued": F("issued"), "states_stated": F("states_stated"),
        "goods_stated": F("goods_stated"),
    }  # fmt: skip
    parts: list[tuple[QuerySet[Any, Any], Mapping[str, Any]]] = [(Control.objects.all(), control)]
    for model, (of, owner) in OF_CONTROL.items():
        since = {"listedition": F("date"), "controlitem": ""}.get(model.record_kind(), F("since"))
        own = {"kind": model.record_kind(), "pk": F("pk"), "control_pk": F(of), "owner_pk": F(owner), "since": since}
        parts.append((model._default_manager.all(), {**control, **nothing, **own}))
    rows: list[Row] = [*union_rows(*parts)]
    for row in rows:
        reader.show(row["kind"], [row["pk"]])
    return rows


def _by_kind(rows: Iterable[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row["kind"]].append(row["pk"])
    return found


def _control_parts(rows: Iterable[Row], cited: CitedBy) -> tuple[ControlPart, ...]:
    """What may be counted: neither is what belongs to a record that only withheld sources speak of."""
    acts = dict(Control.Kind.choices)
    found = []
    for row in rows:
        kind, pk = row["kind"], row["pk"]
        above = [(CONTROL, row["control_pk"]), *([(ITEM, row["owner_pk"])] if kind == LISTED_GOOD else [])]
        if any(hidden(cited, *key) for key in ((kind, pk), *above)):
            continue
        citations = cited.get((kind, pk), ())
        dates = {"since": row["since"], "issued": row["issued"]}
        known = [date for column, date in dates.items() if date and column not in closed_columns(citations)]
        found.append(
            ControlPart(
                kind=kind,
                control=row["control_pk"],
                date=next(iter(known), ""),
                second_hand=bool(second_hand_mark(citations)),
                link=Link(row["name"], f"/controls/{row['slug']}/") if kind == CONTROL else None,
                act=str(acts.get(row["act"], "")),
                states_stated=_stated(row["states_stated"], citing(citations, "states_stated")),
                goods_stated=_stated(row["goods_stated"], citing(citations, "goods_stated")),
            )
        )
    return tuple(found)


def _stated(number: str | None, cited: tuple[Cited, ...]) -> Value | None:
    """What a source states; None where none does, as of most acts there is nothing to state."""
    return stated(int(number), cited) if number else None


def _flow_parts(rows: Iterable[FlowRow]) -> tuple[FlowPart, ...]:
    return tuple(
        FlowPart(
            hs_code=row.good.hs_code,
            code_is_ours=row.basis != Basis.STATED,
            data_basis=row.data_basis,
            compared="value" if row.baseline_value is not None else "words" if compared(row) or change(row) else "",
            second_hand=bool(second_hand_mark(row.cited)),
        )
        for row in rows
    )
