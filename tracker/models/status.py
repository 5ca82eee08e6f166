from django.db import models
from django.db.models import Q

from tracker.models.engagement import Engagement
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record


class Status(Record):
    """How far an engagement had come on a date, as a source shows it. The newest one is the current one."""

    class State(models.TextChoices):
        ANNOUNCED = "announced", "announced"
        SIGNED = "signed", "signed"
        ACTIVE = "active", "active"
        STALLED = "stalled", "stalled"
        COMPLETED = "completed", "completed"
        CANCELLED = "cancelled", "cancelled"

    needs_source = True
    belongs_to = "engagement"
    withheld_whole = True
    key_fields = ("engagement", "as_of", "state")
    together = (("state", "as_of"),)

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="statuses")
    state = models.CharField(max_length=10, choices=State, help_text="What the source shows, no more.")
    as_of = PartialDateField(blank=False, help_text="The date of which the source shows it.")
    position = models.PositiveSmallIntegerField(help_text="Order among statuses of one date, from 1.")
    note = models.TextField(blank=True, help_text="What was seen.")

    class Meta:
        ordering = ["engagement", "as_of", "position", "pk"]
        verbose_name_plural = "statuses"
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "as_of", "state"],
                name="status_once",
                violation_error_message="The engagement has this state on this date already.",
            ),
            is_partial_date("as_of", name="status_as_of_is_a_date"),
            models.CheckConstraint(
                name="status_has_a_date",
                condition=~Q(as_of=""),
                violation_error_message="A status says of which date it is.",
            ),
        ]
