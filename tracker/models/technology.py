from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tracker.models.category import Category
from tracker.models.record import Record, RetirableRecord


class Technology(RetirableRecord):
    """One of the tracked areas, or (level `field`) a broad research field that gives context.

    Fields are never mixed into counts of technologies.
    """

    class Level(models.TextChoices):
        TECHNOLOGY = "technology", "technology"
        FIELD = "field", "research field"

    keeps_name = True

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=160, unique=True)
    level = models.CharField(max_length=12, choices=Level, default=Level.TECHNOLOGY)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, help_text="The newest edition's group."
    )
    definition = models.TextField(blank=True, help_text="One or two plain sentences in our own words.")
    civil_uses = models.TextField(blank=True)
    military_uses = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "technologies"
        constraints = [
            models.CheckConstraint(
                name="technology_has_a_category_a_field_none",
                condition=Q(level="technology", category__isnull=False) | Q(level="field", category__isnull=True),
                violation_error_message="A technology belongs to a category; a research field to none.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        room = "fields" if self.level == self.Level.FIELD else "technologies"
        return f"/{room}/{self.slug}/"


class Alias(Record):
    """A name that leads to a technology: that of another edition, or one in use."""

    belongs_to = "technology"
    key_fields = ("technology", "name")

    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=160)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="alias_leads_to_one_technology",
                violation_error_message="This name already leads to a technology.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WiderField(Record):
    """Our mapping: the research field that a technology is narrower than. Marked as ours on pages."""

    belongs_to = "technology"
    key_fields = ("technology", "field")

    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="wider_fields")
    field = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="narrower")
    reason = models.CharField(max_length=250)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["technology", "field"], name="wider_field_once"),
            models.CheckConstraint(
                name="wider_field_is_another_technology",
                condition=~Q(technology=models.F("field")),
                violation_error_message="A technology is not narrower than itself.",
            ),
        ]
