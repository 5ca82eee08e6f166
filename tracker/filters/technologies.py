from django import forms

from tracker.filters.query import Choice, EditionQuery, SortedQuery, Word


class TechnologyQuery(EditionQuery, SortedQuery):
    q = Word(label="Name", widget=forms.TextInput(attrs={"type": "search"}))
    category = Choice(label="Category", every="All categories")
    leader = Choice(label="Leader", every="All leaders")
    risk = Choice(label="Monopoly risk", every="All levels")
