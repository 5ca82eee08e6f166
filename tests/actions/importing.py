"""An import from the file to the record, and a small world for it."""

import csv
import io

from django.contrib.auth.models import Group

from tests.factories import (
    CitationFactory,
    UserFactory,
)
from tracker.actions import imports, jobs, stored_files
from tracker.actions.job_kinds import KINDS as JOB_KINDS
from tracker.history.states import state_now
from tracker.history.tracked import tracked_models
from tracker.models import BulkImport

HEADER = ["window", "technology", "country", "rank_from", "rank_to", "share", "basis", "sources"]


def person(role, **values):
    user = UserFactory(**values)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def cite(record, world):
    CitationFactory(cited=record, source=world["source"])


def file_of(rows, by, header=HEADER, name="scores.csv"):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return stored_files.keep(
        content=io.BytesIO(text.getvalue().encode()), name=name, content_type="text/csv", by=by
    )  # fmt: skip


def run(job):
    jobs.run(pk=job.pk, kinds=JOB_KINDS)
    job.refresh_from_db()
    return job


def checked(rows, by, kind="score", header=HEADER, **set_up):
    one = imports.begin(file=file_of(rows, by, header), by=by, kind=kind)
    if set_up:
        wanted = {"reading": one.reading, "columns": one.columns, "without": []} | set_up
        imports.set_up(one=one, by=by, kind=kind, **wanted)
    job = run(imports.ask_check(one=one, by=by))
    assert job.state == "done", job.error
    return BulkImport.objects.get(pk=one.pk)


def written(one, anna, edith, **said):
    imports.submit(one=one, by=anna, cause="edition", note="The new edition", **said)
    job = run(imports.approve(one=one, by=edith))
    one = BulkImport.objects.get(pk=one.pk)
    return one, job


def row(n, **said):
    values = {
        "window": "ed/2018/2022", "technology": "quantum", "country": f"A{chr(65 + n)}", "rank_from": n + 1,
        "rank_to": n + 1, "share": f"{40 - n}.50", "basis": "stated", "sources": "report",
    }  # fmt: skip
    return list((values | said).values())


def everything():
    return {
        (kind, record.pk): state_now(record)
        for kind, model in tracked_models().items()
        for record in model._default_manager.all()
    }
