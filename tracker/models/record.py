"""What every tracked record shares."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Basis(models.TextChoices):
    """How we know a value. Everything but STATED is said on the page beside it."""

    STATED = "stated", "stated by a source"
    IMPLIED = "implied", "implied by a source's text"
    DERIVED = "derived", "derived by us from stated values"
    ELIMINATION = "elimination", "known by elimination"
    COMPUTED = "computed", "computed by this project from public data"


class Record(models.Model):
    """A record whose every change is kept (room `history`).

    Writes go through `tracker.actions`; nothing else saves, updates or deletes a Record.
    """

    # The columns that name a record in seed files, exports and history, in order.
    key_fields: ClassVar[tuple[str, ...]] = ("slug",)

    class Meta:
        abstract = True

    # Whether a record of this kind states something of the world, so that a source must be named for it.
    needs_source: ClassVar[bool] = False

    # References to records of the same kind that may not lead back to where they began.
    chains: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def record_kind(cls) -> str:
        """The record kind in one word, as history and citations write it: 'score', 'technology'."""
        return cls._meta.model_name or ""

    def key(self) -> str:
        """The natural key as text: key fields joined with '/', related records by their own key."""
        parts = []
        for name in self.key_fields:
            value = getattr(self, name)
            parts.append(value.key() if isinstance(value, Record) else "" if value is None else str(value))
        return "/".join(parts)

    def __str__(self) -> str:
        return self.key()


class RetirableRecord(Record):
    """A record with a name of its own, that may go out of use.

    A retired record stays, with all that was published of it: what changes is that its page says so and that it
    is not offered for new data.
    """

    retired = models.DateField(
        null=True, blank=True, editable=False, help_text="The day it went out of use; empty = in use."
    )

    class Meta:
        abstract = True
