"""The workbench: what a researcher finds there."""

import datetime
import re

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from tests.factories import UserFactory
from tracker.actions.reports import answer, receive
from tracker.history.recording import recorded
from tracker.models import Act, Category, Organisation, Presence, Technology

pytestmark = pytest.mark.seed


def role(name, **given):
    user = UserFactory(**given)
    user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def changed(record, by, note, **values):
    with recorded(record, by=by, cause=Act.Cause.CORRECTION, note=note, origin="web"):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()
    return Act.objects.order_by("-pk")[0]


def section(client, name):
    """The words of one section of the page, with its links."""
    content = client.get("/workbench/").content.decode()
    return re.sub(r"\s+", " ", re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', content, re.S)[1])


@pytest.fixture
def ada(client):
    user = role("researcher", display_name="Ada Lovelace")
    client.force_login(user)
    return user


def test_mine_and_others_acts_are_told_apart(client, ada):
    technology = Technology.objects.get(slug="electric-batteries")
    mine = changed(technology, ada, "Wrong word.", definition="Another definition.")
    theirs = changed(
        technology, role("editor", display_name="Grace Hopper"), "It was right.", definition="Back again."
    )

    own, others = section(client, "bench-mine"), section(client, "bench-others")

    assert f'<a href="/history/acts/{mine.pk}/">Wrong word.</a>' in own
    assert "technology electric-batteries · correction" in own
    assert "It was right." not in own
    assert f'<a href="/history/acts/{theirs.pk}/">It was right.</a>' in others
    assert "Grace Hopper" in others
    assert "Wrong word." not in others
    # Commands are others, too.
    assert "Seed loader" in others


def test_who_edits_what_now_is_shown_for_a_minute(client, ada):
    now, body = timezone.now(), Organisation.objects.order_by("pk")[0]
    grace, old = UserFactory(display_name="Grace Hopper"), UserFactory(display_name="Long Gone")
    for user, ago in ((grace, 30), (old, 90), (ada, 1)):
        seen = now - datetime.timedelta(seconds=ago)
        Presence.objects.create(kind="organisation", record=body.pk, user=user, since=seen, seen=seen)

    told = section(client, "bench-editing")

    assert "Grace Hopper" in told
    assert "<strong>You</strong>" in told
    assert "Ada Lovelace" not in told
    assert "Long Gone" not in told
    assert f'<a href="/records/organisation/{body.pk}/edit/">organisation {body.slug}</a>' in told


def test_open_reports_are_counted_and_the_oldest_named(client, ada):
    now = timezone.now()
    for n in range(7):
        receive(
            address="/matrix/", subject=f"Value {n}", message="m", number=0, sender=str(n),
            at=now + datetime.timedelta(minutes=n),
        )  # fmt: skip
    done = receive(address="/matrix/", subject="Answered one", message="m", number=0, sender="x")
    answer(code=done.code, state="kept", outcome="Right.", expected=None, by=ada)

    told = section(client, "bench-reports")

    assert "All 7 open reports" in told
    assert [f"Value {n}" in told for n in range(7)] == [True] * 5 + [False] * 2
    assert "Answered one" not in told


def test_retired_records_are_listed(client, ada):
    category = Category.objects.order_by("pk")[0]
    assert "No record is retired." in section(client, "bench-retired")

    changed(category, ada, "Out of use.", retired=datetime.date(2026, 3, 1))

    told = section(client, "bench-retired")
    assert f'<a href="/records/category/{category.pk}/history/">{category.name}</a>' in told
    assert "category · since 1 March 2026" in told


def test_gaps_are_those_of_the_featured_edition(client, ada):
    told = section(client, "bench-gaps")
    known = {
        row["technology"]["text"]: row
        for row in client.get("/technologies.json?edition=aspi-2023-03").json()["tables"]["technologies"]["rows"]
    }
    without_share = [row for row in known.values() if row["share"].get("value") is None]

    assert f'the leader’s share <span class="bench-count">{len(without_share)} of {len(known)}</span>' in told
    assert 'href="/coverage/"' in told
    assert told.count('href="/technologies/') >= 5


@pytest.mark.parametrize(("name", "sees"), [("researcher", False), ("editor", True), ("admin", True)])
def test_doors_of_editors_are_shown_to_editors(client, name, sees):
    client.force_login(role(name))

    content = client.get("/workbench/").content.decode()

    for door in ("/accounts/invitations/", "/accounts/team/", "/releases/new/"):
        assert (f'href="{door}"' in content) == sees
    for door in ("/records/", "/workbench/reports/", "/history/"):
        assert f'href="{door}"' in content


def test_workbench_asks_few_queries_however_much_there_is(client, ada, django_assert_max_num_queries):
    for technology in Technology.objects.filter(level="technology")[:12]:
        changed(technology, ada, "A word.", definition="Another definition.", retired=datetime.date(2026, 3, 1))
        receive(address="/", message="m", number=0, sender=str(technology.pk))
        now = timezone.now()
        Presence.objects.create(kind="technology", record=technology.pk, user=UserFactory(), since=now, seen=now)

    with django_assert_max_num_queries(15):
        response = client.get("/workbench/")

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_whoever_has_no_role_is_refused(client):
    client.force_login(UserFactory())

    assert client.get("/workbench/").status_code == 403
