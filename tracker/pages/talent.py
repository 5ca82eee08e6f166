"""/talent/: where authors were trained."""

from __future__ import annotations

from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, Place, TableData, citing, published, stated
from tracker.analysis.talent import TalentRow
from tracker.history.past import Moment
from tracker.models import TalentFlow
from tracker.pages.rows import bloc_place, country_place, reading_record


def talent_list(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Every talent flow that has been seen. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        flows = tuple(
            TalentFlow.objects.select_related(
                "technology", "working_in", "trained_in_country", "trained_in_bloc"
            ).order_by("window_id", "pk")
        )
        reader.show("talentflow", [flow.pk for flow in flows])
        cited = reader.citations({"talentflow": [flow.pk for flow in flows]})
        windows = {window.pk: window for window in editions.windows}
        rows = []
        for flow in flows:
            edition = editions.get(windows[flow.window_id].edition)
            rows.append(
                TalentRow(
                    edition=Link(edition.name, edition.address),
                    of=flow.scope,
                    technology=Link(flow.technology.name, flow.technology.get_absolute_url())
                    if flow.technology
                    else None,
                    working_in=country_place(flow.working_in.code, flow.working_in.name),
                    trained_in=_trained_in(flow),
                    stage=flow.stage,
                    population=flow.population,
                    percent=stated(
                        published(flow.percent, flow.percent_decimals),
                        citing(cited.get(("talentflow", flow.pk), ()), "percent"),
                        unit="%",
                        basis=flow.basis,
                        note=flow.note,
                    ),
                    note=flow.note,
                )
            )
        return PageModel(
            title="Talent",
            sentence=f"{len(rows)} quoted figures on where the authors of highly cited publications were trained before they "
            f"worked in {_and(sorted({row.working_in.name for row in rows}))}.",
            address="/talent/",
            trail=(Link("Home", "/"),),
            missing=(
                "The publisher has flows by country and stage (undergraduate, postgraduate, employment) for every "
                "technology; we have seen only those that were quoted.",
            ),
            tables=(
                TableData(
                    "talent",
                    "Shares trained elsewhere: of the authors working in a country, or of papers with such authors",
                    ordered(rows, sort, TalentRow),
                    TalentRow,
                ),
            ),
            stamp=reader.stamp(),
        )


def _trained_in(flow: TalentFlow) -> Place:
    if flow.trained_in_country is not None:
        return country_place(flow.trained_in_country.code, flow.trained_in_country.name)
    # The constraint talent_flow_comes_from_one_place: then it is a bloc.
    assert flow.trained_in_bloc is not None
    return bloc_place(flow.trained_in_bloc.slug, flow.trained_in_bloc.name)


def _and(names: list[str]) -> str:
    return (
        names[0]
        if len(names) == 1
        else f"{', '.join(names[:-1])} and {names[-1]}"
        if names
        else "the countries named"
    )
