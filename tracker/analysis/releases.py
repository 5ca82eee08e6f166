"""Releases: named states of the whole record."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.analysis.read_model import Link, PageModel


@dataclass(frozen=True)
class ReleaseRow:
    release: Link
    released: str
    state: str
    notes: str
    checksum: str


@dataclass(frozen=True)
class KindTotal:
    """How many records of a kind a state holds."""

    kind: str
    records: int


@dataclass(frozen=True)
class ReleaseDownload:
    """The file of a release: its address, bytes, and the sha256 of its content."""

    address: str
    size: int
    sha256: str

    @property
    def megabytes(self) -> str:
        return f"{self.size / 1_000_000:.1f}"


@dataclass(frozen=True, kw_only=True)
class ReleasePage(PageModel):
    """`number` and `digest`: the last revision of the state. `checksum`: over its records. `changes`: the address of
    what differs from the release before; "" for the first. `redacted`: rows up to it that lost their text. `file`:
    its records to take away; None while it is being made."""

    name: str
    number: int
    digest: str
    checksum: str
    released: str
    notes: str
    previous: Link | None
    changes: str
    redacted: int
    file: ReleaseDownload | None = None
