from __future__ import annotations

from tracker.analysis.read_model import Link


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
