"""/fields/ and /fields/<slug>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from tracker.analysis.fields import (
    FieldCountryRow,
    FieldPage,
    FieldRow,
    NarrowerRow,
    WindowStandingRow,
    WithoutValueRow,
    chosen_sentence,
    field_sentence,
    shares_row_type,
    sums_sentence,
    window_column,
)
from tracker.analysis.home import counted
from tracker.analysis.leadership import (
    ScoreRow,
    Standing,
    change,
    share_value,
    standing,
)
from tracker.analysis.margin import MarginRow, margin, margin_rows
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import WITHHELD, Facet, FigureRef, Link, PageModel, Place, TableData, Value
from tracker.analysis.technologies import joined, lower_first, start, the
from tracker.analysis.trajectory import CrossoverRow, crossover_rows
from tracker.history.past import Moment
from tracker.models import Bloc, Country, MissingYears, Series, Technology, WiderField
from tracker.pages.not_found import NotFound
from tracker.pages.profiles import newest_fields
from tracker.pages.rows import (
    Editions,
    KeyedScore,
    RecordReader,
    WindowRow,
    cited_scores,
    country_place,
    reading_record,
)

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
    reader: RecordReader, editions: Editions, keyed: Sequence[KeyedScore], edition_pks: set[int]
) -> dict[tuple[int, int], list[ScoreRow]]:
    """Scores of a computed series with their citations, else those of their edition's entries: two queries."""
    entries = reader.entries(edition__in=edition_pks, technology__in={score.technology_pk for score in keyed})
    cited = reader.citations(
        {"editiontechnology": [entry.pk for entry in entries], "score": [score.pk for score in keyed]}
    )
    return cited_scores(keyed, cited, entries, editions)


def field(*, slug: str, side: Sequence[str] = (), at: Moment | None = None) -> FieldPage:
    """One field over all windows of its series; `side` are codes of the countries to draw, none = the leading ones.

    Raises NotFound.
    """
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
        its = _series_windows(editions)
        keyed = reader.scores(technology=found.pk, window__in=list(its))
        scores = _with_entries(
            reader, editions, keyed, {editions.pk(editions.get(window.edition)) for window in its.values()}
        )
        windows = sorted((its[pk] for pk, _ in scores), key=lambda window: (window.first_year, window.last_year))
        by_window = {window.pk: scores[window.pk, found.pk] for window in windows}
        standings = [standing(by_window[window.pk], None) for window in windows]
        years = tuple(window.years for window in windows)
        by_place = {window.pk: {row.place: row for row in by_window[window.pk]} for window in windows}
        first, last = (by_place[w.pk] for w in (windows[0], windows[-1])) if windows else ({}, {})
        order = {row.place: row.ranks.first for row in last.values() if row.ranks and not row.withheld}
        places = sorted(
            {place for rows in by_place.values() for place in rows},
            key=lambda place: (order.get(place, 9999), place.name),
        )
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
        leading = drawn_places(places, list(by_window.values()))
        chosen = _chosen(reader, side, places, found)
        drawn = chosen or leading
        rows_of = [by_place[window.pk] for window in windows]
        lines = {place: [share_value(rows.get(place)) for rows in rows_of] for place in {*leading, *drawn}}
        crossed = crossover_rows(years, {place: lines[place] for place in drawn})
        would = margin(standings[-1], None, risk=False) if standings else None
        return FieldPage(
            title=found.name,
            sentence=chosen_sentence(
                lower_first(found.name), years, {place: lines[place] for place in chosen}, crossed
            )
            if chosen and years
            else field_sentence(lower_first(found.name), years, standings, crossover_rows(years, lines)),
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Fields", "/fields/")),
            definition=found.definition,
            method=series.method if series else "",
            caveat=series.note if series else "",
            sums=sums_sentence(years, [by_window[window.pk] for window in windows]),
            lines=drawn,
            sides=tuple(place.code.lower() for place in chosen),
            notes=_without_a_value(chosen, lines, missing_years),
            compare=_compare_link(found, [place for place in chosen if _has_line(lines[place])], standings),
            would_change=would.sentence if would else "",
            facets={
                "side": tuple(
                    Facet(place.code.lower(), place.name, sum(place in rows for rows in rows_of)) for place in places
                )
            },
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
                    f"{found.name}: shares per cent of the countries chosen"
                    if chosen
                    else f"{found.name}: shares per cent of the {DRAWN} leading countries of the newest window, and of "
                    "those that were first or second before",
                    tuple(
                        shares(
                            place=place,
                            **{
                                window_column(window.years): value
                                for window, value in zip(windows, lines[place], strict=True)
                            },
                        )
                        for place in drawn
                    ),
                    shares,
                ),
                TableData(
                    "crossovers",
                    f"{found.name}: where one of the lines drawn passed another, newest first",
                    tuple(reversed(crossed)),
                    CrossoverRow,
                    empty="None of the lines drawn passed another.",
                ),
                TableData(
                    "margin",
                    f"{found.name}: the smallest changes that would turn the lead"
                    + (f" of {years[-1]}" if years else ""),
                    margin_rows(would),
                    MarginRow,
                    empty="Not both shares of leader and second are known to us.",
                ),
                TableData(
                    "countries",
                    f"{found.name}: every country, {years[0]} and {years[-1]}" if years else "Countries",
                    tuple(
                        _country(place, first.get(place), last.get(place))
                        for place in places
                        if place in {*first, *last}
                    ),
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
                    urlencode([("field", found.slug), *(("side", place.code.lower()) for place in chosen)]),
                    f"{found.name}, {years[0]} to {years[-1]}",
                    trajectory_alt(found.name, years, {place: lines[place] for place in drawn}, crossed),
                    "shares",
                ),
            )
            if years
            else (),
            stamp=reader.stamp(),
        )


def _series_windows(editions: Editions) -> dict[int, WindowRow]:
    """The own windows of the editions of one series, that of the newest edition of fields, by primary key.

    Of two editions that speak of the same years the newer one stands.
    """
    by_years = {window.years: window for ref in newest_fields(editions) if (window := editions.window(ref))}
    return {window.pk: window for window in by_years.values()}


def _chosen(
    reader: RecordReader, side: Sequence[str], places: Sequence[Place], found: Technology
) -> tuple[Place, ...]:
    """The countries that the address names, by rank in the newest window; then those without a value there.

    Raises NotFound where a code is no country's.
    """
    # Only ASCII: "ß" in capitals is the code of South Sudan.
    wanted = {word.upper() if word.isascii() else word for word in (word.strip() for word in side)}
    by_code = {place.code: place for place in places}
    others = wanted - set(by_code)
    if others:
        countries = tuple(Country.objects.filter(code__in=others).order_by("name"))
        reader.show("country", [country.pk for country in countries])
        unknown = sorted(others - {country.code for country in countries})
        if unknown:
            raise _no_such_side(unknown[0].lower(), found)
        by_code |= {country.code: country_place(country.code, country.name) for country in countries}
    return tuple(place for code, place in by_code.items() if code in wanted)


def _no_such_side(word: str, found: Technology) -> NotFound:
    here = Link(found.name, found.get_absolute_url())
    bloc = Bloc.objects.filter(slug=word).first()
    if bloc is None:
        return NotFound(f"No country has the code “{word[:80]}”.", (here, Link("All countries", "/countries/")))
    return NotFound(
        f"{start(bloc.name)} is a bloc: the lines of a field are those of countries. A comparison draws blocs.",
        (here, Link(bloc.name, bloc.get_absolute_url()), Link("Compare", "/compare/")),
    )


def _without_a_value(
    chosen: Sequence[Place], lines: Mapping[Place, Sequence[Value]], missing_years: Sequence[MissingYears]
) -> tuple[str, ...]:
    """Which of the chosen countries have no line, and why: withheld, or which years their source does not give."""
    reasons = {row.country.code: f"{row.years}: {row.reason}" for row in missing_years}
    nothing = "the tables of the source hold nothing of it in this field"
    notes = []
    for place in chosen:
        if any(value.withheld for value in lines[place]) and not _has_line(lines[place]):
            notes.append(f"{place.name} has no line. {WITHHELD}")
        elif not _has_line(lines[place]):
            why = reasons.get(place.code, nothing)
            notes.append(f"{place.name} has no line: no window has a value of it ({why}).")
    return tuple(notes)


def _has_line(values: Sequence[Value]) -> bool:
    return any(value.known for value in values)


def _compare_link(found: Technology, chosen: Sequence[Place], standings: Sequence[Standing]) -> Link | None:
    """To the comparison of two to four chosen countries; where none has a line, of the leader and the second."""
    places: Sequence[Place] = chosen
    if not chosen and standings:
        first_two = (standings[-1].leader.content, standings[-1].second.content)
        places = [place for place in first_two if isinstance(place, Place)]
    if not 2 <= len(places) <= 4:
        return None
    names = [the(place.name) for place in places]
    query = urlencode([*(("side", place.code.lower()) for place in places), ("field", found.slug)])
    return Link(f"Compare {joined(names)} in {lower_first(found.name)}", f"/compare/?{query}")


def trajectory_alt(
    name: str, years: Sequence[str], lines: Mapping[Place, Sequence[Value]], crossed: Sequence[CrossoverRow]
) -> str:
    """The figure in words: each country's first and last share, and how often one passed another."""
    said = [f"{place.name} {values[0].text} to {values[-1].text}" for place, values in lines.items()]
    crossings = {0: "No line passes another.", 1: "One line passes another."}.get(
        len(crossed), f"There are {len(crossed)} crossovers."
    )
    return (
        f"Lines: {name}, share of top-1 % cited articles, {years[0]} to {years[-1]}, per cent. {'; '.join(said)}. "
        f"{crossings}"
    )


def _country(place: Place, first: ScoreRow | None, last: ScoreRow | None) -> FieldCountryRow:
    return FieldCountryRow(
        place,
        last.rank if last else Value(),
        share_value(last),
        first.rank if first else Value(),
        share_value(first),
        change(share_value(first), share_value(last)),
    )


def drawn_places(places: Sequence[Place], windows: Sequence[Sequence[ScoreRow]]) -> tuple[Place, ...]:
    """The leading countries of the newest window, and those that were first or second in any."""
    before = {row.place for rows in windows for row in rows if row.ranks and row.ranks.last <= 2 and not row.withheld}
    return tuple(place for number, place in enumerate(places) if number < DRAWN or place in before)
