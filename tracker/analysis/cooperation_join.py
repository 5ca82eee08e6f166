"""The join: the technologies that engagements touch, and who leads them.

Who leads is told by one edition at a time. Of Russia little is known in technologies, so the wider research fields,
in which its shares can be computed, stand beside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.analysis.blocs import bloc_share
from tracker.analysis.cooperation import listing, states_said, tally, touched_categories
from tracker.analysis.engagements import EngagementRow, countable
from tracker.analysis.home import number_of
from tracker.analysis.leadership import ScoreRow, Standing, share_value
from tracker.analysis.read_model import EditionRef, Link, Place, Ranks, Value
from tracker.analysis.technologies import joined, lower_first, the

CHINA, RUSSIA = "CN", "RU"


@dataclass(frozen=True)
class TechnologyStanding:
    """Who leads a technology in one edition, and what is known of each country there.

    `edition` is the page's own; where that one does not cover the technology, the newest that tells us the leader.
    """

    edition: EditionRef
    now: Standing
    scores: tuple[ScoreRow, ...] = ()

    def of(self, code: str) -> ScoreRow | None:
        """The country's score; None where nothing is known of it."""
        return next((row for row in self.scores if row.place.kind == "country" and row.place.code == code), None)

    def leads(self, code: str) -> bool:
        leader = self.now.leader.content
        return isinstance(leader, Place) and leader.code == code


@dataclass(frozen=True)
class TechnologyRef:
    """A tracked technology and its own category (the newest edition's group), as (slug, name)."""

    pk: int
    slug: str
    link: Link
    category: Link
    category_slug: str


@dataclass(frozen=True)
class TouchedRow:
    """A technology: how many engagements touch it and in which states, and who leads it. Shares are per cent."""

    technology: Link
    category: Link | None
    engagements: Value
    states: str
    leader: Value
    firmness: str
    china_share: Value
    russia_share: Value
    combined: Value
    edition: Link

    @property
    def number(self) -> int:
        return number_of(self.engagements)


def combined_share(one: ScoreRow | None, other: ScoreRow | None) -> Value:
    """The sum of two countries' shares: "at least" where one is unknown, unknown where both are."""
    scores = {row.place: row for row in (one, other) if row is not None}
    # A country without a row is a place of which nothing is known.
    places = [row.place if row else Place("", "") for row in (one, other)]
    share, _, without = bloc_share(places, scores)
    if share.known and without:
        return replace(share, note="Of one of the two no share is known to us; it is not added.")
    return share


def touched_rows(
    technologies: Iterable[TechnologyRef],
    standings: Mapping[int, TechnologyStanding],
    rows: Iterable[EngagementRow],
    **within: str,
) -> tuple[TouchedRow, ...]:
    """One row a technology that has a standing, in the order of `technologies`; within a category the most touched first.

    `within` narrows the list that a count leads to (channel, organisation).
    """
    by_technology: dict[str, list[EngagementRow]] = defaultdict(list)
    for row in countable(rows):
        for slug in {subject.slug for subject in row.subjects if subject.technology}:
            by_technology[slug].append(row)
    found = []
    for technology in technologies:
        own = by_technology[technology.slug]
        if not own and technology.pk not in standings:
            continue
        now = standings.get(technology.pk)
        china, russia = (now.of(CHINA), now.of(RUSSIA)) if now else (None, None)
        found.append(
            TouchedRow(
                technology=technology.link,
                category=technology.category,
                engagements=tally(len(own), listing(technology=technology.slug, **within)),
                states=states_said(own),
                leader=now.now.leader if now else Value(),
                firmness=str(now.now.firmness) if now else "unknown",
                china_share=share_value(china),
                russia_share=share_value(russia),
                combined=combined_share(china, russia),
                edition=Link(now.edition.name, now.edition.address) if now else Link("none", "/editions/"),
            )
        )
    order = {row.category: place for place, row in reversed(list(enumerate(found)))}
    return tuple(sorted(found, key=lambda row: (order[row.category], -row.number, row.technology.text)))


@dataclass(frozen=True)
class CategoryJoinRow:
    """A category: how many engagements touch it, and who leads how many of its technologies in the page's edition.

    Leads are counted from what cites them.
    """

    category: Link
    engagements: Value
    technologies: int
    touched: int
    china_leads: Value
    others_lead: Value
    russia_best: Value


def category_joins(
    technologies: Iterable[TechnologyRef],
    standings: Mapping[int, TechnologyStanding],
    rows: Iterable[EngagementRow],
    edition: EditionRef | None,
) -> tuple[CategoryJoinRow, ...]:
    """Every category, the most touched first.

    Technologies are those that `edition` covers, in the groups of the newest edition; none without one.
    """
    found = countable(rows)
    touching = Counter(slug for row in found for slug in touched_categories(row))
    touched = {subject.slug for row in found for subject in row.subjects if subject.technology}
    groups: dict[Link, list[TechnologyRef]] = defaultdict(list)
    for technology in technologies:
        groups[technology.category].append(technology)
    joins = []
    for category, members in groups.items():
        slug = members[0].category_slug
        covered = [
            (one, now) for one in members if (now := standings.get(one.pk)) is not None and now.edition == edition
        ]
        if not covered and not touching[slug]:
            continue
        led = [now for _, now in covered if now.now.leader.known]
        whole = len(led) == len(covered)
        joins.append(
            CategoryJoinRow(
                category=category,
                engagements=tally(touching[slug], listing(category=slug)),
                technologies=len(covered),
                touched=sum(one.slug in touched for one, _ in covered),
                china_leads=_leads([now for now in led if now.leads(CHINA)], whole=whole),
                others_lead=_leads([now for now in led if not now.leads(CHINA)], whole=whole),
                russia_best=best_rank(RUSSIA, [now for _, now in covered]),
            )
        )
    return tuple(sorted(joins, key=lambda row: (-number_of(row.engagements), row.category.text)))


def _leads(led: Sequence[TechnologyStanding], *, whole: bool) -> Value:
    """How many leads are known, with what cites them; a bound, and unknown of none, while not all leaders are."""
    if not led and not whole:
        return Value()
    cited = {citation.source.key: citation for now in led for citation in now.now.leader.cited}
    return Value(len(led), bound="" if whole else "at least", basis="counted", cited=tuple(cited.values()))


def best_rank(code: str, standings: Iterable[TechnologyStanding]) -> Value:
    """The best rank known of a country among technologies; unknown where none is."""
    ranked = []
    for now in standings:
        row = now.of(code)
        if row is not None and row.ranks is not None and not row.withheld:
            ranked.append((row.ranks.last, row.ranks.first, row.rank))
        for number, value in ((1, now.now.leader), (2, now.now.second)):
            if isinstance(value.content, Place) and value.content.code == code:
                ranked.append((number, number, replace(value, content=Ranks(number, number))))
    return min(ranked, key=lambda one: one[:2])[2] if ranked else Value()


@dataclass(frozen=True)
class FieldJoinRow:
    """A research field that technologies touched are narrower than: where the two countries stand in it."""

    field: Link
    technologies: str
    leader: Value
    china_rank: Value
    china_share: Value
    russia_rank: Value
    russia_share: Value
    combined: Value


def field_join(field: Link, technologies: Sequence[str], scores: Sequence[ScoreRow]) -> FieldJoinRow:
    """One field from its scores in the newest window; `technologies` are those touched within it."""
    first = next((row for row in scores if row.leads), None)
    china, russia = (next((row for row in scores if row.place.code == code), None) for code in (CHINA, RUSSIA))
    return FieldJoinRow(
        field=field,
        technologies="; ".join(sorted(technologies)),
        leader=first.value(first.place, "rank_from") if first else Value(),
        china_rank=china.rank if china else Value(),
        china_share=share_value(china),
        russia_rank=russia.rank if russia else Value(),
        russia_share=share_value(russia),
        combined=combined_share(china, russia),
    )


def against_leaders(
    categories: Sequence[CategoryJoinRow], technologies: Sequence[TouchedRow], edition: EditionRef | None
) -> tuple[str, ...]:
    """Where engagements concentrate, against who leads there, in sentences; empty where nothing is touched."""
    touched = [row for row in technologies if row.number]
    if not touched:
        return ()
    said = []
    top = next((row for row in categories if number_of(row.engagements)), None)
    if top is not None:
        number = number_of(top.engagements)
        several = "" if number == 1 else "s"
        text = f"The category touched most is {lower_first(top.category.text)} ({number} engagement{several})"
        if edition and top.technologies:
            led = top.china_leads
            known = (led.text if led.content else "none") if led.known else "none known to us"
            text += f"; of its technologies in the {edition.name} edition ({top.technologies}) China leads {known}"
        said.append(f"{text}.")
    leaders = Counter(row.leader.content for row in touched if isinstance(row.leader.content, Place))
    unknown = sum(not row.leader.known for row in touched)
    parts = [
        f"{the(place.name)} {'' if at else 'leads '}{number}"
        for at, (place, number) in enumerate(leaders.most_common())
    ]
    if parts:
        of = "the one technology" if len(touched) == 1 else f"the {len(touched)} technologies"
        text = (
            f"Of {of} touched, {joined(parts)}, {'' if len(touched) == 1 else 'each '}in the edition shown in its row"
        )
        told = [text]
        if eliminated := sum(row.leader.basis == "elimination" for row in touched):
            told.append(f"{eliminated} of the leads {'is' if eliminated == 1 else 'are'} by elimination")
        if unknown:
            told.append(f"the leader of {unknown} is not known to us")
        said.append(f"{'; '.join(told)}.")
    busiest = max(touched, key=lambda row: (row.number, row.technology.text))
    if busiest.number > 1:
        text = f"The technology touched most is {lower_first(busiest.technology.text)} ({busiest.number} engagements)"
        if isinstance(busiest.leader.content, Place):
            text += f", which {the(busiest.leader.content.name)} leads in the {busiest.edition.text} edition"
        said.append(f"{text}.")
    if not any(row.russia_share.known for row in technologies):
        said.append(
            "We have seen neither a share nor a rank of Russia in any of these technologies, so a combined share is "
            "only a lower bound: China's own."
        )
    return tuple(said)


def untouched(technologies: Sequence[TouchedRow], edition: EditionRef | None) -> str:
    """How many technologies that China leads no engagement touches; '' where it leads none known to us."""

    def by_china(row: TouchedRow) -> bool:
        return isinstance(row.leader.content, Place) and row.leader.content.code == CHINA

    if edition is None:
        return ""
    led = [row for row in technologies if row.edition.address == edition.address and by_china(row)]
    none = [row for row in led if not row.number]
    if not led:
        return ""
    are = "is" if len(none) == 1 else "are"
    return (
        f"Of the {len(led)} technologies that China leads in the {edition.name} edition, {len(none)} {are} touched by no "
        "engagement."
    )


def field_sentence(rows: Sequence[FieldJoinRow], years: str) -> str:
    """Where the two stand in the research fields; '' where nothing is known."""
    known = [
        row
        for row in rows
        if isinstance(row.china_rank.content, Ranks) and isinstance(row.russia_rank.content, Ranks)
    ]
    if not known:
        return ""
    first = sum(row.china_rank.rank == 1 for row in known)
    ranks = sorted((row.russia_rank.rank or 0, row.field.text) for row in known)
    (best, best_field), (worst, worst_field) = ranks[0], ranks[-1]
    span = f"{Ranks(best, best).ordinal} ({lower_first(best_field)})"
    if worst != best:
        span = f"from {span} to {Ranks(worst, worst).ordinal} ({lower_first(worst_field)})"
    return (
        f"In the {len(known)} wider research fields of which both ranks are known, China is first in {first}; Russia "
        f"ranks {span}, in {years}."
    )
