from tracker.filters.query import EditionQuery, SortedQuery


class FieldListQuery(EditionQuery, SortedQuery):
    pass
