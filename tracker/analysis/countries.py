"""Countries: what each leads, how far it is ahead or behind, what it gained and lost.

The functions speak of `members`: one country, or those of a bloc. Shares are per cent, gaps percentage points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tracker.analysis.home import at_least, counted
from tracker.analysis.leadership import (
    ScoreRow,
    Standing,
    change,
    gap,
    ratio_to_leader,
    share_value,
    standing,
)
from tracker.analysis.read_model import EditionRef, Link, PageModel, Place, Ranks, Value, citing
from tracker.analysis.technologies import joined, lower_first, the

TOP = 5


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
    """What is known of a country in one technology of an edition.

    `margin` in points: ahead of the second where it leads, else behind the leader (negative).
    """

    technology: Link
    category: str
    rank: Value
    share: Value
    leader: Value
    margin: Value
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
    """A country in one field: the newest window, and what changed since the first.

    `margin` as in a technology; `ratio` is its share ÷ the leader's; `ranks_gained` counts places up (negative:
    down).
    """

    field: Link
    rank: Value
    share: Value
    leader: Value
    margin: Value
    ratio: Value
    rank_first: Value
    ranks_gained: Value
    share_first: Value
    change: Value


@dataclass(frozen=True)
class CategoryCountRow:
    """Technologies of one category in one edition: led, second in, in the top five (which counts both)."""

    category: str
    led: Value
    second: Value
    top_five: Value
    known: Value
    technologies: Value


@dataclass(frozen=True)
class LeadStepRow:
    """What an edition says against the earlier ones of its series, where who leads is known in both.

    `revised` counts differences between editions that speak of the same years: no movement.
    """

    edition: Link
    years: str
    compared: Value
    gained: Value
    lost: Value
    revised: Value


@dataclass(frozen=True)
class LeadChangeRow:
    """A lead gained, lost or revised; `silent` names the editions in between that do not tell who led."""

    technology: Link
    change: str
    leader_before: Value
    edition_before: Link
    leader_after: Value
    edition_after: Link
    silent: str


@dataclass(frozen=True)
class HeldTechnology:
    """A technology in a list; `remark` is the rank there, or the member that holds it."""

    technology: Link
    remark: str = ""


@dataclass(frozen=True)
class HeldCategory:
    category: str
    technologies: tuple[HeldTechnology, ...]


@dataclass(frozen=True)
class HeldList:
    """The technologies in which a place leads, is second, or comes third to fifth, by category."""

    heading: str
    categories: tuple[HeldCategory, ...]


@dataclass(frozen=True)
class CountryCooperation:
    """What is recorded of a country in the cooperation of China and Russia: a sentence, a caveat, where there is more."""

    sentence: str
    caveat: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class CountryAround:
    """A country in controls and trade, in sentences. `links` lead to the lists that they were counted from."""

    regimes: tuple[str, ...]
    listings: str
    issued: str
    trade: str
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class CountryPage(PageModel):
    """`stated`, `strengths`, `movement`, `alike` and `method` are sentences, empty where there is nothing to say.

    `cooperation`: of China and Russia, and of countries whose organisations take part in what the two do together.
    """

    place: Place
    region: str
    note: str
    blocs: tuple[Link, ...]
    held: tuple[HeldList, ...]
    stated: str
    strengths: str
    movement: str
    alike: str
    method: str
    compare: Link | None
    cooperation: CountryCooperation | None
    around: CountryAround


@dataclass(frozen=True)
class Held:
    """The best rank known of any member in one technology, and by whom; `known`: its rank or a share.

    The other three say whether what is known settles if a member leads, is second, is in the top five.
    """

    ranks: Ranks | None
    holder: Place | None
    known: bool
    led_settled: bool
    second_settled: bool
    top_settled: bool


def best_held(ranks: Iterable[tuple[Place, Ranks]], members: Collection[Place], *, share_known: bool = False) -> Held:
    """The best rank of the members from all ranks known in one technology (blocs counted as one are left out)."""
    known = [(place, rank) for place, rank in ranks if place.kind == "country"]
    own = sorted(
        ((rank.last, -rank.first, place.name, place, rank) for place, rank in known if place in members),
        key=lambda found: found[:3],
    )
    best, holder = (own[0][4], own[0][3]) if own else (None, None)
    alone = len(members) == 1
    led = any(rank.last == 1 for _, rank in known)
    leads = best is not None and best.last == 1
    others = {place for place, rank in known if rank.last <= TOP and place not in members}
    second_known = led and any(rank == Ranks(2, 2) for _, rank in known)
    exact = alone and best is not None and (best.first == best.last or best.first > 2)
    low = alone and best is not None and best.first > TOP
    return Held(
        best,
        holder,
        known=bool(own) or share_known,
        led_settled=led or exact,
        second_settled=leads or second_known or exact,
        top_settled=(best is not None and best.last <= TOP) or low or len(others) >= TOP,
    )


def category_counts(
    held: Iterable[tuple[Link | None, Held]], edition: str, *, table: str, leader: str = ""
) -> tuple[CategoryCountRow, ...]:
    """Counts by category; "at least" where more may be unknown, and nothing where nothing is known at all.

    `table` is the address of the rows counted, `leader` the country's code in the filter of technologies.
    """
    groups: dict[Link | None, list[Held]] = defaultdict(list)
    for category, one in held:
        groups[category].append(one)
    if not any(one.known for group in groups.values() for one in group):
        return ()
    rows = []
    for category, group in groups.items():
        address = f"{category.address if category else '/technologies/?'}&edition={edition}".replace("?&", "?")
        led = sum(one.ranks is not None and one.ranks.last == 1 for one in group)
        second = sum(one.ranks == Ranks(2, 2) for one in group)
        top = sum(one.ranks is not None and one.ranks.last <= TOP for one in group)
        filtered = f"{address}&leader={leader.lower()}" if leader and led else address
        rows.append(
            CategoryCountRow(
                category.text if category else "",
                (counted if all(one.led_settled for one in group) else at_least)(led, filtered),
                (counted if all(one.second_settled for one in group) else at_least)(second, table),
                (counted if all(one.top_settled for one in group) else at_least)(top, table),
                counted(sum(one.known for one in group), table),
                counted(len(group), address),
            )
        )
    return tuple(rows)


def held_lists(held: Sequence[tuple[Link, Link | None, Held]], *, name_holder: bool = False) -> tuple[HeldList, ...]:
    """Where a place leads, is second, third to fifth, or in the top five at a rank not known to us.

    `held`: technology, category, what is held. `name_holder` names the member: beside each technology, or in
    the heading where it is always the same.
    """

    def is_led(ranks: Ranks) -> bool:
        return ranks.last == 1

    def is_second(ranks: Ranks) -> bool:
        return ranks == Ranks(2, 2)

    def is_near(ranks: Ranks) -> bool:
        return ranks.first >= 3 and ranks.last <= TOP

    def is_somewhere(ranks: Ranks) -> bool:
        return ranks.first <= 2 < ranks.last <= TOP

    lists = []
    for words, fits in (
        ("Leads", is_led),
        ("Second", is_second),
        ("Third to fifth", is_near),
        ("In the top five, the rank not known to us", is_somewhere),
    ):
        fitting = [(link, category, one) for link, category, one in held if one.ranks is not None and fits(one.ranks)]
        if not fitting:
            continue
        number = len(fitting)
        holders = {one.holder.name for _, _, one in fitting if one.holder} if name_holder else set()
        groups: dict[str, list[HeldTechnology]] = defaultdict(list)
        for technology, category, one in fitting:
            holder = one.holder.name if one.holder and len(holders) > 1 else ""
            rank = one.ranks.ordinal if one.ranks is not None and fits is is_near else ""
            remark = ", ".join(filter(None, (holder, rank)))
            groups[category.text if category else ""].append(HeldTechnology(technology, remark))
        settled = fits is is_led and all(one.led_settled for _, _, one in held)
        settled = settled or (fits is is_second and all(one.second_settled for _, _, one in held))
        count = f"{number} of {len(held)}" if settled else f"at least {number} of {len(held)}"
        lists.append(
            HeldList(
                f"{words}: {number if fits is is_somewhere else count}"
                + (f", {'all ' * (number > 1)}by {the(*holders)}" if len(holders) == 1 else ""),
                tuple(HeldCategory(category, tuple(group)) for category, group in groups.items()),
            )
        )
    return tuple(lists)


def margin(place: Place, share: Value, now: Standing) -> Value:
    """Points ahead of the second where the place leads, else behind the leader; known where both shares are."""
    if now.leader.content == place:
        words = f"Ahead of {the(now.second.text)}, the second."
        return replace(now.gap, note=words) if now.gap.known else Value()
    own, first = share.content, now.leader_share.content
    if not isinstance(own, Decimal) or not isinstance(first, Decimal):
        return Value()
    return Value(
        gap(own, first),
        unit="points",
        bound="about" if share.bound or now.leader_share.bound else "",
        basis="derived",
        note=f"Behind {the(now.leader.text)}, the leader.",
        cited=citing((*share.cited, *now.leader_share.cited), "share"),
    )


def country_field(
    field: Link, place: Place, now: Sequence[ScoreRow], then: Sequence[ScoreRow]
) -> CountryFieldRow | None:
    """A country in one field from the scores of all in the newest window and its own in the first."""
    own = next((row for row in now if row.place == place), None)
    before = next((row for row in then if row.place == place), None)
    if own is None and before is None:
        return None
    first = standing(now, None)
    share = share_value(own)
    return CountryFieldRow(
        field,
        own.rank if own else Value(),
        share,
        first.leader,
        margin(place, share, first),
        ratio_to_leader(share, first.leader_share, leads=first.leader.content == place),
        before.rank if before else Value(),
        ranks_gained(before, own),
        share_value(before),
        change(share_value(before), share),
    )


def ranks_gained(then: ScoreRow | None, now: ScoreRow | None) -> Value:
    """Places up between two windows (negative: down); unknown where one rank is unknown or a range."""
    if then is None or now is None:
        return Value()
    before, after = then.rank.content, now.rank.content
    if not isinstance(before, Ranks) or not isinstance(after, Ranks):
        return Value()
    if before.first != before.last or after.first != after.last:
        return Value()
    return Value(before.first - after.first, basis="derived", cited=citing((*then.cited, *now.cited), "rank_from"))


def from_strength_to_gap(rows: Iterable[CountryFieldRow]) -> tuple[CountryFieldRow, ...]:
    """By rank; among equal ranks by how much of the leader's share it has, the widest lead first."""

    def order(row: CountryFieldRow) -> tuple[int, Decimal, Decimal, str]:
        part, ahead = row.ratio.content, row.margin.content
        return (
            row.rank.rank or 9999,
            -(part if isinstance(part, Decimal) else Decimal(0)),
            -(ahead if isinstance(ahead, Decimal) else Decimal(0)),
            row.field.text,
        )

    return tuple(sorted(rows, key=order))


def strengths_sentence(name: str, rows: Sequence[CountryFieldRow], years: str) -> str:
    """The strongest and the weakest of fields that are ordered from strength to gap; empty where none is known."""
    ranked = [row for row in rows if row.rank.known and row.share.known]
    if not ranked:
        return ""
    best, worst = ranked[0], ranked[-1]
    text = f"By rank {the(name)} is strongest in {_field_words(best)}"
    if worst is not best:
        text += f" and weakest in {_field_words(worst)}"
    return f"{text}, in {years}."


def _field_words(row: CountryFieldRow) -> str:
    text = f"{lower_first(row.field.text)} (rank {row.rank.text}, {row.share.text}\u202f%"
    if isinstance(row.margin.content, Decimal):
        leads = row.rank.rank == 1
        text += f", {abs(row.margin.content):f} points {'ahead' if leads else f'behind {the(row.leader.text)}'}"
    return f"{text})"


def field_movement(rows: Sequence[CountryFieldRow], windows: tuple[str, str], too_high: Collection[str] = ()) -> str:
    """In how many fields ranks were gained and lost, and the largest change of a share; empty if not known.

    `too_high` names the fields whose early shares are too high for their changes to be set beside others.
    """
    moved = [row.ranks_gained.content for row in rows if isinstance(row.ranks_gained.content, int)]
    if not moved:
        return ""
    up, down = sum(number > 0 for number in moved), sum(number < 0 for number in moved)
    counts = (("moved up in", up), ("moved down in", down), ("kept its rank in", len(moved) - up - down))
    text = f"Between {windows[0]} and {windows[1]} it {in_how_many(counts)}"
    changes = [
        (row, row.change.content)
        for row in rows
        if isinstance(row.change.content, Decimal) and row.field.text not in too_high
    ]
    widest = max(changes, key=lambda pair: abs(pair[1]), default=None)
    if widest is not None and widest[1]:
        text += f"; its share changed most in {lower_first(widest[0].field.text)}, by {signed(widest[1])} points"
    return f"{text}{left_out(too_high)}."


def left_out(too_high: Collection[str]) -> str:
    """' (engineering and materials science left out: their early shares are too high)'; empty where none is."""
    if not too_high:
        return ""
    return f" ({joined([lower_first(name) for name in sorted(too_high)])} left out: early shares are too high there)"


def in_how_many(counts: Sequence[tuple[str, int]]) -> str:
    """'rose in 6 and fell in 8 of 14 research fields', 'fell in all 14 …', without what happened in none."""
    happened = [(words, number) for words, number in counts if number]
    total = sum(number for _, number in happened)
    if len(happened) == 1:
        where = f"all {total} research fields" if total > 1 else "the one research field with a value in both"
        return f"{happened[0][0]} {where}"
    return f"{joined([f'{words} {number}' for words, number in happened])} of {total} research fields"


def of_technologies(edition: EditionRef, covered: int) -> str:
    """'44 technologies in the March 2023 edition', to follow "of".

    By the number that the edition states of itself, else by what it covers (`covered`); without a number where
    nothing of either is known.
    """
    number = edition.technology_count or covered
    return f"{number or 'the'} technologies in the {edition.name} edition"


def stated_places(row: CountryEditionRow) -> str:
    """What is stated of a country's places in an edition, beside what rows tell; empty where we have seen no count."""
    counts = (
        ("leads", row.stated_led),
        ("is second in", row.stated_second),
        ("is in the top five in", row.stated_top_five),
    )
    said = [f"{words} {value.text}" for words, value in counts if value.known]
    return f"As stated for this edition, it {joined(said)} technologies." if said else ""


def signed(number: Decimal) -> str:
    """'+28.0', '−3.1': a change within a sentence."""
    return f"{number:+f}".replace("-", "−")


@dataclass(frozen=True)
class LeadTold:
    """Who leads a technology in one edition."""

    technology: Link
    leader: Value


@dataclass(frozen=True)
class LeadChange:
    """Two editions that name different leaders, and those between them that name none."""

    technology: int
    before: EditionRef
    after: EditionRef
    old: LeadTold
    new: LeadTold
    silent: tuple[EditionRef, ...]

    @property
    def revised(self) -> bool:
        """Whether both editions speak of the same years: then nothing moved."""
        return self.before.years == self.after.years


Leads = Mapping[str, Mapping[int, LeadTold]]


def lead_changes(series: Sequence[EditionRef], leads: Leads) -> Iterator[LeadChange]:
    """Where the leader differs between two editions of one series, oldest first.

    `leads` by edition and technology. An edition is compared with the last one before it that names a leader
    of the technology.
    """
    last: dict[int, tuple[int, LeadTold]] = {}
    for position, edition in enumerate(series):
        for technology, told in leads.get(edition.slug, {}).items():
            if not isinstance(told.leader.content, Place):
                continue
            known = last.get(technology)
            if known is not None and known[1].leader.content != told.leader.content:
                at, old = known
                yield LeadChange(technology, series[at], edition, old, told, tuple(series[at + 1 : position]))
            last[technology] = (position, told)


def change_of(found: LeadChange, members: Collection[Place]) -> str:
    """'gained', 'lost', 'revised'; empty where the change is none of theirs."""
    held, holds = found.old.leader.content in members, found.new.leader.content in members
    if held == holds:
        return ""
    return "revised" if found.revised else "gained" if holds else "lost"


def change_rows(changes: Iterable[LeadChange], members: Collection[Place]) -> tuple[LeadChangeRow, ...]:
    """The leads that the members gained and lost, the newest first."""
    rows = [
        LeadChangeRow(
            found.new.technology,
            words,
            found.old.leader,
            Link(found.before.name, found.before.address),
            found.new.leader,
            Link(found.after.name, found.after.address),
            ", ".join(edition.name for edition in found.silent),
        )
        for found in changes
        if (words := change_of(found, members))
    ]
    return tuple(reversed(rows))


def lead_steps(
    series: Sequence[EditionRef], leads: Leads, changes: Sequence[LeadChange], members: Collection[Place]
) -> tuple[LeadStepRow, ...]:
    """Every edition of a series after the first: leads gained and lost among those that can be compared.

    Empty where no edition names a member as leader.
    """
    if not any(told.leader.content in members for edition in leads.values() for told in edition.values()):
        return ()
    rows = []
    named: set[int] = set(leads.get(series[0].slug, ())) if series else set()
    for edition in series[1:]:
        here = set(leads.get(edition.slug, ()))
        both = len(named & here)
        words = [change_of(found, members) for found in changes if found.after == edition]
        address = f"/technologies/?edition={edition.slug}"

        def number(word: str, words: list[str] = words, both: int = both, address: str = address) -> Value:
            return counted(words.count(word), address) if both else Value()

        rows.append(
            LeadStepRow(
                Link(edition.name, edition.address),
                edition.years,
                Value(both, basis="counted", address=address, out_of=edition.technology_count),
                number("gained"),
                number("lost"),
                number("revised"),
            )
        )
        named |= here
    return tuple(rows)


def compare_link(place: Place, rival: Place | None, edition: str = "") -> Link | None:
    """The comparison of a place with the one it is most asked about; None where there is none."""
    if rival is None:
        return None
    address = f"/compare/?side={place.code.lower()}&side={rival.code.lower()}"
    return Link(
        f"Compare {the(place.name)} with {the(rival.name)}", f"{address}&edition={edition}" if edition else address
    )


def rival_of(members: Collection[Place], leaders: Iterable[Value]) -> Place | None:
    """The leader of most technologies that is none of the members."""
    led: dict[Place, int] = defaultdict(int)
    for leader in leaders:
        if isinstance(leader.content, Place) and leader.content not in members:
            led[leader.content] += 1
    return min(led, key=lambda place: (-led[place], place.name), default=None)
