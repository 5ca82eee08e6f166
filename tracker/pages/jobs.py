"""Jobs, for the people who asked for them and for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from tracker.analysis.read_model import THIN_SPACE, Link, TableData, written
from tracker.models import Job, User
from tracker.pages.not_found import NotFound

A_PAGE = 25
LINES = 100  # of a log, the last ones
JOBS = Link("Jobs", "/workbench/jobs/")
# Which jobs a list is of: its name in the address, its words, its states.
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", tuple(Job.State.values)),
    "open": ("Waiting or running", tuple(Job.OPEN)),
    "done": ("Done", (Job.State.DONE,)),
    "failed": ("Failed", (Job.State.FAILED,)),
    "cancelled": ("Cancelled", (Job.State.CANCELLED,)),
}
# What a job says of what came of it, beside the address of it.
NOT_SHOWN = {"address"}


@dataclass(frozen=True)
class JobRow:
    job: Link
    state: str
    said: str
    by: str
    made: str
    took: str


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    count: int


@dataclass(frozen=True)
class JobList:
    """A page of jobs. `all`: everybody's."""

    all: bool
    state: str
    tabs: tuple[Tab, ...]
    table: TableData
    page: int
    pages: int


@dataclass(frozen=True)
class JobPage:
    """One job whole. `percent` is None where the whole is not known; `results` are words about what came of it, and
    `address` where it stands; `file_until` when its file may go, None = never."""

    pk: int
    title: str
    address: str
    state: str
    open: bool
    stopping: bool
    percent: int | None
    how_far: str
    doing: str
    by: str
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    took: str
    attempt: int
    waits: str
    error: str
    cancelled_by: str
    lines: tuple[tuple[datetime, str], ...]
    results: tuple[tuple[str, str], ...]
    result_address: str
    file: str
    file_size: str
    file_until: datetime | None
    may_cancel: bool
    may_try_again: bool


def visible(user: User) -> QuerySet[Job]:
    """The jobs that a person may see: their own, or all for who manages."""
    return Job.objects.all() if user.may("manage") else Job.objects.filter(by=user)


def find(*, pk: int, user: User) -> Job:
    """The job; NotFound where there is none, or it is somebody else's."""
    found = visible(user).select_related("file").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no job {pk} of yours.", (JOBS,))
    return found


def job_list(*, user: User, everybody: bool, state: str, page: int) -> JobList:
    """Two queries. NotFound where there is no such list or page."""
    if state not in LISTS:
        raise NotFound(f"Jobs are not “{state[:40]}”.", (JOBS,))
    jobs = Job.objects.all() if everybody and user.may("manage") else Job.objects.filter(by=user)
    counts = jobs.aggregate(**{name or "all": Count("pk", filter=Q(state__in=of)) for name, (_, of) in LISTS.items()})
    pages = max(1, ceil(counts[state or "all"] / A_PAGE))
    if not 1 <= page <= pages:
        raise NotFound(f"This list has {pages} page{'s' if pages > 1 else ''}.", (JOBS,))
    found = jobs.filter(state__in=LISTS[state][1])[(page - 1) * A_PAGE : page * A_PAGE]
    return JobList(
        all=everybody,
        state=state,
        tabs=tuple(Tab(name, label, counts[name or "all"]) for name, (label, _) in LISTS.items()),
        table=TableData("jobs", "", tuple(_row(job) for job in found), JobRow, "No job here."),
        page=page,
        pages=pages,
    )


def _row(job: Job) -> JobRow:
    said = job.error if job.state == Job.State.FAILED else ""
    if job.state == Job.State.RUNNING:
        said = ", ".join(filter(None, (job.doing, how_far(job))))
    return JobRow(
        Link(job.title, job.get_absolute_url()), job.get_state_display(), said, job.by_name,
        f"{job.made_at.day} {job.made_at:%B %Y, %H:%M}", took(job),
    )  # fmt: skip


def latest(*, user: User) -> tuple[JobPage, ...]:
    """What the workbench names: the person's last jobs."""
    return tuple(_page(job, user) for job in Job.objects.filter(by=user).select_related("file")[:4])


def job_page(job: Job, user: User, *, again: bool = False) -> JobPage:
    """One job, with the end of its log; `again`: whether its kind may be asked for anew. One query."""
    lines = reversed(job.lines.order_by("-pk").values_list("at", "text")[:LINES])
    return _page(job, user, tuple(lines), again=again)


def _page(job: Job, user: User, lines: tuple[tuple[datetime, str], ...] = (), *, again: bool = False) -> JobPage:
    file = job.file if job.file_id else None
    mine = job.by_id == user.pk or user.may("manage")
    return JobPage(
        pk=job.pk, title=job.title, address=job.get_absolute_url(), state=job.get_state_display(), open=job.open,
        stopping=job.open and job.cancel_asked_at is not None, percent=job.percent, how_far=how_far(job),
        doing=job.doing, by=job.by_name, made_at=job.made_at, begun_at=job.begun_at, ended_at=job.ended_at,
        took=took(job), attempt=job.attempt, waits=_waits(job), error=job.error, cancelled_by=job.cancel_by_name,
        lines=lines, results=_results(job), result_address=_own(job.result.get("address")),
        file=file.name if file and file.complete else "", file_size=size(file.size) if file else "",
        file_until=file.expires if file else None,
        may_cancel=mine and job.open and job.cancel_asked_at is None,
        may_try_again=mine and again and job.state in (Job.State.FAILED, Job.State.CANCELLED),
    )  # fmt: skip


def _own(address: object) -> str:
    return address if isinstance(address, str) and address.startswith("/") and not address.startswith("//") else ""


def _waits(job: Job) -> str:
    """Why a waiting job waits, in words."""
    if job.state != Job.State.WAITING:
        return ""
    now = timezone.now()
    if job.not_before and job.not_before > now:
        return f"It failed by chance and is tried again at {job.not_before:%H:%M:%S} UTC."
    if job.attempt:
        return "The worker that had it died; the next free one takes it up."
    if now - job.made_at > timedelta(minutes=1):
        return "It stands in line. If other jobs do not move either, no worker is running."
    return "It waits for a free worker."


def _results(job: Job) -> tuple[tuple[str, str], ...]:
    """Words and numbers of what came of it, named after their keys."""
    said = []
    for name, value in job.result.items():
        if name not in NOT_SHOWN and isinstance(value, str | int | float) and value != "":
            words = "yes" if value is True else "no" if value is False else value
            said.append(
                (name.replace("_", " ").capitalize(), written(words) if isinstance(words, int) else str(words))
            )
    return tuple(said)


def how_far(job: Job) -> str:
    """“1 200 of 62 160”; empty where nothing is counted."""
    if job.total:
        return f"{written(job.done)} of {written(job.total)}"
    return written(job.done) if job.done else ""


def took(job: Job) -> str:
    """How long the last attempt ran, or has run: “1 min 15 s”."""
    if job.begun_at is None or job.state == Job.State.WAITING:
        return ""
    seconds = ((job.ended_at or timezone.now()) - job.begun_at).total_seconds()
    if seconds < 1:
        return f"under 1{THIN_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    parts = ((minutes // 60, "h"), (minutes % 60, "min")) if minutes >= 60 else ((minutes, "min"), (rest, "s"))
    return " ".join(f"{number}{THIN_SPACE}{unit}" for number, unit in parts if number)


def size(number: int) -> str:
    """Bytes in words: “1.2 MB”."""
    if number < 1000:
        return f"{number}{THIN_SPACE}bytes"
    value, unit = next(
        (number / step, unit) for step, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if number >= step
    )
    return f"{value:.1f}{THIN_SPACE}{unit}" if value < 10 else f"{value:.0f}{THIN_SPACE}{unit}"
