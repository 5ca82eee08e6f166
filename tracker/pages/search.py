"""/search/: one box over technologies, fields, places, institutions, editions and sources."""

from __future__ import annotations

from django.db.models import Q

from tracker.analysis.read_model import Link, TableData
from tracker.analysis.search import SearchPage, SearchRow
from tracker.history.past import Moment
from tracker.models import Bloc, Category, Country, Edition, EditionTechnology, Institution, Source, Technology
from tracker.pages.rows import reading_record

MOST = 200


def search(*, q: str = "", at: Moment | None = None) -> SearchPage:
    """Everything whose names or words hold every word of `q`; names before descriptions. One query a kind."""
    words = q.split()
    with reading_record(at) as reader:
        rows: list[tuple[int, SearchRow]] = []
        if words:
            other_names: dict[int, set[str]] = {}
            technologies = (
                Technology.objects.filter(
                    _holds(
                        words, "name", "definition", "civil_uses", "military_uses", "aliases__name", "entries__name"
                    )
                )
                .distinct()
                .order_by("name", "pk")
            )
            found = tuple(technologies[:MOST])
            for pk, name in EditionTechnology.objects.filter(technology__in=[one.pk for one in found]).values_list(
                "technology_id", "name"
            ):
                other_names.setdefault(pk, set()).add(name)
            for technology in found:
                kind = "Research field" if technology.level == "field" else "Technology"
                others = sorted(other_names.get(technology.pk, set()) - {technology.name, ""})
                excerpt = f"Also: {'; '.join(others)}. {technology.definition}" if others else technology.definition
                names = " ".join([technology.name, *others])
                rows.append(_row(words, kind, technology.name, technology.get_absolute_url(), excerpt, names))
            code = Q(code__iexact=q.strip()) | Q(alpha3__iexact=q.strip())
            for country in Country.objects.filter(_holds(words, "name") | code).order_by("name")[:MOST]:
                rows.append(_row(words, "Country", country.name, country.get_absolute_url(), country.note))
            for bloc in Bloc.objects.filter(_holds(words, "name", "short_name", "description")).order_by("name"):
                rows.append(_row(words, "Bloc", bloc.name, bloc.get_absolute_url(), bloc.description))
            for category in Category.objects.filter(_holds(words, "name"), technology__isnull=False).distinct():
                rows.append(_row(words, "Category", category.name, category.get_absolute_url(), ""))
            institutions = Institution.objects.filter(_holds(words, "name", "country__name"))
            for one in institutions.select_related("country").order_by("name")[:MOST]:
                rows.append(_row(words, "Institution", one.name, one.get_absolute_url(), one.country.name))
            for edition in Edition.objects.filter(_holds(words, "name", "headline", "slug")).order_by("slug"):
                rows.append(_row(words, "Edition", edition.name, edition.get_absolute_url(), edition.headline))
            for source in Source.objects.filter(_holds(words, "title", "publisher", "slug")).order_by("title")[:MOST]:
                rows.append(_row(words, "Source", source.title, source.get_absolute_url(), source.publisher))
            rows.sort(key=lambda pair: pair[0])
        results = tuple(row for _, row in rows)
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


def _holds(words: list[str], *columns: str) -> Q:
    condition = Q()
    for word in words:
        any_column = Q()
        for column in columns:
            any_column |= Q(**{f"{column}__icontains": word})
        condition &= any_column
    return condition


def _row(
    words: list[str], kind: str, name: str, address: str, excerpt: str, names: str = ""
) -> tuple[int, SearchRow]:
    folded = (names or name).casefold()
    place = 2
    if all(word.casefold() in folded for word in words):
        place = 0 if name.casefold().startswith(words[0].casefold()) else 1
    return place, SearchRow(kind, Link(name, address), excerpt)
