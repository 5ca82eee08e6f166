"""Colours of the whole site, defined once. Knows no matplotlib, so the stylesheet can be built without it.

Chosen so that any two countries stay apart for normal, protan, deutan and tritan sight (tests/charts), and
so that each stands out from its ground by 3:1. Even so, colour never speaks alone: figures label directly.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, '#rrggbb'."""

    ground: str
    text: str
    muted: str
    grid: str
    neutral: str
    risk_high: str
    risk_medium: str
    risk_low: str


LIGHT = Palette(
    ground="#ffffff",
    text="#1b1f27",
    muted="#5c6472",
    grid="#dfe3e8",
    neutral="#9aa3b0",
    risk_high="#3a414f",
    risk_medium="#8d97a7",
    risk_low="#d9dee5",
)
DARK = Palette(
    ground="#14171c",
    text="#eceff3",
    muted="#a3acba",
    grid="#2d333d",
    neutral="#6d7684",
    risk_high="#e3e7ed",
    risk_medium="#8790a0",
    risk_low="#3d4552",
)


def palette(dark: bool) -> Palette:
    """The colours of the light or the dark theme."""
    return DARK if dark else LIGHT


# Code -> (on the light ground, on the dark ground). Same hue, lightness moved to keep its contrast.
COUNTRIES: dict[str, tuple[str, str]] = {
    "CN": ("#bf3f36", "#f23d24"),
    "US": ("#1c4aa6", "#669afc"),
    "IN": ("#e66a08", "#f0a52a"),
    "GB": ("#3a0f70", "#9a4fc0"),
    "DE": ("#593300", "#ab9e80"),
    "JP": ("#c46fb4", "#fbb6ee"),
    "KR": ("#1d7f7c", "#38d6ac"),
    "IT": ("#7d9c50", "#e6ec5a"),
    "FR": ("#1f9ade", "#c4ecfc"),
    "AU": ("#6c4a00", "#cf9000"),
    "CA": ("#500511", "#c23c4c"),
    "RU": ("#444c6b", "#8b8eaa"),
    "IR": ("#123c38", "#5b8a78"),
    "EU": ("#7b40e6", "#625bea"),
}

# Places without a colour of their own: greys with a breath of hue, the same grey for the same code.
OTHERS: tuple[tuple[str, str], ...] = (
    ("#6e7681", "#8f98a5"),
    ("#85786a", "#a89b8c"),
    ("#667a72", "#86a096"),
    ("#7d7189", "#a394b0"),
    ("#596775", "#7c8da0"),
    ("#8a8f7c", "#9fa58e"),
)

# For sides of one comparison whose greys could be mistaken for each other, tried in this order from the side's own
# position on: near black (near white), ochre, plum.
FALLBACKS: tuple[tuple[str, str], ...] = (
    ("#2b2a28", "#ece7da"),
    ("#b08325", "#c99a3f"),
    ("#5b3d6e", "#d9b3e6"),
)
LEAST_APART = 0.1  # in OKLab, with one of the opponent axes left out


def country_colour(code: str, dark: bool = False) -> str:
    """The colour of a country or bloc, '#rrggbb'. `code` is ISO 3166 or a bloc's slug, in any case."""
    key = code.upper()
    pair = COUNTRIES.get(key) or OTHERS[zlib.crc32(key.encode()) % len(OTHERS)]
    return pair[dark]


def colours_apart(codes: Sequence[str], dark: bool = False) -> tuple[str, ...]:
    """Colours of places drawn in one figure, so that any two of them can be told apart.

    A country or bloc with a colour of its own keeps it, always. The others keep their grey unless another
    side is too near to it; which colour they get instead depends only on the places and their order.
    """
    chosen = {at: COUNTRIES[code.upper()] for at, code in enumerate(codes) if code.upper() in COUNTRIES}
    coloured = tuple(chosen.values())
    spare = list(FALLBACKS)
    for at, code in enumerate(codes):
        if at in chosen:
            continue
        turn = at % len(FALLBACKS)
        candidates = [pair for pair in (*FALLBACKS[turn:], *FALLBACKS[:turn]) if pair in spare]
        # The fallbacks were chosen apart from each other and from every grey; two greys never are.
        if not candidates or all(pair in (*coloured, *FALLBACKS) for pair in chosen.values()):
            candidates.insert(0, (country_colour(code), country_colour(code, dark=True)))
        # Judged on both grounds, so that a side has the same hue in the light and in the dark.
        near = {
            pair: min(
                (_apart(one, two) for other in coloured for one, two in zip(pair, other, strict=True)), default=1.0
            )
            for pair in candidates
        }
        chosen[at] = next(
            (pair for pair in candidates if near[pair] >= LEAST_APART), max(candidates, key=near.__getitem__)
        )
        spare = [pair for pair in spare if pair != chosen[at]]
    return tuple(chosen[at][dark] for at in range(len(codes)))


def css_tokens() -> str:
    """The same colours as CSS custom properties: light, dark by preference, dark by choice (`data-theme`)."""
    light, dark = (_declarations(is_dark) for is_dark in (False, True))
    return (
        f":root {{\n{light}}}\n"
        f'@media (prefers-color-scheme: dark) {{\n:root:not([data-theme="light"]) {{\n{dark}}}\n}}\n'
        f':root[data-theme="dark"] {{\n{dark}}}\n'
    )


def tokens(dark: bool) -> dict[str, str]:
    """Name of the custom property -> colour, for one theme."""
    shades = palette(dark)
    named = {
        "--figure-ground": shades.ground,
        "--figure-text": shades.text,
        "--figure-muted": shades.muted,
        "--figure-grid": shades.grid,
        "--figure-neutral": shades.neutral,
        "--risk-high": shades.risk_high,
        "--risk-medium": shades.risk_medium,
        "--risk-low": shades.risk_low,
    }
    for code in COUNTRIES:
        named[f"--country-{code.lower()}"] = country_colour(code, dark)
        named[f"--country-{code.lower()}-ink"] = ink(code, dark)
    return named


def _declarations(dark: bool) -> str:
    return "".join(f"  {name}: {colour};\n" for name, colour in tokens(dark).items())


def _linear(colour: str) -> tuple[float, ...]:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=4096)
def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=1024)
def text_on(fill: str) -> str:
    """The colour of lettering on `fill`: white or our text colour, or black on middle tones that need it."""
    return next((colour for colour in ("#ffffff", LIGHT.text) if contrast(colour, fill) >= 4.5), "#000000")


def oklab(colour: str) -> tuple[float, float, float]:
    """Perceptual lightness (0 to 1) and two opponent axes (Ottosson 2020)."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@lru_cache(maxsize=1024)
def _apart(one: str, other: str) -> float:
    """How far apart two colours are for an eye that lacks either of the opponent axes, in OKLab."""
    (light, a, b), (other_light, other_a, other_b) = oklab(one), oklab(other)
    least = min(abs(a - other_a), abs(b - other_b))
    return ((light - other_light) ** 2 + least**2) ** 0.5


def _from_oklab(lightness: float, a: float, b: float) -> str:
    """'#rrggbb', with the chroma lowered until the screen can show it."""
    while True:
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        channels = (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
        if all(-0.0005 <= c <= 1.0005 for c in channels):
            break
        a, b = a * 0.94, b * 0.94
    shown = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in channels)
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02x}" for c in shown)


def ink(code: str, dark: bool = False) -> str:
    """The place's colour for lettering: moved in lightness only, as little as 4.5:1 on the ground asks."""
    return readable(country_colour(code, dark), dark)


@lru_cache(maxsize=1024)
def readable(colour: str, dark: bool = False) -> str:
    """The colour moved in lightness only, as little as 4.5:1 on the ground asks."""
    ground = palette(dark).ground
    lightness, a, b = oklab(colour)
    while contrast(colour, ground) < 4.5:
        lightness += 0.01 if dark else -0.01
        colour = _from_oklab(lightness, a, b)
    return colour


@lru_cache(maxsize=4096)
def tint(code: str, strength: float, dark: bool = False) -> str:
    """A shade of the place's hue; equal `strength` (0 to 1) is equally light or dark for every place."""
    _, a, b = oklab(country_colour(code, dark))
    chroma = (a * a + b * b) ** 0.5 or 1.0
    wanted = min(chroma, 0.13) * (0.18 + 0.82 * strength)
    lightness = 0.27 + 0.43 * strength if dark else 0.955 - 0.405 * strength
    return _from_oklab(lightness, a / chroma * wanted, b / chroma * wanted)
