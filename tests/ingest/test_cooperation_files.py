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


# Collected because TIME, or a report on what it tells, names them: they take part in nothing and are on no list.
ONLY_NAMED = {
    "syngenta", "terra-tech", "china-meteorological-administration", "google", "boeing", "microsoft", "rolls-royce",
    "qusecure", "us-department-of-defense", "australian-strategic-policy-institute",
    "observatory-of-economic-complexity", "krach-institute", "shenzhen-msu-bit-university",
}  # fmt: skip


def test_every_organisation_takes_part_in_something_or_is_listed(organisations):
    used = {
        row["organisation"] for name in ("participations", "case_parties", "claims", "listings") for row in rows(name)
    }
    used |= {row["record"] for row in rows("claims") if row["kind"] == "organisations"}
    used |= {row["parent"] for row in organisations.values()}

    assert used - {""} - set(organisations) == set()
    assert set(organisations) - used == ONLY_NAMED


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


# What is said, by whom, and of which day

NOT_CARRIED = "The sources cited do not carry this date"
UNHEARD = re.compile("No (public )?statement of this party was seen by us")
KINDS_COLLECTED = {
    "state media": 25, "news": 17, "official": 15, "wire": 12, "trade press": 9, "university": 7, "think tank": 4,
    "organiser": 2, "company": 2, "blog": 1,
}  # fmt: skip


def is_before(date: str, other: str) -> bool:
    """Whether a partial date is earlier than another one, on the precision both have."""
    common = min(len(date), len(other))
    return date[:common] < other[:common]


@pytest.fixture(scope="module")
def sources() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in rows("sources")}


def test_no_state_cites_a_source_older_than_its_day_unless_its_note_says_so(sources):
    older = [
        (row["engagement"], row["as_of"], key)
        for row in rows("statuses")
        for key in row["sources"].split()
        if is_before(sources[key]["date"] or row["as_of"], row["as_of"]) and NOT_CARRIED not in row["note"]
    ]

    assert older == []


def test_a_citation_of_a_state_is_of_a_source_that_the_state_has():
    cited = {f"{row['engagement']}/{row['as_of']}/{row['state']}": row["sources"].split() for row in rows("statuses")}
    lost = [
        row for row in rows("citations") if row["kind"] == "statuses" and row["source"] not in cited[row["record"]]
    ]

    assert lost == []


def test_nothing_said_of_the_support_precedes_the_words_that_it_is_about():
    said = [row for row in rows("claims") if row["record"] == "blinken-non-lethal-support"]
    asserted = min(row["date"] for row in said if row["stance"] == "asserts")

    assert [row["speaker"] for row in said if is_before(row["date"] or asserted, asserted)] == []
    assert [row["stance"] for row in said] == ["asserts", "declines"]
    assert [row["position"] for row in said] == ["1", "2"]


def test_who_made_the_balloon_is_left_open():
    case = next(row for row in rows("cases") if row["slug"] == "balloon-zhuzhou-rubber")
    roles = {row["organisation"]: row["role"] for row in rows("case_parties") if row["case"] == case["slug"]}
    claims = [row for row in rows("claims") if row["record"] == case["slug"]]
    asserted = {row["speaker"]: row["statement"] for row in claims if row["stance"] == "asserts"}

    assert "Zhuzhou" not in case["title"]
    assert roles["zhuzhou-rubber-research-and-design-institute"].startswith("Denies any connection;")
    assert "according to Reuters" in roles["chemchina"]
    assert "not read by us" in asserted["US sources, not named in our notes"]
    assert "does not name" in asserted["A senior official of the US Department of State, not named"]


def test_every_party_of_a_contested_engagement_is_there_by_somebodys_word(organisations):
    contested = {row["slug"] for row in rows("engagements") if row["contested"]}
    heard = {(row["record"], row["organisation"]) for row in rows("claims") if "papers" not in row["speaker"]}
    parties = [row for row in rows("participations") if row["engagement"] in contested]

    assert len(contested) == 2
    assert [row for row in parties if not row["note"].startswith("Named ")] == []
    assert [row for row in parties if not re.search("Bloomberg|Reuters|US sanctions", row["note"])] == []
    silent = [row for row in parties if (row["engagement"], row["organisation"]) not in heard]
    assert [row for row in parties if (row in silent) != bool(UNHEARD.search(row["note"]))] == []
    assert "according to European officials" in organisations["iemz-kupol"]["description"]


def test_a_start_that_is_a_plan_a_report_or_talks_says_so():
    planned = ["CR010", "CR022", "CR039", "CR056", "CR060", "CR061", "CR073", "CR084"]
    engagements = {row["code"]: row for row in rows("engagements")}

    assert [code for code in planned if not engagements[code]["start_note"]] == []
    assert [code for code, row in engagements.items() if row["end_note"] and not row["end"]] == []


def test_every_address_has_a_publisher_and_a_copy_says_that_it_is_one(sources):
    carried = re.compile("carries an? |reprint|mirror|snapshot|machine translation|abstract|by its wording")
    copies = [row for row in sources.values() if row["kind"] == "copy" and carried.search(row["kind_note"])]

    assert [row["key"] for row in sources.values() if row["url"] and not row["publisher"]] == []
    assert len(copies) > 20
    assert [row["key"] for row in copies if not re.search(r"\([^)]*\)$", row["title"])] == []


def test_the_kinds_of_the_main_sources_are_those_collected(sources):
    main = {
        row["record"]: row["source"]
        for row in rows("citations")
        if row["kind"] == "engagements" and row["reliability"]
    }
    kinds = Counter(sources[key]["kind_note"].split(";")[0] for key in main.values())

    assert kinds == KINDS_COLLECTED
