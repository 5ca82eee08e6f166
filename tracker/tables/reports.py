"""The way from a value to the report of an error."""

from __future__ import annotations

from urllib.parse import quote_plus

from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.read_model import THIN_SPACE, Value

# A page has hundreds of values: the link says no more than the value. The page is known from where the reader
# comes from; with JavaScript the link learns the row and the column, too.
LONGEST = 60


def report_link(value: Value) -> SafeString:
    """The link that stands last in the panel of a value."""
    said = value.text.replace(THIN_SPACE, "")[:LONGEST]
    return mark_safe(f'<a href="/report/?value={quote_plus(said)}">Wrong?</a>')  # noqa: S308  (quoted)
