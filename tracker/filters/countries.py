from django import forms

from tracker.filters.query import Choice, EditionQuery, SortedQuery, Word


class CountryListQuery(EditionQuery, SortedQuery):
    q = Word(label="Name", widget=forms.TextInput(attrs={"type": "search"}))
    region = Choice(label="Region", every="All regions")


class CountryQuery(EditionQuery, SortedQuery):
    pass
