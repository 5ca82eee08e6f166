"""An edition's page says what is known of it, of which years, and what keeps that from other pages."""

import csv
import io

import pytest
from django.contrib.auth.models import Group

from tests.factories import (
    CitationFactory,
    CountryFactory,
    EditionFactory,
    EditionTechnologyFactory,
    FieldFactory,
    ScoreFactory,
    SeriesFactory,
    SourceFactory,
    TechnologyFactory,
    UserFactory,
    WindowFactory,
)
from tracker.models import Window
from tracker.pages import editions

pytestmark = pytest.mark.django_db

YEARS = range(2003, 2023)
COUNTS = {"CN": 1000, "CA": 400, "US": 900}


@pytest.fixture
def counts():
    """A published edition of twenty years of counts, with neither an entry nor a window of its own."""
    edition = EditionFactory(
        slug="counts", name="Counts 2023", released="2023", stage="published",
        series=SeriesFactory(publisher="NCSES", level="technology"),
    )  # fmt: skip
    learning = TechnologyFactory(slug="machine-learning", name="Machine learning")
    countries = {code: CountryFactory(code=code, name=f"Land {code}") for code in COUNTS}
    for year in YEARS:
        window = WindowFactory(edition=edition, first_year=year, last_year=year, kind="single year")
        for code, country in countries.items():
            ScoreFactory(
                window=window, technology=learning, country=country, rank_from=None, rank_to=None,
                publications=COUNTS[code] + year - 2003,
            )  # fmt: skip
    return edition


def rows(page):
    return [(row.place.code, row.years, row.publications.content) for row in page.table("years").rows]


def test_published_edition_with_values_says_how_many_of_which_years_and_what_they_lack(counts):
    page = editions.edition(slug="counts")

    assert page.sentence == "NCSES: 60 values in 20 windows of years (2003 to 2022), released 2023."
    assert page.windows[0] == "2022: single year, 3 values"
    assert page.missing == (
        "It is not entered that the edition covers machine learning: until then its values stand on no page but this "
        "one.",
        "None of its windows of years is entered as its own. Pages of technologies and countries show the values of an "
        "edition's own window; these stand on no page but this one.",
    )
    assert [link.text for link in page.wanted] == [
        "Enter that it covers machine learning",
        "Make 2022 its own window",
    ]


def test_values_of_every_window_stand_on_the_page_the_newest_first(counts):
    found = rows(editions.edition(slug="counts"))

    assert len(found) == 60
    assert found[:2] == [("CN", "2022", 1019), ("CN", "2021", 1018)]
    assert found[20] == ("US", "2022", 919)
    assert found[-1] == ("CA", "2003", 400)


def test_they_stay_beside_the_own_window(counts):
    before = rows(editions.edition(slug="counts"))
    EditionTechnologyFactory(edition=counts, technology__slug="x")
    Window.objects.filter(edition=counts, first_year=2022).update(kind="main")

    page = editions.edition(slug="counts")

    assert rows(page) == before
    assert page.sentence == "NCSES: 1 technology, publications 2022, released 2023. 57 values are of other years."
    assert page.windows[0] == "2022: its own window, 3 values"
    assert [link.text for link in page.wanted] == ["Enter that it covers machine learning"]
    assert [row.years for row in page.table("years").rows if row.place.code == "CA"][:2] == ["2022", "2021"]


def test_where_nothing_lacks_nothing_is_wanted_and_one_window_makes_no_second_table(counts):
    learning = counts.windows.first().scores.first().technology
    EditionTechnologyFactory(edition=counts, technology=learning)
    for window in counts.windows.exclude(first_year=2022):
        window.scores.all().delete()
    Window.objects.filter(edition=counts, first_year=2022).update(kind="main")

    page = editions.edition(slug="counts")

    assert (page.wanted, page.beside, page.table("years").rows) == ((), 0, ())
    # Of whom only counts are known: the most first.
    assert [row.place.code for row in page.table("scores").rows] == ["CN", "US", "CA"]
    assert not any("stand on no page" in said for said in page.missing)


@pytest.mark.parametrize(("stage", "said"), [("announced", "announced"), ("published", "published")])
def test_edition_without_values_is_what_its_stage_says(stage, said):
    EditionFactory(slug="empty", stage=stage, released="", series__publisher="ASPI")

    page = editions.edition(slug="empty")

    assert page.sentence == f"ASPI: {said}, nothing of it has been seen."
    assert page.missing == ("None of its results have been seen by us.",)
    assert page.wanted == ()


def test_values_of_an_announced_edition_are_counted_too(counts):
    counts.stage = "announced"
    counts.save()

    page = editions.edition(slug="counts")

    assert "60 values" in page.sentence
    assert page.missing[0].startswith("It is said to be announced only")
    assert page.wanted[0].text == "Enter that it is published"


def test_what_only_withheld_sources_say_is_withheld_in_every_year(counts):
    CitationFactory(kind="edition", record=counts.pk, source=SourceFactory(reuse="no"))

    page = editions.edition(slug="counts")

    assert all(row.publications.withheld and row.publications.content is None for row in page.table("years").rows)


def test_more_values_than_a_page_takes_are_counted_only(counts, monkeypatch):
    monkeypatch.setattr(editions, "MOST_VALUES", 59)

    page = editions.edition(slug="counts")

    assert "60 values in 20 windows" in page.sentence
    assert page.table("years").rows == ()
    assert page.table("years").empty == "Its values of other years are too many for a page."


def test_fields_show_other_years_and_leave_their_own_to_the_pages_of_fields():
    edition = EditionFactory(slug="fields", stage="published", series=SeriesFactory(level="field"))
    field = FieldFactory()
    EditionTechnologyFactory(edition=edition, technology=field)
    main = WindowFactory(edition=edition, first_year=2016, last_year=2020, kind="main")
    earlier = WindowFactory(edition=edition, first_year=2003, last_year=2007, kind="earlier")
    for number in (1, 2):
        ScoreFactory(window=main, technology=field, rank_from=number, rank_to=number)
    assert editions.edition(slug="fields").table("years").rows == ()

    ScoreFactory(window=earlier, technology=field, country__code="JP", rank_from=1, rank_to=1)

    page = editions.edition(slug="fields")
    assert [(row.place.code, row.years, row.rank.text) for row in page.table("years").rows] == [
        ("JP", "2003–2007", "1")
    ]
    assert page.table("scores").rows == ()


def test_page_is_divided_sorted_and_offered_as_csv(client, counts, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(editions, "LONG", 50)

    with django_assert_max_num_queries(12):
        page = client.get("/editions/counts/?sort=place")

    assert page.status_code == 200
    assert page.context["page"].tables[0].name == "years"
    assert [row.place.code for row in page.context["page"].table("years").rows][:21] == ["CA"] * 20 + ["CN"]
    text = client.get("/editions/counts.csv?table=years").content.decode()
    found = list(csv.DictReader(io.StringIO(text)))
    assert len(found) == 60
    (canada,) = [row for row in found if (row["place"], row["years"]) == ("CA", "2003")]
    assert (canada["publications"], canada["rank"], canada["technology"]) == ("400", "", "Machine learning")
    assert "wanted" not in client.get("/editions/counts.json").json()


def test_who_may_edit_is_led_to_the_forms_and_nobody_else(client, counts):
    assert "/records/" not in client.get("/editions/counts/").content.decode()
    editor = UserFactory()
    editor.groups.add(Group.objects.get_or_create(name="editor")[0])
    client.force_login(editor)

    page = client.get("/editions/counts/")

    for link in page.context["page"].wanted:
        assert f'href="{link.address.replace("&", "&amp;")}"' in page.content.decode()
        assert client.get(link.address).status_code == 200
    entry = client.get(page.context["page"].wanted[0].address).context["form"]
    assert {entry.main.form.initial[name].slug for name in ("edition", "technology")} == {
        "counts",
        "machine-learning",
    }
