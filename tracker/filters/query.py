"""Query strings as Django forms. A field's choices are filled from the read model's facets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.read_model import Facet

LONGEST = 200


def problems(form: forms.Form) -> tuple[str, ...]:
    """What is wrong with which name of the query, in sentences."""
    return tuple(f"“{said(name)}”: {' '.join(map(str, messages))}" for name, messages in form.errors.items())


def said(name: str) -> str:
    """A field's name as the address says it: `from_` is `from`, a word that Python keeps for itself."""
    return name.rstrip("_")


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


class Words(forms.Field):
    """Short texts under one repeated name, in the order given; empty ones are left out. Cleaned: a tuple.

    Refuses more than `most` of them.
    """

    def __init__(self, *, most: int, longest: int = LONGEST, **options: Any) -> None:
        options.setdefault("widget", forms.MultipleHiddenInput)
        super().__init__(required=False, **options)
        self.most = most
        self.word = Word(max_length=longest)

    def clean(self, value: Any) -> tuple[str, ...]:
        """The texts; raises ValidationError where one is malformed or there are too many."""
        words = tuple(word for one in value or () if (word := self.word.clean(one)))
        if len(words) > self.most:
            raise forms.ValidationError(f"At most {self.most} can be named; these are {len(words)}.")
        return words


class Selects(forms.Select):
    """A select for each of the values chosen under one repeated name; each but the first says that it goes on."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name, ()))

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        drawn = []
        for number, one in enumerate([said for said in value or () if said] or [""]):
            own = dict(attrs or {})
            if number:
                own["aria-label"] = f"And also, number {number + 1}"
                own["id"] = f"{own.get('id', name)}_{number + 1}"
            drawn.append(super().render(name, one, own, renderer))
        return mark_safe("\n".join(drawn))  # noqa: S308


class Choices(Words):
    """Values chosen from what the page offers, all of which must fit. Cleaned: a tuple.

    The form offers the `offered` most frequent ones and those chosen: a list of every one has no end.
    """

    def __init__(self, *, every: str, offered: int, **options: Any) -> None:
        super().__init__(widget=Selects, **options)
        self.every, self.offered = every, offered


class QueryForm(forms.Form):
    """A form that reads a query string; a field called `from_` is `from` there.

    A name that takes one value may stand once: to take one of two would answer half of what was asked.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if isinstance(field, Words) or not hasattr(self.data, "getlist"):
                continue
            number = len([value for value in self.data.getlist(said(name)) if value])
            if number > 1:
                self.add_error(name, f"It can be named once; here it is named {number} times.")
        return cleaned

    def add_prefix(self, field_name: str) -> str:
        return said(super().add_prefix(field_name))

    @classmethod
    def names(cls) -> set[str]:
        """The names that the query may say."""
        return {said(name) for name in cls.base_fields}


class MomentQuery(QueryForm):
    """What the address of every page, twin and figure may say: `as_of`, a past day (2026-03-01) or revision (r123)."""

    as_of = Word(widget=forms.HiddenInput)


class PageQuery(MomentQuery):
    """What every page's address may say besides its own names.

    `page` is a page of the first table, `full=1` shows all of it on one page, `table` names the table of a
    CSV twin.
    """

    page = forms.IntegerField(required=False, min_value=1, max_value=10**6, widget=forms.HiddenInput)
    full = forms.ChoiceField(required=False, choices=[("", "paged"), ("1", "whole")], widget=forms.HiddenInput)
    table = Word(widget=forms.HiddenInput)

    # Names that only say how a page is shown; the others are handed to the page's function.
    SHOWN_BY_THE_VIEW = ("page", "full", "table")
    # The moment is found before the page is read, and handed over as `at`.
    NO_PARAMETERS = (*SHOWN_BY_THE_VIEW, *MomentQuery.base_fields)

    @property
    def sortable(self) -> bool:
        """Whether the first table of the page can be sorted."""
        return "sort" in self.fields

    def parameters(self) -> dict[str, Any]:
        """What to hand to the page's function. Only after is_valid()."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in self.NO_PARAMETERS}

    def offer(self, facets: Mapping[str, tuple[Facet, ...]]) -> None:
        """Fills the selects with the page's own choices and their counts."""
        for name, field in self.fields.items():
            if isinstance(field, Choices):
                field.widget.choices = [("", field.every), *self._most_frequent(field, name, facets.get(name, ()))]
            elif isinstance(field, Choice) and isinstance(field.widget, forms.Select):
                choices = [(facet.value, f"{facet.label} ({facet.count})") for facet in facets.get(name, ())]
                field.widget.choices = [("", field.every), *choices]

    def _most_frequent(self, field: Choices, name: str, facets: tuple[Facet, ...]) -> list[tuple[str, str]]:
        """The most frequent of the choices and those that are made, in the order of the choices."""
        first = sorted(facets, key=lambda facet: -facet.count)[: field.offered]
        wanted = {facet.value for facet in first} | set(self.cleaned_data.get(name, ()))
        return [(facet.value, f"{facet.label} ({facet.count})") for facet in facets if facet.value in wanted]

    def visible(self) -> bool:
        """Whether the form has something for a reader to fill in."""
        return any(not field.is_hidden for field in self)


class EditionQuery(PageQuery):
    """A page that can be seen in several editions."""

    edition = Word(widget=forms.HiddenInput)


class SortedQuery(PageQuery):
    """A page whose first table can be sorted: `sort` names a column, with "-" for descending."""

    sort = Word(widget=forms.HiddenInput)
