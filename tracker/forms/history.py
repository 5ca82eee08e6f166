"""Taking back: why."""

from __future__ import annotations

from django import forms

from tracker.forms.plain import PlainText
from tracker.models import Act


class RevertForm(forms.Form):
    use_required_attribute = False

    cause = forms.ChoiceField(label="Cause", choices=Act.Cause.choices, initial=Act.Cause.CORRECTION)
    note = PlainText(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Readers see it in the history.",
        error_messages={"required": "Say why: every change has a note."},
    )  # fmt: skip
