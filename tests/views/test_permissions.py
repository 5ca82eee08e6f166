"""Who may what: a table of every address and every role. An address without a row fails."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from tests.factories import UserFactory
from tests.public_addresses import ADDRESSES, FIGURES, twin
from tracker.models import Act, BulkImport, Invitation, Job, Organisation, Report, Revision, StoredFile
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
    A POST has `data`, mostly nothing: then a door that lets in says what is missing, or that there is no such door.
    """

    address: str
    get: str
    post: str
    data: dict[str, str] = field(default_factory=dict)


ALL, NONE_WRITES = "200 200 200 200 200", "405 405 405 405 405"
# Who is logged in, with the right of a researcher (editor, administrator); what a POST is answered then.
ANYBODY, RESEARCHERS = "login 200 200 200 200", "login 403 200 200 200"
EDITORS, ADMINS = "login 403 403 200 200", "login 403 403 403 200"


def members(said: str) -> str:
    """The same for all who are logged in."""
    return f"login {said} {said} {said} {said}"


DOORS = {
    # Everybody's
    "report": Row("/report/", ALL, "422 422 422 422 422"),
    "report-outcome": Row("/report/{report}/", ALL, NONE_WRITES),
    "page-history": Row("/technologies/electric-batteries/history/", "302 302 302 302 302", NONE_WRITES),
    "release-file": Row("/releases/2026.11/records.sqlite3", "404 404 404 404 404", NONE_WRITES),
    "history-feed": Row("/history.atom", ALL, NONE_WRITES),
    "alive": Row("/healthz", ALL, NONE_WRITES),
    "ready": Row("/readyz", ALL, NONE_WRITES),
    # Whoever asks from this machine, past the proxy.
    "metrics": Row("/metrics", ALL, NONE_WRITES),
    # Of everything, for everybody; in tests no worker has made them.
    "everything-zip": Row("/data/everything.zip", "503 503 503 503 503", NONE_WRITES),
    "everything-xlsx": Row("/data/everything.xlsx", "503 503 503 503 503", NONE_WRITES),
    "robots": Row("/robots.txt", ALL, NONE_WRITES),
    # To come in and go out
    "login": Row("/login/", "200 302 302 302 302", "200 302 302 302 302"),
    "account_login": Row("/login/", "200 302 302 302 302", "200 302 302 302 302"),
    "logout": Row("/logout/", "302 200 200 200 200", "302 302 302 302 302"),
    "account_logout": Row("/logout/", "302 200 200 200 200", "302 302 302 302 302"),
    "account_inactive": Row("/accounts/inactive/", ALL, NONE_WRITES),
    "account_reset_password": Row("/accounts/password/reset/", ALL, ALL),
    "account_reset_password_done": Row("/accounts/password/reset/sent/", ALL, NONE_WRITES),
    "account_reset_password_from_key": Row("/accounts/password/reset/1/no-such-key/", ALL, ALL),
    "account_reset_password_from_key_done": Row("/accounts/password/reset/done/", ALL, NONE_WRITES),
    "invitation": Row("/accounts/invitation/no-such-secret/", "404 404 404 404 404", "404 404 404 404 404"),
    "mfa_authenticate": Row("/accounts/two-factor/code/", members("302"), members("302")),
    "mfa_login_webauthn": Row("/accounts/two-factor/passkeys/login/", members("302"), members("302")),
    # One's own account: what is there does not depend on the role
    "account": Row("/accounts/", ANYBODY, ANYBODY),
    "account_reauthenticate": Row("/accounts/confirm/", ANYBODY, ANYBODY),
    "account_change_password": Row("/accounts/password/", ANYBODY, ANYBODY),
    "account_set_password": Row("/accounts/password/set/", members("302"), members("302")),
    "digest": Row("/accounts/digest/", "login 403 405 405 405", "login 403 302 302 302"),
    "digest-off": Row("/accounts/digest/off/no-such-token/", "404 404 404 404 404", "404 404 404 404 404"),
    "usersessions_list": Row("/accounts/sessions/", ANYBODY, members("302")),
    "mfa_index": Row("/accounts/two-factor/", ANYBODY, members("405")),
    "mfa_reauthenticate": Row("/accounts/two-factor/confirm/", members("confirm"), members("confirm")),
    "mfa_activate_totp": Row("/accounts/two-factor/app/", ANYBODY, ANYBODY),
    "mfa_deactivate_totp": Row("/accounts/two-factor/app/remove/", members("404"), members("404")),
    "mfa_view_recovery_codes": Row("/accounts/two-factor/recovery-codes/", members("404"), members("405")),
    "mfa_generate_recovery_codes": Row("/accounts/two-factor/recovery-codes/new/", ANYBODY, members("200")),
    "mfa_download_recovery_codes": Row(
        "/accounts/two-factor/recovery-codes/download/", members("404"), members("404")
    ),
    "mfa_list_webauthn": Row("/accounts/two-factor/passkeys/", ANYBODY, members("405")),
    "mfa_add_webauthn": Row("/accounts/two-factor/passkeys/add/", ANYBODY, ANYBODY),
    "mfa_reauthenticate_webauthn": Row(
        "/accounts/two-factor/passkeys/confirm/", members("confirm"), members("confirm")
    ),
    # A colleague's passkey is nobody else's, not even an administrator's.
    "mfa_edit_webauthn": Row(
        "/accounts/two-factor/passkeys/{somebodys_passkey}/rename/", members("404"), members("404")
    ),
    "mfa_remove_webauthn": Row(
        "/accounts/two-factor/passkeys/{somebodys_passkey}/remove/", members("404"), members("404")
    ),
    # The team
    "invitations": Row("/accounts/invitations/", EDITORS, EDITORS),
    "withdraw_invitation": Row(
        "/accounts/invitations/{invitation}/withdraw/", "login 403 403 405 405", "login 403 403 302 302"
    ),
    "team": Row("/accounts/team/", EDITORS, "login 403 403 405 405"),
    "change_account": Row(
        "/accounts/team/{colleague}/", "login 403 403 403 405", "login 403 403 403 302", {"do": "deactivate"}
    ),
    # The workbench
    "workbench": Row("/workbench/", RESEARCHERS, "login 403 405 405 405"),
    "jobs": Row("/workbench/jobs/", RESEARCHERS, "login 403 405 405 405"),
    # A job is its owner's, and everybody's who manages.
    "job": Row("/workbench/jobs/{job}/", "login 403 404 404 200", "login 403 405 405 405"),
    "job-cancel": Row("/workbench/jobs/{job}/cancel/", "login 403 405 405 405", "login 403 404 404 303"),
    "job-again": Row("/workbench/jobs/{job}/again/", "login 403 405 405 405", "login 403 404 404 303"),
    "job-file": Row("/workbench/jobs/{job}/file/", "login 403 404 404 200", "login 403 405 405 405"),
    "exports": Row("/workbench/exports/", RESEARCHERS, "login 403 422 422 422"),
    "export-csv": Row("/workbench/exports/category.csv", RESEARCHERS, "login 403 405 405 405"),
    "export-xlsx": Row("/workbench/exports/category.xlsx", RESEARCHERS, "login 403 405 405 405"),
    # Somebody else's import, which waits: everybody may look at it, only its owner changes it, only editors decide.
    "imports": Row("/workbench/imports/", RESEARCHERS, "login 403 422 422 422"),
    "import": Row("/workbench/imports/{import}/", RESEARCHERS, "login 403 405 405 405"),
    **{
        f"import-{door}": Row(
            f"/workbench/imports/{{import}}/{door}/", "login 403 303 303 303", "login 403 303 303 303"
        )
        for door in ("file", "columns", "check", "submit", "withdraw", "again")
    },
    "import-decide": Row(
        "/workbench/imports/{import}/decide/", "login 403 403 303 303", "login 403 403 422 422"
    ),
    "import-progress": Row(
        "/workbench/imports/{import}/progress/", "login 403 303 303 303", "login 403 405 405 405"
    ),
    "import-original": Row("/workbench/imports/{import}/original/", RESEARCHERS, "login 403 405 405 405"),
    "import-errors": Row("/workbench/imports/{import}/errors/", "login 403 303 303 303", "login 403 405 405 405"),
    "import-template-csv": Row("/workbench/imports/templates/score.csv", RESEARCHERS, "login 403 405 405 405"),
    "import-template-xlsx": Row("/workbench/imports/templates/score.xlsx", RESEARCHERS, "login 403 405 405 405"),
    "reports": Row("/workbench/reports/", RESEARCHERS, "login 403 405 405 405"),
    "links": Row("/workbench/links/", RESEARCHERS, "login 403 405 405 405"),
    "report-answer": Row("/workbench/reports/{report}/", RESEARCHERS, "login 403 422 422 422"),
    # Records: who was logged out while typing gets a 401, and what was typed is kept; 409: the form has grown old.
    "records": Row("/records/", RESEARCHERS, NONE_WRITES),
    "records-behind": Row("/records/behind/", "login 403 404 404 404", NONE_WRITES),
    "record-refill": Row("/records/refill/", NONE_WRITES, "401 404 404 404 404"),
    "record-list": Row("/records/organisation/", RESEARCHERS, NONE_WRITES),
    "record-new": Row("/records/organisation/new/", RESEARCHERS, "401 403 422 422 422"),
    "record-edit": Row("/records/organisation/{organisation}/edit/", RESEARCHERS, "401 403 422 422 422"),
    "record-delete": Row("/records/organisation/{organisation}/delete/", RESEARCHERS, "401 403 422 422 422"),
    "record-retire": Row("/records/organisation/{organisation}/retire/", RESEARCHERS, "401 403 409 409 409"),
    "record-presence": Row("/records/organisation/{organisation}/presence/", NONE_WRITES, "401 403 200 200 200"),
    "organisation-merge": Row("/records/organisation/{organisation}/merge/", RESEARCHERS, "401 403 422 422 422"),
    # The history
    "revert-revision": Row("/history/revisions/{revision}/revert/", RESEARCHERS, RESEARCHERS),
    "revert-act": Row("/history/acts/{act}/revert/", RESEARCHERS, RESEARCHERS),
    "release-new": Row("/releases/new/", EDITORS, EDITORS),
    # For those who build pages: staff
    "gallery": Row("/gallery/", ADMINS, ADMINS),
}  # fmt: skip
# Doors that are open without a right and not one's own account: what they show to whom, their own tests say.
OPEN = {
    "report", "report-outcome", "release-file", "digest-off", "page-history", "history-feed", "alive", "ready",
    "metrics", "robots", "everything-zip", "everything-xlsx", "login", "account_login", "logout",
    "account_logout", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "invitation",
    # Refuses who is not logged in by itself (401), and gives back only what the same session has sent.
    "record-refill",
}  # fmt: skip


def table() -> dict[str, Row]:
    """The doors, and by construction what is public: pages with their twins, and figures."""
    rows = dict(DOORS)
    for page in PUBLIC_PAGES:
        address = next(iter(ADDRESSES.get(page.name, ())), f"/{page.route}")
        rows[page.name] = Row(address, ALL, NONE_WRITES)
        for ending in ("json", "csv"):
            rows[f"{page.name}-{ending}"] = Row(twin(address, ending), ALL, NONE_WRITES)
    # The seed data names no release.
    missing = "404 404 404 404 404"
    for name, address in (("release", "/releases/1900.1/"), ("release-json", "/releases/1900.1.json"),
                          ("release-csv", "/releases/1900.1.csv")):  # fmt: skip
        rows[name] = Row(address, missing, NONE_WRITES)
    drawn = {one.removeprefix("/charts/").split(".")[0]: one for one in reversed(FIGURES)}
    for figure in FIGURE_PAGES:
        query = drawn[figure.name].partition("?")[2]
        for ending in ("svg", "png"):
            rows[f"chart-{figure.name}-{ending}"] = Row(f"/charts/{figure.name}.{ending}?{query}", ALL, NONE_WRITES)
    return rows


TABLE = table()


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


def test_every_address_has_a_row_and_every_row_an_address():
    names = [name for name, _, _ in patterns()]

    assert [route for name, route, _ in patterns() if not name] == []
    assert set(names) - set(TABLE) == set(), "Add a row to DOORS for each of these addresses."
    assert set(TABLE) - set(names) == set(), "These rows are of no address."
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_row_s_address_is_the_one_its_name_says():
    things = dict.fromkeys(
        (
            "report",
            "somebodys_passkey",
            "invitation",
            "colleague",
            "organisation",
            "act",
            "revision",
            "job",
            "import",
        ),
        1,
    )
    for name, row in TABLE.items():
        match = resolve(row.address.format(**things).partition("?")[0])
        routes = {route for other, route, _ in patterns() if other == name}
        assert match.route in routes, f"{name}: {row.address} is {match.route}"


def test_every_door_that_is_not_open_asks_for_a_right_or_is_one_s_own_account():
    public = set(TABLE) - set(DOORS)
    for name, route, view in patterns():
        if name in public | OPEN | {"gallery"}:
            continue
        own = name in DOORS and route.startswith("accounts/") and DOORS[name].get.startswith("login ")
        assert getattr(view, "needs_right", None) in RIGHTS["admin"] or own, f"{route} asks nobody who they are."


def made_by(view: Any) -> str:
    """The function that made a view of public pages or figures, below what keeps its answers."""
    return f"{view.__module__}.{view.__qualname__}".removesuffix(".<locals>.view")


MAKERS = {
    "tracker.views.public.page_view", "tracker.views.public.json_view", "tracker.views.public.csv_view",
    "tracker.views.figures.figure_view",
}  # fmt: skip


def test_public_addresses_are_answered_by_the_same_few_functions():
    """So that one page, twin and figure stand for all to those who are logged in."""
    found = {made_by(view) for name, _, view in patterns() if name not in DOORS}

    assert found == MAKERS


def test_row_of_a_right_lets_in_those_whose_role_has_it():
    for name, _, view in patterns():
        right = getattr(view, "needs_right", None)
        if right is None:
            continue
        for said in (TABLE[name].get.split(), TABLE[name].post.split()):
            if said == NONE_WRITES.split():
                continue
            assert said[:2] in (["login", "403"], ["401", "403"]), name
            refused = [role for role, word in zip(ROLES[2:], said[2:], strict=True) if word == "403"]
            assert refused == [role for role in ROLES[2:] if right not in RIGHTS[role]], name


@pytest.fixture
def things() -> dict[str, Any]:
    """What the addresses of doors name."""
    colleague = UserFactory()
    now = timezone.now()
    Report.objects.create(code="BBBB-CCCC-DDDD", address="/matrix/", number=1, message="It is wrong.", made_at=now)
    passkey = Authenticator.objects.create(user=colleague, type=Authenticator.Type.WEBAUTHN, data={})
    invitation = Invitation.objects.create(
        digest="0" * 64, email="new@example.org", role="researcher", invited_by=colleague, invited_at=now,
        expires_at=now + datetime.timedelta(days=7),
    )  # fmt: skip
    kept = StoredFile.objects.create(name="all.csv", content_type="text/csv", digest="0" * 64, made_at=now)
    job = Job.objects.create(
        kind="forget-old", title="A job", by=colleague, by_name="A colleague", made_at=now, state=Job.State.DONE,
        ended_at=now, file=kept,
    )  # fmt: skip
    waiting = BulkImport.objects.create(
        kind="score", file=kept, by=colleague, made_at=now, state=BulkImport.State.WAITING,
        reading={"format": "csv", "encoding": "utf-8", "separator": ","}, look={"header": ["country"]},
    )  # fmt: skip
    return {
        "import": waiting.pk, "job": job.pk, "colleague": colleague.pk, "report": "BBBB-CCCC-DDDD", "somebodys_passkey": passkey.pk,
        "invitation": invitation.pk, "organisation": Organisation.objects.values_list("pk", flat=True)[0],
        "act": Act.objects.values_list("pk", flat=True)[0],
        "revision": Revision.objects.values_list("number", flat=True)[0],
    }  # fmt: skip


def as_role(role: str) -> Client:
    """Somebody of that role, who has just confirmed who they are."""
    client = Client()
    if role != "anonymous":
        user = UserFactory(is_staff=role == "admin")
        if role != "nobody":
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        request = RequestFactory().get("/")
        request.session = client.session
        record_authentication(request, user, method="password", reauthenticated=True)
        request.session.save()
    return client


def answer_to(somebody: Client, method: str, address: str, data: dict[str, str]) -> str:
    client = Client()
    # Who logs out loses the cookie of this client only.
    client.cookies.load({name: cookie.value for name, cookie in somebody.cookies.items()})
    # What one request has done the next does not find.
    with transaction.atomic():
        response = client.get(address) if method == "get" else client.post(address, data)
        # A file that nobody reads to its end.
        response.close()
        transaction.set_rollback(True)
    where = response.get("Location", "")
    if where.startswith("/login/"):
        return "login"
    if re.match(r"/accounts/(two-factor/)?confirm/", where):
        return "confirm"
    return str(response.status_code)


def answers(role: str, asked: dict[str, list[str]], things: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What the rows (name -> methods) are answered, and what the table says: by method and address."""
    somebody, told, said = as_role(role), {}, {}
    for name, methods in asked.items():
        row = TABLE[name]
        address = row.address.format(**things)
        for method in methods:
            line = f"{name}: {method.upper()} {address}"
            told[line] = answer_to(somebody, method, address, row.data)
            said[line] = getattr(row, method).split()[ROLES.index(role)]
    return told, said


@pytest.mark.parametrize("role", ROLES)
def test_each_door_answers_each_role_as_the_table_says(role, things):
    told, said = answers(role, {name: ["get", "post"] for name in DOORS}, things)

    assert told == said


# Where who reads matters though everybody may: what names people, and what leads to doors.
READ_BY_ALL = {
    "home", "home-json", "home-csv", "technology", "history", "history-json", "history-csv", "act", "record-history",
    "changes", "releases", "release", "chart-leaderboard-svg", "chart-leaderboard-png",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_public_addresses_answer_everybody_and_take_nothing(role, things):
    public = {name: view for name, _, view in patterns() if name not in DOORS}
    # Readers see every one, researchers every page (with their tools on it), the others one of each sort.
    read = {
        name
        for name, view in public.items()
        if role == "anonymous"
        or name in READ_BY_ALL
        or (role == "researcher" and made_by(view).endswith("page_view"))
    }
    assert {made_by(public[name]) for name in read} == MAKERS

    # Nobody may write: who may least and who may most are asked everywhere.
    written = set(public) if role in ("anonymous", "admin") else read
    asked = {name: [*(["get"] if name in read else []), *(["post"] if name in written else [])] for name in public}
    told, said = answers(role, asked, things)

    assert told == said
