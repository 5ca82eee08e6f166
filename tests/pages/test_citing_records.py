"""Records of cooperation on the page of a source that they cite."""

import pytest

from tests.factories import (
    CaseFactory,
    ChannelFactory,
    CitationFactory,
    ClaimFactory,
    EngagementFactory,
    EngagementTechnologyFactory,
    OrganisationFactory,
    ParticipationFactory,
    SourceFactory,
    StatusFactory,
)
from tests.history.acting import create
from tracker.models import Category, Source
from tracker.pages import sources

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_source():
    # Without a record there is no version to read.
    create(Category(slug="energy", name="Energy", position=1))
    return SourceFactory(slug="open")


def cite(source, *records) -> None:
    for record in records:
        CitationFactory(cited=record, source=source)


def rows_of(source: Source) -> dict[str, tuple[str, str]]:
    """Kind of record -> its name and address on the page of the source."""
    page = sources.source(slug=source.slug)
    return {row.kind: (row.record.text, row.record.address) for row in page.tables[0].rows}


def test_each_record_leads_to_the_page_on_which_it_stands(open_source):
    deal = EngagementFactory(slug="deal", title="A deal")
    bank = OrganisationFactory(slug="bank", name="Bank")
    case = CaseFactory(slug="balloon", title="A balloon")
    cite(
        open_source,
        deal,
        bank,
        case,
        ChannelFactory(slug="funds", name="Funds"),
        StatusFactory(engagement=deal, as_of="2019-06", state="active"),
        ParticipationFactory(engagement=deal, organisation=bank),
        EngagementTechnologyFactory(engagement=deal, technology=None, topic="Mathematics"),
        ClaimFactory(about=case, speaker="Ann Other, minister", date="2023-02"),
    )

    assert rows_of(open_source) == {
        "engagement": ("A deal", "/engagements/deal/"),
        "organisation": ("Bank", "/organisations/bank/"),
        "case": ("A balloon", "/cases/balloon/"),
        "channel": ("Funds", "/cooperation/funds/"),
        "status of an engagement": ("A deal · 2019-06 · active", "/engagements/deal/"),
        "party to an engagement": ("A deal · chinese · 1", "/engagements/deal/"),
        "subject of an engagement": ("A deal · Mathematics", "/engagements/deal/"),
        "claim": ("A balloon · Ann Other, minister · 2023-02 · asserts", "/cases/balloon/"),
    }


@pytest.mark.parametrize("about", ["engagement", "organisation"])
def test_claim_leads_to_what_it_is_about(open_source, about):
    subject = EngagementFactory(title="It") if about == "engagement" else OrganisationFactory(name="It")
    cite(open_source, ClaimFactory(about=subject, speaker="Ann", date=""))

    assert rows_of(open_source) == {"claim": ("It · Ann · asserts", subject.get_absolute_url())}


def test_engagement_of_which_only_withheld_sources_speak_is_not_named(open_source):
    withheld = SourceFactory(slug="withheld", reuse=Source.Reuse.NO)
    deal = EngagementFactory(slug="secret-deal", title="A secret deal")
    status = StatusFactory(engagement=deal)
    cite(withheld, deal)
    cite(open_source, status)

    for source in (withheld, open_source):
        ((name, address),) = rows_of(source).values()

        assert (name, address) == (sources.WITHHELD, f"/sources/{source.slug}/")


def test_engagement_of_which_another_source_speaks_too_is_named(open_source):
    withheld = SourceFactory(slug="withheld", reuse=Source.Reuse.NO)
    deal = EngagementFactory(slug="deal", title="A deal")
    cite(withheld, deal)
    cite(open_source, deal)

    assert rows_of(withheld) == rows_of(open_source) == {"engagement": ("A deal", "/engagements/deal/")}


def test_withheld_status_of_an_open_engagement_is_not_named(open_source):
    withheld = SourceFactory(slug="withheld", reuse=Source.Reuse.NO)
    deal = EngagementFactory(slug="deal", title="A deal")
    cite(open_source, deal)
    cite(withheld, StatusFactory(engagement=deal, as_of="2019-06", state="stalled"))

    assert rows_of(withheld) == {"status of an engagement": (sources.WITHHELD, "/sources/withheld/")}
