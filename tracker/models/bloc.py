from django.db import models
from django.db.models import F, Q

from tracker.models.country import Country
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record


class Bloc(Record):
    """A named group of countries with dated membership: EU, AUKUS, Quad …"""

    keeps_name = True

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(max_length=40)
    description = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/blocs/{self.slug}/"


class BlocMembership(Record):
    """One country's stay in a bloc. Its stays do not overlap (a database trigger, migration 0002)."""

    needs_source = True
    belongs_to = "bloc"
    key_fields = ("bloc", "country", "since")
    together = (("since", "until"),)

    bloc = models.ForeignKey(Bloc, on_delete=models.PROTECT, related_name="memberships")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="memberships")
    since = PartialDateField(help_text="First day of membership; empty = not known.")
    until = PartialDateField(help_text="Last day of membership; empty = still a member.")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["country__name", "since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bloc", "country", "since"], name="bloc_membership_once"),
            models.CheckConstraint(
                name="bloc_membership_ends_after_it_begins",
                # “2019” may be any day of 2019, so it does not come before “2019-06”.
                condition=Q(until="") | Q(until__gte=F("since")) | Q(since__startswith=F("until")),
                violation_error_message="A membership ends after it begins.",
            ),
            is_partial_date("since", name="bloc_membership_since_is_a_date"),
            is_partial_date("until", name="bloc_membership_until_is_a_date"),
        ]

    def covers(self, day: str) -> bool:
        """Whether the country was a member on a day ('2026-11-21'), as far as the dates tell.

        A date known to the month or year counts from its first to its last day.
        """
        return self.since <= day and (not self.until or self.until >= day[: len(self.until)])
