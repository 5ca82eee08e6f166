"""Widths of text, known before anything is drawn, so that margins fit the longest label and lines wrap.

Widths are in CSS pixels, from the face's own advance widths. Kerning is left out: it only ever narrows a
line by a pixel or two, and a margin a little too wide harms nobody.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matplotlib.ft2font import FT2Font

from tracker.charts.theme import FONT_FILES, REGULAR

_UNIT = 100  # pixels an em at which advances are read


def _advances(weight: int) -> dict[int, float]:
    """Code point -> advance width in ems."""
    font = FT2Font(FONT_FILES[weight])
    font.set_size(_UNIT, 72)
    return {
        code: font.load_glyph(glyph).linearHoriAdvance / 65536 / _UNIT for code, glyph in font.get_charmap().items()
    }


_ADVANCES = {weight: _advances(weight) for weight in FONT_FILES}
_UNKNOWN_ADVANCE = 1.0  # a character our face lacks comes from another; the widest guess keeps it inside


@lru_cache(maxsize=8192)
def width(text: str, size: float, weight: int = REGULAR) -> float:
    """The width of one line in CSS pixels at `size` pixels."""
    advances = _ADVANCES[weight]
    return size * sum(advances.get(ord(character), _UNKNOWN_ADVANCE) for character in text)


def wrap(
    text: str, limit: float, size: float, weight: int = REGULAR, *, most: int | None = None, even: bool = False
) -> list[str]:
    """Lines no wider than `limit` pixels; at most `most`, the last then ends in '…'.

    `even` makes the lines about equally long, as a headline should be.
    """
    lines = _greedy(text, limit, size, weight)
    if even and len(lines) > 1:
        low, high = limit / len(lines) * 0.8, limit
        while high - low > 2:
            middle = (low + high) / 2
            if len(_greedy(text, middle, size, weight)) > len(lines):
                low = middle
            else:
                high = middle
        lines = _greedy(text, high, size, weight)
    if most is not None and len(lines) > most:
        kept = lines[: most - 1]
        kept.append(shorten(" ".join(lines[most - 1 :]), limit, size, weight))
        return kept
    return lines


def shorten(text: str, limit: float, size: float, weight: int = REGULAR) -> str:
    """The text itself where it fits into `limit` pixels, else its beginning and '…'."""
    if width(text, size, weight) <= limit:
        return text
    while text and width(text + "…", size, weight) > limit:
        text = text[:-1].rstrip(" ,;:–(")
    return text + "…"


def _greedy(text: str, limit: float, size: float, weight: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if width(candidate, size, weight) <= limit:
            line = candidate
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, limit, size, weight)
        lines.extend(whole)
    return [*lines, line] if line else lines


def _pieces(word: str, limit: float, size: float, weight: int) -> list[str]:
    """One word cut where it must be: after a hyphen or slash, else between any two characters."""
    if width(word, size, weight) <= limit:
        return [word]
    parts = [part for part in re.split(r"(?<=[-–/])", word) if part]
    if len(parts) == 1:
        parts = list(word)
    lines = [""]
    for part in parts:
        if lines[-1] and width(lines[-1] + part, size, weight) > limit:
            lines.append("")
        lines[-1] += part
    if len(parts) > 1 and parts != list(word):
        return [piece for line in lines for piece in _pieces(line, limit, size, weight)]
    return lines
