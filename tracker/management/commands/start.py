"""`make run`: everything from an empty folder to a served page. Each step is skipped when it is done already."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tracker.actions.accounts import create_demo_accounts


class Command(BaseCommand):
    help = "Migrates, loads the seed data, creates the demo accounts once, and serves the tracker."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--prepare-only", action="store_true", help="everything but serving")

    def handle(self, *, port, host, prepare_only, **options):
        if settings.PRODUCTION:
            raise CommandError("This command is for one's own machine; docs/settings.md says how to deploy.")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            call_command("migrate", verbosity=0)
        call_command("load_seed")
        accounts = create_demo_accounts()
        if accounts:
            self.stdout.write("Demo accounts, shown only this once (log in at /login/):")
            for account in accounts:
                self.stdout.write(f"  {account.username:<12} {account.password}")
        if prepare_only:
            return
        self.stdout.write(f"The tracker is at http://localhost:{port}  (Ctrl-C stops it)")
        self.stdout.flush()
        granian = Path(sys.executable).with_name("granian")
        arguments = [
            "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1",
            "--blocking-threads", "4", "--log-level", "warning", "--no-ws", "tracker.wsgi:application",
        ]  # fmt: skip
        os.execv(granian, arguments)  # noqa: S606  (the server of our own environment)
