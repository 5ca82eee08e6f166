from django import forms

from tracker.filters.query import Choice, EditionQuery, Word


class CountryListQuery(EditionQuery):
    sortable = True
    q = Word(label="Name", widget=forms.TextInput(attrs={"type": "search"}))
    region = Choice(label="Region", every="All regions")


class CountryQuery(EditionQuery):
    sortable = True
