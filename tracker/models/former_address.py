from django.db import models

from tracker.models.record import Record


class FormerAddress(Record):
    """A slug that a record had, or that of a record merged into it: the address redirects for ever."""

    speaks_of = True
    withheld_whole = True
    key_fields = ("kind", "slug")

    kind = models.CharField(max_length=40)
    slug = models.CharField(max_length=120)
    record = models.BigIntegerField(help_text="The record that it leads to now.")

    class Meta:
        ordering = ["kind", "slug"]
        verbose_name_plural = "former addresses"
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="former_address_leads_to_one_record")]
