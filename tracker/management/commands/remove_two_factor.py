"""For an administrator who has lost phone and recovery codes. Others are helped on the page of the team."""

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.accounts import remove_two_factor
from tracker.models import User


class Command(BaseCommand):
    help = "Removes a person's authenticator app, passkeys and recovery codes, and ends their sessions."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no account “{username}”.")
        removed = remove_two_factor(user=user, by=None)
        self.stdout.write(f"Removed: {removed}. {user.username} logs in with the password alone now.")
