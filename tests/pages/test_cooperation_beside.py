"""What technologies, countries, the front page, search, coverage and texts say of cooperation, against the seed files;
nothing withheld among it."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.factories import (
    CitationFactory,
    EngagementTechnologyFactory,
    OrganisationFactory,
    ParticipationFactory,
    SourceFactory,
)
from tracker.models import Citation, Country, Engagement, Organisation, Source, Status, Technology
from tracker.pages import countries, coverage, home, search, technologies, texts

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def rows(name):
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def touched():
    """Engagements by technology, as the file has them."""
    found = defaultdict(set)
    for row in rows("engagement_technologies"):
        if row["technology"]:
            found[row["technology"]].add(row["engagement"])
    return found


# ---- Technologies ----


def test_every_technology_has_the_engagements_of_the_file():
    of = touched()
    for slug in Technology.objects.filter(level=Technology.Level.TECHNOLOGY).values_list("slug", flat=True):
        page = technologies.technology(slug=slug)

        shown = {row.engagement.address for row in page.table("engagements").rows}
        assert shown == {f"/engagements/{one}/" for one in of[slug]}, slug
        assert page.cooperation.engagements.content == len(of[slug]), slug


def test_count_of_a_technology_is_that_of_the_list_it_leads_to(client):
    here = technologies.technology(slug="nuclear-energy").cooperation

    listed = client.get(here.listing.address.replace("/?", ".json?")).json()

    assert len(listed["tables"]["engagements"]["rows"]) == here.engagements.content == 7


def test_technology_has_its_engagements_newest_first_with_the_clock(client):
    page = technologies.technology(slug="nuclear-energy")
    found = page.table("engagements").rows

    assert [row.start for row in found] == sorted((row.start for row in found), reverse=True)
    assert any(row.clock.startswith("not confirmed since") for row in found)
    assert "not confirmed for more than 24 months" in page.cooperation.sentence
    text = client.get("/technologies/nuclear-energy/").content.decode()
    assert "Counting records is not measuring cooperation" in text
    assert "/charts/cooperation-timeline.svg?technology=nuclear-energy" in text


def test_technology_with_one_engagement_has_no_figure_of_it():
    page = technologies.technology(slug="radar", edition="aspi-2025-12")

    assert len(page.table("engagements").rows) == 1
    assert "cooperation-timeline" not in {figure.name for figure in page.figures}


def test_technology_without_an_engagement_says_that_it_proves_nothing(client):
    text = client.get("/technologies/electric-batteries/").content.decode()

    assert "No engagement is recorded by us here; that is not evidence that there is none." in text
    assert 'id="table-engagements"' not in text


def test_shares_of_the_two_are_those_of_the_edition_asked_for():
    here = technologies.technology(slug="ai-algorithms-and-hardware-accelerators", edition="aspi-2023-03").cooperation

    assert here.china_share.known
    assert not here.russia_share.known
    assert here.combined.text == f"at least {here.china_share.text}"
    assert here.combined.cited


def test_wider_fields_tell_where_both_countries_stand():
    fields = technologies.technology(slug="nuclear-energy").table("joint_fields").rows

    assert [row.field.text for row in fields] == ["Engineering", "Physics", "Materials science"]
    assert all(row.russia_rank.known and row.combined.cited for row in fields)


# ---- Countries ----


@pytest.mark.parametrize(("code", "side"), [("cn", "chinese"), ("ru", "russian")])
def test_country_counts_by_channel_as_the_files_have_it(code, side):
    named = {row["engagement"] for row in rows("participations") if row["side"] == side and row["organisation"]}
    expected = Counter(row["channel"] for row in rows("engagements") if row["slug"] in named)

    page = countries.country(code=code)

    counts = {row.channel.address: row.engagements.content for row in page.table("channels").rows}
    assert counts == {f"/cooperation/{slug}/": number for slug, number in expected.items()}
    assert page.cooperation.sentence.startswith(f"{len(named)} of the 94 engagements")
    assert len(page.table("recent").rows) == 3


def test_channel_count_of_a_country_is_that_of_the_list_it_leads_to(client):
    row = countries.country(code="ru").table("channels").rows[0]

    listed = client.get(row.engagements.address.replace("/?", ".json?")).json()

    assert len(listed["tables"]["engagements"]["rows"]) == row.engagements.content


def test_other_country_lists_its_organisations_once_they_take_part(client):
    assert countries.country(code="kz").cooperation is None
    body = OrganisationFactory(name="A works", country=Country.objects.get(code="KZ"))
    ParticipationFactory(engagement=Engagement.objects.get(code="CR089"), organisation=body, side="other", position=1)

    page = countries.country(code="kz")

    assert [(row.organisation.text, row.engagements.content) for row in page.table("organisations").rows] == [
        ("A works", 1)
    ]
    assert "1 organisation of Kazakhstan is named" in client.get("/countries/kz/").content.decode()


# ---- The front page, coverage, about ----


def test_front_page_has_the_five_that_began_last():
    page = home.home()
    expected = sorted(rows("engagements"), key=lambda row: (row["start"], row["code"]), reverse=True)[:5]

    assert [row.code for row in page.table("engagements").rows] == [row["code"] for row in expected]
    assert page.cooperation.startswith("94 engagements between China and Russia")
    (part,) = page.cooperation_coverage
    assert part.total == 94


def test_coverage_adds_up_over_the_channels():
    *channels, every = coverage.coverage().table("cooperation").rows

    assert len(channels) == 8
    for column in ("engagements", "sourced", "by_two", "with_value", "unconfirmed", "contested", "recheck"):
        counts = [getattr(row, column) for row in (*channels, every)]
        *parts, whole = (one if isinstance(one, int) else one.content for one in counts)
        assert sum(parts) == whole, column
    assert (every.engagements.content, every.sourced, every.recheck.content) == (94, 94, 8)
    assert every.with_value == sum(bool(row["value_from"]) for row in rows("engagements"))


def test_about_counts_engagements_and_organisations():
    counts = {row.kind: row.records.content for row in texts.about().table("records").rows}

    assert counts["engagements"] == 94
    assert counts["organisations"] == len(rows("organisations"))


# ---- Search ----


@pytest.mark.parametrize(
    ("q", "kind", "first"),
    [
        ("Russia-China Investment Fund", "Organisation", "Russia-China Investment Fund"),
        ("哈尔滨工业大学", "Organisation", "Harbin Institute of Technology"),
        ("工业大学", "Organisation", "Harbin Institute of Technology"),
        ("Российский фонд прямых инвестиций", "Organisation", "Russian Direct Investment Fund"),
        ("CR045", "Engagement", "Research and technology innovation fund memorandum"),
        ("joint competitions", "Channel", "Joint competitions"),
        ("balloon", "Case", "Who made the balloon of February 2023"),
        ("non-lethal", "Case", "Chinese “non-lethal, dual-use” support"),
    ],
)
def test_search_finds_what_cooperation_holds(q, kind, first):
    found = search.search(q=q).table("results").rows[0]

    assert found.kind == kind
    assert found.result.text.startswith(first)


def test_search_finds_an_organisation_by_every_reviewed_spelling():
    for row in rows("organisation_aliases"):
        found = search.search(q=row["name"]).table("results").rows

        assert f"/organisations/{row['organisation']}/" in {one.result.address for one in found}, row["name"]


def test_every_result_of_cooperation_leads_to_a_page(client):
    found = search.search(q="fund").table("results").rows
    kinds = {"Engagement", "Organisation", "Channel", "Case"}
    addresses = [row.result.address for row in found if row.kind in kinds]

    assert len(addresses) > 5
    assert {client.get(address).status_code for address in addresses} == {200}


# ---- Withheld ----

CODE, SLUG = "CR090", "satellite-navigation-road-map-2026-2030"
TITLE = "Satellite-navigation road map 2026-2030"


def withhold(engagement: Engagement) -> None:
    """Of the engagement, and of all that belongs to it, one source speaks that may not be republished."""
    source = SourceFactory(reuse=Source.Reuse.NO)
    statuses = Status.objects.filter(engagement=engagement).values("pk")
    Citation.objects.filter(kind="engagement", record=engagement.pk).delete()
    Citation.objects.filter(kind="status", record__in=statuses).delete()
    # Not a recorded change: the rule is about reading.
    CitationFactory(cited=engagement, source=source)


@pytest.fixture
def _one_withheld():
    withhold(Engagement.objects.get(code=CODE))


SAYING = (
    "/technologies/satellite-positioning-and-navigation/?edition=aspi-2025-12", "/countries/cn/", "/countries/ru/", "/",
    "/search/?q=satellite-navigation+road+map", f"/search/?q={CODE}", "/coverage/", "/about/",
)  # fmt: skip


def test_addresses_speak_of_it_while_it_is_not_withheld(client):
    spoken = [address for address in SAYING if TITLE in client.get(address).content.decode()]

    assert spoken == [address for address in SAYING if address not in ("/coverage/", "/about/")]


@pytest.mark.usefixtures("_one_withheld")
@pytest.mark.parametrize("address", SAYING)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_nothing_is_said_of_an_engagement_that_is_withheld(client, address, ending):
    path, _, query = address.partition("?")
    if ending:
        path = (path.removesuffix("/") or "/index") + ending

    text = client.get(f"{path}?{query}").content.decode()

    assert TITLE not in text
    assert SLUG not in text
    assert Engagement.objects.get(code=CODE).description not in text


@pytest.mark.parametrize(
    "count",
    [
        lambda: technologies.technology(slug="satellite-positioning-and-navigation").cooperation.engagements.content,
        lambda: sum(row.engagements.content for row in countries.country(code="cn").table("channels").rows),
        lambda: sum(row.engagements.content for row in countries.country(code="ru").table("channels").rows),
        lambda: int(home.home().cooperation.split()[0]),
        lambda: coverage.coverage().table("cooperation").rows[-1].engagements.content,
        lambda: coverage.coverage().table("cooperation").rows[-1].sourced,
        lambda: next(row.records.content for row in texts.about().table("records").rows if row.kind == "engagements"),
    ],
    ids=["technology", "China", "Russia", "home", "coverage", "sourced", "about"],
)
def test_engagement_that_is_withheld_is_in_no_count(count):
    before = count()

    withhold(Engagement.objects.get(code=CODE))

    assert count() == before - 1


def test_technology_that_only_a_withheld_source_links_is_not_touched():
    technology = Technology.objects.get(slug="electric-batteries")
    link = EngagementTechnologyFactory(engagement=Engagement.objects.get(code="CR089"), technology=technology)
    assert technologies.technology(slug="electric-batteries").cooperation.engagements.content == 1

    CitationFactory(cited=link, source=SourceFactory(reuse=Source.Reuse.NO))

    assert technologies.technology(slug="electric-batteries").cooperation.engagements.content == 0


def test_organisation_whose_own_sources_are_withheld_is_found_by_its_name_alone():
    body = Organisation.objects.get(slug="harbin-institute-of-technology")
    Citation.objects.filter(kind="organisation", record=body.pk).delete()
    CitationFactory(cited=body, source=SourceFactory(reuse=Source.Reuse.NO))

    (found,) = (
        row
        for row in search.search(q="harbin institute").table("results").rows
        if row.result.address == body.get_absolute_url()
    )

    assert (found.result.text, found.excerpt) == (body.name, "")
    others = search.search(q=body.original_name).table("results").rows
    assert body.get_absolute_url() not in {row.result.address for row in others}
