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

    # Columns that say one thing (a number, its decimals and its bound; both ends of a range).
    together: ClassVar[tuple[tuple[str, ...], ...]] = ()

    # The reference to what it is a part of: it is found there, deleted with it and withheld with it. "" = it stands
    # by itself.
    belongs_to: ClassVar[str] = ""

    # Whether it names what it belongs to by the columns `kind`, `record` and `record_key`, because that may be of
    # several kinds.
    speaks_of: ClassVar[bool] = False

    # Where it does: the kinds that it can speak of; empty = any.
    may_speak_of: ClassVar[tuple[str, ...]] = ()

    # What is left of it for readers where all its sources are withheld. `withheld_whole`: nothing, not even its name.
    # `keeps_name`: its place and its name, because others hang on it. Of a kind that is neither (a value), pages keep
    # the place and say that it is withheld; files do without.
    withheld_whole: ClassVar[bool] = False
    keeps_name: ClassVar[bool] = False

    # The reference to an organisation that it names to readers as having a part in something: it stands where that
    # organisation may be named, and where it is shown the organisation may be.
    names: ClassVar[str] = ""

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
