from django.db import models
from django.db.models import Q

from tracker.models.country import Country
from tracker.models.edition import Window
from tracker.models.record import Basis, Record
from tracker.models.technology import Technology


class Assessment(Record):
    """What an edition states of one technology: who leads, the monopoly risk, k and r.

    The stated lead stands beside the one counted from scores; a trigger (migration 0002) refuses one that
    contradicts a known rank 1.
    """

    class Risk(models.TextChoices):
        HIGH = "high", "high"
        MEDIUM = "medium", "medium"
        LOW = "low", "low"
        NOT_HIGH = "medium low", "not high"
        NOT_LOW = "high medium", "not low"
        UNKNOWN = "", "unknown"

    needs_source = True
    key_fields = ("window", "technology")
    together = (
        ("lead_country", "lead_basis"),
        ("second_country", "second_basis"),
        ("risk_levels", "risk_basis"),
        ("institutions_in_lead", "institutions_of", "institutions_basis"),
        ("lead_ratio", "lead_ratio_decimals", "ratio_basis"),
    )

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="assessments")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="assessments")
    lead_country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead_basis = models.CharField(max_length=12, choices=Basis, blank=True)
    second_country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    second_basis = models.CharField(max_length=12, choices=Basis, blank=True)
    risk_levels = models.CharField(max_length=12, choices=Risk, blank=True, help_text="The levels still possible.")
    risk_basis = models.CharField(max_length=12, choices=Basis, blank=True)
    institutions_in_lead = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="k: institutions of the world's top ones in the lead country."
    )
    institutions_of = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of how many; mostly 10.")
    institutions_basis = models.CharField(max_length=12, choices=Basis, blank=True)
    lead_ratio = models.DecimalField(
        max_digits=8,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="r: the leader's share ÷ the second's.",
    )
    lead_ratio_decimals = models.PositiveSmallIntegerField(null=True, blank=True)
    ratio_basis = models.CharField(max_length=12, choices=Basis, blank=True)
    verification = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["window", "technology", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["window", "technology"], name="assessment_once"),
            models.CheckConstraint(
                name="assessment_second_is_not_the_lead",
                condition=Q(lead_country__isnull=True)
                | Q(second_country__isnull=True)
                | ~Q(lead_country=models.F("second_country")),
                violation_error_message="The second country cannot be the leader.",
            ),
            models.CheckConstraint(
                name="assessment_risk_is_a_set_of_levels",
                condition=Q(risk_levels__in=["", "high", "medium", "low", "medium low", "high medium"]),
            ),
            models.CheckConstraint(
                name="assessment_institutions_are_of_a_number",
                condition=Q(institutions_in_lead__isnull=True, institutions_of__isnull=True)
                | Q(
                    institutions_in_lead__isnull=False,
                    institutions_of__isnull=False,
                    institutions_in_lead__lte=models.F("institutions_of"),
                ),
                violation_error_message="State how many of how many institutions.",
            ),
            models.CheckConstraint(
                name="assessment_ratio_is_1_or_more",
                condition=Q(lead_ratio__isnull=True, lead_ratio_decimals__isnull=True)
                | Q(
                    lead_ratio__isnull=False,
                    lead_ratio_decimals__isnull=False,
                    lead_ratio__gte=1,
                    lead_ratio_decimals__lte=3,
                ),
                violation_error_message="The leader's share divided by the second's is 1 or more.",
            ),
        ]
