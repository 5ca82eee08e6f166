"""The door for naming a state."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tracker.actions.releases import CannotRelease, release
from tracker.forms.releases import ReleaseForm
from tracker.history.timeline import latest_acts
from tracker.models import Release, User
from tracker.views.access import needs


@needs("release")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """/releases/new/: naming the present state."""
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        try:
            made = release(by=request.user, **form.cleaned_data)
        except CannotRelease as cannot:
            for field, sentences in cannot.problems.items():
                for sentence in sentences:
                    form.add_error(field if field in form.fields else None, sentence)
        else:
            return redirect(made.get_absolute_url())
    acts = latest_acts(1)
    context = {
        "form": form, "number": acts[0].last if acts else 0,
        "previous": Release.objects.order_by("-number").first(),
    }  # fmt: skip
    return render(request, "releases/new.html", context)
