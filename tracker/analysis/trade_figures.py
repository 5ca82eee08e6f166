"""Published figures of trade: in words as they were published, and which of them may stand in one drawing.

No figure is rounded, converted or added to another, and no ratio is worked out: what a source does not state is not
said. `like_key` decides alone which figures are of one basis.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracker.analysis.cooperation import in_words, several
from tracker.analysis.engagements import admiralty, main_citation
from tracker.analysis.figure_model import FigureModel
from tracker.analysis.money import money
from tracker.analysis.partial_date import last_day, span
from tracker.analysis.read_model import (
    THIN_SPACE,
    Cited,
    FigureRef,
    Link,
    Place,
    Value,
    long_date,
    stated,
    written,
)
from tracker.analysis.side import capital
from tracker.analysis.technologies import joined

EXPORTER, IMPORTER, VIA = "exporter", "importer", "via"
SHARE, BOTH_WAYS, GAP, REEXPORT, TRANSIT = "share", "two-way trade", "mirror gap", "re-export", "suspected transit"
CHANGE, RATIO = "change", "ratio"
SHARES = ("share of imports", "share of deliveries")


# Words of a list for “not known”.
UNSAID = ("", "various", "not stated")

# Of a side of which a figure names nobody.
NO_PLACE = "a place not stated"

# How a span is said beside its dates, where these do not say it.
SPAN_WORDS = {"typical month": "a typical month", "monthly average": "a month on average"}


@dataclass(frozen=True)
class GoodRef:
    """What is traded or controlled. `hs_code` is '' for a group that figures are published of without a code."""

    pk: int
    slug: str
    name: str
    short_name: str = ""
    hs_code: str = ""
    hs_revision: str = ""
    parent: int | None = None

    @property
    def said(self) -> str:
        """Its name in a table."""
        return self.short_name or self.name

    @property
    def title(self) -> str:
        """'Aluminium oxide (HS 2818)'."""
        return f"{self.said} (HS {self.hs_code})" if self.hs_code else self.said

    @property
    def address(self) -> str:
        return f"/trade/{self.slug}/"

    @property
    def link(self) -> Link:
        return Link(self.title, self.address)


@dataclass(frozen=True)
class FlowPlace:
    """One of the places of a figure: a country, or in words one that is none ("World"). `role`: EXPORTER …"""

    role: str
    country: Place | None
    unnamed: str = ""

    @property
    def name(self) -> str:
        return self.country.name if self.country else self.unnamed

    @property
    def link(self) -> Link:
        return Link(self.name, self.country.address if self.country else "")

    @property
    def key(self) -> str:
        """As a filter names it: 'cn', 'world'."""
        return self.country.code.lower() if self.country else self.unnamed.casefold().replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class FlowRow:
    """One published figure of trade. Dates are partial; values in whole units; `kind_said` as readers read it.

    `basis` says how we know the good: 'derived' = the source names goods, we the code. Of what only withheld sources
    say there is no row; a single column of which only they speak is empty.
    """

    pk: int
    code: str
    good: GoodRef
    basis: str
    product: str
    kind: str
    kind_said: str
    period_start: str
    period_end: str
    span: str
    measure: str
    value_from: Decimal
    value_to: Decimal
    unit: str
    data_basis: str
    bound: str = ""
    baseline_start: str = ""
    baseline_end: str = ""
    baseline_value: Decimal | None = None
    baseline_bound: str = ""
    baseline_note: str = ""
    change_stated: str = ""
    data_by: str = ""
    note: str = ""
    places: tuple[FlowPlace, ...] = ()
    cited: tuple[Cited, ...] = ()

    def of_role(self, role: str) -> tuple[FlowPlace, ...]:
        return tuple(place for place in self.places if place.role == role)

    def keys_of(self, role: str) -> tuple[str, ...]:
        return tuple(place.key for place in self.of_role(role))

    @property
    def main_citation(self) -> Cited | None:
        return main_citation(self.cited)

    @property
    def marks(self) -> Value:
        """The marks of its main source in words; unknown where it is not rated."""
        main = self.main_citation
        words = admiralty(main.reliability, main.credibility) if main else ""
        return stated(words or None, (main,) if main else (), basis="stated")


# ---- In words ----


def amount(row: FlowRow) -> str:
    """'USD 1.8 billion', '104.5 tonnes', '25 times', '80–90 %', '28 % less': without its bound."""
    if row.measure == CHANGE and row.value_to < 0:
        # Of a range below nothing the smaller fall comes first: 9 to 28 % less.
        return f"{_quantity(-row.value_to, -row.value_from, row.unit)} less"
    said = _quantity(row.value_from, row.value_to, row.unit)
    if row.measure == CHANGE:
        return f"{said} more"
    if row.measure not in SHARES:
        return said
    buyers = joined([place.name for place in row.of_role(IMPORTER)])
    if row.measure == "share of imports":
        return f"{said} of {buyers}’{'' if buyers.endswith('s') else 's'} imports" if buyers else f"{said} of imports"
    return f"{said} of deliveries{f' to {buyers}' if buyers else ''}"


def baseline_amount(row: FlowRow) -> str:
    """What the figure is compared with, in its unit and with its bound: 'less than USD 2 000'; '' where unknown."""
    if row.baseline_value is None:
        return ""
    # What a change or a ratio is of is in no unit that the figure names.
    unitless = row.measure in (CHANGE, RATIO)
    value = row.baseline_value
    said = money(value, "").rstrip() if unitless else _quantity(value, value, row.unit)
    return f"{row.baseline_bound} {said}".lstrip()


def _quantity(least: Decimal, most: Decimal, unit: str) -> str:
    """A number or a range in its unit, with no digit that is not a published one."""
    if unit == "USD":
        numbers = [money(number, "").rstrip() for number in dict.fromkeys((least, most))]
        return f"USD {' to '.join(numbers)}"
    numbers = [_digits(number) for number in dict.fromkeys((least, most))]
    if unit == "percent":
        return f"{'–'.join(numbers)}{THIN_SPACE}%"
    return f"{' to '.join(numbers)} {unit}"


def published(number: Decimal) -> Decimal:
    """Without the noughts after the point that the column adds: 25, 104.5."""
    return number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize()


def _digits(number: Decimal) -> str:
    return written(published(number))


def dates_said(start: str, end: str) -> str:
    """'2021 to 2022', 'January to May 2022', '24 February to 31 December 2022', 'May 2022' of a partial span."""
    if start == end:
        return long_date(start)
    if end.startswith(f"{start}-"):
        return f"{start} up to {long_date(end).removesuffix(f' {start}')}"
    first, last = long_date(start), long_date(end)
    if len(start) == len(end) and start[:4] == end[:4] and len(start) > 4:
        return f"{first.removesuffix(f' {start[:4]}')} to {last}"
    return f"{first} to {last}"


def period(row: FlowRow) -> str:
    """When it is of, with the sort of span where the dates do not say it."""
    said = dates_said(row.period_start, row.period_end)
    return f"{SPAN_WORDS[row.span]}, {said}" if row.span in SPAN_WORDS else said


def route(row: FlowRow) -> str:
    """'China to Russia', 'China and Hong Kong to Russia', 'China and Russia' of trade both ways."""
    names = ([place.name for place in row.of_role(role)] for role in (EXPORTER, IMPORTER))
    said = (" and " if row.kind == BOTH_WAYS else " to ").join(joined(side or [NO_PLACE]) for side in names)
    through = joined([place.name for place in row.of_role(VIA)])
    return f"{said}, through {through}" if through else said


def records(row: FlowRow) -> str:
    """Whose records it is counted from: 'Chinese customs', 'records not named by the source'."""
    return row.data_basis if row.data_basis not in UNSAID else "records not named"


def counted_by(row: FlowRow) -> str:
    """Who counted, where that is known and says more than whose records it is; else ''."""
    return row.data_by if row.data_by not in UNSAID and not row.data_basis.startswith(row.data_by) else ""


def publisher(row: FlowRow) -> str:
    """Who published what we read; '' where no source may be named."""
    return row.main_citation.source.publisher if row.main_citation else ""


def who(row: FlowRow) -> str:
    """Whose records and who says so: 'OEC via TIME', 'Chinese customs via Reuters'."""
    # “OEC (sources not stated in article)” is OEC, as the record names who counted.
    short = row.data_by if row.data_by and row.data_basis.startswith(f"{row.data_by} (") else records(row)
    told = _abbreviated(publisher(row))
    said_already = not told or told.casefold() == short.casefold() or short.endswith(f" {told}")
    return short if said_already else f"{short} via {told}"


def _abbreviated(name: str) -> str:
    """'CSIS' of 'Center for Strategic and International Studies (CSIS)'; any other name as it is."""
    whole, _, short = name.removesuffix(")").rpartition(" (")
    # Of two publishers the second may have initials.
    return short if short and short == "".join(letter for letter in whole if letter.isupper()) else name


def bounded(row: FlowRow) -> str:
    """The figure with its bound: 'more than 25 times'."""
    return f"{row.bound} {amount(row)}".lstrip()


def said(row: FlowRow) -> str:
    """The figure as a phrase: 'more than 25 times, 2021 to 2022, direct exports, OEC via TIME'."""
    kind = "" if row.kind == SHARE else row.kind_said
    return ", ".join(filter(None, (bounded(row), period(row), kind, who(row))))


def compared(row: FlowRow) -> str:
    """What it is compared with: 'from a base of 104.5 tonnes, March 2021'; '' where nothing is known of that."""
    value = baseline_amount(row)
    when = dates_said(row.baseline_start, row.baseline_end) if row.baseline_start else ""
    if row.measure == RATIO and not value and row.period_start == row.baseline_start:
        # “2021 to 2022” says it.
        return row.baseline_note
    if row.kind == GAP and value:
        return f"against {', '.join(filter(None, (value, when, row.baseline_note)))}"
    if value:
        return f"from a base of {', '.join(filter(None, (value, when, row.baseline_note)))}"
    if not when:
        return f"compared with: {row.baseline_note}" if row.baseline_note else ""
    return f"compared with {': '.join(filter(None, (when, row.baseline_note)))}"


def change(row: FlowRow) -> str:
    """The change as the source states it, in its own words; '' where it states none, or the figure is the change."""
    return f"stated change: {row.change_stated}" if row.change_stated not in ("", bounded(row)) else ""


def sentence(row: FlowRow) -> str:
    """Everything in one sentence, for those who do not see tables."""
    extra = "; ".join(filter(None, (compared(row), change(row))))
    return f"{row.product}, {route(row)}: {said(row)}{f'; {extra}' if extra else ''}."


# ---- What may stand together ----


@dataclass(frozen=True)
class LikeKey:
    """What figures have in common that may be drawn together. Places without their order."""

    good: int
    product: str
    kind: str
    exporters: frozenset[str]
    importers: frozenset[str]
    via: frozenset[str]
    measure: str
    unit: str
    span: str
    # How long what the figure is of lasted: two “years to date” may be of five months and of nine.
    length: tuple[str, int, int]
    # What a ratio or a change is against, '' of other measures: what began small grows many times over.
    baseline: tuple[str, str, str]
    data_basis: str


def like_key(row: FlowRow) -> LikeKey:
    """What decides whether a figure is like another: nothing else does."""
    return LikeKey(
        good=row.good.pk,
        product=row.product.casefold(),
        kind=row.kind,
        exporters=frozenset(row.keys_of(EXPORTER)),
        importers=frozenset(row.keys_of(IMPORTER)),
        via=frozenset(row.keys_of(VIA)),
        measure=row.measure,
        unit=row.unit,
        span=row.span,
        length=_length(row.period_start, row.period_end),
        baseline=_against(row) if row.measure in (CHANGE, RATIO) else ("", "", ""),
        # Of two figures of unknown records nobody knows that they are the same ones.
        data_basis=f"unknown records of {row.code}" if row.data_basis in UNSAID else row.data_basis,
    )


class NotAlike(ValueError):
    """Figures of different basis were put together."""


@dataclass(frozen=True)
class LikeGroup:
    """Figures of one basis, oldest first. Raises NotAlike where they are not."""

    rows: tuple[FlowRow, ...]

    def __post_init__(self) -> None:
        if len({like_key(row) for row in self.rows}) != 1:
            raise NotAlike(f"These are not of one basis: {', '.join(row.code for row in self.rows)}.")

    @property
    def key(self) -> LikeKey:
        return like_key(self.rows[0])


def like_groups(rows: Iterable[FlowRow]) -> tuple[LikeGroup, ...]:
    """The figures in groups of one basis each, in the order of their first figures."""
    groups: dict[LikeKey, list[FlowRow]] = defaultdict(list)
    for row in rows:
        groups[like_key(row)].append(row)
    ordered = (
        sorted(group, key=lambda row: (row.period_start, row.period_end, row.code)) for group in groups.values()
    )
    return tuple(LikeGroup(tuple(group)) for group in ordered)


@dataclass(frozen=True)
class Bar:
    """One figure of a panel, or what a figure is compared with (`baseline`).

    `words` is the number as published with its bound, `code` that of the figure. `bounded`: it has a bound, so that its
    end is not the true figure.
    """

    code: str
    label: str
    value_from: Decimal
    value_to: Decimal
    bounded: bool
    words: str
    baseline: bool = False


@dataclass(frozen=True)
class Panel:
    """Figures of one basis as they are drawn, oldest first; `key` is that of every one of them."""

    key: LikeKey
    title: str
    basis: str
    bars: tuple[Bar, ...]

    @property
    def figures(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if not bar.baseline)


def panel(group: LikeGroup) -> Panel | None:
    """The drawing of a group; None where there is nothing to set side by side.

    A baseline is drawn where its span is known and as long as that of the figure, and no figure of the group is of
    that span and says the same number.
    """
    drawn = [(row.period_start, row.period_end, _bar(row)) for row in group.rows]
    seen = {(start, end, bar.value_from) for start, end, bar in drawn}
    for row in group.rows:
        base = _baseline(row)
        if base is not None and (row.baseline_start, row.baseline_end, base.value_from) not in seen:
            seen.add((row.baseline_start, row.baseline_end, base.value_from))
            drawn.append((row.baseline_start, row.baseline_end, base))
    if len(drawn) < 2:
        return None
    first = group.rows[0]
    drawn.sort(key=lambda one: (one[0], one[1], not one[2].baseline, one[2].code))
    kind = {SHARE: "", CHANGE: "change of "}.get(first.kind, f"{first.kind_said}, ")
    return Panel(
        key=group.key,
        title=f"{capital(first.product)}: {kind}{route(first)}",
        basis=f"{_measured(first)}; from {records(first)}",
        bars=tuple(bar for _, _, bar in drawn),
    )


def panels(rows: Iterable[FlowRow]) -> tuple[Panel, ...]:
    """The panels of all groups that can be drawn."""
    return tuple(found for group in like_groups(rows) if (found := panel(group)) is not None)


def _bar(row: FlowRow) -> Bar:
    words = f"{row.bound} {_quantity(row.value_from, row.value_to, row.unit)}".lstrip()
    return Bar(
        row.code,
        dates_said(row.period_start, row.period_end),
        row.value_from,
        row.value_to,
        bool(row.bound),
        words,
    )


def _baseline(row: FlowRow) -> Bar | None:
    """What a figure is compared with, as a bar: only of the same measure, and of a span as long as its own."""
    if row.baseline_value is None or not row.baseline_start or row.measure in (CHANGE, RATIO) or row.kind == GAP:
        return None
    if _length(row.baseline_start, row.baseline_end) != _length(row.period_start, row.period_end):
        return None
    value = row.baseline_value
    return Bar(
        row.code,
        dates_said(row.baseline_start, row.baseline_end),
        value,
        value,
        bool(row.baseline_bound),
        baseline_amount(row),
        baseline=True,
    )


def _length(start: str, end: str) -> tuple[str, int, int]:
    """How long a span is: in whole months; of days from one day of the year to another, and over how many years."""
    days = span(start, end)
    assert days is not None  # by the callers
    first, last = days.first, last_day(end)
    years = last.year - first.year
    if first.day == 1 and (last + datetime.timedelta(days=1)).day == 1:
        return "months", 12 * years + last.month - first.month + 1, 0
    return f"{first:%m-%d} to {last:%m-%d}", 0, years


def _against(row: FlowRow) -> tuple[str, str, str]:
    """What a ratio or a change is of, as far as its source says: the span, and in words."""
    # Of two bases that nobody names nobody knows that they are one.
    unknown = "" if row.baseline_start or row.baseline_note else f"unknown base of {row.code}"
    return row.baseline_start, row.baseline_end, row.baseline_note or unknown


def _measured(row: FlowRow) -> str:
    """What the bars are long by: 'value in USD, each bar one year'."""
    unit = {"percent": "per cent"}.get(row.unit, row.unit)
    what = "share of the importer’s imports" if row.measure == SHARES[0] else row.measure
    if row.measure in (CHANGE, RATIO) and row.baseline_start and row.span != "year-on-year":
        what += f" against {dates_said(row.baseline_start, row.baseline_end)}"
    each = {"custom": "the span named", "year-on-year": "one year against another", **SPAN_WORDS}
    return f"{what} in {unit}, each bar {each.get(row.span, _article(row.span))}"


def _article(words: str) -> str:
    return words if words.endswith("months") else f"one {words}"


# ---- The figures ----

PANELS, REEXPORTS = "trade", "reexports"
OUR_COLLECTION = "our collection; the table names the sources of each figure"
MOST_NAMED = 4
# How tall a drawing is, in steps: a bar, the words above those of a panel; an arrow with its places, a figure below it.
BAR_STEPS, PANEL_STEPS = 3, 6
LEG_STEPS, FIGURE_STEPS = 6, 3


@dataclass(frozen=True, kw_only=True)
class TradeModel(FigureModel):
    """Published figures of one good, a small panel a basis; each panel has a scale of its own, from 0."""

    panels: tuple[Panel, ...]


def trade_figure(good: GoodRef, rows: Iterable[FlowRow], *, date: str = "") -> TradeModel:
    """The figure of a good's own figures; those without another of their basis are not drawn."""
    found = tuple(rows)
    drawn = panels(found)
    codes = {bar.code for one in drawn for bar in one.figures}
    left_out = len(found) - len(codes)
    beside = (
        f" {capital(several(left_out, 'figure'))} without another of the same basis {'is' if left_out == 1 else 'are'} "
        "in the table only"
        if left_out
        else ""
    )
    return TradeModel(
        title=_panels_title(good, drawn),
        subtitle="Each panel holds figures of one basis: the same goods, places, measure, span and records. Panels are "
        f"not to be compared with each other.{beside}",
        source=_publishers(row for row in found if row.code in codes),
        date=date,
        alt=" ".join(f"{one.title}, {one.basis}: {'; '.join(map(_bar_said, one.bars))}." for one in drawn)
        or "No two figures are of one basis.",
        panels=drawn,
    )


def _publishers(rows: Iterable[FlowRow]) -> str:
    """Who published what is drawn; of more than a few, where their names stand."""
    names = list(dict.fromkeys(filter(None, (_abbreviated(publisher(row)) for row in rows))))
    return "; ".join(names) if 0 < len(names) <= MOST_NAMED else OUR_COLLECTION


def _bar_said(bar: Bar) -> str:
    return f"{bar.label} {bar.words}{' (baseline)' if bar.baseline else ''}"


def _panels_title(good: GoodRef, drawn: tuple[Panel, ...]) -> str:
    """Of one panel its first and last figure: two printed numbers, no ratio. Of several none stands for the others."""
    if not drawn:
        return f"{good.title}: no two figures of one basis"
    if len(drawn) > 1:
        return f"{good.title}: published figures in {in_words(len(drawn))} panels, each of one basis"
    (one,) = drawn
    first, last = one.bars[0], one.bars[-1]
    return f"{one.title}: {first.words} in {first.label}, {last.words} in {last.label}"


def trade_ref(model: TradeModel, good: GoodRef) -> FigureRef:
    """The figure as the good's page names it."""
    return FigureRef(PANELS, f"good={good.slug}", model.title, model.alt, "figures", panel_steps(model))


def panel_steps(model: TradeModel) -> int:
    return sum(PANEL_STEPS + BAR_STEPS * len(one.bars) for one in model.panels)


@dataclass(frozen=True)
class Leg:
    """One stretch that goods are said to have gone, with the figures of it, oldest first.

    `before`, `between` and `after` are names of places: where goods came from, the third place, where they went; ()
    where the figures do not say it. Only a figure that names a place between fills all three.
    """

    before: tuple[str, ...]
    between: tuple[str, ...]
    after: tuple[str, ...]
    kind: str
    rows: tuple[FlowRow, ...]


def legs_of(rows: Iterable[FlowRow]) -> tuple[Leg, ...]:
    """The legs of re-exports, of exports suspected to be passed on, and of figures that name a place between."""
    found: dict[tuple[tuple[str, ...], ...], list[FlowRow]] = defaultdict(list)
    for row in rows:
        ends = tuple(tuple(place.name for place in row.of_role(role)) for role in (EXPORTER, VIA, IMPORTER))
        if ends[1]:
            found[(*ends, (row.kind_said,))].append(row)
        elif row.kind == REEXPORT:
            found[(), ends[0], ends[2], (row.kind_said,)].append(row)
        elif row.kind == TRANSIT:
            found[ends[0], ends[2], (), (row.kind_said,)].append(row)
    legs = [
        Leg(
            before,
            between,
            after,
            kind,
            tuple(sorted(own, key=lambda row: (row.period_start, row.period_end, row.code))),
        )
        for (before, between, after, (kind,)), own in found.items()
    ]
    # Those into a third place first, then those out of one: by place.
    return tuple(sorted(legs, key=lambda leg: (bool(leg.after), bool(not leg.before), -len(leg.rows), leg.between)))


def leg_said(row: FlowRow) -> str:
    """A figure beside its arrow: 'nearly USD 2 billion, August to December 2023: all goods (C4ADS customs data)'."""
    return f"{bounded(row)}, {period(row)}: {row.product} (from {records(row)})"


@dataclass(frozen=True, kw_only=True)
class ReexportsModel(FigureModel):
    legs: tuple[Leg, ...]


NEVER_JOINED = (
    "Each arrow is one leg as a source states it. No source joins two of them: where the goods of a re-export were "
    "made, and where exports were passed on to, is not stated, and the arrows do not meet."
)


def reexports(rows: Iterable[FlowRow], *, date: str = "") -> ReexportsModel:
    """The figure of recorded re-exports through third places."""
    legs = legs_of(rows)
    number = sum(len(leg.rows) for leg in legs)
    places = {name for leg in legs for name in leg.between}
    title = (
        f"{capital(several(number, 'published figure'))} of re-exports and suspected transit, through "
        f"{in_words(len(places))} {'place' if len(places) == 1 else 'places'}"
        if legs
        else "No re-export is in our collection"
    )
    return ReexportsModel(
        title=title,
        subtitle=NEVER_JOINED,
        source=OUR_COLLECTION,
        date=date,
        alt=" ".join(f"{_ends(leg)}: {'; '.join(map(leg_said, leg.rows))}." for leg in legs) or title,
        legs=legs,
    )


def _ends(leg: Leg) -> str:
    said = " to ".join(joined(names) for names in (leg.before, leg.between, leg.after) if names)
    return f"{said} ({leg.kind})"


def reexports_ref(model: ReexportsModel) -> FigureRef:
    """The figure as the overview names it."""
    return FigureRef(REEXPORTS, "", model.title, model.alt, "legs", leg_steps(model))


def leg_steps(model: ReexportsModel) -> int:
    return sum(LEG_STEPS + FIGURE_STEPS * len(leg.rows) for leg in model.legs)
