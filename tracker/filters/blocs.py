from tracker.filters.query import EditionQuery, SortedQuery


class BlocListQuery(EditionQuery, SortedQuery):
    pass
