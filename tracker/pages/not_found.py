from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from tracker.analysis.read_model import Link

# Part of the letters in common from which one slug is like another.
LIKE = 0.6


class NotFound(LookupError):
    """The address names something the record does not hold: what, and where to go instead."""

    def __init__(self, reason: str, suggestions: tuple[Link, ...] = ()) -> None:
        self.reason, self.suggestions = reason, suggestions
        super().__init__(reason)


class Moved(Exception):
    """The page stands at another address: for good, or (`permanent` False) because the question was put otherwise."""

    def __init__(self, address: str, *, permanent: bool = True) -> None:
        self.address, self.permanent = address, permanent
        super().__init__(address)


def alike(asked: str, offered: Iterable[Link], most: int = 5) -> tuple[Link, ...]:
    """Those whose address or name is like the slug asked for, the likest first; offer only what may be shown."""

    def likeness(link: Link) -> float:
        slug = link.address.rstrip("/").rpartition("/")[2]
        if asked and (asked in slug or slug in asked):
            return 1
        return SequenceMatcher(None, asked.lower(), slug).ratio()

    found = [(likeness(link), link) for link in offered]
    close = sorted((one for one in found if one[0] >= LIKE), key=lambda one: (-one[0], one[1].text))
    return tuple(link for _, link in close[:most])
