"""Every write: one verb, keyword-only, `by=` or a command's name, one transaction, recorded."""
