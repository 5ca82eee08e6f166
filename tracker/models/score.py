from django.db import models
from django.db.models import F, Q

from tracker.models.bloc import Bloc
from tracker.models.checks import one_of, rank_range
from tracker.models.country import Country
from tracker.models.edition import Series, Window
from tracker.models.record import Basis, Record
from tracker.models.technology import Technology


class Score(Record):
    """What is known of one place in one technology, in one window of one edition.

    Known only in rank? Then only rank. Ranks and shares of one window and technology agree with each
    other: a database trigger (migration 0002) refuses a lower rank with a higher share.
    """

    class Bound(models.TextChoices):
        EXACT = "", "as printed"
        ABOUT = "about", "about"
        AT_LEAST = "at least", "at least"
        AT_MOST = "at most", "at most"

    needs_source = True
    key_fields = ("window", "technology", "country", "bloc")
    together = (
        ("share", "share_decimals", "share_bound", "basis"),
        ("rank_from", "rank_to", "basis"),
        ("country", "bloc"),
    )

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="scores")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="scores")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, blank=True, related_name="scores")
    bloc = models.ForeignKey(
        Bloc, on_delete=models.PROTECT, null=True, blank=True, related_name="scores",
        help_text="Where the source counts a bloc as one place.",
    )  # fmt: skip
    rank_from = models.PositiveSmallIntegerField(null=True, blank=True)
    rank_to = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Equal to the first for a stated rank; 1 and 5 for “top five”."
    )
    share = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True, help_text="Per cent.")
    share_decimals = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Decimals as published: pages never show more."
    )
    share_bound = models.CharField(max_length=8, choices=Bound, blank=True, default="")
    h_index = models.PositiveIntegerField(null=True, blank=True)
    publications = models.PositiveIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["window", "technology", "rank_from", "pk"]
        indexes = [
            models.Index(fields=["technology", "window"], name="score_of_a_technology"),
            models.Index(fields=["country", "window"], name="score_of_a_country"),
        ]
        constraints = [
            one_of("country", "bloc", name="score_is_of_one_place"),
            rank_range("score_rank_runs_up_from_1"),
            models.CheckConstraint(
                name="score_share_lies_in_0_to_100",
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=100),
                violation_error_message="A share lies between 0 and 100 per cent.",
            ),
            models.CheckConstraint(
                name="score_share_has_its_precision",
                condition=Q(share__isnull=True, share_decimals__isnull=True, share_bound="")
                | Q(share__isnull=False, share_decimals__isnull=False, share_decimals__lte=6),
                violation_error_message="A share comes with its number of decimals, 0 to 6.",
            ),
            models.CheckConstraint(
                name="score_states_something",
                condition=Q(rank_from__isnull=False) | Q(share__isnull=False) | Q(publications__isnull=False),
                violation_error_message="A score states a rank, a range of ranks, a share or a publication count.",
            ),
            models.UniqueConstraint(
                fields=["window", "technology", "country"],
                condition=Q(country__isnull=False),
                name="score_once_for_a_country",
            ),
            models.UniqueConstraint(
                fields=["window", "technology", "bloc"],
                condition=Q(bloc__isnull=False),
                name="score_once_for_a_bloc",
            ),
            models.UniqueConstraint(
                fields=["window", "technology", "rank_from"],
                condition=Q(country__isnull=False, rank_from=F("rank_to"), rank_from__isnull=False)
                & ~Q(basis="computed"),
                name="score_one_country_at_a_published_rank",
                violation_error_message="Another country stands at this rank.",
            ),
        ]


class MissingYears(Record):
    """Why a country has no computed share in a field: years the source does not estimate.

    A window gets a value only when all of its years are known.
    """

    key_fields = ("series", "technology", "country")

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="missing_years")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="missing_years")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="missing_years")
    years = models.CharField(max_length=200, help_text="Such as “2003-2006 2011”.")
    reason = models.CharField(max_length=400)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "missing years"
        constraints = [
            models.UniqueConstraint(fields=["series", "technology", "country"], name="missing_years_once"),
        ]
