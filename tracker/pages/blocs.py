"""/blocs/ and /blocs/<slug>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q

from tracker.analysis.blocs import (
    BlocFieldRow,
    BlocListRow,
    BlocPage,
    BlocScoreRow,
    MemberRow,
    bloc_field,
    bloc_from_strength_to_gap,
    bloc_movement,
    bloc_strengths,
)
from tracker.analysis.countries import (
    CategoryCountRow,
    category_counts,
    compare_link,
    held_lists,
    of_technologies,
    rival_of,
)
from tracker.analysis.home import at_least, counted
from tracker.analysis.leadership import share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, Link, PageModel, TableData, Value
from tracker.analysis.similarity import METHOD
from tracker.analysis.technologies import start, the
from tracker.history.past import Moment
from tracker.models import Bloc, BlocMembership
from tracker.pages.countries import unknown_leaders
from tracker.pages.home import tallies_table
from tracker.pages.not_found import NotFound
from tracker.pages.profiles import FieldsRead, movement_tables, places_held, read_fields, read_front
from tracker.pages.rows import (
    CitedBy,
    Editions,
    KeyedScore,
    RecordReader,
    all_to_cite,
    bloc_place,
    cited_scores,
    country_place,
    reading_record,
)
from tracker.pages.technologies import edition_standings


def bloc_list(*, edition: str = "", sort: str = "", at: Moment | None = None) -> PageModel:
    """All blocs with their members today, and how many technologies these lead. Raises NotFound, UnknownSortKey."""
    with reading_record(at) as reader:
        chosen = reader.editions.choose(edition)
        blocs = tuple(Bloc.objects.order_by("name", "pk"))
        members: dict[int, set[str]] = defaultdict(set)
        for membership in BlocMembership.objects.select_related("country"):
            if membership.covers(reader.day):
                members[membership.bloc_id].add(membership.country.code)
        reader.show_all("blocmembership")
        reader.show("bloc", [bloc.pk for bloc in blocs])
        leaders, unknown = _leaders(reader, chosen)
        rows = tuple(
            BlocListRow(
                bloc_place(bloc.slug, bloc.name),
                bloc.short_name,
                counted(len(members[bloc.pk]), bloc.get_absolute_url()),
                _led_by(members[bloc.pk], leaders, unknown, chosen),
                bloc.description,
            )
            for bloc in blocs
        )
        return PageModel(
            title="Blocs",
            sentence=f"{len(blocs)} groups of countries, each with its dated membership, and the technologies of the "
            f"{chosen.name} edition that its members of today lead.",
            address="/blocs/",
            trail=(Link("Home", "/"), Link("Countries", "/countries/")),
            edition=chosen,
            editions=reader.editions.of_technologies,
            tables=(
                TableData(
                    "blocs",
                    f"Blocs, their members today, and technologies led by a member: {chosen.name}",
                    ordered(rows, sort, BlocListRow),
                    BlocListRow,
                ),
            ),
            stamp=reader.stamp(),
        )


def _leaders(reader: RecordReader, edition: EditionRef) -> tuple[dict[str, set[int]], int]:
    """Technologies led in an edition by country code, and how many have no leader known to us."""
    window = reader.editions.window(edition)
    ranks = reader.ranks(best=1, window=window.pk if window else 0)
    led: dict[str, set[int]] = defaultdict(set)
    for row in ranks:
        if row.ranks.last == 1:
            led[row.country].add(row.technology)
    return led, unknown_leaders(edition, ranks)


def _led_by(members: Iterable[str], leaders: Mapping[str, set[int]], unknown: int, edition: EditionRef) -> Value:
    """How many technologies the members lead: a lower bound while leaders are unknown."""
    number = len(set().union(*(leaders.get(code, ()) for code in members)))
    return (at_least if unknown else counted)(number, f"/technologies/?edition={edition.slug}&sort=leader")


def bloc(*, slug: str, edition: str = "", at: Moment | None = None) -> BlocPage:
    """One bloc: what its members of today lead, their shares added up, where a source counts it as one.

    Raises NotFound.
    """
    with reading_record(at) as reader:
        found, memberships = _find(reader, slug)
        place = bloc_place(found.slug, found.name)
        today = {
            m.country_id: country_place(m.country.code, m.country.name) for m in memberships if m.covers(reader.day)
        }
        members = tuple(today.values())
        editions = reader.editions
        tallies = reader.tallies(bloc=found.pk)
        fields = read_fields(reader, Q(country__in=today), too=Q(bloc=found.pk))
        ranked = [score for score in fields.keyed if score.row.place == place]
        front = read_front(reader)
        read = edition_standings(
            reader,
            edition,
            cited_too={
                "blocmembership": [m.pk for m in memberships],
                "tally": [tally.pk for tally in tallies],
                **all_to_cite(fields.to_cite(), front.to_cite(members)),
            },
        )
        cited, chosen = read.cited, read.edition
        fields.cite(cited)
        members_address = f"{place.address}#table-members"
        field_rows = bloc_from_strength_to_gap(
            bloc_field(link, members, now, then, members_address) for link, now, then in fields.rows()
        )
        held = tuple(places_held(read, members))
        leads = sum(one.ranks is not None and one.ranks.last == 1 for _, _, one in held)
        led = (at_least if front.unknown_leaders(chosen) else counted)(
            leads, f"/technologies/?edition={chosen.slug}&sort=leader"
        )
        steps, changes = front.movement(members, cited)
        peers, alike = fields.peers(place, members)
        return BlocPage(
            title=found.name,
            sentence=f"{start(found.name)}: {len(members)} members today, which lead "
            f"{led.text if led.known else 'none known to us'} of {of_technologies(chosen, len(read.entries))}.",
            led=led,
            address=place.address,
            trail=(Link("Home", "/"), Link("Countries", "/countries/"), Link("Blocs", "/blocs/")),
            edition=chosen,
            editions=editions.of_technologies,
            place=place,
            description=found.description,
            note=found.note,
            missing=(
                "A bloc's share is the sum of its members' known shares; it says “at least” where a member's is "
                "unknown. For technologies too few shares are known to us to add them up.",
            ),
            tables=(
                TableData(
                    "members",
                    f"Members of {the(found.name)}, with the dates of their membership",
                    tuple(_member_row(m, cited) for m in memberships),
                    MemberRow,
                ),
                TableData(
                    "categories",
                    f"Today's members of {the(found.name)} by category, {chosen.name} edition: each technology counts "
                    "once, for its best member",
                    category_counts(
                        [(category, one) for _, category, one in held],
                        chosen.slug,
                        table=f"{chosen.address}#table-scores",
                    ),
                    CategoryCountRow,
                    empty="Nothing is known to us of its members in any category of this edition.",
                ),
                TableData(
                    "fields",
                    f"Research fields, from strength to gap: the sum of the shares of today's members in "
                    f"{fields.newest_years}, and in {fields.first_years}",
                    field_rows,
                    BlocFieldRow,
                ),
                *movement_tables(f"Today's members of {the(found.name)}", "a member", steps, changes),
                peers,
                TableData(
                    "technologies",
                    f"Where a source counts {the(found.name)} as one place",
                    _ranked_rows(editions, fields, ranked, cited),
                    BlocScoreRow,
                    empty="We have seen no rank or share of it as one place.",
                ),
                tallies_table(
                    f"Counts that editions state of {the(found.name)}",
                    tallies,
                    editions,
                    cited,
                    "No edition states a count of it.",
                ),
            ),
            members=tuple(Link(member.name, member.address) for member in members),
            held=held_lists(held, name_holder=True),
            strengths=bloc_strengths(field_rows, fields.newest_years),
            movement=bloc_movement(field_rows, (fields.first_years, fields.newest_years), fields.too_high),
            alike=alike,
            method=METHOD,
            # The comparison knows no side without a member.
            compare=compare_link(
                place, rival_of(members, [now.leader for now in read.standings.values()]), edition and chosen.slug
            )
            if members
            else None,
            stamp=reader.stamp(),
        )


def _find(reader: RecordReader, slug: str) -> tuple[Bloc, tuple[BlocMembership, ...]]:
    """The bloc with all its memberships, by country. Raises NotFound."""
    memberships = tuple(
        BlocMembership.objects.filter(bloc__slug=slug)
        .select_related("bloc", "country")
        .order_by("country__name", "since", "pk")
    )
    # A bloc without any member is asked for itself.
    found = memberships[0].bloc if memberships else Bloc.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(
            f"There is no bloc “{slug[:60]}”.",
            tuple(Link(one.name, one.get_absolute_url()) for one in Bloc.objects.order_by("name")),
        )
    reader.show("bloc", [found.pk])
    reader.show("blocmembership", [m.pk for m in memberships])
    reader.show("country", [m.country_id for m in memberships])
    return found, memberships


def _member_row(membership: BlocMembership, cited: CitedBy) -> MemberRow:
    citations = cited.get(("blocmembership", membership.pk), ())
    return MemberRow(
        country_place(membership.country.code, membership.country.name),
        membership.since,
        membership.until,
        membership.note,
        Value(f"{len(citations)} cited" if citations else None, cited=citations),
    )


def _ranked_rows(
    editions: Editions, fields: FieldsRead, ranked: list[KeyedScore], cited: CitedBy
) -> tuple[BlocScoreRow, ...]:
    """Where a source counts the bloc as one place."""
    links = {entry.technology_pk: entry.technology for entry in fields.entries}
    windows = {window.pk: window for window in editions.windows}
    rows = []
    for (window, technology), scores in cited_scores(ranked, cited, (), editions).items():
        edition = editions.get(windows[window].edition)
        rows.append(
            BlocScoreRow(
                links[technology],
                Link(edition.name, edition.address),
                windows[window].years,
                scores[0].rank,
                share_value(scores[0]),
                scores[0].note,
            )
        )
    return tuple(rows)
