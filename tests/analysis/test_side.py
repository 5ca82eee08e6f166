import pytest

from tracker.analysis.read_model import Place
from tracker.analysis.side import NamedPlace, Places, SideRefused, checked, listed, shared_members


def country(code, name, *names):
    return NamedPlace(Place(code, name, f"/countries/{code.lower()}/"), "", names, (code,))


def bloc(slug, name, short, *members):
    return NamedPlace(Place(slug, name, f"/blocs/{slug}/", "bloc"), short, (), members)


PLACES = Places(
    [
        country("CN", "China", "People's Republic of China", "PRC"), country("US", "United States", "USA"),
        country("IN", "India"), country("JP", "Japan"), country("AU", "Australia"), country("NZ", "New Zealand"),
        country("GB", "United Kingdom", "UK"),
    ],
    [
        bloc("quad", "Quad", "Quad", "AU", "IN", "JP", "US"), bloc("aukus", "AUKUS", "AUKUS", "AU", "GB", "US"),
        bloc("five-eyes", "Five Eyes", "Five Eyes", "AU", "GB", "NZ", "US"), bloc("gone", "Gone", "Gone"),
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("cn", "cn"), ("CN", "cn"), ("China", "cn"), (" the  united states ", "us"), ("PRC", "cn"), ("quad", "quad"),
        ("the Quad", "quad"), ("Five Eyes", "five-eyes"), ("custom:nz,au", "custom:au,nz"),
        ("Australia, New Zealand", "custom:au,nz"), ("custom:au,au", "custom:au"), ("Quad, UK", "custom:au,gb,in,jp,us"),
        ("custom:jp,", "custom:jp"),
    ],
)  # fmt: skip
def test_side_is_found_by_any_of_its_names(words, key):
    assert PLACES.side(words).key == key


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Chyna", "called “Chyna”. Did you mean China?"),
        ("zz", "No country or bloc is called “zz”."),
        ("custom:au,zz", "No country or bloc is called “zz”."),
        ("custom:", "at least one country"),
        (",", "at least one country"),
        ("gone", "Gone has no members"),
    ],
)
def test_unknown_side_is_refused_in_words(words, says):
    with pytest.raises(SideRefused, match=says.replace(".", r"\.").replace("?", r"\?")):
        PLACES.side(words)


@pytest.mark.parametrize(
    ("sides", "says"),
    [
        (["cn"], "needs two sides"),
        (["cn", "us", "in", "jp", "au"], "room for 4 sides; these are 5"),
        (["cn", "cn"], "China and China are the same"),
        (["cn", "custom:cn"], "are the same"),
        (["quad", "in"], "India is a member of the Quad: its shares are already counted there"),
        (["in", "quad"], "India is a member of the Quad"),
        (["five-eyes", "aukus"], "AUKUS lies wholly within the Five Eyes"),
    ],
)
def test_sides_that_hold_each_other_are_refused_with_the_reason(sides, says):
    with pytest.raises(SideRefused, match=says):
        checked([PLACES.side(words) for words in sides])


def test_overlapping_blocs_can_be_compared_and_the_overlap_is_named():
    sides = checked([PLACES.side("quad"), PLACES.side("aukus")])

    assert [place.code for place in shared_members(sides)] == ["AU", "US"]


def test_long_lists_of_names_are_cut_with_the_number_left_out():
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and d"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
