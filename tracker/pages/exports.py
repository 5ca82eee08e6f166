"""/workbench/exports/, and the files of everything for readers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import Count

from tracker.analysis.read_model import Link
from tracker.history.kinds import by_topic
from tracker.history.public_files import given
from tracker.models import Interval
from tracker.pages.imports import size_in_words

ADDRESSES = {"csv": "/data/everything.zip", "xlsx": "/data/everything.xlsx"}


@dataclass(frozen=True)
class ExportKind:
    """A kind of record, how many there are, and where its two files are."""

    name: str
    many: str
    words: str
    records: int
    csv: str
    xlsx: str


@dataclass(frozen=True)
class PublicFile:
    """A file of everything that readers may take away. `size` in words; `state` as `r123`."""

    format: str
    link: Link
    size: str
    state: str


def export_groups() -> tuple[tuple[str, tuple[ExportKind, ...]], ...]:
    """The kinds under their headings; one query."""
    found = Interval.objects.filter(until__isnull=True).order_by().values_list("kind").annotate(many=Count("pk"))
    counts = dict(found)
    return tuple(
        (
            topic,
            tuple(
                ExportKind(
                    kind.name, kind.many, kind.about, counts.get(kind.name, 0),
                    f"/workbench/exports/{kind.name}.csv", f"/workbench/exports/{kind.name}.xlsx",
                )
                for kind in kinds
            ),
        )
        for topic, kinds in by_topic()
    )  # fmt: skip


def public_files() -> tuple[PublicFile, ...]:
    """The files of everything that may be given to readers now; two queries."""
    return tuple(
        PublicFile(format, Link(ADDRESSES[format], ADDRESSES[format]), size_in_words(file.size), f"r{revision}")
        for format, (file, revision) in sorted(given().items())
    )


def public_files_digest() -> str:
    """Stands for which files of everything there are."""
    told = repr(sorted((format, file.digest) for format, (file, _) in given().items()))
    return hashlib.sha256(told.encode()).hexdigest()[:8]
