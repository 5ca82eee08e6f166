"""Engagements as the record has them: every count against the files, every name reachable, nothing withheld shown."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.factories import CitationFactory, SourceFactory
from tests.history.acting import now
from tracker.models import (
    Citation,
    Engagement,
    EngagementTechnology,
    Organisation,
    OrganisationAlias,
    Participation,
    Source,
    Status,
    Technology,
)
from tracker.pages.engagements import engagement, engagement_list

pytestmark = pytest.mark.seed

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DAY = "2026-11-22"


def rows(name):
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def _on_the_day_of_the_data(monkeypatch):
    """The clock of 24 months would run on with the day on which the tests run."""
    monkeypatch.setattr("tracker.pages.rows.RecordReader.day", DAY)


def listed(**choices):
    return [row.code for row in engagement_list(**choices).tables[0].rows]


def codes():
    return {row["slug"]: row["code"] for row in rows("engagements")}


def by_value(pairs):
    """Values by how many different engagements have them."""
    return dict(Counter(value for _, value in set(pairs) if value))


def offered(name):
    return {facet.value: facet.count for facet in engagement_list().facets[name] if facet.value != "none"}


def test_every_engagement_of_the_file_is_listed_once():
    assert sorted(listed()) == sorted(codes().values())
    assert len(listed()) == 94


def test_choices_count_what_the_files_hold():
    engagements = rows("engagements")
    technologies = {row["slug"]: row for row in rows("technologies")}
    subjects = [(row["engagement"], row["technology"]) for row in rows("engagement_technologies")]
    parties = rows("participations")

    assert offered("channel") == Counter(row["channel"] for row in engagements)
    assert offered("year") == Counter(row["start"][:4] for row in engagements)
    assert offered("technology") == by_value(subjects)
    assert offered("category") == by_value((one, technologies[slug]["category"]) for one, slug in subjects if slug)
    assert offered("organisation") == by_value((row["engagement"], row["organisation"]) for row in parties)
    assert offered("side") == by_value((row["engagement"], row["side"]) for row in parties if row["organisation"])
    assert offered("contested")["yes"] == sum(row["contested"] == "yes" for row in engagements)
    assert offered("recheck")["yes"] == sum(bool(row["recheck"]) for row in engagements) == 8


@pytest.mark.parametrize("name", ["channel", "year", "technology", "category", "organisation", "status", "side"])
def test_every_engagement_is_reached_by_what_it_has(name):
    reached = set()
    for value, count in offered(name).items():
        found = listed(**{name: (value,) if name == "organisation" else value})
        assert len(found) == count, value
        reached |= set(found)

    left = set(codes().values()) - reached
    assert left == {row.code for row in engagement_list().tables[0].rows} - reached
    if name in ("channel", "year", "status", "side"):
        assert not left


def test_state_is_the_newest_of_the_file():
    newest = {}
    for row in rows("statuses"):
        order = (row["as_of"], int(row["position"]))
        if row["engagement"] not in newest or order > newest[row["engagement"]][0]:
            newest[row["engagement"]] = (order, row["state"])

    assert offered("status") == Counter(state for _, state in newest.values())


def test_49_are_not_confirmed_for_24_months_the_longest_first():
    page = engagement_list(unconfirmed="yes")
    dates = [row.as_of for row in page.tables[0].rows]

    assert len(dates) == 49
    assert dates == sorted(dates)
    assert all(row.clock.startswith("not confirmed since ") for row in page.tables[0].rows)
    assert "49 of them not confirmed for 24 months" in page.sentence


def test_clock_counts_by_the_day_of_the_page(monkeypatch):
    monkeypatch.setattr("tracker.pages.rows.RecordReader.day", "2025-11-22")

    assert len(listed(unconfirmed="yes")) < 49


def test_every_party_of_the_files_is_on_the_page_of_its_engagement():
    wanted = defaultdict(list)
    names = {row["slug"]: row["name"] for row in rows("organisations")}
    for row in rows("participations"):
        wanted[row["engagement"]].append(names.get(row["organisation"]) or row["unnamed"])
    for slug, parties in wanted.items():
        shown = engagement(slug=slug).table("parties").rows
        assert Counter(row.party.text for row in shown) == Counter(parties), slug
        assert all(bool(row.party.address) == (row.party.text in names.values()) for row in shown), slug


@pytest.mark.parametrize("alias", ["Роскосмос", "国家航天局", "Roscosmos"])
def test_free_text_finds_organisations_in_every_script(alias):
    assert listed(q=alias)


def test_free_text_finds_every_alias_of_an_organisation_that_takes_part():
    takes_part = set(Participation.objects.values_list("organisation_id", flat=True))
    aliases = OrganisationAlias.objects.filter(organisation__in=takes_part)[:12]

    assert aliases
    for alias in aliases:
        found = set(listed(q=alias.name))
        own = Participation.objects.filter(organisation=alias.organisation)
        assert found >= set(own.values_list("engagement__code", flat=True)), alias.name


def test_name_in_its_own_script_is_marked_with_its_language(client):
    page = client.get("/engagements/ilrs-memorandum-of-understanding/").content.decode()

    assert '<span lang="ru">Роскосмос</span>' in page
    assert '<span lang="zh">' in page


def test_one_fund_announced_three_times_counts_in_totals_once():
    three = [row for row in engagement_list().tables[0].rows if row.code in ("CR045", "CR046", "CR047")]

    assert [row.counts_in_totals for row in three].count(True) == 1
    left_out = engagement(slug="technology-investment-fund-launch")
    assert left_out.totals.startswith("It does not count in our sums of money. ")


def test_eight_rows_say_that_they_are_to_be_checked(client):
    wanted = {row["slug"]: row["recheck"] for row in rows("engagements") if row["recheck"]}

    assert len(wanted) == 8
    for slug, words in wanted.items():
        assert engagement(slug=slug).recheck == words
    page = client.get(f"/engagements/{min(wanted)}/").content.decode()
    assert "Check this before you quote it." in page


def test_programme_and_its_parts_lead_to_each_other():
    for row in rows("engagements"):
        if row["programme"]:
            part, whole = engagement(slug=row["slug"]), engagement(slug=row["programme"])
            assert part.programme.address == f"/engagements/{row['programme']}/"
            assert row["code"] in [one.code for one in whole.table("programme").rows]
            assert whole.code in [one.code for one in part.table("programme").rows]


def test_dates_are_said_as_precisely_as_they_are_known():
    dates = {row["start"]: engagement(slug=row["slug"]) for row in rows("engagements")}

    for date, page in dates.items():
        assert page.start == date
        assert page.start_precision == {4: "known to the year", 7: "known to the month", 10: ""}[len(date)]
    assert dates["2012"].begun.text == "2012"
    assert dates["2021-06"].begun.text == "June 2021"


def test_years_sort_before_the_days_within_them():
    starts = [row.start for row in engagement_list(sort="start").tables[0].rows]

    assert starts == sorted(starts)
    assert "2019" in starts
    assert starts.index("2019") < min(place for place, start in enumerate(starts) if start.startswith("2019-"))


def test_every_engagement_has_its_marks_in_words_and_a_source():
    marks = {row["record"]: row for row in rows("citations") if row["kind"] == "engagements" and row["reliability"]}

    for slug in codes():
        page = engagement(slug=slug)
        assert page.marks.cited, slug
        line = next(row for row in page.table("sources").rows if row.reliability)
        assert (line.reliability, line.credibility) == (marks[slug]["reliability"], marks[slug]["credibility"])
        assert f"({line.reliability})" in page.marks.text
        assert "source" in page.marks.text


def test_claims_stand_on_two_sides():
    page = engagement(slug="garpiya-a1-attack-drone")

    assert {claim.stance for claim in page.claims.asserted} == {"asserts"}
    assert {claim.stance for claim in page.claims.answered} <= {"denies", "disputes", "declines to show evidence"}
    assert page.contested
    assert len(page.table("claims").rows) == len(page.claims.asserted) + len(page.claims.answered)


def test_technology_that_the_default_edition_does_not_cover_names_another_edition():
    rows = engagement(slug="beidou-glonass-agreement").table("technologies").rows

    assert {row.edition.text for row in rows if row.edition} - {"March 2023"}
    assert all(row.leader is not None for row in rows if row.subject.address)


@pytest.mark.parametrize(
    "query", ["status=cancelled", "year=none", "year=1999", "status=none", "reliability=F", "credibility=6"]
)
def test_known_word_that_no_engagement_has_gives_an_empty_table(client, query):
    answer = client.get(f"/engagements/?{query}")

    assert answer.status_code == 200
    assert "None of the 94 engagements in our collection fits these choices." in answer.content.decode()


@pytest.mark.parametrize(("name", "model"), [("organisation", Organisation), ("technology", Technology)])
def test_known_slug_that_no_engagement_has_gives_an_empty_table(client, name, model):
    taken = set(offered(name))
    free = next(slug for slug in model.objects.order_by("slug").values_list("slug", flat=True) if slug not in taken)

    answer = client.get(f"/engagements/?{name}={free}")

    assert answer.status_code == 200
    assert f'<option value="{free}" selected>' in answer.content.decode()


@pytest.mark.parametrize("name", ["unconfirmed", "contested", "recheck"])
def test_empty_record_knows_yes_and_no(client, name):
    Participation.objects.all().delete()
    Status.objects.all().delete()
    EngagementTechnology.objects.all().delete()
    while Engagement.objects.exists():
        # Parts before what they are parts of.
        programmes = Engagement.objects.filter(programme__isnull=False).values("programme")
        Engagement.objects.exclude(pk__in=programmes).delete()

    assert client.get(f"/engagements/?{name}=yes").status_code == 200


def test_list_of_two_organisations_holds_what_names_both(client):
    both = {"roscosmos", "china-national-space-administration"}
    slugs = defaultdict(set)
    for row in rows("participations"):
        slugs[row["engagement"]].add(row["organisation"])
    wanted = {codes()[slug] for slug, named in slugs.items() if both <= named}

    found = json.loads(client.get(f"/engagements.json?{'&'.join(f'organisation={slug}' for slug in both)}").content)

    assert {row["code"] for row in found["tables"]["engagements"]["rows"]} == wanted
    assert found["sentence"].startswith(f"{len(wanted)} of the 94 engagements in our collection fit: ")


def test_form_offers_the_organisations_named_most_and_those_chosen(client):
    rare = min(offered("organisation"), key=offered("organisation").get)

    whole = client.get(f"/engagements/?organisation=roscosmos&organisation={rare}").content.decode()
    page = whole.partition('<form class="filters"')[2].partition("</form>")[0]

    assert page.count('name="organisation"') == 2
    assert f'<option value="{rare}" selected>' in page
    assert page.count('value="roscosmos" selected') == 1
    assert page.partition('name="organisation"')[2].partition("</select>")[0].count("<option") <= 33


def test_contested_is_said_wherever_the_title_stands_alone(client):
    page = client.get("/engagements/garpiya-a1-attack-drone/").content.decode()

    assert "engines (contested)</h1>" in page
    assert 'engines (contested)">' in page.partition('property="og:title"')[2][:200]
    assert "Named as a party" in page
    assert "takes part" not in page
    assert engagement_list(contested="yes").tables[0].rows[0].contested


def test_party_that_is_not_named_is_said_in_the_words_kept_of_it():
    page = engagement(slug="chinese-participation-in-nica-collider")

    assert "Russian side, no body of its own named (host state of JINR)." in page.missing


def test_completed_engagement_without_an_end_says_so():
    page = engagement(slug="first-internet-development-and-security-forum")
    open_end = engagement(slug="innovation-dialogue-memorandum")

    assert page.ended.known
    assert "It is completed; when it ended is not known to us." in open_end.missing
    assert not any("ended is not known" in words for words in page.missing)


# ---- What may not be shown ----


def withhold(slug):
    """Only a source that may not be republished speaks of the engagement."""
    found = Engagement.objects.get(slug=slug)
    Citation.objects.filter(kind="engagement", record=found.pk).delete()
    CitationFactory(cited=found, source=SourceFactory(reuse=Source.Reuse.NO, title="A source kept back"))
    return found


@pytest.mark.parametrize("ending", ["/", ".json", ".csv"])
def test_withheld_engagement_leaks_nowhere(client, ending):
    hidden = withhold("ilrs-memorandum-of-understanding")

    for page in ("/engagements", "/engagements/ilrs-road-map", "/cooperation"):
        text = client.get(page + ending).content.decode()
        assert hidden.title not in text, page
        assert hidden.code not in text, page
    for address in (hidden.get_absolute_url().removesuffix("/") + ending, f"/engagements{ending}?q={hidden.code}"):
        answer = client.get(address)
        assert hidden.title not in answer.content.decode()
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_withheld_engagement_is_in_no_count():
    before = engagement_list()
    hidden = withhold("ilrs-memorandum-of-understanding")

    after = engagement_list()

    assert (before.total, after.total) == (94, 93)
    assert sum(facet.count for facet in after.facets["channel"]) == 93
    assert (
        offered("year")[hidden.start[:4]] == {f.value: f.count for f in before.facets["year"]}[hidden.start[:4]] - 1
    )


def test_withheld_state_is_not_the_current_one():
    found = Engagement.objects.get(slug="satellite-navigation-committee")
    last = Status.objects.filter(engagement=found).order_by("as_of").last()
    Citation.objects.filter(kind="status", record=last.pk).delete()
    CitationFactory(cited=last, source=SourceFactory(reuse=Source.Reuse.NO))

    page = engagement(slug=found.slug)

    assert [row.as_of for row in page.table("statuses").rows] == ["2014-01"]
    assert page.clock == "not confirmed since January 2014"
    assert last.as_of not in json.dumps([row.as_of for row in engagement_list(q="CR001").tables[0].rows])


def test_withheld_party_is_not_named():
    party = Participation.objects.filter(engagement__slug="ilrs-road-map", side="russian").get()
    CitationFactory(cited=party, source=SourceFactory(reuse=Source.Reuse.NO))

    names = [row.party.text for row in engagement(slug="ilrs-road-map").table("parties").rows]

    assert party.organisation.name not in names
    assert not listed(organisation=(party.organisation.slug,), q="CR077")


def test_page_of_the_past_has_the_states_of_its_day():
    then = now()

    assert engagement_list(at=then).sentence == engagement_list().sentence
