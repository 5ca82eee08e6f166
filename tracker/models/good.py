from django.db import models
from django.db.models import F, Q

from tracker.models.control import ControlItem
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record, RetirableRecord


class Good(RetirableRecord):
    """What is traded or controlled: an HS code, or a group of goods that figures are published of without a code.

    Codes of different length have parents: 8542 contains 854231. Figures of a good and of what contains it are never
    added up.
    """

    chains = ("parent",)
    together = (("hs_code", "hs_revision"),)

    withheld_whole = True
    slug = models.SlugField(max_length=120, unique=True, help_text="Its address for ever: /trade/<slug>/.")
    name = models.CharField(max_length=300, help_text="What it is; of an HS code the words of the nomenclature.")
    short_name = models.CharField(
        max_length=80, blank=True, help_text="As it is called in a table; empty = by its name."
    )
    hs_code = models.CharField(
        max_length=6,
        blank=True,
        help_text="The code of the Harmonized System, 2, 4 or 6 digits; empty = none is stated.",
    )
    hs_revision = models.CharField(
        max_length=4, blank=True, help_text="The revision the code is of: 2022; empty = not stated."
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children",
        help_text="The code or group that contains it.",
    )  # fmt: skip
    description = models.TextField(blank=True, help_text="What belongs to it, in our own words.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["hs_code", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="good_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="A good does not contain itself.",
            ),
            models.CheckConstraint(
                name="good_hs_code_is_of_the_nomenclature",
                condition=Q(hs_code="") | Q(hs_code__regex=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})\Z"),
                violation_error_message="A code of the Harmonized System has 2, 4 or 6 digits.",
            ),
            models.CheckConstraint(
                name="good_revision_is_of_a_code",
                condition=Q(hs_revision="") | ~Q(hs_code="") & Q(hs_revision__regex=r"^[12][0-9]{3}\Z"),
                violation_error_message="A revision is a year (2022), and only a code has one.",
            ),
            models.UniqueConstraint(
                fields=["hs_code", "hs_revision"],
                condition=~Q(hs_code=""),
                name="good_code_once_in_a_revision",
                violation_error_message="This code of this revision is there already.",
            ),
        ]

    def __str__(self) -> str:
        said = self.short_name or self.name
        return f"{self.hs_code} {said}" if self.hs_code else said

    def get_absolute_url(self) -> str:
        return f"/trade/{self.slug}/"


class ListedGood(Record):
    """That a tier or category of a control names a good."""

    needs_source = True
    belongs_to = "item"
    withheld_whole = True
    key_fields = ("item", "good")
    together = (("since", "until"),)

    item = models.ForeignKey(ControlItem, on_delete=models.PROTECT, related_name="goods")
    good = models.ForeignKey(Good, on_delete=models.PROTECT, related_name="listed")
    since = PartialDateField(help_text="Since when it is listed there; empty = not known to us.")
    until = PartialDateField(help_text="Until when; empty = it still is, or not known.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["item", "good__hs_code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "good"],
                name="listed_good_once",
                violation_error_message="The item names this good already.",
            ),
            is_partial_date("since", name="listed_good_since_is_a_date"),
            is_partial_date("until", name="listed_good_until_is_a_date"),
            models.CheckConstraint(
                name="listed_good_ends_after_it_begins",
                condition=Q(until="") | Q(until__gte=F("since")) | Q(since__startswith=F("until")),
                violation_error_message="A good is taken off a list after it was put on it.",
            ),
        ]
