"""Naming a state of the record for citation, and the file of it that readers may take away."""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from tracker.actions import stored_files
from tracker.actions.jobs import JobFailed, Running, enqueue
from tracker.history import past
from tracker.history.past import kept_back
from tracker.history.recording import recorded
from tracker.history.sealing import seal
from tracker.models import (
    Act,
    FileChunk,
    Interval,
    Job,
    Release,
    ReleaseFile,
    Revision,
    RevisionCounter,
    User,
)


class CannotRelease(Exception):
    """The state cannot be named so. `problems`: by field ("" = none of them), sentences."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence for several in problems.values() for sentence in several))


def release(*, name: str, notes: str, by: User, origin: str = "web") -> Release:
    """Names the present state. Raises CannotRelease: a name is used once, and a state is named once."""
    _refuse_a_taken_address(name)
    with recorded(by=by, cause=Act.Cause.VISIBILITY, note=f"Release {name}", origin=origin) as recording:
        # Acts queue: nothing is written between this number and the release's own revision.
        counter = RevisionCounter.objects.values_list("last_number", "last_digest").filter(pk=1).first() or (0, "")
        number, digest = counter
        _refuse_the_same_state(number)
        made = Release(
            name=name, number=number, digest=digest, checksum=checksum(number), released=timezone.now().date(),
            notes=notes,
        )  # fmt: skip
        try:
            made.full_clean()
        except ValidationError as wrong:
            raise CannotRelease(wrong.message_dict) from None
        recording.watch(made)
        made.save()
    return made


def _refuse_a_taken_address(name: str) -> None:
    """A release stands at /releases/<name>/, and its twins at <name>.json and <name>.csv."""
    said = name.casefold()
    if said == "new":
        raise CannotRelease({"name": ["“new” is the address at which releases are named: take another, 2026.11."]})
    if said.endswith((".json", ".csv")):
        raise CannotRelease({"name": ["A name cannot end as a file's does, in .json or .csv: write 2026.11."]})


def _refuse_the_same_state(number: int) -> None:
    last = Release.objects.aggregate(last=Max("number"))["last"]
    if number == 0:
        raise CannotRelease({"": ["Nothing is recorded yet."]})
    # A release is recorded after the state that it names: that alone makes no new state.
    if last is not None and not Revision.objects.filter(number__gt=last).exclude(kind="release").exists():
        same = Release.objects.get(number=last)
        raise CannotRelease({"": [f"This state has a name already: {same.name}. Nothing has changed since."]})


def checksum(number: int) -> str:
    """sha256 over every record as it stood just after revision `number`, as docs/history.md describes."""
    current = Interval.objects.filter(Q(until__isnull=True) | Q(until__gt=number), since__lte=number)
    rows = current.order_by("kind", "record").values_list("kind", "record", "revision__state")
    # Databases differ in how they sort texts.
    lines: dict[str, list[str]] = {}
    for kind, record, state in rows.iterator(chunk_size=5000):
        lines.setdefault(kind, []).append(line(kind, record, state))
    whole = hashlib.sha256()
    for kind in sorted(lines):
        for text in lines[kind]:
            whole.update(text.encode())
    return whole.hexdigest()


def line(kind: str, record: int, state: object) -> str:
    """A record in the text that the checksum is taken of: JSON without spaces, keys sorted, and an end of line."""
    content = [kind, record, state]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


# The file of a release


SQLITE = "application/vnd.sqlite3"
BUILDS = "release"  # the kind of its job
TRIED_AGAIN = datetime.timedelta(hours=6)


def ask_for_file(*, release: Release, by: User | None) -> Job:
    """A job that makes the file of a release."""
    return enqueue(
        kind=BUILDS, title=f"File of release {release.name}", by=by, once=f"release {release.pk}", release=release.pk
    )


def file_of(release: Release) -> ReleaseFile | None:
    """The file that may be given to readers now; None where there is none, or one that holds what was withheld or
    taken out since. Two queries."""
    found = ReleaseFile.objects.select_related("file").filter(release=release.pk).first()
    return found if found is not None and found.kept_back == kept_back().digest else None


def forget_stale_files() -> int:
    """Removes the files that hold what is withheld or was taken out since they were made, and those of releases that
    are no more; returns how many."""
    old = ReleaseFile.objects.exclude(kept_back=kept_back().digest, release__in=Release.objects.values("pk"))
    for one in old:
        _remove(one)
    return len(old)


def files_are_wanted() -> bool:
    """Whether a release has no file that may be given to readers, and nobody is at it or has just failed at it."""
    current = ReleaseFile.objects.filter(kept_back=kept_back().digest)
    if not Release.objects.exclude(pk__in=current.values("release")).exists():
        return False
    jobs = Job.objects.filter(kind=BUILDS)
    failed = Q(state=Job.State.FAILED, ended_at__gt=timezone.now() - TRIED_AGAIN)
    return not jobs.filter(Q(state__in=Job.OPEN) | failed).exists()


def build_files(running: Running, *, release: int | None = None) -> None:
    """Makes the file of a release; without one those of all that have none, or one that nobody may have any more.

    A file holds the records as they stood, without what is withheld today: nobody's account and no act, so people
    stand in it only where a record names them.
    """
    forget_stale_files()
    wanted = list(Release.objects.filter(**({} if release is None else {"pk": release})).order_by("number"))
    if release is not None and not wanted:
        raise JobFailed("This release is no more.")
    made = []
    for number, one in enumerate(wanted):
        running.progress(number, len(wanted), f"The file of release {one.name}", at_once=True)
        if file_of(one) is None:
            kept = _build_file(one)
            running.log(f"{one.name}: {kept.file.size:,} bytes, sha256 {kept.file.digest}")
            made.append(one.name)
    with running.finishing(address=wanted[0].get_absolute_url() if len(wanted) == 1 else "/releases/", made=made):
        pass


def _build_file(release: Release) -> ReleaseFile:
    hidden = kept_back()
    with tempfile.TemporaryDirectory() as folder:
        filled, sealed = Path(folder) / "filled.sqlite3", Path(folder) / "sealed.sqlite3"
        past.fill(filled, release.number, hidden)
        seal(filled, sealed)
        _label(sealed, release)
        with sealed.open("rb") as content:
            # It goes again tomorrow if this is broken off.
            kept = stored_files.keep(
                content=content, name=f"technology-leadership-{release.name}.sqlite3", content_type=SQLITE, by=None,
                days=1,
            )  # fmt: skip
    with transaction.atomic():
        # Acts queue here: nothing is withheld between this look and the end.
        list(RevisionCounter.objects.select_for_update())
        if kept_back().digest != hidden.digest:
            raise RuntimeError("What is withheld has changed while the file was made.")
        for old in ReleaseFile.objects.filter(release=release.pk):
            _remove(old)
        kept.expires = None
        kept.save(update_fields=["expires"])
        return ReleaseFile.objects.create(
            release=release.pk, file=kept, kept_back=hidden.digest, made_at=timezone.now()
        )


def _label(path: Path, release: Release) -> None:
    """Says in the file itself what it is."""
    address = f"{settings.PUBLIC_URL}{release.get_absolute_url()}"
    said = {
        "title": f"Technology Leadership Tracker, release {release.name}",
        "address": address,
        "state": f"r{release.number}",
        "named_on": release.released.isoformat(),
        "digest": release.digest,
        "checksum": release.checksum,
        "withheld": "What only sources say that may not be republished is left out; such sources have their title only.",
        "licence": f"{settings.PUBLIC_URL}/licence/",
    }
    database = sqlite3.connect(path)
    try:
        with database:
            database.execute("CREATE TABLE about (name text PRIMARY KEY, value text NOT NULL)")
            database.executemany("INSERT INTO about VALUES (?, ?)", said.items())
    finally:
        database.close()


@transaction.atomic
def _remove(old: ReleaseFile) -> None:
    file = old.file
    old.delete()
    FileChunk.objects.filter(file=file).delete()
    file.delete()
