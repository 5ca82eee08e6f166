from django import forms

from tracker.models import Digest


class DigestForm(forms.Form):
    """How often a person is written to. Kept by actions.digests.set_rhythm."""

    rhythm = forms.ChoiceField(
        label="Write to me",
        choices=Digest.Rhythm.choices,
        widget=forms.RadioSelect,
        help_text="What colleagues changed, imports that wait for you, new reports of errors, and your jobs that "
        "failed. Nothing to say, no mail.",
    )
