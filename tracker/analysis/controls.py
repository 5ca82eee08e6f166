"""Controls: regimes, lists, rules and laws around dual-use technology, as legal acts with their dates.

What a control covers and whom it names is what sources state of it. Which technologies it concerns is our mapping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tracker.analysis.cooperation import several
from tracker.analysis.home import counted, number_of
from tracker.analysis.listings import ControlRef, Stay, Tick
from tracker.analysis.read_model import Link, PageModel, Place, Value, long_date
from tracker.analysis.second_hand import TRANSCRIBED
from tracker.analysis.technologies import joined, lower_first, start, the

OUR_MAPPING = "our mapping"


@dataclass(frozen=True)
class ConcernRow:
    """That a control, one of its items or a listed organisation concerns a technology.

    `subject`: the control, the item on its control's page, or the organisation. `what`: 'multilateral regime',
    'category', 'tier', 'organisation'. `controls`: of an item its control, of an organisation the lists it stands or
    stood on. `since`, `until`: partial dates of the control (in force, else
    issued), or of the one listing; unknown or '' = not known or more than one.
    `mapping`: 'our mapping', with the sources that speak of the mapping or else of the subject. `mark`:
    'transcribed second-hand' where only copies say it.
    """

    subject: Link
    what: str
    controls: tuple[Link, ...]
    since: Value
    until: str
    reason: str
    mapping: Value
    mark: str = ""


@dataclass(frozen=True)
class RegimeRow:
    """A state's part in a regime; dates are partial. `part`: 'takes part', or 'took part until …'."""

    control: Link
    what: str
    since: Value
    until: str
    part: str
    note: str
    mark: str = ""


@dataclass(frozen=True)
class IssuedRow:
    """A control that a country issued. `since` is a partial date: in force, else issued; '' = not known."""

    control: Link
    what: str
    since: Value
    until: str
    mark: str = ""


@dataclass(frozen=True)
class CountryListingRow:
    """A listing of an organisation; dates are partial, `until` unknown = no removal known to us."""

    organisation: Link
    control: Link
    since: Value
    until: Value
    mark: str = ""


@dataclass(frozen=True)
class CountryControls:
    """Where a country stands in controls: its part in regimes, its organisations on lists, what it issued.

    `every_regime`: those of which participating states are known to us, whether it takes part or not.
    """

    regimes: tuple[RegimeRow, ...] = ()
    listings: tuple[CountryListingRow, ...] = ()
    issued: tuple[IssuedRow, ...] = ()
    every_regime: tuple[Link, ...] = ()


# What each kind of control is, in the order of the list.
WHAT_KINDS_ARE = {
    "regime": "States agree on what to control; each licenses exports by its own law.",
    "goods list": "Goods, by customs code, that several authorities ask traders to watch.",
    "entity list": "Names organisations; what follows for them is said by the law behind the list.",
    "designation": "An act that puts named persons or organisations under sanctions on one day.",
    "sanctions package": "Measures adopted together, on persons, organisations and goods.",
    "export rule": "Which exports need a licence, and to whom none is given.",
    "executive order": "An order of a president that lets authorities act.",
    "export ban": "Goods that may not be exported to a place.",
    "law": "An act of a legislature.",
    "national rule": "A duty within one country, whose legal basis is not known to us.",
    "strategy": "A plan of a government: it says what is wanted, and binds nobody by itself.",
    "policy": "A plan of an authority: it says what is wanted, and binds nobody by itself.",
    "programme": "Work that an authority pays for.",
}
LEGAL_ACTS = (
    "Controls and lists are legal acts with their dates, and the acts of those who issued them. That an organisation is "
    "on a list says what an authority decided on a day; it is no finding of ours."
)
IN_OUR_COLLECTION = "What is counted is what our collection holds of each, not all that it covers."


@dataclass(frozen=True)
class ControlRow:
    """A control in the list. Dates are partial. A count is None where its kind has no such parts in our collection.

    `dated`: in force since, else issued on, with `dated_as`: 'in force' or 'issued'; unknown where neither is known.
    `issuer` carries the sources of the control as a whole.
    """

    control: Link
    code: str
    kind: str
    country: Place | None
    issuer: Value
    dated: Value
    dated_as: str
    until: str
    updates: Link | None
    states: Value | None
    items: Value | None
    goods: Value | None
    organisations: Value | None
    mark: str


@dataclass(frozen=True, kw_only=True)
class ControlListPage(PageModel):
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class KindRow:
    """A kind of control: what it is, and how many of them our collection holds."""

    kind: Link
    what: str
    controls: Value


def kind_rows(rows: Sequence[ControlRow], kinds: Mapping[str, str]) -> tuple[KindRow, ...]:
    """Every kind that has a control, in their order; `kinds`: their words by value."""
    counts = Counter(lower_first(row.kind) for row in rows)
    return tuple(
        KindRow(
            Link(words[0].upper() + words[1:], f"/controls/?{urlencode({'kind': value})}"),
            WHAT_KINDS_ARE.get(value, ""),
            counted(counts[words], f"/controls/?{urlencode({'kind': value})}"),
        )
        for value, words in kinds.items()
        if counts[words]
    )


def controls_sentence(rows: Sequence[ControlRow]) -> str:
    """'22 controls in our collection: 6 lists of organisations, 3 designations …; 10 of them issued by the United
    States.'"""
    if not rows:
        return "No control is in our collection."
    counts = Counter(lower_first(row.kind) for row in rows)
    kinds = joined([f"{number} {plural(kind) if number > 1 else kind}" for kind, number in counts.most_common(4)])
    others = len(rows) - sum(number for _, number in counts.most_common(4))
    text = f"{several(len(rows), 'control')} in our collection: {kinds}"
    if others:
        text += f", and {others} of other kinds"
    countries = Counter(row.country.name for row in rows if row.country)
    if countries:
        said = joined([f"{number} by {the(name)}" for name, number in countries.most_common(2)])
        text += f"; {said}"
    return f"{text}."


def plural(kind: str) -> str:
    """'lists of goods', 'policies', 'national strategies'."""
    if " of " in kind:
        first, _, rest = kind.partition(" of ")
        return f"{plural(first)} of {rest}"
    return f"{kind[:-1]}ies" if kind.endswith(("cy", "gy")) else f"{kind}s"


@dataclass(frozen=True)
class StateRow:
    """A participating state. `since` is partial, unknown where not known; `until` '' = it still takes part."""

    country: Place
    since: Value
    until: str
    note: str
    mark: str


@dataclass(frozen=True)
class ItemRow:
    """A category or tier: its number, and its name with its sources. `goods` is None where no item names any."""

    item: str
    name: Value
    description: str
    goods: Value | None
    technologies: tuple[Link, ...]
    note: str
    mark: str


@dataclass(frozen=True)
class ListedGoodRow:
    """A good that a tier or category names. `item` is the heading of its group."""

    good: Link
    item: str
    name: str
    since: Value
    until: str
    note: str
    mark: str


@dataclass(frozen=True)
class EditionRow:
    """One publication of a list. `extent`: whole or additions only; `named`: organisations of our collection, None where the
    list names none."""

    date: str
    name: str
    extent: Value
    stated: Value
    named: Value | None
    note: str
    mark: str


@dataclass(frozen=True)
class ControlTechnologyRow:
    """A technology to which we map the control, or what stands on it, and who leads it.

    `through`: what is mapped, each by itself: the control as a whole, one of its items, a good it names, an organisation
    on it. That the control concerns the technology is said only of the first two.
    """

    technology: Link
    category: Link | None
    through: tuple[Link, ...]
    leader: Value
    firmness: str
    china_share: Value
    edition: Link | None
    reason: str
    basis: str


@dataclass(frozen=True)
class Fact:
    """A dated or stated fact of a control, with its sources."""

    label: str
    value: Value


@dataclass(frozen=True, kw_only=True)
class ControlPage(PageModel):
    """One control.

    `taking_part`, `goods_said`, `day_said`: sentences; `goods_note`: what is to be known of each of its goods.
    `warnings`: by table, that its rows are known second-hand. `on`: the day that was asked for, ISO, or ''. `stays` and
    `ticks` are what its figure draws, as of `day`.
    """

    control: ControlRef
    code: str
    what: str
    issuer: Value
    country: Place | None
    description: str
    note: str
    date_note: str
    facts: tuple[Fact, ...]
    updates: Link | None
    updated_by: tuple[Link, ...]
    taking_part: tuple[str, ...]
    goods_said: str
    goods_note: str
    on: str
    day_said: str
    second_hand: str
    warnings: dict[str, str]
    mark: str
    caveats: tuple[str, ...]
    day: str = field(default="", metadata={"twin": False})
    stays: tuple[Stay, ...] = field(default=(), metadata={"twin": False})
    ticks: tuple[Tick, ...] = field(default=(), metadata={"twin": False})


def states_sentences(
    states: Sequence[StateRow], stated_number: int | None, watched: Mapping[str, str]
) -> tuple[str, ...]:
    """How many states take part, and plainly whether each of `watched` (names by code) does.

    '42 participating states are known to us by name; a source states 42.' 'China is not among the 42 participating
    states known to us.' 'Russia takes part, since 1996.' Empty where neither a state nor a number is known.
    """
    now = {row.country.code for row in states if not row.until}
    if not states:
        if stated_number is None:
            return ()
        return (f"A source states {several(stated_number, 'participating state')}; none is known to us by name.",)
    text = f"{several(len(now), 'participating state')} {'is' if len(now) == 1 else 'are'} known to us by name"
    if stated_number is not None:
        text += f"; a source states {stated_number}"
    said = [f"{text}."]
    for code, name in watched.items():
        own = [row for row in states if row.country.code == code]
        still = next((row for row in own if not row.until), None)
        if still is not None:
            since = f", since {long_date(str(still.since.content))}" if still.since.known else ""
            said.append(f"{start(name)} takes part{since}.")
        elif own:
            said.append(f"{start(name)} took part until {long_date(max(row.until for row in own))}.")
        else:
            among = (
                f"among the {several(len(now), 'participating state')}"
                if len(now) != 1
                else "the participating state"
            )
            said.append(f"{start(name)} is not {among} known to us.")
    return tuple(said)


def goods_sentence(items: Sequence[ItemRow], stated_number: int | None) -> str:
    """'50 goods are known to us, in 6 tiers: 4 in 1, 5 in 2 …; a source states 50.' '' where none is known or stated."""
    counts = [(row.item, number_of(row.goods)) for row in items if row.goods is not None and row.goods.content]
    known = sum(number for _, number in counts)
    if not known:
        return f"A source states {several(stated_number, 'good')}; none is known to us." if stated_number else ""
    parts = joined([f"{number} in {lower_first(item)}" for item, number in counts])
    text = f"{several(known, 'good')} {'is' if known == 1 else 'are'} known to us: {parts}"
    if stated_number is None:
        return f"{text}. How many it names is not stated by a source we have seen."
    return f"{text}; a source states {stated_number}."


def control_sentence(kind: str, issuer: str, dates: tuple[str, str, str], parts: Sequence[str]) -> str:
    """'Entity list issued by US Department of Defense, in force since 3 June 2021; 23 organisations …'.

    `dates`: partial dates of issue, since and until; `parts`: what more is said of it in few words.
    """
    issued, since, until = dates
    text = f"{kind[0].upper()}{kind[1:]}"
    if issuer.startswith("Participating"):
        text += f" of {lower_first(issuer)}"
    elif issuer:
        text += f" issued by the {issuer}"
    if since:
        text += f", in force since {long_date(since)}"
    elif issued:
        text += f", dated {long_date(issued)}"
    if until:
        text += f", until {long_date(until)}"
    if not (since or issued or until):
        text += "; its date is not known to us"
    return "; ".join([text, *parts]) + "."


def warning(rows: Sequence[Any], what: str) -> str:
    """'Each of these 22 listings is transcribed second-hand: check the original before quoting.'; '' of none."""
    marked = sum(bool(row.mark) for row in rows)
    if not marked:
        return ""
    each = "Each of these rows is"
    if marked < len(rows):
        each = f"{marked} of these {len(rows)} {what} {'is' if marked == 1 else 'are'}"
    how = TRANSCRIBED if {row.mark for row in rows} <= {TRANSCRIBED, ""} else "known second-hand"
    return f"{each} {how}: check the original before quoting."
