from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.database_moves import CannotMove, Moved, move


class Command(BaseCommand):
    help = "Copies a whole database into the empty one of DATABASE_URL and proves both equal (docs/deploy.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="url", required=True, metavar="URL",
            help="the database to be read, as DATABASE_URL would name it: sqlite:////srv/tracker/tracker.sqlite3",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        moved: list[Moved] = []
        try:
            result = move(url=options["url"], say=moved.append)
        except CannotMove as why:
            raise CommandError(f"Nothing was moved. {why}") from why
        for one in moved:
            self.stdout.write(f"{one.checksum}  {one.rows:>9,}  {one.table}")
        self.stdout.write(
            f"Equal on both sides: {len(moved)} tables, {sum(one.rows for one in moved):,} rows. "
            f"Sound: {result.revisions:,} revisions up to r{result.last_number}, {result.records:,} records."
        )
