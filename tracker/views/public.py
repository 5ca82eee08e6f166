"""Public pages and their twins: one mechanism. A page is a line in `urls`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
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
from tracker.analysis.read_model import Link, PageModel, TableData
from tracker.analysis.twin import as_csv, as_json, sources_of
from tracker.filters.query import PageQuery, problems
from tracker.history.timeline import newest_version
from tracker.pages.not_found import Moved, NotFound
from tracker.tables.columns import PublishedTable

ROWS_A_PAGE = 100
# Bytes of an answer that a process keeps in memory.
LARGEST_KEPT = 500_000


@dataclass(frozen=True)
class PublicPage:
    """A public page: its address, the function that reads it, its query, tables and template.

    `tables` gives the columns of each of the read model's tables by name: a table class, or a function
    from the row type to one.
    """

    name: str
    route: str
    read: Callable[..., PageModel]
    template: str
    tables: Mapping[str, Any]
    query: type[PageQuery] = PageQuery

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
    """The version of an answer: newest revision, build, UTC day (clocks tick, deploys change pages), address."""
    address = hashlib.sha256(said.encode()).hexdigest()[:8]
    return f'"{version}-{settings.BUILD}-{timezone.now():%Y%m%d}-{address}"'


def public_url(request: HttpRequest) -> str:
    """The address readers use, without a path: the one that is set, else the one that was asked."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def full_address(request: HttpRequest) -> str:
    """The page's address with the names of its query that it knows, in one order."""
    # By name; what has one name keeps its order (the sides of a comparison).
    state = as_query(sorted(state_of(request), key=lambda pair: pair[0]))
    return f"{public_url(request)}{request.path}" + (f"?{state}" if state else "")


def versioned(request: HttpRequest, response: HttpResponse, version: str) -> HttpResponse:
    """Gives the answer its ETag, and says who may keep it: nobody what a signed-in person sees."""
    if request.user.is_authenticated:
        add_never_cache_headers(response)
        return response
    response["ETag"] = etag(version, full_address(request))
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    patch_vary_headers(response, ["Cookie"])
    return response


View = Callable[..., HttpResponse]

# Names that mean something on some page (DESIGN: addresses are a promise). A page that does not know one of
# them refuses it: to leave it out in silence would answer another question than was asked.
NAMES_OF_STATE = frozenset(
    ("edition", "side", "technology", "category", "from", "to", "field", "metric", "as_of", "sort", "page", "q",
     "full", "size", "theme", "table", "leader", "risk", "region", "kind",
     "channel", "status", "year", "organisation", "country", "reliability", "credibility", "contested", "unconfirmed", "recheck")
)  # fmt: skip


def kept(known: Collection[str]) -> Callable[[View], View]:
    """A read-only view whose answers are kept for as long as their version is the record's.

    `known` are the names of its query: others are dropped, so that they make no second copy and stand in
    no link; names of state that it does not know are refused. Whoever holds the current version gets a
    304. Only answers with an ETag and status 200 are kept, and none to a free text.
    """

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def answer(request: HttpRequest, **keys: Any) -> HttpResponse:
            query = request.GET.copy()
            strange = [name for name in query if name not in known and name in NAMES_OF_STATE]
            if strange:
                return bad_request(request, tuple(_does_not_know(name) for name in strange))
            for name in set(query) - set(known):
                del query[name]
            request.GET = query  # type: ignore[assignment]
            if request.user.is_authenticated:
                return view(request, **keys)
            said = full_address(request)
            key = hashlib.sha256(said.encode()).hexdigest()
            cache = caches["pages"]
            known_tag, response = cache.get(key, ("", None))
            held = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
            if response is not None or held:
                version = newest_version()
                current = etag(version, said)
                # The tag names the address too: who holds it was given this page.
                if current in held:
                    return versioned(request, HttpResponseNotModified(), version)
                if response is not None and known_tag == current:
                    return response
            response = view(request, **keys)
            # Free texts have no end: what was searched for is not kept. Nor is what takes much memory: large
            # drawings are kept as files.
            small = len(response.content) <= LARGEST_KEPT
            if response.status_code == HTTPStatus.OK and "ETag" in response and small and not query.get("q"):
                cache.set(key, (response["ETag"], response))
            return response

        return answer

    return decorate


def _does_not_know(name: str) -> str:
    if name == "as_of":
        return "“as_of”: the record keeps its past, but pages of past days are not served yet."
    return f"“{name}”: this page has no such choice."


def bad_request(request: HttpRequest, wrong: tuple[str, ...]) -> HttpResponse:
    """A 400 in the form that was asked for."""
    if request.path.endswith(".json"):
        return _json({"error": " ".join(wrong), "suggestions": []}, status=HTTPStatus.BAD_REQUEST)
    if request.path.endswith((".csv", ".svg", ".png")):
        return HttpResponse(" ".join(wrong) + "\n", content_type="text/plain; charset=utf-8", status=400)
    return render(request, "400.html", {"problems": wrong, "address": request.path}, status=400)


class QueryRefused(ValueError):
    """The query string is not of the page's form; `problems` says what is wrong with which name."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def _read(page: PublicPage, request: HttpRequest, keys: dict[str, Any]) -> tuple[PageModel, PageQuery]:
    query = page.query(request.GET)
    if not query.is_valid():
        raise QueryRefused(problems(query))
    model = page.read(**keys, **query.parameters())
    query.offer(model.facets)
    return model, query


def page_view(page: PublicPage) -> View:
    known = page.query.names() - {"table"}

    @kept(known)
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
            return not_found(request, missing.reason, missing.suggestions)
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
            "public_url": public_url(request),
            "citation": citation(model, canonical) if not model.refused else "",
            "sources": sources_of([model, *(data.rows for data in model.tables)]),
        }
        response = render(request, page.template, context, status=_status(model))
        return versioned(request, response, model.stamp.version)

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


def citation(model: PageModel, canonical: str) -> str:
    """How to cite the page: title, state of the record, day, address."""
    today = timezone.now()
    return (
        f"Technology Leadership Tracker, “{model.title}”, record r{model.stamp.number}, "
        f"read {today.day} {today:%B %Y}, {canonical}"
    )


def redirect(request: HttpRequest, moved: Moved, twin: str = "") -> HttpResponse:
    """To the page's other address, or to the twin there; what only says how it is shown goes along."""
    path, _, state = moved.address.partition("?")
    shown = as_query(
        (name, value) for name in ("sort", *PageQuery.SHOWN_BY_THE_VIEW) if (value := request.GET.get(name))
    )
    query = "&".join(filter(None, (state, shown)))
    address = (f"{path.removesuffix('/')}.{twin}" if twin else path) + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(address) if moved.permanent else HttpResponseRedirect(address)


def json_view(page: PublicPage) -> View:
    @kept(page.query.names() - {"table", "page", "full"})
    def view(request: HttpRequest, **keys: Any) -> HttpResponse:
        try:
            model, _ = _read(page, request, keys)
        except QueryRefused as refused:
            return bad_request(request, refused.problems)
        except Moved as moved:
            return redirect(request, moved, "json")
        except (NotFound, UnknownSortKey) as missing:
            return _json(_problem(missing), status=HTTPStatus.NOT_FOUND)
        if model.refused:
            return _json({"error": " ".join(model.refused), "suggestions": []}, status=_status(model))
        body = {"citation": citation(model, full_address(request)), **as_json(model)}
        return versioned(request, _json(body), model.stamp.version)

    return view


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    text = simplejson.dumps(body, use_decimal=True, ensure_ascii=False, indent=1)
    response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8", status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _problem(refused: Exception) -> dict[str, Any]:
    suggestions = getattr(refused, "suggestions", ())
    return {"error": str(refused), "suggestions": [{"name": s.text, "address": s.address} for s in suggestions]}


def csv_view(page: PublicPage) -> View:
    @kept(page.query.names() - {"page", "full"})
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
            return HttpResponse(f"{missing}\n", content_type="text/plain; charset=utf-8", status=404)
        response = HttpResponse(as_csv(table), content_type="text/csv; charset=utf-8")
        stem = model.address.strip("/").replace("/", "-") or "index"
        response["Content-Disposition"] = f'inline; filename="{stem}-{table.name}-r{model.stamp.number}.csv"'
        response["Access-Control-Allow-Origin"] = "*"
        return versioned(request, response, model.stamp.version)

    return view


def not_found(request: HttpRequest, reason: str = "", suggestions: tuple[Link, ...] = ()) -> HttpResponse:
    """A 404 that says what is missing and where to go."""
    return render(request, "404.html", {"reason": reason, "suggestions": suggestions}, status=404)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For addresses that no page has."""
    return not_found(request)
