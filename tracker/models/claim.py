from django.apps import apps
from django.db import models
from django.db.models import Q

from tracker.models.country import Country
from tracker.models.organisation import Organisation
from tracker.models.partial_date import PartialDateField, is_partial_date
from tracker.models.record import Record

# The kinds of record that a claim can be about, and where each has its page.
SUBJECTS = {"engagement": "engagements", "case": "cases", "organisation": "organisations"}


class Claim(Record):
    """What a speaker says about a record: an engagement, a case or an organisation.

    `kind` and `record` name the record as a citation does (`Record.record_kind()`, primary key). A claim is
    never a fact of the tracker: it says who said what, and what they showed for it.
    """

    class Stance(models.TextChoices):
        ASSERTS = "asserts", "asserts"
        DISPUTES = "disputes", "disputes"
        DENIES = "denies", "denies"
        DECLINES = "declines", "declines to show evidence"

    class Evidence(models.TextChoices):
        SHOWN = "shown", "evidence shown"
        PARTLY = "partly", "evidence shown in part"
        NONE = "none", "no evidence shown"
        DECLINED = "declined", "evidence declined"
        UNKNOWN = "unknown", "not known to us"

    needs_source = True
    speaks_of = True
    may_speak_of = tuple(SUBJECTS)
    withheld_whole = True
    key_fields = ("kind", "record_key", "speaker", "date", "stance")
    together = (
        ("date", "date_note"),
        ("evidence", "evidence_shown"),
    )

    kind = models.CharField(max_length=40, help_text="What the claim is about: engagement, case or organisation.")
    record = models.BigIntegerField()
    record_key = models.CharField(max_length=120, help_text="The record's natural key when the claim was recorded.")
    position = models.PositiveSmallIntegerField(help_text="Order among the record's claims, from 1.")
    speaker = models.CharField(max_length=140, help_text="Name and office of who speaks.")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="claims",
        help_text="For whom the speaker speaks.",
    )  # fmt: skip
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, null=True, blank=True, related_name="claims",
        help_text="For which country the speaker speaks.",
    )  # fmt: skip
    date = PartialDateField(help_text="When it was said; empty = not known.")
    date_note = models.CharField(max_length=250, blank=True, help_text="Where the date is vaguer.")
    stance = models.CharField(max_length=8, choices=Stance, help_text="What the speaker does with the matter.")
    statement = models.TextField(help_text="What is said, in our words.")
    quote = models.TextField(blank=True, help_text="Word for word, short; empty = none.")
    evidence = models.TextField(blank=True, help_text="What evidence was shown, in words; empty = not known.")
    evidence_shown = models.CharField(
        max_length=8, choices=Evidence, default=Evidence.UNKNOWN, help_text="Whether evidence was shown."
    )
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["kind", "record", "position", "pk"]
        indexes = [models.Index(fields=["kind", "record"], name="claim_about_a_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record", "speaker", "date", "stance"],
                name="claim_once",
                violation_error_message="This speaker's claim of that date stands already.",
            ),
            models.CheckConstraint(
                name="claim_is_about_a_known_kind",
                condition=Q(kind__in=list(SUBJECTS)),
                violation_error_message="A claim is about an engagement, a case or an organisation.",
            ),
            is_partial_date("date", name="claim_date_is_a_date"),
        ]

    def get_absolute_url(self) -> str:
        """The page of what it is about, under the name that this has now: one query."""
        subject = apps.get_model("tracker", self.kind)._default_manager.filter(pk=self.record)
        slug = subject.order_by().values_list("slug", flat=True).first() or self.record_key
        return f"/{SUBJECTS[self.kind]}/{slug}/"
