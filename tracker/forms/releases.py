"""Naming a state of the record."""

from __future__ import annotations

from django import forms

from tracker.forms.plain import PlainText


class ReleaseForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label="Name", max_length=40, help_text="Year and month: 2026.11. Its address for ever.",
        error_messages={"required": "Give the state a name: 2026.11."},
    )  # fmt: skip
    notes = PlainText(
        label="Notes", max_length=5000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What is new since the release before, for readers.",
        error_messages={"required": "Say in a sentence or two what is new."},
    )  # fmt: skip
