from django.db import models

from tracker.models.organisation import Organisation
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record, RetirableRecord


class Case(RetirableRecord):
    """A matter in question that is no engagement itself (docs/adr/0012).

    What each says of it are its `Claim`s.
    """

    withheld_whole = True
    needs_source = True
    together = (("date", "date_note"),)

    slug = models.SlugField(max_length=120, unique=True, help_text="Its address for ever: /cases/<slug>/.")
    title = models.CharField(max_length=200, unique=True, help_text="Short, in our words, taking no side.")
    summary = models.TextField(help_text="What it is about, in our own words.")
    date = PartialDateField(help_text="When it came up; empty = not known.")
    date_note = models.CharField(max_length=250, blank=True, help_text="Where the date is vaguer, or a span.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["date", "title", "pk"]
        constraints = [is_partial_date("date", name="case_date_is_a_date")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/cases/{self.slug}/"


class CaseParty(Record):
    """An organisation that a case speaks of."""

    belongs_to = "case"
    withheld_whole = True
    names = "organisation"
    key_fields = ("case", "organisation")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    role = models.CharField(max_length=250, blank=True, help_text="As what the case speaks of it.")
    position = models.PositiveSmallIntegerField(help_text="Order within the case, from 1.")

    class Meta:
        ordering = ["case", "position", "pk"]
        verbose_name_plural = "case parties"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"],
                name="case_party_once",
                violation_error_message="The organisation is a party of the case already.",
            ),
        ]
