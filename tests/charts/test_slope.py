import math

import pytest
from matplotlib.lines import Line2D

from tracker.charts import dimensions, slope
from tracker.charts.palette import country_colour
from tracker.charts.render import render

LONG_SIDES = ("nato", "asean", "custom:au,ca,nz,gb,in,jp,kr", "custom:vc,ba,ae")


def stretches(figure, name):
    """The straight lines of a side, each as ((x, y), (x, y)) in pixels from the top left."""
    lines = [line for line in figure.findobj(Line2D) if line.get_label() == name]
    points = [point for line in lines for point in zip(line.get_xdata(), line.get_ydata(), strict=True)]
    return [(points[at], points[at + 1]) for at in range(0, len(points), 3)]


def dots(figure, colour, *, filled):
    """Where the marks of a colour stand, without those of the key."""
    return [
        (x, y)
        for line in figure.findobj(Line2D)
        if line.get_marker() not in ("", "None", None)
        and line.get_markeredgecolor() == colour
        and (line.get_markerfacecolor() == colour) is filled
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def test_slope_draws_a_line_from_then_to_now_on_one_scale(slope_of, narrow):
    ends = [(("10.0", "40.0"), ("50.0", "20.0")), (("0.0", "30.0"), ("60.0", "10.0"))]
    shares = {"China": [(10, 40), (0, 30)], "United States": [(50, 20), (60, 10)]}

    figure = slope.draw(slope_of(ends=ends), narrow=narrow)

    # Within each panel a point of share is as many pixels, whichever side and panel it belongs to.
    scales = set()
    for name, found in shares.items():
        for (then, now), (share_then, share_now) in zip(stretches(figure, name), found, strict=True):
            assert then[0] < now[0]
            scales.add(round((then[1] - now[1]) / (share_now - share_then), 6))
    assert len(scales) == 1
    assert scales.pop() > 0


def test_slope_stands_every_share_at_its_height(slope_of):
    ends = [(("10.0", "40.0"), ("50.0", "20.0"), ("0.0", "60.0"))]

    figure = slope.draw(slope_of(ends=ends, codes=("CN", "US", "IN")))

    heights = {}
    for name, (share_then, share_now) in {"China": (10, 40), "United States": (50, 20), "India": (0, 60)}.items():
        [(then, now)] = stretches(figure, name)
        heights |= {share_then: then[1], share_now: now[1]}
    nought, pixels = heights[0], (heights[0] - heights[60]) / 60
    assert all(height == pytest.approx(nought - share * pixels) for share, height in heights.items())


def test_slope_prints_both_values_as_published(slope_of, words_in, narrow):
    figure = slope.draw(slope_of(ends=[(("8.370", "36.4"), ("49.2", "17.40"))]), narrow=narrow)

    assert {"8.370", "36.4", "49.2", "17.40", "changed hands", "2003–2007", "2016–2020"} <= set(words_in(figure))


def test_side_known_in_one_edition_only_is_a_dot_with_its_number(slope_of, words_in):
    ends = [(("8.37", "36.4"), ("49.2", ""))]

    figure = slope.draw(slope_of(ends=ends))

    assert stretches(figure, "United States") == []
    assert len(dots(figure, country_colour("US"), filled=True)) == 1 + 1  # in the key, and in the panel
    words = words_in(figure)
    assert words.count("49.2") == 1
    assert len(stretches(figure, "China")) == 1


def test_bound_is_hollow_and_no_line_leads_to_it(slope_of, words_in):
    ends = [(("8.37", "36.4"), (">=49.2", "17.4"))]

    figure = slope.draw(slope_of(ends=ends))

    assert stretches(figure, "United States") == []
    assert len(dots(figure, country_colour("US"), filled=False)) == 1
    words = words_in(figure)
    assert "≥\u202f49.2" in words
    assert any("only a bound" in said for said in words)


def test_slope_says_that_all_panels_have_one_scale(slope_of, words_in):
    figure = slope.draw(slope_of(ends=[(("10", "40"), ("50", "20")), (("9", "30"), ("65", "10"))]))

    assert "All panels have the same scale, from 0 to 70\u202f%." in " ".join(words_in(figure))


def test_slope_of_shares_far_apart_gives_each_panel_a_scale_and_says_so(slope_of, words_in):
    figure = slope.draw(slope_of(ends=[(("0.10", "0.40"), ("0.50", "0.20")), (("30", "60"), ("65", "10"))]))

    assert "Each panel has its own scale, from 0." in " ".join(words_in(figure))
    first, _ = stretches(figure, "China")
    assert first[0][1] - first[1][1] > 20  # 0.3 points would be nothing on the scale of the other


def test_panels_of_unequal_titles_have_plots_of_equal_height(slope_of):
    figure = slope.draw(slope_of(ends=[(("0.0", "60.0"), ("60.0", "0.0"))] * 9))

    spans = {round(then[1] - now[1], 6) for then, now in stretches(figure, "China")}
    assert len(spans) == 1


def test_panel_without_a_share_says_so(slope_of, words_in):
    figure = slope.draw(slope_of(ends=[(("8.37", "36.4"), ("49.2", "17.4")), (("", ""), ("", ""))]))

    assert slope.NO_SHARE in words_in(figure)


def test_slope_without_panels_says_so(slope_of, words_in, narrow):
    figure = slope.draw(slope_of(panels=0), narrow=narrow)

    assert slope.NO_PANELS in " ".join(words_in(figure))
    assert not stretches(figure, "China")


def test_slope_of_noughts_is_drawn(slope_of, narrow, illegible):
    figure = slope.draw(slope_of(ends=[(("0.0", "0.0"), ("0.0", "0.0"))]), narrow=narrow)

    assert illegible(figure) == []
    assert all(math.isfinite(y) for _, y in dots(figure, country_colour("CN"), filled=True))


@pytest.mark.parametrize("codes", [("CN", "US"), ("CN", "US", "IN", "five-eyes")])
@pytest.mark.parametrize("panels", [1, 3, 14])
def test_slope_is_legible(slope_of, words, narrow, illegible, codes, panels):
    assert illegible(slope.draw(slope_of(words, codes=codes, panels=panels), narrow=narrow)) == []


def test_slope_of_74_technologies_is_legible(slope_of, narrow, illegible):
    model = slope_of(codes=("CN", "US", "IN", "GB"), panels=74)

    assert illegible(slope.draw(model, narrow=narrow)) == []


def test_slope_of_long_names_is_legible(slope_of, narrow, illegible):
    editions = ("Critical Technology Tracker, September 2023", "Critical Technology Tracker, August 2024")

    assert illegible(slope.draw(slope_of(codes=LONG_SIDES, editions=editions), narrow=narrow)) == []


def test_dark_slope_differs_in_colours_not_in_words(slope_of, words_in, narrow):
    light, dark = (slope.draw(slope_of(), dark=is_dark, narrow=narrow) for is_dark in (False, True))

    assert light.get_facecolor() != dark.get_facecolor()
    assert words_in(light) == words_in(dark)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_same_slope_gives_the_same_bytes(slope_of, kind):
    assert render(slope.draw(slope_of()), kind) == render(slope.draw(slope_of()), kind)


@pytest.mark.parametrize("panels", [1, 4, 5, 14])
def test_slope_is_as_large_as_it_says(slope_of, narrow, panels):
    model = slope_of(panels=panels)

    figure = slope.draw(model, narrow=narrow)

    assert slope.rows(model) == panels
    assert tuple(figure.get_size_inches() * 72) == pytest.approx(slope.size(panels, narrow=narrow))
    assert slope.size(panels, narrow=narrow) == dimensions.size("slope", panels, narrow=narrow)


def test_slope_has_four_panels_side_by_side_and_two_on_a_phone():
    wide, phone = ([dimensions.size("slope", n, narrow=narrow)[1] for n in (4, 5, 8, 9)] for narrow in (False, True))

    assert wide[0] < wide[1] == wide[2] < wide[3]
    assert phone[0] < phone[1] < phone[2] < phone[3]  # 2, 3, 4 and 5 rows
