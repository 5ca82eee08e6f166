"""What only transcriptions and copies say is marked; one original beside them is enough."""

import pytest

from tracker.analysis.read_model import Cited, SourceRef
from tracker.analysis.second_hand import second_hand


def cited(*kinds, withheld=()):
    return tuple(
        Cited(SourceRef(f"source-{at}", "A report", "", "", kind, f"/sources/source-{at}/", withheld=at in withheld))
        for at, kind in enumerate(kinds)
    )


@pytest.mark.parametrize(
    ("kinds", "withheld", "marked"),
    [
        (("transcription",), (), True),
        (("transcription", "copy of another publication"), (), True),
        (("transcription", "secondary"), (), False),
        (("primary",), (), False),
        ((), (), False),
        # Of a withheld source it is not said what it is like.
        (("transcription", "primary"), (1,), True),
        (("transcription",), (0,), False),
    ],
)
def test_second_hand_is_what_only_copies_say(kinds, withheld, marked):
    assert second_hand(cited(*kinds, withheld=withheld)) is marked
