"""Public pages and their twins: one mechanism. A page is a line in `urls`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import simplejson
from django.conf import settings
from django.core.cache import caches
from django.core.paginator import InvalidPage
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from tracker.analysis.ordering import UnknownSortKey
from tracker.analysis.read_model import Link, PageModel, TableData, long_date
from tracker.analysis.twin import as_csv, as_json, sources_of
from tracker.filters.query import MomentQuery, PageQuery, problems
from tracker.history.past import Moment, NoRecordYet, NoSuchRevision, UnknownMoment, moment
from tracker.history.timeline import names_digest, newest_version
from tracker.history.tracked import tracked_models
from tracker.models import User
from tracker.models.user import RIGHTS
from tracker.pages.not_found import Moved, NotFound
from tracker.pages.past import LinkToday, cited_as, elsewhere
from tracker.pages.retired import retired_day
from tracker.tables.columns import PublishedTable
from tracker.views import past
from tracker.views.access import lacks_two_factor
from tracker.views.past import AS_OF, moment_of

ROWS_A_PAGE = 100
# Bytes of an answer that a process keeps in memory.
LARGEST_KEPT = 500_000


@dataclass(frozen=True)
class PublicPage:
    """A public page: its address, the function that reads it, its query, tables and template.

    `tables` gives the columns of each of the read model's tables by name: a table class, or a function
    from the row type to one.

    `names_people`: it says who did something. Its function is told whether a `colleague` reads, who may edit, and its
    answers are kept only while people show the same names: those are no part of the record's version.

    `beside`: stands for what else it shows that is no part of the record's version; its stamp ends with it.
    """

    name: str
    route: str
    read: Callable[..., PageModel]
    template: str
    tables: Mapping[str, Any]
    query: type[PageQuery] = PageQuery
    names_people: bool = False
    beside: Callable[[], str] | None = None

    @property
    def kind(self) -> str:
        """The kind of the record that the page is of, where its address names one; else ''."""
        kind = {"field": "technology"}.get(self.name, self.name)
        return kind if "<" in self.route and kind in tracked_models() else ""

    def table(self, data: TableData) -> type[PublishedTable]:
        columns = self.tables[data.name]
        return columns if isinstance(columns, type) else columns(data.row_type)


def urls(page: PublicPage) -> list[URLPattern]:
    """The page and its twins: `x/`, `x.json`, `x.csv`; the root has `index.json` and `index.csv`."""
    stem = page.route.removesuffix("/") or "index"
    return [
        path(page.route, page_view(page), name=page.name),
        path(f"{stem}.json", json_view(page), name=f"{page.name}-json"),
        path(f"{stem}.csv", csv_view(page), name=f"{page.name}-csv"),
    ]


def etag(version: str, said: str) -> str:
    """The version of an answer: newest revision, build, UTC day (clocks tick, deploys change pages), address.

    Of the past: its last revision, and what is kept back today (`past.version_of`).
    """
    address = hashlib.sha256(said.encode()).hexdigest()[:8]
    return f'"{version}-{settings.BUILD}-{timezone.now():%Y%m%d}-{address}"'


def public_url(request: HttpRequest) -> str:
    """The address readers use, without a path: the one that is set, else the one that was asked."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def full_address(request: HttpRequest, as_of: str = "") -> str:
    """The page's address with the names of its query that it knows, in one order; at its moment, or another one."""
    at = moment_of(request)
    asked = as_of or (at.asked if at else "")
    found = [*state_of(request), (AS_OF, asked)] if asked else state_of(request)
    # By name; what has one name keeps its order (the sides of a comparison).
    state = as_query(sorted(found, key=lambda pair: pair[0]))
    return f"{public_url(request)}{request.path}" + (f"?{state}" if state else "")


def versioned(request: HttpRequest, response: HttpResponse, version: str) -> HttpResponse:
    """Gives the answer its ETag, and says who may keep it: nobody what a signed-in person sees."""
    if request.user.is_authenticated:
        add_never_cache_headers(response)
        return response
    at = moment_of(request)
    if at is not None:
        _, mark, names = version.partition(NAMES_MARK)
        version = past.version_of(at) + mark + names
    response["ETag"] = etag(version, full_address(request))
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    patch_vary_headers(response, ["Cookie"])
    return response


View = Callable[..., HttpResponse]

# In a version: what comes after it stands for the names that people show, or for what else is no part of the record.
NAMES_MARK = "~"

# Names that mean something on some page (DESIGN: addresses are a promise). A page that does not know one of
# them refuses it: to leave it out in silence would answer another question than was asked.
NAMES_OF_STATE = frozenset(
    ("edition", "side", "technology", "category", "from", "to", "field", "metric", "as_of", "sort", "page", "q",
     "full", "size", "theme", "table", "leader", "risk", "region", "kind",
     "channel", "status", "year", "organisation", "country", "reliability", "credibility", "contested", "unconfirmed", "recheck",
     "exporter", "importer", "good", "control", "listed", "on")
)  # fmt: skip


def kept(
    known: Collection[str], *, names_people: bool = False, beside: Callable[[], str] | None = None
) -> Callable[[View], View]:
    """A read-only view whose answers are kept for as long as their version is the record's.

    `known` are the names of its query: others are dropped, so that they make no second copy and stand in
    no link; names of state that it does not know are refused. Whoever holds the current version gets a
    304. Only answers with an ETag and status 200 are kept, and none to a free text.

    Where `as_of` is among them the view finds the moment in `moment_of(request)` and not in its query, and
    every link of its answer leads to the same moment.

    `names_people`: the answers name people; their version ends with what stands for the names that are shown.
    `beside`: the same for what else they show beside the record.
    """
    if names_people:
        beside = names_digest

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def answer(request: HttpRequest, **keys: Any) -> HttpResponse:
            query = request.GET.copy()
            strange = [name for name in query if name not in known and name in NAMES_OF_STATE]
            if strange:
                return bad_request(request, tuple(f"“{name}”: this page has no such choice." for name in strange))
            for name in set(query) - set(known):
                del query[name]
            if AS_OF in query:
                form = MomentQuery(query.copy())
                del query[AS_OF]
                request.GET = query  # type: ignore[assignment]
                if not form.is_valid():
                    return bad_request(request, problems(form))
                try:
                    _set_moment(request, form.cleaned_data[AS_OF])
                except NotFound as missing:
                    return missing_answer(request, missing)
                except UnknownMoment as unknown:
                    return bad_request(request, (f"“{AS_OF}”: {unknown}",))
            request.GET = query  # type: ignore[assignment]
            if request.user.is_authenticated:
                return past.finish(request, view(request, **keys))
            said = full_address(request)
            key = hashlib.sha256(said.encode()).hexdigest()
            cache = caches["pages"]
            known_tag, response = cache.get(key, ("", None))
            held = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
            if response is not None or held:
                at = moment_of(request)
                version = past.version_of(at) if at else newest_version()
                if beside is not None:
                    version += NAMES_MARK + beside()
                current = etag(version, said)
                # The tag names the address too: who holds it was given this page.
                if current in held:
                    return versioned(request, HttpResponseNotModified(), version)
                if response is not None and known_tag == current:
                    return response
            response = past.finish(request, view(request, **keys))
            # Free texts have no end: what was searched for is not kept. Nor is what takes much memory: large
            # drawings are kept as files.
            small = len(response.content) <= LARGEST_KEPT
            if response.status_code == HTTPStatus.OK and "ETag" in response and small and not query.get("q"):
                cache.set(key, (response["ETag"], response))
            return response

        return past.marked(answer) if AS_OF in known else answer

    return decorate


def _set_moment(request: HttpRequest, asked: str) -> None:
    """Finds the moment that is asked for. Raises UnknownMoment, NotFound where nothing is recorded of it."""
    if not asked:
        return
    state = state_of(request)

    def here(text: str, as_of: str) -> Link:
        query = as_query([*state, (AS_OF, as_of)] if as_of else state)
        return LinkToday(text, request.path + (f"?{query}" if query else ""))

    try:
        request.moment = moment(asked)  # type: ignore[attr-defined]
    except NoRecordYet as early:
        if early.begins is None:
            raise NotFound("Nothing is recorded yet.") from None
        begins = early.begins.isoformat()
        raise NotFound(
            f"There is nothing of {long_date(asked)}: the record begins on {long_date(begins)}.",
            (here(f"This page as of {long_date(begins)}", begins), here("This page today", "")),
        ) from None
    except NoSuchRevision as unknown:
        raise NotFound(str(unknown), (here("This page today", ""),)) from None


def bad_request(request: HttpRequest, wrong: tuple[str, ...]) -> HttpResponse:
    """A 400 in the form that was asked for."""
    if request.path.endswith(".json"):
        return _json({"error": " ".join(wrong), "suggestions": []}, status=HTTPStatus.BAD_REQUEST)
    if request.path.endswith((".csv", ".svg", ".png")):
        return HttpResponse(" ".join(wrong) + "\n", content_type="text/plain; charset=utf-8", status=400)
    context = {"problems": wrong, "address": request.path, **past.context_of(request, ())}
    return render(request, "400.html", context, status=400)


def missing_answer(request: HttpRequest, missing: NotFound | UnknownSortKey) -> HttpResponse:
    """A 404 in the form that was asked for."""
    suggestions: tuple[Link, ...] = getattr(missing, "suggestions", ())
    at = moment_of(request)
    if request.path.endswith(".json"):
        offered = [{"name": link.text, "address": _of_its_moment(link, at, request)} for link in suggestions]
        return _json({"error": str(missing), "suggestions": offered}, status=HTTPStatus.NOT_FOUND)
    if request.path.endswith((".csv", ".svg", ".png")):
        # Of these only the ways in time: others are lists.
        ways = [f"{link.text}: {public_url(request)}{link.address}\n" for link in suggestions if _is_today(link)]
        return HttpResponse(f"{missing}\n{''.join(ways)}", content_type="text/plain; charset=utf-8", status=404)
    return not_found(request, str(missing), suggestions)


def _is_today(link: Link) -> bool:
    return isinstance(link, LinkToday)


def _of_its_moment(link: Link, at: Moment | None, request: HttpRequest) -> str:
    return link.address if at is None or _is_today(link) else past.of_the_past(link.address, at, request.path)


class QueryRefused(ValueError):
    """The query string is not of the page's form; `problems` says what is wrong with which name."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def rights_of(request: HttpRequest) -> frozenset[str]:
    """What who reads may do: nothing without a role, or without the second factor where one is required."""
    user = request.user
    if not isinstance(user, User) or not user.role or lacks_two_factor(request):
        return frozenset()
    return RIGHTS[user.role]


def _read(page: PublicPage, request: HttpRequest, keys: dict[str, Any]) -> tuple[PageModel, PageQuery]:
    query = page.query(request.GET)
    if not query.is_valid():
        raise QueryRefused(problems(query))
    at = moment_of(request)
    who = {"colleague": "edit" in rights_of(request)} if page.names_people else {}
    try:
        model = page.read(**keys, **query.parameters(), **who, at=at)
    except NotFound:
        if not page.kind:
            raise
        ((key, name),) = keys.items()
        found = elsewhere(kind=page.kind, name=name, at=at, read=lambda name, at: page.read(**{key: name}, at=at))
        if found is None:
            raise
        if isinstance(found, Moved):
            shown = ("sort", *PageQuery.SHOWN_BY_THE_VIEW)
            state = as_query([pair for pair in state_of(request) if pair[0] not in shown])
            found = Moved(found.address + (f"?{state}" if state else ""), permanent=found.permanent)
        raise found from None
    if page.kind:
        ((_, name),) = keys.items()
        model = replace(model, retired=retired_day(kind=page.kind, name=name, at=at))
    query.offer(model.facets)
    return model, query


def page_view(page: PublicPage) -> View:
    known = page.query.names() - {"table"}

    @kept(known, names_people=page.names_people, beside=page.beside)
    def view(request: HttpRequest, **keys: Any) -> HttpResponse:
        try:
            model, query = _read(page, request, keys)
            tables = {
                data.name: _shown(page, request, query, data, first=n == 0) for n, data in enumerate(model.tables)
            }
        except QueryRefused as refused:
            return bad_request(request, refused.problems)
        except Moved as moved:
            return redirect(request, moved)
        except NotFound as missing:
            return missing_answer(request, missing)
        except UnknownSortKey as unknown:
            state = [(name, value) for name, value in state_of(request) if name != "sort"]
            suggestions = tuple(
                Link(choice.replace("_", " "), f"?{as_query([*state, ('sort', choice)])}")
                for choice in unknown.choices
            )
            return not_found(request, str(unknown), suggestions)
        state = state_of(request)
        canonical = full_address(request)
        context = {
            "page": model,
            "tables": tables,
            "form": query if query.visible() else None,
            "keep_filters": [(name, value) for name, value in state if name not in ("edition", "page")],
            "keep_edition": [(name, value) for name, value in state if name in ("edition", "sort")],
            "twins": _twins(model, request) if not model.refused else {},
            "canonical": canonical,
            "permalink": _permalink(request, model),
            "public_url": public_url(request),
            "citation": citation(model, canonical, moment_of(request)) if not model.refused else "",
            **past.context_of(request, [pair for pair in state if pair[0] != "page"]),
            "rights": rights_of(request),
            "sources": sources_of([model, *(data.rows for data in model.tables)]),
        }
        response = render(request, page.template, context, status=_status(model))
        return versioned(request, response, model.stamp.version)

    view.public_page = page  # type: ignore[attr-defined]
    return view


def _status(model: PageModel) -> HTTPStatus:
    """200, or for a question without an answer 404 where it names something unknown, else 400."""
    if not model.refused:
        return HTTPStatus.OK
    return HTTPStatus.NOT_FOUND if model.names_unknown else HTTPStatus.BAD_REQUEST


def as_query(state: Iterable[tuple[str, str]]) -> str:
    """A query string; the marks of `custom:au,ca,nz` stay readable."""
    return urlencode(list(state), safe=":,")


def state_of(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name in request.GET for value in request.GET.getlist(name) if value]


def _twins(model: PageModel, request: HttpRequest) -> dict[str, str]:
    stem = model.address.removesuffix("/") or "/index"
    state = [(name, value) for name, value in state_of(request) if name not in ("page", "full")]
    suffix = f"?{as_query(state)}" if state else ""
    return {"json": f"{stem}.json{suffix}", "csv": f"{stem}.csv{suffix}"}


def _shown(
    page: PublicPage, request: HttpRequest, query: PageQuery, data: TableData, *, first: bool
) -> PublishedTable:
    """The table with its columns; the first one of a page can be sorted and is paged."""
    stem = request.path.removesuffix("/") or "/index"
    state = [(name, value) for name, value in state_of(request) if name not in ("page", "full", "table")]
    address = f"{stem}.csv?{as_query([*state, ('table', data.name)])}"
    sortable = first and query.sortable
    table = page.table(data)(
        data,
        sort=query.cleaned_data["sort"] if sortable else "",
        sortable=sortable,
        csv_address=address,
        full=bool(query.cleaned_data["full"]),
    )
    if first and not query.cleaned_data["full"]:
        number = query.cleaned_data["page"] or 1
        try:
            table.paginate(page=number, per_page=ROWS_A_PAGE)
        except InvalidPage:
            pages = -(-len(data.rows) // ROWS_A_PAGE) or 1
            raise NotFound(
                f"There is no page {number} of this table: it has {pages} {'page' if pages == 1 else 'pages'}.",
                (Link("The first page", request.path), Link("All rows on one page", f"{request.path}?full=1")),
            ) from None
    return table


def _permalink(request: HttpRequest, model: PageModel) -> str:
    """The address that shows this state for ever: a past day's own, else that of the newest revision."""
    at = moment_of(request)
    if at is not None and (not at.names_a_day or at.day < timezone.now().date().isoformat()):
        return full_address(request)
    return full_address(request, as_of=f"r{model.stamp.number}") if model.stamp.number else ""


def citation(model: PageModel, canonical: str, at: Moment | None = None) -> str:
    """How to cite the page: title, state of the record, day, address."""
    today = timezone.now()
    return (
        f"Technology Leadership Tracker, “{model.title}”, record {cited_as(at) if at else f'r{model.stamp.number}'}, "
        f"read {today.day} {today:%B %Y}, {canonical}"
    )


def redirect(request: HttpRequest, moved: Moved, twin: str = "") -> HttpResponse:
    """To the page's other address, or to the twin there; what only says how it is shown goes along."""
    path, _, state = moved.address.partition("?")
    shown = as_query(
        (name, value)
        for name in ("sort", *PageQuery.SHOWN_BY_THE_VIEW)
        # Where `page` is an address, it is no page of a table.
        if (value := request.GET.get(name)) and not value.startswith("/")
    )
    query = "&".join(filter(None, (state, shown)))
    address = (f"{path.removesuffix('/')}.{twin}" if twin else path) + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(address) if moved.permanent else HttpResponseRedirect(address)


def json_view(page: PublicPage) -> View:
    @kept(page.query.names() - {"table", "page", "full"}, names_people=page.names_people, beside=page.beside)
    def view(request: HttpRequest, **keys: Any) -> HttpResponse:
        try:
            model, _ = _read(page, request, keys)
        except QueryRefused as refused:
            return bad_request(request, refused.problems)
        except Moved as moved:
            return redirect(request, moved, "json")
        except (NotFound, UnknownSortKey) as missing:
            return missing_answer(request, missing)
        if model.refused:
            return _json({"error": " ".join(model.refused), "suggestions": []}, status=_status(model))
        at = moment_of(request)
        body = {"citation": citation(model, full_address(request), at), **as_json(model)}
        if at is not None:
            body = {AS_OF: at.asked, **past.in_json(body, at, request.path)}
        return versioned(request, _json(body), model.stamp.version)

    return view


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    text = simplejson.dumps(body, use_decimal=True, ensure_ascii=False, indent=1)
    response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8", status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def csv_view(page: PublicPage) -> View:
    @kept(page.query.names() - {"page", "full"}, names_people=page.names_people, beside=page.beside)
    def view(request: HttpRequest, **keys: Any) -> HttpResponse:
        try:
            model, query = _read(page, request, keys)
            if model.refused:
                said = " ".join(model.refused)
                return HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=_status(model))
            name = query.cleaned_data["table"] or model.tables[0].name
            table = next((data for data in model.tables if data.name == name), None)
            if table is None:
                names = ", ".join(data.name for data in model.tables)
                raise NotFound(f"This page has no table “{name}”; it has {names}.")
        except QueryRefused as refused:
            return bad_request(request, refused.problems)
        except Moved as moved:
            return redirect(request, moved, "csv")
        except (NotFound, UnknownSortKey) as missing:
            return missing_answer(request, missing)
        at = moment_of(request)
        text = as_csv(table) if at is None else past.in_csv(as_csv(table), at, request.path)
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        stem = model.address.strip("/").replace("/", "-") or "index"
        day = f"{at.day}-" if at is not None and at.names_a_day else ""
        response["Content-Disposition"] = f'inline; filename="{stem}-{table.name}-{day}r{model.stamp.number}.csv"'
        response["Access-Control-Allow-Origin"] = "*"
        return versioned(request, response, model.stamp.version)

    return view


def not_found(request: HttpRequest, reason: str = "", suggestions: tuple[Link, ...] = ()) -> HttpResponse:
    """A 404 that says what is missing and where to go."""
    context = {"reason": reason, "suggestions": suggestions, **past.context_of(request, state_of(request))}
    return render(request, "404.html", context, status=404)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For addresses that no page has."""
    return not_found(request)
