from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A researcher, editor or administrator. Readers need no account."""

    display_name = models.CharField(max_length=120, blank=True)

    def get_full_name(self) -> str:
        return self.display_name or super().get_full_name() or self.username
