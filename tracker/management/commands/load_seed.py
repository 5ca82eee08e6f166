from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.actions.seed import load_seed
from tracker.ingest.table_file import FileRefused


class Command(BaseCommand):
    help = "Loads the seed files of fixtures/ (docs/fixtures.md): all or nothing; a second time changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "fixtures")
        parser.add_argument(
            "--unchanged-too", action="store_true", help="compare every row, also of files loaded before"
        )

    def handle(self, *, folder, unchanged_too, **options):
        try:
            outcomes = load_seed(folder=folder, unchanged_too=unchanged_too)
        except FileRefused as refused:
            raise CommandError(f"Nothing was changed.\n{refused}") from None
        if not outcomes:
            self.stdout.write("Seed data: nothing new.")
        for outcome in outcomes:
            line = (
                f"{outcome.file}.csv: {outcome.rows} rows: {outcome.created} created, {outcome.changed} changed, "
                f"{outcome.unchanged} unchanged"
            )
            if outcome.kept:
                line += f", {len(outcome.kept)} kept as people have edited them: {', '.join(outcome.kept[:5])}"
            self.stdout.write(line)
