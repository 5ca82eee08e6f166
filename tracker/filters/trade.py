from django import forms

from tracker.filters.query import Choice, SortedQuery, Word


class TradeQuery(SortedQuery):
    q = Word(label="Words", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Sort of trade", every="All sorts")
    exporter = Choice(label="Exporter", every="All exporters")
    importer = Choice(label="Importer", every="All importers")
    technology = Choice(label="Technology", every="All technologies")
