"""/search/: one box over technologies, places, cooperation, institutions, editions, sources and methods."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Concat

from tracker.analysis.engagement_page import searched
from tracker.analysis.engagements import EngagementRow
from tracker.analysis.read_model import Link, PageModel, TableData, citing, long_date
from tracker.analysis.search import SearchPage, SearchRow
from tracker.analysis.technologies import the
from tracker.history.past import Moment
from tracker.models import (
    Alias,
    Bloc,
    Case,
    Category,
    Channel,
    Country,
    Edition,
    EditionTechnology,
    Institution,
    Organisation,
    Source,
    Technology,
)
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.organisation_rows import Naming, read_mentions, sealed
from tracker.pages.profiles import all_to_cite
from tracker.pages.rows import RecordReader, all_withheld, reading_record
from tracker.pages.texts import MEASURES

MOST = 200
# Among records that fit equally well: what readers come for first.
KINDS = (
    "Technology",
    "Research field",
    "Category",
    "Country",
    "Bloc",
    "Organisation",
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
    words = _words(q)
    with reading_record(at, editions=False) as reader:
        reader.show_all("technology", "country", "bloc", "category", "institution", "edition", "source")
        reader.show_all("organisation", "organisationalias", "channel", "case")
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
            else "Search technologies, fields, countries, blocs, cooperation, organisations, institutions, editions and "
            "sources."
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
    """Everything that can be found; of cooperation only what may be shown. Nine queries."""
    parts = engagement_parts(reader)
    bodies = _organisations()
    simple = _simple()
    cases, channels = ([pk for its, pk, *_ in simple if its == kind] for kind in ("Case", "Channel"))
    mentions = read_mentions()
    cited = reader.citations(all_to_cite(parts.to_cite, mentions.to_cite, {"case": cases, "channel": channels}))
    yield from _technologies()
    for kind, pk, name, slug, excerpt, names in simple:
        if kind == "Case" and sealed(cited, "case", pk):
            continue
        if kind == "Channel" and all_withheld(citing(cited.get(("channel", pk), ()), "description")):
            excerpt = ""
        others = tuple(filter(None, names.split(SEPARATOR)))
        yield _Candidate(kind, name, ADDRESS[kind].format(slug.lower()), excerpt, others)
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


# Between the names of one record, as countries keep their other names.
SEPARATOR = "; "
# The address of a record of each kind by its slug or code.
ADDRESS = {
    "Country": "/countries/{}/", "Bloc": "/blocs/{}/", "Category": "/technologies/?category={}",
    "Institution": "/institutions/?q={}", "Edition": "/editions/{}/", "Source": "/sources/{}/",
    "Channel": "/cooperation/{}/", "Case": "/cases/{}/",
}  # fmt: skip
Simple = tuple[str, int, str, str, str, str]


def _simple() -> tuple[Simple, ...]:
    """The records of kinds that are found by their own columns, kind by kind and by name: one query.

    Each as kind, primary key, name, slug or code, excerpt, other names.
    """
    between = Constant(SEPARATOR)
    codes = Concat("code", between, "alpha3", between, "other_names", output_field=TextField())
    parts = (
        _columns(Country.objects.all(), "name", "code", excerpt="note", names=codes),
        _columns(Bloc.objects.all(), "name", "slug", excerpt="description", names="short_name"),
        _columns(Category.objects.filter(pk__in=Technology.objects.order_by().values("category")), "name", "slug"),
        _columns(Institution.objects.all(), "name", "slug", excerpt="country__name"),
        _columns(Edition.objects.all(), "name", "slug", excerpt="headline", names="slug"),
        _columns(Source.objects.all(), "title", "slug", excerpt="publisher", names="slug"),
        _columns(Channel.objects.all(), "name", "slug", excerpt="description"),
        _columns(Case.objects.all(), "title", "slug", excerpt="summary"),
    )
    rows = parts[0].union(*parts[1:], all=True)
    return tuple(sorted(rows, key=lambda row: (KINDS.index(row[0]), row[2], row[1])))


def _columns(
    records: QuerySet[Any], name: str, slug: str, *, excerpt: str = "", names: str | Concat = ""
) -> QuerySet[Any, Any]:
    """The records as rows of `Simple`, of the same types whatever their kind: a union takes no others."""
    said = {"its_name": name, "its_slug": slug, "its_excerpt": excerpt, "its_names": names}
    columns = {
        column: Cast(F(one) if isinstance(one, str) else one, TextField()) for column, one in said.items() if one
    }
    nothing = {column: Constant("", output_field=TextField()) for column in said if column not in columns}
    kind = Constant(records.model.__name__, output_field=TextField())
    return records.order_by().annotate(its_kind=kind, **columns, **nothing).values_list("its_kind", "pk", *said)


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


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _begins(known: str, word: str) -> bool:
    """Whether a known word begins with one that is sought; in Chinese, which puts nothing between words, holds it."""
    return known.startswith(word) or (word in known and re.match(r"[\u3400-\u9fff]+\Z", word) is not None)
