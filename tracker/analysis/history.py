"""History for readers: acts, revisions, and what differs between two states, field by field."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from tracker.analysis.read_model import Cited, Link, PageModel, TableData, long_date, written

WITHHELD = "withheld"
# Texts up to this long are shown as a whole before and after; longer ones with the words that differ.
SHORT = 40
# Part of the words in common below which two texts are two texts.
LITTLE = 0.3


@dataclass(frozen=True)
class Part:
    """A stretch of a text, and whether the other text lacks it."""

    text: str
    differs: bool


Parts = tuple[Part, ...]


@dataclass(frozen=True)
class FieldDifference:
    """One field before and after, in words; "" = empty. `withheld`: its values may not be shown."""

    field: str
    before: str
    after: str
    withheld: bool = False

    @property
    def parts(self) -> tuple[Parts, Parts]:
        """Both texts with what differs marked."""
        return word_difference(self.before, self.after)

    @property
    def before_parts(self) -> Parts:
        return self.parts[0]

    @property
    def after_parts(self) -> Parts:
        return self.parts[1]

    @property
    def worded(self) -> bool:
        """Whether only some words of the texts differ."""
        return len(self.before_parts) > 1 or len(self.after_parts) > 1


def word_difference(before: str, after: str) -> tuple[Parts, Parts]:
    """Two texts as stretches that both have and stretches that only one has, by words; a list by its items."""
    if not before or not after or before == after or max(len(before), len(after)) <= SHORT:
        differs = before != after
        return _whole(before, differs), _whole(after, differs)
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False)
    if matcher.ratio() < LITTLE:
        return _whole(before, True), _whole(after, True)
    removed: list[Part] = []
    added: list[Part] = []
    for what, first, last, from_, to in matcher.get_opcodes():
        if first < last:
            removed.append(Part("".join(old[first:last]), what != "equal"))
        if from_ < to:
            added.append(Part("".join(new[from_:to]), what != "equal"))
    return tuple(removed), tuple(added)


def _whole(text: str, differs: bool) -> Parts:
    return (Part(text, differs),) if text else ()


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text) + re.findall(r"\s+\Z", text)


@dataclass(frozen=True)
class ActShown:
    """One act: when, who, why, through which door, and what it touched."""

    pk: int
    at: datetime.datetime
    by: str
    cause: str
    note: str
    origin: str
    first: int
    last: int
    touched: str
    records: int
    removed: str = ""

    @property
    def address(self) -> str:
        return f"/history/acts/{self.pk}/"

    @property
    def second(self) -> str:
        """For HTML: '2026-03-01T12:05:09Z'."""
        return f"{self.at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def when(self) -> str:
        """'1 March 2026, 12:05 UTC'."""
        at = self.at.astimezone(datetime.UTC)
        return f"{long_date(at.date().isoformat())}, {at:%H:%M} UTC"


def time_of(at: datetime.datetime) -> str:
    """'2026-03-01 12:05 UTC'."""
    return f"{at.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class ActRow:
    """An act in the list."""

    act: Link
    at: str
    by: str
    cause: str
    touched: str
    origin: str


def touched_words(counts: Iterable[tuple[str, str, int]]) -> str:
    """'62 scores, 1 edition' of (singular, plural, how many)."""
    return ", ".join(f"{written(many)} {one if many == 1 else several}" for one, several, many in counts)


@dataclass(frozen=True)
class ChangedField:
    """A row of the twins: one field that one revision, or the time between two moments, changed."""

    revision: str
    at: str
    by: str
    cause: str
    note: str
    kind: str
    record: Link | None
    action: str
    field: str
    before: str
    after: str
    sources: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class RevisionShown:
    """What happened to one record: in one revision (`number`, `act`), or between two moments (both None).

    `name` is the record's, "withheld" where it may not be named; `history` leads to its history, `page` to the page
    where it stands. `removed`: what a redaction took out. `sources`: who was cited for it then. `own`: it is the record
    that the page is about, not one that belongs to it. `number_before`: its revision before.
    """

    kind: str
    name: str
    history: str
    page: str
    action: str
    differences: tuple[FieldDifference, ...]
    number: int | None = None
    number_before: int | None = None
    act: ActShown | None = None
    sources: tuple[Cited, ...] = ()
    removed: str = ""
    withheld: bool = False
    own: bool = True

    @property
    def rows(self) -> tuple[ChangedField, ...]:
        """Its rows in the twins: a field each; one without fields where there is nothing to show of it."""
        act = self.act
        said = (
            (f"r{self.number}" if self.number else ""),
            act.at.isoformat() if act else "",
            act.by if act else "",
            act.cause if act else "",
            act.note if act else "",
            self.kind,
            Link(self.name, self.history),
            self.action,
        )
        return tuple(ChangedField(*said, one.field, one.before, one.after, self.sources) for one in self.lines)

    @property
    def lines(self) -> tuple[FieldDifference, ...]:
        """The fields, or one line that says why there are none."""
        if self.differences:
            return self.differences
        if self.withheld:
            return (
                FieldDifference(
                    "all fields",
                    "" if self.action == "created" else WITHHELD,
                    "" if self.action == "deleted" else WITHHELD,
                    withheld=True,
                ),
            )
        return (FieldDifference("no field that readers see", "", ""),)


def changes_table(caption: str, shown: Iterable[RevisionShown], empty: str) -> TableData:
    """The rows of revisions as the table `changes` of a page."""
    return TableData("changes", caption, tuple(row for one in shown for row in one.rows), ChangedField, empty=empty)


@dataclass(frozen=True)
class Pager:
    """Where the pages before and after this one start; "" = there is none. Addresses without a path: '?start=12'."""

    newer: str = ""
    older: str = ""
    first: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class ActListPage(PageModel):
    """/history/. `feed`: the address of the feed with the same filters."""

    pager: Pager = field(default=Pager(), metadata={"twin": False})
    feed: str


@dataclass(frozen=True, kw_only=True)
class ActPage(PageModel):
    """One act with a page of its revisions."""

    act: ActShown
    revisions: tuple[RevisionShown, ...] = field(metadata={"twin": False})
    pager: Pager = field(default=Pager(), metadata={"twin": False})


@dataclass(frozen=True)
class Choice:
    """A revision that can be compared with another."""

    number: int
    at: str
    by: str
    note: str


@dataclass(frozen=True)
class Compared:
    """Two revisions of the record, the earlier one first."""

    first: int
    second: int
    shown: RevisionShown


@dataclass(frozen=True, kw_only=True)
class RecordHistoryPage(PageModel):
    """A record's history. `deleted`: the act that deleted it, where it is; `last`: its last number before that."""

    kind: str
    record_page: str
    revisions: tuple[RevisionShown, ...] = field(metadata={"twin": False})
    pager: Pager = field(default=Pager(), metadata={"twin": False})
    deleted: ActShown | None = None
    last: int | None = None
    compared: Compared | None = field(default=None, metadata={"twin": False})
    choices: tuple[Choice, ...] = field(default=(), metadata={"twin": False})
    chosen: tuple[int, int] | None = field(default=None, metadata={"twin": False})


@dataclass(frozen=True)
class KindCount:
    """How many records of a kind came, changed and went. `address` leads to them alone."""

    kind: Link
    created: int
    changed: int
    deleted: int

    @property
    def total(self) -> int:
        return self.created + self.changed + self.deleted


def kind_counts(found: Iterable[tuple[str, str]], links: dict[str, Link]) -> tuple[KindCount, ...]:
    """Counts by kind of (kind, action), most first."""
    counts = Counter(found)
    rows = [
        KindCount(link, counts[kind, "created"], counts[kind, "changed"], counts[kind, "deleted"])
        for kind, link in links.items()
    ]
    # What is cited comes before its citations, however many.
    order = [kind for kind in links if kind != "citation"]
    row_of = {kind: row for kind, row in zip(links, rows, strict=True) if row.total}
    order.sort(key=lambda kind: (-row_of[kind].total, row_of[kind].kind.text) if kind in row_of else (0, ""))
    return tuple(row_of[kind] for kind in (*order, "citation") if kind in row_of)


@dataclass(frozen=True, kw_only=True)
class ChangesPage(PageModel):
    """What differs between two moments. `of`: the page whose records it is about, or None for all."""

    first: int
    last: int
    of: Link | None
    kind: str
    revisions: tuple[RevisionShown, ...] = field(metadata={"twin": False})
    pager: Pager = field(default=Pager(), metadata={"twin": False})
