import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.history.verification import verify


class Command(BaseCommand):
    help = "Proves that no row of the history was changed or removed, and that the records are what it says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect", action="append", default=[], metavar="r123:DIGEST",
            help="A revision and its digest that you know from elsewhere, such as a cited release. May be repeated.",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        expected = []
        for text in options["expect"]:
            found = re.fullmatch(r"r?(\d+):([0-9a-f]{64})", text)
            if found is None:
                raise CommandError(f"--expect {text}: write a revision and its whole digest, as r123:0f3a….")
            expected.append((int(found[1]), found[2]))
        result = verify(expected)
        if result.is_sound:
            redacted = f", {result.redacted} of them redacted" if result.redacted else ""
            self.stdout.write(
                f"Sound: {result.revisions:,} revisions{redacted}, {result.records:,} records. "
                f"The log ends with r{result.last_number}, digest {result.last_digest or 'none'}."
            )
            return
        for finding in result.findings:
            self.stderr.write(finding)
        more = f" and {result.more} more" if result.more else ""
        raise CommandError(f"The history is not sound: {len(result.findings)} findings{more}.")
