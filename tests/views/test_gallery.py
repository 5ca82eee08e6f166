import re

import pytest
from django.template.loader import render_to_string

from tracker.analysis.read_model import Value
from tracker.filters.technologies import TechnologyQuery
from tracker.models import User
from tracker.tables.cells import value_cell
from tracker.views.gallery import CHINA, CITED, SHARE

pytestmark = pytest.mark.django_db


def test_gallery_sends_readers_to_the_login(client):
    response = client.get("/gallery/")

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize(("is_staff", "status"), [(False, 403), (True, 200)])
def test_gallery_is_for_staff(client, is_staff, status):
    client.force_login(User.objects.create_user("someone", password="a long password", is_staff=is_staff))

    assert client.get("/gallery/").status_code == status


def test_gallery_shows_what_readers_see(client):
    client.force_login(User.objects.create_user("someone", password="a long password", is_staff=True))

    shown = client.get("/gallery/").content.decode()

    assert value_cell(SHARE) in shown
    assert '<div class="table-frame" id="table-sample-empty">' in shown
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_panel_of_several_sources_says_what_they_are_sources_of():
    several, differing = "<small>Sources of this row</small>", "<small>Sources differ</small>"

    assert several not in value_cell(Value(1, cited=CITED[:1]))
    assert several in value_cell(Value(1, cited=CITED[:1] * 2))
    assert several not in value_cell(SHARE)
    assert differing in value_cell(SHARE)
    assert "sources differ</small></div>" in value_cell(Value(CHINA, cited=CITED))


@pytest.mark.parametrize(
    ("carried", "times"),
    [([("edition", "x")], 1), ([("edition", "x"), ("category", "y"), ("nonsense", "z")], 1), ([], 0)],
)
def test_filters_carry_only_hidden_fields_and_none_twice(carried, times):
    context = {"form": TechnologyQuery(), "page": {"address": "/technologies/"}, "keep_edition": carried}

    shown = render_to_string("components/filters.html", context)

    assert shown.count('type="hidden"') == times
    assert shown.count('name="category"') == 1


def test_search_box_keeps_what_was_typed():
    assert 'value="bat&amp;tery"' in render_to_string("components/search_box.html", {"box": "page", "q": "bat&tery"})
