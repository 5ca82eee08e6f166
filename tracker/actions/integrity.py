"""The nightly check: the log is whole, the records are what it says, the database and its files can be read."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import reduce
from operator import or_
from pathlib import Path
from smtplib import SMTPException
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string

from tracker.actions import stored_files
from tracker.actions.jobs import JobFailed, Running
from tracker.history.belonging import speaking
from tracker.history.tracked import tracked_models
from tracker.history.verification import Verification, verify
from tracker.models import RevisionCounter, StoredFile, User
from tracker.models.user import ROLES

log = logging.getLogger(__name__)

# How often the history is read anew where somebody writes meanwhile: what one reading of a moving log says is doubt,
# not a finding.
READINGS = 3
# Findings that are told one by one, of each look.
MOST = 20

Findings = list[str]
Stop = Callable[[], None]


def check(running: Running) -> None:
    """Looks at everything. Findings fail the job and are mailed to the administrators.

    The mail goes out before the job has ended: who is killed in between sends it again. An alarm rather twice than
    never.
    """
    every: Findings = []
    for number, (name, look) in enumerate(LOOKS):
        running.progress(number, len(LOOKS), name, at_once=True)
        found, looked_at = look(running.stop_if_asked)
        running.log(f"{name}: {_count(found)}." if found else f"{name}: {looked_at}.")
        for finding in found[:MOST]:
            running.log(finding)
        every += [f"{name}: {finding}" for finding in found[:MOST]]
        if len(found) > MOST:
            every.append(f"{name}: {len(found) - MOST} more.")
    if every:
        _alarm(running, every)
        raise JobFailed("\n".join(every))
    with running.finishing(said="Nothing is wrong."):
        pass


def _count(found: Findings) -> str:
    return "1 finding" if len(found) == 1 else f"{len(found):,} findings"


# What is looked at. Each gives what is wrong, and what it has looked at, in words.


def of_history(stop: Stop) -> tuple[Findings, str]:
    """The chain of digests, the index of intervals, and every record against its newest revision."""
    result = _verified(stop)
    more = [f"{result.more:,} more in the history."] if result.more else []
    return [*result.findings, *more], f"{result.revisions:,} revisions and {result.records:,} records are sound"


def _verified(stop: Stop) -> Verification:
    """The reading of a state that nobody changed meanwhile; else what every one of several readings found."""
    readings: list[Verification] = []
    for _ in range(READINGS):
        stop()
        before = _counted()
        readings.append(verify())
        if readings[-1].is_sound or _counted() == before:
            return readings[-1]
    last = readings[-1]
    last.findings = [finding for finding in last.findings if all(finding in one.findings for one in readings)]
    return last


def _counted() -> tuple[int, str]:
    return RevisionCounter.objects.values_list("last_number", "last_digest").first() or (0, "")


def of_database(stop: Stop) -> tuple[Findings, str]:
    """The file itself where it is SQLite, and on every database references that lead nowhere."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(20)")
            found = [str(line) for (line,) in cursor.fetchall() if line != "ok"]
            stop()
            cursor.execute("PRAGMA foreign_key_check")
            found += [f"{table}, row {row}: {parent} has no such row." for table, row, parent, _ in cursor.fetchall()]
        return found, "the SQLite file is whole, and every reference leads somewhere"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = current_schema() "
            "UNION ALL SELECT 'constraint ' || k.conname FROM pg_constraint k "
            "JOIN pg_namespace n ON n.oid = k.connamespace WHERE NOT k.convalidated AND n.nspname = current_schema()"
        )
        found = [f"The {name} does not hold." for (name,) in cursor.fetchall()]
    count = 0
    for model, field in _references():
        stop()
        count += 1
        target = field.remote_field.model._base_manager.filter(
            **{field.target_field.attname: OuterRef(field.attname)}
        )
        lost = model._base_manager.filter(~Exists(target), **{f"{field.attname}__isnull": False})
        if rows := list(lost.order_by("pk").values_list("pk", flat=True)[: MOST + 1]):
            found.append(f"{model._meta.db_table}.{field.column} leads nowhere in {_these(rows)}.")
    return found, f"its indexes and constraints hold, and {count} sorts of reference lead somewhere"


def _references() -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            for field in model._meta.local_concrete_fields:
                if isinstance(field, models.ForeignKey):
                    yield model, field


def of_what_speaks(stop: Stop) -> tuple[Findings, str]:
    """What names the record it speaks of by kind and number: it must be there."""
    found, count = [], 0
    kinds = tracked_models()
    there = (
        Q(kind=kind) & Exists(target._default_manager.filter(pk=OuterRef("record"))) for kind, target in kinds.items()
    )
    known = reduce(or_, there)
    for model in speaking().values():
        stop()
        every: models.QuerySet[Any] = model._default_manager.order_by("pk")
        count += every.count()
        for pk, kind, record in every.exclude(known).values_list("pk", "kind", "record")[: MOST + 1]:
            found.append(f"The {model._meta.verbose_name} {pk} speaks of {kind} {record}, which is not there.")
    return found, f"all {count:,} citations, claims and other remarks speak of something"


def of_stored_files(stop: Stop) -> tuple[Findings, str]:
    """Every part of every kept file is there, and the whole has its sha256."""
    found, count, size = [], 0, 0
    for file in StoredFile.objects.exclude(digest="").order_by("pk").iterator():
        stop()
        whole = hashlib.sha256()
        try:
            for part in stored_files.parts(file):
                whole.update(part)
        except FileNotFoundError:
            # Its time may have come just now.
            if StoredFile.objects.filter(pk=file.pk).exists():
                found.append(f"The file {file.pk} ({file.name}) is not whole.")
            continue
        count, size = count + 1, size + file.size
        if whole.hexdigest() != file.digest:
            found.append(f"The file {file.pk} ({file.name}) is not what was kept: its sha256 differs.")
    return found, f"{count:,} kept files of {size / 1_000_000:,.1f} MB can be read"


def of_past_files(stop: Stop) -> tuple[Findings, str]:
    """The files of past states on this host. A broken one may be removed: it is filled anew."""
    found, count = [], 0
    for path in sorted(Path(settings.PAST_DIR).glob("*.sqlite3")):
        stop()
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as database:
                said = [str(line) for (line,) in database.execute("PRAGMA quick_check(3)")]
        except sqlite3.Error as why:
            said = [str(why)]
        if said != ["ok"] and path.exists():
            found.append(f"{path.name} is broken ({'; '.join(said)}): remove it, it is filled anew.")
        count += 1
    return found, f"{count:,} past states of this host can be read"


LOOKS: tuple[tuple[str, Callable[[Stop], tuple[Findings, str]]], ...] = (
    ("History", of_history),
    ("Database", of_database),
    ("Citations", of_what_speaks),
    ("Files", of_stored_files),
    ("Past states", of_past_files),
)


def _these(rows: list[int]) -> str:
    named = ", ".join(str(row) for row in rows[:MOST])
    return f"row {named}" if len(rows) == 1 else f"rows {named}{' and more' if len(rows) > MOST else ''}"


# Who is told


def administrators() -> list[User]:
    """The people who may manage the system and can be written to."""
    held = Q(is_superuser=True) | Q(groups__name=ROLES[-1])
    people = User.objects.filter(held, is_active=True).exclude(email="").distinct().order_by("pk")
    return [one for one in people if one.may("manage")]


def _alarm(running: Running, found: Findings) -> None:
    people = administrators()
    if not people:
        running.log("No administrator has an e-mail address: nobody was told.")
        return
    words = {"found": found, "address": f"{settings.PUBLIC_URL}{running.job.get_absolute_url()}"}
    text = render_to_string("integrity/alarm.txt", words)
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}the nightly check found {_count(found)}"
    for one in people:
        try:
            EmailMessage(subject, text, to=[one.email]).send()
        except (SMTPException, OSError) as why:
            log.warning("The alarm could not be mailed to %s: %s", one.username, why)
            running.log(f"{one.get_full_name()} could not be told by mail.")
        else:
            running.log(f"{one.get_full_name()} was told by mail.")
