"""Taking back an act of thousands of rows: in the background, worked out before anybody has to wait.

What the ordinary way (`actions.reverts`) does record by record is done here in sets. It asks more: nobody may have
changed any of the records since. Where somebody has, the reasons are said; what they changed is taken back first, by
the ordinary way.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.models import Count, Exists, OuterRef

from tracker.actions.jobs import JobFailed, Running
from tracker.actions.records import lead_on, left_without_source_by
from tracker.actions.reverts import FOR_GOOD, MOST_REASONS, CannotRevert, Preview, Reversal
from tracker.history.belonging import speaking
from tracker.history.diff import diff
from tracker.history.recording import Prepared, prepared, prepared_deletion, recorded
from tracker.history.timeline import states_before
from tracker.history.tracked import tracked_models
from tracker.models import Act, Citation, Record, Revision, RevisionCounter
from tracker.models.reading import in_parts

LARGE = 2000  # revisions
CREATE, UPDATE, DELETE = (
    action.value for action in (Revision.Action.CREATE, Revision.Action.UPDATE, Revision.Action.DELETE)
)


def is_large(act: Act) -> bool:
    """Whether taking the act back is work for the background."""
    return Revision.objects.filter(act=act).count() > LARGE


def preview_large(*, act: Act, limit: int) -> Preview:
    """The first reversals and how many there are. Raises CannotRevert where somebody changed one of the records."""
    _refuse(act)
    first = list(Revision.objects.filter(act=act).order_by("number")[:limit])
    before = states_before((one.number, one.kind, one.record) for one in first)
    inverse = {CREATE: DELETE, UPDATE: UPDATE, DELETE: CREATE}
    return Preview(
        tuple(
            Reversal(
                revision.kind, revision.record, revision.name, inverse[revision.action],
                diff(revision.state, before.get(revision.number)),
            )
            for revision in first
        ),
        Revision.objects.filter(act=act).count(),
    )  # fmt: skip


def revert(running: Running, *, act: int, cause: str, note: str) -> None:
    """The job: every revision of an act taken back as one act, or nothing."""
    found = Act.objects.get(pk=act)
    by = running.job.by
    if by is None or not note.strip():
        raise JobFailed("A change needs somebody who makes it, and a note that says why.")
    try:
        _refuse(found)
        number = _last_number()
        running.progress(0, None, "preparing the rows", at_once=True)
        work = _prepare(found, running)
        lost = _losing_a_source(found)
        running.progress(0, None, "writing", at_once=True)
        numbers = [row.number for row in Revision.objects.filter(act=found).order_by("number").only("number")[:1]]
        last = Revision.objects.filter(act=found).latest("number").number
        with running.finishing(rows=sum(len(rows) for _, rows in work)) as result:
            with recorded(
                by=by, cause=Act.Cause(cause), note=f"Reverts r{numbers[0]} to r{last}: {note.strip()}", origin="web"
            ) as recording:  # fmt: skip
                if _last_number() != number:
                    _refuse(found)
                for model, rows in work:
                    if rows[0].action == DELETE:
                        recording.remove(model, rows)
                    else:
                        recording.replace(model, rows)
                _refuse_left_behind(found, lost)
                for model, rows in work:
                    _lead_on(model, found, rows)
            assert recording.act is not None
            result["act"] = recording.act.pk
            result["address"] = f"/history/acts/{recording.act.pk}/"
    except CannotRevert as cannot:
        raise JobFailed(" ".join(cannot.reasons)) from cannot
    except IntegrityError as broken:
        raise JobFailed("Other records refer to what would go, or a rule forbids what was before.") from broken


def _last_number() -> int:
    return RevisionCounter.objects.values_list("last_number", flat=True).first() or 0


def _refuse(act: Act) -> None:
    """Raises CannotRevert unless each record is as the act left it."""
    revisions = Revision.objects.filter(act=act)
    reasons: list[str] = []
    kinds = list(revisions.order_by().values_list("kind", flat=True).distinct())
    for kind in kinds:
        model = tracked_models().get(kind)
        if model is None or issubclass(model, FOR_GOOD):
            reasons.append(f"What was done to a {kind} stands for good.")
    twice = revisions.order_by().values("kind", "record").annotate(many=Count("number")).filter(many__gt=1)
    if twice.exists():
        reasons.append("A record was changed more than once in this act.")
    later = Revision.objects.filter(kind=OuterRef("kind"), record=OuterRef("record"), number__gt=OuterRef("number"))
    changed = revisions.filter(Exists(later)).order_by("number")
    some = list(changed[: MOST_REASONS + 1])
    reasons += [f"{one.kind} {one.name} has been changed since." for one in some[:MOST_REASONS]]
    if len(some) > MOST_REASONS:
        reasons.append(f"And {changed.count() - MOST_REASONS} more.")
    if revisions.filter(redacted__isnull=False).exists():
        reasons.append("What some of the records were is no longer in the history.")
    if not revisions.exists():
        reasons.append("There is no such act.")
    if reasons:
        raise CannotRevert(reasons)


def _prepare(act: Act, running: Running) -> list[tuple[type[Record], list[Prepared]]]:
    """What is to be written, in the order in which it can be: what goes first makes room."""
    revisions = Revision.objects.filter(act=act)
    total, done = revisions.count(), 0
    models = tracked_models()
    there = list(revisions.order_by().values_list("kind", flat=True).distinct())
    order = [kind for kind in models if kind in there]
    work: list[tuple[type[Record], list[Prepared]]] = []
    # Citations and claims speak of others and go before them; they come last in the order of references.
    for kind in reversed(order):
        gone = revisions.filter(kind=kind, action=CREATE)
        rows = [
            prepared_deletion(models[kind], pk=record, name=name)
            for _, record, name in in_parts(gone, "number", "record", "name")
        ]
        done += len(rows)
        running.progress(done, total, "preparing the rows")
        if rows:
            work.append((models[kind], rows))
    for kind in order:
        back: list[Prepared] = []
        changed = revisions.filter(kind=kind, action__in=[UPDATE, DELETE])
        batch: list[tuple[int, int, str, str]] = []
        for row in in_parts(changed, "number", "record", "name", "action"):
            batch.append(row)
            if len(batch) == 500:
                back += _as_before(models[kind], batch)
                done += len(batch)
                batch = []
                running.progress(done, total, "preparing the rows")
        back += _as_before(models[kind], batch)
        if back:
            # Changed ones and returning ones alike are put in as they were.
            work.append((models[kind], back))
    return work


def _as_before(model: type[Record], batch: list[tuple[int, int, str, str]]) -> list[Prepared]:
    before = states_before((number, model.record_kind(), record) for number, record, *_ in batch)
    missing = [name for number, _, name, _ in batch if number not in before]
    if missing:
        raise CannotRevert([f"What {missing[0]} was before is no longer in the history."])
    return [
        prepared(model, pk=record, name=name, new=action == DELETE, state=before[number])
        for number, record, name, action in batch
    ]


def _refuse_left_behind(act: Act, lost: dict[str, list[int]]) -> None:
    """Raises CannotRevert where something speaks of a record that goes, or a record loses its last source."""
    gone = Revision.objects.filter(act=act, action=CREATE, kind=OuterRef("kind"), record=OuterRef("record"))
    for name in speaking():
        rows: Any = tracked_models()[name]._default_manager.using("default")
        left = rows.filter(Exists(gone)).order_by("pk")[:MOST_REASONS]
        if reasons := [f"A {name} speaks of {one.kind} {one.record}, which would go." for one in left]:
            raise CannotRevert(reasons)
    for kind, pks in lost.items():
        without = left_without_source_by(kind, pks)
        if without:
            raise CannotRevert([f"Without a source would stand: {kind} {pk}." for pk in without[:MOST_REASONS]])


def _lead_on(model: type[Record], act: Act, rows: list[Prepared]) -> None:
    """Addresses that the act had given lead to their records for ever."""
    if "slug" not in {column.name for column in model._meta.concrete_fields}:
        return
    changed = Revision.objects.filter(act=act, kind=model.record_kind(), action=UPDATE)
    had = dict(changed.values_list("record", "state__slug"))
    there: Any = model._default_manager.using("default")
    for start in range(0, len(rows), 500):
        pks = [row.pk for row in rows[start : start + 500] if row.pk in had]
        moved = [pk for pk, slug in there.filter(pk__in=pks).values_list("pk", "slug") if slug != had[pk]]
        for record in there.filter(pk__in=moved).order_by("pk"):
            lead_on(record, had[record.pk])


def _losing_a_source(act: Act) -> dict[str, list[int]]:
    """The records that stay and of which the act made a citation, by kind."""
    created = Revision.objects.filter(act=act, action=CREATE)
    lost: dict[str, set[int]] = {}
    for _, state in in_parts(created.filter(kind=Citation.record_kind()), "number", "state"):
        lost.setdefault(state["kind"], set()).add(state["record"])
    return {
        kind: sorted(pks.difference(record for _, record in in_parts(created.filter(kind=kind), "number", "record")))
        for kind, pks in lost.items()
    }
