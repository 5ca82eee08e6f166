"""Exports: the records as files for the team, templates for imports, and the files of everything for readers."""

from __future__ import annotations

import io
import tempfile
from http import HTTPStatus
from typing import IO

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import exports as actions
from tracker.actions import stored_files
from tracker.actions.exports import CONTENT_TYPES
from tracker.analysis.read_model import Link, PageModel
from tracker.forms.exports import ExportForm
from tracker.history.kinds import KINDS
from tracker.history.past import NoRecordYet
from tracker.history.public_files import given
from tracker.models import User
from tracker.pages import exports as pages
from tracker.tasks.jobs import wake
from tracker.views.access import needs
from tracker.views.public import not_found

WORKBENCH = Link("Workbench", "/workbench/")
ALL = Link("Exports", "/workbench/exports/")
# A file of so many bytes is made in memory.
IN_MEMORY = 5_000_000


@needs("edit")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What there is to export; a form sent begins a job."""
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        job = actions.ask_for_export(by=request.user, **form.cleaned_data)
        wake(job)
        return HttpResponseRedirect(job.get_absolute_url(), status=HTTPStatus.SEE_OTHER)
    page = PageModel(
        title="Exports", sentence="The records as files: to read, to count with, or to edit in a spreadsheet and "
        "import again.", address=ALL.address, trail=(WORKBENCH,),
    )  # fmt: skip
    ticked = set(form.data.getlist("kinds")) if form.is_bound else set()  # type: ignore[attr-defined]
    context = {"page": page, "form": form, "groups": pages.export_groups(), "ticked": ticked,
               "public": pages.public_files()}  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "exports/index.html", context, status=status)


@needs("edit")
@require_safe
def one_kind(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    """/workbench/exports/<kind>.csv: the records of one kind, to edit and import again."""
    if kind not in KINDS:
        return not_found(request, f"There is no kind of record “{kind[:40]}”.", (ALL,))
    # Made whole before it is sent: who gets it has all of it, of one state.
    content: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (the answer closes it)
    try:
        name = actions.one_kind(kind=kind, format=format, into=content)  # type: ignore[arg-type]
    except NoRecordYet:
        content.close()
        return not_found(request, "Nothing is recorded yet.", (ALL,))
    content.seek(0)
    return _sent(content, name, format)


@needs("edit")
@require_safe
def template(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    """/workbench/imports/templates/<kind>.csv: the columns of a kind, to be filled and imported."""
    if kind not in KINDS:
        return not_found(request, f"There is no kind of record “{kind[:40]}”.", (ALL,))
    content = io.BytesIO(actions.template(kind=kind, format=format))
    return _sent(content, f"{kind}-template.{format}", format)


def _sent(content: IO[bytes], name: str, format: str) -> HttpResponse:
    return FileResponse(  # type: ignore[return-value]  # it is a response
        content, as_attachment=True, filename=name, content_type=CONTENT_TYPES[format]
    )


@require_safe
def everything(request: HttpRequest, format: str) -> HttpResponseBase:
    """/data/everything.zip and .xlsx: all records that everybody may have; 503 while there is no such file."""
    held = given().get(format)
    if held is None:
        response = not_found(
            request, "The file of everything is being made. Come back in an hour.", (Link("Data", "/data/"),)
        )
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response["Retry-After"] = "3600"
        return response
    file, revision = held
    etag = f'"{file.digest[:32]}"'
    answer: HttpResponseBase
    if etag in {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}:
        answer = HttpResponseNotModified()
    else:
        parts = stored_files.parts(file) if request.method == "GET" else ()
        answer = StreamingHttpResponse(parts, content_type=file.content_type)
        name = file.name.replace(".", f"-r{revision}.", 1)
        answer["Content-Length"] = str(file.size)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Access-Control-Allow-Origin"] = "*"
    answer["ETag"] = etag
    # What is withheld tomorrow is in no cache that does not ask again.
    patch_cache_control(answer, public=True, max_age=0, must_revalidate=True)
    return answer
