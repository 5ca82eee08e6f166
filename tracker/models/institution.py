from django.db import models
from django.db.models import Q

from tracker.models.checks import rank_range
from tracker.models.country import Country
from tracker.models.edition import Window
from tracker.models.record import Basis, Record, RetirableRecord
from tracker.models.technology import Technology


class Institution(RetirableRecord):
    """A university, laboratory or company that publishes."""

    keeps_name = True

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200, unique=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="institutions")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/institutions/?q={self.slug}"


class InstitutionScore(Record):
    """An institution's rank or share in one technology, in one window of one edition."""

    needs_source = True
    key_fields = ("window", "technology", "institution")
    together = (
        ("share", "share_decimals", "basis"),
        ("rank_from", "rank_to", "basis"),
    )

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="institution_scores")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="institution_scores")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="scores")
    rank_from = models.PositiveSmallIntegerField(null=True, blank=True)
    rank_to = models.PositiveSmallIntegerField(null=True, blank=True)
    share = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    share_decimals = models.PositiveSmallIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["window", "technology", "rank_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["window", "technology", "institution"], name="institution_score_once"),
            rank_range("institution_score_rank_runs_up_from_1"),
            models.CheckConstraint(
                name="institution_score_share_lies_in_0_to_100",
                condition=Q(share__isnull=True, share_decimals__isnull=True)
                | Q(
                    share__isnull=False,
                    share_decimals__isnull=False,
                    share__gte=0,
                    share__lte=100,
                    share_decimals__lte=6,
                ),
            ),
            models.CheckConstraint(
                name="institution_score_states_something",
                condition=Q(rank_from__isnull=False) | Q(share__isnull=False),
            ),
        ]
