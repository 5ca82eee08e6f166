"""Another role for somebody, from the shell: for the day no administrator can log in."""

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.accounts import LastAdministrator, set_role
from tracker.models import User
from tracker.models.user import ROLES


class Command(BaseCommand):
    help = "Gives a person a role."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("role", choices=ROLES)

    def handle(self, *, username, role, **options):
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no account “{username}”.")
        try:
            set_role(user=user, role=role, by=None)
        except LastAdministrator as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{user.username} is {role} now.")
