from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from tracker.analysis.read_model import Facet
from tracker.filters.query import Choice, PageQuery, Word


class Start(forms.IntegerField):
    """The key of the first row shown: what the links to older and newer ones say."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)


class Day(forms.DateField):
    def __init__(self, label: str) -> None:
        super().__init__(
            required=False, label=label, input_formats=["%Y-%m-%d"], widget=forms.DateInput(attrs={"type": "date"}),
            error_messages={"invalid": "Write a day as 2026-03-01."},
        )  # fmt: skip


class Numbered(Word):
    """A revision: r12."""

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        if said and not re.fullmatch(r"r?[0-9]{1,18}", said):
            raise forms.ValidationError("Write a revision: r12.")
        return str(said)


class ActQuery(PageQuery):
    """Which acts: by whom, on what, why, when."""

    q = Word(label="Words of the note", widget=forms.TextInput(attrs={"type": "search"}))
    record = Word(label="Record", widget=forms.TextInput(attrs={"placeholder": "name, or technology/lasers"}))
    person = Choice(label="By", every="Anybody")
    kind = Choice(label="Touching", every="Any kind of record")
    cause = Choice(label="Cause", every="Any cause")
    after = Day("From")
    until = Day("To")
    origin = Word(widget=forms.HiddenInput)
    start = Start()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        after, until = cleaned.get("after"), cleaned.get("until")
        if after and until and after > until:
            self.add_error("until", f"The last day comes before the first, {after}.")
        return cleaned

    def offer(self, facets: Mapping[str, tuple[Facet, ...]]) -> None:
        """Fills the selects; without counts, for which the whole log would have to be read."""
        for name, field in self.fields.items():
            if isinstance(field, Choice):
                field.widget.choices = [("", field.every), *((one.value, one.label) for one in facets.get(name, ()))]


class ActPageQuery(PageQuery):
    start = Start()


class RecordHistoryQuery(PageQuery):
    """`a` and `b`: two revisions to compare."""

    a = Numbered(widget=forms.HiddenInput)
    b = Numbered(widget=forms.HiddenInput)
    start = Start()


class ChangesQuery(PageQuery):
    """Two moments, as `as_of` has them; `of` is the address of a page, `kind` a kind of record."""

    after = Word(label="After", widget=forms.TextInput(attrs={"placeholder": "2026-03-01 or r123"}))
    until = Word(label="Until", widget=forms.TextInput(attrs={"placeholder": "now"}))
    of = Word(max_length=1000, widget=forms.HiddenInput)
    kind = Word(widget=forms.HiddenInput)
    start = Start()
    # A page's address, as `of`: other pages link so. Never the number of a page of a table.
    page = Word(max_length=1000, widget=forms.HiddenInput)  # type: ignore[assignment]

    SHOWN_BY_THE_VIEW = ("full", "table")  # type: ignore[assignment]
    NO_PARAMETERS = ("full", "table", "as_of")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # Its tables are whole: what is paged are the records.
        cleaned["full"] = "1"
        return cleaned
