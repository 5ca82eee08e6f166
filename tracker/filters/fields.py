from tracker.filters.query import EditionQuery, PageQuery, SortedQuery, Words


class FieldListQuery(EditionQuery, SortedQuery):
    pass


class FieldQuery(PageQuery):
    """`side`: codes of the countries whose lines are drawn."""

    side = Words(most=8)
