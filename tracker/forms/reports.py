"""A reader's report of an error, and a researcher's answer to it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from tracker.forms.plain import PlainText
from tracker.models import Act, Report, Revision

# Seconds between a form's first showing and its sending: nobody types a sentence faster; after two days the page
# it is about may be another.
SOONEST, LATEST = 3, 2 * 24 * 3600
SIGNER = TimestampSigner(salt="tracker.report")


def own_path(address: str, host: str) -> str:
    """The path and query of an address of this site; "" where it is none or too long."""
    address = address.strip()
    # urlsplit would leave line breaks out in silence.
    if not address.isprintable() or not url_has_allowed_host_and_scheme(address, allowed_hosts={host}):
        return ""
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path.startswith("/") and len(path) <= 600 else ""


def opened_with(number: int) -> str:
    """What the form carries: the state of the record that the reader saw, signed, with the moment."""
    return SIGNER.sign(str(number))


class ReportForm(forms.Form):
    """`host` is this site's own. Cleaned: about (a path), value, record ((kind, pk) or ('', None)), message, source,
    email, number (the state of the record that was seen)."""

    about = forms.CharField(
        label="Which page is it about?", max_length=600,
        help_text="Its address, as it stands in your browser.",
        error_messages={"required": "Name the page: its address on this site, such as /technologies/."},
    )  # fmt: skip
    value = PlainText(
        label="Which value or words?", max_length=300, required=False,
        help_text="As the page shows it. It will stand, with your report's outcome, on a public page.",
    )  # fmt: skip
    message = PlainText(
        label="What is wrong, and what is right?", max_length=4000, min_length=10,
        widget=forms.Textarea(attrs={"rows": 7}), help_text="Only the research team reads this.",
        error_messages={
            "required": "Say what is wrong.",
            "min_length": "Say a little more: what is wrong, and what would be right?",
        },
    )  # fmt: skip
    source = PlainText(
        label="Where can one read it?", max_length=600, required=False,
        help_text="An address, or author, title and page. A correction needs a source: with one it goes faster.",
    )  # fmt: skip
    email = forms.EmailField(
        label="Your e-mail address, if you want an answer", max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Only the research team sees it. It is deleted once you have been answered.",
        error_messages={"invalid": "This is no e-mail address: write it as name@example.org, or leave it empty."},
    )  # fmt: skip
    record = forms.CharField(widget=forms.HiddenInput, max_length=70, required=False)
    # For machines: people do not see it.
    website = forms.CharField(label="Leave this empty", required=False)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, host: str, **options: Any) -> None:
        options.setdefault("auto_id", "report-%s")
        super().__init__(*args, **options)
        self.host = host
        self.fields["website"].widget.attrs = {"tabindex": "-1", "autocomplete": "off"}

    @property
    def page(self) -> str:
        """The page it is about, where that is known: the form need not ask for it."""
        said = self["about"].value() or ""
        return own_path(said, self.host)

    @property
    def opened_before(self) -> str:
        """What the form carried, where that is still good."""
        said = self.data.get("opened", "")
        return said if _state(said) is not None else ""

    def clean_about(self) -> str:
        path = own_path(self.cleaned_data["about"], self.host)
        if not path:
            raise forms.ValidationError(
                "This is no address of this site. Copy it from your browser, such as /technologies/, at most 600 "
                "letters."
            )
        return path

    def clean_value(self) -> str:
        value = " ".join(self.cleaned_data["value"].split())
        if "://" in value or "www." in value.lower():
            raise forms.ValidationError("Only the value as the page shows it. Where one can read it is asked below.")
        return value

    def clean_record(self) -> tuple[str, int | None]:
        """A hint that a link gave: what is no record is left out."""
        found = re.fullmatch(r"([a-z]{1,40})/([0-9]{1,18})", self.cleaned_data["record"])
        return (found[1], int(found[2])) if found else ("", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("website"):
            raise forms.ValidationError(
                "A field that people do not see was filled in, as robots do. It has been emptied: please send the "
                "report again."
            )
        number = _state(cleaned.get("opened", ""))
        if number is None:
            raise forms.ValidationError(
                "This form has come back incomplete, or was opened more than two days ago. Your text is still here: "
                "please send it again."
            )
        if _signed_within(cleaned["opened"], SOONEST):
            raise forms.ValidationError(
                "That was faster than people type. Your text is still here: please send it again."
            )
        cleaned["number"] = number
        return cleaned


def _state(opened: str) -> int | None:
    """The state of the record that the form was opened with; None where it was not signed here, or long ago."""
    try:
        return int(SIGNER.unsign(opened, max_age=LATEST))
    except (BadSignature, ValueError):
        return None


def _signed_within(opened: str, seconds: int) -> bool:
    try:
        SIGNER.unsign(opened, max_age=seconds)
    except SignatureExpired:
        return False
    return True


OUTCOMES = tuple(choice for choice in Report.State.choices if choice[0] != Report.State.OPEN)


class AnswerForm(forms.Form):
    """Cleaned: state, outcome, act (an Act or None), expected (a moment or None: when it was last answered)."""

    state = forms.ChoiceField(
        label="What came of it", choices=OUTCOMES, widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of it."},
    )  # fmt: skip
    outcome = PlainText(
        label="In words, for the public", min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What was checked and changed, or why it stays. Quote neither the message nor who sent it.",
        error_messages={
            "required": "Say what came of it, in a sentence: the reader finds it at the report's address.",
            "min_length": "Say it in a sentence: the reader finds it at the report's address.",
        },
    )  # fmt: skip
    number = forms.CharField(
        label="Corrected with", max_length=20, required=False,
        help_text="The number of a revision of the correction, such as r1234. It is linked in the public outcome.",
    )  # fmt: skip
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean_number(self) -> str:
        said = self.cleaned_data["number"].lower().removeprefix("r")
        act = None
        if said:
            if not re.fullmatch(r"[0-9]{1,18}", said):
                raise forms.ValidationError("Write the number of a revision: r1234.")
            act = Act.objects.filter(revisions__number=int(said)).first()
            if act is None:
                raise forms.ValidationError(f"There is no revision r{said}.")
        self.cleaned_data["act"] = act
        return said

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("act") and cleaned.get("state") not in (None, Report.State.CORRECTED):
            self.add_error("number", "Only what was corrected has a correction: choose “corrected”, or empty this.")
        said = cleaned.get("expected")
        try:
            cleaned["expected"] = parse_datetime(said) if said else None
        except ValueError:
            # It has the form of a moment and is none: month 13.
            cleaned["expected"] = None
        if (said and cleaned["expected"] is None) or self.has_error("expected"):
            self.add_error(
                None,
                "This form has come back damaged. Your text is still here: look at the answer that stands, and save again.",
            )
        return cleaned


def first_number(act: int | None) -> str:
    """The first revision of an act as the form writes it; "" for none."""
    if act is None:
        return ""
    number = Revision.objects.filter(act=act).order_by("number").values_list("number", flat=True).first()
    return f"r{number}" if number else ""
