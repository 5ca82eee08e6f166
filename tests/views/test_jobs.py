"""Pages of jobs: whose they are, how far they are, what came of them."""

import datetime
import io
import re
import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.factories import UserFactory
from tracker.actions import jobs, stored_files
from tracker.models import FileChunk, Job, JobLine

pytestmark = pytest.mark.django_db


def role(name, **given):
    user = UserFactory(**given)
    user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


@pytest.fixture
def ada(client):
    user = role("researcher", display_name="Ada Lovelace")
    client.force_login(user)
    return user


def job_of(user, **given) -> Job:
    now = timezone.now()
    known = {
        "kind": "forget-old", "title": "Export of everything", "by": user, "by_name": user.get_full_name(),
        "made_at": now, "told_at": now,
    }  # fmt: skip
    return Job.objects.create(**{**known, **given})


def running(user, **given) -> Job:
    now = timezone.now()
    return job_of(user, state="running", token="t", begun_at=now, heartbeat=now, attempt=1, **given)


def ended(user, state="done", **given) -> Job:
    now = timezone.now()
    begun = now - datetime.timedelta(seconds=75)
    return job_of(user, state=state, begun_at=begun, ended_at=now, attempt=1, **given)


def said(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def text(response) -> str:
    """The words of the page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(response).split("<main")[1].split("</main")[0]))


def test_list_has_one_s_own_jobs_by_state(client, ada):
    for state in ("waiting", "done", "failed"):
        job_of(ada, title=f"A {state} one", state=state, error="It broke.")
    job_of(role("researcher"), title="Somebody else’s")

    everything, failed = client.get("/workbench/jobs/"), client.get("/workbench/jobs/?state=failed")

    assert [title in said(everything) for title in ("A waiting one", "A done one", "A failed one")] == [True] * 3
    assert "Somebody else’s" not in said(everything)
    assert ("A failed one" in said(failed), "A done one" in said(failed)) == (True, False)
    assert "It broke." in said(failed)
    assert 'Failed <span class="num">1</span>' in said(failed)
    assert "Everybody’s" not in said(client.get("/workbench/jobs/?whose=all"))


def test_administrator_may_see_everybody_s_and_what_the_clock_asked_for(client, ada):
    job_of(ada, title="Ada’s")
    Job.objects.create(kind="forget-old", title="Of the clock", by_name="Schedule", made_at=timezone.now())
    client.force_login(role("admin"))

    mine, all_ = client.get("/workbench/jobs/"), client.get("/workbench/jobs/?whose=all")

    assert ("Ada’s" in said(mine), "No job here." in said(mine)) == (False, True)
    assert ("Ada’s" in said(all_), "Of the clock" in said(all_)) == (True, True)


def test_list_is_paged_and_asks_few_queries(client, ada, django_assert_max_num_queries):
    for number in range(30):
        job_of(ada, title=f"Job {number:02}")

    with django_assert_max_num_queries(6):
        first = client.get("/workbench/jobs/")
    second = client.get("/workbench/jobs/?page=2")

    assert ("Job 29" in said(first), "Job 04" in said(first)) == (True, False)
    assert ("Job 29" in said(second), "Job 04" in said(second)) == (False, True)


@pytest.mark.parametrize("query", ["state=lost", "page=0", "page=2", "page=x", "page=9999999999"])
def test_list_that_there_is_not_says_so(client, ada, query):
    response = client.get(f"/workbench/jobs/?{query}")

    assert response.status_code == 404
    assert 'href="/workbench/jobs/"' in said(response)


def test_running_job_shows_how_far_it_is(client, ada, django_assert_max_num_queries):
    job = running(ada, done=24100, total=62160, doing="Comparing rows")
    JobLine.objects.create(job=job, at=timezone.now(), text="62160 rows read.")

    with django_assert_max_num_queries(7):
        response = client.get(job.get_absolute_url())

    page = said(response)
    assert '<progress max="100" value="38"' in page
    assert "Comparing rows" in page
    assert "24 100 of 62 160" in page.replace("\u202f", " ")
    assert "62160 rows read." in page
    assert f'action="/workbench/jobs/{job.pk}/cancel/"' in page
    assert "no-store" in response["Cache-Control"]


def test_progress_loads_itself_and_then_the_whole_page_and_works_without_javascript(client, ada):
    job = running(ada, done=1, total=2)
    page = client.get(job.get_absolute_url())
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})

    assert f'hx-get="{job.get_absolute_url()}" hx-trigger="every 2s"' in said(page)
    assert "/static/django_htmx/htmx-2.min.js" in said(page)
    assert '"allowEval": false' in said(page)
    assert re.search(r'<noscript>.*<a [^>]*href="">Reload</a>.*</noscript>', said(page))
    assert "<html" not in said(part)
    assert '<progress max="100" value="50"' in said(part)
    assert "HX-Refresh" not in part.headers
    assert "HX-Request" in part["Vary"]
    assert "HX-Request" in page["Vary"]

    Job.objects.update(state="done", ended_at=timezone.now())
    last, page = (
        client.get(job.get_absolute_url(), headers={"HX-Request": "true"}),
        client.get(job.get_absolute_url()),
    )

    assert last["HX-Refresh"] == "true"
    assert "hx-get" not in said(page)
    assert "htmx" not in said(page)


def test_readers_load_no_htmx(client, db):
    assert "htmx" not in said(client.get("/about/"))


def test_page_says_what_came_of_it(client, ada):
    job = ended(ada, result={"address": "/data/", "rows_written": 120311, "left_out": "", "complete": True, "x": [1]})

    page = client.get(job.get_absolute_url())

    assert '<a href="/data/">See what came of it</a>' in said(page)
    assert "Rows written 120 311" in text(page).replace("\u202f", " ")
    assert "Complete yes" in text(page)
    assert "1 min 15 s" in text(page).replace("\u202f", " ")


def test_result_leads_to_no_other_site(client, ada):
    job = ended(ada, result={"address": "//example.org/"})

    assert "example.org" not in said(client.get(job.get_absolute_url()))


def test_failed_job_says_why_and_can_be_asked_for_anew(client, ada):
    job = ended(ada, "failed", error="The file has no <rows>.", parameters={})
    page = client.get(job.get_absolute_url())
    assert "The file has no &lt;rows&gt;." in said(page)

    response = client.post(f"{job.get_absolute_url()}again/")

    new = Job.objects.exclude(pk=job.pk).get()
    assert (response.status_code, response["Location"]) == (303, new.get_absolute_url())
    assert (new.kind, new.state, new.by) == (job.kind, "waiting", ada)
    assert "Asked for anew" in said(client.get(new.get_absolute_url()))


def test_job_that_was_done_or_is_of_no_known_kind_is_not_asked_for_anew(client, ada):
    for job in (ended(ada), ended(ada, "failed", kind="of old")):
        assert f"{job.get_absolute_url()}again/" not in said(client.get(job.get_absolute_url()))
        response = client.post(f"{job.get_absolute_url()}again/", follow=True)
        assert "cannot be asked for anew" in said(response)
    assert Job.objects.count() == 2


def test_owner_cancels_and_is_told_when_it_was_too_late(client, ada):
    job = running(ada)
    page = client.post(f"{job.get_absolute_url()}cancel/", follow=True)

    assert "stopping" in said(page)
    assert "Ada Lovelace" in text(page)
    assert "Cancel this job" not in said(page)
    job.refresh_from_db()
    assert (job.state, job.cancel_by_name) == ("running", "Ada Lovelace")

    late = ended(ada)
    assert "The job had ended already." in said(client.post(f"{late.get_absolute_url()}cancel/", follow=True))


def test_what_is_still_being_stopped_is_not_asked_for_anew(client, ada):
    job = ended(ada, "failed", once="one")
    running(ada, once="one", cancel_asked_at=timezone.now())

    page = client.post(f"{job.get_absolute_url()}again/", follow=True)

    assert "It is being stopped: try again in a moment." in said(page)
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="A database in memory has one connection.")
def test_job_that_is_just_being_finished_is_too_late_to_stop(client, ada):
    job = running(ada)
    held, seen = threading.Event(), threading.Event()

    def finishes():
        try:
            with jobs.Running(job).finishing():
                held.set()
                seen.wait(20)
        finally:
            connection.close()

    worker = threading.Thread(target=finishes)
    worker.start()
    try:
        assert held.wait(20)
        page = client.post(f"{job.get_absolute_url()}cancel/", follow=True)
    finally:
        seen.set()
        worker.join()

    assert "too late to stop it" in said(page)
    job.refresh_from_db()
    assert (job.state, job.cancel_asked_at) == ("done", None)


def test_nobody_sees_cancels_or_takes_what_is_somebody_else_s(client, ada):
    job = ended(role("editor"), "failed", title="A secret plan")
    for address in ("", "file/"):
        response = client.get(job.get_absolute_url() + address)
        assert response.status_code == 404
        assert "A secret plan" not in said(response)
    for address in ("cancel/", "again/"):
        assert client.post(job.get_absolute_url() + address).status_code == 404
    assert Job.objects.count() == 1
    assert client.get("/workbench/jobs/123456/").status_code == 404


def test_cancelling_needs_the_token_of_the_form(ada):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)

    assert careful.post(f"{running(ada).get_absolute_url()}cancel/").status_code == 403
    assert Job.objects.get().cancel_asked_at is None


@pytest.fixture
def with_file(ada):
    content = b"a,b\n" * 400_000  # more than one part
    held = stored_files.keep(
        content=io.BytesIO(content), name="über “all”.csv", content_type="text/csv", by=ada, days=14
    )
    return ended(ada, file=held), content


def test_file_is_a_download_of_its_owner_alone(client, with_file):
    job, content = with_file
    assert f'href="{job.get_absolute_url()}file/"' in said(client.get(job.get_absolute_url()))

    response = client.get(f"{job.get_absolute_url()}file/")

    assert response.streaming
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%C3%BCber")
    assert response["Content-Type"] == "text/csv"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]


def test_page_says_until_when_the_file_is_kept(client, with_file):
    job, _ = with_file
    until = timezone.now() + datetime.timedelta(days=14)
    assert f"kept until {until.day} {until:%B %Y}" in text(client.get(job.get_absolute_url()))
    job.file.expires = None
    job.file.save(update_fields=["expires"])
    assert "kept until" not in text(client.get(job.get_absolute_url()))


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_the_end_of_a_job_is_said_once(client, ada, state):
    shown = text(client.get(ended(ada, state=state, error="It broke.").get_absolute_url()))
    assert len(re.findall(rf"\b{state}\b", shown, re.IGNORECASE)) == 1


def test_file_that_is_gone_or_never_came_whole_is_said_to_be(client, with_file):
    job, _ = with_file
    FileChunk.objects.filter(file=job.file, number=0).delete()

    response = client.get(f"{job.get_absolute_url()}file/")

    assert response.status_code == 404
    assert "is not here any more" in said(response)
    job.file.delete()
    assert "kept for two weeks" in said(client.get(f"{job.get_absolute_url()}file/"))
    assert "file/" not in said(client.get(job.get_absolute_url()))


def test_owner_is_told_once_on_the_next_page_of_the_team(client, ada):
    job = ended(ada, title="Check of scores.csv", told_at=None)
    public = client.get("/about/")

    first, second = client.get("/records/"), client.get("/records/")

    told = f'<span class="badge job-done">done</span> <a href="{job.get_absolute_url()}">Check of scores.csv</a>'
    assert told not in said(public)
    assert told in said(first)
    assert told not in said(second)


def test_progress_in_the_background_tells_nobody(client, ada):
    other = ended(ada, title="Another", told_at=None)
    client.get(running(ada).get_absolute_url(), headers={"HX-Request": "true"})

    assert Job.objects.get(pk=other.pk).told_at is None


def test_who_has_seen_the_end_is_not_told_of_it(client, ada):
    job = ended(ada, told_at=None)

    assert "jobs-told" not in said(client.get(job.get_absolute_url()))
    assert "jobs-told" not in said(client.get("/workbench/jobs/"))


def test_administrator_who_looks_does_not_take_the_owner_s_message(client, ada):
    job = ended(ada, told_at=None)
    boss = Client()
    boss.force_login(role("admin"))

    boss.get(job.get_absolute_url())

    assert "jobs-told" in said(client.get("/workbench/jobs/"))


def test_workbench_names_the_last_jobs(client, ada):
    running(ada, title="Export of everything", done=1, total=4)

    page = said(client.get("/workbench/"))

    assert 'href="/workbench/jobs/"' in page
    assert re.search(
        r"Export of everything</a> <span class=\"badge job-running\">running</span> <span class=\"by\">25 %", page
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "It waits for a free worker."),
        ({"attempt": 1}, "The worker that had it died"),
        ({"made_at": timezone.now() - datetime.timedelta(minutes=5)}, "no worker is running"),
        ({"attempt": 1, "not_before": timezone.now() + datetime.timedelta(days=1)}, "It failed by chance"),
    ],
)
def test_waiting_job_says_why_it_waits(client, ada, given, words):
    assert words in text(client.get(job_of(ada, **given).get_absolute_url()))
