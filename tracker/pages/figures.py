"""/charts/: the read model of each figure, from the same rows as the pages."""

from __future__ import annotations

from collections import Counter, defaultdict

from tracker.analysis.figure_model import (
    LeaderboardBar,
    LeaderboardModel,
    MatrixCell,
    MatrixLine,
    MatrixModel,
    RankingBar,
    RankingModel,
    RiskBar,
    RiskModel,
    TrajectoryLine,
    TrajectoryModel,
)
from tracker.analysis.home import headline, leader_rows
from tracker.analysis.leadership import count_places, known_ranks
from tracker.analysis.read_model import EditionRef, Place, Ranks, long_date
from tracker.history.past import Moment
from tracker.pages.fields import DRAWN
from tracker.pages.fields import field as field_page
from tracker.pages.home import stated_counts
from tracker.pages.rows import RecordReader, reading_record
from tracker.pages.technologies import edition_standings
from tracker.pages.technologies import technology as technology_page

# A matrix has room for so many countries; which they are is counted from the edition's own rows.
MATRIX_COUNTRIES = 12


def _words(reader: RecordReader, edition: EditionRef) -> dict[str, str]:
    released = f", released {long_date(edition.released)}" if edition.released else ""
    publisher = edition.series_name.partition(":")[0]
    return {
        "source": f"{publisher}: {edition.name}{released}, as quoted in public sources; publications {edition.years}",
        "date": long_date(reader.stamp().changed_on),
    }


def leaderboard(*, edition: str = "", at: Moment | None = None) -> LeaderboardModel:
    """Technologies led per country in one edition. Raises NotFound."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        tallies = reader.tallies(window__edition=read.editions.pk(read.edition))
        stated = stated_counts(tallies, reader.citations({"tally": [tally.pk for tally in tallies]}))
        leaders = [
            row
            for row in leader_rows(count_places(known_ranks(read.standings, read.scores)), read.edition, stated)
            if row.led.content
        ]
        unknown = sum(not now.leader.known for now in read.standings.values())
        total = len(read.entries)
        sentence = headline(leaders, unknown, total, read.edition)
        return LeaderboardModel(
            title=sentence.rstrip("."),
            subtitle="Number of technologies in which the country has the highest share of the most cited publications",
            alt=sentence,
            bars=tuple(
                LeaderboardBar(
                    row.place,
                    int(row.led.content or 0),  # type: ignore[arg-type]
                    row.stated_led.content if isinstance(row.stated_led.content, int) else None,
                )
                for row in leaders
            ),
            unknown=unknown,
            total=total,
            **_words(reader, read.edition),
        )


def matrix(*, edition: str = "", at: Moment | None = None) -> MatrixModel:
    """Every technology of an edition by the countries of which most is known. Raises NotFound."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        known: Counter[Place] = Counter()
        cells: dict[int, dict[Place, MatrixCell]] = defaultdict(dict)
        for entry in read.entries:
            now = read.standings[entry.technology_pk]
            own = cells[entry.technology_pk]
            for row in read.scores.get(entry.technology_pk, ()):
                if row.place.kind == "country":
                    own[row.place] = MatrixCell(row.share, row.ranks)
            for rank, value in ((1, now.leader), (2, now.second)):
                if isinstance(value.content, Place):
                    own.setdefault(value.content, MatrixCell(None, Ranks(rank, rank)))
            known.update(own.keys())
        places = tuple(place for place, _ in sorted(known.items(), key=lambda p: (-p[1], p[0].name)))[
            :MATRIX_COUNTRIES
        ]
        entries = sorted(
            read.entries, key=lambda e: (e.category.text if e.category else "~", e.number or 999, e.technology.text)
        )
        filled = sum(len(own) for own in cells.values())
        return MatrixModel(
            title=f"What is known of {len(entries)} technologies, country by country",
            subtitle=f"{read.edition.name} edition, publications {read.edition.years}. Number = share of the most cited "
            "publications, per cent; ordinal = rank without a published share",
            alt=f"{filled} cells are known, of {len(entries)} technologies by {len(known)} countries.",
            places=places,
            lines=tuple(
                MatrixLine(
                    entry.technology.text,
                    entry.category.text if entry.category else "",
                    tuple(cells[entry.technology_pk].get(place, MatrixCell()) for place in places),
                )
                for entry in entries
            ),
            **_words(reader, read.edition),
        )


def ranking(*, technology: str, edition: str = "", at: Moment | None = None) -> RankingModel:
    """One technology's countries in one edition: the page's own ranking, drawn. Raises NotFound."""
    page = technology_page(slug=technology, edition=edition, at=at)
    rows = [row for row in page.table("ranking").rows if row.place.kind == "country"]
    chosen = page.edition
    assert chosen is not None  # a technology's page always has one
    released = f", released {long_date(chosen.released)}" if chosen.released else ""
    return RankingModel(
        title=page.sentence.rstrip("."),
        subtitle=f"{page.title}: {chosen.unit.replace('the window', chosen.years)}",
        alt=page.figures[0].alt if page.figures else "",
        source=f"{chosen.series_name.partition(':')[0]}: {chosen.name}{released}, as quoted in public sources",
        date=long_date(page.stamp.changed_on),
        bars=tuple(RankingBar(row.place, row.share.content, row.rank.content, row.share.remark) for row in rows),
    )


def trajectory(*, field: str, at: Moment | None = None) -> TrajectoryModel:
    """A field's leading countries over all windows of its series. Raises NotFound."""
    page = field_page(slug=field, at=at)
    table = page.table("shares")
    windows = tuple(row.window.text for row in page.table("windows").rows)
    return TrajectoryModel(
        title=page.sentence.rstrip("."),
        subtitle=f"{page.title}: share of the world's 1 % most cited articles, per cent, five-year windows",
        source="Computed by this project from NCSES, Science and Engineering Indicators (NSB-2023-33), tables SPBS",
        date=long_date(page.stamp.changed_on),
        alt=page.figures[0].alt if page.figures else "",
        windows=windows,
        lines=tuple(
            TrajectoryLine(
                row.place,
                tuple(getattr(row, f"w{years.replace('–', '_')}").content for years in windows),
            )
            for row in table.rows[:DRAWN]
        ),
    )


def risk(*, edition: str = "", at: Moment | None = None) -> RiskModel:
    """Technologies by monopoly risk, per category of one edition. Raises NotFound."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in read.rows():
            counts[row.category.text if row.category else "No category"][str(row.risk.content or "unknown")] += 1
        high = sum(count["high"] for count in counts.values())
        rated = sum(count["high"] + count["medium"] + count["low"] for count in counts.values())
        return RiskModel(
            title=f"{high} technologies are at high risk of monopoly; for {rated} of {len(read.entries)} the level is known",
            subtitle=f"Technology monopoly risk, {read.edition.name} edition; number of technologies per category",
            alt="; ".join(
                f"{name}: " + ", ".join(f"{level} {n}" for level, n in count.items())
                for name, count in counts.items()
            ),
            bars=tuple(
                RiskBar(
                    name,
                    count["high"],
                    count["medium"],
                    count["low"],
                    count["not high"],
                    sum(count.values()) - sum(count[level] for level in ("high", "medium", "low", "not high")),
                )
                for name, count in counts.items()
            ),
            **_words(reader, read.edition),
        )
