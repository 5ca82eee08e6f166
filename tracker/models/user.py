from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property

A_RESEARCHER = "a researcher"

# What each role may do; a role may all that the ones before it may. A role is a group of that name.
RIGHTS: dict[str, frozenset[str]] = {
    "researcher": frozenset({"edit", "answer"}),
    "editor": frozenset({"edit", "answer", "approve", "invite", "release"}),
    "admin": frozenset({"edit", "answer", "approve", "invite", "release", "redact", "manage"}),
}
ROLES = tuple(RIGHTS)


class User(AbstractUser):
    """A researcher, editor or administrator. Readers need no account."""

    class ShownAs(models.TextChoices):
        RESEARCHER = "researcher", "“a researcher”"
        NAME = "name", "my full name"

    display_name = models.CharField("full name", max_length=120, blank=True)
    shown_as = models.CharField(
        max_length=12, choices=ShownAs, default=ShownAs.RESEARCHER,
        help_text="How readers see you in the history of a record. Your colleagues always see your name.",
    )  # fmt: skip

    def get_full_name(self) -> str:
        return self.display_name or super().get_full_name() or self.username

    @cached_property
    def role(self) -> str:
        """The highest role of the person's groups; empty = none, which may read like anybody. One query, or
        none where the groups were fetched with the person."""
        if not self.is_active:
            return ""
        if self.is_superuser:
            return ROLES[-1]
        held = {group.name for group in self.groups.all()}
        return next((role for role in reversed(ROLES) if role in held), "")

    def may(self, right: str) -> bool:
        """Whether the person's role has a right: edit, answer (reports), approve (imports), invite,
        release, redact, manage (accounts, jobs)."""
        return right in RIGHTS.get(self.role, frozenset())

    @cached_property
    def two_factor(self) -> bool:
        """Whether logging in takes more than a password: an authenticator app or a passkey. One query."""
        return self.authenticator_set.filter(type__in=["totp", "webauthn"]).exists()  # type: ignore[attr-defined]

    @property
    def public_name(self) -> str:
        """What readers see: the full name, or “a researcher”, as the person chose."""
        return self.get_full_name() if self.shown_as == self.ShownAs.NAME else A_RESEARCHER
