from django.conf import settings
from django.db import models


class Presence(models.Model):
    """That a researcher has a record open for editing. A hint to colleagues, no lock."""

    kind = models.CharField(max_length=40)
    record = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.kind} {self.record}"
