"""/sources/ and /sources/<key>/."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from tracker.analysis.home import counted
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Facet, Link, PageModel, TableData, long_date
from tracker.analysis.sources import CitingRow, SourcePage, SourceRow
from tracker.analysis.trade import figure_anchor
from tracker.history.belonging import Key, parents, speaking
from tracker.history.kinds import KINDS
from tracker.history.past import Moment
from tracker.history.sealing import Said, only_withheld
from tracker.history.tracked import tracked_models
from tracker.models import Bloc, Citation, Country, Edition, Source, Technology
from tracker.pages.history_rows import NAMES, PAGES
from tracker.pages.not_found import NotFound
from tracker.pages.rows import RecordReader, reading_record, source_ref
from tracker.pages.union import union_rows

# What kinds of citing records are called where the noun alone would not say of what they are.
WORDS = {
    "editiontechnology": "coverage of an edition", "institutionscore": "institution's rank",
    "organisationalias": "organisation's other name", "participation": "party to an engagement",
    "engagementtechnology": "subject of an engagement", "status": "status of an engagement",
    "caseparty": "party to a case",
}  # fmt: skip
WITHHELD = "Withheld: its sources do not allow republication"


def kind_words(kind: str) -> str:
    return WORDS.get(kind) or (KINDS[kind].noun if kind in KINDS else kind)


def record_name(kind: str, key: str, names: Mapping[str, str], subject: Subject | None = None) -> str:
    """A record's natural key for readers: what it speaks of by name, years as a window.

    What belongs to another record is named by that `subject`, as it is called now. An organisation is not named here:
    whether it may be is for its own page to say.
    """
    parts = [part for part in key.split("/") if part]
    model = tracked_models().get(kind)
    if model is not None and model.speaks_of:
        del parts[0]
    if subject is not None and parts:
        if model is not None and model.names in model.key_fields:
            parts = [subject.name]
        elif _begins_with_its_subject(kind):
            parts[0] = subject.name
        else:
            parts.insert(0, subject.name)
    for number, (first, last) in enumerate(pairwise(parts)):
        if first.isdecimal() and last.isdecimal():
            parts[number : number + 2] = [f"{first}–{last}"]
            break
    return " · ".join(names.get(part, part) for part in parts)


def _begins_with_its_subject(kind: str) -> bool:
    """Whether the natural key of such a record begins with that of the page's record it belongs to."""
    if kind in speaking() or kind not in parents():
        return True
    column, parent = parents()[kind]
    return tracked_models()[kind].key_fields[0] == column and _begins_with_its_subject(parent)


def record_address(kind: str, key: str, subject: Subject | None = None) -> str:
    """The public page on which a record stands: that of its `subject` as it is now, else from its natural key."""
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
        case "tradeflow" if subject is not None:
            return f"{subject.address}#{figure_anchor(parts[0])}"
        case _ if subject is not None:
            return subject.address
        case _:
            return "/methodology/"


@dataclass(frozen=True)
class Subject:
    """The record with a page of its own that a citing record is or belongs to, as it is now; `through`: what lies
    between the two, by kind and primary key."""

    kind: str
    pk: int
    slug: str
    name: str
    through: tuple[Key, ...] = ()

    @property
    def address(self) -> str:
        return PAGES[self.kind].format(self.slug)


Subjects = dict[Key, Subject]


@cache
def _with_pages() -> frozenset[str]:
    """The kinds with pages of their own whose records others belong to, and are withheld with."""
    models = tracked_models()
    return frozenset(
        kind for kind in NAMES
        if kind not in parents() and kind in PAGES and (models[kind].withheld_whole or kind == "channel")
    )  # fmt: skip


def read_subjects(reader: RecordReader, citations: Iterable[Citation]) -> Subjects:
    """What the records cited here belong to that are withheld with it, by kind and primary key of the citing record.

    By primary key, because a natural key is as it was when it was recorded. A query for the names and one for each
    step up to them (two in all for a party or a status), none where nothing of the sort is cited.
    """
    models = tracked_models()
    ways: dict[Key, list[Key]] = {}
    for citation in citations:
        model = models.get(citation.kind)
        if citation.kind in _with_pages() or (model is not None and model.withheld_whole):
            ways[citation.kind, citation.record] = [(citation.kind, citation.record)]
    while wanted := {way[-1] for way in ways.values() if way[-1][0] not in _with_pages()}:
        above = _above(wanted)
        # What is no more belongs to nothing.
        ways = {
            key: way if way[-1] not in wanted else [*way, above[way[-1]]]
            for key, way in ways.items()
            if way[-1] not in wanted or way[-1] in above
        }
    tops: dict[str, set[int]] = defaultdict(set)
    for way in ways.values():
        tops[way[-1][0]].add(way[-1][1])
    if not tops:
        return {}
    names = union_rows(
        *(
            (
                models[kind]._default_manager.filter(pk__in=pks),
                {"kind": kind, "pk": F("pk"), "slug": F(NAMES[kind][1]), "name": F(NAMES[kind][0])},
            )
            for kind, pks in tops.items()
        )
    )
    found = {(row["kind"], row["pk"]): row for row in names}
    for kind, pks in tops.items():
        reader.show(kind, pks)
    return {key: Subject(**found[way[-1]], through=tuple(way)) for key, way in ways.items() if way[-1] in found}


def _above(records: Collection[Key]) -> dict[Key, Key]:
    """What each of these records belongs to: one query."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk in records:
        by_kind[kind].append(pk)
    parts: list[tuple[QuerySet[Any, Any], Mapping[str, Any]]] = []
    for kind, pks in by_kind.items():
        if kind in speaking():
            of: dict[str, Any] = {"above_kind": F("kind"), "above_pk": F("record")}
        elif kind in parents():
            column, parent = parents()[kind]
            of = {"above_kind": parent, "above_pk": F(f"{column}_id")}
        else:
            continue
        parts.append(
            (tracked_models()[kind]._default_manager.filter(pk__in=pks), {"kind": kind, "pk": F("pk"), **of})
        )
    rows = union_rows(*parts) if parts else ()
    return {(row["kind"], row["pk"]): (row["above_kind"], row["above_pk"]) for row in rows}


def withheld_records(subjects: Subjects) -> frozenset[Key]:
    """Of the records cited here that belong to others, and of those others: those of which only withheld sources
    speak, by kind and primary key. Their names are what is withheld. One query."""
    asked = {key for subject in subjects.values() for key in subject.through}
    if not asked:
        return frozenset()
    found = Citation.objects.filter(kind__in={kind for kind, _ in asked}, record__in={pk for _, pk in asked})
    said: dict[Key, list[Said]] = defaultdict(list)
    for kind, pk, field, reuse in found.order_by().values_list("kind", "record", "field", "source__reuse"):
        said[kind, pk].append((field, reuse))
    return frozenset(record for record in asked if only_withheld(said[record]))


def names_in(reader: RecordReader, citations: Iterable[Citation]) -> dict[str, str]:
    """The names that natural keys of citing records speak of, by slug or code: four queries."""
    parts = {part for citation in citations for part in citation.record_key.split("/")}
    names: dict[str, str] = {}
    for model, column in ((Technology, "slug"), (Edition, "slug"), (Country, "code"), (Bloc, "slug")):
        for pk, key, name in model._default_manager.values_list("pk", column, "name"):
            if key in parts:
                names[key] = name
                reader.show(model.record_kind(), [pk])
    return names


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
        names = names_in(reader, citations)
        subjects = read_subjects(reader, citations)
        withheld = withheld_records(subjects)

        def citing(citation: Citation) -> Link:
            kind, key = citation.kind, citation.record_key
            subject = subjects.get((kind, citation.record))
            if subject and not withheld.isdisjoint(subject.through):
                return Link(WITHHELD, found.get_absolute_url())
            return Link(record_name(kind, key, names, subject), record_address(kind, key, subject))

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
                            kind_words(citation.kind),
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
