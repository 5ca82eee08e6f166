"""/releases/ and /releases/<name>/."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Count, Q

from tracker.analysis.history import KindCount, kind_counts
from tracker.analysis.read_model import Link, PageModel, TableData, long_date
from tracker.analysis.releases import KindTotal, ReleaseDownload, ReleasePage, ReleaseRow
from tracker.history.past import Moment, kept_back
from tracker.history.timeline import differing_between
from tracker.models import Interval, Redacted, Release, ReleaseFile
from tracker.pages.history_rows import kinds_words
from tracker.pages.not_found import NotFound
from tracker.pages.rows import reading_record

TRAIL = (Link("Home", "/"), Link("Releases", "/releases/"))


def release_list(*, at: Moment | None = None) -> PageModel:
    """Every release, the newest first."""
    with reading_record(at, editions=False) as reader:
        found = tuple(Release.objects.order_by("-number"))
        reader.show("release", [one.pk for one in found])
        newest = f" The newest is {found[0].name}, of {long_date(found[0].released.isoformat())}." if found else ""
        return PageModel(
            title="Releases",
            sentence="Named states of the whole record, for citation: what a release says stays as it was." + newest,
            address="/releases/",
            trail=TRAIL[:1],
            tables=(
                TableData(
                    "releases",
                    "Releases, the newest first",
                    tuple(
                        ReleaseRow(
                            Link(one.name, one.get_absolute_url()),
                            one.released.isoformat(),
                            f"r{one.number}",
                            one.notes,
                            one.checksum,
                        )
                        for one in found
                    ),
                    ReleaseRow,
                    empty="No state has been named yet. Any state can be cited by its revision all the same.",
                ),
            ),
            stamp=reader.stamp(),
        )


def release(*, name: str, at: Moment | None = None) -> ReleasePage:
    """One release: its state, what it holds, what it changed. Raises NotFound."""
    with reading_record(at, editions=False) as reader:
        # Which came before is asked of the releases themselves, of any moment.
        every = {one.name: one for one in Release.objects.order_by("number")}
        found = every.get(name)
        if found is None:
            offered = tuple(Link(one.name, one.get_absolute_url()) for one in reversed(every.values()))
            raise NotFound(f"There is no release “{name[:40]}”.", offered or (Link("Releases", "/releases/"),))
        reader.show("release", [found.pk])
        before = [one for one in every.values() if one.number < found.number]
        previous = before[-1] if before else None
        current = Interval.objects.filter(Q(until__isnull=True) | Q(until__gt=found.number), since__lte=found.number)
        held = current.order_by().values_list("kind").annotate(many=Count("pk"))
        totals = sorted(
            (KindTotal(kinds_words(kind), many) for kind, many in held), key=lambda row: (-row.records, row.kind)
        )
        changes: tuple[KindCount, ...] = ()
        address = ""
        if previous is not None:
            address = f"/history/changes/?after=r{previous.number}&until=r{found.number}"
            differing = differing_between(previous.number, found.number)
            links = {
                kind: Link(kinds_words(kind), f"{address}&kind={kind}") for kind in {one.kind for one in differing}
            }
            changes = kind_counts(((one.kind, one.action) for one in differing), links)
        files = tuple(_files())
        own = next((one for one in files if one.release == found.pk), None)
        download = None
        if own is not None and own.kept_back == kept_back().digest:
            download = ReleaseDownload(f"{found.get_absolute_url()}records.sqlite3", own.file.size, own.file.digest)
        stamp = reader.stamp()
        redacted = Redacted.objects.filter(revision__isnull=False, revision__number__lte=found.number).count()
        records = sum(row.records for row in totals)
        return ReleasePage(
            title=f"Release {found.name}",
            sentence=f"The record as it stood after revision r{found.number}, named on "
            f"{long_date(found.released.isoformat())}: {records} records.",
            address=found.get_absolute_url(),
            trail=TRAIL,
            tables=(
                TableData("records", "What it holds, by kind of record", tuple(totals), KindTotal),
                TableData(
                    "changes",
                    f"Records that differ from the release before, {previous.name}" if previous else "Changes",
                    changes,
                    KindCount,
                    empty="No record differs from the release before." if previous else "It is the first release.",
                ),
            ),
            # That the file is there is no part of the record's version.
            stamp=replace(stamp, version=f"{stamp.version}~{_digest(files)}"),
            name=found.name,
            number=found.number,
            digest=found.digest,
            checksum=found.checksum,
            released=found.released.isoformat(),
            notes=found.notes,
            previous=Link(previous.name, previous.get_absolute_url()) if previous else None,
            changes=address,
            redacted=redacted,
            file=download,
        )


def files_digest() -> str:
    """Stands for which releases have a file, and which; one query."""
    return _digest(_files())


def _files() -> Iterable[ReleaseFile]:
    return ReleaseFile.objects.select_related("file").order_by("release")


def _digest(files: Iterable[ReleaseFile]) -> str:
    told = repr([(one.release, one.kept_back, one.file.digest) for one in files])
    return hashlib.sha256(told.encode()).hexdigest()[:8]
