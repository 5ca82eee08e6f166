"""Where allauth asks how this site does things."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from tracker.actions.accounts import forget_session
from tracker.views.access import SEEN_AT


def full_link(request: HttpRequest, path: str) -> str:
    """The address of a page, for a mail: below the one readers use, never one that a request claims."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


class AccountAdapter(DefaultAccountAdapter):
    # One sentence for every wrong login: it does not tell whether the name or the address is known.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name or e-mail address and the password are not correct together.",
        "email_password_mismatch": "The name or e-mail address and the password are not correct together.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "Too many tries. Wait five minutes, then try again.",
        "enter_current_password": "This is not your present password.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is not correct, or was used already. Wait for the next one.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        # One request of the passkeys' script asks for JSON; no other answer has a second form.
        return request.method == "GET" and request.path == reverse("mfa_login_webauthn") and super().is_ajax(request)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        request.session[SEEN_AT] = time.time()

    def logout(self, request: HttpRequest) -> None:
        key = request.session.session_key
        super().logout(request)
        if key:
            forget_session(key=key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return full_link(self.request, path)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        words = {
            "reauthenticate": "with your password",
            "mfa_reauthenticate": "with a code of your app, or a recovery code",
            "mfa_reauthenticate:webauthn": "with a passkey",
        }
        return [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]


class TwoFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not correct, or was used already. Wait for the next one.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first.",
    }

    def build_totp_svg(self, url: str) -> str:
        """The drawing for inside a page: without the head of a file, and described by the words beside it."""
        drawing = super().build_totp_svg(url)
        return '<svg aria-hidden="true" focusable="false" ' + drawing[drawing.index("<svg ") + 5 :]

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:
        number = user.authenticator_set.filter(type=type).count() + 1  # type: ignore[attr-defined]
        return "Passkey" if number == 1 else f"Passkey {number}"
