"""Lines of chosen countries in a field, and their crossovers: against plain SQL over the stored scores."""

import json
from decimal import Decimal

import html5lib
import pytest
from django.db import connection

from tests.factories import EditionFactory, ScoreFactory, SeriesFactory, WindowFactory
from tracker.analysis.figure_model import TrajectoryCrossing
from tracker.models import Country, Edition, Series, Source, Technology
from tracker.pages import fields, figures
from tracker.pages.not_found import NotFound

pytestmark = pytest.mark.seed

FIELDS = (
    "agricultural-sciences", "astronomy-and-astrophysics", "biological-and-biomedical-sciences", "chemistry",
    "computer-and-information-sciences", "engineering", "geosciences-atmospheric-sciences-and-ocean-sciences",
    "health-sciences", "materials-science", "mathematics-and-statistics", "natural-resources-and-conservation",
    "physics", "psychology", "social-sciences",
)  # fmt: skip

# Of each window in which both have a share and not the same one: who was ahead, and who in the one before.
PASSED = """
WITH compared AS (
    SELECT w.first_year, w.last_year, one.share AS its, other.share AS others,
           CASE WHEN one.share > other.share THEN 1 ELSE 2 END AS ahead
    FROM tracker_score AS one
    JOIN tracker_score AS other ON other.window_id = one.window_id AND other.technology_id = one.technology_id
    JOIN tracker_country AS c1 ON c1.id = one.country_id
    JOIN tracker_country AS c2 ON c2.id = other.country_id
    JOIN tracker_technology AS t ON t.id = one.technology_id
    JOIN tracker_window AS w ON w.id = one.window_id
    JOIN tracker_edition AS e ON e.id = w.edition_id
    JOIN tracker_series AS s ON s.id = e.series_id
    WHERE s.slug = 'ncses-top1' AND t.slug = %s AND c1.code = %s AND c2.code = %s AND one.share <> other.share
), stepped AS (
    SELECT compared.*,
           LAG(ahead) OVER windows AS was_ahead,
           LAG(first_year) OVER windows AS was_first_year,
           LAG(last_year) OVER windows AS was_last_year,
           LAG(its) OVER windows AS its_before,
           LAG(others) OVER windows AS others_before
    FROM compared
    WINDOW windows AS (ORDER BY first_year)
)
SELECT ahead, was_first_year, was_last_year, first_year, last_year, its_before, others_before, its, others
FROM stepped
WHERE ahead <> was_ahead
ORDER BY first_year DESC
"""


def by_sql(field: str, one: str, other: str) -> list[tuple]:
    """(who passed, whom, last window behind, first ahead, shares before and after of both), newest first."""
    with connection.cursor() as cursor:
        cursor.execute(PASSED, [field, one, other])
        rows = cursor.fetchall()
    found = []
    for ahead, *years, its_before, others_before, its, others in rows:
        before, after = [its_before, others_before], [its, others]
        names = (one, other) if ahead == 1 else (other, one)
        order = (0, 1) if ahead == 1 else (1, 0)
        found.append(
            (
                *names,
                f"{years[0]}–{years[1]}",
                f"{years[2]}–{years[3]}",
                *(Decimal(str(before[n])) for n in order),
                *(Decimal(str(after[n])) for n in order),
            )
        )
    return found


def on_the_page(client, field: str, one: str, other: str) -> list[tuple]:
    response = client.get(f"/fields/{field}.json?side={one.lower()}&side={other.lower()}")
    table = json.loads(response.content, parse_float=Decimal)["tables"]["crossovers"]
    names = ("overtaker_before", "overtaken_before", "overtaker_after", "overtaken_after")
    return [
        (
            row["overtaker"]["code"],
            row["overtaken"]["code"],
            row["last"],
            row["first"],
            *(Decimal(row[name]["value"]) for name in names),
        )
        for row in table["rows"]
    ]


def test_fields_are_all_there_are():
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM tracker_technology WHERE level = 'field' ORDER BY slug")
        assert tuple(slug for (slug,) in cursor.fetchall()) == FIELDS


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("one", "other"), [("US", "CN"), ("JP", "IN"), ("GB", "DE")])
def test_crossovers_are_those_that_sql_finds(client, field, one, other):
    assert on_the_page(client, field, one, other) == by_sql(field, one, other)


def test_materials_science_passed_from_the_united_states_to_china_once(client):
    (found,) = by_sql("materials-science", "CN", "US")

    assert found[:4] == ("CN", "US", "2013–2017", "2014–2018")
    sentence = client.get("/fields/materials-science.json").json()["sentence"]
    assert "China passed it between 2013–2017 and 2014–2018" in sentence


def test_order_of_the_countries_does_not_matter():
    one = fields.field(slug="physics", side=("cn", "us", "jp"))
    other = fields.field(slug="physics", side=("jp", "us", "cn", "cn"))

    assert (one.lines, one.tables, one.sentence, one.figures) == (
        other.lines,
        other.tables,
        other.sentence,
        other.figures,
    )


def test_lines_of_two_are_among_the_crossovers_of_all_that_are_drawn():
    everything = fields.field(slug="materials-science").table("crossovers").rows
    two = fields.field(slug="materials-science", side=("cn", "us")).table("crossovers").rows

    assert set(two) <= set(everything)
    assert [row.first for row in everything] == sorted((row.first for row in everything), reverse=True)


@pytest.mark.parametrize("side", [(), ("cn", "us"), ("tv",)])
def test_figure_draws_the_lines_and_crossovers_of_the_page(side):
    page = fields.field(slug="materials-science", side=side)
    figure = figures.trajectory(field="materials-science", side=side)
    windows = [row.window.text for row in page.table("windows").rows]

    assert tuple(line.place for line in figure.lines) == page.lines
    assert {
        TrajectoryCrossing(row.overtaker, row.overtaken, windows.index(row.last), windows.index(row.first))
        for row in page.table("crossovers").rows
    } == set(figure.crossings)


def test_figure_of_the_page_has_the_countries_of_the_page(client):
    page = fields.field(slug="materials-science", side=("us", "jp"))

    assert page.figures[0].query == "field=materials-science&side=us&side=jp"
    assert client.get(f"/charts/trajectory.svg?{page.figures[0].query}").status_code == 200


def test_country_without_a_value_says_so_and_has_no_line():
    page = fields.field(slug="materials-science", side=("tv", "jp"))

    assert page.notes == ("Tuvalu has no line: no window has a value of it (2003-2020: not available).",)
    assert "Tuvalu" not in page.sentence
    assert [row.place.code for row in page.table("shares").rows] == ["JP", "TV"]


def test_withheld_country_says_so_and_has_no_line():
    Source.objects.update(reuse=Source.Reuse.NO)

    page = fields.field(slug="materials-science", side=("cn", "tv"))

    assert page.notes == (
        "China has no line. Withheld: its source does not allow republication.",
        "Tuvalu has no line: no window has a value of it (2003-2020: not available).",
    )
    assert page.sentence == "The share of China and Tuvalu in materials science is withheld or not known to us."


def _scored(window, share):
    ScoreFactory(
        window=window, technology=Technology.objects.get(slug="physics"), country=Country.objects.get(code="CN"),
        rank_from=1, rank_to=1, share=Decimal(share), share_decimals=1,
    )  # fmt: skip


def _earlier_window():
    edition = Edition.objects.get(slug="ncses-2016-2020")
    _scored(WindowFactory(edition=edition, first_year=2003, last_year=2007, kind="earlier"), "99.9")


def _other_series():
    series = SeriesFactory(level=Technology.Level.FIELD)
    edition = EditionFactory(series=series, released="2001-01-01")
    _scored(WindowFactory(edition=edition, first_year=1998, last_year=2002), "99.9")


@pytest.mark.parametrize("add", [_earlier_window, _other_series])
def test_field_shows_the_own_windows_of_one_series(add):
    before = fields.field(slug="physics")

    add()

    after = fields.field(slug="physics")
    assert (after.tables, after.sentence) == (before.tables, before.sentence)
    assert len(after.table("windows").rows) == 14


def test_field_shows_the_newer_of_two_editions_of_the_same_years():
    newer = EditionFactory(series=Series.objects.get(slug="ncses-top1"), released="2026-01-01")
    _scored(WindowFactory(edition=newer, first_year=2003, last_year=2007), "99.9")

    page = fields.field(slug="physics")

    windows = page.table("windows").rows
    assert len(windows) == len({row.window.text for row in windows}) == 14
    assert (windows[0].window.address, windows[0].share.text) == (f"/fields/?edition={newer.slug}", "99.9")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("zz", "No country has the code “zz”"),
        ("eu", "The European Union is a bloc"),
        # In capitals these are the codes of South Sudan and Israel.
        ("ß", "No country has the code “ß”"),
        ("ıl", "No country has the code “ıl”"),
    ],
)
def test_unknown_side_is_not_found_in_words(client, code, says):
    with pytest.raises(NotFound, match=says):
        fields.field(slug="physics", side=("cn", code))
    response = client.get(f"/fields/physics/?side={code}")
    assert (response.status_code, says in response.content.decode()) == (404, True)
    assert client.get(f"/charts/trajectory.svg?field=physics&side={code}").status_code == 404


def test_empty_side_draws_the_leading_countries(client):
    assert client.get("/fields/physics.json?side=").json()["sides"] == []


def test_nine_countries_are_too_many(client):
    nine = "&".join(f"side={code}" for code in ("cn", "us", "de", "in", "au", "gb", "kr", "jp", "fr"))

    response = client.get(f"/fields/physics/?{nine}")

    assert response.status_code == 400
    assert "At most 8 can be named" in response.content.decode()


def test_chooser_offers_every_country_with_a_value_and_keeps_what_was_chosen(client):
    root = html5lib.parse(client.get("/fields/physics/?side=fr&side=cn").content, namespaceHTMLElements=False)
    boxes = [box for box in root.iter("input") if box.get("name") == "side" and box.get("type") == "checkbox"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT s.country_id) FROM tracker_score s JOIN tracker_technology t ON t.id = s.technology_id "
            "WHERE t.slug = 'physics'"
        )
        (countries,) = cursor.fetchone()

    assert len(boxes) == countries
    assert {box.get("value") for box in boxes if box.get("checked") is not None} == {"cn", "fr"}


@pytest.mark.parametrize(
    ("side", "address"),
    [
        ((), "/compare/?side=cn&side=us&field=materials-science"),
        (("us", "jp"), "/compare/?side=us&side=jp&field=materials-science"),
        (("us",), None),
        (("us", "jp", "de", "fr", "gb"), None),
    ],
)
def test_two_to_four_countries_lead_to_their_comparison(side, address):
    page = fields.field(slug="materials-science", side=side)

    assert (page.compare.address if page.compare else None) == address


@pytest.mark.parametrize("field", FIELDS)
def test_margin_of_a_field_is_recomputed_from_the_printed_shares(client, field):
    body = json.loads(client.get(f"/fields/{field}.json").content, parse_float=Decimal)
    newest = body["tables"]["windows"]["rows"][-1]
    passing, alone = body["tables"]["margin"]["rows"]
    first, second = Decimal(newest["share"]["value"]), Decimal(newest["second_share"]["value"])

    assert Decimal(alone["by"]["value"]) == Decimal(newest["gap"]["value"])
    assert Decimal(passing["by"]["value"]) * 2 == Decimal(alone["by"]["value"])
    assert abs(first - second - Decimal(alone["by"]["value"])) <= Decimal("0.05")
