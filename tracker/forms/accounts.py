"""What people of the research team type about themselves and each other. allauth's forms, in our words."""

from __future__ import annotations

import struct
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as two_factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.http import HttpRequest

from tracker.models import User

HOW_TO_CHOOSE = (
    "At least 12 characters: a few words that do not belong together are good. None of the common passwords, and "
    "nothing like your name or address."
)
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric"}


def say(form: forms.BaseForm, words: dict[str, tuple[str, str]]) -> None:
    """Gives fields their label and help; what stands inside an empty field is no label and is taken out."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name in words:
            field.label, field.help_text = words[name]


class LoginForm(account.LoginForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"login": ("User name or e-mail address", ""), "password": ("Password", "")})
        # The browser's keeper of passwords knows a name by this, whichever of the two it is.
        self.fields["login"].widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")


class ReauthenticateForm(account.ReauthenticateForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"password": ("Your password", "")})


NEW_PASSWORD = {"password1": ("New password", HOW_TO_CHOOSE), "password2": ("New password, once more", "")}


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"oldpassword": ("Present password", ""), **NEW_PASSWORD})


class SetPasswordForm(account.SetPasswordForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, NEW_PASSWORD)


class ResetPasswordKeyForm(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, NEW_PASSWORD)


class ResetPasswordForm(account.ResetPasswordForm):
    """An address without an account gets a mail that says so: the answer here tells nobody, by words or by time."""

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"email": ("E-mail address", "The one your account was made with.")})

    def save(self, request: HttpRequest, **keys: Any) -> str:
        if self.users:
            return super().save(request, **keys)
        email: str = self.cleaned_data["email"]
        get_adapter().send_mail("account/email/unknown_account", email, {"request": request})
        return email


class AuthenticateForm(two_factor.AuthenticateForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"code": ("Code", "The six digits your app shows now, or one of your recovery codes.")})
        self.fields["code"].widget.attrs.update(CODE)


class ReauthenticateByCodeForm(two_factor.ReauthenticateForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"code": ("Code", "The six digits your app shows now, or one of your recovery codes.")})
        self.fields["code"].widget.attrs.update(CODE)


class ActivateTOTPForm(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, {"code": ("Code", "The six digits that the app shows for this account.")})
        self.fields["code"].widget.attrs.update(CODE)


# What the reader of a credential raises for one that no browser makes.
BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)


def _unknown_passkey() -> forms.ValidationError:
    return forms.ValidationError(
        "This passkey is not known here, or took too long. Try again.", code="incorrect_code"
    )


class _PasskeyForm(passkeys.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except forms.ValidationError as refused:
            if refused.code == "too_many_login_attempts":
                raise
        except BROKEN:
            pass
        raise _unknown_passkey()


class LoginByPasskeyForm(_PasskeyForm, passkeys.LoginWebAuthnForm):
    pass


class AuthenticateByPasskeyForm(_PasskeyForm):
    pass


class ReauthenticateByPasskeyForm(_PasskeyForm, passkeys.ReauthenticateWebAuthnForm):
    pass


PASSKEY = {"name": ("Name", "By which you know it again, such as “laptop” or “blue key”.")}


class AddPasskeyForm(passkeys.AddWebAuthnForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(
            self,
            {
                **PASSKEY,
                "passwordless": (
                    "It can replace my password",
                    "The device asks for its PIN, your finger or your face. Without this it is a second factor "
                    "beside the password.",
                ),
            },
        )
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except BROKEN:
            raise _unknown_passkey() from None


class RenamePasskeyForm(passkeys.EditWebAuthnForm):
    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        say(self, PASSKEY)


class InvitationForm(forms.Form):
    """Whom to invite as what. `roles` are those that may be given."""

    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(label="Role")
    note = forms.CharField(
        label="Note", max_length=200, required=False, help_text="For whom and why. Your colleagues see it."
    )

    def __init__(self, *args: Any, roles: tuple[str, ...], **keys: Any) -> None:
        super().__init__(*args, **keys)
        self.fields["role"].choices = [(role, role) for role in roles]  # type: ignore[attr-defined]
        self.fields["email"].widget.attrs["autocomplete"] = "off"


class AcceptForm(forms.Form):
    """The account that somebody makes from an invitation."""

    username = forms.CharField(
        label="User name", max_length=150, help_text="Short, for logging in: letters, digits and . + - _"
    )
    name = forms.CharField(
        label="Full name",
        max_length=120,
        help_text="Your colleagues see it. Readers see it only if you choose so later.",
    )
    password = forms.CharField(
        label="Password", strip=False, help_text=HOW_TO_CHOOSE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    password2 = forms.CharField(
        label="Password, once more", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        self.fields["username"].widget.attrs.update(
            autocomplete="username", autocapitalize="none", spellcheck="false"
        )
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password") and typed.get("password2") and typed["password"] != typed["password2"]:
            self.add_error("password2", "The two passwords differ.")
        return typed


class DetailsForm(forms.ModelForm):
    """What a person says about themselves. Written by actions.accounts.set_own_details."""

    class Meta:
        model = User
        fields = ("display_name", "shown_as")
        labels = {"display_name": "Full name", "shown_as": "Readers see me as"}
        widgets = {"shown_as": forms.RadioSelect}
