"""Reading the log: the newest number, the latest acts, what last touched a record."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Max, Min

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


def newest_number(at: Moment | None = None) -> int:
    """The newest revision's number, 0 for an empty record; that of `at` for the past."""
    if at is not None:
        return at.number
    return Revision.objects.aggregate(newest=Max("number"))["newest"] or 0


def newest_version() -> str:
    """The version of the record as it is; one query."""
    number, digest = RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")
    return version(number, digest)


def latest_acts(limit: int, at: Moment | None = None) -> tuple[ActSummary, ...]:
    """The newest acts first; two queries."""
    revisions = Revision.objects.all() if at is None else Revision.objects.filter(number__lte=at.number)
    newest = Act.objects.filter(revisions__in=revisions).annotate(last=Max("revisions__number")).order_by("-last")
    acts = list(newest[:limit])
    touched: dict[int, list[tuple[str, int]]] = {act.pk: [] for act in acts}
    firsts: dict[int, int] = {}
    kinds = (
        revisions.filter(act__in=acts).values("act_id", "kind").annotate(many=Count("number"), first=Min("number"))
    )
    for row in kinds.order_by("-many", "first"):
        touched[row["act_id"]].append((row["kind"], row["many"]))
        firsts[row["act_id"]] = min(row["first"], firsts.get(row["act_id"], row["first"]))
    return tuple(
        ActSummary(
            at=act.at, by_name=act.by_name, cause=act.get_cause_display(), note=act.note, first=firsts[act.pk],
            last=act.last, touched=tuple(touched[act.pk]),
        )
        for act in acts
    )  # fmt: skip
