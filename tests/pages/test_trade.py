"""Trade as the record has it: every figure in words, no drawing of mixed bases, nothing withheld shown."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Q

from tests.factories import CitationFactory, DisagreementFactory, FlowPlaceFactory, SourceFactory, TradeFlowFactory
from tracker.analysis.trade_figures import (
    leg_steps,
    like_groups,
    like_key,
    panel,
    panel_steps,
    panels,
    said,
    sentence,
)
from tracker.models import (
    Citation,
    Country,
    Disagreement,
    FlowPlace,
    Good,
    ListedGood,
    Relevance,
    Source,
    Technology,
    TradeFlow,
)
from tracker.pages import figures
from tracker.pages.not_found import NotFound
from tracker.pages.rows import RecordReader
from tracker.pages.trade import good, trade
from tracker.pages.trade_rows import flow_parts, of_country, technology_trade

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def rows(name):
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def flows(*conditions):
    reader = RecordReader(None)
    parts = flow_parts(reader, *conditions)
    return {row.code: row for row in parts.rows(reader.citations(parts.to_cite))}


def listed(**choices):
    return {row.code for row in trade(**choices).table("figures").rows}


def withhold(record):
    """Only a source that may not be republished speaks of the record."""
    Citation.objects.filter(kind=record.record_kind(), record=record.pk).delete()
    CitationFactory(cited=record, source=SourceFactory(reuse=Source.Reuse.NO, title="A source kept back"))


def test_every_figure_of_the_file_is_said_in_words():
    found = flows()

    assert sorted(found) == sorted(row["code"] for row in rows("trade_flows"))
    assert len(found) == 69
    for code, row in found.items():
        words = sentence(row)
        assert words.endswith("."), code
        for gone_wrong in ("None", "E+", "  ", ", ,", ": ;", "0000 ", "()", "''"):
            assert gone_wrong not in words, words
        assert all(part.strip() for part in said(row).split(",")), words
        assert " via CSIS via CSIS" not in words
    # Two figures of one phrase would be one figure twice.
    assert len({sentence(row) for row in found.values()}) == 69


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("TF001", "more than 25 times, 2021 to 2022, direct exports, OEC via TIME"),
        ("TF002", "9\u202f949 tonnes, March 2022, direct exports, Chinese customs via Reuters"),
        ("TF011", "USD 1.8 billion, January to September 2021, all imports, IIF via MYC News"),
        (
            "TF017",
            "at least USD 210 million, 1 April to 31 October 2022, re-exports, "
            "Russian customs via Reuters and Royal United Services Institute (RUSI)",
        ),
        ("TF018", "nearly USD 2 billion, August to December 2023, re-exports, C4ADS customs data via Reuters"),
        ("TF020", "28\u202f% less, January to May 2024, re-exports, US Commerce Department via Reuters"),
        ("TF029", "80–90\u202f% of Russia’s imports, 2023, estimates cited by CSIS"),
        ("TF035", "slightly over 700 tonnes, 2022, direct exports, Chinese customs via Ukrinform"),
    ],
)
def test_figure_is_said_word_for_word(code, says):
    assert said(flows()[code]) == says


def test_small_base_stands_beside_its_figure():
    row = next(row for row in good(slug="hs-2818").table("figures").rows if row.code == "TF002")

    assert row.compared == "from a base of 104.5 tonnes, March 2021"
    assert row.change == "stated change: over 90 times"


def test_no_drawing_of_the_record_joins_figures_of_different_basis():
    found = flows()

    groups = like_groups(found.values())
    assert sum(len(group.rows) for group in groups) == 69
    drawn = []
    for group in groups:
        assert {like_key(row) for row in group.rows} == {group.key}
        for column in ("good", "product", "kind", "measure", "unit", "span", "data_basis"):
            assert len({str(getattr(row, column)).casefold() for row in group.rows}) == 1
        for role in ("exporter", "importer", "via"):
            assert len({frozenset(row.keys_of(role)) for row in group.rows}) == 1
        if (one := panel(group)) is not None:
            drawn.append(one)
            assert {bar.code for bar in one.bars} <= {row.code for row in group.rows}
    assert drawn
    # And what the figures of goods draw are these panels, no others.
    for slug in Good.objects.filter(flows__isnull=False).distinct().values_list("slug", flat=True):
        assert set(figures.trade(good=slug).panels) <= set(drawn)


def test_group_of_one_without_a_base_is_in_the_table_only():
    assert panels([flows()["TF001"]]) == ()
    codes = {bar.code for one in figures.trade(good="hs-2818").panels for bar in one.bars}

    assert codes == {"TF002", "TF003", "TF004"}
    assert {row.code for row in good(slug="hs-2818").table("figures").rows} > codes


def test_page_says_of_its_figure_what_this_says_itself():
    (own,) = good(slug="semiconductors-and-chips").figures
    model = figures.trade(good="semiconductors-and-chips")
    assert (own.title, own.alt, own.size) == (model.title, model.alt, panel_steps(model))

    (legs,) = trade().figures
    drawn = figures.reexports()
    assert (legs.title, legs.alt, legs.size) == (drawn.title, drawn.alt, leg_steps(drawn))
    assert {row.code for leg in drawn.legs for row in leg.rows} == {row.code for row in trade().table("legs").rows}
    assert all(bool(leg.before) + bool(leg.after) == 1 for leg in drawn.legs)  # no figure of the record joins two


def test_disagreeing_figures_stand_side_by_side_on_the_pages_of_both_goods():
    (card,) = good(slug="hs-2818").disagreements

    assert card.first.figure.content == "more than 25 times, 2021 to 2022, direct exports, OEC via TIME"
    assert (card.first.who, card.second.who) == ("OEC via TIME", "Chinese customs via Fastmarkets")
    assert card.second.change == "stated change: 417 times"
    assert "Both can hold" in card.between
    chips = {(one.first.code, one.second.code) for one in good(slug="hs-8542").disagreements}
    assert chips == {("TF007", "TF009"), ("TF008", "TF010")}
    assert chips <= {(one.first.code, one.second.code) for one in good(slug="semiconductors-and-chips").disagreements}
    assert len(trade().disagreements) == len(rows("disagreements"))


def test_figures_of_the_heading_stand_apart_and_are_not_its_own():
    page = good(slug="hs-854231")

    assert page.table("figures").rows == ()
    assert {row.code for row in page.table("parents").rows} == {"TF007", "TF008"}
    assert [link.text for link in page.parents] == ["Integrated circuits (HS 8542)"]
    assert [link.text for link in page.lists] == ["Common High Priority List, tier 1"]
    assert page.table("technologies").rows[0].leader.known


def test_common_high_priority_list_has_its_fifty_codes_in_tiers():
    page = trade()

    (summary,) = page.lists
    assert [(part.item, part.codes) for part in summary.parts] == [
        ("tier 1", 4), ("tier 2", 5), ("tier 3.A", 16), ("tier 3.B", 9), ("tier 4.A", 11), ("tier 4.B", 5),
    ]  # fmt: skip
    assert summary.codes == len(page.table("lists").rows) == 50
    assert summary.warning  # known from a transcription only


def test_choices_leave_what_the_files_hold():
    places = rows("flow_places")
    of_russia = {row["flow"] for row in places if row["role"] == "importer" and row["country"] == "RU"}
    reexports = {row["code"] for row in rows("trade_flows") if row["kind"] == "re-export"}
    world = {row["flow"] for row in places if row["role"] == "exporter" and row["unnamed"]}

    assert listed(importer="ru") == of_russia
    assert listed(kind="re-export", importer="RU") == of_russia & reexports
    assert listed(exporter="world") == world
    assert listed(q="drones politico") == {"TF040"}
    assert listed(exporter="br") == set()
    offered = trade().facets
    assert {facet.value: facet.count for facet in offered["kind"]} == {
        kind.replace(" ", "-"): number for kind, number in Counter(row["kind"] for row in rows("trade_flows")).items()
    }
    for facet in offered["technology"]:
        assert len(listed(technology=facet.value)) == facet.count


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"kind": "smuggling"}, "no sort of trade “smuggling”"),
        ({"exporter": "zz"}, "no country “zz”"),
        ({"importer": "everywhere"}, "no country “everywhere”"),
        ({"technology": "nope"}, "no technology “nope”"),
    ],
)
def test_unknown_choice_is_refused_in_words(choices, says):
    with pytest.raises(NotFound, match=says):
        trade(**choices)


def test_unknown_good_is_refused_with_those_alike():
    with pytest.raises(NotFound) as refused:
        good(slug="hs-8543")

    assert "no good “hs-8543”" in refused.value.reason
    assert {"Memories (HS 854232)", "All goods"} <= {link.text for link in refused.value.suggestions}


def test_technology_has_the_figures_of_its_goods_and_its_own_each_once():
    technology = Technology.objects.get(slug="advanced-protection")
    mapped = Relevance.objects.filter(technology=technology)
    reader = RecordReader(None)
    read = technology_trade(reader, technology.pk)
    cited = reader.citations(read.to_cite)
    goods = set(mapped.filter(kind="good").values_list("record", flat=True))
    own = set(mapped.filter(kind="tradeflow").values_list("record", flat=True))
    expected = TradeFlow.objects.filter(Q(pk__in=own) | Q(good__in=goods)).values_list("code", flat=True)

    assert sorted(row.code for row in read.figures(cited).rows) == sorted(expected)
    assert expected
    assert {one.good.text for one in read.goods(cited)} == {
        f"{one.short_name or one.name} (HS {one.hs_code})" if one.hs_code else one.short_name or one.name
        # A good concerns it too where a figure of it does.
        for one in Good.objects.filter(Q(pk__in=goods) | Q(flows__in=own))
    }
    counts = {one.good.text: one.figures.content for one in read.goods(cited)}
    assert counts["Aluminium oxide (HS 2818)"] == TradeFlow.objects.filter(good__hs_code="2818").count()
    assert all(row.reason for row in (*read.figures(cited).rows, *read.goods(cited)))


def test_country_has_the_figures_in_which_it_takes_part_in_any_role():
    between = FlowPlaceFactory(role=FlowPlace.Role.VIA, flow=TradeFlow.objects.get(code="TF004"), country__code="QZ")

    assert set(flows(of_country("qz"))) == {between.flow.code}
    assert set(flows(of_country("TR"))) == {row["flow"] for row in rows("flow_places") if row["country"] == "TR"}


def test_every_figure_can_be_cited_by_an_address_of_its_own(client):
    for one in Good.objects.filter(flows__isnull=False).distinct():
        page = client.get(one.get_absolute_url()).content.decode()
        for code in one.flows.values_list("code", flat=True):
            assert page.count(f'id="figure-{code.lower()}"') == 1, code


# ---- What only withheld sources say ----


def everything(client):
    """What a reader can find of trade: pages, twins, figures."""
    addresses = [
        "/trade/", "/trade.json", "/trade.csv", "/trade.csv?table=legs", "/trade.csv?table=disagreements",
        "/trade/hs-8806/", "/trade/hs-8806.json", "/trade/hs-8542.json", "/trade/semiconductors-and-chips/",
        "/charts/reexports.svg", "/charts/trade.svg?good=semiconductors-and-chips",
    ]  # fmt: skip
    return "\n".join(client.get(address).content.decode() for address in addresses)


@pytest.mark.parametrize("how", ["its own sources", "those of its good", "those of a place", "those of its value"])
def test_withheld_figure_is_nowhere(client, how):
    flow = TradeFlow.objects.get(code="TF045")
    # Not through the client: what it was given once is kept while the record's version is.
    assert "24.3 million" in str(trade())

    if how == "its own sources":
        withhold(flow)
    elif how == "those of its good":
        withhold(flow.good)
    elif how == "those of a place":
        withhold(flow.places.first())
    else:
        CitationFactory(cited=flow, field="value_from", source=SourceFactory(reuse=Source.Reuse.NO))

    found = everything(client)
    assert "24.3 million" not in found
    assert "TF045" not in found
    gone = TradeFlow.objects.filter(good=flow.good).count() if how == "those of its good" else 1
    assert trade().total == 69 - gone
    assert sum(facet.count for facet in trade().facets["kind"]) == 69 - gone
    assert all(card.first.code != "TF045" != card.second.code for card in trade().disagreements)


def test_withheld_side_of_a_disagreement_takes_the_card_with_it(client):
    withhold(TradeFlow.objects.get(code="TF005"))

    assert good(slug="hs-2818").disagreements == ()
    assert "417" not in client.get("/trade/hs-2818.json").content.decode()
    assert "Both can hold" not in everything(client)


def test_withheld_disagreement_leaves_its_figures():
    one = Disagreement.objects.get(first__code="TF001")
    withhold(one)

    page = good(slug="hs-2818")
    assert page.disagreements == ()
    assert {"TF001", "TF005"} <= {row.code for row in page.table("figures").rows}


def test_withheld_good_has_no_page_and_is_nobody_elses_heading(client):
    withhold(Good.objects.get(slug="hs-8542"))

    assert client.get("/trade/hs-8542/").status_code == 404
    assert client.get("/charts/trade.svg?good=hs-8542").status_code == 404
    page = client.get("/trade/hs-854231.json")
    assert page.status_code == 200
    assert "hs-8542/" not in page.content.decode()
    assert page.json()["good"]["parent"] is None
    assert "hs-8542/" not in client.get("/trade/hs-8543/").content.decode()


def test_withheld_place_on_a_list_and_withheld_mapping_are_not_told():
    of_good = Good.objects.get(slug="hs-854231")
    withhold(ListedGood.objects.get(good=of_good))
    for one in Relevance.objects.filter(kind="good", record=of_good.pk):
        withhold(one)

    page = good(slug="hs-854231")
    assert (page.lists, page.table("lists").rows, page.table("technologies").rows) == ((), (), ())
    assert trade().lists[0].codes == 49


def test_withheld_base_falls_away_and_the_figure_stays():
    flow = TradeFlow.objects.get(code="TF002")
    CitationFactory(cited=flow, field="baseline_value", source=SourceFactory(reuse=Source.Reuse.NO))

    page = good(slug="hs-2818")
    row = next(row for row in page.table("figures").rows if row.code == "TF002")
    assert (row.compared, row.baseline_value) == ("", None)
    assert "104.5" not in json.dumps([bar.words for one in figures.trade(good="hs-2818").panels for bar in one.bars])


def test_queries_do_not_grow_with_the_rows(django_assert_num_queries):
    for number in range(12):
        flow = TradeFlowFactory(good=Good.objects.get(slug="hs-2818"), product=f"alumina {number}")
        FlowPlaceFactory(flow=flow, country=Country.objects.order_by("code")[number])
        DisagreementFactory(first=flow, second=TradeFlow.objects.get(code="TF001"))

    with django_assert_num_queries(6):
        trade()
    with django_assert_num_queries(9):
        good(slug="hs-2818")
