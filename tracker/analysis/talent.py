"""Where authors were trained."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, Place, Value


@dataclass(frozen=True)
class TalentRow:
    edition: Link
    of: str
    technology: Link | None
    working_in: Place
    trained_in: Place
    stage: str
    population: str
    percent: Value
    note: str
