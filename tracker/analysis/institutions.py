"""Institutions and their ranks."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, Place, Value


@dataclass(frozen=True)
class InstitutionRow:
    institution: Place
    country: Place
    technology: Link
    edition: Link
    years: str
    rank: Value
    share: Value
    note: str
