"""Editing records in place: lists, forms, conflicts, deleting, retiring, merging. One set of views for all kinds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure as plain_csrf_failure
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.actions import records as actions
from tracker.actions.organisations import Moving, merge_organisations, what_moves
from tracker.actions.presence import end_presence, note_presence, others_at
from tracker.actions.records import ChangedSince, Conflict, Refused, Saved
from tracker.actions.sent_forms import SavedAlready, save_once
from tracker.forms.conflicts import collided, settled, touched
from tracker.forms.fields import number_sent
from tracker.forms.records import RecordForm, WhyForm
from tracker.history.kinds import KINDS, Kind, label_of, records_named
from tracker.models import Act, Organisation, Record, RetirableRecord, Revision, Source, User
from tracker.pages.rows import noting_records
from tracker.views.access import needs

View = Callable[..., HttpResponseBase]
ROWS_A_PAGE = 50
# How many records of a kind stand in the list behind a page.
LISTED = 60
# What the form sends beside its fields.
OWN = ("csrfmiddlewaretoken", "add")


def researchers(view: View) -> View:
    """A view for who may edit. What somebody sends who is no longer logged in is kept for after the login."""
    guarded = needs("edit")(view)

    @wraps(guarded)
    def kept(request: HttpRequest, *arguments: Any, **keys: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            return input_kept(request)
        return guarded(request, *arguments, **keys)

    return kept


def _has_form(path: str) -> bool:
    """Whether an address is that of a form that can be filled again."""
    try:
        return resolve(path).url_name in ("record-edit", "record-new")
    except Resolver404:
        return False


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _found(kind: Kind, pk: int) -> Any:
    record = kind.rows().filter(pk=pk).first()
    if record is None:
        raise Http404
    return record


def safe_address(address: str, otherwise: str = "") -> str:
    """An address of this site, or `otherwise`."""
    local = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if local else otherwise


def page_of(record: Record) -> str:
    """The page where readers find the record; where it has none, that of what it belongs to."""
    if hasattr(record, "get_absolute_url"):
        return record.get_absolute_url()
    if record.speaks_of:
        spoken: Any = record
        subject = records_named(spoken.kind, [spoken.record]).get(spoken.record) if spoken.kind in KINDS else None
        return page_of(subject) if subject is not None else f"/records/{record.record_kind()}/"
    for name in (record.belongs_to, "technology", "edition", "window", "series"):
        owner = getattr(record, name, None) if name else None
        if isinstance(owner, Record):
            return page_of(owner)
    return f"/records/{record.record_kind()}/"


# Lists


@require_safe
@researchers
def index(request: HttpRequest) -> HttpResponse:
    """Every kind of record, with how many there are."""
    kinds = [(kind, kind.model._default_manager.count()) for kind in KINDS.values()]
    return render(request, "records/index.html", {"kinds": kinds})


@require_safe
@researchers
def kind_list(request: HttpRequest, kind: str) -> HttpResponse:
    """All records of a kind, searchable by their key and name."""
    of = _kind(kind)
    q = request.GET.get("q", "")[:100].replace("\0", "")
    pages = Paginator(of.searched(q), ROWS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows = [(record, of.label(record), record.key()) for record in page.object_list]
    state = urlencode({"q": q}) if q else ""
    context = {
        "kind": of,
        "page_of_rows": page,
        "rows": rows,
        "q": q,
        "state": state,
        "back": request.get_full_path(),
    }
    return render(request, "records/list.html", context)


@require_safe
@researchers
def behind(request: HttpRequest) -> HttpResponse:
    """The records that a page was read from."""
    asked = safe_address(request.GET.get("page", ""))
    address = urlsplit(asked)
    if not asked or address.path.startswith(("/records/", "/login", "/logout", "/accounts", "/workbench")):
        raise Http404
    try:
        found = resolve(address.path)
    except Resolver404:
        raise Http404 from None
    # The page is read once more, as this person sees it; what it says is not looked at.
    request.GET = QueryDict(address.query)
    request.path = request.path_info = address.path
    with noting_records() as noted:
        found.func(request, *found.args, **found.kwargs)
    groups = []
    for kind in KINDS.values():
        pks = list(noted.get(kind.name, {}))
        records = records_named(kind.name, pks[:LISTED])
        if pks:
            rows = [(pk, kind.label(records[pk])) for pk in pks[:LISTED] if pk in records]
            groups.append((kind, len(pks), rows))
    return render(request, "records/behind.html", {"groups": groups, "back": asked})


# The form


@require_http_methods(["GET", "HEAD", "POST"])
@researchers
def edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Changes a record, its parts and their sources."""
    of = _kind(kind)
    read_at = actions.newest_number()  # before anything is read
    record = of.rows().filter(pk=pk).first()
    if record is None:
        return _gone(request, of, pk)
    return _form(request, of, record, read_at=read_at)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Makes a record; the address may say what of."""
    return _form(request, _kind(kind), None)


def _form(
    request: HttpRequest,
    kind: Kind,
    record: Record | None,
    *,
    refill: QueryDict | None = None,
    read_at: int | None = None,
) -> HttpResponse:
    about = _about(request, kind) if record is None else None
    if record is None and kind.model.speaks_of and about is None:
        return render(request, "records/of_what.html", {"kind": kind, "typed": _typed(request, kind)}, status=400)
    options: dict[str, Any] = {"record": record, "about": about, "read_at": read_at}
    if refill is not None:
        return _drawn(request, kind, RecordForm(kind, data=refill, hushed=True, **options), refilled=True)
    if request.method != "POST":
        form = RecordForm(kind, initial=request.GET.dict(), **options)
        return _drawn(request, kind, form)
    data = settled(request.POST)
    if added := data.get("add", ""):
        _add_row(data, added)
        return _drawn(request, kind, RecordForm(kind, data=data, hushed=True, added=added, **options))
    form = RecordForm(kind, data=data, **options)
    if not form.is_valid():
        return _drawn(request, kind, form, status=422)

    def address(saved: Saved) -> str:
        kept = saved.records.get("main") or record
        assert kept is not None
        # What is new and has a page of its own is looked at there.
        own_page = record is None and bool(kind.rooms)
        return ("" if own_page else safe_address(request.POST.get("back", ""))) or page_of(_found(kind, kept.pk))

    try:
        saved, to = save_once(
            token=request.POST.get("token", ""), drafts=touched(form.drafts()), by=_person(request),
            cause=Act.Cause(form.why.cleaned_data["cause"]), note=form.why.cleaned_data["note"], address=address,
        )  # fmt: skip
    except SavedAlready as before:
        messages.success(request, "This was saved already; it was sent twice.")
        return HttpResponseRedirect(before.address)
    except Refused as refused:
        form.refuse(refused)
        return _drawn(request, kind, form, status=422)
    except Conflict as conflict:
        return _conflict(request, kind, form, data, conflict)
    kept = saved.records.get("main") or record
    assert kept is not None
    if record is not None:
        end_presence(kind=kind.name, record=record.pk, by=_person(request))
    _say_saved(request, saved.act, label_of(_found(kind, kept.pk)))
    return HttpResponseRedirect(to)


def _about(request: HttpRequest, kind: Kind) -> Record | None:
    """What a new record of a kind that speaks of others (a citation, a claim) speaks of: `of=engagement-12`."""
    if not kind.model.speaks_of:
        return None
    name, _, pk = (request.POST.get("of") or request.GET.get("of", "")).partition("-")
    if name not in KINDS:
        return None
    about = KINDS[name].rows().filter(pk=number_sent(pk)).first()
    if kind.model.may_speak_of and name not in kind.model.may_speak_of:
        return None
    return about


def _add_row(data: QueryDict, prefix: str) -> None:
    total = data.get(f"{prefix}-total", "0")
    number = int(total) if total.isdecimal() and len(total) < 6 else 0
    data[f"{prefix}-{number}-here"] = "1"
    if prefix.endswith("citation"):
        data[f"{prefix}-{number}-new-reuse"] = Source.Reuse.FACT.value
    data[f"{prefix}-total"] = str(number + 1)


def _drawn(
    request: HttpRequest, kind: Kind, form: RecordForm, *, status: int = 200, refilled: bool = False
) -> HttpResponse:
    record = form.record
    # Reading writes nothing: that the form is open is told by its page, from the browser.
    colleagues = others_at(kind=kind.name, record=record.pk, by=_person(request)) if record is not None else ()
    focus = request.GET.get("field", "") if form.context.data is None else ""
    column = kind.column_of(focus)
    if column in form.main.form.fields:
        form.main.form.fields[column].widget.attrs["autofocus"] = True
    _focus_added(form)
    sent = form.context.data
    context = {
        "kind": kind,
        "form": form,
        "record": record,
        "label": label_of(record) if record is not None else "",
        "about": form.about,
        "about_label": label_of(form.about) if form.about is not None and form.about.pk else "",
        "wrongs": form.wrongs(),
        "colleagues": colleagues,
        "refilled": refilled,
        "back": safe_address((sent if sent is not None else request.GET).get("back", "")),
        "leave": safe_address((sent if sent is not None else request.GET).get("back", ""))
        or (page_of(record) if record is not None else f"/records/{kind.name}/"),
        "token": (sent.get("token", "") if sent is not None else "") or secrets.token_hex(8),
    }
    return render(request, "records/form.html", context, status=status)


def _focus_added(form: RecordForm) -> None:
    if not form.context.added:
        return
    for node in form.main.nodes():
        for rows in node.parts:
            if rows.prefix == form.context.added and rows.rows:
                first = next(iter(rows.rows[-1].form.fields.values()))
                first.widget.attrs["autofocus"] = True


def _say_saved(request: HttpRequest, act: Act | None, label: str) -> None:
    if act is None:
        messages.info(request, "Nothing was changed, so nothing was saved.")
        return
    number = act.revisions.order_by("-number").values_list("number", flat=True).first()
    messages.success(request, f"Saved as r{number}: {label}.")


def _conflict(
    request: HttpRequest, kind: Kind, form: RecordForm, data: QueryDict, conflict: Conflict
) -> HttpResponse:
    asked, hidden = collided(form, data, conflict)
    again = bool(request.POST.getlist("ask"))
    context = {
        "kind": kind,
        "label": label_of(form.record) if form.record is not None else "",
        "asked": asked,
        "hidden": [(name, value) for name, value in hidden if name not in OWN],
        "unanswered": again and any(name not in request.POST for name in request.POST.getlist("ask")),
        "leave": safe_address(data.get("back", ""))
        or (page_of(form.record) if form.record is not None else "/records/"),
    }
    return render(request, "records/conflict.html", context, status=409)


def _typed(request: HttpRequest, kind: Kind) -> list[tuple[str, str]]:
    """What was sent of a form that cannot be shown again: (label, text)."""
    sent = [(name, request.POST.get(f"main-{name}", "")) for name in kind.columns]
    return [(kind.column_label(name), value) for name, value in sent if value]


def _gone(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """A record that was deleted: who did it and why, what was typed, and the way back."""
    last = Revision.objects.filter(kind=kind.name, record=pk).select_related("act").order_by("-number").first()
    if last is None or last.action != Revision.Action.DELETE:
        raise Http404
    return render(
        request,
        "records/gone.html",
        {"kind": kind, "pk": pk, "last": last, "typed": _typed(request, kind)},
        status=410,
    )


@require_POST
@researchers
def presence(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Notes that the form is still open; answers who else has it open."""
    of = _kind(kind)
    if request.POST.get("leave"):
        end_presence(kind=of.name, record=pk, by=_person(request))
        return JsonResponse({"others": []})
    _found(of, pk)
    others = note_presence(kind=of.name, record=pk, by=_person(request))
    return JsonResponse({"others": [{"name": one.name, "since": f"{one.since:%H:%M}"} for one in others]})


# Input that could not be taken, because the login had ended


def input_kept(request: HttpRequest) -> HttpResponse:
    """What was typed, for the way back after the login: nothing of it is stored here."""
    to = safe_address(request.GET.get("to", "")) if request.path == "/records/refill/" else request.get_full_path()
    hidden = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "password")
        for value in values
    ]
    can_be_filled = _has_form(urlsplit(to).path)
    context = {"hidden": hidden if can_be_filled else (), "to": to, "can_be_filled": can_be_filled}
    response = render(request, "records/kept.html", context, status=401)
    add_never_cache_headers(response)
    return response


@csrf_exempt
@require_POST
def refill(request: HttpRequest) -> HttpResponseBase:
    """Shows a form filled with what was typed before. It saves nothing, so it needs no token."""
    if not request.user.is_authenticated:
        return input_kept(request)
    to = safe_address(request.GET.get("to", ""))
    if not _has_form(urlsplit(to).path):
        raise Http404
    return _refilled(request, **resolve(urlsplit(to).path).kwargs)


@needs("edit")
def _refilled(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    of = _kind(kind)
    record = _found(of, pk) if pk is not None else None
    return _form(request, of, record, refill=request.POST.copy())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token has run out (a login in another tab) keeps what was typed; other ones get Django's page."""
    if request.method == "POST" and _has_form(request.path):
        return input_kept(request)
    return plain_csrf_failure(request, reason)


# Deleting, retiring, merging


def _why(request: HttpRequest) -> WhyForm:
    return WhyForm(request.POST if request.method == "POST" else None)


def _cause(why: WhyForm) -> dict[str, Any]:
    return {"cause": Act.Cause(why.cleaned_data["cause"]), "note": why.cleaned_data["note"]}


def _shown(word: str) -> tuple[str, int, int]:
    """What a page for deleting says it showed: kind, primary key and revision; -1 for what cannot be one."""
    kind, pk, number = [*word.split("-"), "", ""][:3]
    return kind, number_sent(pk) or -1, -1 if (found := number_sent(number)) is None else found


@require_http_methods(["GET", "HEAD", "POST"])
@researchers
def delete(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Deletes a record with what hangs on it, which is listed first."""
    of = _kind(kind)
    record = of.rows().filter(pk=pk).first()
    if record is None:
        return _gone(request, of, pk)
    why, refused, changed = _why(request), "", False
    found = actions.dependents(record)
    after = safe_address(request.POST.get("back") or request.GET.get("back", ""))
    if request.method == "POST" and why.is_valid():
        expected = frozenset(_shown(word) for word in request.POST.getlist("expected") or [""])
        label, own = label_of(record), page_of(record)
        try:
            act = actions.delete(record=record, expected=expected, by=_person(request), **_cause(why))
        except ChangedSince as since:
            found, changed = since.dependents, True
        except Refused as problem:
            refused = _sentences(problem)
        else:
            number = act.revisions.order_by("-number").values_list("number", flat=True).first()
            messages.success(request, f"Deleted with r{number}: {label}.")
            gone = of.rooms and urlsplit(after or own).path == urlsplit(own).path
            return HttpResponseRedirect(f"/records/{of.name}/" if gone or not (after or own) else after or own)
    # The numbers before the names: what is shown is at least as new as what is promised to have been shown.
    shown = sorted(actions.shown_for_deletion(record, found))
    context = {
        "kind": of, "record": record, "label": label_of(record), "why": why, "refused": refused, "changed": changed,
        "groups": _grouped(found), "shown": shown, "back": after, "leave": after or page_of(record),
    }  # fmt: skip
    return render(request, "records/delete.html", context, status=_status(why, refused or changed))


def _status(why: WhyForm, refused: object) -> int:
    if refused:
        return 409
    return 422 if why.is_bound and not why.is_valid() else 200


def _sentences(refused: Refused) -> str:
    return " ".join(message for columns in refused.errors.values() for found in columns.values() for message in found)


Groups = list[tuple[str, str, int, list[str]]]


def _grouped(found: Iterable[actions.Dependent]) -> Groups:
    """What goes with a record: (what happens, words for the kind, how many, names of the first)."""
    return _by_kind((one.how, one.record) for one in found)


def _moving(found: Iterable[Moving]) -> Groups:
    """What moves when an organisation goes; "doubled": the other one has the same already."""
    return _by_kind(("doubled" if one.doubled else "moves", one.record) for one in found)


def _by_kind(found: Iterable[tuple[str, Record]]) -> Groups:
    by_kind: dict[tuple[str, str], list[int]] = {}
    for how, record in found:
        by_kind.setdefault((how, record.record_kind()), []).append(record.pk)
    groups = []
    for (how, name), pks in by_kind.items():
        records = records_named(name, pks[:LISTED])
        one, many = (KINDS[name].noun, KINDS[name].many) if name in KINDS else ("former address", "former addresses")
        names = [label_of(records[pk]) for pk in pks[:LISTED] if pk in records]
        groups.append((how, one if len(pks) == 1 else many, len(pks), names))
    return groups


@require_http_methods(["GET", "HEAD", "POST"])
@researchers
def retire(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Takes a record out of use, or into use again."""
    of = _kind(kind)
    if not of.retirable:
        raise Http404
    record: RetirableRecord = _found(of, pk)
    why, refused = _why(request), ""
    after = safe_address(request.POST.get("back") or request.GET.get("back", ""), page_of(record))
    back_in_use = record.retired is not None
    if request.method == "POST" and request.POST.get("was") != ("retired" if back_in_use else "used"):
        refused = "Somebody else has just done so: look at it again."
    elif request.method == "POST" and why.is_valid():
        act = (actions.restore if back_in_use else actions.retire)(record=record, by=_person(request), **_cause(why))
        _say_saved(request, act, f"{label_of(record)} is {'in use again' if back_in_use else 'retired'}")
        return HttpResponseRedirect(after)
    context = {
        "kind": of, "record": record, "label": label_of(record), "why": why, "back_in_use": back_in_use,
        "refused": refused, "back": after, "leave": after,
    }  # fmt: skip
    return render(request, "records/retire.html", context, status=_status(why, refused))


@require_http_methods(["GET", "HEAD", "POST"])
@researchers
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merges two organisations that are one: choose the other, then which one stays."""
    of = KINDS["organisation"]
    record: Organisation = _found(of, pk)
    words = request.POST if request.method == "POST" else request.GET
    chosen = words.get("with", "")
    other = of.rows().filter(pk=number_sent(chosen)).exclude(pk=pk).first() if chosen else None
    why, refused = _why(request), ""
    keep_pk = words.get("keep", "")
    if request.method == "POST" and other is not None:
        keep = {str(pk): record, chosen: other}.get(keep_pk)
        if keep is None:
            refused = "Choose which of the two stays."
        elif why.is_valid():
            gone = other if keep is record else record
            try:
                act = merge_organisations(keep=keep, gone=gone, by=_person(request), **_cause(why))
            except Refused as problem:
                refused = _sentences(problem)
            else:
                _say_saved(request, act, f"{gone} is now part of {keep}")
                return HttpResponseRedirect(keep.get_absolute_url())
    others = [(one.pk, label_of(one)) for one in of.rows() if one.pk != pk] if other is None else []
    pairs = [] if other is None else [(record, other), (other, record)]
    both = [(gone, _moving(what_moves(keep=keep, gone=gone))) for gone, keep in pairs]
    context = {
        "kind": of, "record": record, "other": other, "others": others, "both": both, "keep": keep_pk, "why": why,
        "refused": refused, "leave": page_of(record),
        "unknown": bool(chosen) and other is None,
    }  # fmt: skip
    return render(request, "records/merge.html", context, status=_status(why, refused))
