"""/sources/ and /sources/<key>/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from django.db.models import Count, Q

from tracker.analysis.home import counted
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Facet, Link, PageModel, TableData, long_date
from tracker.analysis.sources import CitingRow, SourcePage, SourceRow
from tracker.history.past import Moment
from tracker.models import Bloc, Citation, Country, Edition, Source, Technology
from tracker.pages.not_found import NotFound
from tracker.pages.rows import reading_record, source_ref

# Where a citing record can be read, by its kind and the parts of its natural key.
KINDS = {
    "score": "score",
    "assessment": "assessment",
    "tally": "stated count",
    "edition": "edition",
    "editiontechnology": "coverage of an edition",
    "institution": "institution",
    "institutionscore": "institution's rank",
    "talentflow": "talent flow",
    "country": "country",
    "bloc": "bloc",
    "blocmembership": "membership",
    "series": "series",
    "technology": "technology",
}


def record_name(key: str, names: Mapping[str, str]) -> str:
    """A record's natural key for readers: technologies, editions and places by name, years as a window."""
    parts = [part for part in key.split("/") if part]
    for number, (first, last) in enumerate(pairwise(parts)):
        if first.isdecimal() and last.isdecimal():
            parts[number : number + 2] = [f"{first}–{last}"]
            break
    return " · ".join(names.get(part, part) for part in parts)


def record_address(kind: str, key: str) -> str:
    """The public page on which a record stands, from its natural key."""
    parts = key.split("/")
    match kind:
        case "score" | "assessment":
            if parts[0].startswith("ncses"):
                return f"/fields/{parts[3]}/"
            return f"/technologies/{parts[3]}/?edition={parts[0]}"
        case "tally" | "edition":
            return f"/editions/{parts[0]}/"
        case "editiontechnology":
            return f"/editions/{parts[0]}/"
        case "institutionscore":
            return f"/technologies/{parts[3]}/"
        case "institution":
            return "/institutions/"
        case "talentflow":
            return "/talent/"
        case "country":
            return f"/countries/{parts[0].lower()}/"
        case "bloc" | "blocmembership":
            return f"/blocs/{parts[0]}/"
        case "technology":
            return f"/technologies/{parts[0]}/"
        case _:
            return "/methodology/"


def source_list(*, q: str = "", kind: str = "", sort: str = "", at: Moment | None = None) -> PageModel:
    """Every source with the number of records that cite it. Raises NotFound, UnknownSortKey."""
    with reading_record(at, editions=False) as reader:
        kinds = Counter(Source.objects.values_list("kind", flat=True))
        labels = dict(Source.Kind.choices)
        if kind and kind not in kinds:
            raise NotFound(
                f"No source is of the kind “{kind[:40]}”.",
                tuple(Link(labels[one], f"/sources/?kind={one}") for one in sorted(kinds)),
            )
        wanted = Q(kind=kind) if kind else Q()
        for word in q.split():
            wanted &= Q(title__icontains=word) | Q(publisher__icontains=word) | Q(slug__icontains=word)
        sources = tuple(Source.objects.filter(wanted).annotate(cited=Count("citations")).order_by("title", "pk"))
        reader.show("source", [source.pk for source in sources])
        rows = tuple(
            SourceRow(
                Link(source.title, source.get_absolute_url()),
                source.publisher,
                source.date or source.date_note,
                source.get_kind_display(),
                source.get_reuse_display(),
                counted(source.cited, source.get_absolute_url()),
            )
            for source in sources
        )
        return PageModel(
            title="Sources",
            sentence=f"{sum(kinds.values())} sources. Every value leads to at least one of them; two citations read "
            "“cited by two”, not “verified twice”: they may not be independent.",
            address="/sources/",
            trail=(Link("Home", "/"),),
            tables=(
                TableData(
                    "sources",
                    "Sources, and how many records cite each",
                    ordered(rows, sort, SourceRow),
                    SourceRow,
                    empty="No source fits these filters.",
                ),
            ),
            facets={"kind": tuple(Facet(one, labels[one], count) for one, count in kinds.most_common())},
            stamp=reader.stamp(),
        )


def source(*, slug: str, at: Moment | None = None) -> SourcePage:
    """One source and the records that cite it. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        found = Source.objects.filter(slug=slug).first()
        if found is None:
            raise NotFound(f"There is no source “{slug[:60]}”.", (Link("All sources", "/sources/"),))
        reader.show("source", [found.pk])
        citations = tuple(Citation.objects.filter(source=found.pk).order_by("kind", "record_key", "field"))
        reader.show("citation", [citation.pk for citation in citations])
        ref = source_ref(found)
        names = {
            **dict(Technology.objects.values_list("slug", "name")),
            **dict(Edition.objects.values_list("slug", "name")),
            **dict(Country.objects.values_list("code", "name")),
            **dict(Bloc.objects.values_list("slug", "name")),
        }
        said = f"{found.publisher}" + (f", {long_date(ref.date)}" if ref.date else ", date not known")
        return SourcePage(
            title=found.title,
            sentence=f"{said}. {len(citations)} records of the tracker cite it.",
            address=found.get_absolute_url(),
            trail=(Link("Home", "/"), Link("Sources", "/sources/")),
            source=ref,
            kind_note=found.kind_note,
            date_note=found.date_note,
            reuse=found.get_reuse_display(),
            note=found.note,
            tables=(
                TableData(
                    "records",
                    "Records that cite this source",
                    tuple(
                        CitingRow(
                            KINDS.get(citation.kind, citation.kind),
                            Link(
                                record_name(citation.record_key, names),
                                record_address(citation.kind, citation.record_key),
                            ),
                            citation.field.replace("_", " "),
                            "" if ref.withheld else citation.passage,
                            "" if ref.withheld else citation.stated_value,
                            "" if ref.withheld else citation.note,
                        )
                        for citation in citations
                    ),
                    CitingRow,
                    empty="No record cites it.",
                ),
            ),
            stamp=reader.stamp(),
        )
