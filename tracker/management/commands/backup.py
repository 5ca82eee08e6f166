from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.actions.backups import CannotBackUp, rotate, take


class Command(BaseCommand):
    help = "Writes a backup of the whole database and its manifest (docs/backups.md), while others read and write."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", type=Path, metavar="FOLDER",
            help="instead of BACKUP_DIR; there nothing old is removed",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file, manifest = take(into=options["to"] or settings.BACKUP_DIR)
        except (CannotBackUp, OSError) as why:
            raise CommandError(f"No backup was made. {why}") from why
        self.stdout.write(f"{file}: {manifest.size:,} bytes, up to r{manifest.revision}, sha256 {manifest.sha256}")
        if options["to"] is None:
            for gone in rotate(settings.BACKUP_DIR):
                self.stdout.write(f"{gone.name}: no longer kept, removed")
