from django import forms

from tracker.filters.query import SortedQuery, Word


class InstitutionQuery(SortedQuery):
    q = Word(label="Institution, country or technology", widget=forms.TextInput(attrs={"type": "search"}))
