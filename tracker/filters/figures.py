from django import forms

from tracker.filters.query import Word


class FigureQuery(forms.Form):
    """The query of a figure: the page's own names, and how it is to look."""

    edition = Word()
    technology = Word()
    field = Word()
    size = forms.ChoiceField(required=False, choices=[("", "wide"), ("narrow", "narrow")])
    theme = forms.ChoiceField(required=False, choices=[("", "light"), ("light", "light"), ("dark", "dark")])
