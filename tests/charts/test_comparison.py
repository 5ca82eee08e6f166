from decimal import Decimal

import pytest
from matplotlib.lines import Line2D

from tracker.charts import comparison, dimensions
from tracker.charts.frame import NOTHING_KNOWN
from tracker.charts.palette import country_colour
from tracker.charts.render import render

LONG_SIDES = ("nato", "asean", "custom:au,ca,nz,gb,in,jp,kr", "custom:vc,ba,ae")


def rgba(colour):
    return pytest.approx([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] + [1])


def bars_labelled(figure, label):
    [axes] = figure.axes
    return [bar for bars in axes.containers if bars.get_label() == label for bar in bars]


def all_bars(figure):
    return [bar for axes in figure.axes for bars in axes.containers for bar in bars]


def shares_drawn(figure, name):
    """The shares of a side, from the top down, bounds and others alike."""
    [axes] = figure.axes
    lines = [line for line in axes.lines if line.get_label() in (name, f"{name}, bound")]
    points = [(y, x) for line in lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]
    return [x for _, x in sorted(points)]


def marks_on_sheet(figure):
    """(shape, colour, filled) -> how many marks of the compact block, of the key and of the heads."""
    found = {}
    for line in figure.findobj(Line2D):
        if line.axes is None and line.get_marker() not in ("", "None", None):
            filled = line.get_markerfacecolor() == line.get_markeredgecolor()
            look = (line.get_marker(), line.get_markeredgecolor(), filled)
            found[look] = found.get(look, 0) + len(line.get_xdata())
    return found


def test_bar_goes_to_the_side_with_the_larger_share_and_is_as_long_as_the_gap(comparison_of, compared):
    lines = [compared("65.4", "11.9", gap="53.5", ahead=0), compared("17.4", "36.4", gap="19.0", ahead=1)]

    bars = bars_labelled(comparison.draw(comparison_of(lines=lines)), "gap")

    assert [bar.get_width() for bar in bars] == [-53.5, 19.0]
    assert [bar.get_x() for bar in bars] == [0, 0]
    assert [bar.get_facecolor() for bar in bars] == [rgba(country_colour(code)) for code in ("CN", "US")]


def test_swapped_sides_mirror_the_bars(comparison_of, compared):
    there = compared("65.4", "11.9", gap="53.5", ahead=0)
    back = compared("11.9", "65.4", gap="53.5", ahead=1)

    [one] = bars_labelled(comparison.draw(comparison_of(lines=[there])), "gap")
    [other] = bars_labelled(comparison.draw(comparison_of(lines=[back], codes=("US", "CN"))), "gap")

    assert one.get_width() == -other.get_width()
    assert one.get_facecolor() == other.get_facecolor()


def test_both_shares_and_the_gap_are_printed_as_published(comparison_of, compared, words_in, narrow):
    lines = [compared("65.40", "11.9", gap="53.5", ahead=0)]

    words = words_in(comparison.draw(comparison_of(lines=lines), narrow=narrow))

    assert {"65.40", "11.9", "+53.5", "China", "United States"} <= set(words)


def test_bounded_gap_is_hatched_and_says_its_bound(comparison_of, compared, words_in):
    lines = [compared(">=11.9", "37.9", gap="26.0", bound="at most")]

    figure = comparison.draw(comparison_of(lines=lines, codes=("quad", "CN")))

    [bar] = bars_labelled(figure, "bound")
    assert bar.get_hatch()
    assert bar.get_width() == 26.0
    assert {"at most 26.0", "at least 11.9", "37.9"} <= set(words_in(figure))


def test_gap_within_the_published_digits_is_outlined_and_called_so(comparison_of, compared, words_in):
    lines = [compared("24.8", "24.5", gap="0.3", close=True)]

    figure = comparison.draw(comparison_of(lines=lines))

    [bar] = bars_labelled(figure, comparison.TOO_CLOSE)
    assert bar.get_facecolor() == rgba("#ffffff")
    assert bar.get_edgecolor() == rgba(country_colour("CN"))
    assert "+0.3, too close to call" in words_in(figure)


@pytest.mark.parametrize(
    ("gap", "bound", "close", "said"),
    [
        ("53.5", "", False, "+53.5"),
        ("26.0", "at most", False, "at most 26.0"),
        ("4.1", "as far as known", False, "4.1 as far as known"),
        ("0.0", "", True, "0.0, too close to call"),
        ("0.3", "about", True, "about 0.3, too close to call"),
    ],
)
def test_gap_in_words(compared, gap, bound, close, said):
    assert comparison.gap_text(compared("30", "29", gap=gap, bound=bound, close=close)) == said


def test_line_of_the_rank_band_has_marks_and_words_but_no_bar(comparison_of, compared, words_in, narrow):
    lines = [compared("#1!", "#2", ahead=0), compared("", "#1!", ahead=1), compared("48.49!", "", ahead=0)]

    figure = comparison.draw(comparison_of(lines=lines), narrow=narrow)

    assert not all_bars(figure)
    words = words_in(figure)
    assert comparison.RANK_HEADING in " ".join(words)
    assert (words.count("1st"), words.count("2nd"), words.count("48.49")) == (2, 1, 1)
    assert words.count(comparison.NOT_KNOWN) == 2
    columns = 1 if narrow else 2
    marks = marks_on_sheet(figure)
    # Once in the key, once over each column, and once a line.
    assert marks[("o", country_colour("CN"), True)] == 1 + columns + 2
    assert marks[("s", country_colour("US"), True)] == 1 + columns + 1


def test_leader_that_may_not_be_ahead_of_a_whole_bloc_has_a_hollow_mark(comparison_of, compared, words_in):
    lines = [compared("", "#1!"), compared("!", "#2", ahead=0)]

    figure = comparison.draw(comparison_of(lines=lines, codes=("quad", "CN")))

    marks = marks_on_sheet(figure)
    assert marks[("s", country_colour("CN"), False)] == 1
    assert "A hollow mark" in " ".join(words_in(figure))
    assert "leads" in words_in(figure)


def test_nobody_known_to_be_ahead_gets_no_mark(comparison_of, compared):
    figure = comparison.draw(comparison_of(lines=[compared("#1-5", "#1-5")]))

    assert sum(marks_on_sheet(figure).values()) == 2 + 2  # the key and the head of the one column


def test_lines_keep_the_order_of_the_model(comparison_of, compared):
    names = ["Radar", "Biofuels", "Coatings"]
    lines = [compared("30", "20", gap="10", ahead=0, name=name) for name in names]
    lines += [compared("#1!", "", ahead=0, name=name) for name in ("Zinc", "Argon", "Mica")]

    figure = comparison.draw(comparison_of(lines=lines), narrow=True)

    heights = {
        text.get_text(): text.get_transform().transform(text.get_position())[1]
        for text in figure.texts
        if text.get_text() in {line.name for line in lines}
    }
    assert sorted(heights, key=heights.__getitem__, reverse=True) == [line.name for line in lines]


def test_more_sides_are_marks_at_their_shares(comparison_of, compared, narrow):
    lines = [
        compared("36.4", "17.4", "4.78", gap="19.0", ahead=0),
        compared("1.37", "42.7", ">=0.411", gap="41.3", ahead=1),
    ]

    figure = comparison.draw(comparison_of(lines=lines, codes=("CN", "US", "quad")), narrow=narrow)

    assert shares_drawn(figure, "China") == [36.4, 1.37]
    assert shares_drawn(figure, "United States") == [17.4, 42.7]
    assert shares_drawn(figure, "Quad") == [4.78, 0.411]
    [axes] = figure.axes
    reach = [sorted(line.get_xdata()) for line in axes.lines if line.get_label() == "reach"]
    assert reach == [[4.78, 36.4], [0.411, 42.7]]
    [hollow] = [line for line in axes.lines if line.get_label() == "Quad, bound"]
    assert hollow.get_markerfacecolor() != hollow.get_markeredgecolor()


def test_more_sides_have_a_shape_each_and_the_key_names_them(comparison_of, words_in, narrow):
    figure = comparison.draw(comparison_of(codes=("CN", "US", "IN", "GB")), narrow=narrow)

    [axes] = figure.axes
    shapes = {
        line.get_label().removesuffix(", bound"): line.get_marker()
        for line in axes.lines
        if line.get_label() != "reach"
    }
    assert shapes == {"China": "o", "United States": "s", "India": "D", "United Kingdom": "^"}
    assert set(shapes) <= set(words_in(figure))


def test_more_sides_print_the_least_and_the_greatest_share_and_the_lead(comparison_of, compared, words_in):
    lines = [compared("36.4", "17.4", ">=4.78", gap="19.0", ahead=0)]

    words = words_in(comparison.draw(comparison_of(lines=lines, codes=("CN", "US", "quad"))))

    assert {"36.4", "≥\u202f4.78", "+19.0"} <= set(words)


def test_marks_at_one_share_step_aside_for_each_other(comparison_of, compared):
    lines = [compared("20.0", "20.0", "20.0", "20.0", gap="0.0", close=True)]

    [axes] = comparison.draw(comparison_of(lines=lines, codes=("CN", "US", "IN", "GB"))).axes

    heights = [line.get_ydata()[0] for line in axes.lines if line.get_label() != "reach"]
    assert len(set(heights)) == 4


@pytest.mark.parametrize(
    ("unknown", "codes", "said"),
    [
        (12, ("CN", "US"), "Nothing is known of either side for 12 technologies."),
        (1, ("CN", "US", "IN"), "Nothing is known of any of the sides for 1 technology."),
    ],
)
def test_what_is_not_known_at_all_is_counted_at_the_end(comparison_of, words_in, unknown, codes, said):
    figure = comparison.draw(comparison_of(codes=codes, unknown=unknown))

    assert said in words_in(figure)


def test_fields_are_called_fields(comparison_of, words_in):
    assert "Nothing is known of either side for 2 fields." in words_in(
        comparison.draw(comparison_of(unknown=2, what="fields"))
    )


def test_comparison_without_anything_known_says_so(comparison_of, words_in, narrow):
    empty = comparison.draw(comparison_of(lines=[]), narrow=narrow)
    unknown = comparison.draw(comparison_of(lines=[], unknown=44), narrow=narrow)

    assert NOTHING_KNOWN in words_in(empty)
    assert "Nothing is known of either side for 44 technologies." in " ".join(words_in(unknown))
    assert not empty.axes


def test_comparison_of_noughts_is_drawn(comparison_of, compared, narrow, illegible):
    pair = [compared("0.0", "0.0", gap="0.0", close=True)]
    three = [compared("0.0", "0.0", "0.0", gap="0.0", close=True)]

    assert illegible(comparison.draw(comparison_of(lines=pair), narrow=narrow)) == []
    assert illegible(comparison.draw(comparison_of(lines=three, codes=("CN", "US", "IN")), narrow=narrow)) == []


@pytest.mark.parametrize("codes", [("quad", "CN"), ("CN", "US", "IN", "five-eyes")])
@pytest.mark.parametrize(("drawn", "rest"), [(5, 39), (14, 0), (1, 1)])
def test_comparison_is_legible(comparison_of, words, narrow, illegible, codes, drawn, rest):
    model = comparison_of(words, codes=codes, drawn=drawn, rest=rest, unknown=3)

    assert illegible(comparison.draw(model, narrow=narrow)) == []


@pytest.mark.parametrize("codes", [LONG_SIDES[2:], LONG_SIDES])
def test_comparison_of_long_names_is_legible(comparison_of, narrow, illegible, codes):
    assert illegible(comparison.draw(comparison_of(codes=codes), narrow=narrow)) == []


@pytest.mark.parametrize("codes", [("CN", "US"), ("CN", "US", "IN", "GB")])
@pytest.mark.parametrize(("drawn", "rest"), [(74, 0), (0, 74)])
def test_comparison_of_74_technologies_is_legible(comparison_of, words_in, narrow, illegible, codes, drawn, rest):
    figure = comparison.draw(comparison_of(codes=codes, drawn=drawn, rest=rest), narrow=narrow)

    assert illegible(figure) == []
    assert sum(words_in(figure).count(name) for name in ("Radar", "Quantum computing")) >= 28


def test_dark_comparison_differs_in_colours_not_in_words(comparison_of, words_in, narrow):
    model = comparison_of(codes=("quad", "CN", "US"))

    light, dark = (comparison.draw(model, dark=is_dark, narrow=narrow) for is_dark in (False, True))

    assert light.get_facecolor() != dark.get_facecolor()
    assert words_in(light) == words_in(dark)


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("codes", [("CN", "US"), ("quad", "CN", "US")])
def test_same_comparison_gives_the_same_bytes(comparison_of, kind, codes):
    model = comparison_of(codes=codes)

    assert render(comparison.draw(model), kind) == render(comparison.draw(model), kind)


def test_comparison_is_as_large_as_it_says(comparison_of, narrow):
    model = comparison_of(drawn=5, rest=39)

    figure = comparison.draw(model, narrow=narrow)

    assert comparison.rows(model) == 2 * 5 + 39 + 5
    said = comparison.size(comparison.rows(model), narrow=narrow)
    assert tuple(figure.get_size_inches() * 72) == pytest.approx(said)
    assert said == dimensions.size("comparison", 54, narrow=narrow)


def test_long_bars_leave_room_for_their_words(comparison_of, compared, illegible, narrow):
    lines = [
        compared("99.99", ">=0.01", gap="99.98", bound="at most"),
        compared("0.01", "99.99", gap="99.98", bound="as far as known", close=True),
    ]

    figure = comparison.draw(comparison_of(lines=lines), narrow=narrow)

    assert illegible(figure) == []
    assert [abs(bar.get_width()) for bar in all_bars(figure)] == [pytest.approx(float(Decimal("99.98")))] * 2


def test_gap_of_a_tenth_of_a_point_is_no_long_bar(comparison_of, compared):
    lines = [compared("24.8", "24.7", gap="0.1", close=True)]

    [axes] = comparison.draw(comparison_of(lines=lines)).axes

    low, high = axes.get_xlim()
    assert high - low >= comparison.LEAST_SCALE
