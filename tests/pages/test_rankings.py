"""A ranking of very many countries: what is known of their place comes first, and only that is drawn."""

import pytest

from tests.factories import (
    CountryFactory,
    EditionFactory,
    EditionTechnologyFactory,
    ScoreFactory,
    TechnologyFactory,
    WindowFactory,
)
from tracker.pages import figures, technologies

pytestmark = pytest.mark.django_db


def test_publications_alone_come_after_shares_and_are_not_drawn():
    window = WindowFactory(edition=EditionFactory(featured=True))
    entry = EditionTechnologyFactory(edition=window.edition, technology=TechnologyFactory())
    common = {"window": window, "technology": entry.technology, "share": None, "share_decimals": None}
    for count in (5, 900, 70):
        ScoreFactory(**common, country=CountryFactory(name=f"With {count}"), rank_from=None, rank_to=None,
                     publications=count)  # fmt: skip
    for rank in range(1, 41):
        ScoreFactory(**common, country=CountryFactory(name=f"Rank {rank}"), rank_from=rank, rank_to=rank)

    page = technologies.technology(slug=entry.technology.slug)
    drawn = figures.ranking(technology=entry.technology.slug)

    names = [row.place.name for row in page.table("ranking").rows]
    assert names == [f"Rank {rank}" for rank in range(1, 41)] + ["With 900", "With 70", "With 5"]
    assert [bar.place.name for bar in drawn.bars] == names[:30]
    assert page.figures[0].size == 30
    assert "13 more countries are in the table" in page.figures[0].alt


def test_where_no_place_is_known_nothing_is_drawn():
    window = WindowFactory(edition=EditionFactory(featured=True))
    entry = EditionTechnologyFactory(edition=window.edition, technology=TechnologyFactory())
    ScoreFactory(window=window, technology=entry.technology, rank_from=None, rank_to=None, share=None,
                 share_decimals=None, publications=12)  # fmt: skip

    assert not [ref for ref in technologies.technology(slug=entry.technology.slug).figures if ref.name == "ranking"]
    assert figures.ranking(technology=entry.technology.slug).bars == ()
