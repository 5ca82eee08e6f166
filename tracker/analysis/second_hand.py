"""What is known only from transcriptions and copies of a publication, not from the publication itself."""

from __future__ import annotations

from tracker.analysis.read_model import Cited

# The kinds of source that repeat another publication, in the words of a `SourceRef`.
SECOND_HAND_KINDS = frozenset({"transcription", "copy of another publication"})

TRANSCRIBED, READ_IN_A_COPY = "transcribed second-hand", "read in a copy"
WARNING = "Transcribed second-hand: check the original before quoting."


def second_hand_mark(cited: tuple[Cited, ...]) -> str:
    """TRANSCRIBED where sources speak of a record, and each of them repeats another publication; READ_IN_A_COPY where
    some of them do, and the others were themselves read in another publication; '' where one of them was read.

    Withheld sources do not count: of them it is not said what they are like.
    """
    open_ones = [citation for citation in cited if not citation.source.withheld]
    repeating = [citation.source.kind in SECOND_HAND_KINDS for citation in open_ones]
    if not open_ones or not all(
        repeats or citation.seen_through for repeats, citation in zip(repeating, open_ones, strict=True)
    ):
        return ""
    return TRANSCRIBED if all(repeating) else READ_IN_A_COPY
