"""Countries: what each leads, where it stands in each field."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, PageModel, Place, Value


@dataclass(frozen=True)
class CountryRow:
    """A country in one edition of technologies and in the newest window of the fields."""

    place: Place
    region: str
    led: Value
    stated_led: Value
    second: Value
    top_five: Value
    stated_top_five: Value
    fields_led: Value
    best_field: Link | None
    best_field_rank: Value


@dataclass(frozen=True)
class CountryTechnologyRow:
    """What is known of a country in one technology of an edition."""

    technology: Link
    category: str
    rank: Value
    share: Value
    leader: Value
    note: str


@dataclass(frozen=True)
class CountryEditionRow:
    """A country's counts in one edition: from rows, and as the publisher states them."""

    edition: Link
    years: str
    led: Value
    stated_led: Value
    second: Value
    stated_second: Value
    stated_top_five: Value
    technologies: Value


@dataclass(frozen=True)
class CountryFieldRow:
    field: Link
    rank: Value
    share: Value
    rank_first: Value
    share_first: Value
    change: Value


@dataclass(frozen=True)
class CategoryCountRow:
    category: str
    led: Value
    second: Value
    known: Value
    technologies: Value


@dataclass(frozen=True, kw_only=True)
class CountryPage(PageModel):
    place: Place
    region: str
    note: str
    blocs: tuple[Link, ...]
