from django.db import models
from django.db.models import Q

from tracker.models.record import Record


class Release(Record):
    """A named state of the whole record, for citation: the record as it stood just after revision `number`."""

    keeps_name = True
    key_fields = ("name",)

    name = models.CharField(max_length=40, unique=True, help_text="Such as 2026.11: its address for ever.")
    number = models.BigIntegerField(unique=True, help_text="The last revision of this state.")
    digest = models.CharField(max_length=64, help_text="That revision's digest: it stands for the history before it.")
    checksum = models.CharField(max_length=64, help_text="sha256 over every record of this state.")
    released = models.DateField(help_text="The day it was named.")
    notes = models.TextField(help_text="What is new, for readers.")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                name="release_name_is_of_letters_digits_and_dots",
                condition=Q(name__regex=r"^[0-9A-Za-z][0-9A-Za-z.-]*\Z"),
                violation_error_message="A release's name has letters, digits, dots and hyphens: 2026.11.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/releases/{self.name}/"
