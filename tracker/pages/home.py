"""/: who leads what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracker.analysis.cooperation import opening
from tracker.analysis.cooperation_beside import LATEST, confirmed
from tracker.analysis.engagement_page import engagement_table
from tracker.analysis.engagements import NOT_A_MEASURE, newest
from tracker.analysis.home import (
    ChangeRow,
    HomePage,
    LeaderRow,
    ShareOfCells,
    TallyShown,
    firmness_counts,
    headline,
    leader_rows,
    merged_changes,
    number_of,
    stated_sentence,
)
from tracker.analysis.leadership import count_places, known_ranks, level_known
from tracker.analysis.read_model import Cited, FigureRef, Link, Place, TableData, Value, citing, stated
from tracker.analysis.technologies import TechnologyRow
from tracker.history.past import Moment
from tracker.history.timeline import ActSummary, latest_acts
from tracker.models import Tally
from tracker.models.user import A_RESEARCHER
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.rows import CitedBy, Editions, all_to_cite, country_place, reading_record, tally_place
from tracker.pages.technologies import edition_standings


def stated_counts(tallies: tuple[Tally, ...], cited: CitedBy) -> dict[tuple[str, Place], Value]:
    """What an edition states of countries in its own window, by (metric, country).

    A count of all its technologies; where there is none, one of a part of them, which says of how many.
    """
    said: dict[tuple[str, Place], Value] = {}
    # Those of all technologies last: they replace the others.
    for tally in sorted(tallies, key=lambda tally: not tally.scope):
        if tally.country and not tally.category_id and tally.window.kind == "main":
            place = country_place(tally.country.code, tally.country.name)
            value = tally_value(tally, cited.get(("tally", tally.pk), ()))
            if tally.scope:
                value = replace(value, out_of=tally.out_of, note=tally.scope)
            said[tally.metric, place] = value
    return said


def tally_value(tally: Tally, cited: tuple[Cited, ...]) -> Value:
    return stated(tally.value, citing(cited, "value"), basis=tally.basis, note=tally.note)


def tally_shown(tally: Tally, editions: Editions, cited: tuple[Cited, ...]) -> TallyShown:
    edition = editions.get(tally.window.edition.slug)
    value = tally_value(tally, cited)
    return TallyShown(
        edition=Link(edition.name, edition.address),
        years=tally.window.years,
        what=tally.get_metric_display(),
        place=tally_place(tally),
        category=tally.category.name if tally.category else "",
        scope=tally.scope,
        value=value,
        out_of=tally.out_of,
        note="" if value.withheld else tally.note,
    )


def tallies_table(
    caption: str, tallies: tuple[Tally, ...], editions: Editions, cited: CitedBy, empty: str = ""
) -> TableData:
    """Stated counts as a table, on whichever page they stand."""
    rows = tuple(tally_shown(tally, editions, cited.get(("tally", tally.pk), ())) for tally in tallies)
    return TableData("tallies", caption, rows, TallyShown, empty=empty or "We have seen no such count.")


def home(*, edition: str = "", at: Moment | None = None) -> HomePage:
    """The front page for one edition. Raises NotFound for an unknown one."""
    with reading_record(at) as reader:
        chosen = reader.editions.choose(edition)
        tallies = reader.tallies(window__edition=reader.editions.pk(chosen))
        parts = engagement_parts(reader)
        read = edition_standings(
            reader, edition, cited_too=all_to_cite({"tally": [tally.pk for tally in tallies]}, parts.to_cite)
        )
        engagements = parts.rows(read.cited)
        standings = tuple(read.standings.values())
        said = stated_counts(tallies, read.cited)
        total = len(read.entries)
        unknown = sum(not now.leader.known for now in standings)
        leaders = leader_rows(count_places(known_ranks(read.standings, read.scores)), chosen, said, unknown)
        clear, close = firmness_counts(standings)
        derived = sum(now.gap.known and now.second_share.basis == "derived" for now in standings)
        shown = read.rows()
        coverage = edition_coverage(shown)
        query = f"edition={chosen.slug}"
        bars = [row for row in leaders if number_of(row.led)]
        spoken = "; ".join(f"{row.place.name} {row.led.text}" for row in bars)
        acts = latest_acts(40, at)
        return HomePage(
            title="Who leads in the technologies that matter",
            sentence=headline(leaders, unknown, total, chosen),
            address="/",
            edition=chosen,
            editions=read.editions.of_technologies,
            missing=tuple(part.sentence for part in coverage if part.known < part.total),
            tables=(
                TableData("leaders", f"Technologies led, by country: {chosen.name}", leaders, LeaderRow),
                TableData(
                    "changes",
                    "Latest changes of the record",
                    merged_changes([_change(act) for act in acts], 5),
                    ChangeRow,
                ),
                engagement_table(
                    newest(engagements)[:LATEST],
                    reader.day,
                    caption="The engagements between China and Russia in our collection that have the latest dates",
                    empty="No engagement is in our collection yet.",
                ),
            ),
            figures=(
                FigureRef(
                    "leaderboard",
                    query,
                    "Technologies led, by country",
                    f"Bars: technologies led in the {chosen.name} edition. {spoken}; leader unknown {unknown}.",
                    "leaders",
                    len(bars) + bool(unknown),
                ),
                FigureRef(
                    "matrix",
                    query,
                    "Every technology, every country of which something is known",
                    f"A grid of {total} technologies by country: each cell shows the share or rank known to us. The "
                    "table behind it lists every one with its sources.",
                    f"{chosen.address}#table-scores",
                    total + len({row.category_slug for row in shown}),
                ),
                FigureRef(
                    "risk",
                    query,
                    "Monopoly risk by category",
                    f"Stacked bars: monopoly risk per category. {coverage[-1].sentence}",
                    f"/technologies/?{query}&sort=-risk",
                    len({row.category_slug for row in shown}),
                ),
            ),
            leaders=leaders,
            unknown=unknown,
            total=total,
            coverage=coverage,
            clear=clear,
            too_close=close,
            both_shares_note="both shares known to us" + (f", {derived} of them derived" if derived else ""),
            stated_sentence=stated_sentence(said, chosen.technology_count or total),
            cooperation=opening(engagements, reader.day),
            cooperation_caveat=NOT_A_MEASURE,
            cooperation_coverage=(confirmed(engagements, reader.day),) if engagements else (),
            stamp=reader.stamp(),
        )


def _change(act: ActSummary) -> ChangeRow:
    records = sum(count for _, count in act.touched)
    # Who shows which name is no part of the record's version, by which this page is kept: history names people.
    by = A_RESEARCHER if act.by_person else act.by_name
    return ChangeRow(act.at.date().isoformat(), by, act.cause, Link(act.note, f"/history/acts/{act.pk}/"), records)


def edition_coverage(rows: Sequence[TechnologyRow]) -> tuple[ShareOfCells, ...]:
    """How much of an edition's leadership is known; the last part is the monopoly risk."""
    total = len(rows)
    narrowed = sum(row.risk.known and not level_known(row.risk) for row in rows)
    return (
        ShareOfCells("leader known", sum(row.leader.known for row in rows), total),
        ShareOfCells("leader's share known", sum(row.share.known for row in rows), total),
        ShareOfCells("leader's and second's share known", sum(row.gap.known for row in rows), total),
        ShareOfCells(
            "level of monopoly risk known" + (f" (narrowed for {narrowed} more)" if narrowed else ""),
            sum(level_known(row.risk) for row in rows),
            total,
        ),
    )
