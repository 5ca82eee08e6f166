"""Read models with realistic, long names, and what 'legible' means for any figure."""

from decimal import Decimal
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tracker.analysis.figure_model import (
    LeaderboardBar,
    LeaderboardModel,
    MatrixCell,
    MatrixLine,
    MatrixModel,
    RankingBar,
    RankingModel,
    RiskBar,
    RiskModel,
    TrajectoryLine,
    TrajectoryModel,
)
from tracker.analysis.read_model import Place, Ranks

LONG_TITLE = (
    "China leads at least 46 of the 64 technologies; who leads the other nine has never been published in "
    "a source that we could read, so that the count stays open at its upper end until one of them is found"
)
WORDS = {
    "title": "China leads 37 of the 44 technologies, the United States 7",
    "subtitle": "Share of the 10 % most cited publications of 2018–2022, in per cent, as far as published",
    "source": "Australian Strategic Policy Institute (ASPI), Critical Technology Tracker, March 2023",
    "date": "Record as of 21 November 2026",
    "alt": "",
}
LONG_WORDS = {**WORDS, "title": LONG_TITLE, "subtitle": WORDS["subtitle"] * 3, "source": WORDS["source"] * 4}
NAMES = {
    "CN": "China",
    "US": "United States",
    "IN": "India",
    "GB": "United Kingdom",
    "KR": "South Korea",
    "DE": "Germany",
    "JP": "Japan",
    "VC": "Saint Vincent and the Grenadines",
    "BA": "Bosnia and Herzegovina",
    "TR": "Türkiye",
    "AE": "United Arab Emirates",
    "RU": "Russia",
}
TECHNOLOGIES = (
    "Multispectral and hyperspectral imaging sensors",
    "Artificial intelligence (AI) algorithms and hardware accelerators",
    "Natural language processing (incl. speech and text recognition and analysis)",
    "Radar",
    "Quantum computing",
)
CATEGORIES = ("Artificial intelligence, computing and communications", "Quantum", "Energy and environment")


def place(code: str) -> Place:
    return Place(code, NAMES[code])


@pytest.fixture(params=[False, True], ids=["wide", "narrow"])
def narrow(request):
    return request.param


@pytest.fixture(params=[WORDS, LONG_WORDS], ids=["words", "long words"])
def words(request):
    return request.param


@pytest.fixture
def leaderboard_of():
    def build(words=WORDS, bars=None, unknown=9, total=64):
        if bars is None:
            bars = [("CN", 46, 57), ("US", 7, 7), ("GB", 1, None), ("VC", 1, 0), ("BA", 1, None)]
        drawn = tuple(LeaderboardBar(place(code), led, stated) for code, led, stated in bars)
        return LeaderboardModel(bars=drawn, unknown=unknown, total=total, **words)

    return build


@pytest.fixture
def matrix_of():
    def build(words=WORDS, codes=tuple(NAMES), rows=74, categories=CATEGORIES):
        kinds = [
            MatrixCell(Decimal("48.49"), Ranks(1, 1)),
            MatrixCell(None, Ranks(2, 2)),
            MatrixCell(None, Ranks(1, 5)),
            MatrixCell(),
            MatrixCell(None, Ranks(1, 1)),
            MatrixCell(Decimal("4.0"), None),
        ]
        lines = tuple(
            MatrixLine(
                TECHNOLOGIES[number % len(TECHNOLOGIES)],
                categories[number * len(categories) // rows],
                tuple(kinds[(number + column) % len(kinds)] for column in range(len(codes))),
            )
            for number in range(rows)
        )
        return MatrixModel(places=tuple(place(code) for code in codes), lines=lines, **words)

    return build


@pytest.fixture
def ranking_of():
    def build(words=WORDS, bars=None):
        if bars is None:
            bars = [
                ("CN", "48.49", Ranks(1, 1), "rank by elimination"),
                ("US", "11.69", Ranks(2, 2), ""),
                ("IN", None, Ranks(3, 3), ""),
                ("GB", "4.0", Ranks(5, 5), "about; derived by us from the gap that the publisher states"),
                ("VC", None, Ranks(1, 5), ""),
                ("AE", None, None, ""),
            ]
        drawn = tuple(
            RankingBar(place(code), Decimal(share) if share else None, ranks, remark)
            for code, share, ranks, remark in bars
        )
        return RankingModel(bars=drawn, **words)

    return build


@pytest.fixture
def trajectory_of():
    def build(words=WORDS, shares=None, windows=14):
        if shares is None:
            shares = {
                "CN": ["8.37", *(f"{10 + 2 * n}.1" for n in range(13))],
                "US": ["49.2", *(f"{46 - 2 * n}.5" for n in range(13))],
                "JP": [f"{8 - n / 2:.2f}" for n in range(14)],
                "DE": ["7.22"] * 14,
                "IN": ["2.24"] * 10 + ["4.78"] * 4,
                "GB": ["5.96"] * 14,
                "KR": [None, None, "4.17", "4.20", None, None, "4.30", *["4.71"] * 7],
                "VC": [None] * 2 + ["4.2"] * 3 + [None] * 9,
                "TR": [None] * 6 + ["0.4"] + [None] * 7,
            }
        lines = tuple(
            TrajectoryLine(place(code), tuple(Decimal(share) if share else None for share in line))
            for code, line in shares.items()
        )
        labels = tuple(f"{2003 + n}–{2007 + n}" for n in range(windows))
        return TrajectoryModel(windows=labels, lines=lines, **words)

    return build


@pytest.fixture
def risk_of():
    def build(words=WORDS, bars=None):
        if bars is None:
            bars = [
                ("Artificial intelligence, computing and communications", 1, 2, 1, 6, 0),
                ("Defence, space, robotics, transportation, and much that belongs nowhere else", 0, 1, 1, 2, 2),
                ("All technologies", 8, 1, 1, 63, 1),
            ]
        return RiskModel(bars=tuple(RiskBar(*bar) for bar in bars), **words)

    return build


@pytest.fixture
def words_in():
    """The visible texts of a figure, in the order they were set."""

    def read(figure: Figure) -> list[str]:
        return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]

    return read


def letters_of(text: Text, box: Bbox) -> tuple[float, float, float, float]:
    """x0, x1, y0, y1 of the letters alone: a line's box also holds room for its leading."""
    x, y = text.get_transform().transform(text.get_position())
    up, down = 0.70 * text.get_fontsize(), 0.2 * text.get_fontsize()
    if text.get_rotation() == 90:
        return x - up, x + down, box.y0, box.y1
    return box.x0, box.x1, y - down, y + up


@pytest.fixture
def illegible():
    """What is wrong with a figure's lettering: text beyond the edge, on other text, or too small."""

    def find(figure: Figure) -> list[str]:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        wide, high = figure.get_size_inches() * figure.dpi
        texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        wrong, boxes = [], []
        for text in texts:
            box = text.get_window_extent(canvas.get_renderer())
            if box.x0 < 0 or box.y0 < 0 or box.x1 > wide or box.y1 > high:
                wrong.append(f"outside: {text.get_text()!r} {box}")
            if text.get_fontsize() < 12:
                wrong.append(f"small: {text.get_text()!r}")
            boxes.append((text.get_text(), *letters_of(text, box)))
        for one, other in combinations(boxes, 2):
            apart = one[2] <= other[1] or other[2] <= one[1] or one[4] <= other[3] or other[4] <= one[3]
            if not apart:
                wrong.append(f"overlap: {one[0]!r} and {other[0]!r}")
        return wrong

    return find
