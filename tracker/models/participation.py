from django.db import models
from django.db.models import Q

from tracker.models.engagement import Engagement
from tracker.models.organisation import Organisation
from tracker.models.record import Record


class Participation(Record):
    """One party to an engagement: an organisation, or a party that our sources leave without a name.

    An unnamed party is a row of its own: "we do not know who" is not "nobody".
    """

    class Side(models.TextChoices):
        CHINESE = "chinese", "Chinese side"
        RUSSIAN = "russian", "Russian side"
        OTHER = "other", "other parties"

    belongs_to = "engagement"
    withheld_whole = True
    names = "organisation"
    key_fields = ("engagement", "side", "position")
    together = (("organisation", "unnamed"),)

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="parties")
    side = models.CharField(max_length=8, choices=Side, help_text="On whose side it takes part.")
    position = models.PositiveSmallIntegerField(help_text="Order among its side, from 1.")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    unnamed = models.CharField(
        max_length=200, blank=True, help_text="A party without a name, in words: “Chinese banks not named”."
    )
    named_as = models.CharField(max_length=200, blank=True, help_text="As it is written in the collected row.")
    role = models.CharField(max_length=250, blank=True, help_text="What it does there, where known.")
    note = models.TextField(blank=True, help_text="How we know it is this organisation, where it is not plain.")

    class Meta:
        ordering = ["engagement", "side", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "side", "position"],
                name="participation_once_in_a_place",
                violation_error_message="Another party stands at this place of the side.",
            ),
            models.CheckConstraint(
                name="participation_is_of_one_party",
                condition=Q(organisation__isnull=False, unnamed="") | Q(organisation__isnull=True) & ~Q(unnamed=""),
                violation_error_message="Fill exactly one of: organisation, unnamed.",
            ),
        ]
