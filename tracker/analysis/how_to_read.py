"""/how-to-read/: what controls, lists and figures of trade say, and what they do not. Its numbers are the record's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.home import counted
from tracker.analysis.read_model import Cited, Link, PageModel, Value, citing, stated
from tracker.analysis.second_hand import second_hand_mark
from tracker.analysis.technologies import joined
from tracker.analysis.trade_figures import (
    GAP,
    RATIO,
    FlowRow,
    amount,
    baseline_amount,
    bounded,
    change,
    compared,
    period,
    route,
)

AS_PRINTED = "no word"
SMALLER = "The true figure is a little smaller: by how much is not said."
MEANINGS = {
    "more than": "The true figure is larger: by how much is not said.",
    "at least": "The true figure is larger, or as large: by how much is not said.",
    "slightly over": "The true figure is a little larger: by how much is not said.",
    "about": "The true figure lies near: on which side, and how near, is not said.",
    "nearly": SMALLER,
    "almost": SMALLER,
    "less than": "The true figure is smaller: by how much is not said.",
    AS_PRINTED: "The figure as printed, rounded by its source.",
}


@dataclass(frozen=True)
class ReadingRow:
    """A figure of trade as an example: how much, of when, compared with what, counted from whose records."""

    figure: Link
    value: Value
    period: str
    compared: str
    change: str
    counted_from: str


@dataclass(frozen=True)
class BoundRow:
    """A word that a source sets before its figure, and how many of our figures have it."""

    word: str
    meaning: str
    figures: Value


@dataclass(frozen=True)
class EditionRow:
    """An edition of a list, and what follows of what it does not name. `date` is partial."""

    control: Link
    date: str
    extent: str
    entries: Value
    silence: str


SILENCE = {
    "whole": "By our reading it was not on the list on that day. That it was removed, and when, is for a source to say: "
    "from then on our answer is that it cannot be said.",
    "additions": "Nothing follows: it says only what was added and taken off.",
    "": "Nothing can be said: whether it repeats the whole list is not known to us.",
}


@dataclass(frozen=True, kw_only=True)
class HowToReadPage(PageModel):
    """`ratios`, `mirror` and `copies`: what the record's own figures show, in sentences; '' where it has none."""

    ratios: str
    mirror: str
    copies: str


def example(row: FlowRow) -> ReadingRow:
    return ReadingRow(
        figure=Link(f"{row.product}, {route(row)}", row.good.address),
        value=stated(
            amount(row),
            citing(row.cited, "value_from", "value_to", "bound", "baseline_value", "change_stated"),
            bound=row.bound,
            basis="stated",
        ),
        period=period(row),
        compared=compared(row),
        change=change(row).removeprefix("stated change: "),
        counted_from=row.data_basis,
    )


def of_one_trade(rows: Iterable[FlowRow]) -> tuple[FlowRow, ...]:
    """The figures of the one good and route of which most ratios and changes are published, oldest first.

    Only where one of them is itself a ratio, and another one differs; else empty.
    """
    groups: dict[tuple[int, str], list[FlowRow]] = {}
    for row in rows:
        if row.measure == RATIO or row.change_stated:
            groups.setdefault((row.good.pk, route(row)), []).append(row)
    with_ratio = [group for group in groups.values() if len(group) > 1 and any(row.measure == RATIO for row in group)]
    largest = max(with_ratio, key=len, default=[])
    return tuple(sorted(largest, key=lambda row: (row.period_start, row.period_end, row.code)))


def ratios_sentence(rows: Sequence[FlowRow]) -> str:
    """'Of aluminium oxide, China to Russia, 4 figures of growth are published: … All can hold.'"""
    if not rows:
        return ""
    growths = joined([f"{row.change_stated or bounded(row)} ({period(row)})" for row in rows])
    text = (
        f"Of {rows[0].good.said[:1].lower()}{rows[0].good.said[1:]}, {route(rows[0])}, {len(rows)} figures of growth "
    )
    text += f"are published: {growths}. All of them can hold: each is of its own span of time"
    bases = [(row.baseline_value, baseline_amount(row)) for row in rows if row.baseline_value is not None]
    if bases:
        text += f". The smallest base among them that is named is {min(bases)[1]}; a small base makes a large ratio"
    return f"{text}."


def mirror_sentence(rows: Iterable[FlowRow]) -> str:
    """'Turkey to Kazakhstan, January to September 2023: USD 66 million in one record, USD 6.1 million in the other.'"""
    said = [
        f"{route(row)}, {period(row)}, {row.product}: {bounded(row)} in one record, {baseline_amount(row)} in the other"
        for row in rows
        if row.kind == GAP and row.baseline_value is not None
    ]
    return f"{'; '.join(said)}." if said else ""


def copies_sentence(parts: Iterable[tuple[str, Iterable[tuple[Cited, ...]]]]) -> str:
    """'120 of 180 listings and 3 of 69 figures of trade are known only from copies.' Parts: (plural noun, citations)."""
    said = []
    for noun, of_each in parts:
        every = [bool(second_hand_mark(cited)) for cited in of_each]
        if any(every):
            said.append(f"{sum(every)} of {len(every)} {noun}")
    return f"{joined(said)} in our collection are known to us second-hand only." if said else ""


def bound_rows(rows: Iterable[FlowRow]) -> tuple[BoundRow, ...]:
    """Every word for a bound that figures of ours have, the most frequent first."""
    counts = Counter(row.bound or AS_PRINTED for row in rows)
    return tuple(
        BoundRow(word, MEANINGS[word], counted(number, "/trade/"))
        for word, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )
