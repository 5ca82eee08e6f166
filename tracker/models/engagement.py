from django.db import models
from django.db.models import F, Q

from tracker.models.channel import Channel
from tracker.models.checks import once
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Basis, Record, RetirableRecord
from tracker.models.technology import Technology


class Engagement(RetirableRecord):
    """One thing that China and Russia do together: an agreement, a fund, a laboratory, an exercise, a contest.

    A programme and its parts are engagements alike. A trigger (migration 0004) refuses a programme that is
    itself a part: so none contains itself, and a part is never two steps away.
    """

    class Bound(models.TextChoices):
        EXACT = "", "as printed"
        ABOUT = "about", "about"
        AT_LEAST = "at least", "at least"
        AT_MOST = "at most", "at most"

    withheld_whole = True
    needs_source = True
    together = (
        ("value_from", "value_to", "value_bound", "currency"),
        ("start", "start_note"),
        ("end", "end_note"),
        ("contested", "contested_note"),
        ("counts_in_totals", "totals_note"),
    )

    slug = models.SlugField(max_length=120, unique=True, help_text="Its address for ever: /engagements/<slug>/.")
    code = models.CharField(
        max_length=10, unique=True, help_text="Our number in the collected list, such as CR001; kept for citing."
    )
    title = models.CharField(max_length=200, help_text="Short, in our words.")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="engagements")
    programme = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts",
        help_text="The programme it is a part or a milestone of.",
    )  # fmt: skip
    start = PartialDateField(help_text="When it began or was signed, as far as known; empty = not known.")
    start_note = models.CharField(
        max_length=250, blank=True, help_text="How that date is known, where it is not plain."
    )
    end = PartialDateField(help_text="When it ended; empty = not known, or it goes on.")
    end_note = models.CharField(
        max_length=250, blank=True, help_text="How that date is known, where it is not plain."
    )
    description = models.TextField(help_text="What it is, in our own words.")
    value_from = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, blank=True, help_text="Its value in whole units of the currency."
    )
    value_to = models.DecimalField(
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The same again, unless a range is reported.",
    )
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217: USD, CNY, RUB.")
    value_bound = models.CharField(
        max_length=8, choices=Bound, blank=True, default="", help_text="What the source says of the amount."
    )
    value_note = models.TextField(blank=True, help_text="What the amount is of, or what is known instead of one.")
    counts_in_totals = models.BooleanField(
        default=True, help_text="Whether sums take its value in. One fund announced three times counts once."
    )
    totals_note = models.TextField(blank=True, help_text="Why its value does not count, where it has one.")
    contested = models.BooleanField(default=False, help_text="Whether sources contradict each other about it.")
    contested_note = models.TextField(blank=True, help_text="What is contested, and between whom.")
    recheck = models.TextField(
        blank=True, help_text="What must be checked before this is quoted; empty = nothing known to us."
    )
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["start", "code", "pk"]
        indexes = [models.Index(fields=["start"], name="engagement_by_start")]
        constraints = [
            models.CheckConstraint(
                name="engagement_code_is_letters_and_digits",
                condition=Q(code__regex=r"^[A-Z]{2}[0-9]{3,}\Z"),
                violation_error_message="A code is two capitals and three digits or more: CR001.",
            ),
            models.CheckConstraint(
                name="engagement_is_not_its_own_programme",
                condition=Q(programme__isnull=True) | ~Q(programme=F("id")),
                violation_error_message="An engagement is not a part of itself.",
            ),
            is_partial_date("start", name="engagement_start_is_a_date"),
            is_partial_date("end", name="engagement_end_is_a_date"),
            models.CheckConstraint(
                name="engagement_ends_after_it_begins",
                # “2019” may be any day of 2019, so it does not come before “2019-06”.
                condition=Q(end="") | Q(end__gte=F("start")) | Q(start__startswith=F("end")),
                violation_error_message="An engagement ends after it begins.",
            ),
            models.CheckConstraint(
                name="engagement_value_runs_upwards",
                condition=Q(value_from__isnull=True, value_to__isnull=True)
                | Q(
                    value_from__isnull=False,
                    value_to__isnull=False,
                    value_from__gt=0,
                    value_to__gte=F("value_from"),
                ),
                violation_error_message="A value is more than 0 and has both ends, the lower one first.",
            ),
            models.CheckConstraint(
                name="engagement_value_has_its_currency",
                condition=Q(value_from__isnull=True, currency="")
                | Q(value_from__isnull=False, currency__regex=r"^[A-Z]{3}\Z"),
                violation_error_message="A value has a currency of three capitals (USD), and a currency has a value.",
            ),
            models.CheckConstraint(
                name="engagement_bound_is_of_a_value",
                condition=Q(value_bound="") | Q(value_from__isnull=False),
                violation_error_message="“About” or “at least” is said of a value: there is none.",
            ),
            models.CheckConstraint(
                name="engagement_left_out_of_totals_says_why",
                condition=Q(totals_note="") & (Q(value_from__isnull=True) | Q(counts_in_totals=True))
                | ~Q(totals_note="") & Q(value_from__isnull=False, counts_in_totals=False),
                violation_error_message="A value that does not count in totals says why, and only such a one does.",
            ),
            models.CheckConstraint(
                name="engagement_contested_note_is_of_a_contested_one",
                condition=Q(contested_note="") | Q(contested=True),
                violation_error_message="What is contested is said only where something is contested.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/engagements/{self.slug}/"


class EngagementTechnology(Record):
    """What an engagement is about: a tracked technology, or a topic that is none. The mapping is ours."""

    belongs_to = "engagement"
    withheld_whole = True
    key_fields = ("engagement", "technology", "topic")
    together = (("technology", "topic"),)

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="subjects")
    technology = models.ForeignKey(
        Technology, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements"
    )
    topic = models.CharField(
        max_length=160, blank=True, help_text="A subject that is none of the tracked technologies, in words."
    )
    position = models.PositiveSmallIntegerField(help_text="Order within the engagement, from 1.")
    basis = models.CharField(max_length=12, choices=Basis, help_text="How we know it: “derived” = mapped by us.")
    note = models.TextField(blank=True, help_text="Why it was mapped so, where it is not plain.")

    class Meta:
        ordering = ["engagement", "position", "pk"]
        verbose_name_plural = "engagement technologies"
        constraints = [
            models.CheckConstraint(
                name="engagement_technology_is_one_subject",
                condition=Q(technology__isnull=False, topic="") | Q(technology__isnull=True) & ~Q(topic=""),
                violation_error_message="Fill exactly one of: technology, topic.",
            ),
            once(
                "engagement", "topic",
                nullable=("technology",),
                name="engagement_technology_once",
            ),
        ]  # fmt: skip
