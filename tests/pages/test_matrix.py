"""The matrix says of every cell what the record holds, against plain SQL."""

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from django.db import connection

from tracker.models import Source
from tracker.pages.matrix import matrix

pytestmark = pytest.mark.seed

EDITIONS = ("aspi-2023-03", "aspi-2023-06", "aspi-2023-09", "aspi-2024-08", "aspi-2025-12", "ncses-2016-2020")

SCORES = """
select t.slug, coalesce(c.code, upper(replace(b.slug, '-', '_'))), s.share, s.rank_from, s.rank_to
from tracker_score s
join tracker_window w on w.id = s.window_id and w.kind = 'main'
join tracker_edition e on e.id = w.edition_id
join tracker_technology t on t.id = s.technology_id
left join tracker_country c on c.id = s.country_id
left join tracker_bloc b on b.id = s.bloc_id
where e.slug = %s and (s.share is not null or s.rank_to is not null)
"""
ASSESSED = """
select t.slug, c.code
from tracker_assessment a
join tracker_window w on w.id = a.window_id and w.kind = 'main'
join tracker_edition e on e.id = w.edition_id
join tracker_technology t on t.id = a.technology_id
join tracker_country c on c.id in (a.lead_country_id, a.second_country_id)
where e.slug = %s
"""
LEADS = """
select t.slug, a.country_id
from tracker_score a join tracker_window w on w.id = a.window_id and w.kind = 'main'
join tracker_edition e on e.id = w.edition_id join tracker_technology t on t.id = a.technology_id
join tracker_country c on c.id = a.country_id and c.code = %s
where e.slug = %s and a.rank_to = 1
union
select t.slug, a.lead_country_id
from tracker_assessment a join tracker_window w on w.id = a.window_id and w.kind = 'main'
join tracker_edition e on e.id = w.edition_id join tracker_technology t on t.id = a.technology_id
join tracker_country c on c.id = a.lead_country_id and c.code = %s
where e.slug = %s
"""


def asked(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def slug(row):
    return row.technology.address.rstrip("/").split("/")[-1]


def cells(page):
    """(technology, column) -> value of every cell of the page."""
    return {
        (slug(row), name): value
        for row in page.table("matrix").rows
        for name, value in vars(row).items()
        if name not in ("technology", "category")
    }


@pytest.mark.parametrize("metric", ["share", "rank", "ratio"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_known_cell_of_the_record_is_known_in_the_matrix_and_no_other(edition, metric):
    page = matrix(edition=edition, metric=metric)

    of_page = {key for key, value in cells(page).items() if value.known or value.instead}
    of_record = {(technology, place) for technology, place, *_ in asked(SCORES, edition)} | set(
        asked(ASSESSED, edition)
    )
    assert of_page == of_record
    assert page.known == len(of_record)


@pytest.mark.parametrize("edition", EDITIONS)
def test_twins_hold_every_share_of_the_record_whatever_the_page_leaves_out(client, edition):
    recorded = {(t, place): share for t, place, share, *_ in asked(SCORES, edition) if share is not None}

    rows = json.loads(client.get(f"/matrix.json?edition={edition}").content, parse_float=Decimal)["tables"]["matrix"][
        "rows"
    ]
    in_csv = list(csv.DictReader(io.StringIO(client.get(f"/matrix.csv?edition={edition}").content.decode())))

    def known(values):
        return {
            (row["address"], name): Decimal(value)
            for row in values
            for name, value in row.items()
            if name != "address" and value not in (None, "")
        }

    places = [name for name in rows[0] if name not in ("technology", "category")]
    of_json = known(
        {"address": row["technology"]["address"].split("/")[2], **{name: row[name]["value"] for name in places}}
        for row in rows
    )
    of_csv = known(
        {"address": row["technology_address"].split("/")[2], **{name: row[name] for name in places}} for row in in_csv
    )
    assert of_json == of_csv == {key: Decimal(str(share)) for key, share in recorded.items()}


@pytest.mark.parametrize("edition", EDITIONS)
def test_ranks_are_those_of_scores_and_assessments(edition):
    page = cells(matrix(edition=edition, metric="rank"))

    for technology, place, _, first, last in asked(SCORES, edition):
        ranks = page[technology, place].content
        if first == last is not None:
            assert (ranks.first, ranks.last) == (first, last)
    for code in ("CN", "US"):
        leads = {key[0] for key, value in page.items() if key[1] == code and str(value.content) == "1"}
        assert leads == {technology for technology, _ in asked(LEADS, code, edition, code, edition)}


def test_fields_of_a_country_equal_the_record():
    page = cells(matrix(edition="ncses-2016-2020"))

    germany = {technology: value.content for (technology, place), value in page.items() if place == "DE"}
    assert germany == {
        t: Decimal(str(share)) for t, place, share, *_ in asked(SCORES, "ncses-2016-2020") if place == "DE"
    }
    assert len(germany) == 14


@pytest.mark.parametrize("edition", ["aspi-2023-03", "aspi-2024-08", "ncses-2003-2007", "ncses-2016-2020"])
def test_ratio_is_the_share_divided_by_the_leaders(edition):
    ratios = cells(matrix(edition=edition, metric="ratio"))
    scores = asked(SCORES, edition)
    codes = {code for (code,) in asked("select code from tracker_country")}
    first = {
        t: (place, Decimal(str(share or 0))) for t, place, share, _, last in scores if last == 1 and place in codes
    }

    known = 0
    for technology, place, share, *_ in scores:
        leader, most = first.get(technology, ("", Decimal(0)))
        ratio = ratios[technology, place].content
        if share is None or not most:
            assert ratio is None
            continue
        known += 1
        step = Decimal(1).scaleb(ratio.as_tuple().exponent)
        assert abs(ratio - Decimal(str(share)) / most) <= step / 2
        if place == leader:
            assert str(ratio) == "1"
        else:
            assert len(ratio.as_tuple().digits) <= 3 or ratio > 999
        assert ratios[technology, place].cited
    assert known == sum(value.known for value in ratios.values()) > 0


def headers(response):
    return re.findall(r'<th scope="col"[^>]*>.*?</th>', response.content.decode())


def test_first_countries_are_shown_and_the_rest_on_request(client):
    address = "/matrix/?edition=ncses-2016-2020"
    places = len(asked("select distinct country_id from tracker_score s join tracker_window w on w.id = s.window_id "
                       "join tracker_edition e on e.id = w.edition_id where e.slug = %s", "ncses-2016-2020"))  # fmt: skip

    few, all_of_them = client.get(address), client.get(f"{address}&full=1")

    assert len(headers(few)) == 13
    assert f"12 of {places} countries shown" in few.content.decode()
    assert "full=1" in few.content.decode()
    assert len(headers(all_of_them)) == places + 1
    assert "table-frame wide" in all_of_them.content.decode()


def test_sorting_by_a_country_that_is_left_out_shows_it(client):
    address = "/matrix/?edition=ncses-2016-2020"
    assert not any("Poland" in header for header in headers(client.get(address)))

    response = client.get(f"{address}&sort=-PL")

    shown = headers(response)
    assert len(shown) == 14
    assert [header for header in shown if "Poland" in header and 'aria-sort="descending"' in header]
    polish = [row.PL.content for row in response.context["page"].table("matrix").rows]
    assert polish == sorted(polish, reverse=True)
    assert len(set(polish)) > 1


def test_unknown_cells_come_last_when_sorted_by_a_country():
    for sort in ("US", "-US"):
        known = [row.US.known for row in matrix(edition="aspi-2024-08", sort=sort).table("matrix").rows]
        assert known == sorted(known, reverse=True)
        assert True in known
        assert False in known


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("metric=speed", "There is no measure “speed”"),
        ("edition=aspi-1999", "There is no edition “aspi-1999”"),
        ("edition=aspi-2026", "announced"),
        ("category=nope", "has no category “nope”"),
        ("edition=ncses-2016-2020&category=quantum", "is not divided into categories"),
        ("sort=DE", "There is no column “DE”"),
    ],
)
def test_what_the_matrix_does_not_have_is_said(client, query, says):
    for ending in ("/", ".json", ".csv"):
        response = client.get(f"/matrix{ending}?{query}")
        assert response.status_code == 404
        assert says in response.content.decode()


def test_measure_that_needs_no_name_may_be_named(client):
    assert client.get("/matrix.csv?metric=share").content == client.get("/matrix.csv").content
    page = client.get("/matrix/?metric=share").content.decode()
    assert re.search(r'<input type="radio" name="metric" value=""[^>]* checked', page)


def test_category_narrows_the_rows_and_offers_counts(client):
    whole, quantum = matrix(), matrix(category="quantum")
    numbers = dict(asked(
        "select coalesce(own.slug, c.slug), count(*) from tracker_editiontechnology et "
        "join tracker_edition e on e.id = et.edition_id join tracker_technology t on t.id = et.technology_id "
        "left join tracker_category own on own.id = et.category_id "
        "left join tracker_category c on c.id = t.category_id where e.slug = 'aspi-2023-03' group by 1"
    ))  # fmt: skip

    assert {facet.value: facet.count for facet in whole.facets["category"]} == numbers
    assert len(quantum.table("matrix").rows) == numbers["quantum"] == 4
    assert quantum.table("matrix").row_type is whole.table("matrix").row_type
    assert quantum.sentence.startswith("Of 4 technologies of Quantum")
    page = client.get("/matrix/?category=quantum").content.decode()
    assert re.findall(r'<tr class="group"><th [^>]*><span>(.*?)</span>', page) == ["Quantum"]


def test_rows_stand_under_their_categories_in_the_publishers_order_until_sorted(client):
    page = client.get("/matrix/").content.decode()
    in_order = [name for (name,) in asked(
        "select c.name from tracker_editiontechnology et join tracker_edition e on e.id = et.edition_id "
        "join tracker_category c on c.id = et.category_id where e.slug = 'aspi-2023-03' order by et.number"
    )]  # fmt: skip

    headings = re.findall(r'<tr class="group"><th [^>]*><span>(.*?)</span>', page)

    assert headings == list(dict.fromkeys(in_order))
    assert "group-name" not in page
    by_country = client.get("/matrix/?sort=-CN").content.decode()
    assert 'class="group"' not in by_country
    assert "group-name" in by_country


def test_sentence_says_what_was_counted():
    page = matrix()
    shares = sum(value.known for value in cells(page).values())
    ranks = sum(value.known for value in cells(matrix(metric="rank")).values())

    assert page.sentence == (
        f"Of 44 technologies × 6 countries and 1 bloc, {page.known} of {page.cells} cells are known to us in the "
        f"March 2023 edition: {shares} shares, {ranks} ranks. China leads 37, the United States 7."
    )


def test_leaders_that_are_not_known_are_said():
    assert "the leader of 34 is not known to us" in matrix(edition="aspi-2025-12").sentence


def test_cell_known_by_another_measure_says_so_with_its_source():
    page = cells(matrix(edition="aspi-2025-12"))

    instead = [value for value in page.values() if value.instead]
    assert instead
    assert not any(value.known for value in instead)
    assert all(value.note.startswith("Only its rank is known to us") and value.cited for value in instead)


def test_default_view_of_the_widest_edition_is_light(client):
    assert len(client.get("/matrix/?edition=ncses-2016-2020").content) < 300_000


def test_matrix_asks_as_many_queries_for_any_edition(client, django_assert_num_queries):
    for edition in EDITIONS:
        with django_assert_num_queries(6):
            client.get(f"/matrix/?edition={edition}")


@pytest.mark.parametrize("metric", ["share", "rank", "ratio"])
def test_withheld_values_are_neither_shown_nor_counted(client, metric):
    Source.objects.update(reuse=Source.Reuse.NO)

    page = matrix(metric=metric)
    text = client.get(f"/matrix/?metric={metric}").content.decode()

    assert not any(value.known or value.instead or value.heat for value in cells(page).values())
    assert page.known == 0
    assert "leads" not in page.sentence
    assert not re.search(r"65\.4|58\.5|48\.49", text)
