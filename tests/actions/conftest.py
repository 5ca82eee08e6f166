"""People and a small world for imports."""

import pytest

from tests.actions.importing import person
from tests.factories import CountryFactory, SourceFactory, TechnologyFactory, WindowFactory
from tests.history.acting import act


@pytest.fixture
def anna():
    return person("researcher", display_name="Anna Li")


@pytest.fixture
def edith():
    return person("editor", display_name="Edith")


@pytest.fixture
def world():
    """One window, one technology, 26 countries, one source."""
    with act():
        window = WindowFactory(edition__slug="ed", first_year=2018, last_year=2022)
        technology = TechnologyFactory(slug="quantum", name="Quantum computing")
        countries = [CountryFactory(code=f"A{chr(65 + n)}", name=f"Land {n}") for n in range(26)]
        source = SourceFactory(slug="report")
    return {"window": window, "technology": technology, "countries": countries, "source": source}
