"""/blocs/ and /blocs/<slug>/."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from tracker.analysis.blocs import BlocFieldRow, BlocListRow, BlocPage, BlocScoreRow, MemberRow, bloc_share
from tracker.analysis.home import at_least, counted
from tracker.analysis.leadership import share_value
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, Link, PageModel, TableData, Value
from tracker.analysis.technologies import start, the
from tracker.history.past import Moment
from tracker.models import Bloc, BlocMembership
from tracker.pages.countries import unknown_leaders
from tracker.pages.home import tallies_table
from tracker.pages.not_found import NotFound
from tracker.pages.rows import RecordReader, bloc_place, cited_scores, country_place, reading_record


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


def _leaders(reader: RecordReader, edition: EditionRef) -> tuple[Counter[str], int]:
    """Technologies led in an edition by country code, and how many have no leader known to us."""
    window = reader.editions.window(edition)
    ranks = reader.ranks(best=1, window=window.pk if window else 0)
    return Counter(code for _, code in {(row.technology, row.country) for row in ranks}), unknown_leaders(
        edition, ranks
    )


def _led_by(members: Iterable[str], leaders: Counter[str], unknown: int, edition: EditionRef) -> Value:
    """How many technologies the members lead: a lower bound while leaders are unknown."""
    number = sum(leaders[code] for code in members)
    return (at_least if unknown else counted)(number, f"/technologies/?edition={edition.slug}&sort=leader")


def bloc(*, slug: str, at: Moment | None = None) -> BlocPage:
    """One bloc: members with dates, where a source ranks it as one, the sum of shares per field. Raises NotFound."""
    with reading_record(at) as reader:
        found = Bloc.objects.filter(slug=slug).first()
        if found is None:
            raise NotFound(
                f"There is no bloc “{slug[:60]}”.",
                tuple(Link(one.name, one.get_absolute_url()) for one in Bloc.objects.order_by("name")),
            )
        reader.show("bloc", [found.pk])
        editions = reader.editions
        memberships = tuple(
            BlocMembership.objects.filter(bloc=found.pk).select_related("country").order_by("country__name", "since")
        )
        reader.show("blocmembership", [m.pk for m in memberships])
        today = {
            m.country_id: country_place(m.country.code, m.country.name) for m in memberships if m.covers(reader.day)
        }
        newest = editions.of_fields[-1:]
        window = editions.window(newest[0]) if newest else None
        ranked = reader.scores(bloc=found.pk)
        fields = reader.scores(window=window.pk if window else 0, country__in=today)
        tallies = reader.tallies(bloc=found.pk)
        entries = reader.entries(edition=editions.pk(newest[0])) if newest else ()
        ranked_entries = reader.entries(technology__in={score.technology_pk for score in ranked})
        cited = reader.citations(
            {
                "blocmembership": [m.pk for m in memberships],
                "score": [score.pk for score in ranked],
                "tally": [tally.pk for tally in tallies],
                "editiontechnology": [entry.pk for entry in entries],
            }
        )
        windows = {w.pk: w for w in editions.windows}
        to_edition = editions.edition_pks()
        by_entry = {(editions.pk(editions.get(e.edition)), e.technology_pk): e.pk for e in entries}
        by_field = cited_scores(fields, cited, by_entry, to_edition)
        links = {entry.technology_pk: entry.technology for entry in (*entries, *ranked_entries)}
        field_rows = []
        for (_, technology), rows in by_field.items():
            share, known, without = bloc_share(today.values(), {row.place: row for row in rows})
            field_rows.append(
                BlocFieldRow(
                    links[technology],
                    share,
                    counted(known, f"{found.get_absolute_url()}#table-members"),
                    ", ".join(place.name for place in without),
                )
            )
        field_rows.sort(key=lambda row: row.field.text)
        own = cited_scores(ranked, cited, {}, to_edition)
        score_rows = tuple(
            BlocScoreRow(
                links[technology],
                Link(editions.get(windows[w].edition).name, editions.get(windows[w].edition).address),
                windows[w].years,
                rows[0].rank,
                share_value(rows[0]),
                rows[0].note,
            )
            for (w, technology), rows in own.items()
        )
        featured = editions.choose("")
        leaders, unknown = _leaders(reader, featured)
        led = _led_by({place.code for place in today.values()}, leaders, unknown, featured)
        name = the(found.name)
        return BlocPage(
            title=found.name,
            sentence=f"{start(found.name)}: {len(today)} members today, which lead "
            f"{led.text if led.known else 'none known to us'} of {featured.technology_count} technologies in the "
            f"{featured.name} edition.",
            led=led,
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Countries", "/countries/"), Link("Blocs", "/blocs/")),
            place=bloc_place(found.slug, found.name),
            description=found.description,
            note=found.note,
            missing=(
                "A bloc's share is the sum of its members' known shares; it says “at least” where a member's is "
                "unknown. For technologies too few shares are known to us to add them up.",
            ),
            tables=(
                TableData(
                    "members",
                    f"Members of {name}, with the dates of their membership",
                    tuple(
                        MemberRow(
                            country_place(m.country.code, m.country.name),
                            m.since,
                            m.until,
                            m.note,
                            Value(
                                f"{len(c)} cited" if (c := cited.get(("blocmembership", m.pk), ())) else None, cited=c
                            ),
                        )
                        for m in memberships
                    ),
                    MemberRow,
                ),
                TableData(
                    "technologies",
                    f"Where a source counts {name} as one place",
                    score_rows,
                    BlocScoreRow,
                    empty="We have seen no rank or share of it as one place.",
                ),
                tallies_table(
                    f"Counts that editions state of {name}",
                    tallies,
                    editions,
                    cited,
                    "No edition states a count of it.",
                ),
                TableData(
                    "fields",
                    f"Research fields: the sum of the shares of today's members, {newest[0].years if newest else ''}",
                    tuple(field_rows),
                    BlocFieldRow,
                ),
            ),
            stamp=reader.stamp(),
        )
