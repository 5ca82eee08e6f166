"""Many rows from a file into the record: read, checked, shown, decided, written as one act.

What a check finds is staged row by row (`StagedRow`); nothing of the record is touched. What is written is what was
shown: a record that has changed since sends the import back to its beginning.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracker.actions import stored_files
from tracker.actions.jobs import StillEnding, enqueue
from tracker.actions.jobs import cancel as cancel_job
from tracker.actions.records import WHOLE, Refused
from tracker.history.kinds import KINDS
from tracker.history.recording import canonical
from tracker.history.sheets import ID, SOURCES, columns, match, names_of_columns, read_by
from tracker.ingest import sheet_file
from tracker.ingest.passing_file import passing_file
from tracker.ingest.sheet_file import Look, Reading, Wish
from tracker.models import (
    Act,
    BulkImport,
    Job,
    StagedRow,
    StoredFile,
    User,
)

CONDITIONS = 3  # rows can be left out by so many
OPEN = (BulkImport.State.DRAFT, BulkImport.State.CHECKED)
FILES_KEPT = 90  # days


class NotNow(Exception):
    """The import is not in a state that allows this. The text is for people."""


# Setting up


def begin(*, file: StoredFile, by: User, kind: str = "", look: Look | None = None) -> BulkImport:
    """A new import of a stored file: how to read it and what its columns are is found as far as it can be.

    `look`: what was seen in it already. Raises FileRefused where nothing can be read.
    """
    if look is None:
        with at_hand(file) as path:
            look = sheet_file.look(path, file.name, Wish(names=names_of_columns(kind)))
    return BulkImport.objects.create(
        kind=kind, file=file, by=by, made_at=timezone.now(), reading=look.reading.to_json(), look=_kept(look),
        columns=match(kind, look.header) if kind else {},
    )  # fmt: skip


def _kept(look: Look) -> dict[str, Any]:
    sample = [{"line": row.line, "cells": list(row.cells), "error": row.said} for row in look.sample]
    return {
        "header": list(look.header), "sample": sample, "sheets": list(look.sheets), "notes": list(look.notes)
    }  # fmt: skip


@contextmanager
def at_hand(file: StoredFile) -> Iterator[Path]:
    """The stored file as a file of this process, for as long as it is needed."""
    with passing_file() as (here, path):
        stored_files.opened(file, here)
        here.flush()
        yield path


def set_up(
    *, one: BulkImport, by: User, kind: str, reading: Mapping[str, Any], columns: Mapping[str, str],
    without: Sequence[Mapping[str, str]],
) -> None:  # fmt: skip
    """Says how the file is read, what fills which column, and which rows are left out.

    Raises NotNow, FileRefused where the file cannot be read so, Refused with errors by column of the kind ("kind",
    "without" and "" beside them) for what makes no sense.
    """
    _only_owner(one, by)
    look: Look | None = None
    if dict(reading) != one.reading:
        with at_hand(one.file) as path:
            look = sheet_file.look(path, one.file.name, Reading.from_json(dict(reading)))
    header = list(look.header) if look else one.look["header"]
    wanted = {name: pattern.strip() for name, pattern in columns.items() if pattern.strip()}
    errors = _mistakes(kind, header, wanted, without)
    if errors:
        raise Refused({WHOLE: errors})
    values: dict[str, Any] = {
        "kind": kind, "columns": wanted, "without": [dict(each) for each in without], "state": BulkImport.State.DRAFT,
        "checked_settings": "", "problems": [], "reason": "",
    }  # fmt: skip
    if look is not None:
        values |= {"reading": look.reading.to_json(), "look": _kept(look)}
    _move(one, OPEN, **values)


def _mistakes(
    kind: str, header: Sequence[str], wanted: Mapping[str, str], without: Sequence[Mapping[str, str]]
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = defaultdict(list)
    if kind not in KINDS:
        errors["kind"].append("Choose what the rows are.")
        return dict(errors)
    known = {column.name: column for column in columns(kind)}
    for name, pattern in wanted.items():
        if name not in known:
            errors[name].append(f"There is no column “{name}”.")
        for asked in read_by(pattern):
            if asked not in header:
                errors[name].append(f"The file has no column “{asked}”.")
    if not wanted:
        errors[WHOLE].append("No column is filled: say which column of the file goes where.")
    elif ID not in wanted:
        for column in known.values():
            # Claims and citations say elsewhere whom they speak of; a source may be named for new records only.
            if column.required and column.name not in wanted and column.name != SOURCES:
                errors[column.name].append("A new record must have it: choose a column, or what stands in every row.")
    if len(without) > CONDITIONS:
        errors["without"].append(f"At most {CONDITIONS} conditions.")
    for each in without:
        if each.get("column") not in header:
            errors["without"].append(f"The file has no column “{each.get('column', '')}”.")
        if ("is" in each) == ("is not" in each):
            errors["without"].append("A condition says what a column is, or what it is not.")
    return dict(errors)


def settings_of(one: BulkImport) -> str:
    content = [one.kind, one.file.digest, one.reading, one.columns, one.without]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _only_owner(one: BulkImport, by: User) -> None:
    if one.by_id != by.pk:
        raise NotNow(f"This import is {one.by.get_full_name()}’s: only its owner changes it.")


def _move(one: BulkImport, expected: Sequence[str], **values: Any) -> None:
    """Changes the import where it stands as `expected`; whoever comes second is told. Refreshes `one`."""
    with transaction.atomic():
        now = (
            BulkImport.objects.select_for_update(of=("self",))
            .select_related("check_job", "write_job", "by", "file")
            .get(pk=one.pk)
        )
        if now.standing not in expected:
            raise NotNow(f"That cannot be done now: the import is {BulkImport.State(now.standing).label}.")
        for name, value in values.items():
            setattr(now, name, value)
        now.save(update_fields=list(values))
    one.__dict__.update({key: value for key, value in now.__dict__.items() if key != "_prefetched_objects_cache"})


def _enqueued(**asked: Any) -> Job:
    try:
        return enqueue(**asked)
    except StillEnding as ending:
        raise NotNow(str(ending)) from ending


# The check


def ask_check(*, one: BulkImport, by: User) -> Job:
    """A job that checks every row. Raises NotNow, and Refused where the set-up is not complete."""
    _only_owner(one, by)
    errors = _mistakes(one.kind, one.look["header"], one.columns, one.without)
    if errors:
        raise Refused({WHOLE: errors})
    with transaction.atomic():
        _move(one, OPEN, state=BulkImport.State.CHECKING, check_job=None, reason="")
        job = _enqueued(
            kind="import-check", title=f"Check of {one.file.name}", by=by, once=f"import-check-{one.pk}", one=one.pk
        )
        one.check_job = job
        one.save(update_fields=["check_job"])
    return job


# Deciding


def submit(*, one: BulkImport, by: User, cause: str, note: str, good_only: bool = False) -> None:
    """Gives a checked import to an editor. Raises NotNow, Refused."""
    _only_owner(one, by)
    errors: dict[str, list[str]] = {}
    if not note.strip():
        errors["note"] = ["Say why: every change has a note."]
    if cause not in Act.Cause.values:
        errors["cause"] = ["Choose the cause."]
    if one.wrong and not good_only:
        rows = "1 row has" if one.wrong == 1 else f"{one.wrong} rows have"
        errors["good_only"] = [f"{rows} errors: correct the file, or choose to write only the good rows."]
    if not one.created + one.changed:
        errors[WHOLE] = ["There is nothing to write: no row is new or changed."]
    if errors:
        raise Refused({WHOLE: errors})
    if one.checked_settings != settings_of(one):
        raise NotNow("The import was changed since it was checked: check it again.")
    _move(
        one, [BulkImport.State.CHECKED], state=BulkImport.State.WAITING, cause=cause, note=note.strip(),
        good_only=good_only, reason="", decided_by=None, decided_at=None,
    )  # fmt: skip


def approve(*, one: BulkImport, by: User, seen: str | None = None) -> Job:
    """Has an import that waits written. `seen`: when the rows that the editor saw were checked (`checked_at`, ISO).

    Raises NotNow, also where it was checked anew since.
    """
    _only_editors(by)
    with transaction.atomic():
        now = BulkImport.objects.select_for_update().get(pk=one.pk)
        if seen is not None and (now.checked_at is None or now.checked_at.isoformat() != seen):
            raise NotNow("The import was checked anew since you looked: look at it again.")
        _move(
            one, [BulkImport.State.WAITING], state=BulkImport.State.APPLYING, decided_by=by, decided_at=timezone.now(),
            write_job=None,
        )  # fmt: skip
        job = _enqueued(
            kind="import-write", title=f"Import of {one.file.name}", by=by, once=f"import-write-{one.pk}", one=one.pk
        )
        one.write_job = job
        one.save(update_fields=["write_job"])
    return job


def reject(*, one: BulkImport, by: User, reason: str) -> None:
    """Sends an import back with a reason. Raises NotNow, Refused without one."""
    _only_editors(by)
    if not reason.strip():
        raise Refused({WHOLE: {"reason": ["Say why: whoever sent it wants to know."]}})
    _move(
        one, [BulkImport.State.WAITING], state=BulkImport.State.REJECTED, decided_by=by, decided_at=timezone.now(),
        reason=reason.strip(),
    )  # fmt: skip


def withdraw(*, one: BulkImport, by: User) -> None:
    """Takes an import back, also one that is being checked. Raises NotNow."""
    _only_owner(one, by)
    states = [*OPEN, BulkImport.State.CHECKING, BulkImport.State.WAITING, BulkImport.State.REJECTED]
    _move(one, states, state=BulkImport.State.WITHDRAWN)
    # A check that does not hear of it in time finds the import changed, and says nothing.
    if one.check_job is not None and one.check_job.open:
        cancel_job(job=one.check_job, by=by)


def reopen(*, one: BulkImport, by: User) -> None:
    """Takes a rejected or withdrawn import up again, from its beginning. Raises NotNow."""
    _only_owner(one, by)
    states = [BulkImport.State.REJECTED, BulkImport.State.WITHDRAWN]
    _move(one, states, state=BulkImport.State.DRAFT, checked_settings="", decided_by=None, decided_at=None)


def _only_editors(by: User) -> None:
    if not by.may("approve"):
        raise NotNow("An editor decides on imports.")


def error_file(*, one: BulkImport, into: BinaryIO) -> None:
    """The file as it was sent with one more column that says what is wrong in each row."""
    wrong = StagedRow.objects.filter(bulk_import=one, what=StagedRow.What.WRONG).order_by("line")
    said = {
        line: " ".join(f"{error['column']}: {error['reason']}" if error["column"] else error["reason"] for error in errors)
        for line, errors in wrong.values_list("line", "errors").iterator(chunk_size=2000)
    }  # fmt: skip
    with at_hand(one.file) as path:
        sheet_file.with_errors(path, Reading.from_json(one.reading), said, into)


def forget_rows(rows: QuerySet[StagedRow]) -> int:
    """Removes staged rows, some at a time so that nobody waits long; returns how many."""
    gone = 0
    while pks := list(rows.order_by().values_list("pk", flat=True)[:5000]):
        gone += StagedRow.objects.filter(pk__in=pks)._raw_delete("default")
    return gone


def forget_old() -> int:
    """Removes what was staged by imports that are over, and the content of their files; returns how many rows.

    What was written stays in the history, with the digest of the file.
    """
    over = [BulkImport.State.APPLIED, BulkImport.State.WITHDRAWN, BulkImport.State.REJECTED]
    old = timezone.now() - datetime.timedelta(days=FILES_KEPT)
    past = BulkImport.objects.filter(state__in=over, made_at__lt=old)
    gone = forget_rows(StagedRow.objects.filter(bulk_import__in=past))
    stored_files.forget_content(StoredFile.objects.filter(pk__in=past.values("file")))
    return gone
