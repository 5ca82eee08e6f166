"""What stands around a technology or a country: dual use, controls, listed organisations, goods, signals of trade.

Which of these concerns a technology is our mapping, unless a source states it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.controls import ConcernRow, CountryControls, IssuedRow, RegimeRow
from tracker.analysis.cooperation import in_words, several
from tracker.analysis.countries import CountryAround
from tracker.analysis.read_model import Link, Place, Value, long_date
from tracker.analysis.technologies import DualUse, joined, lower_first, start, the
from tracker.analysis.trade_figures import EXPORTER, IMPORTER, VIA, FlowRow

OURS = (
    "Which of these concerns a technology is our mapping, with its reason beside it; no law names our technologies."
)
NO_CONTROL = "No control, and no category or tier of one, is mapped to it in our collection."
NO_LISTED = "No organisation on a list is mapped to it in our collection."
NO_GOOD = "No good or code of customs is mapped to it in our collection."
NO_FIGURE = "No published figure of trade is mapped to it in our collection."
# How many figures of trade a country's page shows.
LATEST = 6


# ---- A technology ----


def dual_use(
    name: str, controls: Sequence[ConcernRow], listed: Sequence[ListedRow], goods: int, figures: int
) -> DualUse:
    """`controls`: controls and items of controls; `goods`, `figures`: how many."""
    items = tuple(
        Link(f"{joined([link.text for link in row.controls])}, {lower_first(row.subject.text)}", row.subject.address)
        for row in controls
        if row.controls
    )
    acts = sum(not row.controls for row in controls)
    bodies = len({row.organisation for row in listed})
    counts = (
        (len(items), "category or tier of a control", "categories or tiers of controls"),
        (acts, "control as a whole", "controls as a whole"),
        (bodies, "listed organisation", "listed organisations"),
        (goods, "good", "goods"),
        (figures, "published figure of trade", "published figures of trade"),
    )
    said = [f"{in_words(number)} {one if number == 1 else many}" for number, one, many in counts if number]
    if not said:
        return DualUse(f"Nothing in our collection is mapped to {lower_first(name)}.", (), "")
    text = joined(said)
    verb = "concerns" if sum(number for number, _, _ in counts) == 1 else "concern"
    return DualUse(f"By our mapping {text} {verb} {lower_first(name)}.", items, OURS)


@dataclass(frozen=True)
class ListedRow:
    """A listing of an organisation that concerns a technology. Dates are partial, `until` unknown = no removal known
    to us."""

    organisation: Link
    control: Link
    since: Value
    until: Value
    reason: str
    mapping: Value
    mark: str


# ---- A country ----


def country_around(place: Place, found: CountryControls, flows: Sequence[FlowRow]) -> CountryAround:
    """A country in controls and trade, in words."""
    code = place.code.lower()
    roles = {role: [row for row in flows if code in row.keys_of(role)] for role in (EXPORTER, IMPORTER, VIA)}
    links = [
        Link(f"{several(len(roles[role]), 'figure')} with {the(place.name)} as {role}", f"/trade/?{role}={code}")
        for role in (EXPORTER, IMPORTER)
        if roles[role]
    ]
    return CountryAround(
        regimes=tuple(_part(place, found, regime) for regime in found.every_regime),
        listings=_listed(place, found),
        issued=_issued(place, found.issued),
        trade=_traded(place, flows, roles[VIA]),
        links=tuple(links),
    )


def _part(place: Place, found: CountryControls, regime: Link) -> str:
    """'Russia has taken part in the Wassenaar Arrangement since 1996.', or that it is not known to us as taking part."""
    own = [row for row in found.regimes if row.control.address == regime.address]
    name = start(place.name)
    if not own:
        return f"{name} is not among the participating states of the {regime.text} known to us."
    return f"{name} {joined([_taking_part(row, regime) for row in own])}."


def _taking_part(row: RegimeRow, regime: Link) -> str:
    since = long_date(str(row.since.content)) if row.since.known else ""
    if row.until:
        return f"took part in the {regime.text}{f' from {since}' if since else ''} until {long_date(row.until)}"
    if since:
        return f"has taken part in the {regime.text} since {since}"
    return f"takes part in the {regime.text}; since when is not known to us"


def _listed(place: Place, found: CountryControls) -> str:
    if not found.listings:
        return f"No organisation of {the(place.name)} stands on a list in our collection."
    bodies = {row.organisation for row in found.listings}
    lists = {row.control for row in found.listings}
    one = len(bodies) == 1
    return (
        f"{in_words(len(bodies)).capitalize()} {'organisation' if one else 'organisations'} of {the(place.name)} "
        f"{'stands or stood' if one else 'stand or stood'} on {in_words(len(lists))} "
        f"{'list' if len(lists) == 1 else 'lists'} in our collection. A listing is an act of whoever issued it, with its "
        "dates; it proves nothing beyond itself."
    )


def _issued(place: Place, issued: Collection[IssuedRow]) -> str:
    if not issued:
        return ""
    said = "control in our collection is" if len(issued) == 1 else "controls in our collection are"
    return f"{in_words(len(issued)).capitalize()} {said} its own."


def _traded(place: Place, flows: Sequence[FlowRow], through: Sequence[FlowRow]) -> str:
    if not flows:
        return ""
    one = len(flows) == 1
    text = (
        f"{in_words(len(flows)).capitalize()} published {'figure' if one else 'figures'} of trade in our collection "
        f"{'names' if one else 'name'} {the(place.name)}"
    )
    if through:
        text += f", {in_words(len(through))} of them as a place that goods went through"
    return f"{text}."


def latest(flows: Iterable[FlowRow], most: int = LATEST) -> tuple[FlowRow, ...]:
    """The figures of the newest periods, the newest first."""
    return tuple(sorted(flows, key=lambda row: (row.period_end, row.period_start, row.code), reverse=True)[:most])
