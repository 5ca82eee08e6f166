"""A control and what belongs to it, as the record holds it and as rows of its page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q

from tracker.analysis.controls import (
    OUR_MAPPING,
    ControlTechnologyRow,
    EditionRow,
    ItemRow,
    ListedGoodRow,
    StateRow,
)
from tracker.analysis.cooperation_join import CHINA, TechnologyStanding
from tracker.analysis.home import counted
from tracker.analysis.leadership import share_value
from tracker.analysis.listings import ControlRef, Stay, Tick
from tracker.analysis.read_model import Link, Place, Value, citing, dated, stated
from tracker.analysis.second_hand import second_hand_mark
from tracker.models import Control, ControlItem, ListEdition, Relevance
from tracker.models.record import Basis
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
    closed_columns,
    hidden,
    item_address,
)
from tracker.pages.organisation_rows import ORGANISATION, Naming
from tracker.pages.rows import CitedBy, RecordReader, country_place

COLUMNS = (
    "pk", "slug", "code", "name", "short_name", "kind", "issuer", "issued", "since", "until", "date_note", "description",
    "states_stated", "goods_stated", "note", "amends_id", "country_id", "country__code", "country__name",
)  # fmt: skip


@dataclass(frozen=True)
class StoredControl:
    """A control as the record holds it, by column."""

    columns: dict[str, Any]

    @property
    def pk(self) -> int:
        return int(self.columns["pk"])

    def opened(self, cited: CitedBy) -> StoredControl | None:
        """Without what only withheld sources say; None where it may not be shown at all."""
        own = cited.get((CONTROL, self.pk), ())
        if hidden(cited, CONTROL, self.pk) or closed_columns(own) & {"name", "slug", "code", "kind"}:
            return None
        return StoredControl(blanked(self.columns, own))

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    @property
    def kind(self) -> str:
        return KINDS.get(self["kind"], self["kind"])

    @property
    def ref(self) -> ControlRef:
        return ControlRef(self.pk, self["slug"], self["name"], self["short_name"], self.kind)

    @property
    def country(self) -> Place | None:
        return country_place(self["country__code"], self["country__name"]) if self["country__code"] else None

    @property
    def names(self) -> str:
        """Every word that it is found by."""
        words = ("name", "short_name", "code", "issuer", "description", "country__name")
        return " ".join(self[name] or "" for name in words).casefold()


@dataclass(frozen=True)
class Family:
    """A control with what it updates and what updates it, and its own participating states, as stored."""

    own: StoredControl
    others: tuple[StoredControl, ...]
    states: tuple[dict[str, Any], ...]


def read_family(reader: RecordReader, slug: str) -> Family | None:
    """One control and its relatives, with its states in the same query, a row each."""
    above = Control.objects.filter(slug=slug, amends__isnull=False).order_by().values("amends")
    found: dict[int, StoredControl] = {}
    states = []
    of_states = {
        "state_pk": F("states__pk"), "state_since": F("states__since"), "state_until": F("states__until"),
        "state_note": F("states__note"), "state_country": F("states__country_id"),
        "state_code": F("states__country__code"), "state_name": F("states__country__name"),
    }  # fmt: skip
    rows = Control.objects.filter(Q(slug=slug) | Q(amends__slug=slug) | Q(pk__in=above)).order_by(
        "issued", "since", "name", "pk", "states__country__name", "states__since", "states__pk"
    )
    for row in rows.values(*COLUMNS, **of_states):
        found.setdefault(row["pk"], StoredControl({name: row[name] for name in COLUMNS}))
        if row["slug"] == slug and row["state_pk"]:
            states.append({name.removeprefix("state_"): row[name] for name in of_states})
    reader.show(CONTROL, found)
    reader.show("country", (one["country_id"] for one in found.values()))
    reader.show(STATE, (row["pk"] for row in states))
    reader.show("country", (row["country"] for row in states))
    own = next((one for one in found.values() if one["slug"] == slug), None)
    if own is None:
        return None
    return Family(own, tuple(one for one in found.values() if one is not own), tuple(states))


def read_items(reader: RecordReader, control: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The items of a control, and the goods they name, in order: one query."""
    items: dict[int, dict[str, Any]] = {}
    goods = []
    rows = ControlItem.objects.filter(control=control).order_by(
        "position", "pk", "goods__good__hs_code", "goods__good__name", "goods__pk"
    )
    of_item = ("pk", "kind", "code", "name", "description", "note")
    of_good = {
        "good_row": F("goods__pk"), "good_since": F("goods__since"), "good_until": F("goods__until"),
        "good_note": F("goods__note"), "good_id": F("goods__good_id"), "good_slug": F("goods__good__slug"),
        "good_hs_code": F("goods__good__hs_code"), "good_name": F("goods__good__name"),
        "good_short_name": F("goods__good__short_name"),
    }  # fmt: skip
    for row in rows.values(*of_item, **of_good):
        items.setdefault(row["pk"], {name: row[name] for name in of_item})
        if row["good_row"]:
            goods.append(
                {
                    "pk": row["good_row"], "item": row["pk"], "since": row["good_since"], "until": row["good_until"],
                    "note": row["good_note"],
                    **{name: row[name] for name in ("good_id", "good_slug", "good_hs_code", "good_name", "good_short_name")},
                }
            )  # fmt: skip
    reader.show(ITEM, items)
    reader.show(LISTED_GOOD, (row["pk"] for row in goods))
    reader.show(GOOD, (row["good_id"] for row in goods))
    return list(items.values()), goods


def _item_said(row: Mapping[str, Any]) -> str:
    """'Category 3', 'Tier 3.A'."""
    return f"{str(row['kind']).capitalize()} {row['code']}"


def _heading(row: Mapping[str, Any]) -> str:
    """'Category 3: Electronics'; without the name where it is no more than the number."""
    return f"{_item_said(row)}: {row['name']}" if row["name"] not in ("", _item_said(row)) else _item_said(row)


def good_rows(
    goods: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]], cited: CitedBy
) -> tuple[ListedGoodRow, ...]:
    """The goods that may be shown, each under its item; `items` are those that may."""
    headings = {row["pk"]: _heading(row) for row in items}
    rows = []
    for good in goods:
        own = cited.get((LISTED_GOOD, good["pk"]), ())
        if (
            good["item"] not in headings
            or hidden(cited, LISTED_GOOD, good["pk"])
            or hidden(cited, GOOD, good["good_id"])
        ):
            continue
        row = blanked(good, own)
        rows.append(
            ListedGoodRow(
                good=Link(
                    good["good_hs_code"] or good["good_short_name"] or good["good_name"],
                    f"/trade/{good['good_slug']}/",
                ),
                item=headings[good["item"]],
                name=good["good_name"],
                since=dated(row["since"], own, "since"),
                until=row["until"],
                note=row["note"],
                mark=second_hand_mark(own),
            )
        )
    return tuple(rows)


def noted_once(rows: tuple[ListedGoodRow, ...]) -> tuple[tuple[ListedGoodRow, ...], str]:
    """The goods, and the note that all of them have: it is said once."""
    notes = {row.note for row in rows}
    if len(rows) < 2 or len(notes) > 1:
        return rows, ""
    return tuple(replace(row, note="") for row in rows), notes.pop()


def item_row(
    own: StoredControl,
    row: Mapping[str, Any],
    goods: Sequence[ListedGoodRow],
    mapped: Sequence[Mapping[str, Any]],
    cited: CitedBy,
) -> ItemRow:
    """A category or tier with how many goods it names and what it is mapped to."""
    said_by = cited.get((ITEM, row["pk"]), ())
    heading = _heading(row)
    number = sum(good.item == heading for good in goods)
    return ItemRow(
        item=_item_said(row),
        name=stated(row["name"] or None, citing(said_by, "name")),
        description=row["description"],
        goods=counted(number, f"{own.ref.address}#table-goods") if goods else None,
        technologies=tuple(one["link"] for one in mapped if one["kind"] == ITEM and one["record"] == row["pk"]),
        note=row["note"],
        mark=second_hand_mark(said_by),
    )


def state_row(row: Mapping[str, Any], cited: CitedBy) -> StateRow:
    """A participating state, with since when."""
    own = cited.get((STATE, row["pk"]), ())
    shown = blanked(row, own)
    return StateRow(
        country=country_place(row["code"], row["name"]),
        since=dated(shown["since"], own, "since"),
        until=shown["until"],
        note=shown["note"],
        mark=second_hand_mark(own),
    )


def read_editions(reader: RecordReader, control: int) -> list[dict[str, Any]]:
    """The editions of a list, oldest first: one query."""
    rows: list[Any] = list(
        ListEdition.objects.filter(control=control)
        .order_by("date", "pk")
        .values("pk", "date", "name", "extent", "extent_basis", "entries_stated", "note")
    )
    reader.show(LIST_EDITION, (row["pk"] for row in rows))
    return rows


def _open_editions(editions: Iterable[dict[str, Any]], cited: CitedBy) -> list[dict[str, Any]]:
    shown = []
    for row in editions:
        own = cited.get((LIST_EDITION, row["pk"]), ())
        if not hidden(cited, LIST_EDITION, row["pk"]) and "date" not in closed_columns(own):
            shown.append(blanked(row, own))
    return shown


def ticks_of(editions: Iterable[dict[str, Any]], cited: CitedBy) -> tuple[Tick, ...]:
    """The days of the editions that may be shown, and whether each names everybody."""
    return tuple(
        Tick(row["date"], row["extent"] == ListEdition.Extent.WHOLE) for row in _open_editions(editions, cited)
    )


EXTENTS = {str(value): str(words) for value, words in ListEdition.Extent.choices if value}


def edition_rows(
    control: StoredControl, editions: Iterable[dict[str, Any]], stays: Sequence[Stay], cited: CitedBy
) -> tuple[EditionRow, ...]:
    """The editions that may be shown, with how many of each one's names our collection holds."""
    named: Counter[str] = Counter(entry.date for stay in stays for entry in stay.entries)
    return tuple(
        EditionRow(
            date=row["date"],
            name=row["name"],
            extent=stated(EXTENTS.get(row["extent"]), citing(own, "extent"), basis=row["extent_basis"]),
            stated=stated(row["entries_stated"], citing(own, "entries_stated")),
            named=counted(named[row["date"]], f"{control.ref.address}#table-organisations") if stays else None,
            note=row["note"],
            mark=second_hand_mark(own),
        )
        for row in _open_editions(editions, cited)
        for own in [cited.get((LIST_EDITION, row["pk"]), ())]
    )


def read_relevance(
    reader: RecordReader,
    control: int,
    items: Iterable[Mapping[str, Any]],
    goods: Iterable[Mapping[str, Any]],
    bodies: Collection[int],
) -> list[dict[str, Any]]:
    """The technologies that a control, its items, the goods they name and who is on it concern: one query."""
    wanted = (
        Q(kind=CONTROL, record=control)
        | Q(kind=ITEM, record__in=[row["pk"] for row in items])
        | Q(kind=GOOD, record__in=list({row["good_id"] for row in goods}))
        | Q(kind=ORGANISATION, record__in=bodies)
    )
    rows: list[Any] = list(
        Relevance.objects.filter(wanted)
        .order_by("technology__category__position", "technology__name", "kind", "record", "position", "pk")
        .values(
            "pk", "kind", "record", "basis", "reason", "technology_id", "technology__slug", "technology__name",
            "technology__level", "technology__category_id", "technology__category__slug", "technology__category__name",
        )
    )  # fmt: skip
    for row in rows:
        room = "fields" if row["technology__level"] == "field" else "technologies"
        row["link"] = Link(row["technology__name"], f"/{room}/{row['technology__slug']}/")
        reader.show(RELEVANCE, [row["pk"]])
        reader.show("technology", [row["technology_id"]])
        reader.show("category", [row["technology__category_id"]])
    return rows


def open_relevance(
    relevance: Iterable[Mapping[str, Any]],
    cited: CitedBy,
    control: StoredControl,
    items: Iterable[Mapping[str, Any]],
    goods: Iterable[Mapping[str, Any]],
    bodies: Mapping[int, Link],
) -> list[dict[str, Any]]:
    """The mapping that may be shown, each row with the part of the control it goes through.

    Of a good only where its tier or category is not mapped to the technology itself.
    """
    address = control.ref.address
    through = {(CONTROL, control.pk): Link("the control as a whole", address)}
    through |= {(ITEM, row["pk"]): Link(_item_said(row), item_address(address, row["code"])) for row in items}
    through |= {(ORGANISATION, pk): link for pk, link in bodies.items()}
    shown_items = {row["pk"] for row in items}
    item_of: dict[int, int] = {}
    for good in goods:
        if (
            good["item"] in shown_items
            and not hidden(cited, GOOD, good["good_id"])
            and not hidden(cited, LISTED_GOOD, good["pk"])
        ):
            name = good["good_hs_code"] or good["good_short_name"] or good["good_name"]
            through[GOOD, good["good_id"]] = Link(name, f"/trade/{good['good_slug']}/")
            item_of[good["good_id"]] = good["item"]
    shown = [
        {**row, "through": through[row["kind"], row["record"]]}
        for row in relevance
        if (row["kind"], row["record"]) in through and not hidden(cited, RELEVANCE, row["pk"])
    ]
    by_item = {(row["technology_id"], row["record"]) for row in shown if row["kind"] == ITEM}
    return [
        row for row in shown if row["kind"] != GOOD or (row["technology_id"], item_of[row["record"]]) not in by_item
    ]


def whole_bodies(stays: Iterable[Stay], naming: Naming) -> dict[int, Link]:
    """The organisations on a list of which more than the name is shown."""
    return {one.organisation.pk: one.organisation.link for one in stays if one.organisation.pk in naming.whole}


def technology_rows(
    mapped: Iterable[Mapping[str, Any]], standings: Mapping[int, TechnologyStanding]
) -> tuple[ControlTechnologyRow, ...]:
    """A technology a row: through what it is concerned, with what reason, and who leads in it."""
    groups: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in mapped:
        groups[row["technology_id"]].append(row)
    rows = []
    for pk, own in groups.items():
        first, now = own[0], standings.get(pk)
        # A part before the goods within it.
        own = sorted(own, key=lambda row: (CONTROL, ITEM, GOOD, ORGANISATION).index(row["kind"]))
        slug, name = first["technology__category__slug"], first["technology__category__name"]
        bases = dict.fromkeys(
            OUR_MAPPING if row["basis"] == Basis.DERIVED else str(Basis(row["basis"]).label) for row in own
        )
        rows.append(
            ControlTechnologyRow(
                technology=first["link"],
                category=Link(name, f"/technologies/?category={slug}") if slug else None,
                through=tuple(dict.fromkeys(row["through"] for row in own)),
                leader=now.now.leader if now else Value(),
                firmness=str(now.now.firmness) if now else "unknown",
                china_share=share_value(now.of(CHINA)) if now else Value(),
                edition=Link(now.edition.name, now.edition.address) if now else None,
                reason=" ".join(dict.fromkeys(row["reason"] for row in own)),
                basis="; ".join(bases),
            )
        )
    return tuple(rows)
