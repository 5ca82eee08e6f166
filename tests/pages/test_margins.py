"""What would change it, on the pages of technologies: from the figures that the same page prints."""

import json
from decimal import Decimal

import pytest

pytestmark = pytest.mark.seed


def page(client, slug, edition):
    return json.loads(client.get(f"/technologies/{slug}.json?edition={edition}").content, parse_float=Decimal)


def changes(body):
    return {row["change"]: row for row in body["tables"]["margin"]["rows"]}


@pytest.mark.parametrize("edition", ["aspi-2023-03", "aspi-2023-06", "aspi-2024-08"])
def test_lead_turns_by_the_gap_that_the_page_prints(client, edition):
    listed = json.loads(client.get(f"/technologies.json?edition={edition}").content, parse_float=Decimal)
    known = [row for row in listed["tables"]["technologies"]["rows"] if row["gap"]["value"] is not None]
    assert known

    for row in known:
        body = page(client, row["technology"]["address"].strip("/").split("/")[1], edition)
        passing, alone = body["tables"]["margin"]["rows"][:2]
        assert Decimal(alone["by"]["value"]) == 2 * Decimal(passing["by"]["value"]) == Decimal(row["gap"]["value"])
        assert {source if isinstance(source, str) else source["source"] for source in alone["by"]["sources"]} == {
            source if isinstance(source, str) else source["source"] for source in row["gap"]["sources"]
        }


@pytest.mark.parametrize(
    ("slug", "edition", "nearest", "effect"),
    [
        ("hypersonic-detection-and-tracking", "aspi-2023-06", "k falls from 9 to 7", "from high to medium"),
        ("autonomous-underwater-vehicles", "aspi-2023-06", "k falls from 10 to 7", "from high to medium"),
        ("coatings", "aspi-2023-03", "k falls from 8 to 7", "from high to medium"),
        ("advanced-optical-communication", "aspi-2023-03", "r rises from 2.95 to 3", "from medium to high or medium"),
        ("quantum-communication", "aspi-2023-03", "r rises from 1.89 to 2", "from low to medium or low"),
        ("advanced-data-analytics", "aspi-2024-08", "r falls from 2.31 to below 2", "from medium to low"),
    ],
)
def test_nearest_condition_of_the_risk_is_that_of_k_and_r_on_the_page(client, slug, edition, nearest, effect):
    body = page(client, slug, edition)

    (row,) = [row for row in body["tables"]["margin"]["rows"] if row["smallest"] == "nearest"]
    assert (row["change"], row["effect"]) == (nearest, f"Monopoly risk {effect}")
    assert nearest.partition(" ")[2] in body["would_change"]
    now = body["institutions"] if nearest.startswith("k") else body["standing"]["ratio"]
    assert f"from {now['value']} to" in nearest


def test_technology_without_shares_k_and_r_says_so(client):
    response = client.get("/technologies/geoengineering/")

    assert "Neither both shares nor k or r are known to us for this edition." in response.content.decode()


def test_steps_stay_in_their_series_and_name_the_edition_they_start_from(client):
    body = page(client, "small-satellites", "aspi-2025-12")

    assert body["steps"][-1] == (
        "December 2025: Changed hands since August 2024: China took the lead from the United States."
    )
    assert [row["step"] for row in body["tables"]["editions"]["rows"]] == [
        "", "not known", "not known", "held", "changed hands",
    ]  # fmt: skip
