"""/: who leads what."""

from __future__ import annotations

from tracker.analysis.home import (
    ChangeRow,
    HomePage,
    LeaderRow,
    ShareOfCells,
    TallyShown,
    firmness_counts,
    headline,
    leader_rows,
    stated_sentence,
)
from tracker.analysis.leadership import count_places, known_ranks
from tracker.analysis.read_model import Cited, FigureRef, Link, TableData, Value
from tracker.history.past import Moment
from tracker.history.timeline import latest_acts
from tracker.models import Tally
from tracker.pages.rows import CitedBy, Editions, reading_record, tally_place
from tracker.pages.technologies import edition_standings


def stated_counts(tallies: tuple[Tally, ...], cited: CitedBy) -> dict[tuple[str, str], Value]:
    """Tallies about all technologies of the edition's own window, by (metric, country code)."""
    return {
        (tally.metric, tally.country.code): tally_value(tally, cited.get(("tally", tally.pk), ()))
        for tally in tallies
        if tally.country and not tally.scope and not tally.category_id and tally.window.kind == "main"
    }


def tally_value(tally: Tally, cited: tuple[Cited, ...]) -> Value:
    return Value(tally.value, basis=tally.basis, note=tally.note, cited=cited)


def tally_shown(tally: Tally, editions: Editions, cited: tuple[Cited, ...]) -> TallyShown:
    edition = editions.get(tally.window.edition.slug)
    return TallyShown(
        edition=Link(edition.name, edition.address),
        years=tally.window.years,
        what=tally.get_metric_display(),
        place=tally_place(tally),
        category=tally.category.name if tally.category else "",
        scope=tally.scope,
        value=tally_value(tally, cited),
        out_of=tally.out_of,
        note=tally.note,
    )


def home(*, edition: str = "", at: Moment | None = None) -> HomePage:
    """The front page for one edition. Raises NotFound for an unknown one."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        standings = read.standings.values()
        tallies = reader.tallies(window__edition=read.editions.pk(read.edition))
        stated = stated_counts(tallies, reader.citations({"tally": [tally.pk for tally in tallies]}))
        leaders = leader_rows(count_places(known_ranks(read.standings, read.scores)), read.edition, stated)
        total = len(read.entries)
        unknown = sum(not now.leader.known for now in standings)
        clear, close = firmness_counts(tuple(standings))
        shown = read.rows()
        risks = sum(row.risk.known for row in shown)
        coverage = (
            ShareOfCells("leader known", total - unknown, total),
            ShareOfCells("leader's share known", sum(row.share.known for row in shown), total),
            ShareOfCells("leader's and second's share known", sum(row.gap.known for row in shown), total),
            ShareOfCells("monopoly risk known", risks, total),
        )
        query = f"edition={read.edition.slug}"
        said = "; ".join(f"{row.place.name} {row.led.text}" for row in leaders if row.led.content)
        acts = latest_acts(5, at)
        missing = [
            f"The {part.what.replace(' known', '')} is known for {part.known} of {part.total} technologies ({part.percent}\u202f%)."
            for part in coverage
            if part.known < part.total
        ]
        names = {row.place.code: row.place.name for row in leaders}
        return HomePage(
            title="Who leads in the technologies that matter",
            sentence=headline(leaders, unknown, total, read.edition),
            address="/",
            edition=read.edition,
            editions=tuple(
                ref for ref in read.editions.refs if ref.stage == "published" and ref.level == "technology"
            ),
            missing=tuple(missing),
            tables=(
                TableData("leaders", f"Technologies led, by country: {read.edition.name}", leaders, LeaderRow),
                TableData(
                    "changes",
                    "Latest changes of the record",
                    tuple(
                        ChangeRow(
                            act.at.date().isoformat(),
                            act.by_name,
                            act.cause,
                            act.note,
                            sum(count for _, count in act.touched),
                        )
                        for act in acts
                    ),
                    ChangeRow,
                ),
            ),
            figures=(
                FigureRef(
                    "leaderboard",
                    query,
                    "Technologies led, by country",
                    f"Bars: technologies led in the {read.edition.name} edition. {said}; leader unknown {unknown}.",
                    "leaders",
                    sum(bool(row.led.content) for row in leaders) + bool(unknown),
                ),
                FigureRef(
                    "matrix",
                    query,
                    "Every technology, every country of which something is known",
                    f"A grid of {total} technologies by country: each cell shows the published share or rank. The "
                    "values are in the list of technologies and on each technology's page.",
                    "leaders",
                    total + len({row.category_slug for row in shown}),
                ),
                FigureRef(
                    "risk",
                    query,
                    "Monopoly risk by category",
                    f"Stacked bars: monopoly risk per category, known for {risks} of {total} technologies.",
                    "leaders",
                    len({row.category_slug for row in shown}),
                ),
            ),
            leaders=leaders,
            unknown=unknown,
            total=total,
            coverage=coverage,
            clear=clear,
            too_close=close,
            stated_sentence=stated_sentence(stated, names, read.edition.technology_count or total),
            stamp=reader.stamp(),
        )
