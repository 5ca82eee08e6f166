import math
import re
from itertools import combinations

import pytest

from tracker.charts.palette import COUNTRIES, contrast, country_colour, css_tokens, ink, oklab, palette, tokens

# How people without one of the three kinds of cone see linear RGB (Machado, Oliveira, Fernandes 2009).
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
MOST_SHOWN = ("CN", "US", "IN", "GB", "DE", "JP", "KR")


def seen(colour, sight):
    """The colour as that sight sees it, '#rrggbb'."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    mixed = [min(max(sum(m * c for m, c in zip(row, linear, strict=True)), 0), 1) for row in SIGHT[sight]]
    shown = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in mixed]
    return "#" + "".join(f"{round(255 * c):02x}" for c in shown)


def difference(one, other):
    """Distance in OKLab × 100; about 2 is just noticeable side by side."""
    return 100 * math.dist(oklab(one), oklab(other))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("sight", SIGHT)
def test_countries_stay_apart_for_every_sight(sight, dark):
    shown = {code: seen(country_colour(code, dark), sight) for code in COUNTRIES}

    too_close = [
        (one, other, distance)
        for one, other in combinations(shown, 2)
        if (distance := difference(shown[one], shown[other]))
        < (8 if one in MOST_SHOWN and other in MOST_SHOWN else 4.5)
    ]

    assert too_close == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("code", [*COUNTRIES, "NL", "quad", "ZZ"])
def test_country_stands_out_from_its_ground(code, dark):
    ground = palette(dark).ground

    assert contrast(country_colour(code, dark), ground) >= 3
    assert contrast(ink(code, dark), ground) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_text_reads_on_the_ground(dark):
    shades = palette(dark)

    assert contrast(shades.text, shades.ground) >= 7
    assert contrast(shades.muted, shades.ground) >= 4.5


def test_country_has_one_colour_whatever_the_case_of_its_code():
    assert country_colour("eu") == country_colour("EU")


def test_country_without_its_own_colour_keeps_the_same_grey():
    assert country_colour("NL") == country_colour("nl")
    assert country_colour("NL") not in {light for light, _ in COUNTRIES.values()}


def test_css_tokens_hold_the_figures_colours():
    css = css_tokens()

    assert f"--country-cn: {country_colour('CN')};" in css
    assert f"--country-cn: {country_colour('CN', dark=True)};" in css
    assert f"--figure-ground: {palette(dark=True).ground};" in css
    assert css.count("{") == css.count("}")
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for dark in (False, True) for colour in tokens(dark).values())
