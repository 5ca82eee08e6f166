"""Whether the record that a page is of has gone out of use."""

from __future__ import annotations

from tracker.history.past import Moment, reading
from tracker.history.tracked import tracked_models
from tracker.models import RetirableRecord


def retired_day(*, kind: str, name: str, at: Moment | None = None) -> str:
    """The day since which the record is out of use, as an ISO date; "" for one in use: one query.

    `name` is what its address names it by.
    """
    model = tracked_models().get(kind)
    if model is None or not issubclass(model, RetirableRecord):
        return ""
    (key,) = model.key_fields
    with reading(at):
        found = model._default_manager.filter(**{key: name})
        day = found.order_by().values_list("retired", flat=True).first()
    return day.isoformat() if day else ""
