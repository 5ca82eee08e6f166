"""Answers that are kept: never another reader's words, never older than they say, never a signed-in person's."""

import json

import pytest

from tracker.history.recording import recorded
from tracker.models import Act, Source, Technology, User
from tracker.pages import rows

pytestmark = pytest.mark.seed


def change(record, **values):
    with recorded(record, by=None, by_name="Test", cause=Act.Cause.CORRECTION, note="A test.", origin="test"):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


@pytest.mark.parametrize("address", ["/technologies/", "/technologies.json", "/technologies.csv"])
def test_name_that_nobody_knows_is_in_nobodys_answer(client, address):
    client.get(f"{address}?utm_source=EVIL")

    assert b"EVIL" not in client.get(address).content


def test_what_is_written_while_a_page_is_read_is_on_the_next_answer(client, monkeypatch):
    stamp = rows.RecordReader.stamp

    def write_then_stamp(reader):
        monkeypatch.setattr(rows.RecordReader, "stamp", stamp)
        change(Technology.objects.get(slug="coatings"), name="Coatings, renamed")
        return stamp(reader)

    monkeypatch.setattr(rows.RecordReader, "stamp", write_then_stamp)
    torn = client.get("/technologies/")

    again = client.get("/technologies/", headers={"if-none-match": torn["ETag"]})

    assert b"Coatings, renamed" not in torn.content
    assert again.status_code == 200
    assert b"Coatings, renamed" in again.content


def test_etag_of_one_page_is_not_that_of_another(client):
    held = client.get("/technologies/")["ETag"]

    assert client.get("/countries/zz/", headers={"if-none-match": held}).status_code == 404
    assert client.get("/countries/cn/", headers={"if-none-match": held}).status_code == 200


def test_signed_in_persons_page_is_kept_by_nobody(client):
    client.force_login(User.objects.create_user("someone", password="a long password"))

    response = client.get("/technologies/")

    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response


@pytest.mark.parametrize(
    "address",
    [
        "/technologies/?as_of=junk", "/technologies.json?as_of=junk", "/charts/leaderboard.svg?as_of=junk",
        "/fields/materials-science/?edition=aspi-2023-03", "/technologies/electric-batteries/?sort=share",
        "/technologies/?table=technologies", "/technologies.json?page=2", "/technologies/?full=maybe",
    ],
)  # fmt: skip
def test_choice_that_a_page_does_not_have_is_refused(client, address):
    assert client.get(address).status_code == 400


def test_country_code_in_capitals_leads_to_the_page_for_good(client):
    response = client.get("/countries/CN/")

    assert (response.status_code, response["Location"]) == (301, "/countries/cn/")


@pytest.mark.parametrize("address", ["/technologies/electric-batteries/", "/sources/batto/", "/sources/"])
def test_last_change_of_a_page_is_that_of_what_it_shows(client, address):
    path = f"{address.removesuffix('/')}.json"
    before = json.loads(client.get(path).content)["stamp"]["changed"]
    change(Source.objects.get(slug="batto"), publisher="Another publisher")

    after = json.loads(client.get(path).content)["stamp"]

    assert before < after["changed"] == after["number"]


def test_change_elsewhere_is_no_change_of_the_page(client):
    before = json.loads(client.get("/technologies/electric-batteries.json").content)["stamp"]
    change(Technology.objects.get(slug="coatings"), note="Another note.")

    after = json.loads(client.get("/technologies/electric-batteries.json").content)["stamp"]

    assert before["changed"] == after["changed"]
    assert before["number"] < after["number"]


def test_search_is_answered_and_not_kept(client, django_assert_num_queries):
    first = client.get("/search/?q=uk")

    assert b"United Kingdom" in first.content
    assert first.content.index(b"United Kingdom") < first.content.index(b"Ukraine")
    assert b'value="uk"' in first.content


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("USA", "United States"), ("batteries", "Electric batteries"), ("TMR", "Monopoly risk"),
        ("protective cybersecurity technologies", "Protective cyber security technologies"),
        ("quad", "Quad"), ("caltech mit nothing batteries", "Electric batteries"),
    ],
)  # fmt: skip
def test_search_finds_what_is_meant(client, q, first):
    body = json.loads(client.get("/search.json", {"q": q}).content)

    assert body["tables"]["results"]["rows"][0]["result"]["text"].startswith(first)
