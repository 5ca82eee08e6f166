"""The pages of exports and what they send."""

import io
import re
import zipfile

import pytest
from django.contrib.auth.models import Group

from tests.factories import CategoryFactory, SourceFactory, UserFactory
from tests.history.acting import change, create
from tracker.actions import exports, stored_files
from tracker.actions.job_kinds import KINDS as JOBS
from tracker.actions.jobs import run
from tracker.history.kinds import KINDS
from tracker.history.sheets import columns
from tracker.models import Job, Source

pytestmark = pytest.mark.django_db
PAGE = "/workbench/exports/"


@pytest.fixture
def ada(client):
    user = UserFactory(display_name="Ada Lovelace")
    user.groups.add(Group.objects.get_or_create(name="researcher")[0])
    client.force_login(user)
    return user


def page(client, address=PAGE):
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def sent(answer) -> bytes:
    return b"".join(answer.streaming_content)


def made(format):
    job = exports.ask_for_everything(format=format)
    assert run(pk=job.pk, kinds=JOBS)
    job.refresh_from_db()
    assert job.state == "done"
    return job


def test_page_offers_every_kind_with_its_count_and_says_whose_file_it_is(client, ada):
    create(CategoryFactory.build(slug="energy"))
    create(CategoryFactory.build(slug="space"))

    text = page(client)

    assert set(re.findall(r'name="kinds" value="(\w+)"', text)) == set(KINDS)
    for kind in KINDS:
        for ending in ("csv", "xlsx"):
            assert f'href="/workbench/exports/{kind}.{ending}"' in text
    row = re.search(r'value="category".*?</tr>', text)[0]
    assert '<td class="num">2</td>' in row
    assert "also what only sources say that may not be republished" in text
    assert "Do not publish them" in text
    assert "as soon as a worker has made it" in text


@pytest.mark.seed
def test_page_asks_few_queries(client, ada, django_assert_max_num_queries):
    client.get(PAGE)
    # Four of them know who asks, and what to tell her; the page's own are three.
    with django_assert_max_num_queries(7):
        client.get(PAGE)


def test_form_begins_a_job_and_leads_to_it(client, ada):
    create(CategoryFactory.build(slug="energy", name="Energy"))

    answer = client.post(PAGE, {"format": "csv", "kinds": ["window", "category"]})

    job = Job.objects.get(kind="export")
    assert (answer.status_code, answer["Location"]) == (303, f"/workbench/jobs/{job.pk}/")
    assert (job.by, job.parameters) == (ada, {"format": "csv", "kinds": ["category", "window"]})
    run(pk=job.pk, kinds=JOBS)
    answer = client.get(f"/workbench/jobs/{job.pk}/file/")
    with zipfile.ZipFile(io.BytesIO(sent(answer))) as archive:
        assert archive.namelist() == ["README.txt", "category.csv", "window.csv"]
    # A colleague does not get it.
    other = UserFactory()
    other.groups.add(Group.objects.get_or_create(name="researcher")[0])
    client.force_login(other)
    assert client.get(f"/workbench/jobs/{job.pk}/file/").status_code == 404


def test_no_tick_is_everything(client, ada):
    client.post(PAGE, {"format": "xlsx"})

    job = Job.objects.get(kind="export")
    assert (job.title, job.parameters) == ("Export of everything (XLSX)", {"format": "xlsx", "kinds": []})


@pytest.mark.parametrize(
    ("data", "words"),
    [({"kinds": ["score"]}, "Choose CSV or XLSX."), ({"format": "pdf", "kinds": ["score"]}, "Choose CSV or XLSX."),
     ({"format": "csv", "kinds": ["score", "user"]}, "There is no kind “user”.")],
)  # fmt: skip
def test_mistakes_are_said_and_ticks_are_kept(client, ada, data, words):
    answer = client.post(PAGE, data)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert re.findall(r'name="kinds" value="(\w+)" checked', text) == ["score"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("ending", "content_type"), [("csv", "text/csv; charset=utf-8"), ("xlsx", exports.CONTENT_TYPES["xlsx"])]
)
def test_one_kind_is_sent_whole_and_kept_by_nobody(client, ada, ending, content_type):
    create(CategoryFactory.build(slug="energy", name="Énergie"))

    answer = client.get(f"{PAGE}category.{ending}")

    content = sent(answer)
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert re.fullmatch(rf'attachment; filename="categories-r\d+\.{ending}"', answer["Content-Disposition"])
    assert int(answer["Content-Length"]) == len(content)
    assert "no-store" in answer["Cache-Control"]
    if ending == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert lines[0] == ",".join(column.name for column in columns("category"))
        assert ",Énergie,energy," in lines[1]


def test_template_is_sent(client, ada):
    answer = client.get("/workbench/imports/templates/score.csv")

    assert sent(answer).decode("utf-8-sig").strip() == ",".join(column.name for column in columns("score"))
    assert answer["Content-Disposition"] == 'attachment; filename="score-template.csv"'
    with zipfile.ZipFile(io.BytesIO(sent(client.get("/workbench/imports/templates/score.xlsx")))) as archive:
        assert "xl/worksheets/sheet2.xml" in archive.namelist()


@pytest.mark.parametrize(
    "address", [f"{PAGE}nothing.csv", "/workbench/imports/templates/user.xlsx", f"{PAGE}score.csv"]
)
def test_what_is_not_there_is_said(client, ada, address):
    answer = client.get(address)

    assert answer.status_code == 404
    words = "Nothing is recorded yet." if "score" in address else "There is no kind of record"
    assert words in answer.content.decode()


# For everybody


def test_file_of_everything_is_given_once_it_is_made(client):
    create(CategoryFactory.build(slug="energy", name="Energy"))
    waiting = client.get("/data/everything.zip")
    assert (waiting.status_code, waiting["Retry-After"]) == (503, "3600")
    assert "is being made" in waiting.content.decode()
    assert "/data/everything" not in page(client, "/data/")

    job = made("csv")

    answer = client.get("/data/everything.zip")
    content = sent(answer)
    assert content == stored_files.content(job.file)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="technology-leadership-everything-r1.zip"'
    assert answer["Content-Length"] == str(len(content))
    assert "Set-Cookie" not in answer
    assert "Cookie" not in answer.get("Vary", "")
    again = client.get("/data/everything.zip", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/data/everything.zip")["Content-Length"] == str(len(content))
    assert client.get("/data/everything.xlsx").status_code == 503


def test_page_of_data_names_the_files_that_are_there_and_of_what_state(client):
    create(CategoryFactory.build(slug="energy", name="Energy"))
    before = client.get("/data/")

    made("xlsx")

    text = page(client, "/data/")
    assert 'href="/data/everything.xlsx"' in text
    assert "/data/everything.zip" not in text
    assert "all records of state r1, without what is withheld" in text
    # Who has kept the page from before is given the new one.
    after = client.get("/data/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    rows = client.get("/data.json").json()["tables"]["downloads"]["rows"]
    assert rows[0]["part"] == "Everything at once"
    # A past day has no file of its own.
    assert "/data/everything" not in page(client, "/data/?as_of=r1")


def test_file_is_given_no_more_once_something_in_it_is_withheld(client, ada):
    source = create(SourceFactory.build(slug="open", reuse=Source.Reuse.OPEN))
    made("csv")
    assert client.get("/data/everything.zip").status_code == 200
    assert "/data/everything.zip" in page(client)

    change(source, reuse=Source.Reuse.NO)

    assert client.get("/data/everything.zip").status_code == 503
    assert "/data/everything" not in page(client, "/data/")
    made("csv")
    assert client.get("/data/everything.zip").status_code == 200
