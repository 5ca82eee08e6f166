"""`as_of` in an address: the record as it stood, on every public page, twin and figure, and on every way from there."""

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from tests.history.acting import act, change, create, delete, now
from tests.public_addresses import ADDRESSES, FIGURES, ONE_EACH, twin
from tracker.history.past import Moment
from tracker.models import (
    Alias,
    Bloc,
    Case,
    Category,
    Channel,
    Citation,
    Claim,
    Country,
    Edition,
    Engagement,
    FormerAddress,
    Institution,
    Organisation,
    Score,
    Series,
    Source,
    Technology,
    User,
)
from tracker.urls import FIGURES as FIGURE_VIEWS
from tracker.urls import PUBLIC_PAGES
from tracker.views.past import keep_moment

pytestmark = pytest.mark.seed

HTML = "{http://www.w3.org/1999/xhtml}"
# By the tables of addresses, not by what the views say of themselves.
OF_THE_RECORD = {f"{page.name}{twin}" for page in PUBLIC_PAGES for twin in ("", "-json", "-csv")} | {
    f"chart-{figure.name}-{kind}" for figure in FIGURE_VIEWS for kind in ("svg", "png")
}
NEW = "Renamed later"
# They tell of the log, in which what came later is a way on from what was.
OF_THE_LOG = {"history", "act", "record-history", "changes"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return tmp_path_factory.mktemp("past")


@pytest.fixture(autouse=True)
def _past_of_the_module(_past_of_its_own, settings, filled):
    """The newest revision of the seed data is the same in every test: its file is filled once."""
    settings.PAST_DIR = filled


def as_of(address: str, asked: str | Moment) -> str:
    asked = asked.asked if isinstance(asked, Moment) else asked
    return f"{address}{'&' if '?' in address else '?'}as_of={asked}"


def text(response) -> str:
    return response.content.decode()


def knows_the_past(address: str, here: str) -> bool:
    path = urlsplit(address).path or here
    try:
        return resolve(path).url_name in OF_THE_RECORD
    except Resolver404:
        return False


def ways(page: bytes):
    """(what it is, address) of every link, file, figure and GET form of a page that are not a way back to today."""
    for element in html5lib.parse(page).iter():
        if element.get("data-now") is not None:
            continue
        for name in ("href", "src"):
            if element.get(name):
                yield name, element.get(name)
        if element.get("srcset"):
            for word in element.get("srcset").split():
                if word.startswith("/"):
                    yield "srcset", word
        if element.tag == f"{HTML}form" and element.get("method", "get") == "get":
            asked = [(i.get("name"), i.get("value", "")) for i in element.iter(f"{HTML}input")]
            moments = [value for name, value in asked if name == "as_of"]
            yield (
                "form",
                f"{element.get('action', '').partition('#')[0]}?{'&'.join(f'as_of={value}' for value in moments)}",
            )


# Every way on


@pytest.mark.parametrize("address", ONE_EACH)
def test_every_public_way_from_a_page_of_the_past_leads_to_the_same_moment(client, address):
    then = now()
    page = client.get(as_of(address, then))
    assert page.status_code == 200
    here = urlsplit(address).path

    found = [(what, way) for what, way in ways(page.content) if way[0] in "/?" and knows_the_past(way, here)]

    if here.startswith("/history/acts/"):
        # An act leads to the site just before and just after it.
        found = [(what, way) for what, way in found if not way.startswith("/?as_of=r") or way.endswith(then.asked)]
    assert len(found) > 20
    assert {what for what, _ in found} >= {"href", "form"}
    for what, way in found:
        assert parse_qs(urlsplit(way).query).get("as_of") == [then.asked], (what, way)


def test_a_walk_through_the_past_never_leaves_it(client):
    """From the home page, through one page of each kind and their files and figures, every answer is of the moment."""
    then = now()
    change(Technology.objects.get(slug="electric-batteries"), name=NEW)
    seen, open_ways, names = set(), [as_of("/", then)], {}
    while open_ways:
        way = open_ways.pop()
        path = urlsplit(way).path
        name = resolve(path).url_name
        if name in names or way in seen:
            continue
        names[name] = names.get(name, 0) + 1
        seen.add(way)
        response = client.get(way)
        assert response.status_code == 200, way
        assert response["ETag"].startswith(f'"r{then.number}-'), way
        if "text/html" in response["Content-Type"]:
            assert NEW not in text(response)
            open_ways += [
                link.partition("#")[0] if link.startswith("/") else path + link.partition("#")[0]
                for what, link in ways(response.content)
                # A page of the log may lead to another moment.
                if what != "form" and link[0] in "/?" and link.partition("#")[0].endswith(f"as_of={then.asked}")
            ]

    assert len(names) > 40
    # Forms lead to the search; the way to what changed since names its own moments; no release is seeded.
    assert set(ADDRESSES) - set(names) <= {
        "search",
        "changes",
        "release",
        "about",
        "licence",
        "places",
        "data",
        "blocs",
        "case",
        "field",
    }


@pytest.mark.parametrize("address", ["/", "/technologies/?sort=-share", "/compare/?side=cn&side=us"])
def test_page_of_today_names_no_moment_in_its_ways(client, address):
    page = client.get(address)

    found = [way for what, way in ways(page.content) if what != "form" and "as_of=" in way]

    # But for its permanent address.
    assert [urlsplit(way).path for way in found] == [urlsplit(address).path]


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<a href="/technologies/">', '<a href="/technologies/?as_of=r1">'),
        ('<a class="x" href="/technologies/?a=1&amp;b=2#c">', '<a class="x" href="/technologies/?a=1&amp;b=2&amp;as_of=r1#c">'),
        ('<a href="/search/?q=O&#x27;Brien">', '<a href="/search/?q=O&#x27;Brien&amp;as_of=r1">'),
        ('<a href="?sort=x#table-y">', '<a href="?sort=x&amp;as_of=r1#table-y">'),
        ('<a title="a > b" href="/countries/cn/">', '<a title="a > b" href="/countries/cn/?as_of=r1">'),
        ('<a href="/technologies/?as_of=r5">', '<a href="/technologies/?as_of=r5">'),
        ('<a href="/technologies/?has_of=r5">', '<a href="/technologies/?has_of=r5&amp;as_of=r1">'),
        ('<a href="#main">', '<a href="#main">'),
        ('<a href="/technologies/" data-now>', '<a href="/technologies/" data-now>'),
        ('<a href="/login/">', '<a href="/login/">'),
        ('<a href="/nowhere/">', '<a href="/nowhere/">'),
        ('<a href="//example.org/technologies/">', '<a href="//example.org/technologies/">'),
        ('<a href="https://example.org/technologies/">', '<a href="https://example.org/technologies/">'),
        ('<a href="/static/tracker/site.css">', '<a href="/static/tracker/site.css">'),
        (
            '<source srcset="/charts/slope.svg?side=custom:au,ca 2x, /charts/slope.svg?side=cn">',
            '<source srcset="/charts/slope.svg?side=custom:au,ca&amp;as_of=r1 2x, /charts/slope.svg?side=cn&amp;as_of=r1">',
        ),
        ('<img src="/charts/risk.png" alt="">', '<img src="/charts/risk.png?as_of=r1" alt="">'),
        (
            '<form method="get" action="/search/">',
            '<form method="get" action="/search/"><input type="hidden" name="as_of" value="r1">',
        ),
        ("<form class=\"x\">", '<form class="x"><input type="hidden" name="as_of" value="r1">'),
        ('<form method="post" action="/technologies/">', '<form method="post" action="/technologies/">'),
        ('<form method="get" action="/login/">', '<form method="get" action="/login/">'),
        ('<p>href="/technologies/"</p>', '<p>href="/technologies/"</p>'),
        ('<p data-x=\'<a href="/technologies/\'>', '<p data-x=\'<a href="/technologies/\'>'),
    ],
)  # fmt: skip
def test_exactly_the_public_ways_get_the_moment(html, kept):
    assert keep_moment(html, Moment(1, "r1"), "/matrix/") == kept


def test_redirect_keeps_the_moment(client):
    then = now()

    for address in ("/countries/CN/", "/compare/?side=china&side=us"):
        response = client.get(as_of(address, then))
        assert response.status_code in (301, 302)
        assert parse_qs(urlsplit(response["Location"]).query)["as_of"] == [then.asked]


def test_twins_lead_to_the_same_moment(client):
    then = now()
    body = json.loads(client.get(as_of("/technologies.json", then)).content)
    table = client.get(as_of("/technologies.csv", then))

    rows = list(csv.DictReader(io.StringIO(text(table))))
    addresses = re.findall(r'"address": "([^"]*)"', json.dumps(body)) + [row["technology_address"] for row in rows]

    assert body["as_of"] == then.asked
    assert len(addresses) > 100
    for address in filter(None, addresses):
        assert parse_qs(urlsplit(address).query)["as_of"] == [then.asked], address
    assert f"r{then.number}.csv" in table["Content-Disposition"]


def test_file_of_a_day_bears_its_day(client):
    day = now_as_a_day()

    table = client.get(as_of("/technologies.csv", day))

    assert f"technologies-technologies-{day}-r{now().number}.csv" in table["Content-Disposition"]


def now_as_a_day() -> str:
    return timezone.now().date().isoformat()


# What the page says of it


def test_banner_says_the_moment_and_the_ways_out_of_it(client):
    then = now()
    page = text(client.get(as_of("/technologies/?category=quantum&sort=-share", then)))

    assert f"The record as it stood just after revision r{then.number}" in page
    assert 'href="/technologies/?category=quantum&amp;sort=-share" data-now>See this page today' in page
    assert (
        f'href="/history/changes/?after={then.asked}&amp;page=%2Ftechnologies%2F%3Fcategory%3Dquantum%26sort%3D-share" data-now'
        in page
    )
    assert f'href="/history/changes/?after={then.asked}" data-now' in page
    assert '<input id="as-of-day" type="date" name="as_of"' in page
    assert page.count('name="category" value="quantum"') >= 1


def test_banner_of_today_says_that_the_day_goes_on(client):
    page = text(client.get(as_of("/technologies/", now_as_a_day())))

    assert f"The record as far as it has come today, {timezone.now().day} " in page
    assert "at the end of" not in page


def test_page_of_today_offers_a_past_day_and_no_banner(client):
    page = text(client.get("/technologies/?category=quantum"))

    assert "See this page as of a past day" in page
    assert 'class="as-of"' not in page
    assert f"as_of=r{now().number}" in page  # its permanent address


def test_citation_and_canonical_link_name_the_moment(client):
    then = now()
    page = client.get(as_of("/technologies/?sort=-share", then))

    canonical = f"http://testserver/technologies/?as_of={then.asked}&sort=-share"
    assert page.context["canonical"] == canonical
    assert f"record as of r{then.number} (" in page.context["citation"]
    assert canonical in page.context["citation"]
    assert f'<link rel="canonical" href="{canonical.replace("&", "&amp;")}">' in text(page)


def test_researcher_sees_the_past_kept_by_nobody(client):
    then = now()
    client.force_login(User.objects.create_user("someone", password="a long password"))

    page = client.get(as_of("/technologies/", then))

    assert page.status_code == 200
    assert (page.context["as_of"], page.context["moment"]) == (then.asked, then)
    assert "no-store" in page["Cache-Control"]
    assert 'class="as-of"' in text(page)


# Which moment


@pytest.mark.parametrize("page", ["/", "/technologies/?category=quantum", "/countries/cn/", "/search/?q=laser"])
def test_unknown_moments_are_refused_in_words_in_every_form(client, page):
    for address in (page, twin(page, "json"), twin(page, "csv")):
        for asked, status, says in (
            ("junk", 400, "“junk” is not a past moment"), ("r999999999", 404, "There is no revision “r999999999”"),
            ("1999-01-01", 404, "the record begins on"), ("2999-01-01", 400, "2999-01-01 has not come yet"),
            ("2026-02-30", 400, "is not a past moment"), ("x" * 300, 400, "at most 200 characters"),
            ("%00", 400, "Null characters"), ("r1&as_of=r2", 400, "named once"),
        ):  # fmt: skip
            response = client.get(as_of(address, asked))
            assert response.status_code == status, (address, asked)
            assert says in text(response)
            assert "ETag" not in response


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_of_an_unknown_moment_is_refused_in_words(client, figure):
    for asked, status in (("junk", 400), ("r999999999", 404), ("1999-01-01", 404), ("2999-01-01", 400)):
        response = client.get(as_of(figure, asked))
        assert response.status_code == status
        assert response["Content-Type"].startswith("text/plain")


def test_before_the_record_begins_the_way_to_its_first_day_is_offered(client):
    begins = now_as_a_day()

    page = client.get("/technologies/?category=quantum&as_of=1999-01-01")
    body = json.loads(client.get("/technologies.json?category=quantum&as_of=1999-01-01").content)
    line = text(client.get("/charts/ranking.svg?technology=electric-batteries&as_of=1999-01-01"))

    assert f'href="/technologies/?category=quantum&amp;as_of={begins}" data-now' in text(page)
    assert body["suggestions"][0]["address"] == f"/technologies.json?category=quantum&as_of={begins}"
    assert f"/charts/ranking.svg?technology=electric-batteries&as_of={begins}" in line


@pytest.mark.parametrize("address", ["/login/?as_of=r1", "/healthz?as_of=r1"])
def test_what_has_no_past_is_not_moved_by_it(client, address):
    assert client.get(address).status_code == client.get(address.partition("?")[0]).status_code


# Keeping


@pytest.mark.parametrize("address", ONE_EACH)
def test_page_of_the_past_is_unchanged_by_what_comes_later(client, address):
    then = now()
    first = client.get(as_of(address, then))
    change(Technology.objects.get(slug="electric-batteries"), name=NEW)

    again = client.get(as_of(address, then), headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert client.get(as_of(address, then)).content == first.content


def test_kept_page_of_the_past_is_answered_by_two_queries(client, django_assert_num_queries):
    then = now()
    first = client.get(as_of("/technologies/", then))

    with django_assert_num_queries(2):
        again = client.get(as_of("/technologies/", then))

    assert again.content == first.content
    assert again["ETag"] == first["ETag"] != client.get("/technologies/")["ETag"]


@pytest.mark.parametrize("address", ONE_EACH)
def test_page_of_the_past_asks_two_queries_more(client, address):
    then = now()
    client.get(as_of(address, then))  # fills the file

    asked = [queries_of(client, one) for one in (address, as_of(address, then))]

    assert asked[1] <= asked[0] + 3


def queries_of(client, address) -> int:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    caches["pages"].clear()
    past = [alias for alias in connections if alias.startswith("past-")]
    captured = [CaptureQueriesContext(connections[alias]) for alias in ("default", *past)]
    for one in captured:
        one.__enter__()
    client.get(address)
    for one in captured:
        one.__exit__(None, None, None)
    return sum(len(one) for one in captured)


# What it said at the time


def sayings(client, asked: str = "") -> dict[str, str]:
    """Every page as its twins have it, without what names the state or the moment."""
    found = {}
    # Every address as a read model: tests/pages/test_past.py.
    for address in (found[0] for name, found in ADDRESSES.items() if found and name not in OF_THE_LOG):
        for ending in ("json", "csv"):
            one = twin(address, ending)
            said = text(client.get(as_of(one, asked) if asked else one))
            if ending == "json":
                body = json.loads(said)
                for name in ("citation", "stamp", "as_of"):
                    body.pop(name, None)
                said = json.dumps(body)
            found[one] = re.sub(r"[?&]as_of=r\d+", "", said)
        page = text(client.get(as_of(address, asked) if asked else address))
        # The words and numbers of the page's own part.
        main = page.partition("<main")[2].partition('<div class="page-end">')[0]
        found[address] = re.sub(r'(?:[?&]|&amp;)as_of=r\d+|<input type="hidden" name="as_of" value="r\d+">', "", main)
    return found


def change_everything() -> None:
    """Acts on records of every sort that pages show: renamed, changed, deleted, created."""
    renamed = [
        Technology.objects.get(slug="electric-batteries"), Country.objects.get(code="CN"), Bloc.objects.get(slug="eu"),
        Category.objects.get(slug="quantum"), Edition.objects.get(slug="aspi-2023-03"),
        Series.objects.get(slug="ncses-top1"), Channel.objects.get(slug="joint-investment-funds"),
        Organisation.objects.get(slug="roscosmos"), Engagement.objects.get(slug="aero-hit-drone-production"),
        Case.objects.get(slug="balloon-zhuzhou-rubber"), Institution.objects.order_by("pk").first(),
        Source.objects.order_by("pk").first(),
    ]  # fmt: skip
    with act(*renamed):
        for number, record in enumerate(renamed):
            setattr(record, "title" if hasattr(record, "title") else "name", f"{NEW} {number}")
            record.save()
    change(Technology.objects.get(slug="quantum-computing"), slug="quantum-computers")
    change(Organisation.objects.get(slug="chemchina"), slug="chem-china")
    scores = list(Score.objects.filter(share__isnull=False).order_by("pk")[:40])
    with act() as recording:
        for score in scores:
            score.share += 1
        recording.bulk_update(scores, ["share"])
    delete(Claim.objects.order_by("pk").first())
    delete(Alias.objects.order_by("pk").first())
    delete(Citation.objects.filter(kind="score").order_by("pk").first())
    create(Category(slug="new-category", name=NEW, position=99))


def test_every_page_of_the_past_says_what_it_said_at_the_time(client):
    then = now()
    before = sayings(client)
    change_everything()
    for name in ("pages", "figures"):
        caches[name].clear()

    after = sayings(client, then.asked)

    assert {address for address in before if before[address] != after[address]} == set()
    assert NEW in text(client.get("/technologies/"))


@pytest.mark.parametrize("address", FIGURES)
def test_figure_of_the_past_shows_what_it_showed_and_says_of_when(client, address):
    then = now()
    change_everything()

    response = client.get(as_of(address, then))

    assert response.status_code == 200
    if ".svg" in address:
        assert NEW not in text(response)
    assert response["ETag"].startswith(f'"r{then.number}-')
    assert response.content != client.get(address).content


# Renamed, not there yet, deleted


@pytest.fixture
def renamed():
    then = now()
    technology = Technology.objects.get(slug="electric-batteries")
    change(technology, slug="batteries", name="Batteries")
    create(FormerAddress(kind="technology", slug="electric-batteries", record=technology.pk))
    return then


@pytest.mark.parametrize("ending", ["/", ".json", ".csv"])
def test_former_address_leads_to_the_new_one_for_ever(client, renamed, ending):
    response = client.get(f"/technologies/electric-batteries{ending}?edition=aspi-2023-03")

    assert response.status_code == 301
    assert response["Location"] == f"/technologies/batteries{ending}?edition=aspi-2023-03"
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("ending", ["/", ".json", ".csv"])
def test_at_a_moment_the_record_has_its_address_of_then(client, renamed, ending):
    assert client.get(as_of(f"/technologies/electric-batteries{ending}", renamed)).status_code == 200

    response = client.get(as_of(f"/technologies/batteries{ending}", renamed))

    assert response.status_code == 302
    assert response["Location"] == as_of(f"/technologies/electric-batteries{ending}", renamed)


def test_record_that_came_later_is_said_to_be_new(client):
    then = now()
    category = Category.objects.get(slug="quantum")
    made = create(Technology(slug="fresh", name="Fresh technology", category=category))

    page = client.get(as_of("/technologies/fresh/", then))
    body = json.loads(client.get(as_of("/technologies/fresh.json", then)).content)

    assert made.pk
    assert page.status_code == 404
    if client.get("/technologies/fresh/").status_code == 200:
        assert "“Fresh technology” was not yet in the record" in text(page)
        assert 'href="/technologies/fresh/" data-now' in text(page)
        assert "not yet in the record" in body["error"]


def test_deleted_record_can_be_read_as_it_last_stood(client):
    case = Case.objects.get(slug="balloon-zhuzhou-rubber")
    title, pk, last = case.title, case.pk, now()
    with act(*case.parties.all(), case):
        case.parties.all().delete()
        case.delete()

    page = text(client.get("/cases/balloon-zhuzhou-rubber/"))

    assert "was deleted on" in page
    assert f'href="/cases/balloon-zhuzhou-rubber/?as_of={last.asked}"' in page
    assert f'href="/records/case/{pk}/history/"' in page
    assert title in text(client.get(as_of("/cases/balloon-zhuzhou-rubber/", last)))
    assert "was deleted on" in json.loads(client.get("/cases/balloon-zhuzhou-rubber.json").content)["error"]


# What is withheld today


def test_source_that_is_sealed_today_gives_nothing_away_in_the_past(client):
    secret = "The lighthouse keeper said so."
    claim = Claim.objects.filter(kind="case").order_by("pk").first()
    case = Case.objects.get(pk=claim.record)
    cited = Citation.objects.filter(kind="claim", record=claim.pk)
    sources = list(Source.objects.filter(citations__in=cited).distinct())
    change(claim, quote=secret, speaker="Zanzibar lighthouse")
    then = now()
    addresses = [
        as_of(address, then)
        for address in (f"/cases/{case.slug}/", f"/cases/{case.slug}.json", f"/cases/{case.slug}.csv?table=claims")
    ]
    assert all("Zanzibar lighthouse" in text(client.get(address)) for address in addresses)

    for source in sources:
        change(source, reuse=Source.Reuse.NO)

    for address in addresses:
        said = text(client.get(address))
        assert "lighthouse" not in said, address


def test_sealed_scores_are_drawn_in_no_figure_of_the_past(client):
    then = now()
    address = as_of("/charts/ranking.svg?technology=electric-batteries", then)
    before = client.get(address)
    with act(*Source.objects.all()):
        for source in Source.objects.all():
            source.reuse = Source.Reuse.NO
            source.save()

    after = client.get(address)

    assert after["ETag"] != before["ETag"]
    assert after.content != before.content
    body = text(client.get(as_of("/technologies/electric-batteries.json", then)))
    assert '"withheld": true' in body
    csv_twin = client.get(as_of("/technologies/electric-batteries.csv", then))
    share = [row["share"] for row in csv.DictReader(io.StringIO(text(csv_twin)))]
    assert set(share) <= {""}


def test_answer_kept_before_a_source_was_sealed_is_not_given_again(client):
    then = now()
    first = client.get(as_of("/technologies/", then))
    change(Source.objects.order_by("pk").first(), reuse=Source.Reuse.NO)

    again = client.get(as_of("/technologies/", then), headers={"if-none-match": first["ETag"]})

    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]


def test_no_answer_of_the_past_sets_a_cookie():
    then = now()

    for address in ("/", "/technologies.json", "/charts/risk.svg"):
        assert not Client().get(as_of(address, then)).cookies


def test_past_files_lie_in_their_folder(client, settings):
    client.get(as_of("/", now()))

    assert list(Path(settings.PAST_DIR).glob("*.sqlite3"))
