"""The door to the past: `as_of` in an address, and every way on from a page of the past (docs/adr/0013)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape, unescape
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from tracker.analysis.read_model import long_date
from tracker.history.past import Moment
from tracker.history.timeline import version

AS_OF = "as_of"


def moment_of(request: HttpRequest) -> Moment | None:
    """The past moment that is asked for; None = now."""
    return getattr(request, "moment", None)


def version_of(at: Moment) -> str:
    """The version of an answer of the past: the moment's, and what is kept back today. `at` as `moment` gives it."""
    assert at.kept_back is not None  # `moment` reads it
    return f"{version(at.number, at.digest)}-{at.kept_back.digest}"


def as_it_stood(at: Moment) -> str:
    """The state of the record in the strip above a page of the past, without a full stop."""
    day = long_date(at.day)
    if not at.names_a_day:
        return f"The record as it stood just after revision r{at.number}, of {day}"
    if at.day >= timezone.now().date().isoformat():
        return f"The record as far as it has come today, {day} (r{at.number})"
    return f"The record as it stood at the end of {day} (r{at.number})"


def context_of(request: HttpRequest, state: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What the templates need to say which moment is shown, and to ask for another one.

    `state`: the query of the page without the moment and without the page of its table.
    """
    at = moment_of(request)
    kept = list(state)
    here = request.path + (f"?{urlencode(kept, safe=':,')}" if kept else "")
    context: dict[str, Any] = {
        "as_of": at.asked if at else "", "moment": at, "moment_path": request.path, "moment_state": kept,
    }  # fmt: skip
    if at:
        changes = f"/history/changes/?after={at.asked}"
        context |= {
            "as_it_stood": as_it_stood(at), "here_today": here, "changes": changes,
            "changes_here": f"{changes}&page={quote(here, safe='')}",
        }  # fmt: skip
    return context


# Links


@lru_cache(maxsize=20_000)
def _knows_the_past(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "knows_the_past", False)
    except Resolver404:
        return False


def of_the_past(address: str, at: Moment, here: str) -> str:
    """The address of the same moment, where it is one of ours that knows the past and names no moment; else itself.

    `here`: the path of the page that it stands on, for addresses that are only a query.
    """
    before, mark, fragment = address.partition("#")
    path, question, query = before.partition("?")
    if not (path or question) or path.startswith("//") or not (path or here).startswith("/"):
        return address
    if re.search(rf"(?:^|&){AS_OF}=", query) or not _knows_the_past(path or here):
        return address
    said = f"{query}&{AS_OF}={at.asked}" if query else f"{AS_OF}={at.asked}"
    return f"{path}?{said}{mark}{fragment}"


# A tag with its quoted values whole: a value may hold ">".
_TAG = re.compile(r'<(a|area|form|img|link|source)(\s(?:[^>"]|"[^"]*")*)>')
_ADDRESS = re.compile(r'(\s(href|src|srcset)=")([^"]*)')
_METHOD = re.compile(r'\smethod="([^"]*)"')
_ACTION = re.compile(r'\saction="([^"]*)"')
# A way out of the past: back to today.
NOW = "data-now"


def keep_moment(html: str, at: Moment, here: str) -> str:
    """A finished page of the past: every link, file, figure and search form in it leads to the same moment.

    Left alone: what bears `data-now`, forms that are posted, and addresses of which `of_the_past` says so.
    """
    known: dict[str, str] = {}

    def address(value: str) -> str:
        found = known.get(value)
        if found is None:
            found = known[value] = escape(of_the_past(unescape(value), at, here))
        return found

    def attribute(found: re.Match[str]) -> str:
        start, name, value = found.groups()
        if name == "srcset":
            # Candidates: an address, then perhaps its width; a comma may stand within an address.
            return start + " ".join(address(word) if word.startswith("/") else word for word in value.split())
        return start + (address(value) if value.startswith(("/", "?")) else value)

    def tag(found: re.Match[str]) -> str:
        name, inside = found.groups()
        if NOW in inside:
            return found[0]
        if name == "form":
            return found[0] + hidden if _asks(inside, here) else found[0]
        return f"<{name}{_ADDRESS.sub(attribute, inside)}>"

    hidden = f'<input type="hidden" name="{AS_OF}" value="{at.asked}">'
    return _TAG.sub(tag, html)


def _asks(form: str, here: str) -> bool:
    """Whether a form, by the attributes of its tag, leads by GET to an address that knows the past."""
    method, action = _METHOD.search(form), _ACTION.search(form)
    path = re.split("[?#]", unescape(action[1]))[0] if action else ""
    return (method is None or method[1].lower() == "get") and _knows_the_past(path or here)


def in_json(body: Any, at: Moment, here: str) -> Any:
    """The body of a JSON twin: each `address` in it is that of the same moment."""
    if isinstance(body, dict):
        return {
            key: of_the_past(part, at, here)
            if key == "address" and isinstance(part, str)
            else in_json(part, at, here)
            for key, part in body.items()
        }
    return [in_json(part, at, here) for part in body] if isinstance(body, list) else body


def in_csv(text: str, at: Moment, here: str) -> str:
    """A CSV twin: each address in a column of addresses is that of the same moment."""
    rows = list(csv.reader(io.StringIO(text)))
    columns = [number for number, name in enumerate(rows[0]) if name == "address" or name.endswith("_address")]
    if not columns:
        return text
    for row in rows[1:]:
        for column in columns:
            row[column] = "; ".join(of_the_past(one, at, here) if one else one for one in row[column].split("; "))
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer of the past with every way on from it; an answer of now as it is."""
    at = moment_of(request)
    if at is None:
        return response
    if response.has_header("Location"):
        response["Location"] = of_the_past(response["Location"], at, request.path)
    elif response.get("Content-Type", "").startswith("text/html"):
        response.content = keep_moment(response.content.decode(), at, request.path).encode()
    return response


def marked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Says of a view that its address may name a moment: links of the past go there with it."""
    view.knows_the_past = True  # type: ignore[attr-defined]
    return view
