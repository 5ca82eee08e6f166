"""The rules that rows are tried against where the database is not SQLite."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from django.db.backends.sqlite3._functions import register

from tests.own_database import ROOT
from tracker.history import trial

MAKER = """
import sys
from pathlib import Path
import django
django.setup()
from tracker.history import trial
trial.rules_folder = lambda: Path(sys.argv[1])
trial._migrated_file()
"""


def test_rules_are_whole_though_another_was_killed_while_it_made_them(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "rules_folder", lambda: tmp_path)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    maker = subprocess.Popen([sys.executable, "-c", MAKER, str(tmp_path)], env=environment, cwd=ROOT)
    for _ in range(600):
        if list(tmp_path.rglob("*-wal")) or maker.poll() is not None:
            break
        time.sleep(0.05)
    # Its child, which migrates, goes on meanwhile.
    maker.send_signal(signal.SIGKILL)
    assert maker.wait() == -signal.SIGKILL

    path = trial._migrated_file()
    with closing(sqlite3.connect(path)) as rules:
        register(rules)
        assert rules.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert rules.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 20
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, "making.lock"]
    assert trial._migrated_file() == path
