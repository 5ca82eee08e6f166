"""/talent/: where authors were trained."""

from __future__ import annotations

from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, Place, TableData, Value, published
from tracker.analysis.talent import TalentRow
from tracker.history.past import Moment
from tracker.models import TalentFlow
from tracker.pages.rows import bloc_place, country_place, reading_record


def talent_list(*, sort: str = "", at: Moment | None = None) -> PageModel:
    """Every talent flow that has been seen. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions()
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
                    percent=Value(
                        published(flow.percent, flow.percent_decimals),
                        unit="%",
                        basis=flow.basis,
                        note=flow.note,
                        cited=cited.get(("talentflow", flow.pk), ()),
                    ),
                    note=flow.note,
                )
            )
        return PageModel(
            title="Talent",
            sentence=f"{len(rows)} published figures on where the authors of highly cited publications were trained "
            "before they worked in China.",
            address="/talent/",
            trail=(Link("Home", "/"),),
            missing=(
                "The flows by country and stage (undergraduate, postgraduate, employment) exist for every technology "
                "but are not public; these are the figures that have been quoted.",
            ),
            tables=(
                TableData(
                    "talent",
                    "Of the authors working in a country, the share trained elsewhere",
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
