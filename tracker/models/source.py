from django.db import models
from django.db.models import Q

from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record, RetirableRecord


class Source(RetirableRecord):
    """A publication that a value can be read in."""

    class Kind(models.TextChoices):
        PRIMARY = "primary", "primary"
        SECONDARY = "secondary", "secondary"
        COPY = "copy", "copy of another publication"
        TRANSCRIPTION = "transcription", "transcription"
        IMAGE = "image", "image"
        STANDARD = "standard", "standard"
        DATASET = "dataset", "data set"
        LAW = "law", "law or treaty"

    class Reuse(models.TextChoices):
        OPEN = "open", "open licence: may be republished"
        FACT = "fact", "single quoted facts may be shown"
        NO = "no", "withheld"

    key_fields = ("slug",)
    together = (("date", "date_note"),)

    keeps_name = True

    slug = models.SlugField(max_length=60, unique=True)
    title = models.TextField()
    publisher = models.CharField(max_length=200, blank=True)
    date = PartialDateField()
    date_note = models.CharField(max_length=120, blank=True, help_text="Where the source is vaguer: “2024/2025”.")
    url = models.URLField(max_length=600, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    kind_note = models.CharField(max_length=250, blank=True)
    reuse = models.CharField(max_length=4, choices=Reuse)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [is_partial_date("date", name="source_date_is_a_date")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/sources/{self.slug}/"


class Citation(Record):
    """The tie from a record, or one field of it, to a source.

    `kind` and `record` name any tracked record (`Record.record_kind()`, primary key). Two citations read
    "cited by two", not "verified twice": they may not be independent.
    """

    speaks_of = True
    withheld_whole = True
    key_fields = ("kind", "record_key", "field", "source")

    kind = models.CharField(max_length=40)
    record = models.BigIntegerField()
    record_key = models.CharField(max_length=300, help_text="The record's natural key when it was cited.")
    field = models.CharField(max_length=40, blank=True, help_text="Empty = the whole record.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the record's citations.")
    passage = models.TextField(blank=True)
    page = models.CharField(max_length=40, blank=True)
    stated_value = models.CharField(max_length=120, blank=True, help_text="What it prints, where that differs.")
    preferred = models.BooleanField(default=False)
    reliability = models.CharField(max_length=1, blank=True, choices=[(c, c) for c in "ABCDEF"])
    credibility = models.CharField(max_length=1, blank=True, choices=[(c, c) for c in "123456"])
    seen_through = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="seen_through_it"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["kind", "record", "position", "pk"]
        indexes = [models.Index(fields=["kind", "record"], name="citation_of_a_record")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "record", "field", "source"], name="citation_once"),
            models.CheckConstraint(
                name="citation_marks_are_admiralty_codes",
                condition=Q(reliability__in=["", *"ABCDEF"], credibility__in=["", *"123456"]),
            ),
        ]
