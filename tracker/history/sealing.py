"""A past file that readers may take away: without what only withheld sources say.

Pages read every row and withhold what they may not show (docs/adr/0010). Who takes a file away has no page in between,
so in such a file the rows themselves lose it. The rules are those of the pages; where these keep a place for what is
withheld, the file has none.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import quote

from django.db import models

from tracker.history.belonging import Key, belonging_to, naming, parents, speaking
from tracker.history.tracked import tracked_models
from tracker.models import Record, Source

Said = tuple[str, str]  # a citation: the field it speaks of, the reuse of its source

_VALUE = ("value_from", "value_to", "currency", "value_bound", "value_note", "totals_note", "counts_in_totals")
# Columns that fall away with a column of which only withheld sources speak; and those that begin with its name.
FALLS_WITH: dict[str, tuple[str, ...]] = {
    "value": _VALUE, "value_from": _VALUE, "value_to": _VALUE, "currency": _VALUE, "value_bound": _VALUE,
    "rank_from": ("rank_to",), "rank_to": ("rank_from",), "lead_country": ("lead_basis",),
    "second_country": ("second_basis",), "risk_levels": ("risk_basis",), "lead_ratio": ("ratio_basis",),
    "institutions_in_lead": ("institutions_of", "institutions_basis"),
    "value_note": (), "totals_note": (), "contested": ("contested_note",),
}  # fmt: skip
# What remains of a citation of a withheld source.
CITES = frozenset({"kind", "record", "field", "source", "position"})
# What remains of a withheld source: that it exists is no secret.
OF_A_SOURCE = frozenset({"slug", "title", "publisher", "date", "url", "kind", "reuse", "retired"})
NAMES = frozenset({"name", "title", "slug", "code", "short_name"})


def only_withheld(said: Collection[Said]) -> bool:
    """Whether sources speak of a record, and all that speak of the whole of it (else all) are withheld."""
    whole = [reuse for field, reuse in said if not field] or [reuse for _, reuse in said]
    return bool(whole) and all(reuse == Source.Reuse.NO for reuse in whole)


def withheld_columns(said: Collection[Said]) -> frozenset[str]:
    """The columns that have citations of their own, all of withheld sources."""
    own: dict[str, set[str]] = defaultdict(set)
    for field, reuse in said:
        if field:
            own[field].add(reuse)
    return frozenset(field for field, reuses in own.items() if reuses == {Source.Reuse.NO})


def seal(filled: Path, into: Path) -> int:
    """Writes the past file `filled` (of `history.past.fill`) to the new file `into`, without what is withheld.

    Returns how many records left it, or lost something. `filled` is of no use afterwards.
    """
    database = sqlite3.connect(f"file:{quote(str(filled))}", uri=True, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN")
        touched = _Sealing(database).apply()
        database.execute("COMMIT")
        # What was deleted or emptied still stands in the free pages of the file: only a new one is without it.
        database.execute("VACUUM INTO ?", [str(into)])
    finally:
        database.close()
    return touched


class _Sealing:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._models = tracked_models()
        # Records that leave the file, those that keep their name only, and columns that are emptied.
        self._gone: dict[str, set[int]] = defaultdict(set)
        self._named: dict[str, set[int]] = defaultdict(set)
        self._columns: dict[Key, set[str]] = defaultdict(set)

    def apply(self) -> int:
        said = self._said()
        for key, own in said.items():
            self._judge(key, own)
        self._scores_of_entries(said)
        self._empty_columns()
        # Parties, aliases and claims go with what they belong to, before it is asked who is named by what remains.
        self._follow()
        self._organisations(said)
        self._follow()
        return self._write()

    def _rows(self, sql: str, values: Iterable[object] = ()) -> list[tuple]:
        return self._database.execute(sql, list(values)).fetchall()

    def _table(self, kind: str) -> str:
        return f'"{self._models[kind]._meta.db_table}"'

    def _said(self) -> dict[Key, list[Said]]:
        """The citations of every record that a withheld source speaks of."""
        citation, source = self._table("citation"), self._table("source")
        rows = self._rows(
            f"SELECT c.kind, c.record, c.field, s.reuse FROM {citation} c JOIN {source} s ON s.id = c.source_id "  # noqa: S608
            f"WHERE (c.kind, c.record) IN (SELECT n.kind, n.record FROM {citation} n JOIN {source} w "
            "ON w.id = n.source_id WHERE w.reuse = ?)",
            [Source.Reuse.NO.value],
        )
        found: dict[Key, list[Said]] = defaultdict(list)
        for kind, record, field, reuse in rows:
            found[kind, record].append((field, reuse))
        return found

    def _judge(self, key: Key, said: Collection[Said]) -> None:
        kind, pk = key
        if only_withheld(said):
            (self._named if self._keeps_its_name(kind) else self._gone)[kind].add(pk)
        elif closed := withheld_columns(said):
            self._columns[key].update(closed)

    def _keeps_its_name(self, kind: str) -> bool:
        """Others hang on it: it keeps its place and its name, and loses what is said of it."""
        return self._models[kind].keeps_name or kind == "organisation"

    def _scores_of_entries(self, said: dict[Key, list[Said]]) -> None:
        """A score without citations has those of its edition's entry for the technology."""
        entries = {pk: own for (kind, pk), own in said.items() if kind == "editiontechnology"}
        if not entries:
            return
        rows = self._rows(
            f"SELECT s.id, e.id FROM {self._table('score')} s JOIN {self._table('window')} w ON w.id = s.window_id "  # noqa: S608
            f"JOIN {self._table('editiontechnology')} e ON e.edition_id = w.edition_id "
            f"AND e.technology_id = s.technology_id WHERE NOT EXISTS (SELECT 1 FROM {self._table('citation')} c "
            "WHERE c.kind = 'score' AND c.record = s.id)"
        )
        for score, entry in rows:
            if entry in entries:
                self._judge(("score", score), entries[entry])

    def _empty_columns(self) -> None:
        """The columns that fall with those of which only withheld sources speak; a record that cannot be without one
        leaves the file."""
        for (kind, pk), columns in self._columns.items():
            fields = {field.name: field for field in self._models[kind]._meta.concrete_fields}
            for column in list(columns):
                columns.update(FALLS_WITH.get(column, ()))
            columns.update(name for name in fields if any(name.startswith(f"{column}_") for column in list(columns)))
            columns.intersection_update(fields)
            if not self._models[kind].keeps_name and any(not _may_be_empty(fields[column]) for column in columns):
                self._gone[kind].add(pk)

    def _follow(self) -> None:
        """What belongs to a record that has left leaves with it, and what speaks of it."""
        more = True
        while more:
            more = False
            for kind in self._models:
                parents = self._parents(kind)
                if parents is None:
                    continue
                for pk, parent, about in parents:
                    if pk not in self._gone[kind] and about in self._gone[parent]:
                        self._gone[kind].add(pk)
                        more = True

    def _parents(self, kind: str) -> list[tuple[int, str, int]] | None:
        """The records of a kind with what each belongs to, of those of whose parents any has left."""
        if kind in speaking():
            found: list[tuple[int, str, int]] = []
            for parent in [name for name, pks in self._gone.items() if pks]:
                rows = self._rows(
                    f"SELECT id, kind, record FROM {self._table(kind)} WHERE kind = ?",  # noqa: S608
                    [parent],
                )
                found += [(pk, of, about) for pk, of, about in rows if of in self._models]
            return found
        column, target = parents().get(kind, ("", ""))
        if not column or not self._gone[target]:
            return None
        rows = self._rows(f'SELECT id, "{column}_id" FROM {self._table(kind)}')  # noqa: S608
        return [(pk, target, about) for pk, about in rows]

    def _organisations(self, said: dict[Key, list[Said]]) -> None:
        """Who is named: the rule of pages.organisation_rows, over what has stayed."""
        table = self._table("organisation")
        parents: dict[int, int | None] = dict(self._rows(f"SELECT id, parent_id FROM {table}"))  # noqa: S608
        cited = {
            pk
            for (pk,) in self._rows(
                f"SELECT DISTINCT record FROM {self._table('citation')} WHERE kind = 'organisation'"  # noqa: S608
            )
        }
        closed = {pk for pk in parents if only_withheld(said.get(("organisation", pk), ()))}
        silent = set(parents) - cited
        in_engagements: set[int] = set()
        named: set[int] = set()
        for kind in naming():
            rows = self._rows(
                f"SELECT id, organisation_id FROM {self._table(kind)} WHERE organisation_id IS NOT NULL"  # noqa: S608
            )
            found = {body for pk, body in rows if pk not in self._gone[kind]}
            named |= found
            if kind == "participation":
                in_engagements = found
        claims = [
            (kind, record, body)
            for pk, kind, record, body in self._rows(
                f"SELECT id, kind, record, organisation_id FROM {self._table('claim')}"  # noqa: S608
            )
            if pk not in self._gone["claim"]
        ]
        whole = set(parents) - closed - silent
        while True:
            now = named | {parents[pk] for pk in whole}
            for kind, record, body in claims:
                if kind != "organisation" or record in whole or record == body:
                    now.add(body)
                if kind == "organisation":
                    now.add(record)
            more = (silent - whole) & now
            if not more:
                break
            whole |= more
        by_name = closed & in_engagements
        self._named["organisation"] = by_name
        gone = set(parents) - whole - by_name
        self._gone["organisation"] |= gone
        # Of one that keeps its name: what else is said of it, but for what is claimed and who is cited.
        for kind, column in belonging_to("organisation"):
            if kind not in ("claim", "citation"):
                where = " WHERE kind = 'organisation'" if kind in speaking() else ""
                of = column if kind in speaking() else f"{column}_id"
                rows = self._rows(f"SELECT id, {of} FROM {self._table(kind)}{where}")  # noqa: S608
                self._gone[kind].update(pk for pk, body in rows if body in by_name)
        for kind in naming():
            rows = self._rows(f"SELECT id, organisation_id FROM {self._table(kind)}")  # noqa: S608
            self._gone[kind].update(pk for pk, body in rows if body in gone)

    def _write(self) -> int:
        touched: set[Key] = set()
        for kind, model in self._models.items():
            fields = model._meta.concrete_fields
            for pk in self._named[kind] - self._gone[kind]:
                kept = OF_A_SOURCE if kind == "source" else {*NAMES, *model.key_fields}
                self._empty(kind, pk, [one.name for one in fields if one.name not in kept and not _is_fixed(one)])
                touched.add((kind, pk))
        for (kind, pk), columns in self._columns.items():
            self._empty(kind, pk, columns)
            touched.add((kind, pk))
        closed = f"SELECT id FROM {self._table('source')} WHERE reuse = '{Source.Reuse.NO.value}'"  # noqa: S608
        citation = [one.name for one in self._models["citation"]._meta.concrete_fields]
        for (pk,) in self._rows(closed):
            source = self._models["source"]._meta.concrete_fields
            self._empty(
                "source", pk, [one.name for one in source if one.name not in OF_A_SOURCE and not one.primary_key]
            )
        self._empty_where(
            "citation", [n for n in citation if n not in CITES and n != "id"], f"source_id IN ({closed})"
        )
        for kind, pks in self._gone.items():
            self._database.executemany(
                f"DELETE FROM {self._table(kind)} WHERE id = ?",  # noqa: S608
                [(pk,) for pk in pks],
            )
            touched.update((kind, pk) for pk in pks)
        self._loosen()
        return len(touched)

    def _loosen(self) -> None:
        """References to what has left are empty; what cannot be without one leaves, too."""
        for kind, model in self._models.items():
            for field in model._meta.concrete_fields:
                target = field.related_model
                if not (isinstance(target, type) and issubclass(target, Record)):
                    continue
                if not self._gone[target.record_kind()]:
                    continue
                table, column = self._table(kind), f'"{field.column}"'
                left = f"{column} NOT IN (SELECT id FROM {self._table(target.record_kind())})"  # noqa: S608
                if field.null:
                    self._database.execute(f"UPDATE {table} SET {column} = NULL WHERE {left}")  # noqa: S608
                else:
                    self._database.execute(f"DELETE FROM {table} WHERE {left}")  # noqa: S608

    def _empty(self, kind: str, pk: int, columns: Iterable[str]) -> None:
        self._empty_where(kind, columns, f"id = {int(pk)}")

    def _empty_where(self, kind: str, columns: Iterable[str], where: str) -> None:
        model = self._models[kind]
        wanted = set(columns)
        fields = [one for one in model._meta.concrete_fields if one.name in wanted]
        sets = ", ".join(f'"{one.column}" = {_nothing(one)}' for one in fields)
        if sets:
            self._database.execute(f"UPDATE {self._table(kind)} SET {sets} WHERE {where}")  # noqa: S608


def _is_fixed(field: models.Field) -> bool:
    """Columns that say what sort of record it is and where it hangs, not what is known of it."""
    return field.primary_key or bool(field.choices) or (field.is_relation and not field.null)


def _may_be_empty(field: models.Field) -> bool:
    return bool(field.null or _nothing(field) in ("''", "0"))


def _nothing(field: models.Field) -> str:
    """The SQL of a column that says nothing; a number that must be there stays as it is."""
    if field.null:
        return "NULL"
    if isinstance(field, models.BooleanField):
        return "0"
    if isinstance(field, models.CharField | models.TextField):
        return "''"
    return f'"{field.column}"'
