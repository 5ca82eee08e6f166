"""Read models with realistic, long names, and what 'legible' means for any figure."""

from decimal import Decimal
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tracker.analysis.figure_model import (
    ComparedLine,
    ComparedMark,
    ComparisonModel,
    LeaderboardBar,
    LeaderboardModel,
    MatrixCell,
    MatrixLine,
    MatrixModel,
    RankingBar,
    RankingModel,
    RiskBar,
    RiskModel,
    SlopeLine,
    SlopeModel,
    SlopePanel,
    TrajectoryCrossing,
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
BLOCS = {
    "quad": "Quad",
    "five-eyes": "Five Eyes",
    "nato": "North Atlantic Treaty Organization",
    "asean": "Association of Southeast Asian Nations",
    "custom:au,ca,nz,gb,in,jp,kr": "Australia, Canada, New Zealand and 4 more",
    "custom:vc,ba,ae": "Saint Vincent and the Grenadines, Bosnia and Herzegovina and United Arab Emirates",
}
CATEGORIES = ("Artificial intelligence, computing and communications", "Quantum", "Energy and environment")


def place(code: str) -> Place:
    return Place(code, BLOCS[code], kind="bloc") if code in BLOCS else Place(code, NAMES[code])


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
    def build(words=WORDS, shares=None, windows=14, crossings=(), partial=None):
        """`crossings`: (overtaker, overtaken, last, first); `partial`: code -> windows with a lower bound."""
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
            TrajectoryLine(
                place(code),
                tuple(Decimal(share) if share else None for share in line),
                tuple(at in partial[code] for at in range(windows)) if code in (partial or {}) else (),
            )
            for code, line in shares.items()
        )
        labels = tuple(f"{2003 + n}–{2007 + n}" for n in range(windows))
        found = tuple(TrajectoryCrossing(place(up), place(down), last, first) for up, down, last, first in crossings)
        return TrajectoryModel(windows=labels, lines=lines, crossings=found, **words)

    return build


def mark_of(said: str) -> ComparedMark:
    """'>=30.1', '12.9', '#1', '#1!' (and leads), '#2-5', '!' (leads), '' (nothing known)."""
    leads, said = said.endswith("!"), said.removesuffix("!")
    if said.startswith("#"):
        first, _, last = said[1:].partition("-")
        return ComparedMark(ranks=Ranks(int(first), int(last or first)), leads=leads)
    bounds = {">=": "at least", "<=": "at most", "~~": "about"}
    bound = bounds.get(said[:2], "")
    share = said[2:] if bound else said
    return ComparedMark(share=Decimal(share) if share else None, bound=bound, leads=leads)


@pytest.fixture
def compared():
    """One line of a comparison from the words of its marks; a gap makes it one of the upper band."""

    def build(*marks, gap=None, bound="", close=False, ahead=None, name=TECHNOLOGIES[0]):
        return ComparedLine(
            name,
            CATEGORIES[0],
            "rank" if gap is None else "gap",
            tuple(mark_of(said) for said in marks),
            ahead,
            Decimal(gap) if gap is not None else None,
            bound,
            close,
        )

    return build


@pytest.fixture
def comparison_of(compared):
    def build(words=WORDS, codes=("CN", "US"), lines=None, drawn=5, rest=39, unknown=0, what="technologies"):
        if lines is None:
            kinds = (
                (("65.4", "11.9", "4.21", "0.052"), {"gap": "53.5", "ahead": 0}),
                ((">=43", "12.8", ">=12.1", "12.0"), {"gap": "30", "bound": "at least", "ahead": 0}),
                (("11.9", "<=38", "11.8", ">=0.4"), {"gap": "26.1", "bound": "at most"}),
                (("24.8", "24.5", "24.6", "24.4"), {"gap": "0.2", "close": True}),
                (("~~4.02", "17.44", "17.44", "17.45"), {"gap": "13.4", "bound": "about", "ahead": 1}),
            )
            rank_kinds = (
                (("#1!", "", "", "#7"), 0),
                (("#1!", "#2", "", ""), 0),
                (("48.49!", "#2", ">=13.2", "#1-5"), 0),
                (("", "!", "", ""), 1),
                (("#1-5", "#1-5", "#12", ""), None),
                (("", "#1!", "!", ""), None),
            )
            lines = []
            for number in range(drawn):
                marks, more = kinds[number % len(kinds)]
                name = TECHNOLOGIES[number % len(TECHNOLOGIES)]
                lines.append(compared(*marks[: len(codes)], name=name, **more))
            for number in range(rest):
                marks, ahead = rank_kinds[number % len(rank_kinds)]
                name = TECHNOLOGIES[number % len(TECHNOLOGIES)]
                lines.append(compared(*marks[: len(codes)], ahead=ahead, name=name))
        sides = tuple(place(code) for code in codes)
        return ComparisonModel(sides=sides, lines=tuple(lines), unknown=unknown, what=what, **words)

    return build


def end_of(said: str) -> tuple[Decimal | None, str]:
    mark = mark_of(said)
    return mark.share, mark.bound


@pytest.fixture
def slope_of():
    def build(words=WORDS, codes=("CN", "US"), panels=14, ends=None, editions=("2003–2007", "2016–2020")):
        """`ends`: a panel a tuple of (then, now) in words, one a side."""
        usual = (
            (("8.37", "36.4"), ("49.2", "17.4"), ("2.24", "4.78"), ("5.96", "3.75")),
            (("4.02", "25.0"), (">=28.7", "13.3"), ("", "4.03"), ("6.60", "")),
            (("0.099", "1.37"), ("44.5", ">=42.7"), ("0.252", "0.411"), (">=10.2", ">=8.42")),
        )
        movements = ("changed hands", "narrowed", "")
        given = ends if ends is not None else [usual[number % 3] for number in range(panels)]
        drawn = tuple(
            SlopePanel(
                TECHNOLOGIES[number % len(TECHNOLOGIES)],
                movements[number % 3],
                tuple(
                    SlopeLine(place(code), end_of(then)[0], end_of(now)[0], end_of(then)[1], end_of(now)[1])
                    for code, (then, now) in zip(codes, panel, strict=False)
                ),
            )
            for number, panel in enumerate(given)
        )
        sides = tuple(place(code) for code in codes)
        return SlopeModel(then=editions[0], now=editions[1], sides=sides, panels=drawn, **words)

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
