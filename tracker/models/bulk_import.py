"""A file of rows on its way into the record: what was sent, how it is read, what each row would do."""

from django.conf import settings
from django.db import models

from tracker.models.job import Job
from tracker.models.revision import Act
from tracker.models.stored_file import StoredFile


class BulkImport(models.Model):
    """Rows of one record kind, from the file to the act that wrote them.

    `reading` says how the file is read (`ingest.sheet_file.Reading` as JSON), `columns` what fills each column of the
    kind: {column: pattern}, a pattern being text with file columns in braces: "{Country code}", "aspi-2023-03".
    Rows are staged in `StagedRow` by a check; a check belongs to the settings of its time (`checked_settings`).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "being set up"
        CHECKING = "checking", "being checked"
        CHECKED = "checked", "checked"
        WAITING = "waiting", "waits for an editor"
        APPLYING = "applying", "being written"
        APPLIED = "applied", "written"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    reading = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    # What was found in the file: {"header", "sample", "sheets", "notes"}.
    look = models.JSONField(default=dict)
    # Rows that are left out: [{"column": "kind", "is": "aggregate"}], also with "is not".
    without = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports")
    made_at = models.DateTimeField()
    cause = models.CharField(max_length=12, choices=Act.Cause, blank=True)
    note = models.TextField(blank=True)
    good_only = models.BooleanField(default=False, help_text="Rows with errors are left out instead of stopping all.")
    check_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    write_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_settings = models.CharField(max_length=64, blank=True, help_text="sha256 of what was checked.")
    # The newest revision when the check began: what is written is what was shown, or nothing.
    checked_number = models.BigIntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0, help_text="Rows with errors.")
    findings = models.PositiveIntegerField(default=0, help_text="Errors in all.")
    # What is wrong with the whole: a column that is missing, a file that cannot be read.
    problems = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why it was rejected, or could not be written.")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, null=True, related_name="imports")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/workbench/imports/{self.pk}/"

    @property
    def standing(self) -> str:
        """Its state; where the job that was to change it has ended without doing so, as if it had not begun."""
        if self.state == self.State.CHECKING and not (self.check_job and self.check_job.open):
            return self.State.DRAFT
        if self.state == self.State.APPLYING and not (self.write_job and self.write_job.open):
            return self.State.DRAFT
        return self.state

    @property
    def came_back(self) -> str:
        """Why it stands where it does, in words: what an editor said, or what its last job ended with."""
        job = self.check_job if self.state == self.State.CHECKING else self.write_job
        return self.reason or (job.error if job and self.standing != self.state else "")


class StagedRow(models.Model):
    """What one row of the file would do.

    `after` is the record's state as history would hold it, without the id of a record that is new; `before` the
    state that it replaces. `errors`: [{"column", "value", "reason"}], `column` as the file names it, "" = the row.
    `sources`: the citations that come with it, as {"source": pk, "page", "passage", "reliability", "credibility"}.
    """

    class What(models.TextChoices):
        CREATE = "create", "new"
        UPDATE = "update", "changed"
        SAME = "same", "unchanged"
        LEFT_OUT = "left out", "left out"
        WRONG = "wrong", "with errors"

    bulk_import = models.ForeignKey(BulkImport, on_delete=models.CASCADE, related_name="staged")
    line = models.PositiveIntegerField(help_text="Its line in the file, the header being 1.")
    what = models.CharField(max_length=8, choices=What)
    record = models.BigIntegerField(null=True)
    name = models.CharField(max_length=300, blank=True)
    based_on = models.BigIntegerField(null=True, help_text="The revision that `before` was read from.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    sources = models.JSONField(default=list)
    errors = models.JSONField(default=list)

    class Meta:
        ordering = ["bulk_import", "line"]
        constraints = [
            models.UniqueConstraint(fields=["bulk_import", "line"], name="staged_row_once"),
        ]
        indexes = [models.Index(fields=["bulk_import", "what", "line"], name="staged_row_by_what")]

    def __str__(self) -> str:
        return f"{self.bulk_import_id}, line {self.line}"
