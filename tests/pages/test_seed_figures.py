"""What the pages say of the real data, against the figures the sources state and against the seed files."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tracker.pages import coverage, fields, figures, home, technologies

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def rows(name):
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("edition", "total", "leads", "unknown"),
    [
        ("aspi-2023-03", 44, {"CN": 37, "US": 7}, 0),
        ("aspi-2024-08", 64, {"CN": 57, "US": 7}, 0),
        ("aspi-2025-12", 74, {"CN": 37, "US": 3}, 34),
    ],
)
def test_home_counts_the_leads_of_an_edition(edition, total, leads, unknown):
    page = home.home(edition=edition)

    assert {row.place.code: row.led.content for row in page.leaders if row.led.content} == leads
    assert (page.total, page.unknown) == (total, unknown)


def test_home_sets_the_publishers_count_of_2025_beside_ours():
    page = home.home(edition="aspi-2025-12")

    stated = {row.place.code: row.stated_led for row in page.leaders if row.stated_led.known}
    assert {code: value.content for code, value in stated.items()} == {"CN": 66, "US": 8}
    assert all(value.cited for value in stated.values())
    assert "China 66 and the United States 8 of 74" in page.stated_sentence


def test_home_is_of_the_featured_edition_unless_asked():
    page = home.home()

    assert page.edition.slug == "aspi-2023-03"
    assert page.sentence == "China leads 37 and the United States 7 of 44 technologies in the March 2023 edition."


@pytest.mark.parametrize(("edition", "count"), [("aspi-2023-03", 44), ("aspi-2024-08", 64), ("aspi-2025-12", 74)])
def test_list_holds_the_technologies_of_the_edition(edition, count):
    page = technologies.technology_list(edition=edition)

    assert len(page.table("technologies").rows) == count


def test_field_materials_science_shows_the_lead_changing_hands():
    table = fields.field(slug="materials-science").table("windows").rows

    first, last = table[0], table[-1]
    assert (first.window.text, first.leader.content.code, first.share.content) == ("2003–2007", "US", Decimal("49.2"))
    assert (last.window.text, last.leader.content.code, last.share.content) == ("2016–2020", "CN", Decimal("36.4"))
    assert (last.second.content.code, last.second_share.content) == ("US", Decimal("17.4"))


def test_coverage_equals_what_the_files_hold():
    of_page = {row.edition.address.split("/")[2]: row for row in coverage.coverage().table("coverage").rows}
    main = {(row["edition"], row["first_year"], row["last_year"]) for row in rows("windows") if row["kind"] == "main"}
    covered = Counter(row["edition"] for row in rows("edition_technologies"))
    series = {row["slug"]: row["series"] for row in rows("editions")}
    places, cells, shares = defaultdict(set), Counter(), Counter()
    leaders, seconds, risks = defaultdict(dict), defaultdict(dict), Counter()
    for row in (*rows("scores"), *rows("field_scores")):
        if row["country"] and (row["edition"], row["first_year"], row["last_year"]) in main:
            edition = row["edition"]
            places[series[edition]].add(row["country"])
            cells[edition] += 1
            shares[edition] += bool(row["share"])
            if row["rank_to"] == "1":
                leaders[edition][row["technology"]] = bool(row["share"])
            elif row["rank_from"] == row["rank_to"] == "2":
                seconds[edition][row["technology"]] = bool(row["share"])
    for row in rows("assessments"):
        if (row["edition"], row["first_year"], row["last_year"]) in main:
            risks[row["edition"]] += row["risk_levels"] in ("high", "medium", "low")
            if row["lead_country"]:
                leaders[row["edition"]].setdefault(row["technology"], False)

    assert set(of_page) == {row["slug"] for row in rows("editions") if row["stage"] == "published"}
    for edition, row in of_page.items():
        both = sum(
            known and seconds[edition].get(technology, False) for technology, known in leaders[edition].items()
        )
        said = {name: getattr(row, name).content for name in vars(row) if name != "edition"}
        all_cells = covered[edition] * len(places[series[edition]])
        assert said == {
            "technologies": covered[edition],
            "leaders": len(leaders[edition]),
            "leader_shares": sum(leaders[edition].values()),
            "both_shares": both,
            "risks": risks[edition],
            "cells": all_cells,
            "cells_known": cells[edition],
            "cells_known_percent": (Decimal(100 * cells[edition]) / all_cells).quantize(Decimal("0.1"), "ROUND_DOWN"),
            "cells_with_share": shares[edition],
            "scores_sourced": cells[edition],
            "scores_sourced_percent": Decimal("100.0"),
            "scores_cited_by_two": row.scores_cited_by_two.content,
            "scores_cited_by_two_percent": row.scores_cited_by_two_percent.content,
        }
        if edition.startswith("ncses"):
            # One publication, seen through a copy: not two sources.
            assert row.scores_cited_by_two.content == 0


def test_figure_leaderboard_draws_the_counts_of_the_page():
    page, figure = home.home(edition="aspi-2025-12"), figures.leaderboard(edition="aspi-2025-12")

    assert {bar.place.code: (bar.led, bar.stated) for bar in figure.bars} == {
        row.place.code: (row.led.content, row.stated_led.content) for row in page.leaders if row.led.content
    }
    assert figure.unknown == page.unknown == 34


def test_figure_trajectory_draws_the_table_of_the_page():
    page, figure = fields.field(slug="physics"), figures.trajectory(field="physics")

    for row, line in zip(page.table("shares").rows, figure.lines, strict=True):
        assert row.place == line.place
        assert line.shares == tuple(getattr(row, f"w{window.replace('–', '_')}").content for window in figure.windows)


def test_contradicting_values_stand_on_the_citations():
    page = technologies.technology(slug="electric-batteries")

    share = page.standing.leader_share
    assert share.content == Decimal("65.4")
    assert {citation.stated_value for citation in share.disputed} >= {"65.5", "about 60"}
