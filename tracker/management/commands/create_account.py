"""An account from the shell: the first of a deployment, or where no mail can be sent."""

import secrets

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from tracker.actions.accounts import create_account
from tracker.models.user import ROLES


class Command(BaseCommand):
    help = "Creates an account, with a password that is shown once, or with a link to set one."

    def add_arguments(self, parser):
        parser.add_argument("--username", help="asked for where it is missing, as are the e-mail address and role")
        parser.add_argument("--email")
        parser.add_argument("--role", choices=ROLES)
        parser.add_argument("--name", default="", help="the full name")
        parser.add_argument("--link", action="store_true", help="print a link to set a password, not a password")

    def handle(self, *, username, email, role, name, link, **options):
        username = username or input("User name: ")
        email = email or input("E-mail address: ")
        role = role or input(f"Role ({', '.join(ROLES)}): ")
        password = None if link else secrets.token_urlsafe(15)
        try:
            user = create_account(username=username, email=email, role=role, name=name, password=password)
        except ValidationError as problem:
            raise CommandError(
                "\n".join(f"{field}: {' '.join(texts)}" for field, texts in problem.message_dict.items())
            ) from None
        self.stdout.write(f"{user.username} is {role}.")
        if link:
            keys = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
            address = (settings.PUBLIC_URL or "http://localhost:8000") + reverse(
                "account_reset_password_from_key", kwargs=keys
            )
            self.stdout.write(f"This link sets the password; it works once, for three days:\n  {address}")
        else:
            self.stdout.write(f"The password, shown only this once: {password}\nChange it after logging in.")
