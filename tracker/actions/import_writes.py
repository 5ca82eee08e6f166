"""The write of an import: everything that was shown, as one act, or nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models
from django.db.models import Exists, OuterRef

from tracker.actions.import_checks import SOURCED_BY, in_a_ring
from tracker.actions.jobs import JobFailed, Running
from tracker.actions.records import lead_on, left_without_source_by
from tracker.history.kinds import KINDS
from tracker.history.recording import Prepared, prepared, recorded, reserve
from tracker.history.sheets import CITED
from tracker.history.tracked import StateReader, tracked_models
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
from tracker.models.reading import PART, in_parts


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
    try:
        work = _prepare(found, model, running)
    except _Stale as stale:
        _send_back(found, str(stale))
        raise JobFailed(str(stale)) from stale
    running.progress(0, None, "writing", at_once=True)
    try:
        with running.finishing(rows=len(work.rows), address=found.get_absolute_url()) as result:
            with recorded(
                by=found.by, cause=Act.Cause(found.cause), note=found.note, origin=f"import {found.pk}",
                input_digest=found.file.digest,
            ) as recording:  # fmt: skip
                _refuse_stale(found, work)
                recording.replace(model, work.rows)
                recording.replace(Citation, work.citations)
                _lead_on(model, work)
                _refuse_rings(model, work)
                _refuse_without_source(work)
            act = recording.act
            assert act is not None
            BulkImport.objects.filter(pk=found.pk).update(state=BulkImport.State.APPLIED, act=act)
            result["act"] = act.pk
    except _Stale as stale:
        _send_back(found, str(stale))
        raise JobFailed(str(stale)) from stale
    except IntegrityError as broken:
        # The rule may be one of the citations that come with the rows.
        of = Citation if Citation._meta.db_table in str(broken) or "citation_" in str(broken) else model
        rule = broken_rule(of, broken)
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
    # Slugs that were, and slugs that are new, by record.
    former: dict[int, str] = field(default_factory=dict)
    slugs: dict[str, int] = field(default_factory=dict)
    # Records that had a source before and may lose it; and those that are spoken of.
    sourced: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    spoken_of: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


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
    rows = in_parts(staged, "line", "record", "name", "before", "after", "sources")
    for done, (line, record, name, before, after, cited) in enumerate(rows):
        new = record is None
        pk = numbers[line] if new else record
        for reference in itself:
            if after[reference] is not None and after[reference]["id"] < 0:
                target = numbers.get(-after[reference]["id"])
                if target is None:
                    raise _Stale(f"Line {line} refers to line {-after[reference]['id']}, which makes no record.")
                after[reference]["id"] = target
        if new or before != after:
            work.rows.append(prepared(model, pk=pk, name=name, new=new, state=after))
        if "slug" in after and (new or before["slug"] != after["slug"]):
            work.slugs[after["slug"]] = pk
            if not new:
                work.former[pk] = before["slug"]
        if model.speaks_of:
            work.spoken_of[after["kind"]].add(after["record"])
            if not new and (before["kind"], before["record"]) != (after["kind"], after["record"]):
                work.sourced[before["kind"]].add(before["record"])
        elif not new and any(before[name] != after[name] for name in SOURCED_BY.get(model, ())):
            work.sourced[kind].add(pk)
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
    # Those that had none before may be changed without.
    for of, pks in work.sourced.items():
        pks.difference_update(left_without_source_by(of, sorted(pks)))
    return work


def _last_citations(one: BulkImport, kind: str) -> dict[int, int]:
    changed = StagedRow.objects.filter(bulk_import=one, what=StagedRow.What.UPDATE).values("record")
    rows = Citation.objects.filter(kind=kind, record__in=changed).order_by()
    return dict(rows.values_list("record").annotate(last=models.Max("position")))


def _refuse_stale(one: BulkImport, work: _Work) -> None:
    """Raises _Stale where something that the rows rest on is not as it was when they were shown."""
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
        where = f"line {shown}" if len(lines) == 1 else f"lines {shown}{more}"
        raise _Stale(
            f"Records were changed by somebody else since the check ({where}): check the file again, then "
            "the import shows what it would do now."
        )
    for kind, pks in work.spoken_of.items():
        there = set(tracked_models()[kind]._default_manager.using("default").values_list("pk", flat=True))
        if gone := sorted(pks - there):
            raise _Stale(f"The {kind} {gone[0]} was deleted since the check: check the file again.")
    former = FormerAddress.objects.filter(kind=one.kind).values_list("slug", "record")
    for slug, record in former if work.slugs else ():
        if work.slugs.get(slug, record) != record:
            raise _Stale(f"The address “{slug}” leads to another record since the check: check the file again.")


def _lead_on(model: type[Record], work: _Work) -> None:
    """Addresses that records had lead to them for ever; one that a record has again needs to lead nowhere."""
    rows = model._default_manager.using("default")
    for pk, former in work.former.items():
        lead_on(rows.get(pk=pk), former)


def _refuse_rings(model: type[Record], work: _Work) -> None:
    for name in model.chains:
        attribute: Any = model._meta.get_field(name)
        above = dict(model._default_manager.using("default").values_list("pk", attribute.attname))
        if any(in_a_ring(above, row.pk) for row in work.rows):
            raise _Stale("A record would be a part of itself: check the file again.")


def _refuse_without_source(work: _Work) -> None:
    for kind, pks in work.sourced.items():
        without = left_without_source_by(kind, sorted(pks))
        if without:
            named = tracked_models()[kind]._default_manager.using("default").get(pk=without[0])
            first = f"the {kind} {named.key()}"
            many = f"{len(without)} records would stand without a source, the first of them {first}."
            raise _Stale(many if len(without) > 1 else f"T{first[1:]} would stand without a source.")
