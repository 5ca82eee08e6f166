"""Naming a state of the record for citation."""

from __future__ import annotations

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db.models import Max, Q
from django.utils import timezone

from tracker.history.recording import recorded
from tracker.models import Act, Interval, Release, Revision, RevisionCounter, User


class CannotRelease(Exception):
    """The state cannot be named so. `problems`: by field ("" = none of them), sentences."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence for several in problems.values() for sentence in several))


def release(*, name: str, notes: str, by: User, origin: str = "web") -> Release:
    """Names the present state. Raises CannotRelease: a name is used once, and a state is named once."""
    _refuse_a_taken_address(name)
    with recorded(by=by, cause=Act.Cause.VISIBILITY, note=f"Release {name}", origin=origin) as recording:
        # Acts queue: nothing is written between this number and the release's own revision.
        counter = RevisionCounter.objects.values_list("last_number", "last_digest").filter(pk=1).first() or (0, "")
        number, digest = counter
        _refuse_the_same_state(number)
        made = Release(
            name=name, number=number, digest=digest, checksum=checksum(number), released=timezone.now().date(),
            notes=notes,
        )  # fmt: skip
        try:
            made.full_clean()
        except ValidationError as wrong:
            raise CannotRelease(wrong.message_dict) from None
        recording.watch(made)
        made.save()
    return made


def _refuse_a_taken_address(name: str) -> None:
    """A release stands at /releases/<name>/, and its twins at <name>.json and <name>.csv."""
    said = name.casefold()
    if said == "new":
        raise CannotRelease({"name": ["“new” is the address at which releases are named: take another, 2026.11."]})
    if said.endswith((".json", ".csv")):
        raise CannotRelease({"name": ["A name cannot end as a file's does, in .json or .csv: write 2026.11."]})


def _refuse_the_same_state(number: int) -> None:
    last = Release.objects.aggregate(last=Max("number"))["last"]
    if number == 0:
        raise CannotRelease({"": ["Nothing is recorded yet."]})
    # A release is recorded after the state that it names: that alone makes no new state.
    if last is not None and not Revision.objects.filter(number__gt=last).exclude(kind="release").exists():
        same = Release.objects.get(number=last)
        raise CannotRelease({"": [f"This state has a name already: {same.name}. Nothing has changed since."]})


def checksum(number: int) -> str:
    """sha256 over every record as it stood just after revision `number`, as docs/history.md describes."""
    current = Interval.objects.filter(Q(until__isnull=True) | Q(until__gt=number), since__lte=number)
    rows = current.order_by("kind", "record").values_list("kind", "record", "revision__state")
    # Databases differ in how they sort texts.
    lines: dict[str, list[str]] = {}
    for kind, record, state in rows.iterator(chunk_size=5000):
        lines.setdefault(kind, []).append(line(kind, record, state))
    whole = hashlib.sha256()
    for kind in sorted(lines):
        for text in lines[kind]:
            whole.update(text.encode())
    return whole.hexdigest()


def line(kind: str, record: int, state: object) -> str:
    """A record in the text that the checksum is taken of: JSON without spaces, keys sorted, and an end of line."""
    content = [kind, record, state]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
