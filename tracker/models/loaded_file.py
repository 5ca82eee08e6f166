from django.db import models


class LoadedFile(models.Model):
    """The last content of a seed file that was loaded whole: what need not be read again."""

    name = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, help_text="sha256 of the file.")

    def __str__(self) -> str:
        return self.name
