"""Reading the log: the version of the record, acts, the revisions of a record, what differs between two moments."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from tracker.history.belonging import Key
from tracker.history.past import Moment
from tracker.history.tracked import State, tracked_models
from tracker.models import Act, Interval, Redaction, Revision, RevisionCounter, User


@dataclass(frozen=True)
class ActSummary:
    """One act in a line: when, who, why, and how many records of which kind it touched.

    `public_name` is what readers see of who did it, `by_name` what colleagues see; `by_person`: no command did it.
    `removed`: what a redaction took out.
    """

    pk: int
    at: datetime.datetime
    by_name: str
    public_name: str
    cause: str
    note: str
    origin: str
    first: int
    last: int
    touched: tuple[tuple[str, int], ...]
    by_person: bool = False
    removed: str = ""


def version(number: int, digest: str) -> str:
    """A state of the record in a word: its newest revision, and the digest that stands for all before it."""
    return f"r{number}-{digest[:8]}"


def newest_version() -> str:
    """The version of the record as it is; one query."""
    number, digest = RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")
    return version(number, digest)


def latest_acts(limit: int, at: Moment | None = None) -> tuple[ActSummary, ...]:
    """The newest acts first; two queries, which read no revision of an older act."""
    found = Act.objects.order_by("-pk").select_related("by", "redacted__redaction")
    if at is not None:
        found = found.filter(pk__lte=_last_act(at.number))
    return summaries(tuple(found[:limit]), at)


def _last_act(number: int) -> Subquery:
    """The newest act that had begun at a revision."""
    # An act gets its key under the lock of the counter, just before its revisions get their numbers: both
    # count in the same order.
    return Subquery(Revision.objects.filter(number__lte=number).order_by("-number").values("act")[:1])


def summaries(acts: Collection[Act], at: Moment | None = None) -> tuple[ActSummary, ...]:
    """Acts (read with `by`) with what they touched up to a moment: one query."""
    revisions = Revision.objects.order_by()
    if at is not None:
        revisions = revisions.filter(number__lte=at.number)
    kinds = revisions.filter(act__in=acts).values("act_id", "kind")
    counts = kinds.annotate(many=Count("number"), first=Min("number"), last=Max("number"))
    of_act: dict[int, list[Any]] = {act.pk: [] for act in acts}
    for row in counts.order_by("-many", "first"):
        of_act[row["act_id"]].append(row)
    return tuple(
        ActSummary(
            pk=act.pk, at=act.at, by_name=act.by_name, public_name=public_name(act), cause=act.get_cause_display(),
            note=act.note, origin=act.origin,
            first=min((row["first"] for row in of_act[act.pk]), default=0),
            last=max((row["last"] for row in of_act[act.pk]), default=0),
            touched=tuple((row["kind"], row["many"]) for row in of_act[act.pk]), removed=removal_of(act),
            by_person=act.by_id is not None or _name_withdrawn(act),
        )
        for act in acts
    )  # fmt: skip


def public_name(act: Act) -> str:
    """What readers see of who acted (`act` read with `by`): as the person chose, today; a command by its name."""
    return act.by_name if act.by is None else act.by.public_name


def _name_withdrawn(act: Act) -> bool:
    """Whether a person did it, whose name was taken out since (`act` read with `redacted__redaction`)."""
    return hasattr(act, "redacted") and act.redacted.redaction.reason == Redaction.Reason.NAME


def names_digest() -> str:
    """Stands for the names that people show of themselves, which are no part of the record's version. One query."""
    shown = User.objects.filter(shown_as=User.ShownAs.NAME).order_by("pk")
    told = repr([(user.pk, user.public_name) for user in shown])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class ActFilter:
    """Which acts are asked for; what is left empty does not narrow.

    `person`: the key of a user; 0 = commands; `unnamed` = those who do not show their name. `records`: any of these
    was touched; None = whatever. `after` and `until` are days (UTC), both included.
    """

    person: int | None = None
    unnamed: bool = False
    kind: str = ""
    cause: str = ""
    origin: str = ""
    q: str = ""
    after: datetime.date | None = None
    until: datetime.date | None = None
    records: tuple[Key, ...] | None = None


def acts(wanted: ActFilter, at: Moment | None = None) -> QuerySet[Act]:
    """The acts that fit, newest first, with who did them. Slice it: nothing here counts."""
    found = Act.objects.select_related("by", "redacted__redaction").order_by("-pk")
    if at is not None:
        found = found.filter(pk__lte=_last_act(at.number))
    withdrawn = Q(redacted__redaction__reason=Redaction.Reason.NAME)
    if wanted.person == 0:
        found = found.filter(by__isnull=True).exclude(withdrawn)
    elif wanted.person is not None:
        found = found.filter(by=wanted.person)
    if wanted.unnamed:
        found = found.filter(Q(by__isnull=False) & ~Q(by__shown_as=User.ShownAs.NAME) | withdrawn)
    for column in ("cause", "origin"):
        if value := getattr(wanted, column):
            found = found.filter(**{column: value})
    for word in wanted.q.split():
        found = found.filter(note__icontains=word)
    if wanted.after is not None:
        found = found.filter(at__gte=_start_of(wanted.after))
    if wanted.until is not None and wanted.until < datetime.date.max:
        found = found.filter(at__lt=_start_of(wanted.until + datetime.timedelta(days=1)))
    revisions = Revision.objects.order_by()
    if wanted.kind:
        # Looked up act by act, in the index of an act's kinds: the newest are found first.
        found = found.filter(Exists(revisions.filter(act=OuterRef("pk"), kind=wanted.kind)))
    if wanted.records is not None:
        found = found.filter(pk__in=revisions.filter(_any_of(wanted.records)).values("act"))
    return found


def _start_of(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def _any_of(records: Iterable[Key]) -> Q:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk in records:
        by_kind[kind].append(pk)
    wanted = Q(pk__in=[])
    for kind, pks in by_kind.items():
        wanted |= Q(kind=kind, record__in=pks)
    return wanted


@dataclass(frozen=True)
class Life:
    """How long a state was the record's: the acts [since, until); until None = it still is.

    In acts, not in revisions: what one act writes is there at once. Acts count in the order of their revisions.
    """

    since: int
    until: int | None

    def meets(self, other: Life) -> bool:
        """Whether there was a time that belonged to both."""
        return (other.until is None or self.since < other.until) and (self.until is None or other.since < self.until)


@dataclass(frozen=True)
class Step:
    """One revision of one record, with the state before it.

    `previous`: the number of the record's revision before, None for its first. `lived_before` and `lives`: for how long
    the states before and after were the record's; None where there is no such state. `removed`: what a redaction took
    out of this row, in words.
    """

    number: int
    act: Act
    kind: str
    record: int
    name: str
    action: str
    before: State | None
    after: State | None
    previous: int | None
    lived_before: Life | None
    lives: Life | None
    removed: str = ""

    @property
    def key(self) -> Key:
        return self.kind, self.record


def steps(revisions: QuerySet[Revision]) -> tuple[Step, ...]:
    """Revisions (a slice, in its order) with their acts and the states before: one query."""
    of_it = Revision.objects.filter(kind=OuterRef("kind"), record=OuterRef("record"))
    earlier = of_it.filter(number__lt=OuterRef("number")).order_by("-number")
    later = of_it.filter(number__gt=OuterRef("number")).order_by("number")
    rows = revisions.select_related("act__by", "redacted__redaction", "act__redacted__redaction").annotate(
        previous=Subquery(earlier.values("number")[:1]),
        before=Subquery(earlier.values("state")[:1]),
        previous_act=Subquery(earlier.values("act")[:1]),
        following_act=Subquery(later.values("act")[:1]),
    )
    return tuple(
        Step(
            number=row.number, act=row.act, kind=row.kind, record=row.record, name=row.name, action=row.action,
            before=row.before, after=row.state, previous=row.previous,
            lived_before=Life(row.previous_act, row.act_id) if row.before is not None else None,
            lives=Life(row.act_id, row.following_act) if row.state is not None else None, removed=removal_of(row),
        )
        for row in rows
    )  # fmt: skip


def removal_of(row: Revision | Act) -> str:
    """What a redaction took out of a row of the log (read with `redacted__redaction`), in words; mostly ""."""
    if not hasattr(row, "redacted"):
        return ""
    redaction = row.redacted.redaction
    first = f"{redaction.what} ({redaction.code}: {redaction.grounds})"
    return f"{first}; {row.redacted.also}" if row.redacted.also else first


def of_records(records: Iterable[Key], at: Moment | None = None) -> QuerySet[Revision]:
    """The revisions of these records up to a moment, newest first."""
    found = Revision.objects.filter(_any_of(records)).order_by("-number")
    return found if at is None else found.filter(number__lte=at.number)


def hanging_on(records: Collection[Key], at: Moment | None = None) -> tuple[Key, ...]:
    """The records that belong to these, or ever did up to a moment, and what belongs to those (a party's citations):
    one query."""
    if not records:
        return ()
    table = Interval._meta.db_table
    places = ", ".join(["%s"] * len(records))
    # A number of ours, never a reader's word.
    until = f" AND {table}.since <= {int(at.number)}" if at is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE part (kind, record) AS (SELECT kind, record FROM {table} "  # noqa: S608
            f"WHERE subject IN ({places}){until} UNION SELECT {table}.kind, {table}.record FROM part "
            f"JOIN {table} ON {table}.subject = part.kind || ':' || part.record{until}) SELECT kind, record FROM part",
            _subjects(records),
        )
        return tuple(sorted(set(cursor.fetchall()) - set(records)))


def _subjects(records: Iterable[Key]) -> list[str]:
    return [f"{kind}:{pk}" for kind, pk in records]


@dataclass(frozen=True)
class CitationThen:
    """A citation as one revision has it, and how long it was so."""

    life: Life
    field: str
    source: int
    source_key: str


def citations_ever(records: Collection[Key]) -> dict[Key, tuple[CitationThen, ...]]:
    """Every citation of these records that was ever recorded, by record: one query."""
    found: dict[Key, list[CitationThen]] = defaultdict(list)
    if records:
        ended = Revision.objects.filter(number=OuterRef("until")).values("act")
        rows = Interval.objects.filter(kind="citation", subject__in=_subjects(records)).order_by()
        rows = rows.annotate(ended=Subquery(ended))
        for state, since, until in rows.values_list("revision__state", "revision__act", "ended"):
            assert state is not None  # by the query
            source = state["source"]
            then = CitationThen(Life(since, until), state["field"], source["id"], source["key"])
            found[state["kind"], state["record"]].append(then)
    return {key: tuple(ever) for key, ever in found.items()}


@dataclass(frozen=True)
class Difference:
    """A record that differs between two moments, by the numbers of its revisions then; None = it was not there."""

    kind: str
    record: int
    first: int | None
    last: int | None

    @property
    def action(self) -> str:
        return "created" if self.first is None else "deleted" if self.last is None else "changed"


def differing_between(first: int, last: int) -> tuple[Difference, ...]:
    """The records whose states just after two revisions differ, by kind and key; two queries over the index.

    `first` comes before `last` (the same: none). What was changed and changed back does not differ.
    """
    kinds = list(tracked_models())
    then = Interval.objects.filter(kind__in=kinds, since__lte=first, until__gt=first, until__lte=last)
    now = Interval.objects.filter(kind__in=kinds, since__gt=first, since__lte=last)
    now = now.filter(Q(until__isnull=True) | Q(until__gt=last))
    columns = ("kind", "record", "since")
    before = {(kind, record): since for kind, record, since in then.values_list(*columns)}
    after = {(kind, record): since for kind, record, since in now.values_list(*columns)}
    same = _equal_states([(before[key], after[key]) for key in before if key in after])
    order = {kind: place for place, kind in enumerate(kinds)}
    return tuple(
        Difference(*key, before.get(key), after.get(key))
        for key in sorted({*before, *after}, key=lambda key: (order[key[0]], key[1]))
        if (before.get(key), after.get(key)) not in same
    )


def _equal_states(pairs: Collection[tuple[int, int]]) -> set[tuple[int | None, int | None]]:
    """Those pairs of revisions whose states are equal; a query for two hundred pairs."""
    same: set[tuple[int | None, int | None]] = set()
    wanted = list(pairs)
    for start in range(0, len(wanted), 400):
        part = wanted[start : start + 400]
        states = dict(
            Revision.objects.filter(number__in={number for pair in part for number in pair})
            .order_by()
            .values_list("number", "state")
        )
        same.update(pair for pair in part if states.get(pair[0]) == states.get(pair[1]))
    return same


Then = tuple[State | None, Life]


def states_at(numbers: Iterable[int | None]) -> dict[int, Then]:
    """The states that these revisions left (None = deleted), and for how long, by number: one query."""
    wanted = {number for number in numbers if number is not None}
    later = Revision.objects.filter(kind=OuterRef("kind"), record=OuterRef("record"), number__gt=OuterRef("number"))
    rows = Revision.objects.filter(number__in=wanted).order_by()
    rows = rows.annotate(following=Subquery(later.order_by("number").values("act")[:1]))
    return {
        number: (state, Life(act, following))
        for number, state, act, following in rows.values_list("number", "state", "act", "following")
    }


def states_before(revisions: Iterable[tuple[int, str, int]]) -> dict[int, State]:
    """The state that each of these revisions (number, kind, record) replaced; none where that was redacted, or there
    was none. A query for five hundred of a kind."""
    of_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, kind, record in revisions:
        of_kind[kind].append((number, record))
    found: dict[int, State] = {}
    for kind, own in of_kind.items():
        for start in range(0, len(own), 500):
            some = own[start : start + 500]
            ended = Interval.objects.filter(kind=kind, record__in=[record for _, record in some])
            ended = ended.filter(until__in=[number for number, _ in some], revision__redacted__isnull=True)
            found |= {
                until: state for until, state in ended.values_list("until", "revision__state") if until and state
            }
    return found


def number_at(kind: str, record: int, number: int) -> int | None:
    """The record's own revision that was its last just after revision `number`; None where it did not exist yet."""
    found = Revision.objects.filter(kind=kind, record=record, number__lte=number).order_by("-number")
    return found.values_list("number", flat=True).first()
