"""Every public page in a real browser: accessible, quiet, self-contained, usable without JavaScript."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go
from tests.public_addresses import ONE_EACH

pytestmark = [pytest.mark.browser, pytest.mark.seed]

EXTRA = [
    "/technologies/?edition=aspi-2025-12&sort=-risk", "/nowhere/", "/technologies/?page=0", "/login/",
    "/compare/", "/compare/?side=quad&side=cn", "/compare/?side=eu&side=cn&side=us&edition=ncses-2016-2020",
    "/compare/?side=cn&side=us&side=eu&side=custom:au,ca,nz&edition=ncses-2016-2020",
    "/compare/?side=us&side=cn&field=materials-science", "/compare/?side=cn&side=us&technology=electric-batteries",
    "/compare/?side=cn&side=us&from=ncses-2003-2007&to=ncses-2016-2020", "/compare/?side=cn&side=brics",
    "/fields/physics/?side=us&side=cn&side=de", "/matrix/?edition=ncses-2016-2020&metric=ratio",
    "/technologies/nuclear-energy/", "/search/?q=harbin",
]  # fmt: skip


@pytest.mark.parametrize("address", [*ONE_EACH, *EXTRA])
def test_page_is_accessible_quiet_and_self_contained(live_server, chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    go(page, live_server.url + address)
    # More addresses of the same pages in the view that is harder.
    for width, scheme in VIEWS if address in ONE_EACH else VIEWS[1:]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert_fits(page, f"{address} at {width}, {scheme}")
    expected = "/nowhere/" in address or "page=0" in address or "brics" in address
    assert [text for text in said if not (expected and "Failed to load resource" in text)] == [], address
    own = urlsplit(live_server.url).netloc
    assert {urlsplit(url).netloc for url in asked} <= {own, ""}, address
    context.close()


@pytest.mark.parametrize("address", ONE_EACH[::5])
def test_page_is_readable_without_javascript(live_server, chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()

    go(page, live_server.url + address)

    assert page.locator("h1").count() == 1
    assert page.locator("main table, main p").count() > 0
    context.close()


def test_reader_filters_sorts_and_opens_a_source_without_javascript(live_server, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    go(page, f"{live_server.url}/technologies/")

    # A click returns before the next page is there: each is awaited, or the old page would be asked.
    page.select_option("select[name=edition]", "aspi-2024-08")
    with page.expect_navigation():
        page.click("form.edition-form button")
    page.select_option("select[name=leader]", "us")
    with page.expect_navigation():
        page.click("form.filters button")
    assert "edition=aspi-2024-08" in page.url
    expect(page.locator("tbody tr")).to_have_count(7)
    with page.expect_navigation():
        page.click("thead th:has-text('share, %') a")
    assert "sort=share" in page.url
    page.locator("td details.value summary").first.click()
    with page.expect_navigation():
        page.locator("details[open] .value-sources a").first.click()
    assert "/sources/" in page.url
    context.close()


def test_reader_reaches_the_content_and_a_source_by_keyboard(live_server, chromium):
    context = chromium.new_context()
    page = context.new_page()
    go(page, f"{live_server.url}/technologies/electric-batteries/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("details.value summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.value[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.value[open]")).to_have_count(0)
    context.close()


def test_figures_of_the_front_page_are_drawn(live_server, chromium):
    for width, scheme, wanted in ((1280, "light", ""), (390, "dark", "size=narrow&theme=dark")):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        go(page, live_server.url)
        page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
        # decode() waits for a picture and fails for one that cannot be drawn.
        page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
        sources = page.evaluate("[...document.images].map(image => image.currentSrc)")
        assert sources
        assert all(wanted in source for source in sources)
        assert all(re.search(r"/charts/\w+\.svg", source) for source in sources)
        context.close()
