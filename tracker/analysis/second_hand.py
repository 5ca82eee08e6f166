"""What is known only from transcriptions and copies of a publication, not from the publication itself."""

from __future__ import annotations

from tracker.analysis.read_model import Cited

# The kinds of source that repeat another publication, in the words of a `SourceRef`.
SECOND_HAND_KINDS = frozenset({"transcription", "copy of another publication"})

MARK = "transcribed second-hand"
WARNING = "Transcribed second-hand: check the original before quoting."


def second_hand(cited: tuple[Cited, ...]) -> bool:
    """Whether sources speak of a record, and each of them repeats another publication.

    Withheld sources do not count: of them it is not said what they are like.
    """
    open_ones = [citation for citation in cited if not citation.source.withheld]
    return bool(open_ones) and all(citation.source.kind in SECOND_HAND_KINDS for citation in open_ones)
