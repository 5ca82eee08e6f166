from django.db import models

from tracker.models.record import RetirableRecord


class Category(RetirableRecord):
    """The publisher's group of technologies. Editions differ in their groups; each group is a row."""

    keeps_name = True

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=160, unique=True)
    position = models.PositiveSmallIntegerField(help_text="Order on pages, from 1.")

    class Meta:
        ordering = ["position", "name", "pk"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/technologies/?category={self.slug}"
