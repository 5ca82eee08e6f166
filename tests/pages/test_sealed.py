"""A record of cooperation of which only withheld sources speak is named by no page, twin or figure, and breaks none."""

import re

import pytest

from tests.factories import CitationFactory, OrganisationFactory, ParticipationFactory, SourceFactory
from tracker.models import Case, CaseParty, Citation, Claim, Country, Engagement, Organisation, Participation, Source

pytestmark = pytest.mark.seed

NAME, SLUG, CODE = "Zanzibar lighthouse", "zanzibar-lighthouse", "ZZ999"
SEARCHED = "/search?q=zanzibar"
# Every kind of page that speaks of cooperation, as page and whole.
PAGES = (
    "/cooperation", "/cooperation/military-technical-cooperation", "/engagements", "/organisations", "/about", "/data",
    "/sources/sealed", "/sources/open", "/organisations/aero-hit", "/organisations/chemchina", "/countries/ru",
    "/cases/balloon-zhuzhou-rubber", "/coverage", "/technologies/advanced-robotics",
    "/engagements/aero-hit-drone-production",
)  # fmt: skip
FIGURES = (
    "/charts/cooperation-timeline.svg", "/charts/cooperation-network.svg",
    "/charts/cooperation-timeline.svg?channel=military-technical-cooperation",
)  # fmt: skip
GONE = (f"/engagements/{SLUG}/", f"/organisations/{SLUG}/", f"/cases/{SLUG}/")
NEAR = ("/engagements/zanzibar-lighthous/", "/organisations/zanzibar-lighthous/", "/cases/zanzibar-lighthous/")


@pytest.fixture
def sealed():
    return SourceFactory(slug="sealed", title="A closed report", reuse=Source.Reuse.NO)


def a_body() -> Organisation:
    return OrganisationFactory(name=NAME, slug=SLUG, country=Country.objects.get(code="RU"))


def withhold(record, source, field="") -> None:
    Citation.objects.filter(kind=record.record_kind(), record=record.pk, field=field).delete()
    CitationFactory(cited=record, source=source, field=field)


def seal_engagement(source):
    Engagement.objects.filter(slug="aero-hit-drone-production").update(title=NAME, slug=SLUG, code=CODE)
    withhold(Engagement.objects.get(slug=SLUG), source)


def seal_organisation(source):
    withhold(a_body(), source)


def seal_party_and_its_engagement(source):
    """An organisation without sources of its own, of which nothing but a sealed engagement speaks."""
    body = a_body()
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    ParticipationFactory(engagement=deal, organisation=body, side="other", position=9, named_as=NAME)
    withhold(deal, source)


def seal_part(source):
    """A party that only a sealed source sees in an open engagement."""
    body = a_body()
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    withhold(
        ParticipationFactory(engagement=deal, organisation=body, side="other", position=9, named_as=NAME), source
    )


def seal_case(source):
    Case.objects.filter(slug="balloon-zhuzhou-rubber").update(title=NAME, slug=SLUG)
    withhold(Case.objects.get(slug=SLUG), source)


def seal_case_party(source):
    body = a_body()
    party = CaseParty.objects.filter(case__slug="balloon-zhuzhou-rubber").first()
    CaseParty.objects.filter(pk=party.pk).update(organisation=body)
    withhold(body, source)


def seal_speaker(source):
    """The organisation for which somebody speaks of an open case."""
    body = a_body()
    Claim.objects.filter(kind="case").update(organisation=body)
    withhold(body, source)


def seal_claim(source):
    claim = Claim.objects.filter(kind="case", record=Case.objects.get(slug="balloon-zhuzhou-rubber").pk).first()
    Claim.objects.filter(pk=claim.pk).update(speaker=NAME)
    withhold(claim, source)


def seal_parent(source):
    body = a_body()
    Organisation.objects.filter(slug="aero-hit").update(parent=body)
    withhold(body, source)


def seal_own_facts(source):
    """Of an organisation that open engagements name everything but its name is withheld."""
    body = Organisation.objects.get(slug="roscosmos")
    Organisation.objects.filter(pk=body.pk).update(original_name=NAME, description=NAME, note=NAME)
    body.aliases.all().delete()
    body.aliases.create(name=f"{NAME} agency")
    withhold(body, source)


def seal_columns(source):
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    columns = ("description", "value_note", "recheck", "contested_note", "note", "start_note", "end_note")
    Engagement.objects.filter(pk=deal.pk).update(**dict.fromkeys(columns, NAME))
    for column in columns:
        withhold(deal, source, column)


SEALS = (
    seal_engagement, seal_organisation, seal_party_and_its_engagement, seal_part, seal_case, seal_case_party,
    seal_speaker, seal_claim, seal_parent, seal_own_facts, seal_columns,
)  # fmt: skip


@pytest.mark.parametrize("seal", SEALS)
def test_sealed_record_is_named_nowhere_and_breaks_no_page(client, sealed, seal):
    SourceFactory(slug="open")
    seal(sealed)

    for page in PAGES:
        for address in (f"{page}/", f"{page}.json"):
            answer = client.get(address)
            if answer.status_code == 404:
                # Only of what was sealed itself, or is known through nothing else.
                assert page.rpartition("/")[2] in ("aero-hit", "balloon-zhuzhou-rubber", "aero-hit-drone-production")
            assert not named(answer), address
    for address in FIGURES:
        assert not named(client.get(address)), address
    for address in NEAR:
        assert not named(client.get(address), but="zanzibar-lighthous”"), address
    found = client.get("/search/?q=zanzibar").content.decode()
    assert "0 results" in found
    assert NAME not in found


def named(answer, but="") -> list[str]:
    text = answer.content.decode()
    if but:
        text = text.replace(but, "")
    return re.findall(f"{NAME}|{SLUG}|{CODE}", text)


@pytest.mark.parametrize("seal", [seal_engagement, seal_organisation, seal_case, seal_party_and_its_engagement])
def test_page_of_a_sealed_record_is_not_found(client, sealed, seal):
    seal(sealed)

    assert [client.get(address).status_code for address in GONE] == [404] * 3
    for figure in ("cooperation-timeline", "cooperation-network"):
        assert client.get(f"/charts/{figure}.svg?organisation={SLUG}").status_code == 404


@pytest.mark.parametrize("seal", [seal_engagement, seal_case_party, seal_own_facts])
@pytest.mark.parametrize("page", ["/organisations/chemchina/", "/organisations/roscosmos/", "/data/"])
def test_every_link_and_image_beside_a_sealed_record_answers(client, sealed, seal, page):
    seal(sealed)
    text = client.get(page).content.decode()

    addresses = {
        found.replace("&amp;", "&").partition("#")[0] for found in re.findall(r'(?:href|src)="(/[^"]*)"', text)
    }
    own = [one for one in addresses if re.match(r"/(engagements|organisations|cases|charts|sources)[/.]", one)]

    assert own
    assert {one: status for one in own if (status := client.get(one).status_code) != 200} == {}


def test_sealed_organisation_that_open_engagements_name_has_its_name_and_no_more(client, sealed):
    seal_own_facts(sealed)

    page = client.get("/organisations/roscosmos.json").json()

    assert page["tables"]["engagements"]["rows"]
    assert (page["kind"], page["description"], page["note"], page["other_names"]) == ("", "", "", [])
    assert page["organisation"]["country"] is None
    assert client.get("/charts/cooperation-timeline.svg?organisation=roscosmos").status_code == 200
    assert "Roscosmos" in client.get("/search/?q=roscosmos").content.decode()
    assert "Roscosmos" in client.get("/organisations/?q=roscosmos").content.decode()


def test_about_counts_the_organisations_of_the_list(client, sealed):
    seal_party_and_its_engagement(sealed)
    seal_own_facts(sealed)

    (counted,) = [
        row["records"]["value"]
        for row in client.get("/about.json").json()["tables"]["records"]["rows"]
        if row["kind"] == "organisations"
    ]

    assert counted == len(client.get("/organisations.json").json()["tables"]["organisations"]["rows"])


def test_claim_leads_to_its_subject_after_a_change_of_slug():
    claim = Claim.objects.filter(kind="case").first()
    Case.objects.filter(pk=claim.record).update(slug=SLUG)

    assert claim.get_absolute_url() == f"/cases/{SLUG}/"


def test_seal_holds_after_a_change_of_slug(client, sealed):
    """Natural keys of citations are as they were when they were recorded."""
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    withhold(deal, sealed)
    open_source = SourceFactory(slug="open")
    CitationFactory(cited=Participation.objects.filter(engagement=deal).first(), source=open_source)
    Engagement.objects.filter(pk=deal.pk).update(slug=SLUG, title=NAME)

    assert not named(client.get("/sources/open/"))
    assert deal.title not in client.get("/sources/open/").content.decode()
