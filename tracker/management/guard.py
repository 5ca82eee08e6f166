"""Outlives a supervisor that is killed, and ends what it leaves behind.

A script of its own that needs nothing but Python: it reads from the supervisor which process groups there are
("+12" begun, "-12" ended). When the line breaks, the supervisor is dead: the groups that are left are killed.
"""

import contextlib
import os
import signal
import sys

groups: set[int] = set()
for line in sys.stdin:
    group = int(line[1:])
    if line[0] == "+":
        groups.add(group)
    else:
        groups.discard(group)
for group in groups:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
