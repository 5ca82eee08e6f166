"""Files in the database, in parts: written and read without holding the whole in memory."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Iterator
from typing import IO

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracker.models import FileChunk, StoredFile, User

CHUNK = 1 << 20  # bytes


def keep(
    *, content: IO[bytes], name: str, content_type: str, by: User | None, days: float | None = None
) -> StoredFile:
    """Stores what `content` gives from where it stands; a chunk is a transaction of its own, so nobody waits long.

    A file that breaks off has no digest, is never read, and goes with the next `forget_expired`.
    """
    now = timezone.now()
    file = StoredFile.objects.create(
        name=name[-200:], content_type=content_type, by=by, made_at=now, expires=now + datetime.timedelta(days=1)
    )
    whole, size = hashlib.sha256(), 0
    for number, data in enumerate(iter(lambda: content.read(CHUNK), b"")):
        FileChunk.objects.create(file=file, number=number, data=data)
        whole.update(data)
        size += len(data)
    file.size, file.digest = size, whole.hexdigest()
    file.expires = None if days is None else now + datetime.timedelta(days=days)
    file.save(update_fields=["size", "digest", "expires"])
    return file


def keep_for_good(*, file: StoredFile) -> None:
    """Keeps a file that would have expired. Raises FileNotFoundError where it has gone."""
    if not StoredFile.objects.filter(pk=file.pk).update(expires=None):
        raise FileNotFoundError(f"{file.name} is not here any more.")
    file.expires = None


def parts(file: StoredFile) -> Iterator[bytes]:
    """The content, a part at a time. Raises FileNotFoundError where it never arrived whole or has gone."""
    numbers = list(file.chunks.order_by("number").values_list("number", flat=True))
    if not file.complete or numbers != list(range(len(numbers))) or (file.size and not numbers):
        raise FileNotFoundError(f"{file.name} is not here any more.")
    for number in numbers:
        yield bytes(file.chunks.values_list("data", flat=True).get(number=number))


def opened(file: StoredFile, into: IO[bytes]) -> IO[bytes]:
    """The content copied to an open file of one's own, wound back to its beginning."""
    for part in parts(file):
        into.write(part)
    into.seek(0)
    return into


def content(file: StoredFile) -> bytes:
    """The whole content; for small files."""
    return opened(file, io.BytesIO()).read()


def forget_content(files: QuerySet[StoredFile]) -> None:
    """Removes the content of files; that they were, and their digests, stays. `parts` raises FileNotFoundError then."""
    chunks = FileChunk.objects.filter(file__in=files)
    while pks := list(chunks.values_list("pk", flat=True)[:50]):
        FileChunk.objects.filter(pk__in=pks).delete()


def forget_expired() -> int:
    """Removes the files whose time has come; returns how many. One at a time, so that nobody waits long."""
    gone = 0
    for file in StoredFile.objects.filter(expires__lt=timezone.now()).iterator():
        with transaction.atomic():
            FileChunk.objects.filter(file=file).delete()
            file.delete()
        gone += 1
    return gone
