"""/search/: one box over technologies, places, cooperation, controls, trade, institutions, editions, sources, methods."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Func, QuerySet, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, Concat, NullIf

from tracker.analysis.engagement_page import searched
from tracker.analysis.engagements import EngagementRow
from tracker.analysis.read_model import Link, PageModel, TableData, citing, long_date
from tracker.analysis.search import SearchPage, SearchRow
from tracker.analysis.technologies import the
from tracker.analysis.trade import figure_anchor
from tracker.history.past import Moment
from tracker.models import (
    Alias,
    Bloc,
    Case,
    Category,
    Channel,
    Control,
    ControlItem,
    Country,
    Edition,
    EditionTechnology,
    FlowPlace,
    Good,
    Institution,
    Organisation,
    Source,
    Technology,
    TradeFlow,
)
from tracker.pages.control_rows import closed_columns, hidden
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.organisation_rows import Naming, read_mentions, sealed
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, all_withheld, reading_record
from tracker.pages.texts import MEASURES
from tracker.pages.trade_rows import ESSENTIAL
from tracker.pages.union import union_rows

MOST = 200
# Among records that fit equally well: what readers come for first.
KINDS = (
    "Technology",
    "Research field",
    "Category",
    "Country",
    "Bloc",
    "Control",
    "Part of a control",
    "Organisation",
    "Good",
    "Trade figure",
    "Engagement",
    "Case",
    "Channel",
    "Institution",
    "Edition",
    "Method",
    "Source",
)


def search(*, q: str = "", at: Moment | None = None) -> PageModel:
    """Everything whose names or words hold every word of `q`, else any of them; names before descriptions."""
    words = _asked(q)
    with reading_record(at, editions=False) as reader:
        reader.show_all("technology", "country", "bloc", "category", "institution", "edition", "source")
        reader.show_all("organisation", "organisationalias", "channel", "case")
        reader.show_all("control", "controlitem", "good", "tradeflow")
        candidates = tuple(_candidates(reader)) if words else ()
        found = _found(candidates, words, all)
        if words and not found and len(words) > 1:
            found = _found(candidates, words, any)
        found.sort(key=lambda pair: pair[0])
        results = tuple(row for _, row in found[:MOST])
        shown = q.strip()
        sentence = (
            f"{len(results)} {'result' if len(results) == 1 else 'results'} for “{shown}”."
            if words
            else "Search technologies, fields, countries, blocs, cooperation, organisations, controls, goods and figures "
            "of trade, institutions, editions and sources."
        )
        return SearchPage(
            title="Search",
            sentence=sentence,
            address="/search/",
            trail=(Link("Home", "/"),),
            tables=(
                TableData(
                    "results",
                    "Search results",
                    results,
                    SearchRow,
                    empty="Nothing fits. Try a shorter word, or look through the list of technologies."
                    if words
                    else "Type a word or two.",
                ),
            ),
            q=shown,
            stamp=reader.stamp(),
        )


Choose = Callable[[Iterable[bool]], bool]
Ranked = tuple[tuple[int, int, str], SearchRow]


@dataclass(frozen=True)
class _Candidate:
    """A record that may be found: by `names` (its own among them), or by words of the excerpt and of `text`."""

    kind: str
    name: str
    address: str
    excerpt: str = ""
    names: tuple[str, ...] = ()
    text: str = ""


def _found(candidates: Iterable[_Candidate], words: list[str], choose: Choose) -> list[Ranked]:
    rows: list[Ranked] = []
    for one in candidates:
        place = _place(words, choose, (one.name, *one.names), f"{one.excerpt} {one.text}")
        if place is not None:
            row = SearchRow(one.kind, Link(one.name, one.address), one.excerpt)
            rows.append(((place, KINDS.index(one.kind), one.name.casefold()), row))
    return rows


def _candidates(reader: RecordReader) -> Iterator[_Candidate]:
    """Everything that can be found; of what may be withheld whole only what may be shown. Nine queries."""
    parts = engagement_parts(reader)
    bodies = _organisations()
    simple = _simple()
    mentions = read_mentions()
    told = {kind.lower(): [row.pk for row in simple if row.kind == kind] for kind in CITED}
    cited = reader.citations(all_to_cite(parts.to_cite, mentions.to_cite, told))
    yield from _technologies()
    yield from _shown(simple, cited)
    yield from _shown_organisations(bodies, mentions.naming(cited))
    yield from (_engagement(row) for row in parts.rows(cited))
    for measure in MEASURES:
        yield _Candidate("Method", measure.measure, "/methodology/", measure.meaning, text=measure.formula)


def _technologies() -> Iterator[_Candidate]:
    """Technologies and research fields by every name: two queries."""
    other_names: dict[int, set[str]] = defaultdict(set)
    of_editions = EditionTechnology.objects.exclude(name="").order_by().values_list("technology_id", "name")
    for pk, name in of_editions.union(Alias.objects.order_by().values_list("technology_id", "name")):
        other_names[pk].add(name)
    for one in Technology.objects.order_by("name"):
        others = sorted(other_names[one.pk] - {one.name})
        kind = "Research field" if one.level == Technology.Level.FIELD else "Technology"
        excerpt = f"Also: {'; '.join(others)}. {one.definition}" if others else one.definition
        text = f"{one.civil_uses} {one.military_uses}"
        yield _Candidate(kind, one.name, one.get_absolute_url(), excerpt, tuple(others), text)


# Between the names of one record, as countries keep their other names; and between what an excerpt is made of.
SEPARATOR, BREAK = "; ", "\x1f"
# The address of a record of each kind by its slug or code.
ADDRESS = {
    "Country": "/countries/{}/", "Bloc": "/blocs/{}/", "Category": "/technologies/?category={}",
    "Institution": "/institutions/?q={}", "Edition": "/editions/{}/", "Source": "/sources/{}/",
    "Channel": "/cooperation/{}/", "Case": "/cases/{}/", "Control": "/controls/{}/",
    "Part of a control": "/controls/{}/#item-{}", "Good": "/trade/{}/", "Trade figure": "/trade/{}/#{}",
}  # fmt: skip
# Records by the name of their model, as readers know them.
SAID = {"ControlItem": "Part of a control", "TradeFlow": "Trade figure"}
# What only withheld sources speak of is not found: the kinds to read the citations of, the columns that each is found
# by, and what it belongs to.
CITED = ("Case", "Channel", "Control", "ControlItem", "Good", "TradeFlow", "FlowPlace")
FOUND_BY = {
    "Control": frozenset(("name", "short_name", "code")), "ControlItem": frozenset(("kind", "code", "name")),
    "Good": frozenset(("name", "short_name", "hs_code")), "TradeFlow": frozenset(ESSENTIAL),
    "FlowPlace": frozenset(("role", "country", "unnamed")),
}  # fmt: skip
OWNER = {"ControlItem": "Control", "TradeFlow": "Good", "FlowPlace": "TradeFlow"}


@dataclass(frozen=True)
class _Simple:
    """A record of a kind that is found by its own columns. `kind`: its model; `owner`: what it belongs to."""

    kind: str
    pk: int
    name: str
    slug: str
    excerpt: str
    names: str
    owner: int

    @property
    def said(self) -> str:
        return SAID.get(self.kind, self.kind)


def _simple() -> tuple[_Simple, ...]:
    """The records of kinds that are found by their own columns, kind by kind and by name: one query.

    Places of figures of trade are among them: a figure is found by those too.
    """
    between, gap = Constant(SEPARATOR), Constant(BREAK)
    codes = Concat("code", between, "alpha3", between, "other_names", output_field=TextField())
    short_and_code = Concat("short_name", between, "code", output_field=TextField())
    number = Concat("kind", Constant(" "), "code", output_field=TextField())
    of_control = Concat("control__name", gap, "description", output_field=TextField())
    good = Coalesce(NullIf("short_name", Constant("")), "name", output_field=TextField())
    code_and_name = Concat("hs_code", between, "name", output_field=TextField())
    figure = Concat("code", Constant(": "), "product", output_field=TextField())
    code_and_product = Concat("code", between, "product", output_field=TextField())
    of_figure = Concat("kind", gap, "period_start", gap, "period_end", gap, "data_basis", output_field=TextField())
    place = Coalesce("country__name", "unnamed", output_field=TextField())
    parts = (
        _columns(Country.objects.all(), "name", "code", excerpt="note", names=codes),
        _columns(Bloc.objects.all(), "name", "slug", excerpt="description", names="short_name"),
        _columns(Category.objects.filter(pk__in=Technology.objects.order_by().values("category")), "name", "slug"),
        _columns(Institution.objects.all(), "name", "slug", excerpt="country__name"),
        _columns(Edition.objects.all(), "name", "slug", excerpt="headline", names="slug"),
        _columns(Source.objects.all(), "title", "slug", excerpt="publisher", names="slug"),
        _columns(Channel.objects.all(), "name", "slug", excerpt="description"),
        _columns(Case.objects.all(), "title", "slug", excerpt="summary"),
        _columns(Control.objects.all(), "name", "slug", excerpt="description", names=short_and_code),
        _columns(
            ControlItem.objects.all(), "name", "control__slug", excerpt=of_control, names=number, owner="control_id"
        ),
        _columns(Good.objects.all(), good, "slug", excerpt="description", names=code_and_name),
        _columns(
            TradeFlow.objects.all(), figure, "good__slug", excerpt=of_figure, names=code_and_product, owner="good_id"
        ),
        _columns(FlowPlace.objects.all(), place, "role", owner="flow_id"),
    )
    rows = [_Simple(*row.values()) for row in union_rows(*parts)]
    return tuple(sorted(rows, key=lambda row: (_order(row.said), row.name if row.said in KINDS else "", row.pk)))


def _order(kind: str) -> int:
    """The place of a kind among KINDS; one that is not found by itself comes last."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _columns(
    records: QuerySet[Any],
    name: str | Func,
    slug: str,
    *,
    excerpt: str | Func = "",
    names: str | Func = "",
    owner: str = "",
) -> tuple[QuerySet[Any], dict[str, Any]]:
    """The records, and the columns of a `_Simple` for them, in its order."""
    said = {"name": name, "slug": slug, "excerpt": excerpt, "names": names}
    return records, {
        "kind": records.model.__name__,
        "pk": F("pk"),
        **{column: F(one) if isinstance(one, str) and one else one for column, one in said.items()},
        "owner_pk": F(owner) if owner else 0,
    }


def _shown(rows: Iterable[_Simple], cited: CitedBy) -> Iterator[_Candidate]:
    """The records that may be shown; neither may what belongs to one that may not."""
    gone = {(row.kind, row.pk) for row in rows if row.kind in CITED and _unsaid(row, cited)}
    # A figure without one of its places would be one of another trade.
    gone |= {("TradeFlow", row.owner) for row in rows if row.kind == "FlowPlace" and (row.kind, row.pk) in gone}
    shown = [
        row for row in rows if (row.kind, row.pk) not in gone and (OWNER.get(row.kind, ""), row.owner) not in gone
    ]
    places: dict[int, list[_Simple]] = defaultdict(list)
    for row in shown:
        if row.kind == "FlowPlace":
            places[row.owner].append(row)
    for row in shown:
        if row.kind in FOUND_BY and "description" in closed_columns(cited.get((row.kind.lower(), row.pk), ())):
            row = replace(row, excerpt=row.excerpt.partition(BREAK)[0] if row.kind == "ControlItem" else "")
        if row.kind == "ControlItem":
            yield _item(row)
        elif row.kind == "Good":
            yield _good(row)
        elif row.kind == "TradeFlow":
            yield _figure(row, places[row.pk])
        elif row.said in ADDRESS:
            unsaid = row.kind == "Channel" and all_withheld(citing(cited.get(("channel", row.pk), ()), "description"))
            others = tuple(filter(None, row.names.split(SEPARATOR)))
            address = ADDRESS[row.said].format(row.slug.lower())
            yield _Candidate(row.said, row.name, address, "" if unsaid else row.excerpt, others)


def _unsaid(row: _Simple, cited: CitedBy) -> bool:
    """Whether only withheld sources speak of a record, or of what it is found by."""
    kind = row.kind.lower()
    if row.kind in ("Case", "Channel"):
        return row.kind == "Case" and sealed(cited, kind, row.pk)
    closed = closed_columns(cited.get((kind, row.pk), ()))
    return hidden(cited, kind, row.pk) or bool(closed & FOUND_BY[row.kind])


def _item(row: _Simple) -> _Candidate:
    """'Category 4: Computers'."""
    control, _, description = row.excerpt.partition(BREAK)
    number = row.names[0].upper() + row.names[1:]
    name = number if row.name in ("", number) else f"{number}: {row.name}"
    address = ADDRESS[row.said].format(row.slug, row.names.partition(" ")[2])
    return _Candidate(row.said, name, address, f"{control}. {description}".strip(), tuple(filter(None, (row.name,))))


def _good(row: _Simple) -> _Candidate:
    """'8542 Integrated circuits'."""
    code, _, name = row.names.partition(SEPARATOR)
    others = (code, f"HS {code}", name) if code else (name,)
    said = f"{name}. {row.excerpt}" if name != row.name else row.excerpt
    return _Candidate(row.said, f"{code} {row.name}".strip(), ADDRESS[row.said].format(row.slug), said, others)


def _figure(row: _Simple, places: Iterable[_Simple]) -> _Candidate:
    """A figure by its number, what it is of, and the places it is of: 'Direct exports, China to Russia, 2022'."""
    kind, start, end, basis = row.excerpt.split(BREAK)
    code, _, product = row.names.partition(SEPARATOR)
    of = {role: " and ".join(one.name for one in places if one.slug == role) for role in FlowPlace.Role.values}
    ways = ((" to ", FlowPlace.Role.IMPORTER), (" through ", FlowPlace.Role.VIA))
    between = of[FlowPlace.Role.EXPORTER] + "".join(f"{way}{of[role]}" for way, role in ways if of[role])
    when = long_date(start) + (f" to {long_date(end)}" if end != start else "")
    said = str(TradeFlow.Kind(kind).label)
    excerpt = "; ".join(filter(None, (f"{said[0].upper()}{said[1:]}, {between}", when, f"counted by {basis}")))
    address = ADDRESS[row.said].format(row.slug, figure_anchor(code))
    return _Candidate(row.said, row.name, address, f"{excerpt}.", (code, product))


@dataclass(frozen=True)
class _Body:
    """An organisation by every name; `said`: what it is, in a few words."""

    name: str
    address: str
    said: str
    description: str
    names: tuple[str, ...]


def _organisations() -> dict[int, _Body]:
    """Every organisation by primary key: one query."""
    kinds = dict(Organisation.Kind.choices)
    found: dict[int, _Body] = {}
    rows = Organisation.objects.order_by("name", "pk", "aliases__name")
    for pk, slug, name, original, kind, country, description, alias in rows.values_list(
        "pk", "slug", "name", "original_name", "kind", "country__name", "description", "aliases__name"
    ):
        if pk not in found:
            said = f"{kinds[kind]} in {the(country)}" if country else str(kinds[kind])
            names = (original,) if original else ()
            found[pk] = _Body(name, f"/organisations/{slug}/", said, description, names)
        if alias:
            found[pk] = replace(found[pk], names=(*found[pk].names, alias))
    return found


def _shown_organisations(bodies: Mapping[int, _Body], naming: Naming) -> Iterator[_Candidate]:
    for pk, body in bodies.items():
        if pk in naming.name_only:
            yield _Candidate("Organisation", body.name, body.address)
        elif pk in naming.whole:
            also = f" Also: {'; '.join(body.names)}." if body.names else ""
            excerpt = f"{body.said[0].upper()}{body.said[1:]}.{also} {body.description}".strip()
            yield _Candidate("Organisation", body.name, body.address, excerpt, body.names)


def _engagement(row: EngagementRow) -> _Candidate:
    begun = f", dated {long_date(row.start)}" if row.start else ""
    excerpt = f"{row.channel.name}{begun}. {row.description}"
    return _Candidate("Engagement", row.named, row.address, excerpt, (row.title, row.code), searched(row))


def _place(words: list[str], choose: Choose, names: Iterable[str], text: str) -> int | None:
    """How well a record fits: 0 a name itself, 1 words of a name, 2 beginnings, 3 words of the text; None = not."""
    in_each = [_words(name) for name in names]
    if words in in_each:
        return 0
    in_names = {word for name in in_each for word in name}
    if choose(word in in_names for word in words):
        return 1
    if choose(any(_begins(known, word) for known in in_names) for word in words):
        return 2
    in_text = in_names | set(_words(text))
    return 3 if choose(any(_begins(known, word) for known in in_text) for word in words) else None


# A code of the Harmonized System as customs write it: 8542.31, 85.42.31.
DOTTED = re.compile(r"\b(\d{2}|\d{4})(\.\d{2}){1,2}\b")


def _asked(q: str) -> list[str]:
    """The words of what is sought; a code with dots is one."""
    return _words(DOTTED.sub(lambda found: re.sub(r"\D", "", found[0]), q))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _begins(known: str, word: str) -> bool:
    """Whether a known word begins with one that is sought; in Chinese, which puts nothing between words, holds it."""
    return known.startswith(word) or (word in known and re.match(r"[\u3400-\u9fff]+\Z", word) is not None)
