from django.db import models

from tracker.models.record import Record


class Country(Record):
    """A country or territory with an ISO 3166-1 code, or XK. The name is a display name (docs/places.md)."""

    keeps_name = True
    key_fields = ("code",)

    code = models.CharField(max_length=2, unique=True, help_text="ISO 3166-1 alpha-2, or XK.")
    name = models.CharField(max_length=80, unique=True)
    other_names = models.CharField(max_length=160, blank=True, help_text="Found by search; separated by “; ”.")
    alpha3 = models.CharField(max_length=3, blank=True)
    region = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "countries"
        constraints = [
            models.CheckConstraint(
                name="country_code_is_two_capitals", condition=models.Q(code__regex=r"^[A-Z]{2}\Z")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/countries/{self.code.lower()}/"
