"""The component gallery: every component with sample values, for those who build pages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.analysis.leadership import Firmness, RiskReading
from tracker.analysis.read_model import Cited, FigureRef, PageModel, Place, Ranks, SourceRef, TableData, Value
from tracker.analysis.technologies import RankingRow
from tracker.filters.technologies import TechnologyQuery
from tracker.tables.technologies import RankingTable

CHINA = Place("CN", "China", "/countries/cn/")
STATES = Place("US", "United States", "/countries/us/")
SOURCE = SourceRef("sample", "A sample source", "A publisher", "2023-03-02", "secondary", "/sources/", "")
CITED = (Cited(SOURCE), Cited(SOURCE, stated_value="65.5", passage="A passage.", note="A note."))
SHARE = Value(Decimal("65.4"), unit="%", basis="stated", cited=CITED)
DERIVED = Value(Decimal("12.8"), unit="%", bound="about", basis="derived", note="How it was derived.", cited=CITED)


def samples() -> dict[str, Any]:
    """One of everything; the figures and names are samples, not the record's."""
    rows = (
        RankingRow(CHINA, "country", Value(Ranks(1, 1), cited=CITED), SHARE, Value(), Value(), ""),
        RankingRow(STATES, "country", Value(Ranks(1, 5), cited=CITED), DERIVED, Value(3454), Value(), "A note."),
    )
    data = TableData("sample", "A sample table", rows, RankingRow)
    figure = FigureRef("leaderboard", "", "A sample figure", "Bars: a sample.", "sample", 3)
    wide = RankingTable(replace(data, name="sample-wide", caption="A sample table that scrolls in its frame"))
    wide.wide = True
    empty = RankingTable(TableData("sample-empty", "A sample table without rows", (), RankingRow))
    return {
        "values_listed": [
            ("Stated", SHARE),
            ("Derived", DERIVED),
            ("Unknown", Value()),
            ("Place", Value(CHINA, cited=CITED[:1])),
            ("Place, implied", Value(STATES, basis="implied", cited=CITED)),
            ("Counted", Value(37, basis="counted", address="/technologies/")),
            ("Withheld", Value(withheld=True)),
        ],
        "places": [CHINA, STATES, Place("EU", "European Union", "/blocs/eu/", "bloc")],
        "firmness": list(Firmness),
        "levels": [Value(level) for level in ("high", "medium", "low", "not high", None)],
        "readings": [
            RiskReading(Value("high", basis="stated", cited=CITED), Value("medium", basis="computed"), False)
        ],
        "stats": [
            {"label": "China", "number": 37, "remark": "technologies led"},
            {"label": "A value", "value": SHARE, "remark": "with sources"},
        ],
        "figure": figure,
        "tables": [("As readers see it", RankingTable(data)), ("A wide one", wide), ("Without rows", empty)],
        "form": TechnologyQuery(),
        "sources": [SOURCE],
    }


@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Staff only."""
    if not request.user.is_staff:
        raise PermissionDenied
    page = PageModel(
        title="Components",
        sentence="Every component, with sample values.",
        address="/gallery/",
        missing=("Something, said plainly.",),
    )
    context = {"page": page, "samples": samples(), "citation": "How to cite.", "twins": {}}
    return render(request, "gallery.html", context)
