from django.conf import settings
from django.db import models


class Digest(models.Model):
    """That a person wants to be told by mail, and up to where they were. Who has no row wants nothing.

    `until_act` and `until` move before the mail is sent: what lies before them is told at most once.
    """

    class Rhythm(models.TextChoices):
        NEVER = "never", "never"
        DAILY = "daily", "every day"
        WEEKLY = "weekly", "every week"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest")
    rhythm = models.CharField(max_length=6, choices=Rhythm)
    until = models.DateTimeField(help_text="What came after this is told in the next one.")
    until_act = models.BigIntegerField(
        default=0, help_text="The last act that was told of, or before it was asked for."
    )
    sent_at = models.DateTimeField(null=True, help_text="When a mail last went out; empty = never.")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.rhythm}"
