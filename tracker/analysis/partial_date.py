"""Dates of the world, known to the year, the month or the day: their order, and the days they may mean.

`2019` is a whole year, not its first day: it is drawn as a bar of the year. In order it stands before the months
and days within it (`2019`, `2019-01`, `2019-01-05`, `2019-02`), everywhere alike: that is the order of the text, in
which the database sorts too. An empty date is not known.
"""

from __future__ import annotations

import datetime
from calendar import monthrange
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both included."""

    first: datetime.date
    last: datetime.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def first_day(date: str) -> datetime.date:
    """The first day that a known date can mean: 1 January 2019 for `2019`. ValueError where it is no date."""
    parts = [int(part) for part in date.split("-")]
    return datetime.date(*parts, *(1, 1, 1)[len(parts) :])


def last_day(date: str) -> datetime.date:
    """The last day that a known date can mean: 31 December 2019 for `2019`. ValueError where it is no date."""
    first = first_day(date)
    if len(date) == 4:
        return first.replace(month=12, day=31)
    return first.replace(day=monthrange(first.year, first.month)[1]) if len(date) == 7 else first


def span(start: str, end: str = "") -> Span | None:
    """From the first day of `start` to the last of `end`; without an end the days that `start` may mean.

    None where the start is not known. What is `2017-06` to `2017` ends with the year.
    """
    if not start:
        return None
    return Span(first_day(start), max(last_day(start), last_day(end)) if end else last_day(start))


def year(date: str) -> str:
    """The year of a date; '' where it is not known."""
    return date[:4]


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, or the last one of a shorter month: 29 February 2024 + 24 = 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    there = day.year + years
    return datetime.date(there, month + 1, min(day.day, monthrange(there, month + 1)[1]))
