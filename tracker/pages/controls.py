"""/controls/ and /controls/<slug>/."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from tracker.analysis.controls import (
    IN_OUR_COLLECTION,
    LEGAL_ACTS,
    WHAT_KINDS_ARE,
    ControlListPage,
    ControlPage,
    ControlRow,
    ControlTechnologyRow,
    EditionRow,
    Fact,
    ItemRow,
    KindRow,
    ListedGoodRow,
    StateRow,
    control_sentence,
    controls_sentence,
    goods_sentence,
    kind_rows,
    states_sentences,
    warning,
)
from tracker.analysis.cooperation import several
from tracker.analysis.cooperation_join import CHINA, RUSSIA, TechnologyStanding
from tracker.analysis.home import counted, number_of
from tracker.analysis.listings import (
    ABSENCE,
    NOT_LISTED,
    ControlRef,
    ListingRow,
    ListingsModel,
    Stay,
    Tick,
    by_date,
    day_sentence,
    listing_rows,
    listings_figure,
    listings_ref,
    on_list,
)
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import (
    Cited,
    Facet,
    FigureRef,
    Link,
    TableData,
    Value,
    citing,
    long_date,
    stated,
)
from tracker.analysis.second_hand import WARNING, second_hand_mark
from tracker.analysis.technologies import joined, lower_first
from tracker.history.past import Moment
from tracker.models import (
    Control,
    ControlItem,
    Country,
    ListedGood,
    Listing,
    ParticipatingState,
)
from tracker.pages.control_parts import (
    COLUMNS,
    StoredControl,
    edition_rows,
    good_rows,
    item_row,
    noted_once,
    open_relevance,
    read_editions,
    read_family,
    read_items,
    read_relevance,
    state_row,
    technology_rows,
    ticks_of,
    whole_bodies,
)
from tracker.pages.control_rows import (
    CONTROL,
    GOOD,
    ITEM,
    KINDS,
    LIST_EDITION,
    LISTED_GOOD,
    RELEVANCE,
    STATE,
    blanked,
    hidden,
    read_stays,
)
from tracker.pages.leader_rows import Leaders
from tracker.pages.not_found import NotFound, alike
from tracker.pages.organisation_rows import LISTING, ORGANISATION, naming_of
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, reading_record
from tracker.pages.union import union_rows

SEVERAL = "several"
# A list of organisations of which none is in our collection has 0, and no blank as what names nobody.
NAMING = str(Control.Kind.ENTITY_LIST)
TRAIL = (Link("Home", "/"),)
LIST = Link("Controls", "/controls/")
# Of whom a control of several states says plainly whether they take part.
WATCHED = {CHINA: "China", RUSSIA: "Russia"}


def control_list(
    *, q: str = "", kind: str = "", country: str = "", sort: str = "", at: Moment | None = None
) -> ControlListPage:
    """Every control, with how much of each our collection holds. Raises NotFound, UnknownSortKey."""
    with reading_record(at, editions=False) as reader:
        stored = {row["pk"]: StoredControl(row) for row in Control.objects.order_by("name", "pk").values(*COLUMNS)}
        reader.show(CONTROL, stored)
        reader.show("country", (one["country_id"] for one in stored.values()))
        parts = _parts(reader)
        cited = reader.citations(all_to_cite({CONTROL: list(stored)}, _to_cite(parts)))
        shown = {pk: found for pk, one in stored.items() if (found := one.opened(cited)) is not None}
        counts = _counts(parts, cited)
        every = tuple(_control_row(one, shown, counts[pk], cited) for pk, one in shown.items())
        offered = _facets(shown.values())
        country = country.lower()
        _check("kind", kind, set(KINDS), offered)
        _check("country", country, _countries(country, offered), offered)
        words = q.casefold().split()
        fitting = {
            one.ref.address
            for one in shown.values()
            if (not kind or one["kind"] == kind)
            and (not country or _code(one) == country)
            and all(word in one.names for word in words)
        }
        rows = tuple(row for row in every if row.control.address in fitting)
        order = list(KINDS.values())
        rows = tuple(
            sorted(
                rows,
                key=lambda row: (
                    order.index(lower_first(row.kind)),
                    not row.dated.known,
                    str(row.dated.content),
                    row.control.text,
                ),
            )
        )
        marked = warning(rows, "controls")
        return ControlListPage(
            title="Controls",
            sentence=controls_sentence(every),
            address=LIST.address,
            trail=TRAIL,
            missing=_missing_of_all(every, marked),
            tables=(
                TableData(
                    "controls",
                    "Controls, and what our collection holds of each",
                    ordered(rows, sort, ControlRow),
                    ControlRow,
                    empty="No control fits these filters.",
                ),
                TableData(
                    "kinds", "What the kinds of control are, and how many of each are in our collection",
                    kind_rows(every, KINDS), KindRow, empty="No control is in our collection.",
                ),
            ),
            facets=offered,
            caveats=(LEGAL_ACTS, IN_OUR_COLLECTION),
            stamp=reader.stamp(),
        )  # fmt: skip


def _missing_of_all(rows: Sequence[ControlRow], marked: str) -> tuple[str, ...]:
    undated = sum(not row.dated.known for row in rows)
    said = [f"Of {undated} of the {several(len(rows), 'control')} no date is known to us."] if undated else []
    return (*said, *filter(None, (marked,)))


def _code(one: StoredControl) -> str:
    return (one["country__code"] or SEVERAL).lower()


def _facets(controls: Collection[StoredControl]) -> dict[str, tuple[Facet, ...]]:
    kinds = Counter(one["kind"] for one in controls)
    countries = Counter((_code(one), one["country__name"] or "several countries, or not one") for one in controls)
    return {
        "kind": tuple(Facet(kind, words, kinds[kind]) for kind, words in KINDS.items() if kinds[kind]),
        "country": tuple(
            Facet(code, name, count)
            for (code, name), count in sorted(countries.items(), key=lambda pair: (-pair[1], pair[0][1]))
        ),
    }


def _countries(country: str, offered: Mapping[str, tuple[Facet, ...]]) -> set[str]:
    """The codes that may be asked for; a query only where none that is offered is."""
    known = {SEVERAL, *(facet.value for facet in offered["country"])}
    if country and country not in known:
        known |= {
            code.lower() for code in Country.objects.filter(code=country.upper()).values_list("code", flat=True)
        }
    return known


def _check(name: str, value: str, known: Collection[str], offered: Mapping[str, tuple[Facet, ...]]) -> None:
    if value and value not in known:
        raise NotFound(
            f"No control has the {name} “{value[:60]}”.",
            tuple(Link(facet.label, f"/controls/?{name}={facet.value}") for facet in offered[name]),
        )


def _parts(reader: RecordReader) -> list[dict[str, Any]]:
    """What belongs to every control, as kind, pk and what it hangs on: one query."""
    nothing = {"item_pk": None, "good_pk": None, "body_pk": None}
    found = union_rows(
        (ControlItem.objects.all(), {"kind": ITEM, "pk": F("pk"), "control_pk": F("control_id"), **nothing}),
        (
            ParticipatingState.objects.filter(until=""),
            {"kind": STATE, "pk": F("pk"), "control_pk": F("control_id"), **nothing, "body_pk": F("country_id")},
        ),
        (
            ListedGood.objects.all(),
            {
                "kind": LISTED_GOOD, "pk": F("pk"), "control_pk": F("item__control_id"), **nothing,
                "item_pk": F("item_id"), "good_pk": F("good_id"),
            },
        ),
        (
            Listing.objects.all(),
            {"kind": LISTING, "pk": F("pk"), "control_pk": F("control_id"), **nothing, "body_pk": F("organisation_id")},
        ),
    )  # fmt: skip
    for row in found:
        reader.show(row["kind"], [row["pk"]])
        reader.show(GOOD, [row["good_pk"]])
        reader.show("country" if row["kind"] == STATE else ORGANISATION, [row["body_pk"]])
    return found


def _to_cite(parts: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    wanted: dict[str, dict[int, None]] = defaultdict(dict)
    for row in parts:
        wanted[row["kind"]][row["pk"]] = None
        if row["good_pk"]:
            wanted[GOOD][row["good_pk"]] = None
        if row["kind"] == LISTING:
            wanted[ORGANISATION][row["body_pk"]] = None
    return {kind: list(pks) for kind, pks in wanted.items()}


def _counts(parts: Iterable[Mapping[str, Any]], cited: CitedBy) -> dict[int, Counter[str]]:
    """How many parts of each kind may be shown, by control; organisations and states each once."""
    shown = [
        row
        for row in parts
        if not hidden(cited, row["kind"], row["pk"])
        and not (row["item_pk"] and hidden(cited, ITEM, row["item_pk"]))
        and not (row["good_pk"] and hidden(cited, GOOD, row["good_pk"]))
    ]
    bodies = {row["body_pk"] for row in shown if row["kind"] == LISTING}
    naming = naming_of(cited, bodies, mentioned=bodies)
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for row in shown:
        if row["kind"] != LISTING or row["body_pk"] in naming:
            found[row["control_pk"]].add((row["kind"], row["body_pk"] or row["good_pk"] or row["pk"]))
    return defaultdict(Counter, {pk: Counter(kind for kind, _ in keys) for pk, keys in found.items()})


def _control_row(
    one: StoredControl, every: Mapping[int, StoredControl], counts: Counter[str], cited: CitedBy
) -> ControlRow:
    own = cited.get((CONTROL, one.pk), ())
    amended = every.get(one["amends_id"] or 0)

    def count(kind: str, table: str) -> Value | None:
        return counted(counts[kind], f"{one.ref.address}#table-{table}") if counts[kind] else None

    return ControlRow(
        control=one.ref.link,
        code=one["code"],
        kind=one.kind[0].upper() + one.kind[1:],
        country=one.country,
        issuer=stated(one["issuer"] or None, citing(own, "issuer")),
        dated=stated(one["since"] or one["issued"] or None, citing(own, "since" if one["since"] else "issued")),
        dated_as="in force" if one["since"] else "issued" if one["issued"] else "",
        until=one["until"],
        updates=amended.ref.short_link if amended else None,
        states=count(STATE, "states"),
        items=count(ITEM, "items"),
        goods=count(LISTED_GOOD, "goods"),
        organisations=count(LISTING, "organisations") or (counted(0, "") if one["kind"] == NAMING else None),
        mark=second_hand_mark(own),
    )


def control(*, slug: str, on: datetime.date | None = None, sort: str = "", at: Moment | None = None) -> ControlPage:
    """One control whole; with `on` who of its list was on it on that day. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        family = read_family(reader, slug)
        if family is None:
            raise _no_control(slug)
        pk = family.own.pk
        items, goods = read_items(reader, pk)
        editions = read_editions(reader, pk)
        listed = read_stays(reader, Q(control=pk))
        relevance = read_relevance(reader, pk, items, goods, listed.bodies)
        touched = {row["technology_id"] for row in relevance}
        leaders = Leaders(reader, "", touched) if touched and reader.editions.of_technologies else None
        cited = reader.citations(
            all_to_cite(
                {CONTROL: [pk, *(one.pk for one in family.others)], STATE: [row["pk"] for row in family.states]},
                {ITEM: [row["pk"] for row in items], LISTED_GOOD: [row["pk"] for row in goods]},
                {GOOD: list({row["good_id"] for row in goods}), LIST_EDITION: [row["pk"] for row in editions]},
                {RELEVANCE: [row["pk"] for row in relevance]},
                listed.to_cite,
                leaders.to_cite if leaders else {},
            )
        )
        own = family.own.opened(cited)
        if own is None:
            raise _no_control(slug)
        others = {one.pk: found for one in family.others if (found := one.opened(cited)) is not None}
        standings: Mapping[int, TechnologyStanding] = {}
        if leaders is not None:
            leaders.cite(cited)
            standings = leaders.standings()
        stays, naming = listed.rows(cited)
        stays = by_date(stays)
        today = datetime.date.fromisoformat(reader.day)
        open_items = tuple(
            blanked(row, cited.get((ITEM, row["pk"]), ())) for row in items if not hidden(cited, ITEM, row["pk"])
        )
        listed_goods, goods_note = noted_once(good_rows(goods, open_items, cited))
        mapped = open_relevance(relevance, cited, own, open_items, goods, whole_bodies(stays, naming))
        shown = _Shown(
            states=tuple(state_row(row, cited) for row in family.states if not hidden(cited, STATE, row["pk"])),
            items=tuple(item_row(own, row, listed_goods, mapped, cited) for row in open_items),
            goods=listed_goods,
            editions=edition_rows(own, editions, stays, cited),
            technologies=technology_rows(mapped, standings),
            listings=listing_rows(stays, on, today),
        )
        ref = own.ref
        figure = figure_of(ref, stays, ticks_of(editions, cited), reader.day, on) if stays else None
        own_cited = cited.get((CONTROL, pk), ())
        return ControlPage(
            title=ref.name,
            sentence=control_sentence(
                own.kind, own["issuer"], (own["issued"], own["since"], own["until"]), _few_words(shown, stays, today)
            ),
            address=ref.address,
            trail=(*TRAIL, LIST),
            missing=_missing(own, shown, stays),
            tables=_tables(ref, shown, sort, on),
            figures=(_figure_ref(figure, ref, on),) if figure else (),
            control=ref,
            code=own["code"],
            what=WHAT_KINDS_ARE.get(own["kind"], ""),
            issuer=stated(own["issuer"] or None, citing(own_cited, "issuer")),
            country=own.country,
            description=own["description"],
            note=own["note"],
            date_note=own["date_note"],
            facts=_facts(own, own_cited),
            updates=others[own["amends_id"]].ref.link if own["amends_id"] in others else None,
            updated_by=tuple(one.ref.link for one in others.values() if one["amends_id"] == pk),
            taking_part=states_sentences(shown.states, own["states_stated"], WATCHED),
            goods_said=goods_sentence(shown.items, own["goods_stated"]),
            goods_note=goods_note,
            on=on.isoformat() if on else "",
            day_said=day_sentence(stays, on, today) if on and stays else "",
            second_hand=WARNING if second_hand_mark(own_cited) else "",
            warnings={
                name: warning(rows, name)
                for name, rows in (
                    ("states", shown.states),
                    ("items", shown.items),
                    ("goods", shown.goods),
                    ("editions", shown.editions),
                    ("listings", shown.listings),
                )
            },
            mark=second_hand_mark(own_cited),
            caveats=(LEGAL_ACTS, IN_OUR_COLLECTION),
            stays=stays,
            day=reader.day,
            ticks=ticks_of(editions, cited),
            stamp=reader.stamp(),
        )


def _no_control(slug: str) -> NotFound:
    every = {row["pk"]: StoredControl(row) for row in Control.objects.order_by("name", "pk").values(*COLUMNS)}
    cited = RecordReader(None).citations({CONTROL: list(every)})
    names = (found.ref.link for one in every.values() if (found := one.opened(cited)) is not None)
    return NotFound(f"There is no control “{slug[:80]}”.", (*alike(slug, names), Link("All controls", LIST.address)))


@dataclass(frozen=True)
class _Shown:
    """The rows of a control's tables."""

    states: tuple[StateRow, ...]
    items: tuple[ItemRow, ...]
    goods: tuple[ListedGoodRow, ...]
    editions: tuple[EditionRow, ...]
    technologies: tuple[ControlTechnologyRow, ...]
    listings: tuple[ListingRow, ...]


def _facts(own: StoredControl, cited: tuple[Cited, ...]) -> tuple[Fact, ...]:
    """Its dates in words, those that are known."""
    labels = {"issued": "Issued, or first public", "since": "In force since", "until": "In force until"}
    return tuple(
        Fact(label, stated(long_date(own[column]), citing(cited, column)))
        for column, label in labels.items()
        if own[column]
    )


def _few_words(shown: _Shown, stays: Sequence[Stay], today: datetime.date) -> list[str]:
    """What is said of a control in its sentence besides its dates."""
    parts = []
    states = {row.country for row in shown.states if not row.until}
    if states:
        parts.append(f"{several(len(states), 'participating state')} known to us")
    if shown.items and not shown.goods:
        within = Counter(row.item.partition(" ")[0].lower() for row in shown.items)
        parts += [_several_items(*pair) for pair in within.items()]
    if shown.goods:
        number = len({row.good for row in shown.goods})
        # Those are called as their control calls them.
        within = Counter(
            row.item.partition(" ")[0].lower() for row in {row.item: row for row in shown.goods}.values()
        )
        parts.append(f"{several(number, 'good')} in {joined([_several_items(*pair) for pair in within.items()])}")
    if stays:
        groups: dict[int, list[Stay]] = defaultdict(list)
        for stay in stays:
            groups[stay.organisation.pk].append(stay)
        gone = sum(on_list(own, today, today) == NOT_LISTED for own in groups.values())
        text = f"{several(len(groups), 'organisation')} on it in our collection"
        parts.append(f"{text}, {gone} of them removed since" if gone else text)
    return parts


def _several_items(word: str, number: int) -> str:
    """'1 category', '6 tiers'."""
    many = {"category": "categories"}.get(word, f"{word}s")
    return f"{number} {word if number == 1 else many}"


def _missing(own: StoredControl, shown: _Shown, stays: Sequence[Stay]) -> tuple[str, ...]:
    """What a reader who knows a source could supply of it."""
    said = []
    if not own["since"] and not own["issued"]:
        said.append("Since when it is in force is not known to us.")
    known = len({row.country for row in shown.states if not row.until})
    if own["states_stated"] and known < own["states_stated"]:
        said.append(
            f"{own['states_stated'] - known} of its {own['states_stated']} states are not known to us by name."
        )
    undated = sum(not row.since.known for row in shown.states)
    if undated:
        said.append(f"Of {undated} of its states we do not know since when they take part.")
    goods = len({row.good for row in shown.goods})
    if own["goods_stated"] and goods < own["goods_stated"]:
        said.append(f"{own['goods_stated'] - goods} of its {own['goods_stated']} goods are not known to us.")
    parts = [
        f"{row.named.text} of {row.stated.text} of {long_date(row.date)}"
        for row in shown.editions
        if row.named is not None and row.stated.known and number_of(row.named) < number_of(row.stated)
    ]
    if parts:
        said.append(f"Of the organisations that its editions name our collection holds: {', '.join(parts)}.")
    if stays:
        said.append(ABSENCE)
    unclear = sum(not stay.since or len(stay.since) < 10 for stay in stays)
    if unclear:
        said.append(
            f"Of {several(unclear, 'listing')} the first day is not known to us, only the year, the month or nothing."
        )
    return tuple(said)


def _tables(ref: ControlRef, shown: _Shown, sort: str, on: datetime.date | None) -> tuple[TableData, ...]:
    """The tables of a control; the first that has rows stands first, and can be sorted."""
    when = f", and who was on it on {long_date(on.isoformat())}" if on else ""
    tables = [
        TableData(
            "organisations", f"{ref.called}: organisations on it over time, as far as known to us{when}",
            shown.listings, ListingRow, empty="No organisation on it is in our collection.",
        ),
        TableData(
            "states", f"{ref.called}: participating states", shown.states, StateRow,
            empty="No participating state is recorded.",
        ),
        TableData(
            "goods", f"{ref.called}: the goods it names", shown.goods, ListedGoodRow,
            empty="No good that it names is recorded.",
        ),
        TableData(
            "items", f"{ref.called}: what it covers", shown.items, ItemRow,
            empty="No category or tier of it is recorded.",
        ),
        TableData(
            "editions", f"{ref.called}: its editions", shown.editions, EditionRow, empty="No edition of it is recorded.",
        ),
        TableData(
            "technologies", f"{ref.called}: technologies to which we map it or what stands on it, and who leads them",
            shown.technologies, ControlTechnologyRow,
            empty="We have mapped neither it nor what stands on it to a tracked technology.",
        ),
    ]  # fmt: skip
    first = next((table for table in tables if table.rows), tables[0])
    main = TableData(
        first.name, first.caption, ordered(first.rows, sort, first.row_type), first.row_type, first.empty
    )
    return (main, *(table for table in tables if table is not first))


def figure_of(
    ref: ControlRef, stays: Sequence[Stay], ticks: Sequence[Tick], day: str, on: datetime.date | None, date: str = ""
) -> ListingsModel:
    """The stays on one list, drawn over time."""
    return listings_figure(stays, ticks, day, about=ref.called, on=on, date=date)


def _figure_ref(figure: ListingsModel, ref: ControlRef, on: datetime.date | None) -> FigureRef:
    query = f"control={ref.slug}" + (f"&on={on.isoformat()}" if on else "")
    return listings_ref(figure, query, "organisations")
