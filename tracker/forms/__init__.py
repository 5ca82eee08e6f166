"""Input of researchers: one mechanism for every kind of record, one registration a kind."""
