"""The look of every figure: one matplotlib style and our own face, loaded once at import; and the site's colours.

The face is Source Sans 3 under another name (fonts/README.md says why).
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import matplotlib.style
from matplotlib import font_manager

from tracker.charts.palette import (
    COUNTRIES,
    DARK,
    LIGHT,
    Palette,
    contrast,
    country_colour,
    css_tokens,
    ink,
    oklab,
    palette,
    text_on,
    tint,
    tokens,
)

__all__ = [
    "COUNTRIES",
    "DARK",
    "FACE",
    "FONT_FACES",
    "LIGHT",
    "REGULAR",
    "SEMIBOLD",
    "Palette",
    "contrast",
    "country_colour",
    "css_tokens",
    "ink",
    "oklab",
    "palette",
    "text_on",
    "tint",
    "tokens",
]

FACE = "Tracker Sans"
REGULAR, SEMIBOLD = 400, 600
FONTS = Path(__file__).with_name("fonts")
FONT_FILES = {REGULAR: FONTS / "TrackerSans-Regular.ttf", SEMIBOLD: FONTS / "TrackerSans-SemiBold.ttf"}


def _font_face(weight: int) -> str:
    """A CSS rule with the subset inside: an SVG shown by <img> may load nothing from outside."""
    path = FONT_FILES[weight]
    encoded = base64.b64encode(path.with_name(f"{path.stem}-subset.woff2").read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:'{FACE}';font-weight:{weight};"
        f"src:url(data:font/woff2;base64,{encoded}) format('woff2')}}"
    )


matplotlib.style.use(Path(__file__).with_name("style.mplstyle"))
for _path in FONT_FILES.values():
    font_manager.fontManager.addfont(_path)
# Characters our face lacks come from DejaVu Sans, which has no SemiBold: its Bold stands in without a complaint.
font_manager.fontManager.ttflist.extend(
    [
        replace(entry, weight=SEMIBOLD)
        for entry in font_manager.fontManager.ttflist
        if entry.name == "DejaVu Sans" and entry.weight in ("bold", 700) and entry.style == "normal"
    ]
)
FONT_FACES = "".join(_font_face(weight) for weight in FONT_FILES)
