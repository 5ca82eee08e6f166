"""/search/: one box over technologies, fields, places, institutions, editions, sources and methods."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from tracker.analysis.read_model import Link, PageModel, TableData
from tracker.analysis.search import SearchPage, SearchRow
from tracker.history.past import Moment
from tracker.models import (
    Alias,
    Bloc,
    Category,
    Country,
    Edition,
    EditionTechnology,
    Institution,
    Source,
    Technology,
)
from tracker.pages.rows import reading_record
from tracker.pages.texts import MEASURES

MOST = 200
# Among records that fit equally well: what readers come for first.
KINDS = (
    "Technology",
    "Research field",
    "Category",
    "Country",
    "Bloc",
    "Institution",
    "Edition",
    "Method",
    "Source",
)


def search(*, q: str = "", at: Moment | None = None) -> PageModel:
    """Everything whose names or words hold every word of `q`, else any of them; names before descriptions.

    One query a kind.
    """
    words = q.casefold().split()
    with reading_record(at, editions=False) as reader:
        reader.show_all("technology", "country", "bloc", "category", "institution", "edition", "source")
        found = _found(words, all) if words else []
        if words and not found and len(words) > 1:
            found = _found(words, any)
        found.sort(key=lambda pair: pair[0])
        results = tuple(row for _, row in found[:MOST])
        shown = q.strip()
        sentence = (
            f"{len(results)} {'result' if len(results) == 1 else 'results'} for “{shown}”."
            if words
            else "Search technologies, fields, countries, blocs, institutions, editions and sources."
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


def _found(words: list[str], choose: Choose) -> list[Ranked]:
    rows: list[Ranked] = []

    def add(kind: str, name: str, address: str, excerpt: str = "", names: Iterable[str] = (), text: str = "") -> None:
        place = _place(words, choose, (name, *names), f"{excerpt} {text}")
        if place is not None:
            rows.append(((place, KINDS.index(kind), name.casefold()), SearchRow(kind, Link(name, address), excerpt)))

    other_names: dict[int, set[str]] = defaultdict(set)
    for pk, name in (
        *EditionTechnology.objects.exclude(name="").values_list("technology_id", "name"),
        *Alias.objects.values_list("technology_id", "name"),
    ):
        other_names[pk].add(name)
    for one in Technology.objects.order_by("name"):
        others = sorted(other_names[one.pk] - {one.name})
        kind = "Research field" if one.level == Technology.Level.FIELD else "Technology"
        excerpt = f"Also: {'; '.join(others)}. {one.definition}" if others else one.definition
        add(kind, one.name, one.get_absolute_url(), excerpt, others, f"{one.civil_uses} {one.military_uses}")
    for country in Country.objects.order_by("name"):
        names = (country.code, country.alpha3, *filter(None, country.other_names.split("; ")))
        add("Country", country.name, country.get_absolute_url(), country.note, names)
    for bloc in Bloc.objects.order_by("name"):
        add("Bloc", bloc.name, bloc.get_absolute_url(), bloc.description, [bloc.short_name])
    for category in Category.objects.filter(technology__isnull=False).distinct():
        add("Category", category.name, category.get_absolute_url())
    for institution in Institution.objects.select_related("country").order_by("name"):
        add("Institution", institution.name, institution.get_absolute_url(), institution.country.name)
    for edition in Edition.objects.order_by("slug"):
        add("Edition", edition.name, edition.get_absolute_url(), edition.headline, [edition.slug])
    for source in Source.objects.order_by("title"):
        add("Source", source.title, source.get_absolute_url(), source.publisher, [source.slug])
    for measure in MEASURES:
        add("Method", measure.measure, "/methodology/", measure.meaning, text=measure.formula)
    return rows


def _place(words: list[str], choose: Choose, names: Iterable[str], text: str) -> int | None:
    """How well a record fits: 0 a name itself, 1 words of a name, 2 beginnings, 3 words of the text; None = not."""
    folded = [name.casefold() for name in names]
    if " ".join(words) in folded:
        return 0
    in_names = {word for name in folded for word in re.findall(r"\w+", name)}
    if choose(word in in_names for word in words):
        return 1
    if choose(any(known.startswith(word) for known in in_names) for word in words):
        return 2
    in_text = in_names | set(re.findall(r"\w+", text.casefold()))
    return 3 if choose(any(known.startswith(word) for known in in_text) for word in words) else None
