"""The files of everything that readers may take away: which are there, and whether they may still be given."""

from __future__ import annotations

from django.db.models import QuerySet

from tracker.history.past import kept_back
from tracker.models import Job, StoredFile

# A job's kind is this word and the format: everything-csv. Its result says of what revision the file is, and what was
# kept back then.
EVERYTHING = "everything"
FORMATS = ("csv", "xlsx")


def kind_of(format: str) -> str:
    """The kind of the jobs that make the file in a format."""
    return f"{EVERYTHING}-{format}"


def made(format: str) -> QuerySet[Job]:
    """The jobs whose file is there, the newest first."""
    jobs = Job.objects.filter(kind=kind_of(format), state=Job.State.DONE, file__isnull=False)
    return jobs.select_related("file").order_by("-pk")


def given() -> dict[str, tuple[StoredFile, int]]:
    """By format, the file that may be given to readers now, and the revision that it is of. Two queries.

    None is given that holds what is withheld or was taken out since it was made.
    """
    digest = kept_back().digest
    found: dict[str, tuple[StoredFile, int]] = {}
    jobs = Job.objects.filter(kind__in=map(kind_of, FORMATS), state=Job.State.DONE, file__isnull=False)
    for job in jobs.select_related("file").order_by("pk"):
        if job.file is not None and job.result.get("kept_back") == digest:
            found[job.kind.removeprefix(f"{EVERYTHING}-")] = (job.file, int(job.result.get("revision", 0)))
    return found
