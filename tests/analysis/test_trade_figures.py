"""Figures of trade in words, and which of them may stand in one drawing."""

import pytest

from tests.analysis.trade import GOOD, cited, country, flow
from tracker.analysis.trade_figures import (
    LikeGroup,
    NotAlike,
    bounded,
    change,
    compared,
    dates_said,
    legs_of,
    like_groups,
    panel,
    panels,
    period,
    route,
    trade_figure,
    who,
)

PER_CENT = {"unit": "percent"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (flow(value="1800000000", unit="USD", measure="value"), "USD 1.8 billion"),
        (flow(value="240110000000", unit="USD", measure="value"), "USD 240.11 billion"),
        (flow(value="12000", unit="USD", measure="value"), "USD 12\u202f000"),
        (flow(value="104.5000"), "104.5 tonnes"),
        (flow(value="700.0000", bound="slightly over"), "slightly over 700 tonnes"),
        (flow(value="25", unit="times", measure="ratio", bound="more than"), "more than 25 times"),
        (flow(value="80", to="90", measure="share of imports", **PER_CENT), "80–90\u202f% of Russia’s imports"),
        (
            flow(value="76", measure="share of deliveries", bound="about", **PER_CENT),
            "about 76\u202f% of deliveries to Russia",
        ),
        (flow(value="-28", measure="change", **PER_CENT), "28\u202f% less"),
        (flow(value="-28", to="-9", measure="change", **PER_CENT), "9–28\u202f% less"),
        (flow(value="2500", measure="change", bound="about", **PER_CENT), "about 2\u202f500\u202f% more"),
    ],
)
def test_number_is_said_with_its_bound_and_no_digit_more_than_published(row, says):
    assert bounded(row) == says


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("2022", "2022", "2022"),
        ("2021", "2022", "2021 to 2022"),
        ("2022-01", "2022-05", "January to May 2022"),
        ("2022-02", "2023-03", "February 2022 to March 2023"),
        ("2022-02-24", "2022-12-31", "24 February to 31 December 2022"),
        ("2024", "2024-05", "2024 up to May"),
    ],
)
def test_period_is_said_as_precisely_as_it_is_known(start, end, says):
    assert dates_said(start, end) == says


def test_small_base_and_what_is_only_known_in_words_are_said():
    base = {"baseline_start": "2021-03", "baseline_end": "2021-03"}

    assert compared(flow(baseline_value="104.5", **base)) == "from a base of 104.5 tonnes, March 2021"
    assert compared(flow(**base)) == "compared with March 2021"
    assert compared(flow(baseline_note="almost none", **base)) == "compared with March 2021: almost none"
    assert compared(flow()) == ""
    gap = flow(kind="mirror gap", baseline_value="6.1", baseline_note="the importer’s record")
    assert compared(gap) == "against 6.1 tonnes, the importer’s record"
    # What a change is of is in another unit than the change.
    fall = flow(value="-6.9", measure="change", baseline_value="245000000000", **PER_CENT)
    assert compared(fall) == "from a base of 245 billion"


def test_change_is_said_once():
    ratio = flow(value="25", measure="ratio", unit="times", bound="more than", change_stated="more than 25 times")

    assert change(ratio) == ""
    assert change(flow(change_stated="over 90 times")) == "stated change: over 90 times"


def test_who_names_the_records_and_the_publisher():
    csis = (cited("Center for Strategic and International Studies (CSIS)"),)

    assert who(flow(data_basis="OEC (sources not stated)", data_by="OEC")) == "OEC via A Paper"
    assert who(flow(data_by="Nikkei")) == "Chinese customs via A Paper"
    assert who(flow(data_basis="not stated", data_by="not stated", cited=csis)) == "records not named via CSIS"
    assert who(flow(data_basis="estimates cited by CSIS", cited=csis)) == "estimates cited by CSIS"


def test_route_names_every_place_and_what_lies_between():
    assert route(flow(via="Kyrgyzstan")) == "China to Russia, through Kyrgyzstan"
    assert route(flow(kind="two-way trade")) == "China and Russia"


# ---- What may stand together ----

OTHERS = {
    "another good": {"good": GOOD.__class__(2, "corundum", "Corundum")},
    "other words for the product": {"product": "alumina and bauxite"},
    "another sort of trade": {"kind": "re-export"},
    "another exporter": {"exporter": "Kazakhstan"},
    "another importer": {"importer": "Belarus"},
    "a place between": {"via": "Kyrgyzstan"},
    "another measure": {"measure": "value"},
    "another unit": {"unit": "USD"},
    "another span": {"span": "quarter"},
    "other records": {"data_basis": "Russian customs"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_row_of_another_basis_is_refused_and_stands_in_no_panel(other):
    one, mixed = flow(), flow("TF002", **other)

    with pytest.raises(NotAlike, match="TF001, TF002"):
        LikeGroup((one, mixed))
    assert len(like_groups([one, mixed])) == 2
    assert trade_figure(GOOD, [one, mixed]).panels == ()


def test_figures_of_unknown_records_are_not_alike():
    unknown = {"data_basis": "not stated"}

    assert len(like_groups([flow(**unknown), flow("TF002", **unknown)])) == 2


def test_places_in_another_order_are_the_same_places():
    exporters = (country("exporter", "CN"), country("exporter", "HK"))

    assert len(like_groups([flow(places=exporters), flow("TF002", places=exporters[::-1])])) == 1


def drawn(*rows):
    (group,) = like_groups(rows)
    found = panel(group)
    return [(bar.label, bar.words, bar.bounded, bar.baseline) for bar in found.bars] if found else None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Months from January on, but not as many.
        ({"span": "year to date", "period_end": "2022-05"}, {"span": "year to date", "period_end": "2022-09"}),
        ({"span": "custom", "period_end": "2022-05"}, {"span": "custom", "period_end": "2022"}),
        # Falls and rises against other years, or against what nobody names.
        ({"measure": "change", "baseline_start": "2021", "baseline_end": "2021"},
         {"measure": "change", "baseline_start": "2015", "baseline_end": "2015"}),
        ({"measure": "ratio", "baseline_start": "2021", "baseline_end": "2021"},
         {"measure": "ratio", "baseline_start": "2015", "baseline_end": "2015"}),
        ({"measure": "ratio"}, {"measure": "ratio"}),
    ],
)  # fmt: skip
def test_figures_of_another_length_or_base_are_not_alike(one, other):
    january = {"period_start": "2022-01"}
    rows = [
        flow(**{"period_end": "2022-03"} | january | one),
        flow("TF002", **{"period_end": "2022-03"} | january | other),
    ]

    assert len(like_groups(rows)) == 2
    assert panels(rows) == ()


def test_same_months_written_otherwise_are_as_long():
    rows = [
        flow(span="year", period_start="2022", period_end="2022"),
        flow("TF002", span="year", period_start="2023-01", period_end="2023-12"),
    ]

    assert len(like_groups(rows)) == 1


def test_panel_has_its_figures_in_order_with_bounds_and_what_they_are_compared_with():
    base = {
        "baseline_start": "2021-03",
        "baseline_end": "2021-03",
        "baseline_value": "104.5",
        "baseline_bound": "about",
    }
    later = {
        "period_start": "2022-04",
        "period_end": "2022-04",
        "baseline_start": "2022-03",
        "baseline_end": "2022-03",
    }

    assert drawn(flow("TF002", value="123830", bound="more than", baseline_value="9949", **later), flow(**base)) == [
        ("March 2021", "about 104.5 tonnes", True, True),
        ("March 2022", "9\u202f949 tonnes", False, False),
        ("April 2022", "more than 123\u202f830 tonnes", True, False),
    ]


@pytest.mark.parametrize(
    "base",
    [
        {},
        {"baseline_value": "104.5"},
        {"baseline_start": "2021-03", "baseline_end": "2021-03"},
        {"baseline_start": "2021-01", "baseline_end": "2021-03", "baseline_value": "104.5"},
        {"baseline_start": "2021", "baseline_end": "2021", "baseline_value": "104.5"},
        {"baseline_start": "2021-03", "baseline_end": "2021-03", "baseline_value": "104.5", "kind": "mirror gap"},
        {"baseline_start": "2021-03", "baseline_end": "2021-03", "baseline_value": "104.5", "measure": "change"},
    ],
)
def test_one_figure_is_drawn_only_beside_a_base_of_its_own_basis(base):
    assert drawn(flow(**base)) is None
    fitting = {"baseline_start": "2021-03", "baseline_end": "2021-03", "baseline_value": "104.5"}
    assert drawn(flow(**fitting)) is not None


def test_legs_of_several_places_are_never_joined():
    onward = flow("TF002", kind="re-export", exporter="Kyrgyzstan")
    legs = legs_of([flow(kind="suspected transit", importer="Kyrgyzstan"), onward, flow("TF003")])

    assert [(leg.before, leg.between, leg.after) for leg in legs] == [
        (("China",), ("Kyrgyzstan",), ()),
        ((), ("Kyrgyzstan",), ("Russia",)),
    ]


def test_leg_goes_through_a_place_only_where_one_figure_says_so():
    (leg,) = legs_of([flow(via="Kyrgyzstan")])

    assert (leg.before, leg.between, leg.after) == (("China",), ("Kyrgyzstan",), ("Russia",))


def test_period_of_a_typical_month_says_so():
    assert period(flow(span="typical month", period_start="2024", period_end="2024-05")) == (
        "a typical month, 2024 up to May"
    )
