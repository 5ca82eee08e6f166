"""Mails about what happened: choosing their rhythm, and the link in each of them that stops them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tracker.actions import digests as actions
from tracker.forms.digests import DigestForm
from tracker.models import Digest, User
from tracker.views.access import needs, private
from tracker.views.public import not_found


@needs("edit")
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """POST `rhythm` = never, daily, weekly."""
    assert isinstance(request.user, User)
    form = DigestForm(request.POST)
    try:
        actions.set_rhythm(by=request.user, rhythm=form.data.get("rhythm", ""))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        often = str(dict(Digest.Rhythm.choices)[form.data["rhythm"]])
        never = form.data["rhythm"] == Digest.Rhythm.NEVER
        messages.success(request, "No mail is sent to you any more." if never else f"You get a mail {often}.")
    return redirect("account")


# A mail program sends no token of a form; what the link holds lets nobody do more than stop these mails.
@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Asked for, a page with a button, because programs look at links of mails; sent, the end of the mails."""
    user = actions.whose(token)
    if user is None:
        return not_found(
            request, "This link is cut off or not ours: take the whole line from the mail, or log in and choose "
            "“never” in your account."
        )  # fmt: skip
    stopped = request.method == "POST"
    if stopped:
        actions.set_rhythm(by=user, rhythm=Digest.Rhythm.NEVER)
    return render(request, "digests/stop.html", {"stopped": stopped})
