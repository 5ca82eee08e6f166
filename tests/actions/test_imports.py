"""Files of rows on their way into the record: read, checked, decided, written as one act or not at all."""

import csv
import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from tests.actions.importing import HEADER, checked, cite, everything, file_of, person, row, run, written
from tests.factories import (
    BlocFactory,
    CitationFactory,
    CountryFactory,
    EditionTechnologyFactory,
    EngagementFactory,
    FieldFactory,
    OrganisationFactory,
    ScoreFactory,
    SourceFactory,
    StatusFactory,
    TechnologyFactory,
)
from tests.history.acting import act, change
from tracker.actions import imports, jobs, stored_files
from tracker.actions.import_checks import BATCH
from tracker.actions.imports import NotNow
from tracker.actions.job_kinds import KINDS as JOB_KINDS
from tracker.actions.records import Refused
from tracker.actions.reverts import revert_act
from tracker.history.kinds import KINDS
from tracker.history.sheets import columns, exported, filled, match
from tracker.history.tracked import StateReader
from tracker.history.verification import verify
from tracker.ingest.sheet_file import Workbook
from tracker.ingest.table_file import FileRefused
from tracker.models import (
    Act,
    BulkImport,
    Citation,
    FormerAddress,
    Interval,
    Organisation,
    Revision,
    Score,
    StagedRow,
)

pytestmark = pytest.mark.django_db


def test_rows_become_records_with_their_sources_in_one_act(world, anna, edith):
    before = everything()
    one = checked([row(n) for n in range(5)], anna)
    assert (one.rows, one.created, one.changed, one.wrong) == (5, 5, 0, 0)
    assert everything() == before, "a check writes nothing"

    one, job = written(one, anna, edith)

    assert (one.state, job.state) == ("applied", "done")
    assert one.act.by == anna
    assert one.act.origin == f"import {one.pk}"
    assert one.act.revisions.count() == 10
    first = Score.objects.get(rank_from=1)
    assert (first.country.code, first.share, first.share_decimals, first.basis) == (
        "AA",
        Decimal("40.5"),
        2,
        "stated",
    )
    assert Citation.objects.get(kind="score", record=first.pk).source == world["source"]
    assert verify().findings == []

    revert_act(act=one.act, by=edith, note="Not yet")
    assert everything() == before


def test_what_is_exported_and_sent_again_changes_nothing_and_what_was_edited_changes_that(world, anna, edith):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], share="16.40", share_decimals=2)
        cite(score, world)
    header = [column.name for column in columns("score")]
    rows = [list(cells) for cells in exported("score")]
    assert checked(rows, anna, header=header).unchanged == 1

    rows[0][header.index("share")], rows[0][header.index("note")] = "17.10", "Seen again"
    one = checked(rows, anna, header=header)
    assert (one.changed, one.created, one.wrong) == (1, 0, 0)
    staged = one.staged.get()
    changed = {name for name in staged.after if staged.after[name] != staged.before[name]}
    assert changed == {"share", "note"}
    one, _ = written(one, anna, edith)
    score.refresh_from_db()
    assert (score.share, score.share_decimals, score.note) == (Decimal("17.1"), 2, "Seen again")
    assert [one.action for one in Revision.objects.filter(kind="score").order_by("number")] == ["create", "update"]
    assert Interval.objects.filter(kind="score", until__isnull=True).count() == 1
    assert verify().findings == []


def test_a_row_without_a_number_changes_the_record_of_its_key(world, anna):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])
        cite(score, world)
    one = checked([row(0, share="9.1")], anna)
    assert (one.created, one.changed) == (0, 1)
    assert one.staged.get().record == score.pk


def test_two_that_change_places_pass(world, anna, edith):
    with act():
        for n in range(2):
            score = ScoreFactory(
                window=world["window"], technology=world["technology"], country=world["countries"][n],
                rank_from=n + 1, rank_to=n + 1, share=None, share_decimals=None, basis="stated",
            )  # fmt: skip
            cite(score, world)
    rows = [row(0, rank_from=2, rank_to=2, share=""), row(1, rank_from=1, rank_to=1, share="")]
    _, job = written(checked(rows, anna), anna, edith)
    assert job.state == "done", job.error
    assert dict(Score.objects.values_list("country__code", "rank_from")) == {"AA": 2, "AB": 1}


def test_rows_of_one_file_may_refer_to_each_other(anna, edith):
    with act():
        CountryFactory(code="CN")
    rows = [["Child", "company", "CN", "Parent"], ["Parent", "company", "CN", ""]]
    one = checked(rows, anna, kind="organisation", header=["name", "sort of body", "country", "parent"])
    assert (one.created, one.wrong) == (2, 0), list(one.staged.values_list("errors"))
    one, job = written(one, anna, edith)
    assert job.state == "done", job.error
    assert Organisation.objects.get(slug="child").parent.slug == "parent"


def test_a_former_address_leads_to_the_record(world, anna, edith):
    number = world["technology"].pk
    one = checked([[number, "quantum-computers"]], anna, kind="technology", header=["id", "slug"])
    written(one, anna, edith)
    assert FormerAddress.objects.get(kind="technology", slug="quantum").record == number


def test_the_former_address_of_another_is_not_to_be_had(world, anna, edith):
    number = world["technology"].pk
    written(checked([[number, "quantum-computers"]], anna, kind="technology", header=["id", "slug"]), anna, edith)
    with act():
        other = TechnologyFactory(slug="other")
    one = checked([[other.pk, "quantum"]], anna, kind="technology", header=["id", "slug"])
    assert one.staged.get().errors[0]["reason"] == "This address leads to another technology that had it before."
    back = checked([[number, "quantum"]], anna, kind="technology", header=["id", "slug"])
    written(back, anna, edith)
    assert list(FormerAddress.objects.values_list("slug", flat=True)) == ["quantum-computers"]


def test_a_reference_keeps_to_what_the_form_would_offer(world, anna):
    with act():
        FieldFactory(slug="physics")
    rows = [["quantum", "physics", "It is part of it"], ["physics", "quantum", "The other way round"]]
    one = checked(rows, anna, kind="widerfield", header=["technology", "field", "reason"])
    assert (one.created, one.wrong) == (1, 1)
    assert {error["column"] for error in one.staged.get(line=3).errors} == {"technology", "field"}


def test_a_source_speaks_of_a_column_that_there_is(world, anna):
    header = ["of_kind", "of", "source", "field"]
    rows = [
        ["technology", "quantum", "report", "colour"],
        ["technology", "Quantum computing", "report", "definition"],
    ]
    one = checked(rows, anna, kind="citation", header=header)
    assert one.staged.get(line=2).errors[0]["reason"] == "is no column of a technology."
    assert one.staged.get(line=3).after["record_key"] == "quantum"


def test_a_computed_score_is_cited_by_its_editions_entry(world, anna):
    with act():
        entry = EditionTechnologyFactory(edition=world["window"].edition, technology=world["technology"])
        cite(entry, world)
    one = checked([row(0, basis="computed", sources=""), row(1, sources="")], anna)
    assert (one.created, one.wrong) == (1, 1)
    assert one.staged.get(line=3).errors == [
        {"column": "sources", "value": "", "reason": "Name a source: nothing is stated here without one."}
    ]


MISTAKES = (
    ({"window": "ed/1999/2000"}, "window", "There is no window"),
    ({"technology": "alchemy"}, "technology", "There is no technology"),
    ({"country": "ZZ"}, "country", "There is no country"),
    ({"rank_from": "first"}, "rank_from", "is not a whole number"),
    ({"rank_from": "0", "rank_to": "0"}, "rank_from", "A rank is 1 or more"),
    ({"rank_from": "5", "rank_to": "2"}, "rank_from", "a range runs upwards"),
    ({"rank_to": "70000"}, "rank_to", "from 0 to 32767"),
    ({"share": "many"}, "share", "is not a number"),
    ({"share": "101.00"}, "share", "between 0 and 100"),
    ({"share": "1,200.5"}, "share", "separators of thousands"),
    ({"share": "0.1234567"}, "share", "more than 6 decimals"),
    ({"share": "12 %"}, "share", "percent sign"),
    ({"basis": "rumour"}, "basis", "is none of"),
    ({"basis": ""}, "basis", "must be filled"),
    ({"sources": "hearsay"}, "sources", "There is no source"),
    ({"sources": ""}, "sources", "Name a source"),
    ({"rank_from": "", "rank_to": "", "share": ""}, "rank_from", "A score states a rank"),
    ({"technology": ""}, "technology", "must be filled"),
    ({"country": ""}, "country", "Fill exactly one"),
    ({"window": "quan\x0btum"}, "window", "cannot be shown"),
)


def test_two_hundred_mistakes_are_two_hundred_findings_where_they_are(world, anna, edith):
    with act():
        technologies = [TechnologyFactory(slug=f"t{n}", name=f"T {n}") for n in range(10)]
    rows, expected = [], []
    for technology in technologies:
        rows.append(row(0, technology=technology.slug))
        for n, (said, column, reason) in enumerate(MISTAKES, start=1):
            rows.append(row(n, **{"technology": technology.slug, "rank_from": "", "rank_to": ""} | said))
            expected.append((len(rows) + 1, column, reason))
    lines = [line for line, _, _ in expected]
    before = everything()

    one = checked(rows, anna)

    assert len(expected) == 200
    found = [(each.line, error) for each in one.staged.filter(what="wrong") for error in each.errors]
    assert [(line, error["column"]) for line, error in found] == [(line, column) for line, column, _ in expected]
    for (_, error), (line, _, reason) in zip(found, expected, strict=True):
        assert reason in error["reason"], line
    assert (one.wrong, one.findings, one.created) == (200, 200, 10)
    with pytest.raises(Refused):
        imports.submit(one=one, by=anna, cause="edition", note="The new edition")
    assert everything() == before

    into = io.BytesIO()
    imports.error_file(one=one, into=into)
    back = list(csv.reader(io.StringIO(into.getvalue().decode("utf-8-sig"))))
    assert [n + 1 for n, cells in enumerate(back) if n and cells[-1]] == lines

    one, job = written(one, anna, edith, good_only=True)
    assert (job.state, Score.objects.count()) == ("done", 10)


def test_rules_between_rows_are_found_before_anything_is_written(world, anna):
    rows = [row(0, share="10.0"), row(1, share="20.0"), row(2), row(2)]
    one = checked(rows, anna)
    errors = {each.line: each.errors[0] for each in one.staged.filter(what="wrong")}
    assert errors[3]["reason"].startswith("Ranks and shares contradict each other")
    assert errors[5]["reason"] == "The same record stands in line 4 already."
    assert errors.keys() == {3, 4, 5} or errors.keys() == {3, 5}


def test_a_pattern_puts_cells_together_and_conditions_leave_rows_out(world, anna):
    rows = [["Land 0", "country", 2018, 2022, 5], ["World", "aggregate", 2018, 2022, 99]]
    one = checked(
        rows, anna, header=["place", "kind", "from", "until", "articles"],
        columns={
            "country": "{place}", "window": "ed/{from}/{until}", "technology": "quantum", "basis": "stated",
            "publications": "{articles}", "sources": "report",
        },
        without=[{"column": "kind", "is": "aggregate"}],
    )  # fmt: skip
    assert (one.created, one.left_out, one.wrong) == (1, 1, 0), list(one.staged.values_list("errors"))
    assert one.staged.get(what="create").after["publications"] == 5


def test_a_record_changed_since_the_check_sends_the_import_back(world, anna, edith):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])
        cite(score, world)
    one = checked([row(0), row(1)], anna)
    imports.submit(one=one, by=anna, cause="edition", note="New")
    change(score, note="A colleague was faster")

    job = run(imports.approve(one=one, by=edith))

    one.refresh_from_db()
    assert (job.state, one.state) == ("failed", "draft")
    assert "line" in one.reason
    assert "check the file again" in one.reason
    assert Score.objects.count() == 1


def test_the_same_record_made_in_between_stops_the_write(world, anna, edith):
    one = checked([row(0)], anna)
    imports.submit(one=one, by=anna, cause="edition", note="New")
    with act():
        ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])

    job = run(imports.approve(one=one, by=edith))

    one.refresh_from_db()
    assert (job.state, one.state) == ("failed", "draft")
    assert "break a rule" in one.reason
    assert Act.objects.filter(origin__startswith="import").count() == 0


def test_nothing_is_decided_twice_or_by_the_wrong_person(world, anna, edith):
    one = checked([row(0)], anna)
    other = person("researcher")
    with pytest.raises(NotNow, match="only its owner"):
        imports.submit(one=one, by=other, cause="edition", note="Mine")
    with pytest.raises(NotNow, match="is checked"):
        imports.approve(one=one, by=edith)
    imports.submit(one=one, by=anna, cause="edition", note="New")
    with pytest.raises(NotNow, match="An editor decides"):
        imports.approve(one=one, by=anna)
    with pytest.raises(Refused):
        imports.reject(one=one, by=edith, reason=" ")
    imports.reject(one=one, by=edith, reason="Which table is it from?")
    with pytest.raises(NotNow, match="rejected"):
        imports.approve(one=one, by=edith)
    imports.reopen(one=one, by=anna)
    imports.withdraw(one=one, by=anna)
    with pytest.raises(NotNow, match="withdrawn"):
        imports.ask_check(one=one, by=anna)
    assert Score.objects.count() == 0


def test_a_second_approval_makes_no_second_act(world, anna, edith):
    one = checked([row(0)], anna)
    imports.submit(one=one, by=anna, cause="edition", note="New")
    job = imports.approve(one=one, by=edith)
    with pytest.raises(NotNow):
        imports.approve(one=one, by=edith)
    run(job)
    assert jobs.run(pk=job.pk, kinds=JOB_KINDS) is False
    assert Act.objects.filter(origin__startswith="import").count() == 1


def test_a_set_up_that_makes_no_sense_is_said_by_column(world, anna):
    one = imports.begin(file=file_of([row(0)], anna), by=anna, kind="score")
    with pytest.raises(Refused) as refused:
        imports.set_up(
            one=one, by=anna, kind="score", reading=one.reading,
            columns={"country": "{land}", "colour": "red"}, without=[{"column": "x", "is": "y"}],
        )  # fmt: skip
    errors = refused.value.errors[""]
    assert errors["country"] == ["The file has no column “land”."]
    assert errors["colour"] == ["There is no column “colour”."]
    assert errors["technology"][0].startswith("A new record must have it")
    assert errors["without"] == ["The file has no column “x”."]


def test_a_file_that_is_none_is_refused(anna):
    file = stored_files.keep(content=io.BytesIO(b""), name="empty.csv", content_type="text/csv", by=anna)
    with pytest.raises(FileRefused, match="empty"):
        imports.begin(file=file, by=anna)


def test_a_check_that_was_broken_off_begins_anew(world, anna, monkeypatch):
    monkeypatch.setattr("tracker.actions.import_checks.BATCH", 2)
    one = imports.begin(file=file_of([row(n) for n in range(9)], anna), by=anna, kind="score")
    job = imports.ask_check(one=one, by=anna)
    StagedRow.objects.create(bulk_import=one, line=3, what="create")  # what an attempt before it left
    run(job)
    one.refresh_from_db()
    assert (one.created, one.staged.count()) == (9, 9)
    assert BATCH > 2


def test_columns_are_found_by_name():
    header = ("Technology (slug)", "ISO code", "Rank", "Share, %", "Papers", "Source")
    assert match("score", header) == {
        "technology": "{Technology (slug)}",
        "country": "{ISO code}", "rank_from": "{Rank}", "rank_to": "{Rank}", "share": "{Share, %}",
        "publications": "{Papers}", "sources": "{Source}",
    }  # fmt: skip
    assert filled("ed/{a}/{b}", {"a": "1", "b": ""}) == "ed/1/"
    assert filled("ed/{a}", {"a": ""}) == ""
    assert filled("fixed", {}) == "fixed"


def test_a_name_that_two_bear_is_no_reference(world, anna):
    with act():
        BlocFactory(slug="quad")
        CountryFactory(code="XA", other_names="Twin")
        CountryFactory(code="XB", other_names="Twin; More")
    one = checked([row(0, country="Twin"), row(1, country="xa")], anna)
    assert one.staged.get(line=2).errors[0]["reason"].startswith("More than one country is called so")
    assert one.staged.get(line=3).after["country"]["key"] == "XA"


@pytest.mark.seed
def test_every_kind_goes_out_as_a_workbook_and_in_again_unchanged(anna):
    """As CSV in tests/actions/test_exports.py."""
    counted = {}
    for kind in KINDS:
        content, header = io.BytesIO(), [column.name for column in columns(kind)]
        with Workbook(content) as book:
            book.sheet(kind, header, exported(kind))
        content.seek(0)
        file = stored_files.keep(content=content, name=f"{kind}.xlsx", content_type="text/csv", by=anna)
        one = imports.begin(file=file, by=anna, kind=kind)
        assert run(imports.ask_check(one=one, by=anna)).state == "done"
        one.refresh_from_db()
        assert (one.changed, one.created, one.wrong, one.problems) == (0, 0, 0, []), kind
        counted[kind] = one.unchanged
    assert counted == {kind: KINDS[kind].model._default_manager.count() for kind in KINDS}
    assert min(counted.values()) > 0


# What a sceptical reader found


def test_a_save_while_a_row_is_read_is_never_undone(world, anna, edith, monkeypatch):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])
        cite(score, world)
    reads = StateReader.states_in_database

    def meanwhile(self, model, pks):
        if model is Score and not Score.objects.get().note:
            monkeypatch.setattr(StateReader, "states_in_database", reads)
            change(score, note="A colleague")
        return reads(self, model, pks)

    monkeypatch.setattr(StateReader, "states_in_database", meanwhile)
    _, job = written(checked([row(0, share="9.1")], anna), anna, edith)
    assert job.state == "failed"
    assert Score.objects.get().note == "A colleague"


def test_rows_without_numbers_are_looked_up_together(world, anna, django_assert_max_num_queries):
    with act():
        for n in range(25):
            score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][n],
                                 rank_from=n + 1, rank_to=n + 1)  # fmt: skip
            cite(score, world)
    one = imports.begin(file=file_of([row(n) for n in range(25)], anna), by=anna, kind="score")
    job = imports.ask_check(one=one, by=anna)
    with django_assert_max_num_queries(60):
        jobs.run(pk=job.pk, kinds=JOB_KINDS)
    assert BulkImport.objects.get(pk=one.pk).changed == 25


def test_no_door_takes_the_last_source_away(world, anna):
    with act():
        entry = EditionTechnologyFactory(edition=world["window"].edition, technology=world["technology"])
        cite(entry, world)
        score = ScoreFactory(window=world["window"], technology=world["technology"], basis="computed")
        status = StatusFactory()
        cite(status, world)
    one = checked([[score.pk, "stated"]], anna, header=["id", "basis"])
    assert one.staged.get().errors[0]["reason"].startswith("Name a source")
    tie = Citation.objects.get(kind="status")
    one = checked([[tie.pk, "technology", "quantum"]], anna, kind="citation", header=["id", "of_kind", "of"])
    assert one.staged.get().errors[0]["reason"].startswith("It is the only source of the status")


def test_what_loses_its_source_between_check_and_write_stops_the_write(world, anna, edith):
    with act():
        status, other = StatusFactory(), SourceFactory(slug="other")
        cite(status, world)
        second = CitationFactory(cited=status, source=other)
    tie = Citation.objects.get(kind="status", source=world["source"])
    one = checked([[tie.pk, "technology", "quantum"]], anna, kind="citation", header=["id", "of_kind", "of"])
    assert one.changed == 1
    with act() as recording:
        recording.bulk_delete([second])
    one, job = written(one, anna, edith)
    assert (job.state, one.state) == ("failed", "draft")
    assert "without a source" in one.reason


def test_what_is_spoken_of_must_still_be_there(world, anna, edith):
    with act():
        gone = TechnologyFactory(slug="gone")
    one = checked([["technology", "gone", "report"]], anna, kind="citation", header=["of_kind", "of", "source"])
    with act() as recording:
        recording.bulk_delete([gone])
    one, job = written(one, anna, edith)
    assert (job.state, Citation.objects.count()) == ("failed", 0)
    assert "was deleted" in one.reason


COMPANY = ["name", "sort of body", "country", "parent"]


def test_rows_that_refer_to_rows_that_make_nothing_are_wrong(world, anna):
    rows = [
        ["Parent", "rumour", "AA", ""],
        ["Child", "company", "AA", "Parent"],
        ["Grandchild", "company", "AA", "Child"],
    ]
    one = checked(rows, anna, kind="organisation", header=COMPANY)
    assert one.wrong == 3
    assert one.staged.get(line=3).errors == [
        {"column": "parent", "value": "Parent", "reason": "refers to line 2, which makes no organisation."}
    ]


def test_a_row_may_refer_to_what_another_renames(world, anna, edith):
    with act():
        known = OrganisationFactory(slug="acme", name="Acme", country=world["countries"][0])
    rows = [["acme", "Acme Group", "company", "AA", ""], ["", "Daughter", "company", "AA", "Acme Group"]]
    _, job = written(checked(rows, anna, kind="organisation", header=["slug", *COMPANY]), anna, edith)
    assert job.state == "done", job.error
    assert Organisation.objects.get(slug="daughter").parent == known


def test_nothing_is_a_part_of_itself(world, anna):
    rows = [["One", "company", "AA", "Two"], ["Two", "company", "AA", "One"], ["Three", "company", "AA", ""]]
    one = checked(rows, anna, kind="organisation", header=COMPANY)
    assert (one.created, one.wrong) == (1, 2)


def test_an_empty_cell_leaves_what_has_no_empty_value(world, anna):
    with act():
        tie = CitationFactory(source=world["source"], position=7)
        engagement = EngagementFactory(counts_in_totals=False)
    assert checked([[tie.pk, "", "p. 3"]], anna, kind="citation", header=["id", "position", "page"]).staged.get().after[
        "position"
    ] == 7  # fmt: skip
    one = checked([[engagement.pk, "", "x"]], anna, kind="engagement", header=["id", "counts_in_totals", "note"])
    assert one.staged.get().after["counts_in_totals"] is False


def test_a_passage_for_what_is_cited_already_is_not_dropped(world, anna):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])
        CitationFactory(cited=score, source=world["source"], page="12")
    header = ["id", "sources", "source_page"]
    assert checked([[score.pk, "report", "12"]], anna, header=header).unchanged == 1
    one = checked([[score.pk, "report", "13"]], anna, header=header)
    assert "is cited already" in one.staged.get().errors[0]["reason"]


def test_what_is_out_of_use_is_not_named_anew(world, anna):
    with act():
        SourceFactory(slug="old", retired="2026-01-01")
    one = checked([row(0, sources="old")], anna)
    assert "out of use" in one.staged.get().errors[0]["reason"]


def test_an_address_that_was_given_away_since_the_check_stops_the_write(world, anna, edith):
    one = checked([["new", "New thing", "company", "AA"]], anna, kind="organisation", header=["slug", *COMPANY[:3]])
    assert one.created == 1
    with act():
        other = OrganisationFactory(slug="elsewhere")
        FormerAddress.objects.create(kind="organisation", slug="new", record=other.pk)
    one, job = written(one, anna, edith)
    assert job.state == "failed"
    assert "leads to another record" in one.reason


def test_two_that_change_addresses_lead_nowhere_else(world, anna, edith):
    with act():
        other = TechnologyFactory(slug="sensing")
    rows = [[world["technology"].pk, "sensing"], [other.pk, "quantum"]]
    _, job = written(checked(rows, anna, kind="technology", header=["id", "slug"]), anna, edith)
    assert job.state == "done", job.error
    assert FormerAddress.objects.count() == 0


def test_an_address_in_between_leads_on_after_the_import_is_taken_back(world, anna, edith):
    number = world["technology"].pk
    one, _ = written(checked([[number, "qc"]], anna, kind="technology", header=["id", "slug"]), anna, edith)
    revert_act(act=one.act, by=edith, note="Not yet")
    assert list(FormerAddress.objects.values_list("slug", "record")) == [("qc", number)]


def test_a_withdrawn_check_leaves_the_import_withdrawn(world, anna):
    one = imports.begin(file=file_of([row(0)], anna), by=anna, kind="score")
    job = imports.ask_check(one=one, by=anna)
    BulkImport.objects.filter(pk=one.pk).update(state="withdrawn")
    run(job)
    one.refresh_from_db()
    assert (one.state, job.state != "done") == ("withdrawn", True)


def test_old_imports_forget_rows_and_content(world, anna, edith):
    one, _ = written(checked([row(0)], anna), anna, edith)
    BulkImport.objects.update(made_at="2020-01-01T00:00Z")
    assert imports.forget_old() == 1
    with pytest.raises(FileNotFoundError):
        stored_files.content(one.file)
    assert BulkImport.objects.get(pk=one.pk).file.digest == one.act.input_digest


def test_what_hangs_on_a_ring_falls_with_it(world, anna, edith):
    rows = [["One", "company", "AA", "Two"], ["Two", "company", "AA", "One"], ["Child", "company", "AA", "One"]]
    one = checked([*rows, ["Free", "company", "AA", ""]], anna, kind="organisation", header=COMPANY)
    assert (one.created, one.wrong) == (1, 3)
    _, job = written(one, anna, edith, good_only=True)
    assert job.state == "done", job.error


# Everything that is wrong with a row, at once


def book_of(rows, by, header=HEADER, fill=None):
    """A workbook with these rows; `fill` writes more into it, given (workbook, sheet)."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Rows")
        for number, cells in enumerate([header, *rows]):
            sheet.write_row(number, 0, cells)
        if fill:
            fill(book, sheet)
    content.seek(0)
    return stored_files.keep(content=content, name="rows.xlsx", content_type="application/xlsx", by=by)


def checked_file(file, by, kind):
    one = imports.begin(file=file, by=by, kind=kind)
    job = run(imports.ask_check(one=one, by=by))
    assert job.state == "done", job.error
    return BulkImport.objects.get(pk=one.pk)


def columns_of_errors(one):
    return {each.line: [error["column"] for error in each.errors] for each in one.staged.filter(what="wrong")}


def test_a_cell_that_cannot_be_read_hides_no_other_error(world, anna):
    with act():
        score = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][9])
        cite(score, world)
        SourceFactory(slug="old", retired="2026-01-01")
    said = [
        (row(0, share="many", country="ZZ", basis="rumour"), ["country", "share", "basis"]),
        # A rule of the database that does not look at the share.
        (row(1, share="many", rank_from="5", rank_to="2"), ["share", "rank_from"]),
        (row(2, window="ed/1999/2000", share="12 %", sources="hearsay"), ["window", "share", "sources"]),
        (row(3, technology="alchemy", basis=""), ["technology", "basis"]),
        (row(4, share="101.00", sources="", rank_from="0", rank_to="0"), ["sources", "rank_from"]),
        (row(5, share="many", sources="old"), ["share", "sources"]),
        (row(11, country="ZZ", share="101.00"), ["country", "share"]),
        # What follows from an error is not said again: a rank or a share is stated, a computed score has a source.
        (row(6, share="many", rank_from="", rank_to=""), ["share"]),
        (row(7, basis="rumour", sources=""), ["basis"]),
        (row(8, sources="hearsay"), ["sources"]),
        (row(9, share="many"), ["share"]),
        (row(10, country="ZZ", sources="old"), ["country"]),
    ]

    one = checked([cells for cells, _ in said], anna)

    assert columns_of_errors(one) == {line: found for line, (_, found) in enumerate(said, start=2)}
    assert one.findings == sum(len(found) for _, found in said)
    assert one.staged.get(line=3).errors[1]["value"] == "5"


def test_a_record_that_cannot_be_told_is_checked_as_far_as_it_goes(world, anna):
    with act():
        known = ScoreFactory(window=world["window"], technology=world["technology"], country=world["countries"][0])
        cite(known, world)
    rows = [["x", "many", "stated"], [999_999, "101", "rumour"], [known.pk, "many", ""], ["x", "16.4", "stated"]]
    one = checked(rows, anna, header=["id", "share", "basis"])
    assert columns_of_errors(one) == {
        2: ["id", "share"],
        3: ["basis", "id", "share"],
        4: ["share", "basis"],
        5: ["id"],
    }


def test_the_rows_around_a_wrong_one_are_judged_as_if_it_were_not_there(world, anna):
    """What is tried of a row that is wrong does not stay in the place of one that is right."""
    with act():
        score = ScoreFactory(
            window=world["window"], technology=world["technology"], country=world["countries"][0], rank_from=1,
            rank_to=1, share="40.00", share_decimals=2, basis="stated",
        )  # fmt: skip
        cite(score, world)
    header = ["id", *HEADER]
    rows = [
        [score.pk, *row(0, share="many")],
        ["", *row(1, basis="rumour")],
        ["", *row(1)],
        ["", *row(0, share="41.1")],
    ]
    one = checked(rows, anna, header=header)
    assert columns_of_errors(one) == {2: ["share"], 3: ["basis"]}
    assert (one.created, one.changed) == (1, 1)


def test_cells_without_a_value_are_named_and_the_others_checked(world, anna):
    def fill(book, sheet):
        sheet.write_formula(1, 5, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 0, "=A9", None, "#REF!")
        sheet.merge_range("C4:C5", "AA")

    header = [*HEADER, "Remarks"]
    rows = [
        row(0, country="ZZ"),
        row(1, basis="rumour"),
        row(2),
        row(3, country=""),
        [*row(4), "x\0y"],
        row(5, country="A\0"),
    ]
    one = checked_file(book_of(rows, anna, header, fill), anna, "score")

    found = {each.line: each.errors for each in one.staged.filter(what="wrong")}
    said = {line: [(error["column"], error["value"]) for error in errors] for line, errors in found.items()}
    assert said == {
        2: [("share", "#DIV/0!"), ("country", "ZZ")], 3: [("window", "#REF!"), ("basis", "rumour")],
        5: [("country", "")], 6: [("Remarks", "x\ufffdy")], 7: [("country", "A\ufffd")],
    }  # fmt: skip
    assert found[2][0]["reason"] == "holds the error #DIV/0! of a formula"
    assert found[5][0]["reason"] == "the cells C4:C5 are merged: split them and fill each"
    assert one.created == 1


def test_rings_say_what_their_cell_held(world, anna):
    rows = [["One", "company", "AA", "Two"], ["Two", "company", "AA", "One"]]
    one = checked(rows, anna, kind="organisation", header=COMPANY)
    assert [each.errors[0]["value"] for each in one.staged.order_by("line")] == ["Two", "One"]


# What spreadsheets make of cells


def test_percentages_of_a_workbook_are_per_cents_where_these_are_asked_for(world, anna):
    def fill(book, sheet):
        shown = book.add_format({"num_format": "0.0%"})
        sheet.write_number(1, 5, 0.164, shown)
        sheet.write_number(2, 3, 0.02, shown)

    one = checked_file(book_of([row(0, share=""), row(1)], anna, fill=fill), anna, "score")

    after = one.staged.get(line=2).after
    assert (after["share"], after["share_decimals"]) == ("16.400000", 1)
    assert [(error["column"], error["value"]) for error in one.staged.get(line=3).errors] == [("rank_from", "2%")]


@pytest.mark.seed
def test_engagements_come_back_unchanged_from_a_spreadsheet_that_made_dates_of_them(anna):
    """Opened as CSV and saved as a workbook, `2019-06` is the first of June, shown as a month."""
    header = [column.name for column in columns("engagement")]
    rows = list(exported("engagement"))
    made = {"day": 0, "month": 0, "number": 0}

    def fill(book, sheet):
        formats = {"day": book.add_format({"num_format": 14}), "month": book.add_format({"num_format": 17})}
        for number, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells):
                found = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", cell)
                if found:
                    sort = "day" if found[3] else "month"
                    day = datetime.date(int(found[1]), int(found[2]), int(found[3] or 1))
                    sheet.write_datetime(number, column, day, formats[sort])
                elif re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell):
                    sort = "number"
                    sheet.write_number(number, column, float(cell))
                else:
                    continue
                made[sort] += 1

    one = checked_file(book_of(rows, anna, header, fill), anna, "engagement")

    assert min(made.values()) > 0, made
    assert (one.changed, one.created, one.wrong) == (0, 0, 0), list(one.staged.exclude(what="same").values("errors"))
    assert one.unchanged == len(rows)


def test_an_example_of_a_source_is_one():
    known = {line["key"] for line in csv.DictReader(Path("fixtures/sources.csv").read_text("utf-8").splitlines())}
    examples = {column.example for kind in KINDS for column in columns(kind) if column.name == "sources"}
    assert examples
    assert examples <= known


def test_choices_are_listed_without_an_empty_one():
    takes = {(kind, column.name): column.takes for kind in KINDS for column in columns(kind)}
    assert takes["score", "share_bound"] == "One of: about, at least, at most; empty: as printed."
    assert not [place for place, words in takes.items() if "of: " in words and ("  " in words or ": (" in words)]


@pytest.mark.seed
def test_rules_between_columns_hold_for_new_records_as_for_those_that_are_there(anna):
    """Those that no database rule can say: a sort of span and its dates, an edition and the list it is of."""
    header = [
        "code", "good", "good_basis", "product", "kind", "period_start", "period_end", "span", "measure", "value_from",
        "value_to", "unit", "data_basis", "sources",
    ]  # fmt: skip
    usual = ["hs-2818", "derived", "alumina", "direct export", "2023"]
    rest = ["quantity", "5", "5", "tonnes", "Chinese customs", "reuters-alumina-2022"]
    rows = [["TF901", *usual, "2023", span, *rest] for span in ("month", "year")]
    one = checked(rows, anna, kind="tradeflow", header=header)
    assert columns_of_errors(one) == {2: ["span"]}
    assert one.staged.get(line=3).what == "create"

    listing = "section-1260h-list/alibaba-group/2026-06-08"
    rows = [[listing, "common-high-priority-list/2024-02-23", "opensanctions-1260h"]]
    one = checked(rows, anna, kind="listingentry", header=["listing", "edition", "sources"])
    assert list(columns_of_errors(one)) == [2]
