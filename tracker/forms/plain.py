"""Text without marks that no page or feed can hold."""

from __future__ import annotations

import re
from typing import Any

from django import forms

# What stands in texts that were copied from elsewhere, and is not seen. The null byte is refused, in words.
UNSEEN = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class PlainText(forms.CharField):
    """Leaves out control characters other than tabs and ends of line."""

    def to_python(self, value: Any) -> str:
        if isinstance(value, str):
            value = UNSEEN.sub("", value)
        return str(super().to_python(value))
