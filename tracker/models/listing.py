from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from tracker.models.control import Control, ListEdition
from tracker.models.organisation import Organisation
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record


class Listing(Record):
    """One organisation's stay on a list, from its first date to its removal.

    That an edition does not repeat it ends nothing: only a removal that a source states does.
    """

    needs_source = True
    belongs_to = "control"
    withheld_whole = True
    key_fields = ("control", "organisation", "since")
    names = "organisation"
    together = (("since", "until", "date_note"),)

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="listings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="listings")
    since = PartialDateField(help_text="Since when it is listed; empty = not known to us.")
    until = PartialDateField(help_text="When it was removed, as a source states; empty = no removal known to us.")
    date_note = models.CharField(
        max_length=250, blank=True, help_text="How these dates are known, where it is not plain."
    )
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["control", "since", "organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "organisation", "since"],
                name="listing_once",
                violation_error_message="The organisation is on this list since that date already.",
            ),
            is_partial_date("since", name="listing_since_is_a_date"),
            is_partial_date("until", name="listing_until_is_a_date"),
            models.CheckConstraint(
                name="listing_ends_after_it_begins",
                condition=Q(until="") | Q(until__gte=F("since")) | Q(since__startswith=F("until")),
                violation_error_message="An organisation is removed after it was listed.",
            ),
        ]


class ListingEntry(Record):
    """That one edition of the list names the organisation, and how it writes it."""

    belongs_to = "listing"
    withheld_whole = True
    key_fields = ("listing", "edition")

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="entries")
    edition = models.ForeignKey(ListEdition, on_delete=models.PROTECT, related_name="entries")
    listed_as = models.CharField(max_length=200, blank=True, help_text="As it is written there.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["listing", "edition__date", "pk"]
        verbose_name_plural = "listing entries"
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "edition"],
                name="listing_entry_once",
                violation_error_message="This edition names the organisation already.",
            ),
        ]

    def clean(self) -> None:
        """Refuses an edition of another list. Two queries where neither was loaded."""
        super().clean()
        if self.listing_id and self.edition_id and self.listing.control_id != self.edition.control_id:
            raise ValidationError({"edition": "This is an edition of another list."})
