"""Every row of an import against everything that the record asks of it, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.text import slugify

from tracker.actions.imports import at_hand, forget_rows, settings_of
from tracker.actions.jobs import Cancelled, JobFailed, Running
from tracker.history.belonging import counted_within
from tracker.history.kinds import KINDS, Kind
from tracker.history.recording import UNPRINTABLE
from tracker.history.sheets import CITED, ID, OF, OF_KIND, SOURCES, SheetColumn, columns, filled, read_by
from tracker.history.states import record_from
from tracker.history.tracked import State, StateReader, tracked_models
from tracker.history.trial import Trial, trial
from tracker.ingest import cells, sheet_file
from tracker.ingest.sheet_file import Reading, SheetRow
from tracker.ingest.table_file import FileRefused, RowError
from tracker.models import (
    Basis,
    BulkImport,
    Citation,
    Country,
    EditionTechnology,
    FormerAddress,
    Interval,
    Record,
    RetirableRecord,
    RevisionCounter,
    Score,
    StagedRow,
    Window,
)
from tracker.models.broken_rule import BrokenRule
from tracker.models.partial_date import PartialDateField

# A computed score has the source of its edition's entry (docs/adr/0009): by these columns it can lose it.
SOURCED_BY: dict[type[Record], tuple[str, ...]] = {Score: ("basis", "window", "technology")}
# The columns that say whether a record has a source, its own or that of an edition's entry.
SAY_SOURCES = frozenset({SOURCES, "kind", "record", *(name for names in SOURCED_BY.values() for name in names)})
BATCH = 1000  # rows that are staged in one transaction: a colleague who saves waits for one of these


def check(running: Running, *, one: int) -> None:
    """The job: stages what every row would do. Begins anew where an attempt before it was broken off."""
    found = BulkImport.objects.select_related("file").get(pk=one)
    if found.state != BulkImport.State.CHECKING or found.check_job_id != running.job.pk:
        raise JobFailed("The import was changed in the meantime.")
    forget_rows(StagedRow.objects.filter(bulk_import=found))
    number = RevisionCounter.objects.values_list("last_number", flat=True).first() or 0
    problems: list[dict[str, Any]] = []
    checking = _Checking(found, running)
    try:
        with at_hand(found.file) as path, trial(KINDS[found.kind].model) as rules:
            checking.run(path, rules)
    except FileRefused as refused:
        problems = [_as_json(error) for error in refused.errors[:50]]
    except FileNotFoundError as gone:
        raise JobFailed(str(gone)) from gone
    counted = checking.counts
    state = BulkImport.State.DRAFT if problems else BulkImport.State.CHECKED
    with running.finishing(
        rows=sum(counted.values()), wrong=counted[StagedRow.What.WRONG], address=found.get_absolute_url()
    ):  # fmt: skip
        mine = BulkImport.objects.filter(pk=found.pk, state=BulkImport.State.CHECKING, check_job=running.job)
        said = mine.update(
            state=state, checked_at=timezone.now(), checked_settings=settings_of(found), checked_number=number,
            rows=sum(counted.values()), created=counted[StagedRow.What.CREATE],
            changed=counted[StagedRow.What.UPDATE], unchanged=counted[StagedRow.What.SAME],
            left_out=counted[StagedRow.What.LEFT_OUT], wrong=counted[StagedRow.What.WRONG],
            findings=checking.findings, problems=problems,
        )  # fmt: skip
        if not said:
            raise Cancelled  # it was withdrawn in the meantime


def _as_json(error: RowError) -> dict[str, Any]:
    return {"line": error.line, "column": error.column, "value": error.value[:200], "reason": error.reason}


def in_a_ring(above: Mapping[int, int | None], number: int) -> bool:
    """Whether one comes back to a record by going from each to the one above it."""
    seen, step = {number}, above.get(number)
    while step is not None and step not in seen:
        seen.add(step)
        step = above.get(step)
    return step == number


class _Wrong(ValueError):
    """What a cell holds cannot be taken; `column` is the kind's, or (`of_file`) the file's."""

    def __init__(self, column: str, reason: str, value: str = "", *, of_file: bool = False) -> None:
        self.column, self.value, self.reason, self.of_file = column, value, reason, of_file
        super().__init__(reason)


class _References:
    """What references are called: the record of each name, read once a kind."""

    def __init__(self, kind: str) -> None:
        self._of_kind = kind
        self._known: dict[str, dict[str, int | None]] = {}
        self._keys: dict[str, dict[int, str]] = {}
        self._retired: dict[str, set[int]] = {}
        # Records of this file, by their key: a line below zero stands for what will be their number.
        self.coming: dict[str, tuple[int, str]] = {}

    def find(self, kind: str, text: str) -> State:
        """A reference as a state holds it. Raises ValueError."""
        if kind not in self._known:
            self._read(kind)
        known, keys = self._known[kind], self._keys[kind]
        if text.startswith("#") and text[1:].isdecimal() and int(text[1:]) in keys:
            return {"id": int(text[1:]), "key": keys[int(text[1:])]}
        pk = known.get(text.casefold(), 0)
        if pk:
            return {"id": pk, "key": keys[pk]}
        noun = KINDS[kind].noun if kind in KINDS else kind
        if pk is None:
            raise ValueError(f"More than one {noun} is called so: write its key or #number.")
        if kind == self._of_kind and text.casefold() in self.coming:
            number, key = self.coming[text.casefold()]
            return {"id": number, "key": key}
        raise ValueError(f"There is no {noun} “{text[:80]}”.")

    def retired(self, kind: str, pk: int) -> bool:
        """Whether a record that was found is out of use."""
        return pk in self._retired.get(kind, ())

    def _read(self, kind: str) -> None:
        known: dict[str, int | None] = {}
        keys: dict[int, str] = {}
        model = tracked_models()[kind]
        related = KINDS[kind].related if kind in KINDS else ()
        reader = StateReader()
        names: list[tuple[str, int]] = []
        for record in model._default_manager.using("default").select_related(*related).iterator(chunk_size=2000):
            key = reader.key_of(record)
            keys[record.pk] = key
            known[key.casefold()] = None if key.casefold() in known else record.pk
            names += [(name.casefold(), record.pk) for name in _names(record)]
            if isinstance(record, RetirableRecord) and record.retired is not None:
                self._retired.setdefault(kind, set()).add(record.pk)
        by_name: dict[str, int | None] = {}
        for name, pk in names:
            by_name[name] = pk if by_name.get(name, pk) == pk else None
        # A key says more than a name.
        self._known[kind], self._keys[kind] = by_name | known, keys


def _a(kind: str) -> str:
    """'an engagement'."""
    return KINDS[kind].a_noun if kind in KINDS else f"a {kind}"


def _names(record: Record) -> Iterator[str]:
    for name in ("name", "title", "short_name", "alpha3"):
        value = getattr(record, name, "")
        if isinstance(value, str) and value:
            yield value
    if isinstance(record, Country):
        yield from (other for other in record.other_names.split("; ") if other)


@dataclass
class _Said:
    """What a row says: its values as a state holds them, and of which record it speaks (`by_key`: by its key).

    `unread`: the columns whose cells cannot be read, or rest on such; `unknown`: of which record the row speaks rests
    on them. What else the row says is checked all the same.
    """

    line: int
    cells_of: dict[str, str]
    values: State
    pk: int | None
    by_key: bool
    errors: list[_Wrong]
    unread: set[str]
    unknown: bool


@dataclass
class _Row:
    """A row that passed as far as it goes."""

    line: int
    pk: int  # below zero: a new record
    name: str
    before: State | None
    after: State
    sources: list[dict[str, Any]]
    cells_of: dict[str, str]
    based_on: int | None = None


@dataclass
class _Checking:
    """One run over a file."""

    one: BulkImport
    running: Running
    counts: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    staged: list[StagedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kind: Kind = KINDS[self.one.kind]
        self.model = self.kind.model
        self.reading = Reading.from_json(self.one.reading)
        self.columns: dict[str, SheetColumn] = {column.name: column for column in columns(self.one.kind)}
        # In the order of the kind's columns: PostgreSQL keeps none in JSON, and errors are said in this one.
        self.patterns: dict[str, str] = {
            name: self.one.columns[name] for name in self.columns if name in self.one.columns
        }
        self.references = _References(self.one.kind)
        self.reader = StateReader()
        self.fields: dict[str, Any] = {column.name: column for column in self.model._meta.concrete_fields}
        self.spoken = self.model.speaks_of
        self.seen: dict[tuple[Any, ...], int] = {}
        self.seen_pks: dict[int, int] = {}
        self.failed: list[tuple[_Row, BrokenRule]] = []
        self._limited: dict[str, set[int]] = {}
        # Rows that refer to rows of the same file: the line of each, and the lines of what they refer to by column.
        self.leaning: dict[int, dict[str, int]] = {}
        self.created: set[int] = set()
        # What each row makes of a reference that may not form a ring: record (below zero: a line) -> record.
        self.chained: dict[int, int] = {}
        # What the cells of such references hold, by line and column: they may turn out wrong at the end.
        self.held: dict[tuple[int, str], str] = {}
        self.lines: dict[int, int] = {}
        self.blank = self.reader.state_of(self.model())

    # Reading

    def run(self, path: Path, rules: Trial) -> None:
        if self._to_itself and self.model.key_fields == ("slug",):
            self._announce(path)
        batch: list[tuple[SheetRow, dict[str, str]]] = []
        header = self.one.look["header"]
        line = 0
        for row in sheet_file.rows(path, self.reading):
            line = row.line
            batch.append((row, dict(zip(header, row.cells, strict=True))))
            if len(batch) >= BATCH:
                self._take(batch, rules)
                batch = []
                self.running.progress(line, None, "reading and checking the rows")
        self._take(batch, rules)
        self._settle(rules)
        self._write_staged()
        self._withdraw_rings()
        self._withdraw_leaning()
        self.running.progress(line, line, "counting")

    @cached_property
    def _to_itself(self) -> tuple[str, ...]:
        """The references that lead to records of the same kind."""
        return tuple(
            name for name, column in self.fields.items() if column.is_relation and column.related_model is self.model
        )

    def _announce(self, path: Path) -> None:
        """The keys of the records that the file makes, for rows that refer to each other."""
        header = self.one.look["header"]
        for row in sheet_file.rows(path, self.reading):
            cells_of = dict(zip(header, row.cells, strict=True))
            slug = self._text("slug", cells_of) or self._slug(cells_of)
            if any(self._left_out(each, cells_of) for each in self.one.without):
                continue
            if slug:
                try:
                    # A row may change a record that is there, and call it otherwise.
                    number = self._identity(cells_of) or self._known.get((slug,)) or -row.line
                except _Wrong:
                    continue
                said = (number, slug)
                for name in (slug, self._text("name", cells_of), self._text("title", cells_of)):
                    if name:
                        self.references.coming.setdefault(name.casefold(), said)

    def _text(self, column: str, cells_of: Mapping[str, str]) -> str:
        pattern = self.patterns.get(column, "")
        return filled(pattern, cells_of).strip() if pattern else ""

    def _slug(self, cells_of: Mapping[str, str]) -> str:
        words = self.kind.slug_words({name: self._text(name, cells_of) for name in self.kind.slug_from})
        longest = getattr(self.fields.get("slug"), "max_length", None) or 50
        return slugify(words)[:longest].strip("-")

    def _take(self, batch: Sequence[tuple[SheetRow, dict[str, str]]], rules: Trial) -> None:
        """Checks some rows; what is there of them today is read together."""
        pending: list[_Said] = []
        for read, cells_of in batch:
            if any(self._left_out(each, cells_of) for each in self.one.without):
                self._stage(StagedRow(line=read.line, what=StagedRow.What.LEFT_OUT))
            elif read.error and self.reading.format == "csv":
                # Which cell belongs to which column cannot be told.
                self._stage_wrong(read.line, [_Wrong("", read.error), *self._cells_wrong(read)], cells_of)
            else:
                pending.append(self._said(read, cells_of))
        pks = [said.pk for said in pending if said.pk is not None]
        # Their numbers before their states: a colleague's save in between makes the row stale, and is never undone.
        current = Interval.objects.filter(kind=self.one.kind, until__isnull=True, record__in=pks)
        numbers = dict(current.values_list("record", "since")) if pks else {}
        before = self.reader.states_in_database(self.model, pks)
        cited = self._cited(pks) if pks and self.model is not Citation else {}
        for said in pending:
            row, errors = self._row(said, before.get(said.pk or 0), cited.get(said.pk or 0, {}), rules)
            if errors:
                self._stage_wrong(said.line, errors, said.cells_of, said.pk)
            elif row is not None:
                row.based_on = numbers.get(row.pk)
                self._try(row, rules)
        if len(self.staged) >= BATCH:
            self._write_staged()

    def _cells_wrong(self, row: SheetRow) -> list[_Wrong]:
        """The cells that the file itself holds no value in."""
        header = self.one.look["header"]
        return [_Wrong(header[one.first], one.reason, one.value, of_file=True) for one in row.wrong]

    def _said(self, row: SheetRow, cells_of: dict[str, str]) -> _Said:
        """What a row says, and of which record, as far as its cells can be read."""
        errors = [_Wrong("", row.error)] if row.error else []
        unread: set[str] = set()
        if row.wrong:
            errors += self._cells_wrong(row)
            header = self.one.look["header"]
            broken = {name for one in row.wrong for name in header[one.first : one.last + 1]}
            unread = {name for name, pattern in self.patterns.items() if not broken.isdisjoint(read_by(pattern))}
        pk = None
        if ID not in unread:
            try:
                pk = self._identity(cells_of)
            except _Wrong as wrong:
                errors.append(wrong)
                unread.add(ID)
        values = self._values(cells_of, errors, unread)
        unknown = ID in unread
        if unread and pk is None:
            if "slug" in self.fields and not values.get("slug") and not unread.isdisjoint(self.kind.slug_from):
                unread.add("slug")
            unknown = unknown or not unread.isdisjoint(self._identifying)
        by_key = False
        if pk is None and not unknown and self._named(values):
            state = self.blank | values
            self._fill_in(state, cells_of)
            pk = self._known.get(self._key(state))
            by_key = pk is not None
        return _Said(row.line, cells_of, values, pk, by_key, errors, unread, unknown)

    def _left_out(self, condition: Mapping[str, str], cells_of: Mapping[str, str]) -> bool:
        said = cells_of[condition["column"]].casefold()
        if "is" in condition:
            return said == condition["is"].strip().casefold()
        return said != condition["is not"].strip().casefold()

    def _identity(self, cells_of: Mapping[str, str]) -> int | None:
        """The record that a row names by its number; None where it gives none."""
        text = self._text(ID, cells_of).lstrip("#").removesuffix(".0")
        if not text:
            return None
        if not text.isdecimal() or len(text) > 18:
            raise _Wrong(ID, "is not the number of a record.", text)
        return int(text)

    # One row

    def _row(
        self, row: _Said, before: State | None, cited: Mapping[int, set[tuple[str, ...]]], rules: Trial
    ) -> tuple[_Row | None, list[_Wrong]]:
        """The row as it would be written, or everything that is wrong with it.

        What rests on a cell that is wrong already is not judged: it would be one error said twice.
        """
        errors, unread, known = row.errors, row.unread, not row.unknown
        line, said, pk, noun = row.line, row.values, row.pk, self.kind.noun
        if known and pk is not None and before is None:
            errors.append(_Wrong(ID, f"There is no {noun} of this number.", str(pk)))
            unread.add(ID)
            known = False
        elif known and row.by_key and "slug" in self.model.key_fields and "slug" not in said:
            assert before is not None
            errors.append(
                _Wrong("slug", f"“{before['slug']}” is the address of another {noun}: give its number in the column "
                       f"{ID} to change it, or another slug.", str(before["slug"]))
            )  # fmt: skip
            unread.add("slug")
            known = False
        sources = self._sources(row.cells_of, cited if known else None, errors, unread)
        if known and before is not None and pk is not None:
            after = before | self._decimals_kept(before, said)
        else:
            before, pk, after = None, -line, self.blank | said
            self._fill_in(after, row.cells_of)
            for column in self.columns.values():
                name = column.name
                if (
                    column.required and name in self.fields and after[name] in (None, "") and name not in unread
                    and (known or name in said)
                ):  # fmt: skip
                    errors.append(_Wrong(name, "must be filled for a new record." if known else "must be filled."))
                    unread.add(name)
            if known and "slug" in self.fields and not after["slug"] and "slug" not in unread:
                errors.append(_Wrong("slug", "Write one: none can be made of this name."))
                unread.add("slug")
            if not errors:
                self._put_last(after, said)
            elif "position" not in said:
                unread.add("position")
        after = after | {"id": pk}
        if known:
            errors += self._out_of_use(before, said)
            if unread.isdisjoint(SAY_SOURCES):
                errors += self._source_lost(before, after, cited, sources)
            if "slug" not in unread:
                errors += self._address_taken(pk, before, after)
        if unread.isdisjoint(("kind", "field")):
            errors += self._spoken_of_wrongly(after)
        judged: Set[str] = self._all
        if errors:
            judged = (self._all if known else said.keys()) - unread - {one.column for one in errors}
        record = record_from(self.model, after)
        errors += self._rules_of_the_model(record, judged, whole=not errors)
        twin = self.seen_pks.get(pk)
        if twin is None and known and self._unique_key and unread.isdisjoint(self._identifying):
            twin = None if self._without_place(after) else self.seen.get(self._key(after))
        if twin is not None:
            errors.append(_Wrong("", f"The same record stands in line {twin} already."))
        if (
            known and before is None and self.model.needs_source and not sources and unread.isdisjoint(SAY_SOURCES)
            and not self._entry_cited(after)
        ):  # fmt: skip
            errors.append(_Wrong(SOURCES, "Name a source: nothing is stated here without one."))
        if errors:
            if twin is None:
                judged = judged - {one.column for one in errors}
                errors += self._rules_of_its_own(before, after, judged, rules)
            return None, errors
        self.seen_pks[pk] = line
        self.seen[self._key(after)] = line
        name = self.reader.key_of(record) if pk > 0 else self._name(after)
        for reference in self._to_itself:
            target = after[reference]
            if target is not None and target["id"] < 0 and target["id"] != pk:
                self.leaning.setdefault(line, {})[reference] = -target["id"]
                self.held[line, reference] = self._text(reference, row.cells_of)
        return _Row(line, pk, name, before, after, sources, row.cells_of), []

    def _spoken_of_wrongly(self, after: State) -> list[_Wrong]:
        """A source speaks of the whole record or of one of its columns."""
        model = tracked_models().get(after["kind"]) if self.model is Citation and after["field"] else None
        if model is None or after["field"] in {column.name for column in model._meta.concrete_fields}:
            return []
        return [_Wrong("field", f"is no column of {_a(after['kind'])}.", str(after["field"]))]

    def _address_taken(self, pk: int, before: State | None, after: State) -> list[_Wrong]:
        """A former address leads to the record that had it, for ever."""
        if "slug" not in self.fields or (before is not None and before["slug"] == after["slug"]):
            return []
        if self._former.get(after["slug"], pk) == pk:
            return []
        return [_Wrong("slug", f"This address leads to another {self.kind.noun} that had it before.", after["slug"])]

    @cached_property
    def _former(self) -> dict[str, int]:
        return dict(FormerAddress.objects.filter(kind=self.one.kind).values_list("slug", "record"))

    def _name(self, after: State) -> str:
        parts = (after[name] for name in self.model.key_fields)
        return "/".join(
            "" if part is None else str(part["key"]) if isinstance(part, dict) else str(part) for part in parts
        )

    def _values(self, cells_of: Mapping[str, str], errors: list[_Wrong], unread: set[str]) -> State:
        """What the row says, column by column, as a state holds it; columns that cannot be read come to `unread`."""
        said: State = {}
        before = len(errors)
        numbers = {number.value: number.decimals for number in self.kind.numbers}
        for name in self.patterns:
            if name not in self.fields or name == ID or name in numbers.values():
                continue
            if unread and (name in unread or numbers.get(name) in unread):
                continue
            text = self._text(name, cells_of)
            try:
                if name in numbers:
                    said |= self._number(name, numbers[name], text, self._text(numbers[name], cells_of))
                elif text or not self._keeps_when_empty(name):
                    said[name] = self._value(name, text)
            except _Wrong as wrong:
                errors.append(wrong)
            except ValueError as wrong:
                errors.append(_Wrong(name, str(wrong), text))
        if self.spoken and (OF in self.patterns or OF_KIND in self.patterns) and unread.isdisjoint((OF, OF_KIND)):
            try:
                said |= self._subject(cells_of)
            except _Wrong as wrong:
                errors.append(wrong)
        if unread or len(errors) > before:
            unread |= {wrong.column for wrong in errors[before:]}
            for pair in numbers.items():
                if not unread.isdisjoint(pair):
                    unread |= set(pair)
            if not unread.isdisjoint((OF, OF_KIND)):
                unread |= {"kind", "record", "record_key"}
        return said

    def _keeps_when_empty(self, name: str) -> bool:
        """Whether an empty cell leaves what is there, because the column has no empty value."""
        column = self.fields[name]
        return (
            isinstance(column, models.BooleanField | models.IntegerField) and not column.null and column.has_default()
        )

    def _number(self, name: str, decimals: str, text: str, digits: str) -> State:
        found = self._exact(name, text)
        if found is None:
            return {name: None, decimals: None}
        value, written = found
        if digits:
            try:
                published = cells.whole_number(digits)
            except ValueError as wrong:
                raise _Wrong(decimals, str(wrong), digits) from None
            assert published is not None
            if published > self.fields[name].decimal_places:
                raise _Wrong(decimals, f"is more than {self.fields[name].decimal_places}.", digits)
            if written > published and value != round(value, published):
                raise _Wrong(decimals, f"The number has {written} decimals, more than that.", digits)
            written = published
        return {name: self._stored_decimal(name, value), decimals: written}

    def _exact(self, name: str, text: str) -> tuple[Decimal, int] | None:
        if self.columns[name].per_cent and self.reading.format == "xlsx":
            # A workbook shows a number so, and so it is meant where per cents are asked for.
            text = text.removesuffix("%")
        return cells.exact_number(text, self.reading.decimal)

    def _stored_decimal(self, name: str, value: Decimal) -> str:
        column = self.fields[name]
        if value.adjusted() >= column.max_digits - column.decimal_places:
            raise ValueError("is larger than any such number can be.")
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > column.decimal_places:
            raise ValueError(f"has more than {column.decimal_places} decimals.")
        return format(value, f".{column.decimal_places}f")

    def _value(self, name: str, text: str) -> Any:
        column, described = self.fields[name], self.columns[name]
        if UNPRINTABLE.search(text):
            raise ValueError("holds a character that cannot be shown: take it out.")
        if column.is_relation:
            if not text:
                return None
            found_record = self.references.find(described.to, text)
            allowed = self._allowed(name)
            if allowed is not None and found_record["id"] not in allowed:
                limits = ", ".join(f"{key} {value}" for key, value in self.kind.limits[name].items())
                raise ValueError(f"Only {_a(described.to)} with {limits} can stand here.")
            return found_record
        if column.choices is not None:
            return (
                cells.one_of(text, [(str(value), str(label)) for value, label in column.flatchoices]) if text else ""
            )
        if isinstance(column, models.BooleanField):
            said = cells.yes_no(text)
            return column.get_default() if said is None else said
        if isinstance(column, models.DecimalField):
            found = self._exact(name, text)
            return self._stored_decimal(name, found[0]) if found else None
        if isinstance(column, models.IntegerField):
            number = cells.whole_number(text)
            if number is None and not column.null:
                default = column.get_default()
                if default is None and name != "position":
                    raise ValueError("must be filled.")
                return default
            # SQLite would take more than PostgreSQL does.
            most = 32_767 if isinstance(column, models.PositiveSmallIntegerField) else 2_147_483_647
            if number is not None and not 0 <= number <= most:
                raise ValueError(f"is not a whole number from 0 to {most}.")
            return number
        if isinstance(column, PartialDateField):
            return cells.partial_date(text)
        return text or (None if column.null else "")

    def _allowed(self, name: str) -> set[int] | None:
        """The records that a reference may lead to; None = all."""
        if name not in self.kind.limits:
            return None
        if name not in self._limited:
            model: Any = self.fields[name].related_model
            self._limited[name] = set(model.objects.filter(**self.kind.limits[name]).values_list("pk", flat=True))
        return self._limited[name]

    def _subject(self, cells_of: Mapping[str, str]) -> State:
        kind, text = self._text(OF_KIND, cells_of).casefold(), self._text(OF, cells_of)
        if kind not in tracked_models():
            raise _Wrong(OF_KIND, "is no kind of record: score, engagement, organisation …", kind)
        try:
            found = self.references.find(kind, text)
        except ValueError as wrong:
            raise _Wrong(OF, str(wrong), text) from None
        return {"kind": kind, "record": found["id"], "record_key": found["key"]}

    def _fill_in(self, state: State, cells_of: Mapping[str, str]) -> None:
        if "slug" in self.fields and not state["slug"] and self.kind.slug_from:
            state["slug"] = self._slug(cells_of)

    def _decimals_kept(self, before: State, said: State) -> State:
        """A spreadsheet drops zeros at the end: the same number without its decimals is no change."""
        kept = dict(said)
        for number in self.kind.numbers:
            if (
                number.decimals not in self.patterns
                and kept.get(number.value) is not None
                and kept[number.value] == before[number.value]
            ):
                kept[number.decimals] = before[number.decimals]
        return kept

    def _put_last(self, after: State, said: State) -> None:
        """A new record without a place comes after those that belong to the same."""
        if "position" not in self.fields or said.get("position") not in (None, 0):
            return
        owner = self._owner(after)
        self._last[owner] = self._last.get(owner, 0) + 1
        after["position"] = self._last[owner]

    def _owner(self, state: State) -> tuple[Any, ...]:
        values = (state[name] for name in counted_within(self.model))
        return tuple(value["id"] if isinstance(value, dict) else value for value in values)

    @cached_property
    def _last(self) -> dict[tuple[Any, ...], int]:
        rows = self.model._default_manager.using("default").order_by()
        by = counted_within(self.model)
        if not by:
            return {(): rows.aggregate(most=models.Max("position"))["most"] or 0}
        counted = rows.values_list(*by).annotate(most=models.Max("position")).values_list(*by, "most")
        return {tuple(key): most or 0 for *key, most in counted}

    # Which record it is

    @cached_property
    def _identifying(self) -> tuple[str, ...]:
        """The columns that say which record a row is. What is spoken of counts by its number, not by its old key."""
        return tuple("record" if name == "record_key" else name for name in self.model.key_fields)

    def _key(self, state: State) -> tuple[Any, ...]:
        return tuple(
            value["id"] if isinstance(value, dict) else value
            for value in (state[name] for name in self._identifying)
        )  # fmt: skip

    def _without_place(self, state: State) -> bool:
        """Whether every part of the key that may be empty is so: of such rows something else is wrong."""
        may_be = [name for name in self._identifying if self.fields[name].null]
        return bool(may_be) and all(state[name] is None for name in may_be)

    def _named(self, said: State) -> bool:
        """Whether the row says which record it is: one column of its key at least."""
        return bool(self.kind.slug_from) or any(name in said for name in self._identifying)

    @cached_property
    def _known(self) -> dict[tuple[Any, ...], int | None]:
        """The records of today by what identifies them; None where several are alike."""
        attributes = [self.fields[name].attname for name in self._identifying]
        rows = self.model._default_manager.using("default").order_by().values_list("pk", *attributes)
        known: dict[tuple[Any, ...], int | None] = {}
        for pk, *key in rows.iterator(chunk_size=5000):
            known[tuple(key)] = None if tuple(key) in known else pk
        return known

    @cached_property
    def _unique_key(self) -> bool:
        """Whether the database allows a key only once: then two rows of the same key are one record."""
        wanted = set(self._identifying)
        if len(wanted) == 1 and self.fields[self._identifying[0]].unique:
            return True
        rules = [rule for rule in self.model._meta.constraints if isinstance(rule, models.UniqueConstraint)]
        return any(set(rule.fields) and set(rule.fields) <= wanted for rule in rules)

    # Sources

    def _sources(
        self, cells_of: Mapping[str, str], cited: Mapping[int, set[tuple[str, ...]]] | None, errors: list[_Wrong],
        unread: set[str],
    ) -> list[dict[str, Any]]:  # fmt: skip
        """The citations that the row adds. `cited`: what each source is cited with already; None where that is not
        known. Columns that cannot be taken come to `unread`."""
        text = self._text(SOURCES, cells_of) if SOURCES not in unread else ""
        before = len(errors)
        marks: dict[str, str] = {}
        for ours, name in CITED.items():
            said = self._text(ours, cells_of) if ours not in unread else ""
            column: Any = Citation._meta.get_field(name)
            if UNPRINTABLE.search(said):
                errors.append(_Wrong(ours, "holds a character that cannot be shown: take it out.", said))
            elif column.choices is not None and said and said.upper() not in dict(column.choices):
                errors.append(_Wrong(ours, f"is none of {', '.join(dict(column.choices))}.", said))
            elif column.max_length and len(said) > column.max_length:
                errors.append(_Wrong(ours, f"has more than {column.max_length} characters.", said))
            marks[name] = said.upper() if column.choices is not None else said
        found: list[dict[str, Any]] = []
        for slug in dict.fromkeys(text.split()):
            try:
                source = self.references.find("source", slug)
            except ValueError as wrong:
                errors.append(_Wrong(SOURCES, str(wrong), slug))
                continue
            if cited is None:
                continue
            known = cited.get(source["id"])
            if known is None:
                if self.references.retired("source", source["id"]):
                    errors.append(_Wrong(SOURCES, "is out of use: it is not named for new data.", slug))
                found.append({"source": source["id"], "key": source["key"], **marks})
            elif any(marks.values()) and tuple(marks.values()) not in known:
                reason = f"“{slug}” is cited already: its page, passage and marks are changed in the citation."
                errors.append(_Wrong(SOURCES, reason, slug))
        if len(errors) > before:
            unread |= {wrong.column for wrong in errors[before:]}
        return found

    def _cited(self, pks: Sequence[int]) -> dict[int, dict[int, set[tuple[str, ...]]]]:
        """What each record cites: by record, by source, the page, passage and marks."""
        found: dict[int, dict[int, set[tuple[str, ...]]]] = {}
        rows: Any = Citation.objects.filter(kind=self.one.kind, record__in=list(pks))
        for record, source, *marks in rows.values_list("record", "source_id", *CITED.values()):
            found.setdefault(record, {}).setdefault(source, set()).add(tuple(marks))
        return found

    def _source_lost(
        self, before: State | None, after: State, cited: Mapping[int, Any], sources: Sequence[Any]
    ) -> list[_Wrong]:
        """A record that had a source keeps one: its own or, for a computed score, that of its edition's entry."""
        if before is None:
            return []
        if self.model is Citation:
            old = (before["kind"], before["record"])
            stating = tracked_models().get(old[0])
            if old == (after["kind"], after["record"]) or stating is None or not stating.needs_source:
                return []
            if Citation.objects.filter(kind=old[0], record=old[1]).exclude(pk=before["id"]).exists():
                return []
            reason = f"It is the only source of the {old[0]} {before['record_key']}: cite another there first."
            return [_Wrong(OF, reason)]
        if not self.model.needs_source or cited or sources:
            return []
        if self._entry_cited(before) and not self._entry_cited(after):
            return [_Wrong(SOURCES, "Name a source: nothing is stated here without one.")]
        return []

    def _out_of_use(self, before: State | None, said: State) -> list[_Wrong]:
        """What is retired is not named anew."""
        wrong = []
        for name, value in said.items():
            if isinstance(value, dict) and (before is None or before[name] != value):
                described = self.columns.get(name)
                if described and described.to and self.references.retired(described.to, value["id"]):
                    wrong.append(_Wrong(name, "is out of use: it is not named for new data."))
        return wrong

    def _entry_cited(self, after: State) -> bool:
        """A computed score is cited by its edition's entry (docs/adr/0009)."""
        if self.model is not Score or after["basis"] != Basis.COMPUTED:
            return False
        window, technology = after["window"], after["technology"]
        return (self._editions.get(window["id"]), technology["id"]) in self._entries

    @cached_property
    def _editions(self) -> dict[int, int]:
        return dict(Window.objects.values_list("pk", "edition_id"))

    @cached_property
    def _entries(self) -> set[tuple[int, int]]:
        cited = Citation.objects.filter(kind="editiontechnology", record=OuterRef("pk"))
        return set(EditionTechnology.objects.filter(Exists(cited)).values_list("edition_id", "technology_id"))

    # Rules

    def _rules_of_the_model(self, record: Record, judged: Set[str], *, whole: bool) -> list[_Wrong]:
        """The rules of the columns that are `judged`, and (`whole`) those between them."""
        try:
            # References were looked up already; the database is asked for none of them again.
            record.clean_fields(exclude=self._not_validated if whole else self._not_validated | (self._all - judged))
            # A new record of a kind that may lean on itself stands in no ring yet; `in_a_ring` sees those of the file.
            if whole and type(record).clean is not models.Model.clean and (record.pk > 0 or not self.model.chains):
                record.clean()
        except ValidationError as invalid:
            return [
                _Wrong("" if name == NON_FIELD_ERRORS else name, " ".join(messages), str(getattr(record, name, "") or ""))
                for name, messages in invalid.message_dict.items()
            ]  # fmt: skip
        return []

    def _rules_of_its_own(self, before: State | None, after: State, judged: Set[str], rules: Trial) -> list[_Wrong]:
        """The rule of the database that a wrong row breaks by what it says in columns that are right."""
        # What is not known may stand for anything: a rule that looks at it is made to hold, as far as that goes.
        doubtful = {name for name in self.fields if name not in judged}
        state = after | {
            name: self._stand_in(name)
            for name in doubtful if after[name] in (None, "") and not self.fields[name].null
        }  # fmt: skip
        if before is not None:
            rules.take_out(after["id"])
        while (broken := rules.put(state)) is not None:
            turn = next((name for name in broken.columns if name in doubtful and self.fields[name].null), None)
            if turn is None:
                break
            doubtful.remove(turn)
            state = state | {turn: self._stand_in(turn) if state[turn] is None else None}
        else:
            rules.take_out(after["id"])
        if before is not None:
            rules.put(before)
        if broken is None or broken.name not in self._checks or not broken.columns or set(broken.columns) - judged:
            return []
        return [_Wrong(self._column_of(broken), broken.message)]

    def _stand_in(self, name: str) -> Any:
        column = self.fields[name]
        if column.choices is not None:
            return next((value for value, _ in column.flatchoices if value != ""), "")
        return 0 if column.is_relation else 1

    @cached_property
    def _checks(self) -> set[str]:
        """The rules that look at one record alone: others may hold when all rows are in place."""
        return {rule.name for rule in self.model._meta.constraints if isinstance(rule, models.CheckConstraint)}

    def _column_of(self, broken: BrokenRule) -> str:
        """The column of the file at which a broken rule is said."""
        ours = {"kind": OF_KIND, "record": OF, "record_key": OF} if self.spoken else {}
        named = [ours.get(name, name) for name in broken.columns]
        return next((name for name in named if name in self.patterns), named[0] if named else "")

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.fields)

    @cached_property
    def _not_validated(self) -> set[str]:
        return {name for name, column in self.fields.items() if column.is_relation or column.primary_key}

    def _try(self, row: _Row, rules: Trial) -> None:
        """Lays the row before the database's rules. What fails may pass when the others are in place."""
        if row.before is not None and row.before == row.after and not row.sources:
            self._stage_row(row)
            return
        if row.before is not None:
            rules.take_out(row.pk)
        broken = rules.put(row.after)
        if broken is None:
            self._stage_row(row)
        else:
            self.failed.append((row, broken))

    def _settle(self, rules: Trial) -> None:
        """Rows that failed, once all others are in place: two that change places pass now."""
        left = self.failed
        while left:
            still = [(row, broken) for row, _ in left if (broken := rules.put(row.after)) is not None]
            failed = {row.line for row, _ in still}
            for row, _ in left:
                if row.line not in failed:
                    self._stage_row(row)
            if len(still) == len(left):
                break
            left = still
        else:
            still = []
        for row, broken in still:
            if row.before is not None:
                rules.put(row.before)
            self._stage_wrong(row.line, [_Wrong(self._column_of(broken), broken.message)], row.cells_of, row.pk)

    def _withdraw_leaning(self) -> None:
        """Rows that refer to a row of the file that makes no record are wrong, and so are those that refer to them."""
        left = dict(self.leaning)
        while True:
            falling = {
                line: column
                for line, targets in left.items()
                for column, target in targets.items()
                if target not in self.created
            }
            if not falling:
                return
            for line, column in falling.items():
                target = left.pop(line)[column]
                self._withdraw(line, column, f"refers to line {target}, which makes no {self.kind.noun}.")

    def _withdraw_rings(self) -> None:
        """Rows that would be a part of themselves, through other rows or what is there."""
        for name in self.model.chains:
            rows = self.model._default_manager.using("default").values_list("pk", self.fields[name].attname)
            above: dict[int, int | None] = {**dict(rows), **self.chained}
            for number in self.chained:
                if in_a_ring(above, number):
                    self._withdraw(self.lines[number], name, "It would be a part of itself.")

    def _withdraw(self, line: int, column: str, reason: str) -> None:
        """A row that was staged is wrong after all."""
        staged = StagedRow.objects.get(bulk_import=self.one, line=line)
        if staged.what == StagedRow.What.WRONG:
            return
        self.counts[staged.what] -= 1
        self.counts[StagedRow.What.WRONG] += 1
        self.findings += 1
        self.created.discard(line)
        staged.what, staged.before, staged.after, staged.sources = StagedRow.What.WRONG, None, None, []
        value = self.held.get((line, column), "")[:300]
        staged.errors = [{"column": self._called(column), "value": value, "reason": reason}]
        staged.save()

    # Staging

    def _called(self, column: str) -> str:
        """A column as the file names it; ours where the file has none or several for it."""
        asked = read_by(self.patterns.get(column, ""))
        if len(asked) == 1:
            return asked[0]
        return self.columns[column].label if column in self.columns else column

    def _stage_wrong(
        self, line: int, errors: Sequence[_Wrong], cells_of: Mapping[str, str] | None = None, pk: int | None = None
    ) -> None:
        said = []
        for wrong in errors:
            if wrong.of_file:
                value = wrong.value or (cells_of or {}).get(wrong.column, "")
                said.append({"column": wrong.column, "value": value[:300], "reason": wrong.reason})
                continue
            asked = read_by(self.patterns.get(wrong.column, ""))
            value = wrong.value
            if cells_of is not None and len(asked) == 1:
                value = cells_of[asked[0]]
            elif cells_of is not None and asked:
                value = value or self._text(wrong.column, cells_of)
            said.append({"column": self._called(wrong.column), "value": value[:300], "reason": wrong.reason})
        self.findings += len(said)
        self._stage(
            StagedRow(line=line, what=StagedRow.What.WRONG, errors=said, record=pk if pk and 0 < pk < 2**62 else None)
        )

    def _stage_row(self, row: _Row) -> None:
        what = StagedRow.What.CREATE
        if row.before is not None:
            same = row.before == row.after and not row.sources
            what = StagedRow.What.SAME if same else StagedRow.What.UPDATE
        kept = what != StagedRow.What.SAME
        for name in self.model.chains:
            if row.after[name] is not None:
                self.chained[row.pk], self.lines[row.pk] = row.after[name]["id"], row.line
                self.held[row.line, name] = self._text(name, row.cells_of)
        self._stage(
            StagedRow(
                line=row.line, what=what, record=row.pk if row.pk > 0 else None, name=row.name[:300],
                based_on=row.based_on, before=row.before if kept else None, after=row.after if kept else None,
                sources=row.sources,
            )
        )  # fmt: skip

    def _stage(self, row: StagedRow) -> None:
        row.bulk_import_id = self.one.pk
        self.counts[row.what] += 1
        if row.what == StagedRow.What.CREATE:
            self.created.add(row.line)
        self.staged.append(row)

    def _write_staged(self) -> None:
        for start in range(0, len(self.staged), BATCH):
            StagedRow.objects.bulk_create(self.staged[start : start + BATCH])
        self.staged.clear()
