"""Loading the seed files: all or nothing, one recorded act a file, and idempotent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tracker.history.recording import recorded
from tracker.history.tracked import StateReader
from tracker.ingest.seed_files import SEED_FILES
from tracker.ingest.table_file import FileRefused, Row, RowError, TableFormat, read_table
from tracker.models import Act, Citation, LoadedFile, Record, Revision, Source, Window
from tracker.models.broken_rule import broken_rule

LOADER = "Seed loader"
ORIGIN = "load_seed"


def _models() -> dict[str, type[Record]]:
    """The model of each seed file: the one whose plural is the file's name. Field scores are scores of a file apart."""
    named = {
        str(model._meta.verbose_name_plural).replace(" ", "_"): model
        for model in apps.get_app_config("tracker").get_models()
        if issubclass(model, Record)
    }
    return {layout.name: named["scores" if layout.name == "field_scores" else layout.name] for layout in SEED_FILES}


MODELS = _models()
# The seed column's name where it differs from the model's.
RENAMED = {"key": "slug"}
WRITTEN = {"slug": "key", "window": "edition", "share_decimals": "share", "record_key": "record"}
WINDOW_COLUMNS = ("edition", "first_year", "last_year")


@dataclass
class FileOutcome:
    """What became of one file's rows. `kept` are records that a person has edited or removed since: left alone."""

    file: str
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)


def load_seed(*, folder: Path, unchanged_too: bool = False) -> tuple[FileOutcome, ...]:
    """Loads every seed file of `folder`; returns what became of each.

    Where every file is the one that was loaded last nothing is read, unless `unchanged_too`. Raises FileRefused,
    with every error found, and then nothing has changed.
    """
    digests = {
        layout.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for layout in SEED_FILES
        if (path := folder / f"{layout.name}.csv").exists()
    }
    if not unchanged_too and digests == dict(LoadedFile.objects.values_list("name", "digest")):
        return ()
    tables: dict[str, tuple[Row, ...]] = {}
    errors: list[RowError] = []
    for layout in SEED_FILES:
        try:
            tables[layout.name] = read_table(folder / f"{layout.name}.csv", layout)
        except FileRefused as refused:
            errors.extend(refused.errors)
    if errors:
        raise FileRefused(errors)
    with transaction.atomic():
        loader = _Loader(digests)
        outcomes = tuple(loader.load(layout, tables[layout.name]) for layout in SEED_FILES)
        for name, digest in digests.items():
            LoadedFile.objects.update_or_create(name=name, defaults={"digest": digest})
        return outcomes


class _Loader:
    def __init__(self, digests: dict[str, str]) -> None:
        self._digests = digests
        self._reader = StateReader()
        self._known: dict[type[Record], dict[str, Record]] = {}
        self._removed: dict[type[Record], frozenset[str]] = {}

    def load(self, layout: TableFormat, rows: tuple[Row, ...]) -> FileOutcome:
        model = MODELS[layout.name]
        outcome = FileOutcome(layout.name, rows=len(rows))
        errors: list[RowError] = []
        new: list[Record] = []
        changed: list[Record] = []
        cited: list[tuple[Record, tuple[str, ...]]] = []
        known = self._records(model)
        edited = self._edited_by_people(model)
        lines: dict[int, Row] = {}
        for row in _named_first(layout, model, rows):
            if self._is_removed(layout, row):
                outcome.kept.append(_written_key(layout, row))
                continue
            record = self._build(layout, model, row, errors)
            if record is None:
                continue
            key = self._reader.key_of(record)
            before = known.get(key)
            if before is None:
                new.append(record)
                lines[id(record)] = row
                known[key] = record
            elif self._same(before, record):
                outcome.unchanged += 1
                record = before
            elif before.pk in edited:
                outcome.kept.append(key)
                record = before
            else:
                for column in _columns(model):
                    setattr(before, column.name, getattr(record, column.name))
                changed.append(before)
                lines[id(before)] = row
                record = before
            if "sources" in row.values:
                cited.append((record, row.values["sources"]))
        if errors:
            raise FileRefused(errors)
        outcome.created, outcome.changed = len(new), len(changed)
        with recorded(
            by=None,
            by_name=LOADER,
            cause=Act.Cause.EDITION,
            note=f"Seed data from {layout.name}.csv",
            origin=f"{ORIGIN} {layout.name}.csv",
            input_digest=self._digests[layout.name],
        ) as recording:
            try:
                with transaction.atomic():
                    # Rows that may point to one another (an edition to its predecessor) are saved in turn.
                    points_to_itself = any(column.related_model is model for column in _columns(model))
                    for batch in [[record] for record in new] if points_to_itself else [new]:
                        recording.bulk_create(batch)
                    recording.bulk_update(changed, [column.name for column in _columns(model)])
            except IntegrityError as broken:
                raise FileRefused([self._blame(layout, [*new, *changed], lines, broken)]) from broken
            self._cite(recording, cited)
        return outcome

    def _records(self, model: type[Record]) -> dict[str, Record]:
        if model not in self._known:
            related = [column.name for column in model._meta.concrete_fields if column.is_relation]
            self._known[model] = {
                self._reader.key_of(record): record for record in model._default_manager.select_related(*related)
            }
        return self._known[model]

    def _edited_by_people(self, model: type[Record]) -> set[int]:
        acts = Revision.objects.filter(kind=model.record_kind()).exclude(act__origin__startswith=ORIGIN)
        return set(acts.values_list("record", flat=True))

    def _removed_by_people(self, model: type[Record]) -> frozenset[str]:
        """The keys of records that a person has deleted and nobody has made anew."""
        if model not in self._removed:
            removals = Revision.objects.filter(kind=model.record_kind(), action=Revision.Action.DELETE)
            names = removals.exclude(act__origin__startswith=ORIGIN).values_list("name", flat=True)
            self._removed[model] = frozenset(names) - self._records(model).keys()
        return self._removed[model]

    def _is_removed(self, layout: TableFormat, row: Row) -> bool:
        model = MODELS[layout.name]
        if not model.speaks_of:
            return _written_key(layout, row) in self._removed_by_people(model)
        # A citation, a claim: gone with the record that it names, too.
        named = MODELS.get(row.values["kind"])
        if named is None:
            return False
        record = _recorded_key(named, row.values["record"])
        rest = [row.values[name] for name in layout.key if name not in ("kind", "record")]
        key = "/".join([named.record_kind(), record, *rest])
        return key in self._removed_by_people(model) or record in self._removed_by_people(named)

    def _build(self, layout: TableFormat, model: type[Record], row: Row, errors: list[RowError]) -> Record | None:
        file = f"{layout.name}.csv"
        found: list[RowError] = []

        def wrong(column: str, reason: str) -> None:
            found.append(RowError(file, row.line, column, _shown(row.values.get(column)), reason))

        def look_up(target: type[Record], key: str, column: str) -> Record | None:
            match = self._records(target).get(key)
            if match is None:
                wrong(column, f"names no {target._meta.verbose_name} that is loaded.")
            return match

        values: dict[str, Any] = {}
        source = dict(row.values)
        for key in source.pop("sources", ()):
            if key not in self._records(Source):
                wrong("sources", f"names no source that is loaded: {key}.")
        if model is Citation:
            values, source = self._build_citation(source, wrong)
        elif model.speaks_of:
            values, source = self._build_spoken(model, source, wrong)
        elif model is not Window and "first_year" in source:
            window = "/".join(str(source.pop(name)) for name in WINDOW_COLUMNS)
            values["window"] = look_up(Window, window, "edition")
        written = {column.name for column in _columns(model)}
        for column, value in source.items():
            name = RENAMED.get(column, column)
            target: Any = model._meta.get_field(name)
            if target.is_relation:
                related = target.related_model
                values[name] = look_up(related, value, column) if value else None
                if value in ("", None) and not target.null:
                    wrong(column, "must be filled.")
            else:
                values[name] = value
                if isinstance(value, Decimal) and f"{name}_decimals" in written:
                    values[f"{name}_decimals"] = max(0, -int(value.as_tuple().exponent))
        if not found:
            record = model(**values)
            try:
                # References were looked up above; asking again would be a query each.
                record.clean_fields(exclude={c.name for c in _columns(model) if c.is_relation} | {"id"})
            except ValidationError as invalid:
                for column, messages in invalid.message_dict.items():
                    wrong(column if column in row.values else WRITTEN.get(column, column), " ".join(messages))
        errors.extend(found)
        return None if found else record

    def _build_citation(self, source: dict[str, Any], wrong: Callable[[str, str], None]) -> tuple[dict, dict]:
        cited = self._named(source, wrong)
        if cited is None:
            return {}, {}
        names = {column.name for column in cited._meta.concrete_fields}
        if source["field"] and source["field"] not in names:
            wrong("field", f"is no column of {cited._meta.verbose_name}.")
        values = _naming(cited, self._reader.key_of(cited))
        name = f"{values['kind']}/{values['record_key']}/{source['field']}/{source['source']}"
        before = self._records(Citation).get(name)
        values["position"] = before.position if isinstance(before, Citation) else 99
        return values, source

    def _build_spoken(
        self, model: type[Record], source: dict[str, Any], wrong: Callable[[str, str], None]
    ) -> tuple[dict, dict]:
        """A claim, or whatever else names the record that it speaks of by `kind` and `record`."""
        subject = self._named(source, wrong)
        if subject is None:
            return {}, {}
        if model.may_speak_of and subject.record_kind() not in model.may_speak_of:
            allowed = [name for name, named in MODELS.items() if named.record_kind() in model.may_speak_of]
            wrong("kind", f"is nothing that a {model._meta.verbose_name} can be about: {', '.join(allowed)}.")
            return {}, {}
        return _naming(subject, self._reader.key_of(subject)), source

    def _named(self, source: dict[str, Any], wrong: Callable[[str, str], None]) -> Record | None:
        """The record that the columns `kind` and `record` name; takes both out of `source`."""
        model = MODELS.get(source.pop("kind"))
        key = source.pop("record")
        if model is None or model is Citation:
            wrong("kind", "is not the name of a seed file.")
            return None
        found = self._records(model).get(_recorded_key(model, key))
        if found is None:
            wrong("record", f"names no {model._meta.verbose_name} that is loaded.")
        return found

    def _same(self, before: Record, after: Record) -> bool:
        return all(
            _value(before, column) == _value(after, column) for column in _columns(type(before))
        )  # fmt: skip

    def _cite(self, recording: Any, cited: Iterable[tuple[Record, tuple[str, ...]]]) -> None:
        """One citation of the whole record a source; those that citations.csv has filled in stay as they are."""
        sources: Any = self._records(Source)
        known = self._records(Citation)
        removed = self._removed_by_people(Citation)
        new: list[Record] = []
        for record, keys in cited:
            record_key = self._reader.key_of(record)
            for position, key in enumerate(keys, start=1):
                name = f"{record.record_kind()}/{record_key}//{key}"
                if name not in known and name not in removed:
                    citation = Citation(
                        kind=record.record_kind(), record=record.pk, record_key=record_key, source=sources[key],
                        position=position,
                    )  # fmt: skip
                    known[self._reader.key_of(citation)] = citation
                    new.append(citation)
        recording.bulk_create(new)

    def _blame(
        self, layout: TableFormat, records: list[Record], lines: dict[int, Row], broken: IntegrityError
    ) -> RowError:
        """Which line breaks the rule: the first that cannot be saved by itself after those before it."""
        for record in records:
            try:
                with transaction.atomic():
                    record.save(force_insert=record.pk is None)
            except IntegrityError as reason:
                return _rule(layout, type(record), lines.get(id(record)), reason)
        return _rule(layout, MODELS[layout.name], None, broken)


def _written_key(layout: TableFormat, row: Row) -> str:
    """The key columns of a line joined as Record.key joins them."""
    return "/".join("" if row.values[name] is None else str(row.values[name]) for name in layout.key)


def _shown(value: Any) -> str:
    """A cell as the file has it."""
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case tuple():
            return " ".join(value)
        case _:
            return str(value)


def _recorded_key(model: type[Record], written: str) -> str:
    """A record's key as history has it: a file names a claim's kind “engagements”, the claim itself “engagement”.

    Empty where the file names no kind.
    """
    if not model.speaks_of:
        return written
    kind, slash, rest = written.partition("/")
    return f"{MODELS[kind].record_kind()}{slash}{rest}" if kind in MODELS else ""


def _naming(record: Record, key: str) -> dict[str, Any]:
    """The columns with which a citation, a claim or a relevance names a record."""
    return {"kind": record.record_kind(), "record": record.pk, "record_key": key}


def _named_first(layout: TableFormat, model: type[Record], rows: tuple[Row, ...]) -> Iterable[Row]:
    """Lines that name a line of the same file (an edition its previous one) come after it."""
    names = [column.name for column in _columns(model) if column.related_model is model]
    if not names:
        return rows
    by_key = {_written_key(layout, row): row for row in rows}
    ordered: dict[str, Row] = {}

    def place(row: Row) -> None:
        key = _written_key(layout, row)
        if by_key.pop(key, None) is None:
            return
        for name in names:
            if row.values[name] in by_key:
                place(by_key[row.values[name]])
        ordered[key] = row

    for row in rows:
        place(row)
    return ordered.values()


def _columns(model: type[Record]) -> list[models.Field]:
    """What a file may say: not the key, nor that a person has retired the record."""
    return [column for column in model._meta.concrete_fields if not column.primary_key and column.editable]


def _value(record: Record, column: models.Field) -> Any:
    related = record._state.fields_cache.get(column.name)
    if isinstance(related, Record) and related.pk is None:
        return related  # a new record of the same file: other than whatever was referred to before
    value = getattr(record, column.attname)
    if isinstance(column, models.DecimalField) and value is not None:
        return format(Decimal(value), f".{column.decimal_places}f")
    return value


def _rule(layout: TableFormat, model: type[Record], row: Row | None, broken: IntegrityError) -> RowError:
    rule = broken_rule(model, broken)
    written = [column.name for column in layout.columns]
    named = [WRITTEN.get(name, name) if name not in written else name for name in rule.columns]
    column = next((name for name in named if name in written), "")
    return RowError(
        f"{layout.name}.csv",
        row.line if row else 1,
        column,
        _shown(row.values.get(column) if row else None),
        f"{rule.message} (rule {rule.name})",
    )
