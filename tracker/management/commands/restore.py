from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.backups import CannotBackUp, CannotRestore, restore


class Command(BaseCommand):
    help = "Puts a backup into the database of DATABASE_URL, migrates it and verifies its history (docs/backups.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the backup; its manifest lies beside it")
        parser.add_argument(
            "--replace", action="store_true", help="also where the database holds something: that is backed up first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore(file=options["file"].resolve(), replace=options["replace"])
        except (CannotRestore, CannotBackUp) as why:
            raise CommandError(f"Nothing was restored. {why}") from why
        if done.before is not None:
            self.stdout.write(f"What the database held is in {done.before}")
        manifest, result = done.manifest, done.verification
        self.stdout.write(f"Restored {manifest.file}, made on {manifest.made_at} by {manifest.build}.")
        if not result.is_sound:
            for finding in result.findings:
                self.stderr.write(finding)
            raise CommandError("It is restored, and its history is not sound: see above.")
        self.stdout.write(
            f"Sound: {result.revisions:,} revisions, {result.records:,} records. The log ends with "
            f"r{result.last_number}, as the manifest says."
        )
