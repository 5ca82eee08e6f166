"""The doors to history: who is named to whom, the feed, paging, comparing, a page's own history, taking back."""

import datetime
import json
import re
import xml.etree.ElementTree as ElementTree
from contextlib import nullcontext
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import Group

from tests.factories import (
    AliasFactory,
    CategoryFactory,
    CitationFactory,
    CountryFactory,
    SourceFactory,
    TechnologyFactory,
)
from tests.history.acting import act, change, create, delete
from tracker.actions import reverts
from tracker.actions.accounts import create_groups
from tracker.actions.redactions import withdraw_name
from tracker.history.diff import diff
from tracker.history.timeline import latest_acts
from tracker.models import Act, Category, Country, Record, Revision, RevisionCounter, Technology, User

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_TWO_FACTOR = False


def person(name: str, *, role: str = "editor", shown: bool = False) -> User:
    create_groups()
    made = User.objects.create(
        username=name.lower(), display_name=f"{name} Example", shown_as="name" if shown else "researcher"
    )
    made.groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def ada():
    return person("Ada", shown=True)


@pytest.fixture
def bob():
    return person("Bob")


def made(record: Record, by: User | None = None, note: str = "A reason", **values) -> Act:
    """An act on a record by a person or a command."""
    who = {"by": by, "by_name": by.get_full_name()} if by else {}
    with act(record, note=note, **who) as recording:
        for column, value in values.items():
            setattr(record, column, value)
        record.save()
    return recording.act


@pytest.fixture
def energy(ada, bob):
    category = CategoryFactory.build(slug="energy", name="Energy")
    made(category, note="By a command")
    made(category, ada, "Ada renames", name="Power")
    made(category, bob, "Bob renames", name="Energy and environment")
    return category


def rows(client, address: str, table: str = "acts") -> list[dict]:
    return client.get(address).json()["tables"][table]["rows"]


def parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314  (our own)


# Names


def test_readers_see_names_as_people_chose_and_commands_by_their_name(client, energy):
    assert [row["by"] for row in rows(client, "/history.json")] == ["a researcher", "Ada Example", "A test"]
    for address in ("/history/", "/history.csv", "/history.atom", f"/records/category/{energy.pk}/history/"):
        text = client.get(address).content.decode()
        assert "Ada Example" in text
        assert "Bob" not in text.replace("Bob renames", "")


def test_colleagues_see_every_name_and_nobody_keeps_their_answer(client, energy, ada):
    client.force_login(ada)

    answer = client.get("/history/")

    assert "Bob Example" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert next(row["by"] for row in rows(client, "/history.json")) == "Bob Example"


def test_name_that_is_withdrawn_is_gone_at_once_and_everywhere(client, energy, ada):
    pages = ("/history/", "/history.json", "/history.atom", f"/records/category/{energy.pk}/history/")
    held = {page: client.get(page)["ETag"] for page in pages}

    User.objects.filter(pk=ada.pk).update(shown_as=User.ShownAs.RESEARCHER)

    for page in pages:
        again = client.get(page, headers={"if-none-match": held[page]})
        assert again.status_code == 200, page
        assert "Ada Example" not in again.content.decode(), page


def test_answer_is_kept_while_names_and_record_stay(client, energy):
    for page in ("/history/", "/history.atom", f"/history/acts/{Act.objects.first().pk}/"):
        first = client.get(page)

        assert client.get(page, headers={"if-none-match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("role", "two_factor_required", "seen"),
    [("", False, False), ("researcher", True, False), ("researcher", False, True), ("admin", False, True)],
)
def test_account_without_a_role_or_its_second_factor_sees_no_more_than_readers(
    client, energy, settings, role, two_factor_required, seen
):
    settings.REQUIRE_TWO_FACTOR = two_factor_required
    who = person("Cy", role=role or "researcher")
    if not role:
        who.groups.clear()
    client.force_login(who)

    for address in (
        "/history/",
        f"/records/category/{energy.pk}/history/",
        f"/history/acts/{Act.objects.first().pk}/",
    ):
        page = client.get(address)
        assert ("Bob Example" in page.content.decode()) is seen, address
        assert ("/revert/" in page.content.decode()) is (seen and address != "/history/"), address
        assert "no-store" in page["Cache-Control"]
    assert (rows(client, "/history.json")[0]["by"] == "Bob Example") is seen


def test_act_of_a_withdrawn_name_is_no_command_s(client, energy, ada, bob):
    withdraw_name(user=bob, grounds="By request", by=ada)

    assert [row["act"]["text"] for row in rows(client, "/history.json?person=commands")] == ["By a command"]
    assert [row["act"]["text"][:11] for row in rows(client, "/history.json?person=researchers")] == ["Bob renames"]
    assert rows(client, "/history.json?q=bob")[0]["by"] == "name withdrawn"
    by_person = {one.note: one.by_person for one in latest_acts(10)}
    assert (by_person["Bob renames"], by_person["By a command"]) == (True, False)


@pytest.mark.seed
def test_front_page_names_nobody_and_leads_to_the_act(client, ada):
    done = made(Category.objects.first(), ada, "Ada renames", name="Another name")

    newest = rows(client, "/index.json", "changes")[0]

    assert newest["by"] == "a researcher"
    assert newest["note"]["address"] == f"/history/acts/{done.pk}/"


def test_person_filter_offers_and_answers_only_who_shows_their_name(client, energy, ada, bob):
    page = client.get("/history/").content.decode()

    assert f'<option value="{ada.pk}">Ada Example</option>' in page
    assert "Bob Example" not in page
    assert [row["act"]["text"] for row in rows(client, f"/history.json?person={ada.pk}")] == ["Ada renames"]
    assert client.get(f"/history/?person={bob.pk}").status_code == 404
    assert [row["act"]["text"] for row in rows(client, "/history.json?person=researchers")] == ["Bob renames"]
    assert [row["act"]["text"] for row in rows(client, "/history.json?person=commands")] == ["By a command"]
    client.force_login(ada)
    assert [row["act"]["text"] for row in rows(client, f"/history.json?person={bob.pk}")] == ["Bob renames"]


# The list


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cause=world", []),
        ("kind=category&q=renames", ["Bob renames", "Ada renames"]),
        ("kind=country", []),
        ("record=energy&q=ada", ["Ada renames"]),
        ("record=category/energy", ["Bob renames", "Ada renames", "By a command"]),
        ("until=2000-01-01", []),
        ("after=2000-01-01&q=command", ["By a command"]),
        ("origin=test", ["Bob renames", "Ada renames", "By a command"]),
        ("origin=web", []),
    ],
)
def test_list_is_narrowed(client, energy, query, found):
    assert [row["act"]["text"] for row in rows(client, f"/history.json?{query}")] == found


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("kind=nope", 404, "no kind of record “nope”"),
        ("cause=nope", 404, "no cause “nope”"),
        ("person=nope", 404, "Nobody who shows their name"),
        ("record=nope", 404, "No record is called “nope”"),
        ("record=score/x/y", 404, "No record is called"),
        ("after=yesterday", 400, "Write a day as 2026-03-01"),
        ("after=2026-03-02&until=2026-03-01", 400, "comes before the first"),
        ("start=0", 400, "greater than or equal to 1"),
    ],
)
def test_what_is_unknown_is_said(client, energy, query, status, says):
    answer = client.get(f"/history/?{query}")

    assert answer.status_code == status
    assert says in answer.content.decode()


def test_long_log_is_paged_without_reading_it(client, django_assert_max_num_queries):
    _counter, _ = RevisionCounter.objects.get_or_create(pk=1)
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    acts = Act.objects.bulk_create(
        Act(at=at, by_name="A test", cause="correction", note=f"Act {n}", origin="test") for n in range(3000)
    )
    Revision.objects.bulk_create(
        Revision(number=n, act=one, kind="country", record=n, name=str(n), action="create", state={}, digest="x")
        for n, one in enumerate(acts, 1)
    )
    RevisionCounter.objects.update(last_number=3000, last_digest="x")

    seen, address = [], "/history/"
    while address and len(seen) <= 3100:
        with django_assert_max_num_queries(6):
            page = client.get(address).context["page"]
        seen += [row.act.text for row in page.table("acts").rows]
        older = page.pager.older
        address = f"/history/{older}" if older else ""

    assert seen == [f"Act {n}" for n in reversed(range(3000))]
    assert page.pager.newer
    newer = rows(client, f"/history.json{page.pager.newer}")
    assert [row["act"]["text"] for row in newer] == seen[-200:-100]


# The feed


def test_feed_is_an_atom_feed_with_an_entry_an_act(client, energy):
    answer = client.get("/history.atom")

    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = parsed(answer.content)
    assert feed.tag == f"{ATOM}feed"
    # RFC 4287: what a feed and an entry must have.
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")].count("self") == 1
    entries = feed.findall(f"{ATOM}entry")
    assert [one.find(f"{ATOM}title").text for one in entries] == ["Bob renames", "Ada renames", "By a command"]
    acts = list(Act.objects.order_by("-pk").values_list("pk", flat=True))
    for one, pk in zip(entries, acts, strict=True):
        assert one.find(f"{ATOM}id").text == f"http://testserver/history/acts/{pk}/"
        assert datetime.datetime.fromisoformat(one.find(f"{ATOM}updated").text).tzinfo is not None
        assert one.find(f"{ATOM}author/{ATOM}name").text
    assert len({one.find(f"{ATOM}id").text for one in entries}) == 3


def test_feed_takes_the_filters_of_the_list(client, energy):
    feed = parsed(client.get("/history.atom?q=ada").content)

    assert [one.find(f"{ATOM}title").text for one in feed.findall(f"{ATOM}entry")] == ["Ada renames"]
    assert "/history/?q=ada" in next(link.get("href", "") for link in feed.findall(f"{ATOM}link"))
    assert client.get("/history.atom?kind=nope").status_code == 404
    assert client.get("/history.atom?after=never").status_code == 400


def test_feed_escapes_what_people_write(client, energy, ada):
    made(energy, ada, "<script>alert(1)</script> & more", name="Another")

    feed = parsed(client.get("/history.atom").content)

    assert feed.find(f"{ATOM}entry/{ATOM}title").text == "<script>alert(1)</script> & more"


def test_feed_is_xml_whatever_an_old_note_holds(client, energy):
    Act.objects.bulk_create(
        [
            Act(
                at=Act.objects.first().at,
                by_name="A\x01 name",
                cause="correction",
                note="a\x0bb\x1fc\ufffe",
                origin="old",
            )
        ]
    )

    entry = parsed(client.get("/history.atom").content).find(f"{ATOM}entry")

    assert entry.find(f"{ATOM}title").text == "a b c "
    assert entry.find(f"{ATOM}author/{ATOM}name").text == "A  name"


# A record


def test_record_s_history_says_field_by_field_who_when_and_why(client, energy):
    told = rows(client, f"/records/category/{energy.pk}/history.json", "changes")

    assert [(row["note"], row["by"], row["field"], row["before"], row["after"]) for row in told[:2]] == [
        ("Bob renames", "a researcher", "name", "Power", "Energy and environment"),
        ("Ada renames", "Ada Example", "name", "Energy", "Power"),
    ]
    assert {row["action"] for row in told[2:]} == {"created"}


def test_what_hangs_on_a_record_stands_in_its_history_and_its_sources_are_named(client):
    technology = create(TechnologyFactory.build(category=create(CategoryFactory.build())))
    source = create(SourceFactory.build(title="A report"))
    create(CitationFactory.build(cited=technology, source=source, passage="Page 12"), note="Its source")
    change(technology, definition="What it is.")

    told = rows(client, f"/records/technology/{technology.pk}/history.json", "changes")

    assert next(row["kind"] for row in told if row["note"] == "Its source") == "citation"
    assert [row["sources"] for row in told if row["field"] == "definition" and row["action"] == "changed"] == [
        [source.slug]
    ]
    page = client.get(f"/records/technology/{technology.pk}/history/").content.decode()
    assert f'<a href="/sources/{source.slug}/">A report</a>' in page


def test_two_revisions_are_compared_in_either_order(client, energy):
    for query in ("a=r1&b=r3", "a=r3&b=r1", "a=1&b=r3"):
        page = client.get(f"/records/category/{energy.pk}/history/?{query}").context["page"]
        assert (page.compared.first, page.compared.second) == (1, 3)
        assert [(one.field, one.before, one.after) for one in page.compared.shown.differences] == [
            ("name", "Energy", "Energy and environment")
        ]


@pytest.mark.parametrize(
    ("query", "status"),
    [("a=r1", 404), ("a=r0&b=r3", 404), ("a=x&b=r3", 400), ("a=r1&b=r99999999999999999", 200), ("a=r2&b=r2", 200)],
)
def test_comparison_of_what_is_no_revision_is_refused_in_words(client, energy, query, status):
    answer = client.get(f"/records/category/{energy.pk}/history/?{query}")

    assert answer.status_code == status
    if status == 404:
        assert "revision" in answer.content.decode()


def test_form_compares_without_javascript(client, energy):
    page = client.get(f"/records/category/{energy.pk}/history/").content.decode()

    assert '<select name="a"' in page
    assert page.count('<option value="r3"') == 2


def test_deleted_record_keeps_its_history_and_says_who_why_and_how_it_stood(client, ada):
    category = create(CategoryFactory.build(slug="gone", name="Gone"))
    pk = category.pk
    delete(category, by=ada, by_name="Ada Example", note="Nothing uses it")

    page = client.get(f"/records/category/{pk}/history/")
    text = page.content.decode()

    assert page.status_code == 200
    assert "was deleted on" in text
    assert "by Ada Example: Nothing uses it" in text
    assert "as_of=r1" in text
    assert page.context["page"].deleted is not None


def test_unknown_record_has_no_history(client, db):
    assert client.get("/records/category/999/history/").status_code == 404
    assert client.get("/records/nope/1/history/").status_code == 404
    assert client.get(f"/records/category/{10**30}/history/").status_code == 404


def test_long_history_of_a_record_is_paged(client):
    category = create(CategoryFactory.build(name="0"))
    for turn in range(1, 121):
        change(category, name=str(turn))

    seen, address = [], f"/records/category/{category.pk}/history/"
    while address and len(seen) < 200:
        page = client.get(address).context["page"]
        seen += [one.number for one in page.revisions]
        address = f"/records/category/{category.pk}/history/{page.pager.older}" if page.pager.older else ""

    assert seen == list(range(121, 0, -1))
    assert client.get(f"/records/category/{category.pk}/history/{page.pager.newer}").status_code == 200


def test_history_as_of_a_moment_knows_nothing_later(client, energy):
    told = rows(client, f"/records/category/{energy.pk}/history.json?as_of=r2", "changes")

    assert {row["revision"] for row in told} == {"r1", "r2"}
    assert [row["act"]["text"] for row in rows(client, "/history.json?as_of=r2")] == ["Ada renames", "By a command"]
    assert client.get(f"/history/acts/{Act.objects.order_by('-pk').first().pk}/?as_of=r2").status_code == 404


@pytest.mark.seed
def test_pages_of_history_read_at_a_moment_say_what_they_said_then(client):
    source = create(SourceFactory.build(slug="a-report", title="A report"))
    technology = create(TechnologyFactory.build(slug="lamps", name="Lamps", category=Category.objects.first()))
    first = RevisionCounter.objects.get(pk=1).last_number
    create(CitationFactory.build(cited=technology, source=source, passage="Page 12"), note="Its source")
    change(technology, definition="What it is.")
    at = RevisionCounter.objects.get(pk=1).last_number
    addresses = [
        f"/records/technology/{technology.pk}/history.json?a=r{first}&b=r{at}",
        f"/history/changes.json?after=r{first - 1}",
        f"/history/changes.json?after=r{first - 1}&of=/technologies/lamps/",
        f"/history/acts/{Act.objects.first().pk}.json",
        "/history.json?record=Lamps",
    ]
    then = [client.get(address) for address in addresses]

    change(source, title="Another title")
    change(technology, name="Lights", slug="lights", definition="What it was.")
    create(CitationFactory.build(cited=technology, source=source, field="definition"))
    create(AliasFactory.build(technology=technology, name="Luminaires"))

    for address, before in zip(addresses, then, strict=True):
        assert before.status_code == 200, address
        now = client.get(f"{address}{'&' if '?' in address else '?'}as_of=r{at}").json()
        told, was = json.dumps(now).replace(f"as_of=r{at}", ""), json.dumps(before.json())
        for name in ("title", "sentence", "tables", "revisions", "compared"):
            assert plain(now.get(name)) == plain(before.json().get(name)), f"{address}: {name}"
        assert "Lights" not in told + was


def plain(told: object) -> object:
    """Without the moment that the links of a page of the past lead to."""
    return json.loads(re.sub(r"[?&]as_of=r[0-9]+", "", json.dumps(told)))


def test_changes_read_at_a_moment_know_no_later_one(client, energy):
    for query in ("after=r1&until=r3", "after=r3"):
        answer = client.get(f"/history/changes/?{query}&as_of=r2")
        assert answer.status_code == 404
        assert "r3 comes after the moment that the record is read at, r2." in answer.content.decode()
    assert client.get("/history/changes/?after=r1&until=r2&as_of=r2").status_code == 200


@pytest.mark.seed
@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("/technologies/electric-batteries/", "technology"), ("/fields/physics/", "technology"),
        ("/countries/cn/", "country"), ("/blocs/eu/", "bloc"), ("/organisations/roscosmos/", "organisation"),
        ("/engagements/garpiya-a1-attack-drone/", "engagement"), ("/cases/balloon-zhuzhou-rubber/", "case"),
        ("/sources/heidi/", "source"), ("/editions/aspi-2023-03/", "edition"),
        ("/cooperation/joint-investment-funds/", "channel"),
    ],
)  # fmt: skip
def test_page_of_a_record_leads_to_its_history(client, page, kind):
    answer = client.get(f"{page}history/")

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/records/{kind}/")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/technologies/%00/history/", "/releases/%00/", "/releases/%00.json", "/releases/a%0Bb/", "/releases/%00/history/",
     "/releases/a b/history/", "/accounts/password/reset/1/%00/", "/accounts/invitation/%00/"],
)  # fmt: skip
def test_name_in_an_address_that_no_record_can_have_is_unknown(client, db, address, django_assert_num_queries):
    # Not even asked of the database: PostgreSQL refuses null bytes.
    with django_assert_num_queries(0) if address.startswith(("/technologies", "/releases")) else nullcontext():
        answer = client.get(address)

    assert answer.status_code == (200 if "reset" in address else 404)


@pytest.mark.seed
def test_page_of_no_record_has_no_history(client):
    for page in ("/technologies/nope/", "/organisations/nope/", "/matrix/x/", "/workbench/x/"):
        assert client.get(f"{page}history/").status_code == 404


# An act


def test_act_says_every_change_and_leads_on(client, energy):
    second = Act.objects.order_by("pk")[1]

    page = client.get(f"/history/acts/{second.pk}/").content.decode()

    assert "<del>Energy</del>" in page
    assert "<ins>Power</ins>" in page
    assert f'href="/records/category/{energy.pk}/history/"' in page
    assert "/revert/" not in page
    assert client.get("/history/acts/99999/").status_code == 404


def test_large_act_is_paged_by_its_revisions(client):
    letters = "ABCDEFGHIJK"
    with act() as recording:
        recording.bulk_create([Country(code=a + b, name=a + b) for a in letters for b in letters])
    address = f"/history/acts/{recording.act.pk}/"

    first, second = client.get(address).context["page"], client.get(f"{address}?start=51").context["page"]

    assert [one.number for one in first.revisions] == list(range(1, 51))
    assert first.pager.older == "?start=51"
    assert [one.number for one in second.revisions] == list(range(51, 101))
    assert client.get(f"{address}?start=122").status_code == 404


# What changed


def test_changes_between_two_moments_are_net(client, energy):
    told = rows(client, "/history/changes.json?after=r1", "changes")

    assert [(row["field"], row["before"], row["after"]) for row in told] == [
        ("name", "Energy", "Energy and environment")
    ]
    assert rows(client, "/history/changes.json?after=r1", "counts")[0]["changed"] == 1
    assert rows(client, "/history/changes.json?after=r3&until=r1", "changes") == told
    assert rows(client, "/history/changes.json?after=r3", "changes") == []


@pytest.mark.seed
def test_changes_of_a_page_are_those_of_what_it_shows(client):
    last = RevisionCounter.objects.get(pk=1).last_number
    shown, other = Technology.objects.get(slug="electric-batteries"), Technology.objects.get(slug="geoengineering")
    change(shown, definition="Another definition.")
    change(other, note="Another note.")

    of_page = client.get(f"/history/changes.json?after=r{last}&of=/technologies/electric-batteries/").json()
    of_all = client.get(f"/history/changes.json?after=r{last}").json()

    assert [row["record"]["text"] for row in of_page["tables"]["changes"]["rows"]] == [shown.name]
    assert len(of_all["tables"]["changes"]["rows"]) == 2
    moved = client.get(
        f"/history/changes/?after=r{last}&page=/technologies/electric-batteries/%3Fedition=aspi-2024-08"
    )
    assert moved.status_code == 302
    assert client.get(moved["Location"]).context["page"].of.address.endswith("?edition=aspi-2024-08")


@pytest.mark.parametrize("query", ["after=never", "after=r999999", "after=r1&of=/nowhere/", "after=r1&of=/history/",
                                   "after=r1&kind=nope", "after=r1&start=999", "after=r1&of=//evil.example/"])  # fmt: skip
def test_changes_of_what_is_unknown_are_refused_in_words(client, energy, query):
    assert client.get(f"/history/changes/?{query}").status_code == 404


def test_changes_of_pages_of_the_log_are_refused_however_deep_they_are_named(
    client, energy, django_assert_max_num_queries
):
    address = "/technologies/"
    for _ in range(6):
        address = "/history/changes/?" + urlencode({"after": "r1", "until": "r2", "of": address})
    inner = [f"/history/changes/?after=r1&of={quote(one)}" for one in (
        "/history/changes/", f"/records/category/{energy.pk}/history/", f"/history/acts/{Act.objects.first().pk}/",
    )]  # fmt: skip

    for one in (address, *inner):
        with django_assert_max_num_queries(5):
            answer = client.get(one)
        assert answer.status_code == 404, one
        assert "Of a page of history there are no changes." in answer.content.decode()


def test_changes_since_before_the_record_begins_are_everything(client, energy):
    assert rows(client, "/history/changes.json?after=1999-01-01", "counts")[0]["created"] == 1


# Taking back


def test_taking_back_is_for_who_may_edit(client, energy):
    for address in ("/history/revisions/3/revert/", f"/history/acts/{Act.objects.first().pk}/revert/"):
        assert client.get(address)["Location"].startswith("/login/")
        assert client.post(address).status_code == 302
    assert Revision.objects.count() == 3


def test_revision_is_taken_back_by_an_ordinary_act(client, energy, ada):
    client.force_login(ada)

    preview = client.get("/history/revisions/3/revert/").content.decode()
    answer = client.post("/history/revisions/3/revert/", {"cause": "correction", "note": "It was right before"})

    assert "<del>Energy and environment</del>" in preview
    assert "<ins>Power</ins>" in preview
    newest = Act.objects.order_by("-pk").first()
    assert answer["Location"] == f"/history/acts/{newest.pk}/"
    assert Category.objects.get().name == "Power"
    assert "It was right before" in newest.note


def test_act_is_taken_back_whole(client, ada):
    letters = "ABC"
    with act() as recording:
        recording.bulk_create([Country(code=a + b, name=a + b) for a in letters for b in letters])
    client.force_login(ada)
    address = f"/history/acts/{recording.act.pk}/revert/"

    assert client.get(address).status_code == 200
    client.post(address, {"cause": "correction", "note": "None of them"})

    assert not Country.objects.exists()


def test_preview_of_a_large_act_lists_fifty_and_counts_all(client, ada, monkeypatch):
    letters = "ABCDEFGHIJK"
    with act() as recording:
        recording.bulk_create([Country(code=a + b, name=a + b) for a in letters for b in letters])
    client.force_login(ada)
    made = []
    monkeypatch.setattr(reverts, "diff", lambda *states: made.append(states) or diff(*states))

    text = client.get(f"/history/acts/{recording.act.pk}/revert/").content.decode()

    assert "121 records go back" in " ".join(text.split())
    assert "And 71 more records." in text
    assert text.count('<article class="revision">') == len(made) == 50


def test_note_of_taking_back_loses_marks_that_nobody_sees(client, energy, ada):
    client.force_login(ada)

    client.post("/history/revisions/3/revert/", {"cause": "correction", "note": "It was\x0b right\x1f"})

    assert Act.objects.first().note.endswith(": It was right")


def test_taking_back_without_a_note_keeps_what_was_chosen(client, energy, ada):
    client.force_login(ada)

    answer = client.post("/history/revisions/3/revert/", {"cause": "evidence", "note": " "})

    assert answer.status_code == 200
    assert "Say why" in answer.content.decode()
    assert '<option value="evidence" selected>' in answer.content.decode()
    assert Category.objects.get().name == "Energy and environment"


def test_what_cannot_be_taken_back_is_refused_in_words(client, ada):
    category = create(CategoryFactory.build())
    create(TechnologyFactory.build(category=category))
    client.force_login(ada)

    for answer in (
        client.get("/history/revisions/1/revert/"),
        client.post("/history/revisions/1/revert/", {"cause": "correction", "note": "Away"}),
    ):
        text = answer.content.decode()
        assert answer.status_code in (200, 409)
        assert "It cannot be reverted as it is" in text
    assert Category.objects.exists()
    assert client.get("/history/revisions/999/revert/").status_code == 404
    assert client.get("/history/acts/999/revert/").status_code == 404


def test_colleagues_find_the_doors_of_taking_back(client, energy, ada):
    client.force_login(ada)

    assert (
        'href="/history/revisions/3/revert/"'
        in client.get(f"/records/category/{energy.pk}/history/").content.decode()
    )


def test_country_of_no_use_is_said_by_code(client, db):
    country = create(CountryFactory.build(code="ZZ", name="Nowhere"))

    assert client.get("/countries/zz/history/")["Location"] == f"/records/country/{country.pk}/history/"
