"""The log of changes: acts, revisions, and the index of which revision was current when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Act(models.Model):
    """What one person or command did at one moment: the revisions that belong together."""

    class Cause(models.TextChoices):
        WORLD = "world", "the world moved"
        EDITION = "edition", "new edition"
        METHOD = "method", "new method"
        CORRECTION = "correction", "correction"
        EVIDENCE = "evidence", "new evidence"
        VISIBILITY = "visibility", "visibility"

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="acts"
    )
    by_name = models.CharField(max_length=150, help_text="The actor's name when it happened.")
    cause = models.CharField(max_length=12, choices=Cause)
    note = models.TextField()
    origin = models.CharField(max_length=120, help_text="Through which door: “web”, “load_seed scores.csv”.")
    input_digest = models.CharField(max_length=64, blank=True, help_text="sha256 of the file it was read from.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.origin}: {self.note}"


class Revision(models.Model):
    """One change of one record. A row is never changed or removed.

    `number` counts without gaps in the order of commits. `state` is the record after the change
    (JSON; related records as {"id", "key"}), null after a deletion; before = its neighbour's after.
    `digest` chains each row to the one before it.
    """

    class Action(models.TextChoices):
        CREATE = "create", "created"
        UPDATE = "update", "changed"
        DELETE = "delete", "deleted"

    number = models.BigIntegerField(primary_key=True)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="revisions")
    kind = models.CharField(max_length=40)
    record = models.BigIntegerField()
    name = models.CharField(max_length=300, help_text="The record's natural key when it changed.")
    action = models.CharField(max_length=6, choices=Action)
    state = models.JSONField(null=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["kind", "record", "number"], name="revision_of_a_record")]
        constraints = [
            models.CheckConstraint(
                name="revision_has_a_state_unless_deleted",
                condition=Q(action="delete", state__isnull=True) | (~Q(action="delete") & Q(state__isnull=False)),
            ),
            models.CheckConstraint(name="revision_number_is_positive", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"r{self.number}"


class Interval(models.Model):
    """The revision numbers in which one revision was the current one: [since, until).

    An index that can be rebuilt from the revisions; outside the digest chain. Intervals of one record
    do not overlap (a database trigger, migration 0002).
    """

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="interval")
    kind = models.CharField(max_length=40)
    record = models.BigIntegerField()
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True, help_text="Empty = still current.")
    # Null and not empty text: SQLite adds a column that must be filled by making the table anew, and its triggers
    # fall with it.
    subject = models.CharField(  # noqa: DJ001
        max_length=60, null=True, help_text="What the record belonged to meanwhile: “engagement:12”; null = nothing."
    )

    class Meta:
        indexes = [
            models.Index(fields=["kind", "since", "until"], name="interval_at_a_moment"),
            models.Index(fields=["subject"], condition=Q(subject__isnull=False), name="interval_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "record", "since"], name="interval_begins_once"),
            models.UniqueConstraint(
                fields=["kind", "record"], condition=Q(until__isnull=True), name="interval_current_is_one"
            ),
            models.CheckConstraint(
                name="interval_runs_forward", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}: r{self.since}–{self.until or 'now'}"


class RevisionCounter(models.Model):
    """One row, locked by every act: numbers follow the order of commits on every database."""

    last_number = models.BigIntegerField(default=0)
    last_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(name="revision_counter_is_one_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"r{self.last_number}"
