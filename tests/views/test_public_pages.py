"""Every public page: it answers, says the same as its twins, and takes bad input calmly."""

import csv
import io
import json
from decimal import Decimal
from itertools import cycle

import html5lib
import pytest
from django.urls import resolve

from tests.public_addresses import ADDRESSES, ALL, ONE_EACH, missing, twin
from tracker.analysis.twin import plain
from tracker.history.recording import recorded
from tracker.models import Act, Category
from tracker.urls import PUBLIC_PAGES

pytestmark = pytest.mark.seed

HTML = "{http://www.w3.org/1999/xhtml}"


def tables_of(content: bytes) -> dict[str, list[dict[str, str]]]:
    """What a page's tables hold, by table name: the `data-value` of each cell, in order of columns."""
    root = html5lib.parse(content)
    found = {}
    for frame in root.iter(f"{HTML}div"):
        name = frame.get("id", "")
        if "table-frame" in frame.get("class", "").split():
            rows = [
                [cell.get("data-value") for cell in row if cell.get("data-value") is not None]
                for row in frame.iter(f"{HTML}tr")
            ]
            found[name.removeprefix("table-")] = [row for row in rows if row]
    return found


def shown(value) -> str:
    """A JSON cell as the CSV has it."""
    if isinstance(value, list):
        return "; ".join(shown(part) for part in value)
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, dict) and "code" in value:
        return value["code"]
    if isinstance(value, dict) and "text" in value:
        return value["text"]
    if isinstance(value, dict) and "first" in value:
        return f"{value['first']}-{value['last']}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return plain(value)


def unguarded(cell: str) -> str:
    """A CSV cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in tuple("=+-@\t\r") else cell


def test_addresses_cover_every_public_page():
    assert missing() == set()


@pytest.mark.once
@pytest.mark.parametrize("address", ALL)
def test_page_answers_without_login_or_cookie(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert not response.cookies
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert b"<script>" not in response.content
    assert b" style=" not in response.content


@pytest.mark.once
@pytest.mark.parametrize("address", ALL)
def test_page_json_and_csv_hold_equal_values(client, address):
    separator = "&" if "?" in address else "?"
    page = tables_of(client.get(f"{address}{separator}full=1").content)
    body = json.loads(client.get(twin(address, "json")).content, parse_float=Decimal)

    # A table without rows is a sentence.
    assert {name for name, rows in page.items() if rows} == {name for name, t in body["tables"].items() if t["rows"]}
    for name, rows in page.items():
        told = client.get(twin(f"{address}{separator}table={name}", "csv")).content.decode()
        in_csv = list(csv.DictReader(io.StringIO(told)))
        in_json = [{column: shown(value) for column, value in row.items()} for row in body["tables"][name]["rows"]]
        assert len(rows) == len(in_csv) == len(in_json)
        for html_row, csv_row, json_row in zip(rows, in_csv, in_json, strict=True):
            assert {column: unguarded(csv_row[column]) for column in json_row} == json_row
            assert set(html_row) <= set(json_row.values())
            # Every cell of the page is a value of the row, as often as the row has it.
            assert all(html_row.count(value) <= list(json_row.values()).count(value) for value in html_row)


@pytest.mark.once
@pytest.mark.parametrize("address", ALL)
def test_every_value_with_a_number_leads_to_a_source_or_its_rows(client, address):
    body = json.loads(client.get(twin(address, "json")).content)

    unsourced = [
        (name, column, value)
        for name, table in body["tables"].items()
        for row in table["rows"]
        for column, value in row.items()
        if isinstance(value, dict)
        and value.get("value") is not None
        and not value.get("sources")
        # Of none there are no rows to lead to.
        and not (value.get("basis") == "counted" and (value.get("address") or not float(value["value"])))
    ]

    assert unsourced == []


@pytest.mark.parametrize("address", ONE_EACH)
def test_page_is_unchanged_for_whoever_holds_it(client, address):
    first = client.get(address)

    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""


def test_page_is_kept_until_the_record_changes(client, django_assert_num_queries):
    first = client.get("/technologies/").content
    with django_assert_num_queries(1):
        again = client.get("/technologies/").content
    assert again == first

    category = Category.objects.get(slug="quantum")
    with recorded(category, by=None, by_name="Test", cause=Act.Cause.CORRECTION, note="A name.", origin="test"):
        category.name = "Quantum, renamed"
        category.save()

    assert b"Quantum, renamed" in client.get("/technologies/").content


LISTS = {
    "/technologies/", "/technologies/?edition=aspi-2025-12", "/fields/", "/countries/", "/blocs/", "/institutions/",
    "/talent/", "/editions/", "/sources/", *ADDRESSES["matrix"], *ADDRESSES["engagements"],
    *ADDRESSES["organisations"], *ADDRESSES["controls"], *ADDRESSES["trade"], *ADDRESSES["history"], *ADDRESSES["releases"],
}  # fmt: skip


# The overview joins engagements to who leads in technologies and fields, to cases and to the kinds of its sources.
MORE_QUERIES = dict.fromkeys(ADDRESSES["cooperation"], 14)
# What stands around a technology is of kinds of its own: controls with organisations, the mapping of goods and figures,
# goods with their lists, figures with their places. Of a country: controls, and figures.
MORE_QUERIES |= dict.fromkeys(ADDRESSES["technology"], 16) | dict.fromkeys(ADDRESSES["country"], 14)
# Each moment that is named is looked up in two; where organisations are shown, two say which of them may be named, and
# records that are gone take two more. Where a page is named it is read at both moments, and a file of the past filled.
MORE_QUERIES |= {address: 90 if "of=" in address else 16 for address in ADDRESSES["changes"]}
# The record that is asked for, what belongs to it, and what of it may be named.
MORE_QUERIES |= {address: 12 for address in ADDRESSES["history"] if "record=" in address}


@pytest.mark.parametrize("address", ALL)
def test_page_asks_few_queries(client, django_assert_max_num_queries, address):
    most = MORE_QUERIES.get(address, 6 if address in LISTS else 12)

    with django_assert_max_num_queries(most):
        client.get(address)


def test_list_asks_as_many_queries_for_more_rows(client, django_assert_num_queries):
    for edition in ("aspi-2023-03", "aspi-2024-08", "aspi-2025-12"):
        with django_assert_num_queries(6):
            client.get(f"/technologies/?edition={edition}")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/technologies/?edition=aspi-1999", "There is no edition “aspi-1999”"),
        ("/technologies/?edition=ncses-2016-2020", "does not cover this kind of page"),
        ("/technologies/?edition=aspi-2026", "announced"),
        ("/technologies/?category=nope", "has the category “nope”"),
        ("/technologies/?leader=zz", "has the leader “zz”"),
        ("/technologies/?risk=extreme", "has the risk “extreme”"),
        ("/technologies/?sort=nope", "There is no column “nope”"),
        ("/technologies/?page=999999", "There is no page 999999"),
        ("/technologies/quantum/", "There is no technology “quantum”"),
        ("/technologies/materials-science/", "There is no technology"),
        ("/technologies/geoengineering/?edition=aspi-2023-03", "does not cover geoengineering"),
        ("/fields/electric-batteries/", "There is no research field"),
        ("/countries/zz/", "No country has the code “zz”"),
        ("/countries/?region=Atlantis", "There is no region"),
        ("/blocs/nope/", "There is no bloc"),
        ("/editions/nope/", "There is no edition"),
        ("/sources/nope/", "There is no source"),
        ("/sources/?kind=rumour", "No source is of the kind"),
        ("/engagements/?channel=nope", "There is no channel “nope”"),
        ("/engagements/?status=running", "There is no state “running”"),
        ("/engagements/?year=never", "“never” is no year"),
        ("/engagements/?technology=nope", "There is no technology “nope”"),
        ("/engagements/?category=nope", "There is no category “nope”"),
        ("/engagements/?organisation=nope", "There is no organisation “nope”"),
        ("/engagements/?side=nope", "There is no side “nope”"),
        ("/engagements/?reliability=Z", "There is no mark “Z” of a source"),
        ("/engagements/?credibility=9", "There is no mark “9” of what a source says"),
        ("/engagements/?contested=maybe", "Contested is “yes” or “no”, not “maybe”"),
        ("/engagements/?unconfirmed=maybe", "is “yes” or “no”, not “maybe”"),
        ("/engagements/?recheck=maybe", "is “yes” or “no”, not “maybe”"),
        ("/engagements/?sort=nope", "There is no column “nope”"),
        ("/engagements/nope/", "There is no engagement “nope”"),
        ("/cooperation/nope/", "There is no channel “nope”"),
        ("/cooperation/?edition=aspi-1999", "There is no edition “aspi-1999”"),
        ("/organisations/?kind=nope", "No organisation has the kind “nope”"),
        ("/organisations/?country=zz", "No organisation has the country “zz”"),
        ("/organisations/?side=nope", "No organisation has the side “nope”"),
        ("/organisations/nope/", "There is no organisation “nope”"),
        ("/cases/nope/", "There is no case “nope”"),
        ("/nowhere/", "There is no such page"),
    ],
)
def test_unknown_name_is_answered_with_what_there_is_instead(client, address, says):
    response = client.get(address)

    assert response.status_code == 404
    assert says in response.content.decode()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("q=" + "x" * 10_000, "at most 200 characters"),
        ("q=%00", "Null characters"),
        ("page=0", "greater than or equal to 1"),
        ("page=first", "whole number"),
        ("page=99999999999999999999", "less than or equal"),
        ("sort=%00", "Null characters"),
        ("sort=share&sort=rank", "“sort”: It can be named once"),
        ("country=cn", "“country”: this page has no such choice"),
    ],
)
def test_malformed_query_is_answered_with_what_is_wrong(client, query, says):
    response = client.get(f"/technologies/?{query}")

    assert response.status_code == 400
    assert says in response.content.decode()


ODD = [
    "%22",
    "%27",
    "%3Cscript%3E",
    "%F0%9F%9A%80",
    "%E2%80%8B",
    "%25",
    "..%2F..",
    "%5C",
    "a%20or%201=1",
    "%FF",
    "%0A",
]


@pytest.mark.parametrize("address", ONE_EACH)
def test_odd_text_is_no_server_error(client, address):
    """Three texts in turn in each name that the page knows, and in one that it does not; every other time its twin."""
    path = address.partition("?")[0]
    (page,) = (page for page in PUBLIC_PAGES if page.name == resolve(path).url_name)

    odd_ones = cycle(ODD)
    for number, name in enumerate((*page.query.base_fields, "nothing") * 3):
        odd = next(odd_ones)
        asked = f"{path}?{name}={odd}"
        assert client.get(twin(asked, "csv") if number % 2 else asked).status_code in (200, 400, 404), asked


def test_markup_in_a_query_is_shown_as_text(client):
    response = client.get("/search/?q=%3Cscript%3Ealert(1)%3C/script%3E")

    assert b"<script>alert" not in response.content
    assert "&lt;script&gt;alert" in response.content.decode()


def test_names_a_page_does_not_know_are_in_no_link(client):
    response = client.get("/technologies/?utm_source=letter&sort=share")

    assert b"utm_source" not in response.content


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_page_is_read_only(client, method):
    assert getattr(client, method)("/technologies/").status_code == 405


@pytest.mark.parametrize("address", ONE_EACH)
@pytest.mark.parametrize("descending", ["", "-"])
def test_every_column_with_a_sorting_header_sorts(client, address, descending):
    path = address.partition("?")[0]
    body = json.loads(client.get(twin(path, "json")).content)
    page = client.get(path)
    columns = [
        column.name
        for table in list(page.context["tables"].values())[:1]
        for column in table.columns
        if column.orderable
    ]

    first = next(iter(body["tables"]))
    for column in columns:
        response = client.get(f"{path}?sort={descending}{column}")
        assert response.status_code == 200
        assert len(response.context["page"].table(first).rows) == len(body["tables"][first]["rows"])
        assert f'aria-sort="{"descending" if descending else "ascending"}"' in response.content.decode()
