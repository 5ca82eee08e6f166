"""A retired record keeps its page, which says so; what was published of it stands."""

import pytest

from tests.public_addresses import twin
from tracker.actions.records import restore, retire
from tracker.models import Act, Organisation, Source, Technology, User

pytestmark = pytest.mark.seed
WHY = {"cause": Act.Cause.WORLD, "note": "No longer tracked"}
SAYS = "Out of use since"


@pytest.fixture
def anna():
    return User.objects.create_user("anna")


@pytest.mark.parametrize(
    ("model", "key", "address"),
    [
        (Technology, {"slug": "electric-batteries"}, "/technologies/electric-batteries/"),
        (Technology, {"slug": "materials-science"}, "/fields/materials-science/"),
        (Organisation, {"slug": "roscosmos"}, "/organisations/roscosmos/"),
        (Source, {"slug": "heidi"}, "/sources/heidi/"),
    ],
)
def test_page_says_since_when_its_record_is_out_of_use(client, anna, model, key, address):
    record = model.objects.get(**key)
    before = client.get(address).content.decode()
    assert SAYS not in before

    retire(record=record, by=anna, **WHY)

    page = client.get(address)
    assert (page.status_code, SAYS in page.content.decode()) == (200, True)
    assert client.get(twin(address, "json")).json()["retired"] == model.objects.get(**key).retired.isoformat()
    restore(record=record, by=anna, **WHY)
    assert SAYS not in client.get(address).content.decode()


def test_counts_of_an_edition_do_not_change_with_a_retired_technology(client, anna):
    before = client.get("/technologies.json").json()

    retire(record=Technology.objects.get(slug="electric-batteries"), by=anna, **WHY)

    after = client.get("/technologies.json").json()
    assert after["sentence"] == before["sentence"]
    assert after["tables"]["technologies"] == before["tables"]["technologies"]
