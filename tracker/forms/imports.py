"""Imports: what is sent, how the file is read, what fills each column, why it is written, what an editor decides."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import QueryDict

from tracker.actions.imports import at_hand
from tracker.actions.records import Refused
from tracker.forms.plain import PlainText
from tracker.history.kinds import KINDS, by_topic
from tracker.history.sheets import SheetColumn, columns, filled, names_of_columns, read_by
from tracker.ingest.passing_file import passing_file
from tracker.ingest.sheet_file import DECIMALS, ENCODINGS, MAX_BYTES, SEPARATORS, Look, Reading, Wish
from tracker.models import Act, BulkImport, StoredFile
from tracker.pages.imports import size_in_words

MOST_PASTED = 5_000_000  # bytes of a pasted table; settings.DATA_UPLOAD_MAX_MEMORY_SIZE lets a little more come in
ENDINGS = {".csv": "text/csv", ".tsv": "text/csv", ".txt": "text/csv",
           ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
PASTED = "pasted.csv"
# Rows can be left out by so many conditions.
CONDITIONS = 3
# Chosen instead of a column of the file: the text field beside it says what stands in the column.
WRITTEN = "="
FOUND = "found by looking"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


KIND_CHOICES = [
    ("", "Choose…"),
    *((topic, [(kind.name, _capital(kind.noun)) for kind in kinds]) for topic, kinds in by_topic()),
]


TAB = "tab"  # a browser would trim the character itself
SEPARATOR_CHOICES = [(TAB if value == "\t" else value, words) for value, words in SEPARATORS.items()]


class StartForm(forms.Form):
    """A file or a pasted table, of what, and how it is read where that cannot be found.

    `kept`: what was sent before and could not be read so; it counts where nothing else is sent. Cleaned: kind ("" = to
    be chosen on the next page), and what `wish`, `name` and `at_hand` say.
    """

    use_required_attribute = False

    file = forms.FileField(
        label="A file", required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text="CSV or XLSX, at most 100 MB. The first row with several cells is read as the names of the columns.",
    )  # fmt: skip
    pasted = forms.CharField(
        label="Or a pasted table", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Copied from a spreadsheet, with the names of its columns in the first row; at most 5 MB.",
    )  # fmt: skip
    kind = forms.ChoiceField(label="Each row is", choices=KIND_CHOICES, required=False)
    encoding = forms.ChoiceField(
        label="Characters are encoded as", required=False, choices=[("", FOUND), *ENCODINGS.items()],
        help_text="Of a CSV file.",
    )  # fmt: skip
    separator = forms.ChoiceField(
        label="Cells are separated by", required=False, choices=[("", FOUND), *SEPARATOR_CHOICES],
        help_text="Of a CSV file.",
    )  # fmt: skip
    sheet = PlainText(
        label="Sheet", required=False, max_length=100, help_text="Of an XLSX file; empty: its first one.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    header = forms.IntegerField(
        label="Names of columns in line", required=False, min_value=1, max_value=1000,
        help_text="Empty: the first line with several cells.",
        error_messages={"invalid": "Write the number of a line: 1, 2, 3 …"},
    )  # fmt: skip
    READ_BY = ("encoding", "separator", "sheet", "header")

    def __init__(self, *args: Any, kept: StoredFile | None = None, **options: Any) -> None:
        options.setdefault("auto_id", "start-%s")
        super().__init__(*args, **options)
        self.kept = kept
        self.otherwise = False

    def ask_otherwise(self, kept: StoredFile | None, sheets: tuple[str, ...]) -> None:
        """Asks how the file is read: as it was found it could not be. `kept` need not be sent again."""
        self.kept, self.otherwise = kept, True
        if sheets:
            self.fields["sheet"].widget = forms.Select(
                choices=[("", "the first one"), *((one, one) for one in sheets)]
            )

    @property
    def reading_fields(self) -> tuple[forms.BoundField, ...]:
        return tuple(self[name] for name in self.READ_BY)

    @property
    def reading_open(self) -> bool:
        return self.otherwise or any(field.errors or field.value() for field in self.reading_fields)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return None
        ending = PurePath(file.name or "").suffix.lower()
        if ending == ".xls":
            raise forms.ValidationError(
                "This is the old format of Excel. Save it there as XLSX or CSV, and upload that."
            )
        if ending not in ENDINGS:
            raise forms.ValidationError(
                f"“{file.name}” is neither CSV nor XLSX. Save it from your spreadsheet as one of the two."
            )
        if not file.size:
            raise forms.ValidationError(f"“{file.name}” is empty.")
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"“{file.name}” has {size_in_words(file.size)}; at most 100 MB can be taken. Split it into several files."
            )
        return file

    def clean_pasted(self) -> str:
        text: str = self.cleaned_data["pasted"]
        if len(text.encode("utf-8", "replace")) > MOST_PASTED:
            raise forms.ValidationError(
                "This is more than 5 MB of text. Save it from your spreadsheet as a file and upload that."
            )
        return text if text.strip() else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.has_error("file") or self.has_error("pasted"):
            return cleaned
        if cleaned.get("file") and cleaned.get("pasted"):
            self.add_error("file", "Send either a file or a pasted table: which of the two is meant?")
        elif not cleaned.get("file") and not cleaned.get("pasted") and self.kept is None:
            self.add_error("file", "Choose a file, or paste a table below.")
        return cleaned

    @property
    def sent_before(self) -> StoredFile | None:
        """What is kept of before, where it is what counts."""
        return None if self.cleaned_data["file"] or self.cleaned_data["pasted"] else self.kept

    @property
    def wish(self) -> Wish:
        said = self.cleaned_data
        return Wish(
            # A pasted table comes as the page is encoded.
            encoding="" if said["pasted"] else said["encoding"],
            separator="\t" if said["separator"] == TAB else said["separator"],
            sheet=said["sheet"], header=said["header"] or 0, names=names_of_columns(said["kind"]),
        )  # fmt: skip

    @property
    def content(self) -> IO[bytes]:
        """What is sent now, from its beginning."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None:
            file.seek(0)
            return file
        return io.BytesIO(self.cleaned_data["pasted"].encode())

    @contextmanager
    def at_hand(self) -> Iterator[Path]:
        """What counts as a file of this process. Raises FileNotFoundError where it is not kept any more."""
        if self.sent_before is not None:
            with at_hand(self.sent_before) as path:
                yield path
            return
        content = self.content
        if isinstance(content, TemporaryUploadedFile):
            yield Path(content.temporary_file_path())
            return
        with passing_file() as (here, path):
            shutil.copyfileobj(content, here)
            here.flush()
            yield path

    @property
    def name(self) -> str:
        if self.sent_before is not None:
            return self.sent_before.name
        file: UploadedFile | None = self.cleaned_data["file"]
        return PurePath(file.name or "table.csv").name if file is not None else PASTED

    @property
    def content_type(self) -> str:
        return ENDINGS[PurePath(self.name).suffix.lower()]


class ReadingForm(forms.Form):
    """How the file is read, and what its rows are. `look`: what was found in it.

    Cleaned by `wanted`: a Reading; `kind` is of KINDS.
    """

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Each row is", choices=KIND_CHOICES,
        error_messages={"required": "Choose what the rows of the file are."},
    )  # fmt: skip
    sheet = forms.ChoiceField(label="Sheet", required=False)
    encoding = forms.ChoiceField(label="Characters are encoded as", required=False)
    separator = forms.ChoiceField(label="Cells are separated by", required=False, choices=SEPARATOR_CHOICES)
    decimal = forms.ChoiceField(label="Decimals come after a", choices=list(DECIMALS.items()))
    header = forms.IntegerField(
        label="Names of columns in line", min_value=1, max_value=1000,
        error_messages={"required": "Say in which line the names of the columns stand.",
                        "invalid": "Write the number of a line: 1, 2, 3 …"},
    )  # fmt: skip

    def __init__(self, *args: Any, look: Look, kind: str = "", **options: Any) -> None:
        reading = look.reading
        separator = TAB if reading.separator == "\t" else reading.separator
        options.setdefault("auto_id", "reading-%s")
        options.setdefault("initial", {
            "kind": kind, "sheet": reading.sheet, "encoding": reading.encoding, "separator": separator,
            "decimal": reading.decimal, "header": reading.header,
        })  # fmt: skip
        super().__init__(*args, **options)
        self.reading = reading
        if reading.format == "xlsx":
            del self.fields["encoding"], self.fields["separator"]
            self._choices("sheet", [(name, name) for name in look.sheets])
        else:
            del self.fields["sheet"]
            self._choices("encoding", list(ENCODINGS.items()))

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Reading:
        said = self.cleaned_data
        separator = said.get("separator") or self.reading.separator
        return Reading(
            format=self.reading.format,
            encoding=said.get("encoding") or self.reading.encoding,
            separator="\t" if separator == TAB else separator,
            decimal=said["decimal"],
            sheet=said.get("sheet") or self.reading.sheet,
            header=said["header"],
        )


@dataclass(frozen=True)
class ColumnRow:
    """One column of the kind on the screen. `example`: what the first row of the file would put there."""

    column: SheetColumn
    select: forms.BoundField
    text: forms.BoundField
    example: str
    filled: bool


@dataclass(frozen=True)
class Condition:
    column: forms.BoundField
    how: forms.BoundField
    value: forms.BoundField
    wrong: bool = False


@dataclass(frozen=True)
class Sample:
    """The first rows of a file by their column: what a pattern makes of the first is shown as an example."""

    header: tuple[str, ...]
    first: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_json(self) -> str:
        """The first row, for the page's script."""
        return json.dumps(dict(self.first), ensure_ascii=False)

    @property
    def header_json(self) -> str:
        return json.dumps(self.header, ensure_ascii=False)

    def example(self, pattern: str) -> str:
        if not self.first or any(name not in self.first for name in read_by(pattern)):
            return ""
        return filled(pattern, self.first)


def sample_of(look: Look) -> Sample:
    first = next((row.cells for row in look.sample if not row.error), ())
    return Sample(look.header, dict(zip(look.header, first, strict=False)))


class ColumnsForm(forms.Form):
    """What fills each column of a kind, and which rows are left out.

    For each column a list of the file's columns, and a text that counts where “the same …” is chosen in the list.
    Cleaned by `patterns` and `without`.
    """

    use_required_attribute = False

    def __init__(
        self, data: QueryDict | None = None, *, kind: str, look: Look, chosen: Mapping[str, str],
        without: Sequence[Mapping[str, str]] = (), **options: Any,
    ) -> None:  # fmt: skip
        options.setdefault("auto_id", "columns-%s")
        super().__init__(data, **options)
        self.kind, self.sample = kind, sample_of(look)
        self.columns = columns(kind)
        # The form says by itself of what it is, and how the file is read: both may not be kept yet.
        self.read_so = json.dumps(look.reading.to_json())
        # A name with braces of its own cannot be named in braces.
        names = [name for name in look.header if name and not set(name) & set("{}")]
        options_ = [("", "– nothing –"), *((f"{{{name}}}", name) for name in dict.fromkeys(names)),
                    (WRITTEN, "the same in every row, or put together …")]  # fmt: skip
        straight = {value for value, _ in options_}
        for column in self.columns:
            pattern = chosen.get(column.name, "")
            alone = pattern in straight
            self.fields[f"from-{column.name}"] = forms.ChoiceField(
                label=column.label, choices=options_, required=False, initial=pattern if alone else WRITTEN,
                widget=forms.Select(attrs={"aria-describedby": f"takes-{column.name}"}),
                error_messages={"invalid_choice": "The file has no such column any more: choose again."},
            )  # fmt: skip
            self.fields[f"text-{column.name}"] = PlainText(
                label=f"{column.label}: what stands there", required=False, max_length=500,
                initial="" if alone else pattern,
                widget=forms.TextInput(attrs={
                    "placeholder": f"such as {column.example}" if column.example else "", "autocomplete": "off",
                    "spellcheck": "false", **({"list": f"choices-{column.name}"} if column.choices else {}),
                }),
            )  # fmt: skip
        by_name = [("", "– no condition –"), *((name, name) for name in dict.fromkeys(look.header) if name)]
        for number in range(CONDITIONS):
            said = without[number] if number < len(without) else {}
            how = "is not" if "is not" in said else "is"
            self.fields[f"without-{number}-column"] = forms.ChoiceField(
                label=f"Condition {number + 1}: column", choices=by_name, required=False,
                initial=said.get("column", ""),
            )  # fmt: skip
            self.fields[f"without-{number}-how"] = forms.ChoiceField(
                label=f"Condition {number + 1}: is or is not", choices=[("is", "is"), ("is not", "is not")],
                required=False, initial=how,
            )  # fmt: skip
            self.fields[f"without-{number}-value"] = PlainText(
                label=f"Condition {number + 1}: value", required=False, max_length=300, initial=said.get(how, ""),
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for column in self.columns:
            name = f"text-{column.name}"
            if cleaned.get(f"from-{column.name}") != WRITTEN or self.has_error(name):
                continue
            pattern = cleaned.get(name, "")
            if not pattern:
                self.add_error(name, "Write what stands in this column, or choose “nothing”.")
            for unknown in [part for part in read_by(pattern) if part not in self.sample.header]:
                near = " Names count as the file writes them." if self.sample.header else ""
                self.add_error(name, f"The file has no column “{unknown}”.{near}")
            if pattern.count("{") != pattern.count("}"):
                self.add_error(name, "A brace is open: a column of the file stands between { and }.")
        return cleaned

    @property
    def patterns(self) -> dict[str, str]:
        """What fills the columns that something fills."""
        said = self.cleaned_data
        found = {}
        for column in self.columns:
            chosen = said.get(f"from-{column.name}", "")
            pattern = said.get(f"text-{column.name}", "") if chosen == WRITTEN else chosen
            if pattern:
                found[column.name] = pattern
        return found

    @property
    def without(self) -> list[dict[str, str]]:
        said = self.cleaned_data
        return [
            {"column": said[f"without-{n}-column"], said.get(f"without-{n}-how") or "is": said[f"without-{n}-value"]}
            for n in range(CONDITIONS) if said.get(f"without-{n}-column")
        ]  # fmt: skip

    def refuse(self, refused: Refused) -> None:
        """Puts what an action refused where it belongs."""
        places = {"without": "without-0-column"}
        for errors in refused.errors.values():
            for name, messages in errors.items():
                where = places.get(name, f"from-{name}")
                for message in messages:
                    self.add_error(where if where in self.fields else None, message)

    # For the screen

    def groups(self) -> Iterator[tuple[str, tuple[ColumnRow, ...]]]:
        """The columns under the headings of the kind's form; what belongs to no column of it comes last."""
        by_name = {column.name: column for column in self.columns}
        kind = KINDS[self.kind]
        decimals = {number.value: number.decimals for number in kind.numbers}
        for title, names in kind.groups:
            wanted = [one for name in names for one in (name, decimals.get(name, "")) if one in by_name]
            yield title, tuple(self._row(by_name.pop(name)) for name in wanted)
        number = by_name.pop("id", None)
        others = tuple(self._row(column) for column in by_name.values())
        speaking = tuple(row for row in others if row.column.name in ("of_kind", "of"))
        rest = tuple(row for row in others if row not in speaking)
        if speaking:
            yield "What it speaks of", speaking
        if rest:
            yield "Where it stands: its sources", rest
        if number is not None:
            yield "Changing what is there already", (self._row(number),)

    def _row(self, column: SheetColumn) -> ColumnRow:
        select, text = self[f"from-{column.name}"], self[f"text-{column.name}"]
        chosen = select.value() or ""
        pattern = (text.value() or "") if chosen == WRITTEN else chosen
        return ColumnRow(column, select, text, self.sample.example(pattern) if pattern else "", bool(pattern))

    def conditions(self) -> tuple[Condition, ...]:
        found = []
        for n in range(CONDITIONS):
            bound = [self[f"without-{n}-{part}"] for part in ("column", "how", "value")]
            found.append(Condition(bound[0], bound[1], bound[2], wrong=any(one.errors for one in bound)))
        return tuple(found)

    def unused(self) -> tuple[str, ...]:
        """Columns of the file that fill nothing, as the form stands."""
        used: set[str] = set()
        for column in self.columns:
            chosen = self[f"from-{column.name}"].value() or ""
            pattern = (self[f"text-{column.name}"].value() or "") if chosen == WRITTEN else chosen
            used |= set(read_by(pattern))
        return tuple(name for name in self.sample.header if name and name not in used)

    def wrongs(self) -> tuple[tuple[str, str, str], ...]:
        """What is to be put right, for the list above the form: (label, message, address on the page)."""
        found = [("", str(message), "#columns-form") for message in self.non_field_errors()]
        for name, messages in self.errors.items():
            if name in self.fields:
                label = str(self.fields[name].label).removesuffix(": what stands there")
                found += [(label, str(message), f"#{self[name].id_for_label}") for message in messages]
        return tuple(found)


def refuse(form: forms.Form, refused: Refused) -> None:
    """Puts what an action refused beside the fields of a form."""
    for errors in refused.errors.values():
        for name, messages in errors.items():
            for message in messages:
                form.add_error(name if name in form.fields else None, message)


class SubmitForm(forms.Form):
    """Why the rows are written. `wrong`: how many have errors; then one chooses what happens with the others."""

    use_required_attribute = False

    cause = forms.ChoiceField(
        label="Cause", choices=[("", "Choose…"), *Act.Cause.choices],
        error_messages={"required": "Choose why the record changes."},
    )  # fmt: skip
    note = PlainText(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the file is and where it comes from. Readers see it in the history.",
        error_messages={"required": "Say why: every change has a note."},
    )  # fmt: skip
    good_only = forms.ChoiceField(
        label="Rows with errors", widget=forms.RadioSelect, required=False,
        choices=[("", "Nothing is written until every row is good"), ("1", "Only the good rows are written")],
    )  # fmt: skip

    def __init__(self, *args: Any, one: BulkImport, **options: Any) -> None:
        options.setdefault("auto_id", "submit-%s")
        options.setdefault("initial", {
            "cause": one.cause, "note": one.note, "good_only": "1" if one.good_only else "",
        })  # fmt: skip
        super().__init__(*args, **options)
        self.wrong = one.wrong
        if not one.wrong:
            del self.fields["good_only"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.wrong and not cleaned.get("good_only"):
            rows = "row has" if self.wrong == 1 else "rows have"
            self.add_error(
                "good_only",
                f"{self.wrong} {rows} errors. Put them right in the file and send it again, or choose that only the "
                "good rows are written.",
            )
        return cleaned


class RejectForm(forms.Form):
    use_required_attribute = False

    reason = PlainText(
        label="Why not", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever sent it reads this: what should be otherwise?",
        error_messages={"required": "Say why it is rejected, so that it can be put right."},
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", "reject-%s")
        super().__init__(*args, **options)


def reading_sent(text: str) -> Reading | None:
    """How the file is read, as the form of the columns says it; None where it says nothing. Raises ValueError."""
    if not text:
        return None
    try:
        said = json.loads(text)
    except RecursionError:
        said = None
    if not isinstance(said, dict):
        raise ValueError("How the file is read is no object.")
    return Reading.from_json(said)
