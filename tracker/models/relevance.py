from django.db import models
from django.db.models import Q

from tracker.models.record import Basis, Record
from tracker.models.technology import Technology

# The kinds of record that a technology can be concerned by.
CONCERNING = ("control", "controlitem", "good", "organisation", "tradeflow")


class Relevance(Record):
    """That a record (a control, one of its items, a good, an organisation, a figure of trade) concerns a technology.

    `kind` and `record` name the record as a citation does. The mapping is ours, unless `basis` says that a source
    states it; `reason` says why.
    """

    speaks_of = True
    may_speak_of = CONCERNING
    withheld_whole = True
    key_fields = ("kind", "record_key", "technology")

    kind = models.CharField(max_length=40, help_text="What concerns the technology.")
    record = models.BigIntegerField()
    record_key = models.CharField(max_length=200, help_text="The record's natural key when this was recorded.")
    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="concerned_by")
    basis = models.CharField(max_length=12, choices=Basis, help_text="How we know it: “derived” = mapped by us.")
    reason = models.TextField(help_text="Why it concerns the technology.")
    position = models.PositiveSmallIntegerField(help_text="Order among the record's technologies, from 1.")

    class Meta:
        ordering = ["kind", "record", "position", "pk"]
        indexes = [models.Index(fields=["kind", "record"], name="relevance_of_a_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record", "technology"],
                name="relevance_once",
                violation_error_message="The technology stands there already.",
            ),
            models.CheckConstraint(
                name="relevance_is_of_a_known_kind",
                condition=Q(kind__in=CONCERNING),
                violation_error_message="A technology is concerned by a control, an item, a good, an organisation or "
                "a figure of trade.",
            ),
        ]
