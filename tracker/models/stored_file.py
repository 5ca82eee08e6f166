"""Files that people send and jobs make: kept in the database, so that every host of a deployment has them."""

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """A file in parts of `FileChunk`. It can be read once `complete`, and goes away on `expires`."""

    name = models.CharField(max_length=200, help_text="As people see it: scores.csv.")
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0, help_text="Bytes.")
    digest = models.CharField(max_length=64, blank=True, help_text="sha256 of the content; empty until it is whole.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    expires = models.DateTimeField(null=True, blank=True, db_index=True, help_text="Empty = kept for good.")

    def __str__(self) -> str:
        return self.name

    @property
    def complete(self) -> bool:
        return bool(self.digest)


class FileChunk(models.Model):
    """A part of a stored file, in order from 0."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="file_chunk_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
