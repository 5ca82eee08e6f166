"""Who may come in at a door for researchers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

View = Callable[..., HttpResponse]


def needs(right: str) -> Callable[[View], View]:
    """A view for people whose role has `right` (`User.may`); nobody keeps its answers.

    Who is not logged in is led to the login and back; who may not gets a 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.may(right):  # type: ignore[union-attr]
                raise PermissionDenied
            response = view(request, *args, **keys)
            add_never_cache_headers(response)
            return response

        guarded.needs_right = right  # type: ignore[attr-defined]
        return guarded

    return decorate
