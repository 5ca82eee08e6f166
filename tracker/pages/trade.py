"""/trade/ and /trade/<good>/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import Q

from tracker.analysis.engagement_page import BASIS_WORDS, SubjectRow, subject_row
from tracker.analysis.engagements import Subject
from tracker.analysis.home import counted
from tracker.analysis.read_model import Facet, FigureRef, Link, TableData
from tracker.analysis.technologies import joined, lower_first
from tracker.analysis.trade import (
    MAPPING_IS_OURS,
    MAPPING_WORDS,
    NEVER_ADDED,
    NOT_A_MEASURE,
    SMALL_BASES,
    Chosen,
    GoodPage,
    GoodRow,
    ListedRow,
    TradePage,
    count_by_good,
    disagreements_table,
    facets,
    figures_of,
    figures_table,
    fitting,
    good_rows,
    good_sentence,
    list_summaries,
    lists_by_good,
    noted_once,
    overview_sentence,
)
from tracker.analysis.trade_figures import (
    FlowRow,
    GoodRef,
    legs_of,
    panels,
    reexports,
    reexports_ref,
    trade_figure,
    trade_ref,
)
from tracker.history.past import Moment
from tracker.models import Country, Good, Technology, TradeFlow
from tracker.pages.leader_rows import Leaders
from tracker.pages.not_found import NotFound, alike
from tracker.pages.rows import all_to_cite, reading_record
from tracker.pages.trade_rows import (
    FLOW,
    GOOD,
    RELEVANCE,
    RelevanceRow,
    disagreeing_with,
    flow_parts,
    good_parts,
    named_goods,
    open_relevances,
    relevances,
)

HOME = Link("Home", "/")
TRADE = Link("Trade signals", "/trade/")
WORLD = "world"


def trade(*, sort: str = "", at: Moment | None = None, **choices: str) -> TradePage:
    """Every published figure, narrowed by `choices` (the fields of `Chosen`), the goods, and the lists that name them.

    Raises NotFound, UnknownSortKey.
    """
    chosen = Chosen(**{name: value if name == "q" else value.casefold() for name, value in choices.items()})
    with reading_record(at, editions=False) as reader:
        goods = good_parts(reader)
        flows = flow_parts(reader)
        mapped = relevances(reader)
        to_cite = all_to_cite(goods.to_cite, flows.to_cite, {RELEVANCE: [row.pk for row in mapped]})
        cited = reader.citations(to_cite)
        rows = flows.rows(cited)
        technologies = _technologies_by_flow(rows, open_relevances(mapped, cited))
        offered = facets(rows, technologies)
        for name, facet in offered.items():
            offered[name] = (*facet, *_without_rows(name, getattr(chosen, name), facet))
        found = fitting(rows, chosen, technologies)
        counts = count_by_good(rows)
        bodies = {pk: body.ref for pk, body in goods.bodies(cited).items()}
        by_link = {good.link: good for good in bodies.values()}
        listed, notes = noted_once(
            replace(row, figures=figures_of(by_link[row.good], counts)) for row in goods.listed(cited)
        )
        on_a_list = {row.good for row in listed}
        cards = flows.disagreements(cited, rows)
        legs = legs_of(rows)
        return TradePage(
            title="Trade signals",
            sentence=overview_sentence(found, len(rows) if chosen.anything else None),
            address=TRADE.address,
            trail=(HOME,),
            missing=(
                NOT_A_MEASURE,
                "No complete series of a code is here: fetching one needs the statistics of customs or of the UN.",
            ),
            tables=(
                figures_table(
                    found,
                    "Published figures of trade in our collection"
                    + (": those that fit the choices made" if chosen.anything else ", good by good"),
                    sort=sort,
                    empty="No figure in our collection fits these choices.",
                ),
                TableData(
                    "goods",
                    "Goods and groups of goods with published figures, or that no list in our collection names",
                    good_rows(
                        (good for good in bodies.values() if counts[good.pk] or good.link not in on_a_list),
                        listed,
                        rows,
                    ),
                    GoodRow,
                    empty="No good is in our collection.",
                ),
                figures_table(
                    (row for leg in legs for row in leg.rows),
                    "Re-exports, and exports suspected to be passed on: each figure is of one leg alone",
                    name="legs",
                    empty="No re-export is in our collection.",
                ),
                disagreements_table(cards),
                TableData(
                    "lists",
                    "Goods that lists name, by tier or category",
                    listed,
                    ListedRow,
                    empty="No list of goods is in our collection.",
                ),
            ),
            figures=_reexports_figure(rows),
            facets=offered,
            fitting=len(found),
            total=len(rows),
            chosen=chosen.anything,
            disagreements=cards,
            lists=list_summaries(listed, notes),
            caveats=(NEVER_ADDED, SMALL_BASES, MAPPING_IS_OURS),
            stamp=reader.stamp(),
        )


def _technologies_by_flow(rows: Iterable[FlowRow], mapped: Iterable[RelevanceRow]) -> dict[int, dict[str, str]]:
    """The technologies that each figure concerns by itself or by its good: names by slug."""
    by_record: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for one in mapped:
        by_record[one.kind, one.record][one.slug] = one.technology.text
    return {row.pk: {**by_record[GOOD, row.good.pk], **by_record[FLOW, row.pk]} for row in rows}


def _reexports_figure(rows: Iterable[FlowRow]) -> tuple[FigureRef, ...]:
    model = reexports(rows)
    return (reexports_ref(model),) if model.legs else ()


UNKNOWN_WORDS = {
    "kind": "There is no sort of trade “{}”.",
    "exporter": "There is no country “{}”. Countries are named by two letters (cn), and “world” for all.",
    "importer": "There is no country “{}”. Countries are named by two letters (ru), and “world” for all.",
    "technology": "There is no technology “{}”.",
}


def _without_rows(name: str, value: str, offered: tuple[Facet, ...]) -> tuple[Facet, ...]:
    """The value chosen where it is known, but no figure has it. Raises NotFound for an unknown one."""
    if not value or value in {facet.value for facet in offered}:
        return ()
    said = _said_in_record(name, value)
    if said is None:
        raise NotFound(
            UNKNOWN_WORDS[name].format(value[:80]),
            tuple(Link(facet.label, f"/trade/?{name}={facet.value}") for facet in offered[:12]),
        )
    return (Facet(value, said, 0),)


def _said_in_record(name: str, value: str) -> str | None:
    """How a value of a filter is said that no figure has; None where there is no such value."""
    if name == "kind":
        return {str(kind).replace(" ", "-"): str(words) for kind, words in TradeFlow.Kind.choices}.get(value)
    if name == "technology":
        technology = Technology.objects.filter(slug=value).first()
        return technology.name if technology else None
    if value == WORLD:
        return "World"
    country = Country.objects.filter(code=value.upper()).first()
    return country.name if country else None


# ---- One good ----


def good(*, slug: str, at: Moment | None = None) -> GoodPage:
    """One good with every figure of it, and those of what contains it apart. Raises NotFound."""
    with reading_record(at) as reader:
        family = good_parts(reader, _with_relatives(slug))
        body = next((one for one in family.found.values() if one.ref.slug == slug), None)
        if body is None:
            raise _no_good(slug)
        own = body.ref
        flows = flow_parts(reader, Q(good__in=list(family.found)) | disagreeing_with(slug))
        own_flows = [row.pk for row in flows.found if row.good.pk == own.pk]
        mapped = relevances(reader, Q(kind=GOOD, record=own.pk) | Q(kind=FLOW, record__in=own_flows))
        leaders = Leaders(reader, "", {row.technology_pk for row in mapped}) if mapped else None
        cited = reader.citations(
            all_to_cite(
                family.to_cite,
                flows.to_cite,
                {RELEVANCE: [row.pk for row in mapped]},
                leaders.to_cite if leaders else {},
            )
        )
        bodies = family.bodies(cited)
        if own.pk not in bodies:
            raise _no_good(slug)
        body = bodies[own.pk]
        if leaders:
            leaders.cite(cited)
        rows = flows.rows(cited)
        own_rows = tuple(row for row in rows if row.good.pk == own.pk)
        parents = tuple(_parents(own, {pk: one.ref for pk, one in bodies.items()}))
        narrower = [one.ref for one in bodies.values() if one.ref.parent == own.pk]
        listed = tuple(row for row in family.listed(cited) if row.good == own.link)
        lists = lists_by_good(listed).get(own.link, ())
        cards = tuple(
            card for card in flows.disagreements(cited, rows) if own.link in (card.first.good, card.second.good)
        )
        subjects = _subjects(own_rows, open_relevances(mapped, cited), leaders)
        above = {one.pk for one in parents}
        return GoodPage(
            title=own.title,
            sentence=good_sentence(own, own_rows, lists),
            address=own.address,
            trail=(HOME, TRADE),
            missing=_missing(own, own_rows, lists, subjects),
            tables=(
                figures_table(
                    own_rows, f"{own.title}: every published figure of it in our collection",
                    empty="No published figure of it is in our collection.",
                ),
                disagreements_table(cards),
                figures_table(
                    (row for row in rows if row.good.pk in above),
                    f"Figures of what contains it: {joined([one.title for one in parents])}"
                    if parents
                    else "Figures of what contains it",
                    name="parents",
                    empty="No published figure of what contains it is in our collection.",
                ),
                TableData(
                    "narrower",
                    f"{own.title}: what it contains, with its own figures",
                    good_rows(narrower, family.listed(cited), rows),
                    GoodRow,
                    empty="Nothing that it contains is in our collection.",
                ),
                TableData(
                    "lists",
                    f"{own.title}: the lists that name it",
                    tuple(replace(row, figures=figures_of(own, count_by_good(own_rows))) for row in listed),
                    ListedRow,
                    empty="No list in our collection names it.",
                ),
                TableData(
                    "technologies",
                    f"{own.title}: technologies that it concerns by our mapping, and who leads in them",
                    subjects,
                    SubjectRow,
                    empty="It concerns none of the tracked technologies by our mapping.",
                ),
            ),
            figures=_panels_figure(own, own_rows),
            # A heading that may not be shown is not known by its number either.
            good=own if own.parent in above else replace(own, parent=None),
            name=own.name,
            hs_code=own.hs_code,
            hs_revision=own.hs_revision,
            description=body.description,
            note=body.note,
            parents=tuple(one.link for one in parents),
            narrower=tuple(one.link for one in narrower),
            lists=lists,
            figure_count=counted(len(own_rows), "#table-figures" if own_rows else ""),
            disagreements=cards,
            caveats=(NEVER_ADDED, SMALL_BASES),
            cited=body.cited,
            stamp=reader.stamp(),
        )  # fmt: skip


def _with_relatives(slug: str) -> Q:
    """A good with what contains it, two steps up, and what it contains."""
    own = Good.objects.filter(slug=slug).order_by()
    return (
        Q(slug=slug)
        | Q(parent__slug=slug)
        | Q(pk__in=own.filter(parent__isnull=False).values("parent"))
        | Q(pk__in=own.filter(parent__parent__isnull=False).values("parent__parent"))
    )


def _parents(own: GoodRef, known: Mapping[int, GoodRef]) -> Iterable[GoodRef]:
    """What contains it, the nearest first; one that may not be shown ends the chain."""
    seen = {own.pk}
    while own.parent is not None and own.parent in known and own.parent not in seen:
        own = known[own.parent]
        seen.add(own.pk)
        yield own


def _no_good(slug: str) -> NotFound:
    return NotFound(
        f"There is no good “{slug[:80]}”.", (*alike(slug, named_goods()), Link("All goods", TRADE.address))
    )


def _panels_figure(own: GoodRef, rows: tuple[FlowRow, ...]) -> tuple[FigureRef, ...]:
    return (trade_ref(trade_figure(own, rows), own),) if panels(rows) else ()


def _subjects(
    rows: Iterable[FlowRow], mapped: Iterable[RelevanceRow], leaders: Leaders | None
) -> tuple[SubjectRow, ...]:
    """A technology a line, with why it is concerned: by the good itself, or by which figures."""
    products = {row.pk: row.product for row in rows}
    found: dict[int, list[RelevanceRow]] = defaultdict(list)
    # What the good itself concerns comes first.
    for one in sorted(mapped, key=lambda one: one.kind != GOOD):
        if one.kind == GOOD or one.record in products:
            found[one.technology_pk].append(one)
    standings = leaders.standings() if leaders else {}
    lines = []
    for pk, own in found.items():
        first = own[0]
        reasons = dict.fromkeys(one.reason for one in own)
        subject = Subject(first.technology, first.slug, None, "", "", first.basis, " ".join(reasons), pk)
        line = subject_row(subject, standings.get(pk))
        lines.append(replace(line, basis=MAPPING_WORDS.get(first.basis, BASIS_WORDS[first.basis])))
    return tuple(lines)


def _missing(
    own: GoodRef, rows: tuple[FlowRow, ...], lists: tuple[Link, ...], subjects: tuple[SubjectRow, ...]
) -> tuple[str, ...]:
    """What the page cannot say, in sentences."""
    missing = []
    if not rows:
        missing.append("No published figure of it is in our collection.")
    elif not own.hs_code:
        missing.append(
            "No HS code is stated for these figures: what exactly they count is known only in their words."
        )
    if own.hs_code and not own.hs_revision:
        missing.append("Which revision of the Harmonized System the code is of is not stated.")
    if own.hs_code and not lists:
        missing.append("No list in our collection names it; lists that we do not hold may.")
    unknown = [one.subject.text for one in subjects if one.leader is not None and not one.leader.known]
    if unknown:
        missing.append(f"Who leads in {joined([lower_first(name) for name in unknown])} is not known to us.")
    return tuple(missing)
