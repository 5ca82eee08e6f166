"""Reports of errors: readers send them, researchers answer them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tracker.models import Act, Report, ReportSender, User

# From one place of the network.
MOST_AN_HOUR, MOST_A_DAY = 5, 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# No letters or digits that are taken for one another, and no vowels: a code spells nothing.
ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"


class TooMany(Exception):
    """So many reports came from the same place that no more are taken before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"No more reports before {until.isoformat()}.")


class AnsweredMeanwhile(Exception):
    """Somebody else has answered the report since it was opened. `report` is as it is now."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(f"{report.code} was answered meanwhile.")


@transaction.atomic
def receive(
    *,
    address: str,
    message: str,
    number: int,
    sender: str,
    subject: str = "",
    kind: str = "",
    record: int | None = None,
    source: str = "",
    email: str = "",
    at: datetime | None = None,
) -> Report:
    """A reader's report. Nobody acts: readers have no account.

    `address` is the page's path with its query; `number` the state of the record that the reader saw; `sender`
    the network address it came from, of which a keyed digest is kept for a day. Raises TooMany.
    """
    now = at or timezone.now()
    _count(sender, now)
    return Report.objects.create(
        code=_new_code(), address=address, subject=subject, kind=kind, record=record, number=number, message=message,
        source=source, email=email, made_at=now,
    )  # fmt: skip


def _count(sender: str, now: datetime) -> None:
    """Counts one more report; the row is locked until the report is saved, so that none slips in between."""
    digest = salted_hmac("tracker.report.sender", sender, algorithm="sha256").hexdigest()
    row, _ = ReportSender.objects.select_for_update().get_or_create(digest=digest, defaults={"seen": now})
    moments = (datetime.fromtimestamp(seconds, UTC) for seconds in row.sent)
    sent = sorted(moment for moment in moments if moment > now - DAY)
    free = [
        sent[-most] + span
        for most, span in ((MOST_AN_HOUR, HOUR), (MOST_A_DAY, DAY))
        if len(sent) >= most and sent[-most] > now - span
    ]
    if free:
        raise TooMany(max(free))
    row.sent = [moment.timestamp() for moment in (*sent, now)]
    row.seen = now
    row.save()
    ReportSender.objects.filter(seen__lte=now - DAY).delete()


def _new_code() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


@transaction.atomic
def answer(
    *,
    code: str,
    state: str,
    outcome: str,
    expected: datetime | None,
    by: User,
    act: Act | None = None,
    at: datetime | None = None,
) -> Report:
    """The outcome of a report, for the public; again, where an answer is to be put right.

    `expected` is when the report was last answered, as far as the researcher saw: None = not yet. `act` is what
    corrected the record. Raises AnsweredMeanwhile; Report.DoesNotExist; ValueError for a state that is no
    outcome, or no words.
    """
    if state not in Report.State.values or state == Report.State.OPEN or not outcome.strip():
        raise ValueError("An answer has a state and says what came of it.")
    report = Report.objects.select_for_update(of=("self",)).select_related("answered_by").get(code=code)
    if report.answered_at != expected:
        raise AnsweredMeanwhile(report)
    report.state, report.outcome, report.act = state, outcome.strip(), act
    report.answered_by, report.answered_at = by, at or timezone.now()
    report.save()
    return report


@transaction.atomic
def forget_email(*, code: str, by: User) -> None:
    """The reporter has been written to: the address is needed no more."""
    Report.objects.filter(code=code).update(email="")
