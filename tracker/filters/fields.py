from tracker.filters.query import EditionQuery


class FieldListQuery(EditionQuery):
    sortable = True
