"""Reading the log: the version of the record, the latest acts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Subquery

from tracker.history.past import Moment
from tracker.models import Act, Revision, RevisionCounter


@dataclass(frozen=True)
class ActSummary:
    """One act in a line: when, who, why, and how many records of which kind it touched."""

    at: datetime.datetime
    by_name: str
    cause: str
    note: str
    first: int
    last: int
    touched: tuple[tuple[str, int], ...]


def version(number: int, digest: str) -> str:
    """A state of the record in a word: its newest revision, and the digest that stands for all before it."""
    return f"r{number}-{digest[:8]}"


def newest_version() -> str:
    """The version of the record as it is; one query."""
    number, digest = RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")
    return version(number, digest)


def latest_acts(limit: int, at: Moment | None = None) -> tuple[ActSummary, ...]:
    """The newest acts first; two queries, which read no revision of an older act."""
    # An act gets its key under the lock of the counter, just before its revisions get their numbers: both
    # count in the same order.
    found, revisions = Act.objects.order_by("-pk"), Revision.objects.order_by()
    if at is not None:
        revisions = revisions.filter(number__lte=at.number)
        found = found.filter(pk__lte=Subquery(revisions.order_by("-number").values("act")[:1]))
    acts = list(found[:limit])
    kinds = revisions.filter(act__in=acts).values("act_id", "kind")
    counts = kinds.annotate(many=Count("number"), first=Min("number"), last=Max("number"))
    of_act: dict[int, list[Any]] = {act.pk: [] for act in acts}
    for row in counts.order_by("-many", "first"):
        of_act[row["act_id"]].append(row)
    return tuple(
        ActSummary(
            at=act.at, by_name=act.by_name, cause=act.get_cause_display(), note=act.note,
            first=min(row["first"] for row in of_act[act.pk]), last=max(row["last"] for row in of_act[act.pk]),
            touched=tuple((row["kind"], row["many"]) for row in of_act[act.pk]),
        )
        for act in acts
    )  # fmt: skip
