from django import forms

from tracker.filters.query import PageQuery, Word


class InstitutionQuery(PageQuery):
    sortable = True
    q = Word(label="Institution, country or technology", widget=forms.TextInput(attrs={"type": "search"}))
