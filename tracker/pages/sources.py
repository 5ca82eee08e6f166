"""/sources/ and /sources/<key>/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

from django.db.models import Count, Q, QuerySet

from tracker.analysis.home import counted
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Facet, Link, PageModel, TableData, long_date
from tracker.analysis.sources import CitingRow, SourcePage, SourceRow
from tracker.history.past import Moment
from tracker.models import (
    Bloc,
    Case,
    Channel,
    Citation,
    Country,
    Edition,
    Engagement,
    Organisation,
    Source,
    Technology,
)
from tracker.models.claim import SUBJECTS
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
    "channel": "channel",
    "organisation": "organisation",
    "organisationalias": "organisation's other name",
    "engagement": "engagement",
    "participation": "party to an engagement",
    "engagementtechnology": "subject of an engagement",
    "status": "status of an engagement",
    "case": "case",
    "caseparty": "party to a case",
    "claim": "claim",
}
# Records of cooperation by the kind of the record on whose page they stand; a claim names that kind in its key.
PARTS = {
    "organisationalias": "organisation", "participation": "engagement", "engagementtechnology": "engagement",
    "status": "engagement", "caseparty": "case",
}  # fmt: skip
WITHHELD = "Withheld: its sources do not allow republication"


def record_name(kind: str, key: str, names: Mapping[str, str]) -> str:
    """A record's natural key for readers: what it speaks of by name, years as a window."""
    parts = [part for part in key.split("/") if part]
    if kind == "claim":
        del parts[0]
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
        case "channel":
            return f"/cooperation/{parts[0]}/"
        case _ if (subject := subject_of(kind, key)) is not None:
            return f"/{SUBJECTS[subject[0]]}/{subject[1]}/"
        case _:
            return "/methodology/"


def subject_of(kind: str, key: str) -> tuple[str, str] | None:
    """Kind and key of the engagement, case or organisation that a record is or belongs to; None for any other."""
    parts = key.split("/")
    if kind == "claim":
        return (parts[0], parts[1])
    kind = PARTS.get(kind, kind)
    return (kind, parts[0]) if kind in SUBJECTS else None


def withheld_records(citations: Iterable[Citation]) -> frozenset[tuple[str, str]]:
    """Of the records of cooperation cited here, and of those they belong to: those of which only withheld sources
    speak, by kind and key. Their names are what is withheld. One query."""
    asked: set[tuple[str, str]] = set()
    for citation in citations:
        subject = subject_of(citation.kind, citation.record_key)
        if subject is not None:
            asked |= {subject, (citation.kind, citation.record_key)}
    if not asked:
        return frozenset()
    found = Citation.objects.filter(kind__in={kind for kind, _ in asked}, record_key__in={key for _, key in asked})
    whole: dict[tuple[str, str], set[str]] = {}
    parts: dict[tuple[str, str], set[str]] = {}
    for kind, key, field, reuse in found.order_by().values_list("kind", "record_key", "field", "source__reuse"):
        (parts if field else whole).setdefault((kind, key), set()).add(reuse)
    return frozenset(record for record in asked if whole.get(record, parts.get(record)) == {Source.Reuse.NO})


def names_of_cooperation(kinds: Collection[str]) -> dict[str, str]:
    """The names of engagements, organisations, cases and channels by slug: one query, none where nothing cites them."""
    if not {"claim", "channel", *SUBJECTS, *PARTS} & set(kinds):
        return {}
    titles = Engagement.objects.order_by().values_list("slug", "title")
    others: list[QuerySet[Any, Any]] = [
        Case.objects.order_by().values_list("slug", "title"),
        Organisation.objects.order_by().values_list("slug", "name"),
        Channel.objects.order_by().values_list("slug", "name"),
    ]
    return dict(titles.union(*others))


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
            **names_of_cooperation({citation.kind for citation in citations}),
        }
        withheld = withheld_records(citations)

        def citing(citation: Citation) -> Link:
            kind, key = citation.kind, citation.record_key
            if {(kind, key), subject_of(kind, key)} & withheld:
                return Link(WITHHELD, found.get_absolute_url())
            return Link(record_name(kind, key, names), record_address(kind, key))

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
                            citing(citation),
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
