from django.db import models

from tracker.models.record import Record
from tracker.models.revision import Act, Revision

REMOVED = "[removed]"
NAME_WITHDRAWN = "name withdrawn"


class Redaction(Record):
    """That something was taken out of the log: by law, or a person's name that was withdrawn.

    Itself a record, so that it stands in the chain of digests: a row of the log may differ from its digest only
    where a redaction names it, and reads then as the newest redaction left it (`digest`).
    """

    class Reason(models.TextChoices):
        LAW = "law", "legal takedown"
        NAME = "name", "name withdrawn"

    key_fields = ("code",)

    keeps_name = True

    code = models.CharField(max_length=20, unique=True, help_text="Our number of it: X1, X2 …")
    reason = models.CharField(max_length=4, choices=Reason)
    what = models.CharField(max_length=300, help_text="What was taken out, in words that do not repeat it.")
    grounds = models.TextField(help_text="Why: the decision, order or request, with its date.")
    rows = models.TextField(help_text="The rows of the log: “r12 r15-30”, “act 7”.")
    digest = models.CharField(
        max_length=64, blank=True, default="",
        help_text="sha256 over every revision that this or an earlier redaction changed, as it reads since.",
    )  # fmt: skip

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


class Redacted(models.Model):
    """A row of the log that a redaction has changed: what lets its trigger allow that.

    A row that more than one has changed stands here once: a withdrawn name before the others, the newest before the
    older, which `also` tells in words.
    """

    redaction = models.ForeignKey(Redaction, on_delete=models.PROTECT, related_name="redacted")
    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, null=True, related_name="redacted")
    act = models.OneToOneField(Act, on_delete=models.PROTECT, null=True, related_name="redacted")
    # Null and not empty text: SQLite adds a column that must be filled by making the table anew, and the triggers of
    # the log read this table.
    also = models.TextField(null=True, help_text="The other redactions of this row, in words.")  # noqa: DJ001

    def __str__(self) -> str:
        return f"{self.redaction_id}: {self.revision_id or self.act_id}"
