"""Some 300 random acts over all kinds of record; then 50 random moments, read back, are what they were."""

import json
import os

import pytest
import simplejson
from django.db import connection
from django.urls import resolve

from tests.history.acting import now
from tests.pages.random_acts import FACTORIES, RandomActs, everything
from tracker.analysis.ordering import UnknownSortKey
from tracker.analysis.twin import as_json
from tracker.history.past import Moment, moment, reading
from tracker.history.tracked import tracked_models
from tracker.history.verification import verify
from tracker.models import Revision
from tracker.pages.not_found import Moved, NotFound
from tracker.urls import PUBLIC_PAGES

ACTS, MOMENTS = 300, 50
# Of the files of the past, which are SQLite on every database, one run has tried enough.
MOMENTS_AGAIN = 15
PAGES = {page.name: page for page in PUBLIC_PAGES}
# Pages of the log itself speak of acts, not of records as they stood. No act here names a release.
OF_THE_LOG = (*(page.name for page in PUBLIC_PAGES if page.names_people), "release")


def addresses() -> list[str]:
    """Every page without a name of its own, and the page of every record that has one."""
    plain = [f"/{page.route}" for page in PUBLIC_PAGES if "<" not in page.route and page.name not in OF_THE_LOG]
    own = [
        record.get_absolute_url()
        for model in tracked_models().values()
        if hasattr(model, "get_absolute_url")
        for record in model._default_manager.order_by("pk")
    ]
    return plain + sorted({address for address in own if "?" not in address})


def read(address: str, at: Moment | None) -> object:
    """The page's read model as its twin has it, or how it refuses."""
    match = resolve(address)
    page = PAGES[match.url_name]
    try:
        model = page.read(**match.kwargs, **default_query(page), at=at)
    except (NotFound, Moved, UnknownSortKey) as refused:
        return type(refused).__name__
    return json.loads(simplejson.dumps(as_json(model), use_decimal=True), parse_float=str)


def default_query(page) -> dict:
    query = page.query({})
    assert query.is_valid()
    parameters = query.parameters()
    parameters.pop("as_of", None)
    return parameters


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [int(os.environ.get("RANDOM_ACTS_SEED", "20261122"))])
def test_any_moment_reads_as_it_was(seed, tmp_path):
    acts = RandomActs(seed, tmp_path)
    moments = MOMENTS if connection.vendor == "sqlite" else MOMENTS_AGAIN
    chosen = set(acts.chance.sample(range(ACTS), moments))
    shown: dict[int, dict[str, object]] = {}
    made = 0
    while made < ACTS:
        if acts.one():
            if made in chosen:
                shown[now().number] = {address: read(address, None) for address in addresses()}
            made += 1

    assert len(acts.copies) == ACTS
    assert len(shown) == moments
    # The sequence is worth its name: every sort of act, nearly every kind of record, every action.
    assert set(acts.done) == {
        "create", "edit", "remove", "revert", "revert_one", "in_bulk", "retiring", "merge", "import_files",
    }  # fmt: skip
    assert {model.record_kind() for model in FACTORIES} <= set(Revision.objects.values_list("kind", flat=True))
    assert verify().findings == []
    pages = set()
    for number, before in shown.items():
        then = moment(f"r{number}")
        with reading(then):
            # repr, for Decimal("4.0") equals Decimal("4.000000"), and True equals 1.
            assert repr(everything()) == repr(acts.copies[number]), f"r{number}"
        for address, page in before.items():
            assert read(address, then) == page, f"{address} at r{number}"
            pages.add(resolve(address).url_name)
    unread = {page.name for page in PUBLIC_PAGES} - pages - set(OF_THE_LOG)
    assert unread == set(), "pages that no record was found for"
