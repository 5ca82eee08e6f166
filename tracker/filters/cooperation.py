from tracker.filters.query import EditionQuery


class CooperationQuery(EditionQuery):
    """The overview and a channel: who leads is told by one edition at a time."""
