"""Technologies by countries: the share where it is known, the rank where only that is, a dot where nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from tracker.analysis.figure_model import MatrixCell, MatrixLine, MatrixModel
from tracker.analysis.read_model import Place, written
from tracker.charts import dimensions
from tracker.charts.frame import MIDDLE, SMALL, Frame, Key
from tracker.charts.lettering import shorten, width, wrap
from tracker.charts.theme import REGULAR, SEMIBOLD, country_colour, text_on, tint

NAME = 13.0  # technology names, in pixels
LEAST_CELL, NARROW_LEAST_CELL = 38.0, 36.0
MOST_CELL = 84.0
LEAST_NARROW_COLUMNS, MOST_NARROW_COLUMNS = 4, 5
MOST_UPRIGHT = 110.0  # pixels of a country's name set upright
RANK_ONLY_TINT = 0.14


@dataclass(frozen=True)
class Columns:
    """How the width is divided: lettering of the names, and the columns that fit beside it."""

    shown: int
    name_size: float
    names: list[list[str]]
    left: float
    cell: float


def size(rows: int, *, narrow: bool = False) -> tuple[int, int]:
    """(width, height) in CSS pixels; a heading of a category counts as a row."""
    return dimensions.MATRIX.size(rows, narrow=narrow)


def rows(model: MatrixModel) -> int:
    """The rows drawn: one a technology, and one a category for its heading."""
    return len(model.lines) + len(_groups(model))


def draw(model: MatrixModel, *, dark: bool = False, narrow: bool = False) -> Figure:
    """One line a technology under its category's heading, one column a country."""
    columns = _columns(model, narrow=narrow)
    remark = ""
    if columns.shown < len(model.places):
        remark = f"The first {columns.shown} of {len(model.places)} countries are shown."
    frame = Frame(model, size(rows(model), narrow=narrow), dark=dark, narrow=narrow, remark=remark)
    if not model.lines or not model.places:
        frame.say_nothing_known()
        return frame.figure
    places = model.places[: columns.shown]
    most = max((float(c.share) for line in model.lines for c in line.cells if c.share is not None), default=0.0)
    frame.key(_keys(frame, model, most))
    _head(frame, places, columns)

    right = columns.left + columns.cell * len(places)
    axes = frame.plot(columns.left, right, len(places))
    usual = dimensions.MATRIX.narrow_row if narrow else dimensions.MATRIX.row
    pitch = frame.pitch(rows(model), usual)
    cells = _Cells(frame, axes, places, columns, pitch, most)
    y = 0.0
    number = 0
    for at, (category, lines) in enumerate(_groups(model)):
        heading = frame.top + y + pitch - 7
        # The heading stands above the columns: a phone's few pixels are wider than the names' column.
        codes_shown = width(category, NAME, SEMIBOLD) < columns.left - frame.left and at > 0
        frame.text(frame.left, heading, category, size=NAME, weight=SEMIBOLD)
        if codes_shown:
            for column, place in enumerate(places):
                if len(place.code) <= 3:
                    frame.text(
                        columns.left + columns.cell * (column + 0.5),
                        heading,
                        place.code.upper(),
                        size=SMALL,
                        colour=frame.palette.muted,
                        ha="center",
                    )
        y += pitch
        frame.rule(frame.left, frame.top + y - 1, right, colour=frame.palette.neutral)
        for line in lines:
            middle = frame.top + y + pitch / 2
            frame.lines(frame.left, middle, columns.names[number], size=columns.name_size, leading=1.1)
            cells.add(line, y)
            y += pitch
            number += 1
            frame.rule(frame.left, frame.top + y - 0.5, right)
    cells.draw()
    return frame.figure


class _Cells:
    """The cells of all lines, gathered so that shades are one collection and dots are one artist."""

    def __init__(
        self, frame: Frame, axes: Axes, places: tuple[Place, ...], columns: Columns, pitch: float, most: float
    ) -> None:
        self.frame, self.axes, self.places, self.columns = frame, axes, places, columns
        self.pitch, self.most = pitch, most
        self.corners: list[list[tuple[float, float]]] = []
        self.shades: list[str] = []
        self.dots: list[tuple[float, float]] = []

    def add(self, line: MatrixLine, y: float) -> None:
        """One line of cells whose upper edge is `y` pixels below the plot's."""
        for column, (place, cell) in enumerate(zip(self.places, line.cells, strict=False)):
            shade = _shade(cell, place, self.most, self.frame.dark)
            if shade:
                air_x, air_y = 1 / self.columns.cell, 1.0
                x, right, bottom = column + air_x, column + 1 - air_x, y + self.pitch - air_y
                self.corners.append([(x, y + air_y), (right, y + air_y), (right, bottom), (x, bottom)])
                self.shades.append(shade)
            words = cell_text(cell)
            if not words:
                self.dots.append((column + 0.5, y + self.pitch / 2))
                continue
            colour = text_on(shade) if shade else self.frame.palette.muted
            self.frame.text(
                self.columns.left + self.columns.cell * (column + 0.5),
                self.frame.top + y + self.pitch / 2 + MIDDLE * SMALL,
                words,
                size=SMALL,
                weight=SEMIBOLD if leads(cell) else REGULAR,
                colour=colour,
                ha="center",
            )

    def draw(self) -> None:
        """Put shades and dots into the axes."""
        if self.corners:
            shades = PolyCollection(self.corners, facecolors=self.shades, linewidths=0, label="known")
            self.axes.add_collection(shades, autolim=False)
        if self.dots:
            self.axes.plot(
                [x for x, _ in self.dots],
                [y for _, y in self.dots],
                marker="o",
                markersize=2.6,
                linestyle="none",
                color=self.frame.palette.neutral,
                markeredgewidth=0,
                label="unknown",
            )


def cell_text(cell: MatrixCell) -> str:
    """The share as published, else the rank as '1st' or '1–5', else nothing."""
    if cell.share is not None:
        return f"≈{written(cell.share)}" if cell.derived else written(cell.share)
    return cell.ranks.ordinal if cell.ranks is not None else ""


def leads(cell: MatrixCell) -> bool:
    """Whether the place is known to be first."""
    return cell.ranks is not None and cell.ranks.last == 1


def _shade(cell: MatrixCell, place: Place, most: float, dark: bool) -> str:
    """The cell's ground: by share; a light tint for a leader of unknown share; '' for none."""
    if cell.share is not None:
        # Rounded, so that the few shades of a hue are worked out once.
        return tint(place.code, round(0.12 + 0.88 * float(cell.share) / most, 2) if most else 0.12, dark)
    return tint(place.code, RANK_ONLY_TINT, dark) if leads(cell) else ""


def _groups(model: MatrixModel) -> list[tuple[str, list[MatrixLine]]]:
    return [(category, list(lines)) for category, lines in groupby(model.lines, key=lambda line: line.category)]


def _columns(model: MatrixModel, *, narrow: bool) -> Columns:
    """As many columns as fit beside names of one line, or of two on a phone."""
    margin = 16.0 if narrow else 28.0
    across = (dimensions.NARROW if narrow else dimensions.WIDE) - 2 * margin
    names = [line.technology for line in model.lines]
    least = NARROW_LEAST_CELL if narrow else LEAST_CELL
    if not narrow:
        wanted = min(max([width(name, NAME) for name in names] or [0.0]) + 14, 440)
        shown = min(len(model.places), int((across - wanted) / least))
        cell = min(MOST_CELL, (across - wanted) / max(shown, 1))
        lines = [wrap(name, wanted - 12, NAME, most=1) for name in names]
        return Columns(shown, NAME, lines, margin + wanted, cell)
    for shown in range(min(len(model.places), MOST_NARROW_COLUMNS), 0, -1):
        room = across - shown * least
        lines = [wrap(name, room - 8, SMALL) for name in names]
        if shown <= LEAST_NARROW_COLUMNS or all(len(found) <= 2 for found in lines):
            break
    else:
        return Columns(0, SMALL, [], margin, least)
    lines = [wrap(name, room - 8, SMALL, most=2) for name in names]
    return Columns(shown, SMALL, lines, margin + room, least)


def _head(frame: Frame, places: tuple[Place, ...], columns: Columns) -> None:
    """The countries' names over their columns, wrapped where they fit so, else upright; moves `top` below."""
    wrapped = [wrap(place.name, columns.cell - 5, SMALL, SEMIBOLD) for place in places]
    whole = all(
        len(lines) <= 2 and "".join(lines).replace(" ", "") == place.name.replace(" ", "")
        for lines, place in zip(wrapped, places, strict=True)
    ) and all(width(word, SMALL, SEMIBOLD) <= columns.cell - 5 for place in places for word in place.name.split(" "))
    if whole:
        deep = max(len(lines) for lines in wrapped)
        base = frame.top + 4 + deep * 14
        for number, lines in enumerate(wrapped):
            x = columns.left + columns.cell * (number + 0.5)
            for at, line in enumerate(reversed(lines)):
                frame.text(x, base - at * 14, line, size=SMALL, weight=SEMIBOLD, ha="center")
    else:
        upright = [shorten(place.name, MOST_UPRIGHT, SMALL, SEMIBOLD) for place in places]
        base = frame.top + max(width(name, SMALL, SEMIBOLD) for name in upright) + 6
        for number, name in enumerate(upright):
            x = columns.left + columns.cell * (number + 0.5) + MIDDLE * SMALL
            frame.text(x, base, name, size=SMALL, weight=SEMIBOLD, rotation=90)
    for number, place in enumerate(places):
        x = columns.left + columns.cell * number
        colour = country_colour(place.code, frame.dark)
        frame.rule(x + 2, base + 6, x + columns.cell - 2, thick=4, colour=colour)
    frame.top = base + 12


def _keys(frame: Frame, model: MatrixModel, most: float) -> list[Key]:
    """Only what the cells hold is explained."""
    cells = [cell for line in model.lines for cell in line.cells]
    keys = []
    if most:
        grey = tint("", 0.55, frame.dark)
        keys.append(
            Key(
                "share in per cent, the darker the higher"
                if not frame.dark
                else "share in per cent, the brighter the higher",
                fill=grey,
            )
        )
    if any(cell.share is None and leads(cell) for cell in cells):
        keys.append(Key("leads, share not known to us", fill=tint("", RANK_ONLY_TINT, frame.dark), letter="1st"))
    if any(cell.share is None and cell.ranks is not None and not leads(cell) for cell in cells):
        keys.append(Key("rank only", letter="3rd"))
    if any(cell.share is None and cell.ranks is None for cell in cells):
        keys.append(Key("nothing known to us", letter="·"))
    return keys
