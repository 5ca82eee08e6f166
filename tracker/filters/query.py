"""Query strings as Django forms. A field's choices are filled from the read model's facets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from tracker.analysis.read_model import Facet

LONGEST = 200


def problems(form: forms.Form) -> tuple[str, ...]:
    """What is wrong with which name of the query, in sentences."""
    return tuple(f"“{name}”: {' '.join(map(str, messages))}" for name, messages in form.errors.items())


class Word(forms.CharField):
    """A short text of the query string; refuses null bytes and more than 200 characters."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", LONGEST)
        super().__init__(required=False, **options)


class Choice(Word):
    """A value chosen from what the page offers; an unknown one is answered by the page with a 404."""

    def __init__(self, *, every: str, **options: Any) -> None:
        super().__init__(widget=forms.Select, **options)
        self.every = every

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A select has no maxlength."""
        return {}


class PageQuery(forms.Form):
    """What every page's address may say besides its own names.

    `page` is a page of the first table, `full=1` shows all of it on one page, `table` names the table of a
    CSV twin.
    """

    page = forms.IntegerField(required=False, min_value=1, max_value=10**6, widget=forms.HiddenInput)
    full = forms.ChoiceField(required=False, choices=[("", "paged"), ("1", "whole")], widget=forms.HiddenInput)
    table = Word(widget=forms.HiddenInput)

    # Names that only say how a page is shown; the others are handed to the page's function.
    SHOWN_BY_THE_VIEW = ("page", "full", "table")

    @property
    def sortable(self) -> bool:
        """Whether the first table of the page can be sorted."""
        return "sort" in self.fields

    def parameters(self) -> dict[str, str]:
        """What to hand to the page's function. Only after is_valid()."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in self.SHOWN_BY_THE_VIEW}

    def offer(self, facets: Mapping[str, tuple[Facet, ...]]) -> None:
        """Fills the selects with the page's own choices and their counts."""
        for name, field in self.fields.items():
            if isinstance(field, Choice) and isinstance(field.widget, forms.Select):
                choices = [(facet.value, f"{facet.label} ({facet.count})") for facet in facets.get(name, ())]
                field.widget.choices = [("", field.every), *choices]

    def visible(self) -> bool:
        """Whether the form has something for a reader to fill in."""
        return any(not field.is_hidden for field in self)


class EditionQuery(PageQuery):
    """A page that can be seen in several editions."""

    edition = Word(widget=forms.HiddenInput)


class SortedQuery(PageQuery):
    """A page whose first table can be sorted: `sort` names a column, with "-" for descending."""

    sort = Word(widget=forms.HiddenInput)
