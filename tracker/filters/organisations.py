from django import forms

from tracker.filters.controls import OnDay
from tracker.filters.query import Choice, PageQuery, SortedQuery, Word


class OrganisationListQuery(SortedQuery):
    q = Word(label="Name, alias or original name", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")
    country = Choice(label="Country", every="All countries")
    side = Choice(label="Takes part on", every="Every side")
    listed = Choice(label="On the list", every="Any, or none")


class OrganisationQuery(PageQuery):
    on = OnDay("Where it was listed on")
