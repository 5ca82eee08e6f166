"""/workbench/links/: the sources whose address does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from tracker.models import LinkCheck, Source
from tracker.models.link_check import MOVED

# So many of each are named.
MOST = 200


@dataclass(frozen=True)
class LinkRow:
    """A source whose address was asked for. `failures`: how often it failed without a break."""

    title: str
    address: str
    edit: str
    url: str
    said: str
    final_address: str
    failures: int
    since: datetime | None
    at: datetime


@dataclass(frozen=True)
class Links:
    """`good`, `asked`: numbers of addresses; `last`: when one was last asked for."""

    failing: tuple[LinkRow, ...]
    failing_in_all: int
    moved: tuple[LinkRow, ...]
    unknown: tuple[LinkRow, ...]
    unknown_in_all: int
    good: int
    asked: int
    never_asked: int
    last: datetime | None


def links() -> Links:
    """What came of the last check; six queries, however many sources there are."""
    counted = {
        row["state"]: row for row in LinkCheck.objects.values("state").annotate(many=Count("pk"), last=Max("at"))
    }
    many = {state: row["many"] for state, row in counted.items()}
    state = LinkCheck.State
    checks = LinkCheck.objects.order_by("-failures", "source")
    found = [
        *checks.filter(state=state.FAILS)[:MOST],
        *checks.filter(state=state.UNKNOWN)[:MOST],
        *checks.filter(state=state.GOOD, said=MOVED)[:MOST],
    ]
    sources = Source.objects.in_bulk([one.source for one in found])
    rows: dict[str, list[LinkRow]] = {name: [] for name in state}
    for one in found:
        source = sources.get(one.source)
        # What was changed or removed since has its turn tonight.
        if source is not None and source.url == one.address:
            rows[one.state].append(
                LinkRow(
                    source.title, source.get_absolute_url(), f"/records/source/{source.pk}/edit/", one.address,
                    one.said, one.final_address, one.failures, one.failing_since, one.at,
                )
            )  # fmt: skip
    asked = sum(many.values())
    return Links(
        failing=tuple(rows[state.FAILS]),
        failing_in_all=many.get(state.FAILS, 0),
        moved=tuple(rows[state.GOOD]),
        unknown=tuple(rows[state.UNKNOWN]),
        unknown_in_all=many.get(state.UNKNOWN, 0),
        good=many.get(state.GOOD, 0),
        asked=asked,
        never_asked=max(0, Source.objects.filter(retired__isnull=True).exclude(url="").count() - asked),
        last=max((row["last"] for row in counted.values()), default=None),
    )
