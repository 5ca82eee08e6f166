"""Every public page and figure can be read as of a past moment, and then says what it said at the time."""

import json
from dataclasses import replace
from datetime import date

import pytest
import simplejson
from django.http import QueryDict
from django.urls import resolve

from tests.history.acting import act, now
from tests.public_addresses import ALL, FIGURES, ONE_EACH
from tracker.analysis.twin import as_json
from tracker.models import (
    Bloc,
    Case,
    Category,
    Channel,
    Country,
    Edition,
    Engagement,
    Institution,
    Organisation,
    Series,
    Source,
    Technology,
)
from tracker.urls import FIGURES as FIGURE_VIEWS
from tracker.urls import PUBLIC_PAGES

# A past file is SQLite on every database; how it is filled is tried by tests/history/test_past.py on each.
pytestmark = [pytest.mark.seed, pytest.mark.once]

PAGES = {page.name: page for page in PUBLIC_PAGES}
READ_FIGURE = {figure.name: figure.read for figure in FIGURE_VIEWS}
NEW = "Renamed later"
# A record of every kind that a page shows by its name, by what names it in an address.
RENAMED = (
    (Technology, {"slug": "electric-batteries"}), (Technology, {"slug": "materials-science"}),
    (Country, {"code": "CN"}), (Bloc, {"slug": "eu"}), (Category, {"slug": "quantum"}),
    (Edition, {"slug": "aspi-2023-03"}), (Series, {"slug": "ncses-top1"}),
    (Channel, {"slug": "joint-investment-funds"}), (Organisation, {"slug": "roscosmos"}),
    (Engagement, {"slug": "aero-hit-drone-production"}), (Case, {"slug": "balloon-zhuzhou-rubber"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return tmp_path_factory.mktemp("past")


@pytest.fixture(autouse=True)
def _past_of_the_module(_past_of_its_own, settings, filled):
    """The newest revision of the seed data is the same in every test: its file is filled once."""
    settings.PAST_DIR = filled


def read(address, at=None):
    """The read model of the address, as its JSON twin has it, but for the state of the record it was read from."""
    path, _, asked = address.partition("?")
    match = resolve(path)
    page = PAGES[match.url_name]
    query = page.query(QueryDict(asked))
    assert query.is_valid()
    body = as_json(page.read(**match.kwargs, **query.parameters(), at=at))
    del body["stamp"]
    # Through text: Decimal("4.0") equals Decimal("4.000"), but is not written so.
    return json.loads(simplejson.dumps(body, use_decimal=True), parse_float=str)


def drawn(address, at=None):
    path, _, asked = address.partition("?")
    name = path.removeprefix("/charts/").partition(".")[0]
    query = QueryDict(asked)
    parameters = {key: value for key, value in query.items() if key not in ("size", "theme", "side", "from")}
    if "side" in query:
        parameters["side"] = tuple(query.getlist("side"))
    if "from" in query:
        parameters["from_"] = query["from"]
    if "on" in query:
        parameters["on"] = date.fromisoformat(query["on"])
    model = READ_FIGURE[name](**parameters, at=at)
    # The state of the record in its corner says which moment was asked for.
    return replace(model, date=model.date.partition(" ")[0])


def rename_everything() -> int:
    """Renames records of many kinds in one act; returns how many."""
    found = [model.objects.get(**key) for model, key in RENAMED]
    found += [model.objects.order_by("pk").first() for model in (Institution, Source)]
    with act(*found):
        for number, record in enumerate(found):
            column = "title" if hasattr(record, "title") else "name"
            setattr(record, column, f"{NEW} {number}")
            record.save()
    return len(found)


@pytest.mark.parametrize("address", ALL)
def test_page_at_the_newest_revision_is_the_page_of_now(address):
    assert read(address, now()) == read(address)


@pytest.mark.parametrize("address", FIGURES)
def test_figure_at_the_newest_revision_is_the_figure_of_now(address):
    assert drawn(address, now()) == drawn(address)


@pytest.mark.parametrize("address", ONE_EACH)
def test_page_at_an_earlier_moment_is_not_changed_by_what_came_later(address):
    then, before = now(), read(address)
    rename_everything()

    assert read(address, then) == before


@pytest.mark.parametrize("address", FIGURES)
def test_figure_at_an_earlier_moment_is_not_changed_by_what_came_later(address):
    then, before = now(), drawn(address)
    rename_everything()

    assert drawn(address, then) == before


@pytest.mark.parametrize(
    "address",
    [
        "/", "/technologies/", "/technologies/electric-batteries/", "/countries/cn/", "/countries/", "/blocs/",
        "/blocs/eu/", "/institutions/", "/editions/", "/editions/aspi-2023-03/", "/fields/",
        "/fields/materials-science/", "/coverage/", "/sources/", "/methodology/", "/search/?q=electric+batteries",
    ],
)  # fmt: skip
def test_page_shows_a_new_name_now_and_the_old_one_at_the_earlier_moment(address):
    then = now()
    rename_everything()

    assert NEW in str(read(address))
    assert NEW not in str(read(address, then))


def test_technology_has_its_old_name_at_the_earlier_moment():
    then, address = now(), "/technologies/electric-batteries/"
    technology = Technology.objects.get(slug="electric-batteries")
    old = technology.name
    with act(technology):
        technology.name = NEW
        technology.save()

    assert (read(address, then)["title"], read(address)["title"]) == (old, NEW)


def test_stamp_names_the_moment_that_was_read():
    then = now()
    rename_everything()

    stamps = [PAGES["home"].read(at=at).stamp for at in (then, None)]

    assert [stamp.number for stamp in stamps] == [then.number, then.number + len(RENAMED) + 2]
