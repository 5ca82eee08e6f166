"""/history/, /history/acts/<pk>/, /records/<kind>/<pk>/history/, /history/changes/: how the record came to say what
it says.

The log is read as it is; `at` leaves out what came later. What may be shown of it today's sources decide
(`history_rows.Veil`). `colleague`: who reads is logged in, and sees who acted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast

from tracker.analysis.history import (
    ActListPage,
    ActPage,
    ActRow,
    ActShown,
    ChangesPage,
    Choice,
    Compared,
    KindCount,
    Pager,
    RecordHistoryPage,
    RevisionShown,
    changes_table,
    kind_counts,
    time_of,
)
from tracker.analysis.read_model import Facet, Link, Stamp, TableData, long_date, written
from tracker.history.past import Moment, NoRecordYet, UnknownMoment, moment, reading
from tracker.history.timeline import (
    ActFilter,
    ActSummary,
    Difference,
    Key,
    Step,
    Then,
    acts,
    differing_between,
    hanging_on,
    names_digest,
    number_at,
    of_records,
    states_at,
    steps,
    summaries,
    version,
)
from tracker.history.tracked import tracked_models
from tracker.models import Act, Record, Revision, RevisionCounter, User
from tracker.models.user import A_RESEARCHER
from tracker.pages.history_rows import (
    NAMES,
    Veil,
    act_of,
    act_shown,
    kind_words,
    kinds_words,
    steps_shown,
)
from tracker.pages.not_found import Moved, NotFound

ACTS_A_PAGE = 100
REVISIONS_A_PAGE = 50
# So many revisions of a record are offered for comparison; the address may name any.
MOST_OFFERED = 200
TRAIL = (Link("Home", "/"), Link("History", "/history/"))
COMMANDS, RESEARCHERS = "commands", "researchers"
# So many records may be found by a word before it must be said more closely.
MOST_FOUND = 50

Shown = tuple[Mapping[str, Collection[int]], Collection[str]]  # the records that a page shows, and whole kinds


def stamp_of(at: Moment | None, *, names: bool = True) -> Stamp:
    """The state that a page of history is read from, and with `names` those that people show: two queries, or one less
    without them, and one less for a past moment."""
    if at is not None:
        number, digest, day = at.number, at.digest, at.day
    else:
        last = Revision.objects.filter(number=OuterRef("last_number")).values("act__at")
        counters = RevisionCounter.objects.annotate(at=Subquery(last[:1]))
        number, digest, when = counters.values_list("last_number", "last_digest", "at").first() or (0, "", None)
        day = when.date().isoformat() if when else ""
    state = version(number, digest)
    return Stamp(number, f"{state}~{names_digest()}" if names else state, number, day)


# /history/


def act_list(
    *,
    person: str = "",
    kind: str = "",
    cause: str = "",
    origin: str = "",
    q: str = "",
    after: datetime.date | None = None,
    until: datetime.date | None = None,
    record: str = "",
    start: int | None = None,
    at: Moment | None = None,
    colleague: bool = False,
) -> ActListPage:
    """Acts, newest first, from `start` (the key of the first one shown) on. Raises NotFound for what is unknown."""
    stamp = stamp_of(at)
    people = _people(colleague)
    wanted = act_filter(
        person=person,
        kind=kind,
        cause=cause,
        origin=origin,
        q=q,
        after=after,
        until=until,
        record=record,
        people=people,
        at=at,
    )
    fitting = acts(wanted, at)
    page = list((fitting.filter(pk__lte=start) if start else fitting)[: ACTS_A_PAGE + 1])
    shown = [act_shown(one, colleague=colleague) for one in summaries(page[:ACTS_A_PAGE], at)]
    state = {
        "person": person, "kind": kind, "cause": cause, "origin": origin, "q": q, "record": record,
        "after": after.isoformat() if after else "", "until": until.isoformat() if until else "",
    }  # fmt: skip
    asked = {name: value for name, value in state.items() if value}
    newer = ""
    if start:
        # As many again, towards now.
        before = list(fitting.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:ACTS_A_PAGE])
        newer = _query({**asked, "start": before[-1]}) if before else ""
    narrowed = " that fit these filters" if asked else ""
    return ActListPage(
        title="History",
        sentence=f"Every change of the record, newest first: who made it, when and why; acts{narrowed}."
        if asked
        else "Every change of the record, newest first: who made it, when and why. Nothing is overwritten: each act can "
        "be read field by field, and undone.",
        address="/history/",
        trail=TRAIL[:1],
        tables=(
            TableData(
                "acts",
                "Acts, newest first",
                tuple(_act_row(one) for one in shown),
                ActRow,
                empty="No act fits these filters." if asked else "Nothing is recorded yet.",
            ),
        ),
        facets=_act_facets(people, colleague),
        stamp=stamp,
        feed="/history.atom" + _query(asked),
        pager=Pager(
            newer=newer,
            older=_query({**asked, "start": page[ACTS_A_PAGE].pk}) if len(page) > ACTS_A_PAGE else "",
            first=_query(asked) or "?" if start else "",
        ),
    )


def act_filter(
    *,
    person: str = "",
    kind: str = "",
    cause: str = "",
    origin: str = "",
    q: str = "",
    after: datetime.date | None = None,
    until: datetime.date | None = None,
    record: str = "",
    people: Mapping[int, str] | None = None,
    at: Moment | None = None,
) -> ActFilter:
    """What the words of an address ask for. Raises NotFound with what there is instead.

    `people`: those whose acts may be asked for, by key; None = those who show their names.
    """
    known = _people(False) if people is None else people
    if kind and kind not in tracked_models():
        offered = tuple(Link(kinds_words(one), f"/history/?kind={one}") for one in tracked_models())
        raise NotFound(f"There is no kind of record “{kind[:40]}”.", offered)
    if cause and cause not in Act.Cause.values:
        raise NotFound(
            f"There is no cause “{cause[:40]}”.",
            tuple(Link(str(label), f"/history/?cause={one}") for one, label in Act.Cause.choices),
        )
    pk: int | None = None
    if person == COMMANDS:
        pk = 0
    elif person and person != RESEARCHERS:
        pk = int(person) if person.isdecimal() and len(person) < 18 else -1
        if pk not in known:
            raise NotFound(
                f"Nobody who shows their name is called “{person[:40]}”.",
                tuple(Link(name, f"/history/?person={one}") for one, name in known.items()),
            )
    return ActFilter(
        person=pk, unnamed=person == RESEARCHERS, kind=kind, cause=cause, origin=origin, q=q, after=after, until=until,
        records=find_records(record, at) if record else None,
    )  # fmt: skip


def _people(colleague: bool) -> dict[int, str]:
    """Those whose acts can be asked for, by key: who shows their name; for colleagues everybody. One query."""
    found = User.objects.order_by("display_name", "username")
    if not colleague:
        found = found.filter(shown_as=User.ShownAs.NAME)
    return {user.pk: user.get_full_name() for user in found}


def _act_facets(people: Mapping[int, str], colleague: bool) -> dict[str, tuple[Facet, ...]]:
    persons = [Facet(str(pk), name, 0) for pk, name in people.items()]
    if not colleague:
        persons.append(Facet(RESEARCHERS, A_RESEARCHER, 0))
    persons.append(Facet(COMMANDS, "a command of ours", 0))
    kinds = sorted(tracked_models(), key=kinds_words)
    return {
        "person": tuple(persons),
        "kind": tuple(Facet(kind, kinds_words(kind), 0) for kind in kinds),
        "cause": tuple(Facet(value, str(label), 0) for value, label in Act.Cause.choices),
    }


def _act_row(act: ActShown) -> ActRow:
    note = f"{act.note} [removed: {act.removed}]" if act.removed else act.note
    return ActRow(
        Link(note, act.address), time_of(act.at), act.by, act.cause, act.touched, act.origin,
    )  # fmt: skip


def _query(state: Mapping[str, object]) -> str:
    return f"?{urlencode(state, safe='/:,')}" if state else ""


def latest(wanted: ActFilter, limit: int) -> tuple[ActSummary, ...]:
    """The newest acts that fit, for the feed: two queries."""
    return summaries(tuple(acts(wanted)[:limit]))


# Which records


def find_records(text: str, at: Moment | None = None) -> tuple[Key, ...]:
    """The records that `score/12`, `score/<natural key>`, a slug or words of a name mean, with what belongs to them;
    of a past moment as they were called then.

    Raises NotFound where there is none, or none that may be named.
    """
    kind, _, rest = text.strip().partition("/")
    found: tuple[Key, ...]
    if kind in tracked_models() and rest.isdecimal() and len(rest) < 18:
        found = ((kind, int(rest)),)
    else:
        with reading(at):
            found = _by_key(kind, rest) if kind in tracked_models() and rest else _by_words(text)
        veil = Veil(dict.fromkeys(found, ()))
        found = tuple(key for key in found if not veil.sealed(key))
        if not found:
            raise NotFound(
                f"No record is called “{text[:60]}”. Write a name, or a kind and a key: technology/lasers, score/123.",
                (Link("All acts", "/history/"),),
            )
    return (*found, *hanging_on(found, at))


def _by_key(kind: str, key: str) -> tuple[Key, ...]:
    """Records of a kind by natural key, as it is now, or as it was when one was deleted."""
    model = tracked_models()[kind]
    columns, parts = list(_key_columns(model)), key.split("/")
    found: list[int] = []
    if len(columns) == len(parts):
        wanted = Q()
        for (column, may_be_null, is_number), part in zip(columns, parts, strict=True):
            if is_number and part and not (part.isdecimal() and len(part) < 10):
                break
            wanted &= Q(**{f"{column}__isnull": True}) if may_be_null and not part else Q(**{column: part})
        else:
            found = list(model._default_manager.filter(wanted).order_by().values_list("pk", flat=True)[:MOST_FOUND])
    if not found:
        gone = Revision.objects.filter(kind=kind, action=Revision.Action.DELETE, name=key[:300])
        found = list(gone.order_by("-number").values_list("record", flat=True)[:MOST_FOUND])
    return tuple((kind, pk) for pk in found)


def _key_columns(model: type[Record], path: str = "", null: bool = False) -> Iterable[tuple[str, bool, bool]]:
    """The columns of a natural key as look-ups: `window__edition__slug`; whether it may be empty, is a number."""
    for name in model.key_fields:
        column = model._meta.get_field(name)
        related = column.related_model
        if isinstance(related, type) and issubclass(related, Record):
            yield from _key_columns(related, f"{path}{name}__", null or bool(getattr(column, "null", False)))
        else:
            yield f"{path}{name}", null, isinstance(column, IntegerField)


def _by_words(text: str) -> tuple[Key, ...]:
    """Records with a name of their own that bears these words, or whose slug is this: one query."""
    words = text.split()[:8]
    parts: list[QuerySet[Record, tuple[str, int]]] = []
    for kind, (name, slug) in NAMES.items():
        named = Q()
        for word in words:
            named &= Q(**{f"{name}__icontains": word})
        rows = tracked_models()[kind]._default_manager.filter(named | Q(**{f"{slug}__iexact": text})).order_by()
        rows = rows.annotate(its_kind=Constant(kind, output_field=TextField()))
        parts.append(rows.values_list("its_kind", Cast("pk", TextField())))
    found = [(kind, int(pk)) for kind, pk in parts[0].union(*parts[1:], all=True)[: MOST_FOUND + 1]]
    if len(found) > MOST_FOUND:
        raise NotFound(
            f"“{text[:60]}” means more than {MOST_FOUND} records: say more of the name.",
            (Link("All acts", "/history/"),),
        )
    return tuple(sorted(found))


# One act


def act(*, pk: int, start: int | None = None, at: Moment | None = None, colleague: bool = False) -> ActPage:
    """One act with its revisions, from number `start` on. Raises NotFound."""
    stamp = stamp_of(at)
    found = acts(ActFilter(), at).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no act {pk}.", (Link("All acts", "/history/"),))
    summary = summaries([found], at)[0]
    said = act_shown(summary, colleague=colleague)
    # Numbers of one act follow each other.
    begin = start or said.first
    if not said.first <= begin <= max(said.last, said.first):
        raise NotFound(f"Act {pk} has the revisions r{said.first} to r{said.last}.", (Link("The act", said.address),))
    end = min(begin + REVISIONS_A_PAGE - 1, said.last)
    wanted = Revision.objects.filter(act=found, number__gte=begin, number__lte=end).order_by("number")
    shown, _ = steps_shown(steps(wanted), colleague=colleague, at=at)
    several = f"{said.records} revisions" if said.records != 1 else "one revision"
    return ActPage(
        title=f"Act {pk}: {said.note}" if len(said.note) <= 90 else f"Act {pk}",
        sentence=f"{said.by[:1].upper()}{said.by[1:]}, {long_date(said.at.date().isoformat())}: {several} ({said.touched}). "
        f"Cause: {said.cause}.",
        address=said.address,
        trail=TRAIL,
        tables=(changes_table("What it changed, field by field", shown, "It changed nothing that is kept."),),
        stamp=replace(stamp, changed=said.last, changed_on=said.at.date().isoformat()),
        act=said,
        revisions=shown,
        pager=Pager(
            newer=f"?start={max(said.first, begin - REVISIONS_A_PAGE)}" if begin > said.first else "",
            older=f"?start={end + 1}" if end < said.last else "",
            first="?" if begin > said.first else "",
            said=f"r{begin} to r{end} of r{said.first} to r{said.last}" if said.records > REVISIONS_A_PAGE else "",
        ),
    )


# One record


def record(
    *,
    kind: str,
    pk: int,
    a: str = "",
    b: str = "",
    start: int | None = None,
    at: Moment | None = None,
    colleague: bool = False,
) -> RecordHistoryPage:
    """A record's revisions and those of what belongs to it, newest first, from number `start` on.

    `a`, `b`: two numbers ("r12"); the record then and then are compared. Raises NotFound.
    """
    stamp = stamp_of(at)
    key = (kind, pk)
    if kind not in tracked_models() or pk > 2**62:
        raise NotFound(f"There is no kind of record “{kind[:40]}”.", (Link("All acts", "/history/"),))
    hanging = hanging_on([key], at)
    own = tuple(
        of_records([key], at).select_related("act__by", "act__redacted__redaction").defer("state")[:MOST_OFFERED]
    )
    if not own:
        raise NotFound(
            f"History knows no {kind_words(kind)} with the number {pk}.",
            (Link(f"Acts on {kinds_words(kind)}", f"/history/?kind={kind}"),),
        )
    newest = own[0]
    every = of_records([key, *hanging], at)
    page = steps((every.filter(number__lte=start) if start else every)[: REVISIONS_A_PAGE + 1])
    chosen = _two(a, b, kind, pk, at)
    shown_steps = page[:REVISIONS_A_PAGE]
    compared = {key: [state for _, (state, _) in chosen if state]} if chosen else {}
    shown, veil = steps_shown(shown_steps, colleague=colleague, own=key, extra=compared, at=at)
    name = veil.name(key, fallback=newest.name)
    deleted = act_of(newest.act, colleague=colleague) if newest.action == Revision.Action.DELETE else None
    choices = tuple(
        Choice(one.number, (said := act_of(one.act, colleague=colleague)).when, said.by, said.note)
        for one in own
        if one.action != Revision.Action.DELETE
    )
    newer = ""
    if start:
        before = list(
            every.filter(number__gt=start).order_by("number").values_list("number", flat=True)[:REVISIONS_A_PAGE]
        )
        newer = f"?start={before[-1]}" if before else ""
    return RecordHistoryPage(
        title=f"History of {name}" if name != "withheld" else f"History of a {kind_words(kind)} that is withheld",
        sentence=_sentence(kind, newest, deleted, hanging),
        address=f"/records/{kind}/{pk}/history/",
        trail=TRAIL,
        tables=(changes_table("Every change, newest first, field by field", shown, "Nothing is recorded of it."),),
        stamp=replace(
            stamp,
            changed=shown_steps[0].number if shown_steps else 0,
            changed_on=shown_steps[0].act.at.date().isoformat() if shown_steps else "",
        ),
        kind=kind_words(kind),
        record_page=veil.page(key),
        revisions=shown,
        pager=Pager(
            newer=newer,
            older=f"?start={page[REVISIONS_A_PAGE].number}" if len(page) > REVISIONS_A_PAGE else "",
            first="?" if start else "",
        ),
        deleted=deleted,
        last=newest.number - 1 if deleted else None,
        compared=_compared(key, chosen, veil) if chosen else None,
        choices=choices,
        chosen=(chosen[0][0], chosen[1][0]) if chosen else None,
    )


def _sentence(kind: str, newest: Revision, deleted: ActShown | None, hanging: Collection[Key]) -> str:
    parts = sorted({kinds_words(one) for one, _ in hanging})
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
    with_them = f" Its {listed} stand among its changes." if parts else ""
    if deleted is not None:
        on = long_date(deleted.at.date().isoformat())
        return f"This {kind_words(kind)} was deleted on {on} by {deleted.by}: {deleted.note}{with_them}"
    on = long_date(newest.act.at.date().isoformat())
    return f"The {kind_words(kind)} itself last changed on {on} (r{newest.number}).{with_them}"


def _two(a: str, b: str, kind: str, pk: int, at: Moment | None) -> tuple[tuple[int, Then], ...]:
    """The two states to compare, the earlier first, with the numbers of their revisions; () where none are asked for."""
    if not a and not b:
        return ()
    found = []
    for word in (a, b):
        digits = word.removeprefix("r")
        number = int(digits) if digits.isdecimal() and len(digits) < 18 else 0
        own = number_at(kind, pk, min(number, at.number) if at else number) if number else None
        if own is None:
            raise NotFound(
                f"“{word[:20]}” is no revision of this record: name two, as ?a=r12&b=r30."
                if word
                else "Two revisions are compared; one is missing: ?a=r12&b=r30.",
                (Link("All its revisions", f"/records/{kind}/{pk}/history/"),),
            )
        found.append(own)
    states = states_at(found)
    return tuple((number, states[number]) for number in sorted(found))


def _compared(key: Key, chosen: tuple[tuple[int, Then], ...], veil: Veil) -> Compared:
    (first, before), (second, after) = chosen
    found = Difference(*key, first, second)
    return Compared(first, second, shown_between(veil, found, before, after))


def shown_between(veil: Veil, found: Difference, before: Then | None, after: Then | None) -> RevisionShown:
    """What differs in a record between two moments, for readers."""
    (was, lived), (now, lives) = before or (None, None), after or (None, None)
    action = "changed" if was and now else "deleted" if was else "created"
    step = Step(
        number=found.last or 0, act=Act(), kind=found.kind, record=found.record, name="", action=action,
        before=was, after=now, previous=found.first,
        lived_before=lived if was else None, lives=lives if now else None,
    )  # fmt: skip
    shown = veil.shown(step, act=None, sources=False)
    return replace(shown, action=action, number=found.last, number_before=found.first)


# Between two moments


def changes(
    *,
    after: str = "",
    until: str = "",
    kind: str = "",
    start: int | None = None,
    of: Link | None = None,
    read: Callable[[Moment | None], Shown] | None = None,
    state: Mapping[str, str] | None = None,
    at: Moment | None = None,
) -> ChangesPage:
    """Every record that differs between two moments, field by field: what changed in between, not each step.

    `after` and `until` as in `as_of`; `until` empty = now. `of` is a page, and `read` says which records it shows at a
    moment: then only these. `state`: the query, for links. Raises NotFound.
    """
    stamp = stamp_of(at, names=False)
    if not after:
        return ChangesPage(
            title="What changed",
            sentence="Name a moment, and see every record that differs from then, field by field: a day (2026-03-01) or a "
            "revision (r123).",
            address="/history/changes/",
            trail=TRAIL,
            tables=(
                TableData("counts", "Records that differ, by kind", (), KindCount, empty="No moment is named yet."),
                changes_table("What differs, field by field", (), ""),
            ),
            stamp=stamp, first=0, last=0, of=of, kind="", revisions=(),
        )  # fmt: skip
    now = at or Moment(stamp.number, f"r{stamp.number}" if stamp.number else "")
    first, last = _moment(after, at), _moment(until, at) if until else now
    if first.number > last.number:
        first, last = last, first
    found = differing_between(first.number, last.number)
    if read is not None:
        # The newest state of all needs no file of the past.
        found = _of_page(found, (read(first), read(last if until or at else None)))
    if kind and kind not in tracked_models():
        raise NotFound(f"There is no kind of record “{kind[:40]}”.", (Link("All changes", f"?after={after}"),))
    asked = dict(state or {"after": after, "until": until})
    links = {
        one: Link(kinds_words(one), f"/history/changes/{_query({**asked, 'kind': one})}")
        for one in dict.fromkeys(difference.kind for difference in found)
    }
    counts = kind_counts(((one.kind, one.action) for one in found), links)
    order = {row.kind.text: place for place, row in enumerate(counts)}
    chosen = [one for one in found if not kind or one.kind == kind]
    chosen.sort(key=lambda one: order[kinds_words(one.kind)])
    begin = max(0, (start or 1) - 1)
    if begin and begin >= len(chosen):
        raise NotFound(
            f"There are {len(chosen)} changes.", (Link("The first of them", f"/history/changes/{_query(asked)}"),)
        )
    page = chosen[begin : begin + REVISIONS_A_PAGE]
    states = states_at(number for one in page for number in (one.first, one.last))
    veil = Veil(
        {
            (one.kind, one.record): [
                then[0] for n in (one.first, one.last) if n and (then := states[n])[0] is not None
            ]
            for one in page
        },
        at,
    )
    shown = tuple(shown_between(veil, one, states.get(one.first or 0), states.get(one.last or 0)) for one in page)
    shown_kind = {"kind": kind} if kind else {}
    end = begin + len(page)
    return ChangesPage(
        title="What changed" + (f" on {of.text}" if of else ""),
        sentence=_changes_sentence(first, last, len(found), of),
        address="/history/changes/",
        trail=TRAIL,
        tables=(
            TableData("counts", "Records that differ, by kind", counts, KindCount, empty="Nothing differs."),
            changes_table("What differs, field by field", shown, "Nothing differs between these moments."),
        ),
        stamp=stamp,
        first=first.number,
        last=last.number,
        of=of,
        kind=kinds_words(kind) if kind else "",
        revisions=shown,
        pager=Pager(
            newer=_query({**asked, **shown_kind, "start": max(1, begin + 1 - REVISIONS_A_PAGE)}) if begin else "",
            older=_query({**asked, **shown_kind, "start": end + 1}) if end < len(chosen) else "",
            first=_query({**asked, **shown_kind}) if begin else "",
            said=f"Records {begin + 1} to {end} of {len(chosen)}" if len(chosen) > REVISIONS_A_PAGE else "",
        ),
    )


def _moment(asked: str, at: Moment | None) -> Moment:
    """What a word names; of a past moment `at` nothing later is known. Raises NotFound."""
    try:
        found = moment(asked)
    except NoRecordYet:
        # Before the record begins there was nothing: everything came since.
        return Moment(0, asked)
    except UnknownMoment as unknown:
        raise NotFound(str(unknown), (Link("All acts", "/history/"),)) from None
    if at is not None and found.number > at.number:
        raise NotFound(
            f"{asked} comes after the moment that the record is read at, {at.asked}.",
            (Link("All acts", "/history/"),),
        )
    return found


def _of_page(found: tuple[Difference, ...], shown: Iterable[Shown]) -> tuple[Difference, ...]:
    keys: set[Key] = set()
    whole: set[str] = set()
    for records, kinds in shown:
        keys.update((kind, pk) for kind, pks in records.items() for pk in pks)
        whole.update(kinds)
    return tuple(one for one in found if one.kind in whole or (one.kind, one.record) in keys)


def _changes_sentence(first: Moment, last: Moment, many: int, of: Link | None) -> str:
    counted = (
        "No record differs" if not many else "One record differs" if many == 1 else f"{written(many)} records differ"
    )
    where = " of those that the page shows" if of else ""
    return (
        f"{counted}{where} between {_said(first)} and {_said(last)}. What was changed and changed back is not listed."
    )


def _said(at: Moment) -> str:
    if not at.number:
        return f"{long_date(at.asked)}, before the record begins,"
    if not at.asked or at.asked == f"r{at.number}":
        return f"r{at.number}"
    return f"the end of {long_date(at.asked)} (r{at.number})"


# The page of a record


def history_of(model: type[Record], **which: object) -> Moved:
    """Where the history of the record stands that a page is of. Raises NotFound where there is none, or none that may
    be named."""
    pk = model._default_manager.filter(**which).values_list("pk", flat=True).first()
    kind = model.record_kind()
    if pk is not None and not Veil({(kind, pk): ()}).sealed((kind, pk)):
        return Moved(f"/records/{kind}/{pk}/history/", permanent=False)
    raise NotFound("There is no such record.", (Link("All acts", "/history/"),))
