"""Reports of errors at their doors: the form for everybody, the outcome for everybody, the queue for researchers."""

import re
import time

import html5lib
import pytest
from django.contrib.auth.models import Group
from django.core.signing import TimestampSigner, b62_encode
from django.test import Client
from django.utils.formats import date_format

from tests.factories import UserFactory
from tests.public_addresses import ONE_EACH
from tracker.actions.reports import answer, receive
from tracker.history.recording import recorded
from tracker.models import Act, Category, Report, Revision

pytestmark = pytest.mark.django_db

SECRET = "The share is <b>65.5</b> in table 3."
SAID = {"about": "/matrix/?metric=rank", "value": "China: 12", "message": SECRET, "source": "Table 3, page 12"}


class SignedBefore(TimestampSigner):
    """What the form carries when it was opened some seconds ago."""

    def __init__(self, seconds):
        super().__init__(salt="tracker.report")
        self.seconds = seconds

    def timestamp(self):
        return b62_encode(int(time.time()) - self.seconds)


def opened(seconds=60, number=0):
    return SignedBefore(seconds).sign(str(number))


def sent(client, said=None, **headers):
    return client.post("/report/", {**SAID, "opened": opened(), **(said or {})}, **headers)


def fields(response):
    """The form's fields as the page shows them, by name."""
    root = html5lib.parse(response.content, namespaceHTMLElements=False)
    form = next(form for form in root.iter("form") if form.get("method") == "post" and "report" in form.get("action"))
    found = {field.get("name"): field.get("value", "") for field in form.iter("input")}
    return {**found, **{field.get("name"): (field.text or "").strip() for field in form.iter("textarea")}}


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def role(name):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


@pytest.fixture
def researcher(client):
    user = role("researcher")
    client.force_login(user)
    return user


@pytest.fixture
def report():
    return receive(
        address="/matrix/", subject="China: 12", message=SECRET, number=0, source="https://example.org/table",
        email="reader@example.org", sender="192.0.2.1",
    )  # fmt: skip


# The form


def test_report_loses_marks_that_nobody_sees(client):
    sent(client, {"message": "It is\x0b wrong,\x1f and\nwas", "value": "China:\x01 12", "source": "Table\x0c 3"})

    report = Report.objects.get()
    assert (report.message, report.subject, report.source) == ("It is wrong, and\nwas", "China: 12", "Table 3")


def test_form_shows_what_it_is_about_and_sets_only_the_cookie_against_forgery(client):
    response = client.get("/report/?about=/technologies/%3Fedition%3Daspi-2024-08&value=65.4+%25")

    assert response.status_code == 200
    assert fields(response)["about"] == "/technologies/?edition=aspi-2024-08"
    assert fields(response)["value"] == "65.4 %"
    assert set(response.cookies) == {"csrftoken"}
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in words(response)


def test_form_takes_the_page_from_where_the_reader_comes(client):
    response = client.get("/report/?value=65.4", headers={"referer": "http://testserver/matrix/?metric=rank"})

    assert fields(response)["about"] == "/matrix/?metric=rank"


@pytest.mark.parametrize(
    "about", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "matrix", "/" + "x" * 600, "/a%0Ab"]
)
def test_form_about_another_place_asks_for_the_page(client, about):
    page = client.get(f"/report/?about={about}", headers={"referer": "https://evil.example/x"})
    refused = sent(client, {"about": about.replace("%0A", "\n")})

    assert fields(page)["about"] == ""
    assert "Which page is it about?" in words(page)
    assert refused.status_code == 422
    assert "no address of this site" in words(refused) or "at most 600" in words(refused)
    assert not Report.objects.exists()


def test_report_is_received_and_its_page_tells_nothing_of_who_wrote_what(client):
    response = sent(client, {"email": "reader@example.org"}, follow=True)

    report = Report.objects.get()
    assert (report.address, report.subject, report.message, report.source, report.email) == (
        "/matrix/?metric=rank", "China: 12", SECRET, "Table 3, page 12", "reader@example.org",
    )  # fmt: skip
    assert response.redirect_chain == [(f"/report/{report.code}/?sent=1", 303)]
    told = words(response)
    assert f"http://testserver/report/{report.code}/" in told
    assert "China: 12" in told
    assert 'href="/matrix/?metric=rank"' in told
    assert "Nobody has answered it yet" in told
    for secret in ("65.5", "table 3", "Table 3", "reader@example.org"):
        assert secret not in told


def test_report_of_a_record_s_page_names_the_record(client):
    category = Category(slug="quantum", name="Quantum", position=1)
    by = {"by": None, "by_name": "Test", "cause": Act.Cause.EDITION, "origin": "test"}
    with recorded(category, note="A category.", **by):
        category.save()
    sent(client, {"record": f"category/{category.pk}"})
    sent(client, {"record": "nonsense/1"})
    sent(client, {"record": "../../x"})

    assert list(Report.objects.order_by("pk").values_list("kind", "record")) == [
        ("category", category.pk), ("", None), ("", None),
    ]  # fmt: skip


@pytest.mark.seed
def test_report_says_which_state_of_the_record_was_seen(client):
    newest = Revision.objects.order_by("-number").first().number
    for about in ("/technologies/electric-batteries/", "/countries/cn/?as_of=r100"):
        page = client.get("/report/", {"about": about})
        number = fields(page)["opened"].split(":")[0]
        sent(client, {"about": about, "opened": opened(number=number)})

    reports = list(Report.objects.order_by("pk"))
    assert [(one.kind, one.number) for one in reports] == [("technology", newest), ("country", 100)]
    assert all(one.record for one in reports)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"message": ""}, "Say what is wrong."),
        ({"message": "wrong"}, "Say a little more"),
        ({"message": "x" * 4001}, "at most 4000 characters"),
        ({"value": "x" * 301}, "at most 300 characters"),
        ({"value": "see https://pills.example"}, "Only the value as the page shows it"),
        ({"source": "x" * 601}, "at most 600 characters"),
        ({"message": "a\x00b and more"}, "Null characters"),
        ({"email": "reader"}, "This is no e-mail address"),
        ({"website": "https://pills.example"}, "as robots do"),
        ({"opened": opened(-600)}, "faster than people type"),
        ({"opened": opened(3 * 24 * 3600)}, "more than two days ago"),
        ({"opened": "12:forged:signature"}, "come back incomplete"),
        ({"opened": ""}, "come back incomplete"),
    ],
)
def test_report_that_is_not_taken_says_why_and_keeps_what_was_typed(client, said, says):
    response = sent(client, {"email": "reader@example.org", **said})

    assert response.status_code == 422
    assert says in words(response)
    assert not Report.objects.exists()
    kept = fields(response)
    for name, typed in {**SAID, "email": "reader@example.org", **said}.items():
        if name not in ("website", "opened") and "\x00" not in typed:
            assert kept[name] == typed
    assert kept["website"] == ""
    # What has come back wrong is replaced, so that the next try goes through.
    if "opened" in said and "faster" not in says:
        assert kept["opened"] != said["opened"]


def test_report_that_came_too_fast_goes_through_at_the_next_try(client):
    first = fields(sent(client, {"opened": opened(2)}))
    time.sleep(2)

    assert client.post("/report/", first).status_code == 303


def test_sixth_report_in_an_hour_is_refused_and_keeps_its_text(client):
    for _ in range(5):
        assert sent(client).status_code == 303

    refused = sent(client)

    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3600
    assert "Nothing is lost" in words(refused)
    assert fields(refused)["message"] == SECRET
    assert Report.objects.count() == 5
    assert sent(client, REMOTE_ADDR="192.0.2.77").status_code == 303


def test_nobody_passes_for_another_by_a_header(client, settings):
    for n in range(5):
        sent(client, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}")
    assert sent(client, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 429

    # Behind a proxy the entry counts that the proxy itself has written: the last one.
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(5):
        assert sent(client, HTTP_X_FORWARDED_FOR=f"10.9.9.{n}, 203.0.113.50").status_code == 303
    assert sent(client, HTTP_X_FORWARDED_FOR="10.9.9.9, 203.0.113.50").status_code == 429
    assert sent(client, HTTP_X_FORWARDED_FOR="10.9.9.9, 203.0.113.51").status_code == 303

    # Behind two of them it is what the outer one has written: the inner one wrote that one's address.
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    for n in range(5):
        said = f"10.9.9.{n}, 203.0.113.60, 192.0.2.250"
        assert sent(client, HTTP_X_FORWARDED_FOR=said).status_code == 303
    assert sent(client, HTTP_X_FORWARDED_FOR="203.0.113.60, 192.0.2.250").status_code == 429
    assert sent(client, HTTP_X_FORWARDED_FOR="203.0.113.61, 192.0.2.250").status_code == 303


def test_addresses_of_one_ipv6_network_count_as_one(client):
    for n in range(5):
        sent(client, REMOTE_ADDR=f"2001:db8::{n}")

    assert sent(client, REMOTE_ADDR="2001:db8::ffff:1").status_code == 429
    assert sent(client, REMOTE_ADDR="2001:db8:0:1::1").status_code == 303


def test_form_of_another_site_is_refused():
    client = Client(enforce_csrf_checks=True)
    assert sent(client).status_code == 403
    form = fields(client.get("/report/?about=/matrix/"))

    assert client.post("/report/", {**form, "message": SECRET, "opened": opened()}).status_code == 303
    assert Report.objects.count() == 1


# The outcome


def test_outcome_is_public_escaped_and_dated(client, report):
    category = Category(slug="quantum", name="Quantum", position=1)
    by = {"by": None, "by_name": "Test", "cause": Act.Cause.EDITION, "origin": "test"}
    with recorded(category, note="A category.", **by):
        category.save()
    act, ada = Act.objects.get(), UserFactory(display_name="Ada Secret")
    report = answer(
        code=report.code, state="corrected", outcome="Now <i>65.5</i>.\n\nThank you.", expected=None, by=ada, act=act
    )

    response = client.get(f"/report/{report.code}/")

    told = words(response)
    assert response.status_code == 200
    assert not response.cookies
    assert "<p>Now &lt;i&gt;65.5&lt;/i&gt;.</p>" in told
    assert f'href="/history/acts/{act.pk}/"' in told
    assert date_format(report.answered_at, "j F Y") in told
    for secret in ("Ada Secret", "reader@example.org", "example.org/table", "table 3"):
        assert secret not in told


def test_unknown_report_is_not_found_and_a_removed_one_gone(client, report):
    answer(code=report.code, state="removed", outcome="It was spam.", expected=None, by=UserFactory())

    missing, gone = client.get("/report/BBBB-CCCC-DDDD/"), client.get(f"/report/{report.code}/")

    assert missing.status_code == 404
    assert "There is no report with the code “BBBB-CCCC-DDDD”" in words(missing)
    assert gone.status_code == 410
    assert "This report was removed" in words(gone)
    assert "China: 12" not in words(gone)
    assert "spam" not in words(gone)


# The queue


def test_queue_shows_open_reports_and_answered_ones(client, researcher, report):
    other = receive(address="/talent/", subject="Talent", message="Is this old?", number=0, sender="192.0.2.2")
    answer(code=other.code, state="kept", outcome="It is the newest.", expected=None, by=researcher)

    open_ones, answered = client.get("/workbench/reports/"), client.get("/workbench/reports/?state=answered")

    assert "The share is &lt;b&gt;65.5&lt;/b&gt; in table 3." in words(open_ones)
    assert "reader@example.org" in words(open_ones)
    assert 'href="https://example.org/table" rel="external nofollow noreferrer"' in words(open_ones)
    assert "Is this old?" not in words(open_ones)
    assert "Is this old?" in words(answered)
    assert "It is the newest." in words(answered)
    assert "65.5" not in words(answered)
    assert client.get("/workbench/reports/?state=lost").status_code == 404
    assert client.get("/workbench/reports/?page=2").status_code == 404
    assert client.get("/workbench/reports/?page=first").status_code == 404


def test_queue_leads_to_the_record(client, researcher):
    category = Category(slug="quantum", name="Quantum", position=1)
    by = {"by": None, "by_name": "Test", "cause": Act.Cause.EDITION, "origin": "test"}
    with recorded(category, note="A category.", **by):
        category.save()
    receive(address="/", message="m", number=1, kind="category", record=category.pk, sender="a")
    receive(address="/", message="m", number=1, kind="category", record=category.pk + 1, sender="a")

    told = words(client.get("/workbench/reports/"))

    assert f'href="/records/category/{category.pk}/edit/"' in told
    assert f'href="/records/category/{category.pk}/history/"' in told
    assert f'href="/records/category/{category.pk + 1}/history/"' in told
    assert f'href="/records/category/{category.pk + 1}/edit/"' not in told
    assert 'href="/?as_of=r1"' in told


def test_queue_asks_few_queries_and_has_pages(client, researcher, django_assert_max_num_queries):
    for n in range(30):
        receive(address="/", subject=f"Number {n}.", message="m", number=0, sender=str(n), kind="score", record=n)

    # One of them asks for jobs that have ended since: their owner is told on the next page.
    with django_assert_max_num_queries(7):
        first = client.get("/workbench/reports/")
    second = client.get("/workbench/reports/?page=2")

    assert ("Number 24." in words(first), "Number 25." in words(first)) == (True, False)
    assert ("Number 24." in words(second), "Number 29." in words(second)) == (False, True)


def test_answer_is_saved_and_sent_to_the_reader_whose_address_is_then_forgotten(
    client, researcher, report, mailoutbox
):
    address = f"/workbench/reports/{report.code}/"
    said = {"state": "kept", "outcome": "Table 3 prints 65.4.", "number": "", "expected": ""}

    response = client.post(address, said, follow=True)

    assert response.redirect_chain == [(address, 303)]
    report.refresh_from_db()
    assert (report.state, report.outcome, report.answered_by) == ("kept", "Table 3 prints 65.4.", researcher)
    assert [mail.to for mail in mailoutbox] == [["reader@example.org"]]
    assert "Table 3 prints 65.4." in mailoutbox[0].body
    assert f"http://testserver/report/{report.code}/" in mailoutbox[0].body
    assert SECRET not in mailoutbox[0].body
    assert report.email == ""


def test_address_is_kept_where_the_mail_does_not_go_out(client, researcher, report, settings):
    # A server that is not there.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    said = {"state": "kept", "outcome": "Table 3 prints 65.4.", "expected": ""}

    response = client.post(f"/workbench/reports/{report.code}/", said, follow=True)

    report.refresh_from_db()
    assert (report.state, report.email) == ("kept", "reader@example.org")
    assert "not written to yet" in words(response)


def test_nobody_is_written_to_about_what_was_removed(client, researcher, report, mailoutbox):
    said = {"state": "removed", "outcome": "No report of an error.", "expected": ""}
    client.post(f"/workbench/reports/{report.code}/", said)

    report.refresh_from_db()
    assert (report.state, len(mailoutbox)) == ("removed", 0)


def test_second_of_two_who_answer_is_told_and_may_answer_anew(client, researcher, report, mailoutbox):
    address, ben = f"/workbench/reports/{report.code}/", role("editor")
    mine = {**fields(client.get(address)), "state": "kept", "outcome": "Mine: it is right."}
    answer(code=report.code, state="corrected", outcome="Theirs: it was wrong.", expected=None, by=ben)

    told = client.post(address, mine)

    assert told.status_code == 409
    assert f"{ben.display_name} has answered this report meanwhile" in words(told)
    assert "Theirs: it was wrong." in words(told)
    assert fields(told)["outcome"] == "Mine: it is right."
    report.refresh_from_db()
    assert (report.answered_by, mailoutbox) == (ben, [])
    again = client.post(address, {**fields(told), "state": "kept"})
    assert again.status_code == 303
    report.refresh_from_db()
    assert (report.answered_by, report.outcome) == (researcher, "Mine: it is right.")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"state": ""}, "Choose what came of it."),
        ({"state": "open"}, "Select a valid choice"),
        ({"outcome": ""}, "Say what came of it"),
        ({"outcome": "done"}, "Say it in a sentence"),
        ({"number": "r999999"}, "There is no revision r999999."),
        ({"number": "first"}, "Write the number of a revision"),
        ({"expected": "2026-13-45T00:00:00"}, "This form has come back damaged."),
        ({"expected": "yesterday"}, "This form has come back damaged."),
        ({"expected": "9" * 50}, "This form has come back damaged."),
    ],
)
def test_answer_that_is_not_taken_says_why_and_keeps_what_was_typed(client, researcher, report, said, says):
    typed = {"state": "corrected", "outcome": "It was wrong.", "number": "", "expected": "", **said}

    response = client.post(f"/workbench/reports/{report.code}/", typed)

    assert response.status_code == 422
    assert says in words(response)
    assert fields(response)["outcome"] == typed["outcome"]
    assert fields(response)["expected"] == ""
    report.refresh_from_db()
    assert report.state == "open"


def test_correction_is_linked_by_the_number_of_a_revision(client, researcher, report):
    category = Category(slug="quantum", name="Quantum", position=1)
    by = {"by": None, "by_name": "Test", "cause": Act.Cause.EDITION, "origin": "test"}
    with recorded(category, note="A category.", **by):
        category.save()
    number = Revision.objects.get().number
    address = f"/workbench/reports/{report.code}/"
    said = {"outcome": "It was wrong.", "number": f"R{number}", "expected": ""}

    kept = client.post(address, {**said, "state": "kept"})
    client.post(address, {**said, "state": "corrected"})

    assert "Only what was corrected has a correction" in words(kept)
    report.refresh_from_db()
    assert report.act == Act.objects.get()
    assert fields(client.get(address))["number"] == f"r{number}"


# The ways to the form


@pytest.mark.seed
@pytest.mark.parametrize("address", ["/technologies/", "/matrix/", "/countries/cn/", "/engagements/"])
def test_each_panel_of_a_value_leads_to_the_form_and_costs_the_page_little(client, address):
    content = client.get(address).content.decode()
    links = re.findall(r'<a href="/report/\?value=[^"&]+">Wrong\?</a>', content)

    assert len(links) == content.count('class="value-sources"') > 20
    without = len(content.encode()) - sum(len(link.encode()) for link in links)
    assert len(content.encode()) / without < 1.05


@pytest.mark.seed
@pytest.mark.parametrize("address", ONE_EACH)
def test_each_page_leads_to_the_form_about_itself(client, address):
    content = client.get(address).content.decode()
    link = re.search(r'<a href="(/report/\?about=[^"]+)">Report an error</a>', content)

    shown = fields(client.get(link[1]))["about"]

    path, _, query = address.partition("?")
    assert shown.partition("?")[0] == path
    assert sorted(shown.partition("?")[2].split("&")) == sorted(query.replace("+", "%20").split("&")) or "q=" in query


def test_robots_stay_away_from_forms_and_doors(client):
    told = client.get("/robots.txt").content.decode()

    for path in ("/report/", "/workbench/", "/accounts/", "/login/"):
        assert f"Disallow: {path}\n" in told
    assert "Disallow: /\n" not in told
