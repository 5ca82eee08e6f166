"""The forms of all kinds: complete, and silent where nothing was changed."""

import pytest
from django.contrib.auth.models import Group

from tests.factories import UserFactory
from tests.forms.sending import sent
from tracker.forms.records import free_slug
from tracker.history.kinds import KINDS, editable_columns, label_of
from tracker.history.tracked import tracked_models
from tracker.models import Act, Revision

# Kinds that are not typed: an address that was left, a release, a redaction are made by actions of their own.
MADE_OTHERWISE = {"formeraddress", "release", "redaction"}


@pytest.fixture
def researcher(db, client):
    user = UserFactory(display_name="Anna Li")
    user.groups.add(Group.objects.get_or_create(name="researcher")[0])
    client.force_login(user)
    return user


def test_every_tracked_kind_is_registered():
    assert set(tracked_models()) - set(KINDS) == MADE_OTHERWISE


@pytest.mark.parametrize("name", KINDS)
def test_every_editable_column_is_in_the_form(name):
    kind = KINDS[name]
    typed = {*kind.columns, *(number.decimals for number in kind.numbers)}

    assert typed == set(editable_columns(kind.model))
    assert len(kind.columns) == len(set(kind.columns))


@pytest.mark.seed
@pytest.mark.parametrize(("name", "code"), [("engagement", "CR095"), ("tradeflow", "TF070")])
def test_new_record_has_our_next_number(client, researcher, name, code):
    shown = sent(client.get(f"/records/{name}/new/").content)
    assert [value for field, (value, *_) in shown.items() if field.rpartition("-")[2] == "code"] == [code], shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "slug"),
    [
        ({"hs_code": "854231", "name": "Processors and controllers", "short_name": "Processors"}, "hs-854231"),
        ({"hs_code": "", "name": "Machine tools of all sorts", "short_name": "Machine tools"}, "machine-tools"),
        ({"hs_code": "", "name": "Machine tools", "short_name": ""}, "machine-tools"),
    ],
)
def test_good_is_called_by_its_code_where_it_has_one(values, slug):
    assert free_slug(KINDS["good"], values) == slug


@pytest.mark.seed
@pytest.mark.parametrize("name", KINDS)
def test_a_form_sent_back_unchanged_changes_nothing(client, researcher, name):
    kind = KINDS[name]
    rows = kind.model.objects.order_by("pk")
    # The first, one in the middle, and the last.
    some = {rows.first(), rows[rows.count() // 2], rows.last()} if rows.exists() else set()
    if name == "score":
        some |= {rows.filter(share__isnull=False, basis="stated").first(), rows.filter(bloc__isnull=False).first()}
    if name == "engagement":
        some |= set(rows.filter(value_from__isnull=False)[:2]) | set(rows.filter(contested=True)[:2])
    before = Revision.objects.count()

    assert some
    for record in some - {None}:
        address = f"/records/{name}/{record.pk}/edit/"
        page = client.get(address)
        assert page.status_code == 200, address
        answer = client.post(address, {**sent(page.content), "cause": "correction", "note": "Looked at."})
        assert answer.status_code == 302, (address, label_of(record), wrongs(answer))

    assert Revision.objects.count() == before
    assert not Act.objects.filter(by=researcher).exists()


def wrongs(answer):
    form = (answer.context or {}).get("form")
    return [(wrong.where, wrong.message) for wrong in form.wrongs()] if form else answer.status_code
