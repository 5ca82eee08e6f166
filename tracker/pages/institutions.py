"""/institutions/."""

from __future__ import annotations

from tracker.analysis.institutions import InstitutionRow
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import Link, PageModel, TableData
from tracker.history.past import Moment
from tracker.models import InstitutionScore
from tracker.pages.home import tallies_table
from tracker.pages.rows import country_place, institution_place, reading_record
from tracker.pages.technologies import institution_values


def institution_list(*, q: str = "", sort: str = "", at: Moment | None = None) -> PageModel:
    """Every institution's rank that has been seen. Raises UnknownSortKey."""
    with reading_record(at) as reader:
        editions = reader.editions
        scores = tuple(
            InstitutionScore.objects.select_related("institution__country", "technology").order_by(
                "institution__name", "technology__name", "window_id", "pk"
            )
        )
        tallies = reader.tallies(institution__isnull=False)
        reader.show("institutionscore", [score.pk for score in scores])
        cited = reader.citations(
            {"institutionscore": [score.pk for score in scores], "tally": [tally.pk for tally in tallies]}
        )
        windows = {window.pk: window for window in editions.windows}
        words = q.casefold().split()
        rows = []
        for score in scores:
            window = windows[score.window_id]
            edition = editions.get(window.edition)
            institution = score.institution
            text = f"{institution.slug} {institution.name} {institution.country.name} {score.technology.name}"
            if not all(word in text.casefold() for word in words):
                continue
            rank, share = institution_values(score, cited)
            rows.append(
                InstitutionRow(
                    institution_place(institution.slug, institution.name),
                    country_place(institution.country.code, institution.country.name),
                    Link(score.technology.name, score.technology.get_absolute_url()),
                    Link(edition.name, edition.address),
                    window.years,
                    rank,
                    share,
                    score.note,
                )
            )
        named = len({score.institution_id for score in scores})
        return PageModel(
            title="Institutions",
            sentence=f"{named} institutions are named in what we have seen of the technology rankings, in "
            f"{len({score.technology_id for score in scores})} technologies.",
            address="/institutions/",
            trail=(Link("Home", "/"),),
            missing=(
                "We have not seen the full list of the top ten institutions of any technology, nor any institution's "
                "share.",
            ),
            tables=(
                TableData(
                    "institutions",
                    "Institutions named, with their rank in a technology",
                    ordered(rows, sort, InstitutionRow),
                    InstitutionRow,
                    empty="No institution fits this search.",
                ),
                tallies_table("Counts that editions state of institutions", tallies, editions, cited),
            ),
            stamp=reader.stamp(),
        )
