"""Accounts of the research team: who may come in, as what, and who no longer may.

Nobody signs up. An editor invites, or `manage.py create_account` makes the account.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from tracker.models import Invitation, User
from tracker.models.user import ROLES

# Changes of accounts are no acts of the record: they go to the log of the server.
log = logging.getLogger("tracker.accounts")


@dataclass(frozen=True)
class DemoAccount:
    username: str
    password: str


@dataclass(frozen=True)
class Invited:
    """An invitation, and the secret of its link, which is known only now."""

    invitation: Invitation
    secret: str


def create_groups() -> tuple[str, ...]:
    """A group for each role; the names of those that were missing."""
    return tuple(name for name in ROLES if Group.objects.get_or_create(name=name)[1])


@transaction.atomic
def create_demo_accounts() -> tuple[DemoAccount, ...]:
    """One account a role, each with a fresh random password; nothing where any account exists.

    The passwords are returned this once and stored only as hashes.
    """
    if User.objects.exists():
        return ()
    accounts = []
    for role in ROLES:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(username=role, password=password, display_name=f"Demo {role}")
        _put_into(user, role)
        accounts.append(DemoAccount(role, password))
    return tuple(accounts)


@transaction.atomic
def create_account(*, username: str, email: str, role: str, name: str = "", password: str | None = None) -> User:
    """An account that may log in; without a password only after setting one by a link.

    Raises ValidationError by field: role, username, email, name, password.
    """
    wrong: dict[str, list[str]] = {}
    if role not in ROLES:
        wrong["role"] = [f"There is no role “{role}”: choose one of {', '.join(ROLES)}."]
    username, email = unicodedata.normalize("NFKC", username).strip(), email.strip().lower()
    user = User(username=username, email=email, display_name=name.strip())
    for field, problems in (
        ("username", _problems_of_username(user)),
        ("email", _problems_of_email(email)),
        ("password", _problems_of_password(password, user)),
    ):
        if problems:
            wrong[field] = problems
    if wrong:
        raise ValidationError(wrong)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    except IntegrityError:
        # Somebody else took one of them since it was looked up.
        raise ValidationError({"username": ["This user name or e-mail address was taken just now."]}) from None
    _put_into(user, role)
    log.info("Account %s was created as %s.", user.username, role)
    return user


def _problems_of_username(user: User) -> list[str]:
    try:
        user.clean_fields(exclude=[field.name for field in User._meta.fields if field.name != "username"])
    except ValidationError as problem:
        return problem.messages
    if "@" in user.username:
        # It could be somebody else's e-mail address, by which one logs in, too.
        return ["A user name has no “@” in it."]
    if User.objects.filter(username__iexact=user.username).exists():
        return ["This user name is taken."]
    return []


def _problems_of_email(email: str) -> list[str]:
    try:
        validate_email(email)
    except ValidationError as problem:
        return problem.messages
    return ["Somebody has an account with this e-mail address."] if _has_account(email) else []


def _has_account(email: str) -> bool:
    return (
        User.objects.filter(email__iexact=email).exists() or EmailAddress.objects.filter(email__iexact=email).exists()
    )


def _problems_of_password(password: str | None, user: User) -> list[str]:
    if password is None:
        return []
    try:
        validate_password(password, user)
    except ValidationError as problem:
        return problem.messages
    return []


def _put_into(user: User, role: str) -> None:
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    # The pages for staff (the gallery) are the administrators'.
    user.is_staff = role == ROLES[-1]
    user.is_superuser = False
    user.save(update_fields=["is_staff", "is_superuser"])
    user.__dict__.pop("role", None)


# Invitations


def roles_to_invite(by: User) -> tuple[str, ...]:
    """The roles that somebody may invite to: none above their own."""
    return ROLES[: ROLES.index(by.role) + 1] if by.may("invite") else ()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(*, by: User, email: str, role: str, note: str = "") -> Invited:
    """Invites a person to a role, for some days.

    Raises ValidationError by field (role, email), PermissionDenied for somebody who may not invite at all.
    """
    if not by.may("invite"):
        raise PermissionDenied
    email = email.strip().lower()
    wrong: dict[str, list[str]] = {}
    if role not in roles_to_invite(by):
        wrong["role"] = ["You can invite to your own role and to those below it."]
    if problems := _problems_of_email(email):
        wrong["email"] = problems
    elif Invitation.objects.filter(_open(), email=email).exists():
        wrong["email"] = ["There is an open invitation for this address. Withdraw it first to send another."]
    if wrong:
        raise ValidationError(wrong)
    secret, now = secrets.token_urlsafe(32), timezone.now()
    invitation = Invitation.objects.create(
        digest=digest_of(secret), email=email, role=role, note=note.strip(), invited_by=by,
        invited_at=now, expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )  # fmt: skip
    log.info("%s invited somebody as %s (invitation %s).", by.username, role, invitation.pk)
    return Invited(invitation, secret)


def _open() -> Q:
    return Q(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


def mail_invitation(*, invitation: Invitation, link: str) -> bool:
    """Sends the link to the person; False where the mail could not be handed over."""
    words = {"invitation": invitation, "link": link, "inviter": invitation.invited_by.get_full_name()}
    try:
        send_mail(
            f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}you are invited",
            render_to_string("account/email/invitation_message.txt", words),
            settings.DEFAULT_FROM_EMAIL,
            [invitation.email],
        )
    except (SMTPException, OSError) as problem:
        log.warning("Invitation %s could not be mailed: %s", invitation.pk, problem)
        return False
    return True


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User) -> bool:
    """Ends an open invitation: its link no longer works. False where it was not open any more.

    Raises PermissionDenied for an invitation to a role above one's own.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.role not in roles_to_invite(by):
        raise PermissionDenied
    if invitation.state != "open":
        return False
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    log.info("%s withdrew invitation %s.", by.username, invitation.pk)
    return True


def invitation_by(secret: str) -> Invitation | None:
    """The invitation whose link holds `secret`, in whatever state."""
    return Invitation.objects.select_related("invited_by").filter(digest=digest_of(secret)).first()


class NoLongerOpen(ValueError):
    """The invitation was accepted or withdrawn meanwhile, or its days are over; `state` says which."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(f"This invitation is {state}.")


@transaction.atomic
def accept(*, secret: str, username: str, name: str, password: str) -> User:
    """The account that an invitation is for. Whoever comes second with the same link comes too late.

    Raises NoLongerOpen; ValidationError by field: username, name, password, email.
    """
    invitation = Invitation.objects.select_for_update().filter(digest=digest_of(secret)).first()
    if invitation is None or invitation.state != "open":
        raise NoLongerOpen(invitation.state if invitation else "unknown")
    user = create_account(
        username=username, email=invitation.email, role=invitation.role, name=name, password=password
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    log.info("%s accepted invitation %s.", user.username, invitation.pk)
    return user


# The team


class LastAdministrator(ValueError):
    """The change would leave nobody who may manage accounts."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator: make somebody else one first.")


@transaction.atomic
def set_role(*, user: User, role: str, by: User | None) -> None:
    """Gives a person another role; `by` is None from the command line.

    Raises PermissionDenied, LastAdministrator, ValidationError (role).
    """
    _must_manage(by)
    if role not in ROLES:
        raise ValidationError({"role": f"There is no role “{role}”: choose one of {', '.join(ROLES)}."})
    user = _locked(user)
    if role != ROLES[-1]:
        _keep_an_administrator(user)
    _put_into(user, role)
    _withdraw_what_exceeds(user)
    log.info("%s made %s %s.", _name(by), user.username, role)


@transaction.atomic
def deactivate(*, user: User, by: User | None) -> None:
    """Nobody logs in to the account any more, its sessions end now, its open invitations are withdrawn.

    The account stays: the record's history names it. Raises PermissionDenied, LastAdministrator.
    """
    _must_manage(by)
    user = _locked(user)
    _keep_an_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.__dict__.pop("role", None)
    _withdraw_what_exceeds(user)
    end_sessions(user=user)
    log.info("%s deactivated %s.", _name(by), user.username)


@transaction.atomic
def reactivate(*, user: User, by: User | None) -> None:
    """The person may log in again, with the role they had. Raises PermissionDenied."""
    _must_manage(by)
    user = _locked(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    log.info("%s reactivated %s.", _name(by), user.username)


@transaction.atomic
def remove_two_factor(*, user: User, by: User | None) -> int:
    """For who has lost phone and recovery codes: app, codes and passkeys are forgotten, sessions end.

    Returns how many were. Raises PermissionDenied.
    """
    _must_manage(by)
    removed = Authenticator.objects.filter(user=user).delete()[0]
    end_sessions(user=user)
    log.info("%s removed the second factor of %s.", _name(by), user.username)
    return removed


def _must_manage(by: User | None) -> None:
    if by is not None and not by.may("manage"):
        raise PermissionDenied


def _name(by: User | None) -> str:
    return by.username if by else "The command line"


def _locked(user: User) -> User:
    # One change of roles at a time: two administrators who demote each other would leave none.
    list(Group.objects.select_for_update().order_by("pk"))
    return User.objects.select_for_update().get(pk=user.pk)


def _keep_an_administrator(user: User) -> None:
    administrators = User.objects.filter(Q(is_superuser=True) | Q(groups__name=ROLES[-1]), is_active=True)
    if not administrators.exclude(pk=user.pk).exists() and user.role == ROLES[-1]:
        raise LastAdministrator


def _withdraw_what_exceeds(user: User) -> None:
    """An invitation is worth no more than the person who gave it."""
    Invitation.objects.filter(_open(), invited_by=user).exclude(role__in=roles_to_invite(user)).update(
        withdrawn_at=timezone.now()
    )


# One's own account


@transaction.atomic
def set_own_details(*, by: User, name: str, shown_as: str) -> None:
    """The full name, and whether readers see it. Raises ValidationError by field: display_name, shown_as."""
    by = User.objects.select_for_update().get(pk=by.pk)
    by.display_name, by.shown_as = name.strip(), shown_as
    if shown_as == User.ShownAs.NAME and not by.display_name:
        raise ValidationError({"display_name": "Readers are to see your full name: write it here."})
    by.clean_fields(
        exclude=[field.name for field in User._meta.fields if field.name not in ("display_name", "shown_as")]
    )
    by.save(update_fields=["display_name", "shown_as"])


@transaction.atomic
def end_sessions(*, user: User, keep: str = "", only: int | None = None) -> int:
    """Ends the sessions of a person: all but the one with the key `keep`, or the one with the number `only`.

    Returns how many ended.
    """
    sessions = UserSession.objects.filter(user=user).exclude(session_key=keep)
    if only is not None:
        sessions = sessions.filter(pk=only)
    keys = list(sessions.values_list("session_key", flat=True))
    SessionStore.get_model_class().objects.filter(session_key__in=keys).delete()
    sessions.delete()
    return len(keys)


def forget_session(*, key: str) -> None:
    """Takes a session that has ended off the list."""
    UserSession.objects.filter(session_key=key).delete()


def note_seen(*, key: str) -> None:
    """The session with this key is in use now."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())


def live_sessions(*, user: User) -> list[UserSession]:
    """The sessions of a person that still hold, the last used first; those that do not are forgotten here."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda each: each.last_seen_at, reverse=True)
