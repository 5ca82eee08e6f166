"""/blocs/ and /blocs/<slug>/."""

from __future__ import annotations

from collections import Counter

from tracker.analysis.blocs import BlocFieldRow, BlocListRow, BlocPage, BlocScoreRow, MemberRow, bloc_share
from tracker.analysis.leadership import share_value
from tracker.analysis.read_model import Link, PageModel, TableData, Value
from tracker.analysis.technologies import the
from tracker.history.past import Moment
from tracker.models import Bloc, BlocMembership
from tracker.pages.home import tallies_table
from tracker.pages.not_found import NotFound
from tracker.pages.rows import bloc_place, cited_scores, country_place, reading_record


def bloc_list(*, at: Moment | None = None) -> PageModel:
    """All blocs with their number of members today."""
    with reading_record(at, editions=False) as reader:
        blocs = tuple(Bloc.objects.order_by("name", "pk"))
        members = Counter(
            membership.bloc_id for membership in BlocMembership.objects.all() if membership.covers(reader.day)
        )
        reader.show_all("blocmembership")
        reader.show("bloc", [bloc.pk for bloc in blocs])
        return PageModel(
            title="Blocs",
            sentence=f"{len(blocs)} groups of countries, each with its dated membership.",
            address="/blocs/",
            trail=(Link("Home", "/"), Link("Countries", "/countries/")),
            tables=(
                TableData(
                    "blocs",
                    "Blocs and their members today",
                    tuple(
                        BlocListRow(
                            bloc_place(bloc.slug, bloc.name),
                            bloc.short_name,
                            members[bloc.pk],
                            bloc.description,
                        )
                        for bloc in blocs
                    ),
                    BlocListRow,
                ),
            ),
            stamp=reader.stamp(),
        )


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
                BlocFieldRow(links[technology], share, known, ", ".join(place.name for place in without))
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
        name = the(found.name)
        return BlocPage(
            title=found.name,
            sentence=f"{name[0].upper()}{name[1:]}: {len(today)} members today.",
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
