"""`make run`: everything from an empty folder to a served page. Each step is skipped when it is done already."""

import logging
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from tracker.actions.accounts import create_demo_accounts
from tracker.management.commands.work import services
from tracker.management.supervisor import Service, Supervisor

# Seconds that what runs may take to end: whoever sits before the screen waits for it.
PATIENCE = 5


class Command(BaseCommand):
    help = "Migrates, loads the seed data, creates the demo accounts once, serves the tracker and does its jobs."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--prepare-only", action="store_true", help="everything but serving and working")

    def handle(self, *, port, host, prepare_only, **options):
        if settings.PRODUCTION:
            raise CommandError("This command is for one's own machine; docs/settings.md says how to deploy.")
        if not prepare_only and not _free(host, port):
            raise CommandError(
                f"Port {port} is taken, perhaps by another `make run`. Another one: make run PORT={port + 1}"
            )
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
        connections.close_all()
        self.stdout.write(f"The tracker is at http://localhost:{port}  (Ctrl-C stops it)")
        self.stdout.flush()
        # Whoever tries the tracker wants to see what goes wrong, not each address that was asked for.
        quiet = ("/usr/bin/env", "LOG_LEVEL=WARNING") if logging.getLogger().level == logging.INFO else ()
        web = (
            *quiet, str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "--no-ws",
            "--respawn-failed-workers", "tracker.wsgi:application",
        )  # fmt: skip
        jobs = services(processes=settings.CELERY_WORKER_CONCURRENCY, beat=True)
        Supervisor([Service("web", web), *jobs], patience=PATIENCE).run()


def _free(host: str, port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True
