"""The sides of a comparison: a country, a bloc with its members, or a bloc that a reader makes up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches

from tracker.analysis.blocs import bloc_share
from tracker.analysis.leadership import ScoreRow, half_step, share_value
from tracker.analysis.read_model import Place, Ranks, Value
from tracker.analysis.technologies import joined, the

LEAST, MOST = 2, 4
CUSTOM = "custom:"


class SideRefused(ValueError):
    """The sides that were named cannot be compared: why, and whether one of them is not known at all."""

    def __init__(self, reason: str, *, unknown: bool = False) -> None:
        self.reason, self.unknown = reason, unknown
        super().__init__(reason)


@dataclass(frozen=True)
class Side:
    """One side. `key` is its name in the address; `members` are countries, for a country itself alone."""

    key: str
    place: Place
    members: tuple[Place, ...]
    within: str

    @property
    def single(self) -> bool:
        """Whether it is one country: a bloc of one is."""
        return len(self.members) == 1

    @property
    def made_up(self) -> bool:
        """Whether it is a bloc that a reader put together."""
        return self.key.startswith(CUSTOM)

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def column(self) -> str:
        """Its name in columns of twins: 'cn', 'five_eyes'; 'custom' for a bloc made up by a reader."""
        return re.sub(r"\W", "_", self.key.partition(":")[0]).lower()


@dataclass(frozen=True)
class NamedPlace:
    """A country or bloc under all its names. `members` are codes, for a country its own."""

    place: Place
    short_name: str
    names: tuple[str, ...]
    members: tuple[str, ...]


class Places:
    """Every country and bloc that can be a side, found by code, slug or any of its names."""

    def __init__(self, countries: Iterable[NamedPlace], blocs: Iterable[NamedPlace]) -> None:
        self.countries, self.blocs = tuple(countries), tuple(blocs)
        self._by_code = {country.place.code: country for country in self.countries}
        self._by_name: dict[str, NamedPlace] = {}
        for named in (*self.blocs, *self.countries):
            for name in (named.place.name, named.short_name, *named.names, named.place.code):
                if name:
                    self._by_name[_plain(name)] = named

    def country(self, code: str) -> Place:
        return self._by_code[code].place

    def side(self, words: str) -> Side:
        """The side that a reader's words name: a code, a slug, a name, or several with commas.

        'cn', 'China', 'quad', 'custom:au,ca,nz', 'Australia, Canada, New Zealand'. Raises SideRefused.
        """
        if not words.startswith(CUSTOM) and _plain(words) in self._by_name:
            return self._known(self._by_name[_plain(words)])
        if words.startswith(CUSTOM) or "," in words:
            return self._made_up(words.removeprefix(CUSTOM))
        raise SideRefused(self._not_known(words), unknown=True)

    def _known(self, named: NamedPlace) -> Side:
        place = named.place
        if place.kind == "country":
            return Side(place.code.lower(), place, (place,), the(place.name))
        if not named.members:
            raise SideRefused(f"{place.name} has no members on the day of the page.")
        short = Place(place.code, named.short_name or place.name, place.address, "bloc")
        return Side(place.code, short, tuple(self.country(code) for code in named.members), the(short.name))

    def _made_up(self, words: str) -> Side:
        codes: set[str] = set()
        for word in words.split(","):
            if not word.strip():
                continue
            named = self._by_name.get(_plain(word))
            if named is None:
                raise SideRefused(self._not_known(word), unknown=True)
            codes.update(named.members)
        members = [self.country(code) for code in sorted(codes)]
        if not members:
            raise SideRefused("A bloc of your own needs at least one country: custom:au,ca,nz.")
        key = CUSTOM + ",".join(place.code.lower() for place in members)
        name = listed([place.name for place in members])
        within = listed([the(place.name) for place in members])
        return Side(key, Place(key, name, "", "bloc"), tuple(members), within)

    def _not_known(self, words: str) -> str:
        near = get_close_matches(_plain(words), self._by_name, n=3, cutoff=0.7)
        names = list(dict.fromkeys(self._by_name[name].place.name for name in near))
        hint = f" Did you mean {' or '.join(names)}?" if names else ""
        return f"No country or bloc is called “{words.strip()[:60]}”.{hint}"


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().casefold()).removeprefix("the ")


def listed(names: Sequence[str], most: int = 4) -> str:
    """'Australia, Canada and New Zealand'; of more than `most`, the first and how many more."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return joined(names)


def capital(text: str) -> str:
    """With its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def checked(sides: Sequence[Side]) -> tuple[Side, ...]:
    """The sides, where they can be compared with each other. Raises SideRefused with the reason."""
    if len(sides) < LEAST:
        raise SideRefused("A comparison needs two sides, and has room for four.")
    if len(sides) > MOST:
        raise SideRefused(f"A comparison has room for {MOST} sides; these are {len(sides)}.")
    for number, side in enumerate(sides):
        for other in (*sides[:number], *sides[number + 1 :]):
            if set(side.members) == set(other.members):
                raise SideRefused(
                    f"{capital(side.within)} and {other.within} are the same: nothing is to be compared."
                )
            if set(side.members) > set(other.members):
                what = "is a member of" if other.single else "lies wholly within"
                raise SideRefused(
                    f"{capital(other.within)} {what} {side.within}: its shares are already counted there, so the "
                    "comparison would be of a whole with its part."
                )
    return tuple(sides)


def shared_members(sides: Sequence[Side]) -> tuple[Place, ...]:
    """Countries that stand on more than one side, by name."""
    seen: dict[Place, int] = {}
    for side in sides:
        for member in side.members:
            seen[member] = seen.get(member, 0) + 1
    return tuple(sorted((place for place, count in seen.items() if count > 1), key=lambda place: place.name))


@dataclass(frozen=True)
class SideStanding:
    """What is known of one side in one technology.

    `share` in per cent: of a country, or the sum of a bloc's members ("at least" where one is unknown; as the
    source states it where it counts the bloc as one place). `rank`: of the country, of the bloc as one place
    (`as_one`), else the best rank of a member (the note says which). `leads`: the leader of all countries is on
    this side.
    `least` and `greatest` bound the true share by the published digits; None = no bound.
    """

    share: Value
    rank: Value
    leads: bool = False
    least: Decimal | None = None
    greatest: Decimal | None = None
    without: tuple[Place, ...] = ()
    as_one: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known of the side."""
        return self.share.known or self.rank.known or self.leads


def side_standing(
    side: Side, scores: Mapping[Place, ScoreRow], leader: Value, second: Value, remainder: Decimal | None = None
) -> SideStanding:
    """One side from the scores of one technology by place, and its leader and second as known otherwise.

    `remainder`: the most that members without a known share can add, in per cent; None where that is not known.
    """
    leads = leader.content in side.members
    rank = _rank(side, scores, leader, second)
    own = _own_row(side, scores)
    as_one = not side.single and own is not None and own.rank.known
    if side.single or (own is not None and own.share is not None and not own.withheld):
        row = own if own is not None else scores.get(side.members[0])
        share = share_value(row)
        least, greatest = _range(share)
        return SideStanding(share, rank, leads, least, greatest, as_one=as_one)
    share, _, without = bloc_share(side.members, dict(scores))
    if without and share.known:
        unknown = listed([place.name for place in without], most=6)
        share = Value(
            share.content, share.unit, share.bound, share.basis, f"Not known and not added: {unknown}.", share.cited
        )
    known = [row for member in side.members if (row := scores.get(member)) is not None and row.share is not None]
    ranges = [_range(share_value(row)) for row in known]
    unknown_add = remainder if without else Decimal(0)
    return SideStanding(
        share,
        rank,
        leads,
        _added(low for low, _ in ranges) if known else None,
        _added([*(high for _, high in ranges), unknown_add]) if known else None,
        without if share.known else (),
        as_one,
    )


def _own_row(side: Side, scores: Mapping[Place, ScoreRow]) -> ScoreRow | None:
    """The score of the side as one place. Of a bloc a source prints the full name, a side has its short one."""
    return next(
        (row for place, row in scores.items() if (place.kind, place.code) == (side.place.kind, side.place.code)), None
    )


def _range(share: Value) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest that a published share can stand for."""
    if not isinstance(share.content, Decimal):
        return None, None
    half = half_step(share.content)
    least = max(Decimal(0), share.content - half)
    if share.bound == "at least":
        return least, None
    if share.bound == "at most":
        return Decimal(0), share.content + half
    return (None, None) if share.bound else (least, share.content + half)


def _added(bounds: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of bounds; None where one of them has no end."""
    total = Decimal(0)
    for bound in bounds:
        if bound is None:
            return None
        total += bound
    return total


def _rank(side: Side, scores: Mapping[Place, ScoreRow], leader: Value, second: Value) -> Value:
    own = _own_row(side, scores)
    if own is not None and own.rank.known and not side.single:
        return replace(own.rank, note=f"Counted as one place by the source. {own.rank.note}".strip())
    ranked: list[tuple[Ranks, str, Value]] = []
    for member in side.members:
        row = scores.get(member)
        if row is not None and row.rank.known and row.ranks is not None:
            ranked.append((row.ranks, member.name, row.rank))
        for number, value in ((1, leader), (2, second)):
            if value.content == member:
                ranks = Ranks(number, number)
                ranked.append(
                    (ranks, member.name, Value(ranks, basis=value.basis, note=value.note, cited=value.cited))
                )
    if not ranked:
        return Value()
    _, name, rank = min(ranked, key=lambda found: (found[0].last, found[0].first, found[1]))
    if side.single:
        return rank
    return Value(rank.content, basis="derived", note=f"The best rank known of a member: {name}.", cited=rank.cited)
