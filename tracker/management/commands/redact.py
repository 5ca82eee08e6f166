import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.redactions import CannotRedact, redact_notes, redact_revisions, withdraw_name
from tracker.models import User


class Command(BaseCommand):
    help = "Takes something out of the history for good: values of revisions or notes of acts (by law), or a person's name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--revision", action="append", metavar="r123", help="May be repeated.")
        what.add_argument(
            "--act", action="append", type=int, metavar="7", help="Takes out its note. May be repeated."
        )
        what.add_argument("--name-of", metavar="USERNAME", help="The person whose name is withdrawn.")
        parser.add_argument("--field", action="append", default=[], help="The column to take out. May be repeated.")
        parser.add_argument("--what", default="", help="What is taken out, in words that do not repeat it.")
        parser.add_argument("--grounds", required=True, help="The decision, order or request, with its date.")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="The administrator who does it.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._user(options["by"])
        if not by.may("redact"):
            raise CommandError(f"{by.get_username()} may not redact: only an administrator does.")
        try:
            if options["name_of"]:
                done = withdraw_name(user=self._user(options["name_of"]), grounds=options["grounds"], by=by)
            elif options["act"]:
                done = redact_notes(acts=options["act"], what=options["what"], grounds=options["grounds"], by=by)
            else:
                if not options["field"]:
                    raise CommandError("Name the columns to take out: --field note.")
                done = redact_revisions(
                    numbers=[self._number(text) for text in options["revision"]], fields=options["field"],
                    what=options["what"], grounds=options["grounds"], by=by,
                )  # fmt: skip
        except CannotRedact as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{done.code}: taken out of {done.rows}.")

    def _number(self, text: str) -> int:
        if not re.fullmatch(r"r?\d{1,18}", text):
            raise CommandError(f"“{text}” is no revision: write r123.")
        return int(text.lstrip("r"))

    def _user(self, name: str) -> User:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.")
        return user
