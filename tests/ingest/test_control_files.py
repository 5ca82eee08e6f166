"""The seed files of controls, listings and trade keep every collected row: what is listed, since when, how much.

The rows as collected stand here in short; the collected files themselves are not in the repository.
"""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CHPL, H1260, WASSENAAR = "common-high-priority-list", "section-1260h-list", "wassenaar-arrangement"

# The 134 rows on controls: 21 controls, 10 categories and 6 tiers, 42 states, 50 codes, 5 editions.
CONTROLS = """
WA CHPL DOD-1237 DOD-1260H US-NSCMIC US-ENTITY US-SDN US-TREAS-RU US-OFAC-20230126 US-BIS-20221007 US-BIS-20231116
US-EO14114 US-STATE-20241017 EU-13 EU-15 AU-ALUMINA CN-NIL CN-MCF CN-PARTYCELL US-DUALUSE95 US-MAVEN
"""
STATES = """
AR:1996 AU:1996 AT:1996 BE:1996 BG:1996 CA:1996 CZ:1996 DK:1996 FI:1996 FR:1996 DE:1996 GR:1996 HU:1996 IE:1996
IT:1996 JP:1996 KR:1996 LU:1996 NL:1996 NZ:1996 NO:1996 PL:1996 PT:1996 RO:1996 RU:1996 SK:1996 ES:1996 SE:1996
CH:1996 TR:1996 UA:1996 GB:1996 US:1996 HR:2005-06-29 IN:2017-12 EE LV LT MT MX SI ZA
"""
TIERS = {
    "1": "854231 854232 854233 854239",
    "2": "851762 852691 853221 853224 854800",
    "3.A": (
        "847150 850440 851769 852589 852910 852990 853669 853690 854110 854121 854129 854130 854149 "
        "854151 854159 854160"
    ),
    "3.B": "848210 848220 848230 848250 880730 901310 901380 901420 901480",
    "4.A": "847180 848610 848620 848640 853400 854320 902750 903020 903032 903039 903082",
    "4.B": "845710 845811 845891 845961 846693",
}
# The names of the 104 organisations.
ORGANISATIONS = """
Huawei Technologies
Huawei Investment & Holding
DJI
Hikvision
ChemChina
Zhuzhou Rubber Research and Design Institute
Syngenta
Spacety China
Spacety Luxembourg
Wagner Group
Terra Tech
China Meteorological Administration
Google
Boeing
Microsoft
Rolls-Royce
QuSecure
US Department of Defense
Australian Strategic Policy Institute
Observatory of Economic Complexity
Krach Institute for Tech Diplomacy at Purdue University
360 Security Technology Inc.
Beijing Zhidao Chuangyu Information Technology Co., Ltd.
BGI Genomics Co., Ltd.
China National Chemical Engineering Group Corporation
China State Construction Group Co.
CloudWalk Technology Co., Ltd
CRRC Corporation Limited
Dawning Information Industry Co., Ltd.
Global Tone Communication Technology Co Ltd.
Zhejiang Dahua Technology Co., Ltd.
China International Engineering Consulting Corporation
China Electronics Technology Group Corporation
Aviation Industry Corporation of China Ltd.
China National Nuclear Corporation
Commercial Aircraft Corporation of China Limited
Alibaba Group Holding Limited
Autel Robotics Co., Ltd.
Harbin Institute of Technology
Beijing Institute of Technology
Shenzhen MSU-BIT University
Tsinghua University
Peking University
Chinese Academy of Sciences
Ministry of Science and Technology of China
Cyberspace Administration of China
Ministry of Industry and Information Technology of China
China National Space Administration
China Satellite Navigation Committee
China Atomic Energy Authority
China Investment Corporation
China Development Bank
Tus-Holdings
Cybernaut Investment Group
Guangdong Utrust Investment Holdings
Biren Technology
China Great Wall Industry Corporation
Avicopter
CRAIC
CanSino Biologics
Shenzhen Yuanxing Gene-tech
TopRidge Pharma
Hualan Biological Bacterin
Dobot
Pilot National Laboratory for Marine Science and Technology (Qingdao)
Zhongguancun Development Group
Xiamen Limbach Aircraft Engine
Redlepus Vector Industry
Beijing Xichao International Technology and Trade
Russian Direct Investment Fund
Russia-China Investment Fund
Skolkovo Foundation
Mobile TeleSystems
Vokord
Igl Softlab
MegaFon
Mail.ru Group
Rostelecom
Sberbank
Roscosmos
NPO Energomash
Rosatom
TVEL
United Aircraft Corporation
Rostec
Russian Helicopters
CNII Elektronika
Lomonosov Moscow State University
Bauman Moscow State Technical University
St Petersburg State University
Higher School of Economics
Novosibirsk State University
Russian Academy of Sciences
Shirshov Institute of Oceanology
Joint Institute for Nuclear Research
Roskomnadzor
Safe Internet League
Ministry of Economic Development of Russia
NPO Petrovax Pharm
Federal Centre of Robotics
Vimpel
IEMZ Kupol
Almaz-Antey
Aero-HIT
"""
# The 74 rows on listings: organisation, control, since, until, editions, and how many rows say so.
LISTINGS = """
Huawei Technologies|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
Huawei Investment & Holding|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
DJI|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
Hikvision|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
ChemChina|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
Spacety China|US-OFAC-20230126|2023-01-26|||1
Spacety Luxembourg|US-OFAC-20230126|2023-01-26|||1
Wagner Group|US-OFAC-20230126|2023-01-26|||1
360 Security Technology Inc.|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
Beijing Zhidao Chuangyu Information Technology Co., Ltd.|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
BGI Genomics Co., Ltd.|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
China National Chemical Engineering Group Corporation|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
China State Construction Group Co.|DOD-1260H|2022-10-05|2025-01-07|2022-10-05|1
CloudWalk Technology Co., Ltd|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|6
CRRC Corporation Limited|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
Dawning Information Industry Co., Ltd.|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
Global Tone Communication Technology Co Ltd.|DOD-1260H|2022-10-05||2022-10-05|1
Zhejiang Dahua Technology Co., Ltd.|DOD-1260H|2022-10-05||2022-10-05 2025-01-07 2026-06-08|3
China International Engineering Consulting Corporation|DOD-1260H|2022-10-05|2024-01-31|2022-10-05|1
China Electronics Technology Group Corporation|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
Aviation Industry Corporation of China Ltd.|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
China National Nuclear Corporation|DOD-1260H|2021-06-03||2021-06-03 2025-01-07 2026-06-08|3
Commercial Aircraft Corporation of China Limited|DOD-1260H|2025-01-07||2025-01-07 2026-06-08|2
Alibaba Group Holding Limited|DOD-1260H|2026-06-08||2026-06-08|1
Autel Robotics Co., Ltd.|DOD-1260H|2025-01-07||2025-01-07 2026-06-08|2
Huawei Technologies|US-ENTITY|2019-05|||1
DJI|US-ENTITY|2020|||1
DJI|US-NSCMIC|2021-12|||1
CloudWalk Technology Co., Ltd|US-NSCMIC|2021-12|||1
Dawning Information Industry Co., Ltd.|US-NSCMIC|2021-12|||1
Harbin Institute of Technology|US-ENTITY|2020-06-05|||1
CloudWalk Technology Co., Ltd|US-ENTITY|2020-06-05|||1
360 Security Technology Inc.|US-ENTITY|2020-06-05|||1
Xiamen Limbach Aircraft Engine|US-STATE-20241017|2024-10-17|||1
Redlepus Vector Industry|US-STATE-20241017|2024-10-17|||1
Aero-HIT|US-TREAS-RU|2024-06|||1
IEMZ Kupol|US-TREAS-RU|2023|||1
"""
# The 69 rows on trade: exporter, importer, period, value, unit, bound, code, marks of its source.
FLOWS = """
TF001|CN|RU|2021|2022|25|times|more than|2818|B2
TF002|CN|RU|2022-03|2022-03|9949|tonnes||2818|B1
TF003|CN|RU|2022-04|2022-04|123830|tonnes||2818|B1
TF004|CN|RU|2022-05|2022-05|153362|tonnes||2818|B2
TF005|CN|RU|2022-01|2022-05|287840|tonnes||2818|B2
TF006|CN|AE|2022-05|2022-05|31191|tonnes||2818|B2
TF007|CN|RU|2021|2021|74000000|USD||8542|C2
TF008|CN|RU|2022|2022|179000000|USD||8542|C2
TF009|CN|RU|2021|2021|200000000|USD|||C2
TF010|CN|RU|2022|2022|500000000|USD|more than||C2
TF011|WLD|RU|2021-01|2021-09|1800000000|USD|||C1
TF012|WLD|RU|2022-01|2022-09|2450000000|USD|||C1
TF013|WLD|RU|2023-01|2023-09|1700000000|USD|||B1
TF014|WLD|RU|2022-02-24|2022-12-31|740000000|USD|at least||B1
TF015|CN+HK|RU|2022-02-24|2022-12-31|570000000|USD|||C2
TF016|WLD|RU|2022-04-01|2022-10-31|2600000000|USD|at least||B1
TF017|HK|RU|2022-04-01|2022-10-31|210000000|USD|at least||B2
TF018|HK|RU|2023-08|2023-12|2000000000|USD|nearly||B1
TF019|HK|RU|2023-08|2023-12|750000000|USD|||B1
TF020|HK|RU|2024-01|2024-05|-28|percent|||B1
TF021|CN|RU|2024-01|2024-05|-19|percent|||B1
TF022|CN|RU|2023-12|2023-12|600000000|USD|more than||B1
TF023|CN|RU|2024|2024-05|300000000|USD|more than||B1
TF024|CN|RU|2023|2023|90|percent|about||B1
TF025|CN|RU|2022-02|2022-02|6500000|USD||8457|B1
TF026|CN|RU|2023-07|2023-07|68000000|USD||8457|B1
TF027|CN|RU|2023-07|2023-07|57|percent||8457|B1
TF028|CN|RU|2022|2022|32|percent|||B2
TF029|CN|RU|2023|2023|80-90|percent|||B2
TF030|CN|RU|2022|2022|60|percent|nearly||B2
TF031|CN|RU|2023|2023|90|percent|about||B2
TF032|CN|RU|2023-01|2023-11|345|percent||8482|B2
TF033|CN|KG|2023-01|2023-11|2500|percent|about|8482|B2
TF034|CN|RU|2022|2022|350|percent|more than||B2
TF035|CN|RU|2022|2022|700|tonnes|slightly over|391220|B1
TF036|CN|RU|2023|2023|1300|tonnes|more than|391220|B1
TF037|CN|RU|2024-01|2024-03|110|tonnes|about|391220|B2
TF038|CN|RU|2022-02|2023-03|12000000|USD|more than|8806|B1
TF039|CN|RU|2023-01|2023-06|14500000|USD|at least|8806|B3
TF040|CN|RU|2023-01|2023-07|100000000|USD|more than|8806|B3
TF041|CN|RU|2023-01|2023-07|225000000|USD|more than||B1
TF042|CN|RU|2023-01|2023-07|100000000|USD|||C3
TF043|AE|RU|2022|2022|283000000|USD|nearly||C1
TF044|AE|RU|2021|2021|1600000|USD|||C1
TF045|AE|RU|2022|2022|24300000|USD|||C1
TF046|AE|RU|2022|2022|600000|USD|almost|8806|C1
TF047|AE|RU|2023-01|2023-05|149000000|USD|||C2
TF048|AE|RU|2023-01|2023-05|64000000|USD|||C2
TF049|KZ|RU|2021|2021|12000|USD|||C2
TF050|KZ|RU|2022|2022|3700000|USD|||C2
TF051|KZ|RU|2022|2022|18000000|USD|more than||B2
TF052|AM|RU|2022|2022|13000000|USD|||C2
TF053|CN|KZ+KG|2023|2023|1300000000|USD|||C1
TF054|TR|RU+5|2023-01|2023-09|158000000|USD|||B2
TF055|TR|KZ|2023-01|2023-09|66000000|USD|||B2
TF056|TR|RU|2022|2022|3200000|USD|||C2
TF057|WLD|RU|2023-01|2023-10|932000000|USD|||B1
TF058|WLD|RU|2023-01|2023-09|20000000000|USD|about||B2
TF059|CN+HK|RU|2023|2023|76|percent|about||B2
TF060|CN|RU|2023|2023|18|percent|||B2
TF061|CN|RU|2023|2023|16|percent|||B2
TF062|CN|RU|2022|2022|190000000000|USD|||B1
TF063|CN|RU|2023|2023|240110000000|USD|||B1
TF064|CN|RU|2024|2024|244800000000|USD|||B1
TF065|CN|RU|2025-01|2025-06|106480000000|USD|||B2
TF066|CN|RU|2023|2023|110000000000|USD|||B2
TF067|CN|RU|2024|2024|115000000000|USD|||B2
TF068|CN|RU|2024-09|2024-09|11250000000|USD|||C2
TF069|CN|RU|2025|2025|-6.9|percent|||B2
"""
PLACES = {"WLD": "World", "CN+HK": "CN HK", "KZ+KG": "KZ KG", "RU+5": "RU AZ GE KZ KG UZ"}


def rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.strip().splitlines()]


@pytest.fixture(scope="module")
def organisations() -> dict[str, str]:
    """The slug of every spelling."""
    named = {row["name"]: row["slug"] for row in rows("organisations")}
    return {row["name"]: row["organisation"] for row in rows("organisation_aliases")} | named


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    return {row["code"]: row["slug"] for row in rows("controls")}


# Controls


def test_every_row_on_controls_is_there(codes):
    items = Counter(row["control"] for row in rows("control_items"))
    editions = Counter(row["control"] for row in rows("list_editions"))

    assert list(codes) == CONTROLS.split()
    assert items == {WASSENAAR: 10, CHPL: 6}
    assert editions == {H1260: 5, CHPL: 1}
    assert len(codes) + 16 + len(STATES.split()) + sum(len(tier.split()) for tier in TIERS.values()) + 5 == 134


def test_42_states_take_part_russia_among_them_and_china_not():
    states = rows("participating_states")
    kept = [f"{row['country']}:{row['since']}".rstrip(":") for row in states]

    assert kept == STATES.split()
    assert Counter(row["control"] for row in states) == {WASSENAAR: 42}
    assert next(row["states_stated"] for row in rows("controls") if row["slug"] == WASSENAAR) == "42"
    assert "RU:1996" in kept
    assert not {row["country"] for row in states} & {"CN", "HK"}


def test_wassenaar_has_categories_1_to_9_the_fifth_in_two_parts():
    items = [row for row in rows("control_items") if row["control"] == WASSENAAR]

    assert [row["code"] for row in items] == ["1", "2", "3", "4", "5.1", "5.2", "6", "7", "8", "9"]
    assert [row["position"] for row in items] == [str(number) for number in range(1, 11)]


def test_the_common_high_priority_list_has_50_codes_in_its_tiers():
    goods = {row["slug"]: row for row in rows("goods")}
    tiers = defaultdict(list)
    for row in rows("listed_goods"):
        tiers[row["item"].removeprefix(f"{CHPL}/")].append(goods[row["good"]]["hs_code"])

    assert dict(tiers) == {tier: listed.split() for tier, listed in TIERS.items()}
    assert [len(tiers[tier]) for tier in TIERS] == [4, 5, 16, 9, 11, 5]
    assert {goods[row["good"]]["hs_revision"] for row in rows("listed_goods")} == {"2022"}


def test_a_good_stands_within_the_nearest_code_that_contains_its_own():
    goods = {row["hs_code"]: row for row in rows("goods") if row["hs_code"]}
    nearest = {
        code: next((goods[code[:size]]["slug"] for size in (4, 2) if size < len(code) and code[:size] in goods), "")
        for code in goods
    }

    assert {code: row["parent"] for code, row in goods.items()} == nearest


def test_a_date_that_no_source_gives_stays_empty(codes):
    dated = {row["code"]: (row["issued"], row["since"]) for row in rows("controls")}

    assert {code for code, dates in dated.items() if dates[1]} == {"WA", "US-BIS-20231116"}
    undated = {code for code, dates in dated.items() if dates == ("", "")}
    assert undated == {
        "CHPL", "US-ENTITY", "US-SDN", "US-TREAS-RU", "AU-ALUMINA", "CN-PARTYCELL", "US-MAVEN",
    }  # fmt: skip
    assert [row["code"] for row in rows("controls") if row["code"] in undated and not row["date_note"]] == []


# Listings


def test_every_collected_name_is_one_organisation(organisations):
    found = [organisations.get(name, name) for name in ORGANISATIONS.strip().splitlines()]

    assert len(found) == len(set(found)) == 104
    assert set(found) <= {row["slug"] for row in rows("organisations")}


def test_every_row_on_listings_is_an_entry_or_a_listing(organisations, codes):
    entries = defaultdict(list)
    for row in rows("listing_entries"):
        entries[row["listing"]].append(row["edition"].removeprefix(f"{H1260}/"))
    kept = {
        (row["organisation"], row["control"], row["since"], row["until"]): entries[
            f"{row['control']}/{row['organisation']}/{row['since']}"
        ]
        for row in rows("listings")
    }
    collected = cells(LISTINGS)

    assert kept == {
        (organisations[name], codes[control], since, until): editions.split()
        for name, control, since, until, editions, _ in collected
    }
    assert sum(int(many) for *_, many in collected) == 74
    # The three rows of CloudWalk are there twice; every other row is one entry, or a listing without editions.
    assert sum(max(len(editions), 1) for editions in kept.values()) == 74 - 3


def test_who_is_on_the_section_1260h_list_since_when():
    since = {row["organisation"]: row["since"] for row in rows("listings") if row["control"] == H1260}

    assert since["hikvision"] == since["huawei-technologies"] == "2021-06-03"
    assert since["dji"] == "2022-10-05"


def test_an_edition_that_repeats_no_earlier_listing_only_adds():
    extents = {row["date"]: row["extent"] for row in rows("list_editions") if row["control"] == H1260}
    repeats = {
        row["edition"].removeprefix(f"{H1260}/")
        for row in rows("listing_entries")
        if not row["listing"].endswith(row["edition"].removeprefix(H1260))
    }

    assert extents == {
        "2021-06-03": "whole", "2022-10-05": "additions", "2024-01-31": "additions", "2025-01-07": "whole",
        "2026-06-08": "whole",
    }  # fmt: skip
    assert repeats == {"2025-01-07", "2026-06-08"}


# Trade


def test_every_row_on_trade_is_a_figure_as_collected():
    goods = {row["slug"]: row["hs_code"] for row in rows("goods")}
    places = defaultdict(list)
    for row in rows("flow_places"):
        places[row["flow"], row["role"]].append(row["country"] or row["unnamed"])
    marks = {
        row["record"]: row["reliability"] + row["credibility"]
        for row in rows("citations")
        if row["kind"] == "trade_flows" and row["reliability"]
    }
    kept = [
        [
            row["code"], " ".join(places[row["code"], "exporter"]), " ".join(places[row["code"], "importer"]),
            row["period_start"], row["period_end"],
            row["value_from"] if row["value_from"] == row["value_to"] else f"{row['value_from']}-{row['value_to']}",
            row["unit"], row["bound"], goods[row["good"]], marks[row["code"]],
        ]
        for row in rows("trade_flows")
    ]  # fmt: skip
    collected = [
        [code, PLACES.get(exporter, exporter), PLACES.get(importer, importer), *rest]
        for code, exporter, importer, *rest in cells(FLOWS)
    ]

    assert kept == collected
    assert len(kept) == 69


def test_the_aluminium_oxide_figure_is_the_one_published_beside_the_one_that_disagrees():
    flow = next(row for row in rows("trade_flows") if row["code"] == "TF001")
    pairs = {(row["first"], row["second"]) for row in rows("disagreements")}

    assert (flow["value_from"], flow["bound"], flow["unit"]) == ("25", "more than", "times")
    assert (flow["kind"], flow["span"], flow["change_stated"]) == (
        "direct export",
        "year-on-year",
        "more than 25 times",
    )
    assert (flow["good"], flow["good_basis"], flow["data_by"]) == ("hs-2818", "derived", "OEC")
    assert {("TF001", "TF005"), ("TF008", "TF010"), ("TF039", "TF040")} <= pairs


def test_a_code_that_the_source_does_not_give_is_ours():
    goods = {row["slug"]: row["hs_code"] for row in rows("goods")}
    coded = [row for row in rows("trade_flows") if goods[row["good"]]]

    assert len(coded) == 20
    assert {row["good_basis"] for row in coded} == {"derived"}


def test_what_we_calculated_is_not_said_to_be_stated():
    calculated = next(row for row in rows("trade_flows") if row["code"] == "TF008")

    assert calculated["change_stated"] == ""
    assert "calculated" in calculated["note"]


# What technologies they concern


def test_every_tie_to_a_technology_is_ours_and_says_why():
    technologies = {row["slug"] for row in rows("technologies")}
    ties = rows("relevances")
    kinds = Counter(row["kind"] for row in ties)

    assert {row["basis"] for row in ties} == {"derived"}
    assert [row for row in ties if row["technology"] not in technologies or not row["reason"].endswith(".")] == []
    assert kinds == {"controls": 16, "control_items": 46, "goods": 41, "trade_flows": 42, "organisations": 56}
