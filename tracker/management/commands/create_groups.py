"""The groups that are the roles. The migrations make them; this makes one again that was deleted."""

from django.core.management.base import BaseCommand

from tracker.actions.accounts import create_groups


class Command(BaseCommand):
    help = "Creates the groups researcher, editor and admin where they are missing."

    def handle(self, **options):
        made = create_groups()
        self.stdout.write(f"Created: {', '.join(made)}." if made else "All groups were there.")
