"""Doors to history: the feed, a page's own history, what changed on a page, and taking back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions.jobs import StillEnding, enqueue
from tracker.actions.large_reverts import LARGE, is_large, preview_large
from tracker.actions.reverts import CannotRevert, Preview, preview_revert, revert_act, revert_revision
from tracker.analysis.history import ChangesPage, FieldDifference
from tracker.analysis.read_model import Link
from tracker.filters.history import ActQuery
from tracker.filters.query import problems
from tracker.forms.history import RevertForm
from tracker.history.past import Moment
from tracker.history.recording import UNPRINTABLE
from tracker.history.timeline import ActSummary, names_digest, newest_version
from tracker.models import (
    Act,
    Bloc,
    Case,
    Channel,
    Country,
    Edition,
    Engagement,
    Job,
    Organisation,
    Record,
    Release,
    Revision,
    Source,
    Technology,
    User,
)
from tracker.pages import history
from tracker.pages.history_rows import SILENT, kind_words, kinds_words, label, stored_words
from tracker.pages.not_found import Moved, NotFound
from tracker.pages.rows import noting_kinds, noting_records
from tracker.tasks.jobs import wake
from tracker.views import public
from tracker.views.access import needs
from tracker.views.public import NAMES_MARK, PublicPage

ENTRIES = 50


def changes(
    *, after: str, until: str, of: str, kind: str, start: int | None, page: str, at: Moment | None = None
) -> ChangesPage:
    """/history/changes/: what differs between two moments, of all records or of those that a page shows.

    Without a moment it asks for one. Raises NotFound, and Moved to the address with `of` where the page is called `page`.
    """
    state = {name: value for name, value in (("after", after), ("until", until), ("of", of)) if value}
    if page.startswith("/") and not of:
        moved = QueryDict(mutable=True)
        moved.update({**state, "of": page, **({"kind": kind} if kind else {})})
        raise Moved(f"/history/changes/?{moved.urlencode(safe='/:,')}", permanent=False)
    shown = _page(of) if of else None
    return history.changes(
        after=after, until=until, kind=kind, start=start, state=state, at=at,
        of=Link(shown[0], of) if shown else None, read=shown[1] if shown else None,
    )  # fmt: skip


def _page(address: str) -> tuple[str, Callable[[Moment | None], history.Shown]]:
    """The name of a public page, and a function that says which records it shows at a moment. Raises NotFound."""
    path, _, query = address.partition("?")
    try:
        match = resolve(path)
        page: PublicPage = match.func.public_page  # type: ignore[attr-defined]
    except (Resolver404, AttributeError):
        raise NotFound(f"“{address[:80]}” is no page of this site.", (Link("All changes", "/history/"),)) from None
    # A page of the log shows no records but how they changed; one of changes would read another, and that another.
    if page.names_people or page.read is changes:
        raise NotFound("Of a page of history there are no changes.", (Link("History", "/history/"),))
    form = page.query(QueryDict(query))
    if not form.is_valid():
        raise NotFound(f"“{address[:80]}”: {' '.join(problems(form))}", (Link("The page", path),))
    # Read at the moments of the question, whatever the address names.
    asked = form.parameters()

    def read(at: Moment | None) -> history.Shown:
        if at is not None and not at.number:
            return {}, ()
        with noting_records() as records, noting_kinds() as kinds:
            try:
                page.read(**match.kwargs, **asked, at=at)
            except (NotFound, Moved):
                # It was not there yet, or is no more.
                return {}, ()
        return records, kinds

    return path, read


def feed_query(request: HttpRequest) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the query of the feed asks for, and what is wrong with it."""
    form = ActQuery(request.GET)
    if not form.is_valid():
        return {}, problems(form)
    asked = {name: value for name, value in form.parameters().items() if name != "start"}
    return asked, ()


@public.kept(ActQuery.names() - {"page", "full", "table", "start", "as_of"}, names_people=True)
def feed(request: HttpRequest) -> HttpResponse:
    """/history.atom: the newest acts, an entry each, with the filters of /history/."""
    asked, wrong = feed_query(request)
    if wrong:
        return HttpResponse(" ".join(wrong) + "\n", content_type="text/plain; charset=utf-8", status=400)
    version = f"{newest_version()}{NAMES_MARK}{names_digest()}"
    try:
        found = history.latest(history.act_filter(**asked), ENTRIES)
    except NotFound as missing:
        return HttpResponse(f"{missing}\n", content_type="text/plain; charset=utf-8", status=404)
    root = public.public_url(request)
    state = public.as_query(public.state_of(request))
    page = f"{root}/history/" + (f"?{state}" if state else "")
    written = Atom1Feed(
        title="Technology Leadership Tracker: changes", link=page, feed_url=public.full_address(request),
        description=None, subtitle="Every act that changed the record", language="en-GB", feed_guid=page,
    )  # fmt: skip
    for act in found:
        # The title and the text name people as they choose today; the act's key is for good.
        written.add_item(
            title=_for_xml(act.note), link=f"{root}/history/acts/{act.pk}/", description=_for_xml(_said(act)),
            author_name=_for_xml(act.public_name),
            pubdate=act.at, updateddate=act.at, unique_id=f"{root}/history/acts/{act.pk}/", categories=[act.cause],
        )  # fmt: skip
    response = HttpResponse(written.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return public.versioned(request, response, version)


def _for_xml(text: str) -> str:
    """Notes and names of long ago may hold what no XML may."""
    return UNPRINTABLE.sub(" ", text)


def _said(act: ActSummary) -> str:
    touched = ", ".join(
        f"{many} {kind_words(kind) if many == 1 else kinds_words(kind)}" for kind, many in act.touched
    )
    return f"{act.public_name}: {act.cause}. Touched: {touched}."


# The history of the record that a page is of

RECORD_PAGES: dict[str, tuple[type[Record], str]] = {
    "technologies": (Technology, "slug"), "fields": (Technology, "slug"), "countries": (Country, "code__iexact"),
    "blocs": (Bloc, "slug"), "organisations": (Organisation, "slug"), "engagements": (Engagement, "slug"),
    "cases": (Case, "slug"), "sources": (Source, "slug"), "editions": (Edition, "slug"),
    "cooperation": (Channel, "slug"), "releases": (Release, "name"),
}  # fmt: skip


@require_safe
def of_page(request: HttpRequest, room: str, name: str) -> HttpResponse:
    """<page of a record>/history/: leads to the history of the record."""
    if room not in RECORD_PAGES:
        raise Http404
    model, column = RECORD_PAGES[room]
    try:
        moved = history.history_of(model, **{column: name})
    except NotFound as missing:
        return public.not_found(request, missing.reason, missing.suggestions)
    return public.redirect(request, moved)


# Taking back

# More records than these are counted in a preview, not listed.
PREVIEWED = 50
DOES = {"create": "comes back", "update": "changes back", "delete": "is deleted"}


@needs("edit")
@require_http_methods(["GET", "HEAD", "POST"])
def take_back_revision(request: HttpRequest, number: int) -> HttpResponse:
    """/history/revisions/<number>/revert/: what it would do, and doing it."""
    found = Revision.objects.select_related("act").filter(number=number).first() if number < 2**62 else None
    if found is None:
        return public.not_found(request, f"There is no revision r{number}.", (Link("History", "/history/"),))
    return _take_back(
        request, f"r{number}", f"/history/acts/{found.act_id}/#r{number}",
        lambda: preview_revert(number=number, limit=PREVIEWED),
        lambda by, cause, note: revert_revision(number=number, by=by, cause=cause, note=note),
    )  # fmt: skip


@needs("edit")
@require_http_methods(["GET", "HEAD", "POST"])
def take_back_act(request: HttpRequest, pk: int) -> HttpResponse:
    """/history/acts/<pk>/revert/: what it would do, and doing it."""
    found = Act.objects.filter(pk=pk).first() if pk < 2**62 else None
    if found is None:
        return public.not_found(request, f"There is no act {pk}.", (Link("History", "/history/"),))
    if is_large(found):
        return _take_back(
            request, f"act {pk}: {found.note}", f"/history/acts/{pk}/",
            lambda: preview_large(act=found, limit=PREVIEWED),
            lambda by, cause, note: enqueue(
                kind="revert", title=f"Reverting act {pk}", by=by, once=f"revert-{pk}", act=pk, cause=cause, note=note
            ),
        )  # fmt: skip
    return _take_back(
        request, f"act {pk}: {found.note}", f"/history/acts/{pk}/",
        lambda: preview_revert(act=found, limit=PREVIEWED),
        lambda by, cause, note: revert_act(act=found, by=by, cause=cause, note=note),
    )  # fmt: skip


def _take_back(
    request: HttpRequest,
    what: str,
    leave: str,
    preview: Callable[[], Preview],
    take_back: Callable[[User, Act.Cause, str], Act | Job],
) -> HttpResponse:
    form = RevertForm(request.POST if request.method == "POST" else None)
    refused: tuple[str, ...] = ()
    found = Preview((), 0)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        try:
            done = take_back(request.user, Act.Cause(form.cleaned_data["cause"]), form.cleaned_data["note"])
        except CannotRevert as cannot:
            refused = cannot.reasons
        except StillEnding as ending:
            form.add_error(None, str(ending))
        else:
            if isinstance(done, Job):
                wake(done)
                return redirect(done)
            messages.success(request, "Taken back. This is the act that did it.")
            return redirect(f"/history/acts/{done.pk}/")
    if not refused:
        try:
            found = preview()
        except CannotRevert as cannot:
            refused = cannot.reasons
    context = {
        "what": what, "leave": leave, "form": form, "refused": refused, "many": found.total,
        "more": found.total - len(found.reversals), "large": found.total > LARGE,
        "reversals": [
            {
                "kind": kind_words(one.kind), "name": one.name, "does": DOES.get(one.action, one.action),
                "history": f"/records/{one.kind}/{one.pk}/history/",
                "create": one.action == "create", "delete": one.action == "delete",
                "differences": [
                    FieldDifference(
                        label(one.kind, change.field),
                        stored_words(one.kind, change.field, change.before),
                        stored_words(one.kind, change.field, change.after),
                    )
                    for change in one.changes
                    if change.field not in SILENT and (change.before or change.after)
                ],
            }
            for one in found.reversals
        ],
    }  # fmt: skip
    return render(
        request, "history/revert.html", context, status=409 if refused and request.method == "POST" else 200
    )
