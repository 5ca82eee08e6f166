"""The network as it is drawn: labels that never collide, ties where they belong, numbers as they are."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection

from tests.analysis.cooperation import engagement, party
from tracker.analysis.cooperation_network import MOST_NODES, network, network_steps
from tracker.analysis.engagements import SIDES
from tracker.charts import cooperation_network as drawing
from tracker.charts import dimensions
from tracker.charts.lettering import width
from tracker.charts.palette import country_colour
from tracker.charts.render import render

LONG = (
    "Pilot National Laboratory for Marine Science and Technology of Qingdao and its Arctic Research Centre in Shandong",
    "Ministry of Science and Technology (MOST)",
    "Roscosmos",
    "Saint Petersburg State University of Aerospace Instrumentation, chair of robotics and space technologies",
    "Commercial Aircraft Corporation of China",
)


def met(*named, title="An engagement"):
    """`named`: names of the Chinese, the Russian and the other organisations."""
    parties = [party(side, name) for side, names in zip(SIDES, named, strict=False) for name in names]
    return engagement(title, parties=tuple(parties))


def name(side, number):
    return f"{LONG[number % len(LONG)]} {side}{number:02}"


def dense(columns=20, others=4, words=None):
    """So many organisations in each column, and others, with many ties and long names."""
    rows = []
    for number in range(columns * 3):
        rows.append(
            met(
                [name("C", number % columns), name("C", number * 7 % columns)],
                [name("R", number * 3 % columns)],
                [name("O", number % others)] if others and number % 5 == 0 else [],
            )
        )
    model = network(rows, date="Record of 22 November 2026")
    return replace(model, **{k: words[k] for k in ("title", "subtitle", "source", "date")}) if words else model


def plot(figure):
    [axes] = figure.axes
    return axes


def nodes(figure):
    """(side, x, y, across, full) of each node, in pixels from the top left."""
    return [
        (line.get_label().partition(":")[0], x, y, line.get_markersize(), line.get_markeredgewidth() == 0)
        for line in plot(figure).lines
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def ties(figure):
    """((x, y), (x, y), pixels across) of each tie."""
    [drawn] = [c for c in plot(figure).collections if isinstance(c, PathCollection)]
    return [
        (tuple(path.vertices[0]), tuple(path.vertices[-1]), thick)
        for path, thick in zip(drawn.get_paths(), drawn.get_linewidths(), strict=True)
    ]


@pytest.mark.parametrize("others", [0, 1, 4, 9])
@pytest.mark.parametrize("columns", [2, 12, 16, 20])
def test_labels_do_not_collide(narrow, illegible, columns, others):
    assert illegible(drawing.draw(dense(columns, others), narrow=narrow)) == []


def test_network_of_forty_is_legible_whatever_the_words(words, narrow, illegible):
    model = dense(17, 6, words)

    assert len(model.nodes) == MOST_NODES
    assert illegible(drawing.draw(model, narrow=narrow)) == []


NAMES = st.lists(
    st.text("Abcdefg hijkl-mnop (qrst) Ministry University", min_size=1, max_size=120).map(str.strip).filter(bool),
    min_size=1,
    max_size=8,
    unique_by=lambda said: said.lower().replace(" ", "-"),
)


@given(NAMES, NAMES, NAMES, st.booleans())
def test_labels_do_not_collide_whatever_the_names(chinese, russian, other, narrow):
    rows = [met([f"{one} c" for one in chinese], [f"{one} r" for one in russian], [f"{one} o" for one in other])]
    figure = drawing.draw(network(rows), narrow=narrow)

    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.texts if text.get_text()]
    assert all(box.x0 >= 0 and box.x1 <= figure.get_size_inches()[0] * 72 for box in boxes)
    bases = [text.get_transform().transform(text.get_position())[1] for text in figure.texts if text.get_text()]
    sizes = [text.get_fontsize() for text in figure.texts if text.get_text()]
    for at, one in enumerate(boxes):
        for other_at in range(at):
            beside = one.x1 <= boxes[other_at].x0 + 0.01 or boxes[other_at].x1 <= one.x0 + 0.01
            low, high = sorted((at, other_at), key=lambda number: bases[number])
            assert beside or bases[low] + 0.7 * sizes[low] <= bases[high] - 0.2 * sizes[high]


def test_no_two_nodes_touch(narrow):
    found = nodes(drawing.draw(dense(20, 5), narrow=narrow))

    for at, (_, x, y, across, _) in enumerate(found):
        for _, other_x, other_y, other, _ in found[:at]:
            assert abs(x - other_x) >= (across + other) / 2 or abs(y - other_y) >= (across + other) / 2


def test_chinese_stand_left_russian_right_each_in_colour_and_shape(narrow):
    figure = drawing.draw(network([met(["CNSA"], ["Roscosmos"], ["JINR"])]), narrow=narrow)

    looks = {line.get_label().partition(":")[0]: line for line in plot(figure).lines}
    assert looks["chinese"].get_xdata()[0] < looks["russian"].get_xdata()[0]
    assert looks["other"].get_ydata()[0] > max(looks[side].get_ydata()[0] for side in ("chinese", "russian"))
    assert looks["chinese"].get_markerfacecolor() == country_colour("CN")
    assert looks["russian"].get_markerfacecolor() == country_colour("RU")
    assert len({line.get_marker() for line in looks.values()}) == 3


def test_tie_leads_from_node_to_node(narrow):
    figure = drawing.draw(dense(12, 3), narrow=narrow)
    spots = {(round(x, 6), round(y, 6)) for _, x, y, _, _ in nodes(figure)}

    found = ties(figure)

    assert len(found) == len(dense(12, 3).ties)
    assert all((round(x, 6), round(y, 6)) in spots for one, other, _ in found for x, y in (one, other))


def test_tie_is_the_wider_the_more_engagements_it_has():
    rows = [met(["A"], ["X"])] + [met(["B"], ["Y"])] * 2 + [met(["C"], ["Z"])] * 6

    widths = sorted(thick for _, _, thick in ties(drawing.draw(network(rows))))

    assert widths[0] < widths[1] < widths[2]
    assert (widths[2] - widths[0]) / (widths[1] - widths[0]) == pytest.approx(5)


def test_number_of_a_tie_is_written_where_it_is_more_than_one(narrow):
    rows = [met(["A"], ["X"]), *[met(["B"], ["Y"])] * 7, *[met(["C"], ["Z"])] * 3]
    rows += [met(["B"], ["W"]), met(["C"], ["V"])]
    figure = drawing.draw(network(rows), narrow=narrow)

    middle = plot(figure).get_xlim()[1] / 2
    on_ties = [
        text.get_text()
        for text in figure.texts
        if text.get_ha() == "center" and abs(text.get_position()[0] - middle) < 60
    ]

    assert sorted(on_ties) == ["3", "7"]


def test_node_has_the_area_and_the_number_of_its_engagements(words_in):
    rows = [met(["A"], ["X"])] * 9 + [met(["B"], ["Y"])]
    figure = drawing.draw(network(rows))

    across = sorted(across for side, _, _, across, _ in nodes(figure) if side == "chinese")

    assert across[1] / across[0] == pytest.approx(math.sqrt(9), rel=0.01)
    assert words_in(figure).count("9") == 2 + 2  # its two nodes, the tie, the key


def test_node_without_a_drawn_tie_is_hollow_and_stands_below_under_its_heading(narrow, words_in):
    rows = [met([f"Institute {number:02}"], ["Roscosmos"]) for number in range(50)]
    rows += [met(["Huawei"], ["Vokord"]), met(["Huawei"], ["Zala"])]
    figure = drawing.draw(network(rows), narrow=narrow)

    hollow = [(side, y) for side, _, y, _, full in nodes(figure) if not full]

    assert len(hollow) == 1
    assert hollow[0][1] > max(y for *_, y, _, full in nodes(figure) if full)
    assert drawing.HEADS["apart"] in words_in(figure)


def test_what_is_not_drawn_is_said(narrow, words_in):
    rows = [met([f"Institute {number:02}"], ["Roscosmos"]) for number in range(50)]
    rows.append(engagement(parties=(party("chinese"), party("russian", "Roscosmos"))))
    words = " ".join(words_in(drawing.draw(network(rows), narrow=narrow)))

    assert "Drawn: 40 of 51 organisations, those with most engagements" in words
    assert "11 are not" in words
    assert "1 party not named as an organisation is left out" in words
    assert "39 of 50" in words


def test_all_drawn_says_no_more_than_their_number(words_in):
    words = words_in(drawing.draw(network([met(["CNSA", "CAS"], ["Roscosmos"])])))

    assert "2" in words
    assert not any("Drawn" in said or "left out" in said for said in words)


@pytest.mark.parametrize(
    ("limit", "most", "lines"),
    [
        (400, 2, ["Ministry of Science and Technology of China"]),
        (160, 2, ["Ministry of Science and", "Technology of China"]),
        (90, 2, ["Ministry of", "Science …"]),
    ],
)
def test_long_name_is_wrapped_or_loses_whole_words(limit, most, lines):
    found = drawing.name_lines("Ministry of Science and Technology of China", limit, 13, most)

    assert found == lines
    assert all(width(line, 13) <= limit for line in found)


@pytest.mark.parametrize("limit", [110, 130, 200, 290])
@pytest.mark.parametrize("said", LONG)
def test_no_word_of_a_name_is_cut(said, limit):
    shown = " ".join(drawing.name_lines(said, limit, 12, 3)).replace(" …", "")

    assert said == shown or said.startswith((f"{shown} ", f"{shown},"))


def test_network_of_nothing_says_so(narrow, words_in, illegible):
    figure = drawing.draw(network([]), narrow=narrow)

    assert drawing.NOTHING in " ".join(words_in(figure))
    assert illegible(figure) == []


def test_network_of_one_side_alone_is_drawn(narrow, illegible):
    figure = drawing.draw(network([met(["Tsinghua", "CAS"], [])]), narrow=narrow)

    assert illegible(figure) == []
    assert [full for *_, full in nodes(figure)] == [False, False]


def test_dark_network_differs_in_colours_not_in_words(narrow, words_in):
    light, dark = (drawing.draw(dense(), dark=is_dark, narrow=narrow) for is_dark in (False, True))

    assert light.get_facecolor() != dark.get_facecolor()
    assert words_in(light) == words_in(dark)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_same_network_gives_the_same_bytes(kind):
    assert render(drawing.draw(dense()), kind) == render(drawing.draw(dense()), kind)


@pytest.mark.parametrize(("columns", "others"), [(1, 0), (6, 1), (20, 4), (30, 9)])
def test_network_is_as_large_as_the_page_is_told(narrow, columns, others):
    model = dense(columns, others)

    figure = drawing.draw(model, narrow=narrow)

    assert tuple(figure.get_size_inches() * 72) == pytest.approx(
        dimensions.size("cooperation-network", network_steps(model), narrow=narrow)
    )
    assert drawing.rows(model) == network_steps(model)
    assert drawing.size(7, narrow=narrow) == dimensions.size("cooperation-network", 7, narrow=narrow)
