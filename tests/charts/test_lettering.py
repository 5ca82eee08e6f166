import hashlib
import re
from pathlib import Path

import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.theme import FACE, FONT_FILES, FONTS, REGULAR, SEMIBOLD

NAME = "Artificial intelligence (AI) algorithms and hardware accelerators"


def test_wrapped_lines_hold_every_word_and_fit():
    lines = wrap(NAME, 150, 14)

    assert " ".join(lines) == NAME
    assert all(width(line, 14) <= 150 for line in lines)


def test_even_lines_are_about_equally_long():
    lines = wrap(NAME, 400, 14, even=True)

    lengths = [width(line, 14) for line in lines]
    assert len(lines) == len(wrap(NAME, 400, 14))
    assert max(lengths) < 1.5 * min(lengths)


def test_wrap_with_too_few_lines_ends_in_an_ellipsis():
    lines = wrap(NAME, 150, 14, most=2)

    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert width(lines[-1], 14) <= 150


@pytest.mark.parametrize("word", ["Donaudampfschifffahrtsgesellschaft", "military-technical-cooperation/exchange"])
def test_word_wider_than_the_line_is_cut(word):
    lines = wrap(word, 60, 14)

    assert "".join(lines) == word
    assert all(width(line, 14) <= 60 for line in lines)


def test_short_text_is_not_shortened():
    assert shorten("China", 100, 14) == "China"


def test_semibold_is_wider_than_regular():
    assert width("China", 14, SEMIBOLD) > width("China", 14, REGULAR)


@pytest.mark.parametrize("weight", [REGULAR, SEMIBOLD])
def test_face_is_ours_and_holds_the_signs_we_print(weight):
    path = font_manager.findfont(font_manager.FontProperties(family=FACE, weight=weight))

    assert Path(path) == FONT_FILES[weight]
    assert {ord(sign) for sign in "üşğİłçé \u2009\u202f–—≥≤×−…’“”"} <= set(FT2Font(path).get_charmap())


def test_fonts_are_the_files_their_readme_describes():
    readme = (FONTS / "README.md").read_text(encoding="utf-8")

    said = dict(re.findall(r"\| `([^`]+)` \| [^|]+ \| `([0-9a-f]{64})` \|", readme))
    assert said == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FONTS.iterdir()
        if path.suffix in (".ttf", ".woff2", ".txt")
    }


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.woff2")), ids=lambda path: path.name)
def test_subset_stays_small(path):
    assert path.stat().st_size < 25_000
