"""A record kind as the columns of a file: what a template offers, an export writes and an import reads.

A reference stands as the natural key of what it points to. A number with the decimals it was published with takes
two columns, because spreadsheets drop zeros at the end. The sources of a record stand beside it: their slugs in
`sources`, and page, passage and marks of a citation that an import adds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models

from tracker.history.kinds import KINDS, Kind
from tracker.history.tracked import StateReader
from tracker.ingest.sheet_file import plain
from tracker.models import Citation, Country, Record, Source
from tracker.models.partial_date import PartialDateField

# Columns that belong to no column of the model.
ID, OF_KIND, OF, SOURCES = "id", "of_kind", "of", "sources"
# Of the citation that an import makes for each source it names: our column -> the citation's.
CITED = {
    "source_page": "page",
    "source_passage": "passage",
    "source_reliability": "reliability",
    "source_credibility": "credibility",
}
# Words under which a file names a column that we call otherwise.
ALSO_CALLED = {
    "country": ("iso", "iso2", "iso code", "country code", "code", "place"),
    "technology": ("tech", "area", "field"),
    "window": ("edition and years",),
    "share": ("percent", "percentage", "share pct"),
    "rank_from": ("rank",),
    "rank_to": ("rank",),
    "publications": ("papers", "articles", "documents"),
    "source": ("sources",),
    "sources": ("source",),
}
BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class SheetColumn:
    """One column of a kind's file.

    `takes` says in words what may stand in it; `choices` are all the words that may. `to` is the kind of record that
    a reference leads to. `required`: a new record must have it. `per_cent`: a number that is one.
    """

    name: str
    label: str
    takes: str
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    to: str = ""
    per_cent: bool = False


def importable() -> tuple[Kind, ...]:
    """The kinds that can be imported and exported, in the order in which they refer to each other."""
    return tuple(KINDS.values())


@cache
def columns(kind: str) -> tuple[SheetColumn, ...]:
    """The columns of a kind's file, `id` first. Raises KeyError for a word that is no kind."""
    registered = KINDS[kind]
    found = [SheetColumn(ID, "Number", "The number of the record that the row changes; empty for a new one.")]
    if registered.model.speaks_of:
        found += [
            SheetColumn(
                OF_KIND, "Speaks of a", "The kind of record that it speaks of: score, engagement …", True,
                registered.model.may_speak_of or tuple(KINDS), "engagement",
            ),
            SheetColumn(OF, "Speaks of", "That record: its natural key, or # and its number: #12.", True),
        ]  # fmt: skip
    decimals = {number.value: number.decimals for number in registered.numbers}
    for name in registered.columns:
        found.append(_column(registered, name))
        if name in decimals:
            label = f"{registered.column_label(name).split(',')[0]}, decimals"
            takes = "How many decimals were published. Empty: as many as are written."
            found.append(SheetColumn(decimals[name], label, takes, example="2"))
    if _cited(registered.model):
        found += [
            SheetColumn(
                SOURCES, "Sources", "Slugs of sources, with spaces between. What is not cited yet will be; none is "
                "taken away.", registered.model.needs_source, (), "aspi23", "source",
            ),
            SheetColumn("source_page", "Page in the source", "Of the citations that the row adds.", example="12"),
            SheetColumn("source_passage", "Passage", "Word for word, of the citations that the row adds."),
            SheetColumn("source_reliability", "Reliability", "A to F.", choices=tuple("ABCDEF"), example="A"),
            SheetColumn("source_credibility", "Credibility", "1 to 6.", choices=tuple("123456"), example="2"),
        ]  # fmt: skip
    return tuple(found)


def _cited(model: type[Record]) -> bool:
    return model not in (Source, Citation)


def _column(kind: Kind, name: str) -> SheetColumn:
    column: Any = kind.model._meta.get_field(name)
    label, help_text = kind.column_label(name), str(column.help_text)
    required = not (column.null or column.blank or column.has_default() or name == "position")
    if isinstance(column, models.SlugField) and kind.slug_from:
        required = False
        help_text = f"{help_text} Made from its name where it is empty.".strip()
    takes, example, to = "Text.", "", ""
    choices: tuple[str, ...] = ()
    if column.is_relation:
        to = column.related_model.record_kind()
        takes, example = _reference(column.related_model), ""
    elif column.choices is not None:
        choices = tuple(str(value) for value, _ in column.flatchoices if value != "")
        said = [
            f"{value} ({words})" if str(words) != str(value) else str(value)
            for value, words in column.flatchoices if value != ""
        ]  # fmt: skip
        # What an empty cell means, where it means something.
        nothing = next(
            (str(words) for value, words in column.flatchoices if value == "" and str(words).strip("-")), ""
        )
        takes = f"One of: {', '.join(said)}{f'; empty: {nothing}' if nothing else ''}."
        example = choices[0] if choices else ""
    elif isinstance(column, models.BooleanField):
        takes, choices, example = "yes or no.", ("yes", "no"), "no"
    elif isinstance(column, models.DecimalField):
        takes, example = "A number: 16.40. No unit, no separators of thousands.", "16.40"
    elif isinstance(column, models.IntegerField):
        takes, example = "A whole number.", "3"
    elif isinstance(column, PartialDateField | models.DateField):
        takes, example = "A date as far as it is known: 2019, 2019-06 or 2019-06-05.", "2019-06"
    elif isinstance(column, models.URLField):
        takes, example = "An address on the web.", "https://example.org/report"
    elif isinstance(column, models.CharField):
        takes = f"Text of at most {column.max_length} characters."
    per_cent = isinstance(column, models.DecimalField) and "%" in label
    return SheetColumn(name, label, f"{takes} {help_text}".strip(), required, choices, example, to, per_cent)


def _reference(model: type[Record]) -> str:
    kind = KINDS.get(model.record_kind())
    said = kind.a_noun if kind else f"a {model._meta.verbose_name}"
    said = said[:1].upper() + said[1:]
    if model is Country:
        return f"{said}: its ISO code (CN), its code of three letters, or its name."
    if model.key_fields == ("slug",):
        return f"{said}: its name in addresses (slug), or its name."
    return f"{said}: {'/'.join(name.replace('_', ' ') for name in model.key_fields)}."


# Reading a file's header


def match(kind: str, header: Sequence[str]) -> dict[str, str]:
    """Which columns of a file fill which columns of the kind, by name: {column: "{file column}"}."""
    # A pattern cannot name a column with a brace in its name.
    there = {plain(name): name for name in reversed(header) if not {"{", "}"} & set(name)}
    found: dict[str, str] = {}
    for column in columns(kind):
        taken = next((there[word] for word in _called(column) if word in there), None)
        if taken is not None:
            found[column.name] = f"{{{taken}}}"
    return found


def _called(column: SheetColumn) -> list[str]:
    """What a file may call a column, as `plain` makes it; the likeliest first."""
    called = [column.name, column.label, *ALSO_CALLED.get(column.name, ())]
    if column.to:
        called += [f"{column.name}_slug", f"{column.name}_code", f"{column.name} key"]
    return [plain(name) for name in called]


@cache
def names_of_columns(kind: str) -> frozenset[str]:
    """What the columns of a kind's file may be called, as `plain` makes it; "": those of all kinds."""
    kinds = [kind] if kind else list(KINDS)
    return frozenset(word for one in kinds for column in columns(one) for word in _called(column)) - {""}


def read_by(pattern: str) -> tuple[str, ...]:
    """The file columns that a pattern reads, in order: "{Edition}/{Year}" → ("Edition", "Year")."""
    return tuple(BRACED.findall(pattern))


def filled(pattern: str, cells: Mapping[str, str]) -> str:
    """The text that a pattern makes of one row; empty where it reads columns and all of them are empty."""
    named = BRACED.findall(pattern)
    if named and not any(cells[name] for name in named):
        return ""
    return BRACED.sub(lambda found: cells[found[1]], pattern) if named else pattern


# Writing records


def exported(kind: str, pks: Iterable[int] | None = None) -> Iterator[tuple[str, ...]]:
    """The records of a kind as rows of texts under `columns(kind)`, in the order of their numbers.

    Reads what the present moment is (`history.past.reading`); three queries and one a 2,000 records.
    """
    model = KINDS[kind].model
    names = [column.name for column in columns(kind)]
    related = [column.name for column in model._meta.concrete_fields if column.is_relation]
    rows = model._default_manager.select_related(*related).order_by("pk")
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    cited = _sources_of(kind) if _cited(model) else {}
    reader = StateReader()
    for record in rows.iterator(chunk_size=2000):
        state = reader.state_of(record)
        cells = {name: cell(value) for name, value in state.items()}
        for number in KINDS[kind].numbers:
            value, decimals = state[number.value], state[number.decimals]
            if value is not None and decimals is not None:
                cells[number.value] = f"{Decimal(value).quantize(Decimal(1).scaleb(-decimals)):f}"
        if record.speaks_of:
            cells[OF_KIND], cells[OF] = state["kind"], f"#{state['record']}"
        cells[SOURCES] = " ".join(cited.get(record.pk, ()))
        yield tuple(cells.get(name, "") for name in names)


def cell(value: Any) -> str:
    """A value of a state as a cell's text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return str(value["key"])
    return str(value)


def _sources_of(kind: str) -> dict[int, list[str]]:
    """The slugs of the sources that each record of a kind cites, in the order in which it does."""
    slugs = dict(Source._default_manager.values_list("pk", "slug"))
    found: dict[int, list[str]] = defaultdict(list)
    rows = Citation._default_manager.filter(kind=kind).order_by("record", "position", "pk")
    for record, source in rows.values_list("record", "source").iterator(chunk_size=5000):
        if slugs[source] not in found[record]:
            found[record].append(slugs[source])
    return found
