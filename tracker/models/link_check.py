from django.db import models

# Said of an address that has moved and says so: the one where it led is the one to write down.
MOVED = "It has moved for good."


class LinkCheck(models.Model):
    """What became of a source's address when it was last asked for. Not a record: it states nothing of the world."""

    class State(models.TextChoices):
        GOOD = "good", "answers"
        FAILS = "fails", "fails"
        UNKNOWN = "unknown", "not to be told"

    source = models.BigIntegerField(unique=True, help_text="Its primary key.")
    address = models.CharField(max_length=600, help_text="What was asked for.")
    state = models.CharField(max_length=7, choices=State)
    status = models.PositiveSmallIntegerField(null=True, help_text="The last answer's HTTP status, where one came.")
    said = models.CharField(max_length=300, help_text="What came of it, in words.")
    final_address = models.CharField(max_length=2000, blank=True, help_text="Where it led; empty = nowhere else.")
    failures = models.PositiveIntegerField(default=0, help_text="How often it has failed without a break.")
    failing_since = models.DateTimeField(null=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"source {self.source}: {self.said}"
