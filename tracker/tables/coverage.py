from tracker.tables.columns import Linked, Number, PublishedTable


class CoverageTable(PublishedTable):
    wide = True
    edition = Linked("Edition", header=True)
    technologies = Number("Technologies or fields")
    leaders = Number("Leaders known")
    leader_shares = Number("Leaders' shares")
    both_shares = Number("Both shares")
    risks = Number("Risks")
    cells = Number("Cells")
    cells_known = Number("Cells known")
    cells_with_share = Number("With a share")
    scores_sourced = Number("Sourced")
    scores_cited_by_two = Number("Cited by two or more")
