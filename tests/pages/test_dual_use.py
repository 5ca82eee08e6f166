"""Controls, listed organisations, goods and figures of trade on the pages of technologies and countries, in search, in
coverage and on "How to read this"; nothing withheld among them."""

import pytest

from tests.factories import (
    CitationFactory,
    ControlFactory,
    ControlItemFactory,
    FlowPlaceFactory,
    GoodFactory,
    ListEditionFactory,
    ListingFactory,
    ParticipatingStateFactory,
    RelevanceFactory,
    SourceFactory,
    TradeFlowFactory,
)
from tracker.models import Control, Country, Good, Listing, Organisation, Source, Technology, TradeFlow
from tracker.pages import countries, coverage, how_to_read, search, technologies, texts

pytestmark = pytest.mark.seed


# ---- Technologies ----


def test_technology_shows_controls_and_parts_of_controls_with_our_reason():
    page = technologies.technology(slug="ai-algorithms-and-hardware-accelerators")

    rows = {row.subject.address: row for row in page.table("controls").rows}
    rule = rows["/controls/chip-controls-october-2022/"]
    category = rows["/controls/wassenaar-arrangement/#item-4"]
    assert category.subject.text == "Category 4: Computers"
    assert category.mark == "transcribed second-hand"
    assert (rule.since.content, rule.mapping.text, rule.mark) == ("2022-10-07", "our mapping", "")
    assert rule.reason.startswith("It controls the chips")
    assert [item.text for item in page.dual_use.items] == ["Wassenaar Arrangement, category 4: Computers"]


def test_technology_shows_a_figure_of_trade_as_published(client):
    page = technologies.technology(slug="advanced-protection")

    (row,) = [row for row in page.table("trade").rows if row.code == "TF001"]
    assert row.figure.text == "more than 25 times"
    assert (row.period, row.kind, row.route) == ("2021 to 2022", "direct exports", "China to Russia")
    assert [citation.source.publisher for citation in row.figure.cited] == ["TIME"]
    assert row.reason
    assert "more than 25 times" in client.get("/technologies/advanced-protection/").content.decode()


def test_technology_shows_every_listing_of_its_organisations_with_its_own_date():
    page = technologies.technology(slug="drones-swarming-and-collaborative-robots")

    found = {
        row.control.text: (row.since.content, row.until.known)
        for row in page.table("listed").rows
        if row.organisation.text == "DJI"
    }
    assert found == {
        "Section 1260H list": ("2022-10-05", False), "Entity List": ("2020", False), "NS-CMIC List": ("2021-12", False),
    }  # fmt: skip
    # What is mapped and stands on no list is no listed organisation.
    assert "Beijing Xichao" not in str(page.table("listed").rows)


def test_technology_without_any_says_what_is_missing(client):
    text = client.get("/technologies/geoengineering/").content.decode()

    assert "Nothing in our collection is mapped to geoengineering." in text
    assert "no category or tier that we know of" in text
    assert "No published figure of trade is mapped to it in our collection." in text


# ---- Countries ----


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ru", "Russia has taken part in the Wassenaar Arrangement since 1996."),
        ("cn", "China is not among the participating states of the Wassenaar Arrangement known to us."),
    ],
)
def test_country_says_its_part_in_regimes(client, code, says):
    assert says in client.get(f"/countries/{code}/").content.decode()


def test_country_has_its_listings_its_controls_and_the_figures_that_name_it(client):
    page = countries.country(code="cn")

    own = Listing.objects.filter(organisation__country__code="CN")
    assert len(page.table("listings").rows) == own.count()
    assert {row.control.address for row in page.table("issued").rows} == {
        one.get_absolute_url() for one in Control.objects.filter(country__code="CN")
    }
    assert len(page.table("trade").rows) == 6
    (link,) = page.around.links
    listed = client.get(link.address.replace("/?", ".json?")).json()["tables"]["figures"]["rows"]
    assert link.text == f"{len(listed)} figures with China as exporter"


# ---- Search ----


@pytest.mark.parametrize(
    ("q", "address"),
    [
        ("Wassenaar", "/controls/wassenaar-arrangement/"),
        ("854231", "/trade/hs-854231/"),
        ("8542.31", "/trade/hs-854231/"),
        ("1260H", "/controls/section-1260h-list/"),
        ("DJI", "/organisations/dji/"),
        ("TF001", "/trade/hs-2818/#figure-tf001"),
        ("category 4 computers", "/controls/wassenaar-arrangement/#item-4"),
        ("alumina emirates", "/trade/hs-2818/#figure-tf006"),
    ],
)
def test_search_finds_controls_goods_and_figures(q, address):
    rows = search.search(q=q).table("results").rows

    assert address in [row.result.address for row in rows[:3]]


# ---- Coverage, about, how to read ----


def test_coverage_tells_what_is_missing_of_controls_and_trade():
    page = coverage.coverage()
    rows = {row.control.address: row for row in page.table("controls").rows}
    wassenaar, every = rows["/controls/wassenaar-arrangement/"], rows["/controls/"]

    assert (wassenaar.states, wassenaar.states_stated.content) == (42, 42)
    assert rows["/controls/common-high-priority-list/"].goods == 50
    assert every.listings == Listing.objects.count()
    assert every.undated == (Listing.objects.filter(since="").count() or None)
    bases = {row.data_basis: row.figures for row in page.table("trade").rows}
    assert bases.pop("All records") == sum(bases.values()) == TradeFlow.objects.count()
    assert bases["Chinese customs"] == TradeFlow.objects.filter(data_basis="Chinese customs").count()


def test_how_to_read_takes_its_numbers_from_the_record():
    page = how_to_read.how_to_read()

    assert "more than 25 times (2021 to 2022)" in page.ratios
    assert "417 times (January to May 2022)" in page.ratios
    assert "104.5 tonnes" in page.ratios
    assert page.mirror.startswith("Türkiye to Kazakhstan")
    assert sum(row.figures.content for row in page.table("bounds").rows) == TradeFlow.objects.count()
    TradeFlow.objects.filter(code="TF005").update(change_stated="418 times")
    assert "418 times" in how_to_read.how_to_read().ratios


# ---- Withheld ----

NAME = "Zanzibar lighthouse"
OPEN = {
    "/technologies/advanced-protection": 6, "/countries/ru": 4, "/search?q=lighthouse": 4, "/coverage": 2,
    "/how-to-read": 2,
}  # fmt: skip


def surround(source):
    """A regime, a list, a part of a control, a good and figures that the source alone speaks of."""
    technology, russia = Technology.objects.get(slug="advanced-protection"), Country.objects.get(code="RU")

    def cited(record):
        CitationFactory(cited=record, source=source)
        return record

    control = cited(
        ControlFactory(name=NAME, slug="zanzibar", kind=Control.Kind.REGIME, country=russia, issued="2020-01-01")
    )
    # Each of these has an open source of its own: they fall with what they belong to.
    item = ControlItemFactory(control=control, name=NAME)
    ParticipatingStateFactory(control=control, country=russia)
    ListEditionFactory(control=control)
    ListingFactory(control=control, organisation=Organisation.objects.get(slug="aero-hit"))
    good = cited(GoodFactory(name=NAME, slug="zanzibar-good"))
    figures = [
        TradeFlowFactory(good=good, product=NAME, data_basis=f"{NAME} records"),
        cited(TradeFlowFactory(good=Good.objects.get(slug="hs-2818"), product=NAME, period_end="2030")),
    ]
    for figure in figures:
        FlowPlaceFactory(flow=figure, role="importer", country=russia, position=1)
    cited(
        RelevanceFactory(
            about=Good.objects.get(slug="hs-8482"), technology=technology, reason=f"{NAME} is said to have some."
        )
    )
    for record in (control, item, good, *figures):
        RelevanceFactory(about=record, technology=technology)


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("reuse", [Source.Reuse.FACT, Source.Reuse.NO])
def test_what_only_withheld_sources_say_is_on_no_page(client, path, reuse):
    stem, _, query = path.partition("?")
    surround(SourceFactory(slug="the-one", reuse=reuse))

    page = client.get(f"{stem}/?{query}").content.decode()
    twin = client.get(f"{stem}.json?{query}").content.decode()

    if reuse == Source.Reuse.NO:
        assert "anzibar" not in page + twin
    else:
        assert page.count(NAME) >= OPEN[path]


def test_what_is_withheld_is_in_no_count():
    source = SourceFactory(slug="sealed", reuse=Source.Reuse.NO)
    before = [row.records.content for row in texts.about().table("records").rows]

    surround(source)

    assert [row.records.content for row in texts.about().table("records").rows] == before


def test_what_is_withheld_of_a_single_column_is_found_by_nobody():
    source = SourceFactory(slug="sealed", reuse=Source.Reuse.NO)
    figures, total = texts.about().table("records").rows[-1].records.content, TradeFlow.objects.count()
    CitationFactory(cited=TradeFlow.objects.get(code="TF001"), source=source, field="product")
    CitationFactory(cited=Control.objects.get(slug="project-maven"), source=source, field="description")

    assert "TF001" not in str(search.search(q="TF001").table("results").rows)
    (maven,) = [row for row in search.search(q="maven").table("results").rows if row.kind == "Control"]
    assert maven.excerpt == ""
    assert texts.about().table("records").rows[-1].records.content == figures - 1
    assert coverage.coverage().table("trade").rows[-1].figures == total - 1
    assert "2021 to 2022" not in how_to_read.how_to_read().ratios
