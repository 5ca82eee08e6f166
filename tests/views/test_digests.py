"""Choosing mails about changes in one's account, and the link that stops them."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories import UserFactory
from tracker.actions.accounts import create_groups
from tracker.actions.digests import rhythm_of, set_rhythm, token_of
from tracker.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_TWO_FACTOR = False


@pytest.fixture
def ada() -> User:
    create_groups()
    made = UserFactory(email="ada@example.org")
    made.groups.add(Group.objects.get(name="researcher"))
    return made


def test_person_chooses_a_rhythm(client, ada):
    client.force_login(ada)
    before = client.get("/accounts/").content.decode()

    answer = client.post("/accounts/digest/", {"rhythm": "weekly"}, follow=True).content.decode()

    assert "Mails about changes" in before
    assert "You get a mail every week." in answer
    assert rhythm_of(ada) == "weekly"
    assert 'value="weekly"' in answer
    client.post("/accounts/digest/", {"rhythm": "never"})
    assert rhythm_of(ada) == "never"


@pytest.mark.parametrize("sent", [{}, {"rhythm": "hourly"}])
def test_what_is_no_rhythm_is_said(client, ada, sent):
    client.force_login(ada)

    assert "Choose one of" in client.post("/accounts/digest/", sent, follow=True).content.decode()
    assert rhythm_of(ada) == "never"


def test_without_an_address_it_is_said_what_to_do(client, ada):
    User.objects.filter(pk=ada.pk).update(email="")
    client.force_login(ada)

    answer = client.post("/accounts/digest/", {"rhythm": "daily"}, follow=True).content.decode()

    assert "Your account has no e-mail address" in answer


def test_who_may_not_edit_is_offered_none(client):
    client.force_login(UserFactory(email="x@example.org"))

    assert "Mails about changes" not in client.get("/accounts/").content.decode()


def test_link_of_a_mail_stops_them_without_login_and_only_when_it_is_sent(ada):
    set_rhythm(by=ada, rhythm="daily")
    strict = Client(enforce_csrf_checks=True)
    address = f"/accounts/digest/off/{token_of(ada)}/"

    page = strict.get(address)
    assert "Stop them" in page.content.decode()
    assert not page.cookies
    assert rhythm_of(ada) == "daily"

    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert "You get no mail about changes any more." in answer.content.decode()
    assert rhythm_of(ada) == "never"
    assert "no-store" in answer["Cache-Control"]


def test_link_that_is_not_ours_stops_nothing(client, ada):
    set_rhythm(by=ada, rhythm="daily")

    assert client.post(f"/accounts/digest/off/{token_of(ada)[:-1]}/").status_code == 404
    assert rhythm_of(ada) == "daily"
