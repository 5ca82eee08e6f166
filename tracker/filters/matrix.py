from collections.abc import Mapping
from typing import Any

from django import forms

from tracker.analysis.matrix import METRICS
from tracker.analysis.read_model import Facet
from tracker.filters.query import Choice, EditionQuery, SortedQuery, Word

FIRST = next(iter(METRICS))


class Metric(Word):
    """What the cells show: one of few, all in sight. The first of them needs no name in the address."""

    def __init__(self, **options: Any) -> None:
        choices = [("" if name == FIRST else name, words) for name, words in METRICS.items()]
        super().__init__(widget=forms.RadioSelect(choices=choices), **options)

    def prepare_value(self, value: Any) -> Any:
        return "" if value in (None, FIRST) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A radio button has no maxlength."""
        return {}


class MatrixQuery(EditionQuery, SortedQuery):
    metric = Metric(label="Cells show")
    category = Choice(label="Category", every="All categories")

    def offer(self, facets: Mapping[str, tuple[Facet, ...]]) -> None:
        """An edition without categories is not asked for one."""
        super().offer(facets)
        if not facets.get("category"):
            self.fields["category"].widget = forms.HiddenInput()
