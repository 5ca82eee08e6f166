"""Links to the forms of records, in the panels of values, for who may edit. Readers are led to the history alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.read_model import RecordRef, Value

# More records than these are no help in a panel.
RECORDS_NAMED = 6
NOTHING = mark_safe("")


@dataclass
class Offer:
    """That edits are offered while a page is drawn: its address, to come back to, and the edition it shows.

    `drawn`: the ids of values that stand on the page already.
    """

    back: str
    edition: str = ""
    drawn: set[str] = field(default_factory=set)


_offer: ContextVar[Offer | None] = ContextVar("offer", default=None)


@contextmanager
def offering_edits(offer: Offer | None) -> Iterator[None]:
    """Inside, values are drawn with links to the forms of their records; None = for readers."""
    token = _offer.set(offer)
    try:
        yield
    finally:
        _offer.reset(token)


def offered() -> Offer | None:
    """What is offered now; None for readers."""
    return _offer.get()


def records_of(value: Value) -> tuple[RecordRef, ...]:
    """The records that a value stands in: its own, else those that its citations speak of."""
    if value.of is not None:
        return (value.of,)
    found = {(one.of.kind, one.of.pk): one.of for one in value.cited if one.of is not None}
    return tuple(found.values())


def edit_address(ref: RecordRef, back: str) -> str:
    """The form of a record, at the column that a value shows; `back` is where one comes back to."""
    return f"/records/{ref.kind}/{ref.pk}/edit/?{urlencode({'field': ref.column, 'back': back})}"


def new_score_address(offer: Offer, technology: str, country: str, bloc: str, cell: str) -> str:
    """The form of a score that is not known yet."""
    known = {"technology": technology, "country": country, "bloc": bloc, "edition": offer.edition, "field": "share"}
    said = {name: value for name, value in known.items() if value}
    return f"/records/score/new/?{urlencode({**said, 'back': f'{offer.back}#{cell}'})}"


def id_of(value: Value) -> SafeString:
    """The id by which one comes back to a value after editing: the first of a record on the page has it."""
    offer, records = _offer.get(), records_of(value)
    if offer is None or not records:
        return NOTHING
    name = _name(records[0])
    if name in offer.drawn:
        return NOTHING
    offer.drawn.add(name)
    return format_html(' id="{}"', name)


def _name(ref: RecordRef) -> str:
    return f"value-{ref.kind}-{ref.pk}"


def edits(value: Value) -> SafeString:
    """Links to the forms and histories of the records that a value stands in; for readers to the history of one."""
    offer, records = _offer.get(), records_of(value)
    if offer is None and len(records) == 1:
        return format_html('<a href="/records/{}/{}/history/">History</a> ', records[0].kind, records[0].pk)
    if offer is None or not records or len(records) > RECORDS_NAMED:
        return NOTHING
    several = len(records) > 1
    items = (
        (
            edit_address(ref, f"{offer.back}#{_name(records[0])}"),
            format_html(" {}", ref.key or f"{ref.kind} {ref.pk}") if several else NOTHING,
            f"/records/{ref.kind}/{ref.pk}/history/",
        )
        for ref in records
    )
    links = format_html_join("", '<li><a class="edit-link" href="{}">Edit{}</a> <a href="{}">History</a></li>', items)
    return format_html('<ul class="value-edits">{}</ul>', links)
