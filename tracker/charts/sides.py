"""The two to four sides of a comparison within one figure: their colours, their marks, and the key that names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.analysis.read_model import Place
from tracker.charts.frame import MIDDLE, SMALL, Frame
from tracker.charts.lettering import width, wrap
from tracker.charts.palette import colours_apart, readable
from tracker.charts.theme import REGULAR, SEMIBOLD

# A shape a position, so that colour never speaks alone; sizes in pixels, so that all look equally large.
SHAPES = (("o", 9.4), ("s", 8.2), ("D", 7.6), ("^", 9.6))
SIGNS = {"at least": "≥", "at most": "≤", "about": "≈"}
DASHES = (0, (2.2, 1.7))  # of the line's width
_SLOT = 18.0  # pixels of a mark in the key


@dataclass(frozen=True)
class Side:
    """One side as a figure draws it. `ink` is its colour for lettering."""

    place: Place
    colour: str
    ink: str
    shape: str
    size: float

    @property
    def name(self) -> str:
        return self.place.name


@dataclass(frozen=True)
class Note:
    """An entry of the key that is no side: a hollow mark, a ring (with a number in it), a dashed line, an
    outlined bar (with its hatch), or words alone."""

    text: str
    mark: bool = False
    ring: bool = False
    number: str = ""
    dashed: bool = False
    bar: bool = False
    hatch: str = ""


def sides_of(places: Sequence[Place], dark: bool) -> tuple[Side, ...]:
    """The sides in their order, no two of one colour and no two of one shape."""
    colours = colours_apart([place.code for place in places], dark)
    return tuple(
        Side(place, colour, readable(colour, dark), *SHAPES[at % len(SHAPES)])
        for at, (place, colour) in enumerate(zip(places, colours, strict=True))
    )


def signed(words: str, bound: str) -> str:
    """A number with its bound as a sign: '≥ 30.1'; a bound without a sign is said in words."""
    return f"{SIGNS.get(bound, bound)}\u202f{words}" if bound else words


@dataclass
class Marks:
    """Marks on the sheet, gathered: one artist for all marks of one look."""

    frame: Frame
    _spots: dict[tuple[str, float, str, bool], tuple[list[float], list[float]]] = field(default_factory=dict)

    def add(self, side: Side, x: float, y: float, *, hollow: bool = False, scale: float = 1.0) -> None:
        """A side's mark with its middle at (x, y), in pixels of the sheet."""
        self.put(side.shape, side.size * scale, side.colour, x, y, hollow=hollow)

    def put(self, shape: str, size: float, colour: str, x: float, y: float, *, hollow: bool) -> None:
        xs, ys = self._spots.setdefault((shape, size, colour, hollow), ([], []))
        xs.append(x)
        ys.append(y)

    def draw(self) -> None:
        """Put the marks on the sheet."""
        ground = self.frame.palette.ground
        for (shape, size, colour, hollow), (xs, ys) in self._spots.items():
            self.frame.path(
                xs,
                ys,
                linestyle="none",
                marker=shape,
                markersize=size - (0.8 if hollow else 0),
                markerfacecolor=ground if hollow else colour,
                markeredgecolor=colour,
                markeredgewidth=1.8 if hollow else 0,
            )


def key(frame: Frame, sides: Sequence[Side], notes: Sequence[Note] = ()) -> None:
    """Shapes and names of the sides, then the notes, in as many lines as they need; moves `top` below them."""
    if not sides and not notes:
        return
    marks = Marks(frame)
    x, line = frame.left, frame.top + 7.0
    entries: list[Side | Note] = [*sides, *notes]
    for entry in entries:
        if isinstance(entry, Side):
            text, weight, colour, slot = entry.name, SEMIBOLD, entry.ink, _SLOT
        else:
            text, weight, colour, slot = entry.text, REGULAR, frame.palette.muted, _slot(entry)
        needs = slot + width(text, SMALL, weight)
        if x > frame.left and x + needs > frame.right:
            x, line = frame.left, line + 20
        if isinstance(entry, Side):
            marks.add(entry, x + 6, line)
        else:
            _symbol(frame, marks, entry, x, line)
        words = wrap(text, frame.right - x - slot, SMALL, weight)
        for number, part in enumerate(words):
            frame.text(x + slot, line + number * 15 + MIDDLE * SMALL, part, size=SMALL, weight=weight, colour=colour)
        line += (len(words) - 1) * 15
        x += needs + 18
    marks.draw()
    frame.top = line + 20


def _slot(note: Note) -> float:
    """Pixels before the words of a note."""
    if note.ring:
        return _SLOT + 5
    return _SLOT if note.mark or note.dashed or note.bar else 0.0


def _symbol(frame: Frame, marks: Marks, note: Note, x: float, y: float) -> None:
    """What a note explains, as the plot draws it."""
    muted = frame.palette.muted
    if note.ring:
        ring(frame, x + 9, y, note.number)
    elif note.mark:
        marks.put("o", SHAPES[0][1], muted, x + 6, y, hollow=True)
    elif note.dashed:
        frame.path([x, x + 13], [y, y], color=muted, linewidth=2, linestyle=DASHES, dash_capstyle="butt")
    elif note.bar:
        frame.box(
            x, y - 5.5, 13, 11, facecolor=frame.palette.ground, edgecolor=muted, hatch=note.hatch, linewidth=1.2
        )


def ring(frame: Frame, x: float, y: float, number: str = "") -> None:
    """A small ring on the sheet, around what is drawn there; with a number in it, on the figure's ground."""
    frame.path(
        [x],
        [y],
        linestyle="none",
        marker="o",
        markersize=16 if number else 13,
        markerfacecolor=frame.palette.ground if number else "none",
        markeredgecolor=frame.palette.text,
        markeredgewidth=1.3,
        zorder=4,
    )
    if number:
        frame.text(x, y + MIDDLE * SMALL, number, size=SMALL, weight=SEMIBOLD, ha="center").set_zorder(5)
