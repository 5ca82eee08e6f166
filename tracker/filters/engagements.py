from django import forms

from tracker.filters.query import Choice, Choices, SortedQuery, Word


class EngagementQuery(SortedQuery):
    q = Word(label="Words", widget=forms.TextInput(attrs={"type": "search"}))
    channel = Choice(label="Channel", every="All channels")
    status = Choice(label="State", every="All states")
    year = Choice(label="Dated in", every="All years")
    technology = Choice(label="Technology", every="All technologies")
    category = Choice(label="Category", every="All categories")
    organisation = Choices(
        label="Organisation", every="All organisations", most=8, offered=30, help_text="Those named most often."
    )
    side = Choice(label="Organisation named on", every="Any side")
    reliability = Choice(label="Source", every="All marks")
    credibility = Choice(label="What it says", every="All marks")
    contested = Choice(label="Contested", every="Both")
    unconfirmed = Choice(label="Not confirmed for 24 months", every="Both")
    recheck = Choice(label="To be checked before quoting", every="Both")

    # What stands in the form before "More choices".
    FIRST = ("q", "channel", "status", "year", "technology")

    def first(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.FIRST]

    def more(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.FIRST]

    def more_is_chosen(self) -> bool:
        """Whether one of the choices that fold away is made."""
        return any(self.cleaned_data.get(field.name) for field in self.more())
