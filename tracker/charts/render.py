"""Figure -> bytes. The same figure gives the same bytes, so an ETag and a cache hold."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tracker.charts.theme import FACE, FONT_FACES

Format = Literal["svg", "png"]
_UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*\)"')
_FAMILY = f"; font-family: '{FACE}', 'DejaVu Sans', sans-serif"
PNG_DPI = 144  # two pixels to a CSS pixel


class UnknownFormatError(ValueError):
    """Only 'svg' and 'png' are drawn."""


def render(figure: Figure, format: Format) -> bytes:
    """The figure as a file. SVG carries its face inside and its size in CSS pixels; PNG is twice that size."""
    if format == "svg":
        return _svg(figure)
    if format == "png":
        return _png(figure)
    raise UnknownFormatError(format)


def _svg(figure: Figure) -> bytes:
    held = BytesIO()
    metadata = {"Title": figure.get_label(), "Date": None, "Creator": None, "Format": None, "Type": None}
    FigureCanvasSVG(figure).print_svg(held, metadata=metadata)
    drawn = held.getvalue().decode("utf-8")
    width, height = (round(inches * 72) for inches in figure.get_size_inches())
    # Said once for all text instead of on each line of it: a third of a large figure's bytes.
    drawn = _UNTURNED.sub("", drawn).replace(_FAMILY, "").replace("; text-anchor: start", "")
    start = drawn.index("<svg")
    end = drawn.index(">", start)
    head = drawn[start:end]
    # matplotlib writes points; a page wants pixels, and one of our points is one pixel.
    for name, points in (("width", width), ("height", height)):
        head = head.replace(f'{name}="{points}pt"', f'{name}="{points}"')
    faces = f"<defs><style>{FONT_FACES}text{{font-family:'{FACE}',sans-serif}}</style></defs>"
    return f'{drawn[:start]}{head} role="img">{faces}{drawn[end + 1 :]}'.encode()


def _png(figure: Figure) -> bytes:
    held = BytesIO()
    usual = figure.dpi
    canvas = FigureCanvasAgg(figure)
    metadata = {"Title": figure.get_label(), "Software": None}
    figure.set_dpi(PNG_DPI)
    try:
        canvas.print_png(held, metadata=metadata, pil_kwargs={"compress_level": 3})
    finally:
        figure.set_dpi(usual)
    return held.getvalue()
