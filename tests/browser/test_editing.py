"""Researchers' journeys through the forms of records, in a real browser; some with the keyboard alone."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import expect

from tests.browser.accessibility import VIEWS, assert_fits
from tests.browser.navigation import go
from tests.factories import UserFactory
from tracker.models import (
    Act,
    Citation,
    Claim,
    Control,
    Engagement,
    Organisation,
    Participation,
    Score,
    Source,
    Status,
    Technology,
)

pytestmark = [pytest.mark.browser, pytest.mark.seed]


@pytest.fixture
def anna(live_server):
    user = UserFactory(display_name="Anna Li")
    user.groups.add(Group.objects.get_or_create(name="researcher")[0])
    return user


def opened(chromium, live_server, user, **options):
    """A page of somebody who is logged in."""
    client = Client()
    client.force_login(user)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def choose(page, row: str, column: str, words: str) -> None:
    """Takes the first suggestion of a searchable list, with the keyboard."""
    field = page.locator(f"input#id_{row}-{column}")
    field.fill(words)
    field.press("Enter")


def say_why(page, note: str, cause: str = "correction") -> None:
    page.locator("#id_cause").select_option(cause)
    page.locator("#id_note").fill(note)


def save(page) -> None:
    address = page.url
    page.locator("#save").click()
    page.wait_for_load_state()
    wrong = page.locator("#wrongs li").all_inner_texts()
    assert not wrong or "1,200" in wrong[0], (address, wrong)


def test_a_share_is_corrected_with_its_source_in_two_page_loads(live_server, chromium, anna):
    score = Score.objects.filter(
        share__isnull=False,
        country__code="CN",
        technology__slug="advanced-aircraft-engines",
        window__edition__featured=True,
    ).get()
    source = Source.objects.filter(title__startswith="ASPI").exclude(
        pk__in=Citation.objects.filter(kind="score", record=score.pk).values("source")
    )[0]
    page = opened(chromium, live_server, anna)
    go(page, f"{live_server.url}/technologies/advanced-aircraft-engines/")
    loads = []
    page.on("load", lambda: loads.append(page.url))

    value = page.locator(f"#value-score-{score.pk}")
    value.locator("summary").first.click()
    value.get_by_role("link", name="Edit", exact=True).click()
    page.wait_for_url("**/edit/**")
    # The panel of the leader's rank stands first on this page: the share is one field further.
    page.locator("#id_main-share").fill("48.30")
    page.get_by_role("button", name="Add a source").last.click()
    row = f"citation-{Citation.objects.filter(kind='score', record=score.pk).count()}"
    expect(page.locator(f"#id_{row}-source")).to_be_focused()
    choose(page, row, "source", source.title[:60])
    page.locator(f"#id_{row}-passage").fill("It prints 48.30 per cent.")
    say_why(page, "The printed table has two decimals.")
    save(page)

    page.wait_for_url("**/technologies/advanced-aircraft-engines/**")
    number = Act.objects.order_by("-pk")[0].revisions.order_by("-number")[0].number
    expect(page.get_by_text(f"Saved as r{number}:")).to_be_visible()
    page.wait_for_load_state()
    assert len(loads) == 2
    expect(page.locator(f"#value-score-{score.pk} > summary")).to_be_focused()
    score.refresh_from_db()
    assert (str(score.share), score.share_decimals) == ("48.300000", 2)
    assert Citation.objects.get(kind="score", record=score.pk, source=source).passage == "It prints 48.30 per cent."


def test_an_engagement_with_two_parties_and_a_disputed_claim(live_server, chromium, anna):
    chinese, russian = (
        Organisation.objects.filter(country__code="CN")[0],
        Organisation.objects.filter(country__code="RU")[0],
    )
    source = Source.objects.filter(publisher__startswith="Xinhua").first() or Source.objects.first()
    page = opened(chromium, live_server, anna)
    go(page, f"{live_server.url}/engagements/")
    page.get_by_role("link", name="Add an engagement").click()

    page.locator("#id_main-title").fill("Joint laboratory for testing")
    page.locator("#id_main-channel").select_option(index=1)
    page.locator("#id_main-description").fill("A laboratory that both run.")
    page.locator("#id_main-start").fill("2026-03")
    for number, (side, body) in enumerate((("chinese", chinese), ("russian", russian))):
        page.get_by_role("button", name="Add a party").click()
        page.locator(f"#id_participation-{number}-side").select_option(side)
        choose(page, f"participation-{number}", "organisation", body.name)
    page.get_by_role("button", name="Add a claim").click()
    page.locator("#id_claim-0-speaker").fill("A spokesman")
    page.locator("#id_claim-0-stance").select_option("disputes")
    page.locator("#id_claim-0-statement").fill("No such laboratory exists.")
    page.locator("[data-ref=claim-0]").get_by_role("button", name="Add a source").click()
    choose(page, "claim-0-citation-0", "source", source.title[:60])
    page.locator("[data-add=citation]").click()
    choose(page, "citation-0", "source", source.title[:60])
    say_why(page, "Signed in March.", "world")
    save(page)

    page.wait_for_url("**/engagements/joint-laboratory-for-testing/**")
    made = Engagement.objects.get(slug="joint-laboratory-for-testing")
    parties = Participation.objects.filter(engagement=made).order_by("pk")
    assert [(one.side, one.organisation) for one in parties] == [("chinese", chinese), ("russian", russian)]
    assert Claim.objects.get(kind="engagement", record=made.pk).stance == "disputes"
    expect(page.get_by_text("No such laboratory exists.").first).to_be_visible()


def test_a_status_moves_on(live_server, chromium, anna):
    engagement = Engagement.objects.filter(statuses__isnull=False).first()
    source = Source.objects.first()
    page = opened(chromium, live_server, anna)
    go(page, live_server.url + engagement.get_absolute_url())
    page.get_by_role("link", name="Add a status").click()

    page.locator("#id_main-state").select_option("completed")
    page.locator("#id_main-as_of").fill("2026-10")
    page.locator("[data-add=citation]").click()
    choose(page, "citation-0", "source", source.title[:60])
    say_why(page, "Its end was announced.", "world")
    save(page)

    page.wait_for_url(f"**{engagement.get_absolute_url()}**")
    assert Status.objects.get(engagement=engagement, state="completed", as_of="2026-10")
    expect(page.locator("#table-statuses").get_by_text("completed")).to_be_visible()


def test_two_organisations_are_merged(live_server, chromium, anna):
    keep, gone = Organisation.objects.filter(participations__isnull=False).distinct()[:2]
    page = opened(chromium, live_server, anna)
    go(page, live_server.url + gone.get_absolute_url())
    page.get_by_role("link", name="Merge").click()
    field = page.locator("input#merge-with")
    field.fill(keep.name)
    field.press("Enter")
    page.get_by_role("button", name="Compare the two").click()
    page.get_by_role("radio", name=keep.name, exact=True).check()
    say_why(page, "Both are the same body.")
    page.get_by_role("button", name="Merge").click()

    page.wait_for_url(f"**{keep.get_absolute_url()}**")
    assert not Organisation.objects.filter(pk=gone.pk).exists()
    go(page, live_server.url + gone.get_absolute_url())
    assert page.url.startswith(live_server.url + keep.get_absolute_url())


def test_the_matrix_is_edited_with_the_keyboard_alone(live_server, chromium, anna):
    page = opened(chromium, live_server, anna)
    go(page, f"{live_server.url}/matrix/")
    cells = page.locator("td[data-edit]")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('td[data-edit]')"):
            break
    expect(cells.first).to_be_focused()
    first = page.evaluate("document.activeElement.id")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == first
    # To an empty cell.
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")  # the last column is a bloc
    while "/score/new/" not in page.evaluate("document.activeElement.dataset.edit"):
        page.keyboard.press("ArrowLeft")
    cell = page.evaluate("document.activeElement.id")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/score/new/**")
    expect(page.locator("#id_main-share")).to_be_focused()
    page.keyboard.type("1.25")

    def tab_to(selector: str) -> None:
        for _ in range(80):
            if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"{selector} is not reached by Tab")

    tab_to("#id_main-basis")
    page.keyboard.press("s")  # stated
    tab_to("[data-add=citation]")
    page.keyboard.press("Enter")
    page.keyboard.type(Source.objects.first().title[:60])
    page.keyboard.press("Enter")
    tab_to("#id_cause")
    page.keyboard.press("n")  # new edition
    tab_to("#id_note")
    page.keyboard.type("Read in the table.")
    tab_to("#save")
    page.keyboard.press("Enter")

    page.wait_for_url("**/matrix/**")
    expect(page.get_by_text("Saved as r")).to_be_visible()
    expect(page.locator(f"#{cell}")).to_be_focused()
    expect(page.locator(f"#{cell}")).to_contain_text("1.25")
    technology, _, country = cell.removeprefix("cell-").rpartition("-")
    score = Score.objects.get(
        technology__slug=technology,
        country__code=country.upper(),
        window__edition__featured=True,
        window__kind="main",
    )
    assert (str(score.share), score.share_decimals, score.basis) == ("1.250000", 2, "stated")


def test_without_javascript_rows_are_added_and_saved(live_server, chromium, anna):
    technology = Technology.objects.filter(level="technology").first()
    page = opened(chromium, live_server, anna, java_script_enabled=False)
    go(page, f"{live_server.url}/records/technology/{technology.pk}/edit/")
    page.locator("#id_main-note").fill("Typed before.")
    page.locator("[data-add=alias]").click()
    number = technology.aliases.count()
    expect(page.locator("#id_main-note")).to_have_value("Typed before.")
    page.locator(f"#id_alias-{number}-name").fill("A name without JavaScript")
    say_why(page, "It is in use.")
    save(page)

    page.wait_for_url(f"**{technology.get_absolute_url()}**")
    assert technology.aliases.filter(name="A name without JavaScript").exists()


def test_what_is_wrong_is_shown_and_the_first_way_leads_there(live_server, chromium, anna):
    score = Score.objects.filter(share__isnull=False).first()
    page = opened(chromium, live_server, anna)
    go(page, f"{live_server.url}/records/score/{score.pk}/edit/")
    page.locator("#id_main-share").fill("1,200")
    say_why(page, "Looked at.")
    save(page)

    expect(page.locator("#wrongs")).to_be_focused()
    page.locator("#wrongs a").first.click()
    expect(page.locator("#id_main-share")).to_be_focused()
    expect(page.locator("#id_main-share")).to_have_value("1,200")


def test_unsaved_changes_are_not_left_without_a_question(live_server, chromium, anna):
    score = Score.objects.first()
    page = opened(chromium, live_server, anna)
    go(page, f"{live_server.url}/records/score/{score.pk}/edit/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#id_main-note").fill("Half typed")
    page.get_by_role("link", name="Cancel").click()

    expect(page.locator("#id_main-note")).to_have_value("Half typed")
    assert asked == ["beforeunload"]


def test_others_who_edit_are_shown(live_server, chromium, anna):
    score = Score.objects.first()
    boris = UserFactory(display_name="Boris Weber")
    boris.groups.add(Group.objects.get_or_create(name="researcher")[0])
    first = opened(chromium, live_server, anna)
    go(first, f"{live_server.url}/records/score/{score.pk}/edit/")
    expect(first.locator("#presence")).to_be_hidden()
    second = opened(chromium, live_server, boris)
    go(second, f"{live_server.url}/records/score/{score.pk}/edit/")

    expect(second.locator("#presence")).to_contain_text("Anna Li has this open since")


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_forms_are_accessible_and_fit(live_server, chromium, anna, width, scheme):
    engagement, score = Engagement.objects.first(), Score.objects.first()
    one, other = Organisation.objects.all()[:2]
    page = opened(chromium, live_server, anna, color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        "/records/", "/records/score/", f"/records/score/{score.pk}/edit/", f"/records/engagement/{engagement.pk}/edit/",
        "/records/engagement/new/", f"/records/engagement/{engagement.pk}/delete/", "/records/tradeflow/new/",
        f"/records/control/{Control.objects.get(code='CHPL').pk}/edit/",
        f"/records/organisation/{one.pk}/merge/?with={other.pk}", f"/records/source/{Source.objects.first().pk}/retire/",
        "/records/behind/?page=/technologies/", "/technologies/quantum-computing/", "/matrix/",
    ):  # fmt: skip
        go(page, live_server.url + address)
        if "engagement" in address and "edit" in address:
            page.get_by_role("button", name="Add a claim").click()
            page.locator("details.row-fold summary").first.click()
        assert_fits(page, f"{address} at {width}, {scheme}")
