"""Accounts: logging in, one's own settings, invitations, the team. What allauth has is used as it is, in our look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.core import ratelimit
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Coalesce, Greatest
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tracker.actions import accounts as actions
from tracker.actions.digests import rhythm_of
from tracker.forms.accounts import AcceptForm, DetailsForm, InvitationForm, LoginForm
from tracker.forms.digests import DigestForm
from tracker.models import Invitation, User
from tracker.models.user import ROLES
from tracker.views.access import AFTER_TWO_FACTOR, for_oneself, needs
from tracker.views.account_adapter import full_link
from tracker.views.public import not_found


def _person(request: HttpRequest) -> User:
    """Who is logged in, behind a door that lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def _put(form: BaseForm, problem: ValidationError) -> None:
    """What an action refuses stands at the form's field of that name, else above the form."""
    for field, texts in problem.message_dict.items():
        form.add_error(field if field in form.fields else None, texts)


def _too_many(response: HttpResponse, wait: int) -> HttpResponse:
    """`wait`: seconds, at most the time over which the tries are counted."""
    response.status_code = 429
    response["Retry-After"] = str(wait)
    response["Cache-Control"] = "no-store, private"
    return response


class Login(LoginView):
    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response = super().form_invalid(form)
        return _too_many(response, 300) if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts") else response


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The answer where a limit is reached: in words, with what was typed; passwords are never given back."""
    if request.path == reverse("login"):
        context = {
            "form": LoginForm(initial={"login": request.POST.get("login", "")[:254]}),
            "redirect_field_value": request.POST.get("next") or request.GET.get("next", ""),
            "too_many": True,
            "PASSKEY_LOGIN_ENABLED": True,
        }
        return _too_many(render(request, "account/login.html", context), 300)
    return _too_many(render(request, "429.html", {"typed": request.POST.get("email", "")[:254]}), 600)


# One's own account


@for_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    # The form changes the person it is given, also where it is refused.
    form = DetailsForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_own_details(
                by=user, name=form.cleaned_data["display_name"], shown_as=form.cleaned_data["shown_as"]
            )
        except ValidationError as problem:
            _put(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("account")
    ways = list(Authenticator.objects.filter(user=user))
    context = {
        "form": form,
        "account": user,
        "app": any(way.type == Authenticator.Type.TOTP for way in ways),
        "passkeys": sum(way.type == Authenticator.Type.WEBAUTHN for way in ways),
        "codes_left": next(
            (len(way.wrap().get_unused_codes()) for way in ways if way.type == Authenticator.Type.RECOVERY_CODES),
            None,
        ),
        "sessions": len(actions.live_sessions(user=user)),
        "required": settings.REQUIRE_TWO_FACTOR,
        "digest": DigestForm(initial={"rhythm": rhythm_of(user)}) if user.may("edit") else None,
    }
    return render(request, "account/settings.html", context)


class TwoFactor(IndexView):
    def get_context_data(self, **keys: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**keys),
            "required": settings.REQUIRE_TWO_FACTOR,
            "go_on": self.request.session.get(AFTER_TWO_FACTOR, ""),
        }


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    def form_invalid(self, form: BaseForm) -> HttpResponse:
        # allauth sends such a person to the login, where they are logged in already.
        return self.render_to_response(self.get_context_data())


@dataclass(frozen=True)
class Session:
    """A row of the list of sessions."""

    number: int
    browser: str
    ip: str
    since: Any
    last_seen: Any
    current: bool


@for_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """POST `end` = the number of a session, or "others"."""
    user = _person(request)
    key = request.session.session_key or ""
    if request.method == "POST":
        which = request.POST.get("end", "")
        if which == "others":
            ended = actions.end_sessions(user=user, keep=key)
        else:
            ended = actions.end_sessions(
                user=user, keep=key, only=int(which) if which.isdecimal() and len(which) < 19 else 0
            )
        said = (
            "There was no such session." if not ended else "It has ended." if ended == 1 else f"{ended} have ended."
        )
        messages.success(request, said)
        return redirect("usersessions_list")
    rows = [
        Session(
            each.pk, browser_of(each.user_agent), each.ip, each.created_at, each.last_seen_at, each.session_key == key
        )
        for each in actions.live_sessions(user=user)
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": rows})


BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "an iPhone"), ("iPad", "an iPad"),
    ("Mac OS X", "a Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(user_agent: str) -> str:
    """“Firefox on Windows”, as far as the browser says so; for recognising one's own sessions, nothing else."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


# Invitations


@needs("invite")
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """The link stands on the answer to the form and nowhere else: only its digest is kept."""
    by = _person(request)
    may_give = actions.roles_to_invite(by)
    form = InvitationForm(request.POST or None, roles=may_give)
    link, invitation, mailed, status = "", None, False, 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if not ratelimit.consume(request, action="invite", user=by):
            form.add_error(None, "You have sent many invitations. Wait an hour, then send the next.")
            status = 429
        else:
            try:
                invited = actions.invite(by=by, email=typed["email"], role=typed["role"], note=typed["note"])
            except ValidationError as problem:
                _put(form, problem)
            else:
                invitation = invited.invitation
                link = full_link(request, reverse("invitation", kwargs={"secret": invited.secret}))
                mailed = actions.mail_invitation(invitation=invitation, link=link)
                form = InvitationForm(roles=may_give)
    rows = [
        {"invitation": each, "may_withdraw": each.state == "open" and each.role in may_give}
        for each in Invitation.objects.select_related("invited_by", "accepted_by")[:200]
    ]
    context = {
        "form": form, "rows": rows, "link": link, "invitation": invitation, "mailed": mailed,
        "days": settings.INVITATION_DAYS,
    }  # fmt: skip
    return render(request, "accounts/invitations.html", context, status=status)


@needs("invite")
@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    if actions.withdraw(invitation=invitation, by=_person(request)):
        messages.success(request, f"The invitation for {invitation.email} is withdrawn: its link no longer works.")
    else:
        messages.error(request, "This invitation was not open any more.")
    return redirect("invitations")


@sensitive_post_parameters("password", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Where an invitation's link leads: the person makes their account, and is logged in."""
    found = actions.invitation_by(secret)
    if found is None:
        return not_found(
            request,
            "No invitation has this link. It may have been cut off on its way: take the whole line from the mail, "
            "or ask for another invitation.",
        )
    if found.state != "open":
        return _closed(request, found.state)
    if request.user.is_authenticated:
        return render(request, "accounts/invitation_logged_in.html", {"invitation": found})
    form = AcceptForm(request.POST or None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="accept_invitation"):
            return too_many_requests(request)
        if form.is_valid():
            typed = form.cleaned_data
            try:
                user = actions.accept(
                    secret=secret, username=typed["username"], name=typed["name"], password=typed["password"]
                )
            except actions.NoLongerOpen as closed:
                return _closed(request, closed.state)
            except ValidationError as problem:
                _put(form, problem)
            else:
                messages.success(request, f"Welcome. Your account is ready: you are {user.username}.")
                return perform_login(request, user, redirect_url=reverse("account"))
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found})


def _closed(request: HttpRequest, state: str) -> HttpResponse:
    return render(request, "accounts/invitation_closed.html", {"state": state}, status=410)


# The team


@needs("invite")
@require_http_methods(["GET", "HEAD"])
def team(request: HttpRequest) -> HttpResponse:
    way_in = Authenticator.objects.filter(
        user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    people = (
        User.objects.prefetch_related("groups")
        .annotate(has_two_factor=Exists(way_in), session_seen=Max("usersession__last_seen_at"))
        # A session that has ended left no trace but the login that began it.
        .annotate(last_seen=Coalesce(Greatest("session_seen", "last_login"), "session_seen", "last_login"))
        .order_by("-is_active", "display_name", "username")
    )
    context = {"people": people, "may_manage": request.user.may("manage"), "roles": ROLES}  # type: ignore[union-attr]
    return render(request, "accounts/team.html", context)


@needs("manage")
@require_POST
def change_account(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `do` = role (with `role`), deactivate, reactivate, or remove-two-factor."""
    user, by = get_object_or_404(User, pk=pk), _person(request)
    name = user.get_full_name()
    try:
        match request.POST.get("do"):
            case "role":
                role = request.POST.get("role", "")
                actions.set_role(user=user, role=role, by=by)
                said = f"{name} is {role} now."
            case "deactivate":
                actions.deactivate(user=user, by=by)
                said = f"{name} can no longer log in. What they wrote stays in the history."
            case "reactivate":
                actions.reactivate(user=user, by=by)
                said = f"{name} can log in again."
            case "remove-two-factor":
                actions.remove_two_factor(user=user, by=by)
                said = f"{name} logs in with the password alone, until a second factor is set up again."
            case _:
                raise PermissionDenied
    except actions.LastAdministrator as refused:
        messages.error(request, str(refused))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, said)
    return redirect("team" if by.pk != user.pk or User.objects.get(pk=by.pk).may("invite") else "account")
