"""Imports: a file of rows on its way into the record, from the upload to the act that wrote it.

Every address that takes a form leads back to the import's page when it is only looked at: whoever had to log in
again is not lost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from itertools import chain
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe
from django.views.defaults import bad_request

from tracker.actions import imports as actions
from tracker.actions import stored_files
from tracker.actions.imports import NotNow
from tracker.actions.records import Refused
from tracker.analysis.read_model import Link
from tracker.forms.imports import (
    ENDINGS,
    ColumnsForm,
    ReadingForm,
    RejectForm,
    StartForm,
    SubmitForm,
    reading_sent,
    refuse,
)
from tracker.history.kinds import KINDS, by_topic
from tracker.history.sheets import match
from tracker.ingest.sheet_file import Look, Reading, ReadOtherwise
from tracker.ingest.sheet_file import look as look_at
from tracker.ingest.table_file import FileRefused
from tracker.models import Act, BulkImport, StoredFile, User
from tracker.pages import imports as pages
from tracker.pages.not_found import NotFound
from tracker.tasks.jobs import wake
from tracker.views.access import needs
from tracker.views.public import not_found

View = Callable[..., HttpResponseBase]
ALL = Link("Imports", "/workbench/imports/")
FORMS = ["GET", "HEAD", "POST"]
NO_LONGER_KEPT = "The file of an import is kept for 90 days after it is over: this one is no longer here."


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def of_import(view: View) -> View:
    """A view of one import: gives it the import; what is not there is a page that says so, what the state forbids a
    sentence on the import's page."""

    @wraps(view)
    def found(request: HttpRequest, pk: int) -> HttpResponseBase:
        try:
            one = pages.the_import(pk)
            return view(request, one)
        except NotFound as missing:
            return not_found(request, missing.reason, (ALL,))
        except (NotNow, FileNotFoundError) as why:  # the second: what was sent is not kept for ever
            messages.error(request, str(why))
            return _to(pk)

    return found


def changes(view: View) -> View:
    """A view that only takes forms; whoever only looks is led to the import's page."""

    @wraps(view)
    def taken(request: HttpRequest, one: BulkImport) -> HttpResponseBase:
        return view(request, one) if request.method == "POST" else _to(one.pk)

    return taken


def _to(pk: int, place: str = "") -> HttpResponse:
    return HttpResponseRedirect(f"/workbench/imports/{pk}/{place}", status=HTTPStatus.SEE_OTHER)


def _only_owner(request: HttpRequest, one: BulkImport) -> None:
    if one.by_id != _person(request).pk:
        raise NotNow(f"This import is {one.by.get_full_name()}’s: only they can change it.")


# The list, and the start


@needs("edit")
@require_http_methods(FORMS)
def index(request: HttpRequest) -> HttpResponse:
    """/workbench/imports/: one's own, everybody's, and the form that begins one."""
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        return _index(request, StartForm(initial={"kind": kind if kind in KINDS else ""}))
    user = _person(request)
    form = StartForm(request.POST, request.FILES, kept=pages.kept_upload(request.POST.get("kept", ""), user=user))
    if not form.is_valid():
        return _index(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    before, pasted = form.sent_before, bool(form.cleaned_data["pasted"])
    try:
        # Looked at before it is kept: what nothing can mend leaves nothing behind.
        with form.at_hand() as path:
            look = look_at(path, form.name, form.wish)
        if before is not None:
            stored_files.keep_for_good(file=before)
        file = before or _keep(form, user)
    except (FileRefused, FileNotFoundError) as refused:
        form.kept = None
        if isinstance(refused, ReadOtherwise):
            # A browser would not keep what was chosen; a pasted table stands in the page.
            kept = None if pasted else before or _keep(form, user, days=pages.KEPT_FOR / timedelta(days=1))
            form.ask_otherwise(kept, refused.sheets)
        said = _sentences(refused) if isinstance(refused, FileRefused) else [str(refused)]
        form.add_error("pasted" if pasted else "file", said)
        return _index(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _to(actions.begin(file=file, by=user, kind=form.cleaned_data["kind"], look=look).pk)


def _keep(form: StartForm, user: User, *, days: float | None = None) -> StoredFile:
    return stored_files.keep(content=form.content, name=form.name, content_type=form.content_type, by=user, days=days)


# Words with which the reason begins that a file is refused for; who "is" or "has" is the file then.
OF_THE_FILE = ("is", "has", "holds", "cannot", "was", "needs")


def _sentences(refused: FileRefused) -> list[str]:
    """What is wrong with a file as a whole, for people."""
    found = []
    for error in refused.errors[:5]:
        of_file = "The file " if error.reason.split()[0] in OF_THE_FILE else ""
        value = f"{error.value[:80]}…" if len(error.value) > 80 else error.value
        words = f"“{value}” {error.reason}" if value else f"{of_file}{error.reason}"
        places = (f"line {error.line}" if error.line > 1 else "", f"column {error.column}" if error.column else "")
        where = ", ".join(filter(None, places))
        said = f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?', '…')) else '.'}"
        found.append(f"{where[:1].upper()}{where[1:]}: {said}" if where else said)
    return found


def _index(request: HttpRequest, form: StartForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    user = _person(request)
    whose, number = request.GET.get("whose", ""), request.GET.get("page", "1")
    try:
        if not (number.isdecimal() and len(number) < 7):
            raise NotFound(f"“{number[:40]}” is no number of a page.")
        found = pages.import_list(
            user=user, whose=whose or ("all" if user.may("approve") else "mine"), page=int(number)
        )
    except NotFound as missing:
        return not_found(request, missing.reason, (ALL,))
    context = {
        "imports": found, "form": form, "groups": _groups(), "approves": user.may("approve"),
        "kept": pages.upload_token(form.kept) if form.kept else "",
    }  # fmt: skip
    return render(request, "imports/list.html", context, status=status)


def _groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Kinds of rows for the templates to download: (title, (name, many, words))."""
    return [
        (topic, [(kind.name, kind.many, kind.about) for kind in kinds]) for topic, kinds in by_topic()
    ]  # fmt: skip


def too_big(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is sent is refused before a view sees it: for a table that is too long to be pasted, say what to do."""
    if isinstance(exception, RequestDataTooBig) and request.path == ALL.address and request.user.is_authenticated:
        context = {"title": "This table is too long to be pasted"}
        return render(request, "imports/too_big.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bad_request(request, exception)


# One import


@needs("edit")
@require_safe
@of_import
def detail(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """/workbench/imports/<pk>/: where it stands, and what can be done next."""
    page = pages.import_page(one, user=_person(request))
    if page.state == BulkImport.State.DRAFT:
        return _set_up(request, one, page)
    return _result(request, one, page)


def _result(
    request: HttpRequest, one: BulkImport, page: pages.ImportPage, status: HTTPStatus = HTTPStatus.OK, **forms: Any
) -> HttpResponse:
    """The page from the check on: what the rows would do, and what is asked of whom."""
    rows = None
    if page.is_checked and page.state != BulkImport.State.CHECKING:
        number = request.GET.get("page", "1")
        if not (number.isdecimal() and len(number) < 8):
            raise NotFound(f"“{number[:40]}” is no number of a page.")
        rows = pages.rows_of(one, what=request.GET.get("what", ""), page=int(number))
    context: dict[str, Any] = {"page": page, "rows": rows}
    if page.may_submit:
        context["submit"] = forms.get("submit") or SubmitForm(one=one)
    if page.may_decide:
        context["reject"] = forms.get("reject") or RejectForm()
    return render(request, "imports/detail.html", context, status=status)


def _set_up(
    request: HttpRequest,
    one: BulkImport,
    page: pages.ImportPage,
    *,
    reading: ReadingForm | None = None,
    chosen: ColumnsForm | None = None,
    look: Look | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    unkept: bool = False,
) -> HttpResponse:
    """The page before the check: how the file is read, and what fills the columns. `unkept`: the file is read as was
    said just now, which is kept with the columns."""
    look = look or pages.look_of(one)
    reading = reading or ReadingForm(look=look, kind=one.kind)
    if chosen is None and one.kind in KINDS:
        chosen = ColumnsForm(kind=one.kind, look=look, chosen=one.columns, without=one.without)
    if not page.may_set_up:
        for form in filter(None, (reading, chosen)):
            for field in form.fields.values():
                field.disabled = True
    context = {
        "page": replace(page, steps=pages.steps_at(1 if chosen else 0)), "look": look, "reading": reading,
        "form": chosen, "kind": KINDS.get(chosen.kind if chosen else ""),
        "read_as": pages.reading_in_words(look.reading.to_json()), "unkept": unkept,
        "names_in": pages.names_below(look, chosen.kind) if chosen else 0,
    }  # fmt: skip
    return render(request, "imports/set_up.html", context, status=status)


def _look(one: BulkImport, wanted: Reading) -> Look:
    """The file as it is read so. Raises FileRefused; FileNotFoundError where it is not there any more."""
    if wanted.to_json() == one.reading:
        return pages.look_of(one)
    with actions.at_hand(one.file) as path:
        return look_at(path, one.file.name, wanted)


@needs("edit")
@require_http_methods(FORMS)
@of_import
def file(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """How the file is read, and what its rows are. Columns are matched anew where their names are others."""
    page = pages.import_page(one, user=_person(request))
    if request.method != "POST":
        return _set_up(request, one, page) if page.may_set_up else _to(one.pk)
    _must_set_up(request, one, page)
    form = ReadingForm(request.POST, look=pages.look_of(one), kind=one.kind)
    if not form.is_valid():
        return _set_up(request, one, page, reading=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    kind = form.cleaned_data["kind"]
    try:
        look = _look(one, form.wanted)
    except FileRefused as refused:
        form.add_error(None, _sentences(refused))
        return _set_up(request, one, page, reading=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    same = kind == one.kind and list(look.header) == one.look["header"]
    patterns, without = (one.columns, one.without) if same else (match(kind, look.header), [])
    try:
        actions.set_up(
            one=one, by=_person(request), kind=kind, reading=look.reading.to_json(), columns=patterns, without=without
        )
    except Refused:
        # Something is not filled yet: the columns are asked for, and all is kept together.
        chosen = ColumnsForm(kind=kind, look=look, chosen=patterns, without=without)
        return _set_up(
            request, one, page, look=look, reading=ReadingForm(look=look, kind=kind), chosen=chosen, unkept=True
        )
    return _to(one.pk, "" if same else "#columns")


@needs("edit")
@require_http_methods(FORMS)
@of_import
def columns(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """What fills the columns, and which rows are left out; then the check."""
    page = pages.import_page(one, user=_person(request))
    if request.method != "POST":
        return _set_up(request, one, page) if page.may_set_up else _to(one.pk)
    _must_set_up(request, one, page)
    kind, unreadable = request.POST.get("kind", one.kind), False
    if kind not in KINDS:
        return _to(one.pk)
    look = pages.look_of(one)
    try:
        if wanted := reading_sent(request.POST.get("reading", "")):
            look = _look(one, wanted)
    except (ValueError, FileRefused):
        unreadable = True
    form = ColumnsForm(request.POST, kind=kind, look=look, chosen=one.columns, without=one.without)
    if unreadable:
        form.add_error(None, "How the file is read did not arrive as it was shown: say it again, under “The file”.")
    if form.is_valid():
        try:
            actions.set_up(
                one=one, by=_person(request), kind=kind, reading=look.reading.to_json(), columns=form.patterns,
                without=form.without,
            )  # fmt: skip
            if request.POST.get("do") == "keep":
                messages.success(request, "Kept. Nothing is checked yet.")
            else:
                wake(actions.ask_check(one=one, by=_person(request)))
        except Refused as refused:
            form.refuse(refused)
        else:
            return _to(one.pk)
    return _set_up(
        request, one, page, look=look, reading=ReadingForm(look=look, kind=kind), chosen=form,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )  # fmt: skip


def _must_set_up(request: HttpRequest, one: BulkImport, page: pages.ImportPage) -> None:
    """Raises NotNow where the file and its columns are settled, and for who is not the owner."""
    _only_owner(request, one)
    if not page.may_set_up:
        raise NotNow(f"This import is {page.state_words} now: its file and columns cannot be changed.")


@needs("edit")
@require_http_methods(FORMS)
@of_import
@changes
def check(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """Checks the rows once more, as the columns stand."""
    _only_owner(request, one)
    try:
        wake(actions.ask_check(one=one, by=_person(request)))
    except Refused:
        return _to(one.pk, "columns/")
    return _to(one.pk)


@needs("edit")
@require_http_methods(FORMS)
@of_import
@changes
def again(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """Takes up again what was rejected or withdrawn."""
    _only_owner(request, one)
    actions.reopen(one=one, by=_person(request))
    return _to(one.pk, "#columns")


@needs("edit")
@require_http_methods(FORMS)
@of_import
@changes
def submit(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """Sends the rows to an editor; an editor may write them at once (`do=write`)."""
    _only_owner(request, one)
    user = _person(request)
    write = request.POST.get("do") == "write"
    if write and not user.may("approve"):
        raise PermissionDenied
    page = pages.import_page(one, user=user)
    if not page.may_submit:
        raise NotNow(f"This import is {page.state_words} now: it cannot be submitted.")
    form = SubmitForm(request.POST, one=one)
    if not form.is_valid():
        return _result(request, one, page, HTTPStatus.UNPROCESSABLE_ENTITY, submit=form)
    said = form.cleaned_data
    try:
        actions.submit(
            one=one, by=user, cause=Act.Cause(said["cause"]), note=said["note"],
            good_only=bool(said.get("good_only")),
        )  # fmt: skip
    except Refused as refused:
        refuse(form, refused)
        return _result(request, one, page, HTTPStatus.UNPROCESSABLE_ENTITY, submit=form)
    if write:
        wake(actions.approve(one=one, by=user))
    return _to(one.pk)


@needs("approve")
@require_http_methods(FORMS)
@of_import
@changes
def decide(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """An editor writes the rows (`do=approve`), or sends them back with a reason (`do=reject`)."""
    user = _person(request)
    page = pages.import_page(one, user=user)
    if not page.may_decide:
        raise NotNow(f"This import is {page.state_words} now: there is nothing to decide.")
    if request.POST.get("do") == "approve":
        wake(actions.approve(one=one, by=user, seen=request.POST.get("seen", "")))
        return _to(one.pk)
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _result(request, one, page, HTTPStatus.UNPROCESSABLE_ENTITY, reject=form)
    actions.reject(one=one, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"Rejected. {page.by} finds your reason on this page.")
    return _to(one.pk)


@needs("edit")
@require_http_methods(FORMS)
@of_import
@changes
def withdraw(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """Takes back what waits for an editor."""
    _only_owner(request, one)
    actions.withdraw(one=one, by=_person(request))
    messages.success(request, "Withdrawn. Nothing of it was written.")
    return _to(one.pk)


@needs("edit")
@require_safe
@of_import
def progress(request: HttpRequest, one: BulkImport) -> HttpResponse:
    """How far the job is, as a part of the page; the page is asked for anew once the job has ended."""
    page = pages.import_page(one, user=_person(request))
    if not request.headers.get("HX-Request"):
        return _to(one.pk)
    response = render(request, "imports/progress.html", {"page": page})
    if page.job is None or not page.job.open:
        response["HX-Refresh"] = "true"
    return response


# Files


@needs("edit")
@require_safe
@of_import
def original(request: HttpRequest, one: BulkImport) -> HttpResponseBase:
    """The file as it was sent."""
    parts = stored_files.parts(one.file)
    try:
        first = next(parts, b"")  # what is not there any more is found out before the answer begins
    except FileNotFoundError as gone:
        raise NotNow(NO_LONGER_KEPT) from gone
    return _download(StreamingHttpResponse(chain([first], parts), content_type=one.file.content_type), one.file.name)


@needs("edit")
@require_safe
@of_import
def with_errors(request: HttpRequest, one: BulkImport) -> HttpResponseBase:
    """The file with one more column: what is wrong with each row."""
    if not one.checked_settings:
        raise NotNow("There is no file with what is wrong before the rows are checked.")
    content = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    try:
        actions.error_file(one=one, into=content)
    except FileNotFoundError as gone:
        content.close()
        raise NotNow(NO_LONGER_KEPT) from gone
    except BaseException:
        content.close()
        raise
    content.seek(0)
    ending = ".xlsx" if one.reading["format"] == "xlsx" else ".csv"
    return _download(
        FileResponse(content, content_type=ENDINGS[ending]), f"{PurePath(one.file.name).stem}, what is wrong{ending}"
    )


def _download(response: StreamingHttpResponse, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
