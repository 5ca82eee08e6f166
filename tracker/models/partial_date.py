"""Dates of the world, known to the year, the month or the day (ISO 8601, EDTF level 0)."""

from __future__ import annotations

import datetime
import re
from calendar import monthrange

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

# \Z, for $ would let a line break follow.
PATTERN = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z"


def validate_partial_date(value: str) -> None:
    """Raises ValidationError unless `value` is `2019`, `2019-06` or a real `2019-06-05`."""
    if not re.match(PATTERN, value):
        raise ValidationError(f"“{value}” is not a date: write 2019, 2019-06 or 2019-06-05.")
    if len(value) == 10:
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"“{value}” is not a day of the calendar.") from None


class PartialDateField(models.CharField):
    """Text of 4, 7 or 10 characters; empty = not known. Never padded to a day. Sorts as text."""

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 10
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_partial_date]

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs


def is_partial_date(field: str, *, name: str) -> models.CheckConstraint:
    """A named database constraint: the column is empty or a partial date."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{field: ""}) | Q(**{f"{field}__regex": PATTERN}),
        violation_error_message="A date is written 2019, 2019-06 or 2019-06-05.",
    )


def whole_months(start: str, end: str) -> int | None:
    """How many months lie between two partial dates, both within; None where they are not whole ones, or no dates."""
    try:
        for date in (start, end):
            validate_partial_date(date)
    except ValidationError:
        return None
    year, month = int(end[:4]), int(end[5:7] or 12)
    if start[8:] not in ("", "01") or end[8:] not in ("", f"{monthrange(year, month)[1]}"):
        return None
    return 12 * (year - int(start[:4])) + month - int(start[5:7] or 1) + 1
