from django.db import models
from django.db.models import F, Q

from tracker.models.category import Category
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Basis, Record, RetirableRecord
from tracker.models.technology import Technology


class Series(RetirableRecord):
    """Editions that may be compared: one publisher, one indicator, one method.

    A line is never drawn across two series.
    """

    keeps_name = True

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200, unique=True)
    publisher = models.CharField(max_length=160)
    level = models.CharField(max_length=12, choices=Technology.Level)
    indicator = models.TextField()
    unit = models.CharField(max_length=160)
    method = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.name


class Edition(RetirableRecord):
    """One release in a series. The row knows its predecessor."""

    class Stage(models.TextChoices):
        PUBLISHED = "published", "published"
        ANNOUNCED = "announced", "announced, not seen"

    together = (
        ("released", "released_note"),
        ("technology_count", "count_note"),
    )

    keeps_name = True

    slug = models.SlugField(max_length=60, unique=True)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="editions")
    name = models.CharField(max_length=120, unique=True)
    released = PartialDateField()
    released_note = models.CharField(max_length=250, blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.PUBLISHED)
    technology_count = models.PositiveSmallIntegerField(null=True, blank=True, help_text="As the edition states it.")
    count_note = models.CharField(max_length=250, blank=True)
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="following")
    featured = models.BooleanField(default=False, help_text="What pages show when the address names no edition.")
    headline = models.TextField(blank=True)
    verification = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["series", "slug", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["featured"],
                condition=Q(featured=True),
                name="edition_featured_is_one",
                violation_error_message="Another edition is featured already.",
            ),
            models.CheckConstraint(
                name="edition_does_not_precede_itself",
                condition=Q(previous__isnull=True) | ~Q(previous=F("id")),
            ),
            is_partial_date("released", name="edition_released_is_a_date"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/editions/{self.slug}/"


class Window(Record):
    """The years of publications that a value of an edition speaks of, both ends included."""

    class Kind(models.TextChoices):
        MAIN = "main", "the edition's own window"
        EARLIER = "earlier", "an earlier window the edition speaks of"
        SINGLE_YEAR = "single year", "a single year the edition speaks of"

    belongs_to = "edition"
    key_fields = ("edition", "first_year", "last_year")
    together = (("first_year", "last_year"),)

    keeps_name = True

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="windows")
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.MAIN)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["edition", "-last_year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "first_year", "last_year"], name="window_once_in_an_edition"),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(kind="main"), name="window_main_is_one_in_an_edition"
            ),
            models.CheckConstraint(
                name="window_runs_forward",
                condition=Q(last_year__gte=F("first_year"), first_year__gte=1900, last_year__lte=2100),
            ),
            models.CheckConstraint(
                name="window_of_a_single_year_is_one_year",
                condition=~Q(kind="single year") | Q(first_year=F("last_year")),
            ),
        ]

    @property
    def years(self) -> str:
        """'2018–2022', or '2017'."""
        if self.first_year == self.last_year:
            return str(self.first_year)
        return f"{self.first_year}–{self.last_year}"

    def __str__(self) -> str:
        return self.years


class EditionTechnology(Record):
    """That an edition covers a technology, and what the edition itself calls it."""

    keeps_name = True
    key_fields = ("edition", "technology")

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="entries")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="entries")
    name = models.CharField(max_length=160, blank=True, help_text="Its name there; empty = not known.")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["edition", "number", "pk"]
        verbose_name_plural = "edition technologies"
        constraints = [
            models.UniqueConstraint(fields=["edition", "technology"], name="edition_covers_a_technology_once"),
            models.UniqueConstraint(
                fields=["edition", "number"],
                condition=Q(number__isnull=False),
                name="edition_gives_a_number_once",
            ),
        ]
