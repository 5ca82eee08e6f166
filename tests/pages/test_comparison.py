"""/compare/ on the real data: the figures it must show, each from one read model, against SQL and the seed files."""

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from tests.public_addresses import ADDRESSES, twin
from tracker.analysis.comparison import BANDS
from tracker.history.past import moment
from tracker.models import BlocMembership, Citation, Country, Edition, RevisionCounter, Score, Source, Window
from tracker.pages import figures
from tracker.pages.comparison import compare

pytestmark = pytest.mark.seed

ALL_FIELDS = "ncses-2016-2020"


def answer(client, query):
    return json.loads(client.get(f"/compare.json?{query}").content, parse_float=Decimal)


def rows(body, table="comparison"):
    return body["tables"][table]["rows"]


def test_china_leads_37_and_the_united_states_7_of_all_44_in_their_bands(client):
    body = answer(client, "side=cn&side=us&edition=aspi-2023-03")

    assert [(one["side"]["code"], one["leads"]["value"]) for one in body["totals"]] == [("CN", 37), ("US", 7)]
    assert body["sentence"].startswith(
        "China leads 37 and the United States 7 of 44 technologies in the March 2023 edition. The gap between them is "
        "known to us for 5 (in 4 of them we derived a share from published figures); for 39 only a leader or a rank is."
    )
    assert len(rows(body)) == 44
    counted = [sum(row["band"] == name for row in rows(body)) for name in BANDS.values()]
    assert counted == [body["bands"]["gap"], body["bands"]["rank"], body["bands"]["unknown"]] == [5, 39, 0]
    assert len(rows(body, "without")) == 39


def test_scoreboard_adds_up(client):
    *categories, everything = rows(answer(client, "side=cn&side=us&edition=aspi-2023-03"), "scoreboard")

    assert len(categories) == 7
    for column in ("leads_cn", "leads_us", "others", "unknown", "gaps", "cases"):
        assert sum(row[column]["value"] for row in categories) == everything[column]["value"]


CROSSOVERS = """
WITH shares AS (
    SELECT w.first_year, w.first_year || '–' || w.last_year AS years, c.code, s.share
    FROM tracker_score s
    JOIN tracker_window w ON w.id = s.window_id
    JOIN tracker_edition e ON e.id = w.edition_id
    JOIN tracker_series r ON r.id = e.series_id
    JOIN tracker_technology t ON t.id = s.technology_id
    JOIN tracker_country c ON c.id = s.country_id
    WHERE r.slug = 'ncses-top1' AND t.slug = %s AND c.code IN (%s, %s)
), ahead AS (
    SELECT a.first_year, a.years, CASE WHEN a.share > b.share THEN a.code ELSE b.code END AS code
    FROM shares a JOIN shares b ON a.years = b.years AND a.code = %s AND b.code = %s
    WHERE a.share <> b.share
), steps AS (
    SELECT years, code, LAG(years) OVER (ORDER BY first_year) AS before_years,
           LAG(code) OVER (ORDER BY first_year) AS before_code
    FROM ahead
)
SELECT code, before_years, years FROM steps WHERE code <> before_code ORDER BY years
"""


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("materials-science", "US", "CN"),
        ("engineering", "CN", "US"),
        ("chemistry", "CN", "US"),
        ("psychology", "US", "CN"),
        ("physics", "JP", "DE"),
        ("computer-and-information-sciences", "IN", "KR"),
    ],
)
def test_crossovers_equal_those_computed_in_plain_sql(client, field, one, other):
    with connection.cursor() as cursor:
        cursor.execute(CROSSOVERS, [field, one, other, one, other])
        computed = cursor.fetchall()

    body = answer(client, f"side={one.lower()}&side={other.lower()}&field={field}")

    shown = [(row["overtaker"]["code"], row["last"], row["first"]) for row in rows(body, "crossovers")]
    assert sorted(shown) == sorted(computed)


def test_other_editions_that_say_otherwise_of_a_technology_are_named(client):
    sensors = answer(client, "side=cn&side=us&technology=quantum-sensors")["sentence"]
    language = answer(client, "side=cn&side=us&technology=natural-language-processing")["sentence"]

    assert "The United States is ahead in the editions June 2023 and September 2023." in sensors
    assert "in the August 2024 edition: the United States 24.8\u202f% and China 24.1\u202f%" in language


def test_crossover_in_materials_science_is_named_with_its_two_windows(client):
    body = answer(client, "side=us&side=cn&field=materials-science")

    assert "China passed the United States between 2013–2017 and 2014–2018." in body["sentence"]
    assert len(rows(body)) == body["bands"]["gap"] == 14


@pytest.mark.parametrize("bloc", ["eu", "nato", "brics"])
def test_share_of_a_bloc_is_the_sum_of_its_members_in_plain_sql(client, bloc):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.slug, SUM(s.share) FROM tracker_score s
            JOIN tracker_window w ON w.id = s.window_id JOIN tracker_edition e ON e.id = w.edition_id
            JOIN tracker_technology t ON t.id = s.technology_id
            JOIN tracker_blocmembership m ON m.country_id = s.country_id JOIN tracker_bloc b ON b.id = m.bloc_id
            WHERE e.slug = %s AND b.slug = %s AND m.until = '' GROUP BY t.slug
            """,
            [ALL_FIELDS, bloc],
        )
        sums = {slug: Decimal(str(total)) for slug, total in cursor.fetchall()}

    found = rows(answer(client, f"side={bloc}&side=jp&edition={ALL_FIELDS}"))

    assert len(found) == len(sums) == 14
    for row in found:
        share = row[f"share_{bloc}"]["value"]
        exact = sums[row["subject"]["address"].split("/")[2]]
        assert abs(exact - share) <= Decimal(1).scaleb(share.as_tuple().exponent) / 2


ONE_EDITION = [a for a in ADDRESSES["compare"] if "side=" in a and "field=" not in a and "from=" not in a]


@pytest.mark.parametrize("address", ONE_EDITION)
def test_sentence_table_figure_alt_text_and_twins_hold_equal_numbers(client, address):
    page = client.get(f"{address}&full=1")
    model = page.context["page"]
    body = json.loads(client.get(twin(address, "json")).content, parse_float=Decimal)
    in_csv = list(csv.DictReader(io.StringIO(client.get(twin(address, "csv")).content.decode())))
    table, sides = model.table("comparison"), model.sides
    shares = [column for column in in_csv[0] if column.startswith("share_") and column.count("_") == 1]
    drawn = {}
    if model.figures:
        asked = {"side": page.wsgi_request.GET.getlist("side")}
        asked |= {
            n: page.wsgi_request.GET[n] for n in ("edition", "category", "technology") if n in page.wsgi_request.GET
        }
        figure = figures.comparison(**asked)
        drawn = {line.name: line for line in figure.lines}
        assert figure.alt == model.figures[0].alt
        assert figure.unknown == model.bands.unknown
        assert len(figure.lines) == model.bands.gap + model.bands.rank
    assert len(in_csv) == len(body["tables"]["comparison"]["rows"]) == len(table.rows) == model.bands.total
    assert len(shares) == len(sides)
    for row, told, line in zip(table.rows, body["tables"]["comparison"]["rows"], in_csv, strict=True):
        figure_line = drawn.get(row.subject.text)
        for number, column in enumerate(shares):
            share = getattr(row, column)
            assert told[column]["value"] == share.content
            assert line[column] == ("" if share.content is None else f"{share.content:f}")
            if figure_line is not None:
                assert figure_line.marks[number].share == share.content
                assert figure_line.marks[number].bound == share.bound
            if row.gap.known and model.figures:
                assert f"{share.text}\u202f%" in model.figures[0].alt
        assert told["gap"]["value"] == row.gap.content
        if row.gap.known:
            numbers = sorted((getattr(row, column).content for column in shares), reverse=True)
            assert row.gap.content == (numbers[0] - numbers[1]).quantize(row.gap.content)
            if figure_line is not None:
                assert figure_line.gap == row.gap.content
    said = [int(number) for number in re.findall(r"\b\d+\b", model.sentence)]
    for total in model.totals:
        if total.leads.known and total.leads.content:
            assert total.leads.content in said
    assert sum(row.band == BANDS["gap"] for row in table.rows) == model.bands.gap


@pytest.mark.parametrize("figure", ["sides", "slope"])
def test_other_figures_draw_what_their_tables_hold(figure):
    if figure == "sides":
        page = compare(side=("us", "cn", "eu"), field="materials-science")
        drawn = figures.sides(side=("us", "cn", "eu"), field="materials-science")
        table = {row.subject.text: row for row in page.table("comparison").rows}
        for line, key in zip(drawn.lines, ("us", "cn", "eu"), strict=True):
            for window, share in zip(drawn.windows, line.shares, strict=True):
                assert share == getattr(table[window], f"share_{key}").content
        assert len(drawn.crossings) == len(page.table("crossovers").rows)
    else:
        asked = {"side": ("cn", "us"), "from_": "ncses-2003-2007", "to": ALL_FIELDS}
        drawn, page = figures.slope(**asked), compare(**asked)
        table = {row.subject.text: row for row in page.table("changes").rows}
        assert len(drawn.panels) == 14
        for panel in drawn.panels:
            row = table[panel.name]
            assert [(line.then, line.now) for line in panel.lines] == [
                (row.share_cn_then.content, row.share_cn_now.content),
                (row.share_us_then.content, row.share_us_now.content),
            ]
            assert panel.movement == row.movement


def test_movement_of_every_field_follows_from_the_shares_of_both_windows(client):
    for row in rows(answer(client, f"side=cn&side=us&from=ncses-2003-2007&to={ALL_FIELDS}"), "changes"):
        then, now = (row[f"share_cn_{when}"]["value"] - row[f"share_us_{when}"]["value"] for when in ("then", "now"))
        if (then > 0) != (now > 0):
            assert row["movement"] == "changed hands"
        else:
            assert row["movement"] == ("extended" if abs(now) > abs(then) else "narrowed")


def test_same_years_are_revised_or_as_before_and_never_moved(client):
    body = answer(client, "side=cn&side=us&from=aspi-2023-03&to=aspi-2023-06")

    assert {row["movement"] for row in rows(body, "changes")} <= {
        "revised", "as before", "not known", "in one edition only"
    }  # fmt: skip
    assert "same years" in body["sentence"]


@pytest.mark.parametrize(
    ("then", "now", "note"),
    [
        ("ncses-2003-2007", "ncses-2007-2011", "2003–2007 and 2007–2011 share 1 of 5 years"),
        ("aspi-2023-03", "aspi-2024-08", "2018–2022 and 2019–2023 share 4 of 5 years"),
        ("ncses-2003-2007", "ncses-2016-2020", ""),
    ],
)
def test_years_that_two_editions_share_are_said(client, then, now, note):
    notes = answer(client, f"side=cn&side=us&from={then}&to={now}")["notes"]

    assert [said for said in notes if "share" in said and "years" in said] == (
        [f"{note}, and with them the publications of these."] if note else []
    )


@pytest.mark.parametrize("address", ADDRESSES["compare"])
def test_comparison_asks_at_most_ten_queries(client, django_assert_max_num_queries, address):
    with django_assert_max_num_queries(10):
        client.get(address)


@pytest.mark.parametrize(
    "query",
    [
        "side=cn&side=us&edition=aspi-2023-03",
        "side=quad&side=cn&edition=ncses-2016-2020",
        "side=cn&side=us&from=aspi-2023-03&to=aspi-2024-08",
    ],
)
def test_cost_does_not_grow_with_the_editions_stored(client, forget_answers, query):
    before = read_from(client, forget_answers, query)
    edition = Edition.objects.get(slug="aspi-2023-03")
    for year in range(2030, 2050):
        more = Edition.objects.create(
            series=edition.series, slug=f"more-{year}", name=f"More {year}", released=f"{year}-01-01"
        )
        window = Window.objects.create(edition=more, first_year=year, last_year=year, kind="main")
        for score in edition.windows.get(kind="main").scores.filter(rank_to=1).order_by("pk")[:20]:
            score.pk, score.window = None, window
            score.save(force_insert=True)

    after = read_from(client, forget_answers, query)

    assert after == before


def read_from(client, forget, query):
    """How many queries a page asks, how many rows it has, and what it says."""
    forget()
    connection.force_debug_cursor = True
    try:
        connection.queries_log.clear()
        body = answer(client, query)
        asked = list(connection.queries_log)
    finally:
        connection.force_debug_cursor = False
    table = next(iter(body["tables"]))
    return len(asked), len(body["tables"][table]["rows"]), body["sentence"]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("side=China&side=USA", "/compare/?side=cn&side=us"),
        ("side=cn&side=us&side=&side=", None),
        ("side=Australia,+Canada,+New+Zealand&side=cn", "/compare/?side=custom:au,ca,nz&side=cn"),
        ("side=cn&side=us&swap=1", "/compare/?side=us&side=cn"),
        ("side=cn&side=us&side=eu&swap=1&edition=ncses-2016-2020",
         "/compare/?side=us&side=cn&side=eu&edition=ncses-2016-2020"),
        ("side=cn&side=us&in=technologies&edition=aspi-2024-08", "/compare/?side=cn&side=us&edition=aspi-2024-08"),
        ("side=cn&side=us&in=fields&edition=aspi-2023-03", "/compare/?side=cn&side=us&edition=ncses-2016-2020"),
        ("side=cn&side=us&in=category/quantum&edition=aspi-2023-03",
         "/compare/?side=cn&side=us&category=quantum&edition=aspi-2023-03"),
        ("side=cn&side=us&in=field/physics&edition=aspi-2023-03", "/compare/?side=cn&side=us&field=physics"),
        ("side=cn&side=us&in=technologies&edition=ncses-2016-2020", "/compare/?side=cn&side=us"),
        ("side=cn&side=us&edition=aspi-2023-03&from=aspi-2023-03&to=aspi-2024-08",
         "/compare/?side=cn&side=us&from=aspi-2023-03&to=aspi-2024-08"),
    ],
)  # fmt: skip
def test_words_of_the_form_lead_to_the_address_they_mean(client, query, address):
    response = client.get(f"/compare/?{query}")

    if address is None:
        assert response.status_code == 200
        return
    assert (response.status_code, response["Location"]) == (302, address)
    assert client.get(address).status_code == 200
    twin_of = client.get(f"/compare.json?{query}")
    assert twin_of["Location"] == address.replace("/compare/", "/compare.json")


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("side=cn", 400, "A comparison needs two sides"),
        ("side=cn&side=us&side=jp&side=in&side=kr", 400, "room for 4 sides; these are 5"),
        ("side=cn&side=cn", 400, "China and China are the same"),
        ("side=brics&side=cn", 400, "China is a member of BRICS: its shares are already counted there"),
        ("side=five-eyes&side=aukus", 400, "AUKUS lies wholly within the Five Eyes"),
        ("side=Chyna&side=us", 404, "Did you mean China?"),
        ("side=cn&side=zz", 404, "No country or bloc is called “zz”"),
        ("side=cn&side=us&edition=nope", 404, "There is no edition “nope”"),
        ("side=cn&side=us&edition=aspi-2026", 404, "announced"),
        ("side=cn&side=us&technology=nope", 404, "There is no technology “nope”"),
        ("side=cn&side=us&field=nope", 404, "There is no research field “nope”"),
        ("side=cn&side=us&category=nope", 404, "has the category “nope”"),
        ("side=cn&side=us&field=physics&technology=coatings", 400, "Only one of"),
        ("side=cn&side=us&field=physics&edition=aspi-2023-03", 404, "does not cover this kind of page"),
        ("side=cn&side=us&technology=geoengineering&edition=aspi-2023-03", 404, "does not cover geoengineering"),
        ("side=cn&side=us&from=aspi-2023-03", 400, "needs two editions"),
        ("side=cn&side=us&from=aspi-2023-03&to=aspi-2023-03", 400, "choose an earlier and a later one"),
        ("side=cn&side=us&from=aspi-2024-08&to=aspi-2023-03", 400, "“from” is the earlier edition"),
        ("side=cn&side=us&from=aspi-2023-03&to=ncses-2016-2020", 400, "belong to different series"),
        ("side=cn&side=us&from=aspi-2023-03&to=nope", 404, "There is no edition “nope”"),
        ("side=cn&side=us&in=nonsense", 400, "no such choice"),
    ],
)
def test_question_without_an_answer_is_refused_in_words_and_keeps_what_was_typed(client, query, status, says):
    page = client.get(f"/compare/?{query}")
    body = client.get(f"/compare.json?{query}")
    told = client.get(f"/compare.csv?{query}")

    assert (page.status_code, body.status_code, told.status_code) == (status, status, status)
    assert says in page.content.decode()
    assert says in body.json()["error"]
    assert says in told.content.decode()
    typed = page.wsgi_request.GET.getlist("side")[0]
    shown = {"cn": "China", "brics": "BRICS", "five-eyes": "Five Eyes"}.get(typed, typed)
    assert f'value="{shown}"' in page.content.decode()


@pytest.mark.parametrize("query", ["side=cn", "side=cn&side=zz", "side=cn&side=us&field=physics"])
def test_figure_of_a_comparison_without_one_is_refused_in_words(client, query):
    response = client.get(f"/charts/comparison.svg?{query}")

    assert response.status_code in (400, 404)
    assert len(response.content) > 10


def test_a_made_up_bloc_of_one_country_is_that_country(client):
    one = answer(client, f"side=de&side=fr&edition={ALL_FIELDS}")
    other = answer(client, f"side=custom:de&side=fr&edition={ALL_FIELDS}")

    assert [(row["share_de"]["value"], row["gap"]["value"]) for row in rows(one)] == [
        (row["share_custom"]["value"], row["gap"]["value"]) for row in rows(other)
    ]


def test_another_member_never_lowers_a_made_up_bloc(client):
    smaller = answer(client, f"side=custom:au,ca&side=cn&edition={ALL_FIELDS}")
    larger = answer(client, f"side=custom:au,ca,nz&side=cn&edition={ALL_FIELDS}")

    of_smaller = {row["subject"]["text"]: row["share_custom"]["value"] for row in rows(smaller)}
    assert all(row["share_custom"]["value"] >= of_smaller[row["subject"]["text"]] for row in rows(larger))


@pytest.mark.parametrize("address", [a for a in ADDRESSES["compare"] if "side=" in a])
def test_nothing_is_told_of_what_no_source_lets_us_republish(client, address):
    Source.objects.update(reuse=Source.Reuse.NO)

    body = json.loads(client.get(twin(address, "json")).content)

    told = [
        (column, value)
        for table in body["tables"].values()
        for row in table["rows"]
        for column, value in row.items()
        if isinstance(value, dict)
        and "value" in value
        and value["value"] is not None
        and value.get("basis") != "counted"
    ]
    assert told == []
    assert not re.search(
        r"(?<!top-)\b\d[\d.]*\u202f%", body["sentence"] + " ".join((*body["findings"], *body["notes"]))
    )


def test_share_that_its_own_source_withholds_is_in_no_sum(client):
    score = Score.objects.get(
        technology__slug="materials-science", country__code="CN", window__edition__slug=ALL_FIELDS
    )
    told, kept = Source.objects.order_by("pk")[:2]
    Source.objects.filter(pk=kept.pk).update(reuse=Source.Reuse.NO)
    Citation.objects.create(kind="score", record=score.pk, source=told, field="rank_from", position=1)
    Citation.objects.create(kind="score", record=score.pk, source=kept, field="share", position=2)
    query = f"side=custom:cn,ru&side=us&edition={ALL_FIELDS}"

    row = next(row for row in rows(answer(client, query)) if row["subject"]["text"] == "Materials science")

    assert row["share_custom"]["value"] < 2
    assert row["share_custom"]["bound"] == "at least"


def test_category_is_followed_into_the_other_edition(client):
    query = "side=cn&side=us&category=artificial-intelligence-computing-and-communications"
    body = answer(client, f"{query}&from=aspi-2023-03&to=aspi-2025-12")

    assert len(rows(body, "changes")) == 10
    assert {row["movement"] for row in rows(body, "changes")} <= {"changed hands", "held", "not known"}


def test_figure_is_drawn_anew_on_the_next_day(client, forget_answers, monkeypatch):
    membership = BlocMembership.objects.filter(bloc__slug="aukus").first()
    tomorrow = timezone.now() + timedelta(days=1)
    nobody = BlocMembership(
        bloc=membership.bloc, country=Country.objects.get(code="JP"), since=f"{tomorrow:%Y-%m-%d}"
    )
    nobody.save()
    address = f"/charts/comparison.svg?side=aukus&side=cn&edition={ALL_FIELDS}"
    today = client.get(address).content
    forget_memory = caches["pages"].clear
    forget_memory()

    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)

    assert client.get(address).content != today


@pytest.mark.parametrize(
    "address",
    [
        "/charts/comparison.svg?side=%20", "/charts/sides.svg?side=%20&field=%20", "/charts/trajectory.svg?field=%20",
        "/charts/ranking.svg?technology=%20",
    ],
)  # fmt: skip
def test_blank_name_of_a_figure_is_refused(client, address):
    response = client.get(address)

    assert response.status_code == 400
    assert "must be named" in response.content.decode()


def test_redirect_keeps_how_the_page_is_shown(client):
    response = client.get("/compare.csv?side=China&side=us&table=scoreboard&sort=-gap")

    assert response["Location"] == "/compare.csv?side=cn&side=us&sort=-gap&table=scoreboard"


def test_refused_form_keeps_edition_and_made_up_bloc(client):
    page = client.get("/compare/?side=custom:au,ca,fr,in,jp&side=Nowhere&edition=ncses-2003-2007").content.decode()

    assert 'value="Australia, Canada, France, India, Japan"' in page
    assert 'value="Nowhere"' in page
    assert '<option value="ncses-2003-2007" selected>' in page


def test_technology_of_neither_edition_is_refused(client):
    query = "side=cn&side=us&technology=cloud-and-edge-computing&from=aspi-2023-03&to=aspi-2023-06"
    response = client.get(f"/compare/?{query}")

    assert response.status_code == 404
    assert "Neither March 2023 nor June 2023 covers cloud and edge computing." in response.content.decode()


def test_bloc_without_members_today_is_refused_with_the_reason(client):
    BlocMembership.objects.filter(bloc__slug="quad").delete()

    response = client.get("/compare/?side=quad&side=cn")

    assert response.status_code == 400
    assert "Quad has no members" in response.content.decode()


@pytest.mark.parametrize("address", ["side=quad&side=cn", "side=nato&side=brics&field=physics"])
def test_comparison_of_a_past_moment_asks_as_few_queries(address, django_assert_max_num_queries):
    query = QueryDict(address)
    asked = {"side": tuple(query.getlist("side")), "field": query.get("field", "")}
    at = moment(f"r{RevisionCounter.objects.get().last_number}")
    compare(**asked, at=at)  # fills the past's own database

    # There are asked only which file it is, of which day, and what the newest change is.
    with django_assert_max_num_queries(5):
        compare(**asked, at=at)
