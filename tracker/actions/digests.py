"""Mails to the team about what happened since the last one. Nobody gets any who has not asked for it.

A person's place moves on before the mail is sent, in a transaction of its own: a repeated job finds it moved, so that
nothing is told twice. What a process was killed over in that moment is told by no mail; it stands in the workbench.
"""

from __future__ import annotations

import datetime
import logging
import textwrap
from dataclasses import dataclass
from smtplib import SMTPConnectError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from socket import gaierror

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from tracker.actions.jobs import Running
from tracker.history.timeline import ActSummary, summaries
from tracker.history.tracked import tracked_models
from tracker.models import Act, BulkImport, Digest, Job, Report, User

log = logging.getLogger(__name__)

# A job may come a little later or sooner than the last.
DAILY, WEEKLY = datetime.timedelta(hours=20), datetime.timedelta(days=7, hours=-4)
# So many of each are told; of the rest the number, and where they stand.
MOST = 25
WIDTH = 72  # characters of a line
SALT = "tracker.digest"
LOCAL = "http://localhost:8000"
# The server of mail has taken nothing: the mail may be sent again.
NOT_TAKEN = (SMTPResponseException, SMTPRecipientsRefused, SMTPConnectError, ConnectionRefusedError, gaierror)


@dataclass(frozen=True)
class Told:
    """One entry: its text in lines, and where it stands."""

    text: str
    address: str


@dataclass(frozen=True)
class Letter:
    """What a person is told. `acts` by who did them; the numbers are of all, also of those not named one by one."""

    acts: tuple[tuple[str, tuple[Told, ...]], ...]
    acts_in_all: int
    imports: tuple[Told, ...]
    imports_in_all: int
    reports: tuple[Told, ...]
    reports_new: int
    reports_open: int
    failed: tuple[Told, ...]

    @property
    def says_something(self) -> bool:
        return bool(self.acts_in_all or self.imports_in_all or self.reports_new or self.failed)

    @property
    def subject(self) -> str:
        parts = (
            (self.acts_in_all, "change", "changes"),
            (self.imports_in_all, "import waits", "imports wait"),
            (self.reports_new, "new report", "new reports"),
            (len(self.failed), "job failed", "jobs failed"),
        )
        return ", ".join(f"{many:,} {one if many == 1 else several}" for many, one, several in parts if many)


# What a person chooses


@transaction.atomic
def set_rhythm(*, by: User, rhythm: str) -> None:
    """How often a person is written to. Raises ValidationError (rhythm).

    Who asks for it anew is told of what comes from now on.
    """
    if rhythm not in Digest.Rhythm:
        raise ValidationError({"rhythm": "Choose one of: never, every day, every week."})
    if rhythm != Digest.Rhythm.NEVER and not by.email:
        raise ValidationError({"rhythm": "Your account has no e-mail address: an administrator can add it."})
    now = timezone.now()
    digest, made = Digest.objects.select_for_update().get_or_create(
        user=by, defaults={"rhythm": rhythm, "until": now, "until_act": _last_act()}
    )
    if not made and digest.rhythm == Digest.Rhythm.NEVER:
        digest.until, digest.until_act = now, _last_act()
    digest.rhythm = rhythm
    digest.save()


def rhythm_of(user: User) -> str:
    found = Digest.objects.filter(user=user).values_list("rhythm", flat=True).first()
    return found or str(Digest.Rhythm.NEVER)


def token_of(user: User) -> str:
    """What stands in the link that switches the mails off without logging in."""
    return signing.dumps(user.pk, salt=SALT)


def whose(token: str) -> User | None:
    """Whose mails a token switches off."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


# Sending


def send(running: Running) -> None:
    """Writes to everybody whose time has come."""
    now = timezone.now()
    wanted = list(Digest.objects.filter(_due(now)).order_by("pk").values_list("pk", flat=True))
    counts = {"sent": 0, "nothing to say": 0, "not taken": 0}
    for number, pk in enumerate(wanted):
        running.progress(number, len(wanted), "Writing")
        if outcome := _send_one(pk, now):
            counts[outcome] += 1
    with running.finishing(**{name.replace(" ", "_"): many for name, many in counts.items()}):
        pass


def somebody_is_due() -> bool:
    return Digest.objects.filter(_due(timezone.now())).exists()


def _due(now: datetime.datetime) -> Q:
    daily = Q(rhythm=Digest.Rhythm.DAILY, until__lte=now - DAILY)
    weekly = Q(rhythm=Digest.Rhythm.WEEKLY, until__lte=now - WEEKLY)
    return (daily | weekly) & Q(user__is_active=True) & ~Q(user__email="")


def _send_one(pk: int, now: datetime.datetime) -> str:
    """What came of it: "sent", "nothing to say", "not taken"; "" where another attempt was here."""
    with transaction.atomic():
        found = Digest.objects.select_for_update(of=("self",)).select_related("user").filter(_due(now), pk=pk)
        digest = found.first()
        if digest is None or not digest.user.may("edit"):
            return ""
        since, since_act = digest.until, digest.until_act
        digest.until, digest.until_act = now, _last_act()
        digest.save(update_fields=["until", "until_act"])
        letter = _letter(digest.user, since, since_act, digest.until, digest.until_act)
    if not letter.says_something:
        return "nothing to say"
    try:
        _mail(digest.user, letter, since, digest.get_rhythm_display()).send()
    except NOT_TAKEN as why:
        log.warning("The digest of %s was not taken: %s", digest.user.username, why)
        # It has its turn again with the next job.
        Digest.objects.filter(pk=pk, until=now).update(until=since, until_act=since_act)
        return "not taken"
    except (SMTPException, OSError) as why:
        # It may have gone out all the same: rather once too little than twice.
        log.warning("Whether the digest of %s went out is not known: %s", digest.user.username, why)
        return "not taken"
    Digest.objects.filter(pk=pk).update(sent_at=timezone.now())
    return "sent"


def _last_act() -> int:
    return Act.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _letter(user: User, since: datetime.datetime, since_act: int, until: datetime.datetime, until_act: int) -> Letter:
    # Acts get their keys in the order in which they are committed: none appears later among those told of.
    acts = Act.objects.filter(pk__gt=since_act, pk__lte=until_act).exclude(by=user)
    acts = acts.select_related("by", "redacted__redaction").order_by("pk")
    told: dict[str, list[Told]] = {}
    for act in summaries(tuple(acts[:MOST])):
        told.setdefault(act.by_name, []).append(_act(act))
    imports = BulkImport.objects.none()
    if user.may("approve"):
        imports = (
            BulkImport.objects.filter(state=BulkImport.State.WAITING).select_related("by", "file").order_by("pk")
        )
    reports = Report.objects.filter(state=Report.State.OPEN).order_by("made_at")
    new = reports.filter(made_at__gt=since)
    failed = Job.objects.filter(by=user, state=Job.State.FAILED, ended_at__gt=since, ended_at__lte=until)
    return Letter(
        acts=tuple((name, tuple(entries)) for name, entries in told.items()),
        acts_in_all=acts.count(),
        imports=tuple(_import(one) for one in imports[:MOST]),
        imports_in_all=imports.count(),
        reports=tuple(_report(one) for one in new[:MOST]),
        reports_new=new.count(),
        reports_open=reports.count(),
        failed=tuple(_failed(one) for one in failed.order_by("pk")[:MOST]),
    )


def _public() -> str:
    return settings.PUBLIC_URL or LOCAL


def _told(first: str, more: str, path: str) -> Told:
    """An entry with its lines broken, those after the first set in."""
    lines = textwrap.wrap(" ".join(first.split()), WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += textwrap.wrap(" ".join(more.split()), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return Told("\n".join(lines), f"{_public()}{path}")


def _act(act: ActSummary) -> Told:
    touched = ", ".join(f"{many:,} {_words(kind, many)}" for kind, many in act.touched[:4])
    more = len(act.touched) - 4
    what = f"{act.at:%H:%M} UTC on {act.at.day} {act.at:%B}, {act.cause}: {touched}"
    note = textwrap.shorten(act.note, 300, placeholder=" …")
    return _told(note, f"{what} and {more} more kinds" if more > 0 else what, f"/history/acts/{act.pk}/")


def _words(kind: str, many: int) -> str:
    model = tracked_models().get(kind)
    if model is None:
        return kind
    return str(model._meta.verbose_name if many == 1 else model._meta.verbose_name_plural)


def _import(one: BulkImport) -> Told:
    what = f"{one.created:,} new, {one.changed:,} changed {_words(one.kind, 2)}"
    by = f"sent by {one.by.get_full_name()} on {one.made_at.day} {one.made_at:%B}"
    return _told(one.file.name, f"{what}; {by}", one.get_absolute_url())


def _report(one: Report) -> Told:
    return _told(
        one.subject or one.address, f"of {one.address}, on {one.made_at.day} {one.made_at:%B}",
        f"/workbench/reports/{one.code}/",
    )  # fmt: skip


def _failed(one: Job) -> Told:
    return _told(one.title, textwrap.shorten(one.error, 300, placeholder=" …"), one.get_absolute_url())


def _mail(user: User, letter: Letter, since: datetime.datetime, rhythm: str) -> EmailMessage:
    stop = f"{_public()}/accounts/digest/off/{token_of(user)}/"
    words = {
        "letter": letter, "name": user.get_full_name(), "since": since, "rhythm": rhythm, "public_url": _public(),
        "stop": stop,
    }  # fmt: skip
    return EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{letter.subject}",
        render_to_string("digests/digest.txt", words),
        to=[user.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            # One press in the mail program, without a page (RFC 8058).
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
