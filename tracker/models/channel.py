from django.db import models

from tracker.models.record import RetirableRecord


class Channel(RetirableRecord):
    """A way in which China and Russia work together: the five that ASPI mapped in 2019, and ours, marked as ours."""

    class Origin(models.TextChoices):
        ASPI = "aspi-2019", "one of the five of ASPI's 2019 report"
        OURS = "ours", "ours"

    keeps_name = True

    slug = models.SlugField(max_length=60, unique=True, help_text="Its address for ever: /cooperation/<slug>/.")
    name = models.CharField(max_length=120, unique=True, help_text="In the plural: “Dialogues and exchanges”.")
    description = models.TextField(help_text="What counts as this channel, in one or two plain sentences.")
    origin = models.CharField(max_length=12, choices=Origin, help_text="Who drew this channel.")
    position = models.PositiveSmallIntegerField(help_text="Order on pages, from 1.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/cooperation/{self.slug}/"
