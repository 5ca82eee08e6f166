from django import forms

from tracker.filters.query import PageQuery, Word


class SearchQuery(PageQuery):
    q = Word(label="Search for", widget=forms.TextInput(attrs={"type": "search"}))
