from django.db import models
from django.db.models import Q

from tracker.models.bloc import Bloc
from tracker.models.checks import once, one_of
from tracker.models.country import Country
from tracker.models.edition import Window
from tracker.models.record import Basis, Record
from tracker.models.technology import Technology


class TalentFlow(Record):
    """Of the authors working in one country, the share trained in another place, at one stage."""

    class Stage(models.TextChoices):
        UNDERGRADUATE = "undergraduate", "undergraduate"
        POSTGRADUATE = "postgraduate", "postgraduate"
        EMPLOYMENT = "employment", "employment"

    needs_source = True
    key_fields = ("window", "technology", "scope", "working_in", "trained_in_country", "trained_in_bloc")
    together = (
        ("percent", "percent_decimals", "basis"),
        ("trained_in_country", "trained_in_bloc"),
    )

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="talent_flows")
    technology = models.ForeignKey(
        Technology, on_delete=models.PROTECT, null=True, blank=True, related_name="talent_flows"
    )
    scope = models.CharField(max_length=120, blank=True, help_text="Of which technologies, where not of one.")
    working_in = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="talent_flows")
    trained_in_country = models.ForeignKey(
        Country, on_delete=models.PROTECT, null=True, blank=True, related_name="talent_trained"
    )
    trained_in_bloc = models.ForeignKey(
        Bloc, on_delete=models.PROTECT, null=True, blank=True, related_name="talent_trained"
    )
    stage = models.CharField(max_length=16, choices=Stage)
    population = models.CharField(max_length=200, help_text="Whom the share is a share of.")
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    percent_decimals = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["window", "pk"]
        constraints = [
            one_of("trained_in_country", "trained_in_bloc", name="talent_flow_comes_from_one_place"),
            models.CheckConstraint(
                name="talent_flow_share_lies_in_0_to_100",
                condition=Q(percent__gte=0, percent__lte=100, percent_decimals__lte=4),
            ),
            once(
                "window", "scope", "working_in", "stage",
                nullable=("technology", "trained_in_country", "trained_in_bloc"),
                name="talent_flow_once",
            ),
        ]  # fmt: skip
