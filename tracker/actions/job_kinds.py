"""Every sort of job: one line each."""

from __future__ import annotations

from tracker.actions import digests, drawing, exports, integrity, link_checks, releases
from tracker.actions.backups import backup
from tracker.actions.import_checks import check
from tracker.actions.import_writes import write
from tracker.actions.jobs import JobKind
from tracker.actions.large_reverts import revert
from tracker.actions.tidying import forget
from tracker.history.public_files import kind_of

_ALL: tuple[JobKind, ...] = (
    JobKind("backup", backup, attempts=2),
    JobKind(exports.TEAM, exports.export),
    JobKind(kind_of("csv"), exports.everything_csv, attempts=3),
    JobKind(kind_of("xlsx"), exports.everything_xlsx, attempts=3),
    JobKind("forget-old", forget),
    JobKind("digest", digests.send),
    JobKind(drawing.KIND, drawing.draw),
    JobKind("integrity", integrity.check, attempts=2),
    JobKind("import-check", check, again=False),
    JobKind("import-write", write, again=False),
    JobKind("revert", revert),
    JobKind("links", link_checks.check),
    JobKind(releases.BUILDS, releases.build_files),
)

KINDS: dict[str, JobKind] = {kind.name: kind for kind in _ALL}
