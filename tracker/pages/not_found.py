from __future__ import annotations

from tracker.analysis.read_model import Link


class NotFound(LookupError):
    """The address names something the record does not hold: what, and where to go instead."""

    def __init__(self, reason: str, suggestions: tuple[Link, ...] = ()) -> None:
        self.reason, self.suggestions = reason, suggestions
        super().__init__(reason)
