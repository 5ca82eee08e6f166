"""A reader reports an error and a researcher answers it, in a real browser; the workbench as people see it."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go
from tests.factories import UserFactory
from tracker.actions.reports import answer, receive
from tracker.models import Report

# The views below it are tested on every database.
pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.seed]

MESSAGE = "The share is 65.5 in table 3 of the report."


def log_in(context, live_server, role="editor"):
    user = UserFactory(display_name="Ada Lovelace")
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    return user


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_reader_reports_a_value_and_finds_the_outcome(live_server, chromium, scripts):
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    go(page, f"{live_server.url}/technologies/?edition=aspi-2024-08")
    row = page.locator("tbody tr", has_text="Electric batteries")
    share = row.locator("td.num details.value").first
    shown = share.locator("summary").inner_text().split()[0]
    share.locator("summary").click()
    with page.expect_navigation():
        share.get_by_role("link", name="Wrong?").click()

    expect(page.get_by_role("link", name="/technologies/?edition=aspi-2024-08")).to_be_visible()
    value = page.get_by_label("Which value or words?")
    expect(value).to_have_value(re.compile(r"^Electric batteries, .+: " if scripts else rf"^{re.escape(shown)}"))
    expect(page.locator("input[name=website]")).to_be_hidden()
    about = value.input_value()
    value.fill("see www.example.org")
    page.get_by_label("What is wrong, and what is right?").fill(MESSAGE)
    page.wait_for_timeout(3100)
    with page.expect_navigation():
        page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("alert")).to_contain_text("The report was not sent")
    expect(page.get_by_label("What is wrong, and what is right?")).to_have_value(MESSAGE)
    value.fill(about)
    with page.expect_navigation():
        page.get_by_role("button", name="Send the report").click()

    expect(page.get_by_role("status")).to_contain_text("Your report has been received")
    report = Report.objects.get()
    assert (report.message, report.subject) == (MESSAGE, about)
    assert report.address == "/technologies/?edition=aspi-2024-08"
    expect(page.locator("main")).not_to_contain_text("table 3")
    answer(code=report.code, state="kept", outcome="Table 3 prints 65.4.", expected=None, by=UserFactory())
    go(page, f"{live_server.url}/report/{report.code}/")
    expect(page.locator("main")).to_contain_text("Table 3 prints 65.4.")
    context.close()


def test_researcher_answers_a_report_by_keyboard(live_server, chromium):
    report = receive(address="/matrix/", subject="China: 12", message=MESSAGE, number=1, sender="192.0.2.1")
    context = chromium.new_context()
    log_in(context, live_server, "researcher")
    page = context.new_page()
    go(page, f"{live_server.url}/workbench/")

    page.locator("#bench-reports ~ ul a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("corrected", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("It was wrong: table 3 prints 65.5.")
    page.keyboard.press("Tab")
    page.keyboard.type("r1")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("It was wrong: table 3 prints 65.5.")
    report.refresh_from_db()
    assert (report.state, report.answered_by.display_name, report.act_id is not None) == (
        "corrected", "Ada Lovelace", True,
    )  # fmt: skip
    context.close()


def test_forms_and_workbench_are_accessible_and_fit_each_screen(live_server, chromium):
    long = "Averylongwordthathasnoplacetobreak" * 6
    report = receive(address=f"/search/?q={long}", subject=long, message=f"{MESSAGE} {long}", number=1, sender="a",
                     source=f"https://example.org/{long}", email="reader@example.org")  # fmt: skip
    done = receive(address="/matrix/", subject="China: 12", message=MESSAGE, number=1, sender="b")
    answer(code=done.code, state="kept", outcome="Table 3 prints 65.4.", expected=None, by=UserFactory())
    for width, scheme in VIEWS:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        log_in(context, live_server)
        page = context.new_page()
        said = []
        page.on("console", lambda message, said=said: said.append(message.text))
        for address in (
            "/report/", f"/report/?about=/search/%3Fq%3D{long}&value={long}", f"/report/{report.code}/?sent=1",
            f"/report/{done.code}/", "/workbench/", "/workbench/reports/", "/workbench/reports/?state=answered",
            f"/workbench/reports/{report.code}/", f"/workbench/reports/{done.code}/",
        ):  # fmt: skip
            go(page, live_server.url + address)
            assert_fits(page, f"{address[:60]} at {width}, {scheme}")
        assert said == []
        context.close()
