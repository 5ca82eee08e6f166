"""Named constraints for records about a place: a country or a bloc."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce


def one_of(*columns: str, name: str, or_none: bool = False) -> models.CheckConstraint:
    """Exactly one of the nullable columns is filled (`or_none`: at most one)."""
    choices: tuple[str | None, ...] = (*columns, None) if or_none else columns
    terms = [Q(**{f"{column}__isnull": column != filled for column in columns}) for filled in choices]
    return models.CheckConstraint(
        name=name,
        condition=reduce(or_, terms),
        violation_error_message=f"Fill {'at most' if or_none else 'exactly'} one of: {', '.join(columns)}.",
    )


def rank_range(name: str) -> models.CheckConstraint:
    """`rank_from` and `rank_to` are both empty, or 1 ≤ from ≤ to.

    Here as in every check: SQL takes "unknown" for a pass, so a column that must be filled is named as such.
    """
    return models.CheckConstraint(
        name=name,
        condition=Q(rank_from__isnull=True, rank_to__isnull=True)
        | Q(
            rank_from__isnull=False,
            rank_to__isnull=False,
            rank_from__gte=1,
            rank_to__gte=models.F("rank_from"),
        ),
        violation_error_message="A rank is 1 or more, and a range runs upwards.",
    )


def once(*columns: str, nullable: tuple[str, ...], name: str) -> models.UniqueConstraint:
    """Unique over `columns` and `nullable`, where an empty reference equals another empty one.

    Written as an index on expressions, because SQLite has no NULLS NOT DISTINCT.
    """
    return models.UniqueConstraint(*columns, *(Coalesce(column, 0) for column in nullable), name=name)
