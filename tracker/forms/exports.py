"""What is to be exported, and as what."""

from __future__ import annotations

from typing import Any

from django import forms

from tracker.actions.exports import FORMATS
from tracker.history.sheets import importable


class ExportForm(forms.Form):
    """`kinds`: those that are ticked; none is all of them."""

    use_required_attribute = False

    format = forms.ChoiceField(
        label="As", choices=list(FORMATS.items()), initial="csv", widget=forms.RadioSelect,
        error_messages={"required": "Choose CSV or XLSX.", "invalid_choice": "Choose CSV or XLSX."},
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "There is no kind “%(value)s”."}
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(kind.name, kind.many) for kind in importable()]
