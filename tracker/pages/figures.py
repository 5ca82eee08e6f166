"""/charts/: the read model of each figure, from the same rows as the pages."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db.models import Q

from tracker.analysis.compare_page import ComparePage
from tracker.analysis.compared_figure import compared_line, share_columns, slope_panel
from tracker.analysis.comparison import BANDS, NOTHING
from tracker.analysis.cooperation_network import NetworkModel, network
from tracker.analysis.cooperation_timeline import TimelineModel, timeline
from tracker.analysis.engagements import EngagementRow
from tracker.analysis.fields import window_column
from tracker.analysis.figure_model import (
    ComparisonModel,
    LeaderboardBar,
    LeaderboardModel,
    MatrixCell,
    MatrixLine,
    MatrixModel,
    RankingBar,
    RankingModel,
    RiskBar,
    RiskModel,
    SlopeModel,
    TrajectoryCrossing,
    TrajectoryLine,
    TrajectoryModel,
)
from tracker.analysis.finding import over_the_fields
from tracker.analysis.home import number_of
from tracker.analysis.leadership import LEVELS
from tracker.analysis.listings import ListingsModel, listings_figure
from tracker.analysis.read_model import EditionRef, Place, Ranks, Stamp, TableData, long_date
from tracker.analysis.trade_figures import GoodRef, ReexportsModel, TradeModel, trade_figure
from tracker.analysis.trade_figures import reexports as legs_figure
from tracker.analysis.trajectory import crossover_sentence
from tracker.history.past import Moment
from tracker.models import Channel, Good, Organisation, Technology
from tracker.pages.comparison import compare
from tracker.pages.controls import control as control_page
from tracker.pages.engagement_rows import (
    engagement_parts,
    of_channel,
    of_organisations,
    of_technologies,
)
from tracker.pages.fields import field as field_page
from tracker.pages.home import home as home_page
from tracker.pages.not_found import NotFound
from tracker.pages.organisation_rows import naming_of, sealed
from tracker.pages.organisations import organisation as organisation_page
from tracker.pages.past import cited_as
from tracker.pages.rows import RecordReader, all_to_cite, reading_record
from tracker.pages.technologies import edition_standings
from tracker.pages.technologies import technology as technology_page
from tracker.pages.trade_rows import flow_parts, of_goods

# A matrix has room for so many countries; which they are is counted from the edition's own rows.
MATRIX_COUNTRIES = 12


FROM_NCSES = "Computed by this project from NCSES, Science and Engineering Indicators (NSB-2023-33), tables SPBS"


def _state(stamp: Stamp, at: Moment | None) -> str:
    """The record that a figure was drawn from: the day of its last change, or the moment that was asked for."""
    if at is None:
        return f"Record of {long_date(stamp.changed_on)}"
    return f"Record {cited_as(at)}"


def _words(edition: EditionRef, stamp: Stamp, at: Moment | None) -> dict[str, str]:
    """The source line of a figure, and the day of the record it was drawn from."""
    released = f", released {long_date(edition.released)}" if edition.released else ""
    publisher = edition.series_name.partition(":")[0]
    quoted = f"{publisher}: {edition.name}{released}, as quoted in public sources; publications {edition.years}"
    return {
        "source": FROM_NCSES if edition.level == "field" else quoted,
        "date": _state(stamp, at),
    }


def leaderboard(*, edition: str = "", at: Moment | None = None) -> LeaderboardModel:
    """Technologies led per country in one edition: the front page's own counts, drawn. Raises NotFound."""
    page = home_page(edition=edition, at=at)
    chosen = page.edition
    assert chosen is not None  # the front page always has one
    return LeaderboardModel(
        title=page.sentence.rstrip("."),
        subtitle="Number of technologies in which the country is known to have the highest share of the most cited "
        "publications",
        alt=page.sentence,
        bars=tuple(
            LeaderboardBar(
                row.place,
                number_of(row.led),
                number_of(row.stated_led) if row.stated_led.known and row.stated_led.out_of is None else None,
            )
            for row in page.leaders
            if number_of(row.led)
        ),
        unknown=page.unknown,
        total=page.total,
        **_words(chosen, page.stamp, at),
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
                if row.place.kind == "country" and not row.withheld:
                    own[row.place] = MatrixCell(row.share, row.ranks, row.basis == "derived")
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
            "publications, per cent (≈ derived by us); ordinal = rank, its share not known to us",
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
            **_words(read.edition, reader.stamp(), at),
        )


def ranking(*, technology: str, edition: str = "", at: Moment | None = None) -> RankingModel:
    """One technology's countries in one edition: the page's own ranking, drawn. Raises NotFound."""
    page = technology_page(slug=technology, edition=edition, at=at)
    countries = [row for row in page.table("ranking").rows if row.place.kind == "country"]
    # As many as the page says; those of which neither rank nor share is known come after them.
    rows = countries[: page.figures[0].size] if page.figures and page.figures[0].name == "ranking" else []
    chosen = page.edition
    assert chosen is not None  # a technology's page always has one
    return RankingModel(
        title=page.sentence.rstrip("."),
        subtitle=f"{page.title}: {chosen.unit.replace('the window', chosen.years)}",
        alt=page.figures[0].alt if page.figures else "",
        **_words(chosen, page.stamp, at),
        bars=tuple(RankingBar(row.place, row.share.content, row.rank.content, row.share.remark) for row in rows),
    )


def trajectory(*, field: str, side: Sequence[str] = (), at: Moment | None = None) -> TrajectoryModel:
    """A field's leading countries, or those named, over all windows of its series. Raises NotFound."""
    page = field_page(slug=field, side=side, at=at)
    table = page.table("shares")
    windows = tuple(row.window.text for row in page.table("windows").rows)
    position = {window: number for number, window in enumerate(windows)}
    crossed = page.table("crossovers").rows
    title = (crossover_sentence(crossed) if page.sides else "") or page.sentence
    return TrajectoryModel(
        title=title.rstrip("."),
        subtitle=" ".join(
            part
            for part in (
                f"{page.title}: share of the world's 1 % most cited articles, per cent, five-year windows.",
                page.sums.partition(":")[0] and f"{page.sums.partition(':')[0]}.",
            )
            if part
        ),
        source=FROM_NCSES,
        date=_state(page.stamp, at),
        alt=page.figures[0].alt if page.figures else "",
        windows=windows,
        lines=tuple(
            TrajectoryLine(
                row.place,
                tuple(getattr(row, window_column(years)).content for years in windows),
            )
            for row in table.rows
        ),
        crossings=tuple(
            TrajectoryCrossing(row.overtaker, row.overtaken, position[row.last], position[row.first])
            for row in reversed(crossed)
        ),
    )


def comparison(
    *,
    side: Sequence[str],
    category: str = "",
    technology: str = "",
    edition: str = "",
    at: Moment | None = None,
) -> ComparisonModel:
    """The page's own comparison, drawn. Raises NotFound, Moved."""
    page = compare(side=side, category=category, technology=technology, edition=edition, at=at)
    rows = _answered(page, "comparison").rows
    chosen = page.edition
    assert chosen is not None  # a comparison in one edition has one,
    assert page.bands is not None  # and bands
    return ComparisonModel(
        title=_first_sentence(page),
        subtitle=f"{page.title}: {chosen.unit.replace('the window', chosen.years)}"
        + (", gap in percentage points" if len(page.sides) == 2 else ""),
        alt=page.figures[0].alt if page.figures else "",
        sides=tuple(row.side for row in page.sides),
        lines=tuple(compared_line(row, page.sides) for row in rows if row.band != BANDS[NOTHING]),
        unknown=page.bands.unknown,
        what="editions" if technology else over_the_fields(chosen),
        **_words(chosen, page.stamp, at),
    )


def slope(
    *,
    side: Sequence[str],
    category: str = "",
    technology: str = "",
    field: str = "",
    from_: str = "",
    to: str = "",
    at: Moment | None = None,
) -> SlopeModel:
    """The shares of a comparison across time, drawn. Raises NotFound, Moved."""
    asked = {"category": category, "technology": technology, "field": field}
    page = compare(side=side, from_=from_, to=to, at=at, **asked)
    table = _answered(page, "changes")
    then, now = page.between
    edition = page.edition
    assert edition is not None  # the later one of the two
    return SlopeModel(
        title=_first_sentence(page),
        subtitle=f"{page.title}: {edition.unit.replace('the window', 'each window')}",
        alt=page.figures[0].alt if page.figures else "",
        then=then,
        now=now,
        sides=tuple(row.side for row in page.sides),
        panels=tuple(panel for row in table.rows if (panel := slope_panel(row, page.sides)) is not None),
        **_words(edition, page.stamp, at),
    )


def sides(*, side: Sequence[str], field: str, at: Moment | None = None) -> TrajectoryModel:
    """The sides of a comparison in one field, over all windows of its series. Raises NotFound, Moved."""
    page = compare(side=side, field=field, at=at)
    rows = sorted(_answered(page, "comparison").rows, key=lambda row: row.subject.text)
    windows = tuple(row.subject.text for row in rows)
    position = {window: number for number, window in enumerate(windows)}
    lines = []
    for key, row in zip(share_columns(rows[0]), page.sides, strict=True):
        shares = [getattr(one, key) for one in rows]
        lines.append(TrajectoryLine(row.side, tuple(v.content for v in shares), tuple(bool(v.bound) for v in shares)))
    return TrajectoryModel(
        title=page.sentence.rstrip("."),
        subtitle=f"{page.title}. Share of the world's 1\u202f% most cited articles, per cent, five-year windows",
        source=FROM_NCSES,
        date=_state(page.stamp, at),
        alt=page.figures[0].alt if page.figures else "",
        windows=windows,
        lines=tuple(lines),
        crossings=tuple(
            TrajectoryCrossing(row.overtaker, row.overtaken, position[row.last], position[row.first])
            for row in page.table("crossovers").rows
        ),
    )


def _answered(page: ComparePage, table: str) -> TableData:
    """The table a figure draws. Raises NotFound where the comparison has no answer, or another kind of it."""
    if page.refused:
        raise NotFound(" ".join(page.refused))
    try:
        return page.table(table)
    except KeyError:
        raise NotFound("This comparison is drawn by another figure.") from None


def _first_sentence(page: ComparePage) -> str:
    return page.sentence.partition(". ")[0].rstrip(".")


def risk(*, edition: str = "", at: Moment | None = None) -> RiskModel:
    """Technologies by monopoly risk, per category of one edition. Raises NotFound."""
    with reading_record(at) as reader:
        read = edition_standings(reader, edition)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in read.rows():
            counts[row.category.text if row.category else "No category"][str(row.risk.content or "unknown")] += 1
        high = sum(count["high"] for count in counts.values())
        rated = sum(count[level] for count in counts.values() for level in LEVELS)
        tallies = reader.tallies(window__edition=read.editions.pk(read.edition), metric="high risk")
        said = next((t for t in tallies if not t.scope and t.window.kind == "main"), None)
        title = f"Of the {rated} technologies whose level is known to us, {high} are at high risk of monopoly"
        if said is not None and said.value != high:
            title += f"; the publisher states {said.value} of {len(read.entries)}"
        return RiskModel(
            title=title,
            subtitle=f"Technology monopoly risk, {read.edition.name} edition, stated or computed by us; number of "
            "technologies per category",
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
                    sum(count.values()) - sum(count[level] for level in (*LEVELS, "not high")),
                )
                for name, count in counts.items()
            ),
            **_words(read.edition, reader.stamp(), at),
        )


def cooperation_timeline(
    *, channel: str = "", technology: str = "", organisation: str = "", at: Moment | None = None
) -> TimelineModel:
    """Engagements in lanes by channel: all, or those of one channel, technology, organisation. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        rows, about = _engagements_of(reader, channel, technology, organisation)
        return timeline(rows, reader.day, about=about, date=_state(reader.stamp(), at))


def listings(
    *, control: str = "", organisation: str = "", on: datetime.date | None = None, at: Moment | None = None
) -> ListingsModel:
    """Who is on a list, or on which lists an organisation is, over time: the page's own table, drawn. Raises NotFound."""
    if bool(control) == bool(organisation):
        raise NotFound("Name a control or an organisation, and not both.")
    if control:
        page = control_page(slug=control, on=on, at=at)
        return listings_figure(
            page.stays, page.ticks, page.day, about=page.control.called, on=on, date=_state(page.stamp, at)
        )
    body = organisation_page(slug=organisation, on=on, at=at)
    return listings_figure(
        body.stays, (), body.day, about=body.title, of_organisation=True, on=on, date=_state(body.stamp, at)
    )


def cooperation_network(
    *, channel: str = "", technology: str = "", organisation: str = "", at: Moment | None = None
) -> NetworkModel:
    """Organisations that these engagements name together, chosen in the same way. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        rows, about = _engagements_of(reader, channel, technology, organisation)
        return network(rows, about=about, date=_state(reader.stamp(), at))


def trade(*, good: str, at: Moment | None = None) -> TradeModel:
    """The figures of a good that are of one basis, panel by panel. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        found = Good.objects.filter(slug=good).first()
        parts = flow_parts(reader, of_goods([found.pk] if found else []))
        cited = reader.citations(all_to_cite(parts.to_cite, {"good": [found.pk]} if found else {}))
        if found is None or sealed(cited, "good", found.pk):
            raise NotFound(f"There is no good “{good[:80]}”.")
        reader.show("good", [found.pk])
        ref = GoodRef(found.pk, found.slug, found.name, found.short_name, found.hs_code)
        return trade_figure(ref, parts.rows(cited), date=_state(reader.stamp(), at))


def reexports(*, at: Moment | None = None) -> ReexportsModel:
    """Recorded re-exports through third places, leg by leg."""
    with reading_record(at, editions=False) as reader:
        parts = flow_parts(reader)
        rows = parts.rows(reader.citations(parts.to_cite))
        return legs_figure(rows, date=_state(reader.stamp(), at))


def _engagements_of(
    reader: RecordReader, channel: str, technology: str, organisation: str
) -> tuple[tuple[EngagementRow, ...], str]:
    """The engagements that fit all that is named, and its names. Raises NotFound where one of them is unknown."""
    conditions: list[Q] = []
    names: list[str] = []
    if channel:
        found = Channel.objects.filter(slug=channel).first()
        if found is None:
            raise NotFound(f"There is no channel “{channel[:60]}”.")
        conditions.append(of_channel(found.pk))
        names.append(found.name)
        reader.show("channel", [found.pk])
    subject = body = None
    if technology:
        subject = Technology.objects.filter(slug=technology).first()
        if subject is None:
            raise NotFound(f"There is no technology “{technology[:80]}”.")
        conditions.append(of_technologies([subject.pk]))
        names.append(subject.name)
        reader.show("technology", [subject.pk])
    if organisation:
        body = Organisation.objects.filter(slug=organisation).first()
        if body is None:
            raise NotFound(f"There is no organisation “{organisation[:80]}”.")
        conditions.append(of_organisations([body.pk]))
        names.append(body.name)
        reader.show("organisation", [body.pk])
    parts = engagement_parts(reader, *conditions)
    cited = reader.citations(all_to_cite(parts.to_cite, {"organisation": [body.pk]} if body else {}))
    if body is not None and body.pk not in naming_of(cited, [body.pk]):
        raise NotFound(f"There is no organisation “{organisation[:80]}”.")
    # What only withheld sources say of a party or a subject is not said by its absence from a list either.
    rows = tuple(
        row
        for row in parts.rows(cited)
        if (body is None or any(party.organisation and party.organisation.pk == body.pk for party in row.parties))
        and (subject is None or any(one.technology_pk == subject.pk for one in row.subjects))
    )
    return rows, ", ".join(names)
