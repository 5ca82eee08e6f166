"""/matrix/: technologies, or research fields, by countries."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.analysis.leadership import Standing
from tracker.analysis.matrix import (
    METRICS,
    STEPS_IN_WORDS,
    Cells,
    Known,
    MatrixPage,
    category_facets,
    cell,
    columns_of,
    count,
    instead_key,
    known_cells,
    matrix_row_type,
    matrix_sentence,
    missing_sentences,
    remarks_in,
)
from tracker.analysis.ordering import UnknownSortKey, ordered
from tracker.analysis.read_model import EditionRef, FigureRef, Link, Place, TableData
from tracker.analysis.technologies import category_slug
from tracker.history.past import Moment
from tracker.pages.not_found import NotFound
from tracker.pages.rows import EntryRow, reading_record
from tracker.pages.technologies import edition_standings

# How many columns an address that names none is offered instead.
OFFERED = 12


def matrix(
    *, edition: str = "", metric: str = "", category: str = "", sort: str = "", at: Moment | None = None
) -> MatrixPage:
    """Every known cell of an edition, by one measure. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition, level="")
        chosen = read.edition
        shown_by = _metric(metric, edition)
        facets = category_facets(entry.category for entry in read.entries)
        if category and category not in {facet.value for facet in facets}:
            raise _no_category(category, chosen, tuple(Link(f.label, _address(chosen, f.value)) for f in facets))
        known = {
            entry.technology_pk: known_cells(
                read.scores.get(entry.technology_pk, ()), read.standings[entry.technology_pk]
            )
            for entry in read.entries
        }
        # Of the whole edition, so that a column keeps its place whichever category is shown.
        columns = columns_of(known.values())
        row_type = matrix_row_type(columns, chosen.level)
        entries = [entry for entry in in_publishers_order(read.entries) if _fits(entry, category)]
        rows = []
        for entry in entries:
            cells = known[entry.technology_pk]
            leader = leader_of(cells, read.standings[entry.technology_pk])
            rows.append(
                row_type(
                    technology=entry.technology,
                    category=entry.category,
                    **{column.name: cell(shown_by, cells.get(column.place), leader) for column in columns},
                )
            )
        counts = count([known[entry.technology_pk] for entry in entries], columns)
        name = next((facet.label for facet in facets if facet.value == category), "")
        values = [getattr(row, column.name) for row in rows for column in columns]
        of_fields = chosen.level == "field"
        noun = "fields" if of_fields else "technologies"
        try:
            sorted_rows = ordered(rows, sort, row_type)
        except UnknownSortKey as unknown:
            # Of a hundred columns and more, the first: a list of all would say nothing.
            raise UnknownSortKey(unknown.key, unknown.choices[: OFFERED + 2]) from None
        return MatrixPage(
            title="Research fields by country" if of_fields else "Technologies by country",
            sentence=matrix_sentence(counts, chosen, name),
            address="/matrix/",
            trail=(Link("Home", "/"), Link(noun.capitalize(), f"/{noun}/")),
            edition=chosen,
            editions=(*read.editions.of_technologies, *reversed(read.editions.of_fields)),
            missing=missing_sentences(
                counts,
                chosen,
                "" if of_fields else "The full reports, which hold the shares, could not be read by us.",
            ),
            tables=(
                TableData(
                    "matrix",
                    _caption(shown_by, chosen, f"{len(rows)} {noun}" + (f" of {name}" if name else "")),
                    sorted_rows,
                    row_type,
                    empty="Nothing is known to us of this edition.",
                ),
            ),
            figures=() if of_fields or category or not columns else (_figure(chosen, read.entries, len(columns)),),
            facets={"category": facets},
            metric=shown_by,
            steps=tuple((5 - step, words) for step, words in enumerate(STEPS_IN_WORDS[shown_by])),
            instead=instead_key(shown_by, values),
            remarks=remarks_in(values),
            known=counts.known,
            cells=counts.cells,
            stamp=reader.stamp(),
        )


def _metric(metric: str, edition: str) -> str:
    if metric and metric not in METRICS:
        state = f"edition={edition}&" if edition else ""
        raise NotFound(
            f"There is no measure “{metric[:80]}”: a cell can show a share, a rank or a ratio.",
            tuple(Link(words, f"/matrix/?{state}metric={name}") for name, words in METRICS.items()),
        )
    return metric or next(iter(METRICS))


def _no_category(category: str, edition: EditionRef, choices: tuple[Link, ...]) -> NotFound:
    if not choices:
        reason = f"The edition {edition.name} is not divided into categories."
        return NotFound(reason, (Link("The whole edition", _address(edition)),))
    return NotFound(f"The {edition.name} edition has no category “{category[:80]}”.", choices)


def _address(edition: EditionRef, category: str = "") -> str:
    return f"/matrix/?edition={edition.slug}" + (f"&category={category}" if category else "")


def _fits(entry: EntryRow, category: str) -> bool:
    return not category or category_slug(entry.category) == category


def leader_of(cells: Cells, now: Standing) -> Known:
    """What is known of the leading country; nothing where the leader is not known."""
    leader = now.leader.content
    return cells.get(leader, Known()) if isinstance(leader, Place) else Known()


def in_publishers_order(entries: Sequence[EntryRow]) -> tuple[EntryRow, ...]:
    """Entries category by category, in the publisher's numbers; where it gives none, by name."""
    first: dict[str, tuple[int, str]] = {}
    for entry in entries:
        name = entry.category.text if entry.category else "~"
        number = entry.number if entry.number is not None else 10**6
        first[name] = min(first.get(name, (number, name)), (number, name))
    # Entries come by number, then name: sorting by category keeps that order within each.
    return tuple(sorted(entries, key=lambda entry: first[entry.category.text if entry.category else "~"]))


def _caption(metric: str, edition: EditionRef, lines: str) -> str:
    years = f", publications {edition.years}" if edition.years else ""
    what = {
        "share": f"Share, {edition.unit.replace('the window', edition.years)}",
        "rank": "Rank by share",
        "ratio": "Share ÷ the leader's share",
    }[metric]
    of = f"{lines} by country"
    return f"{what}: {of}" if edition.level == "field" else f"{what}: {of}, {edition.name} edition{years}"


def _figure(edition: EditionRef, entries: Sequence[EntryRow], places: int) -> FigureRef:
    categories = {entry.category.text if entry.category else "" for entry in entries}
    return FigureRef(
        "matrix",
        f"edition={edition.slug}",
        "Share where it is known, else the rank",
        f"A grid of {len(entries)} technologies by country: each cell shows the share, or else the rank, that is "
        "known to us. The table has every one with its sources.",
        "matrix",
        len(entries) + len(categories),
    )
