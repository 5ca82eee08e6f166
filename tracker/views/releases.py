"""The door for naming a state, and the file of one to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import stored_files
from tracker.actions.releases import CannotRelease, ask_for_file, file_of, release
from tracker.analysis.read_model import Link
from tracker.forms.releases import ReleaseForm
from tracker.history.timeline import latest_acts
from tracker.models import Release, User
from tracker.tasks.jobs import wake
from tracker.views.access import needs
from tracker.views.public import not_found


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
            wake(ask_for_file(release=made, by=request.user))
            return redirect(made.get_absolute_url())
    acts = latest_acts(1)
    context = {
        "form": form, "number": acts[0].last if acts else 0,
        "previous": Release.objects.order_by("-number").first(),
    }  # fmt: skip
    return render(request, "releases/new.html", context)


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """/releases/<name>/records.sqlite3: the records of a release; 503 while its file is being made."""
    found = Release.objects.filter(name=name).first()
    if found is None:
        return not_found(request, f"There is no release “{name[:40]}”.", (Link("Releases", "/releases/"),))
    held = file_of(found)
    if held is None:
        response = not_found(
            request, f"The file of release {found.name} is being made. Come back in a quarter of an hour.",
            (Link(f"Release {found.name}", found.get_absolute_url()),),
        )  # fmt: skip
        response.status_code = 503
        response["Retry-After"] = "900"
        return response
    etag = f'"{held.file.digest[:32]}"'
    answer: HttpResponseBase
    if etag in {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}:
        answer = HttpResponseNotModified()
    else:
        answer = StreamingHttpResponse(
            stored_files.parts(held.file) if request.method == "GET" else (), content_type=held.file.content_type
        )
        answer["Content-Length"] = str(held.file.size)
        answer["Content-Disposition"] = f'attachment; filename="{held.file.name}"'
        answer["Access-Control-Allow-Origin"] = "*"
    answer["ETag"] = etag
    # What is withheld tomorrow is in no cache that does not ask again.
    patch_cache_control(answer, public=True, max_age=0, must_revalidate=True)
    return answer
