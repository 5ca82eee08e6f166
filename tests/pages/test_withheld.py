"""What only withheld sources say is shown nowhere: page, JSON, CSV, figure."""

import re
from decimal import Decimal

import pytest

from tests.factories import CitationFactory, SourceFactory
from tracker.models import Score, Source

pytestmark = pytest.mark.seed

ADDRESSES = (
    "/", "/technologies/", "/technologies/electric-batteries/", "/technologies/hypersonic-detection-and-tracking/",
    "/countries/cn/", "/institutions/", "/talent/", "/editions/aspi-2023-03/", "/blocs/eu/",
    "/countries/", "/blocs/", "/fields/", "/fields/materials-science/",
)  # fmt: skip


@pytest.fixture
def _all_withheld():
    # Not a recorded change: the rule is about reading.
    Source.objects.update(reuse=Source.Reuse.NO)


@pytest.mark.usefixtures("_all_withheld")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("ending", ["", ".json", ".csv"])
def test_no_value_of_a_withheld_source_is_shown(client, address, ending):
    path = (address.removesuffix("/") or "/index") + ending if ending else address

    text = client.get(path).content.decode()

    # Figures that no title of a source holds: titles may be shown.
    assert not re.search(r"65\.4|14\.1|58\.5|48\.49|36\.4", text)
    assert "about 60" not in text


@pytest.mark.usefixtures("_all_withheld")
@pytest.mark.parametrize(
    ("address", "table"), [("/countries/cn", "editions"), ("/countries", "countries"), ("/blocs", "blocs")]
)
def test_no_lead_is_counted_from_withheld_sources(client, address, table):
    page, twin = client.get(f"{address}/").content.decode(), client.get(f"{address}.json").json()

    assert "37 of 44" not in page
    rows = twin["tables"][table]["rows"]
    assert rows
    assert all(row["led"]["value"] is None for row in rows)


@pytest.mark.parametrize("address", ["/countries/cn/", "/fields/materials-science/"])
@pytest.mark.parametrize("ending", ["", ".json", ".csv"])
def test_field_share_that_its_own_source_withholds_is_not_printed(client, address, ending):
    score = Score.objects.get(
        country__code="CN", technology__slug="materials-science", window__edition__slug="ncses-2016-2020"
    )
    assert score.share == Decimal("36.4")
    CitationFactory(cited=score, field="share", source=SourceFactory(reuse=Source.Reuse.NO))

    text = client.get(address.removesuffix("/") + ending if ending else address).content.decode()

    assert not re.search(r"\b36\.4\b", text)
    # The change since 2003–2007, in points.
    assert "28.0" not in text


@pytest.mark.usefixtures("_all_withheld")
def test_withheld_is_said_with_its_reason(client):
    page = client.get("/technologies/electric-batteries/").content.decode()
    twin = client.get("/technologies/electric-batteries.json").json()

    assert "withheld" in page
    assert "does not allow republication" in page
    assert twin["standing"]["leader_share"]["withheld"] is True
    assert twin["standing"]["leader_share"]["value"] is None


@pytest.mark.usefixtures("_all_withheld")
def test_figure_of_withheld_values_draws_none(client):
    drawing = client.get("/charts/ranking.svg?technology=electric-batteries").content.decode()

    assert "65.4" not in drawing


@pytest.mark.usefixtures("_all_withheld")
def test_source_that_is_withheld_shows_no_passage(client):
    rows = client.get("/sources/nytc.json").json()["tables"]["records"]["rows"]

    assert rows
    assert not any(row["stated_value"] or row["passage"] or row["note"] for row in rows)
