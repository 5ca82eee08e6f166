"""How much of the record is known, sourced, cited by two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tracker.analysis.read_model import Link, PageModel, Value


@dataclass(frozen=True)
class CoverageRow:
    """How much of one edition is known. `cells` = technologies x countries that occur in its series.

    Every count is from our rows; percentages are of the cells, and of the known cells.
    """

    edition: Link
    technologies: Value
    leaders: Value
    leader_shares: Value
    both_shares: Value
    risks: Value
    cells: Value
    cells_known: Value
    cells_known_percent: Value
    cells_with_share: Value
    scores_sourced: Value
    scores_sourced_percent: Value
    scores_cited_by_two: Value
    scores_cited_by_two_percent: Value


@dataclass(frozen=True, kw_only=True)
class CoveragePage(PageModel):
    """`controls` and `trade`: how much is known of these, in a sentence; '' where nothing is recorded."""

    controls: str
    trade: str


def percent(known: int, total: int, address: str) -> Value:
    """known of total in per cent, one decimal, rounded down: 100.0 only where it is all. Unknown of nothing."""
    if not total:
        return Value()
    number = (Decimal(100 * known) / total).quantize(Decimal("0.1"), ROUND_DOWN)
    return Value(number, unit="%", basis="counted", address=address)


# ---- Controls and trade ----


@dataclass(frozen=True)
class ControlPart:
    """A control, or a record that belongs to one. `kind` as history writes it; `date` is partial, '' = not known.

    Of a control `date` is that from which it is in force, else that on which it was issued, and `states_stated` and
    `goods_stated` are the numbers that a source gives.
    """

    kind: str
    control: int
    date: str
    second_hand: bool
    link: Link | None = None
    act: str = ""
    states_stated: Value | None = None
    goods_stated: Value | None = None


@dataclass(frozen=True)
class ControlCoverageRow:
    """How well a control is known. Counts of what is in our collection; blank where there is none of it.

    `to_the_day`: listings whose first day is known; `undated`: those of which no first date is.
    `second_hand`: records that only transcriptions and copies speak of.
    """

    control: Link
    act: str
    date: str
    items: int | None
    states: int | None
    states_stated: Value | None
    goods: int | None
    goods_stated: Value | None
    editions: int | None
    listings: int | None
    to_the_day: int | None
    undated: int | None
    second_hand: int | None


NO_DATE = "not known to us"


def control_coverage(parts: Iterable[ControlPart]) -> tuple[ControlCoverageRow, ...]:
    """One row a control, by name, and all of them together last."""
    found = tuple(parts)
    own: dict[int, list[ControlPart]] = {}
    for part in found:
        own.setdefault(part.control, []).append(part)
    controls = sorted((part for part in found if part.link), key=lambda part: part.link.text if part.link else "")
    lines = [_control_coverage(control.link, own[control.control], control) for control in controls if control.link]
    if lines:
        lines.append(_control_coverage(Link("All controls", "/controls/"), found))
    return tuple(lines)


def _control_coverage(
    name: Link, parts: Sequence[ControlPart], control: ControlPart | None = None
) -> ControlCoverageRow:
    def number(kind: str, condition: Callable[[ControlPart], bool] = lambda part: True) -> int | None:
        return sum(part.kind == kind and condition(part) for part in parts) or None

    return ControlCoverageRow(
        control=name,
        act=control.act if control else "",
        date=(control.date or NO_DATE) if control else "",
        items=number("controlitem"),
        states=number("participatingstate"),
        states_stated=control.states_stated if control else None,
        goods=number("listedgood"),
        goods_stated=control.goods_stated if control else None,
        editions=number("listedition"),
        listings=number("listing"),
        to_the_day=number("listing", lambda part: len(part.date) == len("2019-06-05")),
        undated=number("listing", lambda part: not part.date),
        second_hand=sum(part.second_hand for part in parts) or None,
    )


def controls_sentence(parts: Iterable[ControlPart]) -> str:
    """'26 controls are recorded; of 6 no date is known to us. 180 listings are recorded; 150 of them begin on a known day.'"""
    found = tuple(parts)
    controls = [part for part in found if part.link]
    if not controls:
        return ""
    undated = sum(not part.date for part in controls)
    text = f"{_recorded(len(controls), 'control')}{f'; of {undated} no date is known to us' if undated else ''}."
    if listings := [part for part in found if part.kind == "listing"]:
        days = sum(len(part.date) == len("2019-06-05") for part in listings)
        text += f" {_recorded(len(listings), 'listing')}; {days} of them begin on a known day."
    return text


@dataclass(frozen=True)
class FlowPart:
    """A figure of trade. `compared`: with what it is compared, 'value', 'words' or ''."""

    hs_code: str
    code_is_ours: bool
    data_basis: str
    compared: str
    second_hand: bool


@dataclass(frozen=True)
class TradeCoverageRow:
    """How well the figures of one data basis are known: whose records they were counted from.

    `with_code`: their good has an HS code; `code_by_us`: the source names goods, the code is ours.
    """

    data_basis: str
    figures: int
    with_code: int
    code_by_us: int
    compared: int
    compared_in_words: int
    second_hand: int


def trade_coverage(flows: Iterable[FlowPart]) -> tuple[TradeCoverageRow, ...]:
    """One row a data basis, most figures first, and all of them together last."""
    found = tuple(flows)
    own: dict[str, list[FlowPart]] = {}
    for flow in found:
        own.setdefault(flow.data_basis, []).append(flow)
    order = sorted(own, key=lambda basis: (-len(own[basis]), basis.casefold()))
    lines = [_trade_coverage(basis, own[basis]) for basis in order]
    if lines:
        lines.append(_trade_coverage("All records", found))
    return tuple(lines)


def _trade_coverage(basis: str, flows: Sequence[FlowPart]) -> TradeCoverageRow:
    return TradeCoverageRow(
        data_basis=basis,
        figures=len(flows),
        with_code=sum(bool(flow.hs_code) for flow in flows),
        code_by_us=sum(bool(flow.hs_code) and flow.code_is_ours for flow in flows),
        compared=sum(flow.compared == "value" for flow in flows),
        compared_in_words=sum(flow.compared == "words" for flow in flows),
        second_hand=sum(flow.second_hand for flow in flows),
    )


def trade_sentence(flows: Iterable[FlowPart]) -> str:
    """'69 figures are recorded, 30 of goods with an HS code; they were counted from 25 different kinds of records.'"""
    found = tuple(flows)
    if not found:
        return ""
    coded = sum(bool(flow.hs_code) for flow in found)
    bases = len({flow.data_basis for flow in found})
    return (
        f"{_recorded(len(found), 'figure')}, {coded} of goods with an HS code; they were counted from {bases} different "
        f"{'kind' if bases == 1 else 'kinds'} of records."
    )


def _recorded(number: int, noun: str) -> str:
    return f"{number} {noun}{' is' if number == 1 else 's are'} recorded"
