from django import forms

from tracker.filters.query import Choice, EditionQuery, PageQuery, Word


class FieldListQuery(EditionQuery):
    sortable = True


class SortedQuery(PageQuery):
    sortable = True


class SourceQuery(PageQuery):
    sortable = True
    q = Word(label="Title or publisher", widget=forms.TextInput(attrs={"type": "search"}))
    kind = Choice(label="Kind", every="All kinds")


class InstitutionQuery(PageQuery):
    sortable = True
    q = Word(label="Institution, country or technology", widget=forms.TextInput(attrs={"type": "search"}))


class SearchQuery(PageQuery):
    q = Word(label="Search for", widget=forms.TextInput(attrs={"type": "search"}))
