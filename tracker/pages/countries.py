"""/countries/ and /countries/<code>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import FilteredRelation, Q

from tracker.analysis.countries import (
    CategoryCountRow,
    CountryEditionRow,
    CountryFieldRow,
    CountryPage,
    CountryRow,
    CountryTechnologyRow,
)
from tracker.analysis.fields import change
from tracker.analysis.home import LeaderRow, at_least, counted, leader_rows, number_of
from tracker.analysis.leadership import PlaceCount, ScoreRow, count_places, share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Cited, EditionRef, Facet, Link, PageModel, Place, Ranks, TableData, Value
from tracker.analysis.technologies import start, the
from tracker.history.past import Moment
from tracker.models import BlocMembership, Country, Tally
from tracker.pages.home import stated_counts
from tracker.pages.not_found import Moved, NotFound
from tracker.pages.rows import (
    CitedBy,
    Editions,
    EntryRow,
    RankRow,
    RecordReader,
    cited_scores,
    country_place,
    reading_record,
)
from tracker.pages.technologies import EditionStandings, edition_standings


@dataclass(frozen=True)
class _FieldBest:
    """A country's best rank in the fields of one window, and how many fields it leads."""

    led: int
    rank: int
    share: Decimal
    field: Link


def country_list(
    *, edition: str = "", region: str = "", q: str = "", sort: str = "", at: Moment | None = None
) -> PageModel:
    """Every country with something known. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        chosen = editions.choose(edition)
        window = editions.window(chosen)
        newest = next(iter(reversed(editions.of_fields)), None)
        field_window = editions.window(newest) if newest else None
        tallies = reader.tallies(window__edition=editions.pk(chosen))
        cited = reader.citations(
            {"tally": [tally.pk for tally in tallies], "edition": [editions.pk(newest)] if newest else []}
        )
        countries, best = _countries(reader, field_window.pk if field_window else 0)
        ranks = reader.ranks(window=window.pk if window else 0)
        counts = count_places((row.technology, countries[row.country][0], row.ranks) for row in ranks)
        unknown = unknown_leaders(chosen, ranks)
        counted_rows = {row.place: row for row in leader_rows(counts, chosen, stated_counts(tallies, cited), unknown)}
        computed = cited.get(("edition", editions.pk(newest)), ()) if newest else ()
        rows = []
        for code, (place, its_region) in countries.items():
            count, top = counted_rows.get(place), best.get(code)
            if count or top:
                rows.append(_country_row(place, its_region, count, top, newest, computed, unknown))
        regions = sorted({row.region for row in rows if row.region})
        if region and region not in regions:
            raise NotFound(
                f"There is no region “{region[:80]}”.",
                tuple(Link(name, f"/countries/?{urlencode({'region': name})}") for name in regions),
            )
        words = q.casefold().split()
        shown = [
            row
            for row in rows
            if (not region or row.region == region)
            and all(word in f"{row.place.name} {row.place.code}".casefold() for word in words)
        ]
        leading = sum(number_of(row.led) > 0 for row in rows)
        sentence = f"{leading} of {len(rows)} countries are known to lead a technology in the {chosen.name} edition"
        if newest:
            fields_led = sum(number_of(row.fields_led) > 0 for row in rows)
            sentence += f"; {fields_led} lead a research field in {newest.years}"
        return PageModel(
            title="Countries",
            sentence=f"{sentence}.",
            address="/countries/",
            trail=(Link("Home", "/"),),
            edition=chosen,
            editions=editions.of_technologies,
            missing=(
                "Ranks below the leader are known to us for few technologies: “at least” says that the true count "
                "may be higher. Counts as stated by publishers and others stand beside.",
            ),
            tables=(
                TableData(
                    "countries",
                    f"Countries: technologies in the {chosen.name} edition, research fields in "
                    f"{newest.years if newest else 'no window'}",
                    ordered(sorted(shown, key=_prominence), sort, CountryRow),
                    CountryRow,
                    empty="No country fits these filters.",
                ),
            ),
            facets={"region": tuple(Facet(name, name, sum(row.region == name for row in rows)) for name in regions)},
            stamp=reader.stamp(),
        )


def unknown_leaders(edition: EditionRef, ranks: Iterable[RankRow]) -> int:
    """How many technologies of an edition have no leader known to us, by its own number of technologies."""
    led = {row.technology for row in ranks if row.ranks.last == 1}
    return max(0, (edition.technology_count or len(led)) - len(led))


def _countries(reader: RecordReader, window: int) -> tuple[dict[str, tuple[Place, str]], dict[str, _FieldBest]]:
    """Every country (place, region) by code, and the best field of each in one window: one query."""
    ranked = FilteredRelation("scores", condition=Q(scores__window=window, scores__rank_from__isnull=False))
    countries: dict[str, tuple[Place, str]] = {}
    best: dict[str, _FieldBest] = {}
    for pk, code, name, region, score, rank, share, slug, field in (
        Country.objects.annotate(ranked=ranked)
        .order_by("name", "pk", "ranked__rank_from", "-ranked__share")
        .values_list(
            "pk",
            "code",
            "name",
            "region",
            "ranked__pk",
            "ranked__rank_from",
            "ranked__share",
            "ranked__technology__slug",
            "ranked__technology__name",
        )
    ):
        reader.show("country", [pk])
        countries.setdefault(code, (country_place(code, name), region))
        if rank is not None:
            reader.show("score", [score])
            known = best.get(code)
            led = (known.led if known else 0) + (rank == 1)
            # The first row is the best: rows come by rank, and among equal ranks by share.
            best[code] = (
                replace(known, led=led)
                if known
                else _FieldBest(led, rank, share or Decimal(0), Link(field, f"/fields/{slug}/"))
            )
    return countries, best


def _country_row(
    place: Place,
    region: str,
    count: LeaderRow | None,
    top: _FieldBest | None,
    newest: EditionRef | None,
    computed: tuple[Cited, ...],
    unknown: int,
) -> CountryRow:
    fields = f"/fields/?edition={newest.slug}" if newest else ""
    nothing = Value() if unknown else Value(0, basis="counted", address="/technologies/")
    return CountryRow(
        place=place,
        region=region,
        led=count.led if count else nothing,
        stated_led=count.stated_led if count else Value(),
        second=count.second if count else Value(),
        top_five=count.top_five if count else Value(),
        stated_top_five=count.stated_top_five if count else Value(),
        fields_led=Value(top.led, basis="counted", address=fields, cited=computed) if top else Value(),
        best_field=top.field if top else None,
        best_field_rank=Value(top.rank, basis="computed", address=top.field.address, cited=computed)
        if top
        else Value(),
    )


def _prominence(row: CountryRow) -> tuple[int | str, ...]:
    return (
        *(-number_of(value) for value in (row.led, row.stated_led, row.second, row.stated_top_five, row.top_five)),
        number_of(row.best_field_rank) or 9999,
        row.place.name,
    )


def country(*, code: str, edition: str = "", sort: str = "", at: Moment | None = None) -> CountryPage:
    """One country's profile. Raises NotFound, Moved, UnknownSortKey."""
    if code != code.lower():
        raise Moved(f"/countries/{code.lower()}/")
    with reading_record(at) as reader:
        found = Country.objects.filter(code=code.upper()).first()
        if found is None:
            raise NotFound(f"No country has the code “{code[:10]}”.", (Link("All countries", "/countries/"),))
        reader.show("country", [found.pk])
        place = country_place(found.code, found.name)
        editions = reader.editions
        tallies = reader.tallies(country=found.pk)
        keyed = reader.scores(country=found.pk)
        entries = reader.entries(edition__series__level="field")
        read = edition_standings(
            reader,
            edition,
            cited_too={
                "tally": [tally.pk for tally in tallies],
                "score": [score.pk for score in keyed],
                "editiontechnology": [entry.pk for entry in entries],
            },
        )
        by_entry = {(editions.pk(editions.get(e.edition)), e.technology_pk): e.pk for e in entries}
        scores = cited_scores(keyed, read.cited, by_entry, editions.edition_pks())
        technologies = tuple(_technology_rows(read, place))
        known = tuple(row for row in technologies if row.rank.known or row.share.known)
        edition_rows = _edition_rows(reader, place, tallies, read.cited)
        field_rows = _field_rows(scores, editions, entries)
        blocs = _blocs(reader, found)
        chosen = read.edition
        return CountryPage(
            title=found.name,
            sentence=_sentence(place, chosen, edition_rows, field_rows),
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Countries", "/countries/")),
            edition=chosen,
            editions=editions.of_technologies,
            missing=(
                f"Its rank or share in {len(technologies) - len(known)} of {len(technologies)} technologies of the "
                f"{chosen.name} edition.",
            ),
            tables=(
                TableData(
                    "technologies",
                    f"{found.name} in the technologies of the {chosen.name} edition, as far as known to us",
                    ordered(known, sort, CountryTechnologyRow),
                    CountryTechnologyRow,
                    empty=f"Nothing is known to us of {the(found.name)} in this edition.",
                ),
                TableData(
                    "categories",
                    f"{found.name} by category, {chosen.name} edition: counted from rows",
                    _categories(read, place),
                    CategoryCountRow,
                ),
                TableData("editions", f"{found.name} in every edition", edition_rows, CountryEditionRow),
                TableData(
                    "fields",
                    f"{found.name} in research fields: first and newest window",
                    field_rows,
                    CountryFieldRow,
                    empty="No field has a value: its source does not give every year of a window.",
                ),
            ),
            place=place,
            region=found.region,
            note=found.note,
            blocs=blocs,
            stamp=reader.stamp(),
        )


def _blocs(reader: RecordReader, found: Country) -> tuple[Link, ...]:
    """The blocs it is a member of on the day of the page."""
    memberships = [
        membership
        for membership in BlocMembership.objects.filter(country=found.pk)
        .select_related("bloc")
        .order_by("bloc__name")
        if membership.covers(reader.day)
    ]
    reader.show("blocmembership", [membership.pk for membership in memberships])
    reader.show("bloc", [membership.bloc_id for membership in memberships])
    return tuple(Link(membership.bloc.name, membership.bloc.get_absolute_url()) for membership in memberships)


def _sentence(
    place: Place, edition: EditionRef, editions: tuple[CountryEditionRow, ...], fields: tuple[CountryFieldRow, ...]
) -> str:
    here = next(row for row in editions if row.edition.address == edition.address)
    text = f"{start(place.name)} leads {here.led.text if here.led.known else 'none known to us'} of "
    text += f"{edition.technology_count} technologies in the {edition.name} edition"
    if here.stated_led.known and here.stated_led.content != here.led.content:
        text += f" (stated: {here.stated_led.text})"
    if fields:
        led = sum(row.rank.rank == 1 for row in fields)
        text += f", and {led} of {len(fields)} research fields in the newest window"
    return f"{text}."


def _edition_rows(
    reader: RecordReader, place: Place, tallies: tuple[Tally, ...], cited: CitedBy
) -> tuple[CountryEditionRow, ...]:
    """A country's counts in each edition's own window: from rows, and as stated."""
    editions = reader.editions
    windows = {w.pk: ref for ref in editions.of_technologies if (w := editions.window(ref))}
    by_edition: dict[str, list[RankRow]] = defaultdict(list)
    for row in reader.ranks(best=2, window__in=list(windows)):
        by_edition[windows[row.window].slug].append(row)
    rows = []
    for ref in editions.of_technologies:
        ranks = by_edition[ref.slug]
        own = count_places((row.technology, place, row.ranks) for row in ranks if row.country == place.code)
        count = own.get(place, PlaceCount(0, 0, 0))
        said = stated_counts(tuple(t for t in tallies if t.window.edition.slug == ref.slug), cited)
        address = f"/technologies/?edition={ref.slug}"
        led_address = f"{address}&leader={place.code.lower()}" if count.led else address
        unknown = unknown_leaders(ref, ranks)
        rows.append(
            CountryEditionRow(
                edition=Link(ref.name, ref.address),
                years=ref.years,
                led=(at_least if unknown else counted)(count.led, led_address),
                stated_led=said.get(("led", place), Value()),
                second=at_least(count.second, f"{address}&sort=second"),
                stated_second=said.get(("second", place), Value()),
                stated_top_five=said.get(("top five", place), Value()),
                technologies=counted(ref.technology_count, ref.address) if ref.technology_count else Value(),
            )
        )
    return tuple(rows)


def _technology_rows(read: EditionStandings, place: Place) -> Iterator[CountryTechnologyRow]:
    for entry in read.entries:
        own = next((row for row in read.scores.get(entry.technology_pk, ()) if row.place == place), None)
        now = read.standings[entry.technology_pk]
        rank = own.rank if own else Value()
        for number, value in ((1, now.leader), (2, now.second)):
            if not rank.known and value.content == place:
                rank = replace(value, content=Ranks(number, number))
        yield CountryTechnologyRow(
            technology=entry.technology,
            category=entry.category.text if entry.category else "",
            rank=rank,
            share=share_value(own),
            leader=now.leader,
            note=own.note if own else "",
        )


def _categories(read: EditionStandings, place: Place) -> tuple[CategoryCountRow, ...]:
    counts: dict[Link | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for entry in read.entries:
        now = read.standings[entry.technology_pk]
        count = counts[entry.category]
        count[0] += now.leader.content == place
        count[1] += now.second.content == place
        count[2] += now.leader.content == place or any(
            row.place == place for row in read.scores.get(entry.technology_pk, ())
        )
        count[3] += 1
    rows = []
    for category, numbers in counts.items():
        address = f"{category.address if category else '/technologies/?'}&edition={read.edition.slug}"
        led, second, known, all_of_it = (counted(number, address.replace("?&", "?")) for number in numbers)
        rows.append(CategoryCountRow(category.text if category else "", led, second, known, all_of_it))
    return tuple(rows)


def _field_rows(
    scores: Mapping[tuple[int, int], Sequence[ScoreRow]], editions: Editions, entries: tuple[EntryRow, ...]
) -> tuple[CountryFieldRow, ...]:
    ends = [w for ref in (*editions.of_fields[:1], *editions.of_fields[-1:]) if (w := editions.window(ref))]
    rows = []
    for pk, link in {entry.technology_pk: entry.technology for entry in entries}.items():
        then, now = (next(iter(scores.get((window.pk, pk), ())), None) for window in ends)
        if then or now:
            rows.append(
                CountryFieldRow(
                    link,
                    now.rank if now else Value(),
                    share_value(now),
                    then.rank if then else Value(),
                    share_value(then),
                    change(then, now),
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.rank.rank or 9999, row.field.text)))
