"""What the profiles of countries and of blocs have in common: the reading, and the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain

from django.db.models import Q

from tracker.analysis.countries import (
    Held,
    LeadChangeRow,
    LeadStepRow,
    LeadTold,
    best_held,
    change_rows,
    lead_changes,
    lead_steps,
)
from tracker.analysis.leadership import ScoreRow, known_ranks
from tracker.analysis.read_model import Cited, EditionRef, Link, Place, Ranks, TableData, citing, stated
from tracker.analysis.similarity import PeerRow, alike_sentence, partial, peer_rows
from tracker.analysis.technologies import the
from tracker.pages.rows import TOO_MUCH, CitedBy, Editions, EntryRow, FrontRow, KeyedScore, RecordReader, cited_scores
from tracker.pages.technologies import EditionStandings


def places_held(read: EditionStandings, members: Collection[Place]) -> Iterator[tuple[Link, Link | None, Held]]:
    """Every technology of an edition with its category and the best rank known of the members."""
    ranks: dict[int, list[tuple[Place, Ranks]]] = defaultdict(list)
    for technology, place, rank in known_ranks(read.standings, read.scores):
        ranks[technology].append((place, rank))
    for entry in read.entries:
        scores = read.scores.get(entry.technology_pk, ())
        shares = any(row.place in members and row.share is not None for row in scores)
        held = best_held(ranks[entry.technology_pk], members, share_known=shares)
        yield entry.technology, entry.category, held


class FrontRead:
    """Who leads and who is second in the own window of every edition of technologies."""

    def __init__(self, editions: Editions, rows: Iterable[FrontRow]) -> None:
        self._editions = editions
        of_window = {window.pk: ref for ref in editions.of_technologies if (window := editions.window(ref))}
        self._rows: dict[str, list[FrontRow]] = defaultdict(list)
        for row in rows:
            self._rows[of_window[row.window].slug].append(row)

    def of(self, edition: EditionRef) -> list[FrontRow]:
        return self._rows[edition.slug]

    def unknown_leaders(self, edition: EditionRef) -> int:
        """How many technologies of an edition have no leader known to us, by its own number of technologies."""
        led = {row.technology_pk for row in self.of(edition) if row.ranks.last == 1}
        return max(0, (edition.technology_count or len(led)) - len(led))

    def _contested(self, members: Collection[Place]) -> set[int]:
        """Technologies that a member leads in one edition, and somebody else in another."""
        sides: dict[int, set[bool]] = defaultdict(set)
        for row in chain.from_iterable(self._rows.values()):
            if row.ranks.last == 1:
                sides[row.technology_pk].add(row.place in members)
        return {technology for technology, found in sides.items() if len(found) == 2}

    def to_cite(self, members: Collection[Place]) -> dict[str, list[int]]:
        """The records whose citations `movement` needs, by kind."""
        contested = self._contested(members)
        wanted: dict[str, list[int]] = defaultdict(list)
        for row in chain.from_iterable(self._rows.values()):
            if row.technology_pk in contested and row.ranks.last == 1:
                wanted[row.kind].append(row.pk)
        return wanted

    def movement(
        self, members: Collection[Place], cited: CitedBy
    ) -> tuple[tuple[LeadStepRow, ...], tuple[LeadChangeRow, ...]]:
        """Leads gained and lost from edition to edition, never across two series."""
        steps: list[LeadStepRow] = []
        rows: list[LeadChangeRow] = []
        contested = self._contested(members)
        every = self._editions.of_technologies
        for series in dict.fromkeys(ref.series for ref in every):
            refs = tuple(ref for ref in every if ref.series == series)
            leads = {ref.slug: self._leads(ref, contested, cited) for ref in refs}
            changes = tuple(lead_changes(refs, leads))
            steps += lead_steps(refs, leads, changes, members)
            rows += change_rows(changes, members)
        return tuple(steps), tuple(rows)

    def _leads(self, edition: EditionRef, contested: set[int], cited: CitedBy) -> dict[int, LeadTold]:
        """The known leaders of an edition; with who says so where `to_cite` asked for it."""
        first = [row for row in self.of(edition) if row.ranks.last == 1]
        says: dict[int, list[Cited]] = defaultdict(list)
        for row in first:
            says[row.technology_pk] += citing(cited.get((row.kind, row.pk), ()), "rank_from", "lead_country")
        found: dict[int, LeadTold] = {}
        for row in first:
            citations = citing(says[row.technology_pk], "rank_from", "lead_country")
            leader = stated(row.place, citations if row.technology_pk in contested else (), basis=row.basis)
            if leader.known:
                found.setdefault(row.technology_pk, LeadTold(row.technology, leader))
        return found


def read_front(reader: RecordReader) -> FrontRead:
    """Reads who is first or second in every edition of technologies: one query, however many there are."""
    editions = reader.editions
    windows = [window.pk for ref in editions.of_technologies if (window := editions.window(ref))]
    return FrontRead(editions, reader.front_ranks(best=2, window__in=windows))


def movement_tables(
    name: str, who: str, steps: tuple[LeadStepRow, ...], changes: tuple[LeadChangeRow, ...]
) -> tuple[TableData, TableData]:
    """Leads gained and lost, counted by edition and one by one; `who` leads, within a sentence."""
    return (
        TableData(
            "steps",
            f"{name}: leads gained and lost, among technologies whose leader is known to us in an edition and an "
            "earlier one",
            steps,
            LeadStepRow,
            empty=f"We know of no edition in which {who} leads a technology.",
        ),
        TableData(
            "changes",
            f"{name}: technologies whose lead was gained or lost, the newest first",
            changes,
            LeadChangeRow,
            empty="No gained or lost lead is known to us.",
        ),
    )


class FieldsRead:
    """The research fields: the newest window of their series whole, and a part of its first."""

    def __init__(
        self,
        editions: Editions,
        ends: tuple[EditionRef, ...],
        keyed: tuple[KeyedScore, ...],
        entries: tuple[EntryRow, ...],
        remainders: Mapping[tuple[int, int], Decimal],
    ) -> None:
        self._editions, self._ends, self.keyed, self.entries = editions, ends, keyed, entries
        self._remainders = remainders
        slugs = {ref.slug for ref in ends}
        self._of_ends = tuple(entry for entry in entries if entry.edition in slugs)
        self._windows = tuple(window.pk if (window := editions.window(ref)) else 0 for ref in ends)
        self._links = {entry.technology_pk: entry.technology for entry in self._of_ends}
        self._scores: Mapping[tuple[int, int], Sequence[ScoreRow]] = {}

    @property
    def newest_years(self) -> str:
        return self._ends[-1].years if self._ends else ""

    @property
    def first_years(self) -> str:
        return self._ends[0].years if self._ends else ""

    def to_cite(self) -> dict[str, list[int]]:
        """The records whose citations `cite` needs, by kind: the scores, and the entries from whose sources they are
        computed."""
        return {
            "editiontechnology": [entry.pk for entry in self._of_ends],
            "score": [score.pk for score in self.keyed],
        }

    def cite(self, cited: CitedBy) -> None:
        """Gives the scores their own citations, else those of their edition's entry: before that they are not to be
        shown."""
        keyed = [score for score in self.keyed if score.row.place.kind == "country"]
        self._scores = cited_scores(keyed, cited, self._of_ends, self._editions)

    def rows(self) -> tuple[tuple[Link, Sequence[ScoreRow], Sequence[ScoreRow]], ...]:
        """Every field: its link, the scores of the newest window, those of the first (none if it is the same)."""
        if not self._windows:
            return ()
        first, newest = self._windows[0], self._windows[-1]
        return tuple(
            (link, self._scores.get((newest, pk), ()), self._scores.get((first, pk), ()) if first != newest else ())
            for pk, link in self._links.items()
        )

    @property
    def too_high(self) -> tuple[str, ...]:
        """Fields in which the shares of all countries in the first window add up to clearly more than 100 per cent."""
        return tuple(
            self._links[field].text
            for (_, field), left in self._remainders.items()
            if left < -TOO_MUCH and field in self._links
        )

    def names(self) -> tuple[str, ...]:
        return tuple(link.text for link in self._links.values())

    def profiles(self) -> dict[Place, dict[str, Decimal]]:
        """Every country's shares by field in the newest window, countries by name."""
        found: dict[Place, dict[str, Decimal]] = defaultdict(dict)
        for link, now, _ in self.rows():
            for row in now:
                if row.share is not None:
                    found[row.place][link.text] = row.share
        return dict(sorted(found.items(), key=lambda pair: pair[0].name))

    def peers(self, place: Place, members: Collection[Place]) -> tuple[TableData, str]:
        """The countries most alike as a table, and in a sentence."""
        profiles, names = self.profiles(), self.names()
        cited = citing(chain.from_iterable(row.cited for _, now, _ in self.rows() for row in now[:1]))
        slug = self._ends[-1].slug if self._ends else ""
        found = peer_rows(place, members, profiles, names, edition=slug, cited=cited)
        of = the(place.name)
        if place.kind == "bloc" and partial(members, profiles, names):
            of += ", of its members with known shares,"
        table = TableData(
            "peers",
            f"Profiles most like that of {of} over the research fields, {self.newest_years}",
            found,
            PeerRow,
            empty="There is no country to compare its profile with.",
        )
        return table, alike_sentence(place, members, profiles, names, found)


def newest_fields(editions: Editions) -> tuple[EditionRef, ...]:
    """The published editions of the series of fields that reaches the latest year, by their own windows, oldest
    first; of the same years the newest last. Editions of fields may have no release date."""

    def years(ref: EditionRef) -> tuple[int, int]:
        window = editions.window(ref)
        return (window.last_year, window.first_year) if window else (0, 0)

    newest = max(reversed(editions.of_fields), key=years, default=None)
    return tuple(sorted((ref for ref in editions.of_fields if newest and ref.series == newest.series), key=years))


def read_fields(
    reader: RecordReader, of_first: Q, *, too: Q | None = None, edition: EditionRef | None = None
) -> FieldsRead:
    """Reads the newest window of the fields whole, and what fits `of_first` in the first of its series.

    `too`: more scores to read, with the entries of their technologies. `edition`: one to read whole with them, in
    its own window. Three queries.
    """
    editions = reader.editions
    ends: tuple[EditionRef, ...] = ()
    if series := newest_fields(editions):
        ends = (series[0],) if len(series) == 1 else (series[0], series[-1])
    windows = [window.pk for ref in ends if (window := editions.window(ref))]
    wanted = too or Q(pk__in=[])
    if windows:
        wanted |= Q(window=windows[-1], country__isnull=False) | (Q(window=windows[0]) & of_first)
    in_them = Q(edition__in=[editions.pk(ref) for ref in ends])
    if edition is not None:
        in_them |= Q(edition=editions.pk(edition))
        if window := editions.window(edition):
            wanted |= Q(window=window.pk)
    keyed = reader.scores(wanted)
    if too is not None:
        in_them |= Q(technology__in={score.technology_pk for score in keyed if score.window not in windows})
    sums = reader.remainders(window__in=windows[:1])
    return FieldsRead(editions, ends, keyed, reader.entries(in_them), sums)
