import csv
import hashlib
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Exists, OuterRef, Q

from tests.conftest import FIXTURES
from tests.history.acting import act, change, delete
from tracker.actions.seed import LOADER, MODELS, load_seed
from tracker.history.tracked import tracked_models
from tracker.ingest.seed_files import SEED_FILES
from tracker.ingest.table_file import FileRefused
from tracker.models import (
    Act,
    Alias,
    Assessment,
    Case,
    CaseParty,
    Citation,
    Claim,
    ControlItem,
    Country,
    Edition,
    EditionTechnology,
    Engagement,
    ListingEntry,
    LoadedFile,
    Organisation,
    Participation,
    Relevance,
    Revision,
    Score,
    Series,
    Source,
    Tally,
    Technology,
    TradeFlow,
)

COLUMNS = {layout.name: [column.name for column in layout.columns] for layout in SEED_FILES}
HERE = {"edition": "march", "first_year": "2018", "last_year": "2022"}


def a_small_world() -> dict[str, list[dict[str, str]]]:
    """Valid rows for every file: two technologies, three countries, one edition and one before it."""
    score = {**HERE, "technology": "lasers", "basis": "stated", "sources": "report"}
    tally = {**HERE, "metric": "led", "basis": "stated", "sources": "report"}
    flow = {
        "good": "chips", "good_basis": "derived", "product": "chips", "kind": "re-export", "period_start": "2022",
        "period_end": "2022-09", "span": "custom", "data_basis": "customs", "sources": "report",
    }  # fmt: skip
    return {
        "sources": [
            {"key": "report", "title": "A report", "kind": "primary", "reuse": "fact", "date": "2023-03"},
            {"key": "paper", "title": "A newspaper", "kind": "secondary", "reuse": "fact"},
        ],
        "countries": [
            {"code": code, "name": name} for code, name in [("CN", "China"), ("US", "USA"), ("IN", "India")]
        ],
        "blocs": [{"slug": "quad", "name": "Quad", "short_name": "Quad", "sources": "report"}],
        "bloc_memberships": [{"bloc": "quad", "country": "US", "since": "2017"}],
        "categories": [{"slug": "energy", "name": "Energy", "position": "1"}],
        "technologies": [
            {"slug": "lasers", "name": "Lasers", "level": "technology", "category": "energy", "definition": "Light."},
            {"slug": "radar", "name": "Radar", "level": "technology", "category": "energy", "definition": "Waves."},
            {"slug": "physics", "name": "Physics", "level": "field", "definition": "Nature."},
        ],
        "aliases": [{"technology": "radar", "name": "Radars"}],
        "wider_fields": [{"technology": "radar", "field": "physics", "reason": "Waves."}],
        "series": [
            {"slug": "s", "name": "S", "publisher": "P", "level": "technology", "indicator": "share", "unit": "%"}
        ],
        "editions": [
            {
                "slug": "march",
                "series": "s",
                "name": "March",
                "stage": "published",
                "previous": "before",
                "featured": "yes",
            },
            {"slug": "before", "series": "s", "name": "Before", "stage": "published"},
        ],
        "windows": [{**HERE, "kind": "main"}],
        "edition_technologies": [
            {"edition": "march", "technology": name, "basis": "stated", "sources": "report"}
            for name in ("lasers", "radar")
        ],
        "scores": [
            {**score, "country": "CN", "rank_from": "1", "rank_to": "1", "share": "48.49"},
            {**score, "country": "US", "rank_from": "2", "rank_to": "2", "share": "11.0", "sources": "report paper"},
        ],
        "field_scores": [],
        "missing_years": [
            {"series": "s", "technology": "physics", "country": "IN", "years": "2003", "reason": "none"}
        ],
        "assessments": [
            {**HERE, "technology": "lasers", "lead_country": "CN", "lead_basis": "stated", "lead_ratio": "4.4"}
        ],
        "institutions": [{"slug": "academy", "name": "Academy", "country": "CN"}],
        "tallies": [{**tally, "country": "CN", "value": "1", "out_of": "2"}],
        "institution_scores": [
            {
                **HERE,
                "technology": "lasers",
                "institution": "academy",
                "rank_from": "1",
                "rank_to": "1",
                "basis": "stated",
            }
        ],
        "talent_flows": [
            {
                **HERE,
                "technology": "lasers",
                "working_in": "CN",
                "trained_in_bloc": "quad",
                "percent": "14.2",
                "stage": "postgraduate",
                "population": "authors",
                "basis": "stated",
            }
        ],
        "channels": [
            {"slug": "funds", "name": "Funds", "description": "Money.", "origin": "aspi-2019", "position": "1"}
        ],
        "organisations": [
            # Its parent comes after it.
            {"slug": "bank", "name": "Bank", "kind": "company", "country": "CN", "parent": "ministry"},
            {
                "slug": "ministry",
                "name": "Ministry",
                "kind": "government",
                "country": "CN",
                "original_name": "部",
                "original_language": "zh",
                "sources": "report",
            },
        ],
        "organisation_aliases": [{"organisation": "bank", "name": "The Bank"}],
        "engagements": [
            # A part before its programme.
            {
                "slug": "first-deal",
                "code": "CR002",
                "title": "First deal",
                "channel": "funds",
                "programme": "fund",
                "start": "2018-06",
                "description": "The fund's first deal.",
                "value_from": "40000000",
                "value_to": "50000000",
                "currency": "USD",
                "totals_note": "It is paid by the fund.",
                "contested": "yes",
                "contested_note": "One side denies it.",
                "sources": "paper",
            },
            {
                "slug": "fund",
                "code": "CR001",
                "title": "A fund",
                "channel": "funds",
                "start": "2017",
                "end": "2019-06",
                "description": "A joint fund.",
                "value_from": "1000000000",
                "value_to": "1000000000",
                "currency": "USD",
                "value_bound": "at least",
                "counts_in_totals": "yes",
                "sources": "report paper",
            },
        ],
        "participations": [
            {
                "engagement": "fund",
                "side": "chinese",
                "position": "1",
                "organisation": "bank",
                "named_as": "The Bank",
            },
            {"engagement": "fund", "side": "russian", "position": "1", "unnamed": "Russian banks not named"},
        ],
        "engagement_technologies": [
            {"engagement": "fund", "technology": "lasers", "position": "1", "basis": "derived"},
            {"engagement": "fund", "topic": "Mathematics", "position": "2", "basis": "derived"},
        ],
        "statuses": [
            {
                "engagement": "fund",
                "as_of": as_of,
                "state": state,
                "position": "1",
                "sources": "report",
            }
            for as_of, state in [("2017", "announced"), ("2018-06-05", "active")]
        ],
        "cases": [{"slug": "balloon", "title": "A balloon", "summary": "Whose it was.", "date": "2023-02"}],
        "case_parties": [{"case": "balloon", "organisation": "bank", "position": "1", "role": "Named as its maker"}],
        "claims": [
            {
                "kind": "cases",
                "record": "balloon",
                "position": "1",
                "speaker": "Ann Other, minister",
                "country": "US",
                "date": "2023-02-04",
                "stance": "asserts",
                "statement": "That it was theirs.",
                "evidence_shown": "declined",
                "sources": "paper",
            },
            {
                "kind": "engagements",
                "record": "first-deal",
                "position": "1",
                "speaker": "The Bank",
                "organisation": "bank",
                "stance": "denies",
                "statement": "That there was a deal.",
                "evidence_shown": "unknown",
            },
        ],
        "controls": [
            # It updates one that comes after it.
            {
                "slug": "new-list",
                "code": "N",
                "name": "New",
                "kind": "entity list",
                "issuer": "US",
                "amends": "list",
                "description": "Names.",
                "since": "2020",
                "sources": "report",
            },
            {
                "slug": "list",
                "code": "L",
                "name": "List",
                "kind": "entity list",
                "issuer": "US",
                "country": "US",
                "description": "Names.",
                "sources": "report",
            },
        ],
        "control_items": [
            {"control": "list", "kind": "tier", "code": "3.A", "name": "Chips", "position": "1", "sources": "paper"}
        ],
        "participating_states": [{"control": "list", "country": "US", "since": "1996-07", "sources": "report"}],
        "list_editions": [
            {
                "control": "list",
                "date": "2021-06-03",
                "extent": "whole",
                "extent_basis": "derived",
                "sources": "paper",
            }
        ],
        "listings": [{"control": "list", "organisation": "bank", "since": "2021-06-03", "sources": "paper"}],
        "listing_entries": [
            {"listing": "list/bank/2021-06-03", "edition": "list/2021-06-03", "listed_as": "Bank Co."}
        ],
        "goods": [
            # What contains it comes after it.
            {"slug": "memories", "name": "Memories", "hs_code": "854232", "hs_revision": "2022", "parent": "chips"},
            {"slug": "chips", "name": "Chips", "hs_code": "8542"},
        ],
        "listed_goods": [{"item": "list/3.A", "good": "memories", "sources": "paper"}],
        "trade_flows": [
            {
                **flow,
                "code": "TF001",
                "measure": "value",
                "unit": "USD",
                "value_from": "80.5",
                "value_to": "90",
                "baseline_start": "2021",
                "baseline_end": "2021",
                "baseline_value": "2000",
                "baseline_bound": "less than",
            },
            {**flow, "code": "TF002", "measure": "change", "unit": "percent", "value_from": "-28", "value_to": "-28"},
        ],
        "flow_places": [
            {"flow": "TF001", "role": "exporter", "country": "CN", "position": "1"},
            {"flow": "TF001", "role": "importer", "unnamed": "World", "position": "1"},
        ],
        "disagreements": [{"first": "TF001", "second": "TF002", "reason": "Other periods."}],
        "relevances": [
            {
                "kind": kind,
                "record": record,
                "technology": "lasers",
                "basis": "derived",
                "reason": "Light.",
                "position": "1",
            }
            for kind, record in [("control_items", "list/3.A"), ("trade_flows", "TF001"), ("organisations", "bank")]
        ],
        "citations": [
            {
                "kind": "engagements",
                "record": "fund",
                "source": "report",
                "reliability": "A",
                "credibility": "2",
            },
            {
                "kind": "claims",
                "record": "cases/balloon/Ann Other, minister/2023-02-04/asserts",
                "source": "paper",
                "page": "9",
                "credibility": "3",
            },
            {
                "kind": "scores",
                "record": "march/2018/2022/lasers/CN/",
                "field": "share",
                "source": "paper",
                "passage": "nearly half",
                "stated_value": "48.5",
                "reliability": "B",
                "seen_through": "report",
            },
            {"kind": "scores", "record": "march/2018/2022/lasers/US/", "source": "paper", "page": "7"},
        ],
    }


@pytest.fixture
def folder(tmp_path):
    """Writes the small world, changed in place by the test, and returns its folder."""
    path = tmp_path / "seed"
    path.mkdir()

    def write(world) -> Path:
        for name, rows in world.items():
            with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS[name], restval="")
                writer.writeheader()
                writer.writerows(rows)
        return path

    return write


def everything() -> str:
    tables = {kind: list(model.objects.order_by("pk").values()) for kind, model in tracked_models().items()}
    log = list(Revision.objects.order_by("number").values()), list(Act.objects.order_by("pk").values())
    return repr((tables, log, list(LoadedFile.objects.order_by("pk").values())))


def outcome(outcomes, file):
    return next(found for found in outcomes if found.file == file)


# Loading


@pytest.mark.django_db
def test_load_seed_records_one_act_a_file(folder):
    path = folder(a_small_world())

    load_seed(folder=path)

    acts = list(Act.objects.order_by("pk"))
    with_rows = [layout.name for layout in SEED_FILES if layout.name != "field_scores"]
    assert [found.origin for found in acts] == [f"load_seed {name}.csv" for name in with_rows]
    assert {(found.by, found.by_name, found.cause) for found in acts} == {(None, LOADER, "edition")}


@pytest.mark.django_db
def test_load_seed_notes_the_digest_of_each_file(folder):
    path = folder(a_small_world())

    load_seed(folder=path)

    expected = hashlib.sha256((path / "scores.csv").read_bytes()).hexdigest()
    assert Act.objects.get(origin="load_seed scores.csv").input_digest == expected
    assert LoadedFile.objects.get(name="scores").digest == expected


@pytest.mark.django_db
def test_load_seed_records_every_record(folder):
    load_seed(folder=folder(a_small_world()))

    records = sum(model.objects.count() for model in tracked_models().values())

    assert Revision.objects.filter(action="create").count() == records


@pytest.mark.django_db
def test_load_seed_keeps_the_digits_of_shares(folder):
    load_seed(folder=folder(a_small_world()))

    scores = Score.objects.order_by("rank_from").values_list("share", "share_decimals")

    assert list(scores) == [(Decimal("48.49"), 2), (Decimal("11"), 1)]


@pytest.mark.django_db
def test_load_seed_cites_each_record_by_its_sources_in_order(folder):
    load_seed(folder=folder(a_small_world()))

    score = Score.objects.get(country__code="US")
    found = Citation.objects.filter(kind="score", record=score.pk).order_by("position")

    assert [(c.source.slug, c.position, c.record_key) for c in found] == [
        ("report", 1, "march/2018/2022/lasers/US/"),
        ("paper", 2, "march/2018/2022/lasers/US/"),
    ]


@pytest.mark.django_db
def test_load_seed_fills_in_a_citation_of_a_field(folder):
    load_seed(folder=folder(a_small_world()))

    citation = Citation.objects.get(field="share")

    assert (citation.passage, citation.stated_value, citation.reliability) == ("nearly half", "48.5", "B")
    assert (citation.source.slug, citation.seen_through.slug) == ("paper", "report")


@pytest.mark.django_db
def test_load_seed_fills_in_a_citation_of_the_whole_record_once(folder):
    load_seed(folder=folder(a_small_world()))

    citation = Citation.objects.get(kind="score", source__slug="paper", field="")

    assert (citation.page, citation.position) == ("7", 2)


@pytest.mark.django_db
def test_load_seed_ties_a_claim_to_its_record_by_kind_and_keys(folder):
    load_seed(folder=folder(a_small_world()))

    about = {"case": Case.objects.get(), "engagement": Engagement.objects.get(slug="first-deal")}

    assert {(c.kind, c.record, c.record_key) for c in Claim.objects.all()} == {
        (kind, record.pk, record.slug) for kind, record in about.items()
    }


@pytest.mark.django_db
def test_load_seed_fills_in_the_citation_of_a_claim_once(folder):
    load_seed(folder=folder(a_small_world()))

    claim = Claim.objects.get(kind="case")
    citation = Citation.objects.get(kind="claim", record=claim.pk)

    assert citation.record_key == claim.key() == "case/balloon/Ann Other, minister/2023-02-04/asserts"
    assert (citation.source.slug, citation.page, citation.credibility) == ("paper", "9", "3")


@pytest.mark.django_db
def test_load_seed_ties_technologies_to_records_of_several_kinds(folder):
    load_seed(folder=folder(a_small_world()))

    item = ControlItem.objects.get()
    tie = Relevance.objects.get(kind="controlitem")
    assert (tie.record, tie.record_key, tie.technology.slug) == (item.pk, "list/3.A", "lasers")
    assert set(Relevance.objects.values_list("kind", flat=True)) == {"controlitem", "tradeflow", "organisation"}


@pytest.mark.django_db
def test_load_seed_does_not_bring_back_a_tie_that_a_person_removed(folder):
    path = folder(a_small_world())
    load_seed(folder=path)
    delete(Relevance.objects.get(kind="tradeflow"))

    again = load_seed(folder=path, unchanged_too=True)

    assert outcome(again, "relevances").kept == ["trade_flows/TF001/lasers"]
    assert not Relevance.objects.filter(kind="tradeflow").exists()


@pytest.mark.django_db
def test_load_seed_reads_figures_of_trade_with_their_ranges_and_signs(folder):
    load_seed(folder=folder(a_small_world()))

    value, change = TradeFlow.objects.order_by("code")
    assert (value.value_from, value.value_to, value.baseline_value) == (Decimal("80.5"), Decimal(90), Decimal(2000))
    assert (change.value_from, change.baseline_value) == (Decimal(-28), None)
    assert ListingEntry.objects.get().listing.organisation.slug == "bank"


@pytest.mark.django_db
def test_load_seed_keeps_unnamed_parties_and_topics_as_rows(folder):
    load_seed(folder=folder(a_small_world()))

    fund = Engagement.objects.get(slug="fund")

    assert list(fund.parties.values_list("side", "organisation__slug", "unnamed")) == [
        ("chinese", "bank", ""),
        ("russian", None, "Russian banks not named"),
    ]
    assert list(fund.subjects.values_list("technology__slug", "topic")) == [("lasers", ""), (None, "Mathematics")]


@pytest.mark.django_db
def test_load_seed_reads_the_value_of_an_engagement_and_whether_it_counts(folder):
    load_seed(folder=folder(a_small_world()))

    columns = ("slug", "value_from", "value_to", "currency", "value_bound", "counts_in_totals", "contested")
    assert list(Engagement.objects.order_by("code").values_list(*columns)) == [
        ("fund", Decimal(10**9), Decimal(10**9), "USD", "at least", True, False),
        ("first-deal", Decimal(40_000_000), Decimal(50_000_000), "USD", "", False, True),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("turned", [False, True])
def test_load_seed_does_not_mind_the_order_of_rows(folder, turned):
    world = a_small_world()
    if turned:
        world = {name: rows[::-1] for name, rows in world.items()}

    load_seed(folder=folder(world))

    assert Edition.objects.get(slug="march").previous.slug == "before"
    assert Organisation.objects.get(slug="bank").parent.slug == "ministry"
    assert Engagement.objects.get(slug="first-deal").programme.slug == "fund"
    assert Score.objects.count() == 2


# Loading again


@pytest.mark.django_db
@pytest.mark.parametrize("unchanged_too", [False, True])
def test_load_seed_a_second_time_changes_nothing(folder, unchanged_too):
    path = folder(a_small_world())
    load_seed(folder=path)
    before = everything()

    outcomes = load_seed(folder=path, unchanged_too=unchanged_too)

    assert everything() == before
    assert bool(outcomes) == unchanged_too
    assert all(found.unchanged == found.rows for found in outcomes)


@pytest.mark.django_db
def test_load_seed_of_a_changed_row_changes_that_record(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    newest = Revision.objects.count()
    world["scores"][0]["share"] = "48.5"

    outcomes = load_seed(folder=folder(world))

    (revision,) = Revision.objects.filter(number__gt=newest)
    assert (revision.action, revision.state["share"], revision.state["share_decimals"]) == ("update", "48.500000", 1)
    assert (outcome(outcomes, "scores").changed, outcome(outcomes, "scores").unchanged) == (1, 1)


@pytest.mark.django_db
def test_load_seed_of_a_new_row_creates_that_record(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    newest = Revision.objects.count()
    world["scores"].append({**world["scores"][1], "country": "IN", "rank_from": "3", "rank_to": "3", "share": "5"})

    load_seed(folder=folder(world))

    assert sorted(Revision.objects.filter(number__gt=newest).values_list("kind", flat=True)) == [
        "citation",
        "citation",
        "score",
    ]


@pytest.mark.django_db
def test_load_seed_of_a_new_edition_before_a_known_one_moves_the_known_one(folder):
    world = a_small_world()
    world["editions"][0]["previous"] = ""
    del world["editions"][1]
    load_seed(folder=folder(world))
    world = a_small_world()

    load_seed(folder=folder(world))

    assert Edition.objects.get(slug="march").previous.slug == "before"


# What people did


@pytest.mark.django_db
def test_load_seed_keeps_and_reports_what_a_person_edited(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    change(Country.objects.get(code="CN"), name="PR China")
    world["countries"][0]["name"] = "China, mainland"
    world["countries"][1]["name"] = "United States"

    outcomes = load_seed(folder=folder(world))

    assert outcome(outcomes, "countries").kept == ["CN"]
    assert list(Country.objects.order_by("code").values_list("name", flat=True)) == [
        "PR China",
        "India",
        "United States",
    ]


@pytest.mark.django_db
def test_load_seed_of_what_a_person_edited_to_the_same_reports_nothing(folder):
    path = folder(a_small_world())
    load_seed(folder=path)
    country = Country.objects.get(code="CN")
    change(country, name="PR China")
    change(country, name="China")

    outcomes = load_seed(folder=path, unchanged_too=True)

    assert outcome(outcomes, "countries").kept == []


@pytest.mark.django_db
def test_load_seed_does_not_bring_back_what_a_person_removed(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    citation = Citation.objects.get(field="share")
    delete(citation)
    score = Score.objects.get(country__code="US")
    with act(score, *Citation.objects.filter(kind="score", record=score.pk)):
        Citation.objects.filter(kind="score", record=score.pk).delete()
        score.delete()
    world["countries"][0]["note"] = "changed"

    outcomes = load_seed(folder=folder(world))

    assert Score.objects.count() == 1
    assert not Citation.objects.filter(kind="score", source__slug="paper").exists()
    assert outcome(outcomes, "scores").kept == ["march/2018/2022/lasers/US/"]
    assert len(outcome(outcomes, "citations").kept) == 2


@pytest.mark.django_db
def test_load_seed_does_not_bring_back_a_claim_that_a_person_removed_nor_its_citation(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    claim = Claim.objects.get(kind="case")
    with act(claim, *Citation.objects.filter(kind="claim")):
        Citation.objects.filter(kind="claim").delete()
        claim.delete()

    outcomes = load_seed(folder=folder(world), unchanged_too=True)

    assert list(Claim.objects.values_list("kind", flat=True)) == ["engagement"]
    assert not Citation.objects.filter(kind="claim").exists()
    assert outcome(outcomes, "claims").kept == ["cases/balloon/Ann Other, minister/2023-02-04/asserts"]
    assert outcome(outcomes, "citations").kept == [
        "claims/cases/balloon/Ann Other, minister/2023-02-04/asserts//paper"
    ]


@pytest.mark.django_db
def test_load_seed_does_not_bring_back_a_claim_about_a_record_that_a_person_removed(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    case, parties = Case.objects.get(), CaseParty.objects.all()
    with act(case, *parties, *Claim.objects.filter(kind="case"), *Citation.objects.filter(kind="claim")):
        Citation.objects.filter(kind="claim").delete()
        Claim.objects.filter(kind="case").delete()
        parties.delete()
        case.delete()
    world["claims"][0]["statement"] = "That it was somebody's."

    outcomes = load_seed(folder=folder(world))

    assert not Case.objects.exists()
    assert list(Claim.objects.values_list("kind", flat=True)) == ["engagement"]
    assert outcome(outcomes, "claims").created == 0


@pytest.mark.django_db
def test_load_seed_keeps_and_reports_an_engagement_that_a_person_edited(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    change(Engagement.objects.get(slug="fund"), title="The fund")
    world["engagements"][1]["title"] = "A large fund"
    world["engagements"][0]["value_to"] = "60000000"

    outcomes = load_seed(folder=folder(world))

    assert outcome(outcomes, "engagements").kept == ["fund"]
    assert list(Engagement.objects.order_by("code").values_list("title", "value_to")) == [
        ("The fund", Decimal(10**9)),
        ("First deal", Decimal(60_000_000)),
    ]


@pytest.mark.django_db
def test_load_seed_goes_on_with_what_a_person_removed_and_made_anew(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    alias = Alias.objects.get()
    technology = alias.technology
    delete(alias)
    with act() as recording:
        recording.bulk_create([Alias(technology=technology, name="Radars", note="By a person")])

    outcomes = load_seed(folder=folder(world), unchanged_too=True)

    assert outcome(outcomes, "aliases").kept == ["radar/Radars"]
    assert Alias.objects.get().note == "By a person"


# Damaged files

DAMAGES = {
    "unknown technology": (
        "scores",
        1,
        {"technology": "laser"},
        "scores.csv, line 3, column technology: “laser” names no technology",
    ),
    "unknown country": ("scores", 1, {"country": "XX"}, "scores.csv, line 3, column country: “XX” names no country"),
    "unknown window": (
        "scores",
        1,
        {"last_year": "2023"},
        "scores.csv, line 3, column edition: “march” names no window",
    ),
    "unknown source": ("scores", 1, {"sources": "report page"}, "scores.csv, line 3, column sources: "),
    "unknown previous edition": (
        "editions",
        0,
        {"previous": "x"},
        "editions.csv, line 2, column previous: “x” names no",
    ),
    "share of 120": ("scores", 1, {"share": "120"}, "scores.csv, line 3, column share: “120” A share lies between"),
    "two at rank 1": (
        "scores",
        1,
        {"rank_from": "1", "rank_to": "1"},
        "scores.csv, line 3, column rank_from: “1” Another country",
    ),
    "larger share at a lower rank": (
        "scores",
        1,
        {"share": "50"},
        "scores.csv, line 3, column share: “50” Ranks and shares contradict each other",
    ),
    "rank 5 to 2": ("scores", 1, {"rank_from": "5"}, "scores.csv, line 3, column rank_from: “5” A rank is 1 or more"),
    "country and bloc": (
        "scores",
        1,
        {"bloc": "quad"},
        "scores.csv, line 3, column country: “US” Fill exactly one of",
    ),
    "nothing stated": (
        "scores",
        1,
        {"rank_from": "", "rank_to": "", "share": ""},
        "scores.csv, line 3, column rank_from: A score states",
    ),
    "unknown basis": ("scores", 1, {"basis": "heard"}, "scores.csv, line 3, column basis: “heard”"),
    "seven decimals": ("scores", 1, {"share": "1.1234567"}, "scores.csv, line 3, column share: “1.1234567” Ensure"),
    "no number": ("scores", 1, {"share": "a lot"}, "scores.csv, line 3, column share: “a lot” is not a number"),
    "another lead": (
        "assessments",
        0,
        {"lead_country": "US"},
        "assessments.csv, line 2, column lead_country: “US” Another country",
    ),
    "ratio below 1": (
        "assessments",
        0,
        {"lead_ratio": "0.5"},
        "assessments.csv, line 2, column lead_ratio: “0.5” The",
    ),
    "tally above its total": (
        "tallies",
        0,
        {"value": "3"},
        "tallies.csv, line 2, column value: “3” A count is at most",
    ),
    "field in a category": (
        "technologies",
        2,
        {"category": "energy"},
        "technologies.csv, line 4, column level: “field” A technology belongs",
    ),
    "name of another": (
        "technologies",
        1,
        {"name": "Lasers"},
        "technologies.csv, line 3, column name: “Lasers” Stands",
    ),
    "no ISO code": ("countries", 2, {"code": "in"}, "countries.csv, line 4, column code: “in”"),
    "membership backwards": (
        "bloc_memberships",
        0,
        {"until": "2016"},
        "bloc_memberships.csv, line 2, column since: ",
    ),
    "citation of nothing": (
        "citations",
        2,
        {"record": "x"},
        "citations.csv, line 4, column record: “x” names no score",
    ),
    "citation of no kind": (
        "citations",
        2,
        {"kind": "score"},
        "citations.csv, line 4, column kind: “score” is not the",
    ),
    "citation of no column": ("citations", 2, {"field": "size"}, "citations.csv, line 4, column field: “size” is no"),
    "citation by nobody": (
        "citations",
        2,
        {"source": "x"},
        "citations.csv, line 4, column source: “x” names no source",
    ),
    "no Admiralty code": ("citations", 2, {"reliability": "Z"}, "citations.csv, line 4, column reliability: “Z”"),
    "channel of nobody's": ("channels", 0, {"origin": "theirs"}, "channels.csv, line 2, column origin: “theirs”"),
    "unknown channel": ("engagements", 0, {"channel": "x"}, "engagements.csv, line 2, column channel: “x” names no"),
    "unknown programme": (
        "engagements",
        0,
        {"programme": "x"},
        "engagements.csv, line 2, column programme: “x” names",
    ),
    "programme within a programme": (
        "engagements",
        1,
        {"programme": "first-deal"},
        "engagements.csv, line 2, column programme: “fund” names no engagement",
    ),
    "engagement backwards": (
        "engagements",
        1,
        {"end": "2016"},
        "engagements.csv, line 3, column start: “2017” An engagement ends after it begins",
    ),
    "no date": ("engagements", 1, {"end": "soon"}, "engagements.csv, line 3, column end: “soon” is not a date"),
    "value downwards": (
        "engagements",
        0,
        {"value_to": "30000000"},
        "engagements.csv, line 2, column value_from: “40000000” A value is more than 0",
    ),
    "value without currency": (
        "engagements",
        0,
        {"currency": ""},
        "engagements.csv, line 2, column value_from: “40000000” A value has a currency",
    ),
    "value in words": (
        "engagements",
        0,
        {"value_from": "40 m"},
        "engagements.csv, line 2, column value_from: “40 m” is not a number",
    ),
    "unknown bound": (
        "engagements",
        1,
        {"value_bound": "over"},
        "engagements.csv, line 3, column value_bound: “over”",
    ),
    "uncounted for no reason": (
        "engagements",
        0,
        {"totals_note": ""},
        "engagements.csv, line 2, column value_from: “40000000” A value that does not count in totals says why",
    ),
    "uncontested with a note": (
        "engagements",
        0,
        {"contested": ""},
        "engagements.csv, line 2, column contested: What is contested is said only",
    ),
    "counted perhaps": (
        "engagements",
        0,
        {"counts_in_totals": "no"},
        "engagements.csv, line 2, column counts_in_totals: “no” is neither",
    ),
    "code of another": (
        "engagements",
        0,
        {"code": "CR001"},
        "engagements.csv, line 2, column code: “CR001” Stands already",
    ),
    "unknown party": (
        "participations",
        0,
        {"organisation": "The Bank"},
        "participations.csv, line 2, column organisation: “The Bank” names no organisation",
    ),
    "party named and unnamed": (
        "participations",
        0,
        {"unnamed": "A bank"},
        "participations.csv, line 2, column organisation: “bank” Fill exactly one of: organisation, unnamed",
    ),
    "party of no side": (
        "participations",
        0,
        {"side": "both"},
        "participations.csv, line 2, column side: “both”",
    ),
    "technology and topic": (
        "engagement_technologies",
        0,
        {"topic": "Light"},
        "engagement_technologies.csv, line 2, column technology: “lasers” Fill exactly one of: technology, topic",
    ),
    "subject twice": (
        "engagement_technologies",
        1,
        {"technology": "lasers", "topic": ""},
        "engagement_technologies.csv, line 3: “fund/lasers/” stands already in line 2",
    ),
    "status of no date": ("statuses", 1, {"as_of": ""}, "statuses.csv, line 3, column as_of: must be filled"),
    "status of no state": ("statuses", 1, {"state": "running"}, "statuses.csv, line 3, column state: “running”"),
    "original name of no language": (
        "organisations",
        1,
        {"original_language": ""},
        "organisations.csv, line 3, column original_name: “部” A name in its own script",
    ),
    "organisation of another name": (
        "organisations",
        0,
        {"name": "Ministry"},
        "organisations.csv, line 2, column name: “Ministry” ",
    ),
    "organisation of no kind": (
        "organisations",
        0,
        {"kind": "bank"},
        "organisations.csv, line 2, column kind: “bank”",
    ),
    "parent of itself": (
        "organisations",
        0,
        {"parent": "bank"},
        "organisations.csv, line 2, column parent: “bank” names no organisation",
    ),
    "alias of nothing": (
        "organisation_aliases",
        0,
        {"organisation": "x"},
        "organisation_aliases.csv, line 2, column organisation: “x” names no organisation",
    ),
    "party of no case": (
        "case_parties",
        0,
        {"case": "x"},
        "case_parties.csv, line 2, column case: “x” names no case",
    ),
    "claim about nothing": ("claims", 0, {"record": "x"}, "claims.csv, line 2, column record: “x” names no case"),
    "claim about no file": ("claims", 0, {"kind": "case"}, "claims.csv, line 2, column kind: “case” is not the"),
    "claim about a technology": (
        "claims",
        0,
        {"kind": "technologies", "record": "lasers"},
        "claims.csv, line 2, column kind: “technologies” is nothing that a claim can be about",
    ),
    "relevance of a technology": (
        "relevances",
        0,
        {"kind": "technologies", "record": "radar"},
        "relevances.csv, line 2, column kind: “technologies” is nothing that a relevance can be about: organisations, "
        "controls, control_items, goods, trade_flows.",
    ),
    "entry of an edition that is not there": (
        "listing_entries",
        0,
        {"edition": "list/2022"},
        "listing_entries.csv, line 2, column edition: “list/2022” names no list edition",
    ),
    "good that contains itself": (
        "goods",
        1,
        {"parent": "chips"},
        "goods.csv, line 3, column parent: “chips” ",
    ),
    "claim of no stance": ("claims", 0, {"stance": "hints"}, "claims.csv, line 2, column stance: “hints”"),
    "claim by a source that is not loaded": (
        "claims",
        0,
        {"sources": "rumour"},
        "claims.csv, line 2, column sources: “rumour” names no source",
    ),
    "citation of no claim": (
        "citations",
        1,
        {"record": "case/balloon/Ann Other, minister/2023-02-04/asserts"},
        "citations.csv, line 3, column record: “case/balloon/Ann Other, minister/2023-02-04/asserts” names no claim",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("damage", DAMAGES)
def test_load_seed_refuses_a_damaged_file_and_changes_nothing(folder, damage):
    file, line, cells, message = DAMAGES[damage]
    world = a_small_world()
    before = everything()
    world[file][line].update(cells)

    with pytest.raises(FileRefused) as refused:
        load_seed(folder=folder(world))

    assert any(str(error).startswith(message) for error in refused.value.errors), str(refused.value)
    assert everything() == before


@pytest.mark.django_db
def test_load_seed_refuses_a_damaged_file_over_a_loaded_one(folder):
    world = a_small_world()
    load_seed(folder=folder(world))
    before = everything()
    world["scores"][1]["share"] = "50"
    world["countries"][0]["name"] = "Changed"

    with pytest.raises(FileRefused, match=r"scores.csv, line 3, column share: “50”"):
        load_seed(folder=folder(world))

    assert everything() == before


@pytest.mark.django_db
def test_load_seed_names_the_errors_of_all_files(folder):
    world = a_small_world()
    world["scores"][0]["share"] = "x"
    world["countries"][0]["name"] = ""
    path = folder(world)
    (path / "windows.csv").unlink()

    with pytest.raises(FileRefused) as refused:
        load_seed(folder=path)

    assert [error.file for error in refused.value.errors] == ["countries.csv", "windows.csv", "scores.csv"]


@pytest.mark.django_db
def test_load_seed_refuses_a_second_featured_edition(folder):
    world = a_small_world()
    world["editions"][1]["featured"] = "yes"

    with pytest.raises(
        FileRefused, match=r"editions.csv, line 2, column featured: “yes” Another edition is featured"
    ):
        load_seed(folder=folder(world))


# The command


@pytest.mark.django_db
def test_load_seed_command_reports_each_file_and_then_nothing_new(folder, capsys):
    path = folder(a_small_world())
    call_command("load_seed", folder=path)
    first = capsys.readouterr().out

    call_command("load_seed", folder=path)

    assert "scores.csv: 2 rows: 2 created, 0 changed, 0 unchanged\n" in first
    assert capsys.readouterr().out == "Seed data: nothing new.\n"


@pytest.mark.django_db
def test_load_seed_command_names_what_is_kept(folder, capsys):
    world = a_small_world()
    path = folder(world)
    call_command("load_seed", folder=path, verbosity=0)
    change(Country.objects.get(code="CN"), name="PR China")

    call_command("load_seed", folder=path, unchanged_too=True)

    assert "1 kept as people have edited them: CN" in capsys.readouterr().out


@pytest.mark.django_db
def test_load_seed_command_refuses_a_damaged_file(folder):
    world = a_small_world()
    world["scores"][0]["share"] = "x"

    with pytest.raises(CommandError, match=r"^Nothing was changed.\nscores.csv, line 2, column share: “x”"):
        call_command("load_seed", folder=folder(world))


# The real files

FIRST = Q(window__edition__slug="aspi-2023-03")
seed = pytest.mark.seed


@seed
def test_seed_has_its_technologies_and_fields():
    assert Technology.objects.filter(level="technology").count() == 74
    assert Technology.objects.filter(level="field").count() == 14


@seed
def test_seed_has_83_names_that_lead_to_74_technologies():
    names = set(Technology.objects.filter(level="technology").values_list("name", flat=True))
    aliases = dict(Alias.objects.values_list("name", "technology__level"))

    assert len(names | aliases.keys()) == 83
    assert set(aliases.values()) == {"technology"}


@seed
@pytest.mark.parametrize(
    ("edition", "covered", "china", "united_states", "unknown"),
    [("aspi-2023-03", 44, 37, 7, 0), ("aspi-2024-08", 64, 57, 7, 0), ("aspi-2025-12", 74, 37, 3, 34)],
)
@pytest.mark.parametrize("counted", ["stated leads", "scores at rank 1"])
def test_seed_has_the_leads_of_an_edition(edition, covered, china, united_states, unknown, counted):
    technologies = EditionTechnology.objects.filter(edition__slug=edition).values_list("technology", flat=True)
    here = {"window__edition__slug": edition, "window__kind": "main", "technology__in": technologies}
    if counted == "stated leads":
        leads = Assessment.objects.filter(**here, lead_country__isnull=False).values_list("lead_country__code")
    else:
        leads = Score.objects.filter(**here, rank_to=1, country__isnull=False).values_list("country__code")

    found = dict(leads.annotate(many=Count("technology", distinct=True)).order_by())

    assert len(set(technologies)) == covered
    assert found == {"CN": china, "US": united_states}
    assert covered - sum(found.values()) == unknown


@seed
def test_seed_tallies_agree_with_the_leads():
    tallies = Tally.objects.filter(FIRST, metric="led", scope="", category=None, institution=None, bloc=None)

    assert dict(tallies.values_list("country__code", "value")) == {"CN": 37, "US": 7}


@seed
def test_seed_has_the_computed_values_of_the_fields():
    scores = Score.objects.filter(window__edition__series__slug="ncses-top1")

    assert scores.count() == 14_881
    assert set(scores.values_list("basis", flat=True)) == {"computed"}
    assert set(scores.values_list("technology__level", flat=True)) == {"field"}


@seed
def test_seed_series_do_not_mix_levels():
    mixed = [
        (series.slug, level)
        for series in Series.objects.all()
        for level in Score.objects.filter(window__edition__series=series).values_list("technology__level").distinct()
        if level != (series.level,)
    ]

    assert mixed == []


@seed
def test_seed_scores_all_have_a_source():
    def cited(kind: str, record: str) -> Exists:
        return Exists(Citation.objects.filter(kind=kind, record=OuterRef(record)))

    entries = EditionTechnology.objects.filter(
        edition=OuterRef("window__edition"), technology=OuterRef("technology")
    ).filter(Exists(Citation.objects.filter(kind="editiontechnology", record=OuterRef("pk"))))

    without = Score.objects.exclude(cited("score", "pk") | Exists(entries) | cited("edition", "window__edition"))

    assert list(without.values_list("pk", flat=True)) == []


@seed
def test_seed_citations_all_lead_to_a_record():
    for kind, model in tracked_models().items():
        records = set(Citation.objects.filter(kind=kind).values_list("record", flat=True))

        assert records <= set(model.objects.values_list("pk", flat=True)), kind


@seed
def test_seed_has_every_collected_engagement_in_its_channel():
    channels = Engagement.objects.values_list("channel__slug").annotate(many=Count("pk")).order_by()

    assert sorted(Engagement.objects.values_list("code", flat=True)) == [f"CR{n:03}" for n in range(1, 95)]
    assert dict(channels) == {
        "dialogues-and-exchanges": 17,
        "industrial-science-and-technology-parks": 5,
        "academic-cooperation": 17,
        "joint-investment-funds": 10,
        "joint-competitions": 6,
        "commercial-agreements": 10,
        "joint-rd-projects": 25,
        "military-technical-cooperation": 4,
    }
    assert Engagement.objects.filter(channel__origin="aspi-2019").count() == 55


@seed
def test_seed_has_every_collected_mention_of_a_party():
    by_side = Participation.objects.values_list("side").annotate(many=Count("pk")).order_by()

    assert sum(dict(by_side).values()) == 234
    assert not Engagement.objects.filter(parties__isnull=True).exists()


@seed
def test_seed_spellings_of_organisations_are_their_names_or_reviewed_aliases():
    known = {
        *Organisation.objects.values_list("slug", "name"),
        *Organisation.objects.values_list("slug", "aliases__name"),
    }

    spelled = Participation.objects.filter(organisation__isnull=False).exclude(named_as="")

    # A row may say more behind the name: “TVEL (Rosatom)”, “… (jury)”.
    strange = [
        (slug, name)
        for slug, name in spelled.values_list("organisation__slug", "named_as")
        if not {(slug, name), (slug, re.sub(r"( \(.*\)|, .*)$", "", name))} & known
    ]
    assert strange == []


@seed
def test_seed_engagements_and_claims_are_all_cited_and_marked():
    for model in (Engagement, Claim):
        own = Citation.objects.filter(kind=model.record_kind(), record=OuterRef("pk"))

        assert not model.objects.exclude(Exists(own)).exists()
    marked = Citation.objects.filter(kind="engagement", record=OuterRef("pk")).exclude(reliability="")

    assert not Engagement.objects.exclude(Exists(marked.exclude(credibility=""))).exists()


@seed
def test_seed_engagements_all_have_a_status():
    assert not Engagement.objects.filter(statuses__isnull=True).exists()


@seed
def test_seed_counts_the_fund_that_is_announced_three_times_once():
    fund = Engagement.objects.filter(code__in=["CR045", "CR046", "CR047"])

    assert list(fund.values_list("value_from", "currency").distinct().order_by()) == [(Decimal(10**9), "USD")]
    assert fund.filter(counts_in_totals=True).count() == 1


@seed
def test_seed_keeps_the_warnings_of_the_notes():
    flagged = Engagement.objects.exclude(recheck="").values_list("code", flat=True)

    assert sorted(flagged) == ["CR002", "CR009", "CR019", "CR020", "CR028", "CR067", "CR070", "CR074"]


@seed
def test_seed_claims_all_lead_to_a_record_by_key_and_number():
    for kind, model in (("engagement", Engagement), ("case", Case), ("organisation", Organisation)):
        claimed = set(Claim.objects.filter(kind=kind).values_list("record", "record_key"))

        assert claimed <= set(model.objects.values_list("pk", "slug")), kind


@seed
def test_seed_has_one_featured_edition():
    assert Edition.objects.get(featured=True).slug == "aspi-2023-03"


@seed
def test_seed_sources_are_all_cited():
    used = Q(citations__isnull=False) | Q(seen_through_it__isnull=False)

    assert Source.objects.exclude(used).count() <= Source.objects.count() // 10


@seed
def test_seed_loaded_a_second_time_changes_nothing():
    before = everything()

    outcomes = load_seed(folder=FIXTURES, unchanged_too=True)

    assert everything() == before
    assert all(found.unchanged == found.rows for found in outcomes)


def test_seed_files_are_the_ones_that_are_documented():
    documented = (FIXTURES.parent / "docs" / "fixtures.md").read_text(encoding="utf-8")
    named = [line.split("`")[1].removesuffix(".csv") for line in documented.splitlines() if line.startswith("| `")]

    assert named == [layout.name for layout in SEED_FILES]
    assert set(named) == MODELS.keys()


@pytest.mark.parametrize("layout", SEED_FILES, ids=lambda layout: layout.name)
def test_seed_file_has_the_documented_columns(layout):
    documented = (FIXTURES.parent / "docs" / "fixtures.md").read_text(encoding="utf-8")
    line = next(line for line in documented.splitlines() if line.startswith(f"| `{layout.name}.csv` |"))
    if "as `scores.csv`" in line:
        line = next(line for line in documented.splitlines() if line.startswith("| `scores.csv` |"))
    columns = line.split("|")[2].replace(" (same command)", "").strip().split(", ")

    assert [name.strip("*") for name in columns] == [column.name for column in layout.columns]
    assert tuple(name.strip("*") for name in columns if name.startswith("*")) == layout.key
