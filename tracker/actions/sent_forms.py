"""A form that is sent twice is saved once, also where both arrive at the same moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.core.cache import cache
from django.db import IntegrityError, transaction

from tracker.actions.records import WHOLE, Draft, Refused, Saved, save
from tracker.models import Act, User
from tracker.models.broken_rule import broken_rule

# Seconds for which a form that was saved is known again.
KNOWN_FOR = 30 * 24 * 3600
TOKEN = re.compile(r"[0-9a-f]{16}")


class SavedAlready(Exception):
    """The form was saved before. `address`: where the first answer led."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(address)


def save_once(
    *, token: str, drafts: Sequence[Draft], by: User, cause: Act.Cause, note: str, address: Callable[[Saved], str]
) -> tuple[Saved, str]:
    """`actions.records.save`, and the address to go to, once for each token of a person.

    `token`: the form's own word, 16 hexadecimal digits; other words protect nothing. Raises SavedAlready, and what
    `save` raises; a form that was refused can be sent again.
    """
    key = f"sent-form:{by.pk}:{token}" if TOKEN.fullmatch(token) else ""
    try:
        # The token's row is in the database, and written in the transaction of the act: a second one waits here
        # until the first has saved or given up.
        with transaction.atomic():
            if key and not cache.add(key, "", KNOWN_FOR):
                raise SavedAlready(cache.get(key, ""))
            saved = save(drafts=drafts, by=by, cause=cause, note=note)
            to = address(saved)
            if key and saved.act is not None:
                cache.set(key, to, KNOWN_FOR)
            elif key:
                cache.delete(key)
    except IntegrityError as broken:  # a rule that is checked at the end of the transaction
        first = drafts[0]
        raise Refused({first.ref: {WHOLE: [broken_rule(first.model, broken).message]}}) from broken
    return saved, to
