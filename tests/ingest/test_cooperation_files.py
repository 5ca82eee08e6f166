"""The seed files of cooperation keep what was reviewed by hand: who takes part in what, under which spelling."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SIDES = ("chinese", "russian", "other")
CODES = [f"CR{number:03}" for number in range(1, 95)]
SCRIPTS = {"zh": re.compile(r"[\u4e00-\u9fff]"), "ru": re.compile(r"[\u0400-\u04ff]")}


def rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def organisations() -> dict[str, dict[str, str]]:
    return {row["slug"]: row for row in rows("organisations")}


@pytest.fixture(scope="module")
def names(organisations) -> dict[str, set[str]]:
    """Every spelling of an organisation: its name and its aliases, by slug."""
    known = {slug: {row["name"]} for slug, row in organisations.items()}
    for row in rows("organisation_aliases"):
        known[row["organisation"]].add(row["name"])
    return known


def spellings(row, organisations, names) -> set[str]:
    """What the row of a named party may read: a name; a name and the role, or a name of the parent, in brackets."""
    slug = row["organisation"]
    parent = organisations[slug]["parent"]
    own = names[slug]
    bracketed = names[parent] if parent else set()
    return (
        own
        | {f"{name} ({row['role']})" for name in own}
        | {f"{name} ({other})" for name in own for other in bracketed}
        | {f"{name}, {other}" for name in own for other in bracketed}
    )


# Parties


def test_each_of_the_234_mentions_is_one_party_in_the_order_of_its_row():
    parties = rows("participations")
    positions = defaultdict(list)
    for row in parties:
        positions[row["engagement"], row["side"]].append(int(row["position"]))

    assert len(parties) == 234
    assert {row["side"] for row in parties} == set(SIDES)
    assert [key for key, found in positions.items() if sorted(found) != list(range(1, len(found) + 1))] == []


def test_a_party_is_an_organisation_or_in_plain_words_not_named():
    parties = rows("participations")
    unnamed = [row for row in parties if not row["organisation"]]

    assert [row for row in parties if bool(row["organisation"]) == bool(row["unnamed"])] == []
    assert len(unnamed) == 8
    assert [row for row in unnamed if "(" in row["unnamed"] or not re.fullmatch(r"\(.+\)", row["named_as"])] == []


def test_every_spelling_of_a_party_is_a_name_of_its_organisation(organisations, names):
    unknown = [
        (row["engagement"], row["named_as"], row["organisation"])
        for row in rows("participations")
        if row["organisation"] and row["named_as"] not in spellings(row, organisations, names)
    ]

    assert unknown == []


def test_no_spelling_leads_to_two_organisations_of_one_side(names):
    sides = defaultdict(set)
    for row in rows("participations"):
        sides[row["organisation"]].add(row["side"])
    leads = defaultdict(set)
    for slug, known in names.items():
        for name in known:
            for side in sides[slug]:
                leads[name.casefold(), side].add(slug)

    assert {key: found for key, found in leads.items() if len(found) > 1} == {}


def test_one_party_stands_once_on_a_side_of_an_engagement():
    named = Counter(
        (row["engagement"], row["side"], row["organisation"]) for row in rows("participations") if row["organisation"]
    )

    assert [key for key, times in named.items() if times > 1] == []


def test_names_that_are_close_lead_to_different_bodies():
    parties = {(row["side"], row["named_as"]): row["organisation"] for row in rows("participations")}
    ministries = [
        ("chinese", "Ministry of Education"),
        ("russian", "Ministry of Education and Science"),
        ("russian", "Ministry of Science and Higher Education"),
        ("chinese", "Ministry of Science and Technology (MOST)"),
    ]

    assert len({parties[ministry] for ministry in ministries}) == len(ministries)
    assert parties["russian", "St Petersburg State University of Aerospace Instrumentation (SUAI)"] == "suai"
    assert parties["russian", "St Petersburg State University"] == "st-petersburg-state-university"
    assert parties["chinese", "People's Republic of China"] != parties["chinese", "Government of China"]
    assert parties["chinese", "Avicopter (AVIC)"] == "avicopter"


# Engagements


def test_every_engagement_of_the_collection_has_a_chinese_and_a_russian_side():
    engagements = rows("engagements")
    sides = defaultdict(set)
    for row in rows("participations"):
        sides[row["engagement"]].add(row["side"])

    assert sorted(row["code"] for row in engagements) == CODES
    assert {row["slug"] for row in engagements} == set(sides)
    assert [slug for slug, found in sides.items() if not {"chinese", "russian"} <= found] == []


def test_every_engagement_runs_in_a_known_channel():
    channels = rows("channels")

    assert Counter(row["origin"] for row in channels) == {"aspi-2019": 5, "ours": 3}
    assert [row["position"] for row in channels] == [str(number) for number in range(1, 9)]
    assert {row["channel"] for row in rows("engagements")} == {row["slug"] for row in channels}


# Organisations


def test_every_organisation_takes_part_in_something(organisations):
    used = {row["organisation"] for name in ("participations", "case_parties", "claims") for row in rows(name)}
    used |= {row["record"] for row in rows("claims") if row["kind"] == "organisations"}
    used |= {row["parent"] for row in organisations.values()}

    assert used - {""} - set(organisations) == set()
    assert set(organisations) - used == set()


def test_parents_are_known_and_lead_to_an_end(organisations):
    for slug in organisations:
        passed = []
        while slug:
            assert slug not in passed
            passed.append(slug)
            slug = organisations[slug]["parent"]


def test_an_original_name_is_written_in_the_script_of_its_language(organisations):
    wrong = [
        row["slug"]
        for row in organisations.values()
        if row["original_name"] and not SCRIPTS[row["original_language"]].search(row["original_name"])
    ]

    assert wrong == []
    assert [
        row["slug"] for row in organisations.values() if row["original_language"] and not row["original_name"]
    ] == []


def test_the_sources_of_organisations_and_channels_are_known():
    known = {row["key"] for row in rows("sources")}
    cited = {key for name in ("organisations", "channels") for row in rows(name) for key in row["sources"].split()}

    assert cited - known == set()


def test_an_alias_differs_from_the_name_it_stands_for(organisations):
    repeated = [
        (row["organisation"], row["name"])
        for row in rows("organisation_aliases")
        if row["name"] == organisations[row["organisation"]]["name"]
    ]

    assert repeated == []
    assert [row for row in rows("organisation_aliases") if not row["note"]] == []
