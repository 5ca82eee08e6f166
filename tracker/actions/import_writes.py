"""The write of an import: everything that was shown, as one act, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models
from django.db.models import Exists, OuterRef, QuerySet

from tracker.actions.jobs import JobFailed, Running
from tracker.actions.records import leave_address
from tracker.history.kinds import KINDS
from tracker.history.recording import Prepared, prepared, recorded, reserve
from tracker.history.sheets import CITED
from tracker.history.tracked import StateReader
from tracker.models import (
    Act,
    BulkImport,
    Citation,
    FormerAddress,
    Interval,
    Record,
    RevisionCounter,
    StagedRow,
)
from tracker.models.broken_rule import broken_rule

PART = 2000  # staged rows that are read together


class _Stale(Exception):
    """The record is not what was shown."""


def write(running: Running, *, one: int) -> None:
    """The job: everything that was shown, as one act, or nothing."""
    found = BulkImport.objects.select_related("file", "by").get(pk=one)
    if found.state != BulkImport.State.APPLYING or found.write_job_id != running.job.pk:
        raise JobFailed("The import was changed in the meantime.")
    if found.wrong and not found.good_only:
        raise JobFailed("There are rows with errors.")
    model = KINDS[found.kind].model
    running.progress(0, found.created + found.changed, "preparing the rows", at_once=True)
    work = _prepare(found, model, running)
    running.progress(0, None, "writing", at_once=True)
    try:
        with running.finishing(rows=len(work.rows), address=found.get_absolute_url()) as result:
            with recorded(
                by=found.by, cause=Act.Cause(found.cause), note=found.note, origin=f"import {found.pk}",
                input_digest=found.file.digest,
            ) as recording:  # fmt: skip
                _refuse_stale(found)
                recording.replace(model, work.rows)
                recording.replace(Citation, work.citations)
                for pk, former in work.addresses:
                    record: Any = model._default_manager.using("default").get(pk=pk)
                    leave_address(record, former)
                    for back in FormerAddress.objects.filter(kind=found.kind, slug=record.slug, record=pk):
                        back.delete()  # it is the record's address again
            act = recording.act
            assert act is not None
            BulkImport.objects.filter(pk=found.pk).update(state=BulkImport.State.APPLIED, act=act)
            result["act"] = act.pk
    except _Stale as stale:
        _send_back(found, str(stale))
        raise JobFailed(str(stale)) from stale
    except IntegrityError as broken:
        rule = broken_rule(model, broken)
        why = f"Together with what the record holds now, the rows break a rule: {rule.message} Check the file again."
        _send_back(found, why)
        raise JobFailed(why) from broken


def _send_back(one: BulkImport, why: str) -> None:
    BulkImport.objects.filter(pk=one.pk, state=BulkImport.State.APPLYING).update(
        state=BulkImport.State.DRAFT, reason=why
    )


@dataclass
class _Work:
    rows: list[Prepared] = field(default_factory=list)
    citations: list[Prepared] = field(default_factory=list)
    addresses: list[tuple[int, str]] = field(default_factory=list)


def _prepare(one: BulkImport, model: type[Record], running: Running) -> _Work:
    """Everything that can be worked out before the act, so that colleagues wait for the writing alone."""
    staged = StagedRow.objects.filter(bulk_import=one, what__in=[StagedRow.What.CREATE, StagedRow.What.UPDATE])
    lines = list(staged.filter(what=StagedRow.What.CREATE).order_by("line").values_list("line", flat=True))
    numbers = dict(zip(lines, reserve(model, len(lines)), strict=True)) if lines else {}
    sources = sum(len(row) for row in staged.values_list("sources", flat=True).iterator(chunk_size=5000))
    free = iter(reserve(Citation, sources)) if sources else iter(())
    reader = StateReader()
    work = _Work()
    kind = model.record_kind()
    blank = reader.state_of(Citation())
    last = _last_citations(one, kind) if sources else {}
    itself = [column.name for column in model._meta.concrete_fields if column.related_model is model]
    for done, (line, record, name, before, after, cited) in enumerate(_in_parts(staged)):
        new = record is None
        pk = numbers[line] if new else record
        for reference in itself:
            if after[reference] is not None and after[reference]["id"] < 0:
                after[reference]["id"] = numbers[-after[reference]["id"]]
        if new or before != after:
            work.rows.append(prepared(model, pk=pk, name=name, new=new, state=after))
        if not new and before.get("slug", "") != after.get("slug", ""):
            work.addresses.append((pk, before["slug"]))
        for source in cited:
            last[pk] = last.get(pk, 0) + 1
            state = blank | {
                "kind": kind, "record": pk, "record_key": name[:300], "position": last[pk],
                "source": {"id": source["source"], "key": source["key"]},
                **{field_name: source[field_name] for field_name in CITED.values()},
            }  # fmt: skip
            key = f"{kind}/{name[:300]}//{source['key']}"
            work.citations.append(prepared(Citation, pk=next(free), name=key, new=True, state=state))
        if done % PART == 0:
            running.progress(done, one.created + one.changed, "preparing the rows")
    return work


def _in_parts(staged: QuerySet[StagedRow]) -> Iterator[tuple[Any, ...]]:
    """The rows in their order, some at a time: on SQLite nothing can be written between two rows of one query once
    another process has written."""
    last = 0
    while True:
        some: Any = staged.filter(line__gt=last).order_by("line")[:PART]
        rows = list(some.values_list("line", "record", "name", "before", "after", "sources"))
        yield from rows
        if len(rows) < PART:
            return
        last = rows[-1][0]


def _last_citations(one: BulkImport, kind: str) -> dict[int, int]:
    changed = StagedRow.objects.filter(bulk_import=one, what=StagedRow.What.UPDATE).values("record")
    rows = Citation.objects.filter(kind=kind, record__in=changed).order_by()
    return dict(rows.values_list("record").annotate(last=models.Max("position")))


def _refuse_stale(one: BulkImport) -> None:
    """Raises _Stale where a record that is to be changed is not at the revision that was shown."""
    if not RevisionCounter.objects.filter(last_number__gt=one.checked_number or 0).exists():
        return
    current = Interval.objects.filter(
        kind=one.kind, record=OuterRef("record"), until__isnull=True, since=OuterRef("based_on")
    )
    changed = StagedRow.objects.filter(bulk_import=one, what=StagedRow.What.UPDATE).exclude(Exists(current))
    lines = list(changed.order_by("line").values_list("line", flat=True)[:6])
    if lines:
        shown = ", ".join(str(line) for line in lines[:5])
        more = " and others" if len(lines) > 5 else ""
        raise _Stale(
            f"Records were changed by somebody else since the check (lines {shown}{more}): check the file again, then "
            "the import shows what it would do now."
        )
