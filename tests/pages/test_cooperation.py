"""The pages of cooperation against the seed files: counts, money, organisations, cases, and what is withheld."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import simplejson

from tests.factories import CitationFactory, ClaimFactory, OrganisationFactory, SourceFactory
from tracker.analysis.read_model import Value
from tracker.analysis.twin import as_json
from tracker.models import Case, Channel, Citation, Edition, Engagement, Organisation, Source, Status
from tracker.pages.cases import case
from tracker.pages.cooperation import channel, cooperation
from tracker.pages.engagements import engagement_list
from tracker.pages.figures import cooperation_network
from tracker.pages.not_found import NotFound
from tracker.pages.organisations import organisation, organisation_list
from tracker.pages.search import search

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ENDED = ("completed", "cancelled")


@cache
def rows_of(name):
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def categories():
    """Engagements by (channel, category slug), from the files alone."""
    category_of = {row["slug"]: row["category"] for row in rows_of("technologies")}
    channel_of = {row["slug"]: row["channel"] for row in rows_of("engagements")}
    found = defaultdict(set)
    for row in rows_of("engagement_technologies"):
        if row["technology"]:
            found[channel_of[row["engagement"]], category_of[row["technology"]]].add(row["engagement"])
    return found


def states():
    """The newest state of each engagement: (date, state)."""
    found = {}
    for row in rows_of("statuses"):
        key = (row["as_of"], int(row["position"]))
        if row["engagement"] not in found or key > found[row["engagement"]][0]:
            found[row["engagement"]] = (key, row["state"])
    return {slug: (key[0], state) for slug, (key, state) in found.items()}


def text_of(page):
    """All that a page's JSON twin says."""
    return simplejson.dumps(as_json(page), use_decimal=True, ensure_ascii=False)


def test_channels_count_what_the_file_holds():
    wanted = Counter(row["channel"] for row in rows_of("engagements"))

    rows = cooperation().table("channels").rows

    assert {row.channel.address: row.engagements.content for row in rows} == {
        f"/cooperation/{slug}/": number for slug, number in wanted.items()
    }
    assert sum(wanted.values()) == 94
    assert [row.origin for row in rows].count("ASPI 2019") == 5


def test_states_of_channels_are_the_newest_of_the_file():
    wanted = Counter(state for _, state in states().values())

    rows = cooperation().table("channels").rows

    for state in ("announced", "active", "stalled", "completed"):
        assert sum(getattr(row, state).content for row in rows) == wanted[state]
    assert sum(row.unconfirmed.content for row in rows) == 49


def test_matrix_counts_what_the_files_join():
    page = cooperation()

    for row in page.table("matrix").rows:
        slug = row.channel.address.split("/")[2]
        own = {
            category: len(found) for (channel_slug, category), found in categories().items() if channel_slug == slug
        }
        for category, number in own.items():
            assert getattr(row, category.replace("-", "_")).content == number
        touched = set().union(*(found for (its, _), found in categories().items() if its == slug))
        assert row.no_tracked_technology.content == row.engagements.content - len(touched)


def test_years_add_up_to_the_engagements_with_a_date():
    rows = cooperation().table("years").rows

    assert {row.year.text: row.engagements.content for row in rows} == Counter(
        row["start"][:4] for row in rows_of("engagements") if row["start"]
    )


@cache
def listed(query):
    """How many engagements the list holds at a query string."""
    choices = dict(parse_qsl(query))
    if "organisation" in choices:
        choices["organisation"] = tuple(parse_qs(query)["organisation"])
    return len(engagement_list(**choices).table("engagements").rows)


@pytest.mark.parametrize("read", [cooperation, lambda: channel(slug="joint-rd-projects"), organisation_list])
def test_every_count_leads_to_as_many_engagements(read):
    listed.cache_clear()
    checked = 0
    for table in read().tables:
        for row in table.rows:
            for value in vars(row).values():
                if isinstance(value, Value) and value.address.startswith("/engagements/?") and value.content:
                    assert listed(urlsplit(value.address).query) == value.content, value.address
                    checked += 1

    assert checked > 20


def test_category_counts_engagements_once_and_leaders_of_the_chosen_edition():
    by_category = defaultdict(set)
    for (_, category), found in categories().items():
        by_category[category] |= found

    for chosen in ("aspi-2023-03", "aspi-2024-08"):
        page = cooperation(edition=chosen)
        rows = page.table("categories").rows
        assert {
            row.category.address.partition("=")[2]: row.engagements.content for row in rows if row.engagements.content
        } == {slug: len(found) for slug, found in by_category.items()}
        led = sum(row.china_leads.content or 0 for row in rows)
        told = [*page.table("technologies").rows, *page.table("untouched").rows]
        here = [row for row in told if row.edition.address == f"/editions/{chosen}/"]
        assert led == sum(row.leader.text == "China" for row in here)
        assert sum(row.technologies for row in rows) == len(here) == page.edition.technology_count


def test_technology_touched_is_told_by_an_edition_that_names_its_leader():
    rows = {row.technology.address: row for row in cooperation().table("technologies").rows}

    assert len(rows) == len({row["technology"] for row in rows_of("engagement_technologies") if row["technology"]})
    assert rows["/technologies/nuclear-energy/"].edition.text == "March 2023"
    radar = rows["/technologies/radar/"]  # not among the 44; the newest edition names no leader of it
    assert (radar.leader.text, radar.edition.text) == ("China", "August 2024")
    ai = rows["/technologies/ai-algorithms-and-hardware-accelerators/"]
    assert (ai.china_share.text, ai.russia_share.text, ai.combined.text) == ("37", "unknown", "at least 37")


def test_fields_give_both_ranks_and_the_sum_of_both_shares():
    shares = {
        (row["technology"], row["country"]): Decimal(row["share"])
        for row in rows_of("field_scores")
        if row["edition"] == "ncses-2016-2020" and row["country"] in ("CN", "RU")
    }

    rows = cooperation().table("fields").rows

    assert rows
    for row in rows:
        slug = row.field.address.split("/")[2]
        china, russia = shares[slug, "CN"], shares[slug, "RU"]
        assert (row.china_share.content, row.russia_share.content) == (china, russia)
        assert abs(row.combined.content - china - russia) <= Decimal("0.06")
        assert row.combined.cited


def test_money_counts_each_fund_once():
    wanted = defaultdict(Decimal)
    for row in rows_of("engagements"):
        if row["value_from"] and row["counts_in_totals"] == "yes":
            wanted[row["start"][:4], row["currency"]] += Decimal(row["value_from"])
    page = cooperation()

    rows = page.table("money").rows

    assert {(row.year, row.currency): row.amount_from for row in rows} == wanted
    assert [(row.year, row.currency) for row in rows] == sorted(wanted)
    assert wanted["2019", "USD"] == Decimal(1_040_000_000)
    assert (
        next(row.amount.text for row in rows if (row.year, row.currency) == ("2019", "USD"))
        == "1.04 to 1.05 billion USD"
    )
    funds = [row for row in page.table("valued").rows if row.value.text == "1 billion USD" and row.in_sums == "no"]
    assert {row.engagement.text for row in funds} == {
        "Key terms of the Technology Investment Fund agreed", "Technology Investment Fund launched",
    }  # fmt: skip
    assert all(row.remark for row in funds)


def test_overview_ends_its_lists_of_ten_with_the_way_to_all():
    page = cooperation()

    assert [len(page.table(name).rows) for name in ("newest", "unconfirmed")] == [10, 10]
    assert (page.unconfirmed.content, page.unconfirmed.address) == (49, "/engagements/?unconfirmed=yes")
    assert page.recheck.content == 8
    starts = [row.start for row in page.table("newest").rows]
    assert starts == sorted(starts, reverse=True)


def test_channel_shows_only_its_own():
    page = channel(slug="joint-competitions")

    wanted = {row["title"] for row in rows_of("engagements") if row["channel"] == "joint-competitions"}
    assert {row.engagement.text for row in page.table("engagements").rows} == wanted
    assert [ref.query for ref in page.figures] == ["channel=joint-competitions"]
    assert len(page.others) == 7
    assert all("channel=joint-competitions" in row.engagements.address for row in page.table("technologies").rows)


def test_every_organisation_counts_the_engagements_of_the_file():
    wanted = defaultdict(set)
    for row in rows_of("participations"):
        if row["organisation"]:
            wanted[row["organisation"]].add(row["engagement"])

    rows = organisation_list().table("organisations").rows

    assert len(rows) == len(rows_of("organisations"))
    assert {
        row.organisation.address.split("/")[2]: row.engagements.content for row in rows if row.engagements.content
    } == {slug: len(found) for slug, found in wanted.items()}


@pytest.mark.parametrize(
    ("choice", "fits"),
    [
        ({"q": "роскосмос"}, lambda row: "Roscosmos" in row.organisation.text),
        ({"q": "华为"}, lambda row: "Huawei" in row.organisation.text),
        ({"kind": "fund"}, lambda row: row.kind == "fund"),
        ({"country": "RU"}, lambda row: row.country.code == "RU"),
        ({"country": "none"}, lambda row: row.country is None),
        ({"side": "other"}, lambda row: "other" in row.sides),
    ],
)
def test_list_of_organisations_is_narrowed(choice, fits):
    everything = organisation_list().table("organisations").rows

    found = organisation_list(**choice).table("organisations").rows

    assert 0 < len(found) < len(everything)
    assert all(fits(row) for row in found)


def test_organisation_is_found_by_an_alias():
    alias = rows_of("organisation_aliases")[0]

    found = organisation_list(q=alias["name"]).table("organisations").rows

    assert f"/organisations/{alias['organisation']}/" in {row.organisation.address for row in found}


@pytest.mark.parametrize("slug", ["huawei-technologies", "roscosmos", "chemchina"])
def test_organisation_has_each_of_its_other_names_once(slug):
    wanted = [row["name"] for row in rows_of("organisation_aliases") if row["organisation"] == slug]

    assert sorted(name.text for name in organisation(slug=slug).other_names) == sorted(wanted)


def test_organisation_page_has_every_part_it_takes_and_its_partners():
    page = organisation(slug="roscosmos")

    own = [row for row in rows_of("participations") if row["organisation"] == "roscosmos"]
    engagements = {row["engagement"] for row in own}
    assert {row.engagement.address.split("/")[2] for row in page.table("engagements").rows} == engagements
    partners = defaultdict(set)
    for row in rows_of("participations"):
        if row["engagement"] in engagements and row["organisation"] not in ("", "roscosmos"):
            partners[row["organisation"]].add(row["engagement"])
    assert {row.partner.address.split("/")[2]: row.together.content for row in page.table("partners").rows} == {
        slug: len(found) for slug, found in partners.items()
    }
    assert page.engagements.content == len(engagements)
    assert [ref.query for ref in page.figures] == ["organisation=roscosmos"]
    assert page.organisation.original_language == "ru"


def test_organisation_of_one_engagement_has_no_timeline():
    page = organisation(slug="aero-hit")

    assert len(page.table("engagements").rows) == 1
    # It stands on a list: that is drawn.
    assert [figure.name for figure in page.figures] == ["listings"]


def test_organisation_knows_its_parent_its_children_and_its_cases():
    child = organisation(slug="zhuzhou-rubber-research-and-design-institute")
    parent = organisation(slug="chemchina")

    assert child.parent in [link for link in [child.parent] if link.address == "/organisations/chemchina/"]
    assert child.organisation.link in parent.children
    assert [one.case.address for one in parent.cases] == ["/cases/balloon-zhuzhou-rubber/"]
    assert {row.about.address for row in child.table("claims").rows} == {"/cases/balloon-zhuzhou-rubber/"}


@pytest.mark.parametrize("slug", ["blinken-non-lethal-support", "balloon-zhuzhou-rubber"])
def test_case_has_every_statement_on_its_side(slug):
    own = [row for row in rows_of("claims") if (row["kind"], row["record"]) == ("cases", slug)]

    page = case(slug=slug)

    asserted = {row["speaker"] for row in own if row["stance"] == "asserts"}
    assert {row.speaker for row in page.sides.asserted} == asserted
    declined = {row["speaker"] for row in own if row["stance"] == "declines"}
    assert {row.speaker for row in page.sides.declined} == declined
    assert len(page.sides.answered) == len([row for row in own if row["stance"] in ("disputes", "denies")])
    assert {row.quote for row in page.table("claims").rows} == {row["quote"] for row in own}
    assert all(row.sources.cited for row in page.table("claims").rows)


def test_cases_are_counted_as_no_engagements():
    page = cooperation()

    stances = Counter(row["stance"] for row in rows_of("claims") if row["kind"] == "cases")
    rows = page.table("cases").rows
    assert sum(row.asserted.content for row in rows) == stances["asserts"]
    assert sum(row.answered.content for row in rows) == stances["disputes"] + stances["denies"]
    assert sum(row.declined.content for row in rows) == stances["declines"]
    assert len(page.table("cases").rows) == len(rows_of("cases"))
    assert sum(row.engagements.content for row in page.table("channels").rows) == len(rows_of("engagements"))


# ---- What only withheld sources say ----


def withhold(record):
    """Gives a record one source alone, which may not be republished."""
    Citation.objects.filter(kind=record.record_kind(), record=record.pk).delete()
    CitationFactory(cited=record, source=SourceFactory(reuse=Source.Reuse.NO))


def test_withheld_engagement_leaks_into_no_page():
    hidden = Engagement.objects.get(slug="aero-hit-drone-production")
    withhold(hidden)

    overview, own = cooperation(), channel(slug="military-technical-cooperation")
    party, bodies = organisation(slug="aero-hit"), organisation_list()

    for page in (overview, own, party, bodies):
        assert hidden.title not in text_of(page)
        assert hidden.slug not in text_of(page)
    assert "93 engagements" in overview.sentence
    assert len(own.table("engagements").rows) == 3
    assert not any("RUB" in row.currency for row in overview.table("money").rows)
    assert "No engagement of our collection names it." in party.sentence
    row = next(row for row in bodies.table("organisations").rows if row.organisation.text == "Aero-HIT")
    assert (row.engagements.content, row.sides) == (0, "")


def test_withheld_state_is_as_if_it_were_not_known():
    hidden = Status.objects.filter(engagement__slug="aero-hit-drone-production").latest("as_of")
    CitationFactory(cited=hidden, source=SourceFactory(reuse=Source.Reuse.NO))

    page = organisation(slug="aero-hit")

    assert hidden.as_of not in text_of(page)


def test_withheld_case_claim_and_organisation_are_shown_nowhere():
    found = Case.objects.get(slug="balloon-zhuzhou-rubber")
    claim = ClaimFactory(about=found, speaker="A speaker who may not be quoted", stance="asserts")
    CitationFactory(cited=claim, source=SourceFactory(reuse=Source.Reuse.NO))
    body = OrganisationFactory(name="A body that may not be named", country=None)
    withhold(body)
    before = cooperation().table("cases").rows

    assert claim.speaker not in text_of(case(slug=found.slug))
    assert body.name not in text_of(organisation_list())
    with pytest.raises(NotFound):
        organisation(slug=body.slug)
    withhold(found)
    with pytest.raises(NotFound):
        case(slug=found.slug)
    assert len(cooperation().table("cases").rows) == len(before) - 1
    assert found.title not in text_of(organisation(slug="chemchina"))


def test_organisation_with_withheld_sources_is_named_only_where_it_takes_part_in_what_is_shown():
    body = Organisation.objects.get(slug="roscosmos")
    withhold(body)

    page = organisation(slug=body.slug)

    assert page.description == page.note == ""
    assert body.description not in text_of(page)
    assert len(page.table("engagements").rows) == 12
    assert body.name in text_of(organisation_list())


def test_parent_that_may_not_be_named_is_left_out():
    parent = Organisation.objects.get(slug="chemchina")
    withhold(parent)

    assert organisation(slug="zhuzhou-rubber-research-and-design-institute").parent is None
    assert "/organisations/chemchina/" not in {
        row.parent.address for row in organisation_list().table("organisations").rows if row.parent
    }


@pytest.mark.parametrize(
    "read",
    [
        cooperation, organisation_list, lambda: channel(slug="joint-investment-funds"),
    ],
)  # fmt: skip
def test_pages_can_be_read_where_every_source_is_withheld(read):
    Source.objects.update(reuse=Source.Reuse.NO)
    # Organisations without a source of their own stay.
    Citation.objects.filter(kind="organisation").delete()

    page = read()

    counts = [value.content for table in page.tables for row in table.rows for value in vars(row).values()
              if isinstance(value, Value) and value.address.startswith("/engagements/?")]  # fmt: skip
    assert not any(counts)


def test_channel_without_an_engagement_says_so():
    Channel.objects.create(slug="sports", name="Sports", description="Contests of teams.", origin="ours", position=9)

    page = channel(slug="sports")

    assert page.sentence == "No engagement of this channel stands in our collection."
    assert page.figures == ()
    row = cooperation().table("channels").rows[-1]
    assert (row.channel.text, row.engagements.content, row.engagements.address) == ("Sports", 0, "")


def test_channel_that_only_withheld_sources_describe_keeps_its_name_alone():
    hidden = Channel.objects.get(slug="joint-competitions")
    withhold(hidden)

    page = channel(slug="joint-competitions")

    assert (page.title, page.channel.description, page.note) == (hidden.name, "", "")
    assert page.withheld.startswith("Withheld")
    assert hidden.description not in text_of(page) + text_of(cooperation()) + text_of(search(q=hidden.name))


def test_overview_and_channels_stand_in_a_record_without_editions(client):
    Edition.objects.update(stage=Edition.Stage.ANNOUNCED, featured=False)

    page = cooperation()

    assert page.edition is None
    assert client.get("/cooperation/").status_code == 200
    assert client.get("/cooperation/joint-competitions/").status_code == 200
    assert client.get("/cooperation/?edition=nothing").status_code == 404


def test_overview_names_nobody_that_the_record_does_not_source():
    said = " ".join((*cooperation().missing, *cooperation().caveats))

    for name in ("MiningLamp", "NtechLab", "Dahua", "TusPark", "Huawei"):
        assert name not in said


def test_kinds_of_main_sources_are_those_of_the_collected_list():
    said = cooperation().coverage[1]

    assert said.startswith("What the engagements' main sources are: state media 25, news 17, official 15, wire 12")
    assert "seen" not in said


def test_leads_by_elimination_are_said_to_be():
    said = next(one for one in cooperation().against if one.startswith("Of the "))

    assert "each in the edition shown in its row" in said
    eliminated = [row for row in cooperation().table("technologies").rows if row.leader.basis == "elimination"]
    assert f"{len(eliminated)} of the leads" in said


def test_every_line_of_the_network_stands_in_the_table_behind_it():
    page = cooperation()
    pairs = {frozenset((row.organisation.address, row.partner.address)) for row in page.table("ties").rows}
    contested = [row for row in page.table("ties").rows if row.contested]

    drawn = cooperation_network()

    lines = {frozenset((f"/organisations/{tie.one}/", f"/organisations/{tie.other}/")) for tie in drawn.ties}
    assert lines <= pairs
    assert len(contested) == 9
