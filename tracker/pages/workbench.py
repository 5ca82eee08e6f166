"""The workbench: what a researcher did last, what waits, who is at what, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, Window
from django.db.models import Value as Literal
from django.db.models.functions import Cast
from django.utils import timezone

from tracker.analysis.leadership import LEVELS
from tracker.analysis.read_model import Link
from tracker.history.tracked import tracked_models
from tracker.models import (
    Act,
    Assessment,
    EditionTechnology,
    Presence,
    Report,
    RetirableRecord,
    Revision,
    Score,
    User,
)
from tracker.pages.reports import kind_name, names_of, spaced

# How many of each are named.
ACTS, REPORTS, RETIRED, MISSING = 8, 5, 8, 5
# Whoever has a form open says so every half minute.
PRESENT = timedelta(minutes=1)


@dataclass(frozen=True)
class ActRow:
    """One act: `what` names its record where it touched only one, else says how many it touched."""

    pk: int
    at: datetime
    by_name: str
    cause: str
    note: str
    what: str
    address: str


@dataclass(frozen=True)
class WaitingReport:
    code: str
    address: str
    subject: str
    made_at: datetime


@dataclass(frozen=True)
class Editing:
    """Somebody has a record open for editing."""

    who: str
    is_me: bool
    kind: str
    name: str
    since: datetime
    address: str


@dataclass(frozen=True)
class RetiredRow:
    kind: str
    name: str
    since: str
    address: str


@dataclass(frozen=True)
class Gap:
    """Technologies of the featured edition of which something is not known: how many, and the first of them."""

    without: str
    count: int
    of: int
    first: tuple[Link, ...]

    @property
    def others(self) -> int:
        return self.count - len(self.first)


@dataclass(frozen=True)
class Workbench:
    mine: tuple[ActRow, ...]
    others: tuple[ActRow, ...]
    reports: tuple[WaitingReport, ...]
    reports_open: int
    editing: tuple[Editing, ...]
    retired: tuple[RetiredRow, ...]
    edition: str
    gaps: tuple[Gap, ...]


def workbench(*, user: User, now: datetime | None = None) -> Workbench:
    """Nine queries, however much there is."""
    mine = list(Act.objects.filter(by=user)[:ACTS])
    others = list(Act.objects.exclude(by=user)[:ACTS])
    acts = _acts([*mine, *others])
    reports = list(
        Report.objects.filter(state=Report.State.OPEN)
        .annotate(all=Window(Count("pk")))
        .order_by("made_at", "pk")[:REPORTS]
    )
    edition, gaps = _gaps()
    return Workbench(
        mine=tuple(acts[act.pk] for act in mine),
        others=tuple(acts[act.pk] for act in others),
        reports=tuple(WaitingReport(one.code, one.address, one.subject, one.made_at) for one in reports),
        reports_open=reports[0].all if reports else 0,
        editing=_editing(user, now or timezone.now()),
        retired=_retired(),
        edition=edition,
        gaps=gaps,
    )


def _acts(acts: list[Act]) -> dict[int, ActRow]:
    counts: dict[int, list[tuple[str, int, int]]] = {act.pk: [] for act in acts}
    rows = Revision.objects.order_by().filter(act__in=acts).values("act_id", "kind")
    for row in rows.annotate(many=Count("number"), first=Min("number")).order_by("-many", "first"):
        counts[row["act_id"]].append((row["kind"], row["many"], row["first"]))
    alone = [kinds[0][2] for kinds in counts.values() if len(kinds) == 1 and kinds[0][1] == 1]
    names = dict(Revision.objects.filter(number__in=alone).values_list("number", "name")) if alone else {}
    return {
        act.pk: ActRow(
            act.pk, act.at, act.by_name, act.get_cause_display(), act.note, _what(counts[act.pk], names),
            f"/history/acts/{act.pk}/",
        )
        for act in acts
    }  # fmt: skip


def _what(kinds: list[tuple[str, int, int]], names: dict[int, str]) -> str:
    if len(kinds) == 1 and kinds[0][1] == 1:
        kind, _, number = kinds[0]
        return f"{kind_name(kind)} {spaced(names.get(number, ''))}".strip()
    said = [f"{many} {_plural(kind) if many > 1 else kind_name(kind)}" for kind, many, _ in kinds[:3]]
    rest = sum(many for _, many, _ in kinds[3:])
    return ", ".join([*said, f"{rest} more"] if rest else said)


def _plural(kind: str) -> str:
    model = tracked_models().get(kind)
    return str(model._meta.verbose_name_plural) if model else kind


def _editing(user: User, now: datetime) -> tuple[Editing, ...]:
    found = list(Presence.objects.filter(seen__gte=now - PRESENT).select_related("user").order_by("since", "pk")[:20])
    names = names_of((one.kind, one.record) for one in found)
    return tuple(
        Editing(
            one.user.get_full_name(), one.user == user, kind_name(one.kind), names.get((one.kind, one.record), ""),
            one.since, f"/records/{one.kind}/{one.record}/edit/",
        )
        for one in found
    )  # fmt: skip


def _retirable() -> Iterable[type[RetirableRecord]]:
    return (model for model in apps.get_models() if issubclass(model, RetirableRecord))


def _retired() -> tuple[RetiredRow, ...]:
    """The records that went out of use last; one query over all kinds."""
    parts = []
    for model in _retirable():
        named = next(name for name in ("name", "title", "slug") if any(f.name == name for f in model._meta.fields))
        parts.append(
            model._default_manager.filter(retired__isnull=False)
            .order_by()
            .annotate(of_kind=Literal(model.record_kind()), shown=Cast(F(named), CharField()))
            .values_list("of_kind", "pk", "shown", "retired")
        )
    rows = parts[0].union(*parts[1:], all=True).order_by("-retired", "shown")[:RETIRED]
    return tuple(
        RetiredRow(kind_name(kind), name, f"{retired:%Y-%m-%d}", f"/records/{kind}/{pk}/history/")
        for kind, pk, name, retired in rows
    )


def _gaps() -> tuple[str, tuple[Gap, ...]]:
    """What is not known of the technologies of the featured edition, in its own window; one query."""
    here = {"technology": OuterRef("technology"), "window__edition": OuterRef("edition"), "window__kind": "main"}
    first = Score.objects.filter(**here, rank_from=1, rank_to=1, country__isnull=False)
    second = Score.objects.filter(**here, rank_from=2, rank_to=2, country__isnull=False)
    stated = Assessment.objects.filter(**here)
    rows = list(
        EditionTechnology.objects.filter(edition__featured=True, technology__level="technology")
        .annotate(
            leader=Exists(first) | Exists(stated.filter(lead_country__isnull=False)),
            share=Exists(first.filter(share__isnull=False)),
            second_share=Exists(second.filter(share__isnull=False)),
            risk=Exists(stated.filter(risk_levels__in=LEVELS)),
            uses=Q(technology__civil_uses__gt="", technology__military_uses__gt=""),
        )
        .order_by("technology__name")
        .values("technology__name", "technology__slug", "edition__name", "edition__slug",
                "leader", "share", "second_share", "risk", "uses")
    )  # fmt: skip
    if not rows:
        return "", ()
    gaps = []
    for column, without in (
        ("leader", "a known leader"),
        ("share", "the leader’s share"),
        ("second_share", "the second’s share"),
        ("risk", "a stated monopoly risk"),
        ("uses", "civil and military uses"),
    ):
        lacking = [row for row in rows if not row[column]]
        links = tuple(
            Link(row["technology__name"], f"/technologies/{row['technology__slug']}/?edition={row['edition__slug']}")
            for row in lacking[:MISSING]
        )
        if lacking:
            gaps.append(Gap(without, len(lacking), len(rows), links))
    return rows[0]["edition__name"], tuple(gaps)
