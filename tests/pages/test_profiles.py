"""The profiles of countries and blocs against what plain SQL and the seed files say."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import (
    AssessmentFactory,
    BlocFactory,
    BlocMembershipFactory,
    CitationFactory,
    EditionFactory,
    EditionTechnologyFactory,
    ScoreFactory,
    SourceFactory,
    WindowFactory,
)
from tracker.models import Assessment, Bloc, Citation, Country, Edition, Score, Series, Source, Technology
from tracker.pages.blocs import bloc, bloc_list
from tracker.pages.countries import country, country_list

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FIRST, NEWEST = "ncses-2003-2007", "ncses-2016-2020"
EDITIONS = ("aspi-2023-03", "aspi-2023-06", "aspi-2023-09", "aspi-2024-08", "aspi-2025-12")

OWN_WINDOW = """
    SELECT w.id FROM tracker_window w JOIN tracker_edition e ON e.id = w.edition_id
    WHERE e.slug = %s AND w.kind = 'main'
"""
LED_BY = f"""
    SELECT t.name FROM tracker_score s JOIN tracker_technology t ON t.id = s.technology_id
    JOIN tracker_country c ON c.id = s.country_id
    WHERE c.code = %s AND s.rank_to = 1 AND s.window_id IN ({OWN_WINDOW})
    UNION
    SELECT t.name FROM tracker_assessment a JOIN tracker_technology t ON t.id = a.technology_id
    JOIN tracker_country c ON c.id = a.lead_country_id
    WHERE c.code = %s AND a.window_id IN ({OWN_WINDOW})
"""
# Every country with a share in as many fields as there are, its sum of shares, and the overlap with one of them.
OVERLAPS = f"""
    WITH share AS (
        SELECT c.code, s.technology_id, 1.0 * s.share AS share
        FROM tracker_score s JOIN tracker_country c ON c.id = s.country_id WHERE s.window_id IN ({OWN_WINDOW})
    ), place AS (
        SELECT code, SUM(share) AS weight FROM share GROUP BY code
        HAVING COUNT(*) = (SELECT COUNT(DISTINCT technology_id) FROM share)
    )
    SELECT other.code, 100.0 * SUM(
        CASE WHEN a.share / one.weight < b.share / other.weight THEN a.share / one.weight ELSE b.share / other.weight END
    )
    FROM place one JOIN place other ON other.code <> one.code
    JOIN share a ON a.code = one.code JOIN share b ON b.code = other.code AND b.technology_id = a.technology_id
    WHERE one.code = %s AND other.weight >= one.weight / 4 AND other.weight <= one.weight * 4
    GROUP BY other.code ORDER BY 2 DESC
"""
MEMBERS_TODAY = """
    SELECT c.code FROM tracker_blocmembership m JOIN tracker_bloc b ON b.id = m.bloc_id
    JOIN tracker_country c ON c.id = m.country_id WHERE b.slug = %s AND m.until = ''
"""


def rows_of(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def led_by(code, edition):
    return {name for (name,) in rows_of(LED_BY, code, edition, code, edition)}


def listed(page, heading):
    """The technologies of the list whose heading begins so."""
    return {
        one.technology.text
        for held in page.held
        if held.heading.startswith(heading)
        for group in held.categories
        for one in group.technologies
    }


@pytest.fixture(scope="module")
def field_shares():
    """Shares as the seed file has them: (edition, technology) -> code -> share."""
    found = defaultdict(dict)
    with (FIXTURES / "field_scores.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["edition"], row["technology"]][row["country"]] = Decimal(row["share"])
    return found


def of_fields(shares, edition):
    return {technology: found for (slug, technology), found in shares.items() if slug == edition}


def slug_of(link):
    return link.address.split("/")[2]


@pytest.mark.parametrize("code", ["cn", "us", "gb", "in", "rs"])
def test_peers_equal_those_computed_in_plain_sql(code):
    wanted = rows_of(OVERLAPS, NEWEST, code.upper())[:5]

    peers = country(code=code).table("peers").rows

    assert [row.place.code for row in peers] == [other for other, _ in wanted]
    for row, (_, overlap) in zip(peers, wanted, strict=True):
        assert abs(float(row.overlap.content) - float(overlap)) <= 0.05
        assert row.overlap.basis == "computed"
        assert row.overlap.cited
        assert row.compare.address == f"/compare/?side={code}&side={row.place.code.lower()}&edition={NEWEST}"


def test_overlap_is_the_same_from_either_side():
    seen = {
        code: {row.place.code: row.overlap.content for row in country(code=code).table("peers").rows}
        for code in ("cn", "us")
    }

    assert seen["cn"]["US"] == seen["us"]["CN"]


def test_peers_of_a_bloc_are_outside_of_it_and_of_its_sum(field_shares):
    members = {code for (code,) in rows_of(MEMBERS_TODAY, "eu")}
    newest = of_fields(field_shares, NEWEST)
    whole = {field: sum(found.get(code, Decimal(0)) for code in members) for field, found in newest.items()}

    peers = {row.place.code: row.overlap.content for row in bloc(slug="eu").table("peers").rows}

    assert "GB" in peers
    assert not members & set(peers)
    for code, overlap in peers.items():
        own = {field: found[code] for field, found in newest.items()}
        wanted = 100 * sum(
            min(whole[field] / sum(whole.values()), own[field] / sum(own.values())) for field in newest
        )
        assert abs(overlap - wanted) <= Decimal("0.05")


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda: country(code="ps"), "A value is known to us in 5 of 14 fields: too few for a profile."),
        (
            lambda: country(code="us"),
            "Only China, with an overlap of 58.4\u202f%, has a value in every field and is of comparable weight.",
        ),
        (lambda: country(code="cn"), "Of the 2 countries of comparable weight"),
        (lambda: country(code="de"), "Most alike is"),
    ],
)
def test_page_says_who_is_most_alike_or_why_nobody_is(read, says):
    assert says in read().alike


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("code", ["cn", "us", "de"])
def test_list_of_leads_equals_a_count_in_plain_sql(code, edition):
    page = country(code=code, edition=edition)
    wanted = led_by(code.upper(), edition)

    assert listed(page, "Leads") == wanted
    by_category = [row.led.content or 0 for row in page.table("categories").rows]
    assert sum(by_category) == len(wanted)


def test_lists_of_places_are_those_of_the_scores_and_no_range_is_taken_for_a_rank():
    page = country(code="au", edition="aspi-2024-08")

    assert listed(page, "In the top five") == {
        "Electric batteries", "Critical minerals extraction and processing", "Advanced protection",
    }  # fmt: skip
    assert listed(page, "Leads") | listed(page, "Second") | listed(page, "Third") == set()
    assert page.stated == "As stated for this edition, it is in the top five in 7 technologies."
    assert {str(row.rank.content) for row in page.table("technologies").rows} == {"top 5"}


@pytest.mark.parametrize("edition", ["aspi-2023-03", "aspi-2024-08"])
@pytest.mark.parametrize(("slug", "codes"), [("five-eyes", "AU CA GB NZ US"), ("brics", "CN IN RU BR ZA")])
def test_technology_led_by_any_member_counts_once(slug, codes, edition):
    page = bloc(slug=slug, edition=edition)
    wanted = set().union(*(led_by(code, edition) for code in codes.split()))

    assert listed(page, "Leads") == wanted
    assert page.led.content == len(wanted)
    assert sum(row.led.content or 0 for row in page.table("categories").rows) == len(wanted)


def test_categories_of_an_edition_add_up_to_its_technologies():
    page = country(code="us", edition="aspi-2024-08")

    table = page.table("categories").rows
    assert sum(row.technologies.content for row in table) == 64
    assert sum(row.known.content for row in table) == len(page.table("technologies").rows)
    # Of most technologies the second is not known to us.
    assert any(row.second.text.startswith("at least") for row in table)


@pytest.mark.parametrize("code", ["CN", "US", "IN", "RS"])
def test_fields_measure_the_gap_to_the_leader_as_the_file_has_it(code, field_shares):
    table = country(code=code.lower()).table("fields").rows

    assert len(table) == 14
    assert [row.rank.rank for row in table] == sorted(row.rank.rank for row in table)
    for row in table:
        shares = field_shares[NEWEST, slug_of(row.field)]
        best = max(share for other, share in shares.items() if other != code)
        leader = max(shares, key=lambda other: shares[other])
        assert row.leader.content.code == leader
        assert abs(row.margin.content - (shares[code] - best)) <= Decimal("0.5").scaleb(
            row.margin.content.as_tuple().exponent
        )
        assert abs(row.ratio.content - shares[code] / shares[leader]) <= Decimal("0.06") * row.ratio.content
        assert row.margin.cited
        assert row.ratio.cited


def test_ranks_gained_are_the_difference_of_the_ranks_shown():
    table = country(code="in").table("fields").rows

    moved = [row for row in table if row.ranks_gained.known]
    assert len(moved) == 14
    assert all(row.ranks_gained.content == row.rank_first.rank - row.rank.rank for row in moved)


def test_leads_gained_and_lost_are_told_with_their_editions():
    page = country(code="us")

    told = {
        (row.technology.text, row.change, row.edition_before.text, row.edition_after.text)
        for row in page.table("changes").rows
    }
    assert told == {
        ("Small satellites", "lost", "August 2024", "December 2025"),
        ("Gravitational-force sensors", "lost", "September 2023", "August 2024"),
        ("Quantum sensors", "lost", "September 2023", "August 2024"),
        ("Advanced integrated circuit design and fabrication", "lost", "June 2023", "August 2024"),
        ("High performance computing", "lost", "March 2023", "August 2024"),
        ("Space launch systems", "lost", "March 2023", "August 2024"),
        # Both editions speak of 2018-2022.
        ("Quantum sensors", "revised", "March 2023", "June 2023"),
    }
    assert all(row.leader_before.cited and row.leader_after.cited for row in page.table("changes").rows)
    assert [
        (row.edition.text, row.gained.content, row.lost.content, row.revised.content)
        for row in page.table("steps").rows
    ] == [
        ("June 2023", 0, 0, 1), ("September 2023", 0, 0, 0), ("August 2024", 0, 5, 0), ("December 2025", 0, 1, 0),
    ]  # fmt: skip


def test_what_one_leader_lost_the_other_gained():
    lost = country(code="us").table("changes").rows
    gained = country(code="cn").table("changes").rows

    opposite = {"lost": "gained", "gained": "lost", "revised": "revised"}
    assert [(row.technology, opposite[row.change]) for row in lost] == [
        (row.technology, row.change) for row in gained
    ]
    assert [row.change for row in bloc(slug="aukus").table("changes").rows] == [row.change for row in lost]


def test_country_that_never_led_has_no_steps():
    page = country(code="lu")

    assert page.table("steps").rows == page.table("changes").rows == ()


@pytest.mark.parametrize("slug", ["eu", "aukus"])
def test_bloc_fields_add_up_the_shares_of_todays_members(slug, field_shares):
    members = {code for (code,) in rows_of(MEMBERS_TODAY, slug)}

    for row in bloc(slug=slug).table("fields").rows:
        then, now = (field_shares[edition, slug_of(row.field)] for edition in (FIRST, NEWEST))
        for value, shares in ((row.share, now), (row.share_first, then)):
            known = members & set(shares)
            assert abs(value.content - sum(shares[code] for code in known)) <= Decimal("0.05")
            assert value.bound == ("at least" if known < members else "")
        outside = max((code for code in now if code not in members), key=lambda code: now[code])
        assert (row.outside.content.code, row.outside_share.content) == (outside, now[outside])
        assert abs(row.gap.content - (row.share.content - now[outside])) <= Decimal("0.05")
        assert row.gap.bound == row.share.bound
        both = members & set(now) & set(then)
        assert abs(row.change.content - sum(now[code] - then[code] for code in both)) <= Decimal("0.1")


@pytest.mark.parametrize(
    ("read", "address"),
    [
        (lambda: country(code="cn"), "/compare/?side=cn&side=us"),
        (lambda: country(code="ps"), "/compare/?side=ps&side=cn"),
        (lambda: country(code="us", edition="aspi-2024-08"), "/compare/?side=us&side=cn&edition=aspi-2024-08"),
        (lambda: bloc(slug="eu"), "/compare/?side=eu&side=cn"),
        (lambda: bloc(slug="brics"), "/compare/?side=brics&side=us"),
    ],
)
def test_page_offers_the_comparison_with_the_leader_of_most_technologies(read, address):
    assert read().compare.address == address


@pytest.mark.parametrize(
    "read",
    [lambda: country(code="cn"), lambda: country(code="ps"), lambda: bloc(slug="eu"), lambda: bloc(slug="quad")],
)
def test_cost_does_not_grow_with_the_number_of_editions(read, django_assert_max_num_queries):
    # Of a country also what stands around it: regimes, lists, figures of trade.
    with django_assert_max_num_queries(14) as before:
        read()
    series = {found.slug: found for found in Series.objects.filter(slug__in=("aspi-top10", "ncses-top1"))}
    china = Country.objects.get(code="CN")
    technologies = {"aspi-top10": "electric-batteries", "ncses-top1": "physics"}
    for number in range(3):
        for slug, found in series.items():
            edition = EditionFactory(series=found, released=f"202{number}-01-01", technology_count=1)
            window = WindowFactory(edition=edition, first_year=1990 + number, last_year=1994 + number)
            technology = Technology.objects.get(slug=technologies[slug])
            ScoreFactory(window=window, technology=technology, country=china, rank_from=1, rank_to=1)

    with django_assert_max_num_queries(len(before)):
        read()


@pytest.mark.parametrize("read", [lambda: country(code="us"), lambda: bloc(slug="aukus")])
def test_what_only_withheld_sources_say_makes_no_list_and_no_peers(read):
    Source.objects.update(reuse=Source.Reuse.NO)

    page = read()

    assert page.held == ()
    assert page.strengths == page.movement == ""
    assert page.table("peers").rows == page.table("changes").rows == page.table("steps").rows == ()


def test_country_of_which_everything_is_withheld_leads_nothing_known():
    Source.objects.update(reuse=Source.Reuse.NO)

    page = country(code="cn")

    assert page.sentence == "China leads none known to us of 44 technologies in the March 2023 edition."
    for row in page.table("editions").rows:
        assert {row.led.text, row.second.text} == {"unknown"}
        assert {row.stated_led.text, row.stated_second.text, row.stated_top_five.text} <= {"withheld", "unknown"}
    assert page.missing == ("Its rank or share in 44 of 44 technologies of the March 2023 edition.",)


def withheld(records, field=""):
    """Cites the records, in a column or whole, with a source that may not be republished, beside what they have."""
    source = SourceFactory(reuse=Source.Reuse.NO)
    for record in records:
        CitationFactory(cited=record, source=source, field=field)


def without_citations(records):
    for record in records:
        Citation.objects.filter(kind=record.record_kind(), record=record.pk).delete()
    return records


def records_of(code, technology, edition="aspi-2023-03"):
    """What an edition says of a country's lead in a technology."""
    where = {"technology__slug": technology, "window__edition__slug": edition, "window__kind": "main"}
    return [
        *Score.objects.filter(country__code=code, rank_to=1, **where),
        *Assessment.objects.filter(lead_country__code=code, **where),
    ]


@pytest.mark.parametrize(
    ("cited", "counted"),
    [
        # Its own sources, beside the withheld one, still say so.
        (lambda records: withheld(records), 37),
        (lambda records: withheld(without_citations(records)), 36),
        (lambda records: withheld(without_citations(records), field="share"), 36),
    ],
)
def test_lead_counts_unless_all_of_its_sources_are_withheld(cited, counted):
    found = records_of("CN", "electric-batteries")
    assert found

    cited(found)

    page = country(code="cn")
    (listed_row,) = [row for row in country_list().table("countries").rows if row.place.code == "CN"]
    (edition_row,) = [row for row in page.table("editions").rows if row.edition.text == "March 2023"]
    brics = next(row for row in bloc_list().table("blocs").rows if row.bloc.code == "brics")
    assert (listed_row.led.content, edition_row.led.content) == (counted, counted)
    assert sum(row.led.content or 0 for row in page.table("categories").rows) == counted
    assert brics.led.content == bloc(slug="brics").led.content


def test_leader_whose_own_column_is_withheld_does_not_count():
    found = [record for record in records_of("CN", "electric-batteries") if isinstance(record, Assessment)]
    for score in records_of("CN", "electric-batteries"):
        if isinstance(score, Score):
            score.delete()
    assert found

    withheld(found, field="lead_country")

    (row,) = [row for row in country_list().table("countries").rows if row.place.code == "CN"]
    assert row.led.content == 36
    assert country(code="cn").sentence.startswith("China leads at least 36 of 44")


def test_fields_that_are_withheld_make_no_count_of_fields():
    computed = Citation.objects.filter(kind="editiontechnology", record__in=entries_of(NEWEST)).values_list(
        "source", flat=True
    )
    Source.objects.filter(pk__in=list(computed)).update(reuse=Source.Reuse.NO)

    page = country_list()

    assert "; 0 lead a research field in 2016–2020" in page.sentence
    assert all(row.best_field is None and not row.fields_led.known for row in page.table("countries").rows)
    assert {row.led.known for row in page.table("countries").rows if row.place.code == "CN"} == {True}


def entries_of(edition):
    return [pk for (pk,) in Edition.objects.filter(slug=edition).values_list("entries__pk")]


def test_share_whose_own_source_is_withheld_is_shown_nowhere():
    (score,) = Score.objects.filter(
        country__code="CN", technology__slug="materials-science", window__edition__slug=NEWEST
    )

    withheld([score], field="share")

    (row,) = [row for row in country(code="cn").table("fields").rows if row.field.text == "Materials science"]
    assert (row.share.text, row.share.withheld) == ("withheld", True)
    assert not any(value.known for value in (row.margin, row.ratio, row.change))
    (of_bloc,) = [row for row in bloc(slug="brics").table("fields").rows if row.field.text == "Materials science"]
    assert "China" in of_bloc.without
    assert country(code="us").alike.startswith("No other country with a value in every field")


@pytest.mark.parametrize("edition", EDITIONS)
def test_list_of_blocs_counts_what_their_pages_count(edition):
    rows = bloc_list(edition=edition).table("blocs").rows

    assert len(rows) == Bloc.objects.count()
    for row in rows:
        page = bloc(slug=row.bloc.code, edition=edition)
        assert (row.bloc.code, row.led.content, row.led.bound) == (row.bloc.code, page.led.content, page.led.bound)


def test_technology_whose_leader_is_told_twice_counts_once():
    edition = EditionFactory(series=Series.objects.get(slug="aspi-top10"), technology_count=2)
    window = WindowFactory(edition=edition)
    physics = EditionTechnologyFactory(edition=edition).technology
    states = Country.objects.get(code="US")
    ScoreFactory(window=window, technology=physics, country=states, rank_from=1, rank_to=1)
    AssessmentFactory(window=window, technology=physics, lead_country=states)

    rows = {row.bloc.code: row.led.text for row in bloc_list(edition=edition.slug).table("blocs").rows}

    assert rows["aukus"] == bloc(slug="aukus", edition=edition.slug).led.text == "at least 1"


@pytest.mark.parametrize(("covered", "says"), [(3, "1 of 3 technologies"), (0, "1 of the technologies")])
@pytest.mark.parametrize("read", [lambda **of: country(code="cn", **of), lambda **of: bloc(slug="brics", **of)])
def test_edition_that_states_no_number_of_technologies_is_measured_by_what_it_covers(read, covered, says):
    edition = EditionFactory(series=Series.objects.get(slug="aspi-top10"), technology_count=None)
    window = WindowFactory(edition=edition)
    entries = [EditionTechnologyFactory(edition=edition).technology for _ in range(covered)]
    technology = entries[0] if entries else Technology.objects.get(slug="electric-batteries")
    ScoreFactory(window=window, technology=technology, country=Country.objects.get(code="CN"), rank_from=1, rank_to=1)

    sentence = read(edition=edition.slug).sentence

    assert "None" not in sentence
    # What an edition does not cover stands on no bloc's page.
    assert says in sentence or "lead 0 of the technologies" in sentence


def test_bloc_without_members_today_offers_no_comparison():
    former = BlocMembershipFactory(until="2019-12-31", country=Country.objects.get(code="US")).bloc

    assert bloc(slug=former.slug).compare is None
    assert bloc(slug=BlocFactory().slug).compare is None


@pytest.mark.parametrize(
    ("slug", "starts", "whole"),
    [
        ("eu", "Of the 3 countries outside of comparable weight", False),
        ("brics", "Of the countries outside, only the United States, with", False),
        ("aukus", "Of the countries outside, only China, with", True),
    ],
)
def test_bloc_is_set_against_the_countries_outside_and_says_where_its_profile_is_partial(slug, starts, whole):
    page = bloc(slug=slug)

    assert page.alike.startswith(starts)
    assert ("of its members with known shares" in page.alike) is not whole
    assert ("of its members with known shares" in page.table("peers").caption) is not whole


@pytest.mark.parametrize("address", ["/countries/cn/", "/blocs/aukus/?edition=aspi-2024-08"])
def test_page_shows_every_technology_that_is_led_with_its_link(client, address):
    response = client.get(address)
    page, text = response.context["page"], response.content.decode()

    links = [one.technology for held in page.held for group in held.categories for one in group.technologies]
    assert links
    assert all(f'<a href="{link.address}">{link.text}</a>' in text for link in links)
    assert page.compare.address.replace("&", "&amp;") in text
