"""/countries/ and /countries/<code>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import FilteredRelation, Q

from tracker.analysis.countries import (
    CategoryCountRow,
    CountryEditionRow,
    CountryFieldRow,
    CountryListPage,
    CountryPage,
    CountryRow,
    CountryTechnologyRow,
)
from tracker.analysis.fields import change
from tracker.analysis.home import leader_rows
from tracker.analysis.leadership import ScoreRow, count_places, share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Facet, Link, Place, Ranks, TableData, Value
from tracker.analysis.technologies import the
from tracker.history.past import Moment
from tracker.models import BlocMembership, Country
from tracker.pages.home import stated_counts, tally_value
from tracker.pages.not_found import NotFound
from tracker.pages.rows import cited_scores, country_place, reading_record
from tracker.pages.technologies import edition_standings


def country_list(
    *, edition: str = "", region: str = "", q: str = "", sort: str = "", at: Moment | None = None
) -> CountryListPage:
    """Every country with something known. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions()
        chosen = editions.choose(edition)
        window = editions.window(chosen)
        newest = next((ref for ref in reversed(editions.refs) if ref.level == "field"), None)
        field_window = editions.window(newest) if newest else None
        tallies = reader.tallies(window__edition=editions.pk(chosen))
        cited = reader.citations(
            {"tally": [tally.pk for tally in tallies], "edition": [editions.pk(newest)] if newest else []}
        )
        stated = stated_counts(tallies, cited)
        computed = cited.get(("edition", editions.pk(newest)), ()) if newest else ()
        found: dict[str, Place] = {}
        region_of: dict[str, str] = {}
        best: dict[str, tuple[int, Link]] = {}
        fields_led: dict[str, int] = defaultdict(int)
        for pk, code, name, its_region, rank, slug, field_name in _with_field_ranks(
            field_window.pk if field_window else 0
        ):
            reader.show("country", [pk])
            found.setdefault(code, country_place(code, name))
            region_of[code] = its_region
            if rank is not None:
                fields_led[code] += rank == 1
                if code not in best or rank < best[code][0]:
                    best[code] = (rank, Link(field_name, f"/fields/{slug}/"))
        counts = count_places(
            (technology, found[code], ranks) for technology, code, ranks in reader.ranks(window.pk if window else 0)
        )
        counted = {row.place: row for row in leader_rows(counts, chosen, stated)}
        base = f"/fields/?edition={newest.slug}" if newest else ""
        rows = []
        for code, place in found.items():
            count = counted.get(place)
            top = best.get(code)
            if not count and not top and ("top five", code) not in stated:
                continue
            rows.append(
                CountryRow(
                    place=place,
                    region=region_of[code],
                    led=count.led if count else Value(0, basis="counted"),
                    stated_led=stated.get(("led", code), Value()),
                    second=count.second if count else Value(),
                    top_five=count.top_five if count else Value(),
                    stated_top_five=stated.get(("top five", code), Value()),
                    fields_led=Value(fields_led[code], basis="counted", address=base, cited=computed)
                    if top
                    else Value(),
                    best_field=top[1] if top else None,
                    best_field_rank=Value(top[0], basis="computed", address=top[1].address, cited=computed)
                    if top
                    else Value(),
                )
            )
        regions = sorted({row.region for row in rows if row.region})
        if region and region not in regions:
            raise NotFound(
                f"There is no region “{region[:80]}”.",
                tuple(Link(name, f"/countries/?region={name}") for name in regions),
            )
        words = q.casefold().split()
        shown = [
            row
            for row in rows
            if (not region or row.region == region)
            and all(word in f"{row.place.name} {row.place.code}".casefold() for word in words)
        ]
        if not sort:
            shown.sort(key=_prominence)
        leading = [row for row in rows if row.led.content]
        return CountryListPage(
            title="Countries",
            sentence=f"{len(leading)} of {len(rows)} countries lead a technology in the {chosen.name} edition; "
            f"{sum(bool(row.fields_led.content) for row in rows)} lead a research field in {newest.years}."
            if newest
            else f"{len(leading)} countries lead a technology in the {chosen.name} edition.",
            address="/countries/",
            trail=(Link("Home", "/"),),
            edition=chosen,
            editions=tuple(ref for ref in editions.refs if ref.stage == "published" and ref.level == "technology"),
            missing=(
                "Ranks below the leader are public for few technologies: “at least” says that the true count may be "
                "higher. The publisher's own counts stand beside.",
            ),
            tables=(
                TableData(
                    "countries",
                    f"Countries: technologies in the {chosen.name} edition, research fields in "
                    f"{newest.years if newest else 'no window'}",
                    ordered(shown, sort, CountryRow),
                    CountryRow,
                    empty="No country fits these filters.",
                ),
            ),
            facets={"region": tuple(Facet(name, name, sum(row.region == name for row in rows)) for name in regions)},
            stamp=reader.stamp(),
        )


def _prominence(row: CountryRow) -> tuple:
    def number(value: Value) -> int:
        return value.content if isinstance(value.content, int) else 0

    return (
        -number(row.led),
        -number(row.second),
        -number(row.stated_top_five),
        -number(row.top_five),
        number(row.best_field_rank) or 9999,
        row.place.name,
    )


def _with_field_ranks(window: int) -> Iterable[tuple[int, str, str, str, int | None, str, str]]:
    """Every country with its ranks in the fields of one window; a row without a rank where it has none."""
    ranked = FilteredRelation("scores", condition=Q(scores__window=window, scores__rank_from__isnull=False))
    return (
        Country.objects.annotate(ranked=ranked)
        .order_by("name", "pk", "ranked__technology__name")
        .values_list(
            "pk",
            "code",
            "name",
            "region",
            "ranked__rank_from",
            "ranked__technology__slug",
            "ranked__technology__name",
        )
    )


def country(*, code: str, edition: str = "", sort: str = "", at: Moment | None = None) -> CountryPage:
    """One country's profile. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        found = Country.objects.filter(code=code.upper()).first()
        if found is None:
            raise NotFound(f"No country has the code “{code[:10]}”.", (Link("All countries", "/countries/"),))
        reader.show("country", [found.pk])
        place = country_place(found.code, found.name)
        tallies = reader.tallies(country=found.pk)
        keyed = reader.scores(country=found.pk)
        assessed = reader.assessments(lead_country=found.pk)
        entries = reader.entries(edition__series__level="field")
        read = edition_standings(
            reader,
            edition,
            cited_too={
                "tally": [t.pk for t in tallies],
                "score": [s.pk for s in keyed],
                "editiontechnology": [e.pk for e in entries],
            },
        )
        editions, cited = read.editions, read.cited
        windows = {w.pk: w for w in editions.windows}
        by_entry = {(editions.pk(editions.get(e.edition)), e.technology_pk): e.pk for e in entries}
        scores = cited_scores(
            keyed,
            cited,
            by_entry,
            {w.pk: editions.pk(editions.get(w.edition)) for w in editions.windows},
        )
        memberships = tuple(BlocMembership.objects.filter(country=found.pk, until="").select_related("bloc"))
        reader.show("blocmembership", [m.pk for m in memberships])
        table_rows = tuple(_technology_rows(read, place))
        led, second = _counted(keyed, assessed, windows, place)
        stated = {
            (t.window.edition.slug, t.metric): tally_value(t, cited.get(("tally", t.pk), ()))
            for t in tallies
            if not t.scope and not t.category_id and t.window.kind == "main"
        }
        edition_rows = tuple(
            CountryEditionRow(
                edition=Link(ref.name, ref.address),
                years=ref.years,
                led=Value(
                    led[ref.slug],
                    basis="counted",
                    address=f"/technologies/?edition={ref.slug}&leader={code.lower()}" if led[ref.slug] else "",
                ),
                stated_led=stated.get((ref.slug, "led"), Value()),
                second=Value(second[ref.slug], bound="at least", basis="counted"),
                stated_second=stated.get((ref.slug, "second"), Value()),
                stated_top_five=stated.get((ref.slug, "top five"), Value()),
                technologies=ref.technology_count,
            )
            for ref in editions.refs
            if ref.level == "technology" and ref.stage == "published"
        )
        field_rows = _field_rows(reader, scores, editions, entries)
        here = next(row for row in edition_rows if row.edition.address == read.edition.address)
        name = the(found.name)
        leads = here.led.content or 0
        best = [row.field.text for row in field_rows if row.rank.rank == 1]
        sentence = f"{name[0].upper()}{name[1:]} leads {leads} of {len(read.entries)} technologies in the "
        sentence += f"{read.edition.name} edition"
        if field_rows:
            sentence += f" and {len(best)} of {len(field_rows)} research fields in the newest window"
        return CountryPage(
            title=found.name,
            sentence=f"{sentence}.",
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Countries", "/countries/")),
            edition=read.edition,
            editions=tuple(r for r in editions.refs if r.stage == "published" and r.level == "technology"),
            missing=(
                f"Its rank or share in {sum(1 for r in table_rows if not r.rank.known and not r.share.known)} of "
                f"{len(table_rows)} technologies of the {read.edition.name} edition.",
            ),
            tables=(
                TableData(
                    "technologies",
                    f"{found.name} in the technologies of the {read.edition.name} edition",
                    ordered(table_rows, sort, CountryTechnologyRow),
                    CountryTechnologyRow,
                ),
                TableData(
                    "categories",
                    f"{found.name} by category, {read.edition.name} edition: counted from rows",
                    _categories(read, place),
                    CategoryCountRow,
                ),
                TableData("editions", f"{found.name} in every edition", edition_rows, CountryEditionRow),
                TableData(
                    "fields",
                    f"{found.name} in research fields: first and newest window",
                    field_rows,
                    CountryFieldRow,
                    empty="No field has a value: see the years its source does not give.",
                ),
            ),
            place=place,
            region=found.region,
            note=found.note,
            blocs=tuple(Link(m.bloc.name, m.bloc.get_absolute_url()) for m in memberships),
            stamp=reader.stamp(),
        )


def _counted(keyed, assessed, windows, place: Place) -> tuple[dict[str, int], dict[str, int]]:
    """Technologies led and second per edition, in its own window: from scores, else from assessments."""
    led: dict[str, set[int]] = defaultdict(set)
    second: dict[str, set[int]] = defaultdict(set)
    for score in keyed:
        window = windows[score.window]
        if window.kind == "main" and score.row.ranks is not None:
            if score.row.ranks.last == 1:
                led[window.edition].add(score.technology_pk)
            elif score.row.ranks.first == score.row.ranks.last == 2:
                second[window.edition].add(score.technology_pk)
    for assessment, _, _ in assessed:
        window = windows[assessment.window_id]
        if window.kind == "main":
            led[window.edition].add(assessment.technology_id)
    return (
        defaultdict(int, {slug: len(found) for slug, found in led.items()}),
        defaultdict(int, {slug: len(found) for slug, found in second.items()}),
    )


def _technology_rows(read, place: Place):
    for entry in read.entries:
        own = next((row for row in read.scores.get(entry.technology_pk, ()) if row.place == place), None)
        now = read.standings[entry.technology_pk]
        rank = Value(own.ranks, basis=own.basis, cited=own.cited) if own and own.ranks else Value()
        if not rank.known and now.second.content == place:
            rank = Value(Ranks(2, 2), basis=now.second.basis, cited=now.second.cited)
        yield CountryTechnologyRow(
            technology=entry.technology,
            category=entry.category.text if entry.category else "",
            rank=rank,
            share=share_value(own),
            leader=now.leader,
            note=own.note if own else "",
        )


def _categories(read, place: Place) -> tuple[CategoryCountRow, ...]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for entry in read.entries:
        now = read.standings[entry.technology_pk]
        count = counts[entry.category.text if entry.category else ""]
        count[0] += now.leader.content == place
        count[1] += now.second.content == place
        count[2] += now.leader.content == place or any(
            row.place == place for row in read.scores.get(entry.technology_pk, ())
        )
        count[3] += 1
    return tuple(CategoryCountRow(category, *count) for category, count in counts.items())


def _field_rows(reader, scores, editions, entries) -> tuple[CountryFieldRow, ...]:
    refs = [ref for ref in editions.refs if ref.level == "field"]
    if not refs:
        return ()
    first, last = editions.window(refs[0]), editions.window(refs[-1])
    fields = {e.technology_pk: e.technology for e in entries}
    rows = []

    def rank(row: ScoreRow | None) -> Value:
        return Value(row.ranks, basis=row.basis, cited=row.cited) if row and row.ranks else Value()

    for pk, link in fields.items():
        then = scores.get((first.pk, pk), [None])[0]
        now = scores.get((last.pk, pk), [None])[0]
        if then or now:
            rows.append(
                CountryFieldRow(link, rank(now), share_value(now), rank(then), share_value(then), change(then, now))
            )
    return tuple(sorted(rows, key=lambda row: (row.rank.rank or 9999, row.field.text)))
