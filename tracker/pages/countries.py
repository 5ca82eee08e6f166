"""/countries/ and /countries/<code>/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Case, FilteredRelation, Q, When
from django.db.models import Value as Constant

from tracker.analysis.controls import CountryListingRow, IssuedRow, RegimeRow
from tracker.analysis.cooperation import TakingPartRow
from tracker.analysis.cooperation_beside import (
    SIDE_OF,
    RecentRow,
    SideChannelRow,
    guest_cooperation,
    of_side,
    recent_rows,
    side_channels,
    side_cooperation,
    taking_part,
)
from tracker.analysis.countries import (
    CategoryCountRow,
    CountryAround,
    CountryCooperation,
    CountryEditionRow,
    CountryFieldRow,
    CountryPage,
    CountryRow,
    CountryTechnologyRow,
    category_counts,
    compare_link,
    country_field,
    field_movement,
    from_strength_to_gap,
    held_lists,
    margin,
    of_technologies,
    rival_of,
    stated_places,
    strengths_sentence,
)
from tracker.analysis.dual_use import country_around, latest
from tracker.analysis.engagements import EngagementRow
from tracker.analysis.home import LeaderRow, at_least, counted, leader_rows, number_of
from tracker.analysis.leadership import PlaceCount, count_places, share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Cited, EditionRef, Facet, Link, PageModel, Place, Ranks, TableData, Value
from tracker.analysis.similarity import METHOD
from tracker.analysis.technologies import start, the
from tracker.analysis.trade import figures_table
from tracker.history.past import Moment
from tracker.models import BlocMembership, Country, Participation, Score, Source, Tally
from tracker.pages.control_rows import CountryParts, controls_of_country
from tracker.pages.engagement_rows import EngagementParts, engagement_parts
from tracker.pages.home import stated_counts
from tracker.pages.not_found import Moved, NotFound
from tracker.pages.profiles import (
    FieldsRead,
    FrontRead,
    movement_tables,
    newest_fields,
    places_held,
    read_fields,
    read_front,
)
from tracker.pages.rows import (
    CitedBy,
    Editions,
    RankRow,
    RecordReader,
    all_to_cite,
    bloc_place,
    country_place,
    rank_reuse,
    reading_record,
)
from tracker.pages.technologies import EditionStandings, edition_standings
from tracker.pages.trade_rows import FlowParts, flow_parts, of_country


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
        newest = next(iter(reversed(newest_fields(editions))), None)
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
    """Every country (place, region) by code, and the best field of each in one window: one query.

    Ranks that may not be republished are left out, as if they were not known.
    """
    ranked = FilteredRelation("scores", condition=Q(scores__window=window, scores__rank_from__isnull=False))
    countries: dict[str, tuple[Place, str]] = {}
    best: dict[str, _FieldBest] = {}
    withheld = Score.objects.alias(reuse=rank_reuse()).filter(window=window, reuse=Source.Reuse.NO)
    for pk, code, name, region, score, rank, share, slug, field, hidden in (
        Country.objects.annotate(
            ranked=ranked,
            hidden=Case(
                When(ranked__pk__in=withheld.order_by().values("pk"), then=Constant(True)), default=Constant(False)
            ),
        )
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
            "hidden",
        )
    ):
        reader.show("country", [pk])
        countries.setdefault(code, (country_place(code, name), region))
        if rank is not None and not hidden:
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
        found = _find(reader, code)
        place, members = found.place, (found.place,)
        editions = reader.editions
        tallies = reader.tallies(country=found.pk)
        fields = read_fields(reader, Q(country=found.pk), edition=editions.choose(edition))
        front = read_front(reader)
        engagements = _engagements(reader, found)
        surrounding = _read_around(reader, found)
        read = edition_standings(
            reader,
            edition,
            cited_too={
                "tally": [tally.pk for tally in tallies],
                **all_to_cite(fields.to_cite(), front.to_cite(members), engagements.to_cite, surrounding.to_cite),
            },
            read=(fields.entries, fields.keyed),
        )
        fields.cite(read.cited)
        cooperation, cooperation_tables = _cooperation(place, engagements.rows(read.cited), reader.day)
        around, around_tables = surrounding.shown(place, read.cited)
        chosen, name = read.edition, the(place.name)
        address = f"{place.address}?edition={chosen.slug}#table-technologies"
        technologies = tuple(_technology_rows(read, place))
        known = tuple(row for row in technologies if row.rank.known or row.share.known)
        edition_rows = _edition_rows(editions, front, place, tallies, read.cited)
        field_rows = from_strength_to_gap(
            row for link, now, then in fields.rows() if (row := country_field(link, place, now, then))
        )
        held = tuple(places_held(read, members))
        steps, changes = front.movement(members, read.cited)
        peers, alike = fields.peers(place, members)
        return CountryPage(
            title=place.name,
            sentence=_sentence(place, chosen, len(read.entries), edition_rows, field_rows, fields),
            address=place.address,
            trail=(Link("Home", "/"), Link("Countries", "/countries/")),
            edition=chosen,
            editions=editions.of_technologies,
            missing=_missing(place, chosen, len(technologies), len(known), field_rows, fields),
            tables=(
                TableData(
                    "technologies",
                    f"{place.name} in the technologies of the {chosen.name} edition, as far as known to us",
                    ordered(sorted(known, key=_from_strength), sort, CountryTechnologyRow),
                    CountryTechnologyRow,
                    empty=f"Nothing is known to us of {name} in the technologies of this edition.",
                ),
                TableData(
                    "categories",
                    f"{place.name} by category, {chosen.name} edition: counted from rows",
                    category_counts(
                        [(category, one) for _, category, one in held], chosen.slug, table=address, leader=place.code
                    ),
                    CategoryCountRow,
                    empty=f"Nothing is known to us of {name} in any category of this edition.",
                ),
                TableData(
                    "fields",
                    f"{place.name} in research fields, from strength to gap: {fields.newest_years}, and what changed "
                    f"since {fields.first_years}",
                    field_rows,
                    CountryFieldRow,
                    empty="No field has a value: its source does not give every year of a window.",
                ),
                *movement_tables(place.name, "it", steps, changes),
                peers,
                TableData("editions", f"{place.name} in every edition", edition_rows, CountryEditionRow),
                *cooperation_tables,
                *around_tables,
            ),
            place=place,
            region=found.region,
            note=found.note,
            blocs=found.blocs,
            held=held_lists(held),
            stated=stated_places(next(row for row in edition_rows if row.edition.address == chosen.address)),
            strengths=strengths_sentence(place.name, field_rows, fields.newest_years),
            movement=field_movement(field_rows, (fields.first_years, fields.newest_years), fields.too_high),
            alike=alike,
            method=METHOD,
            compare=compare_link(
                place, rival_of(members, [now.leader for now in read.standings.values()]), edition and chosen.slug
            ),
            cooperation=cooperation,
            around=around,
            stamp=reader.stamp(),
        )


@dataclass(frozen=True)
class _Around:
    """A country in controls and in trade, as stored."""

    controls: CountryParts
    flows: FlowParts

    @property
    def to_cite(self) -> dict[str, list[int]]:
        return all_to_cite(self.controls.to_cite, self.flows.to_cite)

    def shown(self, place: Place, cited: CitedBy) -> tuple[CountryAround, tuple[TableData, ...]]:
        """What may be shown: in words, and tables."""
        found, flows = self.controls.rows(cited), self.flows.rows(cited)
        name = the(place.name)
        tables = (
            TableData("regimes", f"{place.name}: its part in regimes", found.regimes, RegimeRow),
            TableData(
                "listings",
                f"Organisations of {name} on lists, in our collection",
                found.listings,
                CountryListingRow,
                empty=f"No organisation of {name} stands on a list in our collection.",
            ),
            TableData("issued", f"Controls of {name} in our collection", found.issued, IssuedRow),
            figures_table(
                latest(flows),
                f"Published figures of trade that name {name}: the newest",
                name="trade",
                empty=f"No published figure of trade in our collection names {name}.",
            ),
        )
        return country_around(place, found, flows), tables


def _read_around(reader: RecordReader, found: _Found) -> _Around:
    """Two queries."""
    return _Around(controls_of_country(reader, found.pk), flow_parts(reader, of_country(found.place.code)))


@dataclass(frozen=True)
class _Found:
    pk: int
    place: Place
    region: str
    note: str
    blocs: tuple[Link, ...]


def _find(reader: RecordReader, code: str) -> _Found:
    """The country, and the blocs it is a member of on the day of the page: one query. Raises NotFound."""
    rows = tuple(
        Country.objects.filter(code=code.upper())
        .order_by("memberships__bloc__name", "memberships__pk")
        .values_list(
            "pk",
            "code",
            "name",
            "region",
            "note",
            "memberships__pk",
            "memberships__since",
            "memberships__until",
            "memberships__bloc__pk",
            "memberships__bloc__slug",
            "memberships__bloc__name",
        )
    )
    if not rows:
        raise NotFound(f"No country has the code “{code[:10]}”.", (Link("All countries", "/countries/"),))
    pk, its_code, name, region, note = rows[0][:5]
    reader.show("country", [pk])
    blocs = []
    for *_, membership, since, until, bloc, slug, bloc_name in rows:
        if membership is not None and BlocMembership(since=since, until=until).covers(reader.day):
            reader.show("blocmembership", [membership])
            reader.show("bloc", [bloc])
            its_bloc = bloc_place(slug, bloc_name)
            blocs.append(Link(its_bloc.name, its_bloc.address))
    return _Found(pk, country_place(its_code, name), region, note, tuple(dict.fromkeys(blocs)))


def _engagements(reader: RecordReader, found: _Found) -> EngagementParts:
    """Of China and of Russia every engagement, of other countries those that name one of their organisations.

    Without the technologies: two queries.
    """
    if found.place.code in SIDE_OF:
        return engagement_parts(reader, subjects=False)
    own = Participation.objects.filter(organisation__country=found.pk).order_by().values("engagement")
    return engagement_parts(reader, Q(pk__in=own), subjects=False)


def _cooperation(
    place: Place, rows: tuple[EngagementRow, ...], today: str
) -> tuple[CountryCooperation | None, tuple[TableData, ...]]:
    """What is recorded of the cooperation of China and Russia, as far as it is the country's: in words, and tables."""
    side = SIDE_OF.get(place.code)
    if side is None:
        bodies = taking_part(place, rows)
        caption = f"Organisations of {the(place.name)} named in engagements of China and Russia"
        table = TableData("organisations", caption, bodies, TakingPartRow)
        return guest_cooperation(place, bodies), (table,) if bodies else ()
    own = of_side(rows, side)
    return side_cooperation(place, side, own, rows), (
        TableData(
            "channels",
            f"{place.name}: engagements in our collection that name an organisation of its side, by channel",
            side_channels(own, side),
            SideChannelRow,
            empty="No engagement is in our collection yet.",
        ),
        TableData(
            "recent",
            f"{place.name}: the newest of these engagements",
            recent_rows(own, today),
            RecentRow,
            empty="No engagement is in our collection yet.",
        ),
    )


def _sentence(
    place: Place,
    edition: EditionRef,
    covered: int,
    editions: tuple[CountryEditionRow, ...],
    field_rows: tuple[CountryFieldRow, ...],
    fields: FieldsRead,
) -> str:
    here = next(row for row in editions if row.edition.address == edition.address)
    text = f"{start(place.name)} leads {here.led.text if here.led.known else 'none known to us'} of "
    text += of_technologies(edition, covered)
    if here.stated_led.known and here.stated_led.content != here.led.content:
        text += f" (stated: {here.stated_led.text})"
    valued = [row for row in field_rows if row.rank.known]
    if valued:
        led = sum(row.rank.rank == 1 for row in valued)
        every = len(valued) == len(fields.rows())
        text += (
            f", and {led} of {len(valued)} research fields {'' if every else 'with a value '}in {fields.newest_years}"
        )
    return f"{text}."


def _missing(
    place: Place,
    edition: EditionRef,
    technologies: int,
    known: int,
    field_rows: tuple[CountryFieldRow, ...],
    fields: FieldsRead,
) -> tuple[str, ...]:
    """What the page cannot say, in sentences."""
    missing = []
    if known < technologies:
        missing.append(
            f"Its rank or share in {technologies - known} of {technologies} technologies of the {edition.name} edition."
        )
    if any(one.ranks_gained.known for one in field_rows):
        missing.append(
            "Ranks in fields count the countries with a value in that window, not the same ones in each: a rank far "
            "down is not quite comparable over time."
        )
    told = {row.field for row in field_rows if row.rank.known or row.rank.withheld}
    without = [link for link, _, _ in fields.rows() if link not in told]
    if without:
        missing.append(
            f"A value in {len(without)} of {len(fields.rows())} research fields in {fields.newest_years}: a source does "
            "not give every year. Each field's page says which years and why."
        )
    return tuple(missing)


def _edition_rows(
    editions: Editions, front: FrontRead, place: Place, tallies: tuple[Tally, ...], cited: CitedBy
) -> tuple[CountryEditionRow, ...]:
    """A country's counts in each edition's own window: from rows, and as stated."""
    rows = []
    for ref in editions.of_technologies:
        ranks = front.of(ref)
        own = count_places((row.technology_pk, place, row.ranks) for row in ranks if row.place == place)
        count = own.get(place, PlaceCount(0, 0, 0))
        said = stated_counts(tuple(t for t in tallies if t.window.edition.slug == ref.slug), cited)
        address = f"/technologies/?edition={ref.slug}"
        led_address = f"{address}&leader={place.code.lower()}" if count.led else address
        unknown = front.unknown_leaders(ref)
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
        share = share_value(own)
        yield CountryTechnologyRow(
            technology=entry.technology,
            category=entry.category.text if entry.category else "",
            rank=rank,
            share=share,
            leader=now.leader,
            margin=margin(place, share, now),
            note=own.note if own else "",
        )


def _from_strength(row: CountryTechnologyRow) -> tuple[int, int, Decimal]:
    """By rank, a rank that is known exactly first, then by share."""
    ranks, share = row.rank.content, row.share.content
    known = isinstance(ranks, Ranks)
    worst, width = (ranks.last, ranks.last - ranks.first) if isinstance(ranks, Ranks) and known else (9999, 0)
    return (worst, width, -share if isinstance(share, Decimal) else Decimal(0))
