import pytest

from tests.factories import EngagementFactory, OrganisationFactory, ParticipationFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Participation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("both", [True, False])
def test_party_that_is_named_and_unnamed_or_neither_is_refused(both):
    party = {"unnamed": "Chinese banks not named"} if both else {"organisation": None}

    with refused_by("participation_is_of_one_party", Participation):
        ParticipationFactory(**party)


def test_unnamed_party_is_a_party():
    party = made_with(ParticipationFactory, organisation=None, unnamed="Chinese banks not named")

    assert list(party.engagement.parties.all()) == [party]


def test_two_parties_at_one_place_are_refused():
    first = ParticipationFactory()

    with refused_by("participation_once_in_a_place", Participation):
        ParticipationFactory(engagement=first.engagement)


def test_parties_stand_in_the_order_of_their_side():
    engagement = EngagementFactory()
    places = [("russian", 1), ("chinese", 2), ("chinese", 1), ("other", 1)]
    for side, position in places:
        ParticipationFactory(engagement=engagement, side=side, position=position, organisation=OrganisationFactory())

    assert list(engagement.parties.values_list("side", "position")) == sorted(places)
    assert engagement.parties.first().key() == f"{engagement.slug}/chinese/1"
