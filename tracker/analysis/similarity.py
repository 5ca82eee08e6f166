"""Which countries divide their research over the fields in like proportions.

Method: J. M. Finger and M. E. Kreinin, "A Measure of Export Similarity and Its Possible Uses", The Economic
Journal 89 (1979), pages 905-912, with research fields in place of goods. A profile is a country's share in each
field divided by the sum of its shares over the fields. The overlap of two profiles is the sum over the fields of
the smaller of the two parts, in per cent: 100 = equal profiles, 0 = no field in common. It compares proportions,
not size. So that a giant is no peer of a dwarf, only countries of comparable weight are: their sum of shares is
between a quarter of and four times the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from tracker.analysis.read_model import Cited, Link, Place, Value
from tracker.analysis.technologies import lower_first, the

Field = TypeVar("Field", bound=Hashable)
Other = TypeVar("Other", bound=Hashable)
# Shares in per cent by field.
Shares = Mapping[Field, Decimal]

HEAVIER = 4
MOST = 5
METHOD = (
    "A profile is a place's share in each research field divided by the sum of its shares over the fields; the "
    "overlap of two adds up, field by field, the smaller of the two parts (after Finger and Kreinin 1979, who "
    "compared exports), so 100\u202f% means equal profiles, whatever the size. Compared are countries with a value in "
    "every field, none heavier or lighter than four times."
)


@dataclass(frozen=True)
class PeerRow:
    """A country with a similar profile: the overlap in per cent, and how its profile differs most."""

    place: Place
    overlap: Value
    differs: str
    compare: Link


def overlap(one: Shares[Field], other: Shares[Field]) -> Fraction | None:
    """The overlap of two profiles in per cent, exactly; None where one of them has nothing at all."""
    weights = Fraction(sum(one.values())), Fraction(sum(other.values()))
    if not all(weights):
        return None
    # min(a / A, b / B) = min(a * B, b * A) / (A * B)
    common = sum(
        min(Fraction(share) * weights[1], Fraction(other[field]) * weights[0])
        for field, share in one.items()
        if field in other
    )
    return 100 * common / (weights[0] * weights[1])


def comparable(one: Shares[Field], other: Shares[Field]) -> bool:
    """Whether the sums of shares lie within a quarter and four times of each other."""
    first, second = sum(one.values()), sum(other.values())
    return first <= HEAVIER * second and second <= HEAVIER * first


def most_alike(
    of: Shares[Field], others: Mapping[Other, Shares[Field]], most: int = MOST
) -> tuple[tuple[Other, Fraction], ...]:
    """The `most` others with the greatest overlap (others in order where equal), of comparable weight.

    Only those with a share in every field of `of` are compared.
    """
    found = []
    for other, shares in others.items():
        if of.keys() <= shares.keys() and comparable(of, shares):
            common = overlap(of, {field: shares[field] for field in of})
            if common is not None:
                found.append((other, common))
    found.sort(key=lambda pair: -pair[1])
    return tuple(found[:most])


def differences(one: Shares[Field], other: Shares[Field], most: int = 2) -> tuple[tuple[Field, bool], ...]:
    """The `most` fields in which two profiles differ most: (field, whether it is more of the other's)."""
    first, second = Fraction(sum(one.values())), Fraction(sum(other.values()))
    if not first or not second:
        return ()
    apart = {
        field: Fraction(other[field]) / second - Fraction(share) / first
        for field, share in one.items()
        if field in other
    }
    widest = sorted((field for field in apart if apart[field]), key=lambda field: -abs(apart[field]))
    return tuple((field, apart[field] > 0) for field in widest[:most])


def per_cent(common: Fraction) -> Decimal:
    """An overlap with one decimal: shares have about three significant figures."""
    return (Decimal(common.numerator) / Decimal(common.denominator)).quantize(Decimal("0.1"))


def peer_rows(
    place: Place,
    members: Collection[Place],
    profiles: Mapping[Place, Shares[str]],
    fields: Collection[str],
    *,
    edition: str,
    cited: tuple[Cited, ...],
) -> tuple[PeerRow, ...]:
    """The countries most like a place, whose profile is the sum of its members' shares; members are left out.

    `fields` are all there are: none is compared without a share in each. `edition` is that of the shares.
    """
    own = sum_profile(members, profiles)
    if not fields or own.keys() != set(fields):
        return ()
    others = {other: shares for other, shares in profiles.items() if other not in members}
    return tuple(
        PeerRow(
            other,
            Value(per_cent(common), unit="%", basis="computed", cited=cited),
            _differs(own, profiles[other]),
            Link(
                f"Compare with {the(other.name)}",
                f"/compare/?side={place.code.lower()}&side={other.code.lower()}&edition={edition}",
            ),
        )
        for other, common in most_alike(own, others)
    )


def sum_profile(members: Collection[Place], profiles: Mapping[Place, Shares[str]]) -> dict[str, Decimal]:
    """The sum of the members' known shares by field."""
    sums: dict[str, Decimal] = {}
    for member in members:
        for field, share in profiles.get(member, {}).items():
            sums[field] = sums.get(field, Decimal(0)) + share
    return sums


def _differs(own: Shares[str], other: Shares[str]) -> str:
    """'more clinical medicine, less engineering': the other's profile against one's own."""
    return ", ".join(f"{'more' if more else 'less'} {lower_first(field)}" for field, more in differences(own, other))


def partial(members: Collection[Place], profiles: Mapping[Place, Shares[str]], fields: Collection[str]) -> bool:
    """Whether a sum over the members lacks a share of one of them in a field."""
    return any(not set(fields) <= profiles.get(member, {}).keys() for member in members)


def alike_sentence(
    place: Place,
    members: Collection[Place],
    profiles: Mapping[Place, Shares[str]],
    fields: Collection[str],
    peers: tuple[PeerRow, ...],
) -> str:
    """Which country is most alike and by how much, or why none can be named.

    Of a bloc the sentence speaks of the countries outside, and says where its own profile is partial.
    """
    known = len(sum_profile(members, profiles))
    if known < len(fields) or not fields:
        return f"A value is known to us in {known} of {len(fields)} fields: too few for a profile."
    bloc = place.kind == "bloc"
    text = _most_alike_words(peers, bloc=bloc)
    if bloc and partial(members, profiles, fields):
        text += " The profile is partial: that of its members with known shares."
    return text


def _most_alike_words(peers: tuple[PeerRow, ...], *, bloc: bool) -> str:
    outside = "outside " if bloc else ""
    if not peers:
        return (
            f"No {'country outside' if bloc else 'other country'} with a value in every field has between a quarter "
            "and four times its weight."
        )
    best = f"{the(peers[0].place.name)}, with an overlap of {peers[0].overlap.text}\u202f%"
    if len(peers) == 1:
        only = f"Of the countries outside, only {best}" if bloc else f"Only {best}"
        return f"{only}, has a value in every field and is of comparable weight."
    if len(peers) < MOST:
        return (
            f"Of the {len(peers)} countries {outside}of comparable weight with a value in every field, most alike is "
            f"{best}."
        )
    return f"Of the countries outside, most alike is {best}." if bloc else f"Most alike is {best}."
