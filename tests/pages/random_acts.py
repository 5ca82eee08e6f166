"""A world made by some hundred random acts of every sort over every kind of record, with a copy after each."""

from __future__ import annotations

import copy
import csv
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import factory
from django.db import IntegrityError, models, transaction

from tests import factories
from tests.history.acting import act, now
from tracker.actions.organisations import merge_organisations
from tracker.actions.records import Conflict, Draft, Refused, delete, dependents, numbers_of, restore, retire, save
from tracker.actions.reverts import CannotRevert, revert_act, revert_revision
from tracker.actions.seed import load_seed
from tracker.history.tracked import tracked_models
from tracker.ingest.seed_files import SEED_FILES
from tracker.ingest.table_file import FileRefused
from tracker.models import Act, Citation, Organisation, Record, RetirableRecord, Revision, Score, Technology

FACTORIES = {
    made._meta.model: made
    for made in vars(factories).values()
    if isinstance(made, type)
    and issubclass(made, factory.django.DjangoModelFactory)
    and made is not factories.FieldFactory
    and isinstance(made._meta.model, type)
    and issubclass(made._meta.model, Record)
}
WHY = {"cause": Act.Cause.CORRECTION, "note": "At random"}
WORDS = ("Quantum", "水", "Ünïcode’s — “dash”", "a & b < c", "", "Roskosmos", "x" * 90)


class RandomActs:
    """Runs acts one after the other; `copies` holds every record of every kind after each."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.by = factories.UserFactory(display_name="Chance")
        self.copies: dict[int, dict[str, list[dict[str, Any]]]] = {}
        self.done: Counter[str] = Counter()
        self.made: set[type[Record]] = set()
        self.refused: Counter[str] = Counter()

    def one(self) -> bool:
        """One act; False where a rule refused it or nothing differed."""
        acts = (
            (self.create, 30), (self.edit, 30), (self.remove, 6), (self.revert, 10), (self.revert_one, 6),
            (self.in_bulk, 8), (self.retiring, 6), (self.merge, 6), (self.import_files, 3),
        )  # fmt: skip
        doing = self.chance.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        before = now().number
        try:
            with transaction.atomic():
                doing()
        except (Refused, Conflict, CannotRevert, FileRefused, IntegrityError):
            self.refused[doing.__name__] += 1
            return False
        if now().number == before:
            return False
        self.done[doing.__name__] += 1
        self.copies[now().number] = copy.deepcopy(everything())
        return True

    def any(self, model: type[Record]) -> Record | None:
        pks = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        return model._default_manager.get(pk=self.chance.choice(pks)) if pks else None

    def anything(self) -> Record | None:
        filled = [model for model in tracked_models().values() if model._default_manager.exists()]
        return self.any(self.chance.choice(filled)) if filled else None

    # What an act does

    def create(self) -> None:
        # Every kind has its turn, whatever chance says.
        unmade = [model for model in FACTORIES if model not in self.made]
        model = self.chance.choice(unmade if unmade and self.chance.random() < 0.4 else list(FACTORIES))
        values: dict[str, Any] = {}
        for column in model._meta.concrete_fields:
            if column.is_relation and not column.null and self.chance.random() < 0.85:
                known = self.any(column.related_model)
                if known is not None:
                    values[column.name] = known
        if model is Score and self.chance.random() < 0.7:
            values |= {"share": Decimal(self.chance.randrange(10_000)) / 100, "share_decimals": 2, "rank_from": None,
                       "rank_to": None}  # fmt: skip
        if model is Technology and self.chance.random() < 0.3:
            values |= {"level": "field", "category": None}
        if model is Citation and (cited := self.anything()) is not None:
            values["cited"] = cited
        if model.may_speak_of:
            subjects = [tracked_models()[kind] for kind in model.may_speak_of]
            about = self.any(self.chance.choice(subjects))
            values |= {"about": about} if about is not None else {}
        if "position" in {column.name for column in model._meta.concrete_fields}:
            values["position"] = self.chance.randrange(1, 30_000)
        with act(note=self.chance.choice(WORDS) or "None"):
            FACTORIES[model](**values)
        self.made.add(model)

    def edit(self) -> None:
        record = self.anything()
        if record is None or type(record) not in FACTORIES:
            return
        columns = [c for c in record._meta.concrete_fields if not c.primary_key and c.editable]
        changed = self.chance.sample(columns, min(len(columns), self.chance.choice((1, 1, 2))))
        values = {column.name: self.value(column, record) for column in changed}
        if record.speaks_of:
            values = {name: value for name, value in values.items() if name not in ("kind", "record", "record_key")}
        number = numbers_of(record.record_kind(), [record.pk])[record.pk]
        save(drafts=[Draft("main", type(record), values, pk=record.pk, based_on=number)], by=self.by, **WHY)

    def value(self, column: Any, record: Record) -> Any:
        chance = self.chance
        if column.is_relation:
            return None if column.null and chance.random() < 0.3 else self.any(column.related_model)
        if column.choices:
            # What is withheld today is withheld in every past: tests/pages/test_sealed.py.
            return chance.choice([value for value, _ in column.choices if (column.name, value) != ("reuse", "no")])
        match column:
            case models.BooleanField():
                return not getattr(record, column.name)
            case models.DecimalField():
                return None if column.null and chance.random() < 0.2 else Decimal(chance.randrange(100_000)) / 1000
            case models.DateField():
                return None
            case models.IntegerField():
                return None if column.null and chance.random() < 0.2 else chance.randrange(1, 2100)
        if column.name in ("slug", "code"):
            return f"renamed-{chance.randrange(10**6)}"
        if getattr(column, "max_length", 0) == 10:
            return chance.choice(["", "2019", "2019-06", "2019-06-05"])
        return f"{chance.choice(WORDS)} {chance.randrange(10**6)}".strip()[: column.max_length or 200]

    def remove(self) -> None:
        record = self.anything()
        if record is not None:
            found = {(one.kind, one.record.pk) for one in dependents(record)}
            delete(record=record, expected=found, by=self.by, **WHY)

    def revert(self) -> None:
        acts = list(Act.objects.order_by("-pk")[:12])
        if acts:
            revert_act(act=self.chance.choice(acts), by=self.by, note="Taken back")

    def revert_one(self) -> None:
        numbers = list(Revision.objects.order_by("-number").values_list("number", flat=True)[:40])
        if numbers:
            revert_revision(number=self.chance.choice(numbers), by=self.by, note="Taken back")

    def in_bulk(self) -> None:
        scores = list(Score.objects.order_by("pk")[:20])
        institutions = [factories.InstitutionFactory.build() for _ in range(3)]
        country = self.any(tracked_models()["country"])
        with act() as recording:
            for score in scores:
                score.h_index = self.chance.choice([None, 1, 99])
            recording.bulk_update(scores, ["h_index"])
            if country is not None:
                for institution in institutions:
                    institution.country = country
                recording.bulk_create(institutions)

    def retiring(self) -> None:
        kinds = [model for model in tracked_models().values() if issubclass(model, RetirableRecord)]
        record = self.any(self.chance.choice(kinds))
        if isinstance(record, RetirableRecord):
            (restore if record.retired else retire)(record=record, by=self.by, **WHY)

    def merge(self) -> None:
        keep, gone = self.any(Organisation), self.any(Organisation)
        if isinstance(keep, Organisation) and isinstance(gone, Organisation):
            merge_organisations(keep=keep, gone=gone, by=self.by, **WHY)

    def import_files(self) -> None:
        """Two seed files with a few rows; the others with none."""
        number = self.chance.randrange(10**6)
        rows = {
            "sources": {"key": f"imported-{number}", "title": "Imported", "kind": "primary", "reuse": "fact"},
            "categories": {"slug": "imported", "name": "Imported", "position": str(self.chance.randrange(1, 99))},
        }
        for layout in SEED_FILES:
            names = [column.name for column in layout.columns]
            with (self.folder / f"{layout.name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, names, restval="")
                writer.writeheader()
                if layout.name in rows:
                    writer.writerow(rows[layout.name])
        load_seed(folder=self.folder)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every column of every record, by kind; read from wherever the context reads."""
    return {kind: list(model._default_manager.order_by("pk").values()) for kind, model in tracked_models().items()}
