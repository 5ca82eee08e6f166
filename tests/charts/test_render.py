import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tracker.charts import dimensions, leaderboard, matrix, ranking, risk, trajectory
from tracker.charts.render import UnknownFormatError, render

FIGURES = {
    "leaderboard": leaderboard,
    "matrix": matrix,
    "ranking": ranking,
    "risk": risk,
    "trajectory": trajectory,
}


@pytest.fixture(params=sorted(FIGURES))
def figure_of(request):
    """(draw, model) of each figure."""
    return FIGURES[request.param].draw, request.getfixturevalue(f"{request.param}_of")()


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_same_data_gives_the_same_bytes(figure_of, kind):
    draw, model = figure_of

    assert render(draw(model), kind) == render(draw(model), kind)


def test_figure_drawn_in_both_formats_keeps_its_bytes(figure_of):
    draw, model = figure_of
    figure = draw(model)
    first = render(figure, "svg")

    render(figure, "png")

    assert render(figure, "svg") == first


def test_dark_figure_differs_in_ground_not_in_words(figure_of, words_in):
    draw, model = figure_of

    light, dark = draw(model), draw(model, dark=True)

    assert light.get_facecolor() != dark.get_facecolor()
    assert len(words_in(light)) == len(words_in(dark))


def test_svg_is_sized_in_pixels_and_carries_title_and_face(leaderboard_of):
    model = leaderboard_of()

    drawn = render(leaderboard.draw(model), "svg")

    root = ElementTree.fromstring(drawn)  # noqa: S314
    width, height = leaderboard.size(leaderboard.rows(model))
    assert (root.get("width"), root.get("height")) == (str(width), str(height))
    assert root.get("viewBox") == f"0 0 {width} {height}"
    assert root.findtext("{http://www.w3.org/2000/svg}title") == model.title
    assert drawn.count(b"@font-face") == 2
    assert b"<!--" not in drawn


def test_svg_keeps_words_as_text(leaderboard_of):
    drawn = render(leaderboard.draw(leaderboard_of()), "svg").decode()

    assert ">Bosnia and Herzegovina</text>" in drawn
    assert "rotate(-0" not in drawn


def test_svg_escapes_what_a_name_may_hold(leaderboard_of):
    model = replace(leaderboard_of(), title="R&D <script>alert(1)</script> $x$")

    drawn = render(leaderboard.draw(model), "svg").decode()

    assert "<script" not in drawn
    assert ">R&amp;D &lt;script&gt;alert(1)&lt;/script&gt; $x$</text>" in drawn


def test_svg_loads_nothing_from_outside(figure_of):
    draw, model = figure_of

    drawn = render(draw(model), "svg").decode()

    assert "<script" not in drawn
    assert 'href="http' not in drawn
    assert drawn.count("url(data:font/woff2") == 2


def test_png_has_two_pixels_to_a_css_pixel(ranking_of, narrow):
    model = ranking_of()

    drawn = render(ranking.draw(model, narrow=narrow), "png")

    width, height = ranking.size(6, narrow=narrow)
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (2 * width, 2 * height)


def test_unknown_format_is_refused(ranking_of):
    with pytest.raises(UnknownFormatError):
        render(ranking.draw(ranking_of()), "pdf")


def test_figures_drawn_side_by_side_give_the_same_bytes(leaderboard_of, ranking_of, trajectory_of):
    jobs = [(leaderboard, leaderboard_of()), (ranking, ranking_of()), (trajectory, trajectory_of())] * 4
    alone = [render(module.draw(model), "svg") for module, model in jobs]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: render(job[0].draw(job[1]), "svg"), jobs))

    assert together == alone


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_pages_know_the_size_of_a_figure_without_drawing_it(name, narrow):
    assert dimensions.size(name, 7, narrow=narrow) == FIGURES[name].size(7, narrow=narrow)
