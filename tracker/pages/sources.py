"""/sources/ and /sources/<key>/."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast

from tracker.analysis.home import counted
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Facet, Link, PageModel, TableData, long_date
from tracker.analysis.sources import CitingRow, SourcePage, SourceRow
from tracker.history.past import Moment
from tracker.models import (
    Bloc,
    Case,
    CaseParty,
    Channel,
    Citation,
    Claim,
    Country,
    Edition,
    Engagement,
    EngagementTechnology,
    Organisation,
    OrganisationAlias,
    Participation,
    Record,
    Source,
    Status,
    Technology,
)
from tracker.models.claim import SUBJECTS
from tracker.pages.not_found import NotFound
from tracker.pages.rows import RecordReader, reading_record, source_ref

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
# Records of cooperation: their model, the kind of the record on whose page they stand, and the column with that one's
# primary key. A claim names the kind itself.
PARTS: dict[str, tuple[type[Record], str | F, str]] = {
    "channel": (Channel, "channel", "pk"),
    "engagement": (Engagement, "engagement", "pk"),
    "organisation": (Organisation, "organisation", "pk"),
    "case": (Case, "case", "pk"),
    "organisationalias": (OrganisationAlias, "organisation", "organisation_id"),
    "participation": (Participation, "engagement", "engagement_id"),
    "engagementtechnology": (EngagementTechnology, "engagement", "engagement_id"),
    "status": (Status, "engagement", "engagement_id"),
    "caseparty": (CaseParty, "case", "case_id"),
    "claim": (Claim, F("kind"), "record"),
}
NAMED: dict[str, type[Record]] = {
    "channel": Channel, "engagement": Engagement, "organisation": Organisation, "case": Case,
}  # fmt: skip
TITLES = {"channel": "name", "engagement": "title", "organisation": "name", "case": "title"}
WITHHELD = "Withheld: its sources do not allow republication"


def record_name(kind: str, key: str, names: Mapping[str, str], subject: Subject | None = None) -> str:
    """A record's natural key for readers: what it speaks of by name, years as a window.

    Of cooperation the key begins with its `subject`, which is named as it is now.
    """
    parts = [part for part in key.split("/") if part]
    if kind == "claim":
        del parts[0]
    if subject is not None and parts:
        parts[0] = subject.name
    for number, (first, last) in enumerate(pairwise(parts)):
        if first.isdecimal() and last.isdecimal():
            parts[number : number + 2] = [f"{first}–{last}"]
            break
    return " · ".join(names.get(part, part) for part in parts)


def record_address(kind: str, key: str, subject: Subject | None = None) -> str:
    """The public page on which a record stands, from its natural key; of cooperation from its `subject` as it is now."""
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
        case _ if subject is not None:
            return subject.address
        case _:
            return "/methodology/"


@dataclass(frozen=True)
class Subject:
    """The record of cooperation that a citing record is or belongs to, as it is now."""

    kind: str
    pk: int
    slug: str
    name: str

    @property
    def address(self) -> str:
        return f"/cooperation/{self.slug}/" if self.kind == "channel" else f"/{SUBJECTS[self.kind]}/{self.slug}/"


Subjects = dict[tuple[str, int], Subject]


def read_subjects(reader: RecordReader, citations: Iterable[Citation]) -> Subjects:
    """What the records of cooperation cited here belong to, by kind and primary key of the citing record.

    By primary key, because a natural key is as it was when it was recorded. Two queries, none where nothing of
    cooperation cites.
    """
    asked: dict[str, set[int]] = defaultdict(set)
    for citation in citations:
        asked[citation.kind].add(citation.record)
    parts = [
        _columns(model, kind, subject, subject_pk, asked[kind])
        for kind, (model, subject, subject_pk) in PARTS.items()
        if asked[kind]
    ]
    if not parts:
        return {}
    belongs = {(kind, pk): (subject, about) for kind, pk, subject, about in parts[0].union(*parts[1:], all=True)}
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject, pk in belongs.values():
        wanted[subject].add(pk)
    names = [
        NAMED[kind]._default_manager.filter(pk__in=pks).order_by()
        .annotate(its_kind=Constant(kind, output_field=TextField()), its_name=Cast(TITLES[kind], TextField()))
        .values_list("its_kind", "pk", "slug", "its_name")
        for kind, pks in wanted.items()
    ]  # fmt: skip
    found = {(row[0], row[1]): Subject(*row) for row in names[0].union(*names[1:], all=True)}
    for kind, pks in wanted.items():
        reader.show(kind, pks)
    return {record: found[subject] for record, subject in belongs.items() if subject in found}


def _columns(
    model: type[Record], kind: str, subject: str | F, subject_pk: str, pks: Collection[int]
) -> QuerySet[Any, Any]:
    text: TextField[Any, Any] = TextField()
    number: BigIntegerField[Any, Any] = BigIntegerField()
    return (
        model._default_manager.filter(pk__in=pks)
        .order_by()
        .annotate(
            its_kind=Constant(kind, output_field=text),
            subject=Cast(subject, text) if isinstance(subject, F) else Constant(subject, output_field=text),
            subject_pk=Cast(F(subject_pk), number),
        )
        .values_list("its_kind", "pk", "subject", "subject_pk")
    )


def withheld_records(subjects: Subjects) -> frozenset[tuple[str, int]]:
    """Of the records of cooperation cited here, and of those they belong to: those of which only withheld sources
    speak, by kind and primary key. Their names are what is withheld. One query."""
    asked = set(subjects) | {(subject.kind, subject.pk) for subject in subjects.values()}
    if not asked:
        return frozenset()
    found = Citation.objects.filter(kind__in={kind for kind, _ in asked}, record__in={pk for _, pk in asked})
    whole: dict[tuple[str, int], set[str]] = {}
    parts: dict[tuple[str, int], set[str]] = {}
    for kind, pk, field, reuse in found.order_by().values_list("kind", "record", "field", "source__reuse"):
        (parts if field else whole).setdefault((kind, pk), set()).add(reuse)
    return frozenset(record for record in asked if whole.get(record, parts.get(record)) == {Source.Reuse.NO})


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
            if subject and {(kind, citation.record), (subject.kind, subject.pk)} & withheld:
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
