from decimal import Decimal

import pytest
from matplotlib.colors import to_rgba

from tracker.analysis.figure_model import MatrixCell
from tracker.analysis.read_model import Ranks
from tracker.charts import matrix
from tracker.charts.frame import NOTHING_KNOWN
from tracker.charts.theme import contrast, oklab, text_on, tint


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (MatrixCell(Decimal("48.49"), Ranks(1, 1)), "48.49"),
        (MatrixCell(Decimal("4.0"), None), "4.0"),
        (MatrixCell(None, Ranks(1, 1)), "1st"),
        (MatrixCell(None, Ranks(12, 12)), "12th"),
        (MatrixCell(None, Ranks(22, 22)), "22nd"),
        (MatrixCell(None, Ranks(1, 5)), "top 5"),
        (MatrixCell(), ""),
    ],
)
def test_cell_prints_what_is_known_as_published(cell, text):
    assert matrix.cell_text(cell) == text


def test_matrix_shades_shares_and_leaders_and_dots_the_unknown(matrix_of):
    model = matrix_of(codes=("CN", "US", "IN"), rows=6)

    figure = matrix.draw(model)

    [axes] = figure.axes
    cells = [cell for line in model.lines for cell in line.cells]
    shaded = sum(cell.share is not None or matrix.leads(cell) for cell in cells)
    [shades] = axes.collections
    assert len(shades.get_paths()) == shaded
    [dots] = [line for line in axes.lines if line.get_label() == "unknown"]
    assert len(dots.get_xdata()) == sum(cell == MatrixCell() for cell in cells)


def test_matrix_prints_every_technology_under_its_category(matrix_of, words_in):
    model = matrix_of(codes=("CN", "US"), rows=5)

    words = words_in(matrix.draw(model))

    assert {line.technology for line in model.lines} <= set(words)
    assert {line.category for line in model.lines} <= set(words)


def test_narrow_matrix_shows_the_first_countries_and_says_so(matrix_of, words_in):
    words = words_in(matrix.draw(matrix_of(rows=10), narrow=True))

    assert "China" in words
    assert "Russia" not in words
    assert "The first 4 of 12 countries are shown." in " ".join(words)


def test_wide_matrix_shows_all_twelve_countries(matrix_of, words_in):
    words = words_in(matrix.draw(matrix_of(rows=10)))

    assert "Russia" in words
    assert "countries are shown" not in " ".join(words)


@pytest.mark.parametrize("dark", [False, True])
def test_equal_shares_are_equally_strong_in_every_column(dark):
    lightness = [oklab(tint(code, 0.6, dark))[0] for code in ("CN", "US", "GB", "IR", "NL")]

    assert max(lightness) - min(lightness) < 0.01


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_read_on_every_shade(dark):
    shades = [tint(code, step / 20, dark) for code in ("CN", "US", "IN", "KR", "DE") for step in range(21)]

    assert min(contrast(text_on(shade), shade) for shade in shades) >= 4.5
    assert all(to_rgba(shade) for shade in shades)


@pytest.mark.parametrize(("rows", "codes"), [(0, ("CN",)), (3, ())])
def test_matrix_without_rows_or_columns_says_so(matrix_of, words_in, narrow, rows, codes):
    figure = matrix.draw(matrix_of(rows=rows, codes=codes), narrow=narrow)

    assert NOTHING_KNOWN in words_in(figure)


@pytest.mark.parametrize("rows", [3, 74])
def test_matrix_is_legible(matrix_of, words, narrow, illegible, rows):
    figure = matrix.draw(matrix_of(words, rows=rows), narrow=narrow)

    assert illegible(figure) == []


def test_matrix_of_few_countries_is_legible(matrix_of, narrow, illegible):
    figure = matrix.draw(matrix_of(codes=("CN", "US", "JP"), rows=12), narrow=narrow)

    assert illegible(figure) == []


def test_matrix_is_as_large_as_it_says(matrix_of, narrow):
    model = matrix_of(rows=12)

    figure = matrix.draw(model, narrow=narrow)

    assert matrix.rows(model) == 12 + 3
    assert tuple(figure.get_size_inches() * 72) == pytest.approx(matrix.size(15, narrow=narrow))
