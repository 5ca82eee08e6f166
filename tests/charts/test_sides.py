import math
from itertools import combinations

import pytest

from tests.charts.conftest import place
from tests.charts.test_palette import SIGHT, seen
from tracker.charts.palette import FALLBACKS, colours_apart, contrast, country_colour, oklab, palette
from tracker.charts.sides import sides_of, signed

COMPANIES = [
    ("quad", "CN"),
    ("quad", "nato", "five-eyes", "asean"),
    ("custom:au,ca,nz,gb,in,jp,kr", "custom:vc,ba,ae", "CN", "US"),
    ("RU", "quad", "nato", "CN"),
    ("CN", "NL", "US", "SE"),
    ("EU", "quad", "CN", "US"),
    ("TR", "AE", "VC", "BA"),
]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("codes", COMPANIES)
def test_sides_of_one_figure_are_told_apart(codes, dark):
    colours = colours_apart(codes, dark)

    assert all(contrast(colour, palette(dark).ground) >= 3 for colour in colours)
    for one, other in combinations(colours, 2):
        assert 100 * math.dist(oklab(one), oklab(other)) >= 8, (one, other)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("sight", SIGHT)
def test_colours_of_blocs_stay_apart_for_every_sight(sight, dark):
    shown = [seen(pair[dark], sight) for pair in FALLBACKS]

    assert all(100 * math.dist(oklab(one), oklab(other)) >= 8 for one, other in combinations(shown, 2))


def test_country_with_a_colour_of_its_own_keeps_it():
    colours = colours_apart(("quad", "CN", "nato", "US"))

    assert (colours[1], colours[3]) == (country_colour("CN"), country_colour("US"))


def test_bloc_alone_keeps_its_grey():
    assert colours_apart(("quad",), dark=True) == (country_colour("quad", dark=True),)


def test_colours_depend_on_the_sides_alone():
    assert colours_apart(("quad", "nato", "CN")) == colours_apart(["quad", "nato", "cn"])


def test_sides_have_a_shape_each():
    sides = sides_of([place(code) for code in ("CN", "US", "quad", "nato")], dark=False)

    assert len({side.shape for side in sides}) == 4
    assert [side.name for side in sides][:3] == ["China", "United States", "Quad"]


def test_bound_is_said_with_its_sign_and_else_in_words():
    assert signed("30.1", "") == "30.1"
    assert signed("30.1", "at least") == "≥\u202f30.1"
    assert signed("30.1", "as stated") == "as stated\u202f30.1"
