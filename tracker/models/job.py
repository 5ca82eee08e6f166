"""Long work: what is to be done, who does it, how far it is. The truth; a message only wakes a worker."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tracker.models.stored_file import StoredFile


class Job(models.Model):
    """One piece of work in the background.

    `token` names the attempt that has it now: whoever lost it may write nothing more. `heartbeat` is when that
    attempt last said that it lives; `woken_at` is when a message about the job was last sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    OPEN = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200, help_text="What people read: “Check of scores.csv”.")
    parameters = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="jobs")
    by_name = models.CharField(max_length=150)
    # A second job of the same name is not made while one waits or runs; empty = any number.
    once = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True, help_text="Tried again no sooner than this.")
    woken_at = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    worker = models.CharField(max_length=120, blank=True, help_text="Host and process of the last attempt.")
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_by_name = models.CharField(max_length=150, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    doing = models.CharField(max_length=200, blank=True, help_text="What it is at just now, in words.")
    error = models.TextField(blank=True, help_text="Why it failed, for people.")
    result = models.JSONField(default=dict, help_text="What came of it: words, numbers, an address.")
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="jobs")
    told_at = models.DateTimeField(null=True, help_text="When its owner was told of its end.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "heartbeat"], name="job_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["once"], condition=~Q(once="") & Q(state__in=["waiting", "running"]), name="job_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/workbench/jobs/{self.pk}/"

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None where the whole is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None


class JobLine(models.Model):
    """A line of a job's log."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
