from tracker.filters.query import SortedQuery, Word, Words


class CompareQuery(SortedQuery):
    """A comparison. `in` and `swap` are the form's own: the page answers them with the address they mean."""

    # A bloc of all countries has about 250 codes.
    side = Words(most=8, longest=1000)
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
