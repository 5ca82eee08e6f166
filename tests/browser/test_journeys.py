"""Twelve journeys of researchers, from the page where they begin to what readers see, the history and the database.

Three are made with the keyboard alone: the matrix, logging in with two factors, answering a reader's report.
"""

import datetime
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.journeys import Hands, Person, newest, researcher
from tracker.models import (
    Act,
    Citation,
    Claim,
    Engagement,
    Organisation,
    OrganisationAlias,
    Participation,
    Report,
    Revision,
    Score,
    Source,
    Status,
    Technology,
)

pytestmark = [pytest.mark.browser, pytest.mark.seed]

ENGINES = "/technologies/advanced-aircraft-engines/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def enter(live_server, chromium, request):
    """Opens a window for somebody; afterwards nothing may have gone wrong in any of them."""
    people = []
    journey = request.node.name.removeprefix("test_").partition("_")[0]

    def entered(user=None, **options):
        people.append(Person(chromium, live_server.url, journey, user, **options))
        return people[-1]

    yield entered
    wrong = [said for person in people for said in person.wrong]
    for person in people:
        person.leave()
    assert wrong == []


@pytest.fixture
def anna(live_server):
    return researcher("Anna Li")


@pytest.fixture
def boris(live_server):
    return researcher("Boris Weber")


@pytest.fixture
def share():
    """China's share in aircraft engines: 48.49 %."""
    return Score.objects.get(
        country__code="CN", technology__slug="advanced-aircraft-engines", window__edition__featured=True,
        share__isnull=False,
    )  # fmt: skip


def open_value(person, record):
    """Opens the panel of a value, as with the mouse."""
    value = person.page.locator(f"#value-{record.record_kind()}-{record.pk}")
    value.locator("summary").first.click()
    return value


def correct(person, record, share, why):
    """Corrects a share from the technology's page."""
    person.go(ENGINES)
    with person.page.expect_navigation():
        open_value(person, record).get_by_role("link", name="Edit", exact=True).click()
    person.page.locator("#id_main-share").fill(share)
    person.say_why(why)
    return person.save()


def test_01_a_share_is_corrected_with_its_source_and_reason(enter, anna, share):
    source = Source.objects.filter(title__startswith="ASPI").exclude(
        pk__in=Citation.objects.filter(kind="score", record=share.pk).values("source")
    )[0]
    reader, me = enter(), enter(anna)
    page = me.page
    me.go(ENGINES)
    me.shot("technology")
    before = len(me.loads)

    began = time.monotonic()
    value = open_value(me, share)
    me.shot("panel")
    with page.expect_navigation():
        value.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#id_main-share").fill("48.30")
    page.get_by_role("button", name="Add a source").last.click()
    row = f"citation-{Citation.objects.filter(kind='score', record=share.pk).count()}"
    me.choose(f"{row}-source", source.title[:60])
    page.locator(f"#id_{row}-passage").fill("It prints 48.30 per cent.")
    me.say_why("The printed table has 48.30.")
    me.shot("form", phone=True)
    done = me.save()
    page.wait_for_load_state()
    seconds = time.monotonic() - began
    me.shot("back")
    print(f"Journey 1, scripted: {seconds:.1f} s, page loads: {len(me.loads) - before}")

    assert len(me.loads) - before == 2
    expect(page.locator(f"#value-score-{share.pk} > summary")).to_be_focused()
    act, revisions = newest()
    assert (act.by, act.cause, act.note) == (anna, "correction", "The printed table has 48.30.")
    assert sorted(one.kind for one in revisions) == ["citation", "score"]
    assert f"r{revisions[-1].number}" in done
    share.refresh_from_db()
    assert (str(share.share), share.share_decimals) == ("48.300000", 2)
    assert Citation.objects.get(kind="score", record=share.pk, source=source).passage == "It prints 48.30 per cent."

    reader.go(ENGINES)
    cell = reader.page.locator("#table-ranking tbody tr", has_text="China").locator("td[data-value='48.30']")
    cell.locator("summary").click()
    expect(cell.locator(f"a[href='{source.get_absolute_url()}']")).to_be_visible()
    reader.shot("readers")
    reader.go(f"/records/score/{share.pk}/history/")
    changes = reader.page.locator("#table-changes")
    expect(changes).to_contain_text("The printed table has 48.30.")
    expect(changes).to_contain_text("48.49")
    expect(changes).to_contain_text("a researcher")
    expect(changes).not_to_contain_text("Anna Li")
    reader.shot("history", phone=True)


def test_02_an_engagement_with_two_parties_and_a_disputed_claim(enter, anna):
    chinese = Organisation.objects.filter(country__code="CN").first()
    russian = Organisation.objects.filter(country__code="RU").first()
    source, acts = Source.objects.filter(publisher__startswith="Xinhua").first(), Act.objects.count()
    reader, me = enter(), enter(anna)

    def counted():
        reader.go("/cooperation/")
        return int(re.match(r"(\d+) engagements", reader.page.locator(".page-head .lead").inner_text())[1])

    before = counted()
    page = me.page
    me.go("/engagements/")
    me.follow("Add an engagement")
    page.locator("#id_main-title").fill("Joint laboratory for testing")
    page.locator("#id_main-channel").select_option(label="Joint R&D projects")
    page.locator("#id_main-description").fill("A laboratory that both run.")
    page.locator("#id_main-start").fill("2025-03")
    for number, (side, body) in enumerate((("chinese", chinese), ("russian", russian))):
        page.get_by_role("button", name="Add a party").click()
        page.locator(f"#id_participation-{number}-side").select_option(side)
        me.choose(f"participation-{number}-organisation", body.name)
    page.get_by_role("button", name="Add a status").click()
    page.locator("#id_status-0-state").select_option("announced")
    page.locator("#id_status-0-as_of").fill("2025-03")
    page.locator("[data-ref=status-0]").get_by_role("button", name="Add a source").click()
    me.choose("status-0-citation-0-source", source.title[:60])
    page.get_by_role("button", name="Add a claim").click()
    page.locator("#id_claim-0-speaker").fill("A spokesman of the ministry")
    page.locator("#id_claim-0-stance").select_option("disputes")
    page.locator("#id_claim-0-statement").fill("No such laboratory exists.")
    page.locator("[data-ref=claim-0]").get_by_role("button", name="Add a source").click()
    me.choose("claim-0-citation-0-source", source.title[:60])
    page.locator("[data-add=citation]").click()
    me.choose("citation-0-source", source.title[:60])
    me.say_why("Signed in March.", "world")
    me.shot("form", phone=True)
    me.save()
    me.shot("saved")

    assert page.url.startswith(f"{me.site}/engagements/joint-laboratory-for-testing/")
    made = Engagement.objects.get(slug="joint-laboratory-for-testing")
    parties = Participation.objects.filter(engagement=made).order_by("pk")
    assert [(one.side, one.organisation) for one in parties] == [("chinese", chinese), ("russian", russian)]
    assert Claim.objects.get(kind="engagement", record=made.pk).stance == "disputes"
    act, revisions = newest()
    assert Act.objects.count() == acts + 1
    assert sorted(one.kind for one in revisions) == [
        "citation", "citation", "citation", "claim", "engagement", "participation", "participation", "status",
    ]  # fmt: skip

    reader.go("/engagements/joint-laboratory-for-testing/")
    for words in (chinese.name, russian.name):
        expect(reader.page.locator("#table-parties")).to_contain_text(words)
    expect(reader.page.get_by_text("No such laboratory exists.").first).to_be_visible()
    reader.shot("readers", phone=True)
    assert counted() == before + 1
    reader.go(f"/history/acts/{act.pk}/")
    expect(reader.page.locator("#table-changes")).to_contain_text("No such laboratory exists.")
    reader.shot("act")


def test_03_a_status_moves_on_with_a_source_of_its_own(enter, anna):
    engagement = Engagement.objects.get(slug="silk-road-high-tech-parks-memorandum")
    earlier = list(Status.objects.filter(engagement=engagement).values_list("pk", flat=True))
    reader, me = enter(), enter(anna)
    page = me.page
    me.go(engagement.get_absolute_url())
    me.follow("Add a status")
    page.locator("#id_main-state").select_option("completed")
    page.locator("#id_main-as_of").fill("2026-10")
    page.locator("[data-add=citation]").click()
    page.locator("#citation-0-new > summary").click()
    page.locator("#id_citation-0-new-title").fill("The parks are finished")
    page.locator("#id_citation-0-new-publisher").fill("The parks' own newspaper")
    page.locator("#id_citation-0-new-date").fill("2026-10-12")
    page.locator("#id_citation-0-new-url").fill("https://example.org/parks")
    page.locator("#id_citation-0-new-kind").select_option("primary")
    me.say_why("Its end was announced.", "world")
    me.shot("form", phone=True)
    me.save()
    me.shot("saved")

    made = Status.objects.get(engagement=engagement, state="completed", as_of="2026-10")
    assert set(earlier) < set(Status.objects.filter(engagement=engagement).values_list("pk", flat=True))
    source = Source.objects.get(title="The parks are finished")
    assert Citation.objects.get(kind="status", record=made.pk).source == source
    act, revisions = newest()
    assert (act.by, act.cause) == (anna, "world")
    assert sorted(one.kind for one in revisions) == ["citation", "source", "status"]

    reader.go(engagement.get_absolute_url())
    expect(reader.page.locator("#table-statuses tbody tr", has_text="completed")).to_contain_text("October 2026")
    reader.shot("readers")
    reader.go(f"{engagement.get_absolute_url()}history/")
    expect(reader.page.locator("#table-changes")).to_contain_text("Its end was announced.")
    reader.go(source.get_absolute_url())
    expect(reader.page.locator("h1")).to_contain_text("The parks are finished")
    reader.shot("source")


def test_04_two_organisations_become_one(enter, anna):
    keep = Organisation.objects.get(slug="china-national-nuclear-corporation")
    gone = Organisation.objects.get(slug="china-atomic-energy-authority")
    names = {gone.name, *OrganisationAlias.objects.filter(organisation=gone).values_list("name", flat=True)}
    parts = set(gone.participations.values_list("pk", flat=True))
    assert len(names) > 1
    assert parts
    reader, me = enter(), enter(anna)
    page = me.page
    me.go(gone.get_absolute_url())
    me.follow("Merge")
    field = page.locator("input#merge-with")
    field.fill(keep.name)
    field.press("Enter")
    me.press("Compare the two")
    page.get_by_role("radio", name=keep.name, exact=True).check()
    me.say_why("Both are the same body.")
    me.shot("compare", phone=True)
    me.press("Merge")
    me.shot("merged")

    expect(page.locator(".notice-done")).to_contain_text(f"{gone.name} is now part of {keep.name}")
    assert not Organisation.objects.filter(pk=gone.pk).exists()
    assert parts <= set(keep.participations.values_list("pk", flat=True))
    assert names <= set(OrganisationAlias.objects.filter(organisation=keep).values_list("name", flat=True))

    reader.go(gone.get_absolute_url())
    assert reader.page.url == reader.site + keep.get_absolute_url()
    for name in names:
        expect(reader.page.locator(".facts").first).to_contain_text(name)
        reader.go(f"/search/?q={name}")
        expect(reader.page.locator("main").get_by_role("link", name=keep.name).first).to_be_visible()
        reader.go(keep.get_absolute_url())
    reader.shot("readers")
    reader.go(f"/records/organisation/{gone.pk}/history/")
    expect(reader.page.locator("main")).to_contain_text("Both are the same body.")
    reader.shot("history")


def test_05_a_colleagues_act_is_reverted_and_refused_where_it_was_changed_again(enter, anna, boris, share):
    reader, me, other = enter(), enter(anna), enter(boris)
    page = me.page
    correct(other, share, "99.99", "Read in a draft.")
    act, _ = newest()
    assert act.by == boris

    me.go("/history/")
    expect(page.locator("#table-acts tbody tr").first).to_contain_text("Boris Weber")
    me.shot("list")
    me.follow("Read in a draft.", exact=False)
    me.shot("act")
    me.follow("Revert this act …")
    expect(page.locator("main")).to_contain_text("48.49")
    page.locator("#id_note").fill("A draft is no source.")
    me.shot("preview", phone=True)
    me.press("Revert")
    me.shot("reverted")

    share.refresh_from_db()
    assert (str(share.share), share.share_decimals) == ("48.490000", 2)
    back, revisions = newest()
    assert (back.by, [(one.kind, one.record, one.action) for one in revisions]) == (
        anna, [("score", share.pk, "update")],
    )  # fmt: skip
    reader.go(ENGINES)
    expect(reader.page.locator("#table-ranking td[data-value='48.49']")).to_be_visible()
    reader.go(f"/records/score/{share.pk}/history/")
    for words in ("Read in a draft.", "A draft is no source."):
        expect(reader.page.locator("#table-changes")).to_contain_text(words)
    reader.shot("history")

    # Changed again: the first of two is not taken back over the second.
    correct(other, share, "47.10", "The first of two.")
    first, _ = newest()
    correct(other, share, "47.20", "The second of two.")
    with me.refused(409):
        me.go(f"/history/acts/{first.pk}/revert/")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("has been changed again since")
    expect(alert).to_contain_text("Boris Weber")
    expect(page.get_by_role("button", name="Revert", exact=True)).to_have_count(0)
    me.shot("refused")
    share.refresh_from_db()
    assert str(share.share) == "47.200000"


def test_06_last_months_page(enter, anna, share, monkeypatch):
    today, now = timezone.now(), timezone.now
    then = today.date().isoformat()
    # A month goes by.
    monkeypatch.setattr(timezone, "now", lambda: now() + datetime.timedelta(days=31))
    me = enter(anna)
    correct(me, share, "51.20", "A month later.")
    reader = enter()
    page = reader.page
    reader.go(ENGINES)
    expect(page.locator("#table-ranking")).to_contain_text("51.20")
    reader.shot("today")

    reader.go(f"{ENGINES}?as_of={then}")
    banner = page.get_by_role("complementary", name="State of the record shown")
    expect(banner).to_contain_text(f"{today.day} {today:%B %Y}")
    expect(page.locator("#table-ranking")).to_contain_text("48.49")
    expect(page.locator("main")).not_to_contain_text("51.20")
    reader.shot("then", phone=True)
    # On through two links, and the moment goes along.
    page.locator("#table-ranking").get_by_role("link", name="China").click()
    page.wait_for_url(f"**/countries/cn/**as_of={then}*")
    expect(banner).to_be_visible()
    reader.shot("country-then")
    page.locator("header").get_by_role("link", name="Technologies").first.click()
    page.wait_for_url(f"**/technologies/?*as_of={then}*")
    page.locator("main").get_by_role("link", name="Advanced aircraft engines").first.click()
    page.wait_for_url(f"**{ENGINES}?*as_of={then}*")

    page.get_by_role("link", name="What changed on this page since").click()
    page.wait_for_load_state()
    changes = page.locator("#table-changes")
    expect(changes.locator("article")).to_have_count(1)
    for words in ("48.49", "51.20"):
        expect(changes).to_contain_text(words)
    reader.shot("changed-since", phone=True)
    page.go_back()
    page.get_by_role("link", name="What changed in the whole record since").click()
    page.wait_for_load_state()
    expect(page.locator("#table-changes article")).to_have_count(1)
    page.go_back()
    page.get_by_role("link", name="See this page today").click()
    page.wait_for_url(f"**{ENGINES}")
    expect(page.locator("#table-ranking")).to_contain_text("51.20")
    expect(banner).to_have_count(0)
    act, revisions = newest()
    assert (act.at.date() - today.date()).days == 31
    assert [(one.kind, one.record) for one in revisions] == [("score", share.pk)]


def test_07_who_changed_a_number_and_why(enter, anna, boris, share):
    other, me = enter(boris), enter(anna)
    first = Revision.objects.filter(kind="score", record=share.pk).latest("number").number
    correct(other, share, "48.10", "The publisher's erratum of May.")
    second = newest()[1][0].number
    correct(other, share, "48.15", "The erratum prints 48.15: misread.")
    third = newest()[1][0].number
    page = me.page

    me.go(ENGINES)
    value = open_value(me, share)
    with page.expect_navigation():
        value.get_by_role("link", name="History", exact=True).click()
    changes = page.locator("#table-changes")
    expect(changes.locator(".act-head").first).to_contain_text("The erratum prints 48.15: misread.")
    expect(changes.locator(".act-head").first).to_contain_text("Boris Weber")
    expect(changes.locator(".act-head").nth(1)).to_contain_text("The publisher's erratum of May.")
    me.shot("history")
    page.locator("summary", has_text="Compare two revisions").click()
    page.locator("#id_a").select_option(f"r{first}")
    page.locator("#id_b").select_option(f"r{third}")
    with page.expect_navigation():
        page.get_by_role("button", name="Compare", exact=True).click()
    compared = page.get_by_role("region", name=f"r{first} and r{third} compared")
    expect(compared).to_contain_text("48.49")
    expect(compared).to_contain_text("48.15")
    expect(compared).not_to_contain_text("48.10")
    me.shot("compared", phone=True)
    numbers = Revision.objects.filter(kind="score", record=share.pk).order_by("number")
    assert [one.number for one in numbers][-3:] == [first, second, third]

    # A reader who goes to the page's history finds the same, without the name.
    reader = enter()
    reader.go(f"/records/score/{share.pk}/history/?a=r{first}&b=r{third}")
    expect(reader.page.locator("main")).to_contain_text("48.15")
    expect(reader.page.locator("main")).to_contain_text("The publisher's erratum of May.")
    expect(reader.page.locator("main")).not_to_contain_text("Boris Weber")
    reader.shot("readers")


def test_08_two_people_at_one_record(enter, anna, boris):
    technology = Technology.objects.get(slug="quantum-computing")
    other, me = enter(boris), enter(anna)
    address = f"/records/technology/{technology.pk}/edit/?back={technology.get_absolute_url()}"
    other.go(address)
    me.go(address)
    expect(me.page.locator("#presence")).to_contain_text("Boris Weber has this open since")
    me.shot("presence")

    other.page.locator("#id_main-definition").fill("Boris's definition.")
    other.page.locator("#id_main-civil_uses").fill("Boris's civil uses.")
    other.say_why("Worded anew.")
    other.save()
    me.page.locator("#id_main-definition").fill("Anna's definition.")
    me.page.locator("#id_main-military_uses").fill("Anna's military uses.")
    me.say_why("Made plainer.")
    with me.refused(409), me.page.expect_navigation():
        me.page.locator("#save").click()
    rows = me.page.locator(".collision-table tbody tr")
    asked = rows.filter(has_text="Definition")
    for words in (technology.definition[:40], "Boris's definition.", "Anna's definition."):
        expect(asked).to_contain_text(words)
    expect(me.page.locator(".meanwhile")).to_contain_text("Boris Weber")
    expect(me.page.locator(".meanwhile")).to_contain_text("Worded anew.")
    expect(me.page.get_by_role("radio", checked=True)).to_have_count(0)
    me.shot("conflict", phone=True)
    asked.get_by_role("radio", name="Yours").check()
    me.press("Save with these")
    expect(me.page.locator(".notice-done")).to_contain_text("Saved as r")
    me.shot("saved")

    technology.refresh_from_db()
    assert (technology.definition, technology.civil_uses, technology.military_uses) == (
        "Anna's definition.", "Boris's civil uses.", "Anna's military uses.",
    )  # fmt: skip
    last = list(Revision.objects.filter(kind="technology", record=technology.pk).order_by("-number")[:2])
    assert [one.act.by for one in last] == [anna, boris]
    assert last[1].state["definition"] == "Boris's definition."
    reader = enter()
    reader.go(technology.get_absolute_url())
    for words in ("Anna's definition.", "Boris's civil uses.", "Anna's military uses."):
        expect(reader.page.locator("main")).to_contain_text(words)
    reader.go(f"/records/technology/{technology.pk}/history/")
    for words in ("Worded anew.", "Made plainer."):
        expect(reader.page.locator("#table-changes")).to_contain_text(words)


def test_09_the_matrix_with_the_keyboard_alone(enter, anna):
    me = enter(anna)
    page, hands = me.page, Hands(me)
    me.go("/matrix/")
    hands.to("td[data-edit]", most=400)
    me.shot("first-cell")
    first = page.evaluate("document.activeElement.id")
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        hands.press(key)
    assert page.evaluate("document.activeElement.id") == first
    # To a cell with a share.
    for _ in range(60):
        if "field=share" in page.evaluate("document.activeElement.dataset.edit"):
            break
        hands.press("ArrowDown")
    cell = page.evaluate("document.activeElement.id")
    hands.press("Space")
    me.shot("panel")
    hands.press("Escape")
    hands.to(f"#{cell}", back=True, most=3)
    hands.enter()
    expect(page.locator("#id_main-share")).to_be_focused()
    hands.replace("33.33")
    hands.to("#id_cause")
    hands.type("corr")
    hands.to("#id_note")
    hands.type("Read in the table.")
    me.shot("form")
    hands.to("#save")
    hands.enter()

    expect(page.get_by_text("Saved as r")).to_be_visible()
    expect(page.locator(f"#{cell}")).to_be_focused()
    expect(page.locator(f"#{cell}")).to_contain_text("33.33")
    me.shot("back")
    assert me.pointed == []
    assert hands.hidden == []
    technology, _, country = cell.removeprefix("cell-").rpartition("-")
    score = Score.objects.get(
        technology__slug=technology, country__code=country.upper(), window__edition__featured=True,
        window__kind="main",
    )  # fmt: skip
    assert (str(score.share), score.share_decimals) == ("33.330000", 2)
    act, revisions = newest()
    assert (act.by, act.cause, act.note) == (anna, "correction", "Read in the table.")
    assert [(one.kind, one.record) for one in revisions] == [("score", score.pk)]
    print(f"Journey 9: {hands.pressed} keys")
    reader = enter()
    reader.go("/matrix/")
    expect(reader.page.locator("main table").first).to_contain_text("33.33")
    reader.go(f"/records/score/{score.pk}/history/")
    expect(reader.page.locator("#table-changes")).to_contain_text("Read in the table.")


def code_now(secret):
    """The code that an app would show; not one that ends within the next seconds."""
    if time.time() % 30 > 24:
        time.sleep(30.5 - time.time() % 30)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_10_log_in_with_two_factors_and_edit_with_the_keyboard_alone(enter, live_server, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = researcher("Clara Roth", username="clara")
    user.set_password(PASSWORD)
    user.save()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    technology = Technology.objects.get(slug="quantum-computing")
    me = enter()
    page, hands = me.page, Hands(me)

    me.go(f"/login/?next={technology.get_absolute_url()}")
    hands.to("#id_login")
    hands.type("clara")
    hands.to("#id_password")
    hands.type(PASSWORD)
    me.shot("login", phone=True)
    hands.enter()
    assert "/accounts/two-factor/code/" in page.url
    hands.to("input[name=code]")
    hands.type(code_now(secret))
    me.shot("code", phone=True)
    hands.enter()
    assert page.url == me.site + technology.get_absolute_url()
    me.shot("technology")
    hands.to(f"a[href^='/records/technology/{technology.pk}/edit/']")
    hands.enter()
    hands.to("#id_main-definition")
    hands.replace("A computer that works with quantum states.")
    # No reason given: refused, and everything typed still stands.
    hands.to("#save")
    with me.refused(422):
        hands.enter()
    expect(page.locator("#wrongs")).to_be_focused()
    expect(page.locator("#id_main-definition")).to_have_value("A computer that works with quantum states.")
    me.shot("refused", phone=True)
    hands.to("#wrongs a")
    hands.press("Enter")
    expect(page.locator("#id_cause")).to_be_focused()
    hands.type("corr")
    hands.to("#id_note")
    hands.type("Plainer words.")
    hands.to("#save")
    hands.enter()

    assert page.url.startswith(me.site + technology.get_absolute_url())
    expect(page.locator(".notice-done")).to_contain_text("Saved as r")
    me.shot("saved")
    hands.to(".account-bar button")
    hands.enter()
    me.shot("logged-out")
    expect(page.locator(".account-bar")).to_have_count(0)
    assert me.pointed == []
    assert hands.hidden == []
    technology.refresh_from_db()
    assert technology.definition == "A computer that works with quantum states."
    act, revisions = newest()
    assert (act.by, act.note) == (user, "Plainer words.")
    assert [(one.kind, one.record) for one in revisions] == [("technology", technology.pk)]
    print(f"Journey 10: {hands.pressed} keys")
    reader = enter()
    reader.go(technology.get_absolute_url())
    expect(reader.page.locator("main")).to_contain_text("A computer that works with quantum states.")
    reader.go(f"{technology.get_absolute_url()}history/")
    expect(reader.page.locator("#table-changes")).to_contain_text("Plainer words.")


def test_11_without_javascript(enter, anna):
    engagement = Engagement.objects.get(slug="shenzhen-msu-bit-university")
    body = Organisation.objects.exclude(participations__engagement=engagement).filter(country__code="RU")[0]
    parties = engagement.parties.count()
    me = enter(anna, javascript=False)
    page = me.page
    me.go(engagement.get_absolute_url())
    me.follow("Edit engagement")
    page.locator("#id_main-note").fill("Typed before the row came.")
    me.press("Add a party")
    expect(page.locator("#id_main-note")).to_have_value("Typed before the row came.")
    row = f"participation-{parties}"
    page.locator(f"#id_{row}-side").select_option("russian")
    me.choose(f"{row}-organisation", body.name)
    page.locator(f"[data-ref={row}]").get_by_role("button", name="Add a source").click()
    page.locator(f"#id_{row}-citation-0-source").wait_for()
    expect(page.locator(f"#id_{row}-organisation")).to_have_value(str(body.pk))
    page.locator(f"#{row}-citation-0-new > summary").click()
    page.locator(f"#id_{row}-citation-0-new-title").fill("Who teaches there")
    page.locator(f"#id_{row}-citation-0-new-publisher").fill("The university")
    page.locator(f"#id_{row}-citation-0-new-date").fill("2026")
    page.locator(f"#id_{row}-citation-0-new-kind").select_option("primary")
    page.locator(f"#id_{row}-citation-0-new-reuse").select_option("fact")
    me.say_why("It teaches there as well.", "evidence")
    me.shot("form", phone=True)
    me.save()
    me.shot("saved")
    made = Participation.objects.get(engagement=engagement, organisation=body)
    assert Citation.objects.get(kind="participation", record=made.pk).source.title == "Who teaches there"

    hanging = {
        "status": engagement.statuses.count(), "participation": parties + 1,
        "citation": Citation.objects.filter(kind="engagement", record=engagement.pk).count(),
    }  # fmt: skip
    me.follow("Delete")
    listed = page.locator("main details.fold")
    for words in (f"{hanging['status']} statuses", f"{hanging['participation']} parties", "citations"):
        expect(listed.filter(has_text=words).first).to_be_visible()
    me.say_why("Entered twice.")
    me.shot("delete", phone=True)
    me.press("Delete")
    me.shot("deleted")
    assert not Engagement.objects.filter(pk=engagement.pk).exists()
    _, gone = newest()
    reader = enter()
    with reader.refused(404, 410):
        reader.go(engagement.get_absolute_url())
    reader.shot("gone")

    me.go("/history/")
    me.follow("Entered twice.", exact=False)
    me.follow("Revert this act …")
    page.locator("#id_note").fill("It was not entered twice.")
    me.shot("bring-back")
    me.press("Revert")
    me.shot("brought-back")
    act, revisions = newest()
    assert {(one.kind, one.record) for one in revisions} == {(one.kind, one.record) for one in gone}
    assert (act.by, {one.action for one in revisions}) == (anna, {"create"})
    assert Engagement.objects.get(pk=engagement.pk).note == "Typed before the row came."
    assert engagement.parties.count() == parties + 1
    reader.go(engagement.get_absolute_url())
    expect(reader.page.locator("#table-parties")).to_contain_text(body.name)
    reader.go(f"/records/engagement/{engagement.pk}/history/")
    for words in ("It teaches there as well.", "Entered twice.", "It was not entered twice."):
        expect(reader.page.locator("main")).to_contain_text(words)
    reader.shot("history")


def test_12_a_reader_reports_an_error_and_finds_it_corrected(enter, anna, share):
    reader, me = enter(), enter(anna)
    reader.go(ENGINES)
    cell = reader.page.locator("#table-ranking td[data-value='48.49']")
    cell.locator("summary").click()
    with reader.page.expect_navigation():
        cell.get_by_role("link", name="Wrong?").click()
    reader.page.get_by_label("What is wrong, and what is right?").fill("The report prints 48.94 in table 3.")
    reader.shot("report", phone=True)
    reader.page.wait_for_timeout(3100)  # faster than that only machines type
    reader.press("Send the report")
    reader.shot("sent")
    report = Report.objects.get()

    page, hands = me.page, Hands(me)
    me.go("/workbench/")
    me.shot("workbench", phone=True)
    hands.to(f"a[href='/workbench/reports/{report.code}/']")
    hands.enter()
    me.shot("answer")
    hands.to("main a[href*='/technologies/advanced-aircraft-engines/']:not([href*=as_of])")
    hands.enter()
    # From the page to the value, its panel, and the form.
    hands.to(f"#value-score-{share.pk} > summary")
    hands.press("Enter")
    hands.to(f"#value-score-{share.pk} .edit-link")
    hands.enter()
    hands.to("#id_main-share")
    hands.replace("48.94")
    # Half done, and away: the browser asks first, and all is still there.
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    hands.to("[data-leave]")
    hands.press("Enter")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator("#id_main-share")).to_have_value("48.94")
    hands.to("#id_cause", back=True)
    hands.type("corr")
    hands.to("#id_note")
    hands.type("Digits were swapped; a reader told us.")
    hands.to("#save")
    hands.enter()
    number = re.search(r"r\d+", page.locator(".notice-done").inner_text())[0]
    hands.to("a[href='/workbench/']", back=True)
    hands.enter()
    hands.to(f"a[href='/workbench/reports/{report.code}/']")
    hands.enter()
    hands.to("input[name=state]")
    hands.press("Space")
    expect(page.get_by_label("corrected", exact=True)).to_be_checked()
    hands.to("textarea[name=outcome]")
    hands.type("You are right: table 3 prints 48.94.")
    hands.to("input[name=number]")
    hands.type(number)
    me.shot("answered-form", phone=True)
    hands.enter()
    me.shot("answered")
    assert me.pointed == []
    assert hands.hidden == []
    print(f"Journey 12: {hands.pressed} keys")

    report.refresh_from_db()
    act, _ = newest()
    assert (report.state, report.answered_by, report.act) == ("corrected", anna, act)
    share.refresh_from_db()
    assert (str(share.share), share.share_decimals) == ("48.940000", 2)
    reader.go(f"/report/{report.code}/")
    expect(reader.page.locator("main")).to_contain_text("You are right: table 3 prints 48.94.")
    expect(reader.page.locator("main")).not_to_contain_text("The report prints")
    reader.shot("outcome", phone=True)
    reader.follow("See the correction", exact=False)
    expect(reader.page.locator("#table-changes")).to_contain_text("48.94")
    reader.shot("correction")
    reader.go(ENGINES)
    expect(reader.page.locator("#table-ranking td[data-value='48.94']")).to_be_visible()
