from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from tracker.models.checks import once
from tracker.models.country import Country
from tracker.models.record import Record, RetirableRecord

# No owner stands further up than this many steps; who counts further has met a loop.
MOST_LEVELS = 100


class Organisation(RetirableRecord):
    """A body that takes part in an engagement: a company, a ministry, a university, a fund.

    An `Institution` is one that an edition ranks by its publications: another list, another page.
    """

    class Kind(models.TextChoices):
        GOVERNMENT = "government", "government body"
        COMPANY = "company", "company"
        STATE_CORPORATION = "state corporation", "state corporation"
        UNIVERSITY = "university", "university"
        INSTITUTE = "institute", "institute"
        ACADEMY = "academy", "academy"
        FUND = "fund", "fund"
        FOUNDATION = "foundation", "foundation"
        ASSOCIATION = "association", "association"
        PARK = "park", "science or industrial park"
        ZONE = "development zone", "development zone"
        MEDIA = "media", "media"
        INTERNATIONAL = "international organisation", "international organisation"
        MILITARY = "private military company", "private military company"

    withheld_whole = True

    together = (("original_name", "original_language"),)

    slug = models.SlugField(max_length=120, unique=True, help_text="Its address for ever: /organisations/<slug>/.")
    name = models.CharField(max_length=200, help_text="Its name in English, as readers know it.")
    original_name = models.CharField(
        max_length=250, blank=True, help_text="Its name in its own script; empty = not known."
    )
    original_language = models.CharField(
        max_length=20, blank=True, help_text="The language of that name as a BCP 47 tag: zh, ru."
    )
    kind = models.CharField(max_length=32, choices=Kind, help_text="What sort of body it is.")
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations",
        help_text="Where it sits; empty for an international organisation, or where it is not known.",
    )  # fmt: skip
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children",
        help_text="The organisation that owns or contains it.",
    )  # fmt: skip
    description = models.TextField(blank=True, help_text="What it does, in one or two plain sentences.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    chains = ("parent",)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            once("name", nullable=("country",), name="organisation_name_once_in_a_country"),
            models.CheckConstraint(
                name="organisation_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="An organisation is not its own parent.",
            ),
            models.CheckConstraint(
                name="organisation_original_name_has_its_language",
                condition=Q(original_name="", original_language="")
                | ~Q(original_name="") & Q(original_language__regex=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"),
                violation_error_message="A name in its own script comes with its language: zh, ru.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/organisations/{self.slug}/"

    def clean(self) -> None:
        """Refuses a parent that is itself a part of this one, however far down. A query a step up."""
        super().clean()
        above, seen = self.parent_id, set[int]()
        while above is not None and self.pk is not None and above not in seen and len(seen) < MOST_LEVELS:
            seen.add(above)
            above = Organisation._base_manager.filter(pk=above).values_list("parent", flat=True).first()
            if above == self.pk:
                raise ValidationError({"parent": "It is itself a part of this organisation: choose another one."})


class OrganisationAlias(Record):
    """A spelling that leads to an organisation. Each was matched by a person, none by likeness."""

    belongs_to = "organisation"
    withheld_whole = True
    key_fields = ("organisation", "name")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=200, help_text="As it is written there.")
    note = models.TextField(blank=True, help_text="Where it is written so, or why it means this organisation.")

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "organisation aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="organisation_alias_once",
                violation_error_message="This name already leads to the organisation.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
