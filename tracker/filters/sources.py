from django import forms

from tracker.filters.query import Choice, SortedQuery, Word


class SourceQuery(SortedQuery):
    q = Word(label="Title or publisher", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")
