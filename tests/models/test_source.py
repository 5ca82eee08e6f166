import pytest

from tests.factories import CitationFactory, SourceFactory, TechnologyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Citation

pytestmark = pytest.mark.django_db


def test_citation_is_refused_a_second_time():
    technology = TechnologyFactory()
    first = CitationFactory(cited=technology)

    with refused_by("citation_once", Citation):
        CitationFactory(cited=technology, source=first.source)


def test_citation_of_another_field_or_by_another_source_is_accepted():
    technology = TechnologyFactory()
    first = CitationFactory(cited=technology)

    made_with(CitationFactory, cited=technology, source=first.source, field="definition")
    made_with(CitationFactory, cited=technology, seen_through=SourceFactory())

    assert Citation.objects.filter(kind="technology", record=technology.pk).count() == 3


@pytest.mark.parametrize(("column", "mark"), [("reliability", "G"), ("reliability", "a"), ("credibility", "0")])
def test_citation_with_other_marks_than_admiralty_codes_is_refused(column, mark):
    with refused_by("citation_marks_are_admiralty_codes", Citation):
        CitationFactory(**{column: mark})


@pytest.mark.parametrize(("reliability", "credibility"), [("A", "1"), ("F", "6"), ("", ""), ("B", "")])
def test_citation_with_admiralty_codes_is_accepted(reliability, credibility):
    citation = made_with(CitationFactory, reliability=reliability, credibility=credibility)

    assert (citation.reliability, citation.credibility) == (reliability, credibility)
