from django.conf import settings
from django.db import models
from django.db.models import Q


class Report(models.Model):
    """An error that a reader reports, and its outcome. Not a record: it states nothing of the world."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        CORRECTED = "corrected", "corrected"
        KEPT = "kept", "looked at, nothing to correct"
        DUPLICATE = "duplicate", "reported before"
        REMOVED = "removed", "removed: no report of an error"

    code = models.CharField(max_length=20, unique=True, help_text="Its address for ever: /report/<code>/.")
    address = models.CharField(max_length=600, help_text="The page it is about: a path on this site.")
    subject = models.CharField(max_length=300, blank=True, help_text="The value it is about, as it was shown.")
    kind = models.CharField(max_length=40, blank=True, help_text="The record it is about, where known.")
    record = models.BigIntegerField(null=True, blank=True)
    number = models.BigIntegerField(help_text="The state of the record that the reader saw.")
    message = models.TextField(help_text="What is wrong, and what is right. Never shown to the public.")
    source = models.CharField(max_length=600, blank=True, help_text="Where one can read it.")
    email = models.EmailField(blank=True, help_text="For an answer. Never shown to the public.")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    outcome = models.TextField(blank=True, help_text="What came of it, for the public.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    act = models.ForeignKey(
        "tracker.Act",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What corrected it.",
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="report_answered_has_an_outcome",
                condition=Q(state="open") | Q(answered_at__isnull=False) & ~Q(outcome=""),
                violation_error_message="An answered report says what came of it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.address}"

    def get_absolute_url(self) -> str:
        return f"/report/{self.code}/"


class ReportSender(models.Model):
    """From one place of the network: when reports came within the last day. What was reported is not tied to it."""

    digest = models.CharField(max_length=64, unique=True, help_text="Stands for the address; keyed, not reversible.")
    sent = models.JSONField(default=list, help_text="Moments of the last day, in seconds since 1970.")
    seen = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{len(self.sent)} reports from {self.digest[:8]}"
