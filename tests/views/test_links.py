"""/workbench/links/: what the check of links found, for researchers only."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from tests.factories import SourceFactory, UserFactory
from tests.history.acting import create
from tracker.actions.accounts import create_groups
from tracker.models import LinkCheck, Source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _researcher(client, settings):
    settings.REQUIRE_TWO_FACTOR = False
    create_groups()
    person = UserFactory()
    person.groups.add(Group.objects.get(name="researcher"))
    client.force_login(person)


def checked(source: Source, state: str, said: str, **more) -> LinkCheck:
    return LinkCheck.objects.create(
        source=source.pk, address=source.url, state=state, said=said, at=timezone.now(), **more
    )


def source(slug: str, **more) -> Source:
    return create(SourceFactory.build(slug=slug, title=f"The {slug} report", url=f"https://{slug}.org/", **more))


def test_failing_sources_are_listed_with_what_came_and_the_way_to_put_them_right(
    client, django_assert_max_num_queries
):
    lost, moved, closed, good = (source(name) for name in ("lost", "moved", "closed", "good"))
    since = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    checked(lost, "fails", "There is no such page (404).", failures=3, failing_since=since)
    checked(moved, "good", "It has moved for good.", final_address="https://moved.org/new")
    checked(closed, "unknown", "It refuses programs, or everybody (403).")
    checked(good, "good", "It answers.")
    source("new")
    client.get("/workbench/links/")

    with django_assert_max_num_queries(12):
        text = client.get("/workbench/links/").content.decode()

    for said in (
        "1 fails", "The lost report", "There is no such page (404).", "1 March 2026", "2 of 4 answer",
        f"/records/source/{lost.pk}/edit/", f"/records/source/{moved.pk}/edit/", "https://moved.org/new",
        "The closed report", "It refuses programs", "1 have not had their turn", "The check is switched off",
    ):  # fmt: skip
        assert said in text
    assert "The good report" not in text


def test_what_was_put_right_since_is_listed_no_more(client):
    lost = source("lost")
    row = checked(lost, "fails", "There is no such page (404).", failures=1)
    LinkCheck.objects.filter(pk=row.pk).update(address="https://elsewhere.org/")

    assert "The lost report" not in client.get("/workbench/links/").content.decode()


def test_page_says_that_nothing_was_asked_yet(client, settings):
    settings.CHECK_LINKS = True

    text = client.get("/workbench/links/").content.decode()

    assert "Nothing has been asked yet." in text
    assert "switched off" not in text


def test_public_pages_say_nothing_of_it(client):
    lost = source("lost")
    checked(lost, "fails", "There is no such page (404).", failures=3)
    client.logout()

    for address in ("/sources/", "/sources/lost/", "/sources/lost.json"):
        assert "no such page" not in client.get(address).content.decode()
    assert client.get("/workbench/links/").status_code == 302
