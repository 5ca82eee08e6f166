import pytest
from django.db import IntegrityError, transaction

from tests.factories import ChannelFactory
from tests.models.rules import made_with
from tracker.models import Channel

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("column", ["slug", "name"])
def test_channel_names_are_unique(column):
    channel = ChannelFactory()

    with pytest.raises(IntegrityError, match=rf"tracker_channel[._]{column}"), transaction.atomic():
        ChannelFactory(**{column: getattr(channel, column)})


def test_channel_says_whose_it_is():
    ours = made_with(ChannelFactory, origin="ours")

    assert (ours.get_origin_display(), ours.get_absolute_url()) == ("ours", f"/cooperation/{ours.slug}/")


def test_channels_stand_in_their_order():
    second, first = ChannelFactory(position=2), ChannelFactory(position=1)

    assert list(Channel.objects.all()) == [first, second]
