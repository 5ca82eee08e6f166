"""Taking back an act of many rows in the background: as it was, or not at all."""

import pytest

from tests.actions.importing import checked, everything, row, run, written
from tests.factories import CategoryFactory, CitationFactory, SourceFactory
from tests.history.acting import act, change
from tracker.actions import jobs, large_reverts
from tracker.actions.job_kinds import KINDS
from tracker.actions.large_reverts import is_large, preview_large
from tracker.actions.reverts import CannotRevert
from tracker.history.verification import verify
from tracker.models import Act, Category, Citation, FormerAddress, Revision, Score

pytestmark = pytest.mark.django_db


def taken_back(found, by):
    job = jobs.enqueue(
        kind="revert", title="Reverting", by=by, act=found.pk, cause="correction", note="Not yet"
    )  # fmt: skip
    jobs.run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()
    return job


def test_what_was_made_changed_and_deleted_is_as_it_was(edith):
    with act():
        kept, gone = CategoryFactory(name="Energy"), CategoryFactory(name="Gone")
    before = everything()
    with act() as recording:
        recording.watch(kept, gone)
        kept.name = "Renamed"
        kept.save()
        gone.delete()
        recording.bulk_create([Category(slug=f"new-{n}", name=f"New {n}", position=n) for n in range(40)])
    done = Act.objects.latest("pk")

    shown = preview_large(act=done, limit=3)
    assert (len(shown.reversals), shown.total) == (3, 42)
    job = taken_back(done, edith)

    assert (job.state, job.error) == ("done", "")
    assert everything() == before
    last = Act.objects.latest("pk")
    assert job.result["act"] == last.pk
    assert last.by == edith
    assert {(one.action, one.name) for one in last.revisions.all() if not one.name.startswith("new")} == {
        ("update", kept.slug), ("create", gone.slug)
    }  # fmt: skip
    assert verify().findings == []


def test_an_import_with_its_sources_is_taken_back(world, anna, edith):
    before = everything()
    one, _ = written(checked([row(n) for n in range(8)], anna), anna, edith)
    assert taken_back(one.act, edith).state == "done"
    assert everything() == before
    assert verify().findings == []


def test_what_somebody_changed_since_stops_it_and_is_named(world, anna, edith):
    one, _ = written(checked([row(n) for n in range(3)], anna), anna, edith)
    score = Score.objects.get(rank_from=2)
    change(score, note="A colleague")
    count = Revision.objects.count()

    with pytest.raises(CannotRevert, match=score.key()):
        preview_large(act=one.act, limit=5)
    job = taken_back(one.act, edith)

    assert job.state == "failed"
    assert score.key() in job.error
    assert Revision.objects.count() == count


def test_what_others_said_of_it_since_stops_it(world, anna, edith):
    one, _ = written(checked([row(0)], anna), anna, edith)
    with act():
        CitationFactory(cited=Score.objects.get(), source=SourceFactory())
    job = taken_back(one.act, edith)
    assert job.state == "failed"
    assert "A citation speaks of score" in job.error
    assert Score.objects.count() == 1


def test_nothing_loses_its_last_source(world, anna, edith):
    one, _ = written(checked([row(0)], anna), anna, edith)
    with act():
        SourceFactory(slug="other")
    added, _ = written(
        checked([[f"#{Score.objects.get().pk}", "other"]], anna, header=["id", "sources"]), anna, edith
    )
    with act() as recording:
        recording.bulk_delete(list(Citation.objects.filter(source__slug="report")))
    job = taken_back(added.act, edith)
    assert job.state == "failed"
    assert "Without a source would stand" in job.error
    assert one.act_id != added.act_id


def test_only_large_acts_go_this_way(world, anna, edith, client, monkeypatch):
    one, _ = written(checked([row(n) for n in range(3)], anna), anna, edith)
    client.force_login(edith)
    assert not is_large(one.act)
    monkeypatch.setattr(large_reverts, "LARGE", 2)
    page = client.get(f"/history/acts/{one.act_id}/revert/")
    assert page.status_code == 200
    answer = client.post(f"/history/acts/{one.act_id}/revert/", {"cause": "correction", "note": "Not yet"})
    job = edith.jobs.get(kind="revert")
    assert answer.url == f"/workbench/jobs/{job.pk}/"
    jobs.Job.objects.filter(pk=job.pk).update(state="running", cancel_asked_at=job.made_at)
    answer = client.post(f"/history/acts/{one.act_id}/revert/", {"cause": "correction", "note": "Once more"})
    assert "It is being stopped: try again in a moment." in answer.content.decode()
    assert "Once more" in answer.content.decode()
    jobs.Job.objects.filter(pk=job.pk).update(state="waiting", cancel_asked_at=None)
    assert Score.objects.count() == 3
    run(job)
    assert Score.objects.count() == 0


def test_an_address_that_was_given_leads_on(edith):
    with act():
        category = CategoryFactory(slug="energy")
    change(category, slug="power")
    done = Act.objects.latest("pk")
    assert taken_back(done, edith).state == "done"
    assert list(FormerAddress.objects.values_list("slug", "record")) == [("power", category.pk)]
