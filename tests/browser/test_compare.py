"""The sentence of /compare/: searchable with the keyboard, complete without JavaScript, for every screen and paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go

pytestmark = [pytest.mark.browser, pytest.mark.seed]

CHINA_AND_US = "/compare/?side=cn&side=us&edition=aspi-2023-03"


@pytest.fixture
def compare(live_server, chromium):
    """Opens an address of the site: compare(address, **options of the browser's context)."""
    contexts = []

    def opened(address, **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        go(page, live_server.url + address)
        return page

    yield opened
    for context in contexts:
        context.close()


def path(page):
    return page.url.partition("/compare/")[2]


def suggestions(page):
    return page.locator(".picker__menu--visible [role=option]")


def suggest(page, field, words):
    """Types into a field, as a reader does, and waits for the list."""
    page.locator(field).focus()
    page.keyboard.type(words)
    expect(suggestions(page).first).to_be_visible()


def test_side_is_found_by_any_part_of_its_name(compare):
    page = compare("/compare/")

    suggest(page, "#chooser-side-1", "kor")
    expect(suggestions(page)).to_have_text(["North Korea", "South Korea"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#chooser-side-1")).to_have_value("South Korea")
    expect(page.locator("#chooser-side-1")).to_be_focused()
    expect(suggestions(page)).to_have_count(0)
    page.locator("#chooser-side-2").fill("jp")
    with page.expect_navigation():
        page.locator(".chooser-go").first.click()

    assert path(page) == "?side=kr&side=jp&edition=aspi-2023-03"


def test_accents_need_not_be_typed(compare):
    page = compare("/compare/")

    suggest(page, "#chooser-side-1", "cote")

    expect(suggestions(page)).to_have_text(["Côte d’Ivoire"])


def test_bloc_of_ones_own_is_made_with_commas(compare):
    page = compare("/compare/?side=cn&side=us")

    page.locator("#chooser-side-3").focus()
    for typed, taken in (
        ("austral", "Australia"),
        (", cana", "Australia, Canada"),
        (", new z", "Australia, Canada, New Zealand"),
    ):
        page.keyboard.type(typed)
        expect(suggestions(page)).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#chooser-side-3")).to_have_value(taken)
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "side=cn&side=us&side=custom:au,ca,nz" in path(page)


def test_country_is_suggested_once_a_bloc(compare):
    page = compare("/compare/")

    suggest(page, "#chooser-side-1", "New Zealand, new")

    assert "New Zealand" not in suggestions(page).all_inner_texts()


def test_technology_is_searched_among_all_choices(compare):
    page = compare(CHINA_AND_US)

    page.locator("#chooser-in").click()
    assert suggestions(page).count() > 60, "a click shows all choices"
    page.keyboard.type("quantum")
    expect(suggestions(page).nth(3)).to_contain_text("Quantum sensors")
    expect(suggestions(page).nth(4)).to_contain_text("Post-quantum cryptography")
    suggestions(page).nth(1).click()
    expect(page.locator("#chooser-in")).to_have_value("Quantum communication")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "side=cn&side=us&technology=quantum-communication" in path(page)


def test_words_that_are_no_choice_do_not_pass_for_one(compare):
    page = compare(CHINA_AND_US)
    scope = page.locator("#chooser-in")

    scope.fill("no such thing")
    expect(suggestions(page)).to_have_text(["Nothing of that name"])
    page.keyboard.press("Enter")
    expect(scope).to_have_value("no such thing")
    page.keyboard.press("Tab")
    expect(scope).to_have_value("all technologies")

    scope.fill("biofuels")
    expect(suggestions(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(scope).to_have_value("Biofuels")
    assert page.locator("select[name=in]").input_value() == "technology/biofuels"


def test_escape_closes_the_list_and_takes_nothing(compare):
    page = compare("/compare/")

    suggest(page, "#chooser-side-1", "kor")
    page.keyboard.press("ArrowDown")
    expect(suggestions(page).first).to_be_focused()
    page.keyboard.press("Escape")
    expect(suggestions(page)).to_have_count(0)
    expect(page.locator("#chooser-side-1")).to_be_focused()
    expect(page.locator("#chooser-side-1")).to_have_value("kor")

    suggest(page, "#chooser-in", "quantum")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#chooser-in")).to_have_value("all technologies")


def test_field_that_is_filled_opens_no_list_when_it_is_entered(compare):
    page = compare(CHINA_AND_US)

    page.locator("#chooser-side-1").focus()

    expect(page.locator("#chooser-side-1")).to_have_attribute("aria-expanded", "false")
    expect(suggestions(page)).to_have_count(0)


def test_swap_turns_the_first_two(compare):
    page = compare("/compare/?side=cn&side=us&side=eu&edition=ncses-2016-2020")

    with page.expect_navigation():
        page.locator(".chooser-swap").click()

    assert path(page) == "?side=us&side=cn&side=eu&edition=ncses-2016-2020"


@pytest.mark.parametrize(("typed", "first"), [("gb", "United Kingdom"), ("european", "EU"), ("prc", "China")])
def test_other_names_and_codes_find_a_place(compare, typed, first):
    page = compare("/compare/")

    page.locator("#chooser-side-1").focus()
    page.keyboard.type(typed)

    expect(suggestions(page).first).to_contain_text(first)


def test_everything_goes_by_keyboard(compare):
    page = compare("/compare/")
    order = ["chooser-side-2", "chooser-side-3", "chooser-side-4", "chooser-in", "chooser-edition"]

    page.locator("#chooser-side-1").focus()
    page.keyboard.type("chin")
    expect(suggestions(page).first).to_contain_text("China")
    page.keyboard.press("ArrowDown")
    for reached in order:  # Leaving the list takes what is highlighted in it.
        page.keyboard.press("Tab")
        expect(page.locator(f"#{reached}")).to_be_focused()
        if reached == "chooser-side-2":
            page.keyboard.type("united st")
            expect(suggestions(page).first).to_contain_text("United States")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        elif reached == "chooser-in":
            page.keyboard.type("quantum")
            expect(suggestions(page).first).to_contain_text("A category")
            page.keyboard.press("Enter")
            expect(page.locator("#chooser-in")).to_have_value("Quantum")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert path(page) == "?side=cn&side=us&category=quantum&edition=aspi-2023-03"


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_sends_what_is_typed_and_swaps_nothing(compare, javascript):
    page = compare("/compare/?side=quad&side=us", java_script_enabled=javascript)

    page.locator("#chooser-side-1").fill("China")
    with page.expect_navigation():
        page.locator("#chooser-side-1").press("Enter")

    assert path(page).startswith("?side=cn&side=us&")


def test_reader_compares_without_javascript(compare):
    page = compare("/compare/", java_script_enabled=False)

    page.fill("#chooser-side-1", "China")
    page.fill("#chooser-side-2", "the United States")
    with page.expect_navigation():
        page.locator(".chooser-go").first.click()
    assert path(page) == "?side=cn&side=us&edition=aspi-2023-03"
    expect(page.locator(".compare-score summary")).to_have_text(["37 counted", "7 counted"])

    page.select_option("#chooser-in", label="Quantum")
    with page.expect_navigation():
        page.locator(".chooser-go").first.click()
    assert path(page) == "?side=cn&side=us&category=quantum&edition=aspi-2023-03"
    expect(page.locator(".compare-score summary")).to_have_text(["3 counted", "1 counted"])

    with page.expect_navigation():
        page.locator(".chooser-swap").click()
    assert path(page) == "?side=us&side=cn&category=quantum&edition=aspi-2023-03"


def test_unknown_name_is_said_above_the_sentence_as_it_was_put(compare):
    page = compare("/compare/")

    page.locator("#chooser-side-1").fill("Chyna")
    page.locator("#chooser-side-2").fill("us")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.locator("[role=alert]")).to_contain_text("Chyna")
    expect(page.locator("#chooser-side-1")).to_have_value("Chyna")


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_open_list_is_accessible(compare, width, scheme):
    page = compare(CHINA_AND_US, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for field, words in (("#chooser-side-3", "un"), ("#chooser-in", "quantum")):
        suggest(page, field, words)
        page.keyboard.press("ArrowDown")
        expect(suggestions(page).first).to_be_focused()

        assert_fits(page, f"{field} at {width}, {scheme}")
        page.keyboard.press("Escape")
    twice = (
        "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"
    )
    assert page.evaluate(twice) == []


def test_on_a_phone_a_thumb_can_press_everything(compare):
    page = compare(CHINA_AND_US, viewport={"width": 390, "height": 900}, has_touch=True)
    suggest(page, "#chooser-side-3", "un")

    for control in page.locator(
        ".chooser input, .chooser select:visible, .chooser button:not(.vh), .chooser summary, .picker__menu--visible li"
    ).all():
        assert control.bounding_box()["height"] >= 44, control.evaluate("element => element.outerHTML")[:120]


def test_paper_has_the_answer_without_the_sentence(compare):
    page = compare(CHINA_AND_US)

    page.emulate_media(media="print")

    expect(page.locator(".chooser")).to_be_hidden()
    expect(page.locator(".compare-score")).to_be_visible()
