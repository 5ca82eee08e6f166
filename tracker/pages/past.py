"""Which moment a page speaks of, in words; and where a record's page is to be found when it is not where the address
says: renamed, not there yet, or deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Max, Min

from tracker.analysis.read_model import Link, PageModel, long_date
from tracker.history.past import Moment, moment, reading
from tracker.history.tracked import tracked_models
from tracker.models import FormerAddress, Record, Revision
from tracker.pages.not_found import Moved, NotFound

# Reads the page of the record that is called so, at a moment (None = now); raises NotFound.
Read = Callable[[str, Moment | None], PageModel]


def cited_as(at: Moment) -> str:
    """The state of the record in a citation or a figure: “as of 1 March 2026 (r123)”, “as of r123 (1 March 2026)”."""
    day = long_date(at.day)
    return f"as of {day} (r{at.number})" if at.names_a_day else f"as of r{at.number} ({day})"


@dataclass(frozen=True)
class LinkToday(Link):
    """A link that leaves the past: to a page as it is now, or to one that names a moment of its own."""

    now: bool = True


def elsewhere(*, kind: str, name: str, at: Moment | None, read: Read) -> Moved | NotFound | None:
    """What to answer instead where the record `name` of `kind` has no page at `at`; None where there is no more to say.

    Moved: it has, or had, another address. NotFound: it came later, or is deleted; with the ways to where it can be
    read. Of what may not be shown (its own page does not answer) nothing is said. Up to six queries, and those of
    the pages that are tried.
    """
    model = tracked_models()[kind]
    column = model.key_fields[0]
    key = name.upper() if column == "code" else name
    if _key(model, column, at, **{column: key}):
        return None
    ended = None
    found = model._default_manager.using("default").filter(**{column: key}).values_list("pk", flat=True).first()
    if found is None:
        former = FormerAddress.objects.using("default").filter(kind=kind, slug=key[:120])
        found = former.values_list("record", flat=True).first()
    if found is None:
        ended = (
            Revision.objects.filter(kind=kind, name=key[:300], action=Revision.Action.DELETE)
            .select_related("act")
            .order_by("-number")
            .first()
        )
        found = ended.record if ended else None
    if found is None:
        return None
    try:
        if then := _key(model, column, at, pk=found):
            return Moved(read(_in_address(column, then), at).address, permanent=at is None)
        if at is not None and (now := _key(model, column, None, pk=found)):
            return _not_yet(kind, found, read(_in_address(column, now), None), at)
        return _deleted(kind, found, model, column, read, at)
    except NotFound:
        return None


def _key(model: type[Record], column: str, at: Moment | None, **which: object) -> str | None:
    """The key of one record as it is, or as it was at `at`."""
    with reading(at):
        rows = model._default_manager.all() if at is not None else model._default_manager.using("default")
        return rows.filter(**which).values_list(column, flat=True).first()


def _in_address(column: str, key: str) -> str:
    return key.lower() if column == "code" else key


def _not_yet(kind: str, pk: int, today: PageModel, at: Moment) -> NotFound:
    first = Revision.objects.filter(kind=kind, record=pk).order_by("number").select_related("act").first()
    links = [LinkToday(f"{today.title}, today", today.address)]
    since = "today"
    if first is not None:
        since = f"since {long_date(first.act.at.date().isoformat())}"
        # The whole act that brought it: what belongs to it comes after it.
        whole = Revision.objects.filter(act=first.act_id).aggregate(last=Max("number"))["last"]
        links.append(LinkToday(f"{today.title}, as first recorded (r{whole})", f"{today.address}?as_of=r{whole}"))
    return NotFound(f"“{today.title}” was not yet in the record {_then(at)}; it is {since}.", tuple(links))


def _deleted(kind: str, pk: int, model: type[Record], column: str, read: Read, at: Moment | None) -> NotFound | None:
    end = Revision.objects.filter(kind=kind, record=pk, action=Revision.Action.DELETE).order_by("-number")
    ended = end.select_related("act").first()
    if ended is None:
        return None
    # The whole act took it away: what spoke of it went first.
    first = Revision.objects.filter(act=ended.act_id).aggregate(first=Min("number"))["first"]
    if first <= 1:
        return None
    last = moment(f"r{first - 1}")
    key = _key(model, column, last, pk=pk)
    if key is None:
        return None
    page = read(_in_address(column, key), last)
    on = long_date(ended.act.at.date().isoformat())
    said = f"“{page.title}” was deleted on {on} (r{ended.number})."
    if at is not None and at.number < ended.number:
        said = f"“{page.title}” was not yet in the record {_then(at)}; it was deleted on {on} (r{ended.number})."
    return NotFound(
        said,
        (
            LinkToday(f"{page.title}, as it last stood ({last.asked})", f"{page.address}?as_of={last.asked}"),
            LinkToday("Its history, with the reason", f"/records/{kind}/{pk}/history/"),
        ),
    )


def _then(at: Moment) -> str:
    return f"at the end of {long_date(at.day)}" if at.names_a_day else f"at r{at.number}"
