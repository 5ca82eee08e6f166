import pytest

from tests.factories import CaseFactory, ClaimFactory, EngagementFactory, OrganisationFactory, TechnologyFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Claim

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "room"),
    [(EngagementFactory, "engagements"), (CaseFactory, "cases"), (OrganisationFactory, "organisations")],
)
def test_claim_leads_to_what_it_is_about(factory, room):
    about = factory()

    claim = made_with(ClaimFactory, about=about)

    assert (claim.kind, claim.record, claim.record_key) == (about.record_kind(), about.pk, about.slug)
    assert claim.get_absolute_url() == about.get_absolute_url() == f"/{room}/{about.slug}/"


def test_claim_about_another_kind_of_record_is_refused():
    with refused_by("claim_is_about_a_known_kind", Claim):
        ClaimFactory(about=TechnologyFactory())


def test_claim_of_a_date_that_is_none_is_refused():
    with refused_by("claim_date_is_a_date", Claim):
        ClaimFactory(date="2023-2")


def test_claim_is_refused_a_second_time():
    first = ClaimFactory(date="2023-02")

    with refused_by("claim_once", Claim):
        ClaimFactory(kind=first.kind, record=first.record, speaker=first.speaker, date="2023-02", position=2)


@pytest.mark.parametrize("other", [{"stance": "declines"}, {"date": "2023-03"}, {"speaker": "Somebody else"}])
def test_claim_of_another_stance_date_or_speaker_is_accepted(other):
    first = ClaimFactory(date="2023-02")
    same = {"kind": first.kind, "record": first.record, "record_key": first.record_key, "speaker": first.speaker}

    made_with(ClaimFactory, **{**same, "date": "2023-02", **other})

    assert Claim.objects.count() == 2


def test_claim_knows_nothing_of_evidence_unless_it_is_told():
    claim = made_with(ClaimFactory)

    assert (claim.evidence_shown, claim.evidence) == ("unknown", "")
