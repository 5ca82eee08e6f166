"""Controls and listings as other pages show them: the record -> rows of `analysis.controls`.

Of a technology: the controls, items of controls and listed organisations that concern it by our mapping.

    parts = concerning(reader, technology_pk)                one query
    cited = reader.citations({**others, **parts.to_cite})
    rows = parts.rows(cited)                                 tuple[ConcernRow, ...]; no query, or two

Of a country: its part in regimes, its organisations on lists, and the controls it issued.

    parts = controls_of_country(reader, country_pk)          one query
    cited = reader.citations({**others, **parts.to_cite})
    found = parts.rows(cited)                                CountryControls; no query, or two

Merge `to_cite` with that of others by `profiles.all_to_cite`: both may name organisations. `rows` leaves out what only
withheld sources say, and organisations that may not be named; two queries more where the own sources of an
organisation do not decide that. Everything that is read is told to the reader (`reader.show`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import BooleanField, CharField, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, TextField

from tracker.analysis.controls import (
    OUR_MAPPING,
    ConcernRow,
    CountryControls,
    CountryListingRow,
    IssuedRow,
    RegimeRow,
)
from tracker.analysis.engagements import OrganisationRef
from tracker.analysis.listings import ControlRef, Entry, Stay, left_out_by
from tracker.analysis.read_model import Cited, Link, Value, citing, dated, long_date, stated
from tracker.analysis.second_hand import second_hand_mark
from tracker.history.sealing import withheld_columns
from tracker.history.tracked import tracked_models
from tracker.models import (
    Control,
    ControlItem,
    ListEdition,
    Listing,
    Organisation,
    ParticipatingState,
    Record,
    Relevance,
    Source,
)
from tracker.models.record import Basis
from tracker.pages.organisation_rows import LISTING, ORGANISATION, Naming, name_only, naming_of, sealed
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, country_place
from tracker.pages.union import union_rows

CONTROL, ITEM, STATE, RELEVANCE = "control", "controlitem", "participatingstate", "relevance"
LIST_EDITION, ENTRY, LISTED_GOOD, GOOD = "listedition", "listingentry", "listedgood", "good"

# A control as one that states take part in, whether the country does or not: no record kind.
REGIME = "regime"

KINDS = {str(kind): str(words) for kind, words in Control.Kind.choices}


def item_address(control: str, code: str) -> str:
    """Where a control's page shows one of its items."""
    return f"{control}#item-{code}"


def closed_columns(cited: tuple[Cited, ...]) -> frozenset[str]:
    """The columns of a record of which only withheld sources speak."""
    return withheld_columns([(one.field, Source.Reuse.NO if one.source.withheld else "") for one in cited])


@cache
def _fixed(kind: str) -> frozenset[str]:
    """The columns that a record of a kind cannot be without."""
    return frozenset(
        field.name
        for field in tracked_models()[kind]._meta.concrete_fields
        if not field.null and not isinstance(field, CharField | TextField | BooleanField)
    )


def hidden(cited: CitedBy, kind: str, pk: int) -> bool:
    """Whether only withheld sources speak of a record, or of a column that it cannot be without."""
    return sealed(cited, kind, pk) or bool(closed_columns(cited.get((kind, pk), ())) & _fixed(kind))


@dataclass(frozen=True)
class ConcernParts:
    """What concerns a technology, as stored; `to_cite` asks for the citations that `rows` needs."""

    found: tuple[dict[str, Any], ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        wanted: dict[str, dict[int, None]] = defaultdict(dict)
        for row in self.found:
            kinds = {"pk": row["kind"], "relevance_pk": RELEVANCE, "control_pk": CONTROL, "listing_pk": LISTING}
            for column, kind in kinds.items():
                if row[column]:
                    wanted[kind][row[column]] = None
        return {kind: list(pks) for kind, pks in wanted.items()}

    def rows(self, cited: CitedBy) -> tuple[ConcernRow, ...]:
        """Controls, then items of controls, then organisations, in order of name; without what may not be shown."""
        shown = [row for row in self.found if not _sealed_concern(row, cited)]
        bodies = {row["pk"] for row in shown if row["kind"] == ORGANISATION}
        listed = {row["pk"] for row in shown if row["kind"] == ORGANISATION and _open_listing(row, cited)}
        naming = naming_of(cited, bodies, mentioned=listed)
        rows = [_concern(row, cited) for row in shown if row["kind"] != ORGANISATION]
        by_body: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in shown:
            # Of one that is named by its name only nothing else is said.
            if row["kind"] == ORGANISATION and row["pk"] in naming.whole:
                by_body[row["pk"]].append(row)
        rows += [_concern_of_body(own, cited) for own in by_body.values()]
        return tuple(rows)

    def listings(self, cited: CitedBy) -> tuple[CountryListingRow, ...]:
        """The open listings of the organisations among them, by organisation and date; ask `rows` who may be named."""
        return tuple(
            _listing_of_body(row, cited)
            for row in self.found
            if row["kind"] == ORGANISATION and _open_listing(row, cited)
        )


def _sealed_concern(row: Mapping[str, Any], cited: CitedBy) -> bool:
    own = (RELEVANCE, row["relevance_pk"]), (row["kind"], row["pk"])
    if row["kind"] == ORGANISATION:
        return hidden(cited, *own[0])  # whether it may be named is another question
    return any(hidden(cited, *key) for key in (*own, (CONTROL, row["control_pk"])))


def _open_listing(row: Mapping[str, Any], cited: CitedBy) -> bool:
    """Whether the row of an organisation has a listing that may be shown."""
    return bool(row["listing_pk"]) and not (
        hidden(cited, LISTING, row["listing_pk"]) or hidden(cited, CONTROL, row["control_pk"])
    )


def _mapping(row: Mapping[str, Any], cited: CitedBy, otherwise: tuple[Cited, ...] = ()) -> Value:
    """'our mapping', or that a source states it; with what speaks of the mapping, else of the subject."""
    own = cited.get((RELEVANCE, row["relevance_pk"])) or cited.get((row["kind"], row["pk"])) or otherwise
    said = OUR_MAPPING if row["basis"] == Basis.DERIVED else str(Basis(row["basis"]).label)
    return stated(said, citing(own))


def _control_ref(row: Mapping[str, Any]) -> ControlRef:
    return ControlRef(
        row["control_pk"], row["control_slug"], row["control_name"], row["control_short"],
        KINDS.get(row["control_kind"], row["control_kind"]),
    )  # fmt: skip


def _dates(row: Mapping[str, Any], cited: tuple[Cited, ...]) -> tuple[str, str]:
    """First and last date, without one that only withheld sources say."""
    closed = closed_columns(cited)
    return "" if "since" in closed else row["since"] or "", "" if "until" in closed else row["until"] or ""


def _concern(row: Mapping[str, Any], cited: CitedBy) -> ConcernRow:
    control = _control_ref(row)
    own = cited.get((row["kind"], row["pk"]), ())
    of_control = cited.get((CONTROL, row["control_pk"]), ())
    since, until = _dates(row, of_control)
    issued = "" if "issued" in closed_columns(of_control) else row["issued"]
    is_item = row["kind"] == ITEM
    said = f"{row['item_kind'].capitalize()} {row['code']}: {row['name']}" if is_item else control.name
    return ConcernRow(
        subject=Link(said, item_address(control.address, row["code"]) if is_item else control.address),
        what=row["item_kind"] if is_item else control.kind,
        controls=(control.short_link,) if is_item else (),
        since=stated(since or issued or None, citing(of_control, "since" if since else "issued")),
        until=until,
        reason=row["reason"],
        mapping=_mapping(row, cited),
        mark=second_hand_mark(own),
    )


def _concern_of_body(rows: list[dict[str, Any]], cited: CitedBy) -> ConcernRow:
    first = rows[0]
    lists = [row for row in rows if _open_listing(row, cited)]
    since, until = _dates(lists[0], cited.get((LISTING, lists[0]["listing_pk"]), ())) if len(lists) == 1 else ("", "")
    said_by = tuple(one for row in lists for one in cited.get((LISTING, row["listing_pk"]), ()))
    return ConcernRow(
        subject=Link(first["name"], f"/organisations/{first['slug']}/"),
        what="organisation",
        controls=tuple(dict.fromkeys(_control_ref(row).short_link for row in lists)),
        since=stated(since or None, said_by),
        until=until,
        reason=first["reason"],
        mapping=_mapping(first, cited, said_by),
        mark=second_hand_mark(said_by),
    )


def _listing_of_body(row: Mapping[str, Any], cited: CitedBy) -> CountryListingRow:
    own = cited.get((LISTING, row["listing_pk"]), ())
    since, until = _dates(row, own)
    return CountryListingRow(
        organisation=Link(row["name"], f"/organisations/{row['slug']}/"),
        control=_control_ref(row).short_link,
        since=dated(since, own, "since"),
        until=stated(until or None, citing(own, "until")),
        mark=second_hand_mark(own),
    )


def concerning(reader: RecordReader, technology: int) -> ConcernParts:
    """What concerns a technology (its primary key) among controls, their items and organisations: one query."""

    def told(kind: str, column: str) -> Subquery:
        rows = Relevance.objects.filter(kind=kind, record=OuterRef("pk"), technology=technology).order_by()
        return Subquery(rows.values(column)[:1])

    def rows(model: type[Record]) -> QuerySet[Any, Any]:
        kind = model.record_kind()
        return model._default_manager.filter(
            pk__in=Relevance.objects.filter(kind=kind, technology=technology).order_by().values("record")
        )

    def columns(kind: str, control: str, **more: Any) -> dict[str, Any]:
        of = f"{control}__" if control else ""
        empty = dict.fromkeys(("name", "slug", "code", "item_kind", "since", "until"), "")
        return {
            "kind": kind, "pk": F("pk"), "relevance_pk": told(kind, "pk"), "reason": told(kind, "reason"),
            "basis": told(kind, "basis"), "control_pk": F(f"{of}pk"), "control_slug": F(f"{of}slug"),
            "control_name": F(f"{of}name"), "control_short": F(f"{of}short_name"), "control_kind": F(f"{of}kind"),
            "issued": F(f"{of}issued"), "listing_pk": None, "position": 0, **empty, **more,
        }  # fmt: skip

    of_control = {"since": F("control__since"), "until": F("control__until")}
    rows_of_all = union_rows(
        (rows(Control), columns(CONTROL, "", since=F("since"), until=F("until"))),
        (
            rows(ControlItem),
            columns(
                ITEM,
                "control",
                name=F("name"),
                code=F("code"),
                item_kind=F("kind"),
                position=F("position"),
                **of_control,
            ),
        ),
        (
            rows(Organisation),
            columns(
                ORGANISATION,
                "listings__control",
                name=F("name"),
                slug=F("slug"),
                listing_pk=F("listings__pk"),
                since=F("listings__since"),
                until=F("listings__until"),
            ),
        ),
    )
    order = (CONTROL, ITEM, ORGANISATION)
    found = sorted(
        rows_of_all,
        key=lambda row: (
            order.index(row["kind"]), (row["name"] if row["kind"] == ORGANISATION else row["control_name"]).casefold(),
            row["position"], row["since"] or "", row["listing_pk"] or 0, row["pk"],
        ),
    )  # fmt: skip
    for row in found:
        reader.show(row["kind"], [row["pk"]])
        reader.show(RELEVANCE, [row["relevance_pk"]])
        reader.show(CONTROL, [row["control_pk"]])
        reader.show(LISTING, [row["listing_pk"]])
    return ConcernParts(tuple(found))


@dataclass(frozen=True)
class CountryParts:
    """A country in controls, as stored; `to_cite` asks for the citations that `rows` needs."""

    found: tuple[dict[str, Any], ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        return all_to_cite(
            {CONTROL: list({row["control_pk"] for row in self.found})},
            {kind: [row["pk"] for row in self.found if row["kind"] == kind] for kind in (STATE, LISTING)},
            {ORGANISATION: list({row["body_pk"] for row in self.found if row["body_pk"]})},
        )

    def rows(self, cited: CitedBy) -> CountryControls:
        """What may be shown, regimes and controls by name, listings by organisation and date."""
        shown = [
            row
            for row in self.found
            if not hidden(cited, CONTROL, row["control_pk"])
            and (row["kind"] == REGIME or not hidden(cited, row["kind"], row["pk"]))
        ]
        bodies = {row["body_pk"] for row in shown if row["kind"] == LISTING}
        naming = naming_of(cited, bodies, mentioned=bodies)
        return CountryControls(
            regimes=tuple(_regime(row, cited) for row in shown if row["kind"] == STATE),
            listings=tuple(
                _country_listing(row, cited) for row in shown if row["kind"] == LISTING and row["body_pk"] in naming
            ),
            issued=tuple(_issued(row, cited) for row in shown if row["kind"] == CONTROL),
            every_regime=tuple(_control_ref(row).short_link for row in shown if row["kind"] == REGIME),
        )


def _regime(row: Mapping[str, Any], cited: CitedBy) -> RegimeRow:
    own = cited.get((STATE, row["pk"]), ())
    since, until = _dates(row, own)
    return RegimeRow(
        control=_control_ref(row).link,
        what=_control_ref(row).kind,
        since=dated(since, own, "since"),
        until=until,
        part=f"took part until {long_date(until)}" if until else "takes part",
        note="" if "note" in closed_columns(own) else row["note"],
        mark=second_hand_mark(own),
    )


def _country_listing(row: Mapping[str, Any], cited: CitedBy) -> CountryListingRow:
    own = cited.get((LISTING, row["pk"]), ())
    since, until = _dates(row, own)
    return CountryListingRow(
        organisation=Link(row["body_name"], f"/organisations/{row['body_slug']}/"),
        control=_control_ref(row).short_link,
        since=dated(since, own, "since"),
        until=stated(until or None, citing(own, "until")),
        mark=second_hand_mark(own),
    )


def _issued(row: Mapping[str, Any], cited: CitedBy) -> IssuedRow:
    own = cited.get((CONTROL, row["pk"]), ())
    since, until = _dates(row, own)
    column = "since" if since else "issued"
    issued = "" if "issued" in closed_columns(own) else row["issued"]
    return IssuedRow(
        control=_control_ref(row).link,
        what=_control_ref(row).kind,
        since=stated(since or issued or None, citing(own, column)),
        until=until,
        mark=second_hand_mark(own),
    )


def controls_of_country(reader: RecordReader, country: int) -> CountryParts:
    """A country (its primary key) in regimes and lists, and what it issued: one query."""

    def columns(kind: str, control: str, **more: Any) -> dict[str, Any]:
        of = f"{control}__" if control else ""
        return {
            "kind": kind, "pk": F("pk"), "since": F("since"), "until": F("until"), "note": F("note"), "issued": "",
            "control_pk": F(f"{of}pk"), "control_slug": F(f"{of}slug"), "control_name": F(f"{of}name"),
            "control_short": F(f"{of}short_name"), "control_kind": F(f"{of}kind"), "body_pk": None, "body_slug": "",
            "body_name": "", **more,
        }  # fmt: skip

    rows_of_all = union_rows(
        (ParticipatingState.objects.filter(country=country), columns(STATE, "control")),
        (
            Listing.objects.filter(organisation__country=country),
            columns(
                LISTING,
                "control",
                body_pk=F("organisation__pk"),
                body_slug=F("organisation__slug"),
                body_name=F("organisation__name"),
            ),
        ),
        (Control.objects.filter(country=country), columns(CONTROL, "", issued=F("issued"))),
        (
            Control.objects.filter(pk__in=ParticipatingState.objects.order_by().values("control")),
            columns(REGIME, ""),
        ),
    )
    found = sorted(
        rows_of_all,
        key=lambda row: (
            row["kind"], row["body_name"].casefold(), row["since"], row["control_name"].casefold(), row["pk"],
        ),
    )  # fmt: skip
    for row in found:
        if row["kind"] != REGIME:
            reader.show(row["kind"], [row["pk"]])
        reader.show(CONTROL, [row["control_pk"]])
        reader.show(ORGANISATION, [row["body_pk"]])
    return CountryParts(tuple(found))


def blanked(row: Mapping[str, Any], cited: tuple[Cited, ...]) -> dict[str, Any]:
    """The columns of a record, without what only withheld sources say of a single one."""
    closed = closed_columns(cited)
    return {
        name: (("" if isinstance(value, str) else None) if _falls(name, closed) else value)
        for name, value in row.items()
    }


def _falls(name: str, closed: Collection[str]) -> bool:
    return any(name == column or name.startswith(f"{column}_") for column in closed)


@dataclass(frozen=True)
class _StoredStay:
    stay: Stay
    entries: tuple[tuple[int, int, Entry], ...] = ()


@dataclass(frozen=True)
class StayParts:
    """Listings as stored with the editions that name them; `to_cite` asks for the citations that `rows` needs.

    `whole`: every edition of their lists that is the whole list, as primary key, control and date.
    """

    found: tuple[_StoredStay, ...]
    whole: tuple[tuple[int, int, str], ...] = ()

    @property
    def bodies(self) -> list[int]:
        """The organisations, by primary key."""
        return sorted({one.stay.organisation.pk for one in self.found})

    @property
    def to_cite(self) -> dict[str, list[int]]:
        entries = [entry for one in self.found for entry in one.entries]
        return {
            LISTING: [one.stay.pk for one in self.found],
            CONTROL: sorted({one.stay.control.pk for one in self.found}),
            ENTRY: [pk for pk, _, _ in entries],
            LIST_EDITION: sorted({edition for _, edition, _ in entries} | {edition for edition, _, _ in self.whole}),
            ORGANISATION: self.bodies,
        }

    def open(self, cited: CitedBy) -> tuple[Stay, ...]:
        """The listings that open sources state, whoever they are of, each without what only withheld ones say."""
        shown = []
        whole: dict[int, list[str]] = defaultdict(list)
        for edition, control, date in self.whole:
            own = cited.get((LIST_EDITION, edition), ())
            if not hidden(cited, LIST_EDITION, edition) and not closed_columns(own) & {"date", "extent"}:
                whole[control].append(date)
        for one in self.found:
            stay = one.stay
            if hidden(cited, LISTING, stay.pk) or hidden(cited, CONTROL, stay.control.pk):
                continue
            own = cited.get((LISTING, stay.pk), ())
            columns = ("since", "until", "date_note", "note")
            entries = tuple(
                replace(
                    entry, listed_as=blanked({"listed_as": entry.listed_as}, cited.get((ENTRY, pk), ()))["listed_as"]
                )
                for pk, edition, entry in one.entries
                if not hidden(cited, ENTRY, pk)
                and not hidden(cited, LIST_EDITION, edition)
                and "date" not in closed_columns(cited.get((LIST_EDITION, edition), ()))
            )
            open_ones = blanked({name: getattr(stay, name) for name in columns}, own)
            stay = replace(stay, **open_ones, entries=entries, cited=own)
            # A removal that only withheld sources state is not told by this either.
            if not one.stay.until:
                named = [entry for _, _, entry in one.entries]
                stay = replace(stay, left_out=left_out_by(named, whole[stay.control.pk]))
            shown.append(stay)
        return tuple(shown)

    def rows(self, cited: CitedBy) -> tuple[tuple[Stay, ...], Naming]:
        """The listings that may be shown, of organisations that may be named, each as far as it may; and the naming."""
        stays = self.open(cited)
        bodies = {stay.organisation.pk for stay in stays}
        naming = naming_of(cited, bodies, mentioned=bodies)
        return named_stays(stays, naming), naming


def named_stays(stays: Iterable[Stay], naming: Naming) -> tuple[Stay, ...]:
    """The listings of organisations that may be named; of some only the name is."""
    return tuple(
        replace(stay, organisation=name_only(stay.organisation)) if stay.organisation.pk in naming.name_only else stay
        for stay in stays
        if stay.organisation.pk in naming
    )


def read_stays(reader: RecordReader, *wanted: Q) -> StayParts:
    """Listings that fit, in order of their first date and name, with their lists, organisations and editions: one
    query, in which each stay stands for every edition that names it and every one that is the whole list."""
    whole = FilteredRelation("control__editions", condition=Q(control__editions__extent=ListEdition.Extent.WHOLE))
    rows = (
        Listing.objects.filter(*wanted)
        .annotate(whole=whole)
        .order_by(
            "since", "organisation__name", "pk", "entries__edition__date", "entries__pk", "whole__date", "whole__pk"
        )
    )
    found: dict[int, _StoredStay] = {}
    editions: dict[int, tuple[int, int, str]] = {}
    seen: set[int] = set()
    for row in rows.values(
        "pk", "since", "until", "date_note", "note", "organisation_id", "organisation__slug", "organisation__name",
        "organisation__kind", "organisation__original_name", "organisation__original_language",
        "organisation__country_id", "organisation__country__code", "organisation__country__name", "control_id",
        "control__slug", "control__name", "control__short_name", "control__kind", "entries__pk", "entries__listed_as",
        "entries__edition_id", "entries__edition__date", "entries__edition__extent", "whole__pk", "whole__date",
    ):  # fmt: skip
        pk = row["pk"]
        if pk not in found:
            code = row["organisation__country__code"]
            place = country_place(code, row["organisation__country__name"]) if code else None
            body = OrganisationRef(
                row["organisation_id"], row["organisation__slug"], row["organisation__name"], row["organisation__kind"],
                place, row["organisation__original_name"], row["organisation__original_language"],
            )  # fmt: skip
            control = ControlRef(
                row["control_id"], row["control__slug"], row["control__name"], row["control__short_name"],
                KINDS.get(row["control__kind"], row["control__kind"]),
            )  # fmt: skip
            stay = Stay(pk, body, control, row["since"], row["until"], row["date_note"], row["note"])
            found[pk] = _StoredStay(stay)
            reader.show("country", [row["organisation__country_id"]])
        if row["whole__pk"]:
            editions[row["whole__pk"]] = row["whole__pk"], row["control_id"], row["whole__date"]
        if row["entries__pk"] and row["entries__pk"] not in seen:
            seen.add(row["entries__pk"])
            entry = Entry(
                row["entries__edition__date"], row["entries__listed_as"],
                row["entries__edition__extent"] == ListEdition.Extent.WHOLE,
            )  # fmt: skip
            one = found[pk]
            found[pk] = replace(one, entries=(*one.entries, (row["entries__pk"], row["entries__edition_id"], entry)))
            reader.show(ENTRY, [row["entries__pk"]])
            reader.show(LIST_EDITION, [row["entries__edition_id"]])
    reader.show(LISTING, found)
    reader.show(CONTROL, (one.stay.control.pk for one in found.values()))
    reader.show(ORGANISATION, (one.stay.organisation.pk for one in found.values()))
    # `Stay.entries` are filled when it is known which may be shown.
    reader.show(LIST_EDITION, editions)
    return StayParts(tuple(found.values()), tuple(editions.values()))
