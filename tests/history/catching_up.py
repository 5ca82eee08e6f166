"""Records that a test has written directly, recorded after the fact: the log says what the tables say."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from tracker.history.recording import _Change, _locked_counter, _write
from tracker.history.tracked import StateReader
from tracker.models import Act, Interval, Record


def catch_up(models: Iterable[type[Record]], note: str = "A reason") -> Act:
    """One act that brings the log of these models to what their tables hold."""
    reader, changes = StateReader(), []
    for model in models:
        kind = model.record_kind()
        rows = Interval.objects.filter(kind=kind, until__isnull=True).select_related("revision")
        known = {row.record: row.revision for row in rows}
        now = reader.states_in_database(model, model._default_manager.values_list("pk", flat=True))
        for pk in {*known, *now}:
            before = known[pk].state if pk in known else None
            after = now.get(pk)
            if before != after:
                name = reader.key_of(model._default_manager.get(pk=pk)) if after else known[pk].name
                changes.append(_Change(kind, pk, name, before, after))
    act = Act.objects.create(
        at=timezone.now(), by_name="A test", cause=Act.Cause.CORRECTION, note=note, origin="test"
    )
    _write(act, changes, [], _locked_counter())
    return act
