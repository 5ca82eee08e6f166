from django import forms

from tracker.filters.query import Choice, PageQuery, Word


class SourceQuery(PageQuery):
    sortable = True
    q = Word(label="Title or publisher", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")
