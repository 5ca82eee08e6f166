"""Who may what: a table of every address and every role. An address without a row fails."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.factories import UserFactory
from tests.public_addresses import ADDRESSES, FIGURES, twin
from tracker.models import Act, Invitation, Organisation, Report, Revision
from tracker.models.user import RIGHTS
from tracker.urls import FIGURES as FIGURE_PAGES
from tracker.urls import PUBLIC_PAGES

pytestmark = pytest.mark.seed

# Everybody: a reader, someone who is logged in but has no role, and the three roles.
ROLES = ("anonymous", "nobody", "researcher", "editor", "admin")


@dataclass(frozen=True)
class Row:
    """An address, and what each of ROLES is answered, in their order.

    A word is a status, or where a redirection leads: `login`, `confirm` (log in again), `302` or `303` (elsewhere).
    A POST is sent without a field.
    """

    address: str
    get: str
    post: str


ALL_READ, NONE_WRITES = "200 200 200 200 200", "405 405 405 405 405"
RESEARCHERS, EDITORS, ADMINS = "login 403 200 200 200", "login 403 403 200 200", "login 403 403 403 200"
ROWS: dict[str, Row] = {}


def expected() -> dict[str, Row]:
    """The table: what is public by construction, and the rows of the doors."""
    rows = dict(ROWS)
    for page in PUBLIC_PAGES:
        address = next(iter(ADDRESSES.get(page.name, ())), "")
        rows[page.name] = Row(address, ALL_READ, NONE_WRITES)
        for ending in ("json", "csv"):
            rows[f"{page.name}-{ending}"] = Row(twin(address, ending), ALL_READ, NONE_WRITES)
    for figure in FIGURE_PAGES:
        for ending in ("svg", "png"):
            drawn = next(
                (one for one in FIGURES if one.removeprefix("/charts/").split(".")[0] == figure.name), ""
            ).replace(".png", ".svg")
            rows[f"chart-{figure.name}-{ending}"] = Row(drawn.replace(".svg", f".{ending}"), ALL_READ, NONE_WRITES)
    return rows


def patterns(found: list[Any] | None = None, before: str = "") -> list[tuple[str, str, Any]]:
    """Every address the site has: (name, route, view)."""
    flat = []
    for pattern in get_resolver().url_patterns if found is None else found:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            flat += patterns(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            flat.append((pattern.name or "", route, pattern.callback))
    return flat

ROWS.update({
    "login": Row("/login/", "", ""),
    "account_login": Row("/login/", "", ""),
    "logout": Row("/logout/", "", ""),
    "account_logout": Row("/logout/", "", ""),
    "account": Row("/accounts/", "", ""),
    "account_inactive": Row("/accounts/inactive/", "", ""),
    "account_reauthenticate": Row("/accounts/confirm/", "", ""),
    "account_change_password": Row("/accounts/password/", "", ""),
    "account_set_password": Row("/accounts/password/set/", "", ""),
    "account_reset_password": Row("/accounts/password/reset/", "", ""),
    "account_reset_password_done": Row("/accounts/password/reset/sent/", "", ""),
    "account_reset_password_from_key_done": Row("/accounts/password/reset/done/", "", ""),
    "account_reset_password_from_key": Row("/accounts/password/reset/1/no-such-key/", "", ""),
    "usersessions_list": Row("/accounts/sessions/", "", ""),
    "mfa_index": Row("/accounts/two-factor/", "", ""),
    "mfa_authenticate": Row("/accounts/two-factor/code/", "", ""),
    "mfa_reauthenticate": Row("/accounts/two-factor/confirm/", "", ""),
    "mfa_activate_totp": Row("/accounts/two-factor/app/", "", ""),
    "mfa_deactivate_totp": Row("/accounts/two-factor/app/remove/", "", ""),
    "mfa_view_recovery_codes": Row("/accounts/two-factor/recovery-codes/", "", ""),
    "mfa_generate_recovery_codes": Row("/accounts/two-factor/recovery-codes/new/", "", ""),
    "mfa_download_recovery_codes": Row("/accounts/two-factor/recovery-codes/download/", "", ""),
    "mfa_list_webauthn": Row("/accounts/two-factor/passkeys/", "", ""),
    "mfa_add_webauthn": Row("/accounts/two-factor/passkeys/add/", "", ""),
    "mfa_reauthenticate_webauthn": Row("/accounts/two-factor/passkeys/confirm/", "", ""),
    "mfa_login_webauthn": Row("/accounts/two-factor/passkeys/login/", "", ""),
    "mfa_edit_webauthn": Row("/accounts/two-factor/passkeys/{somebodys_passkey}/rename/", "", ""),
    "mfa_remove_webauthn": Row("/accounts/two-factor/passkeys/{somebodys_passkey}/remove/", "", ""),
    "invitations": Row("/accounts/invitations/", "", ""),
    "withdraw_invitation": Row("/accounts/invitations/{invitation}/withdraw/", "", ""),
    "invitation": Row("/accounts/invitation/no-such-secret/", "", ""),
    "team": Row("/accounts/team/", "", ""),
    "change_account": Row("/accounts/team/{colleague}/", "", ""),
    "report": Row("/report/", "", ""),
    "report-outcome": Row("/report/{report}/", "", ""),
    "workbench": Row("/workbench/", "", ""),
    "reports": Row("/workbench/reports/", "", ""),
    "report-answer": Row("/workbench/reports/{report}/", "", ""),
    "records": Row("/records/", "", ""),
    "records-behind": Row("/records/behind/", "", ""),
    "record-refill": Row("/records/refill/", "", ""),
    "record-list": Row("/records/organisation/", "", ""),
    "record-new": Row("/records/organisation/new/", "", ""),
    "record-edit": Row("/records/organisation/{organisation}/edit/", "", ""),
    "record-delete": Row("/records/organisation/{organisation}/delete/", "", ""),
    "record-retire": Row("/records/organisation/{organisation}/retire/", "", ""),
    "record-presence": Row("/records/organisation/{organisation}/presence/", "", ""),
    "organisation-merge": Row("/records/organisation/{organisation}/merge/", "", ""),
    "release-new": Row("/releases/new/", "", ""),
    "history-feed": Row("/history.atom", "", ""),
    "revert-revision": Row("/history/revisions/{revision}/revert/", "", ""),
    "revert-act": Row("/history/acts/{act}/revert/", "", ""),
    "page-history": Row("/technologies/electric-batteries/history/", "", ""),
    "gallery": Row("/gallery/", "", ""),
    "alive": Row("/healthz", "", ""),
    "robots": Row("/robots.txt", "", ""),
})


@pytest.fixture
def things() -> dict[str, Any]:
    """What the addresses name."""
    colleague = UserFactory()
    now = timezone.now()
    Report.objects.create(code="BBBB-CCCC-DDDD", address="/matrix/", number=1, message="It is wrong.", made_at=now)
    passkey = Authenticator.objects.create(user=colleague, type=Authenticator.Type.WEBAUTHN, data={})
    invitation = Invitation.objects.create(
        digest="0" * 64, email="new@example.org", role="researcher", invited_by=colleague, invited_at=now,
        expires_at=now + datetime.timedelta(days=7),
    )  # fmt: skip
    return {
        "colleague": colleague.pk, "report": "BBBB-CCCC-DDDD", "somebodys_passkey": passkey.pk,
        "invitation": invitation.pk, "organisation": Organisation.objects.values_list("pk", flat=True)[0],
        "act": Act.objects.values_list("pk", flat=True)[0], "revision": Revision.objects.values_list("number", flat=True)[0],
    }  # fmt: skip


def as_role(role: str) -> Client:
    client = Client()
    if role != "anonymous":
        user = UserFactory(email=f"{role}@example.org")
        user.set_password("a password of this test")
        user.is_staff = role == "admin"
        user.save()
        if role != "nobody":
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
    return client


def answered(client: Client, method: str, address: str) -> str:
    response = getattr(client, method)(address)
    where = response.get("Location", "")
    if where.startswith("/login/"):
        return "login"
    if re.match(r"/accounts/(two-factor/)?confirm/", where):
        return "confirm"
    return str(response.status_code)
