"""/fields/ and /fields/<slug>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tracker.analysis.fields import (
    FieldCountryRow,
    FieldPage,
    FieldRow,
    NarrowerRow,
    WindowStandingRow,
    WithoutValueRow,
    change,
    field_sentence,
    shares_row_type,
    sums_sentence,
    window_column,
)
from tracker.analysis.home import counted
from tracker.analysis.leadership import ScoreRow, share_value, standing
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import FigureRef, Link, PageModel, Place, TableData, Value
from tracker.analysis.technologies import lower_first
from tracker.history.past import Moment
from tracker.models import MissingYears, Series, Technology, WiderField
from tracker.pages.not_found import NotFound
from tracker.pages.rows import KeyedScore, RecordReader, cited_scores, country_place, reading_record

# How many countries a field's figure draws and its windows' table lists.
DRAWN = 8


def field_list(*, edition: str = "", sort: str = "", at: Moment | None = None) -> PageModel:
    """All fields in one window. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        chosen = editions.choose(edition, level="field")
        series = editions.of_series(chosen.series)
        first, window = editions.window(series[0]), editions.window(chosen)
        wanted = [w.pk for w in (first, window) if w]
        keyed = reader.scores(window__in=wanted, rank_to__lte=2)
        by_window = _with_entries(reader, editions, keyed, {editions.pk(series[0]), editions.pk(chosen)})
        fields = tuple(Technology.objects.filter(level=Technology.Level.FIELD).order_by("name", "pk"))
        reader.show("technology", [field.pk for field in fields])
        rows = []
        for field in fields:
            now = standing(by_window.get((window.pk if window else 0, field.pk), []), None)
            then = standing(by_window.get((first.pk if first else 0, field.pk), []), None)
            rows.append(
                FieldRow(
                    Link(field.name, field.get_absolute_url()),
                    now.leader,
                    now.leader_share,
                    now.second,
                    now.second_share,
                    now.gap,
                    now.ratio,
                    str(now.firmness),
                    then.leader,
                    then.leader_share,
                )
            )
        leaders: dict[str, int] = defaultdict(int)
        for row in rows:
            leaders[row.leader.text] += 1
        said = ", ".join(f"{name} {count}" for name, count in sorted(leaders.items(), key=lambda p: -p[1]))
        return PageModel(
            title="Research fields",
            sentence=f"{chosen.years}: who leads in {len(rows)} research fields, by share of the world's top-1\u202f% "
            f"cited articles. {said}.",
            address="/fields/",
            trail=(Link("Home", "/"),),
            edition=chosen,
            editions=tuple(reversed(series)),
            missing=(
                "Fields are broader than technologies and measured otherwise: they give context and are never added "
                "to the counts of technologies.",
            ),
            tables=(
                TableData(
                    "fields",
                    f"Research fields, {chosen.years}: leader and second by share of the world's top-1 % cited articles",
                    ordered(rows, sort, FieldRow),
                    FieldRow,
                ),
            ),
            stamp=reader.stamp(),
        )


def _with_entries(
    reader: RecordReader, editions, keyed: Sequence[KeyedScore], edition_pks: set[int]
) -> dict[tuple[int, int], list[ScoreRow]]:
    """Scores of a computed series with the citations of their edition's entries: two queries."""
    entries = reader.entries(edition__in=edition_pks, technology__in={score.technology_pk for score in keyed})
    cited = reader.citations({"editiontechnology": [entry.pk for entry in entries]})
    windows = editions.edition_pks()
    by_entry = {(editions.pk(editions.get(entry.edition)), entry.technology_pk): entry.pk for entry in entries}
    return cited_scores(keyed, cited, by_entry, windows)


def field(*, slug: str, at: Moment | None = None) -> FieldPage:
    """One field over all windows of its series. Raises NotFound."""
    with reading_record(at) as reader:
        found = Technology.objects.filter(slug=slug, level=Technology.Level.FIELD).first()
        if found is None:
            fields = Technology.objects.filter(level=Technology.Level.FIELD).order_by("name")
            raise NotFound(
                f"There is no research field “{slug[:80]}”.",
                tuple(Link(one.name, one.get_absolute_url()) for one in fields),
            )
        reader.show("technology", [found.pk])
        editions = reader.editions
        keyed = reader.scores(technology=found.pk)
        scores = _with_entries(
            reader, editions, keyed, {editions.pk(ref) for ref in editions.refs if ref.level == "field"}
        )
        names = {window.pk: window for window in editions.windows}
        windows = sorted((names[pk] for pk, _ in scores), key=lambda window: window.first_year)
        by_window = {window.pk: scores[window.pk, found.pk] for window in windows}
        standings = [standing(by_window[window.pk], None) for window in windows]
        years = tuple(window.years for window in windows)
        by_place = {window.pk: {row.place: row for row in by_window[window.pk]} for window in windows}
        first, last = (by_place[w.pk] for w in (windows[0], windows[-1])) if windows else ({}, {})
        order = {row.place: row.ranks.first for row in last.values() if row.ranks}
        places = sorted({*first, *last}, key=lambda place: (order.get(place, 9999), place.name))
        shares = shares_row_type(years)
        missing_years = tuple(
            MissingYears.objects.filter(technology=found.pk).select_related("country").order_by("country__name")
        )
        reader.show("missingyears", [row.pk for row in missing_years])
        narrower = tuple(
            WiderField.objects.filter(field=found.pk).select_related("technology").order_by("technology__name")
        )
        reader.show("widerfield", [row.pk for row in narrower])
        series = Series.objects.filter(editions__slug=windows[-1].edition).first() if windows else None
        drawn = drawn_places(places, list(by_window.values()))
        return FieldPage(
            title=found.name,
            sentence=field_sentence(lower_first(found.name), years, standings),
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Fields", "/fields/")),
            definition=found.definition,
            method=series.method if series else "",
            caveat=series.note if series else "",
            sums=sums_sentence(years, [by_window[window.pk] for window in windows]),
            lines=drawn,
            missing=(
                f"{len(missing_years)} countries lack a share in at least one year; a window gets a value only when "
                "all five of its years are known. Each country and the years it lacks are listed below.",
            )
            if missing_years
            else (),
            tables=(
                TableData(
                    "windows",
                    f"{found.name}: leader and second in each five-year window",
                    tuple(
                        WindowStandingRow(
                            Link(window.years, f"/fields/?edition={window.edition}"),
                            now.leader,
                            now.leader_share,
                            now.second,
                            now.second_share,
                            now.gap,
                            now.ratio,
                            counted(len(by_window[window.pk]), f"{found.get_absolute_url()}#table-countries"),
                        )
                        for window, now in zip(windows, standings, strict=True)
                    ),
                    WindowStandingRow,
                ),
                TableData(
                    "shares",
                    f"{found.name}: shares per cent of the {DRAWN} leading countries of the newest window, and of those that "
                    "were first or second before",
                    tuple(
                        shares(
                            place=place,
                            **{
                                window_column(window.years): share_value(by_place[window.pk].get(place))
                                for window in windows
                            },
                        )
                        for place in drawn
                    ),
                    shares,
                ),
                TableData(
                    "countries",
                    f"{found.name}: every country, {years[0]} and {years[-1]}" if years else "Countries",
                    tuple(_country(place, first.get(place), last.get(place)) for place in places),
                    FieldCountryRow,
                ),
                TableData(
                    "narrower",
                    "Tracked technologies within this field (our mapping)",
                    tuple(
                        NarrowerRow(Link(row.technology.name, row.technology.get_absolute_url()), row.reason)
                        for row in narrower
                    ),
                    NarrowerRow,
                ),
                TableData(
                    "without",
                    "Countries without a value in some windows, and why",
                    tuple(
                        WithoutValueRow(
                            country_place(row.country.code, row.country.name),
                            row.years,
                            row.reason,
                            counted(
                                sum(
                                    country_place(row.country.code, row.country.name) in by_place[window.pk]
                                    for window in windows
                                ),
                                row.country.get_absolute_url(),
                            ),
                        )
                        for row in missing_years
                    ),
                    WithoutValueRow,
                ),
            ),
            figures=(
                FigureRef(
                    "trajectory",
                    f"field={found.slug}",
                    f"{found.name}, {years[0]} to {years[-1]}",
                    trajectory_alt(found.name, years, drawn, by_place, [window.pk for window in windows]),
                    "shares",
                ),
            )
            if years
            else (),
            stamp=reader.stamp(),
        )


def trajectory_alt(
    name: str,
    years: Sequence[str],
    places: Sequence[Place],
    by_place: dict[int, dict[Place, ScoreRow]],
    windows: Sequence[int],
) -> str:
    """The figure in words: each country's first and last share."""
    said = []
    for place in places:
        first, last = (by_place[pk].get(place) for pk in (windows[0], windows[-1]))
        said.append(f"{place.name} {first.share if first else 'unknown'} to {last.share if last else 'unknown'}")
    return f"Lines: {name}, share of top-1 % cited articles, {years[0]} to {years[-1]}, per cent. {'; '.join(said)}."


def _country(place: Place, first: ScoreRow | None, last: ScoreRow | None) -> FieldCountryRow:
    return FieldCountryRow(
        place,
        last.rank if last else Value(),
        share_value(last),
        first.rank if first else Value(),
        share_value(first),
        change(first, last),
    )


def drawn_places(places: Sequence[Place], windows: Sequence[Sequence[ScoreRow]]) -> tuple[Place, ...]:
    """The leading countries of the newest window, and those that were first or second in any."""
    before = {row.place for rows in windows for row in rows if row.ranks and row.ranks.last <= 2}
    return tuple(place for number, place in enumerate(places) if number < DRAWN or place in before)
