"""Controls as the record has them: who takes part, who is listed on a day, and nothing that is withheld."""

import datetime
import re

import pytest

from tests.factories import (
    CitationFactory,
    ControlFactory,
    ControlItemFactory,
    ListEditionFactory,
    ListingEntryFactory,
    ListingFactory,
    OrganisationFactory,
    ParticipatingStateFactory,
    RelevanceFactory,
    SourceFactory,
)
from tests.history.acting import change, now
from tracker.analysis.listings import CANNOT_BE_SAID, LISTED, NOT_LISTED
from tracker.models import (
    Citation,
    Control,
    ControlItem,
    Country,
    ListEdition,
    Listing,
    Organisation,
    Relevance,
    Source,
    Technology,
)
from tracker.pages import figures
from tracker.pages.control_rows import concerning, controls_of_country
from tracker.pages.controls import control, control_list
from tracker.pages.not_found import NotFound
from tracker.pages.organisations import organisation, organisation_list
from tracker.pages.rows import reading_record

pytestmark = [pytest.mark.seed, pytest.mark.unguarded]

DOD, WASSENAAR, CHPL = "section-1260h-list", "wassenaar-arrangement", "common-high-priority-list"
NAME, SLUG = "Zanzibar lighthouse", "zanzibar-lighthouse"


@pytest.fixture(autouse=True)
def _on_the_day_of_the_data(monkeypatch):
    monkeypatch.setattr("tracker.pages.rows.RecordReader.day", "2026-11-22")


def day(text):
    return datetime.date.fromisoformat(text)


def answers(slug, on):
    """The answer for a day of every organisation on a list, by its address."""
    return {
        row.organisation.address: row.on_day for row in control(slug=slug, on=day(on)).table("organisations").rows
    }


def of(body, slug, on):
    return answers(slug, on)[f"/organisations/{body}/"]


def withhold(record, field=""):
    """Only a withheld source speaks of the record, or of one of its columns."""
    source, _ = Source.objects.get_or_create(
        slug="sealed", defaults={"title": "A closed report", "kind": "primary", "reuse": Source.Reuse.NO}
    )
    Citation.objects.filter(kind=record.record_kind(), record=record.pk, field=field).delete()
    CitationFactory(cited=record, source=source, field=field)


# What the issue asks for


def test_wassenaar_has_42_states_categories_1_to_9_and_china_not_among_them():
    page = control(slug=WASSENAAR)

    states = {row.country.code for row in page.table("states").rows}
    assert len(states) == 42
    assert "CN" not in states
    assert {"RU", "US"} <= states
    assert "China is not among the 42 participating states known to us." in page.taking_part
    assert any(said.startswith("Russia takes part") for said in page.taking_part)
    assert {row.item.partition(" ")[2].partition(".")[0] for row in page.table("items").rows} == set("123456789")
    assert page.table("technologies").rows
    assert all(row.reason and row.through for row in page.table("technologies").rows)


def test_common_high_priority_list_has_50_codes_in_its_tiers():
    page = control(slug=CHPL)

    goods = page.table("goods").rows
    assert len({row.good.address for row in goods}) == 50
    assert all(row.good.address.startswith("/trade/") for row in goods)
    assert sum(row.goods.content for row in page.table("items").rows) == 50
    assert "50 goods are known to us" in page.goods_said
    assert page.goods_said.endswith("a source states 50.")
    assert page.warnings["goods"]  # the codes stand in a transcription


@pytest.mark.parametrize("body", ["hikvision", "huawei-technologies"])
def test_hikvision_and_huawei_are_listed_since_june_2021(body):
    assert of(body, DOD, "2021-06-02") == NOT_LISTED
    assert of(body, DOD, "2021-06-03") == of(body, DOD, "2026-11-22") == LISTED


def test_dji_is_listed_since_5_october_2022():
    assert of("dji", DOD, "2022-10-04") == NOT_LISTED
    assert of("dji", DOD, "2022-10-05") == LISTED
    # Of the other lists a year and a month alone are known.
    assert of("dji", "entity-list", "2020-05-05") == CANNOT_BE_SAID
    assert of("dji", "chinese-military-industrial-complex-companies-list", "2021-12-10") == CANNOT_BE_SAID
    assert of("huawei-technologies", "entity-list", "2019-05-10") == CANNOT_BE_SAID
    page = organisation(slug="dji", on=day("2022-10-04"))
    assert {row.control.text: row.on_day for row in page.table("listings").rows}["Section 1260H list"] == NOT_LISTED


def test_removed_organisations_end_on_their_dates_and_absence_removes_nobody():
    removed = Listing.objects.filter(control__slug=DOD).exclude(until="").values_list("organisation__slug", "until")
    assert removed
    for body, until in removed:
        before = (day(until) - datetime.timedelta(days=1)).isoformat()
        assert (of(body, DOD, before), of(body, DOD, until)) == (LISTED, NOT_LISTED)
    # A whole edition later does not name it, and no source states that it was removed.
    gtcom = "global-tone-communication-technology"
    assert [of(gtcom, DOD, on) for on in ("2022-10-04", "2022-10-05", "2025-01-06")] == [NOT_LISTED, LISTED, LISTED]
    assert [of(gtcom, DOD, on) for on in ("2025-01-07", "2026-06-08", "2026-11-22")] == [CANNOT_BE_SAID] * 3
    (row,) = organisation(slug=gtcom, on=day("2026-11-22")).table("listings").rows
    assert "not named by the edition of 7 January 2025" in row.why


def test_edition_that_may_not_be_shown_leaves_nobody_out():
    withhold(ListEdition.objects.get(control__slug=DOD, date="2025-01-07"))

    gtcom = "global-tone-communication-technology"
    assert [of(gtcom, DOD, on) for on in ("2026-06-07", "2026-06-08")] == [LISTED, CANNOT_BE_SAID]


def test_world_time_and_record_time_agree():
    """`on` asks of the world, `as_of` of the record: what is learned later changes no answer of the past."""
    then, on = now(), day("2022-10-05")
    change(Listing.objects.get(control__slug=DOD, organisation__slug="dji"), since="2023-01-01")

    rows = control(slug=DOD, on=on, at=then).table("organisations").rows
    assert {row.organisation.text: row.on_day for row in rows}["DJI"] == LISTED
    assert of("dji", DOD, "2022-10-05") == NOT_LISTED
    own = organisation(slug="dji", on=on, at=then).table("listings").rows
    assert {row.control.text: row.on_day for row in own}["Section 1260H list"] == LISTED
    assert {row.label: row.answer for row in figures.listings(control=DOD, on=on, at=then).rows}["DJI"] == LISTED


@pytest.mark.parametrize("address", ["/controls/section-1260h-list/", "/organisations/dji/", "/charts/listings.svg"])
@pytest.mark.parametrize("on", ["yesterday", "2022-13-01", "2022-10"])
def test_day_that_is_none_is_refused_in_words(client, address, on):
    answer = client.get(address, {"on": on, **({"control": DOD} if "charts" in address else {})})

    assert answer.status_code == 400
    assert "Write a day as" in answer.content.decode()


def test_page_that_knows_no_day_refuses_it(client):
    assert client.get("/controls/?on=2022-10-05").status_code == 400


# The list


def test_list_filters_and_counts():
    every = control_list().table("controls").rows
    assert (
        len(every)
        == Control.objects.count()
        == sum(row.controls.content for row in control_list().table("kinds").rows)
    )
    for name, facets in control_list().facets.items():
        for facet in facets:
            assert len(control_list(**{name: facet.value}).table("controls").rows) == facet.count
    by_address = {row.control.address: row for row in every}
    assert by_address[f"/controls/{WASSENAAR}/"].states.content == 42
    assert by_address[f"/controls/{CHPL}/"].goods.content == 50
    bodies = Listing.objects.filter(control__slug=DOD).values("organisation").distinct().count()
    assert by_address[f"/controls/{DOD}/"].organisations.content == bodies
    assert [row.code for row in control_list(q="wassenaar").table("controls").rows] == ["WA"]
    assert control_list(country="jp").table("controls").rows == ()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/controls/?kind=rumour", "No control has the kind “rumour”"),
        ("/controls/?country=zz", "No control has the country “zz”"),
        ("/controls/?sort=nope", "There is no column “nope”"),
        ("/controls/section-1260-list/", "There is no control “section-1260-list”"),
        ("/organisations/?listed=nope", "There is no control “nope”"),
        ("/charts/listings.svg", "Name a control or an organisation"),
    ],
)
def test_unknown_is_answered_with_ways_on(client, address, says):
    answer = client.get(address)

    assert answer.status_code == 404
    assert says in answer.content.decode()


def test_organisations_are_found_by_their_list():
    rows = organisation_list(listed=DOD).table("organisations").rows

    assert {row.organisation.address for row in rows} == set(answers(DOD, "2026-11-22"))
    assert all("Section 1260H list" in [one.text for one in row.lists] for row in rows)


def test_figure_draws_the_rows_of_the_table():
    drawn = figures.listings(control=DOD, on=day("2022-10-05"))

    assert {row.label for row in drawn.rows} == {
        row.organisation.text for row in control(slug=DOD).table("organisations").rows
    }
    assert len(drawn.ticks) == ListEdition.objects.filter(control__slug=DOD).count()
    assert [row.label for row in figures.listings(organisation="dji").rows] == [
        row.control.text for row in organisation(slug="dji").table("listings").rows
    ]


# What other pages read


def test_technology_and_country_read_what_concerns_them(django_assert_num_queries):
    drones = Technology.objects.get(slug="drones-swarming-and-collaborative-robots")
    china, russia = (Country.objects.get(code=code) for code in ("CN", "RU"))
    with reading_record(None, editions=False) as reader:
        with django_assert_num_queries(3):
            parts = concerning(reader, drones.pk), *(controls_of_country(reader, one.pk) for one in (china, russia))
        rows, of_china, of_russia = (one.rows(reader.citations(one.to_cite)) for one in parts)

    found = {row.subject.address: row for row in rows}
    assert f"/controls/{WASSENAAR}/#item-9" in found
    assert found["/organisations/dji/"].what == "organisation"
    assert len(found["/organisations/dji/"].controls) == 3
    assert all(row.reason and row.mapping.content == "our mapping" and row.mapping.cited for row in rows)
    assert not of_china.regimes
    assert of_china.listings
    assert {row.control.text for row in of_china.issued} >= {"National Intelligence Law of the PRC (2017), Article 7"}
    assert [row.control.address for row in of_russia.regimes] == [f"/controls/{WASSENAAR}/"]


# What is withheld


def seal_control():
    one = ControlFactory(name=NAME, slug=SLUG, short_name=NAME, description=NAME)
    ParticipatingStateFactory(control=one, country=Country.objects.get(code="CN"))
    listing = ListingFactory(control=one, organisation=Organisation.objects.get(slug="dji"))
    RelevanceFactory(about=one, technology=Technology.objects.get(slug="quantum-sensors"), reason=NAME)
    for record in (listing, one):
        CitationFactory(cited=record, source=SourceFactory())
    Control.objects.filter(slug="chip-controls-november-2023").update(amends=one)
    withhold(one)


def seal_listing():
    body = OrganisationFactory(name=NAME, slug=SLUG, country=Country.objects.get(code="CN"))
    withhold(ListingFactory(control=Control.objects.get(slug=DOD), organisation=body, since="2021-06-03"))


def seal_who_is_listed():
    """Of an open listing a withheld source alone says whose it is."""
    body = OrganisationFactory(name=NAME, slug=SLUG, country=Country.objects.get(code="CN"))
    listing = ListingFactory(control=Control.objects.get(slug=DOD), organisation=body, since="2021-06-03")
    CitationFactory(cited=listing, source=SourceFactory())
    withhold(listing, "organisation")


def seal_listed_organisation():
    body = OrganisationFactory(name=NAME, slug=SLUG, country=Country.objects.get(code="CN"))
    CitationFactory(
        cited=ListingFactory(control=Control.objects.get(slug=DOD), organisation=body), source=SourceFactory()
    )
    RelevanceFactory(about=body, technology=Technology.objects.get(slug="quantum-sensors"), reason=NAME)
    withhold(body)


def seal_edition_and_entry():
    edition = ListEditionFactory(control=Control.objects.get(slug=DOD), date="2023-02-03", name=NAME, note=NAME)
    dji = Listing.objects.get(control__slug=DOD, organisation__slug="dji")
    ListingEntryFactory(listing=dji, edition=edition, listed_as=NAME)
    withhold(edition)


def seal_parts():
    regime = Control.objects.get(slug=WASSENAAR)
    withhold(ControlItemFactory(control=regime, name=NAME, code="99", position=99))
    withhold(ParticipatingStateFactory(control=regime, country=Country.objects.get(code="CN"), note=NAME))
    quantum = Technology.objects.get(slug="quantum-computing")
    Relevance.objects.filter(technology=quantum).delete()
    item = ControlItem.objects.get(control=regime, code="8")
    withhold(RelevanceFactory(about=item, technology=quantum, reason=NAME))


def seal_columns():
    regime = Control.objects.get(slug=WASSENAAR)
    columns = ("description", "note", "date_note", "issuer")
    Control.objects.filter(pk=regime.pk).update(**dict.fromkeys(columns, NAME))
    for column in columns:
        withhold(regime, column)
    dji = Listing.objects.get(control__slug=DOD, organisation__slug="dji")
    Listing.objects.filter(pk=dji.pk).update(note=NAME, date_note=NAME)
    for column in ("note", "date_note"):
        withhold(dji, column)


PAGES = (
    "/controls", f"/controls/{DOD}", f"/controls/{WASSENAAR}", "/controls/chip-controls-november-2023", "/organisations",
    "/organisations/dji", "/countries/cn", "/technologies/quantum-sensors", "/technologies/quantum-computing",
)  # fmt: skip
DRAWN = (f"/charts/listings.svg?control={DOD}", "/charts/listings.svg?organisation=dji")


@pytest.mark.parametrize(
    "seal",
    [
        seal_control,
        seal_listing,
        seal_who_is_listed,
        seal_listed_organisation,
        seal_edition_and_entry,
        seal_parts,
        seal_columns,
    ],
)
def test_what_is_sealed_leaks_nowhere(client, seal):
    seal()

    for address in (*(f"{page}{ending}" for page in PAGES for ending in ("/", ".json")), *DRAWN):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert not re.findall(f"{NAME}|{SLUG}|2023-02-03|3 February 2023", answer.content.decode()), address
    for address in (f"/controls/{SLUG}/", f"/organisations/{SLUG}/", f"/charts/listings.svg?organisation={SLUG}"):
        assert client.get(address).status_code == 404
    near = client.get("/controls/zanzibar-lighthous/").content.decode()
    assert NAME not in near
    assert "China is not among the 42 participating states" in client.get(f"/controls/{WASSENAAR}/").content.decode()


def test_organisation_without_sources_of_its_own_is_named_by_an_open_listing():
    body = OrganisationFactory(name=NAME, slug=SLUG, country=None)
    listing = ListingFactory(control=Control.objects.get(slug=DOD), organisation=body)
    assert organisation(slug=SLUG).table("listings").rows

    withhold(listing)

    with pytest.raises(NotFound):
        organisation(slug=SLUG)
    assert NAME not in {row.organisation.text for row in organisation_list().table("organisations").rows}
