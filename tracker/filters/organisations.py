from django import forms

from tracker.filters.query import Choice, SortedQuery, Word


class OrganisationListQuery(SortedQuery):
    q = Word(label="Name, alias or original name", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")
    country = Choice(label="Country", every="All countries")
    side = Choice(label="Takes part on", every="Every side")
