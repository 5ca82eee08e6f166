"""The form of a record with its parts and their sources, and what it wants saved.

A form is a tree: a record, the rows of its parts, the rows of their sources. Every node has a name (`ref`), which is
the prefix of its fields: "main", "claim-0", "claim-0-citation-1". `prefix-total` says how many rows were sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.text import slugify

from tracker.actions.records import Draft, New, Refused, numbers_of
from tracker.forms.fields import ExactNumber, Picks, Prose, RecordChoice, field_for, number_sent, written_number
from tracker.history.belonging import counted_within
from tracker.history.kinds import KINDS, SOURCES, Kind, Part, label_of
from tracker.history.states import record_from
from tracker.history.tracked import State
from tracker.models import Act, Citation, Record, Revision, Source, Window

MAIN = "main"
# What stands in a template for the number of a row that is not there yet: one a depth.
PLACEHOLDERS = {1: "__row__", 2: "__inner__"}
# Where what is wrong with no single field is said.
WHOLES = {"": "why", "main": "main-whole"}
# A form with more rows has its long lists once, for all of them.
MANY_ROWS = 10
TYPED_OF_A_SOURCE = ("title", "publisher", "date", "url")
NEW_SOURCE = ("title", "publisher", "date", "url", "kind", "reuse")


class Hushable(forms.Form):
    """A form that can show what was typed without a word about it."""

    # The browser's own messages would hide ours, and hold on to fields that are folded away.
    use_required_attribute = False

    def hush(self) -> None:
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}


class ColumnsForm(Hushable):
    """The columns of one record."""

    def __init__(self, kind: Kind, columns: tuple[str, ...], picks: Picks, *, lean: bool = False, **options: Any):
        super().__init__(label_suffix="", **options)
        self.kind, self.columns = kind, columns
        for name in columns:
            self.fields[name] = field_for(kind, name, picks, lean=lean)

    def column_values(self) -> dict[str, Any]:
        """The cleaned fields as columns: a number gives its value and its decimals."""
        values: dict[str, Any] = {}
        decimals = {number.value: number.decimals for number in self.kind.numbers}
        for name in self.columns:
            value = self.cleaned_data[name]
            if isinstance(self.fields[name], ExactNumber):
                values[name] = value[0] if value else None
                if name in decimals:
                    values[decimals[name]] = value[1] if value else None
            elif name == "position" and value is None:
                continue
            else:
                values[name] = value
        return values


def typed(kind: Kind, record: Record) -> dict[str, Any]:
    """What stands in the fields of a record's form: initial values by column."""
    numbers = {number.value: number.decimals for number in kind.numbers}
    initial: dict[str, Any] = {}
    for name in kind.columns:
        column: Any = kind.model._meta.get_field(name)
        value = getattr(record, column.attname)
        if column.get_internal_type() == "DecimalField":
            decimals = getattr(record, numbers[name]) if name in numbers else None
            value = written_number(value, decimals)
        initial[name] = value
    return initial


def raw(kind: Kind, state: State) -> dict[str, str]:
    """What a browser would send of a state: text by column; a box that is not ticked sends ''."""
    found = typed(kind, record_from(kind.model, state))
    return {
        name: "on" if value is True else "" if value in (None, False) else str(value) for name, value in found.items()
    }


@dataclass
class Context:
    """What the nodes of one form share."""

    picks: Picks = field(default_factory=Picks)
    data: QueryDict | None = None
    hushed: bool = False
    # The ref of a row that was just added: its first field has the focus.
    added: str = ""
    children: dict[tuple[str, str, int], list[Record]] = field(default_factory=dict)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    # Whether long lists stand in the page once instead of in every row.
    lean: bool = False
    # Whether this is for rows that are not there yet: JavaScript copies them, and gives them their lists.
    template: bool = False


class Node:
    """One record of the form: its fields, and the rows of its parts."""

    def __init__(
        self, kind: Kind, context: Context, ref: str, *, record: Record | None = None, pk: int | None = None,
        depth: int = 0, part: Part | None = None, initial: Mapping[str, Any] | None = None, about: Record | None = None,
        foreign: bool = False,
    ) -> None:  # fmt: skip
        # Whether a row names a record that is not this owner's: nothing is done with it.
        self.foreign = foreign
        self.kind, self.context, self.ref, self.depth, self.part = kind, context, ref, depth, part
        self.record, self.pk = record, record.pk if record is not None else pk
        self.about = about
        data = context.data
        columns = tuple(
            name for name in kind.columns
            if part is None or (name != part.link and name != "position")
        )  # fmt: skip
        initial = typed(kind, record) if record is not None else {**_defaults(kind, columns), **(initial or {})}
        lean = context.template or (context.lean and depth > 0 and self.pk is not None)
        self.form = ColumnsForm(kind, columns, context.picks, lean=lean, data=data, prefix=ref, initial=initial)
        if kind.model is Citation:
            self._offer_columns(initial.get("field") or "")
        self.new_source: ColumnsForm | None = None
        if kind.model is Citation and self.pk is None:
            self.form.fields["source"].required = False
            self.new_source = ColumnsForm(
                KINDS["source"], NEW_SOURCE, context.picks, data=data, prefix=f"{ref}-new",
                initial={"kind": "", "reuse": Source.Reuse.FACT.value},
            )  # fmt: skip
        if context.hushed:
            for form in self.forms():
                form.hush()
        self.parts = [
            Rows(one, self, context) for one in (kind.all_parts if depth == 0 else (SOURCES,) if self._cited else ())
        ]

    @property
    def _cited(self) -> bool:
        return self.kind.model not in (Citation, Source)

    def _offer_columns(self, now: str) -> None:
        """The columns a citation may speak of, in words."""
        subject = self.about
        cited = KINDS.get(subject.record_kind()) if subject is not None else None
        choices = [("", "the whole record")]
        if cited is not None:
            choices += [
                (name, cited.column_label(name)) for name in cited.columns if name not in ("slug", "position")
            ]
        if now and now not in dict(choices):
            choices.append((now, now.replace("_", " ")))
        self.form.fields["field"].choices = choices  # type: ignore[attr-defined]

    def forms(self) -> Iterator[ColumnsForm]:
        yield self.form
        if self.new_source is not None:
            yield self.new_source

    @property
    def based_on(self) -> int | None:
        """The number of the revision that the form was filled from."""
        if self.pk is None:
            return None
        if self.context.data is not None:
            return number_sent(self.context.data.get(f"{self.ref}-based_on", ""))
        return self.context.numbers.get((self.kind.name, self.pk))

    @property
    def removed(self) -> bool:
        """Whether a row is to go. The record itself is deleted on a page that says what goes with it."""
        return self.depth > 0 and self.context.data is not None and bool(self.context.data.get(f"{self.ref}-remove"))

    @property
    def empty(self) -> bool:
        """Whether a new row was left as it was offered."""
        return (
            self.pk is None
            and not self.form.has_changed()
            and not self.names_new_source
            and all(row.empty for rows in self.parts for row in rows.rows)
        )

    @property
    def names_new_source(self) -> bool:
        """Whether a source is made in this row: what is offered in its lists is no sign of it."""
        made = self.new_source
        return made is not None and any(name in made.changed_data for name in TYPED_OF_A_SOURCE)

    @property
    def open(self) -> bool:
        """Whether a row shows its fields: new ones, and where something is wrong."""
        return self.pk is None or self.wrong

    @property
    def wrong(self) -> bool:
        bound = self.context.data is not None and not self.context.hushed and not self.removed
        return bound and (
            self.foreign
            or bool(self.form.errors)
            or (self.new_source is not None and self.names_new_source and bool(self.new_source.errors))
            or any(row.wrong for rows in self.parts for row in rows.rows)
        )

    @property
    def heading(self) -> str:
        """What the row is, in a line."""
        return label_of(self.record) if self.record is not None else ""

    def groups(self) -> Iterator[tuple[str, list[Any]]]:
        """The fields under their headings."""
        for title, names in self.kind.groups:
            found = [self.form[name] for name in names if name in self.form.fields]
            if found:
                yield title, found

    def new_source_fields(self) -> list[Any]:
        return [self.new_source[name] for name in NEW_SOURCE] if self.new_source is not None else []

    def nodes(self) -> Iterator[Node]:
        """This one and all below it that are to be looked at: not new rows that were left empty."""
        yield self
        for rows in self.parts:
            for row in rows.rows:
                if not row.empty:
                    yield from row.nodes()

    def clean(self) -> bool:
        """Checks the fields of this node; what is wrong stands at them."""
        good = self.form.is_valid()
        if self.foreign:
            self.form.add_error(
                None, f"This {self.kind.noun} is not of this record, or no longer: tick “Remove” here."
            )
            good = False
        made = self.new_source
        if made is not None and self.names_new_source:
            if self.form.cleaned_data.get("source"):
                made.add_error("title", "Choose a source from the list, or fill in a new one: not both.")
            good = made.is_valid() and good
        elif made is not None and good and not self.form.cleaned_data["source"]:
            self.form.add_error("source", "Choose a source, or fill in a new one.")
            good = False
        return good

    def drafts(self, above: Node | None = None) -> Iterator[Draft]:
        """What this node wants saved. Call it on clean nodes."""
        if self.removed:
            if self.pk is not None and not self.foreign:
                yield Draft(self.ref, self.kind.model, {}, pk=self.pk, based_on=self.based_on, delete=True)
            return
        values = self.form.column_values()
        of: Record | str | None = self.about if self.pk is None else None
        if self.part is not None and above is not None:
            owner: Any = above.record if above.record is not None else New(above.ref)
            if self.part.link:
                values[self.part.link] = owner
            elif self.pk is None:
                of = above.record if above.record is not None else above.ref
        if self.new_source is not None and self.names_new_source:
            source = self.new_source.column_values()
            source["slug"] = free_slug(KINDS["source"], source)
            yield Draft(f"{self.ref}-new", Source, source)
            values["source"] = New(f"{self.ref}-new")
        if "slug" in values and not values["slug"]:
            values["slug"] = free_slug(self.kind, values)
        if self.part is not None and self.record is not None:
            self._put_last(values)
        yield Draft(self.ref, self.kind.model, values, pk=self.pk, based_on=self.based_on, of=of)
        for rows in self.parts:
            for row in rows.rows:
                if not row.empty:
                    yield from row.drafts(self)

    def _put_last(self, values: dict[str, Any]) -> None:
        """What moves to other records of its kind, such as a party that changes sides, comes last there."""
        record: Any = self.record
        if "position" not in record.key_fields:
            return
        now = {name: getattr(record, name) for name in counted_within(self.kind.model)}
        then = {name: values.get(name, value) for name, value in now.items()}
        if then != now:
            others: Any = self.kind.model._default_manager.filter(**then)
            values["position"] = max(others.values_list("position", flat=True), default=0) + 1


class Rows:
    """The rows of one part."""

    def __init__(self, part: Part, owner: Node, context: Context) -> None:
        self.part, self.owner, self.context = part, owner, context
        self.kind = KINDS[part.kind]
        self.prefix = part.kind if owner.depth == 0 else f"{owner.ref}-{part.kind}"
        self.depth = owner.depth + 1
        data = context.data
        known: list[Record] = []
        if owner.pk is not None:
            known = context.children.get((part.kind, owner.kind.name, owner.pk), [])
        self.rows: list[Node] = []
        if data is None:
            for number, record in enumerate(known):
                self.rows.append(self._row(number, record=record))
            return
        by_pk = {record.pk: record for record in known}
        for number in range(self.sent):
            pk = number_sent(data.get(f"{self.prefix}-{number}-pk", ""))
            if pk is None and f"{self.prefix}-{number}-here" not in data:
                continue  # its row was taken out of the page
            found = by_pk.pop(pk) if pk in by_pk else None
            foreign = pk is not None and found is None and not self._left(pk)
            self.rows.append(self._row(number, record=found, pk=pk, foreign=foreign))

    def _left(self, pk: int) -> bool:
        """Whether a record was one of these rows until somebody deleted it."""
        last = Revision.objects.filter(kind=self.kind.name, record=pk).order_by("-number")[:2]
        if len(last) < 2 or last[0].action != Revision.Action.DELETE:
            return False
        state: Any = last[1].state or {}
        if self.part.link:
            return bool(state[self.part.link]["id"] == self.owner.pk)
        return bool((state["kind"], state["record"]) == (self.owner.kind.name, self.owner.pk))

    @property
    def sent(self) -> int:
        total = self.context.data.get(f"{self.prefix}-total", "") if self.context.data is not None else ""
        return min(int(total), 500) if total.isdecimal() and len(total) < 6 else 0

    @property
    def total(self) -> int:
        """The number that the next row gets."""
        return self.sent if self.context.data is not None else len(self.rows)

    @property
    def placeholder(self) -> str:
        return PLACEHOLDERS[self.depth]

    def _row(self, number: int | str, context: Context | None = None, **options: Any) -> Node:
        about = self.owner.record if not self.part.link else None
        if about is None and not self.part.link:
            about = self.owner.kind.model()  # of a new record only its kind is known
        return Node(
            self.kind,
            context or self.context,
            f"{self.prefix}-{number}",
            depth=self.depth,
            part=self.part,
            about=about,
            **options,
        )

    def template(self) -> Node:
        """A row that is not there yet."""
        return self._row(self.placeholder, Context(picks=self.context.picks, template=True))


def _defaults(kind: Kind, columns: tuple[str, ...]) -> dict[str, Any]:
    """What a new record's form offers."""
    found: dict[str, Any] = {}
    for name in columns:
        column: Any = kind.model._meta.get_field(name)
        if column.has_default():
            found[name] = column.get_default()
    if kind.model is Citation:
        found.pop("position", None)
    return found


def next_code(kind: Kind) -> str:
    """Our next number of a kind: CR095 after CR094."""
    begins = kind.code_begins
    rows: Any = kind.model._default_manager
    codes = rows.filter(code__regex=rf"^{begins}[0-9]+$").values_list("code", flat=True)
    return f"{begins}{max((int(code.removeprefix(begins)) for code in codes), default=0) + 1:03}"


def free_slug(kind: Kind, values: Mapping[str, Any]) -> str:
    """A slug from the record's own words that no record of the kind has yet."""
    words = kind.slug_words(values)
    columns: Any = kind.model._meta
    longest: int = columns.get_field("slug").max_length
    stem = slugify(words)[: longest - 4].strip("-") or kind.name
    if len(slugify(words)) > longest - 4 and "-" in stem:
        stem = stem.rpartition("-")[0]
    rows: Any = kind.model._default_manager
    taken = set(rows.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if slug not in taken)


class WhyForm(Hushable):
    """Every change says its cause and why."""

    cause = forms.ChoiceField(
        label="Cause", choices=[("", "Choose…"), *Act.Cause.choices],
        error_messages={"required": "Choose why it changes."},
    )  # fmt: skip
    note = Prose(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 1}),
        error_messages={"required": "Say why: every change has a note."},
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")


@dataclass(frozen=True)
class Wrong:
    """One thing to put right, for the list above the form."""

    where: str
    message: str
    address: str


class RecordForm:
    """The whole form: a record, its parts, their sources, cause and note."""

    def __init__(
        self, kind: Kind, *, record: Record | None = None, data: QueryDict | None = None,
        initial: Mapping[str, str] | None = None, about: Record | None = None, hushed: bool = False, added: str = "",
        read_at: int | None = None,
    ) -> None:  # fmt: skip
        """`read_at`: the newest revision before `record` was read; what changed since is a conflict, not overwritten."""
        self.kind, self.record, self.about = kind, record, about
        self.context = context = Context(data=data, hushed=hushed, added=added)
        if record is not None:
            context.children, context.numbers = _below(kind, record, read_at)
        context.lean = sum(map(len, context.children.values())) > MANY_ROWS
        named = self._named(initial or {})
        if record is not None and kind.model is Citation:
            self.about = _spoken_of(record)
        self.main = Node(kind, context, MAIN, record=record, initial=named, about=self.about)
        self.why = WhyForm(data)
        if hushed:
            self.why.hush()

    def _named(self, words: Mapping[str, str]) -> dict[str, Any]:
        """What the address says of a new record: references by primary key, slug or code, other columns as text."""
        found: dict[str, Any] = {}
        for name in self.kind.columns:
            word = words.get(name, "").strip()
            if not word:
                continue
            offered = field_for(self.kind, name, self.context.picks)
            found[name] = offered.named(word) if isinstance(offered, RecordChoice) else word[:500]
        if "window" in self.kind.columns and "window" not in found and words.get("edition"):
            windows: Any = self.context.picks.of(Window)
            for window in windows.values():
                if window.kind == "main" and window.edition.slug == words["edition"]:
                    found["window"] = window
        if self.kind.code_begins and "code" not in found:
            found["code"] = next_code(self.kind)
        return {name: value for name, value in found.items() if value is not None}

    def is_valid(self) -> bool:
        """Whether what was typed can be read. All of it is checked, so that all errors are shown at once."""
        found = [node.clean() for node in self.main.nodes() if not node.removed]
        return self.why.is_valid() and all(found)

    def drafts(self) -> list[Draft]:
        return list(self.main.drafts())

    def refuse(self, refused: Refused) -> None:
        """Puts the messages of the rules at the fields that they speak of."""
        forms_by_ref = {form.prefix: form for node in self.main.nodes() for form in node.forms()}
        for ref, columns in refused.errors.items():
            form = forms_by_ref.get(ref)
            for column, messages in columns.items():
                for message in messages:
                    self._say(form, column, message)

    def _say(self, form: ColumnsForm | None, column: str, message: str) -> None:
        if form is None:
            self.why.add_error("note" if column == "note" else None, message)
            return
        name = form.kind.column_of(column)
        form.add_error(name if name in form.fields else None, message)

    def wrongs(self) -> list[Wrong]:
        """Everything that is wrong, in the order of the page."""
        found = []
        if self.context.data is None or self.context.hushed:
            return []
        for node in self.main.nodes():
            if node.removed:
                continue
            for form in node.forms():
                if form is node.new_source and not node.names_new_source:
                    continue
                found += list(_wrongs(form, node))
        found += list(_wrongs(self.why, None))
        return found


def _wrongs(form: forms.Form, node: Node | None) -> Iterator[Wrong]:
    place = ""
    if node is not None and node.part is not None:
        place = f"{node.part.title}, {node.heading or 'new row'}: "
    for name, messages in form.errors.items():
        bound = form[name] if name in form.fields else None
        address = f"#{bound.id_for_label}" if bound is not None else f"#{WHOLES.get(form.prefix or '', form.prefix)}"
        for message in messages:
            yield Wrong(f"{place}{bound.label if bound is not None else ''}".rstrip(": "), str(message), address)


def _below(
    kind: Kind, record: Record, read_at: int | None
) -> tuple[dict[tuple[str, str, int], list[Record]], dict[tuple[str, int], int]]:
    """The records of a form's rows by (their kind, owner's kind, owner), and the numbers of all their revisions."""
    children: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
    owners: dict[str, set[int]] = defaultdict(set)
    owners[kind.name].add(record.pk)
    for part in kind.parts:
        rows = KINDS[part.kind].rows()
        hanging = {part.link: record} if part.link else {"kind": kind.name, "record": record.pk}
        for row in rows.filter(**hanging):
            children[part.kind, kind.name, record.pk].append(row)
            owners[part.kind].add(row.pk)
    if kind.all_parts:
        speaking = Q(pk__in=[])
        for owner, pks in owners.items():
            speaking |= Q(kind=owner, record__in=pks)
        cited = KINDS["citation"].rows().select_related("source", "seen_through").filter(speaking)
        for citation in cited.order_by("position", "pk"):
            children["citation", citation.kind, citation.record].append(citation)
            owners["citation"].add(citation.pk)
    numbers = {
        (name, pk): number for name, pks in owners.items() for pk, number in numbers_of(name, pks, at=read_at).items()
    }  # fmt: skip
    return children, numbers


def _spoken_of(citation: Record) -> Record | None:
    subject = KINDS.get(citation.kind)  # type: ignore[attr-defined]
    return subject.rows().filter(pk=citation.record).first() if subject else None  # type: ignore[attr-defined]
