"""Releases: the pages that readers see, and the door of those who may name a state."""

import csv
import hashlib
import io
import sqlite3

import pytest
from django.contrib.auth.models import Group

from tests.factories import CategoryFactory, CountryFactory, SourceFactory
from tests.history.acting import change, create, delete
from tracker.actions.accounts import create_groups
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import run
from tracker.actions.releases import ask_for_file, release
from tracker.models import Category, Job, Release, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_TWO_FACTOR = False


def person(role: str) -> User:
    create_groups()
    made = User.objects.create(username=role, display_name=role.title())
    made.groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def two_releases():
    ada = User.objects.create(username="ada", display_name="Ada")
    energy = create(CategoryFactory.build(slug="energy", name="Energy"))
    space = create(CategoryFactory.build(slug="space", name="Space", position=2))
    release(name="2026.10", notes="The first.", by=ada)
    change(energy, name="Power")
    create(CountryFactory.build(code="AA"))
    delete(space)
    release(name="2026.11", notes="Power, and a country.", by=ada)


def test_list_has_every_release_the_newest_first(client, two_releases, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page = client.get("/releases/")
    told = client.get("/releases.json").json()["tables"]["releases"]["rows"]

    assert [row["release"]["text"] for row in told] == ["2026.11", "2026.10"]
    assert all(len(row["checksum"]) == 64 for row in told)
    assert told[0]["checksum"] in page.content.decode()


def test_release_says_its_state_and_what_changed_since_the_one_before(
    client, two_releases, django_assert_max_num_queries
):
    made = Release.objects.get(name="2026.11")

    with django_assert_max_num_queries(12):
        text = client.get("/releases/2026.11/").content.decode()
    body = client.get("/releases/2026.11.json").json()

    for said in (
        made.checksum,
        made.digest,
        f"r{made.number}",
        "Power, and a country.",
        f'href="/?as_of=r{made.number}"',
    ):
        assert said in text
    first = Release.objects.get(name="2026.10")
    assert f'href="/history/changes/?after=r{first.number}&amp;until=r{made.number}"' in text
    changes = {row["kind"]["text"]: row for row in body["tables"]["changes"]["rows"]}
    assert (changes["categories"]["changed"], changes["categories"]["deleted"]) == (1, 1)
    assert changes["countries"]["created"] == 1
    assert {row["kind"]: row["records"] for row in body["tables"]["records"]["rows"]}["categories"] == 1
    in_csv = list(csv.DictReader(io.StringIO(client.get("/releases/2026.11.csv?table=records").content.decode())))
    assert [row["records"] for row in in_csv] == [str(row["records"]) for row in body["tables"]["records"]["rows"]]


def test_site_is_read_as_of_a_release(client, two_releases):
    first = Release.objects.get(name="2026.10")

    assert (
        "2026.10"
        not in client.get(f"/releases/?as_of=r{first.number}").content.decode().split("<main")[1].split("page-end")[0]
    )
    assert client.get(f"/history/changes/?after=r{first.number}").status_code == 200


def test_unknown_release_is_answered_with_those_there_are(client, two_releases):
    answer = client.get("/releases/2027.01/")

    assert answer.status_code == 404
    assert "There is no release “2027.01”" in answer.content.decode()
    assert "/releases/2026.11/" in answer.content.decode()


def test_release_leads_to_its_own_history(client, two_releases):
    made = Release.objects.get(name="2026.10")

    assert client.get("/releases/2026.10/history/")["Location"] == f"/records/release/{made.pk}/history/"


@pytest.mark.parametrize(("role", "status"), [("researcher", 403), ("editor", 200), ("admin", 200)])
def test_naming_a_state_is_for_editors(client, role, status):
    assert client.get("/releases/new/")["Location"].startswith("/login/")
    client.force_login(person(role))

    assert client.get("/releases/new/").status_code == status
    assert client.post("/releases/new/", {}).status_code == status


def test_editor_names_the_present_state(client):
    create(CategoryFactory.build())
    client.force_login(person("editor"))

    answer = client.post("/releases/new/", {"name": "2026.11", "notes": "The\x0b first."})

    assert Release.objects.get().notes == "The first."
    assert answer["Location"] == "/releases/2026.11/"
    assert client.get("/releases/2026.11/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": "", "notes": "Kept"}, "Give the state a name"),
        ({"name": "a b", "notes": "Kept"}, "letters, digits, dots and hyphens"),
        ({"name": "2026.10", "notes": "Kept"}, "already exists"),
        ({"name": "2026.12", "notes": ""}, "what is new"),
        ({"name": "new", "notes": "Kept"}, "“new” is the address at which releases are named"),
        ({"name": "2026.12.json", "notes": "Kept"}, "cannot end as a file"),
        ({"name": "2026.12.CSV", "notes": "Kept"}, "cannot end as a file"),
    ],
)
def test_what_is_wrong_with_a_release_is_said_and_what_was_typed_kept(client, two_releases, sent, says):
    change(Category.objects.first(), name="Other")
    client.force_login(person("editor"))

    answer = client.post("/releases/new/", sent)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert says in text
    assert sent["notes"] in text
    assert Release.objects.count() == 2


def test_same_state_is_not_named_twice(client, two_releases):
    client.force_login(person("editor"))

    answer = client.post("/releases/new/", {"name": "2026.12", "notes": "The same."})

    assert "This state has a name already: 2026.11" in answer.content.decode()


def file_made(one: Release) -> None:
    assert run(pk=ask_for_file(release=one, by=None).pk, kinds=KINDS)


def test_release_is_taken_away_as_a_file(
    client, two_releases, tmp_path, django_assert_max_num_queries, forget_answers
):
    made = Release.objects.get(name="2026.11")
    page = client.get("/releases/2026.11/")
    assert "are being made" in page.content.decode()
    refused = client.get("/releases/2026.11/records.sqlite3")
    assert (refused.status_code, refused["Retry-After"]) == (503, "900")

    file_made(made)
    # The page that was kept said that there is none.
    again = client.get("/releases/2026.11/", headers={"if-none-match": page["ETag"]})
    answer = client.get("/releases/2026.11/records.sqlite3")
    content = b"".join(answer.streaming_content)

    sha256 = hashlib.sha256(content).hexdigest()
    assert sha256 in again.content.decode()
    assert 'href="/releases/2026.11/records.sqlite3"' in again.content.decode()
    told = client.get("/releases/2026.11.json").json()["file"]
    assert (told["sha256"], told["size"]) == (sha256, len(content))
    assert answer["Content-Length"] == str(len(content))
    assert "technology-leadership-2026.11.sqlite3" in answer["Content-Disposition"]
    assert not answer.cookies
    (tmp_path / "taken.sqlite3").write_bytes(content)
    database = sqlite3.connect(tmp_path / "taken.sqlite3")
    assert database.execute("SELECT name FROM tracker_category").fetchall() == [("Power",)]
    database.close()
    held = client.get("/releases/2026.11/records.sqlite3", headers={"if-none-match": answer["ETag"]})
    assert (held.status_code, held.content) == (304, b"")
    kept = client.get("/releases/2026.11/", headers={"if-none-match": again["ETag"]})
    assert kept.status_code == 304
    forget_answers()
    with django_assert_max_num_queries(12):
        assert client.get("/releases/2026.11/").status_code == 200


def test_file_is_given_to_nobody_once_something_is_withheld(client, two_releases):
    made = Release.objects.get(name="2026.11")
    file_made(made)
    assert client.get("/releases/2026.11/records.sqlite3").status_code == 200

    create(SourceFactory.build(reuse="no"))

    assert client.get("/releases/2026.11/records.sqlite3").status_code == 503
    assert "records.sqlite3" not in client.get("/releases/2026.11/").content.decode()


def test_no_file_of_an_unknown_release(client, two_releases):
    assert client.get("/releases/2027.01/records.sqlite3").status_code == 404


def test_naming_a_state_asks_for_its_file(client):
    create(CategoryFactory.build())
    client.force_login(person("editor"))

    client.post("/releases/new/", {"name": "2026.11", "notes": "The first."})

    job = Job.objects.get()
    assert (job.kind, job.parameters) == ("release", {"release": Release.objects.get().pk})
