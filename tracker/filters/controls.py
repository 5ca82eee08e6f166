from django import forms

from tracker.filters.history import Day
from tracker.filters.query import Choice, SortedQuery, Word


class OnDay(Day):
    """A day of the world: who was listed on it. The record's own time is `as_of`."""

    def __init__(self, label: str = "Who was listed on") -> None:
        super().__init__(label)
        self.help_text = "Any day, as 2022-10-05."


class ControlListQuery(SortedQuery):
    q = Word(label="Words", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")
    country = Choice(label="Issued by", every="All countries")


class ControlQuery(SortedQuery):
    on = OnDay()
