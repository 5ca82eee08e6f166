"""What a researcher can do on a public page: with the record that it is about, and with what belongs there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from tracker.analysis.read_model import Link
from tracker.history.kinds import KINDS, record_of_page
from tracker.models import Record, RetirableRecord


@dataclass(frozen=True)
class RecordTools:
    """Links: to the record's form and its history, to what can be added, to other things one does with it."""

    record: Record | None
    edit: Link | None
    adds: tuple[Link, ...]
    others: tuple[Link, ...]
    behind: str


def tools_of(path: str, back: str, edition: str = "") -> RecordTools:
    """The tools of a page: at most one query, for the record that it is about."""
    behind = f"/records/behind/?{urlencode({'page': back})}"
    record = record_of_page(path)
    come_back = urlencode({"back": back})
    if record is None:
        names = tuple(kind.name for kind in KINDS.values() if path.strip("/") in kind.added_from)
        state = urlencode({"edition": edition, "back": back}) if edition else come_back
        return RecordTools(
            None, None, tuple(Link(_add(name), f"/records/{name}/new/?{state}") for name in names), (), behind
        )
    kind = KINDS[record.record_kind()]
    at = f"/records/{kind.name}/{record.pk}"
    adds = []
    for name, column in kind.adds:
        known = {column: f"{kind.name}-{record.pk}" if column == "of" else str(record.pk)}
        if edition and "window" in KINDS[name].columns:
            known["edition"] = edition
        adds.append(Link(_add(name), f"/records/{name}/new/?{urlencode({**known, 'back': back})}"))
    others = [Link("History", f"{at}/history/")]
    if isinstance(record, RetirableRecord):
        others.append(Link("Take into use again" if record.retired else "Retire", f"{at}/retire/?{come_back}"))
    if kind.name == "organisation":
        others.append(Link("Merge", f"{at}/merge/"))
    others.append(Link("Delete", f"{at}/delete/?{come_back}"))
    edit = Link(f"Edit {kind.noun}", f"{at}/edit/?{come_back}")
    return RecordTools(record, edit, tuple(adds), tuple(others), behind)


def _add(name: str) -> str:
    return f"Add {KINDS[name].a_noun}"
