from django import forms

from tracker.filters.history import Day
from tracker.filters.query import MomentQuery, Word, Words


class FigureQuery(MomentQuery):
    """The query of a figure: the page's own names, and how it is to look."""

    edition = Word()
    technology = Word()
    category = Word()
    field = Word()
    channel = Word()
    organisation = Word()
    control = Word()
    on = Day("Day")
    good = Word()
    # A bloc of all countries has about 250 codes.
    side = Words(most=8, longest=1000)
    from_ = Word()
    to = Word()
    size = forms.ChoiceField(required=False, choices=[("", "wide"), ("narrow", "narrow")])
    theme = forms.ChoiceField(required=False, choices=[("", "light"), ("light", "light"), ("dark", "dark")])
