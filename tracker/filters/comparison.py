from tracker.filters.query import SortedQuery, Word, Words


class CompareQuery(SortedQuery):
    """A comparison. `in` and `swap` are the form's own: the page answers them with the address they mean."""

    side = Words(most=8)
    category = Word()
    technology = Word()
    field = Word()
    edition = Word()
    from_ = Word()
    to = Word()
    in_ = Word()
    swap = Word()

    def visible(self) -> bool:
        """The page draws its own form, the sentence."""
        return False
