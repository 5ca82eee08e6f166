from django.db import models

from tracker.models.stored_file import StoredFile


class ReleaseFile(models.Model):
    """The records of a release as a file for readers, without what is withheld.

    `kept_back` is the digest of what was withheld or taken out when it was made (`history.past.KeptBack`): a file of
    another one is not given to anybody.
    """

    release = models.BigIntegerField(unique=True, help_text="The release's primary key.")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="release_file")
    kept_back = models.CharField(max_length=40)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"release {self.release}"
