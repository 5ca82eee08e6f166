"""Revisions for readers: what may be shown of them, in words.

What is withheld today is withheld in the past, too; and what only withheld sources said of a state while it lasted is
withheld of that state. An organisation that may not be named today is named by no past state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, F, Q, QuerySet, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Concat

from tracker.analysis.history import WITHHELD as WORD
from tracker.analysis.history import ActShown, FieldDifference, RevisionShown, touched_words
from tracker.analysis.read_model import Cited, SourceRef, long_date, written
from tracker.history.belonging import Key, belongs_to, naming, parents, speaking
from tracker.history.kinds import KINDS
from tracker.history.past import Moment, reading
from tracker.history.sealing import CITES, FALLS_WITH, Said, only_withheld, withheld_columns
from tracker.history.timeline import (
    ActSummary,
    CitationThen,
    Life,
    Step,
    citations_ever,
    of_records,
    public_name,
    removal_of,
)
from tracker.history.tracked import State, tracked_models
from tracker.models import (
    Act,
    Citation,
    EditionTechnology,
    Record,
    Revision,
    Source,
    Window,
)
from tracker.models.partial_date import PartialDateField
from tracker.pages.organisation_rows import Naming, read_mentions
from tracker.pages.rows import RecordReader, source_ref

# Columns that say nothing to a reader: the row's own number, a name that stands in another column, digits.
SILENT = frozenset({"id", "record_key", "share_decimals", "lead_ratio_decimals", "percent_decimals"})


def _has(model: type[Record], column: str) -> bool:
    return any(field.name == column for field in model._meta.concrete_fields)


# Where a record of a kind with a name of its own has its name and its page: those whose key is one word.
NAMES = {
    kind: (next(name for name in ("title", "name", "product", "what") if _has(model, name)), model.key_fields[0])
    for kind, model in tracked_models().items()
    if len(model.key_fields) == 1
}
PAGES = {kind.name: f"/{kind.rooms[0]}/{{}}/" for kind in KINDS.values() if kind.rooms} | {
    "category": "/technologies/?category={}", "institution": "/institutions/?q={}", "release": "/releases/{}/",
    "series": "/methodology/", "redaction": "/history/",
}  # fmt: skip


def kind_words(kind: str) -> str:
    """'status of an engagement'? No: the model's own name, as 'engagement technology'; unknown kinds as they are."""
    model = tracked_models().get(kind)
    return str(model._meta.verbose_name) if model else kind


def kinds_words(kind: str) -> str:
    model = tracked_models().get(kind)
    return str(model._meta.verbose_name_plural) if model else kind


def act_shown(summary: ActSummary, *, colleague: bool) -> ActShown:
    """An act with the name that this reader may see."""
    counts = [(kind_words(kind), kinds_words(kind), many) for kind, many in summary.touched]
    return ActShown(
        pk=summary.pk, at=summary.at, by=summary.by_name if colleague else summary.public_name,
        cause=summary.cause, note=summary.note, origin=summary.origin, first=summary.first, last=summary.last,
        touched=touched_words(counts), records=sum(many for _, many in summary.touched), removed=summary.removed,
    )  # fmt: skip


def act_of(act: Act, *, colleague: bool) -> ActShown:
    """An act without what it touched."""
    by = act.by_name if colleague else public_name(act)
    cause = str(act.get_cause_display())
    return ActShown(act.pk, act.at, by, cause, act.note, act.origin, 0, 0, "", 0, removal_of(act))


class Veil:
    """Names records and says what of them may be shown. Made for the revisions of one page, in a dozen queries at most,
    whatever moment the page is read at: what is withheld is decided by today's sources."""

    def __init__(self, states: Mapping[Key, Collection[State]], at: Moment | None = None) -> None:
        """`states`: the records, each with the states of it that are to be shown; `at`: the moment by whose names
        they are called, None = now."""
        self._at = at
        with reading(None):
            self._to_name = self._read(states)

    def _read(self, states: Mapping[Key, Collection[State]]) -> set[Key]:
        """Gives the records that will be named."""
        self._asked = set(states)
        wanted: dict[Key, None] = dict.fromkeys(states)
        self._states: dict[Key, State] = {key: list(own)[-1] for key, own in states.items() if own}
        every = [(key, state) for key, own in states.items() for state in own]
        above = {parent for (kind, _), state in every if (parent := belongs_to(kind, state))}
        unknown = (above | {key for key, own in states.items() if not own}) - set(self._states)
        while unknown:
            # The last states of what they belong to, or of what was deleted.
            rows = of_records(unknown).filter(state__isnull=False).order_by("number")
            read: dict[Key, State] = {}
            for kind, record, state in rows.values_list("kind", "record", "state"):
                assert state is not None  # by the query
                read[kind, record] = state
                every.append(((kind, record), state))
            self._states |= read
            further = {parent for (kind, _), state in read.items() if (parent := belongs_to(kind, state))}
            unknown = further - set(self._states) - unknown
            above |= further
        wanted.update(dict.fromkeys(above))
        for (kind, _), state in list(self._states.items()):
            if parent := belongs_to(kind, state):
                wanted[parent] = None
        references = {key for (kind, _), state in every for key in references_of(kind, state)}
        wanted.update(
            (key, None) for key in references if tracked_models()[key[0]].withheld_whole and key not in wanted
        )
        self._entries = self._entries_of_scores(wanted)
        wanted.update(dict.fromkeys(self._entries.values()))
        self._read_citations(list(wanted))
        self._read_organisations({pk for kind, pk in {*wanted, *references} if kind == "organisation"})
        sources = {("source", pk) for pk in self._reuse}
        return {*wanted, *references, *sources}

    def _entries_of_scores(self, wanted: Iterable[Key]) -> dict[Key, Key]:
        """The edition's entry that a score without citations cites, by score: one query, none without scores."""
        of_score: dict[Key, tuple[str, int]] = {}
        for key in wanted:
            state = self._states.get(key)
            if key[0] == "score" and state:
                of_score[key] = (state["window"]["key"].split("/")[0], state["technology"]["id"])
        if not of_score:
            return {}
        rows = EditionTechnology.objects.filter(
            edition__slug__in={edition for edition, _ in of_score.values()},
            technology__in={technology for _, technology in of_score.values()},
        ).order_by()
        entries = {
            (edition, pk): entry for entry, edition, pk in rows.values_list("pk", "edition__slug", "technology")
        }
        return {key: ("editiontechnology", entries[pair]) for key, pair in of_score.items() if pair in entries}

    def _read_citations(self, keys: Collection[Key]) -> None:
        by_kind: dict[str, list[int]] = defaultdict(list)
        for kind, pk in keys:
            by_kind[kind].append(pk)
        wanted = Q(pk__in=[])
        for kind, pks in by_kind.items():
            wanted |= Q(kind=kind, record__in=pks)
        live: dict[Key, list[tuple[str, int]]] = defaultdict(list)
        for kind, record, field, source in (
            Citation.objects.filter(wanted).order_by().values_list("kind", "record", "field", "source")
        ):
            live[kind, record].append((field, source))
        self._ever: dict[Key, tuple[CitationThen, ...]] = citations_ever(keys)
        self._sources = Source.objects.in_bulk(
            {source for rows in live.values() for _, source in rows}
            | {one.source for rows in self._ever.values() for one in rows}
            | {state["source"]["id"] for (kind, _), state in self._states.items() if kind == "citation"}
        )
        self._reuse: dict[int, str] = {pk: source.reuse for pk, source in self._sources.items()}
        gone = {one.source for rows in self._ever.values() for one in rows} - set(self._sources)
        for pk, state in self._last_states("source", gone).items():
            self._reuse[pk] = state["reuse"]
        self._deleted_by = self._acts_of_deletion(keys)
        self._today: dict[Key, list[Said]] = {}
        for key in keys:
            if key in self._deleted_by and not live.get(key):
                # What was said of it just before.
                end = Life(self._deleted_by[key] - 1, self._deleted_by[key])
                self._today[key] = self._said(one for one in self._ever.get(key, ()) if one.life.meets(end))
            else:
                self._today[key] = [(field, self._reuse[source]) for field, source in live.get(key, ())]

    def _said(self, citations: Iterable[CitationThen]) -> list[Said]:
        # A source that nobody knows any more may not have been free.
        return [(one.field, self._reuse.get(one.source, Source.Reuse.NO)) for one in citations]

    def _last_states(self, kind: str, pks: Collection[int]) -> dict[int, State]:
        if not pks:
            return {}
        rows = of_records((kind, pk) for pk in pks).filter(state__isnull=False).order_by("number")
        return {record: state for record, state in rows.values_list("record", "state") if state is not None}

    def _acts_of_deletion(self, keys: Collection[Key]) -> dict[Key, int]:
        """Of the records that are no more: the act that deleted them. One query, two where there are any."""
        last: dict[Key, tuple[int, int]] = {}
        rows = of_records(keys).filter(action=Revision.Action.DELETE).order_by("number")
        for kind, record, number, act in rows.values_list("kind", "record", "number", "act"):
            last[kind, record] = (number, act)
        if not last:
            return {}
        again = of_records(last).filter(action=Revision.Action.CREATE)
        for kind, record, number in again.values_list("kind", "record", "number"):
            if (kind, record) in last and number > last[kind, record][0]:
                del last[kind, record]
        return {key: act for key, (_, act) in last.items()}

    def _read_organisations(self, pks: Collection[int]) -> None:
        self._naming: Naming | None = None
        if not pks:
            return
        mentions = read_mentions()
        # Read apart: what is looked at to decide is not shown by the page.
        self._naming = mentions.naming(RecordReader(None).citations(mentions.to_cite))
        self._alive = {row.pk for row in mentions.rows if row.kind == "organisation"}

    def _named(self, pk: int) -> bool:
        """Whether an organisation may be named."""
        if self._naming is None or pk in self._alive:
            return self._naming is None or pk in self._naming
        # One that is no more: as what was last said of it allows.
        return not only_withheld(self._today.get(("organisation", pk), ())) and bool(
            self._today.get(("organisation", pk)) or self._shown_engagements_of(pk)
        )

    @cached_property
    def _parties_gone(self) -> dict[int, set[Key]]:
        """What open records ever named organisations that are no more: read once, where it is asked."""
        gone = {pk for kind, pk in self._deleted_by if kind == "organisation"}
        found: dict[int, set[Key]] = defaultdict(set)
        if gone:
            rows = Revision.objects.filter(kind__in=naming(), state__organisation__id__in=gone).order_by()
            for kind, state in rows.values_list("kind", "state"):
                assert state is not None  # by the query
                if parent := belongs_to(kind, state):
                    found[state["organisation"]["id"]].add(parent)
        return found

    def _shown_engagements_of(self, pk: int) -> bool:
        parents = self._parties_gone.get(pk, set())
        if not parents:
            return False
        said: dict[Key, list[Said]] = defaultdict(list)
        wanted = Q(pk__in=[])
        for kind, record in parents:
            wanted |= Q(kind=kind, record=record)
        for kind, record, field, reuse in (
            Citation.objects.filter(wanted).order_by().values_list("kind", "record", "field", "source__reuse")
        ):
            said[kind, record].append((field, reuse))
        return any(said[parent] and not only_withheld(said[parent]) for parent in parents)

    @cached_property
    def _cited(self) -> dict[int, Source]:
        """The sources as they were called at the moment."""
        if self._at is None:
            return self._sources
        with reading(self._at):
            return Source.objects.in_bulk(self._sources)

    @cached_property
    def _names(self) -> dict[Key, tuple[str, str, str]]:
        """Name, slug and level by record, as they were at the moment: read once, where something is named."""
        by_kind: dict[str, list[int]] = defaultdict(list)
        for kind, pk in self._to_name:
            by_kind[kind].append(pk)
        parts = [_names(kind, by_kind[kind]) for kind in (*NAMES, "window") if by_kind.get(kind)]
        rows = parts[0].union(*parts[1:], all=True) if parts else ()
        with reading(self._at):
            return {(kind, pk): (name, slug, level) for kind, pk, name, slug, level in rows}

    # What may be shown

    def sealed(self, key: Key, states: Collection[State] = ()) -> bool:
        """Whether a record may not even be named: neither it nor what it belongs to."""
        kind, pk = key
        model = tracked_models().get(kind)
        if model is None or not model.withheld_whole:
            return False
        if kind == "organisation":
            return not self._named(pk)
        if kind != "citation" and only_withheld(self._today.get(key, ())):
            return True
        for state in (*states, *filter(None, (self._states.get(key),))):
            if parent := belongs_to(kind, state):
                if parent[0] == "organisation" and kind not in ("claim", "citation") and self._name_only(parent):
                    return True  # of its name nothing but the name is left
                if self.sealed(parent):
                    return True
            body = state.get(model.names) if model.names else None
            if body and not self._named(body["id"]):
                return True
        return False

    def _name_only(self, key: Key) -> bool:
        return key[0] == "organisation" and self._naming is not None and key[1] in self._naming.name_only

    def hides(self, step: Step) -> bool:
        """Whether no value of a revision may be shown, before or after."""
        key = step.key
        if self.sealed(key, [state for state in (step.before, step.after) if state]) or self._name_only(key):
            return True
        return step.kind != "citation" and any(only_withheld(said) for said in self._said_today(key))

    def hidden_columns(self, step: Step) -> tuple[frozenset[str], frozenset[str]]:
        """The columns whose values before, and after, may not be shown."""
        today = self._said_today(step.key)
        before, after = (
            self._columns([*today, self._said_during(step.key, life)], state)
            for life, state in ((step.lived_before, step.before), (step.lives, step.after))
        )
        if step.kind == "citation":
            closed = self._closed_citation(step)
            before, after = before | closed, after | closed
        return before, after

    def _columns(self, lives: Iterable[list[Said]], state: State | None) -> frozenset[str]:
        found: set[str] = set()
        for said in lives:
            if only_withheld(said):
                return frozenset(state or ())
            for column in withheld_columns(said):
                found |= {column, *FALLS_WITH.get(column, ())}
        return frozenset(found | {name for name in state or () if any(name.startswith(f"{one}_") for one in found)})

    def _cites(self, key: Key) -> Key:
        """Whose citations a record has: its own, or as a score without any those of its edition's entry."""
        own = self._today.get(key) or self._ever.get(key)
        return key if own or key not in self._entries else self._entries[key]

    def _said_today(self, key: Key) -> list[list[Said]]:
        return [self._today.get(key, []), self._today.get(self._cites(key), [])]

    def _said_during(self, key: Key, life: Life | None) -> list[Said]:
        if life is None:
            return []
        return self._said(one for one in self._ever.get(self._cites(key), ()) if one.life.meets(life))

    def sources_at(self, step: Step) -> tuple[Cited, ...]:
        """Who is cited for the record once this revision's act is done, or was before it was deleted; names only."""
        act = step.act.pk
        moment = Life(act, act + 1) if step.after is not None else Life(act - 1, act)
        found = {(one.source, one.field): one for one in self._ever.get(step.key, ()) if one.life.meets(moment)}
        return tuple(
            Cited(self._source(one), field=one.field)
            for one in sorted(found.values(), key=lambda one: (one.field, one.source_key))
        )

    def _source(self, one: CitationThen) -> SourceRef:
        source = self._cited.get(one.source)
        if source is not None:
            return source_ref(source)
        return SourceRef(one.source_key, one.source_key, "", "", "deleted", f"/records/source/{one.source}/history/")

    # In words

    def name(self, key: Key, state: State | None = None, fallback: str = "") -> str:
        """A record's name for readers; "withheld" where it has none for them."""
        if self.sealed(key, [state] if state else []):
            return WORD
        kind, _ = key
        if key in self._names:
            return self._names[key][0]
        state = state or self._states.get(key)
        if state is None:
            return fallback or f"{kind_words(kind)} {key[1]}"
        if kind in NAMES:
            return str(state.get(NAMES[kind][0]) or fallback)
        return self._composed(kind, state)

    def _composed(self, kind: str, state: State) -> str:
        """The name of a record that has none of its own, from what it ties together."""
        word = lambda column: self.words(kind, column, state.get(column), state)  # noqa: E731
        match kind:
            case "citation":
                return f"{word('source')}, for {self.name((state['kind'], state['record']), fallback=state['record_key'])}"
            case "claim":
                return f"{state['speaker']}, on {self.name((state['kind'], state['record']), fallback=state['record_key'])}"
            case "participation":
                return f"{word('organisation') or state['unnamed']}, in {word('engagement')}"
            case "status":
                return f"{word('state')}, {word('as_of')}: {word('engagement')}"
            case "engagementtechnology":
                return f"{word('technology') or state['topic']}, in {word('engagement')}"
            case "formeraddress":
                return f"{state['slug']}, a former address"
        model = tracked_models().get(kind)
        if model is None:
            return kind
        return " · ".join(filter(None, (word(column) for column in model.key_fields)))

    def page(self, key: Key, state: State | None = None) -> str:
        """The address of the page where the record stands; "" where there is none, or it may not be named."""
        state = state or self._states.get(key)
        if self.sealed(key, [state] if state else []):
            return ""
        kind, _ = key
        if key in self._names and kind in PAGES:
            _, slug, level = self._names[key]
            if kind == "technology" and level == "field":
                return f"/fields/{slug}/"
            return PAGES[kind].format(slug.lower() if kind == "country" else slug)
        if state is None or (kind in NAMES and kind not in parents()):
            return ""
        if kind == "window":
            return self.page(("edition", state["edition"]["id"]))
        if kind in ("score", "assessment", "talentflow", "institutionscore", "tally", "missingyears"):
            return self._page_of_values(state)
        if parent := belongs_to(kind, state):
            return self.page(parent)
        for column in ("edition", "technology", "series"):
            if isinstance(reference := state.get(column), dict):
                return self.page((column, reference["id"]))
        return ""

    def _page_of_values(self, state: State) -> str:
        technology, window = state.get("technology"), state.get("window")
        edition = self._names.get(("window", window["id"]), ("", "", ""))[1] if window else ""
        if technology and (page := self.page(("technology", technology["id"]))):
            return page if page.startswith("/fields/") or not edition else f"{page}?edition={edition}"
        return f"/editions/{edition}/" if edition else ""

    def words(self, kind: str, column: str, value: Any, state: State) -> str:
        """A value of a state as readers see it."""
        if value is None or value == "":
            return ""
        model = tracked_models().get(kind)
        field = next((one for one in model._meta.concrete_fields if one.name == column), None) if model else None
        if column == "record" and "kind" in state and kind in speaking():
            return self.name((state["kind"], value), fallback=str(state.get("record_key", value)))
        if column == "kind" and kind in speaking():
            return kind_words(value)
        if isinstance(value, dict):
            related = field.related_model if field is not None and field.is_relation else None
            target = related.record_kind() if isinstance(related, type) and issubclass(related, Record) else ""
            return self.name((target, value["id"]), fallback=value["key"]) if target else str(value["key"])
        if isinstance(value, bool):
            return "yes" if value else "no"
        if field is None:
            return str(value)
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.DecimalField):
            return _digits(value, state.get(f"{column}_decimals"))
        if isinstance(field, PartialDateField | models.DateField):
            return long_date(str(value))
        return written(value) if isinstance(value, int) and column != "position" else str(value)

    def differences(
        self,
        kind: str,
        before: State | None,
        after: State | None,
        hidden: tuple[Collection[str], Collection[str]] = ((), ()),
    ) -> tuple[FieldDifference, ...]:
        """What differs between two states of one record, in the order of its columns; withheld are the columns of
        `hidden` (before, after)."""
        found = []
        for column in dict.fromkeys([*(after or ()), *(before or ())]):
            old, new = (before or {}).get(column), (after or {}).get(column)
            if old == new or column in SILENT or (column == "kind" and kind in speaking()):
                continue
            if (before is None or after is None) and (column == "position" or (old or new) is False):
                # Said of a whole record it would only take room.
                continue
            closed = [column in columns for columns in hidden]
            was, now = (
                (WORD if value not in (None, "") else "") if shut else self.words(kind, column, value, state or {})
                for shut, value, state in zip(closed, (old, new), (before, after), strict=True)
            )
            references = isinstance(old, dict) and isinstance(new, dict) and old["id"] != new["id"]
            if was != now or references or (any(closed) and (was or now)):
                found.append(FieldDifference(label(kind, column), was, now, withheld=all(closed)))
        return tuple(found)

    def shown(self, step: Step, *, act: ActShown | None, own: bool = True, sources: bool = True) -> RevisionShown:
        """A revision for readers."""
        hidden = self.hides(step)
        differences: tuple[FieldDifference, ...] = ()
        if not hidden:
            differences = self.differences(step.kind, step.before, step.after, self.hidden_columns(step))
        state = step.after or step.before
        return RevisionShown(
            kind=kind_words(step.kind),
            name=self.name(step.key, state, step.name),
            history=f"/records/{step.kind}/{step.record}/history/",
            page=self.page(step.key, state),
            action=str(dict(Revision.Action.choices).get(step.action, step.action)),
            differences=differences,
            number=step.number,
            number_before=step.previous,
            act=act,
            sources=self.sources_at(step) if sources and not hidden else (),
            removed=step.removed,
            withheld=hidden,
            own=own,
        )

    def _closed_citation(self, step: Step) -> frozenset[str]:
        """The columns to be withheld of a citation one of whose sources, before or after, is withheld."""
        states = [state for state in (step.before, step.after) if state]
        closed = any(self._reuse.get(state["source"]["id"], Source.Reuse.NO) == Source.Reuse.NO for state in states)
        return frozenset({column for state in states for column in state} - CITES - SILENT if closed else ())


def references_of(kind: str, state: State) -> set[Key]:
    """The records that a state refers to."""
    model = tracked_models().get(kind)
    found: set[Key] = set()
    for field in model._meta.concrete_fields if model else ():
        value = state.get(field.name)
        related = field.related_model
        if isinstance(value, dict) and isinstance(related, type) and issubclass(related, Record):
            found.add((related.record_kind(), value["id"]))
    if (about := belongs_to(kind, state)) is not None:
        found.add(about)
    return found


def label(kind: str, column: str) -> str:
    """A column's name in the model's words."""
    model = tracked_models().get(kind)
    for field in model._meta.concrete_fields if model else ():
        if field.name == column:
            return str(field.verbose_name)
    return column.replace("_", " ")


def stored_words(kind: str, column: str, stored: str | None) -> str:
    """A stored value for colleagues, who see every one: a number without idle noughts, a choice by its name."""
    model = tracked_models().get(kind)
    for field in model._meta.concrete_fields if model and stored else ():
        if field.name == column:
            if isinstance(field, models.DecimalField):
                return _digits(stored, None)
            return str(dict(field.flatchoices or ()).get(stored, stored))
    return stored or ""


def _digits(value: Any, decimals: int | None) -> str:
    """A stored number with the decimals that were published; without such a column, without idle noughts."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if decimals is not None:
        return written(number.quantize(Decimal(1).scaleb(-decimals)))
    return written(number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize())


def _names(kind: str, pks: Collection[int]) -> QuerySet[Any, Any]:
    """(kind, key, name, slug, level) of records, of the same types whatever the kind: a union takes no others."""
    text: TextField[Any, Any] = TextField()
    if kind == "window":
        rows: QuerySet[Any, Any] = Window.objects.filter(pk__in=pks).annotate(
            its_name=Concat(
                F("edition__name"), Constant(", "), Cast("first_year", text), Constant("–"), Cast("last_year", text),
                output_field=text,
            ),
            its_slug=Cast("edition__slug", text),
            its_level=Cast("edition__series__level", text),
        )  # fmt: skip
    else:
        name, slug = NAMES[kind]
        rows = tracked_models()[kind]._default_manager.filter(pk__in=pks).annotate(
            its_name=Cast(name, text), its_slug=Cast(slug, text),
            its_level=Cast("level", text) if kind == "technology" else Constant("", output_field=text),
        )  # fmt: skip
    rows = rows.order_by().annotate(its_kind=Constant(kind, output_field=text), its_pk=Cast("pk", BigIntegerField()))
    return rows.values_list("its_kind", "its_pk", "its_name", "its_slug", "its_level")


def steps_shown(
    steps: Iterable[Step],
    *,
    colleague: bool,
    own: Key | None = None,
    extra: Mapping[Key, Collection[State]] | None = None,
    at: Moment | None = None,
) -> tuple[tuple[RevisionShown, ...], Veil]:
    """Revisions for readers, and the veil that they were seen through."""
    found = tuple(steps)
    states: dict[Key, list[State]] = {key: list(more) for key, more in (extra or {}).items()}
    for step in found:
        states.setdefault(step.key, []).extend(state for state in (step.before, step.after) if state)
    veil = Veil(states, at)
    return tuple(
        veil.shown(step, act=act_of(step.act, colleague=colleague), own=own is None or step.key == own)
        for step in found
    ), veil
