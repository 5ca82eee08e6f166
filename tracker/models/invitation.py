from django.conf import settings
from django.db import models
from django.utils import timezone


class Invitation(models.Model):
    """The one way to an account: an editor invites a person to a role, by a link that works once, for some days.

    Only the link's digest is kept: who reads the database cannot use it.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="sha256 of the secret in the link.")
    email = models.EmailField()
    role = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True, help_text="For whom, and why.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )

    class Meta:
        ordering = ["-invited_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def state(self) -> str:
        """ "open", "accepted", "withdrawn" or "expired"."""
        if self.accepted_at:
            return "accepted"
        if self.withdrawn_at:
            return "withdrawn"
        return "open" if timezone.now() < self.expires_at else "expired"
