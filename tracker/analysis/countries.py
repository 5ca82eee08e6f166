"""Countries and blocs: what each leads, where it stands in each field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.leadership import ScoreRow
from tracker.analysis.read_model import Cited, Link, PageModel, Place, Value


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
class BlocRow:
    place: Place
    members: int
    led: Value
    second: Value


@dataclass(frozen=True, kw_only=True)
class CountryListPage(PageModel):
    pass


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
    technologies: int | None


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
    led: int
    second: int
    known: int
    technologies: int


@dataclass(frozen=True, kw_only=True)
class CountryPage(PageModel):
    place: Place
    region: str
    note: str
    blocs: tuple[Link, ...]


@dataclass(frozen=True)
class MemberRow:
    place: Place
    since: str
    until: str
    note: str
    sources: Value


@dataclass(frozen=True)
class BlocFieldRow:
    """A bloc in one field: the sum of its members' known shares; `without` are members without a value."""

    field: Link
    share: Value
    members_known: int
    without: str


@dataclass(frozen=True)
class BlocScoreRow:
    technology: Link
    edition: Link
    years: str
    rank: Value
    share: Value
    note: str


@dataclass(frozen=True, kw_only=True)
class BlocPage(PageModel):
    place: Place
    description: str
    note: str


def bloc_share(members: Iterable[Place], scores: dict[Place, ScoreRow]) -> tuple[Value, int, tuple[Place, ...]]:
    """The sum of the members' known shares, how many are known, and the members without a value.

    Says "at least" where a member's share is unknown; unknown where none is known. The sum has the
    precision of its coarsest part.
    """
    shares: list[Decimal] = []
    without: list[Place] = []
    cited: dict[Cited, None] = {}
    for member in members:
        score = scores.get(member)
        if score is None or score.share is None:
            without.append(member)
        else:
            shares.append(score.share)
            cited.update(dict.fromkeys(score.cited))
    if not shares:
        return Value(), 0, tuple(without)
    exponent = max(int(share.as_tuple().exponent) for share in shares)
    total = sum(shares, Decimal(0)).quantize(Decimal(1).scaleb(exponent))
    return (
        Value(total, unit="%", bound="at least" if without else "", basis="derived", cited=tuple(cited)),
        len(shares),
        tuple(without),
    )
