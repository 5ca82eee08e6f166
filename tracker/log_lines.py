"""What a log line may say. Loaded by the settings, before Django: imports nothing of the tracker."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

# What may stand in a line beside its text. `extra=` of other libraries brings whole requests.
LOG_NAMES = {
    "request_id", "user", "job", "job_kind", "attempt", "method", "path", "view", "status", "bytes", "ms",
}  # fmt: skip
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# PostgreSQL quotes the values of a row that it refuses: “DETAIL:  Key (email)=(ada@example.org) already exists.”
_ROW = re.compile(r"^(\s*(?:DETAIL|CONTEXT):).*$", re.MULTILINE)
# … and the line of a statement that it stumbles over, values and all, with a caret below the place.
_STATEMENT = re.compile(r"^(\s*(?:LINE \d+|QUERY|STATEMENT):).*(?:\n[ \t]*\^[ \t]*$)?", re.MULTILINE)
_PATH = re.compile(r": /\S*")
# A password in an address of a server: postgres://tracker:secret@host/name, redis://:secret@host/0.
_PASSWORD = re.compile(r"(\w+://[^\s:/@]*:)[^\s/@]+@")


def without_personal_data(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: mail addresses, passwords, quoted rows and statements are left out of texts and traces."""
    if str(line.get("logger", "")).startswith("django."):
        # “Internal Server Error: /accounts/invitation/…”: an address can be a secret. The line of the request has it.
        line["event"] = _PATH.sub("", str(line["event"]))
    for name in ("event", "exception"):
        if isinstance(line.get(name), str):
            text = _PASSWORD.sub(r"\1[left out]@", line[name])
            for quoted in (_ROW, _STATEMENT):
                text = quoted.sub(r"\1 [left out]", text)
            line[name] = _ADDRESS.sub("[address]", text)
    return line
