"""Accounts in a real browser: passkeys, every page accessible in four views, everything else without JavaScript."""

import base64
import hashlib
import hmac
import re
import struct
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go
from tracker.actions import accounts
from tracker.models import User

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

GOOD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """A good password hash is slow on purpose; what these tests are about is not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def site(live_server):
    """Passkeys belong to a name, not to a number: localhost."""
    return f"http://localhost:{urlsplit(live_server.url).port}"


def person(role, name):
    return accounts.create_account(
        username=name, email=f"{name}@example.org", role=role, name=f"{name.title()} Person", password=GOOD
    )


def log_in(page, site, name, to="/accounts/"):
    go(page, f"{site}/login/?next={to}")
    page.fill("#id_login", name)
    page.fill("#id_password", GOOD)
    with page.expect_navigation():
        page.press("#id_password", "Enter")


def press(page, name):
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).click()


def confirm(page):
    assert "/accounts/confirm/" in page.url
    page.fill("#id_password", GOOD)
    press(page, "Confirm")


def code_of(secret: str) -> str:
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def with_passkeys(context, page):
    """A device that holds passkeys and knows its owner."""
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    number = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return device, number


def heard(page) -> list[str]:
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_passkey_is_added_logs_in_alone_and_beside_the_password(site, chromium):
    person("editor", "ada")
    context = chromium.new_context()
    page = context.new_page()
    said = heard(page)
    device, number = with_passkeys(context, page)

    log_in(page, site, "ada", "/accounts/two-factor/passkeys/add/")
    confirm(page)
    page.fill("#id_name", "laptop")
    expect(page.get_by_label("It can replace my password")).to_be_checked()
    with page.expect_navigation(url="**/recovery-codes/"):
        page.click("#passkey_add")
    expect(page.locator(".account-codes li")).to_have_count(10)
    assert Authenticator.objects.get(type="webauthn").data["name"] == "laptop"

    # Alone, and on to where one was going.
    context.clear_cookies()
    go(page, f"{site}/login/?next=/accounts/team/")
    with page.expect_navigation(url="**/accounts/team/"):
        page.click("#passkey_login")
    expect(page.locator(".account-name")).to_have_text("Ada Person")

    # Beside the password.
    context.clear_cookies()
    log_in(page, site, "ada", "/accounts/sessions/")
    assert "/accounts/two-factor/code/" in page.url
    with page.expect_navigation(url="**/accounts/sessions/"):
        page.click("#passkey_authenticate")

    # Refused by the device, in words.
    context.clear_cookies()
    device.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    go(page, f"{site}/login/")
    page.click("#passkey_login")
    expect(page.get_by_role("alert")).to_have_text(
        "That was cancelled, or took too long. Try again when you are ready."
    )
    assert said == []
    context.close()


def test_passkey_of_another_site_or_account_does_not_log_in(site, chromium):
    person("researcher", "ada")
    context = chromium.new_context()
    page = context.new_page()
    with_passkeys(context, page)
    log_in(page, site, "ada", "/accounts/two-factor/passkeys/add/")
    confirm(page)
    with page.expect_navigation(url="**/recovery-codes/"):
        page.click("#passkey_add")
    Authenticator.objects.filter(type="webauthn").delete()

    context.clear_cookies()
    go(page, f"{site}/login/")
    with page.expect_navigation():
        page.click("#passkey_login")

    assert page.url == f"{site}/login/"
    expect(page.locator(".account-name")).to_have_count(0)
    expect(page.locator(".notice-wrong")).to_be_visible()
    context.close()


def test_everything_but_passkeys_works_without_javascript(site, chromium):
    person("editor", "ada")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, site, "ada", "/accounts/invitations/")
    page.get_by_label("E-mail address").fill("new@example.org")
    press(page, "Invite")
    link = page.inner_text(".account-secret code")
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()

    go(page, link)
    for label, typed in (
        ("User name", "new"), ("Full name", "New Person"), ("Password", GOOD), ("Password, once more", GOOD)
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(typed)
    press(page, "Make my account")
    expect(page.locator(".notice-done")).to_have_text("Welcome. Your account is ready: you are new.")

    page.get_by_role("link", name="Set up an app").click()
    confirm(page)
    page.get_by_label("Code").fill(code_of(page.inner_text(".account-key")))
    press(page, "Set up the app")
    code = page.locator(".account-codes li").first.inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()

    log_in(page, site, "new")
    page.get_by_label("Code").fill(code)
    press(page, "Log in")
    expect(page.locator("h1")).to_have_text("Your account")
    # What needs JavaScript is not offered.
    go(page, f"{site}/accounts/two-factor/passkeys/add/")
    confirm(page)
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    context.close()


def test_forgotten_password_from_the_mail_to_the_page(site, chromium):
    person("researcher", "ada")
    context = chromium.new_context()
    page = context.new_page()
    go(page, f"{site}/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail address").fill("ada@example.org")
    press(page, "Send the link")
    expect(page.locator("h1")).to_have_text("Look into your mail")

    go(page, re.search(r"http://\S+/password/reset/\S+", mail.outbox[0].body)[0])
    page.get_by_label("New password", exact=True).fill("another long pass phrase")
    page.get_by_label("New password, once more").fill("another long pass phrase")
    press(page, "Set the password")

    expect(page.locator("h1")).to_have_text("The new password holds")
    assert User.objects.get().check_password("another long pass phrase")
    context.close()


def look(page, where):
    """No offence to axe and nothing wider than the window, in both views of one load."""
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert_fits(page, f"{where} at {width}, {scheme}")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_every_page_of_accounts_is_accessible(site, chromium):
    boss = person("admin", "boss")
    person("researcher", "a-researcher-with-a-name-that-is-long-enough-for-a-phone")
    invited = accounts.invite(by=boss, email="somebody.with.a.long.address@institute.example.org", role="editor")
    closed = accounts.invite(by=boss, email="b@example.org", role="editor")
    accounts.withdraw(invitation=closed.invitation, by=boss)
    context = chromium.new_context()
    page = context.new_page()
    said = heard(page)
    with_passkeys(context, page)
    for path in (
        "/login/", "/accounts/inactive/", "/accounts/password/reset/", "/accounts/password/reset/sent/",
        "/accounts/password/reset/done/", "/accounts/password/reset/1/made-up/",
        f"/accounts/invitation/{invited.secret}/",
    ):  # fmt: skip
        go(page, site + path)
        look(page, path)
    go(page, f"{site}/login/")
    page.fill("#id_login", "boss")
    page.fill("#id_password", "wrong")
    press(page, "Log in")
    look(page, "a wrong password")

    log_in(page, site, "boss")
    look(page, "/accounts/ without a second factor")
    go(page, f"{site}/accounts/two-factor/")
    look(page, "two-factor without any")
    go(page, f"{site}/accounts/two-factor/app/")
    look(page, "confirm by password")
    confirm(page)
    look(page, "set up an app")
    page.get_by_label("Code").fill("000000")
    press(page, "Set up the app")
    look(page, "a wrong code")
    page.get_by_label("Code").fill(code_of(page.inner_text(".account-key")))
    press(page, "Set up the app")
    look(page, "recovery codes")
    go(page, f"{site}/accounts/two-factor/passkeys/add/")
    look(page, "add a passkey")
    with page.expect_navigation():
        page.click("#passkey_add")
    key = Authenticator.objects.get(type="webauthn").pk
    for path in (
        "", "app/remove/", "recovery-codes/new/", "passkeys/", "confirm/", "passkeys/confirm/",
        f"passkeys/{key}/rename/", f"passkeys/{key}/remove/",
    ):  # fmt: skip
        go(page, f"{site}/accounts/two-factor/{path}")
        look(page, path or "two-factor")
    for path in (
        "/accounts/", "/accounts/password/", "/accounts/sessions/", "/accounts/team/", "/accounts/invitations/",
        "/logout/", f"/accounts/invitation/{invited.secret}/",
    ):  # fmt: skip
        go(page, site + path)
        look(page, path)

    context.clear_cookies()
    log_in(page, site, "boss")
    look(page, "the second step")
    assert [text for text in said if "status of 4" not in text] == []

    go(page, f"{site}/accounts/invitation/{closed.secret}/")
    look(page, "a withdrawn invitation")
    context.clear_cookies()  # a login that waits for its second step would go on there
    for _ in range(6):
        go(page, f"{site}/login/")
        page.fill("#id_login", "boss")
        page.fill("#id_password", "wrong")
        press(page, "Log in")
    expect(page.locator("#id_login")).to_have_value("boss")
    expect(page.get_by_text("Too many tries.").first).to_be_visible()
    look(page, "too many tries")
    context.close()
