"""A table of counts by country and year on its way into the record and out again, in a real browser."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go
from tests.factories import UserFactory
from tracker.actions import jobs
from tracker.actions.job_kinds import KINDS as JOB_KINDS
from tracker.actions.records import Draft, New, save
from tracker.models import (
    Act,
    BulkImport,
    Citation,
    Edition,
    EditionTechnology,
    Job,
    Score,
    Series,
    Source,
    Technology,
    Window,
)

# The views below it are tested on every database.
pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.seed]

YEARS = range(2018, 2023)
COUNTS = {"China": ("CN", 40_000), "United States": ("US", 30_000), "Germany": ("DE", 9_000)}


@pytest.fixture
def ada(live_server):
    return person("researcher", "Ada Lovelace")


@pytest.fixture
def grace(live_server):
    return person("editor", "Grace Hopper")


def person(role, name):
    user = UserFactory(display_name=name)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def edition(ada):
    """A series of counts: an edition, its years and the technology that it speaks of, made as the forms make them."""
    made = save(
        by=ada, cause=Act.Cause.EDITION, note="A new series.",
        drafts=[
            Draft("source", Source, {"slug": "ai-articles", "title": "Articles on artificial intelligence",
                                     "publisher": "NCSES", "date": "2023", "kind": "primary", "reuse": "fact"}),
            Draft("series", Series, {"slug": "ai-articles", "name": "Articles on artificial intelligence",
                                     "publisher": "NCSES", "level": "technology", "indicator": "Articles, whole count",
                                     "unit": "articles"}),
        ],
    ).records  # fmt: skip
    cited = {"source": made["source"]}
    windows = [
        Draft(f"window-{year}", Window, {"edition": New("edition"), "first_year": year, "last_year": year,
                                         "kind": "main" if year == YEARS[-1] else "single year"})
        for year in YEARS
    ]  # fmt: skip
    entry = {
        "edition": New("edition"),
        "technology": Technology.objects.get(slug="machine-learning"),
        "basis": "stated",
    }
    drafts = [
        Draft("edition", Edition, {"slug": "ai-2023", "name": "AI articles 2023", "series": made["series"],
                                   "released": "2023"}),
        *windows,
        Draft("entry", EditionTechnology, entry),
    ]  # fmt: skip
    sources = [Draft(f"of-{draft.ref}", Citation, cited, of=draft.ref) for draft in drafts]
    of_series = Draft("of-series", Citation, cited, of=made["series"])
    return save(
        by=ada, cause=Act.Cause.EDITION, note="Its first edition.", drafts=[*drafts, *sources, of_series]
    ).records["edition"]


def table():
    """Of the shape of the real one: sums among the rows, countries by name and by code."""
    into = io.StringIO()
    out = csv.writer(into)
    out.writerow(["country", "iso2", "kind", "year", "ai_articles_whole_count"])
    for name, (code, count) in {"World": ("", 120_000), **COUNTS}.items():
        for year in YEARS:
            out.writerow([name, code, "country" if code else "aggregate", year, count + year - YEARS[0]])
    return into.getvalue().encode()


def opened(chromium, live_server, user, **options):
    """A page of somebody who is logged in."""
    client = Client()
    client.force_login(user)
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def work(*waiting):
    """What a worker would do, while no page asks for anything."""
    addresses = [page.url for page in waiting]
    for page in waiting:
        page.goto("about:blank")
    for pk in list(Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True)):
        jobs.run(pk=pk, kinds=JOB_KINDS)
    for page, address in zip(waiting, addresses, strict=True):
        go(page, address)


def fill(page, column, text):
    page.locator(f"#columns-from-{column}").select_option("=")
    page.locator(f"#columns-text-{column}").fill(text)


def set_up(page):
    """The mapping of the table onto scores."""
    fill(page, "technology", "machine-learning")
    fill(page, "window", "ai-2023/{year}/{year}")
    fill(page, "basis", "stated")
    fill(page, "sources", "ai-articles")
    page.locator("#columns-from-country").select_option("{iso2}")
    page.locator("#columns-from-publications").select_option("{ai_articles_whole_count}")
    page.locator("#columns-without-0-column").select_option("kind")
    page.locator("#columns-without-0-value").fill("aggregate")


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def said(live_server, path):
    """What a public page says, without what names the state of the record and its moment."""
    answer = Client().get(path, HTTP_HOST=live_server.url.removeprefix("http://"))
    assert answer.status_code == 200
    return re.sub(r"\br\d+\b|nonce=\S+", "", answer.content.decode())


PUBLIC = ("/editions/ai-2023/", "/technologies/machine-learning/?edition=ai-2023", "/countries/cn/?edition=ai-2023")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_table_comes_in_and_goes_out_as_one_act(live_server, chromium, ada, grace, edition, scripts):
    before = [said(live_server, path) for path in PUBLIC]
    page = opened(chromium, live_server, ada, java_script_enabled=scripts)
    go(page, f"{live_server.url}/workbench/")
    with page.expect_navigation():
        page.get_by_role("link", name="Imports").first.click()

    page.get_by_label("Each row is").select_option("score")
    page.get_by_label("A file").set_input_files({"name": "articles.csv", "mimeType": "text/csv", "buffer": table()})
    press(page, "Look at it")
    expect(page.get_by_role("heading", name="articles.csv")).to_be_visible()
    expect(page.locator("table.sample tbody tr")).to_have_count(20)

    # What is needed is asked for, what was chosen stays.
    page.locator("#columns-from-country").select_option("{iso2}")
    press(page, "Check the rows")
    expect(page.get_by_role("alert")).to_contain_text("are to be put right")
    expect(page.locator("#columns-from-country")).to_have_value("{iso2}")
    set_up(page)
    if scripts:
        expect(page.locator(".map-row", has=page.locator("#columns-from-window")).locator("output")).to_have_text(
            "ai-2023/2018/2018"
        )
        expect(page.locator("#unused")).to_have_text("Not used of the file: country, kind")
    press(page, "Check the rows")
    expect(page.get_by_text("Its rows are being checked.")).to_be_visible()
    work(page)

    expect(page.get_by_text("20 rows checked.")).to_be_visible()
    expect(page.get_by_role("link", name="15 New")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="5 Left out")).to_be_visible()
    assert not Score.objects.filter(window__edition=edition).exists()
    page.get_by_label("Cause").select_option("edition")
    page.get_by_label("Why").fill("AI articles by country and year, whole counts.")
    press(page, "Send to an editor")
    expect(page.get_by_text("You have sent it: it waits for an editor.")).to_be_visible()

    editor = opened(chromium, live_server, grace, java_script_enabled=scripts)
    go(editor, f"{live_server.url}/workbench/")
    with editor.expect_navigation():
        editor.locator("section", has=editor.locator("#bench-imports")).get_by_role(
            "link", name="articles.csv"
        ).click()
    press(editor, "Approve: write 15 records")
    work(editor)
    expect(editor.get_by_text("approved by Grace Hopper: 15 new.")).to_be_visible()
    with editor.expect_navigation():
        editor.get_by_role("link", name="AI articles 2023").click()
    expect(editor.locator("#table-scores tbody tr", has_text="China")).to_contain_text(re.compile("40.004"))
    assert [said(live_server, path) for path in PUBLIC] != before

    editor.go_back()
    with editor.expect_navigation():
        editor.get_by_role("link", name="Revert the whole act").click()
    editor.get_by_label("Why").fill("Only a trial.")
    press(editor, "Revert")
    assert not Score.objects.filter(window__edition=edition).exists()
    assert [said(live_server, path) for path in PUBLIC] == before
    page.context.close()
    editor.context.close()


def test_pages_of_an_import_are_accessible_wide_and_narrow(live_server, chromium, ada, grace, edition):
    """From the upload to the act, at each step: axe finds nothing and nothing is wider than the window."""

    def view(width, scheme):
        return opened(chromium, live_server, grace, viewport={"width": width, "height": 900}, color_scheme=scheme)

    steps = [(view(width, scheme), f"{width}, {scheme}") for width, scheme in VIEWS]
    page = steps[0][0]
    console = []
    for one, where in steps:
        one.on("console", lambda message, where=where: console.append(f"{where}: {message.text}"))

    def look(path, *, opens=""):
        for one, where in steps:
            go(one, live_server.url + path)
            for summary in one.locator(opens).all() if opens else ():
                summary.click()
            assert_fits(one, f"{path} at {where}")

    look("/workbench/imports/", opens="main details > summary")
    page.get_by_label("Each row is").select_option("score")
    broken = table().replace(b"China,CN,country,2018", b"China,XX,country,2018")
    page.get_by_label("A file").set_input_files({"name": "articles.csv", "mimeType": "text/csv", "buffer": broken})
    press(page, "Look at it")
    address = page.url.removeprefix(live_server.url)
    look(address, opens="main details > summary")
    set_up(page)
    press(page, "Check the rows")
    one = BulkImport.objects.get()
    # No page asks for anything while the job runs: they share the connection to a database in memory.
    for each, _ in steps:
        each.goto("about:blank")
    work()
    look(address)
    look(f"{address}?what=create")
    look(f"{address}?what=left+out", opens="main details > summary")
    page.get_by_label("Only the good rows are written").check()
    page.get_by_label("Cause").select_option("edition")
    page.get_by_label("Why").fill("A table.")
    press(page, "Let another editor decide")
    look(address, opens="main details > summary")
    look("/workbench/imports/")
    look("/workbench/")
    go(page, live_server.url + address)
    press(page, "Approve: write 14 records")
    for each, _ in steps:
        each.goto("about:blank")
    work()
    one.refresh_from_db()
    assert one.state == BulkImport.State.APPLIED
    look(address)
    assert console == []
    for each, _ in steps:
        each.context.close()


def test_progress_shows_itself_and_the_page_follows(live_server, chromium, ada, edition):
    page = opened(chromium, live_server, ada)
    go(page, f"{live_server.url}/workbench/imports/")
    page.get_by_label("Each row is").select_option("score")
    page.get_by_label("A file").set_input_files({"name": "articles.csv", "mimeType": "text/csv", "buffer": table()})
    press(page, "Look at it")
    set_up(page)
    press(page, "Check the rows")
    expect(page.locator("#progress")).to_contain_text("Waits for a worker.")
    job = Job.objects.get()

    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, doing="reading and checking the rows", done=7, total=20
    )
    expect(page.locator("#progress")).to_contain_text("Reading and checking the rows: 7 of 20.")
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error="The disk was full.")

    # The job has ended: the page is there anew, without a click.
    expect(page.get_by_role("alert")).to_contain_text("The disk was full.")
    expect(page.get_by_role("button", name="Check the rows")).to_be_visible()
    page.context.close()
