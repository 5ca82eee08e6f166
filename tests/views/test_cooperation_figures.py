"""The two figures of cooperation by their addresses: what they are drawn from, what they refuse, what they leave out."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import CitationFactory, SourceFactory
from tracker.analysis.cooperation_network import network_steps
from tracker.analysis.cooperation_timeline import timeline_steps
from tracker.models import Citation, Engagement, Organisation, Source
from tracker.pages import figures
from tracker.pages.not_found import NotFound

pytestmark = [pytest.mark.seed, pytest.mark.unguarded]

CHOICES = [
    {},
    {"channel": "joint-investment-funds"},
    {"technology": "small-satellites"},
    {"organisation": "roscosmos"},
    {"channel": "joint-rd-projects", "organisation": "roscosmos"},
]


def withhold(record):
    """Only a withheld source speaks of the record."""
    Citation.objects.filter(kind=record._meta.model_name, record=record.pk).delete()
    CitationFactory(cited=record, source=SourceFactory(reuse=Source.Reuse.NO))


def plain(title: str) -> str:
    return title.removesuffix(" (contested)")


@pytest.mark.parametrize("chosen", CHOICES)
def test_timeline_draws_the_engagements_that_the_list_has(client, chosen):
    listed = client.get("/engagements.json", chosen).json()["tables"]["engagements"]["rows"]

    drawn = figures.cooperation_timeline(**chosen).marks

    assert drawn
    assert sorted(plain(mark.title) for mark in drawn) == sorted(plain(row["engagement"]["text"]) for row in listed)


@pytest.mark.parametrize("chosen", CHOICES)
def test_network_counts_the_organisations_that_take_part(client, chosen):
    model = figures.cooperation_network(**chosen)

    taking = Organisation.objects.filter(
        participations__engagement__in=[
            Engagement.objects.get(title=plain(mark.title)).pk
            for mark in figures.cooperation_timeline(**chosen).marks
        ]
    ).distinct()
    assert model.total == taking.count()


@pytest.mark.parametrize("read", [figures.cooperation_timeline, figures.cooperation_network])
@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"channel": "nope"}, "no channel “nope”"),
        ({"technology": "nope"}, "no technology “nope”"),
        ({"organisation": "nope"}, "no organisation “nope”"),
    ],
)
def test_unknown_name_is_refused_in_words(read, chosen, says):
    with pytest.raises(NotFound) as refused:
        read(**chosen)

    assert says in refused.value.reason


@pytest.mark.parametrize("name", ["cooperation-timeline", "cooperation-network"])
def test_unknown_name_is_answered_with_404(client, name):
    response = client.get(f"/charts/{name}.svg?organisation=nope")

    assert response.status_code == 404
    assert "no organisation" in response.content.decode()


def test_technology_without_engagements_has_an_empty_figure(client):
    assert figures.cooperation_timeline(technology="novel-metamaterials").lanes == ()

    drawing = client.get("/charts/cooperation-timeline.svg?technology=novel-metamaterials").content.decode()
    assert "No engagement with a known date" in drawing


def test_withheld_engagement_is_in_neither_figure():
    hidden = Engagement.objects.get(slug="garpiya-a1-attack-drone")
    before = figures.cooperation_network()
    withhold(hidden)

    timeline, network = figures.cooperation_timeline(), figures.cooperation_network()

    assert hidden.title not in {mark.title for mark in timeline.marks}
    assert "Of 93 engagements" in timeline.title
    assert network.total < before.total


@pytest.mark.parametrize("read", [figures.cooperation_timeline, figures.cooperation_network])
def test_withheld_organisation_is_known_where_an_open_engagement_names_it_and_else_not(read):
    body = Organisation.objects.get(slug="autel-robotics")
    withhold(body)

    read(organisation="autel-robotics")

    for part in body.participations.select_related("engagement"):
        withhold(part.engagement)
    with pytest.raises(NotFound, match="no organisation"):
        read(organisation="autel-robotics")


@pytest.mark.parametrize("chosen", CHOICES)
@pytest.mark.parametrize("read", [figures.cooperation_timeline, figures.cooperation_network])
def test_queries_do_not_grow_with_what_is_chosen(read, chosen):
    with CaptureQueriesContext(connection) as asked:
        read(**chosen)

    assert len(asked) <= 6 + len(chosen)


@pytest.mark.parametrize(
    "address", ["/cooperation/", "/cooperation/academic-cooperation/", "/organisations/roscosmos/"]
)
def test_page_says_of_its_figures_what_these_say_themselves(client, address):
    read = {
        "cooperation-timeline": (figures.cooperation_timeline, timeline_steps),
        "cooperation-network": (figures.cooperation_network, network_steps),
    }
    refs = [ref for ref in client.get(address).context["page"].figures if ref.name in read]

    assert refs
    for ref in refs:
        function, steps = read[ref.name]
        model = function(**dict(part.split("=") for part in filter(None, ref.query.split("&"))))
        assert (ref.title, ref.alt, ref.size) == (model.title, model.alt, steps(model))
