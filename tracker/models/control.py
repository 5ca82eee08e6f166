from django.db import models
from django.db.models import F, Q

from tracker.models.country import Country
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Basis, Record, RetirableRecord


class Control(RetirableRecord):
    """A regime, list, rule, law or programme that stands around dual-use technology.

    A legal act with its dates, and no judgement of ours. What it covers are its items, who takes part its
    participating states, whom it names its listings.
    """

    class Kind(models.TextChoices):
        REGIME = "regime", "multilateral regime"
        GOODS_LIST = "goods list", "list of goods"
        ENTITY_LIST = "entity list", "list of organisations"
        DESIGNATION = "designation", "designation"
        SANCTIONS = "sanctions package", "sanctions package"
        RULE = "export rule", "export control rule"
        ORDER = "executive order", "executive order"
        BAN = "export ban", "export ban"
        LAW = "law", "national law"
        NATIONAL_RULE = "national rule", "national rule"
        STRATEGY = "strategy", "national strategy"
        POLICY = "policy", "policy"
        PROGRAMME = "programme", "programme"

    needs_source = True
    chains = ("amends",)
    together = (
        ("issued", "date_note"),
        ("since", "until", "date_note"),
    )

    withheld_whole = True
    slug = models.SlugField(max_length=120, unique=True, help_text="Its address for ever: /controls/<slug>/.")
    code = models.CharField(
        max_length=30,
        unique=True,
        help_text="Our name for it in the collected list, such as DOD-1260H; kept for citing.",
    )
    name = models.CharField(max_length=200, help_text="Its own name in English.")
    short_name = models.CharField(
        max_length=80, blank=True, help_text="As it is called in a table; empty = by its own name."
    )
    kind = models.CharField(max_length=20, choices=Kind, help_text="What sort of act it is.")
    issuer = models.CharField(max_length=200, help_text="Who issued it, in words.")
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, null=True, blank=True, related_name="controls",
        help_text="Whose act it is; empty for one of several countries.",
    )  # fmt: skip
    amends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amendments",
        help_text="The one that it updates or follows.",
    )  # fmt: skip
    issued = PartialDateField(help_text="When it was adopted, issued or first made public; empty = not known.")
    since = PartialDateField(help_text="In force from; empty = not known to us.")
    until = PartialDateField(help_text="In force until; empty = it goes on, or not known.")
    date_note = models.CharField(
        max_length=250, blank=True, help_text="What these dates are the dates of, where it is not plain."
    )
    description = models.TextField(help_text="What it does, in our own words.")
    states_stated = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many states take part, as a source states it; empty = not stated."
    )
    goods_stated = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many goods it names, as a source states it; empty = not stated."
    )
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="control_does_not_amend_itself",
                condition=Q(amends__isnull=True) | ~Q(amends=F("id")),
                violation_error_message="A control does not update itself.",
            ),
            is_partial_date("issued", name="control_issued_is_a_date"),
            is_partial_date("since", name="control_since_is_a_date"),
            is_partial_date("until", name="control_until_is_a_date"),
            models.CheckConstraint(
                name="control_ends_after_it_begins",
                # “2019” may be any day of 2019, so it does not come before “2019-06”.
                condition=Q(until="") | Q(until__gte=F("since")) | Q(since__startswith=F("until")),
                violation_error_message="A control ends after it comes into force.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/controls/{self.slug}/"


class ControlItem(Record):
    """A part of what a control covers: a category of the Wassenaar list, a tier of a list of goods."""

    class Kind(models.TextChoices):
        CATEGORY = "category", "category"
        TIER = "tier", "tier"

    needs_source = True
    belongs_to = "control"
    withheld_whole = True
    key_fields = ("control", "code")

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=Kind, help_text="What the control calls such a part.")
    code = models.CharField(max_length=20, help_text="Its number there: 5.1, 3.A.")
    name = models.CharField(max_length=200, help_text="Its name there.")
    description = models.TextField(blank=True, help_text="What it covers, in our own words.")
    position = models.PositiveSmallIntegerField(help_text="Order within the control, from 1.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["control", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "code"],
                name="control_item_once",
                violation_error_message="The control has an item of this number already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}: {self.name}" if self.name else f"{self.kind} {self.code}"


class ParticipatingState(Record):
    """A state's part in a regime (the Wassenaar Arrangement has participating states, not members)."""

    needs_source = True
    belongs_to = "control"
    withheld_whole = True
    key_fields = ("control", "country", "since")
    together = (("since", "until"),)

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="states")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="regimes")
    since = PartialDateField(help_text="Since when it takes part; empty = not known to us.")
    until = PartialDateField(help_text="Until when; empty = it still does, or not known.")
    note = models.TextField(blank=True, help_text="What is known of how it came to take part.")

    class Meta:
        ordering = ["control", "country__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "country", "since"],
                name="participating_state_once",
                violation_error_message="The state takes part since that date already.",
            ),
            is_partial_date("since", name="participating_state_since_is_a_date"),
            is_partial_date("until", name="participating_state_until_is_a_date"),
            models.CheckConstraint(
                name="participating_state_leaves_after_it_came",
                condition=Q(until="") | Q(until__gte=F("since")) | Q(since__startswith=F("until")),
                violation_error_message="A state leaves after it came.",
            ),
        ]


class ListEdition(Record):
    """One publication of a list: whole, or only what was added to it (then whom it leaves out is not removed)."""

    class Extent(models.TextChoices):
        WHOLE = "whole", "the whole list"
        ADDITIONS = "additions", "additions and removals only"
        UNKNOWN = "", "not known to us"

    needs_source = True
    belongs_to = "control"
    withheld_whole = True
    key_fields = ("control", "date")
    together = (("extent", "extent_basis"),)

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="editions")
    date = PartialDateField(blank=False, help_text="Its date.")
    name = models.CharField(max_length=160, blank=True, help_text="What it is called, where it has a name.")
    extent = models.CharField(
        max_length=10, choices=Extent, blank=True, default="",
        help_text="Whether it repeats the whole list or says only what changed.",
    )  # fmt: skip
    extent_basis = models.CharField(
        max_length=12, choices=Basis, blank=True, default="", help_text="How we know that."
    )
    entries_stated = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many entries it has, as a source states it; empty = not stated."
    )
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["control", "date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "date"],
                name="list_edition_once",
                violation_error_message="The list has an edition of this date already.",
            ),
            is_partial_date("date", name="list_edition_date_is_a_date"),
            models.CheckConstraint(
                name="list_edition_has_a_date",
                condition=~Q(date=""),
                violation_error_message="An edition of a list has its date.",
            ),
            models.CheckConstraint(
                name="list_edition_extent_has_its_basis",
                condition=Q(extent="", extent_basis="") | ~Q(extent="") & ~Q(extent_basis=""),
                violation_error_message="Say how it is known whether the edition is the whole list.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}, {self.date}"
