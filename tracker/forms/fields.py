"""Fields that keep what was typed: partial dates, numbers with their digits, records to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.engagements import CREDIBILITY, RELIABILITY
from tracker.forms.plain import UNSEEN
from tracker.history.kinds import KINDS, Kind
from tracker.ingest.cells import exact_number
from tracker.models import Citation, Country, Record, RetirableRecord
from tracker.models.partial_date import PartialDateField, validate_partial_date

DATE_HINT = "2019, 2019-06 or 2019-06-05."
# A longer list of choices has a search box where there is JavaScript.
LONG = 12
# Text of so many characters wants the whole line.
WIDE = 160


def number_sent(text: str) -> int | None:
    """A primary key or a revision number as a browser sends it; None for what cannot be one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def refuse_unshown(text: str) -> None:
    """Raises ValidationError for characters that no page, feed or figure can hold."""
    if found := UNSEEN.search(text):
        raise ValidationError(
            f"There is a character that cannot be shown (U+{ord(found[0]):04X}), after “{text[: found.start()][-20:]}”:"
            " take it out.",
            code="unshown",
        )


class Picks:
    """What references may point to, read once a form: one query a model."""

    def __init__(self) -> None:
        self._read: dict[type[Record], dict[int, Record]] = {}
        self._drawn: dict[str, dict[int, SafeString]] = {}

    def of(self, model: type[Record]) -> dict[int, Record]:
        """Every record of a model by primary key, in the order of its lists."""
        if model not in self._read:
            self._read[model] = {record.pk: record for record in KINDS[model.record_kind()].rows()}
        return self._read[model]

    def options(self, model: type[Record], limit: Mapping[str, Any]) -> dict[int, SafeString]:
        """The choices as HTML, drawn once a form."""
        key = list_name(model, limit)
        if key not in self._drawn:
            label = KINDS[model.record_kind()].label
            self._drawn[key] = {
                pk: format_html('<option value="{}">{}</option>', pk, label(record))
                for pk, record in self.of(model).items()
                if all(getattr(record, name) == value for name, value in limit.items())
            }
        return self._drawn[key]

    def retired(self, model: type[Record], pk: int) -> bool:
        record = self.of(model)[pk]
        return isinstance(record, RetirableRecord) and record.retired is not None

    def lists(self) -> list[tuple[str, SafeString]]:
        """The lists that were needed so far, each with its options."""
        found = []
        for name, options in self._drawn.items():
            model = KINDS[name.partition("-")[0]].model
            shown = [option for pk, option in options.items() if not self.retired(model, pk)]
            found.append((name, mark_safe("".join(shown))))  # noqa: S308  (every option is escaped above)
        return found


def list_name(model: type[Record], limit: Mapping[str, Any]) -> str:
    """What a list of choices is called in the page: 'source', 'technology-field'."""
    return "-".join([model.record_kind(), *(str(value) for value in limit.values())])


class PickSelect(forms.Widget):
    """A list of records to choose from. `lean`: only the chosen one stands in it; the page has the list once."""

    def __init__(self, picks: Picks, model: type[Record], limit: Mapping[str, Any], *, lean: bool = False) -> None:
        super().__init__()
        self.picks, self.model, self.limit, self.lean = picks, model, limit, lean

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = str(value) if value else ""
        options = self.picks.options(self.model, self.limit)
        more = ' data-search=""' if len(options) > LONG else ""
        if self.lean:
            more += f' data-options="{list_name(self.model, self.limit)}"'
        attributes = "".join(
            f' {key}="{escape(said)}"' if said is not True else f" {key}"
            for key, said in (attrs or {}).items()
            if said is not False and said is not None
        )
        shown = [
            option.replace("<option ", "<option selected ", 1) if str(pk) == chosen else option
            for pk, option in options.items()
            if str(pk) == chosen or not (self.lean or self.picks.retired(self.model, pk))
        ]
        if chosen and not any(str(pk) == chosen for pk in options):
            shown.append(format_html('<option value="{}" selected>{}</option>', chosen, "no longer there"))
        return mark_safe(  # noqa: S308  (every part is escaped above)
            f'<select name="{escape(name)}"{attributes}{more}><option value="">–</option>{"".join(shown)}</select>'
        )


class RecordChoice(forms.Field):
    """A record chosen by its primary key, or by its slug or code (an address may name it so)."""

    widget: Any = PickSelect

    def __init__(
        self, picks: Picks, model: type[Record], limit: Mapping[str, Any], *, lean: bool = False, **options: Any
    ) -> None:
        self.picks, self.model, self.limit = picks, model, limit
        super().__init__(widget=PickSelect(picks, model, limit, lean=lean), **options)

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Record) else value

    def to_python(self, value: Any) -> Record | None:
        if value in (None, ""):
            return None
        if isinstance(value, Record):
            return value
        found = self.picks.of(self.model).get(number_sent(str(value)) or 0)
        if found is None or any(getattr(found, name) != wanted for name, wanted in self.limit.items()):
            raise ValidationError("What was chosen is no longer there: choose another one.")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")

    def named(self, word: str) -> Record | None:
        """The record that an address names: by primary key, slug or code."""
        if word.isdecimal():
            return self.picks.of(self.model).get(number_sent(word) or 0)
        name = "code" if self.model is Country else "slug"
        wanted = word.upper() if self.model is Country else word
        return next((row for row in self.picks.of(self.model).values() if getattr(row, name, None) == wanted), None)


class Prose(forms.CharField):
    """Text with line breaks as they are stored: browsers send them as two characters.

    Breaks of a column or a page (they come with what is pasted from a PDF) become spaces; other control characters
    are refused.
    """

    default_validators = [refuse_unshown]

    def clean(self, value: Any) -> str:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\x0b", " ").replace("\x0c", " ")
        return super().clean(value)


class PartialDate(forms.CharField):
    """A date as it is known."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text:
            validate_partial_date(text)
        return text


class WholeNumber(forms.IntegerField):
    """A whole number of 0 or more, typed without separators."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "Write a whole number without separators of thousands, such as 1200."}


class ExactNumber(forms.Field):
    """A number that keeps its digits: 16.40 has two decimals. Cleaned to (Decimal, decimals), or None.

    A comma may stand for the decimal point. Separators of thousands are refused, for 1,200 can be read in two ways.
    """

    widget = forms.TextInput

    def __init__(self, *, digits: int, decimals: int, **options: Any) -> None:
        self.whole, self.decimals = digits - decimals, decimals
        super().__init__(**options)

    def clean(self, value: Any) -> tuple[Decimal, int] | None:
        text = str(value or "").strip()
        try:
            found = exact_number(text)
        except ValueError as wrong:
            raise ValidationError(f"“{text}” {wrong}.") from None
        if found is None:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        number, decimals = found
        if decimals > self.decimals:
            raise ValidationError(f"“{text}” has more than {self.decimals} decimals.")
        if abs(number) >= Decimal(10) ** self.whole:
            raise ValidationError(f"“{text}” is larger than any such number can be.")
        return found


def written_number(value: Decimal | None, decimals: int | None) -> str:
    """A stored number as one types it; without decimals of its own, as many as say something."""
    if value is None:
        return ""
    if decimals is not None:
        return f"{Decimal(value).quantize(Decimal(1).scaleb(-decimals)):f}"
    number = Decimal(value)
    return f"{number.quantize(Decimal(1)):f}" if number == number.to_integral() else f"{number.normalize():f}"


WORDS_OF_MARKS = {"reliability": RELIABILITY, "credibility": CREDIBILITY}


def field_for(kind: Kind, name: str, picks: Picks, *, lean: bool = False) -> forms.Field:
    """The form field of a column, with the column's own words."""
    column: Any = kind.model._meta.get_field(name)
    options: dict[str, Any] = {
        "label": kind.column_label(name), "help_text": column.help_text,
        "required": not (column.blank or column.null or column.has_default()),
    }  # fmt: skip
    if column.is_relation:
        return RecordChoice(picks, column.related_model, kind.limits.get(name, {}), lean=lean, **options)
    if isinstance(column, models.DecimalField):
        return ExactNumber(
            digits=column.max_digits,
            decimals=column.decimal_places,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 12}),
            **options,
        )
    if isinstance(column, PartialDateField):
        options["help_text"] = f"{options['help_text']} {DATE_HINT}".strip()
        return PartialDate(
            max_length=10,
            widget=forms.TextInput(attrs={"placeholder": "2019-06-05", "autocomplete": "off", "size": 12}),
            **options | {"required": not column.blank},
        )
    if isinstance(column, models.BooleanField):
        return forms.BooleanField(**options | {"required": False})
    if column.choices is not None:
        return _choice(column, name, options)
    if isinstance(column, models.IntegerField):
        options["required"] = not (column.null or column.blank or name == "position")
        return WholeNumber(
            min_value=0,
            max_value=2_147_483_647 if not isinstance(column, models.PositiveSmallIntegerField) else 32_767,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 8}),
            **options,
        )
    if isinstance(column, models.TextField):
        return Prose(widget=forms.Textarea(attrs={"rows": 2}), **options | {"required": not column.blank})
    options["required"] = not column.blank and not (isinstance(column, models.SlugField) and kind.slug_from)
    if isinstance(column, models.SlugField):
        made = "Made from its name where it is left empty."
        return forms.SlugField(
            max_length=column.max_length,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            **options | {"help_text": f"{column.help_text or 'Its name in addresses.'} {made}"},
            label_suffix="",
        )
    if isinstance(column, models.URLField):
        return forms.URLField(
            max_length=column.max_length, assume_scheme="https", validators=[refuse_unshown], **options
        )
    if kind.model is Citation and name == "field":
        return forms.ChoiceField(
            error_messages={
                "invalid_choice": "A source speaks of the whole record or of one of its columns: choose it."
            },
            **options | {"required": False},
        )
    wide = {"data-wide": ""} if column.max_length >= WIDE else {}
    return Prose(max_length=column.max_length, widget=forms.TextInput(attrs=wide), **options)


def _choice(column: Any, name: str, options: dict[str, Any]) -> forms.Field:
    words = WORDS_OF_MARKS.get(name)
    choices = [
        (value, f"{value} – {words[value]}" if words else label)
        for value, label in column.flatchoices
    ]  # fmt: skip
    if "" not in {value for value, _ in choices}:
        choices.insert(0, ("", "–"))
    required = not column.blank
    return forms.ChoiceField(choices=choices, **options | {"required": required})
