"""/how-to-read/: how controls, lists and figures of trade are to be read, with examples from the record."""

from __future__ import annotations

from tracker.analysis.how_to_read import (
    SILENCE,
    BoundRow,
    EditionRow,
    HowToReadPage,
    ReadingRow,
    bound_rows,
    copies_sentence,
    example,
    mirror_sentence,
    of_one_trade,
    ratios_sentence,
)
from tracker.analysis.read_model import Link, TableData, citing, stated
from tracker.analysis.trade_figures import GAP, FlowRow
from tracker.history.past import Moment
from tracker.models import ListEdition, Listing
from tracker.pages.control_rows import closed_columns, hidden
from tracker.pages.rows import CitedBy, all_to_cite, reading_record
from tracker.pages.trade_rows import flow_parts

CONTROL, EDITION, LISTING = "control", "listedition", "listing"


def how_to_read(*, at: Moment | None = None) -> HowToReadPage:
    """Claims against findings, lists as legal acts, ratios and mirror data, and what is not claimed."""
    with reading_record(at, editions=False) as reader:
        parts = flow_parts(reader)
        editions = tuple(ListEdition.objects.select_related("control").order_by("control__name", "date", "pk"))
        listings = tuple(Listing.objects.order_by("pk").values_list("pk", "control_id"))
        reader.show(EDITION, [one.pk for one in editions])
        reader.show(LISTING, [pk for pk, _ in listings])
        own = {
            EDITION: [one.pk for one in editions],
            LISTING: [pk for pk, _ in listings],
            CONTROL: list({one.control_id for one in editions} | {control for _, control in listings}),
        }
        reader.show(CONTROL, own[CONTROL])
        cited = reader.citations(all_to_cite(parts.to_cite, own))
        flows = parts.rows(cited)
        ratios = of_one_trade(flows)
        gaps = tuple(row for row in flows if row.kind == GAP)
        open_listings = [
            cited.get((LISTING, pk), ())
            for pk, control in listings
            if not hidden(cited, LISTING, pk) and not hidden(cited, CONTROL, control)
        ]
        return HowToReadPage(
            title="How to read this",
            sentence="What a listing, a control, a figure of trade or a claim says; what it does not; and what we do "
            "not claim.",
            address="/how-to-read/",
            trail=(Link("Home", "/"),),
            tables=(
                TableData(
                    "ratios", "One trade, several ratios: each holds for its own span", _examples(ratios), ReadingRow
                ),
                TableData("bounds", "Words before a figure, and what they say", bound_rows(flows), BoundRow),
                TableData("mirror", "One trade, two records that do not agree", _examples(gaps), ReadingRow),
                TableData(
                    "editions",
                    "Editions of lists in our collection, and what their silence means",
                    _editions(editions, cited),
                    EditionRow,
                ),
            ),
            ratios=ratios_sentence(ratios),
            mirror=mirror_sentence(gaps),
            copies=copies_sentence((("listings", open_listings), ("figures of trade", [row.cited for row in flows]))),
            stamp=reader.stamp(),
        )


def _examples(rows: tuple[FlowRow, ...]) -> tuple[ReadingRow, ...]:
    return tuple(example(row) for row in rows)


def _editions(editions: tuple[ListEdition, ...], cited: CitedBy) -> tuple[EditionRow, ...]:
    """The editions that may be shown."""
    return tuple(
        _edition(one, cited)
        for one in editions
        if not hidden(cited, EDITION, one.pk) and not hidden(cited, CONTROL, one.control_id)
    )


def _edition(one: ListEdition, cited: CitedBy) -> EditionRow:
    own = cited.get((EDITION, one.pk), ())
    closed = closed_columns(own)
    extent = "" if "extent" in closed else one.extent
    return EditionRow(
        control=Link(one.control.short_name or one.control.name, one.control.get_absolute_url()),
        date="" if "date" in closed else one.date,
        extent=str(ListEdition.Extent(extent).label),
        entries=stated(one.entries_stated, citing(own, "entries_stated")),
        silence=SILENCE[extent],
    )
