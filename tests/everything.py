"""`make test`: every check, each named before it runs; all run even if one fails.

With CI=true a missing Chromium fails the browser tests instead of skipping them. Where TEST_DATABASE_URL
names a PostgreSQL database the suite runs again on it, but for what no database changes (the mark `once`); where
TEST_REDIS_URL names a Redis that run has it for its messages and its shared cache, as a deployment of several hosts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

CHECKS = (
    ("lint", ["ruff", "check", "tracker", "tests", "manage.py"]),
    ("format", ["ruff", "format", "--check", "--quiet", "tracker", "tests", "manage.py"]),
    ("templates", ["djlint", "--lint", "--quiet", "templates"]),
    ("layers", ["lint-imports", "--no-cache"]),
    ("types", ["mypy"]),
    ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
)
SUITE = [sys.executable, "-m", "pytest", "-n", "2", "-q"]


def main(arguments: list[str]) -> int:
    failed = []
    # What the shell around says of a deployment is not for the checks.
    ours = ("DATABASE_URL", "TEST_DATABASE_URL", "REDIS_URL", "TEST_REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS",
            "PUBLIC_URL", "BEHIND_PROXY", "METRICS_TOKEN", "PROMETHEUS_MULTIPROC_DIR")  # fmt: skip
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("TRACKER_", "SECURE_", "BACKUP", "LOG_"))
    }
    steps = [(name, command, environment) for name, command in CHECKS]
    if "--without-tests" not in arguments:
        steps.append(("tests on SQLite", SUITE, environment))
        if url := os.environ.get("TEST_DATABASE_URL"):
            servers = {"TEST_DATABASE_URL": url}
            name = "tests on PostgreSQL"
            if redis := os.environ.get("TEST_REDIS_URL"):
                servers["REDIS_URL"] = redis
                name += " and Redis"
            steps.append((name, [*SUITE, "-m", "not once"], environment | servers))
    for name, command, variables in steps:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        if subprocess.run(command, env=variables, check=False).returncode:
            failed.append(name)
        print(f"== {name}: {'FAILED' if name in failed else 'ok'}, {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
