from django.db import models
from django.db.models import F

from tracker.models.bloc import Bloc
from tracker.models.category import Category
from tracker.models.checks import once, one_of
from tracker.models.country import Country
from tracker.models.edition import Window
from tracker.models.institution import Institution
from tracker.models.record import Basis, Record


class Tally(Record):
    """A count that an edition states about itself, such as “China leads 57 of 64”.

    It stands beside the count from our rows, each labelled; neither overwrites the other.
    """

    class Metric(models.TextChoices):
        LED = "led", "technologies led"
        SECOND = "second", "technologies second"
        TOP_FIVE = "top five", "technologies in the top five"
        AHEAD_OF_US = "ahead of US", "technologies ahead of the United States"
        HIGH_RISK_LED = "high risk led", "high-risk technologies led"
        HIGH_RISK = "high risk", "technologies at high risk"
        LED_AS_BLOC = "led as bloc", "technologies led, counted as one bloc"
        SECOND_AS_BLOC = "second as bloc", "technologies second, counted as one bloc"

    needs_source = True
    key_fields = ("window", "metric", "country", "bloc", "institution", "category", "scope")
    together = (
        ("value", "out_of", "basis"),
        ("country", "bloc"),
    )

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="tallies")
    metric = models.CharField(max_length=16, choices=Metric)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, blank=True, related_name="tallies")
    bloc = models.ForeignKey(Bloc, on_delete=models.PROTECT, null=True, blank=True, related_name="tallies")
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="tallies"
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="tallies")
    scope = models.CharField(
        max_length=120, blank=True, help_text="Empty = of all technologies of the edition; else of which."
    )
    value = models.PositiveSmallIntegerField()
    out_of = models.PositiveSmallIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["window", "metric", "-value", "pk"]
        verbose_name_plural = "tallies"
        constraints = [
            one_of("country", "bloc", "institution", name="tally_is_of_one_place_or_none", or_none=True),
            once(
                "window", "metric", "scope",
                nullable=("country", "bloc", "institution", "category"),
                name="tally_once",
            ),
            models.CheckConstraint(
                name="tally_is_at_most_its_total",
                condition=models.Q(out_of__isnull=True) | models.Q(value__lte=F("out_of")),
                violation_error_message="A count is at most the number of technologies it is out of.",
            ),
        ]  # fmt: skip
