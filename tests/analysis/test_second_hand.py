"""What only transcriptions and copies say is marked; one original beside them is enough."""

from dataclasses import replace

import pytest

from tracker.analysis.read_model import Cited, SourceRef
from tracker.analysis.second_hand import READ_IN_A_COPY, TRANSCRIBED, second_hand_mark


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
    assert second_hand_mark(cited(*kinds, withheld=withheld)) == (TRANSCRIBED if marked else "")


def test_what_was_read_in_another_publication_is_marked_so():
    (original,), (copied,) = cited("secondary"), cited("transcription")
    through = replace(original, seen_through=original.source)

    assert second_hand_mark((through,)) == READ_IN_A_COPY
    assert second_hand_mark((through, copied)) == READ_IN_A_COPY
    assert second_hand_mark((replace(copied, seen_through=original.source),)) == TRANSCRIBED
    # One of them was read itself.
    assert second_hand_mark((through, original)) == ""
